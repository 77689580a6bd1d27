//! The published regression over the survey of measured converters.
//!
//! T. Andrulis, R. Chen, H.-S. Lee, J. S. Emer, V. Sze, "Modeling Analog-Digital-Converter Energy and Area for Compute-In-Memory Accelerator
//! Design", arXiv 2404.06553, with the coefficients of its program (Accelergy-Project/hwcomponents-adc, MIT): an optimistic bound. Of the
//! survey's 707 converters of 4 bits and more with a node, 79 take less, and half take more than ten times as much. With the node t in nm, the rate f in 1/s and n effective bits,
//!
//! - SNDR = 20 log10(2) n + 10 log10(1.5) dB,
//! - Schreier's figure of merit FOM = min(213.7807 - 2.8719 ln f, 128.3068 + 3.220519 ceil(n)) dB: a slope at high rates, a floor of the
//!   energy at low ones,
//! - energy of a conversion E = exp(26.04962 + 1.880037 ln t - 2.829126 ln n - 1.470202) / (2 x 10^((FOM - SNDR) / 10)) pJ, with all that
//!   leaks: 20 % of the power,
//! - area A = exp(0.99328 ln t + 0.180715 ln f + 0.299124 ln E + 1.346192) um².

use super::{ConverterCost, WantedConverter};
use crate::units::{Area, Energy, Length};

/// Below, the fit has no converters: what it says there is no statement of the survey.
pub const FEWEST_BITS: f64 = 4.0;
/// The smallest and the largest node in nm: measured converters are of 3 nm to 1.5 um, and the next node will come.
const NODES_NM: std::ops::RangeInclusive<f64> = 1.0..=2000.0;
/// The nodes for which there is an answer, as an error says it.
pub const NODES_TEXT: &str = "1 nm to 2 um: measured converters are of 3 nm to 1.5 um";
/// The part of the power that is taken as leakage.
pub const LEAKAGE: f64 = 0.2;

/// The source of what it gives.
pub const SOURCE: &str = "Andrulis et al., arXiv 2404.06553: regression over the ADC survey of B. Murmann";
/// What a reader should know of what it gives.
pub const NOTE: &str =
    "an optimistic bound over published converters; all energy of a conversion, of which 20 % is taken as leakage";

/// The node in nm, as the fit takes it.
const NM: f64 = 1e9;

/// True for a node of which measured converters say something.
#[must_use]
pub fn is_node(node: Length) -> bool {
    // 1 nm written in metres is a little less than one.
    const SLACK: f64 = 1e-9;
    let nm = node.si() * NM;
    NODES_NM.contains(&(nm * (1.0 + SLACK))) || NODES_NM.contains(&(nm * (1.0 - SLACK)))
}

/// Energy of a conversion, leakage with it, and area.
#[must_use]
pub fn cost(wanted: WantedConverter) -> ConverterCost {
    with_energy(wanted, energy(wanted))
}

/// The same at whole bits, and a straight line of the figure of merit between: where bits are moved a little, what follows moves a little.
#[must_use]
pub fn cost_along_bits(wanted: WantedConverter) -> ConverterCost {
    with_energy(wanted, energy_of_merit(wanted, wanted.bits))
}

fn with_energy(wanted: WantedConverter, energy: Energy) -> ConverterCost {
    ConverterCost { energy, area: Some(area(wanted, energy)) }
}

/// Energy of a conversion, leakage with it.
#[must_use]
pub fn energy(wanted: WantedConverter) -> Energy {
    energy_of_merit(wanted, wanted.bits.ceil())
}

fn energy_of_merit(WantedConverter { bits, rate, node }: WantedConverter, bits_of_merit: f64) -> Energy {
    let sndr_db = 20.0 * libm::log10(2.0) * bits + 10.0 * libm::log10(1.5);
    let of_fast = 213.7807 - 2.8719 * libm::log(rate.si());
    let of_slow = 128.3068 + 3.220_519 * bits_of_merit;
    let merit_db = of_fast.min(of_slow);
    let fit = 26.04962 + 1.880_037 * libm::log(node.si() * NM) - 2.829_126 * libm::log(bits) - 1.470_202;
    let picojoule = libm::exp(fit) / (2.0 * libm::pow(10.0, (merit_db - sndr_db) / 10.0));
    Energy::new(picojoule * 1e-12)
}

/// Area of a converter that takes this energy for a conversion.
fn area(WantedConverter { rate, node, .. }: WantedConverter, energy: Energy) -> Area {
    let fit = 0.99328 * libm::log(node.si() * NM)
        + 0.180_715 * libm::log(rate.si())
        + 0.299_124 * libm::log(energy.si() * 1e12)
        + 1.346_192;
    Area::new(libm::exp(fit) * 1e-12)
}
