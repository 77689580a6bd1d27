//! A whole circuit with random binary weights and inputs, for figures that do not depend on what the network was trained for.

use rand::RngExt;

use super::{Simulation, network, size};
use crate::design::{Design, InputEncoding, Role};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics};
use crate::infer::classify::devices::{Random, random};
use crate::infer::weights::DenseWeights;
use crate::units::{Power, Voltage};

/// Mean power of all sources of a fully-analog design with weights and biases of -1 or 1 and inputs of which half are on, all drawn with this
/// seed.
///
/// # Errors
/// The design is not fully analog, its cells cannot hold such weights, or it has no operating point.
pub fn mean_power(flow: &Design, seed: u64, inputs: usize, diagnostics: &mut Diagnostics) -> Checked<Power> {
    let mut draws = random(seed, 0);
    let weights = weights(flow, &mut draws);
    let network = network(flow, &weights, diagnostics)?;
    let mut points = Vec::with_capacity(inputs);
    for _ in 0..inputs {
        match network.solve(&rows(flow, &mut draws)) {
            Ok(point) => points.push(point),
            Err(error) => return Err(diagnostics.push(Diagnostic::error(error.to_string()))),
        }
    }
    Ok(Simulation::mean_power_of(&points))
}

fn weights(flow: &Design, draws: &mut Random) -> Vec<DenseWeights> {
    let mut signs =
        |count: usize| -> Vec<f64> { (0..count).map(|_| if draws.random::<bool>() { 1.0 } else { -1.0 }).collect() };
    let of_layer = |layer: &crate::design::Layer| {
        let (inputs, outputs) = (size(layer.grid.inputs), size(layer.grid.outputs));
        let biases = layer.grid.rows > layer.grid.inputs;
        DenseWeights {
            weights: signs(inputs * outputs),
            biases: biases.then(|| signs(outputs)),
            gain: None,
            files: None,
        }
    };
    flow.layers.iter().map(of_layer).collect()
}

/// Voltages of the first layer's rows.
fn rows(flow: &Design, draws: &mut Random) -> Vec<Voltage> {
    let Some(first) = flow.layers.first() else { return Vec::new() };
    let read_voltage = match &flow.graph[first.circuits.crossbar].role {
        Role::Crossbar(component, _) => component.crossbar.as_ref().map_or(Voltage::ZERO, |array| array.read_voltage),
        _ => Voltage::ZERO,
    };
    let off = match flow.input_encoding {
        InputEncoding::Bipolar => read_voltage * -1.0,
        InputEncoding::Unsigned | InputEncoding::SignedMagnitude | InputEncoding::TwosComplement => Voltage::ZERO,
    };
    (0..first.grid.inputs).map(|_| if draws.random::<bool>() { read_voltage } else { off }).collect()
}
