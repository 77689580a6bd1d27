//! Accuracy of designs for the shipped digits against plain scalar computations that share nothing with it but the pictures and weights.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod digits_design;

use digits_design::{NO_DAC, NO_WORDS, SINGLE, design};
use imcost::diagnostic::Diagnostics;
use imcost::infer::accuracy::build::{Build, Detail};
use imcost::infer::classify::devices::random;
use imcost::infer::classify::input::Inputs;
use imcost::infer::classify::layer::{ColumnEnds, Columns};
use imcost::infer::classify::{DrawScratch, PreparedNetwork, SignedLayer};
use imcost::infer::dataset::{self, Wanted};
use imcost::infer::weights::{self, DenseWeights, LayerShape};
use imcost::model::network::layer::Meet;
use imcost::model::neuron::{Load, Neuron};
use imcost::model::transistor::Outside;
use imcost::techlib::Model;
use imcost::units::{Resistance, Voltage};

/// Pictures whose every sum is compared.
const COMPARED: usize = 60;
const TMR: f64 = 2.0;

const IDEAL: Detail = Detail { column_ends: false, wires: false, neurons: false, load: false, ..Detail::ALL };
/// With the words of activation units.
const IDEAL_COLUMNS: Detail = Detail { column_ends: false, wires: false, load: false, ..Detail::ALL };

struct Run {
    weights: Vec<DenseWeights>,
    pixels: Vec<Vec<f64>>,
    network: PreparedNetwork<'static>,
}

fn run(settings: &[&str], detail: Detail, other_weights: Option<Vec<DenseWeights>>) -> Run {
    let design = design(settings);
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let data = dataset::open(dataset::DIGITS.as_ref(), &Wanted::all(), sources, diagnostics).expect("shipped");
    let shapes = LayerShape::of(&design);
    let shipped = || weights::read(&[weights::DIGITS.into()], &shapes, sources, diagnostics).expect("shipped");
    let weights = other_weights.unwrap_or_else(shipped);
    let inputs =
        Inputs::map(&data.images, design.image.as_ref().expect("stated"), design.input_encoding, 64).expect("fits");
    let layers = Build::new(&design, &weights, diagnostics).layers(detail).expect("it is built");
    let pixels = (0..data.images.count).map(|n| data.images.pixels_of(n).iter().map(|&p| f64::from(p)).collect());
    let pixels = pixels.collect();
    Run { weights, pixels, network: PreparedNetwork::new(layers, &inputs, data.labels) }
}

impl Run {
    /// Rows of weights, the bias row last.
    fn rows(&self, layer: usize, outputs: usize) -> Vec<Vec<f64>> {
        let DenseWeights { weights, biases, .. } = &self.weights[layer];
        weights.chunks(outputs).chain(biases.as_deref()).map(<[f64]>::to_vec).collect()
    }

