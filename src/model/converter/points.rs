//! Points of programs that have no formula of converters.

use crate::units::Energy;

/// A converter as a program states it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedPoint {
    /// Points of one family stand beside each other in [`POINTS`]; the nearest speaks for it.
    pub family: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// Bits.
    pub bits: u32,
    /// Node in nm, where it is stated.
    pub node_nm: Option<f64>,
    /// Rate in conversions a second, where it is stated.
    pub rate_hz: Option<f64>,
    /// Area in um², where it is stated.
    pub area_um2: Option<f64>,
    /// How its energy is stated.
    pub energy: PublishedEnergy,
    /// Where it stands.
    pub source: &'static str,
}

/// How the energy of a conversion is stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PublishedEnergy {
    /// In pJ.
    Picojoule(f64),
    /// A power in mW, over so many cycles of the rate.
    Milliwatt(f64, f64),
}

impl PublishedPoint {
    /// Energy of a conversion.
    #[must_use]
    pub fn energy(&self) -> Energy {
        Energy::new(match (self.energy, self.rate_hz) {
            (PublishedEnergy::Picojoule(energy), _) => energy * 1e-12,
            (PublishedEnergy::Milliwatt(power, cycles), Some(rate)) => power * 1e-3 * cycles / rate,
            (PublishedEnergy::Milliwatt(..), None) => f64::NAN,
        })
    }
}

/// A conversion takes MNSIM two cycles beside one for each bit.
const fn mnsim(
    name: &'static str,
    bits: u32,
    rate_hz: f64,
    milliwatt: f64,
    cycles: f64,
    area_um2: f64,
) -> PublishedPoint {
    PublishedPoint {
        family: "mnsim",
        name,
        bits,
        node_nm: None,
        rate_hz: Some(rate_hz),
        area_um2: Some(area_um2),
        energy: PublishedEnergy::Milliwatt(milliwatt, cycles),
        source: "MNSIM 2.0, ADC.py: power, rate and area of the choice; power x (bits + 2) cycles",
    }
}

const fn isaac(bits: u32, picojoule: f64, area_um2: f64) -> PublishedPoint {
    PublishedPoint {
        family: "isaac",
        name: "ISAAC, scaled",
        bits,
        node_nm: Some(32.0),
        rate_hz: Some(1.2e9),
        area_um2: Some(area_um2),
        energy: PublishedEnergy::Picojoule(picojoule),
        source: "Accelergy library, isaac_adc.csv: ISAAC's 8 bits (Shafiee et al., ISCA 2016) scaled to other bits",
    }
}

const fn pimsyn(bits: u32, rate_hz: f64, milliwatt: f64) -> PublishedPoint {
    PublishedPoint {
        family: "pimsyn",
        name: "PIMSYN",
        bits,
        node_nm: None,
        rate_hz: Some(rate_hz),
        area_um2: None,
        energy: PublishedEnergy::Milliwatt(milliwatt, 1.0),
        source: "PIMSYN-NN, config.json: peak power over rate",
    }
}

const fn accelerator(
    name: &'static str,
    (bits, node_nm): (u32, f64),
    picojoule: f64,
    area_um2: f64,
    source: &'static str,
) -> PublishedPoint {
    PublishedPoint {
        family: name,
        name,
        bits,
        node_nm: Some(node_nm),
        rate_hz: None,
        area_um2: Some(area_um2),
        energy: PublishedEnergy::Picojoule(picojoule),
        source,
    }
}

/// All points, family by family.
pub const POINTS: &[PublishedPoint] = &[
    mnsim("MNSIM choice 1", 10, 1.5e9, 6.92, 12.0, 1600.0),
    mnsim("MNSIM choice 2", 8, 1.28e9, 2.0, 10.0, 1200.0),
    mnsim("MNSIM choice 3", 8, 1.1e9, 4.0, 10.0, 1650.0),
    mnsim("MNSIM choice 4", 6, 1e9, 1.26, 8.0, 580.0),
    mnsim("MNSIM choice 5", 8, 1.1e9, 4.0, 10.0, 1650.0),
    mnsim("MNSIM choice 6", 6, 1e9, 1.26, 8.0, 1650.0),
    mnsim("MNSIM choice 7", 4, 1e9, 0.7, 6.0, 500.0),
    // It counts: a cycle for each level.
    mnsim("MNSIM choice 9", 8, 6e9, 0.0584, 256.0, 15_899.0),
    isaac(4, 0.79, 361.04),
    isaac(5, 0.99, 476.91),
    isaac(6, 1.2, 626.91),
    isaac(7, 1.42, 845.18),
    isaac(8, 2e3 / 1.2e3, 1200.0),
    isaac(9, 1.969, 1827.9),
    isaac(10, 2.379, 3002.0),
    pimsyn(4, 1e9, 0.7),
    pimsyn(7, 2e9, 5.0),
    pimsyn(9, 1e9, 2.25),
    pimsyn(10, 1e9, 6.9),
    pimsyn(12, 5e8, 26.5),
    pimsyn(14, 33e6, 54.5),
    accelerator("Newton", (9, 32.0), 2.583, 1500.0, "Accelergy library, newton"),
    accelerator("FORMS", (4, 32.0), 0.226, 284.4, "Accelergy library, forms"),
    accelerator("TIMELY TDC", (8, 65.0), 0.145, 310.0, "Accelergy library, timely"),
];
