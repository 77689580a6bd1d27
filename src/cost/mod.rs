//! The cost engine: walks a dataflow and adds up area, power, energy and time.
//!
//! For a group of n identical units that perform m operations per inference, r of them one after another in the busiest unit:
//!
//! - time = r × latency per operation (r = ceil(m / n) where the units are equally loaded);
//! - energy = m × energy per operation + n × static power × powered time;
//! - area = n × area per unit;
//! - powered time: the whole inference with `gating: always-on`; with `gating: per-stage` the group's own time and, as long as its analog
//!   output is not held by anything, the time of the groups that live on it (a crossbar must stay on until its columns are sampled
//!   or converted).
//!
//! Of the whole design:
//!
//! - latency = the longest path through the graph;
//! - initiation interval = the longest stretch between two groups that hold a value (registers, sample-and-holds) where
//!   `pipelined: true`, else the latency;
//! - power = energy of one inference / latency; peak power = the largest sum of what is on at one moment, an operation's energy spread evenly
//!   over its time;
//! - one multiply-accumulate counts as two operations in TOPS/W and TOPS/mm².
//!
//! [`node`] has the cost of a group, [`schedule`] the times, [`estimate()`] the totals, [`breakdown`] the shares and [`mod@compare`] the ratios.

pub mod breakdown;
pub mod compare;
pub mod drive;
pub mod estimate;
pub mod node;
pub mod schedule;
mod wires;

use crate::design::Design;
use crate::diagnostic::Diagnostics;

pub use breakdown::{Breakdown, Line};
pub use compare::{Comparison, compare};
pub use estimate::{Estimate, Totals, estimate};
pub use node::NodeCost;

/// Warns of what the circuits of a design cannot do and its models cannot say.
pub fn warn_of_circuits(flow: &Design, diagnostics: &mut Diagnostics) {
    drive::warn_of_loading(flow, diagnostics);
    wires::warn_of_unsolved(flow, diagnostics);
}
