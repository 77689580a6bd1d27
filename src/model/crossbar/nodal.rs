//! What a crossbar really carries: nodal analysis with wires, sources and terminations, exact to rounding.
//!
//! Row i: source voltage, source resistance, one row segment to the node of cell (i, 0), one segment from cell to cell. Column j: one column segment
//! from cell to cell, below the last row one more segment and the termination to the end voltage (a virtual ground where it is 0 V). The
//! far ends are open. Each cell joins its row node u to its column node w, so with G the cells, A_r and A_c the rows and columns
//! (tridiagonal lines, cells included on their diagonals), Kirchhoff's current law reads
//!
//! `A_r u = b_r + G w`, `A_c w = b_c + G u`.
//!
//! Columns are eliminated, `(A_r - G A_c⁻¹ G) u = b_r + G A_c⁻¹ b_c`, and what remains is solved by conjugate gradients with the rows `A_r` as
//! preconditioner (M. R. Hestenes, E. Stiefel, J. Res. NBS 49, 409, 1952). Both line solves are exact. Since cells are less
//! conductive than wires the two nearly commute and some ten steps suffice. `A_r p` is never formed: it follows from the residuals.

use super::lines::WireLines;
use super::steps::{condition, least_steps};
use crate::units::Power;

/// Wires and ends of a crossbar, in ohm; zero is allowed everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Wiring {
    /// Between neighbouring cells of a row, and before the first.
    pub row_segment_ohm: f64,
    /// Between neighbouring cells of a column, and after the last.
    pub column_segment_ohm: f64,
    /// In series with every row's source.
    pub source_ohm: f64,
    /// Between every column's last segment and its end voltage.
    pub termination_ohm: f64,
}

/// Cells of a crossbar.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Conductances, row by row, in siemens; all positive.
    pub conductances_s: Vec<f64>,
}

/// Why a crossbar has no solution.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NodalError {
    /// The numbers of cells, rows and columns do not belong together, or there are none.
    #[error("a crossbar of {rows} x {columns} cells has {cells} conductances")]
    Shape {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
        /// Conductances given.
        cells: usize,
    },
    /// A number of voltages that is not the number of rows.
    #[error("{found} voltages for {rows} rows")]
    Voltages {
        /// Voltages given.
        found: usize,
        /// Rows.
        rows: usize,
    },
    /// A conductance or resistance that is negative, zero where it may not be, or not finite.
    #[error("{0} is not a possible value")]
    Value(f64),
    /// Currents or voltages beyond all numbers.
    #[error("the voltages and resistances of this crossbar are too far apart for numbers of 16 digits")]
    Overflow,
    /// The iteration would not end before its limit.
    #[error(
        "wires with so much more resistance than the cells take some {needed} steps, and {limit} are made for so many cells: fewer cells or less \
         resistance can be solved"
    )]
    Hopeless {
        /// Steps that it takes at least, about.
        needed: usize,
        /// Steps that would be made.
        limit: usize,
    },
    /// The iteration ended before the residual was small enough.
    #[error(
        "the currents did not converge: a relative residual of {residual:.1e} is left after {steps} steps, the most that are made for so many \
         cells; wires with far more resistance than cells take many steps"
    )]
    Diverged {
        /// Relative residual in the norm of the preconditioner.
        residual: f64,
        /// Steps taken.
        steps: usize,
    },
}

/// Currents of a crossbar for one set of row voltages.
#[derive(Debug, Clone, PartialEq)]
pub struct Currents {
    /// Into the end of each column, in ampere.
    pub columns_a: Vec<f64>,
    /// Out of the source of each row, in ampere.
    pub rows_a: Vec<f64>,
    /// Steps of conjugate gradients that it took.
    pub steps: usize,
}

/// How far column currents are from a reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// Root mean square of the differences over that of the reference.
    pub rms: f64,
    /// The column with the largest difference, and that difference relative to its reference; none where that is zero.
    pub worst: Option<(usize, f64)>,
}

