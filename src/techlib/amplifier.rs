//! The circuit of an amplifier: its resistors and op-amps, and the latency that follows from them.

use super::circuit_numbers::{AmplifierNumbers, CircuitFigure, CircuitModel, CircuitNumbers, ResistorNumbers};
use super::entry::Entry;
use super::model::{Owner, of_model, optional, required};
use super::numbers::NumberId;
use super::{AmplifierModel, Figure, Model};
use crate::model::amplifier::{AmplifierCircuit, ColumnAmplifier, OpAmp};
use crate::spec::circuit;
use crate::units::{Conductance, Fraction, Frequency, Resistance, Time, Voltage};
use crate::yaml::{Located, Slot};

/// An op-amp with the numbers of its fields.
#[derive(Default)]
struct OpAmpNumbers {
    dc_gain: Option<(Fraction, NumberId)>,
    gain_bandwidth: Option<(Frequency, NumberId)>,
    rails: Option<(Voltage, NumberId)>,
    bits: Option<(Fraction, NumberId)>,
}

pub(super) fn difference<'a>(
    entry: &mut Entry<'a, '_>,
    circuit: &'a Located<circuit::DifferenceAmplifierSpec>,
    gives_latency: bool,
) -> Option<(Model, CircuitNumbers)> {
    let owner = Owner { name: "difference-amplifier", place: circuit.span };
    let gain = required::<Fraction>(entry, &owner, "gain", &circuit.value.gain);
    let input = required(entry, &owner, "input-resistance", &circuit.value.input_resistance);
    let output = optional(entry, &owner, "output-resistance", &circuit.value.output_resistance);
    let op_amp = op_amp(entry, &owner, &circuit.value.op_amp);
    let ((gain, gain_number), (input, input_number)) = (gain?, input?);
    let circuit = AmplifierCircuit::Difference { input, gain: gain.si() };
    let numbers = ResistorNumbers::Difference { gain: gain_number, input: input_number };
    Some(amplifier((circuit, numbers), output?, op_amp?, gives_latency))
}

pub(super) fn transimpedance<'a>(
    entry: &mut Entry<'a, '_>,
    circuit: &'a Located<circuit::TransimpedanceAmplifierSpec>,
    gives_latency: bool,
) -> Option<(Model, CircuitNumbers)> {
    let owner = Owner { name: "transimpedance-amplifier", place: circuit.span };
    let feedback = required(entry, &owner, "feedback-resistance", &circuit.value.feedback_resistance);
    let output = optional(entry, &owner, "output-resistance", &circuit.value.output_resistance);
    let op_amp = op_amp(entry, &owner, &circuit.value.op_amp);
    let (feedback, number) = feedback?;
    let circuit = AmplifierCircuit::Transimpedance { feedback };
    Some(amplifier((circuit, ResistorNumbers::Transimpedance { feedback: number }), output?, op_amp?, gives_latency))
}

fn amplifier(
    (circuit, resistors): (AmplifierCircuit, ResistorNumbers),
    output: Option<(Resistance, NumberId)>,
    op_amp: OpAmpNumbers,
    entry_states_no_latency: bool,
) -> (Model, CircuitNumbers) {
    let numbers = AmplifierNumbers {
        circuit: resistors,
        output: output.map(|of| of.1),
        dc_gain: op_amp.dc_gain.map(|of| of.1),
        gain_bandwidth: op_amp.gain_bandwidth.map(|of| of.1),
        rails: op_amp.rails.map(|of| of.1),
        bits: op_amp.bits.map(|of| of.1),
    };
    let ideal_or_not = OpAmp {
        dc_gain: op_amp.dc_gain.map(|of| of.0.si()),
        gain_bandwidth: op_amp.gain_bandwidth.map(|of| of.0),
        rails: op_amp.rails.map(|of| of.0),
        bits: op_amp.bits.map(|of| of.0.si()),
    };
    let output = output.map_or(Resistance::ZERO, |of| of.0);
    let circuit = ColumnAmplifier { circuit, op_amp: ideal_or_not, output };
    let gives_latency = entry_states_no_latency && circuit.settling(Conductance::ZERO).is_some();
    (Model::Amplifier(AmplifierModel { circuit, gives_latency }), CircuitNumbers::Amplifier(numbers))
}

fn op_amp<'a>(
    entry: &mut Entry<'a, '_>,
    amplifier: &Owner,
    slot: &'a Slot<circuit::OpAmpSpec>,
) -> Option<OpAmpNumbers> {
    let Some(op_amp) = slot.located() else { return slot.is_missing().then(OpAmpNumbers::default) };
    let field = |name: &str| format!("op-amp.{name}");
    let gain_bandwidth = optional(entry, amplifier, &field("gain-bandwidth"), &op_amp.value.gain_bandwidth);
    let dc_gain = optional(entry, amplifier, &field("dc-gain"), &op_amp.value.dc_gain);
    let rails = optional(entry, amplifier, &field("rails"), &op_amp.value.rails);
    let bits = optional(entry, amplifier, &field("bits"), &op_amp.value.bits);
    Some(OpAmpNumbers { dc_gain: dc_gain?, gain_bandwidth: gain_bandwidth?, rails: rails?, bits: bits? })
}

/// The latency of an amplifier without a column, where it follows from its circuit.
pub(super) fn latency_of_circuit(
    entry: &mut Entry<'_, '_>,
    amplifier: &AmplifierModel,
    numbers: AmplifierNumbers,
) -> Option<Figure<Time>> {
    let settling = amplifier.circuit.settling(Conductance::ZERO).filter(|_| amplifier.gives_latency)?;
    let model = CircuitModel {
        circuit: Model::Amplifier(*amplifier),
        numbers: CircuitNumbers::Amplifier(numbers),
        figure: CircuitFigure::Delay,
    };
    let source = "this library's circuit: settling of op-amps of one pole";
    let note = "settling to half a step of its bits without a column; in a design it follows from the column that the amplifier is attached to";
    of_model(entry, model, "latency", settling, (source, note))
}

/// True if an entry's circuit says how fast it settles.
pub(super) fn states_settling(model: &circuit::ModelSpec) -> bool {
    let of_difference = model.difference_amplifier.get().map(|circuit| &circuit.op_amp);
    let of_transimpedance = model.transimpedance_amplifier.get().map(|circuit| &circuit.op_amp);
    let op_amp = of_difference.or(of_transimpedance).and_then(Slot::get);
    op_amp.is_some_and(|op_amp| !op_amp.gain_bandwidth.is_missing() && !op_amp.bits.is_missing())
}
