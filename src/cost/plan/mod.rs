//! The plan of a design: its graph of numbers, compiled to a flat tape that is run in a microsecond.
//!
//! [`Plan::compile`] writes down, for every group of units, what its area, energy and time follow from, when it works (`timeline`) and how
//! these add up to the totals. Running the plan with other values at its leaves gives the totals of the changed design; nothing is allocated.

mod derivative;
mod group;
pub mod leaf;
mod numbers;
mod open;
mod peak;
pub(in crate::cost) mod room;
mod standing;
pub mod tape;
pub mod terms;
mod timeline;

use std::collections::HashMap;

use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;

use super::placed::PlacedNumber;
use super::totals::Totals;
use crate::design::{Design, Gating, ROUNDING, Replication, Role};
use crate::units::{Area, Energy, Power, Time};
use group::GroupNumbers;
use leaf::Leaf;
use numbers::{NumberWriter, Open};
pub use open::NotOpened;
use peak::{Change, Height, Rectangle};
use tape::{Num, Register, Tape};
use timeline::Times;

/// The numbers of a design, ready to be run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(in crate::cost) tape: Tape,
    /// The totals.
    pub(crate) totals: TotalNumbers,
    /// Of each group, by its node.
    pub(crate) groups: Vec<PlannedGroup>,
    rectangles: Vec<Rectangle>,
    always_on: Option<Register>,
    macs: u64,
    opened: Vec<usize>,
    bounds: Vec<Bounds>,
}

/// The values that a number may have; of one that is not a number no comparison is true.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    register: Register,
    low: f64,
    high: f64,
}

impl Bounds {
    fn hold(&self, values: &[f64]) -> bool {
        let value = values[self.register.index()];
        value >= self.low && value <= self.high
    }
}

/// Where the totals stand on the tape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TotalNumbers {
    pub energy: Num<Energy>,
    pub power: Num<Power>,
    pub latency: Num<Time>,
    pub interval: Num<Time>,
    /// The shortest interval that the circuits allow.
    pub shortest: Num<Time>,
    pub area: Num<Area>,
    /// Of a machine without a network: power with all units at work.
    pub at_work: Option<Num<Power>>,
}

/// Where the numbers of a group stand on the tape; `None` is nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PlannedGroup {
    pub area: Option<Num<Area>>,
    /// Energy of its operations.
    pub dynamic: Option<Num<Energy>>,
    /// Energy of its power over time.
    pub powered: Option<Num<Energy>>,
    /// Energy of all operations that state an energy.
    pub operation_energy: Option<Num<Energy>>,
    pub static_power: Option<Num<Power>>,
    pub working_power: Option<Num<Power>>,
    pub at_work: Option<Num<Power>>,
    pub through: Option<Num<Time>>,
    pub busy: Option<Num<Time>>,
    pub(super) times: Times,
    pub of_ideal_power: Option<f64>,
}

/// Room for running a plan, used again from run to run.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    values: Vec<f64>,
    changes: Vec<Change>,
}

impl Plan {
    /// Writes down the numbers of a design. Its leaves are the figures of its library.
    #[must_use]
    pub fn compile(design: &Design) -> Self {
        Self::with(design, Open::Figures)
    }

    /// The same with every number on the tape that the figures follow from: its leaves are the numbers that somebody stated.
    #[must_use]
    pub fn down_to_the_stated(design: &Design) -> Self {
        Self::with(design, Open::Everything)
    }

    /// The same with these numbers open: they are leaves, and what follows from them by formulas and models is computed in every run. A number
    /// is called as a setting calls it, `adc-8b.power`, and what an architecture states of a layer `layers.hidden.active-rows` or
    /// `layers.hidden.low-resistance`. [`Plan::opened`] has their places among the leaves.
    ///
    /// # Errors
    /// The design rests on no number of this name, or its structure does.
    pub fn open(design: &Design, names: &[&str]) -> Result<Self, NotOpened> {
        let numbers = names.iter().map(|name| open::number(design, name)).collect::<Result<Vec<_>, _>>()?;
        let mut plan = Self::with(design, Open::These(numbers.iter().copied().collect()));
        plan.opened = open::places(&plan.tape.leaves, names, &numbers)?;
        Ok(plan)
    }

