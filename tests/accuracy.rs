//! Accuracy on MNIST against independent computations: exact counts, intermediate values, and statistics over draws.
//!
//! The pictures are taken from the folder that `IMCOST_MNIST` names (the four IDX files, plain or .gz):
//! `IMCOST_MNIST=FOLDER cargo test --test accuracy -- --ignored`. What needs no MNIST claims the same of the shipped digits: `tests/digits.rs`.
//! Networks and golden values: `tests/data/mnist`.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use imcost::diagnostic::Diagnostics;
use imcost::infer::accuracy::build::{Build, Detail};
use imcost::infer::accuracy::{self, Accuracy, Question};
use imcost::infer::classify::devices::{Devices, States, random};
use imcost::infer::classify::input::Inputs;
use imcost::infer::classify::{DrawScratch, PreparedNetwork};
use imcost::infer::dataset::{self, Part, Wanted};
use imcost::infer::weights::LayerShape;
use imcost::session::Session;
use imcost::units::Resistance;

const FLOAT: (&str, &str) = ("arch/mlp-784-16-10-float.yaml", "a_float_784x16x10_gray01_s0");
const BINARY: (&str, &str) = ("arch/mlp-784-16-10-analog.yaml", "b_bin_784x16x10_bin01_s0");
const DEEP: (&str, &str) = ("arch/mlp-400-120-84-10-analog.yaml", "c_bin_400x120x84x10_bin01_s0");

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn mnist() -> PathBuf {
    let folder = std::env::var_os("IMCOST_MNIST").expect("the folder of the MNIST pictures in IMCOST_MNIST");
    PathBuf::from(folder)
}

fn weights(name: &str) -> PathBuf {
    here("tests/data/mnist").join(name).with_extension("safetensors")
}

/// Perfect crossbars and neurons, but for what is set.
fn ideal((architecture, network): (&str, &str), settings: &[&str], draws: usize) -> Accuracy {
    with((architecture, network), settings, draws, true)
}

