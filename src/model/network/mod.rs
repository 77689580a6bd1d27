//! The operating point of a whole fully-analog network: crossbars with wires, amplifiers, neurons that drive the rows of the next layer.
//!
//! Everything but the neurons is linear, so each sub-array is reduced once, exactly, to a small matrix ([`partition`]). What remains for an
//! input is one matrix-vector product a layer, and where neurons drive rows a Newton iteration for the voltages of those rows: each
//! row's neuron delivers what its crossbars draw at that voltage.

mod elimination;
pub mod layer;
pub mod neuron;
pub mod partition;
mod rows;

use super::dense;
use crate::units::{Current, Power, Voltage};
use layer::AnalogLayer;
use neuron::NeuronError;

/// Why there is no operating point.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// A sub-array has no unique solution.
    #[error("{0}")]
    Singular(#[from] dense::Singular),
    /// A neuron has no operating point.
    #[error("{0}")]
    Neuron(#[from] NeuronError),
    /// The iteration for the row voltages of a layer did not converge.
    #[error("the voltages of layer {layer}'s rows did not converge: {residual_a:e} A are left after {steps} steps")]
    Diverged {
        /// Which layer, the first is 1.
        layer: usize,
        /// The largest current that does not balance.
        residual_a: f64,
        /// Newton steps taken.
        steps: usize,
    },
}

/// A network of layers, each reduced to what its rows and outputs see.
#[derive(Debug, Clone)]
pub struct Network {
    layers: Vec<AnalogLayer>,
}

/// Voltages and powers of one layer for one input.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerPoint {
    /// Voltage at each neuron's input, in volts.
    pub neuron_input_v: Vec<f64>,
    /// Voltage at each neuron's output, loaded by the next layer, in volts.
    pub neuron_output_v: Vec<f64>,
    /// Voltage that each neuron's output would have without a load, in volts.
    pub neuron_open_v: Vec<f64>,
    /// Current that each neuron delivers into the next layer, in ampere.
    pub neuron_current_a: Vec<f64>,
    /// Amplifiers whose output is at a rail, and all.
    pub at_rails: (usize, usize),
}

/// The operating point of a network for one input.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkPoint {
    /// Each layer, in order.
    pub layers: Vec<LayerPoint>,
    /// Power that the input sources deliver.
    pub power_inputs: Power,
    /// Power that the bias rows draw from their supply.
    pub power_bias: Power,
    /// Power that the neurons draw from their supply.
    pub power_neurons: Power,
    /// Power that the rails of amplifiers deliver into their outputs, where rails are stated.
    pub power_amplifiers: Power,
}

impl NetworkPoint {
    /// Power of all sources; what op-amps take without a load is none of it.
    #[must_use]
    pub fn power(&self) -> Power {
        self.power_inputs + self.power_bias + self.power_neurons + self.power_amplifiers
    }
}

impl Network {
    /// A network of these layers.
    #[must_use]
    pub fn new(layers: Vec<AnalogLayer>) -> Self {
        Self { layers }
    }

    /// The operating point for these input voltages, one for each input of the first layer.
    ///
    /// # Errors
    /// If a neuron has no operating point or the iteration does not converge.
    pub fn solve(&self, inputs: &[Voltage]) -> Result<NetworkPoint, NetworkError> {
        let mut rows_v: Vec<f64> = inputs.iter().map(|v| v.si()).collect();
        let mut point = NetworkPoint {
            layers: Vec::with_capacity(self.layers.len()),
            power_inputs: Power::ZERO,
            power_bias: Power::ZERO,
            power_neurons: Power::ZERO,
            power_amplifiers: Power::ZERO,
        };
        for (index, layer) in self.layers.iter().enumerate() {
            let row_currents = match point.layers.last() {
                None => layer.row_currents(&rows_v),
                Some(before) => {
                    let driving = &self.layers[index - 1].neuron;
                    rows::settle(layer, driving, &before.neuron_input_v, index + 1, &mut rows_v)?
                }
            };
            let delivered: f64 = row_currents.inputs_a.iter().zip(&rows_v).map(|(i, v)| i * v).sum();
            match point.layers.last_mut() {
                None => point.power_inputs = Power::new(delivered),
                Some(before) => {
                    before.neuron_output_v.clone_from(&rows_v);
                    before.neuron_current_a = row_currents.inputs_a;
                }
            }
            point.power_bias += layer.bias.unwrap_or(Voltage::ZERO) * Current::new(row_currents.bias_a);
            let amplified = layer.amplified(&rows_v);
            point.power_amplifiers += amplified.power;
            let neuron_input_v = amplified.outputs_v;
            // Until the next layer loads them, the neurons are open.
            rows_v = neuron_input_v.iter().map(|&v| layer.neuron.open_output_v(v)).collect::<Result<_, _>>()?;
            point.layers.push(LayerPoint {
                neuron_current_a: vec![0.0; rows_v.len()],
                neuron_output_v: rows_v.clone(),
                neuron_open_v: rows_v.clone(),
                neuron_input_v,
                at_rails: amplified.beyond_rails,
            });
        }
        for (layer, at) in self.layers.iter().zip(&point.layers) {
            for (&v_in, &v_out) in at.neuron_input_v.iter().zip(&at.neuron_output_v) {
                point.power_neurons += layer.neuron.supply_power(v_in, v_out)?;
            }
        }
        Ok(point)
    }
}
