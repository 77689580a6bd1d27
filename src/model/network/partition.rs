//! One sub-array with its amplifiers, reduced to what its rows and its outputs see of it.
//!
//! Node by node: a row starts at its source; one row segment leads to the node of every cell. A cell joins its row node to the positive and
//! the negative column of its output. One column segment leads from row to row, one more from the last row to the amplifier.
//! `elimination` solves these equations.

use super::elimination::Elimination;
use crate::model::amplifier::ColumnAmplifier;
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
    /// What a row draws for one volt, all columns at 0 V and wires without resistance, in siemens.
    #[must_use]
    pub fn row_s(&self, row: usize) -> f64 {
        let of = |all: &[f64]| all[row * self.outputs..][..self.outputs].iter().sum::<f64>();
        of(&self.positive_s) + of(&self.negative_s)
    }

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

/// Wires between neighbouring cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segments {
    /// Resistance along a row, in ohm; positive.
    pub row_ohm: f64,
    /// Resistance along a column, in ohm; positive.
    pub column_ohm: f64,
    /// True if the two devices of a pair share a cell; else each has a cell of its own, the negative one a segment further along the row.
    pub pair_in_cell: bool,
}

/// A sub-array, or several whose columns end at the same nodes, as its sources and the ends of its columns see it: with `v` at the rows and `e`
/// at the ends, the ends take `drive_s · v - ends_s · e`, and the rows deliver `rows_s · v - drive_sᵀ · e` (what one side does to the other
/// is the same both ways, as in every network of resistors).
///
/// The positive column of output j is column 2 j, its negative one 2 j + 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduced {
    /// Rows.
    pub rows: usize,
    /// Outputs.
    pub outputs: usize,
    /// Columns x rows, in siemens.
    pub drive_s: Vec<f64>,
    /// Columns x columns, in siemens.
    pub ends_s: Vec<f64>,
    /// Rows x rows, in siemens; none where it has not been asked for.
    pub rows_s: Option<Vec<f64>>,
}

/// What a sub-array with its amplifiers does, for any row voltages v.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// Rows.
    pub rows: usize,
    /// Outputs.
    pub outputs: usize,
    /// Amplifier outputs are `transfer · v`: outputs x rows, in V/V.
    pub transfer: Vec<f64>,
    /// Currents into the outputs of op-amps are `sunk_s · v`: op-amps x rows, those of one amplifier after another.
    pub sunk_s: Vec<f64>,
    /// Currents that the row sources deliver are `admittance_s · v`: rows x rows; empty where they have not been asked for.
    pub admittance_s: Vec<f64>,
}

/// Reduces a sub-array. `segments` of `None` are wires without resistance; `with_rows` asks for what the sources deliver, too.
///
/// # Errors
/// If the equations are singular, which positive conductances exclude.
pub fn reduce(pairs: &Pairs, segments: Option<Segments>, with_rows: bool) -> Result<Reduced, Singular> {
    match segments {
        None => Ok(ideal_wires(pairs, with_rows)),
        Some(segments) => Elimination::new(pairs, segments).run(with_rows),
    }
}

/// Reduces a layer's tiles in one column of tiles, cut between these rows, and joins the ends of their columns.
///
/// # Errors
/// If the equations are singular, which positive conductances exclude.
pub fn reduce_joined(
    pairs: &Pairs,
    cuts: impl Iterator<Item = (usize, usize)>,
    segments: Option<Segments>,
    with_rows: bool,
) -> Result<Reduced, Singular> {
    let mut joined = Reduced::empty(pairs.outputs);
    joined.rows_s = with_rows.then(Vec::new);
    for (first, end) in cuts {
        joined = joined.joined(&reduce(&pairs.part(first..end, 0..pairs.outputs), segments, with_rows)?);
    }
    Ok(joined)
}

