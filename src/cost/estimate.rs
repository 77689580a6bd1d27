//! The estimate of a design: every group's cost, and the totals.

use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;

use super::node::{self, NodeCost};
use super::schedule::{Schedule, peak_power, schedule};
use crate::design::{Design, Gating};
use crate::units::{Area, Energy, Power, Time};

/// What one inference costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals {
    /// Average power: energy / latency.
    pub power: Power,
    /// The largest power at one moment.
    pub peak_power: Power,
    /// Time from input to output.
    pub latency: Time,
    /// Time after which the next inference may start.
    pub initiation_interval: Time,
    /// Energy of one inference.
    pub energy: Energy,
    /// Area of all circuits.
    pub area: Area,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
    /// How much of the totals rests on assumed numbers.
    pub assumed: AssumedShare,
}

/// Fractions, 0 to 1, of the totals that rest on assumed numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AssumedShare {
    /// Of the energy (and so of the average power).
    pub energy: f64,
    /// Of the latency, along the critical path.
    pub latency: f64,
    /// Of the area.
    pub area: f64,
}

impl Totals {
    /// Energy-delay product in J s.
    #[must_use]
    pub fn energy_delay_js(&self) -> f64 {
        self.energy.si() * self.latency.si()
    }

    /// Operations (two for each multiply-accumulate) per second, in 10^12, at one inference per initiation interval.
    #[must_use]
    pub fn tops(&self) -> f64 {
        2e-12 * self.macs as f64 / self.initiation_interval.si()
    }

    /// Operations per joule, in 10^12.
    #[must_use]
    pub fn tops_per_w(&self) -> f64 {
        2e-12 * self.macs as f64 / self.energy.si()
    }

    /// Operations per second and square millimetre, in 10^12.
    #[must_use]
    pub fn tops_per_mm2(&self) -> f64 {
        self.tops() / (self.area.si() * 1e6)
    }
}

/// A design with all its costs.
#[derive(Debug, Clone)]
pub struct Estimate<'a> {
    /// The design.
    pub flow: &'a Design,
    /// Cost of each group, indexed by node.
    pub costs: Vec<NodeCost>,
    /// When each group works.
    pub schedule: Schedule,
    /// The totals.
    pub totals: Totals,
}

impl Estimate<'_> {
    /// The cost of a group.
    #[must_use]
    pub fn cost(&self, node: NodeIndex) -> &NodeCost {
        &self.costs[node.index()]
    }
}

/// Walks a dataflow and adds up its costs.
///
/// # Panics
/// Never: lowering guarantees that the graph has no cycle, and a graph with one would be walked in index order.
#[must_use]
pub fn estimate(flow: &Design) -> Estimate<'_> {
    let mut costs: Vec<NodeCost> = flow.graph.node_indices().map(|index| node::cost(flow, index)).collect();
    let order = toposort(&flow.graph, None).unwrap_or_else(|_| flow.graph.node_indices().collect());
    let schedule = schedule(flow, &costs, &order);
    for (index, cost) in costs.iter_mut().enumerate() {
        let powered = match flow.gating {
            Gating::AlwaysOn => schedule.latency,
            Gating::PerStage => schedule.off[index] - schedule.start[index],
        };
        cost.static_energy = cost.static_power * powered;
    }
    let totals = totals(flow, &costs, &schedule);
    Estimate { flow, costs, schedule, totals }
}

fn totals(flow: &Design, costs: &[NodeCost], schedule: &Schedule) -> Totals {
    let energy: Energy = costs.iter().map(NodeCost::energy).sum();
    let area: Area = costs.iter().map(|c| c.area).sum();
    let assumed_energy: Energy = costs.iter().map(NodeCost::assumed_energy).sum();
    let assumed_area: Area = costs.iter().filter(|c| c.assumed.area).map(|c| c.area).sum();
    let on_path = schedule.critical_path.iter().map(|n| &costs[n.index()]);
    let assumed_time: Time = on_path.filter(|c| c.assumed.time).map(|c| c.time).sum();
    let share = |part: f64| if part.is_finite() { part } else { 0.0 };
    Totals {
        power: energy / schedule.latency,
        peak_power: peak_power(flow, costs, schedule),
        latency: schedule.latency,
        initiation_interval: schedule.initiation_interval,
        energy,
        area,
        macs: flow.macs(),
        assumed: AssumedShare {
            energy: share(assumed_energy / energy),
            latency: share(assumed_time / schedule.latency),
            area: share(assumed_area / area),
        },
    }
}
