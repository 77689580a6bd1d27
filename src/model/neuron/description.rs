//! A neuron as a person describes it: by junction geometry or by resistances, and what follows from the rest.

use super::{NeuronParameters, ParameterError};
use crate::model::mtj;
use crate::model::transistor::Node;
use crate::units::{Fraction, Length, ParseError, Resistance, ResistanceArea, Unit, Voltage};

/// A junction in its parallel state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Junction {
    /// From material and size.
    Geometry {
        /// Resistance-area product.
        ra: ResistanceArea,
        /// Length of the ellipse.
        length: Length,
        /// Width of the ellipse.
        width: Length,
    },
    /// Its resistance.
    Resistance(Resistance),
}

/// The antiparallel state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Contrast {
    /// Tunnel magnetoresistance, 2 for 200 %.
    Tmr(f64),
    /// Its resistance without bias.
    Resistance(Resistance),
}

/// A neuron before it is solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeuronDescription {
    /// The junctions in their parallel state.
    pub junction: Junction,
    /// The antiparallel state of the second one.
    pub contrast: Contrast,
    /// Bias at which half of the tunnel magnetoresistance is left.
    pub tmr_v0: Option<Voltage>,
    /// Fins of each transistor.
    pub fins: u32,
    /// Transistors.
    pub node: Node,
    /// Supply.
    pub vdd: Voltage,
    /// Level shift; half of the supply where it is not stated.
    pub offset: Option<Voltage>,
    /// Inputs are taken as spread evenly between plus and minus this voltage.
    pub input_range: Voltage,
}

/// Why a parameter could not be set.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SetError {
    /// There is no parameter of this name.
    #[error("there is no parameter `{0}`")]
    Unknown(String),
    /// Its value is no quantity of its kind.
    #[error("`{name}`: {error}")]
    Value {
        /// The parameter.
        name: String,
        /// What is wrong.
        error: ParseError,
    },
    /// Its value is a quantity, but not possible.
    #[error("{0}")]
    Range(#[from] ParameterError),
}

impl NeuronDescription {
    /// The parameters that can be set by name.
    pub const NAMES: [&'static str; 11] =
        ["ra", "tmr", "tmr_v0", "mtj_length", "mtj_width", "nfin", "vdd", "v_offset", "r_low", "r_high", "node"];

    /// Sets a parameter from text. A resistance replaces what it would follow from, and the other way round.
    ///
    /// # Errors
    /// If there is no such parameter or the text is no value of it.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), SetError> {
        match name {
            "tmr" => self.contrast = Contrast::Tmr(value::<Fraction>(name, text)?.si()),
            "r_high" => self.contrast = Contrast::Resistance(value(name, text)?),
            "r_low" => self.junction = Junction::Resistance(value(name, text)?),
            "ra" | "mtj_length" | "mtj_width" => self.set_geometry(name, text)?,
            "tmr_v0" if text == "none" => self.tmr_v0 = None,
            "tmr_v0" => self.tmr_v0 = Some(value(name, text)?),
            "nfin" => self.fins = fins(value::<Fraction>(name, text)?.si())?,
            "vdd" => self.vdd = value(name, text)?,
            "v_offset" => self.offset = Some(value(name, text)?),
            "node" => self.node = node(value(name, text)?)?,
            _ => return Err(SetError::Unknown(name.to_owned())),
        }
        Ok(())
    }

    fn set_geometry(&mut self, name: &str, text: &str) -> Result<(), SetError> {
        if let Junction::Resistance(_) = self.junction {
            // The other two are those of the published circuit.
            self.junction = Junction::Geometry {
                ra: ResistanceArea::from_si(10e-12),
                length: Length::from_si(50e-9),
                width: Length::from_si(30e-9),
            };
        }
        if let Junction::Geometry { ra, length, width } = &mut self.junction {
            match name {
                "ra" => *ra = value(name, text)?,
                "mtj_length" => *length = value(name, text)?,
                _ => *width = value(name, text)?,
            }
        }
        Ok(())
    }

    /// What follows from it.
    #[must_use]
    pub fn parameters(&self) -> NeuronParameters {
        let r_low = match self.junction {
            Junction::Geometry { ra, length, width } => mtj::parallel_resistance(ra, length, width),
            Junction::Resistance(resistance) => resistance,
        };
        let r_high = match self.contrast {
            Contrast::Tmr(tmr) => Resistance::from_si(r_low.si() * (1.0 + tmr)),
            Contrast::Resistance(resistance) => resistance,
        };
        NeuronParameters {
            r_low,
            r_high,
            tmr_v0: self.tmr_v0,
            fins: self.fins,
            node: self.node,
            vdd: self.vdd,
            offset: self.offset.unwrap_or(self.vdd * 0.5),
        }
    }
}

/// The node of this size.
///
/// # Errors
/// If there is no table of its transistors.
pub fn node(size: Length) -> Result<Node, ParameterError> {
    let known = Node::ALL.into_iter().find(|n| (size.si() * 1e9 - f64::from(n.nanometres())).abs() < 1e-6);
    known.ok_or_else(|| ParameterError {
        name: "node",
        value: size.eng(4),
        reason: "transistor tables exist for 7 nm, 14 nm and 20 nm".into(),
    })
}

/// A whole number of fins.
///
/// # Errors
/// If it is not one.
pub fn fins(count: f64) -> Result<u32, ParameterError> {
    if count.fract() == 0.0 && (1.0..=10_000.0).contains(&count) {
        return Ok(count as u32);
    }
    let reason = "expected a whole number, 1 to 10000".into();
    Err(ParameterError { name: "nfin", value: count.to_string(), reason })
}

fn value<Q: Unit>(name: &str, text: &str) -> Result<Q, SetError> {
    text.parse().map_err(|error| SetError::Value { name: name.to_owned(), error })
}
