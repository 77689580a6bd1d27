//! The typical tiles of a layer's crossbar, read off the design: their currents, their power and what their wires carry.
//!
//! `model::crossbar::typical` solves them; the amplifier after the crossbar is the end of its columns, and a stage that takes the sums of all row
//! partitions joins them.

use petgraph::graph::NodeIndex;

use super::drive;
use super::placed::PlacedCircuits;
use crate::design::{Domain, Role};
use crate::model::amplifier::ColumnEnd;
use crate::model::crossbar::typical::{self, TilePlace, TileSolution};
use crate::model::crossbar::{self, CellModel, partition};
use crate::spec::architecture::Encoding;
use crate::techlib::{Crossbar, Model};
use crate::units::{Power, Resistance, Time};

/// The stacks of tiles of a crossbar node and how many of each stand side by side; none for other nodes.
///
/// Outputs are dealt out so that there are three kinds of stacks at most; a kind may occur no time.
#[must_use]
pub fn tile_places<'d>(circuits: impl Into<PlacedCircuits<'d>>, crossbar: NodeIndex) -> Option<[(TilePlace, u64); 3]> {
    let circuits = circuits.into();
    let design = circuits.design;
    let node = &design.graph[crossbar];
    let Role::Crossbar(component, usage) = &node.role else { return None };
    let array = component.crossbar.as_ref()?;
    let layer = design.layers.get(node.layer?)?;
    let grid = &usage.grid;
    let lines = array.devices_per_cell;
    let end = design.termination_of(crossbar);
    let wire = circuits.wire(array);
    let segment = |length| wire.as_ref().map_or(Resistance::ZERO, |wire| wire.resistance(length));
    let (r_low, r_high) = circuits.resistances(&array.device);
    let place = |outputs: u64| TilePlace {
        rows: grid.rows,
        partitions: grid.row_partitions,
        bias: grid.rows > grid.inputs,
        joined: end.is_some_and(|(_, sharing)| sharing > 1),
        cells: outputs * grid.columns_per_output,
        lines,
        paired: layer.cells.encoding == Encoding::Differential,
        r_low,
        r_high,
        low_fraction: circuits.low_resistance(crossbar, usage).si(),
        row_segment: segment(circuits.figure(&array.cell_width)),
        column_segment: segment(circuits.figure(&array.cell_height)),
        end: end.map_or(ColumnEnd::GROUND, |(amplifier, _)| column_end(circuits, amplifier)),
    };
    Some(partition::sizes(grid.outputs, grid.column_partitions).map(|(outputs, count)| (place(outputs), count)))
}

/// The currents of all rows of a crossbar node; none for other nodes.
#[must_use]
pub fn row_currents<'d>(circuits: impl Into<PlacedCircuits<'d>>, crossbar: NodeIndex) -> Option<TileSolution> {
    let there = tile_places(circuits, crossbar)?.into_iter().filter(|(_, count)| *count > 0);
    Some(TileSolution::side_by_side(there.map(|(place, count)| (typical::solve(&place), count))))
}

/// What an amplifier is to its columns: its circuit where it is described, else a virtual ground.
fn column_end(circuits: PlacedCircuits<'_>, amplifier: NodeIndex) -> ColumnEnd {
    match circuits.design.graph[amplifier].component().and_then(|component| circuits.model(component)) {
        Some(Model::Amplifier(amplifier)) => amplifier.circuit.column_end(),
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
pub fn row_power<'d>(circuits: impl Into<PlacedCircuits<'d>>, crossbar: NodeIndex) -> Option<RowPower> {
    let circuits = circuits.into();
    let array = array(circuits, crossbar)?;
    let rows = drive::rows_driven(circuits, crossbar)?;
    let currents = row_currents(circuits, crossbar)?;
    let bias = circuits.read_voltage(array);
    let (power, ideal) = (currents.power(rows.levels, bias), currents.ideal_power(rows.lossless, bias));
    // Columns that are left open go to the mean of their rows: what is left is the variance of these.
    let open = is_voltage_sensed(circuits, crossbar);
    let left = if open { rows.lossless.variance_share() } else { 1.0 };
    Some(RowPower { power: power * left, ideal: ideal * left })
}

fn array(circuits: PlacedCircuits<'_>, crossbar: NodeIndex) -> Option<&Crossbar> {
    match &circuits.design.graph[crossbar].role {
        Role::Crossbar(component, _) => component.crossbar.as_deref(),
        _ => None,
    }
}

/// True if the columns of a crossbar give a voltage: nothing takes a current from them.
fn is_voltage_sensed(circuits: PlacedCircuits<'_>, crossbar: NodeIndex) -> bool {
    let component = circuits.design.graph[crossbar].component();
    component.is_some_and(|component| component.gives == Some(Domain::Voltage))
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
pub fn tile_stress<'d>(circuits: impl Into<PlacedCircuits<'d>>, crossbar: NodeIndex) -> Option<TileStress> {
    let circuits = circuits.into();
    let array = array(circuits, crossbar)?;
    let Role::Crossbar(_, usage) = &circuits.design.graph[crossbar].role else { return None };
    let rows = drive::rows_driven(circuits, crossbar)?;
    // The rows of the widest tiles carry most.
    let widest = tile_places(circuits, crossbar)?.into_iter().rev().find(|(_, count)| *count > 0)?;
    let tile = typical::solve(&widest.0);
    let full = rows.full;
    let row = tile.row_current(full, rows.levels.mean, circuits.read_voltage(array));
    let column = tile.column_current(rows.levels.mean);
    let section = circuits.wire(array).map(|wire| wire.width.si() * wire.thickness.si());
    let grid = &usage.grid;
    let area = circuits.figure(&array.cell_width) * circuits.figure(&array.cell_height);
    let area = area.si() * (grid.rows * grid.columns()) as f64;
    Some(TileStress {
        row_a_per_m2: section.map(|section| row.si() / section),
        column_a_per_m2: section.map(|section| column.si() / section),
        power_w_per_m2: row_power(circuits, crossbar)?.power.si() / area,
    })
}

/// How long the lines of a crossbar node take to settle, from its wires; none without wires, and for other nodes.
#[must_use]
pub fn settling_time<'d>(circuits: impl Into<PlacedCircuits<'d>>, crossbar: NodeIndex) -> Option<Time> {
    let circuits = circuits.into();
    let array = array(circuits, crossbar)?;
    let Role::Crossbar(_, usage) = &circuits.design.graph[crossbar].role else { return None };
    let (r_low, r_high) = circuits.resistances(&array.device);
    let cell = CellModel { r_low, r_high, devices: array.devices_per_cell };
    let device = cell.mean_device_conductance(circuits.low_resistance(crossbar, usage).si());
    let (width, height) = (circuits.figure(&array.cell_width), circuits.figure(&array.cell_height));
    let (rows, columns) = (usage.grid.tile_rows, usage.grid.tile_columns);
    Some(crossbar::settling_time(&circuits.wire(array)?, width, height, rows, columns, device))
}
