//! The neurons of a network: an ideal source, or the circuit with its output resistance.

use crate::model::neuron::logistic::Logistic;
use crate::model::neuron::{self as circuit, Load};
use crate::units::{Power, Voltage};

pub use circuit::NeuronError;

/// A neuron of a network.
#[derive(Debug, Clone, Copy)]
pub enum NetworkNeuron {
    /// An ideal voltage source: no input current, no output resistance, no power.
    Ideal(Logistic),
    /// Two junctions and an inverter that drives the rows itself.
    Circuit(circuit::Neuron),
    /// The same before a buffer that drives the rows and is ideal: no input current, no output resistance, its power not counted.
    Buffered(circuit::Neuron),
}

/// What a neuron does at a forced output voltage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drive {
    /// Current that it delivers, in ampere.
    pub current_a: f64,
    /// Output conductance `-di/dv`, in siemens.
    pub output_s: f64,
}

impl NetworkNeuron {
    /// True if no load changes its output.
    #[must_use]
    pub fn is_ideal_source(&self) -> bool {
        matches!(self, Self::Ideal(_) | Self::Buffered(_))
    }

    /// Output voltage without a load, in volts.
    ///
    /// # Errors
    /// If the circuit has no operating point.
    pub fn open_output_v(&self, v_in: f64) -> Result<f64, NeuronError> {
        match self {
            Self::Ideal(curve) => Ok(curve.output(Voltage::new(v_in)).si()),
            Self::Circuit(neuron) | Self::Buffered(neuron) => {
                Ok(neuron.operating_point(Voltage::new(v_in), Load::Open)?.v_out.si())
            }
        }
    }

    /// Current at a forced output voltage.
    ///
    /// # Errors
    /// If the circuit has no operating point.
    pub fn drive(&self, v_in: f64, v_out: f64) -> Result<Drive, NeuronError> {
        match self {
            Self::Ideal(_) | Self::Buffered(_) => Ok(Drive { current_a: 0.0, output_s: f64::INFINITY }),
            Self::Circuit(neuron) => {
                let delivery = neuron.deliver(v_in, v_out)?;
                Ok(Drive { current_a: delivery.current_a, output_s: delivery.output_s })
            }
        }
    }

    /// Power drawn from the supply.
    ///
    /// # Errors
    /// If the circuit has no operating point.
    pub fn supply_power(&self, v_in: f64, v_out: f64) -> Result<Power, NeuronError> {
        match self {
            Self::Ideal(_) => Ok(Power::ZERO),
            Self::Circuit(neuron) | Self::Buffered(neuron) => {
                let delivery = neuron.deliver(v_in, v_out)?;
                Ok(Power::new(neuron.parameters().vdd.si() * delivery.supply_a))
            }
        }
    }
}
