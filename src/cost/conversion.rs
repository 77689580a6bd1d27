//! What the columns of a design ask of its converters: the full scale and the fewest bits with which their values stand well above the
//! converter's error.

use petgraph::Direction::Incoming;
use petgraph::graph::NodeIndex;

use crate::design::{Design, Domain, InputEncoding, Layer, Levels, Role};
use crate::model::converter::column::{Column, ColumnLines};
use crate::model::converter::loading::{FullScale, ValueSpread};
use crate::model::converter::{WantedConverter, regression};
use crate::spec::architecture::Encoding;
use crate::techlib::Component;
use crate::units::{Area, Energy};

/// A converter of a layer's columns, and what these ask of it.
#[derive(Debug, Clone)]
pub struct Conversion<'d> {
    /// The layer.
    pub layer: &'d Layer,
    /// The converter.
    pub converter: &'d Component,
    /// Rows whose sum is converted at once.
    pub rows: f64,
    /// True if the two columns of a pair are converted one by one.
    pub one_by_one: bool,
    /// What arrives.
    pub spread: ValueSpread,
    /// As it is built.
    pub built: FullScale,
    /// The fewest bits with their best range; none where no converter has enough.
    pub fewest: Option<FullScale>,
    /// The largest value that arrived, over the largest that can; where that has been measured.
    pub largest: Option<f64>,
    /// Conversions of an inference.
    pub conversions: u64,
    /// True if the statistics of rows and devices are assumed.
    pub assumed: bool,
}

/// Energy of a conversion, area and bits that these are of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConversionCost {
    /// All energy of a conversion.
    pub energy: Energy,
    /// Area of a converter.
    pub area: Option<Area>,
}

/// What has been measured of the values of a layer's converter, over its full scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasuredValues {
    /// Their mean.
    pub mean: f64,
    /// The mean of their squares.
    pub mean_square: f64,
    /// The largest.
    pub largest: f64,
}

/// The converters of a design that stand between columns and activation, one for each layer that has one; `snr` is what is asked for. What has
/// been measured, one for each layer, is taken in place of what follows from the statistics.
#[must_use]
pub fn conversions<'d>(design: &'d Design, snr: f64, measured: &[Option<MeasuredValues>]) -> Vec<Conversion<'d>> {
    let of = |(at, layer)| conversion(design, layer, snr, measured.get(at).copied().flatten());
    design.layers.iter().enumerate().filter_map(of).collect()
}

fn conversion<'d>(
    design: &'d Design,
    layer: &'d Layer,
    snr: f64,
    measured: Option<MeasuredValues>,
) -> Option<Conversion<'d>> {
    let &adc = layer.circuits.converters_before.last()?;
    let converter = &**design.graph[adc].component()?;
    let column = column(design, layer, adc)?;
    let (bits, range) = (converter.bits?, design.graph[adc].range.unwrap_or(1.0));
    let mut spread = column.spread();
    if let Some(values) = measured {
        let variance = values.mean_square - values.mean * values.mean;
        // What wires and column ends take lies on no grid.
        let (mean, deviation) = (range * values.mean, range * libm::sqrt(variance.max(0.0)));
        spread = ValueSpread { mean, deviation, grid: None, ..spread };
    }
    let Role::Crossbar(_, usage) = &design.graph[layer.circuits.crossbar].role else { return None };
    Some(Conversion {
        layer,
        converter,
        rows: column.driven + column.always,
        one_by_one: matches!(column.lines, ColumnLines::One { .. }) && layer.cells.encoding == Encoding::Differential,
        spread,
        built: FullScale { bits, range, snr: spread.snr(bits, range) },
        fewest: spread.fewest_bits(snr),
        largest: measured.map(|values| range * values.largest),
        conversions: design.graph[adc].operations,
        assumed: usage.statistics_assumed && measured.is_none(),
    })
}

/// What a converter takes the sums of.
fn column(design: &Design, layer: &Layer, adc: NodeIndex) -> Option<Column> {
    let circuits = &layer.circuits;
    let crossbar = &design.graph[circuits.crossbar];
    let Role::Crossbar(component, usage) = &crossbar.role else { return None };
    let array = component.crossbar.as_ref()?;
    let grid = layer.grid;
    // Partitions are of nearly equal size.
    let parts = if layer.takes_partial_sums(adc) { grid.row_partitions as f64 } else { 1.0 };
    let (inputs, always) = (grid.inputs as f64, (grid.rows - grid.inputs) as f64);
    let mean_square = (usage.mean_active_rows - always) / inputs;
    let bipolar = design.input_encoding == InputEncoding::Bipolar && layer.from.contains(&None);
    let arriving = design.graph.edges_directed(adc, Incoming).next().map(|edge| *edge.weight());
    let converter = design.graph[adc].component()?;
    let one_by_one = arriving.is_some_and(|signal| signal.paired) && !converter.differential;
    let single = one_by_one || layer.cells.encoding == Encoding::Unsigned;
    Some(Column {
        driven: inputs / parts,
        always: always / parts,
        mean_square,
        // Rows that are on or off have their mean square as their mean.
        mean: usage.mean_level.unwrap_or(mean_square),
        level: usage.low_resistance,
        two_states: array.bits_per_device == 1 && layer.cells.levels == Levels::States,
        lines: if single {
            ColumnLines::One { floor: array.device.r_low.value / array.device.r_high.value }
        } else {
            ColumnLines::Difference
        },
        negative: bipolar,
        on_or_off: circuits.arriving.domain == Domain::Word && crossbar.word_bits == 1,
    })
}

impl Conversion<'_> {
    /// What a conversion takes as the library states it.
    #[must_use]
    pub fn stated(&self) -> Option<ConversionCost> {
        let area = self.converter.area.as_ref().map(|area| area.value);
        Some(ConversionCost { energy: self.converter.operation_energy()?, area })
    }

    /// What a converter of so many bits takes at the same rate and node by the regression over measured ones, which has none of less than four
    /// bits: these are taken as of four.
    #[must_use]
    pub fn by_survey(&self, bits: u32) -> Option<ConversionCost> {
        let rate = self.converter.rate.as_ref().map(|rate| rate.value);
        let rate = rate.or_else(|| Some(self.converter.latency.as_ref()?.value.rate()))?;
        let node = self.converter.provenance.node.filter(|node| regression::is_node(*node))?;
        let cost = regression::cost(WantedConverter { bits: f64::from(bits).max(regression::FEWEST_BITS), rate, node });
        Some(ConversionCost { energy: cost.energy, area: cost.area })
    }
}
