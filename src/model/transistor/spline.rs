//! A surface through the points of a grid: bicubic Hermite patches. Their slopes are found by `through`.

/// A smooth surface z(x, y).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Surface {
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    /// z, dz/dx, dz/dy, d²z/dxdy at each point, y fastest.
    pub(super) points: Vec<[f64; 4]>,
}

impl Surface {
    #[cfg(test)]
    pub(super) fn is_full_grid(&self) -> bool {
        self.points.len() == self.x.len() * self.y.len() && self.x.len() > 3 && self.y.len() > 3
    }

    /// A surface as it was packed; empty if these are no such bytes.
    pub(super) fn unpacked(bytes: &[u8]) -> Self {
        let mut numbers = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap_or_default()));
        let mut count = || numbers.next().unwrap_or_default() as usize;
        let (columns, rows) = (count(), count());
        let x = numbers.by_ref().take(columns).collect();
        let y = numbers.by_ref().take(rows).collect();
        let mut points = Vec::with_capacity(columns * rows);
        while let (Some(z), Some(zx), Some(zy), Some(zxy)) =
            (numbers.next(), numbers.next(), numbers.next(), numbers.next())
        {
            points.push([z, zx, zy, zxy]);
        }
        Self { x, y, points }
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
///
/// The axes are nearly even, so that the interval is guessed and then looked for next to the guess.
fn locate(axis: &[f64], value: f64) -> (usize, f64, f64) {
    let last = axis.len() - 2;
    let (low, high) = ends(axis);
    let mut at = (((value - low) / (high - low) * (last + 1) as f64) as usize).min(last);
    while at > 0 && axis[at] > value {
        at -= 1;
    }
    while at < last && axis[at + 1] <= value {
        at += 1;
    }
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
