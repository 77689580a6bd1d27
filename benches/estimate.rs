//! How long an estimate takes: from the files, and from the parsed file.
//!
//! `cargo bench`; read the column "fastest".
#![allow(missing_docs, clippy::expect_used)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::{Bencher, black_box};
use imcost::cost::machine::MachineCosts;
use imcost::cost::tile::tile_places;
use imcost::cost::{Plan, Scratch, estimate};
use imcost::files::{self, Files, Memory};
use imcost::model::crossbar::typical::{TilePlace, solve_cold};
use imcost::session::{ReadArchitecture, Session};

fn main() {
    divan::main();
}

const SMALL: &str = "builtin:arch/mlp-784-16-10-mixed.yaml";
const LARGE: &str = "builtin:arch/mlp-400-120-84-10-mixed.yaml";
const FIFTY: &str = "fifty-layers.yaml";

/// The mixed-signal architecture with 50 layers.
fn fifty_layers() -> String {
    let base = imcost::files::shipped::text(Path::new(LARGE)).expect("shipped");
    let mut layers = "  layers:\n".to_owned();
    for layer in 0..50 {
        let input = if layer == 0 { "" } else { ", stages: { input: [dac-8b] }" };
        let _ = writeln!(
            layers,
            "    - {{ name: l{layer}, dense: 256, statistics: {{ active-rows: 30%, low-resistance: 50% }}{input} }}"
        );
    }
    let (head, rest) = base.split_once("  layers:\n").expect("layers");
    let (_, tail) = rest.split_once("weights:").expect("weights");
    format!("{head}{layers}weights:{tail}").replace("../techlib/", "builtin:techlib/")
}

const NETWORKS: [&str; 3] = ["784-16-10", "400-120-84-10", "50 layers"];

/// Where the architecture of a network is, and all files.
fn network(name: &str) -> (PathBuf, Arc<dyn Files>) {
    match name {
        "784-16-10" => (SMALL.into(), files::standard()),
        "400-120-84-10" => (LARGE.into(), files::standard()),
        _ => (FIFTY.into(), Memory::default().with(FIFTY, fifty_layers()).over_standard()),
    }
}

fn parsed(name: &str) -> (Session, ReadArchitecture) {
    let (path, files) = network(name);
    let mut session = Session::default().reading(files);
    let architecture = session.architecture(&path).expect("the file is fine");
    (session, architecture)
}

/// Reading architecture and library, lowering and costing.
#[divan::bench(args = NETWORKS)]
fn files_to_result(bencher: Bencher<'_, '_>, network: &str) {
    let (path, files) = self::network(network);
    bencher.bench(|| {
        let mut session = Session::default().reading(files.clone());
        let flow = session.design(black_box(&path)).expect("the file is fine");
        estimate(&flow).expect("positive totals").totals
    });
}

/// Lowering and costing a parsed file.
#[divan::bench(args = NETWORKS)]
fn parsed_file_to_result(bencher: Bencher<'_, '_>, network: &str) {
    let (mut session, architecture) = parsed(network);
    bencher.bench_local(move || {
        let flow = session.lower(black_box(&architecture)).expect("the file is fine");
        estimate(&flow).expect("positive totals").totals
    });
}

/// Costing a design.
#[divan::bench(args = NETWORKS)]
fn cost_alone(bencher: Bencher<'_, '_>, network: &str) {
    let (mut session, architecture) = parsed(network);
    let flow = session.lower(&architecture).expect("the file is fine");
    bencher.bench(|| estimate(black_box(&flow)).expect("positive totals").totals);
}

/// A network of convolutions, attention or residuals on a machine, or of so many convolutions.
fn on_machine(name: &str) -> (Session, ReadArchitecture) {
    let layers: Option<usize> = name.parse().ok();
    let Some(layers) = layers else {
        let mut session = Session::default();
        let architecture = session.architecture(Path::new(&format!("builtin:arch/{name}.yaml"))).expect("shipped");
        return (session, architecture);
    };
    let mut text =
        "extends: builtin:arch/isaac.yaml\nname: many\nnetwork:\n  input: { shape: 16 x 14 x 14 }\n  layers:\n"
            .to_owned();
    for layer in 0..layers {
        let _ = writeln!(text, "    - {{ name: l{layer}, conv: 16, kernel: 3, padding: 1, activation: relu }}");
    }
    text += "mapping: { copies: balanced, whole: ima }\npipelined: rows\n";
    let files = Memory::default().with("many.yaml", text).over_standard();
    let mut session =
        Session::with_settings(&["levels.tile.count=2000".to_owned(), "levels.ima.count=12".to_owned()]).reading(files);
    let architecture = session.architecture(Path::new("many.yaml")).expect("the file is fine");
    (session, architecture)
}

