//! Exact reduction of a sub-array with wires, row by row.
//!
//! Kirchhoff's current law at the columns of row c, with the row's own nodes eliminated (they form a tridiagonal line), is
//!
//! `M_c x_c + g (x_c - x_{c-1}) + g (x_c - x_{c+1}) = b_c v_c`
//!
//! where `x_c` are the voltages of all columns at that row, g the conductance of a column segment and `v_c` the row's source. That is
//! block-tridiagonal and is solved exactly, for a unit voltage on every row at once. The amplifiers close the last block; they make it
//! unsymmetric, since the positive column drives the negative one (see [`crate::model::amplifier`]).

use super::partition::{Pairs, Response, Segments};
use crate::model::amplifier::DifferenceAmplifier;
use crate::model::dense::{self, Singular};

/// Column index of an output's positive line; the negative one follows it.
fn positive(output: usize) -> usize {
    2 * output
}

/// A row with its own nodes eliminated.
struct EliminatedRow {
    /// `M_c`: columns x columns.
    matrix: Vec<f64>,
    /// `b_c`: what one volt at the source drives into the columns.
    drive: Vec<f64>,
    /// Current of the source for one volt, with all columns at 0 V.
    own_s: f64,
}

pub(super) struct Elimination<'a> {
    pairs: &'a Pairs,
    row_s: f64,
    column_s: f64,
    columns: usize,
}

impl<'a> Elimination<'a> {
    pub(super) fn new(pairs: &'a Pairs, segments: Segments) -> Self {
        Self { pairs, row_s: 1.0 / segments.row_ohm, column_s: 1.0 / segments.column_ohm, columns: 2 * pairs.outputs }
    }

    pub(super) fn run(&self, amplifier: &DifferenceAmplifier) -> Result<Response, Singular> {
        let (rows, columns, outputs) = (self.pairs.rows, self.columns, self.pairs.outputs);
        let g = self.column_s;
        let mut inverses: Vec<Vec<f64>> = Vec::with_capacity(rows);
        let mut sides: Vec<Vec<f64>> = Vec::with_capacity(rows);
        let mut lines = Vec::with_capacity(rows);
        for c in 0..rows {
            let row = self.row(c);
            let mut block = row.matrix.clone();
            let mut side = vec![0.0; columns * rows];
            for column in 0..columns {
                // One segment towards each neighbour; above the first row there is none.
                block[column * columns + column] += if c == 0 { g } else { 2.0 * g };
                side[column * rows + c] = row.drive[column];
            }
            if let (Some(above), Some(above_side)) = (inverses.last(), sides.last()) {
                for (value, inverse) in block.iter_mut().zip(above) {
                    *value -= g * g * inverse;
                }
                let mut carried = vec![0.0; columns * rows];
                dense::multiply_add(&mut carried, above, above_side, columns, rows);
                for (value, carried) in side.iter_mut().zip(&carried) {
                    *value += g * carried;
                }
            }
            if c + 1 < rows {
                dense::invert_positive(&mut block, columns)?;
            }
            inverses.push(block);
            sides.push(side);
            lines.push(row);
        }
        let Some(mut last) = inverses.pop() else {
            return Ok(Response { rows, outputs, transfer: Vec::new(), admittance_s: Vec::new() });
        };
        let feet = self.close(&mut last, amplifier);
        let mut voltages = sides.pop().unwrap_or_default();
        dense::solve(&mut last, columns, &mut voltages, rows)?;
        let transfer = self.transfer(&feet, &voltages, amplifier.gain);
        let admittance_s = self.admittance(&lines, &inverses, &sides, voltages);
        Ok(Response { rows, outputs, transfer, admittance_s })
    }

    /// Eliminates the nodes of a row: with T its tridiagonal line and G the cells, `M = diag(G) - Gᵀ T⁻¹ G`.
    fn row(&self, c: usize) -> EliminatedRow {
        let outputs = self.pairs.outputs;
        let cells = |r: usize| {
            let at = c * outputs + r;
            [self.pairs.positive_s[at], self.pairs.negative_s[at]]
        };
        let inverse = line_inverse(outputs, self.row_s, |r| cells(r)[0] + cells(r)[1]);
        let columns = self.columns;
        let mut matrix = vec![0.0; columns * columns];
        let mut drive = vec![0.0; columns];
        for r in 0..outputs {
            for (side, g) in cells(r).into_iter().enumerate() {
                let at = positive(r) + side;
                drive[at] = g * inverse[r] * self.row_s;
                for s in 0..outputs {
                    for (other, h) in cells(s).into_iter().enumerate() {
                        matrix[at * columns + positive(s) + other] = -g * inverse[r * outputs + s] * h;
                    }
                }
                matrix[at * columns + at] += g;
            }
        }
        let own_s = self.row_s * (1.0 - self.row_s * inverse.first().copied().unwrap_or(0.0));
        EliminatedRow { matrix, drive, own_s }
    }

