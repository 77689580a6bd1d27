//! Errors for a reader who knows the physics and not the program.

use super::dimension::{Dimension, with_article};
use std::fmt;
use std::ops::Range;

/// Text that is not a quantity or a formula, or a formula that has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The bytes of the input that are at fault; they always lie on character boundaries.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, when that is known.
    pub help: Option<String>,
    /// The name nobody defined, so that a caller who knows the names can suggest one.
    pub name: Option<String>,
}

impl ParseError {
    /// An error without help.
    pub fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None, name: None }
    }

    /// The same error with advice.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error when the text begins `offset` bytes into a longer one.
    pub fn shifted(mut self, offset: usize) -> Self {
        self.range = self.range.start + offset..self.range.end + offset;
        self
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ParseError {}

/// A quantity of another kind than the one asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DimensionMismatch {
    /// The name of the kind asked for, such as `power`.
    pub expected: &'static str,
    /// The dimension there was.
    pub found: Dimension,
}

impl fmt::Display for DimensionMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = with_article(self.expected);
        write!(f, "expected {expected}, found {}", self.found.phrase())
    }
}

impl std::error::Error for DimensionMismatch {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_names_both_kinds() {
        let error = DimensionMismatch { expected: "energy", found: Dimension::POWER };
        assert_eq!(error.to_string(), "expected an energy, found a power");
    }

    #[test]
    fn a_shifted_error_points_into_the_longer_text() {
        assert_eq!(ParseError::new(1..3, "m").shifted(10).range, 11..13);
    }
}