    /// Compares all arguments of some pictures, and the classes of all, with those of two layers: what they make of inputs and weights (to be
    /// multiplied by the gain), and what stands between them.
    fn compare(
        &self,
        input: impl Fn(f64) -> f64,
        first: impl Fn(&[f64], &[Vec<f64>]) -> Vec<f64>,
        between: impl Fn(f64) -> f64,
        second: impl Fn(&[f64], &[Vec<f64>]) -> Vec<f64>,
    ) {
        let outcome = self.network.outcome(&mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
        let (w1, w2) = (self.rows(0, 32), self.rows(1, 10));
        let gain = |layer: usize| self.weights[layer].gain.unwrap_or(1.0);
        for (picture, pixels) in self.pixels.iter().enumerate() {
            let with_bias = |values: Vec<f64>| values.into_iter().chain([1.0]).collect::<Vec<f64>>();
            let inputs = with_bias(pixels.iter().map(|&p| input(p)).collect());
            let u1: Vec<f64> = first(&inputs, &w1).iter().map(|z| gain(0) * z).collect();
            let hidden = with_bias(u1.iter().map(|&u| between(u)).collect());
            let u2: Vec<f64> = second(&hidden, &w2).iter().map(|z| gain(1) * z).collect();
            let most = u2.iter().copied().fold(f64::MIN, f64::max);
            let class = u2.iter().position(|u| *u > most - 1e-9 * (1.0 + most.abs())).unwrap();
            assert_eq!(usize::from(outcome.classes[picture]), class, "class of picture {picture}: {u2:?}");
            if picture < COMPARED {
                let found =
                    self.network.arguments(picture, &mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
                for (found, expected) in found.concat().iter().zip(u1.iter().chain(&u2)) {
                    assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{picture}: {found}, {expected}");
                }
            }
        }
    }
}

fn logistic(u: f64) -> f64 {
    1.0 / (1.0 + (-u).exp())
}

fn word(bits: u32, value: f64) -> f64 {
    let largest = f64::from((1_u32 << bits) - 1);
    (value * largest).round() / largest
}

/// 2^bits codes from minus to plus a full scale, each for the middle of its step.
fn signed(bits: i32, full: f64, value: f64) -> f64 {
    let step = full / 2_f64.powi(bits - 1);
    let code = (value / step).floor().clamp(-(2_f64.powi(bits - 1)), 2_f64.powi(bits - 1) - 1.0);
    (code + 0.5) * step
}

/// 2^bits codes from zero to a full scale.
fn unsigned(bits: i32, full: f64, value: f64) -> f64 {
    let step = full / (2_f64.powi(bits) - 1.0);
    (value / step + 0.5).floor().clamp(0.0, 2_f64.powi(bits) - 1.0) * step
}

/// Σ of some rows, each input times what a device of its weight gives.
fn sums(inputs: &[f64], weights: &[Vec<f64>], rows: std::ops::Range<usize>, of: impl Fn(f64) -> f64) -> Vec<f64> {
    let sum = |output: usize| rows.clone().map(|row| inputs[row] * of(weights[row][output])).sum();
    (0..weights[0].len()).map(sum).collect()
}

fn on(pixel: f64) -> f64 {
    f64::from(u8::from(pixel > 7.0))
}

#[test]
fn devices_of_another_tmr_scale_every_weight_unless_the_gain_is_set_for_them() {
    for (extra, factor) in [
        // What a pair of 50 % differs by, of what one of 200 % does: (1 - 1/1.5) / (1 - 1/3).
        (&["imperfections.tmr=50%", "imperfections.gain=fixed"][..], 0.5),
        (&["imperfections.tmr=50%"], 1.0),
        (&["imperfections.tmr_drift=-75%"], 0.5),
        // Resistances 25 % higher, conductances a fifth lower.
        (&["imperfections.ra_drift=25%"], 0.8),
    ] {
        let settings: Vec<&str> = [NO_WORDS, NO_DAC].into_iter().chain(extra.iter().copied()).collect();
        let run = run(&settings, IDEAL, None);
        let layer = |inputs: &[f64], weights: &[Vec<f64>]| sums(inputs, weights, 0..weights.len(), |w| factor * w);
        run.compare(on, layer, logistic, layer);
    }
}

#[test]
fn sums_of_all_rows_are_converted_where_the_converter_follows_them() {
    let run = run(&[], IDEAL_COLUMNS, None);
    let layer = |inputs: &[f64], weights: &[Vec<f64>]| {
        let full = 0.3 * weights.len() as f64;
        sums(inputs, weights, 0..weights.len(), |w| w).iter().map(|z| signed(6, full, *z)).collect()
    };
    run.compare(on, layer, |u| word(8, logistic(u)), layer);
}

/// Whatever the cells could hold: the sums are those of the weights as they were trained, of all sizes.
#[test]
fn without_cells_weights_are_those_that_were_trained() {
    let run = run(&[], Detail::NONE, Some(weights_of_many_sizes()));
    let layer = |inputs: &[f64], weights: &[Vec<f64>]| sums(inputs, weights, 0..weights.len(), |w| w);
    assert!(largest(&run.rows(0, 32)) < 0.9999, "a largest weight of one would be no other one");
    run.compare(on, layer, logistic, layer);
}

/// Each part's sums converted with the full scale of its own rows, and added.
fn part_by_part(inputs: &[f64], weights: &[Vec<f64>], ends: &[usize], convert: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut all = vec![0.0; weights[0].len()];
    for rows in ends.windows(2) {
        let part = sums(inputs, weights, rows[0]..rows[1], |w| w);
        for (sum, part) in all.iter_mut().zip(part) {
            *sum += convert((rows[1] - rows[0]) as f64, part);
        }
    }
    all
}

#[test]
fn partial_sums_are_converted_tile_by_tile_where_an_adder_follows_the_converters() {
    let column = "stages.column=[differential-amplifier, adc-4b, partial-sum-adder, digital-sigmoid, register]";
    let run = run(&[column], IDEAL_COLUMNS, None);
    let convert = |rows: f64, sum: f64| signed(4, rows, sum);
    // 65 rows on three tiles: 65 mod 3 = 2, ends at floor(21.7 + 1), floor(43.3 + 1), 65; 33 on two: floor(16.5 + 1).
    let first = |inputs: &[f64], weights: &[Vec<f64>]| part_by_part(inputs, weights, &[0, 22, 44, 65], convert);
    let second = |inputs: &[f64], weights: &[Vec<f64>]| part_by_part(inputs, weights, &[0, 17, 33], convert);
    run.compare(on, first, |u| word(8, logistic(u)), second);
}

#[test]
fn the_two_columns_of_a_pair_are_converted_one_by_one_where_nothing_subtracts_them_before() {
    let run = run(&SINGLE, IDEAL_COLUMNS, None);
    // In units of the weights a low device is 1 / (1 - 1/3), a high one a third of it.
    let low = (1.0 + TMR) / TMR;
    let column = |sign: f64| move |w: f64| if w * sign > 0.0 { low } else { low / (1.0 + TMR) };
    let layer = |ends: &'static [usize]| {
        move |inputs: &[f64], weights: &[Vec<f64>]| {
            let mut all = vec![0.0; weights[0].len()];
            for rows in ends.windows(2) {
                let full = low * (rows[1] - rows[0]) as f64;
                for sign in [1.0, -1.0] {
                    let part = sums(inputs, weights, rows[0]..rows[1], column(sign));
                    all.iter_mut().zip(part).for_each(|(sum, part)| *sum += sign * unsigned(5, full, part));
                }
            }
            all
        }
    };
    run.compare(on, layer(&[0, 22, 44, 65]), |u| word(8, logistic(u)), layer(&[0, 17, 33]));
}

const SHIFTED: &str = "stages.column=[differential-amplifier, {use: sample-hold, per: output}, adc-6b, shift-add, digital-sigmoid, register]";

#[test]
fn bits_of_the_inputs_are_converted_one_after_another() {
    let input = "network.input={features: 64, bits: 4, image: {scale: 16}}";
    let run = run(&[input, SHIFTED], IDEAL_COLUMNS, None);
    let first = |inputs: &[f64], weights: &[Vec<f64>]| {
        let mut all = vec![0.0; weights[0].len()];
        for bit in 0..4 {
            // The bias row is on in every read.
            let set = |value: f64| f64::from(((value * 15.0).round() as u32 >> bit) & 1);
            let of_bit: Vec<f64> = inputs.iter().map(|&value| set(value)).collect();
            let read = sums(&of_bit, weights, 0..65, |w| w);
            let weight = f64::from(1 << bit) / 15.0;
            all.iter_mut().zip(read).for_each(|(sum, read)| *sum += weight * signed(6, 65.0, read));
        }
        all
    };
    let second = |inputs: &[f64], weights: &[Vec<f64>]| {
        sums(inputs, weights, 0..33, |w| w).iter().map(|z| signed(6, 33.0, *z)).collect::<Vec<f64>>()
    };
    run.compare(|pixel| (pixel / 16.0 * 15.0).round() / 15.0, first, |u| word(8, logistic(u)), second);
}

/// Weights of all sizes, by a linear congruential generator.
fn weights_of_many_sizes() -> Vec<DenseWeights> {
    let mut state = 12_345_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1_u32 << 23) - 1.0
    };
    let mut layer = |inputs: usize, outputs: usize, gain: f64| {
        let mut some = |count: usize| (0..count).map(|_| next()).collect::<Vec<f64>>();
        let weights = some(inputs * outputs);
        DenseWeights { weights, biases: Some(some(outputs)), gain: Some(gain), files: None }
    };
    vec![layer(64, 32, 0.8), layer(32, 10, 1.4)]
}

