//! imcost estimates power, latency, energy and area of in-memory-computing hardware from an architecture written in YAML.
//!
//! The way through the crate, each step one room:
//!
//! ```text
//! yaml, spec ── what a person writes ──▶ techlib ── numbers with their sources ──▶ dataflow ──▶ cost ──▶ report
//! ```
//!
//! [`session::Session`] goes from a path to a [`design::Design`], [`cost::estimate()`] from there to numbers. The binary is a thin shell
//! ([`cli`]) over these calls.
//!
//! ```no_run
//! let mut session = imcost::session::Session::default();
//! if let Some(flow) = session.dataflow("arch/mlp-784-16-10-analog.yaml".as_ref()) {
//!     println!("{}", imcost::cost::estimate(&flow).totals.energy);
//! }
//! ```

#![warn(missing_docs)]

pub mod cases;
#[cfg(feature = "cli")]
pub mod cli;
pub mod cost;
pub mod design;
pub mod diagnostic;
#[cfg(feature = "infer")]
pub mod explore;
pub mod files;
#[cfg(feature = "infer")]
pub mod infer;
mod memo;
pub mod model;
#[cfg(feature = "report")]
pub mod report;
pub mod results;
pub mod session;
pub mod spec;
pub mod techlib;
pub mod units;
pub mod yaml;
