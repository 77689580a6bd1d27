//! What the commands find out, as owned values: the JSON of a command is one of these, written out, and its schema follows from it.
//!
//! All numbers are in SI base units, the unit in each key; a reader's formatting is in [`report`](crate::report).

pub mod explanation;

pub use explanation::Explanation;

/// Changes with every change of a key that a program may rely on.
pub const FORMAT_VERSION: u32 = 1;
