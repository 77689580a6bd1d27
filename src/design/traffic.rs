//! Words that move between the levels of a machine, and the memories, buses, routers and links that move them.
//!
//! Arrays keep their weights; inputs go from the outermost memory to them, outputs back. Of a layer of N products with G matrices of K x M:
//!
//! - a memory gives each of its level's instances the K G inputs of every product that arrays in it need, once for all arrays in it: N K G s
//!   words, s instances needing the same word;
//! - it takes them once, V s of the V values of the layer's input, where it has room for the rows that a window covers, else as often as it gives them;
//! - what is outside gives them once for all instances inside that need the same;
//! - outputs are taken as often as their partial sums lie in different instances, and given on; the outermost memory keeps them;
//! - a bus moves what its level's memory gives to and takes from what is inside; a router the outputs to the next layer, and partial sums that meet in
//!   another instance; a link what enters and leaves the network.
//!
//! The arrays of a copy lie next to each other, row partition after row partition.

use std::sync::Arc;

use super::lower::{End, Extent, Lowering};
use super::machine::LevelUnits;
use super::values::units_in;
use super::{Grid, Machine, Node, Replication, Role};
use crate::techlib::{Component, Kind};
use crate::workload::Shape;

/// What a group moves in one inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// Words between layers.
    pub words: u64,
    /// Bits of each.
    pub bits: u32,
    /// True if they move before all products, not in each turn of them.
    pub once: bool,
    /// Inferences for which they move once.
    pub inferences: u64,
    /// Operations of the group that write.
    pub writes: u64,
}

/// A layer whose words are moved.
pub(super) struct MovedLayer {
    /// Its place among the layers on arrays; none for one without.
    pub layer: Option<usize>,
    pub step: usize,
    pub extent: Option<Extent>,
    pub replication: Option<(Grid, Replication)>,
    /// Shapes that arrive, and how many words of each come from outside the network.
    pub inputs: Vec<(Shape, u64)>,
    pub output: Shape,
    /// True if its output leaves the network.
    pub leaves: bool,
    /// Rows of its input that the first row of its output needs.
    pub first_rows: Option<u64>,
}

/// Words of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct LevelWords {
    /// Inputs that its memory gives.
    given: u64,
    /// Inputs that it takes.
    filled: u64,
    /// Outputs that it takes.
    taken: u64,
    /// Outputs that it gives on.
    passed: u64,
    /// On its bus.
    bus: u64,
    /// Between its instances.
    routed: u64,
    /// Into the network and out of it.
    linked: u64,
}

/// What of a level moves words.
struct WordMover {
    component: Arc<Component>,
    units: u64,
    level: usize,
    span: crate::diagnostic::Span,
    words: u64,
    writes: u64,
}

impl MovedLayer {
    fn values_in(&self) -> u64 {
        self.inputs.iter().map(|(shape, _)| shape.values()).fold(0, u64::saturating_add)
    }

    fn enters(&self) -> u64 {
        self.inputs.iter().map(|(_, enters)| *enters).fold(0, u64::saturating_add)
    }

    /// Words that arrays ask for, each once for all that need it: of a layer without arrays its inputs.
    fn asked(&self) -> u64 {
        let of_products = |(_, r): &(Grid, Replication)| {
            r.matrices.products.saturating_mul(r.matrices.inputs).saturating_mul(r.matrices.groups)
        };
        self.replication.as_ref().map_or_else(|| self.values_in(), of_products)
    }

    /// Instances of so many arrays that need the same word, and among which the partial sums of an output lie.
    fn spread(&self, arrays: u64) -> (u64, u64) {
        let Some((grid, replication)) = &self.replication else { return (1, 1) };
        let (rows, columns) = (grid.row_partitions, grid.column_partitions);
        if arrays >= grid.tiles() * replication.grids {
            return (1, 1);
        }
        if arrays >= columns { (1, rows.div_ceil(arrays / columns)) } else { (columns.div_ceil(arrays), rows) }
    }

    /// Bits that a memory must have so that each input is written into it once: the rows that a window covers.
    fn bits_of_window(&self, bits: u32) -> u64 {
        let row = |shape: &Shape| shape.values() / shape.rows().max(1);
        let rows = |shape: &Shape| self.first_rows.unwrap_or_else(|| shape.rows()).min(shape.rows());
        let words = self.inputs.iter().map(|(shape, _)| row(shape).saturating_mul(rows(shape)));
        words.fold(0, u64::saturating_add).saturating_mul(u64::from(bits))
    }
}

