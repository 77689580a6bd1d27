//! Circuit models of components: parameters instead of figures.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Written;
use crate::units::{Fraction, Resistance, Voltage};
use crate::yaml::Slot;

/// The circuit of a component, for what its figures cannot say: curves, loads, operating points. One of its fields.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Model {
    /// Amplifier: an op-amp with four resistors at the foot of a pair of columns.
    pub difference_amplifier: Slot<DifferenceAmplifier>,
    /// Neuron: an ideal source that follows a logistic curve.
    pub logistic: Slot<Logistic>,
}

/// An ideal op-amp as a difference amplifier; its inputs are no virtual grounds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["gain", "input-resistance"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DifferenceAmplifier {
    /// Output for one volt between the columns.
    pub gain: Slot<Written<Fraction>>,
    /// Resistor from each column to the op-amp; the feedback resistor and the one to ground are `gain` times as large.
    pub input_resistance: Slot<Written<Resistance>>,
}

/// `at-high + (at-low - at-high) / (1 + exp((v - midpoint) / width))`, whatever the load.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["at-low", "at-high", "midpoint", "width"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Logistic {
    /// Output far below the midpoint.
    pub at_low: Slot<Written<Voltage>>,
    /// Output far above the midpoint.
    pub at_high: Slot<Written<Voltage>>,
    /// Input at which the output is half way.
    pub midpoint: Slot<Written<Voltage>>,
    /// Input over which the exponent grows by one, the inverse of the logistic's steepness.
    pub width: Slot<Written<Voltage>>,
}
