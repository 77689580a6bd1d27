//! Measured converters, of the survey's 725 those that decide what has been reached and those that stand for their node
//! (`techlib/data/adc-survey.csv`, whose head says how they were chosen).

use std::sync::LazyLock;

use super::WantedConverter;
use crate::units::{Area, Energy, Frequency, Length, Power};

/// How many converters the survey has with a power: so many are decided on.
pub const SIZE: usize = 724;

/// A measured converter.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Effective bits.
    pub effective_bits: f64,
    /// Nyquist rate.
    pub rate: Frequency,
    /// Power.
    pub power: Power,
    /// Technology node, where it is published.
    pub node: Option<Length>,
    /// Area, where it is published.
    pub area: Option<Area>,
    /// Where it was published: conference, year and number of the paper.
    pub paper: String,
    /// Digital object identifier of the paper.
    pub doi: &'static str,
}

impl Measured {
    /// Energy of a conversion.
    #[must_use]
    pub fn energy(&self) -> Energy {
        self.power * self.rate.period()
    }

    /// True if it has as many effective bits and is as fast.
    #[must_use]
    pub fn does(&self, bits: f64, rate: Frequency) -> bool {
        self.effective_bits >= bits && self.rate >= rate
    }

    /// How far from what is asked: one bit, a factor of four in the rate and a factor of two in the node count the same.
    #[must_use]
    pub fn distance(&self, wanted: WantedConverter) -> f64 {
        let of_bits = self.effective_bits - wanted.bits;
        let of_rate = libm::log2(self.rate / wanted.rate) / 2.0;
        // One without a node is taken as one of another node.
        let of_node = self.node.map_or(1.0, |node| libm::log2(node / wanted.node));
        libm::sqrt(of_bits * of_bits + of_rate * of_rate + of_node * of_node)
    }
}

static TABLE: LazyLock<Vec<Measured>> = LazyLock::new(|| {
    let lines = include_str!("../../../techlib/data/adc-survey.csv").lines();
    lines.filter(|line| !line.starts_with('#')).skip(1).filter_map(row).collect()
});

/// `venue,year,paper,node_nm,effective_bits,rate_hz,power_w,area_um2,energy_pj,doi`
fn row(line: &'static str) -> Option<Measured> {
    let fields: Vec<&'static str> = line.split(',').collect();
    let [venue, year, paper, node, bits, rate, power, area, _, doi] = fields[..] else { return None };
    let number = |text: &str| text.parse::<f64>().ok();
    Some(Measured {
        effective_bits: number(bits)?,
        rate: Frequency::new(number(rate)?),
        power: Power::new(number(power)?),
        node: number(node).map(|nm| Length::new(nm * 1e-9)),
        area: number(area).map(|um2| Area::new(um2 * 1e-12)),
        paper: format!("{venue} {year}, {paper}"),
        doi,
    })
}

/// All that are carried.
#[must_use]
pub fn table() -> &'static [Measured] {
    &TABLE
}

/// Of all measured converters with as many effective bits and as high a rate the one with the least energy of a conversion.
#[must_use]
pub fn least_energy(bits: f64, rate: Frequency) -> Option<&'static Measured> {
    let able = TABLE.iter().filter(|m| m.does(bits, rate));
    able.min_by(|a, b| a.energy().si().total_cmp(&b.energy().si()))
}

/// Of all measured converters with as many effective bits and as high a rate the one with the least power.
#[must_use]
pub fn least_power(bits: f64, rate: Frequency) -> Option<&'static Measured> {
    let able = TABLE.iter().filter(|m| m.does(bits, rate));
    able.min_by(|a, b| a.power.si().total_cmp(&b.power.si()))
}

/// Of all measured converters with as many effective bits the fastest; none where none has as many.
#[must_use]
pub fn fastest(bits: f64) -> Option<&'static Measured> {
    let able = TABLE.iter().filter(|m| m.effective_bits >= bits);
    able.max_by(|a, b| a.rate.si().total_cmp(&b.rate.si()))
}

/// The measured converters that are nearest to what is asked, nearest first.
#[must_use]
pub fn nearest(wanted: WantedConverter, count: usize) -> Vec<&'static Measured> {
    let mut by_distance: Vec<(f64, &Measured)> = TABLE.iter().map(|m| (m.distance(wanted), m)).collect();
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0));
    by_distance.into_iter().take(count).map(|(_, m)| m).collect()
}

/// What measured converters say of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reach {
    /// One that does as much takes no more: this one takes the least.
    Yes(&'static Measured),
    /// Some do as much, and all take more: this one takes the least.
    WithMoreEnergy(&'static Measured),
    /// None of as many bits is as fast: this one is the fastest.
    NotAsFast(&'static Measured),
    /// None has as many effective bits.
    NotAsFine,
}

/// Whether any measured converter does as much with as little energy.
#[must_use]
pub fn reached(bits: f64, rate: Frequency, energy: Energy) -> Reach {
    match (least_energy(bits, rate), fastest(bits)) {
        (Some(least), _) if least.energy() <= energy => Reach::Yes(least),
        (Some(least), _) => Reach::WithMoreEnergy(least),
        (None, Some(fastest)) => Reach::NotAsFast(fastest),
        (None, None) => Reach::NotAsFine,
    }
}
