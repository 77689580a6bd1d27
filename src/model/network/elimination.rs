//! Exact reduction of a sub-array with wires, row by row.
//!
//! Kirchhoff's current law at the columns of row c, with the row's own nodes eliminated (they form a tridiagonal line), is
//!
//! `M_c x_c + g (x_c - x_{c-1}) + g (x_c - x_{c+1}) = b_c v_c`
//!
//! where `x_c` are the voltages of all columns at that row, g the conductance of a column segment and `v_c` the row's source. Below the last row
//! lie the ends of the columns. That is block-tridiagonal and is solved exactly, for a unit voltage on every row at once and the ends at 0 V:
//! with `S` what is left of the last block and `x` its voltages, the ends take `g x`, and one volt at an end drives `g - g² S⁻¹` into the columns.

use super::partition::{Pairs, Reduced, Segments};
use crate::model::dense::{self, Singular};

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
    /// Columns at one node of a row.
    at_node: usize,
}

impl<'a> Elimination<'a> {
    pub(super) fn new(pairs: &'a Pairs, segments: Segments) -> Self {
        Self {
            pairs,
            row_s: 1.0 / segments.row_ohm,
            column_s: 1.0 / segments.column_ohm,
            columns: 2 * pairs.outputs,
            at_node: if segments.pair_in_cell { 2 } else { 1 },
        }
    }

    /// `with_rows` asks for what the sources deliver, too.
    pub(super) fn run(&self, with_rows: bool) -> Result<Reduced, Singular> {
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
            dense::invert_positive(&mut block, columns)?;
            if !with_rows {
                // Only the row above is needed on the way down.
                inverses.clear();
                sides.clear();
                lines.clear();
            }
            inverses.push(block);
            sides.push(side);
            lines.push(row);
        }
        let (Some(last), Some(side)) = (inverses.last(), sides.last()) else {
            return Ok(Reduced::empty(outputs));
        };
        let mut voltages = vec![0.0; columns * rows];
        dense::multiply_add(&mut voltages, last, side, columns, rows);
        let drive_s = voltages.iter().map(|x| g * x).collect();
        let mut ends_s: Vec<f64> = last.iter().map(|inverse| -g * g * inverse).collect();
        for column in 0..columns {
            ends_s[column * columns + column] += g;
        }
        let rows_s = with_rows.then(|| self.admittance(&lines, &inverses, &sides, voltages));
        Ok(Reduced { rows, outputs, drive_s, ends_s, rows_s })
    }

    /// Conductance of a column's device in a row.
    fn device_s(&self, c: usize, column: usize) -> f64 {
        let at = c * self.pairs.outputs + column / 2;
        if column.is_multiple_of(2) { self.pairs.positive_s[at] } else { self.pairs.negative_s[at] }
    }

    /// Eliminates the nodes of a row: with T its tridiagonal line and G the cells, `M = diag(G) - Gᵀ T⁻¹ G`.
    fn row(&self, c: usize) -> EliminatedRow {
        let (columns, nodes) = (self.columns, self.columns / self.at_node);
        let devices: Vec<f64> = (0..columns).map(|column| self.device_s(c, column)).collect();
        let inverse =
            line_inverse(nodes, self.row_s, |node| devices[node * self.at_node..][..self.at_node].iter().sum());
        let mut matrix = vec![0.0; columns * columns];
        let mut drive = vec![0.0; columns];
        for (column, (g, values)) in devices.iter().zip(matrix.chunks_exact_mut(columns)).enumerate() {
            let node = column / self.at_node;
            drive[column] = g * inverse[node] * self.row_s;
            for (other, (h, value)) in devices.iter().zip(values.iter_mut()).enumerate() {
                *value = -g * inverse[node * nodes + other / self.at_node] * h;
            }
            values[column] += g;
        }
        let own_s = self.row_s * (1.0 - self.row_s * inverse.first().copied().unwrap_or(0.0));
        EliminatedRow { matrix, drive, own_s }
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
