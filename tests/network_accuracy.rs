//! Networks of any layers: against PyTorch in double precision, scalar computations, and dense layers that compute the same.
//!
//! Networks, pictures and PyTorch's outputs: `tests/data/networks`, written by `tools/small-networks.py` and `tools/train-resnet.py`.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use imcost::design::Design;
use imcost::diagnostic::Diagnostics;
use imcost::infer::accuracy::build::Detail;
use imcost::infer::accuracy::graph::NetworkPlan;
use imcost::infer::accuracy::{self, Accuracy, Question, Trained};
use imcost::infer::classify::devices::random;
use imcost::infer::classify::input::Inputs;
use imcost::infer::network::{LayerNetwork, NetworkRun};
use imcost::session::Session;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn data(name: &str) -> PathBuf {
    here("tests/data/networks").join(name)
}

fn question(weights: &Path, pictures: &Path) -> Question {
    Question {
        weights: vec![weights.to_owned()],
        data: Some(pictures.to_owned()),
        draws: 3,
        seed: 1,
        ..Question::default()
    }
}

/// A design of this folder with its weights and pictures.
fn read(name: &str, settings: &[&str]) -> (Design, Trained) {
    read_with(name, &question(&data(&format!("{name}.safetensors")), &data(&format!("{name}-pictures.npz"))), settings)
}

fn read_with(name: &str, question: &Question, settings: &[&str]) -> (Design, Trained) {
    let mut session = Session::with_settings(settings);
    let design = session.design(&data(&format!("{name}.yaml")));
    let design = design.unwrap_or_else(|_| panic!("{name}: {}", session.rendered()));
    let trained = accuracy::read(&design, question, &mut session.sources, &mut session.diagnostics);
    let trained = trained.unwrap_or_else(|_| panic!("{name}: {}", session.rendered()));
    (design, trained)
}

fn inputs(design: &Design, trained: &Trained) -> Inputs {
    let image = design.image.as_ref().expect("a mapping");
    let features = design.network[0].inputs[0].values() as usize;
    Inputs::map(&trained.dataset.images, image, design.input_encoding, features).expect("they fit")
}

/// The outputs of a network for each picture, without anything random.
fn outputs(network: LayerNetwork, design: &Design, trained: &Trained) -> Vec<Vec<f64>> {
    let inputs = inputs(design, trained);
    let labels = &trained.dataset.labels;
    let run = NetworkRun::new(network, &inputs, labels, None);
    (0..labels.len()).map(|picture| run.outputs(picture, &mut random(0, 0)).expect("solvable")).collect()
}

fn plan<'a>(design: &'a Design, trained: &'a Trained) -> NetworkPlan<'a> {
    NetworkPlan::of(design, trained.network.as_ref().expect("a network"), &mut Diagnostics::default())
        .expect("computed")
}

/// The outputs of the trained network.
fn as_trained(design: &Design, trained: &Trained) -> Vec<Vec<f64>> {
    outputs(plan(design, trained).trained(), design, trained)
}

/// The outputs of the network as it is built, without what is random.
fn as_built(design: &Design, trained: &Trained, detail: Detail) -> Vec<Vec<f64>> {
    let plan = plan(design, trained);
    let inputs = inputs(design, trained);
    let run = NetworkRun::new(plan.trained(), &inputs, &trained.dataset.labels, None);
    let (_, extremes) = run.run(&mut random(0, 0), imcost::infer::network::Watch::Extremes).expect("solvable");
    let scales = plan.scales(&extremes);
    let (network, _) = plan.built(detail, &scales, &mut Diagnostics::default()).expect("it can be built");
    outputs(network, design, trained)
}

fn accuracy(design: &Design, trained: &Trained, question: &Question) -> Accuracy {
    let (stop, mut diagnostics) = (AtomicBool::new(false), Diagnostics::default());
    let found = accuracy::run(design, trained, question, true, &stop, &|_| {}, &mut diagnostics);
    found.expect("it runs").expect("nobody stops it")
}

/// PyTorch's outputs for each picture.
fn expected(name: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(data(&format!("{name}.json"))).expect("readable");
    serde_json::from_str(&text).expect("lists of numbers")
}

fn largest_difference(found: &[Vec<f64>], expected: &[Vec<f64>]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected).flat_map(|(a, b)| {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b)
    });
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn trained_networks_give_what_pytorch_gives() {
    for name in ["windows", "groups", "graph", "batch"] {
        let (design, trained) = read(name, &[]);
        let apart = largest_difference(&as_trained(&design, &trained), &expected(name));
        assert!(apart < 1e-12, "{name}: {apart}");
    }
}

