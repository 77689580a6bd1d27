//! Op-amps: one pole, a finite gain, and rails.
//!
//! An op-amp of gain A at DC and gain-bandwidth product f has `A(s) = A / (1 + s A / 2πf)`. In a loop that feeds 1/N of the output back, N being the
//! noise gain, it has a pole at `2πf (1/N + 1/A)` (e.g. P. R. Gray et al., Analysis and Design of Analog Integrated Circuits, 5th ed., ch. 8).

use std::f64::consts::{LN_2, PI};

use crate::units::{Frequency, Time, Voltage};

/// An op-amp. What is not stated is ideal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpAmp {
    /// Gain at DC; none is without limit.
    pub dc_gain: Option<f64>,
    /// Gain-bandwidth product; none is without limit.
    pub gain_bandwidth: Option<Frequency>,
    /// Supplies on both sides of 0 V, which the output does not leave; none is without limit.
    pub rails: Option<Voltage>,
    /// The output settles to half a step of so many bits.
    pub bits: Option<f64>,
}

/// Steps of a bisection; each gains a bit.
const BISECTIONS: usize = 60;

impl OpAmp {
    /// Without limits.
    pub const IDEAL: Self = Self { dc_gain: None, gain_bandwidth: None, rails: None, bits: None };

    /// The part of a closed-loop gain that is left where the noise gain is N: `A / (A + N)`.
    #[must_use]
    pub fn held(&self, noise_gain: f64) -> f64 {
        self.dc_gain.map_or(1.0, |gain| gain / (gain + noise_gain))
    }

    /// Time in which one or two op-amps, one after another in loops of these noise gains, settle to half a step of their bits.
    #[must_use]
    pub fn settling(&self, noise_gains: &[f64]) -> Option<Time> {
        let (gain_bandwidth, bits) = (self.gain_bandwidth?, self.bits?);
        let slowness = |noise_gain: &f64| {
            let loop_gain = 1.0 / noise_gain + self.dc_gain.map_or(0.0, f64::recip);
            1.0 / (2.0 * PI * gain_bandwidth.si() * loop_gain)
        };
        let left_ln = -(bits + 1.0) * LN_2;
        match noise_gains.iter().map(slowness).collect::<Vec<f64>>()[..] {
            [] => None,
            [one] => Some(Time::new(-left_ln * one)),
            [first, second, ..] => Some(Time::new(two_poles(first, second, left_ln))),
        }
    }
}

/// When what is left of a step through two poles has fallen to this, of which the logarithm is given: of
/// `(τ₁ exp(-t/τ₁) - τ₂ exp(-t/τ₂)) / (τ₁ - τ₂)`, and of `(1 + t/τ) exp(-t/τ)` where both are equal.
fn two_poles(first: f64, second: f64, left_ln: f64) -> f64 {
    let (fast, slow) = (first.min(second), first.max(second));
    // exp(-t/τ₁) (τ₁ - τ₂ exp(-t d)) / (τ₁ - τ₂), with d = 1/τ₂ - 1/τ₁: what the logarithm is taken of has no large number in it.
    let left = |t: f64| {
        let apart = (slow - fast) / slow;
        let rest = if apart > 1e-9 {
            let decay = -libm::expm1(-t * (slow - fast) / (slow * fast));
            1.0 + fast / (slow - fast) * decay
        } else {
            1.0 + t / slow
        };
        libm::log(rest) - t / slow
    };
    // Two equal poles take less than twice the time of one and four of their constants.
    let (mut early, mut late) = (0.0, -2.0 * left_ln * slow + 4.0 * slow);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(early, late);
        if left(middle) > left_ln {
            early = middle;
        } else {
            late = middle;
        }
    }
    f64::midpoint(early, late)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: OpAmp = OpAmp { gain_bandwidth: Some(Frequency::new(10e9)), bits: Some(8.0), ..OpAmp::IDEAL };

    #[test]
    fn one_pole_settles_in_nine_times_ln_2_of_its_constant() {
        // 1 kohm after a column of 398 ohm, 30 kohm around: 1 + 30 / 1.398 = 22.46.
        let time = FAST.settling(&[22.46]).expect("limited").si();
        assert!((time - 2.23e-9).abs() < 0.005e-9, "{time}");
        // A gain of 22.46 at DC halves the constant.
        let weak = OpAmp { dc_gain: Some(22.46), ..FAST }.settling(&[22.46]).expect("limited").si();
        assert!((weak / time - 0.5).abs() < 1e-12);
        assert_eq!(OpAmp { bits: None, ..FAST }.settling(&[1.0]), None);
        assert_eq!(OpAmp { gain_bandwidth: None, ..FAST }.settling(&[1.0]), None);
    }

    /// Against the two differential equations, step by step.
    #[test]
    fn two_poles_settle_as_their_differential_equations() {
        for (a, b) in [(5.0, 6.0), (6.0, 5.0), (1.0, 20.0), (7.0, 7.0), (7.0, 7.0 + 1e-10)] {
            let found = FAST.settling(&[a, b]).expect("limited").si();
            let rate = 2.0 * PI * 10e9;
            let (mut first, mut second, mut t) = (0.0_f64, 0.0_f64, 0.0_f64);
            let step = 1e-15;
            while (1.0 - second) > 0.5 / 256.0 {
                // Mid-point rule.
                let half = first + 0.5 * step * rate / a * (1.0 - first);
                let half_second = second + 0.5 * step * rate / b * (first - second);
                second += step * rate / b * (half - half_second);
                first += step * rate / a * (1.0 - half);
                t += step;
            }
            assert!((found / t - 1.0).abs() < 1e-3, "{a} {b}: {found} {t}");
        }
    }
}
