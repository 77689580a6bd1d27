//! `cargo bench --bench neuron`: the neuron model.

#![allow(clippy::expect_used, reason = "a benchmark stops where it fails")]
#![allow(missing_docs, reason = "benchmarks are not a library")]

use divan::{Bencher, black_box};
use imcost::model::neuron::{Load, Neuron, NeuronParameters};
use imcost::model::transistor::{Outside, ProcessNode};
use imcost::units::{Capacitance, Resistance, Voltage};

fn main() {
    divan::main();
}

fn nominal() -> Neuron {
    let parameters = NeuronParameters {
        r_low: Resistance::new(8_488.263_631_567_752),
        r_high: Resistance::new(25_464.790_894_703_256),
        tmr_v0: Some(Voltage::new(0.65)),
        fins: 10,
        node: ProcessNode::Nm14,
        vdd: Voltage::new(0.8),
        offset: Voltage::new(0.4),
    };
    Neuron::new(parameters, Outside::Refuse).expect("in range")
}

/// 100 points, the tables read.
#[divan::bench]
fn transfer_curve_of_100_points(bencher: Bencher) {
    let neuron = nominal();
    bencher
        .bench(|| black_box(&neuron).curve(Voltage::new(-0.8)..=Voltage::new(0.8), 100, Load::Open).expect("in range"));
}

#[divan::bench]
fn step_response_into_10_ff(bencher: Bencher) {
    let neuron = nominal();
    bencher.bench(|| {
        let (from, to) = (Voltage::new(-0.8), Voltage::new(0.8));
        black_box(&neuron).step_response(from, to, Load::Open, Capacitance::new(10e-15)).expect("in range")
    });
}

/// Reading a table of transistors, as the first neuron of a run does.
#[divan::bench]
fn reading_a_transistor_table() -> imcost::model::transistor::Transistors {
    imcost::model::transistor::Transistors::read(ProcessNode::Nm14)
}