/// The largest magnitude of a layer's weights, which takes a device's full range.
fn largest(weights: &[Vec<f64>]) -> f64 {
    weights.iter().flatten().fold(0.0, |most: f64, w| most.max(w.abs()))
}

#[test]
fn bit_slices_of_a_weight_are_converted_apart() {
    let run = run(&["weights.bits=4", SHIFTED], IDEAL_COLUMNS, Some(weights_of_many_sizes()));
    let layer = |inputs: &[f64], weights: &[Vec<f64>]| {
        let (most, rows) = (largest(weights), weights.len());
        let mut all = vec![0.0; weights[0].len()];
        for bit in 0..4 {
            let held = |w: f64| f64::from(((w.abs() / most * 15.0).round() as u32 >> bit) & 1).copysign(w);
            let read = sums(inputs, weights, 0..rows, |w| most * held(w));
            let weight = f64::from(1 << bit) / 15.0;
            all.iter_mut().zip(read).for_each(|(sum, z)| *sum += weight * signed(6, most * rows as f64, z));
        }
        all
    };
    run.compare(on, layer, |u| word(8, logistic(u)), layer);
}

/// Rows without a load, of the library's devices with two weights and with many, so that each row is another load, and of devices that have drifted.
#[test]
fn rows_load_the_neurons_that_drive_them() {
    const LOW: f64 = 8488.263;
    let detail = |load: bool| Detail { column_ends: false, wires: false, load, ..Detail::ALL };
    let of_library = (LOW, 3.0 * LOW);
    compare_loaded(&[], detail(false), None, of_library, 1.0);
    compare_loaded(&[], detail(true), None, of_library, 1.0);
    compare_loaded(&["weights.levels=continuous"], detail(true), Some(weights_of_many_sizes()), of_library, 1.0);
    // Low ones of 1.5 times the resistance, high ones of 1 + 0.6 x 2 times that: of (1 - 1/3) a pair differs by (1 - 1/2.2) / 1.5.
    let drift = ["imperfections.ra_drift=50%", "imperfections.tmr_drift=-40%"];
    compare_loaded(&drift, detail(true), None, (1.5 * LOW, 3.3 * LOW), 1.2 / 2.2);
}

