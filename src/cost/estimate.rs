//! The estimate of a design: every group's cost, and the totals.

use petgraph::graph::NodeIndex;

use super::plan::room::keep_numbers;
use super::plan::tape::{Num, Register};
use super::plan::{Plan, PlannedGroup};
use super::totals::{AssumedShare, NoPhysicalTotal, Totals};
use crate::design::{Design, Node, ROUNDING, StatedPeriod};
use crate::diagnostic::Diagnostic;
use crate::units::{Area, Energy, Power, Time, Unit};

/// What a group costs. All figures are of the whole group and of one inference.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GroupCost {
    /// Area.
    pub area: Area,
    /// Energy of the operations.
    pub dynamic_energy: Energy,
    /// Energy of the power that is drawn as long as the group is powered.
    pub powered_energy: Energy,
    /// Power of the group while it works: all units at once.
    pub active_power: Power,
    /// Time from the first to the last operation.
    pub time: Time,
    /// Its part of the latency.
    pub critical_time: Time,
    /// Of a crossbar: its power relative to that with ideal wires, virtual grounds and rows that hold their levels.
    pub of_ideal_power: Option<f64>,
    /// True if any of it rests on an assumed number.
    pub assumed: bool,
    /// True if its power while it is on, or the energy of its operations, rests on an assumed number.
    pub assumed_power: bool,
}

impl GroupCost {
    /// Energy of one inference.
    #[must_use]
    pub fn energy(&self) -> Energy {
        self.dynamic_energy + self.powered_energy
    }
}

/// A design with all its costs.
#[derive(Debug, Clone)]
pub struct Estimate<'a> {
    /// The design.
    pub design: &'a Design,
    /// Its numbers.
    pub plan: Plan,
    /// Cost of each group, by its node.
    pub costs: Vec<GroupCost>,
    /// The groups that the latency is made of, in signal order.
    pub critical_path: Vec<NodeIndex>,
    /// The totals.
    pub totals: Totals,
    /// How much of the totals rests on assumed numbers.
    pub assumed: AssumedShare,
}

impl Estimate<'_> {
    /// Energy of the operations of a group that states an energy.
    #[must_use]
    pub fn operation_energy(&self, node: NodeIndex) -> Energy {
        let group = &self.plan.groups[node.index()];
        Energy::new(group.operation_energy.map_or(0.0, |n| self.plan.value_si(n)))
    }

    /// Power of all units of a group as it is stated: all the time and while they work.
    #[must_use]
    pub fn stated_power(&self, node: NodeIndex) -> Power {
        let group = &self.plan.groups[node.index()];
        let of = |number: Option<Num<Power>>| number.map_or(0.0, |n| self.plan.value_si(n));
        Power::new(of(group.static_power) + of(group.working_power))
    }

    /// The time from one product of a layer on arrays to the next in the same copy; none where there is one product.
    #[must_use]
    pub fn between_products(&self, layer: usize) -> Option<Time> {
        let crossbar = self.design.layers[layer].circuits.crossbar;
        let (between, _) = self.plan.groups[crossbar.index()].times.products?;
        Some(Time::new(self.plan.value_si(between)))
    }

    /// For how long each layer of the network is at work in one inference, in their order: all its products one after another, or from its first
    /// operation to its last.
    #[must_use]
    pub fn layer_times(&self) -> Vec<Time> {
        let of = |time: Option<Num<Time>>| time.map_or(0.0, |time| self.plan.value_si(time));
        let mut spans: Vec<Option<(f64, f64)>> = vec![None; self.design.network.len()];
        for (group, node) in self.plan.groups.iter().zip(self.design.graph.node_weights()) {
            let Some(span) = node.step.and_then(|step| spans.get_mut(step)) else { continue };
            let Some(end) = group.times.own_end else { continue };
            let (start, end) = (of(group.times.start), self.plan.value_si(end));
            *span = Some(span.map_or((start, end), |(first, last)| (first.min(start), last.max(end))));
        }
        let products = |layer: usize| {
            let turns = self.design.layers[layer].replication.turns() as f64;
            self.between_products(layer).map(|between| between * turns)
        };
        let layers = self.design.network.iter().zip(spans);
        layers
            .map(|(layer, span)| {
                let (first, last) = span.unwrap_or_default();
                layer.on_arrays.and_then(products).unwrap_or(Time::new(last - first))
            })
            .collect()
    }

    /// The cost of a group.
    #[must_use]
    pub fn cost(&self, node: NodeIndex) -> &GroupCost {
        &self.costs[node.index()]
    }
}

/// Why a design has no totals.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NoEstimate {
    /// A total that no circuit has.
    #[error(transparent)]
    Total(#[from] NoPhysicalTotal),
    /// Inferences are to follow one another sooner than the circuits allow.
    #[error("an inference every {} is sooner than the circuits allow: they take {}", .period.value.eng(4), .shortest.eng(4))]
    Period {
        /// What is stated.
        period: StatedPeriod,
        /// The shortest that the circuits allow.
        shortest: Time,
        /// True if inferences overlap already.
        pipelined: bool,
    },
}

