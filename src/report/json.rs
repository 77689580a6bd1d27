//! A result as JSON.

use serde_json::Value;

pub use crate::results::FORMAT_VERSION;

/// Writes a value with line breaks.
#[must_use]
pub fn write(value: &Value) -> String {
    format!("{value:#}\n")
}