/// All nodes of a column are one.
fn ideal_wires(pairs: &Pairs, with_rows: bool) -> Reduced {
    let (rows, outputs) = (pairs.rows, pairs.outputs);
    let columns = 2 * outputs;
    let mut reduced = Reduced::empty(outputs);
    reduced.rows = rows;
    reduced.drive_s = vec![0.0; columns * rows];
    let mut own = vec![0.0; rows * rows];
    for row in 0..rows {
        for output in 0..outputs {
            let at = row * outputs + output;
            for (side, g) in [pairs.positive_s[at], pairs.negative_s[at]].into_iter().enumerate() {
                let column = 2 * output + side;
                reduced.drive_s[column * rows + row] = g;
                reduced.ends_s[column * columns + column] += g;
                own[row * rows + row] += g;
            }
        }
    }
    reduced.rows_s = with_rows.then_some(own);
    reduced
}

impl Reduced {
    /// Columns without a row.
    pub(super) fn empty(outputs: usize) -> Self {
        let columns = 2 * outputs;
        Self { rows: 0, outputs, drive_s: Vec::new(), ends_s: vec![0.0; columns * columns], rows_s: None }
    }

    /// With the rows of another one below, whose columns end at the same nodes.
    fn joined(&self, below: &Self) -> Self {
        let rows = self.rows + below.rows;
        let mut drive_s = Vec::with_capacity(2 * self.outputs * rows);
        for column in 0..2 * self.outputs {
            drive_s.extend_from_slice(&self.drive_s[column * self.rows..][..self.rows]);
            drive_s.extend_from_slice(&below.drive_s[column * below.rows..][..below.rows]);
        }
        let rows_s = self.rows_s.as_ref().zip(below.rows_s.as_ref()).map(|(upper, lower)| {
            let mut all = vec![0.0; rows * rows];
            for row in 0..self.rows {
                all[row * rows..][..self.rows].copy_from_slice(&upper[row * self.rows..][..self.rows]);
            }
            for row in 0..below.rows {
                all[(self.rows + row) * rows + self.rows..][..below.rows]
                    .copy_from_slice(&lower[row * below.rows..][..below.rows]);
            }
            all
        });
        let ends_s = self.ends_s.iter().zip(&below.ends_s).map(|(a, b)| a + b).collect();
        Self { rows, outputs: self.outputs, drive_s, ends_s, rows_s }
    }

    /// With an amplifier at every pair of ends, which makes `e = Z i` of the currents `i` that arrive there: `(1 + ends_s Z) i = drive_s · v`.
    ///
    /// # Errors
    /// If the equations are singular.
    pub fn with_amplifiers(&self, amplifier: &ColumnAmplifier) -> Result<Response, Singular> {
        let (rows, outputs, columns) = (self.rows, self.outputs, 2 * self.outputs);
        let response = amplifier.response();
        let mut matrix = vec![0.0; columns * columns];
        for (i, of_ends) in self.ends_s.chunks_exact(columns.max(1)).enumerate() {
            for output in 0..outputs {
                for k in 0..2 {
                    let sum: f64 = (0..2).map(|end| of_ends[2 * output + end] * response.feet_ohm[end][k]).sum();
                    let column = 2 * output + k;
                    matrix[i * columns + column] = sum + if column == i { 1.0 } else { 0.0 };
                }
            }
        }
        let mut currents = self.drive_s.clone();
        if rows > 0 {
            dense::solve(&mut matrix, columns, &mut currents, rows)?;
        }
        let mut all =
            Response { rows, outputs, admittance_s: self.rows_s.clone().unwrap_or_default(), ..Response::default() };
        for (pair, drive) in currents.chunks_exact(2 * rows.max(1)).zip(self.drive_s.chunks_exact(2 * rows.max(1))) {
            let of =
                |weights: [f64; 2]| (0..rows).map(move |row| weights[0] * pair[row] + weights[1] * pair[rows + row]);
            all.transfer.extend(of(response.output_ohm));
            for sunk in &response.sunk[..amplifier.op_amps()] {
                all.sunk_s.extend(of(*sunk));
            }
            if all.admittance_s.is_empty() {
                continue;
            }
            for (end, drive) in response.feet_ohm.into_iter().zip(drive.chunks_exact(rows)) {
                let ends: Vec<f64> = of(end).collect();
                for (currents, back) in all.admittance_s.chunks_exact_mut(rows).zip(drive) {
                    currents.iter_mut().zip(&ends).for_each(|(current, end)| *current -= back * end);
                }
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
