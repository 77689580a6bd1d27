//! The shortest time from one inference to the next.

use std::collections::BTreeMap;

use petgraph::Direction::Incoming;
use petgraph::graph::NodeIndex;

use super::{Clock, is_before_products};
use crate::cost::plan::tape::Num;
use crate::design::Role;
use crate::units::Time;

impl Clock<'_> {
    /// The longest time for which inferences cannot follow one another: a segment that no held value interrupts, or a group at work.
    pub(super) fn interval(&mut self, order: &[NodeIndex]) -> Num<Time> {
        if self.design.passes.len() > 1 {
            return self.interval_of_passes(order);
        }
        let mut candidates = self.candidates(order);
        candidates.extend(self.shared(order));
        self.tape.largest(&candidates)
    }

    /// For how long units that stand on a level are at work for all layers of an inference together, where all of them share the work evenly.
    pub(super) fn shared(&mut self, order: &[NodeIndex]) -> Vec<Num<Time>> {
        let design = self.design;
        let Some(machine) = &design.machine else { return Vec::new() };
        let mut work: BTreeMap<(usize, &str), Vec<Num<Time>>> = BTreeMap::new();
        for &node in order {
            let group = &design.graph[node];
            let (Some(level), Some(busy), true) = (group.level, self.groups[node.index()].busy, group.on_level) else {
                continue;
            };
            let Some(component) = group.component().filter(|_| !matches!(group.role, Role::Writing(..))) else {
                continue;
            };
            let each: f64 = machine.units_of(level, |c| c.name == component.name).map(|units| units.each).sum();
            let there = (each * machine.levels[level].powered as f64).max(1.0);
            let once = if is_before_products(group) { 1 } else { design.turns(group) };
            let times = group.cycles.saturating_mul(once) as f64 * group.units as f64 / there;
            let long = self.tape.count(busy, times);
            work.entry((level, &component.name)).or_default().push(long);
        }
        // Of one layer alone it is a part of the layer's time.
        let several = work.into_values().filter(|work| work.len() > 1);
        several.map(|work| self.tape.sum(&work)).collect()
    }

    /// Where weights are written in passes, each pass waits for the one before: their times add up, with those of the writes.
    pub(super) fn interval_of_passes(&mut self, order: &[NodeIndex]) -> Num<Time> {
        let design = self.design;
        let mut pass_of: Vec<usize> = vec![design.passes.len() - 1; design.layers.len()];
        for (pass, layers) in design.passes.iter().enumerate() {
            layers.iter().for_each(|layer| pass_of[*layer] = pass);
        }
        let mut passes: Vec<Vec<NodeIndex>> = vec![Vec::new(); design.passes.len()];
        let mut writes: Vec<Vec<Num<Time>>> = vec![Vec::new(); design.passes.len()];
        let mut loads: Vec<Vec<Num<Time>>> = vec![Vec::new(); design.passes.len()];
        for &node in order {
            let group = &design.graph[node];
            let pass = group.layer.map_or(design.passes.len() - 1, |layer| pass_of[layer]);
            let through = self.groups[node.index()].through;
            match group.role {
                Role::Writing(..) => writes[pass].extend(through),
                _ if is_before_products(group) => loads[pass].extend(through),
                _ => passes[pass].push(node),
            }
        }
        let mut all = Vec::new();
        for ((members, mut writes), loads) in passes.iter().zip(writes).zip(loads) {
            let candidates = self.candidates(members);
            all.extend(self.most(&candidates));
            // Arrays are written at the same time, over one link.
            writes.extend((!loads.is_empty()).then(|| self.tape.sum(&loads)));
            all.extend(self.most(&writes));
        }
        self.tape.sum(&all)
    }

    /// The times for which inferences cannot follow one another in some groups.
    pub(super) fn candidates(&mut self, order: &[NodeIndex]) -> Vec<Num<Time>> {
        // Of a layer whose products follow one another the time between them is known, whatever decides it.
        let design = self.design;
        let others: Vec<NodeIndex> =
            order.iter().copied().filter(|node| !self.is_turned(&design.graph[*node])).collect();
        let mut candidates = self.segments(&others);
        for &node in order {
            let is_crossbar = matches!(design.graph[node].role, Role::Crossbar(..));
            if let Some((between, turns)) = self.times[node.index()].products.filter(|_| is_crossbar) {
                let products = self.tape.count(between, turns as f64);
                // Arrays that are written for an inference are at work for its products after that.
                let written: Vec<Num<Time>> = design
                    .graph
                    .neighbors_directed(node, Incoming)
                    .filter(|before| matches!(design.graph[*before].role, Role::Writing(..)))
                    .filter_map(|before| self.groups[before.index()].through)
                    .collect();
                let written = self.most(&written);
                candidates.extend(self.plus(written, Some(products)));
            }
        }
        candidates
    }

    /// The times for which products of these groups cannot follow one another: segments that no held value interrupts, and groups
    /// at work. Of several groups those that come first in `order` feed those that come later.
    pub(super) fn segments(&mut self, order: &[NodeIndex]) -> Vec<Num<Time>> {
        let mut candidates: Vec<Num<Time>> = Vec::new();
        for &node in order {
            let mut before: Vec<Num<Time>> = Vec::new();
            if !self.keeps_between_reads(node) {
                for feeder in self.design.graph.neighbors_directed(node, Incoming) {
                    let ends = self.design.graph[feeder].stores() || self.is_kept(feeder, node);
                    // Words that move to other places at the same time: each mover's own bandwidth counts.
                    let moves = |group: NodeIndex| self.design.graph[group].moved.is_some();
                    let ends = ends || moves(feeder) || moves(node);
                    let ends = ends || self.same_products(feeder, node) && self.holds_words(feeder);
                    before.extend(self.segments[feeder.index()].filter(|_| !ends));
                }
            }
            let before = self.most(&before);
            let cycles = self.cycles(node) as f64;
            let own = self.groups[node.index()].busy.map(|busy| self.tape.count(busy, cycles));
            let segment = self.plus(before, own);
            self.segments[node.index()] = segment;
            candidates.extend(segment);
            let times = self.times[node.index()];
            if self.keeps_between_reads(node) {
                candidates.extend(times.on);
            }
            if let Some(period) = times.period {
                candidates.push(self.tape.count(period, cycles));
            } else if times.hold.is_some() {
                let at_work = self.plus(self.groups[node.index()].busy, times.hold);
                candidates.extend(at_work);
            }
        }
        order.iter().for_each(|node| self.segments[node.index()] = None);
        candidates
    }
}
