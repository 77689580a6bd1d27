//! imcost estimates power, latency, energy and area of in-memory-computing hardware from an architecture written in YAML.
//!
//! ```
//! use imcost::cost::{Plan, Scratch, explain};
//! use imcost::{Checked, Memory, Session};
//!
//! /// One layer of 4 inputs and 2 outputs on one tile, whose columns are read by amplifiers.
//! const ARCHITECTURE: &str = "
//! name: a small layer
//! technology: library.yaml
//! network: { input: { features: 4 }, layers: [{ name: only, dense: 2 }] }
//! weights: { bits: 1, encoding: differential, bias: none }
//! tile: { crossbar: crossbar, rows: 4, columns: 2 }
//! stages: { input: [driver], column: [amplifier] }
//! statistics: { active-rows: 50%, low-resistance: 50% }
//! ";
//!
//! const LIBRARY: &str = "
//! name: round numbers
//! devices:
//!   device: { type: sot-mram, r-low: 10 kohm, r-high: 40 kohm, source: made up, basis: modelled }
//! components:
//!   crossbar:
//!     { kind: crossbar, device: device, cell: { devices: 2, width: 0.5 um, height: 1 um }, read-voltage: 1 V,
//!       max-rows: 64, max-columns: 64, latency: 1 ns, source: made up, basis: modelled }
//!   driver: { kind: row-driver, power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
//!   amplifier:
//!     { kind: amplifier, differential: true, static-power: 10 uW, latency: 2 ns, area: 5 um^2, source: made up, basis: modelled }
//! ";
//!
//! let files = Memory::default().with("layer.yaml", ARCHITECTURE).with("library.yaml", LIBRARY);
//! let mut session = Session::default().reading(files.over_standard());
//! let design = session.design("layer.yaml".as_ref())?;
//! let estimate = session.estimate(&design)?;
//! let totals = estimate.totals;
//! // Driver, crossbar and amplifier one after another.
//! assert_eq!(totals.latency.eng(3), "4.00 ns");
//! // 4 drivers, 4 x 2 cells of 0.5 um^2, 2 amplifiers.
//! assert_eq!(totals.area.eng(3), "18.0 um^2");
//!
//! // Its numbers are a plan. What is opened of them can be changed at will: a run takes a microsecond, and longer where circuits are solved.
//! let plan = Plan::open(&design, &["amplifier.latency", "device.r-low"]).expect("both are numbers of the library");
//! let mut values = plan.stated_si();
//! values[plan.opened()[0]] /= 2.0;
//! values[plan.opened()[1]] *= 2.0;
//! let changed = plan.run(&values, &mut Scratch::default());
//! assert_eq!(changed.latency.eng(3), "3.00 ns");
//! assert!(changed.energy < totals.energy);
//!
//! // A result is a sum of terms that are products of stated numbers, each with its source.
//! let latency = explain(&estimate, "latency", &session.sources).expect("every design has a latency");
//! assert_eq!(latency.terms.len(), 3);
//! assert_eq!(latency.terms[0].share, 0.5);
//!
//! // What is wrong with a file is found whole, and there is no design: here a unit and a name.
//! let wrong = LIBRARY.replace("latency: 2 ns", "latency: 2 nm").replace("power: 1 uW", "pwer: 1 uW");
//! let files = Memory::default().with("layer.yaml", ARCHITECTURE).with("library.yaml", wrong);
//! let mut session = Session::default().reading(files.over_standard());
//! assert!(session.design("layer.yaml".as_ref()).is_err());
//! let said = session.rendered();
//! assert!(said.contains("did you mean `power`?") && said.contains("library.yaml:11"), "{said}");
//! # Checked::Ok(())
//! ```
//!
//! The way through the crate, each step one room:
//!
//! ```text
//! files ──▶ yaml, spec ── what a person writes ──▶ techlib ── numbers with their sources ──▶ design ──▶ cost ──▶ report
//! ```
//!
//! [`Session`] goes from a path to a [`Design`] and its [`cost::Estimate`], and keeps what is found on the way: each step returns a value or
//! the [`Reported`] error. The binary is a thin shell over these calls.
//!
//! # Features
//!
//! `cli` (default) is the program and takes the others with it. `infer` is accuracy, whole-circuit simulation and studies; `report` writes
//! results as tables, CSV and Markdown; `onnx` reads networks from ONNX files. Without any the crate reads, lowers, plans, estimates, compares and explains.

#![warn(missing_docs)]
// Same input, same bits, on every machine; tests compare with tolerances.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

/// The README's example compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod cases;
pub mod catalog;
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
#[cfg(feature = "onnx")]
pub mod onnx;
#[cfg(feature = "report")]
pub mod report;
pub mod results;
pub mod session;
pub mod spec;
pub mod techlib;
pub mod units;
pub mod workload;
pub mod yaml;

pub use design::Design;
pub use diagnostic::{Checked, Reported};
pub use files::{Files, Memory};
pub use session::Session;
