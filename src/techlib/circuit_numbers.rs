//! Which numbers of a library a circuit is described by, and the circuit with other values of them.

use super::numbers::NumberId;
use super::{AmplifierModel, Model};
use crate::model::amplifier::{AmplifierCircuit, ColumnAmplifier, OpAmp};
use crate::model::converter::{WantedConverter, regression};
use crate::model::driver::InverterChain;
use crate::model::neuron::NeuronDescription;
use crate::model::neuron::description::{Contrast, Geometry, Junction, fins};
use crate::model::neuron::in_place::{RowLoad, in_place};
use crate::model::neuron::logistic::Logistic;
use crate::model::wire::WireGeometry;
use crate::units::{Area, Conductance, Frequency, Length, Resistance, ResistanceArea, Resistivity, Time, Voltage};

/// Values of numbers in SI units, by their ids.
pub type Values<'v> = &'v dyn Fn(NumberId) -> f64;

/// The numbers of a [`Model`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CircuitNumbers {
    /// Of an amplifier.
    Amplifier(AmplifierNumbers),
    /// Of a neuron.
    MtjInverter(NeuronNumbers),
    /// Of an ideal neuron.
    Logistic {
        /// Output far below the midpoint.
        at_low: NumberId,
        /// Output far above it.
        at_high: NumberId,
        /// Input at half height.
        midpoint: NumberId,
        /// Input over which the exponent grows by one.
        width: NumberId,
    },
    /// Of a row driver.
    InverterChain {
        /// Fins of its last inverter.
        fins: NumberId,
        /// Supply.
        vdd: NumberId,
        /// Part of the operations in which the row rises.
        rises: NumberId,
    },
    /// Of a converter by the survey.
    AdcSurvey {
        /// Its bits.
        bits: NumberId,
        /// Conversions a second.
        rate: NumberId,
        /// Technology node.
        node: NumberId,
    },
}

/// The numbers of a [`ColumnAmplifier`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmplifierNumbers {
    /// Its resistors.
    pub circuit: ResistorNumbers,
    /// Resistor at its output.
    pub output: Option<NumberId>,
    /// Gain of its op-amps at DC.
    pub dc_gain: Option<NumberId>,
    /// Their gain-bandwidth product.
    pub gain_bandwidth: Option<NumberId>,
    /// Their rails.
    pub rails: Option<NumberId>,
    /// Bits that they settle to.
    pub bits: Option<NumberId>,
}

/// The numbers of an [`AmplifierCircuit`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of the circuit")]
pub enum ResistorNumbers {
    /// Of a difference amplifier.
    Difference { gain: NumberId, input: NumberId },
    /// Of a transimpedance amplifier.
    Transimpedance { feedback: NumberId },
}

/// The numbers of a [`NeuronDescription`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeuronNumbers {
    /// The junctions in their parallel state.
    pub junction: JunctionNumbers,
    /// The antiparallel state: a tunnel magnetoresistance or a resistance, as the description says.
    pub contrast: NumberId,
    /// Bias at which half of the tunnel magnetoresistance is left.
    pub tmr_v0: Option<NumberId>,
    /// Fins of each transistor.
    pub fins: NumberId,
    /// Supply.
    pub vdd: NumberId,
    /// Level shift; half of the supply where it is not stated.
    pub offset: Option<NumberId>,
    /// Range of the input; the supply where it is not stated.
    pub input_range: Option<NumberId>,
}

/// The numbers of a [`Junction`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum JunctionNumbers {
    /// Material and size.
    Geometry {
        /// Resistance-area product.
        ra: NumberId,
        /// Length of the ellipse.
        length: NumberId,
        /// Width of the ellipse.
        width: NumberId,
    },
    /// The resistance.
    Resistance(NumberId),
}

/// The numbers of a [`WireGeometry`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of the geometry")]
pub struct WireNumbers {
    pub width: NumberId,
    pub thickness: NumberId,
    pub pitch_gap: NumberId,
    pub dielectric_height: NumberId,
    pub permittivity: NumberId,
    pub resistivity: NumberId,
    pub mean_free_path: NumberId,
    pub specularity: NumberId,
    pub reflectivity: NumberId,
}

