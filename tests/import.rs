//! Networks from ONNX files: their sizes against another program's, their multiply-accumulates against public counters, and what is said of files
//! that are none.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use imcost::files;
use imcost::onnx::{Error, Feeder, Import, ImportedEntry, ImportedKind, OnnxModel, Options};

const FOLDER: &str = "tests/data/onnx";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name)
}

fn model(name: &str) -> OnnxModel {
    OnnxModel::open(&path(name), &files::standard()).unwrap_or_else(|error| panic!("{error}"))
}

fn import(name: &str) -> Import {
    model(name).import(&Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All files, sorted.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(path("")).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8")).collect();
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
        let layers = import.layers.iter().filter(|layer| matches!(layer.kind, ImportedKind::MatMul { .. }) == products);
        layers.map(|layer| layer.macs).sum()
    };
    (of(false), of(true))
}

#[test]
fn multiply_accumulates_are_those_of_public_counters() {
    let counted = table("tests/data/networks/macs.csv");
    let mut compared = 0;
    for name in names() {
        let network = name.trim_end_matches(".onnx").trim_end_matches("-dynamo").trim_end_matches("-qdq");
        let found = macs(&import(&name));
        for row in counted.iter().filter(|row| row[0] == network) {
            let number = |index: usize| row[index].parse::<u64>().expect("a number");
            assert_eq!(found, (number(3), number(4)), "{name} by {}", row[1]);
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} compared");
}

/// Other networks, where they lie beside the project with what a counter found: a folder as `tools/export-networks.py` writes it, with `macs.csv`.
#[test]
#[ignore = "IMCOST_ONNX names a folder of exported networks with macs.csv"]
fn multiply_accumulates_of_other_networks() {
    let folder = PathBuf::from(std::env::var_os("IMCOST_ONNX").expect("a folder"));
    let mut wrong = Vec::new();
    for row in table(folder.join("macs.csv").to_str().expect("UTF-8")) {
        for way in ["", "-dynamo"] {
            let file = folder.join(format!("{}{way}.onnx", row[0]));
            let found = OnnxModel::open(&file, &files::standard()).and_then(|model| model.import(&Options::default()));
            match found.map(|import| macs(&import)) {
                Ok((stored, products)) if [stored.to_string(), products.to_string()] == row[3..] => {}
                Ok(found) => wrong.push(format!("{}{way}: {found:?}, not {:?}", row[0], &row[3..])),
                Err(error) if file.exists() => wrong.push(format!("{}{way}: {error}", row[0])),
                Err(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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

/// How many values layers give, against what onnxruntime computes: of convolutions, products and pools.
#[test]
fn sizes_are_those_of_a_runtime() {
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
                use ImportedKind as K;
                // A mean of all places is written by several operators.
                if matches!(layer.kind, K::Pool { .. }) && layer.output.elements() == layer.output.width() {
                    return false;
                }
                matches!(
                    layer.kind,
                    K::Conv { .. }
                        | K::Depthwise { .. }
                        | K::Deconv { .. }
                        | K::Dense { .. }
                        | K::MatMul { .. }
                        | K::Pool { .. }
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
    let kinds = |import: &Import| -> Vec<(ImportedKind, Option<String>, Vec<Feeder>)> {
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
        blocks += short.entries.iter().filter(|entry| matches!(entry, ImportedEntry::Repeat { .. })).count();
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

/// Functions that exporters take apart.
#[test]
fn functions_of_every_value() {
    insta::assert_snapshot!(shown("activations.onnx"));
}

/// Padding of several kinds, a signal in one dimension, normalisations.
#[test]
fn layers_of_many_shapes() {
    insta::assert_snapshot!(shown("shapes.onnx"));
}

/// Words of 8 bits around every operation change no layer; the exporter of this one has put the functions into the words.
#[test]
fn quantised_values_are_looked_through() {
    let (words, float) = (import("lenet5-qdq.onnx"), import("lenet5.onnx"));
    let kinds =
        |import: &Import| -> Vec<ImportedKind> { import.layers.iter().map(|layer| layer.kind.clone()).collect() };
    assert_eq!(kinds(&words), kinds(&float));
    assert_eq!(words.notes, ["quantised: 9 values of 8 bits, as if they were not"]);
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

/// Rotary embeddings, and two heads for each key and value, by hand: the counters count the table of angles too, which no input changes.
#[test]
fn heads_that_share_keys_are_products_of_all_heads() {
    let import = import("hf-llama-dynamo.onnx");
    // Query and output of 128 x 128, key and value of 128 x 64, three matrices of 128 x 256; 16 tokens, 2 layers.
    let stored = 2 * 16 * (2 * 128 * 128 + 2 * 128 * 64 + 3 * 128 * 256);
    assert_eq!(macs(&import), (stored, 2 * 2 * 4 * 16 * 16 * 32));
    let products = import.layers.iter().filter(|layer| matches!(layer.kind, ImportedKind::MatMul { heads: 4, .. }));
    assert_eq!(products.count(), 4);
}

/// What is said of files that cannot be imported, on one page.
#[test]
fn wrong_files_are_explained() {
    let read = |name: &str, bytes: Vec<u8>| match OnnxModel::read(name, bytes.into(), None)
        .and_then(|m| m.import(&Options::default()))
    {
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
