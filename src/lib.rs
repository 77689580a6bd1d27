//! imcost estimates power, latency, energy and area of in-memory-computing hardware from an architecture written in YAML.
//!
//! The way through the crate, each step one room:
//!
//! ```text
//! yaml, spec ── what a person writes ──▶ techlib ── numbers with their sources ──▶ dataflow ──▶ cost ──▶ report
//! ```
//!
//! [`session::Session`] goes from a path to a [`dataflow::Dataflow`], [`cost::estimate()`] from there to numbers. The binary is a thin shell
//! ([`cli`]) over these calls.
//!
//! ```no_run
//! let mut session = imcost::session::Session::default();
//! if let Some(flow) = session.dataflow("arch/mlp-784-16-10-analog.yaml".as_ref()) {
//!     println!("{}", imcost::cost::estimate(&flow).totals.energy);
//! }
//! ```

#![warn(missing_docs)]

pub mod accuracy;
pub mod builtin;
pub mod cases;
pub mod cli;
pub mod cost;
pub mod crossbar_files;
pub mod dataflow;
pub mod dataset;
pub mod diagnostic;
pub mod inference;
pub mod matrix_file;
mod memo;
pub mod model;
pub mod report;
pub mod session;
pub mod simulation;
pub mod spec;
pub mod study;
pub mod sweep;
pub mod techlib;
pub mod units;
pub mod weights;
pub mod yaml;
