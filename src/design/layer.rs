//! One layer: its matrix on crossbar tiles, with the chains before and after.

use std::sync::Arc;

use super::chain::{Chain, ChainLayer, Stage};
use super::lower::{End, Lowering, MAX_SIZE};
use super::{Grid, Layer, Node, Role, Signal, WeightCells, signal};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::architecture::{self as file, Bias, Encoding};
use crate::techlib::{Component, Crossbar, Kind};
use crate::yaml::{Located, Slot};

/// Weights with nothing left open.
struct WeightsChoice {
    bits: u64,
    encoding: Located<Encoding>,
    bias: bool,
    cells: WeightCells,
}

/// A tile with nothing left open.
struct TileChoice {
    component: Arc<Component>,
    crossbar_span: Span,
    rows: Located<u64>,
    columns: Located<u64>,
}

/// The chain before the crossbar and whether the layer wrote it itself.
struct InputChain {
    stages: Vec<Stage>,
    own: bool,
}

impl Lowering<'_> {
    /// Lowers one layer and returns what it gives; none if something is wrong. `arriving` is none if that is so for what feeds it.
    pub(super) fn layer(
        &mut self,
        name: &Located<String>,
        layer: &Located<file::LayerSpec>,
        arriving: Option<Vec<End>>,
        from: Vec<Option<usize>>,
        is_last: bool,
    ) -> Option<End> {
        let spec = &layer.value;
        let outputs = self.outputs(name, layer);
        let weights = self.weights(spec);
        let tile = self.tile(spec);
        let input = self.input_chain(spec);
        let column = self.column_chain(spec);
        let statistics = self.statistics(name, spec, &from);
        // Everything of this layer has been read; what follows needs all of it.
        let (arriving, outputs, weights, tile) = (self.concatenate(name, arriving?)?, outputs?, weights?, tile?);
        let (input, column, statistics) = (input?, column?, statistics?);
        let crossbar = tile.component.crossbar.clone()?;
        let grid = self.grid(&arriving.signal, outputs, &weights, &tile, &crossbar)?;
        self.count_cells(name, &grid)?;
        self.warn_without_activation(name, &column, is_last);

        let index = self.layers.len();
        let driven_directly = arriving.signal.domain.is_analog();
        let cells = weights.cells;
        let place = ChainLayer {
            index,
            name: &name.value,
            grid,
            weight_bits: weights.bits,
            bits_per_device: crossbar.bits_per_device,
        };
        let usage = statistics.on(grid);
        self.warn_of_no_rows(name, &usage);
        let mut chain = Chain::new(self, place, arriving);
        chain.input(&input.stages, input.own);
        let paired = weights.encoding.value == Encoding::Differential;
        let mut circuits = chain.crossbar(&tile.component, tile.crossbar_span, usage, paired);
        chain.column(&column, &mut circuits)?;
        let end = chain.finish();
        self.layers.push(Layer { name: name.value.clone(), grid, driven_directly, from, cells, circuits });
        Some(end)
    }

    fn outputs(&mut self, name: &Located<String>, layer: &Located<file::LayerSpec>) -> Option<u64> {
        match &layer.value.dense {
            Slot::Present(outputs) => self.count("dense", outputs, MAX_SIZE),
            Slot::Bad => None,
            Slot::Missing => {
                self.report(
                    Diagnostic::error(format!("the layer `{}` does not say what it computes", name.value))
                        .at(name.span, "a layer kind is missing here")
                        .help("the kind of layer is `dense: OUTPUTS`, a fully connected layer"),
                );
                None
            }
        }
    }

    fn weights(&mut self, spec: &file::LayerSpec) -> Option<WeightsChoice> {
        let weights = spec.weights.located().or(self.spec.weights.located())?;
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
        Some(WeightsChoice { bits, encoding, bias, cells })
    }

    fn tile(&mut self, spec: &file::LayerSpec) -> Option<TileChoice> {
        let tile = spec.tile.located().or(self.spec.tile.located())?;
        let (place, t) = (tile.span, &tile.value);
        let name = t.crossbar.require("`tile`", "crossbar", place, self.diagnostics);
        let rows = t.rows.require("`tile`", "rows", place, self.diagnostics).copied();
        let columns = t.columns.require("`tile`", "columns", place, self.diagnostics).copied();
        let rows = rows.filter(|r| self.count("rows", r, MAX_SIZE).is_some());
        let columns = columns.filter(|c| self.count("columns", c, MAX_SIZE).is_some());
        let name = name?;
        let component = self.component(&name.value, name.span, |c| c.kind == Kind::Crossbar)?;
        let Some(crossbar) = &component.crossbar else {
            if let Some(device) = &component.unknown_device {
                let message = format!("`{}` cannot be priced: the resistances of its device are unknown", name.value);
                let help = format!("state them for a what-if: --set {device}.r-low=VALUE --set {device}.r-high=VALUE");
                let diagnostic = Diagnostic::error(message).at(name.span, format!("made of `{device}`"));
                self.report(diagnostic.also(component.span, "this crossbar").help(help));
                return None;
            }
            let kind = component.kind.name();
            let crossbars: Vec<&str> = self.library.names_where(|c| c.crossbar.is_some()).collect();
            let help = format!("{} has the crossbars: {}", self.library.name, crossbars.join(", "));
            let message = format!("`{}` is no crossbar", name.value);
            self.report(Diagnostic::error(message).at(name.span, format!("this is of kind {kind}")).help(help));
            return None;
        };
        for (what, size, limit) in [("rows", &rows, crossbar.max_rows), ("columns", &columns, crossbar.max_columns)] {
            let Some(size) = size.as_ref().filter(|s| s.value > limit) else { continue };
            self.report(
                Diagnostic::error(format!(
                    "a tile of {} {what} is larger than `{}` allows",
                    size.value, component.name
                ))
                .at(size.span, format!("at most {limit}"))
                .also(component.span, format!("`max-{what}: {limit}`"))
                .help(format!("the layer is cut into more tiles when a tile has fewer {what}")),
            );
            return None;
        }
        Some(TileChoice { component: component.clone(), crossbar_span: name.span, rows: rows?, columns: columns? })
    }

    fn input_chain(&mut self, spec: &file::LayerSpec) -> Option<InputChain> {
        let own = spec.stages.get().map(|s| &s.input).filter(|s| !s.is_missing());
        let stages = own.or(self.spec.stages.get().map(|s| &s.input))?;
        // Whether a chain is needed depends on what arrives: a missing one is a mistake only if a digital word does.
        let stages = match stages {
            Slot::Present(stages) => self.stages(&stages.value, may_stand_before)?,
            Slot::Missing => Vec::new(),
            Slot::Bad => return None,
        };
        Some(InputChain { stages, own: own.is_some() })
    }

    fn column_chain(&mut self, spec: &file::LayerSpec) -> Option<Vec<Stage>> {
        let own = spec.stages.get().map(|s| &s.column).filter(|s| !s.is_missing());
        let whole = self.spec.stages.located();
        let stages = match own {
            Some(own) => own.located()?,
            None => {
                let whole = whole?;
                whole.value.column.require("`stages`", "column", whole.span, self.diagnostics)?
            }
        };
        self.stages(&stages.value, may_stand_after)
    }

    fn stages(&mut self, written: &[Slot<file::StageSpec>], fits: fn(&Component) -> bool) -> Option<Vec<Stage>> {
        // Not a short-circuiting collect: all wrong stages are reported.
        let stages: Vec<Option<Stage>> = written.iter().map(|s| self.stage(s.located()?, fits)).collect();
        stages.into_iter().collect()
    }

    fn stage(&mut self, written: &Located<file::StageSpec>, fits: fn(&Component) -> bool) -> Option<Stage> {
        let (name, usage) = match &written.value {
            file::StageSpec::Scalar(name) => (Located { value: name.clone(), span: written.span }, None),
            file::StageSpec::Mapping(usage) => {
                (usage.component.require("a stage", "use", written.span, self.diagnostics)?.clone(), Some(usage))
            }
        };
        let component = self.component(&name.value, name.span, fits);
        let share = match usage.map(|u| &u.share) {
            Some(Slot::Present(share)) => {
                self.count("share", share, MAX_SIZE).map(|value| Located { value, span: share.span })
            }
            Some(Slot::Bad) => None,
            _ => Some(Located { value: 1, span: name.span }),
        };
        let per = usage.and_then(|u| u.per.located()).copied();
        let range = match usage.map(|u| &u.range) {
            None | Some(Slot::Missing) => None,
            Some(range) => Some(self.share_above_zero("range", range)?),
        };
        let component = component?;
        if let Some(place) = usage.and_then(|u| u.range.span()).filter(|_| component.kind != Kind::Adc) {
            let message = format!("`{}` has no full scale", component.name);
            let label = format!("this is of kind {}, `range` belongs to an ADC", component.kind.name());
            self.report(Diagnostic::error(message).at(place, label));
        }
        if matches!(component.kind, Kind::Crossbar | Kind::Switch) {
            let message = format!("`{}` cannot be a stage", component.name);
            let label = format!("this is of kind {}", component.kind.name());
            let help = "the crossbar is named in `tile`, its line switches in the technology library";
            self.report(Diagnostic::error(message).at(name.span, label).help(help));
            return None;
        }
        self.require_costs(&component, name.span).then_some(())?;
        Some(Stage { component, share: share?, per, range, span: name.span })
    }

    /// A component whose publication leaves a cost out can be listed, but not built into a design.
    fn require_costs(&mut self, component: &Component, span: Span) -> bool {
        let mut unknown = Vec::new();
        if component.energy.is_none() && component.static_power.is_none() {
            unknown.push("power");
        }
        if component.latency.is_none() {
            unknown.push("latency");
        }
        if component.area.is_none() {
            unknown.push("area");
        }
        for what in &unknown {
            let name = &component.name;
            self.report(
                Diagnostic::error(format!("the {what} of `{name}` is unknown, so no total can be given"))
                    .at(span, "used here")
                    .also(component.span, format!("its source does not give the {what}"))
                    .help(format!("set one for a what-if: --set {name}.{what}=VALUE")),
            );
        }
        unknown.is_empty()
    }

    /// Joins what feeds a layer into one signal.
    fn concatenate(&mut self, name: &Located<String>, arriving: Vec<End>) -> Option<End> {
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
        if signal.lanes > MAX_SIZE {
            let message = format!("the layers that feed `{}` give {} lines together", name.value, signal.lanes);
            self.report(Diagnostic::error(message).at(name.span, format!("expected 1 to {MAX_SIZE}")));
            return None;
        }
        // A node without cost where the signals meet keeps every later stage with one predecessor.
        let joint = self.graph.add_node(Node::outside(Role::Source, signal.bits));
        for end in std::iter::once(&first).chain(&rest) {
            self.graph.add_edge(end.node, joint, end.signal);
        }
        Some(End { node: joint, signal, name: first.name, span: first.span, unfit })
    }

    fn grid(
        &mut self,
        arriving: &Signal,
        outputs: u64,
        weights: &WeightsChoice,
        tile: &TileChoice,
        crossbar: &Crossbar,
    ) -> Option<Grid> {
        let differential = weights.encoding.value == Encoding::Differential;
        if !differential && crossbar.devices_per_cell == 2 {
            let message = format!("`{}` stores differential pairs, but the weights are unsigned", tile.component.name);
            self.report(
                Diagnostic::error(message)
                    .at(weights.encoding.span, "one device for each weight")
                    .also(tile.component.span, "`cell: { devices: 2 }`: two devices in each cell")
                    .help("write `encoding: differential`, or take a crossbar with one device in a cell"),
            );
            return None;
        }
        let pair = if differential && crossbar.devices_per_cell == 1 { 2 } else { 1 };
        let columns_per_output = weights.bits.div_ceil(u64::from(crossbar.bits_per_device)) * pair;
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
    fn count_cells(&mut self, name: &Located<String>, grid: &Grid) -> Option<()> {
        const MOST: u64 = 1_000_000_000_000_000;
        self.cells = self.cells.saturating_add(grid.rows.saturating_mul(grid.columns()));
        if self.cells <= MOST {
            return Some(());
        }
        let diagnostic = Diagnostic::error("the network needs more than 10^15 cells, which no chip has");
        self.report(diagnostic.at(name.span, "with this layer"));
        None
    }

    fn warn_without_activation(&mut self, name: &Located<String>, column: &[Stage], is_last: bool) {
        let activated = column.iter().any(|s| matches!(s.component.kind, Kind::Neuron | Kind::Activation));
        if !activated && !is_last {
            self.diagnostics.warn(
                Diagnostic::warning(format!("the layer `{}` has no activation function", name.value))
                    .at(name.span, "no neuron or activation unit in its column chain")
                    .help("two layers without an activation between them compute what one could"),
            );
        }
    }
}

/// True if the component may stand before a crossbar.
pub(super) fn may_stand_before(component: &Component) -> bool {
    matches!(component.kind, Kind::RowDriver | Kind::Dac | Kind::Buffer | Kind::SampleHold | Kind::Register)
}

fn may_stand_after(component: &Component) -> bool {
    !matches!(component.kind, Kind::Crossbar | Kind::Switch | Kind::RowDriver | Kind::Dac)
}

/// True if the stage works on digital words on its input side.
pub(super) fn takes_words(component: &Component) -> bool {
    signal::takes(component) == Some(super::Domain::Word)
}
