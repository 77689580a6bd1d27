//! Direct current into a gate far above the supply.
//!
//! The tables of drain current leave it out: below a gate-source voltage of 1 V it is less than 0.1 nA for a fin. Above, it rises by a factor of
//! ten every 35 mV, so that it limits how far an input can lift a gate. The three constants of each polarity are FITTED to the current
//! that the simulated transfer curve of the nominal neuron shows at inputs beyond 1.05 V (`tests/data/neuron/vtc_14nm.csv`, where the
//! currents through the two junctions differ); they were checked on a simulated network whose gates are driven up to 4 V beyond.
//! No such data exist for the other nodes, for which the same constants stand.

use super::Polarity;

/// Steepness, per volt.
const STEEPNESS_PER_V: f64 = 65.3;
/// Beyond this many volts a larger exponent would only overflow; the current there is already kiloamperes.
const LARGEST_V: f64 = 2.0;

/// Current into the gate of one fin, and its slope over the gate-source voltage: ampere, siemens.
#[must_use]
pub fn gate_current(polarity: Polarity, v_gs: f64) -> (f64, f64) {
    let (sign, reference_v, reference_a) = match polarity {
        Polarity::N => (1.0, 1.1710, 3.791e-7),
        Polarity::P => (-1.0, 1.1743, 3.330e-7),
    };
    let volts = (sign * v_gs).min(LARGEST_V);
    let current = reference_a * libm::exp(STEEPNESS_PER_V * (volts - reference_v));
    (sign * current, STEEPNESS_PER_V * current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_draws_next_to_nothing_within_the_supply_and_much_above() {
        assert!(gate_current(Polarity::N, 0.9).0 < 1e-13);
        // Not fitted to: 10 fins drew 25 nA in all at an input of 1.05 V, where the gate was at 1.0898 V.
        assert!((gate_current(Polarity::N, 1.0898).0 / 2.011e-9 - 1.0).abs() < 0.1);
        assert!((gate_current(Polarity::P, -1.0902).0 / -1.403e-9 - 1.0).abs() < 0.1);
    }
}