    /// Adds the amplifiers below the last row: with N their load, `a = (g + N)⁻¹ g x`. Returns `(g + N)⁻¹ g` of a pair.
    fn close(&self, last: &mut [f64], amplifier: &DifferenceAmplifier) -> [[f64; 2]; 2] {
        let (g, load) = (self.column_s, amplifier.load_s());
        let (a, b, c, d) = (g + load[0][0], load[0][1], load[1][0], g + load[1][1]);
        let scale = g / (a * d - b * c);
        let feet = [[d * scale, -b * scale], [-c * scale, a * scale]];
        for output in 0..self.pairs.outputs {
            for (i, row) in feet.iter().enumerate() {
                for (j, value) in row.iter().enumerate() {
                    last[(positive(output) + i) * self.columns + positive(output) + j] -= g * value;
                }
            }
        }
        feet
    }

    fn transfer(&self, feet: &[[f64; 2]; 2], voltages: &[f64], gain: f64) -> Vec<f64> {
        let rows = self.pairs.rows;
        let mut transfer = vec![0.0; self.pairs.outputs * rows];
        for (output, out) in transfer.chunks_exact_mut(rows).enumerate() {
            for (source, out) in out.iter_mut().enumerate() {
                let column = |side: usize| voltages[(positive(output) + side) * rows + source];
                let foot = |row: [f64; 2]| row[0] * column(0) + row[1] * column(1);
                *out = gain * (foot(feet[0]) - foot(feet[1]));
            }
        }
        transfer
    }

    /// From the last row upwards: `x_c = S_c⁻¹ (side_c + g x_{c+1})`; a source's current is `own · v_c - b_c · x_c`.
    fn admittance(
        &self,
        lines: &[EliminatedRow],
        inverses: &[Vec<f64>],
        sides: &[Vec<f64>],
        mut voltages: Vec<f64>,
    ) -> Vec<f64> {
        let rows = self.pairs.rows;
        let mut admittance = vec![0.0; rows * rows];
        for c in (0..rows).rev() {
            if c + 1 < rows {
                let mut side = sides[c].clone();
                for (value, below) in side.iter_mut().zip(&voltages) {
                    *value += self.column_s * below;
                }
                voltages.fill(0.0);
                dense::multiply_add(&mut voltages, &inverses[c], &side, self.columns, rows);
            }
            let currents = &mut admittance[c * rows..(c + 1) * rows];
            for (drive, at_column) in lines[c].drive.iter().zip(voltages.chunks_exact(rows)) {
                for (current, voltage) in currents.iter_mut().zip(at_column) {
                    *current -= drive * voltage;
                }
            }
            currents[c] += lines[c].own_s;
        }
        admittance
    }
}

/// Inverse of the tridiagonal matrix of a line of n nodes: a segment from the source to the first and between neighbours, `to_columns(r)` at
/// node r. Formed from the conductances seen towards the source and towards the end, which only adds positive numbers.
fn line_inverse(n: usize, segment: f64, to_columns: impl Fn(usize) -> f64) -> Vec<f64> {
    let series = |g: f64| segment * g / (segment + g);
    // Seen from node r: everything on its source side, and everything on its far side.
    let (mut before, mut after) = (vec![segment; n], vec![0.0; n]);
    for r in 1..n {
        before[r] = series(before[r - 1] + to_columns(r - 1));
    }
    for r in (0..n.saturating_sub(1)).rev() {
        after[r] = series(after[r + 1] + to_columns(r + 1));
    }
    let mut inverse = vec![0.0; n * n];
    for r in 0..n {
        // One ampere into node r; the voltage divides along the line on either side.
        let mut voltage = 1.0 / (before[r] + to_columns(r) + after[r]);
        inverse[r * n + r] = voltage;
        for s in r + 1..n {
            voltage *= segment / (segment + to_columns(s) + after[s]);
            inverse[r * n + s] = voltage;
            inverse[s * n + r] = voltage;
        }
    }
    inverse
}