#[test]
fn a_numpy_archive_is_read_as_a_safetensors_file_is() {
    let question = question(&data("groups.npz"), &data("groups-pictures.npz"));
    let (design, trained) = read_with("groups", &question, &[]);
    assert!(largest_difference(&as_trained(&design, &trained), &expected("groups")) < 1e-12);
}

#[test]
fn the_small_resnet_gives_what_pytorch_gives() {
    let mut session = Session::default();
    let design = session.design(&here("arch/digits-resnet.yaml")).expect("a design");
    let question = Question { draws: 2, seed: 1, ..Question::default() };
    let trained = accuracy::read(&design, &question, &mut session.sources, &mut session.diagnostics).expect("readable");
    let (outputs, expected) = (as_trained(&design, &trained), expected("digits-resnet"));
    let apart = largest_difference(&outputs[..expected.len()], &expected);
    // PyTorch computed with weights of 24 bits in double precision, and folds nothing.
    assert!(apart < 1e-4, "{apart}");
    // As many as PyTorch finds.
    let found = accuracy(&design, &trained, &question);
    assert_eq!((found.steps[0].what, found.steps[0].correct), ("as trained", 495));
    // Converters of 8 bits, cells of 256 levels and wires take little.
    assert!(found.nominal.correct >= 490, "{}", found.nominal.correct);
}

#[test]
fn devices_that_differ_cost_the_small_resnet_accuracy() {
    let mut session = Session::with_settings(&["imperfections.resistance_lognormal=15%"]);
    let design = session.design(&here("arch/digits-resnet.yaml")).expect("a design");
    let question = Question { draws: 4, seed: 1, images: Some(200), ..Question::default() };
    let trained = accuracy::read(&design, &question, &mut session.sources, &mut session.diagnostics).expect("readable");
    let draws = accuracy(&design, &trained, &question).draws.expect("something is random");
    assert!(draws.mean() < 0.985 && draws.mean() > 0.5, "{:?}", draws.correct);
}

/// A run of a design of crossbars.
fn on_crossbars(name: &str, settings: &[&str]) -> Accuracy {
    let question = question(&data("crossbars.safetensors"), &data("crossbars-pictures.npz"));
    let (design, trained) = read_with(name, &question, settings);
    accuracy(&design, &trained, &question)
}

const RANDOM: [&str; 3] = ["imperfections.resistance_gaussian=8%", "imperfections.stuck=1%", "imperfections.tmr=150%"];

/// A convolution as large as its map is a dense layer: the one is computed place by place, the other by the engine of dense layers.
#[test]
fn a_convolution_as_large_as_the_map_is_a_dense_layer_draw_for_draw() {
    let (dense, conv) = (on_crossbars("as-dense", &RANDOM), on_crossbars("as-conv", &RANDOM));
    let correct = |found: &Accuracy| found.draws.as_ref().expect("something is random").correct.clone();
    assert_eq!(correct(&dense), correct(&conv));
    assert_eq!((&dense.nominal.classes, dense.nominal.ties), (&conv.nominal.classes, conv.nominal.ties));
    assert_eq!((&dense.nominal.clipped, &dense.nominal.used_range), (&conv.nominal.clipped, &conv.nominal.used_range));
    for (a, b) in dense.layers.iter().zip(&conv.layers) {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(
            near(a.active_rows, b.active_rows) && near(a.mean, b.mean) && near(a.product, b.product),
            "{a:?} {b:?}"
        );
        assert_eq!((a.gain, a.low_resistance), (b.gain, b.low_resistance));
    }
}

#[test]
fn a_convolution_of_one_place_is_a_dense_layer_at_every_place() {
    let (conv, dense) = (on_crossbars("places", &RANDOM), on_crossbars("tokens", &RANDOM));
    assert_eq!(conv.draws, dense.draws);
    assert_eq!(conv.nominal.classes, dense.nominal.classes);
}

