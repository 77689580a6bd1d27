//! Forms of a signal.

use std::fmt;

pub use crate::spec::library::Domain;

impl Domain {
    /// True for what is no digital word.
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
            Self::Pulse => "a pulse",
        })
    }
}
