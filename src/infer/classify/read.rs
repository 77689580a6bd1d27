//! What of a layer's columns is converted, or held by the rails of an amplifier, apart.

use std::ops::Range;

use super::input::Plane;
use super::quantiser::Quantiser;

/// One conversion of the columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Rows whose currents meet, the bias among them if it does.
    pub rows: Range<usize>,
    /// Which slice of the weights.
    pub slice: usize,
    /// Which columns of a pair.
    pub lines: Lines,
    /// Which bits of the inputs.
    pub plane: Plane,
    /// What the value counts in the weighted sum.
    pub weight: f64,
    /// The converter, if the value is a word.
    pub adc: Option<Quantiser>,
    /// The largest magnitude of the value, if an amplifier's rails hold it.
    pub limit: Option<f64>,
}

impl Read {
    /// The difference of the columns over this many rows, without a converter.
    #[must_use]
    pub fn whole(rows: usize) -> Self {
        let (lines, plane) = (Lines::Difference, Plane::WHOLE);
        Self { rows: 0..rows, slice: 0, lines, plane, weight: 1.0, adc: None, limit: None }
    }
}

/// Columns of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Their difference.
    Difference,
    /// The positive one alone.
    Positive,
    /// The negative one alone.
    Negative,
}
