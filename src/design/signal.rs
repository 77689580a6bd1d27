//! What flows along an edge, and what each kind of component takes and gives.

use std::fmt;

pub use crate::catalog::Domain;
use crate::catalog::{Gives, Takes};
use crate::techlib::{Component, Kind, Library};

/// What flows along an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// Its form.
    pub domain: Domain,
    /// Bits of a word; 0 for an analog signal.
    pub bits: u32,
    /// Lines side by side; a pair counts as one.
    pub lanes: u64,
    /// True if each lane is a pair, the positive and the negative column.
    pub paired: bool,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x ", self.lanes)?;
        match self.domain {
            Domain::Word => write!(f, "{} bit", self.bits)?,
            Domain::Voltage => f.write_str("voltage")?,
            Domain::Current => f.write_str("current")?,
            Domain::Pulse => f.write_str("pulse")?,
        }
        if self.paired { f.write_str(" pair") } else { Ok(()) }
    }
}

/// The domain that a component takes, or none if it takes either analog one.
#[must_use]
pub fn takes(component: &Component) -> Option<Domain> {
    let stated = component.takes;
    match component.kind.entry().takes {
        Takes::Always(domain) => Some(domain),
        Takes::Usually(domain) => Some(stated.unwrap_or(domain)),
        Takes::Any => stated,
    }
}

/// The domain that a component gives when this one arrives.
#[must_use]
pub fn gives(component: &Component, arriving: Domain) -> Domain {
    match component.kind.entry().gives {
        Gives::Always(domain) => domain,
        Gives::Same => arriving,
        Gives::Usually(domain) => component.gives.unwrap_or(domain),
        // An array without it is refused.
        Gives::Stated => component.gives.unwrap_or(Domain::Word),
    }
}

/// What of the library would join two ends that differ.
#[must_use]
pub fn what_would_fit(given: Domain, wanted: Domain, library: &Library) -> String {
    let having = |what: &str, condition: &dyn Fn(&Component) -> bool| {
        let names: Vec<&str> = library.names_where(condition).collect();
        if names.is_empty() {
            format!("put {what} between them; {} has none", library.name)
        } else {
            format!("put {what} between them; {} has: {}", library.name, crate::diagnostic::suggest::list(&names))
        }
    };
    match (given, wanted) {
        (Domain::Word, Domain::Voltage) => {
            having("a row driver or a DAC", &|c| matches!(c.kind, Kind::RowDriver | Kind::Dac))
        }
        (Domain::Voltage, Domain::Word) => {
            having("an ADC", &|c| c.kind == Kind::Adc && takes(c) == Some(Domain::Voltage))
        }
        (Domain::Current, Domain::Word) => {
            let direct = |c: &Component| c.kind == Kind::Adc && takes(c) == Some(Domain::Current);
            if library.components.values().any(|c| direct(c)) {
                having("an ADC for currents", &direct)
            } else {
                having("an amplifier and an ADC", &|c| matches!(c.kind, Kind::Adc | Kind::Amplifier))
            }
        }
        (Domain::Current, Domain::Voltage) => having("an amplifier", &|c| c.kind == Kind::Amplifier),
        (_, Domain::Pulse) => "what gives a pulse says so: `gives: pulse` of a DAC, row driver or array".to_owned(),
        (Domain::Pulse, _) => {
            "what takes a pulse says so: `takes: pulse` of an ADC, sample-and-hold or array".to_owned()
        }
        (_, Domain::Current) => "only a crossbar gives a current".to_owned(),
        _ => "take out one of the two".to_owned(),
    }
}
