//! What drives the rows of crossbars, and what these rows are to neurons that drive them directly.

use petgraph::Direction::Incoming;
use petgraph::graph::NodeIndex;

use super::amplifier;
use super::placed::PlacedCircuits;
use super::tile;
use crate::design::{Design, Role};
use crate::model::crossbar::typical::RowLevels;
use crate::model::driver::InverterChain;
use crate::model::neuron::in_place::{InPlace, RowLoad, RowStatistic, in_place};
use crate::model::neuron::{Load, NeuronError};
use crate::techlib::{Component, Kind, Model, MtjInverter};
use crate::units::{Capacitance, Conductance, Current, Energy, Fraction, Voltage};

/// The circuit of a component, if it is a neuron with one.
pub(super) fn neuron(component: &Component) -> Option<&MtjInverter> {
    match &component.model {
        Some(Model::MtjInverter(neuron)) => Some(neuron),
        _ => None,
    }
}

/// The rows that a node drives directly: of all crossbars after it, on all tiles that share them. Without rows, nothing.
#[must_use]
pub fn row_load<'d>(circuits: impl Into<PlacedCircuits<'d>>, node: NodeIndex) -> RowLoad {
    let circuits = circuits.into();
    let design = circuits.design;
    let mut load = RowLoad::default();
    let crossbars = design.crossbars_driven_by(node);
    for &crossbar in &crossbars {
        let Role::Crossbar(component, usage) = &design.graph[crossbar].role else { continue };
        let currents = tile::row_currents(circuits, crossbar);
        let (Some(array), Some(currents)) = (&component.crossbar, currents) else { continue };
        let rows = currents.inputs as f64;
        load.own += Conductance::new(currents.alone.si() / rows);
        load.mutual += Conductance::new(currents.mutual.si() / rows);
        load.fixed += Current::new(currents.bias_mutual.si() * circuits.read_voltage(array).si() / rows);
        let width = circuits.figure(&array.cell_width);
        let wire = circuits.wire(array).map_or(Capacitance::ZERO, |wire| wire.capacitance(width));
        load.capacitance += wire * usage.grid.columns() as f64;
    }
    load.statistic = statistic(circuits, &crossbars);
    load.inputs = amplifier::inputs_after(circuits, node);
    load
}

/// Mean square of the rows of these crossbars, as their layers state it, relative to the full voltage.
fn statistic(circuits: PlacedCircuits<'_>, crossbars: &[NodeIndex]) -> Option<RowStatistic> {
    let (mut sum, mut count, mut with_load) = (0.0, 0, true);
    for &crossbar in crossbars {
        if let Role::Crossbar(_, usage) = &circuits.design.graph[crossbar].role {
            sum += circuits.active_rows(crossbar, usage).si();
            count += 1;
            with_load &= usage.measured_with_load;
        }
    }
    (count > 0).then(|| RowStatistic { mean_square: sum / f64::from(count), with_load })
}

/// A neuron where it stands; none if the node is no neuron with a circuit.
///
/// # Errors
/// If its load is beyond what the circuit can drive.
pub fn neuron_in_place<'d>(
    circuits: impl Into<PlacedCircuits<'d>>,
    node: NodeIndex,
) -> Option<Result<InPlace, NeuronError>> {
    let circuits = circuits.into();
    let Role::Stage(component) = &circuits.design.graph[node].role else { return None };
    let Some(Model::MtjInverter(neuron)) = circuits.model(component) else { return None };
    Some(in_place(&neuron.circuit, row_load(circuits, node)))
}

/// What an operation of a row driver takes to charge the wire of its row, on average; none if it is no chain of inverters.
#[must_use]
pub fn row_charge(circuits: PlacedCircuits<'_>, node: NodeIndex) -> Option<Energy> {
    Some(chain(circuits, node)?.charge(row_load(circuits, node).capacitance))
}

fn chain(circuits: PlacedCircuits<'_>, node: NodeIndex) -> Option<InverterChain> {
    let Role::Stage(component) = &circuits.design.graph[node].role else { return None };
    match circuits.model(component) {
        Some(Model::InverterChain(chain)) => Some(chain),
        _ => None,
    }
}

