//! The chain of stages around a crossbar: counts, domains, and where partial sums meet.

mod checks;
mod input;
mod joins;
mod levels;
mod word;

use std::sync::Arc;

use petgraph::graph::NodeIndex;

use crate::design::lower::{End, Lowering};
use crate::design::partition::shared;
use crate::design::signal::gives;
use crate::design::tile::SerialReads;
use crate::design::{CrossbarUse, Domain, Grid, LayerCircuits, Node, Replication, Role, Signal};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::architecture::Per;
use crate::techlib::{Component, Kind};
use crate::yaml::Located;

/// A stage with its component found.
pub(super) struct Stage {
    pub component: Arc<Component>,
    pub share: Located<u64>,
    pub per: Option<Located<Per>>,
    /// Full scale of an ADC, as a fraction of the largest value that can arrive.
    pub range: Option<f64>,
    /// The level whose units the lines take turns on; none where the array has its own.
    pub level: Option<usize>,
    pub span: Span,
}

/// The layer that a chain is built for.
#[derive(Clone, Copy)]
pub(super) struct ChainLayer<'n> {
    pub index: usize,
    /// Its place among all layers of the network.
    pub step: usize,
    pub name: &'n str,
    pub grid: Grid,
    pub replication: Replication,
    /// Bits of a weight.
    pub weight_bits: u64,
    pub bits_per_device: u32,
    pub serial: SerialReads,
    /// The function of the outputs that a unit of the levels does, and where the file says so.
    pub activation: Option<&'n Located<String>>,
}

/// Where an input is cut into bits that are applied one after another.
struct BitSerial {
    component: Arc<str>,
    span: Span,
    word_bits: u32,
    at_once: u32,
}

/// A chain while it is being built, from what arrives at the layer to what the layer gives.
pub(super) struct Chain<'a, 'l> {
    lowering: &'l mut Lowering<'a>,
    layer: ChainLayer<'l>,
    grid: Grid,
    end: End,
    /// What arrived at the layer.
    arriving: Signal,
    /// The stages that have been built and not been handed on.
    built: Vec<NodeIndex>,
    /// Times that the crossbar is read for one inference: more than 1 for bit-serial inputs.
    cycles: u64,
    /// Columns of cells that hold the bits of one weight and are not joined yet.
    slices: u64,
    /// Bits of the words that are applied at once.
    applied_bits: u32,
    /// What makes the cycles more than 1.
    serial: Option<BitSerial>,
    /// True once the partial sums of the row partitions have met.
    summed: bool,
    /// The last stage: its outputs are what is joined where partial sums meet.
    last: Option<(Arc<Component>, Span)>,
    /// True once something holds the columns' values.
    held: bool,
    /// Of the stage that is being built.
    range: Option<f64>,
    /// Of the stage that is being built: the level around the array that its units stand on.
    on_level: Option<usize>,
}

impl<'a, 'l> Chain<'a, 'l> {
    pub fn new(lowering: &'l mut Lowering<'a>, layer: ChainLayer<'l>, end: End) -> Self {
        let applied_bits = end.signal.bits;
        Self {
            lowering,
            layer,
            grid: layer.grid,
            arriving: end.signal,
            built: Vec::new(),
            end,
            cycles: 1,
            slices: layer.weight_bits.div_ceil(u64::from(layer.bits_per_device)),
            applied_bits,
            serial: None,
            summed: false,
            last: None,
            held: false,
            range: None,
            on_level: None,
        }
    }