impl CircuitNumbers {
    /// All of them.
    #[must_use]
    pub fn ids(&self) -> Vec<NumberId> {
        match *self {
            Self::Amplifier(amplifier) => amplifier.ids(),
            Self::MtjInverter(neuron) => neuron.ids(),
            Self::Logistic { at_low, at_high, midpoint, width } => vec![at_low, at_high, midpoint, width],
            Self::InverterChain { fins, vdd, rises } => vec![fins, vdd, rises],
            Self::AdcSurvey { bits, rate, node } => vec![bits, rate, node],
        }
    }

    /// A circuit of the same kind with other values; none where they are impossible.
    #[must_use]
    pub fn model(&self, stated: &Model, value: Values<'_>) -> Option<Model> {
        Some(match (*self, stated) {
            (Self::Amplifier(numbers), Model::Amplifier(stated)) => {
                Model::Amplifier(AmplifierModel { circuit: numbers.circuit(value), ..*stated })
            }
            (Self::MtjInverter(numbers), Model::MtjInverter(neuron)) => {
                let mut neuron = *neuron;
                neuron.circuit = numbers.description(&neuron.circuit, value)?;
                Model::MtjInverter(neuron)
            }
            (Self::Logistic { at_low, at_high, midpoint, width }, Model::Logistic(_)) => {
                let volts = |id| Voltage::new(value(id));
                Model::Logistic(logistic(volts(at_low), volts(at_high), volts(midpoint), volts(width)))
            }
            (Self::InverterChain { fins, vdd, rises }, Model::InverterChain(chain)) => {
                let (vdd, rises) = (Voltage::new(value(vdd)), value(rises));
                Model::InverterChain(InverterChain { fins: value(fins), vdd, rises, ..*chain })
            }
            (Self::AdcSurvey { bits, rate, node }, Model::AdcSurvey(_)) => Model::AdcSurvey(WantedConverter {
                bits: value(bits),
                rate: Frequency::new(value(rate)),
                node: Length::new(value(node)),
            }),
            _ => return None,
        })
    }
}

/// `at-high + (at-low - at-high) / (1 + exp((v - midpoint) / width))`.
pub(super) fn logistic(at_low: Voltage, at_high: Voltage, midpoint: Voltage, width: Voltage) -> Logistic {
    Logistic { offset: at_high, amplitude: at_low - at_high, steepness_per_v: -1.0 / width.si(), midpoint }
}

impl AmplifierNumbers {
    /// All of them.
    #[must_use]
    pub fn ids(&self) -> Vec<NumberId> {
        let mut ids = match self.circuit {
            ResistorNumbers::Difference { gain, input } => vec![gain, input],
            ResistorNumbers::Transimpedance { feedback } => vec![feedback],
        };
        ids.extend([self.output, self.dc_gain, self.gain_bandwidth, self.rails, self.bits].into_iter().flatten());
        ids
    }

    /// The amplifier with these values.
    #[must_use]
    pub fn circuit(&self, value: Values<'_>) -> ColumnAmplifier {
        let resistance = |id| Resistance::new(value(id));
        let circuit = match self.circuit {
            ResistorNumbers::Difference { gain, input } => {
                AmplifierCircuit::Difference { input: resistance(input), gain: value(gain) }
            }
            ResistorNumbers::Transimpedance { feedback } => {
                AmplifierCircuit::Transimpedance { feedback: resistance(feedback) }
            }
        };
        let op_amp = OpAmp {
            dc_gain: self.dc_gain.map(value),
            gain_bandwidth: self.gain_bandwidth.map(|id| Frequency::new(value(id))),
            rails: self.rails.map(|id| Voltage::new(value(id))),
            bits: self.bits.map(value),
        };
        ColumnAmplifier { circuit, op_amp, output: self.output.map_or(Resistance::ZERO, resistance) }
    }
}

impl NeuronNumbers {
    /// All of them.
    #[must_use]
    pub fn ids(&self) -> Vec<NumberId> {
        let mut ids = match self.junction {
            JunctionNumbers::Geometry { ra, length, width } => vec![ra, length, width],
            JunctionNumbers::Resistance(resistance) => vec![resistance],
        };
        ids.extend([self.contrast, self.fins, self.vdd]);
        ids.extend([self.tmr_v0, self.offset, self.input_range].into_iter().flatten());
        ids
    }

