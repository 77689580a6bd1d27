//! A surface through given points: slopes from cubic splines. Found once, when the program is built (`build.rs`).

use super::spline::Surface;

impl Surface {
    /// A surface through `z`, given for each x all values of y. Slopes are limited where neighbouring points rise.
    pub(super) fn new(x: Vec<f64>, y: Vec<f64>, z: Vec<f64>) -> Self {
        let (columns, rows) = (x.len(), y.len());
        let mut points: Vec<[f64; 4]> = z.into_iter().map(|z| [z, 0.0, 0.0, 0.0]).collect();
        let line = |points: &[[f64; 4]], at: &dyn Fn(usize) -> usize, count: usize, what: usize| -> Vec<f64> {
            (0..count).map(|k| points[at(k)][what]).collect()
        };
        for j in 0..rows {
            let at = |i: usize| i * rows + j;
            let values = line(&points, &at, columns, 0);
            for (i, slope) in rising(&x, &values, spline_slopes(&x, &values)).into_iter().enumerate() {
                points[at(i)][1] = slope;
            }
        }
        for i in 0..columns {
            let at = |j: usize| i * rows + j;
            let values = line(&points, &at, rows, 0);
            for (j, slope) in rising(&y, &values, spline_slopes(&y, &values)).into_iter().enumerate() {
                points[at(j)][2] = slope;
            }
            let slopes = line(&points, &at, rows, 1);
            for (j, twist) in spline_slopes(&y, &slopes).into_iter().enumerate() {
                points[at(j)][3] = twist;
            }
        }
        Self { x, y, points }
    }

    /// The surface as bytes: the counts of x and of y, all x, all y, and the four numbers of each point.
    pub(super) fn packed(&self) -> Vec<u8> {
        let counts = [self.x.len() as f64, self.y.len() as f64];
        let numbers = counts.iter().chain(&self.x).chain(&self.y).chain(self.points.iter().flatten());
        numbers.flat_map(|number| number.to_le_bytes()).collect()
    }
}

/// Slopes at the points of the natural cubic spline's twice differentiable relative: the ends take the slope of the parabola through
/// the last three points, which is exact for parabolas and does not flatten the ends as the natural spline does.
fn spline_slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    let h: Vec<f64> = x.windows(2).map(|w| w[1] - w[0]).collect();
    let d: Vec<f64> = h.iter().zip(y.windows(2)).map(|(h, w)| (w[1] - w[0]) / h).collect();
    let mut slopes = vec![0.0; n];
    slopes[0] = d[0] + (d[0] - d[1]) * h[0] / (h[0] + h[1]);
    slopes[n - 1] = d[n - 2] + (d[n - 2] - d[n - 3]) * h[n - 2] / (h[n - 2] + h[n - 3]);
    // Continuity of the second derivative at the inner points, a tridiagonal system.
    let (mut factor, mut right) = (vec![0.0; n], vec![0.0; n]);
    right[0] = slopes[0];
    for i in 1..n - 1 {
        let (below, diagonal, above) = (h[i], 2.0 * (h[i - 1] + h[i]), h[i - 1]);
        let rhs = 3.0 * (h[i] * d[i - 1] + h[i - 1] * d[i]);
        let pivot = diagonal - below * factor[i - 1];
        factor[i] = above / pivot;
        right[i] = (rhs - below * right[i - 1]) / pivot;
    }
    for i in (1..n - 1).rev() {
        slopes[i] = right[i] - factor[i] * slopes[i + 1];
    }
    slopes
}

/// Limits slopes so that a cubic between two points that rise (or fall) does so everywhere: F. N. Fritsch and R. E. Carlson,
/// SIAM J. Numer. Anal. 17, 238 (1980): slopes of the same sign as the chord and at most three times as steep.
fn rising(x: &[f64], y: &[f64], mut slopes: Vec<f64>) -> Vec<f64> {
    for i in 0..x.len() - 1 {
        let chord = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
        for slope in &mut slopes[i..=i + 1] {
            *slope = if chord >= 0.0 { slope.clamp(0.0, 3.0 * chord) } else { slope.clamp(3.0 * chord, 0.0) };
        }
    }
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_is_reproduced_away_from_the_ends_and_its_slopes_too() {
        let x: Vec<f64> = (0..21).map(|i| 1.0 + f64::from(i) * 0.1).collect();
        let y: Vec<f64> = (0..17).map(|i| f64::from(i) * 0.05).collect();
        let f = |x: f64, y: f64| x * x * x * (1.0 + y) + 2.0 * x * y * y;
        let z = x.iter().flat_map(|&x| y.iter().map(move |&y| f(x, y))).collect();
        let surface = Surface::new(x, y, z);
        let [z, zx, zy] = surface.at(2.013, 0.417);
        let (x, y) = (2.013_f64, 0.417_f64);
        assert!((z - f(x, y)).abs() < 1e-6);
        assert!((zx - (3.0 * x * x * (1.0 + y) + 2.0 * y * y)).abs() < 1e-4);
        assert!((zy - (x * x * x + 4.0 * x * y)).abs() < 1e-4);
    }

    #[test]
    fn what_is_packed_is_unpacked_to_the_same_bits() {
        let surface =
            Surface::new(vec![0.0, 1.0, 3.0], vec![-1.0, 0.5, 1.0], (0..9).map(|i| f64::from(i * i) / 7.0).collect());
        let packed = surface.packed();
        assert_eq!(packed.len(), 8 * (2 + 3 + 3 + 4 * 9));
        assert_eq!(Surface::unpacked(&packed), surface);
    }
}
