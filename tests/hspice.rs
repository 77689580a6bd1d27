//! A published fully-analog network in many variants, by a commercial circuit simulator: output voltages and classes of its first ten pictures.
//!
//! The reference is not part of this project. Where it lies beside it (`../shared/reference/hspice`) it is held against; elsewhere these tests say
//! that there is nothing to hold against, and pass.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]
#![allow(clippy::print_stdout, reason = "what was compared is to be read")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use imcost::files::Memory;
use imcost::infer::accuracy::{self, Question};
use imcost::infer::simulation::simulate;
use imcost::session::Session;
use rayon::prelude::*;

const ARCHITECTURE: &str = "builtin:arch/imac-sim-400-120-84-10.yaml";
const PICTURES: usize = 10;
const OUTPUTS: usize = 10;

/// A circuit: tile, node, device and cell.
type Name = [String; 4];

/// What is known of a variant.
struct Variant {
    name: Name,
    settings: Vec<String>,
    labels: Vec<usize>,
    outputs_v: Vec<[f64; OUTPUTS]>,
}

/// Pictures right, and how far the output voltages lie from the published ones.
struct Found {
    published: usize,
    simulated: usize,
    classified: usize,
    rms_mv: f64,
}

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/hspice");
    if folder.join("outputs_first_ten.csv").is_file() {
        return Some(folder);
    }
    println!("no {}: there is nothing to hold against", folder.display());
    None
}

/// The lines of a table, each by the names of its columns.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).expect("readable");
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let header: Vec<String> = lines.next().expect("a header").collect();
    lines.map(|line| header.iter().cloned().zip(line).collect()).collect()
}

fn name(line: &BTreeMap<String, String>) -> Name {
    ["tile", "node_nm", "device", "cell"].map(|column| line[column].clone())
}

/// The variants whose first ten pictures are known.
fn variants(folder: &Path) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    let networks = table(&folder.join("networks.csv"));
    for line in table(&folder.join("outputs_first_ten.csv")) {
        let name = name(&line);
        if variants.last().is_none_or(|last| last.name != name) {
            let of = |of: &&BTreeMap<String, String>| self::name(of) == name && of["first_picture"] == "0";
            let network = networks.iter().find(of).expect("its circuit");
            let settings = vec![
                format!("tile.rows={}", name[0]),
                format!("tile.columns={}", name[0]),
                format!("imac-network-device.parameters.low={} ohm", network["r_low_ohm"]),
                format!("imac-network-device.parameters.high={} ohm", network["r_high_ohm"]),
                format!("imac-network-crossbar.parameters.lambda={} nm", name[1]),
                format!("imac-network-crossbar.parameters.cell-height={}", network["cell_height_lambda"]),
                "imperfections.gain=as-built".to_owned(),
            ];
            variants.push(Variant { name, settings, labels: Vec::new(), outputs_v: Vec::new() });
        }
        let variant = variants.last_mut().expect("there is one now");
        variant.labels.push(line["label"].parse().expect("a class"));
        variant.outputs_v.push(std::array::from_fn(|output| line[&format!("v_out{output}_v")].parse().expect("volts")));
    }
    variants
}

/// The pictures, as a file that the commands take.
fn pictures(folder: &Path, labels: &[usize]) -> String {
    let inputs = std::fs::read_to_string(folder.join("inputs_first_ten.csv")).expect("readable");
    let mut file = String::from("label");
    (0..inputs.lines().next().expect("a picture").split(',').count())
        .for_each(|pixel| write!(file, ",p{pixel}").expect("text"));
    for (line, label) in inputs.lines().zip(labels) {
        write!(file, "\n{label}").expect("text");
        line.split(',').for_each(|volts| file.push_str(if volts.starts_with('-') { ",-1" } else { ",1" }));
    }
    file
}

fn highest(outputs_v: &[f64]) -> usize {
    (0..outputs_v.len()).rev().max_by(|a, b| outputs_v[*a].total_cmp(&outputs_v[*b])).expect("outputs")
}

