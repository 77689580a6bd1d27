//! One layer: its matrix on crossbar tiles, with the chains before and after.

use std::sync::Arc;

use super::chain::{Chain, ChainLayer, Stage};
use super::lower::{End, Extent, Lowering, MAX_SIZE};
use super::traffic::MovedLayer;
use super::{Domain, Grid, Layer, Node, Replication, Role, Signal, WeightCells};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::architecture::{self as file, Bias, Encoding};
use crate::techlib::{Component, Kind, StatedArray};
use crate::workload::Matrices;
use crate::yaml::Located;

/// Weights with nothing left open.
pub(super) struct WeightsChoice {
    pub bits: u64,
    pub encoding: Located<Encoding>,
    pub bias: bool,
    /// True if the file says whether there is a bias row.
    pub bias_stated: bool,
    pub cells: WeightCells,
}

/// A tile with nothing left open.
pub(super) struct TileChoice {
    pub component: Arc<Component>,
    /// What fits on the component.
    pub limits: StatedArray,
    pub crossbar_span: Span,
    pub rows: Located<u64>,
    pub columns: Located<u64>,
    /// Rows that are read at once; all where none are named.
    pub rows_at_once: Option<u64>,
}

/// The chain before the crossbar and whether the layer wrote it itself.
pub(super) struct InputChain {
    pub stages: Vec<Stage>,
    pub own: bool,
}

/// A layer whose matrices are to be laid on arrays.
pub(super) struct LayerToBuild<'s> {
    pub name: &'s Located<String>,
    pub spec: &'s file::LayerSpec,
    /// What feeds it; none if something is wrong there.
    pub arriving: Option<Vec<End>>,
    /// The layers on arrays that feed it.
    pub from: Vec<Option<usize>>,
    /// Its matrices; none if something is wrong with them.
    pub matrices: Option<Matrices>,
    /// How often they are there.
    pub copies: u64,
    /// The function of its outputs.
    pub activation: Option<&'s Located<String>>,
    /// Its place among all layers of the network.
    pub step: usize,
    /// The words that are moved for it; none where none are.
    pub moved: Option<MovedLayer>,
    /// True if nothing is missed where its chain computes no function.
    pub needs_no_activation: bool,
}

impl<'a> Lowering<'a> {
    /// Lowers one layer and returns what it gives; none if something is wrong.
    pub(super) fn layer(&mut self, layer: LayerToBuild<'_>) -> Option<End> {
        let LayerToBuild { name, spec, arriving, from, matrices, copies, activation, step, moved, needs_no_activation } =
            layer;
        let weights = self.weights(spec);
        let tile = self.tile(spec);
        let input = self.input_chain(spec);
        let column = self.column_chain(spec);
        let of_cells = tile.as_ref().is_none_or(|t| t.component.crossbar.is_some());
        let statistics = self.statistics(name, spec, arriving.is_some().then_some(&*from), of_cells);
        // Everything of this layer has been read; what follows needs all of it.
        let feeders = arriving.as_ref().map_or(0, Vec::len);
        let (mut arriving, matrices) = (self.concatenate(arriving?)?, matrices?);
        let (mut weights, tile) = (weights?, tile?);
        let (input, column, statistics) = (input?, column?, statistics?);
        if matrices.inputs > MAX_SIZE {
            let inputs = matrices.inputs;
            let message = match feeders {
                1 => format!("`{}` has {inputs} inputs", name.value),
                _ => format!("the layers that feed `{}` give {inputs} lines together", name.value),
            };
            self.report(Diagnostic::error(message).at(name.span, format!("expected 1 to {MAX_SIZE}")));
            return None;
        }
        // A matrix of values of the inference has no bias.
        weights.bias &= !matrices.dynamic;
        weights.cells.bias = weights.bias;
        let packed = packed(&matrices, &weights, &tile);
        if matrices.dynamic && !tile.component.rewritable {
            self.refuse_rewriting(name, &tile.component.name, tile.crossbar_span);
            return None;
        }
        self.check_held(name, &arriving, &matrices)?;
        arriving.signal.lanes = matrices.inputs * packed;
        let grid = self.grid(&arriving.signal, matrices.outputs * packed, &weights, &tile)?;
        let copies = copies.min(matrices.products);
        let replication = Replication { matrices, packed, grids: matrices.groups.div_ceil(packed), copies };
        self.check_size(&tile)?;
        let serial = self.serial(&arriving.signal, &input, &grid, &tile);
        let place = self.place_of_layer(spec, &grid, &weights, &serial, arriving.signal.bits, &tile)?;
        let (tile, input, column) = self.layer_in_place(tile, input, column, &place)?;
        self.count_cells(name, &grid, &replication)?;
        self.refuse_activation_without_levels(spec);
        self.warn_without_activation(name, &column, needs_no_activation || self.unactivated.contains(&step));

        let index = self.layers.len();
        let driven_directly = arriving.signal.domain.is_analog();
        let cells = weights.cells;
        let place = ChainLayer {
            index,
            step,
            name: &name.value,
            grid,
            replication,
            weight_bits: weights.bits,
            bits_per_device: tile.limits.bits_per_device,
            serial,
            activation,
        };
        let usage = statistics.on(grid);
        self.warn_of_no_rows(name, &usage);
        let extent =
            self.leaf.map(|leaf| Extent { leaf: leaf.level, arrays: grid.tiles() * replication.grids_in_all() });
        let arriving = match moved {
            Some(moved) => {
                let replication = Some((grid, replication));
                self.move_words(arriving, &MovedLayer { layer: Some(index), extent, replication, ..moved })
            }
            None => arriving,
        };
        let writes = self.write_cells((index, step), (&grid, &replication), &tile, weights.bits, &arriving)?;
        let mut chain = Chain::new(self, place, arriving);
        chain.input(&input.stages, input.own);
        let paired = weights.encoding.value == Encoding::Differential;
        let mut circuits = chain.crossbar(&tile.component, tile.crossbar_span, usage, paired);
        chain.column(&column, &mut circuits)?;
        let mut end = chain.finish();
        self.written_before(&writes, circuits.crossbar, &grid);
        self.end_of_pass(end.node);
        if let (Some(bits), Domain::Word) = (self.stated_activation_bits(), end.signal.domain) {
            end.signal.bits = bits;
        }
        end.products = matrices.products;
        self.leaf_levels.extend(self.leaf.map(|leaf| leaf.level));
        end.extent = extent;
        self.layers.push(Layer { name: name.value.clone(), grid, replication, driven_directly, from, cells, circuits });
        Some(end)
    }