impl From<NoEstimate> for Diagnostic {
    fn from(error: NoEstimate) -> Self {
        let message = error.to_string();
        match error {
            NoEstimate::Total(total) => total.into(),
            NoEstimate::Period { period, shortest, pipelined } => {
                let latency =
                    if pipelined { "the slowest part that inferences pass one by one" } else { "the latency" };
                let help = if pipelined {
                    ""
                } else {
                    "`pipelined: true` lets an inference start before the one before it ends"
                };
                let error =
                    Self::error(message).at(period.span, format!("expected {} or more, {latency}", shortest.eng(4)));
                if help.is_empty() { error } else { error.help(help) }
            }
        }
    }
}

/// Compiles the numbers of a design and adds up its costs.
///
/// # Errors
/// If a total is not a positive, finite number, or inferences would follow one another sooner than the circuits allow.
pub fn estimate(design: &Design) -> Result<Estimate<'_>, NoEstimate> {
    let plan = Plan::compile(design);
    let (interval, shortest) = (plan.value_si(plan.totals.interval), plan.value_si(plan.totals.shortest));
    if let Some(period) = design.period.filter(|_| interval < shortest * (1.0 - ROUNDING)) {
        return Err(NoEstimate::Period { period, shortest: Time::new(shortest), pipelined: design.is_pipelined() });
    }
    let totals = plan.as_stated().checked()?;
    let reading = Reading::of(&plan);
    let costs: Vec<GroupCost> = plan
        .groups
        .iter()
        .zip(design.graph.node_weights())
        .map(|(group, node)| reading.cost(group, node, design.turns(node)))
        .collect();
    let critical_path =
        design.graph.node_indices().filter(|node| costs[node.index()].critical_time > Time::ZERO).collect();
    let assumed = AssumedShare {
        energy: reading.assumed(plan.totals.energy),
        latency: reading.assumed(plan.totals.latency),
        area: reading.assumed(plan.totals.area),
    };
    reading.done();
    Ok(Estimate { design, costs, critical_path, totals, assumed, plan })
}

/// The values of a plan, and what they rest on.
struct Reading<'p> {
    plan: &'p Plan,
    sure: Vec<f64>,
    /// By how much the latency grows with the time of each group.
    latency_by: Vec<f64>,
}

impl<'p> Reading<'p> {
    fn of(plan: &'p Plan) -> Self {
        let (tape, values) = (plan.tape(), plan.values_si());
        let times: Vec<Register> =
            plan.groups.iter().flat_map(|g| [g.through, g.busy]).flatten().map(Num::register).collect();
        let latency_by = tape.derivatives(plan.totals.latency.register(), values, &times);
        Self { plan, sure: tape.sure(values), latency_by }
    }

    /// Its room is used again by the next.
    fn done(self) {
        keep_numbers(self.sure);
        keep_numbers(self.latency_by);
    }

    fn value<Q: Unit>(&self, number: Option<Num<Q>>) -> Q {
        Q::from_si(number.map_or(0.0, |n| self.plan.value_si(n)))
    }

    /// The part of a number that rests on assumptions, 0 to 1.
    fn assumed<Q>(&self, number: Num<Q>) -> f64 {
        let (value, sure) = (self.plan.value_si(number), self.sure[number.register().index()]);
        if value == sure { 0.0 } else { (1.0 - sure / value).clamp(0.0, 1.0) }
    }

    fn cost(&self, group: &PlannedGroup, node: &Node, turns: u64) -> GroupCost {
        let rests = |register: Option<Register>| {
            register.is_some_and(|r| self.sure[r.index()] != self.plan.values_si()[r.index()])
        };
        let registers = [
            group.area.map(Num::register),
            group.dynamic.map(Num::register),
            group.powered.map(Num::register),
            group.through.map(Num::register),
        ];
        let powers = [
            group.static_power.map(Num::register),
            group.working_power.map(Num::register),
            group.operation_energy.map(Num::register),
        ];
        GroupCost {
            area: self.value(group.area),
            dynamic_energy: self.value(group.dynamic),
            powered_energy: self.value(group.powered),
            active_power: self.active_power(group, node),
            time: self.value(group.through) * (node.cycles * turns) as f64,
            critical_time: self.critical_time(group),
            of_ideal_power: group.of_ideal_power,
            assumed: registers.into_iter().any(rests),
            assumed_power: powers.into_iter().any(rests),
        }
    }

    /// What is drawn while all units work; where only an energy is given it is spread over the operation.
    fn active_power(&self, group: &PlannedGroup, node: &Node) -> Power {
        let stated = self.value(group.static_power) + self.value(group.working_power);
        let energy = self.value(group.operation_energy);
        let busy = self.value(group.busy) * node.cycles as f64;
        if busy > Time::ZERO {
            // Every unit at once, whether or not all have as much to do.
            let all = (node.units * node.rounds) as f64 / node.operations as f64;
            return stated + energy / busy * all;
        }
        stated
    }

    fn critical_time(&self, group: &PlannedGroup) -> Time {
        let part = |time: Option<Num<Time>>| {
            time.map_or(0.0, |t| self.latency_by[t.register().index()] * self.plan.value_si(t))
        };
        let same = group.through.map(Num::register) == group.busy.map(Num::register);
        Time::new(part(group.through) + if same { 0.0 } else { part(group.busy) })
    }
}