fn run(folder: &Path, variant: &Variant) -> Found {
    let files = Memory::default().with("pictures.csv", pictures(folder, &variant.labels)).over_standard();
    let settings: Vec<&str> = variant.settings.iter().map(String::as_str).collect();
    let mut session = Session::with_settings(&settings).reading(files);
    let design = session.design(Path::new(ARCHITECTURE));
    let design = design.unwrap_or_else(|_| panic!("{:?}: {}", variant.name, session.rendered()));
    let question =
        Question { weights: vec![folder.join("weights")], data: Some("pictures.csv".into()), ..Question::default() };
    let Session { sources, diagnostics, .. } = &mut session;
    let simulated = simulate(&design, &question, None, sources, diagnostics).expect("an operating point");
    let trained = accuracy::read(&design, &question, sources, diagnostics).expect("readable");
    let stop = AtomicBool::new(false);
    let found = accuracy::run(&design, &trained, &question, false, &stop, &|_| {}, diagnostics);
    let found = found.expect("it runs").expect("nobody stops it");
    assert_eq!((found.images, simulated.points.len(), variant.labels.len()), (PICTURES, PICTURES, PICTURES));
    assert!(found.notes.is_empty(), "{:?}: {:?}", variant.name, found.notes);
    let published =
        variant.outputs_v.iter().zip(&variant.labels).filter(|(outputs, label)| highest(*outputs) == **label);
    let squares = simulated.points.iter().zip(&variant.outputs_v).flat_map(|(point, published)| {
        let outputs = &point.layers.last().expect("layers").neuron_output_v;
        outputs.iter().zip(published).map(|(ours, theirs)| (ours - theirs).powi(2))
    });
    Found {
        published: published.count(),
        simulated: simulated.correct().expect("pictures"),
        classified: found.nominal.correct,
        rms_mv: 1e3 * (squares.sum::<f64>() / (PICTURES * OUTPUTS) as f64).sqrt(),
    }
}

/// Some variants of small tiles, each of another device: from all pictures right to few.
#[test]
fn some_published_networks_have_the_published_classes_and_output_voltages() {
    let Some(folder) = folder() else { return };
    let chosen = [["32", "14", "PCM", "1T1R"], ["32", "14", "RRAM", "1TG1R"], ["32", "20", "CBRAM", "1TG1R"]];
    let variants: Vec<Variant> =
        variants(&folder).into_iter().filter(|v| chosen.contains(&v.name.each_ref().map(String::as_str))).collect();
    assert_eq!(variants.len(), chosen.len());
    for variant in variants {
        let found = run(&folder, &variant);
        let of_published = |correct: usize| correct.abs_diff(found.published);
        assert!(of_published(found.simulated) <= 1 && of_published(found.classified) <= 1, "{:?}", variant.name);
        assert!(found.rms_mv < 40.0, "{:?}: {} mV", variant.name, found.rms_mv);
    }
}

/// All of them; in an optimised build a few minutes: `cargo test --release --test hspice -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn published_networks_have_the_published_classes_and_output_voltages() {
    let Some(folder) = folder() else { return };
    let variants = variants(&folder);
    let mut found: Vec<(Name, Found)> =
        variants.par_iter().map(|variant| (variant.name.clone(), run(&folder, variant))).collect();
    for (name, found) in &found {
        let Found { published, simulated, classified, rms_mv } = found;
        println!(
            "{}: right {published}, simulated {simulated}, classified {classified}; {rms_mv:.1} mV",
            name.join(" ")
        );
    }
    found.sort_by(|a, b| a.1.rms_mv.total_cmp(&b.1.rms_mv));
    let count = found.len();
    let within_one = |of: fn(&Found) -> usize| found.iter().filter(|(_, f)| of(f).abs_diff(f.published) <= 1).count();
    let (simulated, classified) = (within_one(|f| f.simulated), within_one(|f| f.classified));
    let (median, nine_in_ten) = (found[count / 2].1.rms_mv, found[count * 9 / 10].1.rms_mv);
    println!(
        "{count} variants: within one of ten {simulated} (simulate), {classified} (accuracy); {median:.2} and {nine_in_ten:.2} mV"
    );
    assert!(100 * simulated >= 97 * count && 100 * classified >= 97 * count, "{simulated} {classified} of {count}");
    assert!(median < 14.0 && nine_in_ten < 31.0, "{median} mV, {nine_in_ten} mV");
}
