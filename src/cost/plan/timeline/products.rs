//! The time from one product of a layer to the next.

use std::collections::BTreeMap;

use petgraph::Direction::Incoming;
use petgraph::graph::NodeIndex;

use super::Clock;
use crate::cost::plan::tape::Num;
use crate::units::Time;

impl Clock<'_> {
    /// The time from one product to the next in each layer that has several, by the layer.
    pub(super) fn between_products(&mut self, order: &[NodeIndex]) -> Vec<Option<Num<Time>>> {
        let mut between = vec![None; self.design.layers.len()];
        if !self.turned.contains(&true) {
            return between;
        }
        let mut members: Vec<Vec<NodeIndex>> = vec![Vec::new(); between.len()];
        for &node in order {
            let group = &self.design.graph[node];
            if let Some(layer) = group.layer.filter(|_| self.is_turned(group)) {
                members[layer].push(node);
            }
        }
        for (layer, members) in members.iter().enumerate() {
            if !self.turned[layer] {
                continue;
            }
            for &node in members.iter().rev() {
                self.hold(node);
            }
            let replication = &self.design.layers[layer].replication;
            // A product that needs the result of the one before begins when that is there.
            between[layer] = if replication.matrices.in_turn {
                self.whole_product(members)
            } else {
                let candidates = self.segments(members);
                self.most(&candidates)
            };
        }
        between
    }

    /// The time of one product from the first group of a layer to the last.
    pub(super) fn whole_product(&mut self, members: &[NodeIndex]) -> Option<Num<Time>> {
        // Of each group when its first read ends, and its last.
        let mut ends: BTreeMap<NodeIndex, [Option<Num<Time>>; 2]> = BTreeMap::new();
        for &node in members {
            let mut before: Vec<Num<Time>> = Vec::new();
            for feeder in self.design.graph.neighbors_directed(node, Incoming) {
                let Some([first, end]) = ends.get(&feeder) else { continue };
                before.extend(if self.same_reads(feeder, node) { *first } else { *end });
            }
            let start = self.most(&before);
            let first = self.plus(start, self.groups[node.index()].through);
            let end = self.after_reads(node, first);
            ends.insert(node, [first, end]);
        }
        let ends: Vec<Num<Time>> = ends.into_values().filter_map(|[_, end]| end).collect();
        self.most(&ends)
    }
}
