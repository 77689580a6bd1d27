//! Layers that begin with the first rows that they need.

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::graph::NodeIndex;

use super::{Clock, Stream, is_before_products};
use crate::cost::plan::tape::Num;
use crate::design::Pipelining;
use crate::units::Time;

impl Clock<'_> {
    /// True if a layer begins with the first rows that another gives.
    pub(super) fn streams_from(&self, giver: NodeIndex, taker: NodeIndex) -> bool {
        let (giver, taker) = (&self.design.graph[giver], &self.design.graph[taker]);
        let streams = self.design.pipelining == Pipelining::Rows && !is_before_products(taker);
        streams && taker.step.is_some() && taker.step != giver.step
    }

    /// True if both work on the rows of one layer that streams: what the layer waits for is counted once, at its end.
    pub(super) fn is_streamed_within(&self, giver: NodeIndex, taker: NodeIndex) -> bool {
        let (giver, taker) = (&self.design.graph[giver], &self.design.graph[taker]);
        self.design.pipelining == Pipelining::Rows && taker.step.is_some() && taker.step == giver.step
    }

    /// The circuits that give something, seen through joints.
    pub(super) fn givers(&self, node: NodeIndex) -> Vec<NodeIndex> {
        if self.design.graph[node].step.is_some() {
            return vec![node];
        }
        let before = self.design.graph.neighbors_directed(node, Incoming);
        before.flat_map(|node| self.givers(node)).collect()
    }

    /// When the rows are there that a layer begins with; notes when the last of them is.
    pub(super) fn first_rows(&mut self, feeder: NodeIndex, node: NodeIndex) -> Vec<Num<Time>> {
        let design = self.design;
        let Some(step) = design.graph[node].step else { return Vec::new() };
        let mut starts = Vec::new();
        let mut ends: Vec<Num<Time>> = self.streams[step].fed.into_iter().collect();
        for giver in self.givers(feeder) {
            let times = self.times[giver.index()];
            ends.extend(times.end);
            let before = design.graph[giver].step.unwrap_or(step);
            let rows = design.network[before].output.rows();
            let needed = design.network[step].first_rows.unwrap_or(rows);
            starts.extend(match (times.own_end, times.end) {
                (Some(own_end), Some(end)) if needed < rows => {
                    Some(self.row_of(self.streams[before].start, own_end, end, (needed, rows)))
                }
                (_, end) => end,
            });
        }
        self.streams[step].fed = self.most(&ends);
        starts
    }

    /// When so many of its rows are there of a layer that streams: the first after its own time for one, the last at its end, the others evenly
    /// between them, also where it waits for them itself.
    pub(super) fn row_of(
        &mut self,
        start: Option<Num<Time>>,
        own_end: Num<Time>,
        end: Num<Time>,
        (row, rows): (u64, u64),
    ) -> Num<Time> {
        let own = match start {
            Some(start) => self.tape.sub(own_end, start),
            None => own_end,
        };
        let one = self.tape.count(own, 1.0 / rows as f64);
        let first = self.plus(start, Some(one)).unwrap_or(one);
        if row <= 1 {
            return first;
        }
        let others = self.tape.sub(end, first);
        let part = self.tape.count(others, (row - 1) as f64 / (rows - 1) as f64);
        self.tape.add(first, part)
    }

    /// A streamed layer ends no sooner than its last row after the last row that it needs.
    pub(super) fn end_of_stream(
        &mut self,
        node: NodeIndex,
        start: Option<Num<Time>>,
        own_end: Option<Num<Time>>,
    ) -> Option<Num<Time>> {
        let Some(step) = self.design.graph[node].step.filter(|_| self.design.pipelining == Pipelining::Rows) else {
            return own_end;
        };
        let is_first = !is_before_products(&self.design.graph[node])
            && self.design.graph.neighbors_directed(node, Incoming).all(|from| self.streams_from(from, node));
        if is_first && self.streams[step].start.is_none() {
            self.streams[step].start = start;
        }
        // What works for the layer inside waits for nothing by itself.
        let design = self.design;
        let within = |to: NodeIndex| design.graph[to].step == Some(step);
        let mut takers = design.graph.neighbors_directed(node, Outgoing).peekable();
        if takers.peek().is_some() && takers.all(within) {
            return own_end;
        }
        let Stream { start, fed } = self.streams[step];
        let (Some(fed), Some(own_end)) = (fed, own_end) else { return own_end };
        let long = match start {
            Some(start) => self.tape.sub(own_end, start),
            None => own_end,
        };
        let row = self.tape.count(long, 1.0 / self.design.network[step].output.rows() as f64);
        let last = self.tape.add(fed, row);
        Some(self.tape.max(&[own_end, last]))
    }
}