#[test]
fn one_group_is_none_and_a_group_for_each_channel_is_depthwise() {
    let built = |settings: &[&str]| {
        let (design, trained) = read("groups", settings);
        let plan = plan(&design, &trained);
        let scales = plan.scales(&[]);
        plan.built(Detail::ALL, &scales, &mut Diagnostics::default()).expect("it can be built").0
    };
    assert_eq!(built(&[]), built(&["network.layers.c1.groups=1"]));
    let grouped = "network.layers.d={ name: d, conv: 18, groups: 9, kernel: 3, padding: 1, activation: softplus }";
    assert_eq!(built(&[]), built(&[grouped]));
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let noisy = [&RANDOM[..], &["imperfections.read_noise=5%"]].concat();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| on_crossbars("tiles", &noisy))
    };
    let (one, two) = (with(1), with(2));
    assert_eq!((one.nominal, one.layers, one.steps, one.draws), (two.nominal, two.layers, two.steps, two.draws));
}

/// What a layer on tiles gives for one window, by plain loops: pairs of columns, each read tile by tile, clipped and rounded, then added.
struct ScalarLayer {
    /// Inputs x outputs, the bias after them.
    weights: Vec<Vec<f64>>,
    /// Conductances of the two ends, in siemens.
    ends: (f64, f64),
    /// Rows of a tile.
    rows: usize,
    bits: i32,
    range: f64,
}

impl ScalarLayer {
    fn sums(&self, levels: &[f64]) -> Vec<f64> {
        let (low, high) = self.ends;
        let largest = self.weights.iter().flatten().fold(0.0, |most: f64, w| most.max(w.abs()));
        let levels: Vec<f64> = levels.iter().copied().chain([1.0]).collect();
        // Tiles as even as they can be.
        let tiles = levels.len().div_ceil(self.rows);
        let codes = 2_f64.powi(self.bits) - 1.0;
        let one = |output: usize| {
            let cuts = imcost::model::crossbar::partition::cuts(levels.len(), tiles);
            cuts.fold(0.0, |sum, (first, end)| {
                let column = |sign: f64| -> f64 {
                    let current: f64 = (first..end)
                        .map(|row| {
                            let part = ((sign * self.weights[row][output]).max(0.0) / largest * 255.0).round() / 255.0;
                            levels[row] * (high + (low - high) * part)
                        })
                        .sum();
                    let step = self.range * (end - first) as f64 * low / codes;
                    let code = (current / step + 0.5).floor().clamp(0.0, codes);
                    code * (step * largest / (low - high))
                };
                (sum + column(1.0)) - column(-1.0)
            })
        };
        (0..self.weights[0].len()).map(one).collect()
    }
}

#[test]
fn a_convolution_on_tiles_is_its_windows_read_tile_by_tile() {
    let question = question(&data("crossbars.safetensors"), &data("crossbars-pictures.npz"));
    let (design, trained) = read_with("tiles", &question, &["tile.rows=4"]);
    let found = as_built(&design, &trained, Detail::ALL.without_randomness());
    let array = design.nodes().find_map(|(_, node)| node.component()?.crossbar.clone()).expect("crossbars");
    let siemens = |resistance: imcost::units::Resistance| 1.0 / imcost::units::Unit::si(resistance);
    let ends = (siemens(array.device.r_low.value), siemens(array.device.r_high.value));
    let layer = |step: usize| {
        use imcost::infer::weights::named::StepWeights;
        let network = trained.network.as_ref().expect("a network");
        let StepWeights::Matrices { groups, biases, .. } = &network.steps[step] else { panic!("a matrix") };
        let biases = biases.as_ref().expect("biases");
        let rows = groups[0].chunks_exact(biases.len()).map(<[f64]>::to_vec).chain([biases.clone()]);
        ScalarLayer { weights: rows.collect(), ends, rows: 4, bits: 6, range: 0.373 }
    };
    let (conv, dense) = (layer(0), layer(1));
    let mut compared = 0;
    for (picture, found) in found.iter().enumerate() {
        let pixels = trained.dataset.images.pixels_of(picture);
        let pixel = |y: i32, x: i32| match (y, x) {
            (0..6, 0..6) => f64::from(pixels[(y * 6 + x) as usize]) / 255.0,
            _ => 0.0,
        };
        let mut map = vec![vec![0.0; 36]; 6];
        let mut between = false;
        for place in 0..36 {
            let window: Vec<f64> = (0..9).map(|at| pixel(place / 6 + at / 3 - 1, place % 6 + at % 3 - 1)).collect();
            for (channel, sum) in conv.sums(&window).into_iter().enumerate() {
                // A sum of nothing lies between two words: the order of its terms decides.
                between |= sum.abs() < 1e-9;
                let output = 1.0 / (1.0 + (-sum).exp());
                map[channel][place as usize] = (output * 255.0 + 0.5).floor() / 255.0;
            }
        }
        if between {
            continue;
        }
        for (found, wanted) in found.iter().zip(dense.sums(&map.concat())) {
            assert!((found - wanted).abs() < 1e-9, "picture {picture}: {found} for {wanted}");
        }
        compared += 1;
    }
    assert!(compared > 10, "{compared}");
    // Some of the values are clipped, so that clipping is compared too.
    let run = accuracy(&design, &trained, &question);
    assert!(run.layers.iter().all(|layer| layer.clipped.expect("an ADC") > 0.0), "{:?}", run.layers);
}

