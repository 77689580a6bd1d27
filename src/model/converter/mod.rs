//! Analog-to-digital converters that nobody has named: what one of so many bits, at such a rate and node, can be expected to cost.
//!
//! [`regression`] is the published fit to the survey of measured converters, which a library entry asks for with `model: adc-survey`; [`others`]
//! are the formulas and points of other programs, which differ from it by two orders of magnitude; [`measured`] are converters of silicon. What a
//! column asks of its converter is in [`mod@column`] and [`loading`].

pub mod column;
pub mod loading;
pub mod measured;
pub mod others;
pub mod points;
pub mod regression;

use crate::units::{Area, Energy, Frequency, Length};

/// No measured converter has more effective bits.
pub const MOST_BITS: u32 = 20;

/// What is asked of a converter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WantedConverter {
    /// Effective bits.
    pub bits: f64,
    /// Conversions a second.
    pub rate: Frequency,
    /// Technology node.
    pub node: Length,
}

/// What a converter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConverterCost {
    /// All energy of a conversion, with what leaks in its time.
    pub energy: Energy,
    /// Area, where the model gives one.
    pub area: Option<Area>,
}
