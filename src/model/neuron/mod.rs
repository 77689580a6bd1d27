//! The SOT-MRAM neuron: two magnetic tunnel junctions and a CMOS inverter.
//!
//! The input, lifted by a level shift, drives the gate of the inverter through a junction in its parallel state (`R_low`); a junction in its
//! antiparallel state (`R_high`) leads from the gate to the output. With `a` the lifted input, `g` the gate and `o` the output, Kirchhoff's
//! current law reads
//!
//! - at the gate: `(a - g) / R_low = i_high(g - o) + i_gates(g)`, the last next to nothing unless the gate is driven beyond 1 V;
//! - at the output: `i_high(g - o) + fins · (i_p - i_n) = i_load`, with `i_p` the current of a p-channel fin from VDD and `i_n` that of an n-channel
//!   fin to ground.
//!
//! For a given output the first has one solution (a divider, bent where the antiparallel resistance depends on bias and where the gates conduct). What
//! the output then delivers falls with its voltage, so the second has one solution too: Newton steps inside a bracket
//! that only shrinks find it.

pub mod bench;
pub mod characteristics;
mod circuit;
pub mod curve;
pub mod delivery;
pub mod description;
pub mod in_place;
pub mod logistic;
mod parameters;
pub mod transient;

pub use circuit::{Delivery, Load, Neuron, NeuronError, OperatingPoint};
pub use description::NeuronDescription;
pub use parameters::{NeuronParameters, ParameterError};