const ON_MACHINES: [&str; 6] = ["isaac-resnet18", "vit-tiny", "10", "100", "1000", "10000"];

/// Costing a network on a machine.
#[divan::bench(args = ON_MACHINES)]
fn network_on_machine(bencher: Bencher<'_, '_>, network: &str) {
    let (mut session, architecture) = on_machine(network);
    let flow = session.lower(&architecture).expect("the file is fine");
    bencher.bench(|| estimate(black_box(&flow)).expect("positive totals").totals);
}

/// Lowering and costing a parsed network on a machine.
#[divan::bench(args = ON_MACHINES)]
fn parsed_network_on_machine(bencher: Bencher<'_, '_>, network: &str) {
    let (mut session, architecture) = on_machine(network);
    bencher.bench_local(move || {
        let flow = session.lower(black_box(&architecture)).expect("the file is fine");
        estimate(&flow).expect("positive totals").totals
    });
}

/// Running a compiled plan with other values at its leaves.
#[divan::bench(args = NETWORKS)]
fn plan_run(bencher: Bencher<'_, '_>, network: &str) {
    let (mut session, architecture) = parsed(network);
    let design = session.lower(&architecture).expect("the file is fine");
    let plan = Plan::compile(&design);
    let values = plan.stated_si();
    let mut scratch = Scratch::default();
    bencher.bench_local(|| plan.run(black_box(&values), &mut scratch));
}

/// Running a plan in which the resistance of the devices is open, so that every crossbar is solved again in each run.
#[divan::bench(args = NETWORKS)]
fn open_plan_run(bencher: Bencher<'_, '_>, network: &str) {
    let (mut session, architecture) = parsed(network);
    let design = session.lower(&architecture).expect("the file is fine");
    let plan = Plan::open(&design, &["sot-mram-50x30.r-low"]).expect("its devices");
    let mut values = plan.stated_si();
    let mut scratch = Scratch::default();
    bencher.bench_local(|| {
        values[plan.opened()[0]] *= 1.000_001;
        plan.run(black_box(&values), &mut scratch)
    });
}

/// Solving the tiles of all crossbars anew: what another tile size costs besides [`lower_compile_run`].
#[divan::bench(args = NETWORKS)]
fn cold_tiles(bencher: Bencher<'_, '_>, network: &str) {
    let (mut session, architecture) = parsed(network);
    let design = session.lower(&architecture).expect("the file is fine");
    let crossbars = design.layers.iter().filter_map(|layer| tile_places(&design, layer.circuits.crossbar));
    let places: Vec<TilePlace> = crossbars.flatten().filter(|(_, count)| *count > 0).map(|(place, _)| place).collect();
    bencher.bench(|| places.iter().map(|place| solve_cold(black_box(place)).mutual.si()).sum::<f64>());
}

/// Lowering, compiling and running a parsed file: what another tile size costs while the solutions of its crossbars are known.
#[divan::bench(args = NETWORKS)]
fn lower_compile_run(bencher: Bencher<'_, '_>, network: &str) {
    let (mut session, architecture) = parsed(network);
    bencher.bench_local(|| {
        let design = session.lower(black_box(&architecture)).expect("the file is fine");
        Plan::compile(&design).as_stated()
    });
}

/// A chip of 168 x 12 x 8 crossbars that has been read: power, area and operations of all levels.
#[divan::bench]
fn machine_of_isaac(bencher: Bencher) {
    let mut session = Session::default();
    let design = session.design(Path::new("builtin:arch/isaac.yaml")).expect("shipped");
    let machine = design.machine.as_ref().expect("levels");
    bencher.bench(|| MachineCosts::of(black_box(machine)).expect("a machine"));
}
