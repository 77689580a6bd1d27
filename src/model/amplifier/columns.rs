//! What a typical pair of columns asks of its amplifier, of which statistics are known but no weights.
//!
//! Weights do not depend on each other nor on the inputs, so the currents that a pair would deliver into held ends have
//!
//! - mean `Σ ⟨G⟩ m`,
//! - variance `Σ (⟨G²⟩ q - ⟨G⟩² m²)`, and as covariance the same of `⟨G⁺ G⁻⟩`,
//!
//! m and q being mean and mean square of a row's voltage. Where rows go together, every two of them add `⟨G⟩² (⟨V_i V_k⟩ - m²)` to both. The amplifier at the foot of the columns is linear, and sums of many rows are normal:
//! the mean of a normal number's magnitude is `σ √(2/π) exp(-μ²/2σ²) + μ erf(μ/σ√2)`.

use std::f64::consts::{FRAC_2_PI, SQRT_2};

use super::ColumnAmplifier;
use crate::model::crossbar::typical::RowLevels;
use crate::units::{Conductance, Current, Resistance, Voltage};

/// A typical pair of columns as one amplifier has it at its inputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypicalPair {
    /// Resistance of the low-resistance state.
    pub r_low: Resistance,
    /// Resistance of the high-resistance state.
    pub r_high: Resistance,
    /// Fraction of the devices in the low-resistance state; as few pairs as it allows have both in the same state.
    pub low_fraction: f64,
    /// Rows that inputs drive.
    pub inputs: f64,
    /// Their voltages.
    pub levels: RowLevels,
    /// The voltage of the bias row.
    pub bias: Voltage,
    /// Bias rows: less than one where only one of several tiles has it.
    pub biases: f64,
    /// Part of the current that wires leave.
    pub carried: f64,
}

/// What a typical amplifier has to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmplifierDuty {
    /// Root mean square of the voltage that its output would have without rails.
    pub output: Voltage,
    /// Part of the time that the output would be beyond the rails; none without.
    pub beyond_rails: Option<f64>,
    /// Mean magnitude of the currents that its op-amps deliver or sink, all together.
    pub delivered: Current,
}

/// Mean and variance of a number that is a sum of the two currents of a pair.
#[derive(Debug, Clone, Copy)]
struct Normal {
    mean: f64,
    variance: f64,
}

impl Normal {
    fn magnitude(self) -> f64 {
        let Self { mean, variance } = self;
        if variance <= 0.0 {
            return mean.abs();
        }
        let sigma = variance.sqrt();
        (sigma * FRAC_2_PI.sqrt())
            .mul_add(libm::exp(-mean * mean / (2.0 * variance)), mean * libm::erf(mean / (sigma * SQRT_2)))
    }

    /// Probability that the magnitude is beyond a limit.
    fn beyond(self, limit: f64) -> f64 {
        let sigma = self.variance.sqrt();
        if sigma == 0.0 {
            return if self.mean.abs() > limit { 1.0 } else { 0.0 };
        }
        let tail = |distance: f64| libm::erfc(distance / (sigma * SQRT_2)) / 2.0;
        tail(limit - self.mean) + tail(limit + self.mean)
    }
}

impl TypicalPair {
    fn states_s(&self) -> (f64, f64) {
        (1.0 / self.r_low.si(), 1.0 / self.r_high.si())
    }

    fn mean_s(&self) -> f64 {
        let (low, high) = self.states_s();
        self.low_fraction * low + (1.0 - self.low_fraction) * high
    }

    /// Each of its columns to sources that are held.
    #[must_use]
    pub fn conductance(&self) -> Conductance {
        Conductance::new(self.mean_s() * (self.inputs + self.biases))
    }

    /// Means of `G²` and `G⁺ G⁻`.
    fn squares(&self) -> (f64, f64) {
        let ((low, high), p) = (self.states_s(), self.low_fraction);
        let mixed = 2.0 * p.min(1.0 - p);
        let alike = if p > 0.5 { low } else { high };
        (p * low * low + (1.0 - p) * high * high, mixed * low * high + (1.0 - mixed) * alike * alike)
    }

