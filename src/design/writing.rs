//! Cells that are written: matrices that are values of an inference, and weights that do not all fit into the arrays.

use std::collections::BTreeMap;
use std::sync::Arc;

use petgraph::graph::NodeIndex;

use super::layer::TileChoice;
use super::lower::{End, Lowering};
use super::mapping::Demand;
use super::values::units_in;
use super::{Domain, Grid, Node, Replication, Role, Signal};
use crate::diagnostic::{Diagnostic, Span};
use crate::techlib::{Component, Kind};

/// Cells that are written into the arrays of a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellWrites {
    /// Cells, in one inference on average.
    pub cells: f64,
    /// Rows that are written one after another, in one inference on average; arrays are written at the same time.
    pub rows: f64,
}

/// Weights that are written in passes.
#[derive(Debug, Default)]
pub(super) struct Reload {
    /// Inferences between two writes.
    pub batch: u64,
    /// The pass of each layer, by its step.
    pub pass_of: BTreeMap<usize, usize>,
    /// The pass that is being lowered.
    current: usize,
    /// Where all layers of the pass before have ended.
    barrier: Option<NodeIndex>,
    /// What loads the weights of the layer before in this pass: layers share the link.
    loading: Option<NodeIndex>,
    /// The last circuits of the layers of this pass.
    ends: Vec<NodeIndex>,
}

impl Reload {
    /// Deals layers out over passes: each takes layers in their order until the arrays of one level are full. `wholes` are there of each level, with
    /// so many arrays.
    pub fn of(batch: u64, demands: &[Demand], wholes: &BTreeMap<usize, (u64, u64)>) -> Self {
        let mut reload = Self { batch, ..Self::default() };
        let (mut pass, mut used) = (0, BTreeMap::<usize, u64>::new());
        for demand in demands.iter().filter(|demand| !demand.dynamic) {
            let Some((there, arrays)) = wholes.get(&demand.leaf) else { continue };
            let needed = (demand.arrays * demand.stated.unwrap_or(1)).div_ceil(*arrays);
            let of_leaf = used.entry(demand.leaf).or_default();
            if *of_leaf + needed > *there && *of_leaf > 0 {
                pass += 1;
                used.clear();
            }
            *used.entry(demand.leaf).or_default() += needed;
            reload.pass_of.insert(demand.step, pass);
        }
        reload
    }

    /// Passes of one inference.
    pub fn passes(&self) -> usize {
        self.pass_of.values().max().map_or(0, |last| last + 1)
    }
}

/// Bits of the weights of a layer.
fn weight_bits(replication: &Replication, bits: u64) -> u64 {
    let m = &replication.matrices;
    m.groups.saturating_mul(m.inputs).saturating_mul(m.outputs).saturating_mul(bits)
}