fn with((architecture, network): (&str, &str), settings: &[&str], draws: usize, ideal_crossbar: bool) -> Accuracy {
    let question = Question {
        weights: vec![weights(network)],
        data: Some(mnist()),
        part: Part::Test,
        images: None,
        draws,
        seed: 1,
        ideal_neuron: true,
        ideal_crossbar,
    };
    let mut session = Session::with_settings(settings);
    let flow = session.design(&here(architecture)).expect("a design");
    let trained = accuracy::read(&flow, &question, &mut session.sources, &mut session.diagnostics).expect("readable");
    let mut diagnostics = Diagnostics::default();
    let stop = AtomicBool::new(false);
    let result = accuracy::run(&flow, &trained, &question, false, &stop, &|_| {}, &mut diagnostics);
    result.expect("it runs").expect("nobody stops it")
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn perfect_circuits_find_exactly_the_pictures_that_the_networks_do() {
    for (design, correct) in [(FLOAT, 9442), (BINARY, 8977), (DEEP, 9687)] {
        let found = ideal(design, &[], 1);
        assert_eq!((found.nominal.correct, found.images, found.nominal.ties), (correct, 10_000, 0), "{design:?}");
    }
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn the_shipped_network_finds_as_many_pictures_as_where_it_was_trained() {
    // Counted by tools/train-mnist.
    let found = ideal((BINARY.0, "../../../arch/weights/mlp-784-16-10"), &[], 1);
    assert_eq!((found.nominal.correct, found.nominal.ties), (9029, 0));
}

#[test]
fn shipped_networks_are_signs_and_gains_of_the_layers_that_their_names_say() {
    for (name, sizes) in [
        ("lenet-400-120-84-10", &[400, 120, 84, 10][..]),
        ("mlp-784-16-10-bipolar", &[784, 16, 10]),
        ("mlp-784-16-10", &[784, 16, 10]),
    ] {
        let shape = |pair: &[usize]| LayerShape { name: name.into(), inputs: pair[0], outputs: pair[1], bias: true };
        let shapes: Vec<LayerShape> = sizes.windows(2).map(shape).collect();
        let mut session = Session::default();
        let file = PathBuf::from(format!("builtin:arch/weights/{name}.safetensors"));
        let layers = imcost::infer::weights::read(&[file], &shapes, &mut session.sources, &mut session.diagnostics);
        for layer in layers.expect("readable") {
            let values = layer.weights.iter().chain(layer.biases.iter().flatten());
            assert!(values.clone().all(|value| value.abs() == 1.0) && layer.gain.is_some(), "{name}");
            // Neither sign is rare: a network that was not trained, or whose signs were lost, would have one or the other.
            let positive = values.clone().filter(|value| **value > 0.0).count() as f64 / values.count() as f64;
            assert!((0.3..0.7).contains(&positive), "{name}: {positive}");
        }
    }
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn the_first_of_equal_outputs_is_taken_and_equal_ones_are_counted() {
    // Pictures 1494 and 1559 are mathematical ties, that rounding decided.
    let found = ideal((BINARY.0, "b_bin_784x16x10_bin01_s3"), &[], 1);
    assert_eq!((found.nominal.correct, found.nominal.ties), (8979, 2));
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn wires_and_column_ends_cost_what_a_dense_solution_of_all_nodes_says() {
    // By NumPy, as tools/digits-columns.py does for the shipped digits.
    let ideal = ["stages.column=[ideal-difference-amplifier, sot-mram-neuron]"];
    assert_eq!(with(BINARY, &ideal, 1, false).nominal.correct, 6166);
    let joined = ["stages.column=[{ use: ideal-difference-amplifier, per: output }, sot-mram-neuron]"];
    assert_eq!(with(BINARY, &joined, 1, false).nominal.correct, 6102);
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn a_lower_tmr_with_the_gain_of_the_nominal_one_finds_exactly_the_reference() {
    let fixed = ["imperfections.tmr=50%", "imperfections.gain=fixed"];
    let found = ideal(BINARY, &fixed, 1);
    assert_eq!(found.nominal.correct, 8909);
    // The same device, reached by a drift.
    let drifted = ideal(BINARY, &["imperfections.tmr_drift=-75%"], 1);
    assert_eq!(drifted.nominal.correct, 8909);
    let calibrated = ideal(BINARY, &["imperfections.tmr=50%"], 1);
    assert_eq!(calibrated.nominal.correct, 8977);
}

/// Mean and standard deviation of the accuracy over 20 draws.
type Spread = (f64, f64);

/// The reference's: settings, float network, binarized network.
const TARGETS: [(&[&str], Spread, Spread); 10] = [
    (&["resistance_gaussian=2%"], (0.9396, 0.0013), (0.8984, 0.0028)),
    (&["resistance_gaussian=5%"], (0.9033, 0.0084), (0.8958, 0.0069)),
    (&["resistance_gaussian=10%"], (0.7234, 0.0427), (0.8855, 0.0161)),
    (&["resistance_gaussian=20%"], (0.3195, 0.0580), (0.8315, 0.0475)),
    (&["resistance_lognormal=10%"], (0.7366, 0.0415), (0.8863, 0.0150)),
    (&["resistance_lognormal=20%"], (0.3842, 0.0494), (0.8466, 0.0388)),
    (&["tmr=50%", "resistance_gaussian=10%"], (0.2004, 0.0335), (0.8301, 0.0481)),
    (&["tmr=100%", "resistance_gaussian=10%"], (0.4113, 0.0485), (0.8714, 0.0280)),
    (&["stuck=1%"], (0.6730, 0.0683), (0.8970, 0.0045)),
    (&["stuck=5%"], (0.3009, 0.0552), (0.8752, 0.0248)),
];

fn within_three_standard_errors(design: (&str, &str), target: fn(usize) -> Spread) {
    for (index, (settings, ..)) in TARGETS.iter().enumerate() {
        let settings: Vec<String> = settings.iter().map(|s| format!("imperfections.{s}")).collect();
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let found = ideal(design, &settings, 40);
        let draws = found.draws.expect("something is random");
        let (mean, deviation) = target(index);
        let own = draws.standard_error().expect("40 draws");
        let error = own.hypot(deviation / 20_f64.sqrt());
        let off = (draws.mean() - mean) / error;
        assert!(off.abs() < 3.0, "{settings:?}: {:.4} +- {own:.4}, expected {mean}: {off:.2} errors", draws.mean());
    }
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn draws_of_the_binarized_network_agree_with_the_reference() {
    within_three_standard_errors(BINARY, |index| TARGETS[index].2);
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn draws_of_the_float_network_agree_with_the_reference() {
    within_three_standard_errors(FLOAT, |index| TARGETS[index].1);
}

/// The network with perfect circuits, and its pictures.
fn prepared((architecture, network): (&str, &str)) -> PreparedNetwork<'static> {
    let mut session = Session::default();
    let flow = session.design(&here(architecture)).expect("a design");
    let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
    let data =
        dataset::open(&mnist(), &Wanted { images: Some(30), ..Wanted::all() }, sources, diagnostics).expect("readable");
    let shapes = imcost::infer::weights::LayerShape::of(&flow);
    let weights = imcost::infer::weights::read(&[weights(network)], &shapes, sources, diagnostics).expect("readable");
    let inputs =
        Inputs::map(&data.images, flow.image.as_ref().expect("stated"), flow.input_encoding, 784).expect("fits");
    let detail = Detail { cells: true, ..Detail::NONE };
    let layers = Build::new(&flow, &weights, diagnostics).layers(detail).expect("it is built");
    PreparedNetwork::new(layers, &inputs, data.labels)
}

fn golden(network: &str, key: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(here("tests/data/mnist/golden.json")).expect("readable");
    let golden: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let value = &golden[network]["ideal"][key];
    let numbers = value.as_array().map(|all| all.iter().map(|v| v.as_f64().expect("a number")).collect());
    numbers.unwrap_or_else(|| vec![value.as_f64().expect("a number")])
}

/// Equal to 1e-9 of the golden value.
fn same(found: impl IntoIterator<Item = f64>, expected: &[f64], what: &str) {
    let found: Vec<f64> = found.into_iter().collect();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < 1e-9, "{what}: {found}, expected {expected}");
    }
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn conductances_currents_and_arguments_of_the_first_picture_are_the_golden_ones() {
    let network = prepared(BINARY);
    let key = |key| golden(BINARY.1, key);
    let nominal = States::of(Resistance::new(8488.26), Resistance::new(3.0 * 8488.26));
    let first = &network.layers()[0];
    let pairs = Devices::ideal(nominal).write(&first.slices[0], &mut random(1, 1));
    same(pairs.positive_s[..4].iter().map(|g| g * 1e6), &key("G_plus_layer1_row0_col0..3_uS"), "positive devices");
    same(pairs.negative_s[..4].iter().map(|g| g * 1e6), &key("G_minus_layer1_row0_col0..3_uS"), "negative devices");
    let data = dataset::open(&mnist(), &Wanted::all(), &mut Default::default(), &mut Default::default());
    let picture = data.expect("readable").images;
    let on = |row: usize| row == 784 || picture.pixels_of(0)[row] > 127.0;
    let current_ua =
        |column: &[f64]| (0..785).filter(|&row| on(row)).map(|row| 0.8 * column[16 * row] * 1e6).sum::<f64>();
    same([current_ua(&pairs.positive_s)], &key("I_plus_image0_col0_uA"), "current of the positive column");
    same([current_ua(&pairs.negative_s)], &key("I_minus_image0_col0_uA"), "current of the negative column");
    let arguments = network.arguments(0, &mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
    same(arguments[0].iter().map(|u| u / first.gain), &key("image0_z1"), "weighted sums");
    same(arguments[1].iter().copied(), &key("image0_u2"), "outputs");
    let outcome = network.outcome(&mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
    same(
        outcome.classes.iter().map(|&c| 1.0 + f64::from(c)),
        &key("pred_first_30").iter().map(|c| 1.0 + c).collect::<Vec<_>>(),
        "classes",
    );
}

#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn the_outputs_of_the_float_network_are_the_golden_ones() {
    let network = prepared(FLOAT);
    let largest: Vec<f64> = network.layers().iter().map(|layer| layer.largest_weight).collect();
    same(largest, &golden(FLOAT.1, "wmax"), "largest weights");
    let arguments = network.arguments(0, &mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
    same(arguments[1].iter().copied(), &golden(FLOAT.1, "image0_v"), "outputs");
}

#[test]
fn draws_are_the_same_for_any_number_of_threads() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let settings =
                ["imperfections.resistance_gaussian=10%", "imperfections.read_noise=2%", "imperfections.stuck=1%"];
            let mut session = Session::with_settings(&settings);
            let flow = session.design(&here("arch/digits-64-32-10-analog.yaml")).expect("a design");
            let question = Question {
                weights: Vec::new(),
                data: None,
                part: Part::Test,
                images: None,
                draws: 7,
                seed: 3,
                ideal_neuron: false,
                ideal_crossbar: true,
            };
            let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
            let trained = accuracy::read(&flow, &question, sources, diagnostics).expect("shipped");
            let stop = AtomicBool::new(false);
            accuracy::run(&flow, &trained, &question, false, &stop, &|_| {}, diagnostics)
                .expect("it runs")
                .expect("it is not stopped")
                .draws
        })
    };
    let one = run(1).expect("random");
    assert_eq!(one.correct.len(), 7);
    assert!(one.deviation() > 0.0);
    for threads in [2, 3, 8] {
        assert_eq!(run(threads).as_ref(), Some(&one), "{threads} threads");
    }
}
