//! Figures of a machine with all its units at work.

use super::{Claim, one, settings};
use crate::cost::machine::{MachineCosts, UnitCosts};
use crate::diagnostic::{Diagnostic, suggest};
use crate::spec::case::{MachineCase, MachineFigure};
use crate::units::{Area, Energy, Power, Quantity};
use crate::yaml::{Located, Slot};

/// A computed figure, and whether it rests on numbers that were fitted.
pub(super) struct OfMachine {
    pub computed: (Quantity, Quantity),
    pub rests_on_fitted: bool,
}

impl Claim<'_> {
    pub(super) fn machine(&mut self, m: &Located<MachineCase>) -> Option<OfMachine> {
        let path = self.need(&m.value.architecture, "`machine`", "architecture", m.span);
        let figure = self.need(&m.value.figure, "`machine`", "figure", m.span);
        let set = settings(&m.value.set);
        let (path, figure, set) = (path?, figure?, set?);
        let design = self.design(path, &set)?;
        if design.machine.is_none() {
            let error = Diagnostic::error(format!("`{}` is no machine", path.value));
            self.report(error.at(path.span, "it has no `levels`"));
            return None;
        }
        let costs = self.session.machine(&design).ok()?;
        let wanted: Option<Vec<&Located<String>>> =
            m.value.components.get().map(|list| list.iter().filter_map(Slot::located).collect());
        self.check_units(&costs, wanted.as_deref())?;
        let level = match m.value.level.located() {
            None => None,
            Some(level) => Some(self.level_of(&costs, level)?),
        };
        let is_wanted = |unit: &&UnitCosts| {
            wanted.as_ref().is_none_or(|names| names.iter().any(|name| name.value == unit.component))
                && level.is_none_or(|level| wanted.is_none() || unit.level == level)
        };
        let units: Vec<&UnitCosts> = costs.units.iter().filter(is_wanted).collect();
        let sum = |of: fn(&UnitCosts) -> f64| units.iter().map(|u| of(u)).fold(0.0, |a, b| a + b);
        let whole = match (level, &wanted) {
            (Some(level), None) => (costs.levels[level].power, costs.levels[level].area),
            (Some(level), Some(_)) => {
                let level = &costs.levels[level];
                let power = Power::new(sum(|u| u.power.si()) / level.powered as f64);
                (power, Area::new(sum(|u| u.area.si()) / level.instances as f64))
            }
            (None, _) => (Power::new(sum(|u| u.power.si())), Area::new(sum(|u| u.area.si()))),
        };
        let ops = costs.operations.si();
        let full_rate = sum(|u| u.full_rate.si());
        let computed = match figure.value {
            MachineFigure::Power => whole.0.into(),
            MachineFigure::Area => whole.1.into(),
            MachineFigure::Operations => costs.operations.into(),
            MachineFigure::EnergyPerOperation => Energy::new(full_rate / ops).into(),
            MachineFigure::TopsPerW => Quantity::number(1e-12 * ops / full_rate),
            MachineFigure::TopsPerMm2 => Quantity::number(1e-18 * ops / whole.1.si()),
            MachineFigure::PowerShare => Quantity::number(full_rate / costs.full_rate.si()),
            MachineFigure::AreaShare => Quantity::number(whole.1.si() / costs.area.si()),
            MachineFigure::Weights => Quantity::number(costs.weights as f64),
        };
        let some = |of: fn(&UnitCosts) -> bool| units.iter().any(|unit| of(unit));
        let rests_on_fitted = match figure.value {
            MachineFigure::Power | MachineFigure::PowerShare => some(|u| u.fitted.power),
            MachineFigure::Area | MachineFigure::AreaShare => some(|u| u.fitted.area),
            MachineFigure::Operations => some(|u| u.fitted.time),
            MachineFigure::EnergyPerOperation | MachineFigure::TopsPerW => some(|u| u.fitted.power || u.fitted.time),
            MachineFigure::TopsPerMm2 => some(|u| u.fitted.area || u.fitted.time),
            MachineFigure::Weights => false,
        };
        Some(OfMachine { computed: one(computed), rests_on_fitted })
    }

    fn level_of(&mut self, costs: &MachineCosts, name: &Located<String>) -> Option<usize> {
        let found = costs.levels.iter().position(|level| level.name == name.value);
        if found.is_none() {
            let help = suggest::did_you_mean(&name.value, costs.levels.iter().map(|level| level.name.as_str()));
            let error = Diagnostic::error(format!("unknown level `{}`", name.value));
            self.report(error.at(name.span, "").maybe_help(help));
        }
        found
    }

    fn check_units(&mut self, costs: &MachineCosts, wanted: Option<&[&Located<String>]>) -> Option<()> {
        let mut known = Some(());
        for name in wanted.unwrap_or_default() {
            if !costs.units.iter().any(|unit| unit.component == name.value) {
                let help = suggest::did_you_mean(&name.value, costs.units.iter().map(|unit| unit.component.as_str()));
                let error = Diagnostic::error(format!("the machine has no component `{}`", name.value));
                self.report(error.at(name.span, "").maybe_help(help));
                known = None;
            }
        }
        known
    }
}
