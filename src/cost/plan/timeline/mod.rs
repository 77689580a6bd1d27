//! When each group works, and until when its output is needed, as numbers on the tape.
//!
//! Every group starts when all that feeds it has finished. Bit-serial reads follow one another after the time of their slowest segment: what
//! stands between two circuits that hold a value (a sample-and-hold or a register ends a segment, a shift-and-add begins one) works on one
//! read while the next segment works on the read before.

mod hold;
mod interval;
mod products;
mod stream;

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::graph::NodeIndex;

use super::group::GroupNumbers;
use super::tape::{Num, Tape};
use crate::design::{Design, Node, Role};
use crate::techlib::Kind;
use crate::units::Time;

/// The times of a group. `None` is no time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    /// When its first operation begins.
    pub start: Option<Num<Time>>,
    /// When the last operation of its first read ends.
    pub first_end: Option<Num<Time>>,
    /// When its last operation of the first product of its layer ends.
    pub product_end: Option<Num<Time>>,
    /// When its last operation ends, if what it needs is there in time.
    pub own_end: Option<Num<Time>>,
    /// When its last operation ends.
    pub end: Option<Num<Time>>,
    /// How long its output is needed after that.
    pub hold: Option<Num<Time>>,
    /// How long it is at work in one read, its hold included: over all reads where it keeps a value from read to read.
    pub on: Option<Num<Time>>,
    /// How often it is on for that long in one product.
    pub times_on: u32,
    /// Bit-serial reads that it takes part in.
    pub cycles: u32,
    /// Time from one bit-serial read to the next, where there are several.
    pub period: Option<Num<Time>>,
    /// Time from one product to the next, and how many follow one another, where there are several.
    pub products: Option<(Num<Time>, u64)>,
}

/// The times of a design.
pub(super) struct Timeline {
    /// Of each group, by its node.
    pub groups: Vec<Times>,
    /// From input to output.
    pub latency: Num<Time>,
    /// The shortest time from one inference to the next.
    pub interval: Num<Time>,
}

/// Writes the times of a design down. `order` is a topological order of its graph.
pub(super) fn timeline(tape: &mut Tape, design: &Design, groups: &[GroupNumbers], order: &[NodeIndex]) -> Timeline {
    let times = vec![Times::default(); groups.len()];
    let turned = design.layers.iter().map(|layer| layer.replication.turns() > 1).collect();
    let streams = vec![Stream::default(); design.network.len()];
    let mut clock =
        Clock { tape, design, groups, times, turned, segments: vec![None; groups.len()], streams, room: Vec::new() };
    for &node in order.iter().rev() {
        clock.hold_within_read(node);
    }
    clock.periods(order);
    let between = clock.between_products(order);
    for &node in order {
        clock.start_and_end(node, &between);
    }
    for &node in order.iter().rev() {
        if !clock.is_turned(&design.graph[node]) {
            clock.hold(node);
        }
    }
    let ends: Vec<Num<Time>> = clock.times.iter().filter_map(|t| t.end).collect();
    let latency = clock.tape.largest(&ends);
    let interval = match design.is_pipelined() {
        false => latency,
        // Whatever layers share, an inference may begin when the one before it has ended.
        true if design.machine.is_some() => {
            let shared = clock.interval(order);
            clock.tape.min(shared, latency)
        }
        true => clock.interval(order),
    };
    Timeline { groups: clock.times, latency, interval }
}

struct Clock<'a> {
    tape: &'a mut Tape,
    design: &'a Design,
    groups: &'a [GroupNumbers],
    times: Vec<Times>,
    /// Which layers have products that follow one another.
    turned: Vec<bool>,
    /// Room for the segments that end in each group.
    segments: Vec<Option<Num<Time>>>,
    /// Of each layer of the network.
    streams: Vec<Stream>,
    /// Room for times that are compared, used again from group to group.
    room: Vec<Num<Time>>,
}

/// A layer whose rows come one after another.
#[derive(Clone, Copy, Default)]
struct Stream {
    /// When it begins.
    start: Option<Num<Time>>,
    /// When the last row of what it needs is there.
    fed: Option<Num<Time>>,
}

/// What a group does with time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TimePart {
    /// A place without time: where signals come from, meet or go to, and switches.
    Costless,
    /// It takes a value and keeps it: what gave it is free when its operation is done.
    Keeps,
    /// It lives on its input as long as its own output is needed.
    Lives,
}

