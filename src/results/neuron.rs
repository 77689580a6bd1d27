//! A neuron's transfer curve and figures.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::model::neuron::characteristics::Characteristics;
use crate::model::neuron::curve::Curve;
use crate::model::neuron::logistic::LogisticFit;
use crate::model::neuron::transient::StepResponse;
use crate::model::neuron::{NeuronParameters, OperatingPoint};
use crate::units::{Power, Voltage};

/// What `imcost neuron` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NeuronResult {
    /// Its figures.
    #[serde(flatten)]
    pub figures: NeuronFigures,
    /// Version of this format.
    pub format_version: u32,
    /// Name of the component.
    pub name: String,
    /// Steps over the whole range of inputs, up and down; none where a transistor table knows no gate capacitances.
    pub edges: Option<[NeuronEdge; 2]>,
    /// The logistic function that is nearest to the curve.
    pub fit: FittedLogistic,
    /// What the circuit is made of.
    pub parameters: NeuronCircuit,
    /// The parameter that is varied.
    pub varied: Option<String>,
    /// The neuron with each of its values.
    pub variations: Vec<NeuronVariation>,
    /// The `--set` that changed it.
    pub settings: Vec<String>,
    /// Points of the transfer curve.
    pub curve: Vec<NeuronPoint>,
}

/// Figures of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct NeuronFigures {
    /// Input at which the output is half of the supply; none where that is out of range.
    pub midpoint_v: Option<f64>,
    /// The steepest slope.
    pub max_slope_v_per_v: f64,
    /// The lowest output.
    pub v_out_low_v: f64,
    /// The highest output.
    pub v_out_high_v: f64,
    /// Power of supply, input and level shift at an input of 0 V; none where that is out of range.
    pub power_total_at_zero_w: Option<f64>,
    /// That power for inputs that are spread evenly over the range.
    pub power_total_mean_w: f64,
    /// From a step of the input to half of the output's swing, of the slower edge.
    pub delay_50_50_s: Option<f64>,
    /// From 10 % to 90 % of the output's swing, of the slower edge.
    pub transition_10_90_s: Option<f64>,
}

/// A step of the input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct NeuronEdge {
    /// Input before the step.
    pub v_in_from_v: f64,
    /// Input after the step.
    pub v_in_to_v: f64,
    /// From the step to half of the output's swing.
    pub delay_50_50_s: f64,
    /// From 10 % to 90 % of the output's swing.
    pub transition_10_90_s: f64,
}

/// `v_out = amplitude / (1 + exp(-steepness (v_in - midpoint))) + offset`, by least squares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct FittedLogistic {
    /// Height of the curve.
    pub amplitude_v: f64,
    /// Steepness, per volt; negative where the curve falls.
    pub steepness_per_v: f64,
    /// Input at half height.
    pub midpoint_v: f64,
    /// Output far on the low side.
    pub offset_v: f64,
    /// Root mean square of the error.
    pub rms_v: f64,
    /// Largest error.
    pub max_error_v: f64,
}

/// What a neuron is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct NeuronCircuit {
    /// Junction between level shift and gate.
    pub r_low_ohm: f64,
    /// Junction between gate and output, without bias.
    pub r_high_ohm: f64,
    /// Bias at which half of the tunnel magnetoresistance is left; none is no dependence.
    pub tmr_v0_v: Option<f64>,
    /// Fins of each transistor.
    pub nfin: u32,
    /// Node of the transistors.
    pub node_m: f64,
    /// Supply.
    pub vdd_v: f64,
    /// Level shift at the input.
    pub v_offset_v: f64,
}

/// A neuron with one parameter changed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NeuronVariation {
    /// Its figures.
    #[serde(flatten)]
    pub figures: NeuronFigures,
    /// The parameter's value, as it could be written.
    pub value: String,
}

/// A point of the transfer curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct NeuronPoint {
    /// Input.
    pub v_in_v: f64,
    /// Gate of the inverter.
    pub v_gate_v: f64,
    /// Output.
    pub v_out_v: f64,
    /// Power from the supply.
    pub power_supply_w: f64,
    /// Power of supply, input and level shift.
    pub power_total_w: f64,
}

