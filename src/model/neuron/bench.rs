//! A neuron on a bench: what is set by name, and what is measured.

use std::ops::RangeInclusive;

use super::characteristics::{Characteristics, Surroundings};
use super::curve::Curve;
use super::description::{SetError, value};
use super::{Load, Neuron, NeuronDescription, NeuronError, ParameterError};
use crate::model::transistor::Outside;
use crate::units::{Capacitance, Resistance, Voltage};

/// A neuron and what it drives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bench {
    /// The neuron.
    pub neuron: NeuronDescription,
    /// What it drives.
    pub surroundings: Surroundings,
}

impl Bench {
    /// A neuron that drives nothing.
    #[must_use]
    pub fn new(neuron: NeuronDescription) -> Self {
        Self { neuron, surroundings: Surroundings { load: Load::Open, capacitance: Capacitance::ZERO } }
    }

    /// The parameters that can be set by name.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        NeuronDescription::NAMES.into_iter().chain(["r_load", "c_load"])
    }

    /// Sets a parameter of the neuron or of what it drives from text.
    ///
    /// # Errors
    /// If there is no such parameter, the text is no value of it, or the value is not possible.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), SetError> {
        match name {
            "r_load" => {
                let load: Resistance = value(name, text)?;
                require(load > Resistance::ZERO, "r_load", load.eng(4), "expected more than 0 ohm")?;
                self.surroundings.load = Load::Resistance(load);
            }
            "c_load" => {
                let capacitance: Capacitance = value(name, text)?;
                require(capacitance >= Capacitance::ZERO, "c_load", capacitance.eng(4), "expected 0 F or more")?;
                self.surroundings.capacitance = capacitance;
            }
            _ => self.neuron.set(name, text)?,
        }
        Ok(())
    }

    /// Inputs from minus to plus the neuron's input range.
    #[must_use]
    pub fn input_range(&self) -> RangeInclusive<Voltage> {
        self.neuron.input_range * -1.0..=self.neuron.input_range
    }

    /// Its curve over a range of inputs.
    ///
    /// # Errors
    /// If a parameter is out of range, or an input leads beyond the transistor tables.
    pub fn curve(&self, range: RangeInclusive<Voltage>, points: usize) -> Result<Curve, NeuronError> {
        Neuron::new(self.neuron.parameters(), Outside::Refuse)?.curve(range, points, self.surroundings.load)
    }

    /// Its curve and figures over a range of inputs.
    ///
    /// # Errors
    /// As [`Characteristics::of`].
    pub fn characteristics(
        &self,
        range: RangeInclusive<Voltage>,
        points: usize,
    ) -> Result<Characteristics, NeuronError> {
        Characteristics::of(&self.neuron, self.surroundings, range, points)
    }
}

fn require(fine: bool, name: &'static str, value: String, reason: &str) -> Result<(), ParameterError> {
    if fine { Ok(()) } else { Err(ParameterError { name, value, reason: reason.to_owned() }) }
}