/// A crossbar with its lines factorised, for any number of row voltages.
#[derive(Debug, Clone)]
pub struct Solver<'a> {
    cells: &'a Cells,
    rows: WireLines,
    columns: WireLines,
    /// The largest and the smallest eigenvalue of the preconditioned system lie about so far apart.
    condition: f64,
    limit: usize,
}

/// Relative residual at which column currents are exact to about 1e-12 of the largest: each step gains about a factor of ten.
pub const TOLERANCE: f64 = 1e-12;

/// Relative residual for sweeps: a third of the steps, currents within 0.3 % (the table in `docs/crossbar.md`).
pub const APPROXIMATE: f64 = 1e-3;

/// Steps times cells: some seconds. A crossbar of 1024 x 1024 cells takes some twenty steps where its wires conduct better than its cells.
pub const MOST_WORK: usize = 400_000_000;

impl<'a> Solver<'a> {
    /// Factorises the lines of a crossbar.
    ///
    /// # Errors
    /// If the shape does not fit or a value is impossible.
    pub fn new(cells: &'a Cells, wiring: &Wiring) -> Result<Self, NodalError> {
        let Cells { rows, columns, conductances_s } = cells;
        if rows * columns != conductances_s.len() || conductances_s.is_empty() {
            return Err(NodalError::Shape { rows: *rows, columns: *columns, cells: conductances_s.len() });
        }
        let wires = [wiring.row_segment_ohm, wiring.column_segment_ohm, wiring.source_ohm, wiring.termination_ohm];
        let impossible = wires.into_iter().find(|r| !(*r >= 0.0 && r.is_finite()));
        let impossible = impossible.or_else(|| conductances_s.iter().copied().find(|g| !(*g > 0.0 && g.is_finite())));
        if let Some(value) = impossible {
            return Err(NodalError::Value(value));
        }
        Ok(Self {
            cells,
            rows: WireLines::along_rows(cells, wiring.row_segment_ohm, wiring.source_ohm),
            columns: WireLines::along_columns(cells, wiring.column_segment_ohm, wiring.termination_ohm),
            condition: condition(cells, wiring),
            limit: (50 + 20 * (rows + columns)).min(MOST_WORK / conductances_s.len()).max(50),
        })
    }

    /// Solves for one voltage on each row; `tolerance` is the relative residual to stop at, [`TOLERANCE`] for exact currents.
    ///
    /// # Errors
    /// If there is not one voltage for each row, or the iteration does not converge.
    pub fn solve(&self, voltages_v: &[f64], tolerance: f64) -> Result<Currents, NodalError> {
        let Cells { rows, columns, conductances_s } = self.cells;
        if voltages_v.len() != *rows {
            return Err(NodalError::Voltages { found: voltages_v.len(), rows: *rows });
        }
        if let Some(value) = voltages_v.iter().copied().find(|v| !v.is_finite()) {
            return Err(NodalError::Value(value));
        }
        let size = rows * columns;
        // u starts as the rows alone, the columns held at 0 V; the residual is then what the columns return.
        let mut u = vec![0.0; size];
        self.rows.driven(voltages_v, &mut u);
        let mut t = vec![0.0; size];
        let mut r = vec![0.0; size];
        self.columns.solve_products(conductances_s, &u, &mut t);
        multiply(conductances_s, &t, &mut r);
        let mut z = vec![0.0; size];
        self.rows.solve(&r, &mut z);
        let (mut p, mut q) = (z.clone(), r.clone());
        let mut rho = dot(&r, &z);
        // The norm of the right-hand side: that of the driven rows.
        let scale = dot_products(conductances_s, &u) + rho;
        let needed = least_steps(self.condition, tolerance);
        if rho > tolerance * tolerance * scale && needed > self.limit {
            return Err(NodalError::Hopeless { needed, limit: self.limit });
        }
        let mut steps = 0;
        while rho > tolerance * tolerance * scale {
            if steps == self.limit {
                return Err(NodalError::Diverged { residual: (rho / scale).sqrt(), steps });
            }
            steps += 1;
            self.columns.solve_products(conductances_s, &p, &mut t);
            let curvature = curvature(&p, &q, conductances_s, &mut t);
            let alpha = rho / curvature;
            advance(alpha, (&p, &q, &t), (&mut u, &mut r));
            self.rows.solve(&r, &mut z);
            let next = dot(&r, &z);
            let beta = next / rho;
            rho = next;
            turn(beta, (&z, &r), (&mut p, &mut q));
        }
        if !(rho.is_finite() && scale.is_finite()) {
            return Err(NodalError::Overflow);
        }
        self.columns.solve_products(conductances_s, &u, &mut t);
        Ok(Currents {
            columns_a: self.columns.end_currents(self.cells, &u, &t, None),
            rows_a: self.rows.end_currents(self.cells, &u, &t, Some(voltages_v)),
            steps,
        })
    }
}

