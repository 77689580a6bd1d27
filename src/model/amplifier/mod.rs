//! The amplifier at the foot of a pair of columns: one or two op-amps with their resistors.
//!
//! **Difference amplifier**, one op-amp. The negative column feeds the inverting input through `input`, the positive column the non-inverting one
//! through `input`; `gain · input` lies between output and inverting input, and between non-inverting input and ground. The positive column sees
//! `(1 + gain) · input` to ground; the negative one sees `input` to `v_x`, where `v_x = v_pos · gain / (1 + gain)` if the op-amp holds its inputs
//! equal: neither is a virtual ground, and the negative column is driven by the positive one. The output is `gain · (v_pos - v_neg)`.
//!
//! **Transimpedance amplifier**, two op-amps with inputs at ground. The first holds the positive column, `feedback` around it; its output, through
//! another `feedback`, takes the same current out of the inverting input of the second, which holds the negative column with a third `feedback`
//! around it. The output is `feedback · (i_pos - i_neg)`.
//!
//! What op-amps are is in [`op_amp`]; with a finite gain A at DC, `v_out = A (v⁺ - v⁻)`, the node equations of both circuits stay linear and are
//! solved exactly.

pub mod columns;
pub mod op_amp;

pub use op_amp::OpAmp;

use crate::units::{Conductance, Resistance, Time, Voltage};

/// An amplifier at the foot of a pair of columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnAmplifier {
    /// Its resistors.
    pub circuit: AmplifierCircuit,
    /// Its op-amps, which are alike.
    pub op_amp: OpAmp,
    /// Between its output and the node where outputs are joined.
    pub output: Resistance,
}

/// The resistors around the op-amps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AmplifierCircuit {
    /// One op-amp that takes a difference.
    Difference {
        /// Resistor from each column to the op-amp.
        input: Resistance,
        /// Ratio of the other two resistors to it, and the gain.
        gain: f64,
    },
    /// Two op-amps at virtual grounds.
    Transimpedance {
        /// Each of the three resistors.
        feedback: Resistance,
    },
}

/// What stands at the foot of every column, as seen from there: a resistance to 0 V.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnEnd {
    /// Where both columns of a pair move together; every column where they have ends of their own.
    pub together: Resistance,
    /// What the negative column alone sees.
    pub apart: Resistance,
}

impl ColumnEnd {
    /// A virtual ground.
    pub const GROUND: Self = Self::to_ground(Resistance::ZERO);

    /// The same resistance to 0 V at every column.
    #[must_use]
    pub const fn to_ground(resistance: Resistance) -> Self {
        Self { together: resistance, apart: resistance }
    }
}

/// What a pair of columns that delivers the currents (i_pos, i_neg) makes of an amplifier, row by row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairResponse {
    /// Voltages at the feet of the columns, in ohm.
    pub feet_ohm: [[f64; 2]; 2],
    /// Voltage at the output, in ohm.
    pub output_ohm: [f64; 2],
    /// Current into the output of each op-amp, in A/A; of a second one that is not there 0.
    pub sunk: [[f64; 2]; 2],
}

impl ColumnAmplifier {
    /// A difference amplifier with an ideal op-amp.
    #[must_use]
    pub const fn ideal_difference(input: Resistance, gain: f64) -> Self {
        let circuit = AmplifierCircuit::Difference { input, gain };
        Self { circuit, op_amp: OpAmp::IDEAL, output: Resistance::ZERO }
    }

    /// A transimpedance amplifier with ideal op-amps.
    #[must_use]
    pub const fn ideal_transimpedance(feedback: Resistance) -> Self {
        let circuit = AmplifierCircuit::Transimpedance { feedback };
        Self { circuit, op_amp: OpAmp::IDEAL, output: Resistance::ZERO }
    }

    /// What the currents of a pair of columns make of it.
    #[must_use]
    pub fn response(&self) -> PairResponse {
        match self.circuit {
            AmplifierCircuit::Difference { input, gain } => {
                let (input, whole) = (input.si(), 1.0 + gain);
                let held = self.op_amp.held(whole);
                let apart = input * whole / (1.0 + gain * held);
                let output = gain * held * apart;
                PairResponse {
                    feet_ohm: [[input * whole, 0.0], [gain * held * apart, apart]],
                    output_ohm: [output, -output],
                    sunk: [[0.0, 1.0], [0.0, 0.0]],
                }
            }
            AmplifierCircuit::Transimpedance { feedback } => {
                let feedback = feedback.si();
                // Of the two inputs at the second op-amp's node the mirrored current is one.
                let (first, second) = (self.op_amp.held(1.0), self.op_amp.held(2.0));
                let (at_first, at_second) = (feedback * (1.0 - first), feedback * (1.0 - second) / 2.0);
                let node = [-first * at_second, at_second];
                let output = feedback * second;
                // Into the first output: what its own feedback carries, and what the second node gives up.
                let given = |k: usize, mirrored: f64| (node[k] + mirrored * feedback * first) / feedback;
                PairResponse {
                    feet_ohm: [[at_first, 0.0], node],
                    output_ohm: [output * first, -output],
                    sunk: [
                        [1.0 + given(0, 1.0), given(1, 0.0)],
                        [node[0] / feedback - second * first, node[1] / feedback + second],
                    ],
                }
            }
        }
    }

    /// What a pair of columns sees of it.
    #[must_use]
    pub fn column_end(&self) -> ColumnEnd {
        let PairResponse { feet_ohm, .. } = self.response();
        let both = feet_ohm.map(|of| of[0] + of[1]);
        ColumnEnd { together: Resistance::new(f64::midpoint(both[0], both[1])), apart: Resistance::new(feet_ohm[1][1]) }
    }

    /// How many op-amps it has.
    #[must_use]
    pub fn op_amps(&self) -> usize {
        match self.circuit {
            AmplifierCircuit::Difference { .. } => 1,
            AmplifierCircuit::Transimpedance { .. } => 2,
        }
    }

    /// What the inputs of its op-amps see as gain of their noise, and their loops as the part of the output that does not come back: one after
    /// another in the way of the signal. Each of its columns is `column` to sources that are held.
    #[must_use]
    pub fn noise_gains(&self, column: Conductance) -> Vec<f64> {
        match self.circuit {
            AmplifierCircuit::Difference { input, gain } => {
                let (column, input) = (column.si(), input.si());
                // Column and input resistor are in series.
                vec![1.0 + gain * input * column / (1.0 + column * input)]
            }
            AmplifierCircuit::Transimpedance { feedback } => {
                let column = feedback.si() * column.si();
                vec![1.0 + column, 2.0 + column]
            }
        }
    }

    /// How long its output takes to settle to half a step of its bits, each of its columns being `column` to sources that are held: linear, without
    /// slewing. None of an op-amp whose gain-bandwidth product or bits are not stated.
    #[must_use]
    pub fn settling(&self, column: Conductance) -> Option<Time> {
        self.op_amp.settling(&self.noise_gains(column))
    }

    /// The largest magnitude of its output; none where no rails are stated.
    #[must_use]
    pub fn rails(&self) -> Option<Voltage> {
        self.op_amp.rails
    }
}

#[cfg(test)]
mod tests;
