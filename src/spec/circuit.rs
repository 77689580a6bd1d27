//! Circuit models of components: parameters instead of figures.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Written;
use crate::units::{Fraction, Length, Resistance, ResistanceArea, Voltage};
use crate::yaml::Slot;

/// The circuit of a component, for what its figures cannot say: curves, loads, operating points. One of its fields.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelSpec {
    /// Amplifier: an op-amp with four resistors at the foot of a pair of columns.
    pub difference_amplifier: Slot<DifferenceAmplifierSpec>,
    /// Neuron: two magnetic tunnel junctions and a CMOS inverter. Its power and latency follow from the circuit and its load.
    pub mtj_inverter: Slot<MtjInverterSpec>,
    /// Neuron: an ideal source that follows a logistic curve.
    pub logistic: Slot<LogisticSpec>,
    /// Row driver: a chain of inverters. How far a row droops, and the charge of its wire, follow from the row.
    pub inverter_chain: Slot<InverterChainSpec>,
}

/// Inverters of growing width; the last one drives the row.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["fins", "vdd", "rises"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct InverterChainSpec {
    /// Fins of each transistor of the last inverter.
    pub fins: Slot<Written<Fraction>>,
    /// Supply.
    pub vdd: Slot<Written<Voltage>>,
    /// Part of the operations in which the row rises, 0 to 1.
    pub rises: Slot<Written<Fraction>>,
    /// Technology node of the transistors: 7 nm, 14 nm or 20 nm. The entry's `node` when absent.
    pub node: Slot<Written<Length>>,
}

/// An ideal op-amp as a difference amplifier; its inputs are no virtual grounds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["gain", "input-resistance"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DifferenceAmplifierSpec {
    /// Output for one volt between the columns.
    pub gain: Slot<Written<Fraction>>,
    /// Resistor from each column to the op-amp; the feedback resistor and the one to ground are `gain` times as large.
    pub input_resistance: Slot<Written<Resistance>>,
}

/// Two magnetic tunnel junctions and a CMOS inverter: input, level shift and junction in the parallel state to the gate; junction in the antiparallel
/// state from the gate to the output.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["nfin", "vdd"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MtjInverterSpec {
    /// Resistance-area product of the junctions; with `mtj-length` and `mtj-width`.
    pub ra: Slot<Written<ResistanceArea>>,
    /// Length of the junctions, an ellipse.
    pub mtj_length: Slot<Written<Length>>,
    /// Width of the junctions.
    pub mtj_width: Slot<Written<Length>>,
    /// Resistance of the parallel state, instead of `ra`, `mtj-length` and `mtj-width`.
    pub r_low: Slot<Written<Resistance>>,
    /// Tunnel magnetoresistance: the antiparallel state has (1 + tmr) times the resistance.
    pub tmr: Slot<Written<Fraction>>,
    /// Resistance of the antiparallel state, instead of `tmr`.
    pub r_high: Slot<Written<Resistance>>,
    /// Bias at which half of the tunnel magnetoresistance is left. It does not depend on bias when absent.
    pub tmr_v0: Slot<Written<Voltage>>,
    /// Fins of each transistor.
    pub nfin: Slot<Written<Fraction>>,
    /// Technology node of the transistors: 7 nm, 14 nm or 20 nm. The entry's `node` when absent.
    pub node: Slot<Written<Length>>,
    /// Supply.
    pub vdd: Slot<Written<Voltage>>,
    /// Level shift at the input. Half of `vdd` when absent.
    pub v_offset: Slot<Written<Voltage>>,
    /// Inputs are taken as spread evenly between plus and minus this voltage, for mean power and delay. `vdd` when absent.
    pub input_range: Slot<Written<Voltage>>,
}

/// `at-high + (at-low - at-high) / (1 + exp((v - midpoint) / width))`, whatever the load.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["at-low", "at-high", "midpoint", "width"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LogisticSpec {
    /// Output far below the midpoint.
    pub at_low: Slot<Written<Voltage>>,
    /// Output far above the midpoint.
    pub at_high: Slot<Written<Voltage>>,
    /// Input at which the output is half way.
    pub midpoint: Slot<Written<Voltage>>,
    /// Input over which the exponent grows by one, the inverse of the logistic's steepness.
    pub width: Slot<Written<Voltage>>,
}
