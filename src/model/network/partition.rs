//! One sub-array with its amplifiers, reduced to what its rows and its outputs see of it.
//!
//! Node by node: a row starts at its source; one row segment leads to the node of every cell. A cell joins its row node to the positive and
//! the negative column of its output. One column segment leads from row to row, one more from the last row to the amplifier.
//! Kirchhoff's current law at the columns of row c, with the row's own nodes eliminated (they form a tridiagonal line), is
//!
//! `M_c x_c + g (x_c - x_{c-1}) + g (x_c - x_{c+1}) = b_c v_c`
//!
//! where `x_c` are the voltages of all columns at that row, g the conductance of a column segment and `v_c` the row's source. That is
//! block-tridiagonal and is solved exactly, for a unit voltage on every row at once. The amplifiers close the last block; they make it
//! unsymmetric, since the positive column drives the negative one (see [`crate::model::amplifier`]).

use crate::model::amplifier::DifferenceAmplifier;
use crate::model::dense::{self, Singular};

/// Conductances of the pairs of a sub-array, in siemens.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    /// Rows (inputs, the bias among them).
    pub rows: usize,
    /// Outputs, each with a positive and a negative column.
    pub outputs: usize,
    /// Conductance to the positive column, row by row: rows x outputs.
    pub positive_s: Vec<f64>,
    /// Conductance to the negative column, row by row: rows x outputs.
    pub negative_s: Vec<f64>,
}

impl Pairs {
    /// A part of them.
    #[must_use]
    pub fn part(&self, rows: std::ops::Range<usize>, outputs: std::ops::Range<usize>) -> Self {
        let part = |all: &[f64]| {
            rows.clone().flat_map(|row| &all[row * self.outputs..][outputs.clone()]).copied().collect::<Vec<f64>>()
        };
        Self {
            rows: rows.len(),
            outputs: outputs.len(),
            positive_s: part(&self.positive_s),
            negative_s: part(&self.negative_s),
        }
    }
}

/// Resistance of the wire between neighbouring cells, in ohm; both positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segments {
    /// Along a row.
    pub row_ohm: f64,
    /// Along a column.
    pub column_ohm: f64,
}

/// What a sub-array does, for any row voltages v.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Rows.
    pub rows: usize,
    /// Outputs.
    pub outputs: usize,
    /// Amplifier outputs are `transfer · v`: outputs x rows, in V/V.
    pub transfer: Vec<f64>,
    /// Currents that the row sources deliver are `admittance_s · v`: rows x rows.
    pub admittance_s: Vec<f64>,
}

/// Reduces a sub-array. `segments` of `None` are wires without resistance.
///
/// # Errors
/// If the equations are singular, which positive conductances exclude.
pub fn respond(
    pairs: &Pairs,
    segments: Option<Segments>,
    amplifier: &DifferenceAmplifier,
) -> Result<Response, Singular> {
    match segments {
        None => ideal_wires(pairs, amplifier),
        Some(segments) => Elimination::new(pairs, segments).run(amplifier),
    }
}

/// All nodes of a column are one: `Σ_c G_c (v_c - a) = N a` for each pair.
fn ideal_wires(pairs: &Pairs, amplifier: &DifferenceAmplifier) -> Result<Response, Singular> {
    let (rows, outputs) = (pairs.rows, pairs.outputs);
    let load = amplifier.load_s();
    let mut transfer = vec![0.0; outputs * rows];
    let mut admittance_s = vec![0.0; rows * rows];
    for output in 0..outputs {
        let of_row = |c: usize| [pairs.positive_s[c * outputs + output], pairs.negative_s[c * outputs + output]];
        let mut total = load;
        for c in 0..rows {
            total[0][0] += of_row(c)[0];
            total[1][1] += of_row(c)[1];
        }
        for source in 0..rows {
            let mut ends = of_row(source);
            dense::solve(&mut total.concat(), 2, &mut ends, 1)?;
            transfer[output * rows + source] = amplifier.gain * (ends[0] - ends[1]);
            for c in 0..rows {
                let [positive, negative] = of_row(c);
                let own = if c == source { positive + negative } else { 0.0 };
                admittance_s[c * rows + source] += own - positive * ends[0] - negative * ends[1];
            }
        }
    }
    Ok(Response { rows, outputs, transfer, admittance_s })
}

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

struct Elimination<'a> {
    pairs: &'a Pairs,
    row_s: f64,
    column_s: f64,
    columns: usize,
}

impl<'a> Elimination<'a> {
    fn new(pairs: &'a Pairs, segments: Segments) -> Self {
        Self { pairs, row_s: 1.0 / segments.row_ohm, column_s: 1.0 / segments.column_ohm, columns: 2 * pairs.outputs }
    }

    fn run(&self, amplifier: &DifferenceAmplifier) -> Result<Response, Singular> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Resistance;
    use proptest::prelude::*;

