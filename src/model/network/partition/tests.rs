//! Against all nodes of a sub-array in one matrix, and by hand.

use super::*;
use crate::model::amplifier::{AmplifierCircuit, OpAmp};
use crate::units::Resistance;
use proptest::prelude::*;

/// The same circuit, all nodes in one dense matrix, its columns cut below the rows of `last` and joined at their feet; op-amps are
/// `out = A (v⁺ - v⁻)`. Beside it the largest voltage of a node of the amplifiers, which rounding is to be held against.
fn all_nodes(pairs: &Pairs, last: &[usize], segments: Segments, amplifier: &ColumnAmplifier) -> (Response, f64) {
    let (rows, outputs) = (pairs.rows, pairs.outputs);
    let cells = rows * outputs;
    let size = 3 * cells + 2 * outputs + if segments.pair_in_cell { 0 } else { cells } + 3 * outputs;
    // Of a difference amplifier: its inputs and its output; of a transimpedance amplifier its two outputs.
    let of_amplifier = |r: usize, k: usize| size - 3 * outputs + 3 * r + k;
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
    let dc_gain = amplifier.op_amp.dc_gain.expect("finite");
    for r in 0..outputs {
        let feet = [column(0, rows, r), column(1, rows, r)];
        let nodes = [0, 1, 2].map(|k| of_amplifier(r, k));
        let mut join = |a: usize, b: Option<usize>, ohm: f64| {
            matrix[a * size + a] += 1.0 / ohm;
            if let Some(b) = b {
                matrix[b * size + b] += 1.0 / ohm;
                matrix[a * size + b] -= 1.0 / ohm;
                matrix[b * size + a] -= 1.0 / ohm;
            }
        };
        let mut outputs: Vec<(usize, Option<usize>, usize)> = Vec::new();
        match amplifier.circuit {
            AmplifierCircuit::Difference { input, gain } => {
                let [plus, minus, out] = nodes;
                join(feet[0], Some(plus), input.si());
                join(feet[1], Some(minus), input.si());
                join(plus, None, gain * input.si());
                join(minus, Some(out), gain * input.si());
                outputs.push((out, Some(plus), minus));
            }
            AmplifierCircuit::Transimpedance { feedback } => {
                let [first, second, unused] = nodes;
                join(feet[0], Some(first), feedback.si());
                join(first, Some(feet[1]), feedback.si());
                join(feet[1], Some(second), feedback.si());
                join(unused, None, 1.0);
                outputs.extend([(first, None, feet[0]), (second, None, feet[1])]);
            }
        }
        for (out, plus, minus) in outputs {
            matrix[out * size..(out + 1) * size].fill(0.0);
            matrix[out * size + out] = 1.0;
            matrix[out * size + minus] += dc_gain;
            if let Some(plus) = plus {
                matrix[out * size + plus] -= dc_gain;
            }
        }
    }
    dense::solve(&mut matrix, size, &mut rhs, rows).expect("regular");
    let at = |node: usize, source: usize| rhs[node * rows + source];
    let mut transfer = vec![0.0; outputs * rows];
    let mut admittance_s = vec![0.0; rows * rows];
    let mut sunk_s = Vec::new();
    let mut largest: f64 = 0.0;
    let out = match amplifier.circuit {
        AmplifierCircuit::Difference { .. } => 2,
        AmplifierCircuit::Transimpedance { .. } => 1,
    };
    for r in 0..outputs {
        let of_all = |of: &dyn Fn(usize) -> f64| (0..rows).map(of).collect::<Vec<f64>>();
        let node = |k: usize, source: usize| at(of_amplifier(r, k), source);
        match amplifier.circuit {
            AmplifierCircuit::Difference { input, gain } => {
                sunk_s.extend(of_all(&|s| (node(1, s) - node(2, s)) / (gain * input.si())));
            }
            AmplifierCircuit::Transimpedance { feedback } => {
                let foot = |side: usize, s: usize| at(column(side, rows, r), s);
                sunk_s.extend(of_all(&|s| (foot(0, s) + foot(1, s) - 2.0 * node(0, s)) / feedback.si()));
                sunk_s.extend(of_all(&|s| (foot(1, s) - node(1, s)) / feedback.si()));
            }
        }
    }
    for source in 0..rows {
        for r in 0..outputs {
            largest = (0..3).fold(largest, |largest, k| largest.max(at(of_amplifier(r, k), source).abs()));
            transfer[r * rows + source] = at(of_amplifier(r, out), source);
        }
        for c in 0..rows {
            let driven = if c == source { 1.0 } else { 0.0 };
            admittance_s[c * rows + source] = (driven - at(row_node(c, 0), source)) / segments.row_ohm;
        }
    }
    (Response { rows, outputs, transfer, sunk_s, admittance_s }, largest)
}

const INPUT_OHM: f64 = 1e3;
const GAIN: f64 = 30.0;

fn amplifier() -> ColumnAmplifier {
    ColumnAmplifier::ideal_difference(Resistance::new(INPUT_OHM), GAIN)
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
        (dc_gain, transimpedance) in (10.0_f64..1e5, any::<bool>()),
        conductances in prop::collection::vec(1e-6_f64..1e-3, 60),
    ) {
        let ideal = if transimpedance {
            ColumnAmplifier::ideal_transimpedance(Resistance::new(3e3))
        } else {
            amplifier()
        };
        let amplifier = ColumnAmplifier { op_amp: OpAmp { dc_gain: Some(dc_gain), ..OpAmp::IDEAL }, ..ideal };
        let pairs = of(rows, outputs, &conductances);
        let segments = Segments { row_ohm, column_ohm, pair_in_cell };
        let cuts = || crate::model::crossbar::partition::cuts(rows, partitions.min(rows));
        let last: Vec<usize> = cuts().map(|(_, end)| end - 1).collect();
        let reduced = reduce_joined(&pairs, cuts(), Some(segments), true).expect("regular");
        let response = reduced.with_amplifiers(&amplifier).expect("regular");
        let (whole, at_nodes) = all_nodes(&pairs, &last, segments, &amplifier);
        let at_nodes = at_nodes.max(1.0);
        prop_assert!(close(&response.transfer, &whole.transfer, 1e-9 * at_nodes));
        prop_assert!(close(&response.sunk_s, &whole.sunk_s, 1e-9 * at_nodes / INPUT_OHM));
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
        let scale = GAIN;
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
        prop_assert!(close(&joined.transfer, &one.transfer, 1e-12 * GAIN));
        prop_assert!(close(&joined.admittance_s, &one.admittance_s, 1e-12 * largest(&one.admittance_s)));
        // Σ G (v - e) = N e, by hand for one output: two equations.
        for output in 0..3 {
            let sum = |of: &[f64], row: Option<usize>| -> f64 {
                (0..7).filter(|&r| row.is_none_or(|row| row == r)).map(|r| of[r * 3 + output]).sum()
            };
            let (load, gain) = (1.0 / INPUT_OHM, GAIN);
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