    /// The places among the leaves of the numbers that [`Plan::open`] has opened, in its order.
    #[must_use]
    pub fn opened(&self) -> &[usize] {
        &self.opened
    }

    fn with(design: &Design, open: Open) -> Self {
        let count = design.graph.node_count();
        let mut tape = Tape::with_capacity(18 * count);
        let mut library = NumberWriter::new(design, open);
        let numbers: Vec<GroupNumbers> =
            design.graph.node_indices().map(|index| group::group(&mut tape, &mut library, design, index)).collect();
        let order = order(design);
        let line = timeline::timeline(&mut tape, design, &numbers, &order);
        let shortest = line.interval;
        let interval = library.period(&mut tape).unwrap_or(shortest);
        let around = around(&mut tape, design, &numbers, &line.groups);
        let mut writer = PlanWriter { tape, design, interval, around, rectangles: Vec::new(), on: Vec::new() };
        let groups: Vec<PlannedGroup> = design
            .graph
            .node_indices()
            .map(|node| writer.group(node, &numbers[node.index()], line.groups[node.index()]))
            .collect();
        let totals = writer.totals(&groups, line.latency, shortest);
        let always_on = writer.always_on();
        let PlanWriter { tape, rectangles, .. } = writer;
        let bounds = bounds(&tape, design);
        Self { tape, totals, groups, rectangles, always_on, macs: design.macs(), opened: Vec::new(), bounds }
    }

    /// The numbers at the leaves.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.tape.leaves
    }

    /// The values at which the leaves were stated, in SI units.
    #[must_use]
    pub fn stated_si(&self) -> Vec<f64> {
        self.tape.leaf_registers.iter().map(|r| self.tape.values[r.index()]).collect()
    }

    /// Runs the plan with these values at its leaves, in SI units. Where one of them, or what follows from it, is a value that
    /// its place in a file would be refused for, or a circuit has no solution,
    /// the totals are not numbers, which [`Totals::checked`] refuses.
    pub fn run(&self, leaves_si: &[f64], scratch: &mut Scratch) -> Totals {
        scratch.values.clone_from(&self.tape.values);
        for (register, value) in self.tape.leaf_registers.iter().zip(leaves_si) {
            scratch.values[register.index()] = *value;
        }
        self.tape.run(&mut scratch.values);
        let of = |time: Num<Time>| scratch.values[time.register().index()];
        let too_soon = of(self.totals.interval) < of(self.totals.shortest) * (1.0 - ROUNDING);
        if too_soon || !self.bounds.iter().all(|bounds| bounds.hold(&scratch.values)) {
            return Totals::of_no_circuit(self.macs);
        }
        self.read(&scratch.values, &mut scratch.changes)
    }

    /// What the design as it was stated gives.
    #[must_use]
    pub fn as_stated(&self) -> Totals {
        self.read(&self.tape.values, &mut Vec::new())
    }

    fn read(&self, values: &[f64], changes: &mut Vec<Change>) -> Totals {
        let of = |register: Register| values[register.index()];
        let t = &self.totals;
        let (latency, interval) = (of(t.latency.register()), of(t.interval.register()));
        let base = self.always_on.map_or(0.0, of);
        Totals {
            energy: Energy::new(of(t.energy.register())),
            power: Power::new(of(t.power.register())),
            peak_power: Power::new(peak::peak_w(&self.rectangles, values, base, (latency, interval), changes)),
            latency: Time::new(latency),
            initiation_interval: Time::new(interval),
            area: Area::new(of(t.area.register())),
            macs: self.macs,
        }
    }

    pub(crate) fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The values at which the numbers were written down, by register.
    pub(crate) fn values_si(&self) -> &[f64] {
        &self.tape.values
    }

    /// The value at which a number was written down.
    pub(crate) fn value_si<Q>(&self, number: Num<Q>) -> f64 {
        self.tape.values[number.register().index()]
    }
}

