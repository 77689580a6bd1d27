//! Operating points of a whole network.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::infer::simulation::Simulation;
use crate::model::network::{LayerPoint, NetworkPoint};

/// What `imcost simulate` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SimulationResult {
    /// Version of this format.
    pub format_version: u32,
    /// Name of the design.
    pub name: String,
    /// Its label.
    pub label: String,
    /// The `--set` that changed it.
    pub settings: Vec<String>,
    /// The file of the pictures; none where row voltages were given.
    pub data: Option<String>,
    /// Pictures whose class was found; none where row voltages were given.
    pub correct: Option<usize>,
    /// Mean power of all sources.
    pub mean_power_w: f64,
    /// An operating point for each input.
    pub images: Vec<SimulatedImage>,
}

/// The operating point for one input.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SimulatedImage {
    /// Place of the input in its file, counted from 0.
    pub image: usize,
    /// Its class; none where row voltages were given.
    pub label: Option<u32>,
    /// The place of the highest output, counted from 0.
    pub class: Option<usize>,
    /// Power from the inputs' rows.
    pub power_inputs_w: f64,
    /// Power from the bias rows.
    pub power_bias_w: f64,
    /// Power of the neurons.
    pub power_neurons_w: f64,
    /// Power that the rails of amplifiers deliver into their outputs; 0 where no rails are stated.
    pub power_amplifiers_w: f64,
    /// Power from the supply: bias rows and neurons.
    pub power_vdd_w: f64,
    /// The layers, in signal order.
    pub layers: Vec<SimulatedLayer>,
}

/// A layer at one input, a value for each neuron.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SimulatedLayer {
    /// Its name.
    pub name: String,
    /// Voltage at each neuron's input.
    pub neuron_input_v: Vec<f64>,
    /// Voltage at each neuron's output, loaded by the next layer.
    pub neuron_output_v: Vec<f64>,
    /// Voltage that each neuron's output would have without a load.
    pub neuron_open_output_v: Vec<f64>,
    /// Current that each neuron delivers into the next layer.
    pub neuron_current_a: Vec<f64>,
    /// Amplifiers.
    pub amplifiers: usize,
    /// Those of them whose output is at a rail; 0 where no rails are stated.
    pub amplifiers_at_rails: usize,
}

impl SimulationResult {
    /// The operating points of a network; `settings` changed the design.
    #[must_use]
    pub fn of(simulation: &Simulation, settings: &[String]) -> Self {
        let images = simulation.points.iter().enumerate();
        let label =
            |image: usize| simulation.pictures.as_ref().and_then(|pictures| pictures.labels.get(image)).copied();
        let image = |(image, point)| SimulatedImage::of(image, label(image), point, &simulation.layers);
        Self {
            format_version: FORMAT_VERSION,
            name: simulation.name.clone(),
            label: simulation.label.clone(),
            settings: settings.to_vec(),
            data: simulation.pictures.as_ref().map(|pictures| pictures.data.clone()),
            correct: simulation.correct(),
            mean_power_w: simulation.mean_power().si(),
            images: images.map(image).collect(),
        }
    }
}

impl SimulatedImage {
    fn of(image: usize, label: Option<u32>, point: &NetworkPoint, layers: &[String]) -> Self {
        Self {
            image,
            label,
            class: Simulation::class(point),
            power_inputs_w: point.power_inputs.si(),
            power_bias_w: point.power_bias.si(),
            power_neurons_w: point.power_neurons.si(),
            power_amplifiers_w: point.power_amplifiers.si(),
            power_vdd_w: (point.power_bias + point.power_neurons).si(),
            layers: layers.iter().zip(&point.layers).map(|(name, layer)| SimulatedLayer::of(name, layer)).collect(),
        }
    }
}

impl SimulatedLayer {
    fn of(name: &str, point: &LayerPoint) -> Self {
        Self {
            name: name.to_owned(),
            neuron_input_v: point.neuron_input_v.clone(),
            neuron_output_v: point.neuron_output_v.clone(),
            neuron_open_output_v: point.neuron_open_v.clone(),
            neuron_current_a: point.neuron_current_a.clone(),
            amplifiers: point.at_rails.1,
            amplifiers_at_rails: point.at_rails.0,
        }
    }
}
