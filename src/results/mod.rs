//! What the commands find out, as owned values: the JSON of a command is one of these, written out, and its schema follows from it.
//!
//! All numbers are in SI base units, the unit in each key; a reader's formatting is in `report`.

pub mod bibliography;
pub mod comparison;
pub mod explanation;
pub mod finding;
pub mod report;
pub mod totals;

pub use comparison::ComparisonResult;
pub use explanation::Explanation;
pub use finding::{Finding, FindingRule, Findings};
pub use report::ReportResult;
pub use totals::TotalsResult;

/// The version of every JSON result; it changes when a key is renamed, removed or changes its meaning.
pub const FORMAT_VERSION: u32 = 1;