/// The values that the numbers on a tape may have.
fn bounds(tape: &Tape, design: &Design) -> Vec<Bounds> {
    let of_leaf = |leaf: Leaf| match leaf.number {
        Some(PlacedNumber::OfLibrary(id)) => design.library.numbers.get(id).bounds,
        Some(PlacedNumber::ActiveRows(_) | PlacedNumber::LowResistance(_)) => (0.0, 1.0),
        Some(PlacedNumber::MeanLevel(_)) => (-1.0, 1.0),
        Some(PlacedNumber::Period) => (f64::MIN_POSITIVE, f64::MAX),
        // What is counted, and what a circuit takes.
        None => (0.0, f64::MAX),
    };
    let of = |at: usize| {
        let register = Register::at(at);
        let leaf = tape.number(register)?;
        let (low, high) = of_leaf(leaf);
        Some(Bounds { register, low, high })
    };
    (0..tape.ops.len()).filter_map(of).collect()
}

/// A topological order; nodes are made in one, but for the switches at the lines of a crossbar, which take no time.
fn order(design: &Design) -> Vec<NodeIndex> {
    let forward =
        design.graph.raw_edges().iter().all(|edge| {
            edge.source() < edge.target() || matches!(design.graph[edge.source()].role, Role::LineSwitch(_))
        });
    let by_index = || design.graph.node_indices().collect();
    if forward { by_index() } else { toposort(&design.graph, None).unwrap_or_else(|_| by_index()) }
}

/// From when and how long each layer is at work in which an energy takes no time.
fn around(
    tape: &mut Tape,
    design: &Design,
    numbers: &[GroupNumbers],
    times: &[Times],
) -> HashMap<usize, (Register, Register)> {
    let mut around = HashMap::new();
    let mut of_step: Vec<Vec<NodeIndex>> = vec![Vec::new(); design.network.len()];
    for (node, group) in design.nodes().filter(|(_, group)| !matches!(group.role, Role::LineSwitch(_))) {
        if let Some(nodes) = group.step.and_then(|step| of_step.get_mut(step)) {
            nodes.push(node);
        }
    }
    for (node, group) in design.nodes() {
        let own = &numbers[node.index()];
        let at_once = own.through.is_none_or(|through| tape.values[through.register().index()] == 0.0);
        let Some(layer) = group.step.filter(|step| own.operations.is_some() && at_once && !around.contains_key(step))
        else {
            continue;
        };
        let of_layer = || of_step[layer].iter().map(|node| &times[node.index()]);
        // The first of a layer in the order of its nodes begins first; without a start it begins with the inference.
        let from = of_layer().next().and_then(|times| times.start).unwrap_or_else(|| tape.zero());
        let ends: Vec<Num<Time>> = of_layer().filter_map(|times| times.end).collect();
        if ends.is_empty() {
            continue;
        }
        let end = tape.max(&ends);
        let long = tape.sub(end, from);
        around.insert(layer, (from.register(), long.register()));
    }
    around
}

struct PlanWriter<'a> {
    tape: Tape,
    design: &'a Design,
    interval: Num<Time>,
    /// From when and how long each layer is at work, where something of it takes no time.
    around: HashMap<usize, (Register, Register)>,
    rectangles: Vec<Rectangle>,
    /// What is on all the time.
    on: Vec<Num<Power>>,
}

