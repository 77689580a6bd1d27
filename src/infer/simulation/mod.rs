//! From an architecture and its weights to the operating points of its circuits.

mod inputs;
mod pairs;
mod typical;

use std::path::Path;
use std::sync::Arc;

use petgraph::graph::NodeIndex;
use rayon::prelude::*;

use crate::design::{Design, Role};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap, suggest};
use crate::infer::accuracy::circuits::meet;
use crate::infer::accuracy::{self, Question};
use crate::infer::weights::DenseWeights;
use crate::model::network::layer::{AnalogLayer, LayerCircuit};
use crate::model::network::neuron::NetworkNeuron;
use crate::model::network::partition::Segments;
use crate::model::network::{Network, NetworkError, NetworkPoint};
use crate::model::neuron as circuit;
use crate::model::transistor::Outside;
use crate::techlib::{Component, Crossbar, Kind, Model};
use crate::units::Power;
use pairs::pairs;
pub use typical::mean_power;

/// The operating points of a design for some inputs.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Name of the design.
    pub name: String,
    /// Short label of the design.
    pub label: String,
    /// Names of its layers.
    pub layers: Vec<String>,
    /// One operating point for each input.
    pub points: Vec<NetworkPoint>,
    /// The pictures that the inputs are; none where voltages were given.
    pub pictures: Option<SimulatedPictures>,
}

/// Pictures that a network was simulated for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedPictures {
    /// Name of their file.
    pub data: String,
    /// The class of each.
    pub labels: Vec<u32>,
}

impl Simulation {
    /// The class that the network gives an input: the place of the highest output, of equal ones the first.
    #[must_use]
    pub fn class(point: &NetworkPoint) -> Option<usize> {
        let outputs = point.layers.last().map_or(&[][..], |layer| &layer.neuron_output_v);
        outputs.iter().enumerate().rev().max_by(|a, b| a.1.total_cmp(b.1)).map(|(class, _)| class)
    }

    /// Pictures whose class was found; none where there are no pictures.
    #[must_use]
    pub fn correct(&self) -> Option<usize> {
        let labels = &self.pictures.as_ref()?.labels;
        let found = |(point, label): &(&NetworkPoint, &u32)| Self::class(point) == Some(**label as usize);
        Some(self.points.iter().zip(labels).filter(found).count())
    }

    /// Mean power from all sources, over all inputs.
    #[must_use]
    pub fn mean_power(&self) -> Power {
        Self::mean_power_of(&self.points)
    }

    fn mean_power_of(points: &[NetworkPoint]) -> Power {
        let sum: f64 = points.iter().map(|point| point.power().si()).sum();
        Power::new(sum / points.len().max(1) as f64)
    }
}

/// The circuits of one layer of an architecture.
struct AnalogChain<'a> {
    crossbar: &'a Arc<Component>,
    array: &'a Crossbar,
    amplifier: &'a Arc<Component>,
    neuron: &'a Arc<Component>,
    buffered: bool,
}