impl Clock<'_> {
    fn kind(&self, node: NodeIndex) -> Option<Kind> {
        match &self.design.graph[node].role {
            Role::Stage(component) | Role::Crossbar(component, _) => Some(component.kind),
            Role::Source | Role::Sink | Role::LineSwitch(_) | Role::Writing(..) | Role::Standing(..) => None,
        }
    }

    fn part(&self, node: NodeIndex) -> TimePart {
        match self.kind(node) {
            None => TimePart::Costless,
            Some(Kind::SampleHold | Kind::Adc) => TimePart::Keeps,
            Some(_) => TimePart::Lives,
        }
    }

    /// True for a group that holds a digital word until others have taken it.
    fn holds_words(&self, node: NodeIndex) -> bool {
        matches!(self.kind(node), Some(Kind::Register | Kind::ShiftAdd))
    }

    fn cycles(&self, node: NodeIndex) -> u64 {
        self.design.graph[node].cycles
    }

    /// True if both work on the same bit-serial reads.
    fn same_reads(&self, a: NodeIndex, b: NodeIndex) -> bool {
        let (a, b) = (&self.design.graph[a], &self.design.graph[b]);
        a.cycles > 1 && a.cycles == b.cycles && a.layer == b.layer
    }

    /// A shift-and-add keeps its sum from read to read.
    fn keeps_between_reads(&self, node: NodeIndex) -> bool {
        self.kind(node) == Some(Kind::ShiftAdd)
    }

    fn plus(&mut self, a: Option<Num<Time>>, b: Option<Num<Time>>) -> Option<Num<Time>> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.tape.add(a, b)),
            (one, None) | (None, one) => one,
        }
    }

    fn most(&mut self, times: &[Num<Time>]) -> Option<Num<Time>> {
        (!times.is_empty()).then(|| self.tape.largest(times))
    }

    /// True if both work for the same products one after another.
    fn same_products(&self, a: NodeIndex, b: NodeIndex) -> bool {
        let (a, b) = (&self.design.graph[a], &self.design.graph[b]);
        a.layer == b.layer && self.is_turned(a)
    }

    /// True if a group works for products that follow one another.
    fn is_turned(&self, group: &Node) -> bool {
        group.layer.is_some_and(|layer| self.turned[layer]) && !is_before_products(group)
    }

    /// True if what one gives is kept until the other takes it: in a memory between layers whose products follow one another, or which have none.
    fn is_kept(&self, a: NodeIndex, b: NodeIndex) -> bool {
        let (giver, taker) = (&self.design.graph[a], &self.design.graph[b]);
        // Where layers meet, it is kept for what takes them together.
        if matches!(taker.role, Role::Source) {
            return self.design.graph.neighbors_directed(b, Outgoing).any(|next| self.is_kept(a, next));
        }
        let of_values = |group: &Node| group.layer.is_none() && group.step.is_some();
        giver.step != taker.step && [giver, taker].into_iter().any(|group| self.is_turned(group) || of_values(group))
    }

    /// When the last read of a group ends whose first ends then.
    fn after_reads(&mut self, node: NodeIndex, first_end: Option<Num<Time>>) -> Option<Num<Time>> {
        match (first_end, self.times[node.index()].period) {
            (Some(end), Some(period)) => {
                let later = self.tape.count(period, (self.cycles(node) - 1) as f64);
                Some(self.tape.add(end, later))
            }
            (end, _) => end,
        }
    }

    fn start_and_end(&mut self, node: NodeIndex, between: &[Option<Num<Time>>]) {
        let mut before = std::mem::take(&mut self.room);
        before.clear();
        for feeder in self.design.graph.neighbors_directed(node, Incoming) {
            if self.streams_from(feeder, node) {
                before.extend(self.first_rows(feeder, node));
                continue;
            }
            let times = &self.times[feeder.index()];
            before.extend(match (self.same_reads(feeder, node), self.same_products(feeder, node)) {
                (true, _) => times.first_end,
                (false, true) => times.product_end,
                (false, false) if self.is_streamed_within(feeder, node) => times.own_end,
                (false, false) => times.end,
            });
        }
        let start = self.most(&before);
        self.room = before;
        let first_end = self.plus(start, self.groups[node.index()].through);
        let product_end = self.after_reads(node, first_end);
        let group = &self.design.graph[node];
        let between = group.layer.filter(|_| self.is_turned(group)).and_then(|layer| between[layer]);
        let products = between.map(|time| (time, self.design.turns(group)));
        let own_end = match (product_end, products) {
            (Some(end), Some((between, turns))) => {
                let later = self.tape.count(between, (turns - 1) as f64);
                Some(self.tape.add(end, later))
            }
            (end, _) => end,
        };
        let end = self.end_of_stream(node, start, own_end);
        let times = &mut self.times[node.index()];
        (times.start, times.first_end, times.product_end) = (start, first_end, product_end);
        (times.own_end, times.end, times.products) = (own_end, end, products);
    }
}

/// True for what is done once, before the first product of a layer.
fn is_before_products(group: &Node) -> bool {
    matches!(group.role, Role::Writing(..)) || group.moved.is_some_and(|moved| moved.once)
}

impl Tape {
    /// The largest of some times, those that are the same register once; nothing is no time.
    fn largest(&mut self, times: &[Num<Time>]) -> Num<Time> {
        let Some(first) = times.first() else { return self.zero() };
        if times.iter().all(|t| t.register() == first.register()) {
            return *first;
        }
        self.max(times)
    }
}
