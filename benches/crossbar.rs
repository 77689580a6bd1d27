//! `cargo bench --bench crossbar`: the crossbar solver, factorisation included, to 1e-12 relative residual on one core.

#![allow(clippy::expect_used, reason = "a benchmark stops where it fails")]
#![allow(missing_docs, reason = "benchmarks are not a library")]

use divan::{Bencher, black_box};
use imcost::model::crossbar::nodal::{Solver, TOLERANCE};
use random_crossbar::{crossbar, wiring};

#[path = "../tests/random_crossbar/mod.rs"]
mod random_crossbar;

fn main() {
    divan::main();
}

/// Growth with the size, segments of 1 ohm.
#[divan::bench(args = [32, 64, 128, 256, 512])]
fn one_input(bencher: Bencher, size: usize) {
    let (cells, voltages) = crossbar(size, 1);
    bencher.bench(|| {
        let solver = Solver::new(black_box(&cells), &wiring(1.0)).expect("possible values");
        solver.solve(&voltages, TOLERANCE).expect("convergence")
    });
}

/// The hardest of the reference cases, grown: segments of 13.8 ohm.
#[divan::bench(args = [128, 512])]
fn one_input_thin_wires(bencher: Bencher, size: usize) {
    let (cells, voltages) = crossbar(size, 1);
    bencher.bench(|| {
        let solver = Solver::new(black_box(&cells), &wiring(13.8)).expect("possible values");
        solver.solve(&voltages, TOLERANCE).expect("convergence")
    });
}

#[divan::bench]
fn sixty_four_inputs_on_128(bencher: Bencher) {
    let (cells, voltages) = crossbar(128, 64);
    bencher.bench(|| {
        let solver = Solver::new(black_box(&cells), &wiring(1.0)).expect("possible values");
        solver.solve_all(&voltages, TOLERANCE).expect("convergence")
    });
}
