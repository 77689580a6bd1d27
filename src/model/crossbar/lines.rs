//! The lines of one direction of a crossbar: tridiagonal systems, factorised once.
//!
//! A line of nodes with segments of conductance s between them and cells of conductance g_k from each node has, in the direction of its
//! end, `D_k = s + g_k + s a_{k-1} / (s + a_{k-1})`, where a is what a node sees behind it: only positive numbers are added, so that no
//! digits are lost however small the cells are beside the wires. With `m_k = s / D_k` and currents f into the nodes,
//!
//! - towards the end: `y_k = f_k / s + m_{k-1} y_{k-1}`;
//! - back: `x_k = m_k (y_k + x_{k+1})`.
//!
//! A line without segment resistance is one node; one without any resistance is held at its end voltage.

use super::nodal::Cells;

/// Rows whose recurrences run side by side, so that the processor need not wait for one of them.
const ROWS_AT_ONCE: usize = 8;

/// All rows or all columns of a crossbar.
#[derive(Debug, Clone)]
pub(super) struct WireLines {
    along: Along,
    rows: usize,
    columns: usize,
    wire: Wire,
    /// Resistance from the node at the end to the end voltage.
    end_ohm: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Along {
    /// The end (the source) is at column 0.
    Rows,
    /// The end (the termination) is below the last row.
    Columns,
}

#[derive(Debug, Clone)]
enum Wire {
    /// `m` for every node, laid out as the cells are; segment resistance.
    Segments { m: Vec<f64>, ohm: f64 },
    /// One node a line: `1 / (all cells + end)`.
    Node(Vec<f64>),
    /// Held at the end voltage.
    Held,
}

impl WireLines {
    pub(super) fn along_rows(cells: &Cells, segment_ohm: f64, source_ohm: f64) -> Self {
        Self::new(Along::Rows, cells, segment_ohm, source_ohm)
    }

    pub(super) fn along_columns(cells: &Cells, segment_ohm: f64, termination_ohm: f64) -> Self {
        Self::new(Along::Columns, cells, segment_ohm, termination_ohm)
    }

    fn new(along: Along, cells: &Cells, segment_ohm: f64, outer_ohm: f64) -> Self {
        let Cells { rows, columns, conductances_s: g } = cells;
        let (rows, columns) = (*rows, *columns);
        let end_ohm = segment_ohm + outer_ohm;
        let wire = if segment_ohm > 0.0 {
            let mut m = vec![0.0; g.len()];
            let (s, end) = (1.0 / segment_ohm, 1.0 / end_ohm);
            match along {
                Along::Rows => {
                    for (m, g) in m.chunks_exact_mut(columns).zip(g.chunks_exact(columns)) {
                        factorise_row(m, g, s, end);
                    }
                }
                Along::Columns => factorise_columns(&mut m, g, columns, s, end),
            }
            Wire::Segments { m, ohm: segment_ohm }
        } else if outer_ohm > 0.0 {
            let mut total = vec![1.0 / outer_ohm; if along == Along::Rows { rows } else { columns }];
            for (k, g) in g.iter().enumerate() {
                total[if along == Along::Rows { k / columns } else { k % columns }] += g;
            }
            Wire::Node(total.into_iter().map(|g| 1.0 / g).collect())
        } else {
            Wire::Held
        };
        Self { along, rows, columns, wire, end_ohm }
    }

    /// Voltages of the lines that their sources drive, everything else at 0 V. Rows only.
    pub(super) fn driven(&self, voltages_v: &[f64], out: &mut [f64]) {
        let columns = self.columns;
        match &self.wire {
            Wire::Held => {
                for (row, voltage) in out.chunks_exact_mut(columns).zip(voltages_v) {
                    row.fill(*voltage);
                }
            }
            Wire::Node(inverse) => {
                for ((row, voltage), inverse) in out.chunks_exact_mut(columns).zip(voltages_v).zip(inverse) {
                    row.fill(voltage * inverse / self.end_ohm);
                }
            }
            Wire::Segments { .. } => {
                let mut currents = vec![0.0; out.len()];
                for (row, voltage) in currents.chunks_exact_mut(columns).zip(voltages_v) {
                    row[0] = voltage / self.end_ohm;
                }
                self.solve(&currents, out);
            }
        }
    }