    /// A neuron of the same kind with other values; none where a count of fins is impossible.
    #[must_use]
    pub fn description(&self, stated: &NeuronDescription, value: Values<'_>) -> Option<NeuronDescription> {
        let volts = |id: NumberId| Voltage::new(value(id));
        let junction = match self.junction {
            JunctionNumbers::Geometry { ra, length, width } => Junction::Geometry(Geometry {
                ra: ResistanceArea::new(value(ra)),
                length: Length::new(value(length)),
                width: Length::new(value(width)),
            }),
            JunctionNumbers::Resistance(resistance) => {
                Junction::Resistance { resistance: Resistance::new(value(resistance)), instead_of: None }
            }
        };
        let contrast = match stated.contrast {
            Contrast::Tmr(_) => Contrast::Tmr(value(self.contrast)),
            Contrast::Resistance(_) => Contrast::Resistance(Resistance::new(value(self.contrast))),
        };
        let vdd = volts(self.vdd);
        Some(NeuronDescription {
            junction,
            contrast,
            tmr_v0: self.tmr_v0.map(volts),
            fins: fins(value(self.fins)).ok()?,
            node: stated.node,
            vdd,
            offset: self.offset.map(volts),
            input_range: self.input_range.map_or(vdd, volts),
        })
    }
}

impl WireNumbers {
    /// All of them.
    #[must_use]
    pub fn ids(&self) -> [NumberId; 9] {
        [
            self.width,
            self.thickness,
            self.pitch_gap,
            self.dielectric_height,
            self.permittivity,
            self.resistivity,
            self.mean_free_path,
            self.specularity,
            self.reflectivity,
        ]
    }

    /// The geometry with these values.
    #[must_use]
    pub fn geometry(&self, value: Values<'_>) -> WireGeometry {
        let length = |id: NumberId| Length::new(value(id));
        WireGeometry {
            width: length(self.width),
            thickness: length(self.thickness),
            pitch_gap: length(self.pitch_gap),
            dielectric_height: length(self.dielectric_height),
            permittivity: value(self.permittivity),
            resistivity: Resistivity::new(value(self.resistivity)),
            mean_free_path: length(self.mean_free_path),
            specularity: value(self.specularity),
            reflectivity: value(self.reflectivity),
        }
    }
}

/// A figure that follows from a circuit without a load or a column, or from another model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CircuitModel {
    /// The circuit as the library describes it.
    pub circuit: Model,
    /// The numbers that it is described by.
    pub numbers: CircuitNumbers,
    /// What is asked of it.
    pub figure: CircuitFigure,
}

/// What is asked of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CircuitFigure {
    /// The mean power of a neuron.
    Power,
    /// The delay of a neuron, the settling of an amplifier.
    Delay,
    /// The energy of a conversion.
    Energy,
    /// The area of a converter.
    Area,
}

impl CircuitModel {
    /// The figure with these values of the circuit's numbers, in SI units; none where the circuit has none then.
    #[must_use]
    pub fn value(&self, value: Values<'_>) -> Option<f64> {
        match (self.numbers.model(&self.circuit, value)?, self.figure) {
            (Model::MtjInverter(neuron), figure) => {
                neuron.circuit.parameters().check().ok()?;
                let open = in_place(&neuron.circuit, RowLoad::default()).ok()?;
                match figure {
                    CircuitFigure::Power => Some(open.power.si()),
                    CircuitFigure::Delay => open.delay.map(Time::si),
                    CircuitFigure::Energy | CircuitFigure::Area => None,
                }
            }
            (Model::Amplifier(amplifier), CircuitFigure::Delay) => {
                amplifier.circuit.settling(Conductance::ZERO).map(Time::si)
            }
            (Model::AdcSurvey(wanted), figure) => {
                let cost = regression::cost_along_bits(wanted);
                let found = match figure {
                    CircuitFigure::Energy => Some(cost.energy.si()),
                    CircuitFigure::Area => cost.area.map(Area::si),
                    CircuitFigure::Power | CircuitFigure::Delay => None,
                };
                found.filter(|value| value.is_finite())
            }
            _ => None,
        }
    }
}