    /// The crossbar itself, with the switches at its lines.
    pub fn crossbar(
        &mut self,
        component: &Arc<Component>,
        span: Span,
        usage: CrossbarUse,
        paired: bool,
    ) -> LayerCircuits {
        self.check_domain(component, span);
        self.check_rows_held(component, span);
        // Rows that are not read at once are read one group after another.
        self.cycles = self.cycles.max(self.layer.serial.row_reads);
        let tiles = self.grid.tiles();
        let node = Node {
            role: Role::Crossbar(component.clone(), usage),
            layer: Some(self.layer.index),
            step: Some(self.layer.step),
            units: tiles * self.layer.replication.grids_in_all(),
            operations: self.layer.replication.of_inference(tiles * self.cycles),
            rounds: self.cycles,
            cycles: self.cycles,
            word_bits: self.applied_bits,
            range: None,
            on_level: false,
            level: self.leaf_level(),
            moved: None,
        };
        let index = self.lowering.graph.add_node(node);
        self.lowering.graph.add_edge(self.end.node, index, self.end.signal);
        self.line_switches(component, index);
        let domain = gives(component, self.end.signal.domain);
        self.joined_by(component);
        let bits = if domain == Domain::Word { self.bits_of_array(component) } else { 0 };
        let lanes = self.lanes();
        let paired = paired && domain != Domain::Word;
        let signal = Signal { domain, bits, lanes, paired };
        self.end =
            End { node: index, signal, name: component.name.clone(), span, unfit: None, products: 1, extent: None };
        self.last = None;
        LayerCircuits::begun(index, self.arriving, std::mem::take(&mut self.built))
    }

    fn line_switches(&mut self, crossbar: &Component, index: NodeIndex) {
        let name = crossbar.crossbar.as_ref().and_then(|c| c.line_switch.as_ref());
        let Some(switch) = name.and_then(|name| self.lowering.library.components.get(name)) else { return };
        let node = Node {
            role: Role::LineSwitch(switch.clone()),
            layer: Some(self.layer.index),
            step: Some(self.layer.step),
            units: self.tiles() * (self.grid.tile_rows + self.grid.tile_columns),
            operations: 0,
            rounds: 0,
            cycles: 1,
            word_bits: 0,
            range: None,
            on_level: false,
            level: self.leaf_level(),
            moved: None,
        };
        let node = self.lowering.graph.add_node(node);
        let signal = Signal { domain: Domain::Voltage, bits: 0, lanes: self.grid.rows, paired: false };
        self.lowering.graph.add_edge(node, index, signal);
    }

    /// The chain after the crossbar; none if a stage stands where it computes something else than the layer, which is reported.
    pub fn column(&mut self, stages: &[Stage], circuits: &mut LayerCircuits) -> Option<()> {
        let sum_at = stages.iter().position(|s| self.sums_before(s));
        for (index, stage) in stages.iter().enumerate() {
            let component = stage.component.clone();
            self.check_domain(&component, stage.span);
            self.check_held(stage);
            if !self.check_per(stage) {
                return None;
            }
            if sum_at == Some(index) && component.kind != Kind::Adder {
                self.join(Some(stage));
            }
            self.range = stage.range;
            self.on_level = stage.level;
            match component.kind {
                Kind::Adder => self.adder(stage),
                Kind::ShiftAdd => self.shift_add(stage),
                _ => self.column_stage(stage),
            }
            // An adder without partial sums and a shift-and-add without bits to join are not built.
            for node in self.built.drain(..) {
                circuits.add(node, component.kind);
                if sum_at == Some(index) {
                    circuits.summed_at = Some(node);
                }
            }
        }
        self.join_on_levels(circuits);
        if !self.summed {
            self.join(None);
        }
        self.check_all_joined(None);
        self.check_subtracted();
        Some(())
    }

    /// Partial sums meet at an adder, before a stage that has a unit for each output, or else before the activation.
    fn sums_before(&self, stage: &Stage) -> bool {
        stage.component.kind == Kind::Adder
            || stage.per.is_some_and(|p| p.value == Per::Output)
            || matches!(stage.component.kind, Kind::Neuron | Kind::Activation)
                && stage.per.is_none_or(|p| p.value != Per::Tile)
    }