    /// Voltages for these currents into the nodes, ends at 0 V.
    pub(super) fn solve(&self, currents: &[f64], out: &mut [f64]) {
        match (&self.wire, self.along) {
            (Wire::Held, _) => out.fill(0.0),
            (Wire::Node(inverse), _) => self.solve_nodes(inverse, |k| currents[k], out),
            (Wire::Segments { m, ohm }, Along::Rows) => solve_rows(m, *ohm, self.columns, currents, out),
            (Wire::Segments { m, ohm }, Along::Columns) => {
                solve_columns(m, *ohm, self.columns, out, |from, to, f| f.copy_from_slice(&currents[from..to]));
            }
        }
    }

    /// The same for the currents `g u`. Columns only.
    pub(super) fn solve_products(&self, g: &[f64], u: &[f64], out: &mut [f64]) {
        match &self.wire {
            Wire::Held => out.fill(0.0),
            Wire::Node(inverse) => self.solve_nodes(inverse, |k| g[k] * u[k], out),
            Wire::Segments { m, ohm } => solve_columns(m, *ohm, self.columns, out, |from, to, f| {
                for ((f, g), u) in f.iter_mut().zip(&g[from..to]).zip(&u[from..to]) {
                    *f = g * u;
                }
            }),
        }
    }

    fn solve_nodes(&self, inverse: &[f64], current: impl Fn(usize) -> f64, out: &mut [f64]) {
        let line = |k: usize| if self.along == Along::Rows { k / self.columns } else { k % self.columns };
        let mut voltages = vec![0.0; inverse.len()];
        for k in 0..out.len() {
            voltages[line(k)] += current(k);
        }
        voltages.iter_mut().zip(inverse).for_each(|(v, inverse)| *v *= inverse);
        for (k, out) in out.iter_mut().enumerate() {
            *out = voltages[line(k)];
        }
    }

