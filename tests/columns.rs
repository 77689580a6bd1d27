//! What the columns of a layer carry, against all nodes of all its tiles in one system of equations.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use imcost::design::{Coding, ImageMapping, InputEncoding};
use imcost::infer::classify::devices::{Devices, States, Targets, random};
use imcost::infer::classify::input::{Inputs, Plane};
use imcost::infer::classify::layer::{ColumnEnds, Columns, Lines};
use imcost::infer::classify::neuron::Activation;
use imcost::infer::classify::{DrawScratch, PreparedNetwork, Read, SignedLayer};
use imcost::infer::dataset::Images;
use imcost::model::amplifier::ColumnAmplifier;
use imcost::model::network::layer::Meet;
use imcost::model::network::partition::Segments;
use imcost::units::Resistance;
use proptest::prelude::*;

const LOW_OHM: f64 = 5e3;
const HIGH_OHM: f64 = 15e3;
const ROWS: usize = 5;
const OUTPUTS: usize = 3;

/// A layer of `ROWS` inputs and `OUTPUTS` outputs whose weights are held in `parts.len()` slices.
#[derive(Debug, Clone)]
struct Case {
    parts: Vec<Vec<f64>>,
    inputs: Vec<bool>,
    pair_in_cell: bool,
    amplifiers: bool,
    meet: Meet,
    row_cuts: Vec<usize>,
    column_cuts: Vec<usize>,
}

const ROW_OHM: f64 = 40.0;
const COLUMN_OHM: f64 = 60.0;
/// Resistors from each column to the op-amp, and their ratio.
const INPUT_OHM: f64 = 1e3;
/// What the largest weight was trained to: parts of it are written.
const LARGEST: f64 = 1.6;
const GAIN: f64 = 30.0;

/// Solves a dense system by Gaussian elimination with pivoting.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
        a.swap(k, pivot);
        b.swap(k, pivot);
        for i in k + 1..n {
            let factor = a[i][k] / a[k][k];
            let (upper, lower) = a.split_at_mut(i);
            lower[0].iter_mut().zip(&upper[k]).skip(k).for_each(|(value, pivot)| *value -= factor * pivot);
            b[i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        b[k] = (b[k] - (k + 1..n).map(|j| a[k][j] * b[j]).sum::<f64>()) / a[k][k];
    }
    b
}

/// Kirchhoff's current law at every node that is not held.
struct Circuit {
    matrix: Vec<Vec<f64>>,
    sources: Vec<f64>,
}

impl Circuit {
    fn node(&mut self) -> usize {
        self.matrix.iter_mut().for_each(|row| row.push(0.0));
        self.sources.push(0.0);
        self.matrix.push(vec![0.0; self.sources.len()]);
        self.sources.len() - 1
    }

    fn resistor(&mut self, a: usize, b: usize, ohm: f64) {
        for (a, b) in [(a, b), (b, a)] {
            self.matrix[a][a] += 1.0 / ohm;
            self.matrix[a][b] -= 1.0 / ohm;
        }
    }

    fn source(&mut self, node: usize, volt: f64, ohm: f64) {
        self.matrix[node][node] += 1.0 / ohm;
        self.sources[node] += volt / ohm;
    }
}

impl Case {
    fn slices(&self) -> usize {
        self.parts.len()
    }

    fn resistance(&self, row: usize, output: usize, slice: usize, negative: bool) -> f64 {
        let weight = self.parts[slice][row * OUTPUTS + output] * if negative { -1.0 } else { 1.0 };
        let part = weight.max(0.0);
        1.0 / (1.0 / HIGH_OHM + (1.0 / LOW_OHM - 1.0 / HIGH_OHM) * part)
    }

