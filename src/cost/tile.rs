//! The typical tiles of a layer's crossbar, read off the design: their currents, their power and what their wires carry.
//!
//! `model::crossbar::typical` solves them; the amplifier after the crossbar is the end of its columns, and a stage that takes the sums of all row
//! partitions joins them.

use petgraph::graph::NodeIndex;

use super::drive;
use crate::design::{Design, Role};
use crate::model::amplifier::ColumnEnd;
use crate::model::crossbar::partition;
use crate::model::crossbar::typical::{self, TilePlace, TileSolution};
use crate::spec::architecture::Encoding;
use crate::techlib::{Crossbar, Model};
use crate::units::{Power, Resistance};

/// The stacks of tiles of a crossbar node and how many of each stand side by side; none for other nodes.
///
/// Outputs are dealt out so that there are three kinds of stacks at most; a kind may occur no time.
#[must_use]
pub fn tile_places(design: &Design, crossbar: NodeIndex) -> Option<[(TilePlace, u64); 3]> {
    let node = &design.graph[crossbar];
    let Role::Crossbar(component, usage) = &node.role else { return None };
    let array = component.crossbar.as_ref()?;
    let layer = design.layers.get(node.layer?)?;
    let grid = &usage.grid;
    let lines = array.devices_per_cell;
    let end = design.termination_of(crossbar);
    let segment = |length| array.wire.as_ref().map_or(Resistance::ZERO, |wire| wire.resistance(length));
    let place = |outputs: u64| TilePlace {
        rows: grid.rows,
        partitions: grid.row_partitions,
        bias: grid.rows > grid.inputs,
        joined: end.is_some_and(|(_, sharing)| sharing > 1),
        cells: outputs * grid.columns_per_output,
        lines,
        paired: layer.cells.encoding == Encoding::Differential,
        r_low: array.device.r_low.value,
        r_high: array.device.r_high.value,
        low_fraction: usage.low_resistance,
        row_segment: segment(array.cell_width.value),
        column_segment: segment(array.cell_height.value),
        end: end.map_or(ColumnEnd::GROUND, |(amplifier, _)| column_end(design, amplifier)),
    };
    Some(partition::sizes(grid.outputs, grid.column_partitions).map(|(outputs, count)| (place(outputs), count)))
}

/// The currents of all rows of a crossbar node; none for other nodes.
#[must_use]
pub fn row_currents(design: &Design, crossbar: NodeIndex) -> Option<TileSolution> {
    row_currents_with(design, crossbar, &|place| place)
}

/// The same with tiles that are changed before they are solved.
pub(crate) fn row_currents_with(
    design: &Design,
    crossbar: NodeIndex,
    change: &dyn Fn(TilePlace) -> TilePlace,
) -> Option<TileSolution> {
    let there = tile_places(design, crossbar)?.into_iter().filter(|(_, count)| *count > 0);
    Some(TileSolution::side_by_side(there.map(|(place, count)| (typical::solve(&change(place)), count))))
}

/// What an amplifier is to its columns: its circuit where it is described, else a virtual ground.
fn column_end(design: &Design, amplifier: NodeIndex) -> ColumnEnd {
    match design.graph[amplifier].component().and_then(|component| component.model) {
        Some(Model::DifferenceAmplifier(amplifier)) => amplifier.column_end(),
        _ => ColumnEnd::GROUND,
    }
}

/// The power in the rows of a crossbar.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RowPower {
    /// As it is.
    pub power: Power,
    /// With ideal wires, virtual grounds and neurons that hold their levels.
    pub ideal: Power,
}

impl RowPower {
    /// What is left of the ideal power; of none all is left.
    #[must_use]
    pub fn of_ideal(&self) -> f64 {
        if self.ideal > Power::ZERO { self.power / self.ideal } else { 1.0 }
    }
}

/// The power that sources and neurons deliver into the rows of a crossbar node; none for other nodes.
#[must_use]
pub fn row_power(design: &Design, crossbar: NodeIndex) -> Option<RowPower> {
    let array = array(design, crossbar)?;
    let rows = drive::rows_driven(design, crossbar)?;
    let currents = row_currents(design, crossbar)?;
    let bias = array.read_voltage;
    Some(RowPower { power: currents.power(rows.levels, bias), ideal: currents.ideal_power(rows.lossless, bias) })
}

fn array(design: &Design, crossbar: NodeIndex) -> Option<&Crossbar> {
    match &design.graph[crossbar].role {
        Role::Crossbar(component, _) => component.crossbar.as_ref(),
        _ => None,
    }
}

/// What the wires and the area of a tile have to bear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TileStress {
    /// Current density in the first segment of a row at its full voltage, the others at their mean, in ampere per square metre; none without wires.
    pub row_a_per_m2: Option<f64>,
    /// Mean current density in the last segment of the column line that carries most; none without wires.
    pub column_a_per_m2: Option<f64>,
    /// Power per area of the layer's tiles while they are read, in watt per square metre.
    pub power_w_per_m2: f64,
}

/// What the typical tile of a crossbar node has to bear; none for other nodes.
#[must_use]
pub fn tile_stress(design: &Design, crossbar: NodeIndex) -> Option<TileStress> {
    let array = array(design, crossbar)?;
    let Role::Crossbar(_, usage) = &design.graph[crossbar].role else { return None };
    let rows = drive::rows_driven(design, crossbar)?;
    // The rows of the widest tiles carry most.
    let widest = tile_places(design, crossbar)?.into_iter().rev().find(|(_, count)| *count > 0)?;
    let tile = typical::solve(&widest.0);
    let full = rows.full;
    let row = tile.row_current(full, rows.levels.mean, array.read_voltage);
    let column = tile.column_current(rows.levels.mean);
    let section = array.wire.as_ref().map(|wire| wire.width.si() * wire.thickness.si());
    let grid = &usage.grid;
    let area = array.cell_width.value * array.cell_height.value;
    let area = area.si() * (grid.rows * grid.columns()) as f64;
    Some(TileStress {
        row_a_per_m2: section.map(|section| row.si() / section),
        column_a_per_m2: section.map(|section| column.si() / section),
        power_w_per_m2: row_power(design, crossbar)?.power.si() / area,
    })
}