    fn column_stage(&mut self, stage: &Stage) {
        let component = &stage.component;
        let arriving = self.end.signal;
        let paired = self.pair_after(stage);
        if matches!(component.kind, Kind::Neuron | Kind::Activation) {
            self.check_all_joined(Some(stage));
        }
        let bits = match (component.kind, gives(component, arriving.domain)) {
            (_, Domain::Voltage | Domain::Current | Domain::Pulse) => 0,
            (Kind::Adc, _) => component.bits.unwrap_or(1),
            (Kind::Activation, _) => component.bits.unwrap_or(arriving.bits),
            (_, Domain::Word) => arriving.bits,
        };
        // A unit that takes one line of a pair is there twice.
        let doubled =
            if arriving.paired && !component.differential && component.kind != Kind::Subtractor { 2 } else { 1 };
        let counts = self.counts(stage, doubled);
        let signal = Signal { domain: gives(component, arriving.domain), bits, lanes: self.lanes(), paired };
        let word_bits = if component.kind == Kind::Activation { bits } else { arriving.bits.max(bits) };
        self.held |= component.kind == Kind::SampleHold || signal.domain == Domain::Word;
        let unfit = self.unfit_after(stage, signal.domain, counts.2 / self.cycles);
        self.push(&component.clone(), stage.span, counts, word_bits, signal);
        self.joined_by(component);
        self.end.signal.lanes = self.lanes();
        self.end.unfit = unfit;
    }

    /// Units, operations and rounds of a stage after the crossbar; `doubled` is 2 where each line of a pair has a unit of its own.
    fn counts(&mut self, stage: &Stage, doubled: u64) -> (u64, u64, u64) {
        let usual = if self.summed { Per::Output } else { Per::Tile };
        if self.per(stage, usual, &[Per::Tile, Per::Output]) == Per::Tile && self.summed {
            let message =
                format!("`{}` cannot be on every tile: the partial sums have met before", stage.component.name);
            let span = stage.per.map_or(stage.span, |p| p.span);
            self.lowering.report(Diagnostic::error(message).at(span, "expected output"));
        }
        let each = self.slices * doubled;
        let operations = self.lanes() * doubled * self.cycles;
        if let Some(units) = self.level_units(stage) {
            return self.turns_on_level(units, operations);
        }
        if self.summed {
            let lines = self.grid.outputs * each;
            self.note_share(stage, lines, "outputs");
            let (units, turns) = shared(lines, stage.share.value);
            return (units, operations, turns * self.cycles);
        }
        self.note_share(stage, self.grid.tile_columns * doubled, "columns");
        let (units, turns) = self.grid.shared_outputs(each, stage.share.value);
        (units * self.grid.row_partitions, operations, turns * self.cycles)
    }

    /// The level of the machine that the arrays are on.
    fn leaf_level(&self) -> Option<usize> {
        self.lowering.leaf.map(|leaf| leaf.level)
    }

    /// Tiles of all copies of the layer's matrices.
    fn tiles(&self) -> u64 {
        self.grid.tiles() * self.layer.replication.grids_in_all()
    }

    /// Lines side by side at this point.
    fn lanes(&self) -> u64 {
        let partitions = if self.summed { 1 } else { self.grid.row_partitions };
        self.grid.outputs * self.slices * partitions
    }

    fn push(
        &mut self,
        component: &Arc<Component>,
        span: Span,
        (units, operations, rounds): (u64, u64, u64),
        word_bits: u32,
        signal: Signal,
    ) {
        let cycles = self.cycles;
        self.push_in_cycles(component, span, (units, operations, rounds, cycles), word_bits, signal);
    }

    fn push_in_cycles(
        &mut self,
        component: &Arc<Component>,
        span: Span,
        (units, operations, rounds, cycles): (u64, u64, u64, u64),
        word_bits: u32,
        signal: Signal,
    ) {
        let role = Role::Stage(component.clone());
        // On levels units are those of all copies already.
        let grids = if self.on_level.is_some() { 1 } else { self.layer.replication.grids_in_all() };
        let node = Node {
            role,
            layer: Some(self.layer.index),
            step: Some(self.layer.step),
            units: units * grids,
            operations: self.layer.replication.of_inference(operations),
            rounds,
            cycles,
            word_bits,
            range: self.range.take(),
            on_level: self.on_level.is_some(),
            level: self.on_level.take().or(self.leaf_level()),
            moved: None,
        };
        let index = self.lowering.graph.add_node(node);
        self.lowering.graph.add_edge(self.end.node, index, self.end.signal);
        self.end =
            End { node: index, signal, name: component.name.clone(), span, unfit: None, products: 1, extent: None };
        self.last = Some((component.clone(), span));
        self.built.push(index);
    }

    pub fn finish(self) -> End {
        self.end
    }
}

fn log2_ceil(n: u64) -> u32 {
    n.next_power_of_two().trailing_zeros()
}