/// Simulates a fully-analog design with the weights of a question, for every line of a file of input voltages, or, where none is named, for the
/// pictures of the question.
///
/// # Errors
/// The design is not fully analog, a file does not fit it, or it has no operating point.
pub fn simulate(
    flow: &Design,
    question: &Question,
    voltages: Option<&Path>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Simulation> {
    refuse_digital(flow, diagnostics)?;
    let chains: Vec<AnalogChain<'_>> =
        (0..flow.layers.len()).map(|layer| chain(flow, layer, diagnostics)).collect::<Checked<_>>()?;
    let weights = accuracy::read_dense_weights(flow, question, sources, diagnostics);
    let inputs = match voltages {
        Some(path) => inputs::voltages(path, flow, sources, diagnostics),
        None => inputs::pictures(flow, question, chains[0].array.read_voltage, sources, diagnostics),
    };
    let (weights, inputs) = (weights?.weights, inputs?);
    let network = of_chains(flow, &chains, &weights, diagnostics)?;
    let points: Result<Vec<NetworkPoint>, NetworkError> =
        inputs.voltages.par_iter().map(|input| network.solve(input)).collect();
    match points {
        Ok(points) => Ok(Simulation {
            name: flow.name.clone(),
            label: flow.label.clone(),
            layers: flow.layers.iter().map(|l| l.name.clone()).collect(),
            points,
            pictures: inputs.pictures,
        }),
        Err(error) => Err(diagnostics.push(Diagnostic::error(error.to_string()))),
    }
}

/// A fully-analog design with these weights, each crossbar reduced to what its rows and outputs see.
///
/// # Errors
/// The design is not fully analog, or its cells cannot hold the weights.
pub fn network(flow: &Design, weights: &[DenseWeights], diagnostics: &mut Diagnostics) -> Checked<Network> {
    refuse_digital(flow, diagnostics)?;
    let chains: Vec<AnalogChain<'_>> =
        (0..flow.layers.len()).map(|layer| chain(flow, layer, diagnostics)).collect::<Checked<_>>()?;
    of_chains(flow, &chains, weights, diagnostics)
}

fn of_chains(
    flow: &Design,
    chains: &[AnalogChain<'_>],
    weights: &[DenseWeights],
    diagnostics: &mut Diagnostics,
) -> Checked<Network> {
    let mut layers = Vec::with_capacity(chains.len());
    for (index, (chain, weights)) in chains.iter().zip(weights).enumerate() {
        layers.push(layer(flow, index, chain, weights, diagnostics)?);
    }
    Ok(Network::new(layers))
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Only circuits with an operating point are simulated; all others are named in one error.
fn refuse_digital(flow: &Design, diagnostics: &mut Diagnostics) -> Checked<()> {
    let mut others: Vec<&str> = Vec::new();
    for (_, node) in flow.nodes() {
        if let Role::Stage(component) = &node.role
            && !matches!(component.kind, Kind::Amplifier | Kind::Neuron | Kind::Buffer | Kind::RowDriver)
            && !others.contains(&&*component.name)
        {
            others.push(&component.name);
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    let message = format!("`{}` ({}) is not fully analog: {}", flow.name, flow.label, suggest::list(&others));
    let help = "an operating point has row drivers, crossbars, amplifiers, neurons and buffers; nothing that samples or counts";
    Err(diagnostics.push(Diagnostic::error(message).help(help)))
}

/// The crossbar, amplifier and neuron of a layer.
fn chain<'a>(flow: &'a Design, layer: usize, diagnostics: &mut Diagnostics) -> Checked<AnalogChain<'a>> {
    let before = diagnostics.mark();
    let circuits = &flow.layers[layer].circuits;
    let stage = |node: NodeIndex| flow.graph[node].component();
    let (amplifier, neuron) = (circuits.amplifier.and_then(stage), circuits.activation.and_then(stage));
    // A buffer may be the neuron's own or stand before the rows of the layer that it feeds.
    let fed = circuits.activation.map_or_else(Vec::new, |neuron| flow.fed_by(neuron));
    let buffered = fed.into_iter().filter_map(stage).any(|next| next.kind == Kind::Buffer);
    for component in [amplifier, neuron].into_iter().flatten().filter(|c| c.model.is_none()) {
        diagnostics.push(without_circuit(component));
    }
    for (what, missing) in [("amplifier", amplifier.is_none()), ("neuron", neuron.is_none())] {
        if missing {
            let name = &flow.layers[layer].name;
            diagnostics.push(Diagnostic::error(format!("layer `{name}` has no {what}, so it has no operating point")));
        }
    }
    let whole = stage(circuits.crossbar).zip(amplifier).zip(neuron);
    let Some(((crossbar, amplifier), neuron)) = whole else { return Err(diagnostics.missing(before)) };
    let Some(array) = crossbar.crossbar.as_ref() else { return Err(diagnostics.missing(before)) };
    if array.devices_per_cell != 2 {
        let message = format!("the cells of `{}` are not pairs of devices that hold a whole weight", crossbar.name);
        diagnostics.push(Diagnostic::error(message).at(crossbar.span, "not simulated"));
    }
    diagnostics.since(before)?;
    Ok(AnalogChain { crossbar, array, amplifier, neuron, buffered })
}

fn without_circuit(component: &Component) -> Diagnostic {
    Diagnostic::error(format!("`{}` has no circuit to simulate", component.name))
        .at(component.span, "`model` is missing here")
        .help("`model: { difference-amplifier: … }` or `{ transimpedance-amplifier: … }` for an amplifier, `model: { mtj-inverter: … }` for a neuron")
}

fn layer(
    flow: &Design,
    index: usize,
    chain: &AnalogChain<'_>,
    weights: &DenseWeights,
    diagnostics: &mut Diagnostics,
) -> Checked<AnalogLayer> {
    let grid = &flow.layers[index].grid;
    let bias = grid.rows > grid.inputs;
    let array = chain.array;
    let pairs = pairs(flow, index, chain, weights, diagnostics)?;
    let segments = array.wire.as_ref().map(|wire| Segments {
        row_ohm: wire.resistance(array.cell_width.value).si(),
        column_ohm: wire.resistance(array.cell_height.value).si(),
        pair_in_cell: true,
    });
    let Some(Model::Amplifier(amplifier)) = chain.amplifier.model else {
        return Err(diagnostics.push(without_circuit(chain.amplifier)));
    };
    let neuron = match chain.neuron.model {
        Some(Model::Logistic(curve)) => NetworkNeuron::Ideal(curve),
        // Amplifiers drive gates far beyond the supply; there they conduct, and the transistor tables are held at their ends.
        Some(Model::MtjInverter(neuron)) => {
            let circuit = circuit::Neuron::new(neuron.circuit.parameters(), Outside::Hold).map_err(|error| {
                let message = format!("`{}` cannot be simulated: {error}", chain.neuron.name);
                diagnostics.push(Diagnostic::error(message).at(chain.neuron.span, "its circuit"))
            })?;
            if chain.buffered { NetworkNeuron::Buffered(circuit) } else { NetworkNeuron::Circuit(circuit) }
        }
        _ => return Err(diagnostics.push(without_circuit(chain.neuron))),
    };
    let circuit = LayerCircuit {
        pairs,
        segments,
        row_partitions: size(grid.row_partitions),
        column_partitions: size(grid.column_partitions),
        amplifier: amplifier.circuit,
        meet: meet(flow, index),
        bias: bias.then_some(array.read_voltage),
        neuron,
    };
    match AnalogLayer::new(circuit) {
        Ok(layer) => Ok(layer),
        Err(error) => {
            let message = format!("layer `{}`: {error}", flow.layers[index].name);
            Err(diagnostics.push(Diagnostic::error(message).at(chain.crossbar.span, "its cells and wires")))
        }
    }
}
