//! The typical tile of a layer against the exact solution of tiles with random weights: `model::network` reduces each of them without an
//! approximation, and mean self and mutual terms of its admittances are what the closed form must give.
#![allow(missing_docs, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use imcost::model::amplifier::{ColumnAmplifier, ColumnEnd};
use imcost::model::crossbar::nodal::{Cells, Solver, TOLERANCE, Wiring};
use imcost::model::crossbar::partition::cuts;
use imcost::model::crossbar::typical::{RowLevels, TilePlace, TileSolution, solve};
use imcost::model::network::partition::{Pairs, Segments, reduce_joined};
use imcost::units::{Resistance, Voltage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const AMPLIFIER: ColumnAmplifier = ColumnAmplifier::ideal_difference(Resistance::new(1e3), 30.0);

/// Pairs of 5 and 15 kohm on wires of 27 nm.
fn tile(rows: u64, cells: u64) -> TilePlace {
    TilePlace {
        rows,
        partitions: 1,
        bias: true,
        joined: false,
        cells,
        lines: 2,
        paired: true,
        r_low: Resistance::new(5e3),
        r_high: Resistance::new(15e3),
        low_fraction: 0.5,
        row_segment: Resistance::new(9.241_569),
        column_segment: Resistance::new(11.551_961),
        end: AMPLIFIER.column_end(),
    }
}

fn rram(rows: u64, cells: u64, low_fraction: f64) -> TilePlace {
    let (r_low, r_high) = (Resistance::new(2e3), Resistance::new(2e6));
    TilePlace { r_low, r_high, low_fraction, ..tile(rows, cells) }
}

/// The states of a pair: as few pairs as possible have both devices in the same state.
fn pair(place: &TilePlace, random: &mut ChaCha8Rng) -> [f64; 2] {
    let (low, high) = (1.0 / place.r_low.si(), 1.0 / place.r_high.si());
    let rare = place.low_fraction.min(1.0 - place.low_fraction);
    let (usual, other) = if place.low_fraction > 0.5 { (low, high) } else { (high, low) };
    match random.random::<f64>() {
        x if x < rare => [other, usual],
        x if x < 2.0 * rare => [usual, other],
        _ => [usual, usual],
    }
}

/// Mean and standard error of what a tile's sources deliver: rows alone, all rows together, the last row alone and with all others.
struct Ensemble {
    mean: [f64; 4],
    error: [f64; 4],
}

fn ensemble(place: &TilePlace, amplifier: &ColumnAmplifier, draws: usize) -> Ensemble {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let (rows, outputs) = (place.rows as usize, place.cells as usize);
    let segments =
        Segments { row_ohm: place.row_segment.si(), column_ohm: place.column_segment.si(), pair_in_cell: true };
    let mut all_draws = Vec::new();
    for _ in 0..draws {
        let devices: Vec<[f64; 2]> = (0..rows * outputs).map(|_| pair(place, &mut random)).collect();
        let side = |k: usize| devices.iter().map(|d| d[k]).collect();
        let pairs = Pairs { rows, outputs, positive_s: side(0), negative_s: side(1) };
        let segments = (segments.row_ohm > 0.0).then_some(segments);
        let stacks: Vec<(usize, usize)> = cuts(rows, place.partitions as usize).collect();
        let reduced = reduce_joined(&pairs, stacks.into_iter(), segments, true).expect("regular");
        let a = reduced.with_amplifiers(amplifier).expect("regular").admittance_s;
        let last = &a[(rows - 1) * rows..];
        let trace = (0..rows).map(|i| a[i * rows + i]).sum::<f64>();
        all_draws.push([trace, a.iter().sum(), last[rows - 1], last.iter().sum()]);
    }
    let n = draws as f64;
    let mean = std::array::from_fn(|k| all_draws.iter().map(|d| d[k]).sum::<f64>() / n);
    let square = |k: usize, mean: &[f64; 4]| all_draws.iter().map(|d| (d[k] - mean[k]).powi(2)).sum::<f64>();
    Ensemble { error: std::array::from_fn(|k| (square(k, &mean) / (n - 1.0) / n).sqrt()), mean }
}

/// The same four figures of the closed form.
fn figures(s: &TileSolution) -> [f64; 4] {
    let [alone, mutual, bias, bias_mutual] = [s.alone, s.mutual, s.bias_alone, s.bias_mutual].map(|g| g.si());
    [alone + bias, alone + mutual + bias + 2.0 * bias_mutual, bias, bias + bias_mutual]
}

/// Within this part of the mean, and three standard errors of the ensemble.
#[track_caller]
fn agrees(what: &str, place: &TilePlace, amplifier: &ColumnAmplifier, draws: usize, within: f64) {
    let found = figures(&solve(place));
    let Ensemble { mean, error } = ensemble(place, amplifier, draws);
    for k in 0..4 {
        let allowed = within * mean[k] + 3.0 * error[k];
        assert!(
            (found[k] - mean[k]).abs() < allowed,
            "{what}, figure {k}: {:e} for {:e} +- {:e}",
            found[k],
            mean[k],
            error[k]
        );
    }
}

#[test]
fn a_tile_of_pairs_with_difference_amplifiers_delivers_what_random_weights_do_on_average() {
    agrees("16 x 8", &tile(16, 8), &AMPLIFIER, 40, 0.002);
    agrees("32 x 16", &tile(32, 16), &AMPLIFIER, 12, 0.002);
    let weights_of_zero = TilePlace { low_fraction: 0.7, ..tile(17, 10) };
    agrees("zeros", &weights_of_zero, &AMPLIFIER, 60, 0.002);
    let joined = TilePlace { partitions: 3, joined: true, ..tile(40, 8) };
    agrees("three tiles joined", &joined, &AMPLIFIER, 20, 0.002);
}

#[test]
fn strong_ends_hold_the_columns() {
    let amplifier = ColumnAmplifier::ideal_difference(Resistance::new(50.0), 1.0);
    let ideal = TilePlace {
        row_segment: Resistance::ZERO,
        column_segment: Resistance::ZERO,
        end: amplifier.column_end(),
        ..tile(16, 16)
    };
    agrees("no wires", &ideal, &amplifier, 60, 0.002);
    agrees("wires", &TilePlace { end: amplifier.column_end(), ..tile(24, 12) }, &amplifier, 30, 0.002);
}

/// Devices of 2 kohm and 2 Mohm, where a single one outweighs its column: 1 % of the mean beside what the ensemble itself leaves open.
#[test]
fn rare_devices_of_low_resistance_are_counted_as_stated() {
    let ground = ColumnAmplifier::ideal_transimpedance(Resistance::new(1e3));
    for (low, draws) in [(0.01, 60), (0.05, 60), (0.2, 20), (0.5, 6), (0.8, 20)] {
        let place = TilePlace { end: ColumnEnd::GROUND, ..rram(32, 16, low) };
        agrees(&format!("{low} into grounds"), &place, &ground, draws, 0.01);
    }
    agrees("floating", &rram(32, 8, 0.2), &AMPLIFIER, 40, 0.015);
}

/// A pair of 64 x 32 cells at 0.2 V: an independent sparse solution of random pairs has 0.762 of the ideal power at 1 % low and 0.306 at 50 %, half of
/// the rows on. Its devices of a pair have a node each, half a segment apart, and its draws of 1 % scatter by some 10 %.
#[test]
fn an_independent_solution_of_pairs_is_met() {
    let left = |low| {
        let place = TilePlace { bias: false, end: ColumnEnd::GROUND, ..rram(64, 32, low) };
        let (found, rows) = (solve(&place), RowLevels::on_for(0.5, Voltage::new(0.2)));
        found.power(rows, Voltage::ZERO) / found.ideal_power(rows, Voltage::ZERO)
    };
    assert!((left(0.01) / 0.762 - 1.0).abs() < 0.03, "{}", left(0.01));
    assert!((left(0.5) / 0.306 - 1.0).abs() < 0.03, "{}", left(0.5));
}

/// The nodal solver has a row node for every device: single devices, and pairs whose two devices are neighbours.
#[test]
fn single_devices_and_pairs_in_two_columns_agree_with_the_nodal_solver() {
    let wiring = Wiring { row_segment_ohm: 4.6, column_segment_ohm: 11.6, source_ohm: 0.0, termination_ohm: 200.0 };
    for paired in [false, true] {
        let place = TilePlace {
            bias: false,
            lines: 1,
            paired,
            row_segment: Resistance::new(wiring.row_segment_ohm),
            column_segment: Resistance::new(wiring.column_segment_ohm),
            end: ColumnEnd::to_ground(Resistance::new(wiring.termination_ohm)),
            ..tile(32, 32)
        };
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let (mut power, mut ideal) = (0.0, 0.0);
        for _ in 0..150 {
            let conductances_s: Vec<f64> = if paired {
                (0..512).flat_map(|_| pair(&place, &mut random)).collect()
            } else {
                (0..1024).map(|_| if random.random::<bool>() { 1.0 / 5e3 } else { 1.0 / 15e3 }).collect()
            };
            let rows: Vec<f64> = (0..32).map(|_| if random.random::<bool>() { 1.0 } else { 0.0 }).collect();
            let cells = Cells { rows: 32, columns: 32, conductances_s };
            let currents = Solver::new(&cells, &wiring).expect("possible").solve(&rows, TOLERANCE).expect("solved");
            power += currents.power(&rows).si();
            ideal += cells.conductances_s.chunks(32).zip(&rows).map(|(g, v)| g.iter().sum::<f64>() * v).sum::<f64>();
        }
        let (found, rows) = (solve(&place), RowLevels::on_for(0.5, Voltage::new(1.0)));
        let found = found.power(rows, Voltage::ZERO) / found.ideal_power(rows, Voltage::ZERO);
        assert!((found / (power / ideal) - 1.0).abs() < 0.01, "{paired}: {found} {}", power / ideal);
    }
}

#[test]
fn joined_columns_without_wires_are_one_tile() {
    let end = ColumnEnd { together: Resistance::new(100.0), apart: Resistance::new(50.0) };
    let ideal = TilePlace { row_segment: Resistance::ZERO, column_segment: Resistance::ZERO, end, ..tile(129, 16) };
    let one = figures(&solve(&ideal));
    for partitions in [2, 4, 9] {
        let joined = figures(&solve(&TilePlace { partitions, joined: true, ..ideal }));
        for k in 0..4 {
            assert!((joined[k] / one[k] - 1.0).abs() < 1e-12, "{partitions}: {joined:?} {one:?}");
        }
        let apart = figures(&solve(&TilePlace { partitions, ..ideal }));
        assert!(apart[1] > 1.1 * one[1]);
    }
}

/// Two tiles with wires whose columns meet: every node of both in one crossbar, whose column passes from the foot of one to that of the other
/// through two segments, the end between them.
#[test]
fn joined_columns_with_wires_are_one_circuit() {
    // Uniform devices: each column is two chains of rows x segment that meet; the tiles' rows are alike, so the end carries both.
    let place = TilePlace {
        rows: 16,
        bias: false,
        r_high: Resistance::new(5e3),
        lines: 1,
        paired: false,
        end: ColumnEnd::to_ground(Resistance::new(300.0)),
        ..tile(16, 8)
    };
    let joined = solve(&TilePlace { rows: 32, partitions: 2, joined: true, ..place });
    // All rows on: each tile has the end to itself, twice as resistive.
    let alike = solve(&TilePlace { end: ColumnEnd::to_ground(Resistance::new(600.0)), ..place });
    let all = |s: &TileSolution| s.alone.si() + s.mutual.si();
    assert!((all(&joined) / (2.0 * all(&alike)) - 1.0).abs() < 1e-12);
    // One tile at 1 V and the other at -1 V: the joint stays at 0 V. A row alone is the mean of both.
    let held = solve(&TilePlace { end: ColumnEnd::GROUND, ..place });
    assert!((joined.alone.si() / (alike.alone.si() + held.alone.si()) - 1.0).abs() < 1e-12);
}

/// Of columns that are held every row takes more the more of it is on. (Columns that float rise with the rows: with all rows on, no current flows.)
#[test]
fn power_rises_with_the_rows_that_are_on() {
    let held = |place: TilePlace| TilePlace { end: ColumnEnd::GROUND, ..place };
    for place in [tile(32, 32), tile(5, 3), rram(64, 64, 0.01), TilePlace { partitions: 4, ..tile(128, 16) }].map(held)
    {
        let solution = solve(&place);
        let power = |on: f64| solution.power(RowLevels::on_for(on, Voltage::new(0.8)), Voltage::ZERO).si();
        for k in 0..100 {
            let on = f64::from(k) / 100.0;
            assert!(power(on + 0.01) > power(on), "{place:?} at {on}");
        }
        assert_eq!(power(0.0), 0.0);
    }
}

/// Devices that are alike leave only the inputs: the mean over all 64 of them, each with its chance, is exact.
#[test]
fn the_mean_over_inputs_is_exact() {
    let place = TilePlace { r_high: Resistance::new(5e3), ..tile(7, 4) };
    let alike = vec![1.0 / 5e3; 28];
    let pairs = Pairs { rows: 7, outputs: 4, positive_s: alike.clone(), negative_s: alike };
    let segments =
        Segments { row_ohm: place.row_segment.si(), column_ohm: place.column_segment.si(), pair_in_cell: true };
    let reduced = reduce_joined(&pairs, cuts(7, 1), Some(segments), true).expect("regular");
    let a = reduced.with_amplifiers(&AMPLIFIER).expect("regular").admittance_s;
    for on in [0.0_f64, 0.13, 0.5, 1.0] {
        let mut mean = 0.0;
        for input in 0..64_u32 {
            // The last row is the bias row, at 0.7 V.
            let rows: Vec<f64> = (0..7).map(|i| if i == 6 { 0.7 } else { 0.8 * f64::from(input >> i & 1) }).collect();
            let chance = on.powi(input.count_ones() as i32) * (1.0 - on).powi(6 - input.count_ones() as i32);
            let current = |i: usize| (0..7).map(|k| a[i * 7 + k] * rows[k]).sum::<f64>();
            mean += chance * (0..7).map(|i| rows[i] * current(i)).sum::<f64>();
        }
        let found = solve(&place).power(RowLevels::on_for(on, Voltage::new(0.8)), Voltage::new(0.7)).si();
        assert!((found / mean - 1.0).abs() < 1e-9, "{on}: {found} {mean}");
    }
}

/// Tiles of 96 to 256 lines, and far larger ones, lie on one curve: the power per row of a tile changes by less than the size does.
#[test]
fn larger_tiles_change_their_power_without_a_jump() {
    let per_row = |size: u64| {
        let place = TilePlace { bias: false, ..tile(size, size.div_ceil(2)) };
        solve(&place).power(RowLevels::on_for(0.25, Voltage::new(0.8)), Voltage::ZERO).si() / size as f64
    };
    for size in (64..300).chain([511, 513, 1000, 4000]) {
        let (here, next) = (per_row(size), per_row(size + 2));
        // The current of a row, V / (R + ...), changes by no more than its length.
        assert!((next / here - 1.0).abs() < 2.5 / size as f64, "{size}: {here} {next}");
    }
}

/// Rows of many cells are solved in blocks of their patterns; pattern by pattern they are the same.
#[test]
fn long_rows_in_blocks_are_long_rows() {
    // All rows on, columns held: each row is a chain of its own, whose conductance from the source is a continued fraction.
    let place = TilePlace {
        rows: 1,
        bias: false,
        cells: 3000,
        lines: 1,
        paired: false,
        r_high: Resistance::new(5e3),
        column_segment: Resistance::ZERO,
        row_segment: Resistance::new(0.01),
        end: ColumnEnd::GROUND,
        ..tile(1, 1)
    };
    let mut seen = 0.0;
    for _ in 0..3000 {
        seen = 1.0 / (0.01 + 1.0 / (seen + 1.0 / 5e3));
    }
    assert!((solve(&place).alone.si() / seen - 1.0).abs() < 1e-6, "{} {seen}", solve(&place).alone.si());
}
