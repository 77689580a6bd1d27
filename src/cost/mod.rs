//! The cost engine: writes the numbers of a design down as one graph, runs it, and adds up area, power, energy and time.
//!
//! For a group of n identical units that perform m operations per inference, r of them one after another in the busiest unit:
//!
//! - time = (r - 1) / rate + latency of one operation; without a rate r x latency (r = ceil(m / n) where the units are equally loaded);
//! - energy = m x energy per operation + n x static power x powered time. `power` is drawn while a unit works: m x power / rate (or x
//!   latency), and as long as it must hold its output;
//! - area = n x area per unit;
//! - powered time: with `gating: always-on` the time from one inference to the next, for `power` and `static-power` alike; with `gating:
//!   per-stage` from the first operation until whatever lives on the output has taken it: an analog output until a sample-and-hold or an ADC
//!   has taken the value, else as long as the output of the group that it feeds is needed; the word of a register until those that take it
//!   have worked on it.
//!
//! Of the whole design:
//!
//! - latency = the longest path through the graph. Bit-serial reads follow one another after the time of the slowest segment between two
//!   circuits that hold a value; segments overlap from read to read ([`plan`]);
//! - initiation interval = with `pipelined: true` the longest such segment over all reads, and no less than any output is needed, else the
//!   latency;
//! - power = energy of one inference / time from one inference to the next; peak power = the largest sum of what is on at one moment, an
//!   operation's energy spread evenly over its time;
//! - one multiply-accumulate counts as two operations in TOPS/W and TOPS/mm^2.
//!
//! [`plan`] has the numbers, [`estimate()`] the cost of each group and the totals, [`breakdown`] the shares and [`mod@compare`] the ratios;
//! [`mod@findings`] says what of a design its author should know.

pub mod amplifier;
pub mod breakdown;
pub mod cite;
pub mod compare;
pub mod drive;
pub mod estimate;
pub mod explain;
pub mod findings;
pub mod machine;
pub mod placed;
pub mod plan;
pub mod tile;
pub mod totals;
pub mod verdict;

pub use breakdown::{Breakdown, Line};
pub use compare::{Comparison, compare};
pub use estimate::{Estimate, GroupCost, NoEstimate, estimate};
pub use explain::{UnknownResult, explain};
pub use findings::findings;
pub use plan::{Plan, Scratch};
pub use totals::{AssumedShare, NoPhysicalTotal, Totals};
