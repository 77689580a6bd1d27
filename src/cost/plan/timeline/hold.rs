//! How long the output of each group is needed, and the time from one bit-serial read to the next.

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::{Clock, TimePart, is_before_products};
use crate::cost::plan::tape::Num;
use crate::units::Time;

impl Clock<'_> {
    /// How long an analog group that takes part in bit-serial reads must hold its output within a read.
    pub(super) fn hold_within_read(&mut self, node: NodeIndex) {
        if self.cycles(node) <= 1 {
            return;
        }
        let mut holds: Vec<Num<Time>> = Vec::new();
        let design = self.design;
        for edge in design.graph.edges_directed(node, Outgoing) {
            let taker = edge.target();
            if !self.same_reads(node, taker) || !edge.weight().domain.is_analog() {
                continue;
            }
            let through = self.groups[taker.index()].through;
            let hold = match self.part(taker) {
                TimePart::Lives => self.plus(through, self.times[taker.index()].hold),
                _ => through,
            };
            holds.extend(hold);
        }
        self.times[node.index()].hold = self.most(&holds);
    }

    /// The time from one bit-serial read to the next in each layer: that of its slowest segment, and no less than any group is at work.
    pub(super) fn periods(&mut self, order: &[NodeIndex]) {
        let mut layer = None;
        let mut candidates: Vec<Num<Time>> = Vec::new();
        let mut segment: Option<Num<Time>> = None;
        let mut members: Vec<NodeIndex> = Vec::new();
        let serial: Vec<NodeIndex> = order.iter().copied().filter(|n| self.cycles(*n) > 1).collect();
        for (place, &node) in serial.iter().enumerate() {
            layer = layer.or(self.design.graph[node].layer);
            members.push(node);
            let busy = self.groups[node.index()].busy;
            if self.keeps_between_reads(node) {
                candidates.extend(segment.take());
            }
            segment = self.plus(segment, busy);
            if self.design.graph[node].stores() {
                candidates.extend(segment.take());
            }
            let hold = self.times[node.index()].hold;
            if hold.is_some() {
                candidates.extend(self.plus(busy, hold));
            }
            let next_layer = serial.get(place + 1).map(|next| self.design.graph[*next].layer);
            if next_layer != Some(layer) {
                candidates.extend(segment.take());
                let period = self.most(&candidates);
                for member in members.drain(..) {
                    self.times[member.index()].period = period;
                }
                candidates.clear();
                layer = None;
            }
        }
    }

    /// How long the output of a group is needed, and with it how long the group is at work.
    pub(super) fn hold(&mut self, node: NodeIndex) {
        let cycles = self.cycles(node);
        let stateless = cycles > 1 && !self.keeps_between_reads(node);
        // What moves words keeps none.
        if !stateless && self.design.graph[node].moved.is_none() {
            let mut holds: Vec<Num<Time>> = Vec::new();
            let design = self.design;
            for edge in design.graph.edges_directed(node, Outgoing) {
                let analog = edge.weight().domain.is_analog();
                // Between products, and layers of products, words are kept: in the register of a shift-and-add, in a memory.
                if self.same_products(node, edge.target()) {
                    holds.extend(analog.then(|| self.taken_by(node, edge.target(), analog)).flatten());
                } else if !self.is_kept(node, edge.target()) {
                    holds.extend(self.needed(node, edge.target(), analog));
                }
            }
            self.times[node.index()].hold = self.most(&holds);
        }
        let hold = self.times[node.index()].hold;
        let mut on = self.plus(self.groups[node.index()].through, hold);
        if cycles > 1
            && !stateless
            && let Some(period) = self.times[node.index()].period
        {
            let reads = self.tape.count(period, (cycles - 1) as f64);
            on = self.plus(on, Some(reads));
        }
        let times = &mut self.times[node.index()];
        times.on = on;
        times.cycles = u32::try_from(cycles).unwrap_or(u32::MAX);
        times.times_on = if stateless { u32::try_from(cycles).unwrap_or(u32::MAX) } else { 1 };
    }

    /// How long after its end a group is needed by one that takes its output.
    pub(super) fn needed(&mut self, giver: NodeIndex, taker: NodeIndex, analog: bool) -> Option<Num<Time>> {
        let taken = match (self.part(taker), analog) {
            // Where signals meet, those that take the joint signal decide, once the last of what meets is there.
            (TimePart::Costless, _) => {
                let takers: Vec<NodeIndex> = self.design.graph.neighbors_directed(taker, Outgoing).collect();
                let needed: Vec<Num<Time>> =
                    takers.into_iter().filter_map(|next| self.taken_by(giver, next, analog)).collect();
                self.most(&needed)
            }
            _ => self.taken_by(giver, taker, analog),
        };
        // What is written before all products is no input that others wait for.
        let design = self.design;
        let feeders = design.graph.neighbors_directed(taker, Incoming);
        let waits = feeders.filter(|node| !is_before_products(&design.graph[*node])).nth(1).is_some();
        match (self.times[taker.index()].start, self.times[giver.index()].end) {
            (Some(start), Some(end)) if waits && start.register() != end.register() => {
                let wait = self.tape.sub(start, end);
                self.plus(Some(wait), taken)
            }
            _ => taken,
        }
    }

    /// How long after its own start a group needs what it is given.
    pub(super) fn taken_by(&mut self, giver: NodeIndex, taker: NodeIndex, analog: bool) -> Option<Num<Time>> {
        if analog {
            return match self.part(taker) {
                TimePart::Costless => None,
                TimePart::Keeps => self.groups[taker.index()].through,
                TimePart::Lives => self.times[taker.index()].on,
            };
        }
        if !self.holds_words(giver) {
            return None;
        }
        // The bits of a word are applied one after another: it is needed until the last of them is.
        let through = self.groups[taker.index()].through;
        match self.times[taker.index()].period {
            Some(period) => {
                let reads = self.tape.count(period, (self.cycles(taker) - 1) as f64);
                self.plus(through, Some(reads))
            }
            None => through,
        }
    }
}
