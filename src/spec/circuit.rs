//! Circuit models of components: parameters instead of figures.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

use super::Written;
use crate::units::{Fraction, Frequency, Length, Resistance, ResistanceArea, Voltage};
use crate::yaml::Slot;

/// How a component's costs and curves come about where it does not state them: a model by its name, or a circuit.
#[derive(Debug, Clone, PartialEq)]
pub enum ComponentModelSpec {
    /// A model that takes what the entry states.
    Named(NamedModel),
    /// A circuit with its parameters.
    Circuit(Box<ModelSpec>),
}

/// Models that take what the entry states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NamedModel {
    /// Converter: energy and area by the published regression over the survey of measured ones, from `bits`, `rate` and `node`.
    AdcSurvey,
}

#[derive(Deserialize)]
#[serde(rename = "$imcost-shape", rename_all = "lowercase")]
enum ComponentModelShape {
    Scalar(NamedModel),
    Mapping(Box<ModelSpec>),
}

impl<'de> Deserialize<'de> for ComponentModelSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match ComponentModelShape::deserialize(deserializer)? {
            ComponentModelShape::Scalar(name) => Self::Named(name),
            ComponentModelShape::Mapping(circuit) => Self::Circuit(circuit),
        })
    }
}

impl JsonSchema for ComponentModelSpec {
    fn schema_name() -> Cow<'static, str> {
        "ComponentModelSpec".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let named = generator.subschema_for::<NamedModel>();
        let circuit = generator.subschema_for::<ModelSpec>();
        schemars::json_schema!({ "anyOf": [named, circuit] })
    }
}

impl ComponentModelSpec {
    /// The circuit, where it is one.
    #[must_use]
    pub fn circuit(&self) -> Option<&ModelSpec> {
        match self {
            Self::Named(_) => None,
            Self::Circuit(circuit) => Some(circuit),
        }
    }
}

/// The circuit of a component, for what its figures cannot say: curves, loads, operating points. One of its fields.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelSpec {
    /// Amplifier: an op-amp with four resistors at the foot of a pair of columns.
    pub difference_amplifier: Slot<DifferenceAmplifierSpec>,
    /// Amplifier: two op-amps that hold a pair of columns at 0 V and give the difference of their currents.
    pub transimpedance_amplifier: Slot<TransimpedanceAmplifierSpec>,
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

/// An op-amp as a difference amplifier; its inputs are no virtual grounds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["gain", "input-resistance"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DifferenceAmplifierSpec {
    /// Output for one volt between the columns.
    pub gain: Slot<Written<Fraction>>,
    /// Resistor from each column to the op-amp; the feedback resistor and the one to ground are `gain` times as large.
    pub input_resistance: Slot<Written<Resistance>>,
    /// Resistor between the output and the node where outputs are joined. Without it outputs are joined as those of ideal sources of equal
    /// strength: at their mean, and what flows between them is not counted.
    pub output_resistance: Slot<Written<Resistance>>,
    /// The op-amp; ideal when absent.
    pub op_amp: Slot<OpAmpSpec>,
}

/// Two op-amps whose inputs are virtual grounds: the first holds the positive column and mirrors its current into the node of the second, which holds
/// the negative one.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["feedback-resistance"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TransimpedanceAmplifierSpec {
    /// Output for one ampere between the columns; each of the three resistors.
    pub feedback_resistance: Slot<Written<Resistance>>,
    /// Resistor between the output and the node where outputs are joined. Without it outputs are joined as those of ideal sources of equal
    /// strength: at their mean, and what flows between them is not counted.
    pub output_resistance: Slot<Written<Resistance>>,
    /// Both op-amps; ideal when absent.
    pub op_amp: Slot<OpAmpSpec>,
}

/// An op-amp with one pole. What is not stated is ideal. The latency of an amplifier that states none follows from `gain-bandwidth`, `bits` and the
/// column that it is attached to.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct OpAmpSpec {
    /// Gain-bandwidth product.
    pub gain_bandwidth: Slot<Written<Frequency>>,
    /// Gain at DC.
    pub dc_gain: Slot<Written<Fraction>>,
    /// Supplies on both sides of 0 V: the output does not go beyond, and what it delivers or sinks is taken from them, beside the amplifier's
    /// `static-power`.
    pub rails: Slot<Written<Voltage>>,
    /// The output has settled when it is within half a step of so many bits.
    pub bits: Slot<Written<Fraction>>,
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