/// What the program says of files that do not fit.
fn refused(design: &str, weights: &str, pictures: &str, settings: &[&str]) -> String {
    let folder = |name: &str| if name.contains(':') { PathBuf::from(name) } else { data(name) };
    let weights = if weights.is_empty() { Vec::new() } else { vec![folder(weights)] };
    let question = Question { weights, data: Some(folder(pictures)), draws: 1, seed: 1, ..Question::default() };
    let mut session = Session::with_settings(settings);
    let path = if design.contains('/') { here(design) } else { data(design) };
    let design = session.design(&path);
    let design = design.unwrap_or_else(|_| panic!("{}", session.rendered()));
    let found = accuracy::read(&design, &question, &mut session.sources, &mut session.diagnostics);
    if let Ok(trained) = found {
        let stop = AtomicBool::new(false);
        let found = accuracy::run(&design, &trained, &question, false, &stop, &|_| {}, &mut session.diagnostics);
        assert!(found.is_err());
    }
    session.rendered().replace(env!("CARGO_MANIFEST_DIR"), "")
}

#[test]
fn what_does_not_fit_is_explained() {
    let (weights, pictures) = ("windows.safetensors", "windows-pictures.npz");
    let said = [
        refused("windows.yaml", "groups.safetensors", pictures, &[]),
        refused("windows.yaml", weights, "groups-pictures.npz", &[]),
        refused("windows.yaml", weights, pictures, &["network.input.shape=3 x 11 x 9"]),
        refused("windows.yaml", "", pictures, &[]),
        refused("windows.yaml", "nothing.safetensors", pictures, &[]),
        refused("windows.yaml", "words.yaml", pictures, &[]),
        refused("windows.yaml", weights, pictures, &["accuracy={ names: { c4: c3 } }"]),
        refused("windows.yaml", weights, pictures, &["accuracy={ names: { c1: cc1, c2: c3.weight } }"]),
        refused("arch/digits-resnet.yaml", weights, "builtin:digits", &[]),
        refused("arch/vit-tiny.yaml", weights, "builtin:digits", &[]),
    ];
    insta::assert_snapshot!(said.join("\n----\n"));
}

/// LeNet-5 of real weights in cells of any conductance, with converters that hardly round, finds the pictures that it finds in PyTorch.
#[test]
#[ignore = "needs the MNIST pictures (IMCOST_MNIST)"]
fn lenet5_finds_exactly_the_pictures_that_it_does_in_pytorch() {
    let folder = std::env::var_os("IMCOST_MNIST").expect("the folder of the MNIST pictures in IMCOST_MNIST");
    let run = |design: &str, settings: &[&str], weights: Option<&str>| {
        let mut session = Session::with_settings(settings);
        let design = session.design(&here(design)).expect("a design");
        let weights = weights.map(here).into_iter().collect();
        let question =
            Question { weights, data: Some(folder.clone().into()), draws: 3, seed: 1, ..Question::default() };
        let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
        let trained = accuracy::read(&design, &question, sources, diagnostics).expect("readable");
        accuracy(&design, &trained, &question)
    };
    let found = run("arch/lenet5-float.yaml", &[], None);
    assert_eq!((found.images, found.nominal.correct, found.nominal.ties), (10_000, 9926, 0));
    assert!(found.steps.iter().all(|step| step.correct == 9926), "{:?}", found.steps);
    // Devices that differ by 2 % cost little; the classifier that is trained for signs is exact as it is trained, too.
    let spread = run("arch/lenet5-float.yaml", &["imperfections.resistance_gaussian=2%"], None).draws.expect("random");
    assert!((0.985..0.9926).contains(&spread.mean()), "{:?}", spread.correct);
    let binary = run("arch/lenet5.yaml", &[], Some("arch/weights/lenet5.safetensors"));
    assert_eq!(binary.steps[0].correct, 9839);
}
