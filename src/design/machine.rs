//! The levels of a machine: how many of what stand in each other.

use std::sync::Arc;

use super::Design;
use super::lower::{Lowering, MAX_SIZE};
use super::stages::unknown_cost;
use crate::catalog::PlaceName;
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::spec::machine::{Held, LevelComponentSpec, LevelSpec};
use crate::techlib::placing::Place;
use crate::techlib::{Component, Kind};
use crate::units::{Energy, Time};
use crate::yaml::{Located, Slot};

/// A machine: levels in each other, and what stands on them.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The levels, in the order of the file.
    pub levels: Vec<Level>,
    /// What stands on the levels beside their arrays.
    pub units: Vec<LevelUnits>,
    /// The levels of arrays, each with one layer that fills the arrays which share units.
    pub leaves: Vec<ArrayLevel>,
    /// True if something that stands on a level could not be read, which has been reported: what is missing may be that.
    pub(super) lacks_units: bool,
}

/// A level of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The level that it is in.
    pub within: Option<usize>,
    /// Instances in one instance of that level.
    pub count: u64,
    /// Instances in the whole machine.
    pub instances: u64,
    /// Those that are powered.
    pub powered: u64,
    /// Those that are powered in one instance of the level that it is in.
    pub powered_each: u64,
}

/// Units of a component on each instance of a level.
#[derive(Debug, Clone)]
pub struct LevelUnits {
    /// The level.
    pub level: usize,
    /// What they are.
    pub component: Arc<Component>,
    /// How many on each instance; less than 1 where instances share one.
    pub each: f64,
    /// Of a memory: what it holds.
    pub holds: Holds,
    /// Where the file names them.
    pub span: Span,
}

/// What a memory holds of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    /// Their inputs.
    pub inputs: bool,
    /// Their outputs.
    pub outputs: bool,
}

impl Holds {
    fn of(written: Option<&Slot<Vec<Slot<Held>>>>) -> Self {
        match written.and_then(Slot::get) {
            None => Self { inputs: true, outputs: true },
            Some(held) => {
                let has = |what: Held| held.iter().any(|slot| slot.get() == Some(&what));
                Self { inputs: has(Held::Inputs), outputs: has(Held::Outputs) }
            }
        }
    }
}

/// A level of arrays.
#[derive(Debug, Clone)]
pub struct ArrayLevel {
    /// The level.
    pub level: usize,
    /// A design of one layer that fills so many arrays as share units.
    pub design: Box<Design>,
    /// How many arrays that are.
    pub arrays: u64,
}

impl Machine {
    /// The levels that enclose one, itself first.
    pub fn enclosing(&self, level: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(level), |at| self.levels[*at].within)
    }

    /// Instances of a level in one instance of a level that encloses it.
    #[must_use]
    pub fn instances_in(&self, level: usize, enclosing: usize) -> u64 {
        self.enclosing(level).take_while(|at| *at != enclosing).map(|at| self.levels[at].count).product()
    }

    /// The levels that enclose so many instances of one, the innermost first; the outermost whatever it has: whether the machine is large enough
    /// is another question.
    pub fn around(&self, level: usize, instances: u64) -> impl Iterator<Item = usize> + '_ {
        let large = move |at: &usize| self.levels[*at].within.is_none() || self.instances_in(level, *at) >= instances;
        self.enclosing(level).filter(large)
    }

    /// The units of a level that do something, and how many there are on each instance: of several components that with most units, of equal ones
    /// the first by name. Where they stand in the list changes nothing.
    pub fn unit_of(&self, level: usize, fits: impl Fn(&Component) -> bool) -> Option<(&LevelUnits, f64)> {
        let all = |name: &str| self.units_of(level, |c| *c.name == *name).map(|units| units.each).sum::<f64>();
        let counted = self.units_of(level, fits).map(|units| (units, all(&units.component.name)));
        counted.reduce(|best, other| {
            let order = other.1.total_cmp(&best.1).then_with(|| best.0.component.name.cmp(&other.0.component.name));
            if order.is_gt() { other } else { best }
        })
    }

    /// The units of a kind on a level.
    pub fn units_of(&self, level: usize, fits: impl Fn(&Component) -> bool) -> impl Iterator<Item = &LevelUnits> {
        self.units.iter().filter(move |units| units.level == level && fits(&units.component))
    }
}