    /// Values on lines are there as long as they are given: where products follow one another, words are kept.
    fn check_held(&mut self, name: &Located<String>, arriving: &End, matrices: &Matrices) -> Option<()> {
        let products = matrices.products.max(arriving.products);
        if products == 1 || !arriving.signal.domain.is_analog() {
            return Some(());
        }
        let message = format!(
            "`{}` gives {}, and nothing keeps those of {products} products for `{}`",
            arriving.name, arriving.signal.domain, name.value
        );
        self.report(
            Diagnostic::error(message)
                .at(name.span, "its products follow one another")
                .also(arriving.span, format!("gives {}", arriving.signal.domain))
                .help("end the chain of the layer before with an ADC: words are kept between layers"),
        );
        None
    }

    /// The `weights` of a layer: its own, those of the level of its arrays, or those of the file.
    pub(super) fn written_weights<'s>(&self, spec: &'s file::LayerSpec) -> Option<&'s Located<Box<file::WeightsSpec>>>
    where
        'a: 's,
    {
        let of_leaf = self.leaf.and_then(|leaf| leaf.spec.weights.located());
        spec.weights.located().or(of_leaf).or(self.spec.weights.located())
    }

    pub(super) fn weights(&mut self, spec: &file::LayerSpec) -> Option<WeightsChoice> {
        let weights = self.written_weights(spec)?;
        let (place, w) = (weights.span, &weights.value);
        let bits = w.bits.require("`weights`", "bits", place, self.diagnostics);
        let encoding = w.encoding.require("`weights`", "encoding", place, self.diagnostics).copied();
        let bits = bits.and_then(|b| self.count("bits", b, 32));
        let bias = w.bias.get().copied().unwrap_or(Bias::Row) == Bias::Row;
        let levels = w.levels.get().copied().unwrap_or(file::Levels::States);
        let clip = self.share_above_zero("clip", &w.clip)?;
        let gain = self.gain(&w.gain)?;
        let (bits, encoding) = (bits?, encoding?);
        let cells = WeightCells { bits: u32::try_from(bits).ok()?, levels, clip, gain, encoding: encoding.value, bias };
        Some(WeightsChoice { bits, encoding, bias, bias_stated: !w.bias.is_missing(), cells })
    }

    /// Joins what feeds a layer into one signal.
    pub(super) fn concatenate(&mut self, arriving: Vec<End>) -> Option<End> {
        let mut ends = arriving.into_iter();
        let first = ends.next()?;
        let rest: Vec<End> = ends.collect();
        if rest.is_empty() {
            return Some(first);
        }
        let mut signal = first.signal;
        let mut unfit = first.unfit.clone();
        for end in &rest {
            if end.signal.domain != signal.domain {
                let message = format!(
                    "a layer is fed by {} of `{}` and {} of `{}`",
                    signal.domain, first.name, end.signal.domain, end.name
                );
                let diagnostic = Diagnostic::error(message).at(end.span, format!("gives {}", end.signal.domain));
                self.report(diagnostic.also(first.span, format!("gives {}", signal.domain)));
                return None;
            }
            signal.lanes = signal.lanes.saturating_add(end.signal.lanes);
            signal.bits = signal.bits.max(end.signal.bits);
            unfit = unfit.or_else(|| end.unfit.clone());
        }
        // A node without cost where the signals meet keeps every later stage with one predecessor.
        let joint = self.graph.add_node(Node::outside(Role::Source, signal.bits));
        for end in std::iter::once(&first).chain(&rest) {
            self.graph.add_edge(end.node, joint, end.signal);
        }
        let products = first.products.max(rest.iter().map(|end| end.products).max().unwrap_or(1));
        Some(End { node: joint, signal, name: first.name, span: first.span, unfit, products, extent: None })
    }

    pub(super) fn grid(
        &mut self,
        arriving: &Signal,
        outputs: u64,
        weights: &WeightsChoice,
        tile: &TileChoice,
    ) -> Option<Grid> {
        let limits = tile.limits;
        let differential = weights.encoding.value == Encoding::Differential;
        if !differential && limits.devices_per_cell == 2 {
            let message = format!(
                "`{}` stores differential pairs, but the weights are {}",
                tile.component.name,
                weights.encoding.value.name()
            );
            self.report(
                Diagnostic::error(message)
                    .at(weights.encoding.span, "one device for each weight")
                    .also(tile.component.span, "`cell: { devices: 2 }`: two devices in each cell")
                    .help("write `encoding: differential`, or take a crossbar with one device in a cell"),
            );
            return None;
        }
        let columns_per_output = columns_per_output(weights, tile);
        let (rows, columns) = (&tile.rows, &tile.columns);
        let grid = Grid::cut(arriving.lanes, outputs, weights.bias, columns_per_output, rows.value, columns.value);
        if grid.is_none() {
            self.report(
                Diagnostic::error(format!("a tile of {} columns cannot hold one output", columns.value))
                    .at(columns.span, format!("one output takes {columns_per_output} columns of cells"))
                    .help("bit slices and the two columns of a differential pair stay on one tile"),
            );
        }
        grid
    }

    /// Counts of units and operations are products of sizes: this bound keeps all of them below 2^64.
    fn count_cells(&mut self, name: &Located<String>, grid: &Grid, replication: &Replication) -> Option<()> {
        const MOST: u64 = 1_000_000_000_000_000;
        let grids = replication.grids.saturating_mul(replication.copies);
        let cells = grid.rows.saturating_mul(grid.columns()).saturating_mul(grids);
        self.cells = self.cells.saturating_add(cells);
        // Operations are counted over all products.
        let operations = replication.matrices.macs().saturating_mul(grid.columns_per_output);
        if operations > MOST_OPERATIONS {
            let message = "the layer has more than 10^17 operations on cells, which no inference takes";
            self.report(Diagnostic::error(message).at(name.span, ""));
            return None;
        }
        if self.cells <= MOST {
            return Some(());
        }
        let diagnostic = Diagnostic::error("the network needs more than 10^15 cells, which no chip has");
        self.report(diagnostic.at(name.span, "with this layer"));
        None
    }

    fn refuse_activation_without_levels(&mut self, spec: &file::LayerSpec) {
        let Some(place) = spec.activation.span().filter(|_| self.machine.is_none()) else { return };
        let error = Diagnostic::error("`activation` is done by a unit of a level, and the design has none");
        self.report(error.at(place, "").help("without `levels` the column chain has a neuron or an activation unit"));
    }

    fn warn_without_activation(&mut self, name: &Located<String>, column: &[Stage], needs_none: bool) {
        let activated = column.iter().any(|s| matches!(s.component.kind, Kind::Neuron | Kind::Activation));
        if !activated && !needs_none {
            self.diagnostics.warn(
                Diagnostic::warning(format!("the layer `{}` has no activation function", name.value))
                    .at(name.span, "no neuron or activation unit in its column chain")
                    .help("two layers without an activation between them compute what one could"),
            );
        }
    }
}

/// Groups whose matrices lie on the diagonal of one tile: as many as fit, where a whole matrix fits on one.
pub(super) fn packed(matrices: &Matrices, weights: &WeightsChoice, tile: &TileChoice) -> u64 {
    if matrices.groups == 1 {
        return 1;
    }
    let rows = tile.rows.value.saturating_sub(u64::from(weights.bias)) / matrices.inputs;
    let per_output = columns_per_output(weights, tile);
    let columns = tile.columns.value / matrices.outputs.saturating_mul(per_output);
    rows.min(columns).clamp(1, matrices.groups)
}

/// Columns of cells that an output takes: bit slices, twice where the pair of a weight lies in two columns, and those for carries.
fn columns_per_output(weights: &WeightsChoice, tile: &TileChoice) -> u64 {
    let limits = tile.limits;
    let differential = weights.encoding.value == Encoding::Differential;
    let pair = if differential && limits.devices_per_cell == 1 { 2 } else { 1 };
    let slices = weights.bits.div_ceil(u64::from(limits.bits_per_device));
    slices * pair + u64::from(limits.guard_columns)
}

/// More operations than this could overflow a count.
const MOST_OPERATIONS: u64 = 100_000_000_000_000_000;
