//! A surface through the points of a grid: bicubic Hermite patches with slopes from cubic splines.

/// A smooth surface z(x, y).
#[derive(Debug, Clone)]
pub(super) struct Surface {
    x: Vec<f64>,
    y: Vec<f64>,
    /// z, dz/dx, dz/dy, d²z/dxdy at each point, y fastest.
    points: Vec<[f64; 4]>,
}

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

    #[cfg(test)]
    pub(super) fn is_full_grid(&self) -> bool {
        self.points.len() == self.x.len() * self.y.len() && self.x.len() > 3 && self.y.len() > 3
    }

    pub(super) fn x_range(&self) -> (f64, f64) {
        ends(&self.x)
    }

    pub(super) fn y_range(&self) -> (f64, f64) {
        ends(&self.y)
    }

    /// z, dz/dx and dz/dy.
    pub(super) fn at(&self, x: f64, y: f64) -> [f64; 3] {
        let (i, hx, u) = locate(&self.x, x);
        let (j, hy, v) = locate(&self.y, y);
        let (bx, dx) = basis(u, hx);
        let (by, dy) = basis(v, hy);
        let rows = self.y.len();
        let mut result = [0.0; 3];
        for (a, point_column) in [i, i + 1].into_iter().enumerate() {
            for (b, point_row) in [j, j + 1].into_iter().enumerate() {
                let [z, zx, zy, zxy] = self.points[point_column * rows + point_row];
                // Values take the basis function 2a of x, slopes 2a + 1.
                let (vx, sx, dvx, dsx) = (bx[2 * a], bx[2 * a + 1], dx[2 * a], dx[2 * a + 1]);
                let (vy, sy, dvy, dsy) = (by[2 * b], by[2 * b + 1], dy[2 * b], dy[2 * b + 1]);
                result[0] += vx * (vy * z + sy * zy) + sx * (vy * zx + sy * zxy);
                result[1] += dvx * (vy * z + sy * zy) + dsx * (vy * zx + sy * zxy);
                result[2] += vx * (dvy * z + dsy * zy) + sx * (dvy * zx + dsy * zxy);
            }
        }
        result
    }
}

fn ends(axis: &[f64]) -> (f64, f64) {
    (axis.first().copied().unwrap_or(0.0), axis.last().copied().unwrap_or(0.0))
}

/// The interval that holds a value, its length, and where in it the value is, 0 to 1.
fn locate(axis: &[f64], value: f64) -> (usize, f64, f64) {
    let at = axis.partition_point(|&a| a <= value).clamp(1, axis.len() - 1) - 1;
    let length = axis[at + 1] - axis[at];
    (at, length, ((value - axis[at]) / length).clamp(0.0, 1.0))
}

/// The cubic Hermite basis on an interval: value left, slope left, value right, slope right; and its derivatives.
fn basis(t: f64, length: f64) -> ([f64; 4], [f64; 4]) {
    let (t2, t3) = (t * t, t * t * t);
    let values = [2.0 * t3 - 3.0 * t2 + 1.0, (t3 - 2.0 * t2 + t) * length, 3.0 * t2 - 2.0 * t3, (t3 - t2) * length];
    let slopes =
        [(6.0 * t2 - 6.0 * t) / length, 3.0 * t2 - 4.0 * t + 1.0, (6.0 * t - 6.0 * t2) / length, 3.0 * t2 - 2.0 * t];
    (values, slopes)
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
}