/// A row that a driver pulls up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrivenRow {
    /// Its voltage.
    pub level: Voltage,
    /// The driver's supply.
    pub vdd: Voltage,
    /// Fins of the driver's last inverter.
    pub fins: f64,
    /// What the row is where the others are at their mean: a resistance to a level.
    pub load: Load,
}

impl DrivenRow {
    /// The part of the supply that is lost in the driver.
    #[must_use]
    pub fn lost(&self) -> f64 {
        1.0 - self.level / self.vdd
    }
}

/// A row that a driver pulls up while the others are at their mean; none if the driver is no chain of inverters, or what it drives takes nothing.
///
/// Costs take rows as held: what the driver loses, the row does not take.
#[must_use]
pub fn driven_row<'d>(circuits: impl Into<PlacedCircuits<'d>>, node: NodeIndex) -> Option<DrivenRow> {
    let circuits = circuits.into();
    let chain = chain(circuits, node)?;
    let crossbar = circuits.design.crossbars_driven_by(node).into_iter().next()?;
    let load = row_load(circuits, node).at(rows_driven(circuits, crossbar)?.levels.mean);
    let Load::ResistanceTo(resistance, level) = load else { return None };
    let level = chain.high_level(|row| (row - level) / resistance).ok()?;
    Some(DrivenRow { level, vdd: chain.vdd, fins: chain.fins, load })
}

/// What drives the rows of a crossbar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowsDriven {
    /// Their voltages.
    pub levels: RowLevels,
    /// The same if nothing were lost on the way from neurons to rows: what the layer states.
    pub lossless: RowLevels,
    /// The voltage of a row that is fully on.
    pub full: Voltage,
    /// The rails of the neurons that drive the rows, directly or through a buffer, where they are known; it need not be the crossbar's
    /// read voltage.
    pub rails: Option<Voltage>,
}

/// What drives the rows of a crossbar node; none for other nodes.
#[must_use]
pub fn rows_driven<'d>(circuits: impl Into<PlacedCircuits<'d>>, crossbar: NodeIndex) -> Option<RowsDriven> {
    let circuits = circuits.into();
    let design = circuits.design;
    let Role::Crossbar(component, usage) = &design.graph[crossbar].role else { return None };
    let read_voltage = circuits.read_voltage(component.crossbar.as_ref()?);
    let stated = StatedLevels {
        active: circuits.active_rows(crossbar, usage).si(),
        mean: circuits.mean_level(crossbar, usage).map(Fraction::si),
        product: usage.level_product,
    };
    let mut sum = GroupSum::default();
    for (driver, rows) in drivers(design, crossbar) {
        sum.add(&group(circuits, driver, stated, read_voltage), rows as f64);
    }
    let mut found = sum.mean().unwrap_or_else(|| stated.held(read_voltage));
    found.levels.product_v2 = stated.product.map(|product| product * found.full.si() * found.full.si());
    Some(found)
}

/// What a layer states of its rows, relative to their full voltage.
#[derive(Clone, Copy)]
struct StatedLevels {
    /// Mean square.
    active: f64,
    /// Mean; none where it follows from what drives the rows.
    mean: Option<f64>,
    /// Mean product of two different rows; none where they do not depend on each other.
    product: Option<f64>,
}

impl StatedLevels {
    /// Rows at a voltage that is held; where no mean is stated they are on or off.
    fn held(self, full: Voltage) -> RowsDriven {
        let levels = self.with_mean(RowLevels::on_for(self.active, full), full);
        RowsDriven { levels, lossless: levels, full, rails: None }
    }

    fn with_mean(self, levels: RowLevels, full: Voltage) -> RowLevels {
        // What rows lose on their way may leave less than the mean that is stated of them.
        let mean = self.mean.map_or(levels.mean, |mean| (full * mean).max(levels.rms * -1.0).min(levels.rms));
        RowLevels { mean, ..levels }
    }
}