impl Lowering<'_> {
    /// The cells of a layer that are written before its first product, as groups that come before its crossbar; `from` is what must be there before.
    /// None if what it costs is not stated, which is reported.
    pub(super) fn write_cells(
        &mut self,
        (index, step): (usize, usize),
        (grid, replication): (&Grid, &Replication),
        tile: &TileChoice,
        bits: u64,
        from: &End,
    ) -> Option<Vec<NodeIndex>> {
        if replication.matrices.dynamic {
            let writes = of_values(grid, replication);
            let free = self.cost_of_writing(&tile.component, tile.crossbar_span, false)?;
            if free {
                self.assume_free(&tile.component);
            }
            let node = self.push_writing((index, step), tile, writes, (grid, replication));
            self.graph.add_edge(from.node, node, from.signal);
            return Some(vec![node]);
        }
        let Some(reload) = &self.reload else { return Some(Vec::new()) };
        let batch = reload.batch as f64;
        let (pass, current) = (reload.pass_of.get(&step).copied().unwrap_or_default(), reload.current);
        self.cost_of_writing(&tile.component, tile.crossbar_span, true)?;
        if pass != current {
            self.next_pass(pass);
        }
        let all = of_weights(grid, replication);
        let writes = CellWrites { cells: all.cells / batch, rows: all.rows / batch };
        let node = self.push_writing((index, step), tile, writes, (grid, replication));
        let barrier = self.reload.as_ref().and_then(|reload| reload.barrier);
        if let Some(barrier) = barrier {
            self.graph.add_edge(barrier, node, cells_signal(grid));
        }
        let link = self.load_over_link((index, step), weight_bits(replication, bits), barrier, grid);
        Some(std::iter::once(node).chain(link).collect())
    }

    /// What has been written is there when a crossbar is read.
    pub(super) fn written_before(&mut self, writes: &[NodeIndex], crossbar: NodeIndex, grid: &Grid) {
        for write in writes {
            self.graph.add_edge(*write, crossbar, cells_signal(grid));
        }
    }

    /// The layers of each pass, by their places; none where weights stay.
    pub(super) fn passes_of_layers(&self) -> Vec<Vec<usize>> {
        let Some(reload) = &self.reload else { return Vec::new() };
        let mut passes = vec![Vec::new(); reload.passes()];
        for (step, layer) in self.network.iter().enumerate() {
            if let Some((pass, layer)) = reload.pass_of.get(&step).zip(layer.on_arrays) {
                passes[*pass].push(layer);
            }
        }
        passes
    }

    /// Notes the end of a layer: the next pass begins when all of this one have ended.
    pub(super) fn end_of_pass(&mut self, end: NodeIndex) {
        if let Some(reload) = &mut self.reload {
            reload.ends.push(end);
        }
    }

    fn next_pass(&mut self, pass: usize) {
        let joint = self.graph.add_node(Node::outside(Role::Source, 0));
        let Some(reload) = &mut self.reload else { return };
        let signal = Signal { domain: Domain::Word, bits: 0, lanes: 1, paired: false };
        for end in std::mem::take(&mut reload.ends) {
            self.graph.add_edge(end, joint, signal);
        }
        (reload.current, reload.barrier, reload.loading) = (pass, Some(joint), None);
    }

    fn push_writing(
        &mut self,
        (index, step): (usize, usize),
        tile: &TileChoice,
        writes: CellWrites,
        (grid, replication): (&Grid, &Replication),
    ) -> NodeIndex {
        self.graph.add_node(Node {
            role: Role::Writing(tile.component.clone(), writes),
            layer: Some(index),
            step: Some(step),
            units: grid.tiles() * replication.grids_in_all(),
            operations: writes.cells.ceil() as u64,
            rounds: writes.rows.ceil() as u64,
            cycles: 1,
            word_bits: 0,
            range: None,
            on_level: true,
            level: self.leaf.map(|leaf| leaf.level),
            moved: None,
        })
    }

    /// Weights come from outside, over the link of the outermost level.
    fn load_over_link(
        &mut self,
        (index, step): (usize, usize),
        bits: u64,
        barrier: Option<NodeIndex>,
        grid: &Grid,
    ) -> Option<NodeIndex> {
        let (machine, leaf, reload) = (self.machine.as_ref()?, self.leaf?, self.reload.as_ref()?);
        let outermost = machine.enclosing(leaf.level).last()?;
        let (link, each) = machine.unit_of(outermost, |c| c.kind == Kind::Link)?;
        let width = link.component.storage.map_or(1, |storage| storage.width_bits).max(1);
        let units = units_in(each, machine.levels[outermost].powered);
        let words = bits.div_ceil(width);
        let operations = words.div_ceil(reload.batch);
        let node = Node {
            role: Role::Stage(link.component.clone()),
            layer: Some(index),
            step: Some(step),
            units,
            operations,
            rounds: operations.div_ceil(units),
            cycles: 1,
            word_bits: 0,
            range: None,
            on_level: true,
            level: Some(outermost),
            moved: Some(super::Moved {
                words,
                bits: u32::try_from(width).unwrap_or(u32::MAX),
                once: true,
                inferences: reload.batch,
                writes: 0,
            }),
        };
        let before = reload.loading.or(barrier);
        let node = self.graph.add_node(node);
        if let Some(before) = before {
            self.graph.add_edge(before, node, cells_signal(grid));
        }
        if let Some(reload) = &mut self.reload {
            reload.loading = Some(node);
        }
        Some(node)
    }

    /// Whether writing costs nothing, as far as it is stated; none where it must be stated and is not, which is reported.
    fn cost_of_writing(&mut self, component: &Arc<Component>, span: Span, needed: bool) -> Option<bool> {
        let (energy, latency) = (component.cell_write_energy(), component.row_write_latency());
        let missing: Vec<&str> = [("write-energy", energy.is_none()), ("write-latency", latency.is_none())]
            .into_iter()
            .filter_map(|(what, missing)| missing.then_some(what))
            .collect();
        if needed && !missing.is_empty() {
            let message =
                format!("`{}` is to be reloaded, and states no `{}`", component.name, missing.join("` and no `"));
            if self.unjoined.insert(span) {
                self.report(
                    Diagnostic::error(message)
                        .at(span, "the arrays")
                        .also(component.span, "energy of writing a cell, time of writing a row")
                        .help("state them, or those of its device; `mapping: { weights: stationary }` writes nothing"),
                );
            }
            return None;
        }
        Some(missing.len() == 2)
    }

    fn assume_free(&mut self, component: &Component) {
        let text = format!(
            "writing `{}` for every inference taken as free: it states neither `write-energy` nor `write-latency`",
            component.name
        );
        if !self.assumptions.contains(&text) {
            self.assumptions.push(text);
        }
    }
}

/// What flows where cells are written: nothing that a circuit works on.
fn cells_signal(grid: &Grid) -> Signal {
    Signal { domain: Domain::Word, bits: 0, lanes: grid.rows, paired: false }
}

/// Cells of a matrix that is values of an inference: but for those from before, in every copy.
fn of_values(grid: &Grid, replication: &Replication) -> CellWrites {
    let m = &replication.matrices;
    let (rows, columns) = (m.inputs - m.kept_rows, m.outputs - m.kept_columns);
    let cells = rows as f64 * columns as f64 * grid.columns_per_output as f64;
    // New rows are written alone; new columns have a cell in each row.
    let in_each = if m.kept_columns > 0 || m.kept_rows == 0 { grid.rows } else { rows * replication.packed };
    CellWrites {
        cells: cells * (m.groups * replication.copies) as f64,
        rows: in_each.div_ceil(grid.row_partitions).min(grid.tile_rows) as f64,
    }
}

/// Cells of weights, with those of the bias row.
fn of_weights(grid: &Grid, replication: &Replication) -> CellWrites {
    let cells = (grid.rows * grid.columns()) as f64 * replication.grids_in_all() as f64;
    CellWrites { cells, rows: grid.rows.div_ceil(grid.row_partitions) as f64 }
}