    /// The same circuit, all nodes in one dense matrix; beside it what an amplifier makes of the largest voltage at the foot of a column:
    /// what the rounding of a difference of two such voltages is to be held against.
    fn all_nodes(pairs: &Pairs, segments: Segments, amplifier: &DifferenceAmplifier) -> (Response, f64) {
        let (rows, outputs) = (pairs.rows, pairs.outputs);
        let cells = rows * outputs;
        let size = 3 * cells + 2 * outputs;
        // Row nodes, then positive columns, negative columns, and the feet of both.
        let row_node = |c: usize, r: usize| c * outputs + r;
        let column = |side: usize, c: usize, r: usize| {
            if c < rows { (1 + side) * cells + c * outputs + r } else { 3 * cells + 2 * r + side }
        };
        let mut matrix = vec![0.0; size * size];
        let mut join = |a: usize, b: usize, g: f64| {
            matrix[a * size + a] += g;
            matrix[b * size + b] += g;
            matrix[a * size + b] -= g;
            matrix[b * size + a] -= g;
        };
        let mut rhs = vec![0.0; size * rows];
        for c in 0..rows {
            for r in 0..outputs {
                join(row_node(c, r), column(0, c, r), pairs.positive_s[c * outputs + r]);
                join(row_node(c, r), column(1, c, r), pairs.negative_s[c * outputs + r]);
                if r > 0 {
                    join(row_node(c, r - 1), row_node(c, r), 1.0 / segments.row_ohm);
                }
                for side in 0..2 {
                    join(column(side, c, r), column(side, c + 1, r), 1.0 / segments.column_ohm);
                }
            }
        }
        for c in 0..rows {
            matrix[row_node(c, 0) * size + row_node(c, 0)] += 1.0 / segments.row_ohm;
            rhs[row_node(c, 0) * rows + c] = 1.0 / segments.row_ohm;
        }
        let load = amplifier.load_s();
        for r in 0..outputs {
            for i in 0..2 {
                for j in 0..2 {
                    matrix[column(i, rows, r) * size + column(j, rows, r)] += load[i][j];
                }
            }
        }
        dense::solve(&mut matrix, size, &mut rhs, rows).expect("regular");
        let at = |node: usize, source: usize| rhs[node * rows + source];
        let mut transfer = vec![0.0; outputs * rows];
        let mut admittance_s = vec![0.0; rows * rows];
        let mut largest: f64 = 0.0;
        for source in 0..rows {
            for r in 0..outputs {
                for side in 0..2 {
                    largest = largest.max(amplifier.gain * at(column(side, rows, r), source).abs());
                }
                transfer[r * rows + source] =
                    amplifier.gain * (at(column(0, rows, r), source) - at(column(1, rows, r), source));
            }
            for c in 0..rows {
                let driven = if c == source { 1.0 } else { 0.0 };
                admittance_s[c * rows + source] = (driven - at(row_node(c, 0), source)) / segments.row_ohm;
            }
        }
        (Response { rows, outputs, transfer, admittance_s }, largest)
    }

    fn amplifier() -> DifferenceAmplifier {
        DifferenceAmplifier { input: Resistance::new(1e3), gain: 30.0 }
    }

    fn close(a: &[f64], b: &[f64], tolerance: f64) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance)
    }

    fn largest(values: &[f64]) -> f64 {
        values.iter().fold(0.0, |m, x| m.max(x.abs()))
    }

    proptest! {
        #[test]
        fn the_reduction_agrees_with_all_nodes_in_one_matrix(
            rows in 1_usize..6,
            outputs in 1_usize..5,
            row_ohm in 0.01_f64..100.0,
            column_ohm in 0.01_f64..100.0,
            conductances in prop::collection::vec(1e-6_f64..1e-3, 60),
        ) {
            let cells = rows * outputs;
            let pairs = Pairs {
                rows,
                outputs,
                positive_s: conductances[..cells].to_vec(),
                negative_s: conductances[30..30 + cells].to_vec(),
            };
            let segments = Segments { row_ohm, column_ohm };
            let reduced = respond(&pairs, Some(segments), &amplifier()).expect("regular");
            let (whole, at_feet) = all_nodes(&pairs, segments, &amplifier());
            prop_assert!(close(&reduced.transfer, &whole.transfer, 1e-9 * at_feet));
            prop_assert!(close(&reduced.admittance_s, &whole.admittance_s, 1e-9 * largest(&whole.admittance_s)));
        }

        #[test]
        fn thin_wires_become_ideal_wires(conductances in prop::collection::vec(1e-6_f64..1e-3, 24)) {
            let pairs = Pairs {
                rows: 4,
                outputs: 3,
                positive_s: conductances[..12].to_vec(),
                negative_s: conductances[12..].to_vec(),
            };
            let thin = Segments { row_ohm: 1e-5, column_ohm: 1e-5 };
            let wired = respond(&pairs, Some(thin), &amplifier()).expect("regular");
            let ideal = respond(&pairs, None, &amplifier()).expect("regular");
            let scale = amplifier().gain;
            prop_assert!(close(&wired.transfer, &ideal.transfer, 1e-5 * scale));
            prop_assert!(close(&wired.admittance_s, &ideal.admittance_s, 1e-5 * largest(&ideal.admittance_s)));
        }
    }
}
