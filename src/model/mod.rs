//! Physics and circuit models: from geometry and device values to resistance, capacitance, power and time. No YAML, no graphs.

pub mod amplifier;
pub mod crossbar;
pub mod network;
pub mod wire;
