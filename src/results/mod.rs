//! What the commands find out, as owned values: the JSON of a command is an [`Answer`] with one of these, written out, and its schema follows from it.
//!
//! All numbers are in SI base units, the unit in each key; a reader's formatting is in `report`.

#[cfg(feature = "infer")]
pub mod accuracy;
pub mod answer;
pub mod bibliography;
pub mod check;
pub mod comparison;
pub mod conversion;
pub mod converter;
pub mod crossbar;
pub mod explanation;
pub mod figure;
pub mod finding;
pub mod library;
pub mod machine;
pub mod network;
pub mod neuron;
pub mod ranking;
pub mod report;
#[cfg(feature = "infer")]
pub mod simulation;
#[cfg(feature = "infer")]
pub mod study;
pub mod totals;
pub mod validation;
pub mod verdict;
#[cfg(feature = "infer")]
pub mod words;

pub use answer::{Answer, CommandResult};
pub use comparison::ComparisonResult;
pub use explanation::{Explanation, ExplanationResult};
pub use finding::{Finding, FindingRule, Findings};
pub use report::ReportResult;
pub use totals::TotalsResult;

/// The version of every JSON result; it changes when a key is renamed, removed or changes its meaning.
pub const FORMAT_VERSION: u32 = 1;
