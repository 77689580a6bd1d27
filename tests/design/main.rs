//! What lowering makes of an architecture: which circuits there are, how many, and what they are refused for. Everything that is expected
//! here is counted by hand in the comments.
//!
//! The components are those of `tests/data/round-numbers`.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod circuits;
mod counts;
mod imperfections;
mod refused;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use imcost::design::{Design, Node, Signal};
use imcost::diagnostic::render::render_all;
use imcost::session::Session;

/// Lowers an architecture that is written without its first two lines.
fn lowered(architecture: &str) -> (Option<Design>, String) {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("design");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{}-{}.yaml", std::process::id(), FILES.fetch_add(1, Ordering::Relaxed)));
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/round-numbers/library.yaml");
    fs::write(&path, format!("name: a test\ntechnology: {}\n{architecture}", library.display())).unwrap();
    let mut session = Session::default();
    let design = session.design(&path);
    fs::remove_file(&path).unwrap();
    let said = render_all(&session.diagnostics, &session.sources, false) + &format!("{:?}", session.findings(&[]));
    (design.ok(), said)
}

#[track_caller]
fn design(architecture: &str) -> Design {
    let (design, said) = lowered(architecture);
    design.unwrap_or_else(|| panic!("{said}"))
}

/// What is said to a design that is refused.
#[track_caller]
fn refused(architecture: &str) -> String {
    let (design, said) = lowered(architecture);
    assert!(design.is_none(), "accepted: {architecture}\n{said}");
    said
}

fn node<'a>(design: &'a Design, name: &str) -> &'a Node {
    let found = design.nodes().find(|(_, node)| node.name() == name);
    found.unwrap_or_else(|| panic!("no {name}")).1
}

const ANALOG: &str = "
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 32, columns: 32 }
stages: { input: [driver], column: [amplifier, neuron] }
statistics: { active-rows: 25%, low-resistance: 50% }
";

/// One layer of 32 inputs and 8 outputs on one tile of 64 x 32 of pairs, unless the text says otherwise.
fn one_layer(features: &str, outputs: u64, input: &str, column: &str) -> String {
    format!(
        "network: {{ input: {{ {features} }}, layers: [{{ name: only, dense: {outputs} }}] }}
weights: {{ bits: 1, encoding: differential, bias: none }}
tile: {{ crossbar: crossbar, rows: 32, columns: 32 }}
stages: {{ input: [{input}], column: [{column}] }}
statistics: {{ active-rows: 25%, low-resistance: 50% }}
"
    )
}

/// What a stage gives.
fn given(design: &Design, name: &str) -> Signal {
    let (index, _) = design.nodes().find(|(_, node)| node.name() == name).unwrap();
    design.graph[design.graph.first_edge(index, petgraph::Direction::Outgoing).unwrap()]
}

fn counts(node: &Node) -> (u64, u64, u64) {
    (node.units, node.operations, node.rounds)
}
