//! Forms of a signal.

use std::fmt;

/// The form of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// A digital word.
    Word,
    /// An analog voltage.
    Voltage,
    /// An analog current.
    Current,
}

impl Domain {
    /// True for a voltage or a current.
    #[must_use]
    pub fn is_analog(self) -> bool {
        self != Self::Word
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Word => "a digital word",
            Self::Voltage => "an analog voltage",
            Self::Current => "an analog current",
        })
    }
}