    /// Mean, variance and covariance of the currents into held ends.
    fn currents(&self) -> (f64, f64, f64) {
        let (mean, (square, product)) = (self.mean_s(), self.squares());
        let (m, q, b) = (self.levels.mean.si(), self.levels.rms.si().powi(2), self.bias.si());
        let about = |of: f64| self.inputs * (of * q - mean * mean * m * m) + self.biases * b * b * (of - mean * mean);
        let pairs = self.inputs * (self.inputs - 1.0).max(0.0);
        let together = pairs * mean * mean * (self.levels.product_v2() - m * m);
        let carried = self.carried * self.carried;
        (
            self.carried * mean * (self.inputs * m + self.biases * b),
            carried * (about(square) + together),
            carried * (about(product) + together),
        )
    }

    /// What its amplifier has to do; `joined` outputs of such amplifiers meet.
    #[must_use]
    pub fn duty(&self, amplifier: &ColumnAmplifier, joined: u64) -> AmplifierDuty {
        let response = amplifier.response();
        let (mean, variance, covariance) = self.currents();
        // i = (1 + G Z)⁻¹ j for the currents j into held ends.
        let g = self.conductance().si();
        let z = response.feet_ohm;
        let (a, b, c, d) = (1.0 + g * z[0][0], g * z[0][1], g * z[1][0], 1.0 + g * z[1][1]);
        let determinant = a * d - b * c;
        let of = |weights: [f64; 2]| {
            let [x, y] = weights;
            let on = [(x * d - y * c) / determinant, (y * a - x * b) / determinant];
            Normal {
                mean: (on[0] + on[1]) * mean,
                variance: ((on[0] * on[0] + on[1] * on[1]) * variance + 2.0 * on[0] * on[1] * covariance).max(0.0),
            }
        };
        let output = of(response.output_ohm);
        let mut delivered = 0.0;
        for (index, sunk) in response.sunk[..amplifier.op_amps()].iter().enumerate() {
            let last = index + 1 == amplifier.op_amps();
            delivered += if last {
                with_joint(amplifier, joined, *sunk, response.output_ohm, of).magnitude()
            } else {
                of(*sunk).magnitude()
            };
        }
        AmplifierDuty {
            output: Voltage::new((output.variance + output.mean * output.mean).sqrt()),
            beyond_rails: amplifier.rails().map(|rails| output.beyond(rails.si())),
            delivered: Current::new(delivered),
        }
    }
}

