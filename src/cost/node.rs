//! The cost of one group of identical units, before it is known how long it is powered.

use petgraph::graph::NodeIndex;

use super::{drive, wires};
use crate::design::{CrossbarUse, Design, Node, Role};
use crate::model::crossbar::{self, CellModel};
use crate::model::neuron::in_place::InPlace;
use crate::techlib::{Component, Crossbar, Figure};
use crate::units::{Area, Energy, Power, Time};

/// What a group costs. All figures are of the whole group and of one inference.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NodeCost {
    /// Area.
    pub area: Area,
    /// Energy of the operations.
    pub dynamic_energy: Energy,
    /// Power as long as the group is powered.
    pub static_power: Power,
    /// Energy from static power; filled in when the schedule is known.
    pub static_energy: Energy,
    /// Power of the group while it works: all units at once.
    pub active_power: Power,
    /// Time from the first to the last operation.
    pub time: Time,
    /// Of a crossbar: its power relative to that with ideal wires, virtual grounds and rows that hold their levels.
    pub of_ideal_power: Option<f64>,
    /// Which of the figures rest on an assumed number.
    pub assumed: Assumed,
}

/// Which figures of a group rest on an assumed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Assumed {
    /// The area.
    pub area: bool,
    /// The energy of the operations.
    pub dynamic_energy: bool,
    /// The static power.
    pub static_power: bool,
    /// The time.
    pub time: bool,
}

impl NodeCost {
    /// Energy of one inference.
    #[must_use]
    pub fn energy(&self) -> Energy {
        self.dynamic_energy + self.static_energy
    }

    /// The part of the energy that rests on assumed numbers.
    #[must_use]
    pub fn assumed_energy(&self) -> Energy {
        let part = |assumed: bool, energy| if assumed { energy } else { Energy::ZERO };
        part(self.assumed.dynamic_energy, self.dynamic_energy) + part(self.assumed.static_power, self.static_energy)
    }
}

/// The cost of a group in its place.
#[must_use]
pub fn cost(flow: &Design, index: NodeIndex) -> NodeCost {
    let node = &flow.graph[index];
    match &node.role {
        Role::Source | Role::Sink => NodeCost::default(),
        Role::Stage(component) => match drive::neuron_in_place(flow, index) {
            Some(neuron) => stage(node, &with_circuit(component, &neuron)),
            None => stage(node, component),
        },
        Role::LineSwitch(component) => line_switch(node, component),
        Role::Crossbar(component, usage) => match &component.crossbar {
            Some(array) => {
                let held = drive::drive_of_rows(flow, index);
                // A warning says where it is not known.
                let left = wires::power_left(flow, index, array, usage).unwrap_or(1.0);
                tiles(node, component, array, usage, RowPower { held, left })
            }
            None => NodeCost::default(),
        },
    }
}

/// What is left of the power in the rows of a crossbar.
struct RowPower {
    /// Because the neurons before it cannot hold their levels.
    held: f64,
    /// Because of wires and column ends.
    left: f64,
}

/// A neuron with the power and latency that its load gives it, where they follow from its circuit.
fn with_circuit(component: &Component, in_place: &InPlace) -> Component {
    let mut component = component.clone();
    let neuron = drive::neuron(&component).copied();
    if let (Some(power), Some(true)) = (&mut component.static_power, neuron.map(|n| n.gives_power)) {
        power.value = in_place.power;
    }
    if let (Some(latency), Some(true), Some(delay)) =
        (&mut component.latency, neuron.map(|n| n.gives_latency), in_place.delay)
    {
        latency.value = delay;
    }
    component
}

fn stage(node: &Node, component: &Component) -> NodeCost {
    let width = if component.per_bit { f64::from(node.word_bits.max(1)) } else { 1.0 };
    let units = node.units as f64 * width;
    let operations = node.operations as f64 * width;
    let area = component.area.as_ref();
    let energy = component.energy.as_ref();
    let static_power = component.static_power.as_ref();
    let latency = component.latency.as_ref();
    let per_operation = value(latency);
    let static_total = value(static_power) * units;
    // `power` is the power of a working unit; where only an energy is given it is spread over the operation.
    let working = match (&component.power, energy) {
        (Some(power), _) => power.value * units,
        (None, Some(energy)) if per_operation > Time::ZERO => energy.value / per_operation * units,
        _ => Power::ZERO,
    };
    NodeCost {
        area: value(area) * units,
        dynamic_energy: value(energy) * operations,
        static_power: static_total,
        static_energy: Energy::ZERO,
        active_power: working + static_total,
        time: per_operation * node.rounds as f64,
        of_ideal_power: None,
        assumed: Assumed {
            area: assumed(area),
            dynamic_energy: assumed(energy),
            static_power: assumed(static_power),
            time: assumed(latency),
        },
    }
}

/// Gate energy and resistance of line switches are not modelled.
fn line_switch(node: &Node, component: &Component) -> NodeCost {
    NodeCost {
        area: value(component.area.as_ref()) * node.units as f64,
        assumed: Assumed { area: assumed(component.area.as_ref()), ..Assumed::default() },
        ..NodeCost::default()
    }
}

fn tiles(node: &Node, component: &Component, array: &Crossbar, usage: &CrossbarUse, row_power: RowPower) -> NodeCost {
    let grid = &usage.grid;
    let cell = CellModel {
        r_low: array.device.r_low.value,
        r_high: array.device.r_high.value,
        devices: array.devices_per_cell,
    };
    let conductance = cell.mean_conductance(usage.low_resistance);
    // The bias row has a supply of its own and keeps its voltage.
    let bias_rows = (grid.rows - grid.inputs) as f64;
    let active_rows = bias_rows + (usage.mean_active_rows - bias_rows) * row_power.held;
    let ideal = crossbar::power(array.read_voltage, active_rows, grid.columns() as f64, conductance);
    let power = ideal * row_power.left;
    let cells = (grid.tile_rows * grid.tile_columns * grid.tiles()) as f64;
    let size = array.cell_width.value * array.cell_height.value;
    let read = match (&component.latency, &array.wire) {
        (Some(latency), _) => latency.value,
        (None, Some(wire)) => crossbar::settling_time(
            wire,
            array.cell_width.value,
            array.cell_height.value,
            grid.tile_rows,
            grid.tile_columns,
            conductance,
        ),
        (None, None) => Time::ZERO,
    };
    NodeCost {
        area: size * cells,
        static_power: power,
        active_power: power,
        time: read * node.rounds as f64,
        of_ideal_power: Some(row_power.left * active_rows / usage.mean_active_rows),
        assumed: Assumed {
            area: array.cell_width.is_assumed() || array.cell_height.is_assumed(),
            dynamic_energy: false,
            static_power: usage.statistics_assumed
                || array.device.r_low.is_assumed()
                || array.device.r_high.is_assumed(),
            time: component.latency.as_ref().is_some_and(Figure::is_assumed),
        },
        ..NodeCost::default()
    }
}

fn value<Q: Copy + Default>(figure: Option<&Figure<Q>>) -> Q {
    figure.map_or_else(Q::default, |f| f.value)
}

fn assumed<Q>(figure: Option<&Figure<Q>>) -> bool {
    figure.is_some_and(Figure::is_assumed)
}
