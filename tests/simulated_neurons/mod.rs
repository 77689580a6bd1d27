//! Neurons as a circuit simulator solved them (`tests/data/neuron/`).

use imcost::model::neuron::NeuronParameters;
use imcost::model::transistor::ProcessNode;
use imcost::units::{Resistance, Voltage};

/// The circuit of the public netlist.
pub const NOMINAL: NeuronParameters = NeuronParameters {
    r_low: Resistance::new(8_488.263_631_567_752),
    r_high: Resistance::new(25_464.790_894_703_256),
    tmr_v0: None,
    fins: 10,
    node: ProcessNode::Nm14,
    vdd: Voltage::new(0.8),
    offset: Voltage::new(0.4),
};

/// The lines of a file, without the names of its columns.
pub fn rows(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/data/neuron/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the data is there");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

pub fn number(row: &[String], column: usize) -> f64 {
    row[column].parse().expect("a number")
}

/// The neuron of a line of `sweep.csv`.
pub fn swept(row: &[String]) -> NeuronParameters {
    let value = |column| number(row, column);
    NeuronParameters {
        r_low: Resistance::new(value(6)),
        r_high: Resistance::new(value(7)),
        tmr_v0: row[8].parse().ok().map(Voltage::new),
        fins: row[3].parse().expect("a count"),
        node: ProcessNode::ALL.into_iter().find(|n| n.nanometres().to_string() == row[2]).expect("a node"),
        vdd: Voltage::new(value(4)),
        offset: Voltage::new(value(5)),
    }
}