impl Solver<'_> {
    /// Solves for several inputs, one after another: as many voltages as rows for each.
    ///
    /// # Errors
    /// As [`Solver::solve`].
    pub fn solve_all(&self, voltages_v: &[f64], tolerance: f64) -> Result<Vec<Currents>, NodalError> {
        voltages_v.chunks(self.cells.rows).map(|voltages| self.solve(voltages, tolerance)).collect()
    }
}

impl Currents {
    /// Power that the row sources deliver at these voltages.
    #[must_use]
    pub fn power(&self, voltages_v: &[f64]) -> Power {
        Power::new(self.rows_a.iter().zip(voltages_v).map(|(i, v)| i * v).sum())
    }

    /// How far the column currents are from others, such as the ideal ones.
    #[must_use]
    pub fn deviation(&self, reference_a: &[f64]) -> Deviation {
        let differences: Vec<f64> =
            self.columns_a.iter().zip(reference_a).map(|(i, reference)| i - reference).collect();
        let size = dot(reference_a, reference_a);
        let rms = if size > 0.0 { (dot(&differences, &differences) / size).sqrt() } else { 0.0 };
        let worst = differences.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let worst = worst.map(|(column, difference)| (column, difference / reference_a[column]));
        Deviation { rms, worst: worst.filter(|(_, relative)| relative.is_finite()) }
    }
}

impl Cells {
    /// Column currents with ideal wires, `I = Gᵀ V`.
    #[must_use]
    pub fn ideal_currents_a(&self, voltages_v: &[f64]) -> Vec<f64> {
        let mut currents = vec![0.0; self.columns];
        for (row, voltage) in self.conductances_s.chunks_exact(self.columns).zip(voltages_v) {
            for (current, conductance) in currents.iter_mut().zip(row) {
                *current += conductance * voltage;
            }
        }
        currents
    }
}

fn multiply(left: &[f64], right: &[f64], out: &mut [f64]) {
    for ((out, left), right) in out.iter_mut().zip(left).zip(right) {
        *out = left * right;
    }
}

/// Four sums side by side, so that additions do not wait for each other.
fn sum(terms: usize, term: impl Fn(usize) -> f64) -> f64 {
    let mut sums = [0.0; 4];
    for k in (0..terms / 4 * 4).step_by(4) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(k + lane);
        }
    }
    let rest: f64 = (terms / 4 * 4..terms).map(&term).sum();
    sums.iter().sum::<f64>() + rest
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    sum(n, |k| a[k] * b[k])
}

/// `Σ g u²`
fn dot_products(g: &[f64], u: &[f64]) -> f64 {
    let n = g.len().min(u.len());
    let (g, u) = (&g[..n], &u[..n]);
    sum(n, |k| g[k] * u[k] * u[k])
}

/// Makes `G t` of t, and returns `p · (q - G t)`.
fn curvature(p: &[f64], q: &[f64], g: &[f64], t: &mut [f64]) -> f64 {
    multiply_in_place(g, t);
    let n = t.len();
    let (p, q, t) = (&p[..n], &q[..n], &t[..n]);
    sum(n, |k| p[k] * (q[k] - t[k]))
}

