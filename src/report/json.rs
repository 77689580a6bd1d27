//! A result as JSON.

use serde_json::Value;

/// The version of every JSON result; it changes when a key is renamed, removed or changes its meaning.
pub const FORMAT_VERSION: u32 = 1;

/// Writes a value with line breaks.
#[must_use]
pub fn write(value: &Value) -> String {
    format!("{value:#}\n")
}
