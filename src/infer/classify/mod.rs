//! Inference of a network on crossbars: which class each picture is given, with devices and circuits as they are.
//!
//! For a layer of N inputs (and a bias row, an input that is always 1), all quantities in SI units:
//!
//! 1. a weight is a pair of devices, `G± = G_high + (G_low - G_high) · max(±w, 0) / w_max`, where `G_low` and `G_high` are the
//!    conductances of the low- and the high-resistance state, and `w_max` is the weight that takes a device's full range ([`devices`]);
//! 2. the columns carry `I_j = Σ_i V_i (G+_ij - G-_ij)`, `V_i = V_read · a_i`; in units of the weights that is
//!    `z_j = I_j · w_max / (V_read · dG)`, where `dG` is the difference that the gain of the column circuits is set for;
//! 3. the neuron's argument is `u_j = k · z_j`, k the gain that the network was trained with; its output is `a_j = 1 / (1 + exp(-u_j))`, or what
//!    the neuron's circuit makes of it ([`neuron`]);
//! 4. the class is the largest `u_j` of the last layer, the first of those that are equal to it within 1e-9 of the largest magnitude. A rising activation there would not change the order.
//!
//! Where words are converted before partial sums, bit slices or input bits have met, step 2 is made of several [`Read`]s, each with its own
//! quantisation ([`quantiser`]). [`kernel`] has the inner loops, [`patterns`] what binary inputs make possible.

mod block;
pub mod devices;
pub mod input;
pub mod kernel;
pub mod layer;
pub mod neuron;
pub mod normal;
pub mod patterns;
mod probe;
pub mod quantiser;
mod read;
pub mod rows;
mod run;
pub mod sums;

pub use layer::{Read, SignedLayer};
pub use run::{DrawScratch, Outcome, PreparedNetwork};
