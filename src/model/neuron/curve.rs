//! Transfer curves and what is read off them.

use std::ops::RangeInclusive;

use super::circuit::{Load, Neuron, NeuronError, OperatingPoint};
use crate::units::{Power, Unit, Voltage};

/// Operating points over equally spaced inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The points, in order of their inputs.
    pub points: Vec<OperatingPoint>,
    /// Output that counts as the middle: half of the supply.
    half: Voltage,
}

/// `v_out = offset + amplitude / (1 + exp(-steepness · (v_in - midpoint)))`, the least-squares fit of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticFit {
    /// Height of the curve.
    pub amplitude: Voltage,
    /// Steepness, per volt; negative where the curve falls.
    pub steepness_per_v: f64,
    /// Input at half height.
    pub midpoint: Voltage,
    /// Output at the low end.
    pub offset: Voltage,
    /// Root mean square of the error.
    pub rms: Voltage,
    /// Largest error.
    pub max_error: Voltage,
}

impl Neuron {
    /// The curve over a range of inputs, ends included; `count` is at least 2.
    ///
    /// # Errors
    /// The first point without an operating point.
    pub fn curve(&self, range: RangeInclusive<Voltage>, count: usize, load: Load) -> Result<Curve, NeuronError> {
        let (from, to) = (range.start().si(), range.end().si());
        let steps = (count.max(2) - 1) as f64;
        let half = self.parameters().vdd * 0.5;
        let mut points: Vec<OperatingPoint> = Vec::with_capacity(count);
        for k in 0..count.max(2) {
            let guess = points.last().map_or(half, |point| point.v_out);
            points.push(self.operating_point_near(
                Voltage::from_si(from + (to - from) * k as f64 / steps),
                load,
                guess,
            )?);
        }
        Ok(Curve { points, half })
    }
}

impl Curve {
    /// The steepest slope, in V/V; the neuron inverts, so it is negative.
    #[must_use]
    pub fn max_slope(&self) -> f64 {
        self.points.iter().map(|p| p.slope).fold(0.0, f64::min)
    }

    /// Input at which the output passes half of the supply, between two points with the slopes there; none if it does not.
    #[must_use]
    pub fn midpoint(&self) -> Option<Voltage> {
        let half = self.half.si();
        let pair = self.points.windows(2).find(|w| w[0].v_out.si() >= half && w[1].v_out.si() < half)?;
        let (a, b) = (&pair[0], &pair[1]);
        let part = (a.v_out.si() - half) / (a.v_out.si() - b.v_out.si());
        Some(a.v_in + (b.v_in - a.v_in) * part)
    }

    /// Mean of the total power over inputs spread evenly over the range.
    #[must_use]
    pub fn mean_power(&self) -> Power {
        Power::from_si(self.mean(|p| p.power_total.si()))
    }

    /// Mean of a figure over the range, by the trapezoidal rule.
    #[must_use]
    pub fn mean(&self, figure: impl Fn(&OperatingPoint) -> f64) -> f64 {
        let pairs = self.points.windows(2);
        let intervals = pairs.len() as f64;
        pairs.map(|pair| f64::midpoint(figure(&pair[0]), figure(&pair[1]))).sum::<f64>() / intervals
    }

    /// Lowest and highest output.
    #[must_use]
    pub fn levels(&self) -> (Voltage, Voltage) {
        let outputs = self.points.iter().map(|p| p.v_out);
        outputs.fold((Voltage::from_si(f64::INFINITY), Voltage::from_si(f64::NEG_INFINITY)), |(low, high), v| {
            (low.min(v), high.max(v))
        })
    }

    /// The logistic curve with the smallest sum of squared errors: Gauss-Newton steps with the damping of Levenberg and Marquardt
    /// (J. SIAM 11, 431, 1963), from a start that the curve itself gives.
    #[must_use]
    pub fn logistic_fit(&self) -> LogisticFit {
        let data: Vec<(f64, f64)> = self.points.iter().map(|p| (p.v_in.si(), p.v_out.si())).collect();
        let (low, high) = self.levels();
        let amplitude = (high - low).si().max(1e-6);
        let mid = self.midpoint().map_or(0.0, Voltage::si);
        let mut fit = [amplitude, (4.0 * self.max_slope() / amplitude).min(-1e-3), mid, low.si()];
        let (mut damping, mut squares) = (1e-3, sum_of_squares(&data, &fit));
        for _ in 0..100 {
            let Some(step) = damped_step(&data, &fit, damping) else { break };
            let next = [0, 1, 2, 3].map(|i| fit[i] + step[i]);
            let next_squares = sum_of_squares(&data, &next);
            if next_squares < squares {
                let gained = (squares - next_squares) / squares;
                (fit, squares, damping) = (next, next_squares, damping / 10.0);
                if gained < 1e-12 {
                    break;
                }
            } else if damping > 1e12 {
                break;
            } else {
                damping *= 10.0;
            }
        }
        let worst = data.iter().map(|&(x, y)| (logistic(&fit, x) - y).abs()).fold(0.0, f64::max);
        LogisticFit {
            amplitude: Voltage::from_si(fit[0]),
            steepness_per_v: fit[1],
            midpoint: Voltage::from_si(fit[2]),
            offset: Voltage::from_si(fit[3]),
            rms: Voltage::from_si((squares / data.len() as f64).sqrt()),
            max_error: Voltage::from_si(worst),
        }
    }
}

fn logistic([a, k, x0, b]: &[f64; 4], x: f64) -> f64 {
    b + a / (1.0 + (-k * (x - x0)).exp())
}

fn sum_of_squares(data: &[(f64, f64)], fit: &[f64; 4]) -> f64 {
    data.iter().map(|&(x, y)| (logistic(fit, x) - y).powi(2)).sum()
}

/// Solves `(JᵀJ + damping · diag(JᵀJ)) step = Jᵀ r`.
fn damped_step(data: &[(f64, f64)], fit: &[f64; 4], damping: f64) -> Option<[f64; 4]> {
    let [a, k, x0, _] = *fit;
    let (mut normal, mut right) = ([0.0; 16], [0.0; 4]);
    for &(x, y) in data {
        let s = 1.0 / (1.0 + (-k * (x - x0)).exp());
        let ds = s * (1.0 - s);
        let gradient = [s, a * ds * (x - x0), -a * ds * k, 1.0];
        let residual = y - logistic(fit, x);
        for i in 0..4 {
            right[i] += gradient[i] * residual;
            for j in 0..4 {
                normal[4 * i + j] += gradient[i] * gradient[j];
            }
        }
    }
    for i in 0..4 {
        normal[5 * i] *= 1.0 + damping;
    }
    crate::model::dense::solve(&mut normal, 4, &mut right, 1).ok()?;
    Some(right)
}