/// Neurons and the sums of what they give, with devices of these resistances, whose pairs differ by so much of what the gain is set for.
fn compare_loaded(
    settings: &[&str],
    detail: Detail,
    weights: Option<Vec<DenseWeights>>,
    (low, high): (f64, f64),
    differ: f64,
) {
    let settings = [&[NO_WORDS, NO_DAC], settings].concat();
    let (run, design) = (run(&settings, detail, weights), design(&settings));
    let circuit = design.nodes().find_map(|(_, node)| match node.component()?.model {
        Some(Model::MtjInverter(neuron)) => Some(neuron.circuit),
        _ => None,
    });
    let neuron = Neuron::new(circuit.expect("a neuron").parameters(), Outside::Hold).expect("valid");
    let volt = Voltage::new(0.8);
    let open = neuron.curve(volt * -1.0..=volt, 257, Load::Open).expect("solvable");
    let steepness_per_v = open.logistic_fit().logistic.steepness_per_v;
    let (w1, w2) = (run.rows(0, 32), run.rows(1, 10));
    // A row has ten pairs into columns at 0 V: of each one device is high, and the other as far from it as the weight is large.
    let load = |row: usize| {
        let part = w2[row].iter().map(|w| w.abs() / largest(&w2)).sum::<f64>();
        let row = Resistance::new(1.0 / (part / low + (20.0 - part) / high));
        if detail.load { Load::Resistance(row) } else { Load::Open }
    };
    let output = |row: usize, u: f64| {
        let v_in = Voltage::new((u / steepness_per_v).clamp(-0.8, 0.8));
        neuron.operating_point(v_in, load(row)).expect("solvable").v_out.si() / 0.8
    };
    for (picture, pixels) in run.pixels.iter().enumerate().take(10) {
        let inputs: Vec<f64> = pixels.iter().map(|&p| on(p)).chain([1.0]).collect();
        let gain = |layer: usize| differ * run.weights[layer].gain.expect("trained");
        let hidden = sums(&inputs, &w1, 0..65, |w| w)
            .into_iter()
            .enumerate()
            .map(|(row, z)| output(row, gain(0) * z))
            .chain([1.0])
            .collect::<Vec<f64>>();
        let expected = sums(&hidden, &w2, 0..33, |w| gain(1) * w);
        let found = run.network.arguments(picture, &mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
        for (found, expected) in found[1].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{settings:?}, {picture}: {found} {expected}");
        }
    }
}

