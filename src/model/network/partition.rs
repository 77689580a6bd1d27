//! One sub-array with its amplifiers, reduced to what its rows and its outputs see of it.
//!
//! Node by node: a row starts at its source; one row segment leads to the node of every cell. A cell joins its row node to the positive and
//! the negative column of its output. One column segment leads from row to row, one more from the last row to the amplifier.
//! `elimination` solves these equations.

use super::elimination::Elimination;
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
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Rows.
    pub rows: usize,
    /// Outputs.
    pub outputs: usize,
    /// Amplifier outputs are `transfer · v`: outputs x rows, in V/V.
    pub transfer: Vec<f64>,
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

    /// With an amplifier at every pair of ends: `(ends_s + N) e = drive_s · v`.
    ///
    /// # Errors
    /// If the equations are singular, which positive conductances exclude.
    pub fn with_amplifiers(&self, amplifier: &DifferenceAmplifier) -> Result<Response, Singular> {
        let (rows, outputs, columns) = (self.rows, self.outputs, 2 * self.outputs);
        let load = amplifier.load_s();
        let mut matrix = self.ends_s.clone();
        for output in 0..outputs {
            for (i, of_line) in load.iter().enumerate() {
                for (j, load_s) in of_line.iter().enumerate() {
                    matrix[(2 * output + i) * columns + 2 * output + j] += load_s;
                }
            }
        }
        let mut ends = self.drive_s.clone();
        if rows > 0 {
            dense::solve(&mut matrix, columns, &mut ends, rows)?;
        }
        let mut transfer = Vec::with_capacity(outputs * rows);
        for pair in ends.chunks_exact(2 * rows.max(1)) {
            let (positive, negative) = pair.split_at(rows);
            transfer.extend(positive.iter().zip(negative).map(|(p, n)| amplifier.gain * (p - n)));
        }
        let mut admittance_s = self.rows_s.clone().unwrap_or_default();
        if !admittance_s.is_empty() {
            for (drive, ends) in self.drive_s.chunks_exact(rows).zip(ends.chunks_exact(rows)) {
                for (currents, back) in admittance_s.chunks_exact_mut(rows).zip(drive) {
                    currents.iter_mut().zip(ends).for_each(|(current, end)| *current -= back * end);
                }
            }
        }
        Ok(Response { rows, outputs, transfer, admittance_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Resistance;
    use proptest::prelude::*;

    /// The same circuit, all nodes in one dense matrix, its columns cut below the rows of `last` and joined at their feet; beside it what an
    /// amplifier makes of the largest voltage at the foot of a column: what the rounding of a difference of two such voltages is to be held
    /// against.
    fn all_nodes(
        pairs: &Pairs,
        last: &[usize],
        segments: Segments,
        amplifier: &DifferenceAmplifier,
    ) -> (Response, f64) {
        let (rows, outputs) = (pairs.rows, pairs.outputs);
        let cells = rows * outputs;
        let size = 3 * cells + 2 * outputs + if segments.pair_in_cell { 0 } else { cells };
        // Row nodes, then positive columns, negative columns, the feet of both, and the cells of negative devices that have their own.
        let extra = |c: usize, r: usize| 3 * cells + 2 * outputs + c * outputs + r;
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
                let second = if segments.pair_in_cell { row_node(c, r) } else { extra(c, r) };
                join(second, column(1, c, r), pairs.negative_s[c * outputs + r]);
                if !segments.pair_in_cell {
                    join(row_node(c, r), extra(c, r), 1.0 / segments.row_ohm);
                }
                if r > 0 {
                    let before = if segments.pair_in_cell { row_node(c, r - 1) } else { extra(c, r - 1) };
                    join(before, row_node(c, r), 1.0 / segments.row_ohm);
                }
                for side in 0..2 {
                    let below = if last.contains(&c) { rows } else { c + 1 };
                    join(column(side, c, r), column(side, below, r), 1.0 / segments.column_ohm);
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

    fn of(rows: usize, outputs: usize, conductances: &[f64]) -> Pairs {
        let (positive, negative) = conductances.split_at(conductances.len() / 2);
        let some = |all: &[f64]| all[..rows * outputs].to_vec();
        Pairs { rows, outputs, positive_s: some(positive), negative_s: some(negative) }
    }

    proptest! {
        #[test]
        fn the_reduction_agrees_with_all_nodes_in_one_matrix(
            (rows, outputs, pair_in_cell) in (1_usize..6, 1_usize..5, any::<bool>()),
            (row_ohm, column_ohm) in (0.01_f64..100.0, 0.01_f64..100.0),
            partitions in 1_usize..4,
            conductances in prop::collection::vec(1e-6_f64..1e-3, 60),
        ) {
            let pairs = of(rows, outputs, &conductances);
            let segments = Segments { row_ohm, column_ohm, pair_in_cell };
            let cuts = || crate::model::crossbar::partition::cuts(rows, partitions.min(rows));
            let last: Vec<usize> = cuts().map(|(_, end)| end - 1).collect();
            let reduced = reduce_joined(&pairs, cuts(), Some(segments), true).expect("regular");
            let response = reduced.with_amplifiers(&amplifier()).expect("regular");
            let (whole, at_feet) = all_nodes(&pairs, &last, segments, &amplifier());
            prop_assert!(close(&response.transfer, &whole.transfer, 1e-9 * at_feet));
            prop_assert!(close(&response.admittance_s, &whole.admittance_s, 1e-9 * largest(&whole.admittance_s)));
            let columns = reduce_joined(&pairs, cuts(), Some(segments), false).expect("regular");
            prop_assert_eq!((columns.drive_s, columns.ends_s), (reduced.drive_s, reduced.ends_s));
        }

        #[test]
        fn thin_wires_become_ideal_wires(conductances in prop::collection::vec(1e-6_f64..1e-3, 24), pair_in_cell: bool) {
            let pairs = of(4, 3, &conductances);
            let thin = Segments { row_ohm: 1e-5, column_ohm: 1e-5, pair_in_cell };
            let with = |segments| reduce(&pairs, segments, true).and_then(|r| r.with_amplifiers(&amplifier())).expect("regular");
            let (wired, ideal) = (with(Some(thin)), with(None));
            let scale = amplifier().gain;
            prop_assert!(close(&wired.transfer, &ideal.transfer, 1e-5 * scale));
            prop_assert!(close(&wired.admittance_s, &ideal.admittance_s, 1e-5 * largest(&ideal.admittance_s)));
        }

        #[test]
        fn without_wires_joined_tiles_are_one_tile_of_all_rows(conductances in prop::collection::vec(1e-6_f64..1e-3, 60), tiles in 2_usize..7) {
            let pairs = of(7, 3, &conductances);
            let cuts = crate::model::crossbar::partition::cuts(7, tiles);
            let joined = reduce_joined(&pairs, cuts, None, true).expect("regular");
            let one = reduce(&pairs, None, true).expect("regular");
            let respond = |of: &Reduced| of.with_amplifiers(&amplifier()).expect("regular");
            let (joined, one) = (respond(&joined), respond(&one));
            prop_assert!(close(&joined.transfer, &one.transfer, 1e-12 * amplifier().gain));
            prop_assert!(close(&joined.admittance_s, &one.admittance_s, 1e-12 * largest(&one.admittance_s)));
            // Σ G (v - e) = N e, by hand for one output: two equations.
            for output in 0..3 {
                let sum = |of: &[f64], row: Option<usize>| -> f64 {
                    (0..7).filter(|&r| row.is_none_or(|row| row == r)).map(|r| of[r * 3 + output]).sum()
                };
                let load = 1.0 / amplifier().input.si();
                let gain = amplifier().gain;
                for row in 0..7 {
                    let positive = sum(&pairs.positive_s, Some(row)) / (sum(&pairs.positive_s, None) + load / (1.0 + gain));
                    let driven = load * gain / (1.0 + gain) * positive;
                    let negative = (sum(&pairs.negative_s, Some(row)) + driven) / (sum(&pairs.negative_s, None) + load);
                    let expected = gain * (positive - negative);
                    prop_assert!((joined.transfer[output * 7 + row] - expected).abs() < 1e-11 * gain, "{output} {row}");
                }
            }
        }
    }
}
