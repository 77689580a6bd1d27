//! What a converter can be expected to cost, beside measured ones and other models.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::model::converter::measured::{self, Measured, Reach};
use crate::model::converter::others::{self, Statement};
use crate::model::converter::{WantedConverter, regression};
use crate::units::{Area, Energy, Frequency, Length};

/// So many of the nearest measured converters are named.
const NEAREST: usize = 5;

/// What `imcost adc` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConverterResult {
    /// Version of this format.
    pub format_version: u32,
    /// Effective bits that are asked for.
    pub bits: u32,
    /// Conversions a second that are asked for.
    pub rate_hz: f64,
    /// Technology node that is asked for.
    pub node_m: f64,
    /// All energy of a conversion, by the regression over measured converters: with the share of what leaks.
    pub energy_per_conversion_j: f64,
    /// That energy times the rate.
    pub power_w: f64,
    /// Area, by the same regression.
    pub area_m2: f64,
    /// Where these come from.
    pub source: &'static str,
    /// True if the regression is of converters of so many bits.
    pub holds: bool,
    /// What measured converters have reached.
    pub reached: ReachResult,
    /// Of all measured converters with as many bits and as high a rate the one with the least energy; none where there is none.
    pub least_measured: Option<ConverterStatement>,
    /// Of all measured converters with as many bits the fastest, where none is fast enough.
    pub fastest_measured: Option<ConverterStatement>,
    /// The nearest measured converters, nearest first.
    pub nearest: Vec<ConverterStatement>,
    /// What the models of several programs say, the regression first.
    pub models: Vec<ConverterStatement>,
    /// The largest of their energies over the smallest, of those that are of as many bits as are asked for.
    pub spread: f64,
}

/// What measured converters have reached of what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReachResult {
    /// One that does as much takes no more energy.
    Reached,
    /// Some do as much, and all take more energy.
    WithMoreEnergy,
    /// None of as many bits is as fast.
    NotAsFast,
    /// None has as many effective bits.
    NotAsFine,
}

/// A converter as it was measured, or as a program states it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConverterStatement {
    /// Name of the model, or conference, year and number of the paper.
    pub name: String,
    /// What it is.
    pub kind: StatementKind,
    /// Bits that it is stated for; effective bits of a measured one.
    pub bits: f64,
    /// Conversions a second that it is stated for.
    pub rate_hz: Option<f64>,
    /// Technology node that it is stated for.
    pub node_m: Option<f64>,
    /// All energy of a conversion.
    pub energy_per_conversion_j: f64,
    /// That energy over the one of the regression.
    pub energy_ratio: f64,
    /// Area.
    pub area_m2: Option<f64>,
    /// Where it stands.
    pub source: String,
}

/// What a statement about converters is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatementKind {
    /// A formula.
    Formula,
    /// The nearest of the points that a program has.
    Point,
    /// A measured converter.
    Measured,
}

impl StatementKind {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Formula => "formula",
            Self::Point => "point",
            Self::Measured => "measured",
        }
    }
}

impl ConverterResult {
    /// Of a converter of so many bits.
    #[must_use]
    pub fn of(bits: u32, rate: Frequency, node: Length) -> Self {
        let wanted = WantedConverter { bits: f64::from(bits), rate, node };
        let cost = regression::cost(wanted);
        let measured = |m: &Measured| ConverterStatement::of_measured(m, cost.energy);
        let reached = measured::reached(wanted.bits, rate, cost.energy);
        let (said, least, fastest) = match reached {
            Reach::Yes(least) => (ReachResult::Reached, Some(least), None),
            Reach::WithMoreEnergy(least) => (ReachResult::WithMoreEnergy, Some(least), None),
            Reach::NotAsFast(fastest) => (ReachResult::NotAsFast, None, Some(fastest)),
            Reach::NotAsFine => (ReachResult::NotAsFine, None, None),
        };
        let models: Vec<ConverterStatement> =
            others::statements(wanted).iter().map(|s| ConverterStatement::of_model(s, cost.energy)).collect();
        let energies = || models.iter().filter(|m| m.bits == wanted.bits).map(|m| m.energy_per_conversion_j);
        Self {
            format_version: FORMAT_VERSION,
            bits,
            rate_hz: rate.si(),
            node_m: node.si(),
            energy_per_conversion_j: cost.energy.si(),
            power_w: (cost.energy * rate).si(),
            area_m2: cost.area.map_or(f64::NAN, Area::si),
            source: regression::SOURCE,
            holds: wanted.bits >= regression::FEWEST_BITS,
            reached: said,
            least_measured: least.map(measured),
            fastest_measured: fastest.map(measured),
            nearest: measured::nearest(wanted, NEAREST).into_iter().map(measured).collect(),
            spread: energies().fold(0.0, f64::max) / energies().fold(f64::INFINITY, f64::min),
            models,
        }
    }
}

impl ConverterStatement {
    fn of_measured(m: &Measured, beside: Energy) -> Self {
        Self {
            name: m.paper.clone(),
            kind: StatementKind::Measured,
            bits: m.effective_bits,
            rate_hz: Some(m.rate.si()),
            node_m: m.node.map(Length::si),
            energy_per_conversion_j: m.energy().si(),
            energy_ratio: m.energy() / beside,
            area_m2: m.area.map(Area::si),
            source: m.doi.to_owned(),
        }
    }

    fn of_model(s: &Statement, beside: Energy) -> Self {
        Self {
            name: s.name.to_owned(),
            kind: if s.is_point { StatementKind::Point } else { StatementKind::Formula },
            bits: s.bits,
            rate_hz: s.rate.map(Frequency::si),
            node_m: s.node.map(Length::si),
            energy_per_conversion_j: s.cost.energy.si(),
            energy_ratio: s.cost.energy / beside,
            area_m2: s.cost.area.map(Area::si),
            source: s.source.to_owned(),
        }
    }
}
