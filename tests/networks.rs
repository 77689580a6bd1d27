//! Networks of any layers: against PyTorch in double precision, scalar computations, and dense layers that compute the same.
//!
//! Networks, pictures and PyTorch's outputs: `tests/data/networks`, written by `tools/small-networks.py` and `tools/train-resnet.py`.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use imcost::design::Design;
use imcost::diagnostic::Diagnostics;
use imcost::infer::accuracy::build::Detail;
use imcost::infer::accuracy::graph::Plan;
use imcost::infer::accuracy::{self, Accuracy, Question, Trained};
use imcost::infer::classify::devices::random;
use imcost::infer::classify::input::Inputs;
use imcost::infer::network::{Network, NetworkRun};
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
fn outputs(network: Network, design: &Design, trained: &Trained) -> Vec<Vec<f64>> {
    let inputs = inputs(design, trained);
    let labels = &trained.dataset.labels;
    let run = NetworkRun::new(network, &inputs, labels, None);
    (0..labels.len()).map(|picture| run.outputs(picture, &mut random(0, 0)).expect("solvable")).collect()
}

fn plan<'a>(design: &'a Design, trained: &'a Trained) -> Plan<'a> {
    Plan::of(design, trained.network.as_ref().expect("a network"), &mut Diagnostics::default()).expect("computed")
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
