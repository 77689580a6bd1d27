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