impl PlanWriter<'_> {
    fn group(&mut self, node: NodeIndex, numbers: &GroupNumbers, times: Times) -> PlannedGroup {
        let always = self.design.gating == Gating::AlwaysOn || numbers.ungated;
        // What is always on of a machine is what stands on it, whatever layers make use of it.
        // Arrays whose power follows from their rows draw nothing where no layer lies.
        let of_cells = numbers.of_ideal_power.is_some();
        let used_only = always && self.design.machine.is_some() && numbers.through.is_some() && !of_cells;
        let mut powered: Vec<Num<Energy>> = Vec::with_capacity(3);
        let mut dynamic: Vec<Num<Energy>> = numbers.operations.into_iter().collect();
        let mut dynamic_peak: Vec<Num<Energy>> = Vec::new();
        if always {
            for power in [numbers.static_power, numbers.working_power].into_iter().flatten().filter(|_| !used_only) {
                powered.push(self.tape.mul(power, self.interval));
                self.on.push(power);
            }
        } else {
            dynamic.extend(numbers.working);
            let replication = self.design.replication(&self.design.graph[node]);
            let products = replication.map_or(1.0, Replication::times_on);
            let still = numbers.static_power.zip(times.on).map(|still| (still, times.start));
            let working = numbers.working_power.zip(times.hold).map(|held| (held, times.first_end));
            for ((power, on), from) in still.into_iter().chain(working) {
                let energy = self.energy_over(power, on, f64::from(times.times_on) * products);
                powered.push(energy);
                if times.products.is_none() {
                    self.rectangle(from, on, Height::Power(power.register()), &times, times.times_on);
                }
            }
            if times.products.is_some() {
                dynamic_peak.extend(powered.iter().copied());
            }
        }
        let dynamic = self.sum(&dynamic);
        if let (Some(_), Some(end)) = (times.products, times.end) {
            // Products follow one another more closely than they last: over all of them the power is even.
            dynamic_peak.extend(dynamic);
            if let Some(energy) = self.sum(&dynamic_peak) {
                let start = times.start.unwrap_or_else(|| self.tape.zero());
                let long = self.tape.sub(end, start);
                self.rectangle(times.start, long, Height::Energy(energy.register()), &times, 1);
            }
        } else if let Some(energy) = dynamic {
            let through = numbers.through.unwrap_or_else(|| self.tape.zero());
            self.rectangle(times.start, through, Height::Energy(energy.register()), &times, times.cycles);
            let around = self.design.graph[node].step.and_then(|step| self.around.get(&step).copied());
            if let Some(pushed) = self.rectangles.last_mut() {
                pushed.around = around;
            }
        }
        PlannedGroup {
            area: numbers.area,
            dynamic,
            powered: self.sum(&powered),
            operation_energy: numbers.operations,
            static_power: numbers.static_power,
            working_power: numbers.working_power,
            at_work: numbers.at_work,
            through: numbers.through,
            busy: numbers.busy,
            times,
            of_ideal_power: numbers.of_ideal_power,
        }
    }

    fn energy_over(&mut self, power: Num<Power>, time: Num<Time>, times: f64) -> Num<Energy> {
        let energy = self.tape.mul(power, time);
        self.tape.count(energy, times)
    }

    fn rectangle(&mut self, from: Option<Num<Time>>, long: Num<Time>, height: Height, times: &Times, cycles: u32) {
        let from = from.unwrap_or_else(|| self.tape.zero());
        let period = times.period.unwrap_or(from);
        let (from, long, period) = (from.register(), long.register(), period.register());
        self.rectangles.push(Rectangle { from, long, height, cycles, period, around: None });
    }

    fn sum<Q: crate::units::Unit>(&mut self, numbers: &[Num<Q>]) -> Option<Num<Q>> {
        (!numbers.is_empty()).then(|| self.tape.sum(numbers))
    }

    fn totals(&mut self, groups: &[PlannedGroup], latency: Num<Time>, shortest: Num<Time>) -> TotalNumbers {
        let energies: Vec<Num<Energy>> = groups.iter().flat_map(|g| [g.dynamic, g.powered]).flatten().collect();
        let areas: Vec<Num<Area>> = groups.iter().filter_map(|g| g.area).collect();
        let energy = self.tape.sum(&energies);
        let power = self.tape.div(energy, self.interval);
        let area = self.tape.sum(&areas);
        let at_work: Vec<Num<Power>> = groups.iter().filter_map(|g| g.at_work).collect();
        let at_work = self.sum(&at_work);
        TotalNumbers { energy, power, latency, interval: self.interval, shortest, area, at_work }
    }

    fn always_on(&mut self) -> Option<Register> {
        let on = std::mem::take(&mut self.on);
        self.sum(&on).map(Num::register)
    }
}

#[cfg(test)]
mod tests;
