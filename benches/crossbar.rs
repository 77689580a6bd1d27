//! `cargo bench --bench crossbar`: the crossbar solver, factorisation included, to 1e-12 relative residual on one core.

#![allow(clippy::expect_used, reason = "a benchmark stops where it fails")]
#![allow(missing_docs, reason = "benchmarks are not a library")]

use divan::{Bencher, black_box};
use imcost::model::crossbar::nodal::{Cells, Solver, TOLERANCE, Wiring};

fn main() {
    divan::main();
}

/// Random bits in devices of 8.488 and 25.46 kohm and voltages of 0 to 0.8 V, the same in every run.
fn crossbar(size: usize, inputs: usize) -> (Cells, Vec<f64>) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let conductances_s = (0..size * size).map(|_| 1.0 / if random() < 0.5 { 8_488.26 } else { 25_464.79 }).collect();
    (Cells { rows: size, columns: size, conductances_s }, (0..size * inputs).map(|_| 0.8 * random()).collect())
}

fn wiring(segment_ohm: f64) -> Wiring {
    Wiring { row_segment_ohm: segment_ohm, column_segment_ohm: segment_ohm, source_ohm: 0.0, termination_ohm: 0.0 }
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
