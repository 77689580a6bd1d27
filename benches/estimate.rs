//! How long an estimate takes: from the files, and from the parsed file.
//!
//! `cargo bench`; read the column "fastest".
#![allow(missing_docs, clippy::expect_used)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use divan::{Bencher, black_box};
use imcost::cost::estimate;
use imcost::session::{ReadArchitecture, Session};

fn main() {
    divan::main();
}

const SMALL: &str = "builtin:arch/mlp-784-16-10-mixed.yaml";
const LARGE: &str = "builtin:arch/mlp-400-120-84-10-mixed.yaml";

/// The mixed-signal architecture with 50 layers, written beside the build's other output.
fn fifty_layers() -> PathBuf {
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
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("techlib/sot-mram-14nm.yaml");
    let text = format!("{head}{layers}weights:{tail}")
        .replace("../techlib/sot-mram-14nm.yaml", &library.display().to_string());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fifty-layers.yaml");
    std::fs::write(&path, text).expect("target folder is writable");
    path
}

const NETWORKS: [&str; 3] = ["784-16-10", "400-120-84-10", "50 layers"];

fn path(network: &str) -> PathBuf {
    match network {
        "784-16-10" => SMALL.into(),
        "400-120-84-10" => LARGE.into(),
        _ => fifty_layers(),
    }
}

fn parsed(path: &Path) -> (Session, ReadArchitecture) {
    let mut session = Session::default();
    let architecture = session.architecture(path).expect("the file is fine");
    (session, architecture)
}

/// Reading architecture and library, lowering and costing.
#[divan::bench(args = NETWORKS)]
fn files_to_result(bencher: Bencher<'_, '_>, network: &str) {
    let path = &path(network);
    bencher.bench(|| {
        let mut session = Session::default();
        let flow = session.design(black_box(path)).expect("the file is fine");
        estimate(&flow).expect("positive totals").totals
    });
}

/// Lowering and costing a parsed file.
#[divan::bench(args = NETWORKS)]
fn parsed_file_to_result(bencher: Bencher<'_, '_>, network: &str) {
    let path = &path(network);
    let (mut session, architecture) = parsed(path);
    bencher.bench_local(move || {
        let flow = session.lower(black_box(&architecture)).expect("the file is fine");
        estimate(&flow).expect("positive totals").totals
    });
}

/// Costing a design.
#[divan::bench(args = NETWORKS)]
fn cost_alone(bencher: Bencher<'_, '_>, network: &str) {
    let path = &path(network);
    let (mut session, architecture) = parsed(path);
    let flow = session.lower(&architecture).expect("the file is fine");
    bencher.bench(|| estimate(black_box(&flow)).expect("positive totals").totals);
}
