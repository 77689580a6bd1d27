//! What is wrong with a chain, said with both ends.

use super::{Chain, Stage};
use crate::design::Domain;
use crate::design::lower::Shared;
use crate::design::signal::{takes, what_would_fit};
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::spec::architecture::Per;
use crate::techlib::{Component, Kind};

impl Chain<'_, '_> {
    /// Whether a pair is still a pair after a stage, and an error where the stage cannot take what arrives.
    pub(super) fn pair_after(&mut self, stage: &Stage) -> bool {
        let component = &stage.component;
        let paired = self.end.signal.paired;
        let takes_pair = component.kind == Kind::Subtractor || component.differential;
        if takes_pair && !paired {
            let message =
                format!("`{}` takes a pair of lines, but `{}` gives single ones", component.name, self.end.name);
            let diagnostic =
                Diagnostic::error(message).at(stage.span, "subtracts the negative column from the positive one");
            self.lowering.report(
                diagnostic
                    .also(self.end.span, "gives single lines")
                    .help("with `encoding: differential` a pair leaves the crossbar, and is subtracted once"),
            );
            return false;
        }
        if paired && !takes_pair && matches!(component.kind, Kind::Neuron | Kind::Activation) {
            let names: Vec<&str> = self
                .lowering
                .library
                .names_where(|c| c.kind == Kind::Subtractor || (c.differential && c.kind != Kind::SampleHold))
                .collect();
            let message =
                format!("nothing subtracts the negative from the positive column before `{}`", component.name);
            let help = format!("a stage before it must take the pair: {}", suggest::list(&names));
            self.lowering.report(
                Diagnostic::error(message)
                    .at(stage.span, "needs one value")
                    .also(self.end.span, "gives a pair")
                    .help(help),
            );
            return false;
        }
        paired && (!takes_pair || component.kind == Kind::SampleHold)
    }

    /// Currents add on a shared node; voltages only where the component says that its outputs may be joined; words need an adder.
    pub(super) fn check_joinable(&mut self, stage: Option<&Stage>) {
        let partitions = self.grid.row_partitions;
        let joins = match (self.end.signal.domain, &self.last) {
            (Domain::Current, _) => true,
            (Domain::Voltage, Some((component, _))) => component.joins,
            _ => false,
        };
        if joins {
            return;
        }
        let library = self.lowering.library;
        let place = stage.map_or(self.end.span, |s| s.span);
        let before =
            stage.map_or_else(|| "at the end of the chain".to_owned(), |s| format!("before `{}`", s.component.name));
        let message = format!("nothing adds the partial sums of {partitions} row partitions {before}");
        let mut diagnostic =
            Diagnostic::error(message).at(place, format!("needs the sum of {partitions} partial sums"));
        if place != self.end.span {
            diagnostic =
                diagnostic.also(self.end.span, format!("gives {}, one for each partition", self.end.signal.domain));
        }
        let help = if self.end.signal.domain == Domain::Word {
            let adders: Vec<&str> = library.names_where(|c| c.kind == Kind::Adder).collect();
            format!("put an adder there; {} has: {}", library.name, suggest::list(&adders))
        } else {
            let joining: Vec<&str> = library.names_where(|c| c.joins).collect();
            format!(
                "only outputs marked `joins: true` may share a node ({}); or add currents with `per: output` on the first stage",
                suggest::list(&joining)
            )
        };
        self.lowering.report(diagnostic.help(help));
    }

    /// Bit-serial reads and bit slices must be one word before an activation and at the end of the layer.
    pub(super) fn check_all_joined(&mut self, stage: Option<&Stage>) {
        if self.cycles == 1 && self.slices == 1 {
            return;
        }
        let what = match (self.cycles, self.slices) {
            (1, slices) => format!("{slices} bit slices of a weight"),
            (cycles, 1) => format!("{cycles} bit-serial reads"),
            (cycles, slices) => format!("{cycles} bit-serial reads of {slices} bit slices"),
        };
        let place = stage.map_or(self.end.span, |s| s.span);
        let names: Vec<&str> = self.lowering.library.names_where(|c| c.kind == Kind::ShiftAdd).collect();
        let help = format!(
            "put a shift-and-add after the ADC ({} has: {}), or a DAC of as many bits as the input and cells of as many bits as the weights",
            self.lowering.library.name,
            suggest::list(&names)
        );
        let message = format!("nothing joins {what} into one value");
        self.lowering.report(Diagnostic::error(message).at(place, "needs one value").help(help));
        // Said once.
        self.cycles = 1;
        self.slices = 1;
    }

    pub(super) fn check_held(&mut self, stage: &Stage) {
        let waits = stage.share.value > 1 && stage.component.kind == Kind::Adc && !self.held;
        if waits {
            self.lowering.diagnostics.warn(
                Diagnostic::warning(format!(
                    "{} columns take turns on `{}`, and nothing holds their values",
                    stage.share.value, stage.component.name
                ))
                .at(stage.share.span, "the crossbar stays on until the last of them is converted")
                .help("a sample-and-hold before the ADC lets the crossbar be switched off"),
            );
        }
    }

    pub(super) fn check_domain(&mut self, component: &Component, span: Span) {
        let given = self.end.signal.domain;
        let wanted = match takes(component) {
            Some(wanted) if wanted == given => return,
            Some(wanted) => wanted,
            None if given.is_analog() => return,
            None => Domain::Voltage,
        };
        let end = &self.end;
        let help = what_would_fit(given, wanted, self.lowering.library);
        let diagnostic =
            Diagnostic::error(format!("`{}` takes {wanted}, but `{}` gives {given}", component.name, end.name))
                .at(span, format!("needs {wanted}"))
                .also(end.span, format!("gives {given}"))
                .help(help);
        self.lowering.report(diagnostic);
    }

    /// Notes how many lines there are to share a unit; whether they are enough is known when all layers are.
    pub(super) fn note_share(&mut self, stage: &Stage, lines: u64, what: &'static str) {
        if stage.share.value > 1 {
            let component = stage.component.name.clone();
            let fresh = Shared { component, share: stage.share.value, most: lines, lines: what };
            let shared = self.lowering.shares.entry(stage.share.span).or_insert(fresh);
            shared.most = shared.most.max(lines);
        }
    }

    pub(super) fn per(&mut self, stage: &Stage, usual: Per, allowed: &[Per]) -> Per {
        let Some(per) = stage.per else { return usual };
        if !allowed.contains(&per.value) {
            let chain = if allowed.contains(&Per::Input) { "input" } else { "column" };
            let words: Vec<&str> = allowed.iter().map(|p| per_name(*p)).collect();
            let message = format!("`per: {}` has no meaning in the {chain} chain", per_name(per.value));
            self.lowering.report(Diagnostic::error(message).at(per.span, format!("expected {}", words.join(" or "))));
            return usual;
        }
        per.value
    }
}

fn per_name(per: Per) -> &'static str {
    match per {
        Per::Tile => "tile",
        Per::Input => "input",
        Per::Output => "output",
    }
}