impl NeuronResult {
    /// A neuron with the points of a curve that are shown of it; `settings` changed it.
    #[must_use]
    pub fn of(name: &str, characteristics: &Characteristics, curve: &Curve, settings: &[String]) -> Self {
        Self {
            figures: NeuronFigures::of(characteristics),
            format_version: FORMAT_VERSION,
            name: name.to_owned(),
            edges: NeuronEdge::both(characteristics),
            fit: FittedLogistic::of(&characteristics.fit),
            parameters: NeuronCircuit::of(&characteristics.parameters),
            varied: None,
            variations: Vec::new(),
            settings: settings.to_vec(),
            curve: curve.points.iter().map(NeuronPoint::of).collect(),
        }
    }

    /// With one parameter varied.
    #[must_use]
    pub fn varied(self, parameter: &str, variations: Vec<NeuronVariation>) -> Self {
        Self { varied: Some(parameter.to_owned()), variations, ..self }
    }
}

impl NeuronFigures {
    /// The figures of a neuron.
    #[must_use]
    pub fn of(c: &Characteristics) -> Self {
        let edge = c.slower_edge();
        let (low, high) = c.curve.levels();
        Self {
            midpoint_v: c.midpoint.map(Voltage::si),
            max_slope_v_per_v: c.curve.max_slope(),
            v_out_low_v: low.si(),
            v_out_high_v: high.si(),
            power_total_at_zero_w: c.power_at_zero.map(Power::si),
            power_total_mean_w: c.curve.mean_power().si(),
            delay_50_50_s: edge.map(|e| e.delay.si()),
            transition_10_90_s: edge.map(|e| e.transition.si()),
        }
    }
}

impl NeuronEdge {
    fn both(c: &Characteristics) -> Option<[Self; 2]> {
        let (first, last) = (c.curve.points.first()?, c.curve.points.last()?);
        let [falling, rising] = c.edges?;
        Some([Self::of(first.v_in, last.v_in, &falling), Self::of(last.v_in, first.v_in, &rising)])
    }

    fn of(from: Voltage, to: Voltage, response: &StepResponse) -> Self {
        Self {
            v_in_from_v: from.si(),
            v_in_to_v: to.si(),
            delay_50_50_s: response.delay.si(),
            transition_10_90_s: response.transition.si(),
        }
    }
}

impl FittedLogistic {
    fn of(fit: &LogisticFit) -> Self {
        Self {
            amplitude_v: fit.logistic.amplitude.si(),
            steepness_per_v: fit.logistic.steepness_per_v,
            midpoint_v: fit.logistic.midpoint.si(),
            offset_v: fit.logistic.offset.si(),
            rms_v: fit.rms.si(),
            max_error_v: fit.max_error.si(),
        }
    }
}

impl NeuronCircuit {
    fn of(p: &NeuronParameters) -> Self {
        Self {
            r_low_ohm: p.r_low.si(),
            r_high_ohm: p.r_high.si(),
            tmr_v0_v: p.tmr_v0.map(Voltage::si),
            nfin: p.fins,
            node_m: f64::from(p.node.nanometres()) / 1e9,
            vdd_v: p.vdd.si(),
            v_offset_v: p.offset.si(),
        }
    }
}

impl NeuronVariation {
    /// A neuron with this value of the parameter.
    #[must_use]
    pub fn of(value: &str, characteristics: &Characteristics) -> Self {
        Self { figures: NeuronFigures::of(characteristics), value: value.to_owned() }
    }
}

impl NeuronPoint {
    fn of(p: &OperatingPoint) -> Self {
        Self {
            v_in_v: p.v_in.si(),
            v_gate_v: p.v_gate.si(),
            v_out_v: p.v_out.si(),
            power_supply_w: p.power_supply.si(),
            power_total_w: p.power_total.si(),
        }
    }
}
