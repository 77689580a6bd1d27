//! The tile that a layer is cut into, and what its formulas can name.

use super::chain::Stage;
use super::layer::{InputChain, TileChoice, WeightsChoice};
use super::lower::{Lowering, MAX_SIZE};
use super::{Grid, Signal};
use crate::catalog::PlaceName;
use crate::diagnostic::{Diagnostic, suggest};
use crate::spec::architecture::{self as file, InputEncoding};
use crate::techlib::placing::Place;
use crate::techlib::{Component, Kind, StatedArray};
use crate::yaml::{Located, Slot};

/// How the inputs of a layer reach its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SerialReads {
    /// Bits of a word that are applied at once.
    pub applied_bits: u32,
    /// Reads for the bits of a word.
    pub bit_reads: u64,
    /// Reads for the rows of a tile.
    pub row_reads: u64,
}

impl SerialReads {
    pub fn cycles(&self) -> u64 {
        self.bit_reads * self.row_reads
    }
}

impl Lowering<'_> {
    pub(super) fn tile(&mut self, spec: &file::LayerSpec) -> Option<TileChoice> {
        let of_leaf = self.leaf.and_then(|leaf| leaf.spec.tile.located());
        let tile = spec.tile.located().or(of_leaf).or(self.spec.tile.located())?;
        let (place, t) = (tile.span, &tile.value);
        if let Some((crossbar, array)) = t.crossbar.span().zip(t.array.span()) {
            let error = Diagnostic::error("a tile is a crossbar and an array").at(array, "keep one");
            self.report(error.also(crossbar, "the other"));
            return None;
        }
        let name = match (&t.crossbar, &t.array) {
            (Slot::Missing, Slot::Missing) => {
                t.crossbar.require("`tile`", "crossbar", place, self.diagnostics);
                None
            }
            (Slot::Missing, array) => array.located(),
            (crossbar, _) => crossbar.located(),
        };
        let rows = t.rows.require("`tile`", "rows", place, self.diagnostics).copied();
        let columns = t.columns.require("`tile`", "columns", place, self.diagnostics).copied();
        let rows = rows.filter(|r| self.count("rows", r, MAX_SIZE).is_some());
        let columns = columns.filter(|c| self.count("columns", c, MAX_SIZE).is_some());
        let name = name?;
        let rows_at_once = match &t.rows_at_once {
            Slot::Missing => Some(None),
            Slot::Bad => None,
            Slot::Present(rows) => self.count("rows-at-once", rows, MAX_SIZE).map(Some),
        };
        let wanted = if t.array.is_missing() { Kind::Crossbar } else { Kind::Array };
        let component = self.component(&name.value, name.span, |c| c.kind == wanted)?;
        let limits = self.limits(&component, wanted, name)?;
        for (what, size, limit) in [("rows", &rows, limits.max_rows), ("columns", &columns, limits.max_columns)] {
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
        let (rows, columns, rows_at_once) = (rows?, columns?, rows_at_once?);
        Some(TileChoice { component, limits, crossbar_span: name.span, rows, columns, rows_at_once })
    }

    /// What fits on a component that is to be a tile; none if it is no array, which is reported.
    fn limits(&mut self, component: &Component, wanted: Kind, name: &Located<String>) -> Option<StatedArray> {
        if component.kind == wanted {
            if let Some(array) = component.array {
                return Some(array);
            }
            if let Some(crossbar) = &component.crossbar {
                return Some(StatedArray {
                    max_rows: crossbar.max_rows,
                    max_columns: crossbar.max_columns,
                    devices_per_cell: crossbar.devices_per_cell,
                    bits_per_device: crossbar.bits_per_device,
                    guard_columns: 0,
                });
            }
        }
        if let Some(device) = &component.unknown_device {
            let message = format!("`{}` cannot be priced: the resistances of its device are unknown", name.value);
            let help = format!("state them for a what-if: --set {device}.r-low=VALUE --set {device}.r-high=VALUE");
            let diagnostic = Diagnostic::error(message).at(name.span, format!("made of `{device}`"));
            self.report(diagnostic.also(component.span, "this crossbar").help(help));
            return None;
        }
        let kind = component.kind.name();
        let (what, key) = if wanted == Kind::Array { ("array", "array") } else { ("crossbar", "crossbar") };
        let help = match component.kind {
            Kind::Array => format!("write `array: {}`", name.value),
            Kind::Crossbar => format!("write `crossbar: {}`", name.value),
            _ => {
                let fitting: Vec<&str> = self.library.names_where(|c| c.kind == wanted).collect();
                format!("{} has the {key}s: {}", self.library.name, suggest::list(&fitting))
            }
        };
        let message = format!("`{}` is no {what}", name.value);
        self.report(Diagnostic::error(message).at(name.span, format!("this is of kind {kind}")).help(help));
        None
    }

    /// How the inputs reach the rows: the bits that the last converter before them applies at once, and the rows that are read at once.
    pub(super) fn serial(&self, arriving: &Signal, input: &InputChain, grid: &Grid, tile: &TileChoice) -> SerialReads {
        let rows = grid.rows.div_ceil(grid.row_partitions);
        let row_reads = tile.rows_at_once.map_or(1, |at_once| rows.div_ceil(at_once));
        let word = arriving.bits.max(1);
        let converter = input.stages.iter().rev().find(|s| matches!(s.component.kind, Kind::RowDriver | Kind::Dac));
        let at_once = converter.filter(|_| !arriving.domain.is_analog()).and_then(|s| s.component.bits);
        let Some(at_once) = at_once else {
            return SerialReads { applied_bits: arriving.bits, bit_reads: 1, row_reads };
        };
        let magnitude = self.magnitude_bits(word);
        SerialReads {
            applied_bits: at_once.min(magnitude),
            bit_reads: u64::from(magnitude.div_ceil(at_once)),
            row_reads,
        }
    }

    /// Bits of a word that are applied to the rows: a sign is not.
    fn magnitude_bits(&self, word: u32) -> u32 {
        match self.input_encoding {
            InputEncoding::SignedMagnitude => word.saturating_sub(1).max(1),
            _ => word,
        }
    }

    /// What formulas can name in the place of a layer's circuits; none if its statistics are wrong, which is reported.
    pub(super) fn place_of_layer(
        &mut self,
        spec: &file::LayerSpec,
        grid: &Grid,
        weights: &WeightsChoice,
        serial: &SerialReads,
        word_bits: u32,
        tile: &TileChoice,
    ) -> Option<Place> {
        let per_tile = grid.tile_columns / grid.columns_per_output;
        let slices = weights.bits.div_ceil(u64::from(tile.limits.bits_per_device));
        let place = Place::default()
            .with(PlaceName::Rows, grid.tile_rows as f64)
            .with(PlaceName::Columns, grid.tile_columns as f64)
            .with(PlaceName::Outputs, per_tile as f64)
            .with(PlaceName::Slices, slices as f64)
            .with(PlaceName::Cycles, serial.cycles() as f64)
            .with(PlaceName::WeightBits, weights.bits as f64)
            .with(PlaceName::InputBits, f64::from(word_bits))
            .with(PlaceName::AppliedBits, f64::from(serial.applied_bits));
        self.operands(spec, place)
    }

    /// Figures that name neither rows nor columns are those of the largest array.
    pub(super) fn check_size(&mut self, tile: &TileChoice) -> Option<()> {
        let (component, limits) = (&tile.component, tile.limits);
        let largest = (tile.rows.value, tile.columns.value) == (limits.max_rows, limits.max_columns);
        if largest || component.array.is_none() {
            return Some(());
        }
        let names = component.named_places(&self.library.numbers);
        if [PlaceName::Rows, PlaceName::Columns, PlaceName::Outputs].iter().any(|name| names.contains(name)) {
            return Some(());
        }
        // The leaf of a machine and the layers on it are the same arrays.
        if !self.unjoined.insert(tile.crossbar_span) {
            return None;
        }
        let (rows, columns) = (tile.rows.value, tile.columns.value);
        let (most_rows, most_columns) = (limits.max_rows, limits.max_columns);
        let message = format!(
            "the figures of `{}` are those of {most_rows} x {most_columns} cells, the tile has {rows} x {columns}",
            component.name
        );
        self.report(
            Diagnostic::error(message)
                .at(tile.crossbar_span, "")
                .also(component.span, "its figures name neither rows nor columns")
                .help(format!("a tile of {most_rows} rows and {most_columns} columns, or figures that are formulas of `rows` and `columns`")),
        );
        None
    }

    /// The circuits of a layer where they stand; none if one cannot, which is reported.
    pub(super) fn layer_in_place(
        &mut self,
        tile: TileChoice,
        input: InputChain,
        column: Vec<Stage>,
        place: &Place,
    ) -> Option<(TileChoice, InputChain, Vec<Stage>)> {
        let array = self.in_place(&tile.component, place, tile.crossbar_span);
        let mut stages = |stages: Vec<Stage>| -> Option<Vec<Stage>> {
            // Not a short-circuiting collect: all that cannot stand here is reported.
            let placed: Vec<Option<Stage>> = stages
                .into_iter()
                .map(|stage| {
                    let component = self.in_place(&stage.component, place, stage.span)?;
                    Some(Stage { component, ..stage })
                })
                .collect();
            placed.into_iter().collect()
        };
        let (before, after) = (stages(input.stages), stages(column));
        let tile = TileChoice { component: array?, ..tile };
        Some((tile, InputChain { stages: before?, own: input.own }, after?))
    }

    /// Bits of the words between layers.
    pub(super) fn activation_bits(&self) -> u32 {
        let of_input = || self.spec.network.get()?.input.get()?.bits.get().copied();
        let stated = self.spec.activations.get().and_then(|a| a.bits.get().copied());
        stated.or_else(of_input).and_then(|bits| u32::try_from(bits).ok()).unwrap_or(1)
    }

    /// The same where the file states them.
    pub(super) fn stated_activation_bits(&self) -> Option<u32> {
        let stated = self.spec.activations.get().and_then(|a| a.bits.get().copied())?;
        u32::try_from(stated).ok()
    }
}
