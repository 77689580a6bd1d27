//! The bytes of ONNX files: tensors of every type and place, weights with what was folded into them, and bytes at random.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};

use imcost::files;
use imcost::onnx::{Folder, OnnxModel, Options};
use proptest::prelude::*;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx").join(name)
}

fn model(name: &str) -> OnnxModel {
    OnnxModel::open(&path(name), &files::standard()).unwrap_or_else(|error| panic!("{error}"))
}

/// The lines of a table after its head, each cut at its commas.
fn table(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("readable");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// A layer of the tiny network computed from its weights, beside what PyTorch gives.
#[test]
fn folded_weights_give_what_the_network_gives() {
    for name in ["tiny.onnx", "tiny-dynamo.onnx"] {
        let model = model(name);
        let import = model.import(&Options::default()).expect("a network");
        let of = |name: &str| {
            let layer = import.layer(name).unwrap_or_else(|| panic!("no `{name}`: {}", import.yaml()));
            model.layer_weights(layer).expect("readable").expect("it has weights")
        };
        let (conv, fc) = (of("conv"), of("fc"));
        assert_eq!((conv.sizes.as_slice(), fc.sizes.as_slice()), (&[4, 2, 3, 3][..], &[3, 16][..]));
        let rows = table("tests/data/onnx/tiny.csv");
        let column =
            |index: usize| -> Vec<f32> { rows.iter().filter_map(|row| row.get(index)?.parse().ok()).collect() };
        let (input, wanted) = (column(0), column(1));
        let found = network(
            &conv.weights,
            &conv.bias.expect("of the normalisation"),
            &fc.weights,
            &fc.bias.expect("stored"),
            &input,
        );
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!((found - wanted).abs() < 1e-5, "{name}: {found} is not {wanted}");
        }
        assert_eq!((found.len(), wanted.len()), (3, 3));
    }
}

/// 4 maps of 4 x 4 through a convolution in two groups, rectified, the largest of 2 x 2, and a dense layer: by its definition.
fn network(conv: &[f32], bias: &[f32], fc: &[f32], fc_bias: &[f32], input: &[f32]) -> Vec<f32> {
    let at = |channel: usize, y: i32, x: i32| {
        let inside = (0..4).contains(&y) && (0..4).contains(&x);
        if inside { input[channel * 16 + y as usize * 4 + x as usize] } else { 0.0 }
    };
    let place = |output: usize, y: i32, x: i32| -> f32 {
        let mut sum = bias[output];
        for inner in 0..2 {
            for ky in 0..3 {
                for kx in 0..3 {
                    let weight = conv[((output * 2 + inner) * 3 + ky as usize) * 3 + kx as usize];
                    sum += weight * at(output / 2 * 2 + inner, y + ky - 1, x + kx - 1);
                }
            }
        }
        sum.max(0.0)
    };
    let mut pooled = Vec::new();
    for output in 0..4 {
        for (y, x) in [(0, 0), (0, 2), (2, 0), (2, 2)] {
            let places = [(y, x), (y, x + 1), (y + 1, x), (y + 1, x + 1)];
            pooled.push(places.iter().map(|&(y, x)| place(output, y, x)).fold(0.0_f32, f32::max));
        }
    }
    let row = |output: usize| fc[output * 16..][..16].iter().zip(&pooled).map(|(w, v)| w * v).sum::<f32>();
    (0..3).map(|output| row(output) + fc_bias[output]).collect()
}

#[test]
fn every_type_of_numbers_is_read() {
    let model = model("wrong/types.onnx");
    let names: Vec<&str> = model.tensor_names().collect();
    assert_eq!(names.len(), 15, "{names:?}");
    for name in names {
        let (sizes, values) = model.tensor(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((sizes.as_slice(), values.as_slice()), (&[2, 2][..], &[0.0, 1.0, 2.0, 100.0][..]), "{name}");
    }
}

#[test]
fn data_beside_the_model_are_read_and_none_elsewhere() {
    let folder = Folder { path: path("wrong"), files: files::standard() };
    let bytes = std::fs::read(path("wrong/beside.onnx")).expect("readable");
    let model = OnnxModel::read("beside.onnx", bytes.clone().into(), Some(folder)).expect("a model");
    assert_eq!(model.tensor("inside").expect("it is there"), (vec![3], vec![1.0, 2.0, 3.0]));
    for (name, why) in [
        ("outside", "which is not below the folder of the model"),
        ("absolute", "which is not below the folder of the model"),
        ("missing", "does not exist"),
        ("beyond", "too few"),
        ("short", "the model says"),
    ] {
        let error = model.tensor(name).expect_err(name).to_string();
        assert!(error.contains(why), "{error}");
    }
    let alone = OnnxModel::read("beside.onnx", bytes.into(), None).expect("a model");
    assert!(alone.tensor("inside").expect_err("there is no folder").to_string().contains("no folder"));
}

/// Random bytes, and real files that were changed, give a network or an error.
fn try_bytes(bytes: Vec<u8>) {
    let options = Options::default();
    if let Ok(model) = OnnxModel::read("random.onnx", bytes.into(), None) {
        if let Ok(import) = model.import(&options) {
            assert!(import.yaml().contains("network:"));
            for layer in import.layers.iter().take(4) {
                let _ = model.layer_weights(layer);
            }
        }
        for name in model.tensor_names().take(4) {
            let _ = model.tensor(name);
        }
    }
}

fn small_files() -> Vec<Vec<u8>> {
    let all = [
        "lenet5",
        "tiny",
        "gru",
        "lstm-bidirectional-dynamo",
        "gpt2-block-dynamo",
        "hf-gpt2-dynamo",
        "unet-dynamo",
        "vgg8",
    ];
    all.iter().map(|name| std::fs::read(path(&format!("{name}.onnx"))).expect("readable")).collect()
}

/// Cases of each kind; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    ProptestConfig::default().cases.max(5000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_no_network(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        try_bytes(bytes);
    }

    #[test]
    fn changed_files_are_a_network_or_an_error(
        file in 0_usize..8,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..12), 1..6),
    ) {
        static FILES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
        let mut bytes = FILES.get_or_init(small_files)[file].clone();
        for (place, byte, what) in changes {
            let at = place.index(bytes.len().max(1));
            match what {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), byte),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                _ => if let Some(old) = bytes.get_mut(at) { *old = byte },
            }
        }
        try_bytes(bytes);
    }
}

/// A small file of many empty messages would be a large one in memory.
#[test]
fn a_file_that_would_grow_is_refused() {
    // A graph whose nodes are empty: two bytes each.
    let nodes = [0x0a, 0x00].repeat(4 << 20);
    let mut bytes = vec![0x3a];
    let mut length = nodes.len();
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(nodes);
    let error = OnnxModel::read("large.onnx", bytes.into(), None).expect_err("too much").to_string();
    assert!(error.contains("MB of memory"), "{error}");
}
