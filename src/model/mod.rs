//! Physics and circuit models: from geometry and device values to resistance, capacitance, power and time. No YAML, no graphs.

pub mod amplifier;
pub mod converter;
pub mod crossbar;
pub mod dense;
pub mod driver;
pub mod imperfections;
pub mod mtj;
pub mod network;
pub mod neuron;
pub mod scaling;
pub mod transistor;
pub mod wire;
