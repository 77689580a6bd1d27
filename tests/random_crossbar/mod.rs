//! Crossbars for tests and benchmarks.

use imcost::model::crossbar::nodal::{Cells, Wiring};

/// Random bits in devices of 8.488 and 25.46 kohm and voltages of 0 to 0.8 V, the same in every run.
pub fn crossbar(size: usize, inputs: usize) -> (Cells, Vec<f64>) {
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

/// Equal segments of rows and columns between ideal sources and virtual grounds.
pub fn wiring(segment_ohm: f64) -> Wiring {
    Wiring { row_segment_ohm: segment_ohm, column_segment_ohm: segment_ohm, source_ohm: 0.0, termination_ohm: 0.0 }
}
