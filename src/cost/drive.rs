//! Neurons that drive rows directly: the load that the dataflow gives them, and what is left of their levels.

use std::sync::Arc;

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::graph::NodeIndex;

use crate::design::{CrossbarUse, Design, Role};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::crossbar::CellModel;
use crate::model::neuron::in_place::{InPlace, RowLoad, in_place};
use crate::techlib::{Component, Crossbar, Model, MtjInverter};
use crate::units::{Capacitance, Resistance, Unit};

/// A design is warned of when the load takes more than this of the swing between a neuron's levels.
const LOST_SWING: f64 = 0.1;

/// The load that a row of a crossbar is to what drives it: all its cells to columns near ground, on all tiles that share the row.
#[must_use]
pub fn row_load(array: &Crossbar, usage: &CrossbarUse) -> RowLoad {
    let columns = usage.grid.columns() as f64;
    let cell = CellModel {
        r_low: array.device.r_low.value,
        r_high: array.device.r_high.value,
        devices: array.devices_per_cell,
    };
    let conductance = cell.mean_conductance(usage.low_resistance).si() * columns;
    let wire = array.wire.as_ref().map_or(Capacitance::ZERO, |wire| wire.capacitance(array.cell_width.value));
    RowLoad { resistance: Some(Resistance::from_si(1.0 / conductance)), capacitance: wire * columns }
}

/// The circuit of a component, if it is a neuron with one.
pub(super) fn neuron(component: &Component) -> Option<&MtjInverter> {
    match &component.model {
        Some(Model::MtjInverter(neuron)) => Some(neuron),
        _ => None,
    }
}

/// A neuron where it stands; none if the node is no neuron with a circuit or its load is beyond what the circuit can drive.
pub(super) fn neuron_in_place(flow: &Design, node: NodeIndex) -> Option<InPlace> {
    let Role::Stage(component) = &flow.graph[node].role else { return None };
    let neuron = neuron(component)?;
    in_place(&neuron.circuit, load_of(flow, node)).ok()
}

/// The row that a node drives directly, or nothing.
fn load_of(flow: &Design, node: NodeIndex) -> RowLoad {
    let driven = flow.graph.neighbors_directed(node, Outgoing).find_map(|next| match &flow.graph[next].role {
        Role::Crossbar(component, usage) => component.crossbar.as_ref().map(|array| row_load(array, usage)),
        _ => None,
    });
    driven.unwrap_or_default()
}

/// What is left of the power in a crossbar's rows because the neurons before it cannot hold their levels; 1 where they can.
pub(super) fn drive_of_rows(flow: &Design, crossbar: NodeIndex) -> f64 {
    let driving = flow.graph.neighbors_directed(crossbar, Incoming).find_map(|before| neuron_in_place(flow, before));
    driving.map_or(1.0, |neuron| neuron.drive)
}

/// Warns of every neuron whose levels the rows that it drives pull together, layer by layer.
pub(super) fn warn_of_loading(flow: &Design, diagnostics: &mut Diagnostics) {
    let mut warned: Vec<(&Arc<Component>, Vec<String>)> = Vec::new();
    for (index, node) in flow.nodes() {
        let Role::Stage(component) = &node.role else { continue };
        let (Some(neuron), Some(layer)) = (neuron(component), node.layer) else { continue };
        let load = load_of(flow, index);
        let Some(resistance) = load.resistance else { continue };
        let finding = match in_place(&neuron.circuit, load) {
            Ok(found) if found.lost_swing() <= LOST_SWING => continue,
            Ok(found) => format!(
                "levels of {} and {} become {} and {}, {:.0} % of the swing is lost",
                found.open.0.eng(3),
                found.open.1.eng(3),
                found.loaded.0.eng(3),
                found.loaded.1.eng(3),
                100.0 * found.lost_swing(),
            ),
            Err(error) => error.to_string(),
        };
        let line = format!("after layer `{}`, into {} a row: {finding}", flow.layers[layer].name, resistance.eng(3));
        match warned.iter_mut().find(|(of, _)| Arc::ptr_eq(of, component)) {
            Some((_, lines)) => lines.push(line),
            None => warned.push((component, vec![line])),
        }
    }
    for (component, lines) in warned {
        let message = format!("`{}` cannot hold its levels into the rows that it drives", component.name);
        let mut diagnostic = Diagnostic::warning(message).at(component.span, "drives crossbar rows directly");
        for line in lines {
            diagnostic = diagnostic.help(line);
        }
        diagnostics.warn(
            diagnostic
                .help("a `buffer` after it holds them, more fins (`nfin` of its model) help; both have their cost"),
        );
    }
}
