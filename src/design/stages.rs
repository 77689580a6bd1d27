//! The stages of the chains before and after an array, as they are written.

use super::chain::Stage;
use super::layer::InputChain;
use super::lower::{Lowering, MAX_SIZE};
use super::signal;
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::architecture as file;
use crate::techlib::{Component, Kind};
use crate::yaml::{Located, Slot};

impl Lowering<'_> {
    pub(super) fn input_chain(&mut self, spec: &file::LayerSpec) -> Option<InputChain> {
        let own = spec.stages.get().map(|s| &s.input).filter(|s| !s.is_missing());
        let of_leaf = self.leaf.and_then(|leaf| leaf.spec.stages.get()).map(|s| &s.input).filter(|s| !s.is_missing());
        let own = own.or(of_leaf);
        let stages = own.or(self.spec.stages.get().map(|s| &s.input)).unwrap_or(&Slot::Missing);
        // Whether a chain is needed depends on what arrives: a missing one is a mistake only if a digital word does.
        let stages = match stages {
            Slot::Present(stages) => self.stages(&stages.value, may_stand_before)?,
            Slot::Missing => Vec::new(),
            Slot::Bad => return None,
        };
        Some(InputChain { stages, own: own.is_some() })
    }

    pub(super) fn column_chain(&mut self, spec: &file::LayerSpec) -> Option<Vec<Stage>> {
        let own = spec.stages.get().map(|s| &s.column).filter(|s| !s.is_missing());
        let of_leaf = self.leaf.and_then(|leaf| leaf.spec.stages.get()).map(|s| &s.column).filter(|s| !s.is_missing());
        let own = own.or(of_leaf);
        let whole = self.spec.stages.located();
        let stages = match own {
            Some(own) => own.located()?,
            // An array of a machine may give words by itself.
            None if self.machine.is_some() && whole.is_none_or(|w| w.value.column.is_missing()) => {
                return Some(Vec::new());
            }
            None => {
                let whole = whole?;
                whole.value.column.require("`stages`", "column", whole.span, self.diagnostics)?
            }
        };
        self.stages(&stages.value, may_stand_after)
    }

    pub(super) fn stages(
        &mut self,
        written: &[Slot<file::StageSpec>],
        fits: fn(&Component) -> bool,
    ) -> Option<Vec<Stage>> {
        // Not a short-circuiting collect: all wrong stages are reported.
        let stages: Vec<Option<Stage>> = written.iter().map(|s| self.stage(s.located()?, fits)).collect();
        stages.into_iter().collect()
    }

    pub(super) fn stage(&mut self, written: &Located<file::StageSpec>, fits: fn(&Component) -> bool) -> Option<Stage> {
        let (name, usage) = match &written.value {
            file::StageSpec::Scalar(name) => (Located { value: name.clone(), span: written.span }, None),
            file::StageSpec::Mapping(usage) => {
                (usage.component.require("a stage", "use", written.span, self.diagnostics)?.clone(), Some(usage))
            }
        };
        let component = self.component(&name.value, name.span, fits);
        let share = match usage.map(|u| &u.share) {
            Some(Slot::Present(share)) => {
                self.count("share", share, MAX_SIZE).map(|value| Located { value, span: share.span })
            }
            Some(Slot::Bad) => None,
            _ => Some(Located { value: 1, span: name.span }),
        };
        let per = match usage.map(|u| &u.per) {
            None | Some(Slot::Missing) => Some(None),
            Some(Slot::Bad) => None,
            Some(Slot::Present(per)) => Some(Some(*per)),
        };
        let range = match usage.map(|u| &u.range) {
            None | Some(Slot::Missing) => None,
            Some(range) => Some(self.share_above_zero("range", range)?),
        };
        let component = component?;
        if let Some(place) = usage.and_then(|u| u.range.span()).filter(|_| component.kind != Kind::Adc) {
            let message = format!("`{}` has no full scale", component.name);
            let label = format!("this is of kind {}, `range` belongs to an ADC", component.kind.name());
            self.report(Diagnostic::error(message).at(place, label));
        }
        if !is_stage(component.kind) {
            let message = format!("`{}` cannot be a stage", component.name);
            let label = format!("this is of kind {}", component.kind.name());
            let help = match component.kind {
                Kind::Crossbar | Kind::Array | Kind::Switch => {
                    "the crossbar is named in `tile`, its line switches in the technology library"
                }
                Kind::Gate => "a gate is a part of other components: `parts`",
                _ => "it stands on a level: name it among the `components` of one of `levels`",
            };
            self.report(Diagnostic::error(message).at(name.span, label).help(help));
            return None;
        }
        self.require_costs(&component, name.span).then_some(())?;
        let level = match usage.map(|u| &u.within) {
            None | Some(Slot::Missing) => None,
            Some(Slot::Bad) => return None,
            Some(Slot::Present(level)) => Some(self.enclosing_level(level, &component)?),
        };
        Some(Stage { component, share: share?, per: per?, range, level, span: name.span })
    }

    /// A component whose publication leaves a cost out can be listed, but not built into a design.
    pub(super) fn require_costs(&mut self, component: &Component, span: Span) -> bool {
        let mut unknown = Vec::new();
        if component.energy.is_none() && component.static_power.is_none() {
            unknown.push("power");
        }
        if component.latency.is_none() {
            unknown.push("latency");
        }
        if component.area.is_none() {
            unknown.push("area");
        }
        for what in &unknown {
            self.report(unknown_cost(component, what, span));
        }
        unknown.is_empty()
    }
}

/// True if the component may stand before a crossbar.
pub(super) fn may_stand_before(component: &Component) -> bool {
    matches!(component.kind, Kind::RowDriver | Kind::Dac | Kind::Buffer | Kind::SampleHold | Kind::Register)
}

fn may_stand_after(component: &Component) -> bool {
    is_stage(component.kind) && !matches!(component.kind, Kind::RowDriver | Kind::Dac)
}

/// True for circuits that stand in the chain before or after an array.
fn is_stage(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Crossbar
            | Kind::Array
            | Kind::Switch
            | Kind::Memory
            | Kind::Bus
            | Kind::Router
            | Kind::Link
            | Kind::Control
            | Kind::Pooling
            | Kind::VectorUnit
            | Kind::Gate
    )
}

/// True if the stage works on digital words on its input side.
pub(super) fn takes_words(component: &Component) -> bool {
    signal::takes(component) == Some(super::Domain::Word)
}

/// What is said of a component whose publication leaves a cost out.
pub(super) fn unknown_cost(component: &Component, what: &str, span: Span) -> Diagnostic {
    let name = &component.name;
    Diagnostic::error(format!("the {what} of `{name}` is unknown, so no total can be given"))
        .at(span, "used here")
        .also(component.span, format!("its source does not give the {what}"))
        .help(format!("set one for a what-if: --set {name}.{what}=VALUE"))
}
