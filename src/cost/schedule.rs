//! When each group works and how long it is powered: every group starts when all that feeds it has finished.

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::node::NodeCost;
use crate::design::{Design, Gating};
use crate::techlib::Kind;
use crate::units::{Power, Time};

/// The times of a design. Vectors are indexed by node.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// When a group starts.
    pub start: Vec<Time>,
    /// When a group has finished.
    pub end: Vec<Time>,
    /// When a group may be switched off.
    pub off: Vec<Time>,
    /// Time of the longest path.
    pub latency: Time,
    /// Time after which the next inference may start.
    pub initiation_interval: Time,
    /// The groups of the longest path, in signal order; those that take no time are left out.
    pub critical_path: Vec<NodeIndex>,
}

/// Schedules a dataflow whose groups take these times. `order` is a topological order of the graph.
#[must_use]
pub fn schedule(flow: &Design, costs: &[NodeCost], order: &[NodeIndex]) -> Schedule {
    let count = flow.graph.node_count();
    let mut start = vec![Time::ZERO; count];
    let mut end = vec![Time::ZERO; count];
    let mut feeder: Vec<Option<NodeIndex>> = vec![None; count];
    for &node in order {
        for before in flow.graph.neighbors_directed(node, Incoming) {
            if feeder[node.index()].is_none() || end[before.index()] > start[node.index()] {
                start[node.index()] = end[before.index()];
                feeder[node.index()] = Some(before);
            }
        }
        end[node.index()] = start[node.index()] + costs[node.index()].time;
    }
    let mut last = order.first().copied();
    for &node in order {
        if last.is_none_or(|l| end[node.index()] > end[l.index()]) {
            last = Some(node);
        }
    }
    let latency = last.map_or(Time::ZERO, |l| end[l.index()]);
    let off = match flow.gating {
        Gating::AlwaysOn => vec![latency; count],
        Gating::PerStage => powered_until(flow, &end, order),
    };
    let initiation_interval = if flow.pipelined { longest_stretch(flow, costs, order) } else { latency };
    let critical_path = path_to(last, &feeder, costs);
    Schedule { start, end, off, latency, initiation_interval, critical_path }
}

fn path_to(last: Option<NodeIndex>, feeder: &[Option<NodeIndex>], costs: &[NodeCost]) -> Vec<NodeIndex> {
    let mut path = Vec::new();
    let mut at = last;
    while let Some(node) = at {
        if costs[node.index()].time > Time::ZERO {
            path.push(node);
        }
        at = feeder[node.index()];
    }
    path.reverse();
    path
}

/// A group whose analog output nothing holds must stay on for what lives on it: until a sample-and-hold or an ADC has taken the value,
/// else as long as the group that it feeds.
fn powered_until(flow: &Design, end: &[Time], order: &[NodeIndex]) -> Vec<Time> {
    let mut off = end.to_vec();
    for &node in order.iter().rev() {
        for edge in flow.graph.edges_directed(node, Outgoing) {
            if !edge.weight().domain.is_analog() {
                continue;
            }
            let taker = edge.target();
            let takes_and_keeps =
                flow.graph[taker].component().is_some_and(|c| matches!(c.kind, Kind::SampleHold | Kind::Adc));
            let until = if takes_and_keeps { end[taker.index()] } else { off[taker.index()] };
            off[node.index()] = off[node.index()].max(until);
        }
    }
    off
}

/// The longest path that no held value interrupts; a holding group ends a stretch and begins the next.
fn longest_stretch(flow: &Design, costs: &[NodeCost], order: &[NodeIndex]) -> Time {
    let mut stretch = vec![Time::ZERO; flow.graph.node_count()];
    let mut longest = Time::ZERO;
    for &node in order {
        let before = flow
            .graph
            .neighbors_directed(node, Incoming)
            .map(|b| if flow.graph[b].stores() { Time::ZERO } else { stretch[b.index()] });
        let before = before.fold(Time::ZERO, Time::max);
        stretch[node.index()] = before + costs[node.index()].time;
        longest = longest.max(stretch[node.index()]);
    }
    longest
}

/// The largest sum of what is on at one moment.
#[must_use]
pub fn peak_power(flow: &Design, costs: &[NodeCost], schedule: &Schedule) -> Power {
    // Changes of power over time; falling ones first where two coincide.
    let mut changes: Vec<(Time, Power)> = Vec::with_capacity(4 * costs.len());
    let mut on = |from: Time, to: Time, power: Power| {
        if to > from && power > Power::ZERO {
            changes.push((from, power));
            changes.push((to, Power::ZERO - power));
        }
    };
    for (index, cost) in costs.iter().enumerate() {
        let (start, end) = (schedule.start[index], schedule.end[index]);
        let powered_from = if flow.gating == Gating::AlwaysOn { Time::ZERO } else { start };
        on(powered_from, schedule.off[index], cost.static_power);
        if end > start {
            on(start, end, cost.dynamic_energy / (end - start));
        }
    }
    changes.sort_by(|a, b| a.0.si().total_cmp(&b.0.si()).then(a.1.si().total_cmp(&b.1.si())));
    let mut now = Power::ZERO;
    let mut peak = Power::ZERO;
    for (_, change) in changes {
        now += change;
        peak = peak.max(now);
    }
    peak
}
