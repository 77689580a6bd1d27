//! What other programs take for a converter: formulas where they have one, else the nearest of their points.
//!
//! They are not corrected to each other, and most hold at one node and rate alone; how far they are apart is what they say.

use super::points::{POINTS, PublishedPoint};
use super::{ConverterCost, WantedConverter, regression};
use crate::units::{Area, Energy, Frequency, Length, Power, Time};

/// A statement of another model.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is called.
    pub name: &'static str,
    /// What it gives.
    pub cost: ConverterCost,
    /// The bits that this is of.
    pub bits: f64,
    /// The rate that this is of, where the model has one.
    pub rate: Option<Frequency>,
    /// The node that this is of, where the model has one.
    pub node: Option<Length>,
    /// True if it is a point that is nearest to what is asked, and no formula.
    pub is_point: bool,
    /// Where it comes from.
    pub source: &'static str,
}

/// All that is known, the regression first.
#[must_use]
pub fn statements(wanted: WantedConverter) -> Vec<Statement> {
    let survey = Statement {
        name: "adc-survey",
        cost: regression::cost(wanted),
        bits: wanted.bits,
        rate: Some(wanted.rate),
        node: Some(wanted.node),
        is_point: false,
        source: regression::SOURCE,
    };
    let mut found =
        vec![survey, zigzag(wanted.bits, ZIGZAG_ROWS), neurosim(wanted.bits, wanted.node), puma(wanted.bits)];
    let mut families: Vec<&str> = POINTS.iter().map(|point| point.family).collect();
    families.dedup();
    for family in families {
        let points = POINTS.iter().filter(|point| point.family == family);
        let nearest = points.min_by(|a, b| distance(a, wanted).total_cmp(&distance(b, wanted)));
        found.extend(nearest.map(of_point));
    }
    found
}

/// As of measured converters; a rate or a node that is not published counts as one that is a bit away.
fn distance(point: &PublishedPoint, wanted: WantedConverter) -> f64 {
    let of_bits = f64::from(point.bits) - wanted.bits;
    let of_rate = point.rate_hz.map_or(1.0, |rate| libm::log2(rate / wanted.rate.si()) / 2.0);
    let of_node = point.node_nm.map_or(1.0, |nm| libm::log2(nm * 1e-9 / wanted.node.si()));
    libm::sqrt(of_bits * of_bits + of_rate * of_rate + of_node * of_node)
}

fn of_point(point: &'static PublishedPoint) -> Statement {
    Statement {
        name: point.name,
        cost: ConverterCost { energy: point.energy(), area: point.area_um2.map(|area| Area::new(area * 1e-12)) },
        bits: f64::from(point.bits),
        rate: point.rate_hz.map(Frequency::new),
        node: point.node_nm.map(|nm| Length::new(nm * 1e-9)),
        is_point: true,
        source: point.source,
    }
}

/// Rows of the array whose converter's time is stated.
const ZIGZAG_ROWS: f64 = 128.0;
/// Supply that the formula is stated at.
const ZIGZAG_SUPPLY_V: f64 = 0.9;
/// The area holds below so many bits.
const ZIGZAG_AREA_BITS: f64 = 12.0;

/// ZigZag: a SAR converter calibrated on macros of 28 nm and 0.9 V. (100 n + 0.001 x 4^n) V² fJ; 10^(1.206 - 0.0369 n) 2^n um² below 12 bits.
#[must_use]
pub fn zigzag(bits: f64, rows: f64) -> Statement {
    let femtojoule = (100.0 * bits + 0.001 * libm::pow(4.0, bits)) * ZIGZAG_SUPPLY_V * ZIGZAG_SUPPLY_V;
    let um2 = libm::pow(10.0, 1.206 - 0.0369 * bits) * libm::exp2(bits);
    Statement {
        name: "ZigZag SAR",
        cost: ConverterCost {
            energy: Energy::new(femtojoule * 1e-15),
            area: (bits < ZIGZAG_AREA_BITS).then(|| Area::new(um2 * 1e-12)),
        },
        bits,
        rate: Some(zigzag_time(bits, rows).rate()),
        node: Some(Length::new(28e-9)),
        is_point: false,
        source: "KULeuven-MICAS/zigzag-imc, aimc_cost_model.py: fit to SRAM macros of 28 nm at 0.9 V; time with 128 rows",
    }
}

/// Time of a conversion of ZigZag's converter behind so many rows: n (0.00653 rows + 0.640) ns.
#[must_use]
pub fn zigzag_time(bits: f64, rows: f64) -> Time {
    Time::new(bits * (0.00653 * rows + 0.640) * 1e-9)
}

/// Node in nm, and power in uW for each bit and beside the bits, of transistors of low standby power.
const NEUROSIM: [(f64, f64, f64); 9] = [
    (130.0, 8.4483, 65.243),
    (90.0, 5.9869, 37.462),
    (65.0, 3.7506, 25.844),
    (45.0, 2.1691, 16.693),
    (32.0, 1.1294, 8.8998),
    (22.0, 0.538, 4.3753),
    (14.0, 0.3132, 2.5681),
    (10.0, 0.1823, 1.5073),
    (7.0, 0.1061, 0.8847),
];

/// NeuroSim: a SAR converter of low standby power that takes n + 1 ns, at the nearest of its nodes, without what its column's current adds.
#[must_use]
pub fn neurosim(bits: f64, node: Length) -> Statement {
    let distance = |nm: f64| libm::log(nm * 1e-9 / node.si()).abs();
    let nearest = NEUROSIM.into_iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
    let (nm, slope, constant) = nearest.unwrap_or(NEUROSIM[0]);
    let time = Time::new((bits + 1.0) * 1e-9);
    Statement {
        name: "NeuroSim SAR",
        cost: ConverterCost { energy: Power::new((slope * bits + constant) * 1e-6) * time, area: None },
        bits,
        rate: Some(time.rate()),
        node: Some(Length::new(nm * 1e-9)),
        is_point: false,
        source: "neurosim/DNN_NeuroSim_V1.4, SarADC.cpp, LSTP: at the nearest of its nodes, without the term of the column's current",
    }
}

/// PUMA: 0.25 mW a bit, of which a tenth leaks, for 12.5 ns a bit, in which the 128 columns of a crossbar are read.
#[must_use]
pub fn puma(bits: f64) -> Statement {
    const COLUMNS: f64 = 128.0;
    let for_all = Power::new(0.25e-3 * bits) * Time::new(12.5e-9 * bits);
    Statement {
        name: "PUMA",
        cost: ConverterCost { energy: for_all / COLUMNS, area: Some(Area::new(1200e-12)) },
        bits,
        rate: Some(Frequency::new(COLUMNS / (12.5e-9 * bits))),
        node: Some(Length::new(32e-9)),
        is_point: false,
        source: "PUMA simulator, constants.py: power and time in proportion to bits, from ISAAC's 8 bits at 1.28 GS/s",
    }
}
