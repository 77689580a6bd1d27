//! What stands on the levels of a machine: area, and power where it is drawn whatever layers do.

use petgraph::graph::NodeIndex;

use super::Plan;
use super::group::{GroupNumbers, GroupWriter};
use super::leaf::{Leaf, What};
use super::numbers::{SolveInPlace, reading};
use super::tape::Num;
use crate::cost::tile;
use crate::design::{self, Design, Gating, Node, Role, StandingUnits};
use crate::techlib::{Component, Kind};
use crate::units::{Frequency, Power, Quantity, Time, Unit};

impl GroupWriter<'_, '_> {
    /// What stands on a level: area, and power where all is always on.
    pub(super) fn standing(&mut self, design: &Design, component: &Component, units: &StandingUnits) -> GroupNumbers {
        let area = match &component.crossbar {
            Some(array) => {
                let width = self.figure(What::CellWidth, &array.cell_width);
                let height = self.figure(What::CellHeight, &array.cell_height);
                let size = self.tape.mul(width, height);
                Some(self.tape.count(size, units.cells as f64))
            }
            None => component.area.as_ref().map(|area| self.figure(What::Area, area)),
        };
        let area = area.map(|area| self.standing_count(area, units.units));
        let mut numbers = GroupNumbers { area, ..GroupNumbers::default() };
        if design.is_machine {
            numbers.at_work = self.at_work(design, component, units);
        } else {
            // What keeps and moves words waits for them, whatever the gating.
            let waits = matches!(component.kind, Kind::Control | Kind::Memory | Kind::Bus | Kind::Router | Kind::Link);
            let always = design.gating == Gating::AlwaysOn;
            if !always && !waits {
                return numbers;
            }
            numbers.ungated = true;
            let still = component.static_power.as_ref().map(|f| self.figure(What::StaticPower, f));
            let working = component.power.as_ref().filter(|_| always || component.kind == Kind::Control);
            let working = working.map(|f| self.figure(What::Power, f));
            numbers.static_power = still.map(|power| self.standing_count(power, units.powered));
            numbers.working_power = working.map(|power| self.standing_count(power, units.powered));
        }
        numbers
    }

    /// Power with all units at work: what is drawn all the time, and the energy of an operation as often as there can be one.
    pub(super) fn at_work(
        &mut self,
        design: &Design,
        component: &Component,
        units: &StandingUnits,
    ) -> Option<Num<Power>> {
        if component.crossbar.is_some() {
            return self.cells_at_work(design, component, units);
        }
        let still = component.static_power.as_ref().map(|f| self.figure(What::StaticPower, f));
        let no_time = component.latency.as_ref().is_none_or(|latency| latency.value == Time::ZERO);
        if component.power.is_none() && component.rate.is_none() && no_time {
            let pace = self.at_pace(design, component, units);
            let still = still.map(|still| self.standing_count(still, units.powered));
            return match (still, pace) {
                (Some(still), Some(pace)) => Some(self.tape.add(still, pace)),
                (one, other) => one.or(other),
            };
        }
        let working = match (&component.power, &component.energy) {
            (Some(power), _) => Some(self.figure(What::Power, power)),
            (None, Some(energy)) => {
                let energy = self.figure(What::Energy, energy);
                match (&component.rate, &component.latency) {
                    (Some(rate), _) => {
                        let rate = self.figure::<Frequency>(What::Rate, rate);
                        let time: Num<Time> = self.tape.inverse(rate);
                        Some(self.tape.div(energy, time))
                    }
                    (None, Some(latency)) if latency.value > Time::ZERO => {
                        let latency = self.figure(What::Latency, latency);
                        Some(self.tape.div(energy, latency))
                    }
                    _ => None,
                }
            }
            (None, None) => None,
        };
        let each = match (still, working) {
            (Some(still), Some(working)) => self.tape.add(still, working),
            (one, other) => one.or(other)?,
        };
        Some(self.standing_count(each, units.powered))
    }

    /// So many units of a figure; not a whole number where instances share one.
    pub(super) fn standing_count<Q: Unit>(&mut self, figure: Num<Q>, count: f64) -> Num<Q> {
        self.part_counted(figure, What::Units, count)
    }

    /// Power of what states an energy and takes no time: as often as the arrays need it.
    pub(super) fn at_pace(
        &mut self,
        design: &Design,
        component: &Component,
        units: &StandingUnits,
    ) -> Option<Num<Power>> {
        let energy = component.energy.as_ref()?;
        let same = |(_, node): &(NodeIndex, &Node)| {
            let stage = matches!(&node.role, Role::Stage(c) | Role::Crossbar(c, _) if c.name == component.name);
            stage && node.level == Some(units.level)
        };
        let (_, node) = design.nodes().find(same)?;
        let machine = design.machine.as_ref()?;
        let filled = |leaf: &&design::machine::ArrayLevel| {
            machine.levels[leaf.level].name == design.layers[node.layer.unwrap_or(0)].name
        };
        let leaf = machine.leaves.iter().find(filled)?;
        let plan = Plan::compile(&leaf.design);
        let between = Quantity::new(plan.value_si(plan.totals.interval), Time::DIM);
        let period = Leaf { what: What::Period, number: None, group: self.index, assumed: false };
        let between: Num<Time> = Num::at(self.tape.leaf(between, period));
        let energy = self.figure(What::Energy, energy);
        let power = self.tape.div(energy, between);
        Some(self.standing_count(power, node.operations as f64 * units.powered / node.units as f64))
    }

    /// The power of crossbars that follows from their cells, as one that is filled has it.
    pub(super) fn cells_at_work(
        &mut self,
        design: &Design,
        component: &Component,
        units: &StandingUnits,
    ) -> Option<Num<Power>> {
        let of_crossbar = |(_, node): &(NodeIndex, &Node)| {
            matches!(&node.role, Role::Crossbar(c, _) if c.name == component.name) && node.level == Some(units.level)
        };
        let (index, node) = design.nodes().find(of_crossbar)?;
        let (found, read) = reading(design, |circuits| tile::row_power(circuits, index));
        let solve: SolveInPlace<Power> = |circuits, node| Some(tile::row_power(circuits, node)?.power);
        let leaf = (What::CrossbarPower, index);
        let power = self.library.solved(self.tape, leaf, (found?.power, &read), solve);
        Some(self.standing_count(power, units.powered / node.units as f64))
    }
}
