//! The design for the shipped digits that tests compare with computations of their own.

use std::path::Path;

use imcost::design::Design;
use imcost::session::Session;

pub const NO_WORDS: &str = "stages.column=[ideal-difference-amplifier, sot-mram-neuron]";
pub const NO_DAC: &str = "network.layers.output.stages.input=[]";
pub const SINGLE: [&str; 2] = [
    "tile.crossbar=single-crossbar",
    "stages.column=[current-adc-5b, partial-sum-adder, subtractor, digital-sigmoid, register]",
];

/// The design of `tests/data/digits/base.yaml` with these settings.
pub fn design(settings: &[&str]) -> Design {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/digits/base.yaml");
    let mut session = Session::with_settings(settings);
    let design = session.design(&path);
    let said: Vec<&String> = session.diagnostics.iter().map(|d| &d.message).collect();
    design.unwrap_or_else(|_| panic!("{said:?}"))
}
