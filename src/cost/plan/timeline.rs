//! When each group works, and until when its output is needed, as numbers on the tape.
//!
//! Every group starts when all that feeds it has finished. Bit-serial reads follow one another after the time of their slowest segment: what
//! stands between two circuits that hold a value (a sample-and-hold or a register ends a segment, a shift-and-add begins one) works on one
//! read while the next segment works on the read before.

use std::collections::BTreeMap;

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::group::GroupNumbers;
use super::tape::{Num, Tape};
use crate::design::{Design, Node, Pipelining, Role};
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

    /// How long an analog group that takes part in bit-serial reads must hold its output within a read.
    fn hold_within_read(&mut self, node: NodeIndex) {
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
    fn periods(&mut self, order: &[NodeIndex]) {
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

    /// The time from one product to the next in each layer that has several, by the layer.
    fn between_products(&mut self, order: &[NodeIndex]) -> Vec<Option<Num<Time>>> {
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
    fn whole_product(&mut self, members: &[NodeIndex]) -> Option<Num<Time>> {
        let mut ends: Vec<(NodeIndex, Option<Num<Time>>, Option<Num<Time>>)> = Vec::new();
        for &node in members {
            let mut before: Vec<Num<Time>> = Vec::new();
            for feeder in self.design.graph.neighbors_directed(node, Incoming) {
                let Some((_, first, end)) = ends.iter().find(|(of, ..)| *of == feeder) else { continue };
                before.extend(if self.same_reads(feeder, node) { *first } else { *end });
            }
            let start = self.most(&before);
            let first = self.plus(start, self.groups[node.index()].through);
            let end = self.after_reads(node, first);
            ends.push((node, first, end));
        }
        let ends: Vec<Num<Time>> = ends.into_iter().filter_map(|(.., end)| end).collect();
        self.most(&ends)
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

    /// True if a layer begins with the first rows that another gives.
    fn streams_from(&self, giver: NodeIndex, taker: NodeIndex) -> bool {
        let (giver, taker) = (&self.design.graph[giver], &self.design.graph[taker]);
        let streams = self.design.pipelining == Pipelining::Rows && !is_before_products(taker);
        streams && taker.step.is_some() && taker.step != giver.step
    }

    /// True if both work on the rows of one layer that streams: what the layer waits for is counted once, at its end.
    fn is_streamed_within(&self, giver: NodeIndex, taker: NodeIndex) -> bool {
        let (giver, taker) = (&self.design.graph[giver], &self.design.graph[taker]);
        self.design.pipelining == Pipelining::Rows && taker.step.is_some() && taker.step == giver.step
    }

    /// The circuits that give something, seen through joints.
    fn givers(&self, node: NodeIndex) -> Vec<NodeIndex> {
        if self.design.graph[node].step.is_some() {
            return vec![node];
        }
        let before = self.design.graph.neighbors_directed(node, Incoming);
        before.flat_map(|node| self.givers(node)).collect()
    }

    /// When the rows are there that a layer begins with; notes when the last of them is.
    fn first_rows(&mut self, feeder: NodeIndex, node: NodeIndex) -> Vec<Num<Time>> {
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
    fn row_of(
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
    fn end_of_stream(
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

    /// How long the output of a group is needed, and with it how long the group is at work.
    fn hold(&mut self, node: NodeIndex) {
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
    fn needed(&mut self, giver: NodeIndex, taker: NodeIndex, analog: bool) -> Option<Num<Time>> {
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
    fn taken_by(&mut self, giver: NodeIndex, taker: NodeIndex, analog: bool) -> Option<Num<Time>> {
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

    /// The longest time for which inferences cannot follow one another: a segment that no held value interrupts, or a group at work.
    fn interval(&mut self, order: &[NodeIndex]) -> Num<Time> {
        if self.design.passes.len() > 1 {
            return self.interval_of_passes(order);
        }
        let mut candidates = self.candidates(order);
        candidates.extend(self.shared(order));
        self.tape.largest(&candidates)
    }

    /// For how long units that stand on a level are at work for all layers of an inference together, where all of them share the work evenly.
    fn shared(&mut self, order: &[NodeIndex]) -> Vec<Num<Time>> {
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
    fn interval_of_passes(&mut self, order: &[NodeIndex]) -> Num<Time> {
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
    fn candidates(&mut self, order: &[NodeIndex]) -> Vec<Num<Time>> {
        // Of a layer whose products follow one another the time between them is known, whatever decides it.
        let design = self.design;
        let others: Vec<NodeIndex> =
            order.iter().copied().filter(|node| !self.is_turned(&design.graph[*node])).collect();
        let mut candidates = self.segments(&others);
        for &node in order {
            let is_crossbar = matches!(design.graph[node].role, Role::Crossbar(..));
            if let Some((between, turns)) = self.times[node.index()].products.filter(|_| is_crossbar) {
                candidates.push(self.tape.count(between, turns as f64));
            }
        }
        candidates
    }

    /// The times for which products of these groups cannot follow one another: segments that no held value interrupts, and groups
    /// at work. Of several groups those that come first in `order` feed those that come later.
    fn segments(&mut self, order: &[NodeIndex]) -> Vec<Num<Time>> {
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