/// What the op-amp at an output sinks where outputs are joined through resistors: what they make of the difference between it and their mean, too.
fn with_joint(
    amplifier: &ColumnAmplifier,
    joined: u64,
    sunk: [f64; 2],
    output_ohm: [f64; 2],
    of: impl Fn([f64; 2]) -> Normal,
) -> Normal {
    if joined < 2 || amplifier.output.si() == 0.0 {
        return of(sunk);
    }
    let (count, joint_s) = (joined as f64, 1.0 / amplifier.output.si());
    let own = (1.0 - 1.0 / count) * joint_s;
    let with = of([sunk[0] - own * output_ohm[0], sunk[1] - own * output_ohm[1]]);
    // The others do not depend on this one.
    let others = (count - 1.0) / (count * count) * joint_s * joint_s * of(output_ohm).variance;
    // Of equal means nothing flows.
    Normal { mean: of(sunk).mean, variance: with.variance + others }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All weights and rows of a small column, one by one.
    #[test]
    fn the_duty_is_the_mean_over_all_weights_and_inputs() {
        let (low, high) = (1.0 / 2e3, 1.0 / 8e3);
        let rows = 6;
        let amplifier = ColumnAmplifier {
            output: Resistance::new(500.0),
            ..ColumnAmplifier::ideal_transimpedance(Resistance::new(1e3))
        };
        let (mut square, mut first, mut second, mut count) = (0.0, 0.0, 0.0, 0.0);
        for weights in 0..1_u32 << rows {
            for inputs in 0..1_u32 << rows {
                let (mut positive, mut negative) = (0.0, 0.0);
                for row in 0..rows {
                    let (weight, input) = (weights >> row & 1 == 1, inputs >> row & 1 == 1);
                    let v = if row == 0 {
                        0.3
                    } else if input {
                        0.4
                    } else {
                        -0.2
                    };
                    positive += v * if weight { low } else { high };
                    negative += v * if weight { high } else { low };
                }
                square += (1e3_f64 * (positive - negative)).powi(2);
                first += 2.0 * positive.abs();
                second += (positive - negative).abs();
                count += 1.0;
            }
        }
        let pair = TypicalPair {
            r_low: Resistance::new(2e3),
            r_high: Resistance::new(8e3),
            low_fraction: 0.5,
            inputs: 5.0,
            levels: RowLevels { mean: Voltage::new(0.1), rms: Voltage::new(0.1_f64.sqrt()), product_v2: None },
            bias: Voltage::new(0.3),
            biases: 1.0,
            carried: 1.0,
        };
        let duty = pair.duty(&amplifier, 1);
        assert!((duty.output.si() / (square / count).sqrt() - 1.0).abs() < 1e-12);
        // Six rows are not many: their sums are nearly normal.
        let all = (first + second) / count;
        assert!((duty.delivered.si() / all - 1.0).abs() < 0.03, "{} {all}", duty.delivered.si());
        // Two outputs of variance s² at a joint of 500 ohm each: half of their difference, s² / 2, beside what the op-amps sink themselves.
        let joined = pair.duty(&amplifier, 2);
        let s = square / count;
        // What the last op-amp sinks is -v / 1 kohm, and -(v - v') / 2 / 500 ohm more.
        let variance = s * (1.0 / 1e3 + 0.5 / 500.0_f64).powi(2) + s * (0.5 / 500.0_f64).powi(2);
        let by_hand = duty.delivered.si() + FRAC_2_PI.sqrt() * (variance.sqrt() - (s / 1e6).sqrt());
        assert!((joined.delivered.si() / by_hand - 1.0).abs() < 1e-12);
    }

    /// Five rows that are all at 0.4 V or all at -0.2 V, and a bias row: every weight with both.
    #[test]
    fn rows_that_go_together_move_both_columns() {
        let (low, high, bias) = (1.0 / 2e3, 1.0 / 8e3, 0.3);
        let (mut positive, mut square, mut product, mut count) = (0.0, 0.0, 0.0, 0.0);
        for weights in 0..1_u32 << 6 {
            for v in [0.4, -0.2] {
                let (mut p, mut n) = (0.0, 0.0);
                for row in 0..6 {
                    let v = if row == 0 { bias } else { v };
                    let (a, b) = if weights >> row & 1 == 1 { (low, high) } else { (high, low) };
                    p += v * a;
                    n += v * b;
                }
                positive += p;
                square += p * p;
                product += p * n;
                count += 1.0;
            }
        }
        let mean_product = f64::midpoint(0.4 * 0.4, 0.2 * 0.2);
        let pair = TypicalPair {
            r_low: Resistance::new(2e3),
            r_high: Resistance::new(8e3),
            low_fraction: 0.5,
            inputs: 5.0,
            levels: RowLevels {
                mean: Voltage::new(0.1),
                rms: Voltage::new(mean_product.sqrt()),
                product_v2: Some(mean_product),
            },
            bias: Voltage::new(bias),
            biases: 1.0,
            carried: 1.0,
        };
        let (mean, variance, covariance) = pair.currents();
        let by_hand = positive / count;
        assert!((mean / by_hand - 1.0).abs() < 1e-12);
        assert!((variance / (square / count - by_hand * by_hand) - 1.0).abs() < 1e-12);
        assert!((covariance / (product / count - by_hand * by_hand) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_tenth_of_normal_numbers_is_beyond_1_645_deviations() {
        let normal = Normal { mean: 0.0, variance: 4.0 };
        assert!((normal.beyond(2.0 * 1.644_853_627) - 0.1).abs() < 1e-9);
        assert!((normal.magnitude() - 2.0 * FRAC_2_PI.sqrt()).abs() < 1e-15);
        let certain = Normal { mean: -3.0, variance: 0.0 };
        assert_eq!((certain.magnitude(), certain.beyond(2.9), certain.beyond(3.1)), (3.0, 1.0, 0.0));
        // Far from zero the magnitude is the mean's.
        assert!((Normal { mean: -9.0, variance: 1.0 }.magnitude() - 9.0).abs() < 1e-12);
    }
}