    /// For these voltages at the rows what is sensed of each column: (output, slice, side), and of an amplifier's pair its output at side 0. Tiles
    /// that do not meet at the ends of their columns have ends of their own, of which the sum is returned.
    fn sensed(&self, rows_v: &[f64]) -> Vec<f64> {
        let mut circuit = Circuit { matrix: Vec::new(), sources: Vec::new() };
        let lines = OUTPUTS * self.slices() * 2;
        let tiles = self.row_cuts.len() - 1;
        let ends: Vec<Vec<usize>> = match self.meet {
            Meet::AtColumnEnds => {
                let shared: Vec<usize> = (0..lines).map(|_| circuit.node()).collect();
                vec![shared; tiles]
            }
            Meet::AtOutputs => (0..tiles).map(|_| (0..lines).map(|_| circuit.node()).collect()).collect(),
        };
        for (tile, rows) in self.row_cuts.windows(2).enumerate() {
            for outputs in self.column_cuts.windows(2) {
                let mut above: Vec<Option<usize>> = vec![None; lines];
                for (row, row_v) in rows_v.iter().enumerate().take(rows[1]).skip(rows[0]) {
                    let mut along: Option<usize> = None;
                    for output in outputs[0]..outputs[1] {
                        for slice in 0..self.slices() {
                            for side in 0..2 {
                                if side == 0 || !self.pair_in_cell {
                                    let node = circuit.node();
                                    match along {
                                        Some(before) => circuit.resistor(before, node, ROW_OHM),
                                        None => circuit.source(node, *row_v, ROW_OHM),
                                    }
                                    along = Some(node);
                                }
                                let line = (output * self.slices() + slice) * 2 + side;
                                let column = circuit.node();
                                circuit.resistor(
                                    along.unwrap(),
                                    column,
                                    self.resistance(row, output, slice, side == 1),
                                );
                                if let Some(above) = above[line] {
                                    circuit.resistor(above, column, COLUMN_OHM);
                                }
                                above[line] = Some(column);
                            }
                        }
                    }
                }
                for (line, last) in above.iter().enumerate() {
                    if let Some(last) = last {
                        circuit.resistor(*last, ends[tile][line], COLUMN_OHM);
                    }
                }
            }
        }
        let mut groups = ends.clone();
        groups.dedup();
        for ends in &groups {
            for pair in ends.chunks(2) {
                if self.amplifiers {
                    // The node of both op-amp inputs follows the positive column: x = p · gain / (1 + gain).
                    circuit.source(pair[0], 0.0, INPUT_OHM * (1.0 + GAIN));
                    circuit.matrix[pair[1]][pair[1]] += 1.0 / INPUT_OHM;
                    circuit.matrix[pair[1]][pair[0]] -= GAIN / (1.0 + GAIN) / INPUT_OHM;
                } else {
                    // Held at 0 V by what senses the current: nearly no resistance.
                    pair.iter().for_each(|&end| circuit.source(end, 0.0, 1e-7));
                }
            }
        }
        let volt = solve(circuit.matrix, circuit.sources);
        let mut sensed = vec![0.0; lines];
        for ends in &groups {
            for (pair, out) in ends.chunks(2).zip(sensed.chunks_mut(2)) {
                if self.amplifiers {
                    out[0] += GAIN * (volt[pair[0]] - volt[pair[1]]);
                } else {
                    out[0] += volt[pair[0]] / 1e-7;
                    out[1] += volt[pair[1]] / 1e-7;
                }
            }
        }
        sensed
    }

    /// What of a pair of sensed lines a read takes.
    fn taken(sensed: &[f64], pair: usize, lines: Lines) -> f64 {
        match lines {
            Lines::Difference => sensed[2 * pair] - sensed[2 * pair + 1],
            Lines::Positive => sensed[2 * pair],
            Lines::Negative => sensed[2 * pair + 1],
        }
    }

    /// The factor by which what perfect devices give fits the weights best.
    fn scale(&self) -> f64 {
        let (mut product, mut square) = (0.0, 0.0);
        for row in 0..ROWS {
            let unit: Vec<f64> = (0..ROWS).map(|r| if r == row { 1.0 } else { 0.0 }).collect();
            let sensed = self.sensed(&unit);
            for output in 0..OUTPUTS {
                for slice in 0..self.slices() {
                    let built = Self::taken(&sensed, output * self.slices() + slice, Lines::Difference);
                    product += built * LARGEST * self.parts[slice][row * OUTPUTS + output];
                    square += built * built;
                }
            }
        }
        product / square
    }