/// More levels than this are no machine.
const MOST_LEVELS: usize = 64;
/// More instances than this are on no machine, and products of them could overflow.
const MOST_INSTANCES: u64 = 1_000_000_000_000;

impl Lowering<'_> {
    /// The levels and what stands on them, without their arrays; none if the design has none, or something is wrong, which is reported.
    pub(super) fn machine(&mut self) -> Option<Machine> {
        let written = self.spec.levels.located()?;
        if written.value.is_empty() || written.value.len() > MOST_LEVELS {
            let error = Diagnostic::error(format!("a machine has {} levels", written.value.len()));
            self.report(error.at(written.span, format!("expected 1 to {MOST_LEVELS}")));
            return None;
        }
        let specs: Vec<Option<&Located<LevelSpec>>> = written.value.iter().map(Slot::located).collect();
        let before = self.diagnostics.mark();
        let names: Vec<Option<Located<String>>> = specs
            .iter()
            .map(|spec| {
                let spec = (*spec)?;
                spec.value.name.require("a level", "name", spec.span, self.diagnostics).cloned()
            })
            .collect();
        self.check_names(&names);
        let levels: Vec<Option<Level>> = (0..specs.len()).map(|index| self.level(&specs, &names, index)).collect();
        let levels: Vec<Level> = levels.into_iter().collect::<Option<_>>()?;
        self.diagnostics.since(before).ok()?;
        for level in levels.iter().filter(|level| level.within.is_none() && level.count > 1) {
            let message = format!("there are {} of the outermost level `{}`", level.count, level.name);
            self.diagnostics.warn(
                Diagnostic::warning(message)
                    .at(level.span, "it is in no other level")
                    .help("levels are listed from the outermost; a level is in the entry before it, or in the one that `in` names"),
            );
        }
        let levels = self.count_instances(levels)?;
        let mut machine = Machine { levels, units: Vec::new(), leaves: Vec::new(), lacks_units: false };
        for (level, spec) in specs.iter().enumerate() {
            let Some(spec) = spec else { continue };
            let is_leaf = !machine.levels.iter().any(|other| other.within == Some(level));
            if !is_leaf {
                self.refuse_arrays(&machine.levels[level], &spec.value);
            }
            let units = self.level_units(level, &spec.value);
            machine.lacks_units |= units.iter().any(Option::is_none);
            machine.units.extend(units.into_iter().flatten());
        }
        Some(machine)
    }

    fn check_names(&mut self, names: &[Option<Located<String>>]) {
        for (index, name) in names.iter().enumerate() {
            let Some(name) = name else { continue };
            if name.value.trim().is_empty() {
                self.report(Diagnostic::error("a level without a name").at(name.span, "expected a word"));
            }
            let first = names[..index].iter().flatten().find(|other| other.value == name.value);
            if let Some(first) = first {
                let message = format!("two levels are called `{}`", name.value);
                self.report(Diagnostic::error(message).at(name.span, "the second").also(first.span, "the first"));
            }
        }
    }

    fn level(
        &mut self,
        specs: &[Option<&Located<LevelSpec>>],
        names: &[Option<Located<String>>],
        index: usize,
    ) -> Option<Level> {
        let (spec, name) = (&specs[index]?.value, names[index].clone()?);
        let within = match &spec.within {
            Slot::Missing => index.checked_sub(1),
            Slot::Bad => return None,
            Slot::Present(of) => {
                let known = || names.iter().flatten().map(|n| n.value.as_str());
                let Some(found) = names.iter().position(|n| n.as_ref().is_some_and(|n| n.value == of.value)) else {
                    let help = suggest::did_you_mean(&of.value, known().filter(|n| *n != name.value));
                    let message = format!("unknown level `{}`", of.value);
                    self.report(Diagnostic::error(message).at(of.span, "no level has this name").maybe_help(help));
                    return None;
                };
                Some(found)
            }
        };
        let count = match &spec.count {
            Slot::Missing => 1,
            Slot::Bad => return None,
            Slot::Present(count) => self.count("count", count, MAX_SIZE)?,
        };
        let powered = match &spec.powered {
            Slot::Missing => count,
            Slot::Bad => return None,
            Slot::Present(powered) => self.count("powered", powered, count)?,
        };
        Some(Level {
            name: name.value,
            span: name.span,
            within,
            count,
            instances: count,
            powered,
            powered_each: powered,
        })
    }

    /// Fills in how many instances there are in all; reported where levels are in each other.
    fn count_instances(&mut self, mut levels: Vec<Level>) -> Option<Vec<Level>> {
        let own: Vec<(u64, u64)> = levels.iter().map(|level| (level.count, level.powered)).collect();
        for index in 0..levels.len() {
            let (mut instances, mut powered) = (1_u64, 1_u64);
            let mut at = Some(index);
            let mut steps = 0;
            while let Some(level) = at {
                instances = instances.saturating_mul(own[level].0);
                powered = powered.saturating_mul(own[level].1);
                at = levels[level].within;
                steps += 1;
                if steps > levels.len() {
                    let message = format!("the level `{}` leads back to itself", levels[index].name);
                    let help = "a level without `in` is in the entry before it: list the outermost first";
                    let error = Diagnostic::error(message).at(levels[index].span, "is in a level that is in it");
                    self.report(error.help(help));
                    return None;
                }
            }
            if instances > MOST_INSTANCES {
                let message = format!("the machine has more than 10^12 instances of `{}`", levels[index].name);
                self.report(
                    Diagnostic::error(message).at(levels[index].span, "`count` of this level and of those around it"),
                );
                return None;
            }
            (levels[index].instances, levels[index].powered) = (instances, powered);
        }
        Some(levels)
    }

    fn refuse_arrays(&mut self, level: &Level, spec: &LevelSpec) {
        let own = [("tile", spec.tile.span()), ("stages", spec.stages.span()), ("weights", spec.weights.span())];
        for (key, span) in own {
            let Some(span) = span else { continue };
            let message = format!("`{}` holds levels, so it has no crossbars of its own", level.name);
            self.report(
                Diagnostic::error(message)
                    .at(span, format!("`{key}` belongs to a level that nothing is in"))
                    .help("name it on that level, or at the top of the file for all of them"),
            );
        }
    }

    /// What stands on a level; none in the place of what could not be read.
    fn level_units(&mut self, level: usize, spec: &LevelSpec) -> Vec<Option<LevelUnits>> {
        let Some(written) = spec.components.get() else {
            return if spec.components.is_missing() { Vec::new() } else { vec![None] };
        };
        written.iter().map(|slot| self.level_unit(level, slot.located()?)).collect()
    }

    fn level_unit(&mut self, level: usize, written: &Located<LevelComponentSpec>) -> Option<LevelUnits> {
        let (name, usage) = match &written.value {
            LevelComponentSpec::Scalar(name) => (Located { value: name.clone(), span: written.span }, None),
            LevelComponentSpec::Mapping(usage) => {
                let owner = "a component of a level";
                (usage.component.require(owner, "use", written.span, self.diagnostics)?.clone(), Some(usage))
            }
        };
        let component = self.component(&name.value, name.span, stands_on_levels);
        let count = match usage.map(|u| &u.count) {
            None | Some(Slot::Missing) => Some(1),
            Some(Slot::Bad) => None,
            Some(Slot::Present(count)) => self.count("count", count, MAX_SIZE),
        };
        let per = match usage.map(|u| &u.per) {
            None | Some(Slot::Missing) => Some(None),
            Some(Slot::Bad) => None,
            Some(Slot::Present(per)) if per.value < 2 => {
                let error = Diagnostic::error(format!("`per` is {}", per.value));
                self.report(error.at(per.span, "expected 2 or more: one unit for so many instances"));
                None
            }
            Some(Slot::Present(per)) => self.count("per", per, MAX_SIZE).map(Some),
        };
        if let Some((count, per)) = usage.and_then(|u| u.count.span().zip(u.per.span())) {
            let error =
                Diagnostic::error("`count` and `per` both say how many").at(per, "one unit for so many instances");
            self.report(error.also(count, "so many units on each instance"));
            return None;
        }
        let component = component?;
        if !stands_on_levels(&component) {
            let message = format!("`{}` cannot stand on a level", component.name);
            let label = format!("this is of kind {}", component.kind.name());
            let help = match component.kind {
                Kind::Crossbar | Kind::Array => {
                    "arrays are named in `tile`, and their number is the `count` of their level"
                }
                Kind::Gate => "a gate is a part of other components: `parts`",
                _ => "line switches are named by their crossbar",
            };
            self.report(Diagnostic::error(message).at(name.span, label).help(help));
            return None;
        }
        if let Some(holds) = usage.and_then(|u| u.holds.span()).filter(|_| component.kind != Kind::Memory) {
            let message = format!("`{}` holds nothing", component.name);
            let label = format!("this is of kind {}, `holds` belongs to a memory", component.kind.name());
            self.report(Diagnostic::error(message).at(holds, label));
        }
        let component = self.in_place(&component, &self.place_of_level(), name.span)?;
        self.require_level_costs(&component, name.span)?;
        let each = match per? {
            Some(per) => 1.0 / per as f64,
            None => count? as f64,
        };
        Some(LevelUnits { level, component, each, holds: Holds::of(usage.map(|u| &u.holds)), span: name.span })
    }

    fn require_level_costs(&mut self, component: &Component, span: Span) -> Option<()> {
        let timeless = component.kind == Kind::Control;
        let power = component.power.is_some() || component.static_power.is_some();
        let energy = component.energy.is_some() && (component.latency.is_some() || timeless);
        let missing = [("power", !power && !energy), ("area", component.area.is_none())];
        for (what, _) in missing.iter().filter(|(_, missing)| *missing) {
            self.report(unknown_cost(component, what, span));
        }
        let in_no_chain = !matches!(
            component.kind,
            Kind::ShiftAdd | Kind::Adder | Kind::Activation | Kind::VectorUnit | Kind::Adc | Kind::Subtractor
        );
        if in_no_chain && has_no_pace(component) {
            self.report(no_pace(component, span));
            return None;
        }
        missing.iter().all(|(_, missing)| !missing).then_some(())
    }

    /// What formulas can name on a level.
    fn place_of_level(&self) -> Place {
        let weight_bits = self.spec.weights.get().and_then(|w| w.bits.get().copied());
        Place::default()
            .with_known(PlaceName::WeightBits, weight_bits.map(|bits| bits as f64))
            .with(PlaceName::InputBits, f64::from(self.activation_bits()))
    }
}

/// True for what takes an energy for each operation and no time: how often it can work does not follow from it.
pub(super) fn has_no_pace(component: &Component) -> bool {
    let timed = component.rate.is_some() || component.latency.as_ref().is_some_and(|f| f.value > Time::ZERO);
    let energy = component.energy.as_ref().is_some_and(|f| f.value > Energy::ZERO);
    energy && !timed && component.power.is_none()
}

/// What is said where nothing else says how often it works.
pub(super) fn no_pace(component: &Component, span: Span) -> Diagnostic {
    Diagnostic::error(format!("`{}` states an energy, and nothing says how often it takes it", component.name))
        .at(span, "used here")
        .also(component.span, "its power at work is not known")
        .help("state its `rate`, a `latency` that is not zero or the `series` of its parts, or its `power` instead of the energy")
}

/// True for what can stand on a level: all but arrays, what is at their lines, and gates.
fn stands_on_levels(component: &Component) -> bool {
    !matches!(component.kind, Kind::Crossbar | Kind::Array | Kind::Switch | Kind::Gate)
}
