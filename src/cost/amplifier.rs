//! Amplifiers where they stand: at the foot of the columns of a crossbar.

use petgraph::graph::NodeIndex;

use super::drive;
use super::placed::PlacedCircuits;
use super::tile;
use crate::design::{CrossbarUse, Design, Role};
use crate::model::amplifier::ColumnAmplifier;
use crate::model::amplifier::columns::{AmplifierDuty, TypicalPair};
use crate::model::crossbar::CellModel;
use crate::model::crossbar::typical::{self, RowLevels, TilePlace};
use crate::techlib::{AmplifierModel, Component, Crossbar, Model};
use crate::units::{Conductance, Power, Resistance, Time, Voltage};

/// An amplifier at the foot of columns, as far as its settling depends on them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmplifierFoot {
    /// The amplifier.
    pub amplifier: ColumnAmplifier,
    /// The most that one of its columns is to sources that are held.
    pub widest: Conductance,
    /// Tiles one below the other whose outputs are apart.
    tiles: u64,
}

impl AmplifierFoot {
    /// How long its output takes to settle; none where its circuit does not say.
    #[must_use]
    pub fn settling(&self) -> Option<Time> {
        self.amplifier.settling(self.widest)
    }
}

/// An amplifier with its columns and what they carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedAmplifier {
    /// The amplifier.
    pub amplifier: ColumnAmplifier,
    /// Its columns, of a typical tile.
    pub columns: TypicalPair,
    /// How many outputs of such amplifiers are joined.
    pub joined: u64,
}

impl PlacedAmplifier {
    /// What its op-amps have to do.
    #[must_use]
    pub fn duty(&self) -> AmplifierDuty {
        self.columns.duty(&self.amplifier, self.joined)
    }

    /// What its rails deliver into its outputs; none where no rails are stated.
    #[must_use]
    pub fn delivered(&self) -> Option<Power> {
        Some(self.amplifier.rails()? * self.duty().delivered)
    }
}

/// The circuit of a component, if it is an amplifier with one.
pub(super) fn circuit(component: &Component) -> Option<&AmplifierModel> {
    match &component.model {
        Some(Model::Amplifier(amplifier)) => Some(amplifier),
        _ => None,
    }
}

/// The amplifier of a node at the foot of columns; none for nodes without such a circuit, and for amplifiers elsewhere.
#[must_use]
pub fn foot<'d>(circuits: impl Into<PlacedCircuits<'d>>, node: NodeIndex) -> Option<AmplifierFoot> {
    let circuits = circuits.into();
    let design = circuits.design;
    let Role::Stage(component) = &design.graph[node].role else { return None };
    circuit(component)?;
    let crossbar = design.layers[design.graph[node].layer?].circuits.crossbar;
    let (end, sharing) = design.termination_of(crossbar)?;
    let (array, usage) = array(design, crossbar).filter(|_| end == node)?;
    let Some(Model::Amplifier(model)) = circuits.model(component) else { return None };
    let tiles = if sharing > 1 { 1 } else { usage.grid.row_partitions };
    let (r_low, r_high) = circuits.resistances(&array.device);
    let cell = CellModel { r_low, r_high, devices: array.devices_per_cell };
    let device = cell.mean_device_conductance(circuits.low_resistance(crossbar, usage).si());
    let widest = device * usage.grid.rows.div_ceil(tiles) as f64;
    Some(AmplifierFoot { amplifier: model.circuit, widest, tiles })
}

/// The same with what its columns carry.
#[must_use]
pub fn placed<'d>(circuits: impl Into<PlacedCircuits<'d>>, node: NodeIndex) -> Option<PlacedAmplifier> {
    let circuits = circuits.into();
    let crossbar = circuits.design.layers[circuits.design.graph[node].layer?].circuits.crossbar;
    with_levels(circuits, node, drive::rows_driven(circuits, crossbar)?.levels)
}

/// Deviation of the inputs of a neuron from 0 V, of weights and inputs that do not depend on each other; none where no amplifier with a circuit
/// stands before it. The rows are as their layer states them: how much of that is lost on the way is a question to the layer before.
pub(super) fn inputs_after(circuits: PlacedCircuits<'_>, neuron: NodeIndex) -> Option<Voltage> {
    let design = circuits.design;
    let layer = &design.layers[design.graph[neuron].layer?];
    let (node, _) =
        design.termination_of(layer.circuits.crossbar).filter(|_| layer.circuits.activation == Some(neuron))?;
    let (array, usage) = array(design, layer.circuits.crossbar)?;
    let full = circuits.read_voltage(array);
    let stated = RowLevels::on_for(circuits.active_rows(layer.circuits.crossbar, usage).si(), full);
    let mean = circuits.mean_level(layer.circuits.crossbar, usage).map_or(stated.mean, |mean| full * mean.si());
    let placed = with_levels(circuits, node, RowLevels { mean, ..stated })?;
    // Joined outputs have their mean, which the deviations of all of them together decide.
    Some(placed.duty().output * (1.0 / placed.joined as f64).sqrt())
}

fn with_levels(circuits: PlacedCircuits<'_>, node: NodeIndex, levels: RowLevels) -> Option<PlacedAmplifier> {
    let design = circuits.design;
    let AmplifierFoot { amplifier, tiles, .. } = foot(circuits, node)?;
    let crossbar = design.layers[design.graph[node].layer?].circuits.crossbar;
    let (array, usage) = array(design, crossbar)?;
    let (grid, component) = (&usage.grid, design.graph[node].component()?);
    let (r_low, r_high) = circuits.resistances(&array.device);
    let columns = TypicalPair {
        r_low,
        r_high,
        low_fraction: circuits.low_resistance(crossbar, usage).si(),
        inputs: grid.inputs as f64 / tiles as f64,
        levels,
        bias: circuits.read_voltage(array),
        biases: (grid.rows - grid.inputs) as f64 / tiles as f64,
        carried: carried(circuits, crossbar)?,
    };
    let joined = if component.joins.partitions && meets_at_outputs(design, node) { tiles } else { 1 };
    Some(PlacedAmplifier { amplifier, columns, joined })
}

fn array(design: &Design, crossbar: NodeIndex) -> Option<(&Crossbar, &CrossbarUse)> {
    match &design.graph[crossbar].role {
        Role::Crossbar(component, usage) => Some((component.crossbar.as_ref()?, usage)),
        _ => None,
    }
}

/// True if the outputs of an amplifier node are joined before what follows.
fn meets_at_outputs(design: &Design, node: NodeIndex) -> bool {
    let Some(layer) = design.graph[node].layer.map(|layer| &design.layers[layer]) else { return false };
    let after = layer.circuits.column.iter().skip_while(|&&of| of != node).nth(1);
    layer.takes_partial_sums(node) && !after.is_some_and(|&next| layer.takes_partial_sums(next))
}

/// The part of the currents into the ends of columns that wires leave, all rows driven.
fn carried(circuits: PlacedCircuits<'_>, crossbar: NodeIndex) -> Option<f64> {
    let thick =
        |place: TilePlace| TilePlace { row_segment: Resistance::ZERO, column_segment: Resistance::ZERO, ..place };
    let places = tile::tile_places(circuits, crossbar)?;
    let sum = |change: &dyn Fn(TilePlace) -> TilePlace| -> f64 {
        let there = places.iter().filter(|(_, count)| *count > 0);
        there
            .map(|(place, count)| {
                let found = typical::solve(&change(*place));
                let all = found.alone + found.mutual + found.bias_mutual * 2.0 + found.bias_alone;
                all.si() * *count as f64
            })
            .sum()
    };
    Some(sum(&|place| place) / sum(&thick))
}