/// The groups of units that drive a crossbar's rows, each with how many rows; where signals are joined there are several.
fn drivers(design: &Design, crossbar: NodeIndex) -> impl Iterator<Item = (NodeIndex, u64)> {
    let layer = design.graph[crossbar].layer.and_then(|layer| design.layers.get(layer));
    layer.into_iter().flat_map(move |layer| {
        layer.circuits.driven_by.iter().map(move |&driver| {
            let outputs = |of: usize| design.layers.get(of).map_or(0, |of| of.grid.outputs);
            let own = design.graph[driver].layer == design.graph[crossbar].layer;
            let rows = if own { layer.grid.inputs } else { design.graph[driver].layer.map_or(0, outputs) };
            (driver, rows)
        })
    })
}

/// The rows that one group of units drives.
fn group(circuits: PlacedCircuits<'_>, driver: NodeIndex, stated: StatedLevels, read_voltage: Voltage) -> RowsDriven {
    let design = circuits.design;
    let (node, buffered) = source_of_levels(design, driver);
    let Role::Stage(component) = &design.graph[node].role else { return stated.held(read_voltage) };
    match circuits.model(component) {
        Some(Model::Logistic(curve)) => {
            let full = curve.offset + curve.amplitude;
            RowsDriven { rails: Some(full), ..stated.held(full) }
        }
        Some(Model::MtjInverter(neuron)) => {
            let load = if buffered {
                RowLoad {
                    statistic: Some(RowStatistic { mean_square: stated.active, with_load: false }),
                    inputs: amplifier::inputs_after(circuits, node),
                    ..RowLoad::default()
                }
            } else {
                row_load(circuits, node)
            };
            let full = neuron.circuit.vdd;
            let Ok(found) = in_place(&neuron.circuit, load) else {
                return RowsDriven { rails: Some(full), ..stated.held(full) };
            };
            // A neuron that drives layers which state different things has something between them.
            let taken = load.statistic.map(|statistic| statistic.mean_square).filter(|&taken| taken > 0.0);
            let scale = taken.map_or(1.0, |taken| (stated.active / taken).sqrt());
            let scaled = |levels: RowLevels| RowLevels { mean: levels.mean * scale, rms: levels.rms * scale, ..levels };
            // Of what was measured with its load nothing is lost.
            let lossless = if load.statistic.is_some_and(|s| s.with_load) { found.rows } else { found.rows_open };
            // A mean is stated of the rows as they are.
            let levels = stated.with_mean(scaled(found.rows), full);
            RowsDriven { levels, lossless: scaled(lossless), full, rails: Some(full) }
        }
        _ => stated.held(read_voltage),
    }
}

/// The node that sets the levels which a driver passes on, and whether buffers hold them.
fn source_of_levels(design: &Design, driver: NodeIndex) -> (NodeIndex, bool) {
    let (mut node, mut buffered) = (driver, false);
    while let Role::Stage(component) = &design.graph[node].role
        && component.kind == Kind::Buffer
        && let Some(before) = design.graph.neighbors_directed(node, Incoming).next()
    {
        (node, buffered) = (before, true);
    }
    (node, buffered)
}

/// The mean over groups of rows.
#[derive(Default)]
struct GroupSum {
    rows: f64,
    mean: [f64; 2],
    square: [f64; 2],
    full: Voltage,
    rails: Option<Voltage>,
}

impl GroupSum {
    fn add(&mut self, group: &RowsDriven, rows: f64) {
        self.rows += rows;
        for (k, levels) in [group.levels, group.lossless].into_iter().enumerate() {
            self.mean[k] += rows * levels.mean.si();
            self.square[k] += rows * levels.rms.si() * levels.rms.si();
        }
        self.full = self.full.max(group.full);
        self.rails = match (self.rails, group.rails) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
    }

    fn mean(&self) -> Option<RowsDriven> {
        let levels = |k: usize| RowLevels {
            mean: Voltage::new(self.mean[k] / self.rows),
            rms: Voltage::new((self.square[k] / self.rows).sqrt()),
            product_v2: None,
        };
        (self.rows > 0.0).then(|| RowsDriven {
            levels: levels(0),
            lossless: levels(1),
            full: self.full,
            rails: self.rails,
        })
    }
}
