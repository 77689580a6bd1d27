//! A neuron as a person describes it: by junction geometry or by resistances, and what follows from the rest.

use super::{NeuronParameters, ParameterError};
use crate::model::mtj;
use crate::model::transistor::ProcessNode;
use crate::units::{Fraction, Length, ParseError, Resistance, ResistanceArea, Unit, Voltage};

/// Material and size of a junction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// Resistance-area product.
    pub ra: ResistanceArea,
    /// Length of the ellipse.
    pub length: Length,
    /// Width of the ellipse.
    pub width: Length,
}

/// A junction in its parallel state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Junction {
    /// From material and size.
    Geometry(Geometry),
    /// Its resistance.
    Resistance {
        /// Without bias.
        resistance: Resistance,
        /// The material and size that the resistance stands in for, if they were given before.
        instead_of: Option<Geometry>,
    },
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
    pub node: ProcessNode,
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
    /// One part of a geometry of which the other parts are not known.
    #[error("`{0}` has no meaning here: the junctions are described by their resistance, `r_low`")]
    NoGeometry(String),
}

#[cfg(test)]
impl NeuronDescription {
    /// The circuit that tests compare with its simulation: 10 fins at 14 nm, 8488.26 ohm and a TMR of 200 %.
    pub(crate) fn nominal() -> Self {
        Self {
            junction: Junction::Resistance { resistance: Resistance::from_si(8488.26), instead_of: None },
            contrast: Contrast::Tmr(2.0),
            tmr_v0: None,
            fins: 10,
            node: ProcessNode::Nm14,
            vdd: Voltage::from_si(0.8),
            offset: None,
            input_range: Voltage::from_si(0.8),
        }
    }
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
            "tmr" => self.contrast = Contrast::Tmr(tmr(text)?),
            "r_high" => self.contrast = Contrast::Resistance(value(name, text)?),
            "r_low" => {
                let instead_of = self.geometry();
                self.junction = Junction::Resistance { resistance: value(name, text)?, instead_of };
            }
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

    fn geometry(&self) -> Option<Geometry> {
        match self.junction {
            Junction::Geometry(geometry) => Some(geometry),
            Junction::Resistance { instead_of, .. } => instead_of,
        }
    }

    fn set_geometry(&mut self, name: &str, text: &str) -> Result<(), SetError> {
        let mut geometry = self.geometry().ok_or_else(|| SetError::NoGeometry(name.to_owned()))?;
        match name {
            "ra" => geometry.ra = positive("ra", text)?,
            "mtj_length" => geometry.length = positive("mtj_length", text)?,
            _ => geometry.width = positive("mtj_width", text)?,
        }
        self.junction = Junction::Geometry(geometry);
        Ok(())
    }

    /// What follows from it.
    #[must_use]
    pub fn parameters(&self) -> NeuronParameters {
        let r_low = match self.junction {
            Junction::Geometry(Geometry { ra, length, width }) => mtj::parallel_resistance(ra, length, width),
            Junction::Resistance { resistance, .. } => resistance,
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
pub fn node(size: Length) -> Result<ProcessNode, ParameterError> {
    let known = ProcessNode::ALL.into_iter().find(|n| (size.si() * 1e9 - f64::from(n.nanometres())).abs() < 1e-6);
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

/// Tunnel magnetoresistance. The largest that was ever measured is 11.44 (S. Ikeda et al., Appl. Phys. Lett. 93, 082508 (2008), at 5 K): a
/// bare number beyond is meant in percent.
const LARGEST_BARE_TMR: f64 = 12.0;

fn tmr(text: &str) -> Result<f64, SetError> {
    let tmr = value::<Fraction>("tmr", text)?.si();
    if tmr.abs() > LARGEST_BARE_TMR && !text.contains('%') {
        let reason =
            format!("a number without a unit is a factor, and this one is {} %: write `{}%`", tmr * 100.0, text.trim());
        return Err(ParameterError { name: "tmr", value: text.trim().to_owned(), reason }.into());
    }
    Ok(tmr)
}

/// A quantity greater than zero: two negative sides would make a positive area.
fn positive<Q: Unit>(name: &'static str, text: &str) -> Result<Q, SetError> {
    let quantity: Q = value(name, text)?;
    if quantity.si() > 0.0 && quantity.si().is_finite() {
        return Ok(quantity);
    }
    let reason = "expected more than zero".into();
    Err(ParameterError { name, value: text.trim().to_owned(), reason }.into())
}

pub(super) fn value<Q: Unit>(name: &str, text: &str) -> Result<Q, SetError> {
    text.parse().map_err(|error| SetError::Value { name: name.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neuron(junction: Junction) -> NeuronDescription {
        NeuronDescription {
            junction,
            contrast: Contrast::Tmr(2.0),
            tmr_v0: None,
            fins: 10,
            node: ProcessNode::Nm14,
            vdd: Voltage::new(0.8),
            offset: None,
            input_range: Voltage::new(0.8),
        }
    }

    #[test]
    fn sides_are_positive_and_a_bare_percentage_is_asked_for_its_unit() {
        let geometry =
            Geometry { ra: ResistanceArea::new(5e-12), length: Length::new(50e-9), width: Length::new(30e-9) };
        let mut sized = neuron(Junction::Geometry(geometry));
        for (name, text) in [("mtj_length", "-50 nm"), ("mtj_width", "0 nm"), ("ra", "-5 ohm um^2")] {
            let error = sized.set(name, text).expect_err("impossible").to_string();
            assert_eq!(error, format!("{name} of {text} is out of range: expected more than zero"));
        }
        let error = sized.set("tmr", "100").expect_err("no unit").to_string();
        assert!(error.contains("this one is 10000 %: write `100%`"), "{error}");
        for (text, tmr) in [("100%", 1.0), ("2", 2.0), ("1144 %", 11.44), ("2000%", 20.0)] {
            sized.set("tmr", text).expect("fine");
            assert_eq!(sized.contrast, Contrast::Tmr(tmr), "{text}");
        }
    }

    #[test]
    fn the_last_of_resistance_and_geometry_counts_and_nothing_is_made_up() {
        let geometry =
            Geometry { ra: ResistanceArea::new(5e-12), length: Length::new(50e-9), width: Length::new(30e-9) };
        let mut sized = neuron(Junction::Geometry(geometry));
        sized.set("r_low", "1 kohm").expect("a resistance");
        assert_eq!(sized.parameters().r_low, Resistance::new(1e3));
        sized.set("mtj_width", "60 nm").expect("the rest is known");
        assert!((sized.parameters().r_low.si() - 5e-12 / (std::f64::consts::FRAC_PI_4 * 50e-9 * 60e-9)).abs() < 1e-9);
        let mut bare = neuron(Junction::Resistance { resistance: Resistance::new(1e3), instead_of: None });
        assert!(matches!(bare.set("mtj_width", "60 nm"), Err(SetError::NoGeometry(_))));
    }
}