/// The words of a layer on each level around its arrays, the innermost first.
fn words(machine: &Machine, layer: &MovedLayer, levels: &[usize], bits: u32) -> Vec<LevelWords> {
    let outputs = layer.output.values();
    let arrays = |level: usize| layer.extent.map_or(1, |extent| machine.instances_in(extent.leaf, level));
    let spread: Vec<(u64, u64)> = levels.iter().map(|level| layer.spread(arrays(*level))).collect();
    // Words that are asked for from inside, once for each instance of the level before that needs them.
    let mut asked = layer.asked();
    let mut found = vec![LevelWords::default(); levels.len()];
    let memories: Vec<bool> = levels.iter().map(|level| machine.memory(*level, true).is_some()).collect();
    let outermost_memory = memories.iter().rposition(|has| *has);
    for (place, &level) in levels.iter().enumerate() {
        let (needing, parts) = spread[place];
        let of_level = &mut found[place];
        let given = asked.saturating_mul(needing);
        of_level.bus =
            given.saturating_add(outputs.saturating_mul(place.checked_sub(1).map_or(parts, |p| spread[p].1)));
        of_level.routed = outputs.saturating_mul(parts);
        if let Some((memory, _)) = machine.memory(level, true) {
            of_level.given = given;
            let room = memory.component.storage.and_then(|storage| storage.capacity_bits).unwrap_or(0);
            let once = if layer.bits_of_window(bits) <= room { layer.values_in() } else { asked };
            let fill = once.min(asked);
            if outermost_memory == Some(place) {
                // The layer before has written its outputs there.
                of_level.filled = layer.enters();
            } else {
                of_level.filled = fill.saturating_mul(needing);
            }
            asked = fill;
        }
        if machine.memory(level, false).is_some() {
            of_level.taken = outputs.saturating_mul(parts);
            if outermost_memory != Some(place) {
                of_level.passed = of_level.taken;
            }
        }
        let leaves = if layer.leaves { outputs } else { 0 };
        of_level.linked = layer.enters().saturating_add(leaves);
    }
    found
}

impl Machine {
    /// The memory of a level that holds inputs of layers, or their outputs: of several the largest.
    fn memory(&self, level: usize, inputs: bool) -> Option<(&LevelUnits, f64)> {
        let capacity = |units: &LevelUnits| units.component.storage.and_then(|s| s.capacity_bits).unwrap_or(0);
        let holds = |units: &&LevelUnits| if inputs { units.holds.inputs } else { units.holds.outputs };
        let all = self.units.iter().filter(|units| units.level == level && units.component.kind == Kind::Memory);
        let largest = all
            .filter(holds)
            .max_by(|a, b| capacity(a).cmp(&capacity(b)).then_with(|| b.component.name.cmp(&a.component.name)))?;
        self.unit_of(level, |c| c.name == largest.component.name)
    }

    fn movers(&self, level: usize, instances: u64, words: &LevelWords) -> Vec<WordMover> {
        let mut movers: Vec<WordMover> = Vec::new();
        let mut add = |(units, each): (&LevelUnits, f64), words: u64, writes: u64| {
            if words == 0 {
                return;
            }
            if let Some(known) = movers.iter_mut().find(|mover| mover.component.name == units.component.name) {
                (known.words, known.writes) = (known.words + words, known.writes + writes);
                return;
            }
            let there = units_in(each, instances);
            let component = units.component.clone();
            movers.push(WordMover { component, units: there, level, span: units.span, words, writes });
        };
        // Inputs and outputs may lie in different memories.
        if let Some(memory) = self.memory(level, true) {
            add(memory, words.given.saturating_add(words.filled), words.filled);
        }
        if let Some(memory) = self.memory(level, false) {
            add(memory, words.taken.saturating_add(words.passed), words.taken);
        }
        for (kind, count) in [(Kind::Bus, words.bus), (Kind::Router, words.routed), (Kind::Link, words.linked)] {
            if let Some(units) = self.unit_of(level, |c| c.kind == kind) {
                add(units, count, 0);
            }
        }
        movers
    }
}

impl Lowering<'_> {
    /// The groups that move the words of a layer, before its first circuit; what moves them must have done so.
    pub(super) fn move_words(&mut self, mut end: End, layer: &MovedLayer) -> End {
        let Some(machine) = &self.machine else { return end };
        let Some(leaf) = layer.extent.map(|extent| extent.leaf).or(machine.leaves.first().map(|leaf| leaf.level))
        else {
            return end;
        };
        let levels: Vec<usize> = machine.enclosing(leaf).collect();
        let bits = end.signal.bits.max(1);
        let words = words(machine, layer, &levels, bits);
        let mut movers = Vec::new();
        for (level, words) in levels.iter().zip(&words).rev() {
            let extents: Vec<Extent> = layer.extent.into_iter().collect();
            movers.extend(machine.movers(*level, machine.instances_of(*level, &extents), words));
        }
        for mover in movers {
            end = self.push_mover(end, layer, mover, bits);
        }
        end
    }

    fn push_mover(&mut self, end: End, layer: &MovedLayer, mover: WordMover, bits: u32) -> End {
        let width = mover.component.storage.map_or(u64::from(bits), |storage| storage.width_bits).max(1);
        let in_words = |words: u64| {
            u64::try_from((u128::from(words) * u128::from(bits)).div_ceil(u128::from(width))).unwrap_or(u64::MAX)
        };
        let operations = in_words(mover.words);
        let (copies, products) = layer.replication.as_ref().map_or((1, 1), |(_, r)| (r.copies, r.matrices.products));
        let of_turn = u128::from(operations) * u128::from(copies);
        let of_turn = u64::try_from(of_turn.div_ceil(u128::from(products))).unwrap_or(u64::MAX).min(operations);
        let node = Node {
            role: Role::Stage(mover.component.clone()),
            layer: layer.layer,
            step: Some(layer.step),
            units: mover.units,
            operations,
            rounds: of_turn.div_ceil(mover.units),
            cycles: 1,
            word_bits: bits,
            range: None,
            on_level: true,
            level: Some(mover.level),
            moved: Some(Moved {
                words: mover.words,
                bits,
                once: false,
                inferences: 1,
                writes: in_words(mover.writes).min(operations),
            }),
        };
        let index = self.graph.add_node(node);
        self.graph.add_edge(end.node, index, end.signal);
        End { node: index, name: mover.component.name.clone(), span: mover.span, ..end }
    }
}