#[test]
fn row_partitions_that_have_met_are_a_line_for_each_output() {
    // Lines of the edges along the hidden layer's column chain and to the end: 65 rows on three tiles, 33 on two.
    let lanes = |settings: &[&str]| {
        let design = design(settings);
        let ends = |name: &str| {
            let into = |edge: &petgraph::graph::EdgeIndex| {
                design.graph[design.graph.edge_endpoints(*edge).unwrap().1].name() == name
            };
            design.graph.edge_indices().filter(into).map(|edge| design.graph[edge].lanes).collect::<Vec<u64>>()
        };
        (ends("differential-amplifier"), ends("sample-hold"), ends("output"))
    };
    assert_eq!(lanes(&[]), (vec![96, 20], vec![32, 10], vec![10]));
    // Nothing follows the amplifiers of the last layer: their outputs meet at its end.
    let open = "network.layers.output.stages.column=[differential-amplifier]";
    assert_eq!(lanes(&[open]), (vec![96, 20], vec![32], vec![10]));
    let joined = "network.layers.output.stages.column=[{use: differential-amplifier, per: output}]";
    assert_eq!(lanes(&[joined]), (vec![96, 10], vec![32], vec![10]));
}

/// What a design's layers make of their columns.
fn columns(settings: &[&str]) -> Vec<SignedLayer> {
    run(settings, Detail::ALL, Some(weights_of_many_sizes())).network.layers().to_vec()
}

#[test]
fn wires_and_column_ends_act_whatever_follows_the_columns() {
    let many = "weights.levels=continuous";
    let joined = "stages.column=[{use: differential-amplifier, per: output}, adc-6b, digital-sigmoid, register]";
    let single_cells = [&SINGLE[..], &[many]].concat();
    let cases: [(&[&str], bool, bool, Meet); 4] = [
        (&[many], true, true, Meet::AtOutputs),
        (&[many, joined], true, true, Meet::AtColumnEnds),
        (&["weights.bits=4", SHIFTED], true, true, Meet::AtOutputs),
        (&single_cells, false, false, Meet::AtOutputs),
    ];
    for (settings, amplified, cells_of_pairs, met) in cases {
        for layer in columns(settings) {
            let Columns::Circuit { segments, ends, meet, scale, .. } = layer.columns else {
                panic!("{settings:?}: ideal columns")
            };
            assert_eq!(matches!(ends, ColumnEnds::Amplifiers(_)), amplified, "{settings:?}");
            assert_eq!((segments.expect("wires").pair_in_cell, meet), (cells_of_pairs, met), "{settings:?}");
            assert!(scale > 0.0 && scale != 1.0, "{settings:?}");
        }
    }
}

#[test]
fn bits_and_slices_are_counted_in_the_statistics() {
    let bits = run(&["weights.bits=4", SHIFTED], IDEAL_COLUMNS, Some(weights_of_many_sizes()));
    for (index, outputs) in [32, 10].into_iter().enumerate() {
        let weights = bits.rows(index, outputs);
        let (most, mut low) = (largest(&weights), 0);
        for w in weights.iter().flatten() {
            // Each set bit of the magnitude is one low device of the eight.
            low += ((w.abs() / most * 15.0).round() as u32).count_ones();
        }
        let expected = f64::from(low) / (8 * weights.len() * outputs) as f64;
        assert!((bits.network.layers()[index].low_resistance() - expected).abs() < 1e-12);
    }
}