    /// Currents through the ends: of rows out of the source, of columns into the end. `u` and `w` are the voltages of row and column nodes.
    pub(super) fn end_currents(&self, cells: &Cells, u: &[f64], w: &[f64], sources_v: Option<&[f64]>) -> Vec<f64> {
        let count = if self.along == Along::Rows { self.rows } else { self.columns };
        let mut currents = vec![0.0; count];
        if self.end_ohm > 0.0 {
            for (line, current) in currents.iter_mut().enumerate() {
                *current = match sources_v {
                    Some(sources) => (sources[line] - u[line * self.columns]) / self.end_ohm,
                    None => w[(self.rows - 1) * self.columns + line] / self.end_ohm,
                };
            }
        } else {
            for (k, g) in cells.conductances_s.iter().enumerate() {
                let line = if self.along == Along::Rows { k / self.columns } else { k % self.columns };
                currents[line] += g * (u[k] - w[k]);
            }
        }
        currents
    }
}

/// The end of a row is at its first node, so the elimination runs from its last.
fn factorise_row(m: &mut [f64], g: &[f64], s: f64, end: f64) {
    let mut behind = 0.0;
    for k in (0..g.len()).rev() {
        let seen = g[k] + behind;
        let forward = if k == 0 { end } else { s };
        m[k] = s / (seen + forward);
        behind = s * seen / (s + seen);
    }
}

fn factorise_columns(m: &mut [f64], g: &[f64], columns: usize, s: f64, end: f64) {
    let rows = g.len() / columns;
    let mut behind = vec![0.0; columns];
    for (i, (m, g)) in m.chunks_exact_mut(columns).zip(g.chunks_exact(columns)).enumerate() {
        let forward = if i + 1 == rows { end } else { s };
        for ((m, g), behind) in m.iter_mut().zip(g).zip(&mut behind) {
            let seen = g + *behind;
            *m = s / (seen + forward);
            *behind = s * seen / (s + seen);
        }
    }
}

fn solve_rows(m: &[f64], ohm: f64, columns: usize, currents: &[f64], out: &mut [f64]) {
    let block = ROWS_AT_ONCE * columns;
    let blocks = m.chunks(block).zip(currents.chunks(block)).zip(out.chunks_mut(block));
    for ((m, currents), out) in blocks {
        if out.len() == block {
            solve_eight_rows(m, ohm, columns, currents, out);
        } else {
            let rows = m.chunks_exact(columns).zip(currents.chunks_exact(columns)).zip(out.chunks_exact_mut(columns));
            for ((m, currents), out) in rows {
                solve_row(m, ohm, currents, out);
            }
        }
    }
}

fn solve_row(m: &[f64], ohm: f64, currents: &[f64], out: &mut [f64]) {
    let n = out.len();
    let mut y = 0.0;
    for k in (0..n).rev() {
        y = currents[k] * ohm + if k + 1 < n { m[k + 1] * y } else { 0.0 };
        out[k] = y;
    }
    let mut x = 0.0;
    for k in 0..n {
        x = m[k] * (out[k] + x);
        out[k] = x;
    }
}

/// Eight independent recurrences, written so that they advance together.
fn solve_eight_rows(m: &[f64], ohm: f64, columns: usize, currents: &[f64], out: &mut [f64]) {
    let m: [&[f64]; ROWS_AT_ONCE] = std::array::from_fn(|row| &m[row * columns..][..columns]);
    let f: [&[f64]; ROWS_AT_ONCE] = std::array::from_fn(|row| &currents[row * columns..][..columns]);
    let mut rest = out;
    let out: [&mut [f64]; ROWS_AT_ONCE] = std::array::from_fn(|_| {
        let (row, after) = std::mem::take(&mut rest).split_at_mut(columns);
        rest = after;
        row
    });
    let mut y: [f64; ROWS_AT_ONCE] = [0.0; ROWS_AT_ONCE];
    for k in (0..columns).rev() {
        for row in 0..ROWS_AT_ONCE {
            y[row] += f[row][k] * ohm;
            out[row][k] = y[row];
            y[row] *= m[row][k];
        }
    }
    let mut x: [f64; ROWS_AT_ONCE] = [0.0; ROWS_AT_ONCE];
    for k in 0..columns {
        for row in 0..ROWS_AT_ONCE {
            x[row] = m[row][k] * (out[row][k] + x[row]);
            out[row][k] = x[row];
        }
    }
}

/// All columns advance together; `fill` writes the currents of a range of cells.
fn solve_columns(m: &[f64], ohm: f64, columns: usize, out: &mut [f64], fill: impl Fn(usize, usize, &mut [f64])) {
    let rows = m.len() / columns;
    for i in 0..rows {
        let (above, here) = out.split_at_mut(i * columns);
        let here = &mut here[..columns];
        fill(i * columns, (i + 1) * columns, here);
        if i == 0 {
            here.iter_mut().for_each(|f| *f *= ohm);
        } else {
            let above = &above[(i - 1) * columns..];
            let m = &m[(i - 1) * columns..i * columns];
            for ((f, m), above) in here.iter_mut().zip(m).zip(above) {
                *f = *f * ohm + m * above;
            }
        }
    }
    for i in (0..rows).rev() {
        let (here, below) = out[i * columns..].split_at_mut(columns);
        let m = &m[i * columns..(i + 1) * columns];
        if i + 1 == rows {
            for (x, m) in here.iter_mut().zip(m) {
                *x *= m;
            }
        } else {
            for ((x, m), below) in here.iter_mut().zip(m).zip(&below[..columns]) {
                *x = m * (*x + below);
            }
        }
    }
}
