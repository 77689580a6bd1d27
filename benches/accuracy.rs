//! `cargo bench --bench accuracy`: draws of what is random on the shipped digits. Against NumPy, on MNIST: `tools/against-numpy.py`.
#![allow(missing_docs, clippy::expect_used)]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use divan::{Bencher, black_box};
use imcost::infer::accuracy::{Question, read, run};
use imcost::infer::dataset::Part;
use imcost::session::Session;

fn main() {
    divan::main();
}

/// Reading is not measured; laying out the pictures, the nominal run and the draws are, on one thread.
#[divan::bench(args = [1, 100])]
fn draws_of_500_pictures(bencher: Bencher, draws: usize) {
    let question = Question {
        weights: Vec::new(),
        data: None,
        part: Part::Test,
        images: None,
        draws,
        seed: 1,
        ideal_neuron: true,
        ideal_crossbar: true,
    };
    let mut session = Session::with_settings(&["imperfections.resistance_gaussian=10%"]);
    let flow = session.design(Path::new("builtin:arch/digits-64-32-10-analog.yaml")).expect("shipped");
    let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
    let trained = read(&flow, &question, sources, diagnostics).expect("shipped");
    let threads = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    let stop = AtomicBool::new(false);
    bencher.bench_local(|| {
        threads
            .install(|| run(black_box(&flow), &trained, &question, false, &stop, &|_| {}, diagnostics))
            .expect("runs")
    });
}