    fn layer(&self, lines: Lines) -> SignedLayer {
        let states = States::of(Resistance::new(LOW_OHM), Resistance::new(HIGH_OHM));
        let read = |slice: usize| Read {
            rows: 0..ROWS,
            slice,
            lines,
            plane: Plane::WHOLE,
            weight: 1.0 + slice as f64,
            adc: None,
            limit: None,
        };
        SignedLayer {
            inputs: ROWS,
            outputs: OUTPUTS,
            slices: self.parts.iter().map(|parts| Targets::of(parts, OUTPUTS)).collect(),
            largest_weight: LARGEST,
            devices: Devices::ideal(states),
            set_for: states,
            columns: Columns::Circuit {
                exchanged: false,
                as_built: None,
                segments: Some(Segments { row_ohm: ROW_OHM, column_ohm: COLUMN_OHM, pair_in_cell: self.pair_in_cell }),
                ends: if self.amplifiers {
                    ColumnEnds::Amplifiers(ColumnAmplifier::ideal_difference(Resistance::new(INPUT_OHM), GAIN))
                } else {
                    ColumnEnds::Grounds
                },
                meet: self.meet,
                row_partitions: self.row_cuts.len() - 1,
                column_partitions: self.column_cuts.len() - 1,
                scale: 1.0,
            },
            reads: (0..self.slices()).map(read).collect(),
            gain: 0.7,
            activation: Activation::None,
            words: Vec::new(),
            driven: None,
            read_noise: 0.0,
            neuron_offset: 0.0,
            neuron_slope: 0.0,
        }
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let parts = prop::collection::vec(prop::collection::vec(-1.0_f64..1.0, ROWS * OUTPUTS), 1..3);
    let inputs = prop::collection::vec(any::<bool>(), ROWS);
    (parts, inputs, any::<[bool; 5]>()).prop_map(
        |(parts, inputs, [pair_in_cell, amplifiers, joined, rows, columns])| Case {
            parts,
            inputs,
            pair_in_cell,
            amplifiers,
            meet: if joined { Meet::AtColumnEnds } else { Meet::AtOutputs },
            // 5 rows on 2 tiles: floor(2.5 + 1) on the first; 3 outputs: floor(1.5 + 1).
            row_cuts: if rows { vec![0, 3, 5] } else { vec![0, 5] },
            column_cuts: if columns { vec![0, 2, 3] } else { vec![0, 3] },
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn sums_are_those_of_all_nodes_of_all_tiles(case in cases(), single in 0_usize..3) {
        let lines = if case.amplifiers { Lines::Difference } else { [Lines::Difference, Lines::Positive, Lines::Negative][single] };
        let mut layer = case.layer(lines);
        layer.set_gain().expect("solvable");
        let pixels = case.inputs.iter().map(|&on| if on { 1.0 } else { 0.0 }).collect();
        let images = Images { count: 1, height: 1, width: ROWS, pixels };
        let mapping = ImageMapping { rows: None, columns: None, coding: Coding::Threshold(0.5) };
        let inputs = Inputs::map(&images, &mapping, InputEncoding::Unsigned, ROWS).expect("fits");
        let network = PreparedNetwork::new(vec![layer], &inputs, vec![0]);
        let found = network.arguments(0, &mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
        let volts: Vec<f64> = case.inputs.iter().map(|&on| f64::from(u8::from(on))).collect();
        let (sensed, scale) = (case.sensed(&volts), case.scale());
        for (output, found) in found[0].iter().enumerate() {
            let slice = |s: usize| (1.0 + s as f64) * Case::taken(&sensed, output * case.slices() + s, lines);
            let expected = 0.7 * scale * (0..case.slices()).map(slice).sum::<f64>();
            prop_assert!((found - expected).abs() < 1e-6, "{output}: {found} {expected}");
        }
    }
}
