//! Networks from ONNX files: their sizes against another program's, their multiply-accumulates against public counters, and what is said of files
//! that are none.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use imcost::files;
use imcost::onnx::{Entry, Error, Feeder, Folder, Import, LayerKind, Model, Options};
use proptest::prelude::*;

const FOLDER: &str = "tests/data/onnx";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name)
}

fn model(name: &str) -> Model {
    Model::open(&path(name), &files::standard()).unwrap_or_else(|error| panic!("{error}"))
}

fn import(name: &str) -> Import {
    model(name).import(&Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All files, sorted.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(path("")).expect("a folder");
    let mut names: Vec<String> = entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8")).collect();
    names.retain(|name| name.ends_with(".onnx"));
    names.sort();
    names
}

/// The lines of a table after its head, each cut at its commas.
fn table(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("readable");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Multiply-accumulates with stored matrices, and those of two activations.
fn macs(import: &Import) -> (u64, u64) {
    let of = |products: bool| {
        let layers = import.layers.iter().filter(|layer| matches!(layer.kind, LayerKind::MatMul { .. }) == products);
        layers.map(|layer| layer.macs).sum()
    };
    (of(false), of(true))
}

#[test]
fn multiply_accumulates_are_those_of_public_counters() {
    let counted = table("tests/data/networks/macs.csv");
    let mut compared = 0;
    for name in names() {
        let network = name.trim_end_matches(".onnx").trim_end_matches("-dynamo");
        let found = macs(&import(&name));
        for row in counted.iter().filter(|row| row[0] == network) {
            let number = |index: usize| row[index].parse::<u64>().expect("a number");
            assert_eq!(found, (number(3), number(4)), "{name} by {}", row[1]);
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} compared");
}

#[test]
fn published_multiply_accumulates_are_found() {
    // LeNet-5: 28 x 28 places of 25 x 6, 10 x 10 of 150 x 16, then 400 x 120 + 120 x 84 + 84 x 10.
    assert_eq!(import("lenet5.onnx").macs(), 784 * 25 * 6 + 100 * 150 * 16 + 48_000 + 10_080 + 840);
    assert_eq!(import("lenet5.onnx").macs(), 416_520);
    assert_eq!(import("resnet18.onnx").macs(), 1_814_073_344);
    assert_eq!(import("vgg8.onnx").macs(), 615_917_568);
    // ViT-Ti/16: 12 layers of two products of 3 heads, 197 x 197 tokens, 64 features.
    assert_eq!(macs(&import("vit-tiny-dynamo.onnx")), (1_253_683_200 - 178_831_872, 12 * 2 * 3 * 197 * 197 * 64));
}

/// What every layer gives, against the sizes that another program infers: of convolutions, products, pools and recurrent layers, in order.
#[test]
fn sizes_are_those_of_onnx_shape_inference() {
    let rows = table("tests/data/onnx/shapes.csv");
    let mut compared = 0;
    for name in names() {
        let wanted: Vec<usize> = rows
            .iter()
            .filter(|row| row[0] == name && row[3] != "?")
            .map(|row| row[3].split(' ').map(|size| size.parse::<usize>().unwrap_or(0)).product())
            .filter(|&count: &usize| count > 0)
            .collect();
        let found: Vec<usize> = import(&name)
            .layers
            .iter()
            .filter(|layer| {
                use LayerKind as K;
                matches!(
                    layer.kind,
                    K::Conv { .. } | K::Depthwise { .. } | K::Deconv { .. } | K::Dense { .. } | K::MatMul { .. } | K::Pool { .. }
                )
            })
            .map(|layer| layer.output.elements())
            .collect();
        // Products of other ranks are written otherwise; the numbers of values are compared as a whole.
        let mut sorted = (wanted.clone(), found.clone());
        sorted.0.sort_unstable();
        sorted.1.sort_unstable();
        let missing: Vec<usize> = without(&sorted.1, &sorted.0);
        assert!(missing.is_empty(), "{name}: {missing:?} are not among {wanted:?}");
        compared += found.len();
    }
    assert!(compared > 500, "{compared} compared");
}

/// What a sorted list has that another one has not.
fn without(all: &[usize], other: &[usize]) -> Vec<usize> {
    let mut left = other.to_vec();
    let mut missing = Vec::new();
    for value in all {
        match left.iter().position(|one| one == value) {
            Some(place) => drop(left.swap_remove(place)),
            None => missing.push(*value),
        }
    }
    missing
}

#[test]
fn both_exporters_give_the_same_layers() {
    let kinds = |import: &Import| -> Vec<(LayerKind, Option<String>, Vec<Feeder>)> {
        import.layers.iter().map(|l| (l.kind.clone(), l.activation.clone(), l.from.clone())).collect()
    };
    let mut compared = 0;
    for name in names() {
        let other = name.replace(".onnx", "-dynamo.onnx");
        // The newer exporter splits a state once more.
        if name.contains("-dynamo") || !path(&other).exists() || name.starts_with("lstm") || name.starts_with("gru") {
            continue;
        }
        let (one, two) = (import(&name), import(&other));
        assert_eq!(macs(&one), macs(&two), "{name}");
        assert_eq!(kinds(&one).len(), kinds(&two).len(), "{name}");
        compared += 1;
    }
    assert!(compared > 8, "{compared} compared");
}

/// The layers of a list with blocks, written out again by their text, are those of the list without.
#[test]
fn blocks_written_out_are_the_layers_without_blocks() {
    let mut blocks = 0;
    for name in names() {
        let short = import(&name);
        let flat = model(&name).import(&Options { flat: true, ..Options::default() }).expect("it was read before");
        assert_eq!(short.layers, flat.layers, "{name}");
        blocks += short.entries.iter().filter(|entry| matches!(entry, Entry::Repeat { .. })).count();
        assert_eq!(written_out(&short.yaml()), written_out(&flat.yaml()), "{name}");
    }
    assert!(blocks > 20, "{blocks} blocks");
}

/// Each layer as what it does and the numbers of the layers that it takes from, read from the text alone.
fn written_out(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut outer: BTreeMap<String, usize> = BTreeMap::from([("input".to_owned(), 0)]);
    let mut last = 0;
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("  layers:")).skip(1).collect();
    let mut at = 0;
    while at < lines.len() {
        if let Some(layer) = lines[at].strip_prefix("    - { ") {
            last = add(&mut found, &mut outer, layer, last);
            at += 1;
            continue;
        }
        let name = lines[at].strip_prefix("    - name: ").expect("a block");
        at += 1;
        let mut fed = last;
        if let Some(from) = lines[at].strip_prefix("      from: ") {
            fed = outer[from];
            at += 1;
        }
        let times: usize = lines[at].strip_prefix("      repeat: ").expect("how often").parse().expect("a number");
        at += 2;
        let inside: Vec<&str> = lines[at..].iter().map_while(|line| line.strip_prefix("        - { ")).collect();
        at += inside.len();
        for _ in 0..times {
            let mut inner = BTreeMap::from([("input".to_owned(), fed)]);
            for layer in &inside {
                fed = add(&mut found, &mut inner, layer, fed);
            }
        }
        outer.insert(name.to_owned(), fed);
        last = fed;
    }
    found
}

/// Adds a layer of which this is the line; its number.
fn add(found: &mut Vec<String>, names: &mut BTreeMap<String, usize>, line: &str, before: usize) -> usize {
    let line = line.trim_end_matches(" }").strip_prefix("name: ").expect("a name");
    let (name, mut rest) = line.split_once(", ").expect("a kind");
    let mut from = vec![before.to_string()];
    let number = |word: &str| if word == "constant" { word.to_owned() } else { names[word].to_string() };
    if let Some((feeder, after)) = rest.strip_prefix("from: ").and_then(|rest| rest.split_once(", ")) {
        (from, rest) = (vec![number(feeder)], after);
    }
    let mut words = rest.to_owned();
    if let (Some(open), Some(close)) = (rest.find('['), rest.find(']'))
        && !rest.contains("padding: [")
    {
        from = rest[open + 1..close].split(", ").map(number).collect();
        words.replace_range(open..=close, "");
    }
    found.push(format!("{words} of {from:?}"));
    let index = found.len();
    assert_eq!(names.insert(name.to_owned(), index), None, "`{name}` is there twice");
    index
}

#[test]
fn the_text_is_an_architecture_without_duplicate_names() {
    for name in names() {
        let text = import(&name).yaml();
        assert!(text.starts_with(&format!("# {name}, opset ")), "{text}");
        assert!(text.is_ascii() && !text.contains("\t"), "{name}");
    }
}

fn shown(name: &str) -> String {
    import(name).yaml()
}

#[test]
fn a_convolutional_network() {
    insta::assert_snapshot!(shown("lenet5.onnx"));
}

#[test]
fn a_residual_network() {
    insta::assert_snapshot!(shown("resnet18.onnx"));
}

#[test]
fn a_transformer() {
    insta::assert_snapshot!(shown("hf-bert.onnx"));
}

fn imcost(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_imcost"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().map_or_else(|| "none".to_owned(), |code| code.to_string());
    format!("exit code {code}\n{}{}", text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_file_is_written_once() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("import.yaml");
    let _ = std::fs::remove_file(&file);
    let file = file.to_str().expect("UTF-8");
    let model = "tests/data/onnx/lenet5.onnx";
    assert_eq!(imcost(&["import", model, "-o", file]), "exit code 0\n");
    assert_eq!(std::fs::read_to_string(file).expect("it was written"), shown("lenet5.onnx"));
    std::fs::write(file, "mine").expect("writable");
    let said = imcost(&["import", model, "-o", file]);
    assert!(said.starts_with("exit code 1\n") && said.contains("--force"), "{said}");
    assert_eq!(std::fs::read_to_string(file).expect("it is there"), "mine");
    assert_eq!(imcost(&["import", model, "-o", file, "--force"]), "exit code 0\n");
    assert_eq!(std::fs::read_to_string(file).expect("it was written"), shown("lenet5.onnx"));
    assert_eq!(imcost(&["import", model]), format!("exit code 0\n{}", shown("lenet5.onnx")));
}

/// What is said of files that cannot be imported, on one page.
#[test]
fn wrong_files_are_explained() {
    let read = |name: &str, bytes: Vec<u8>| match Model::read(name, bytes.into(), None).and_then(|m| m.import(&Options::default())) {
        Ok(import) => panic!("{}", import.yaml()),
        Err(error) => said(&error),
    };
    let whole = std::fs::read(path("lenet5.onnx")).expect("readable");
    let truncated = whole[..whole.len() / 2].to_vec();
    let mut page = vec![
        read("truncated.onnx", truncated),
        read("text.onnx", b"network: { input: { features: 4 } }".to_vec()),
        read("empty.onnx", Vec::new()),
    ];
    for name in ["opset-9", "unknown-operators", "open-sizes", "no-layers", "two-inputs", "rows-of-a-map"] {
        let name = format!("wrong/{name}.onnx");
        let bytes = std::fs::read(path(&name)).expect("readable");
        page.push(read(&name, bytes));
    }
    let stripped = model("lenet5.onnx");
    let error = stripped.tensor("fc.0.weight").expect_err("its data are not there");
    page.push(said(&error).replace(env!("CARGO_MANIFEST_DIR"), "").replace('\\', "/"));
    let error = stripped.tensor("fc.9.weight").expect_err("there is none");
    page.push(said(&error).replace(env!("CARGO_MANIFEST_DIR"), "").replace('\\', "/"));
    insta::assert_snapshot!(page.join("\n"));
}

fn said(error: &Error) -> String {
    let help: String = error.help().iter().map(|line| format!("  help: {line}\n")).collect();
    format!("error: {error}\n{help}")
}

/// An open size is said on the command line.
#[test]
fn open_sizes_can_be_stated() {
    let file = "tests/data/onnx/wrong/open-sizes.onnx";
    let said = imcost(&["import", file, "--dim", "width=16", "--dim", "height=8"]);
    assert!(said.starts_with("exit code 0\n") && said.contains("shape: 3 x 8 x 16"), "{said}");
    let said = imcost(&["import", file, "--dim", "width=none"]);
    assert!(said.starts_with("exit code 2\n"), "{said}");
}

mod weights {
    use super::*;

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
            let column = |index: usize| -> Vec<f32> {
                rows.iter().filter_map(|row| row.get(index)?.parse().ok()).collect()
            };
            let (input, wanted) = (column(0), column(1));
            let found = network(&conv.weights, &conv.bias.expect("of the normalisation"), &fc.weights, &fc.bias.expect("stored"), &input);
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
        let model = Model::read("beside.onnx", bytes.clone().into(), Some(folder)).expect("a model");
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
        let alone = Model::read("beside.onnx", bytes.into(), None).expect("a model");
        assert!(alone.tensor("inside").expect_err("there is no folder").to_string().contains("no folder"));
    }
}

/// Random bytes, and real files that were changed, give a network or an error.
fn try_bytes(bytes: Vec<u8>) {
    let options = Options::default();
    if let Ok(model) = Model::read("random.onnx", bytes.into(), None) {
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
    let all = ["lenet5", "tiny", "gru", "lstm-bidirectional-dynamo", "gpt2-block-dynamo", "hf-gpt2-dynamo", "unet-dynamo", "vgg8"];
    all.iter().map(|name| std::fs::read(path(&format!("{name}.onnx"))).expect("readable")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_no_network(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        try_bytes(bytes);
    }

    #[test]
    fn changed_files_are_a_network_or_an_error(
        file in 0_usize..8,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..6),
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
    let error = Model::read("large.onnx", bytes.into(), None).expect_err("too much").to_string();
    assert!(error.contains("MB of memory"), "{error}");
}
