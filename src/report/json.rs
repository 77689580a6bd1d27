//! A result as JSON.

use crate::results::Answer;

/// Writes an answer with line breaks.
#[must_use]
pub fn write(answer: &Answer) -> String {
    // Keys are texts and there is no value that JSON does not know: the error cannot happen.
    serde_json::to_string_pretty(answer).unwrap_or_else(|error| error.to_string()) + "\n"
}
