//! Logistic curves, and the one that fits a transfer curve best.

use super::curve::Curve;
use crate::model::dense;
use crate::units::Voltage;

/// `v_out = offset + amplitude / (1 + exp(-steepness · (v_in - midpoint)))`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Logistic {
    /// Height of the curve.
    pub amplitude: Voltage,
    /// Steepness, per volt; negative where the curve falls.
    pub steepness_per_v: f64,
    /// Input at half height.
    pub midpoint: Voltage,
    /// Output far on the low side.
    pub offset: Voltage,
}

/// The least-squares fit of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticFit {
    /// The curve.
    pub logistic: Logistic,
    /// Root mean square of the error.
    pub rms: Voltage,
    /// Largest error.
    pub max_error: Voltage,
}

/// A point of the transfer curve, input and output in volts.
type Point = (f64, f64);

impl Logistic {
    /// Output for an input.
    #[must_use]
    pub fn output(&self, input: Voltage) -> Voltage {
        self.offset + self.amplitude * self.part(input.si())
    }

    /// Where between its ends the curve is, 0 to 1.
    fn part(&self, v_in: f64) -> f64 {
        1.0 / (1.0 + libm::exp(-self.steepness_per_v * (v_in - self.midpoint.si())))
    }

    fn sum_of_squares(&self, points: &[Point]) -> f64 {
        points.iter().map(|&point| self.residual(point).powi(2)).sum()
    }

    fn residual(&self, (v_in, v_out): Point) -> f64 {
        v_out - self.output(Voltage::new(v_in)).si()
    }

    /// Amplitude, steepness, midpoint and offset changed by these.
    fn moved(&self, by: [f64; 4]) -> Self {
        Self {
            amplitude: self.amplitude + Voltage::new(by[0]),
            steepness_per_v: self.steepness_per_v + by[1],
            midpoint: self.midpoint + Voltage::new(by[2]),
            offset: self.offset + Voltage::new(by[3]),
        }
    }

    /// Solves `(JᵀJ + damping · diag(JᵀJ)) step = Jᵀ r`.
    fn damped_step(&self, points: &[Point], damping: f64) -> Option<[f64; 4]> {
        let (a, k, x0) = (self.amplitude.si(), self.steepness_per_v, self.midpoint.si());
        let (mut normal, mut right) = ([0.0; 16], [0.0; 4]);
        for &(x, y) in points {
            let s = self.part(x);
            let ds = s * (1.0 - s);
            let gradient = [s, a * ds * (x - x0), -a * ds * k, 1.0];
            let residual = self.residual((x, y));
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
        dense::solve(&mut normal, 4, &mut right, 1).ok()?;
        Some(right)
    }
}

impl Curve {
    /// The logistic curve with the smallest sum of squared errors: Gauss-Newton steps with the damping of Levenberg and Marquardt
    /// (J. SIAM 11, 431, 1963), from a start that the curve itself gives.
    #[must_use]
    pub fn logistic_fit(&self) -> LogisticFit {
        let points: Vec<Point> = self.points.iter().map(|p| (p.v_in.si(), p.v_out.si())).collect();
        let (low, high) = self.levels();
        // A flat curve gets a start that is not degenerate.
        let amplitude = (high - low).max(Voltage::new(1e-6));
        let mut logistic = Logistic {
            amplitude,
            steepness_per_v: (4.0 * self.max_slope() / amplitude.si()).min(-1e-3),
            midpoint: self.midpoint().unwrap_or(Voltage::ZERO),
            offset: low,
        };
        let (mut damping, mut squares) = (1e-3, logistic.sum_of_squares(&points));
        for _ in 0..100 {
            let Some(step) = logistic.damped_step(&points, damping) else { break };
            let next = logistic.moved(step);
            let next_squares = next.sum_of_squares(&points);
            if next_squares < squares {
                let gained = (squares - next_squares) / squares;
                (logistic, squares, damping) = (next, next_squares, damping / 10.0);
                if gained < 1e-12 {
                    break;
                }
            } else if damping > 1e12 {
                break;
            } else {
                damping *= 10.0;
            }
        }
        LogisticFit {
            logistic,
            rms: Voltage::new((squares / points.len() as f64).sqrt()),
            max_error: Voltage::new(points.iter().map(|&point| logistic.residual(point).abs()).fold(0.0, f64::max)),
        }
    }
}
