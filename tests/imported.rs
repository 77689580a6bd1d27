//! Networks from ONNX files on a machine: what is estimated is what was imported, with blocks or written out.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;
use std::sync::Arc;

use imcost::cost::{Totals, estimate};
use imcost::files::{self, Files, Memory};
use imcost::onnx::{Import, OnnxModel, Options};
use imcost::session::Session;

/// Crossbars beside rewritable arrays, with a unit for every function that a network may name.
const LIBRARY: &str = "
name: everything
extends: builtin:techlib/vit-22nm.yaml
components:
  anything:
    kind: vector-unit
    function: FUNCTIONS
    bits: 16
    energy: 1 pJ
    latency: 1 ns
    area: 100 um^2
    source: made up
    basis: modelled
";

const MACHINE: &str = "
technology: everything.yaml
weights: { bits: 8, encoding: offset, bias: none }
activations: { bits: 8 }
tile: { crossbar: isaac-crossbar, rows: 128, columns: 128 }
stages:
  input: [isaac-dac]
  column: [isaac-sample-hold, { use: isaac-adc, share: 128 }]
levels:
  - { name: chip, components: [isaac-hyper-transport, anything, isaac-shift-add] }
  - { name: tile, count: 4000, components: [isaac-edram, isaac-bus, { use: isaac-router, per: 4 }, anything] }
  - { name: ima, count: 8, components: [isaac-input-register, { use: isaac-shift-add, count: 4 }] }
  - { name: crossbar, count: 8 }
  - { name: digital, in: tile, count: 16, tile: { array: dimc-array, rows: 32, columns: 48 },
      stages: { input: [two-bit-row], column: [dimc-accumulator] } }
statistics: { inputs: { toggle: 50% }, weights: { density: 50% } }
mapping: { dynamic: digital }
";

/// The functions that the layers of a network name, and all operations on values.
fn functions(import: &Import) -> String {
    let mut all: Vec<String> = import.layers.iter().filter_map(|layer| layer.activation.clone()).collect();
    let operations = [
        "max",
        "average",
        "add",
        "multiply",
        "lstm",
        "gru",
        "affine",
        "layer-norm",
        "rms-norm",
        "group-norm",
        "instance-norm",
        "softmax",
    ];
    all.extend(operations.map(str::to_owned));
    let words = import.yaml();
    let named = words.split("activation: ").skip(1).filter_map(|rest| rest.split([' ', ',', '}']).next());
    all.extend(named.map(str::to_owned));
    all.sort();
    all.dedup();
    all.join("/")
}

fn totals(import: &Import, functions: &str, name: &str) -> Totals {
    let text = format!("name: imported\n{MACHINE}{}", import.yaml());
    let files = Memory::default()
        .with("imported.yaml", text)
        .with("everything.yaml", LIBRARY.replace("FUNCTIONS", functions))
        .over_standard();
    let mut session = Session::default().reading(files);
    let design = session.design("imported.yaml".as_ref());
    let design = design.unwrap_or_else(|_| panic!("{name}: {}", session.rendered()));
    estimate(&design).expect("totals").totals
}

#[test]
fn imported_networks_are_estimated_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx");
    let disk: Arc<dyn Files> = files::standard();
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "onnx"));
    paths.sort();
    assert!(paths.len() > 40);
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let model = OnnxModel::open(&path, &disk).unwrap();
        let import = |flat| model.import(&Options { flat, ..Options::default() }).unwrap();
        let (blocks, flat) = (import(false), import(true));
        let functions = functions(&flat);
        let (in_blocks, written_out) = (totals(&blocks, &functions, &name), totals(&flat, &functions, &name));
        assert_eq!(in_blocks.macs, blocks.macs(), "{name}");
        assert_eq!(in_blocks, written_out, "{name}");
    }
}

/// What an accuracy run reads of an ONNX file: the weights of its layers by their names, in the order of computation.
#[test]
fn weights_of_a_file_are_those_of_its_layers_in_their_order() {
    use imcost::diagnostic::Diagnostics;
    use imcost::infer::weights::named::tensors;

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx/tiny.onnx");
    let disk: Arc<dyn Files> = files::standard();
    let model = OnnxModel::open(&path, &disk).unwrap();
    let import = model.import(&Options { flat: true, ..Options::default() }).unwrap();
    let named = tensors::read(&[path], &disk, &mut Diagnostics::default()).expect("whole");
    let expected: Vec<_> = import
        .layers
        .iter()
        .filter_map(|layer| Some((layer.name.clone(), model.layer_weights(layer).unwrap()?)))
        .collect();
    let modules = named.modules();
    assert_eq!(
        modules.iter().map(|m| &m.name).collect::<Vec<_>>(),
        expected.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    assert!(modules.len() >= 2);
    for (module, (name, weights)) in modules.iter().zip(&expected) {
        let tensor = &named.tensors[module.weight.expect("weights")];
        assert_eq!(tensor.shape, weights.sizes, "{name}");
        let wide: Vec<f64> = weights.weights.iter().copied().map(f64::from).collect();
        assert_eq!(tensor.values, wide, "{name}");
    }
}