fn multiply_in_place(g: &[f64], t: &mut [f64]) {
    for (t, g) in t.iter_mut().zip(g) {
        *t *= g;
    }
}

/// `u += alpha p`, `r -= alpha (q - t)`
fn advance(alpha: f64, (p, q, t): (&[f64], &[f64], &[f64]), (u, r): (&mut [f64], &mut [f64])) {
    for ((((u, r), p), q), t) in u.iter_mut().zip(r).zip(p).zip(q).zip(t) {
        *u += alpha * p;
        *r -= alpha * (q - t);
    }
}

/// `p = z + beta p`, `q = r + beta q`
fn turn(beta: f64, (z, r): (&[f64], &[f64]), (p, q): (&mut [f64], &mut [f64])) {
    for (((p, q), z), r) in p.iter_mut().zip(q).zip(z).zip(r) {
        *p = z + beta * *p;
        *q = r + beta * *q;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(size: usize) -> Cells {
        let conductance = |k: usize| if (k / size * 31 + k % size * 17) % 7 < 3 { 1.0 / 8e3 } else { 1.0 / 25e3 };
        Cells { rows: size, columns: size, conductances_s: (0..size * size).map(conductance).collect() }
    }

    fn wiring(ohm: f64) -> Wiring {
        Wiring { row_segment_ohm: ohm, column_segment_ohm: ohm, source_ohm: 0.0, termination_ohm: 0.0 }
    }

    #[test]
    fn what_would_take_minutes_is_refused_at_once_and_nothing_that_does_not() {
        for size in [16, 64, 100] {
            for (row_segment_ohm, column_segment_ohm) in
                [(1e3, 1e3), (1e6, 1e6), (1e9, 1e9), (1e6, 1.0), (1.0, 1e6), (0.0, 1e6), (1e6, 0.0)]
            {
                let wires = Wiring { row_segment_ohm, column_segment_ohm, source_ohm: 100.0, termination_ohm: 10.0 };
                let cells = cells(size);
                let solver = Solver::new(&cells, &wires).expect("cells");
                for tolerance in [TOLERANCE, APPROXIMATE] {
                    let needed = least_steps(solver.condition, tolerance);
                    for voltages in [vec![0.8; size], (0..size).map(|k| f64::from(k as u32 % 3) - 1.0).collect()] {
                        let steps = solver.solve(&voltages, tolerance).expect("enough steps").steps;
                        assert!(needed <= steps + 1, "{needed} foretold, {steps} made: {size}, {wires:?}");
                    }
                }
            }
        }
        let large = cells(1024);
        let solver = Solver::new(&large, &wiring(1e6)).expect("cells");
        let error = solver.solve(&[0.8; 1024], TOLERANCE).expect_err("thousands of steps");
        assert!(matches!(error, NodalError::Hopeless { needed: 2000..8_000, limit: 381 }), "{error}");
    }

    /// 1024 x 1024 cells with wires of 1 Mohm would take thousands of steps and two minutes.
    #[test]
    fn steps_are_bounded_by_the_work_that_they_are() {
        let large = cells(1024);
        assert_eq!(Solver::new(&large, &wiring(1.0)).expect("cells").limit, 400_000_000 / (1024 * 1024));
        let small = cells(64);
        let mut solver = Solver::new(&small, &wiring(1e6)).expect("cells");
        assert_eq!(solver.limit, 50 + 20 * 128);
        let steps = solver.solve(&[0.8; 64], TOLERANCE).expect("enough steps").steps;
        assert!(steps > 50, "{steps}");
        solver.limit = steps - 1;
        let error = solver.solve(&[0.8; 64], TOLERANCE).expect_err("too few steps");
        assert!(matches!(error, NodalError::Diverged { steps: made, .. } if made == steps - 1), "{error}");
    }

    #[test]
    fn what_is_beyond_all_numbers_is_an_error() {
        let small = cells(4);
        let solver = Solver::new(&small, &wiring(1.0)).expect("cells");
        assert_eq!(solver.solve(&[1e200; 4], TOLERANCE), Err(NodalError::Overflow));
    }
}
