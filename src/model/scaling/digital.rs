//! Energy, delay and area of a digital circuit at another node and supply.
//!
//! The equations of Stillmaker and Baas are polynomials of the supply, fitted to a loaded chain of inverters: one of third degree for the delay, one of
//! second for the energy of an operation, a set of both for every node, and from 45 nm down one for each of the two transistor cards, high
//! performance and low power. They have no unit: only ratios mean something.
//!
//! - A node without a supply has the nominal one of its cards.
//! - **Between two nodes** of the table, such as at 28, 22, 40 or 55 nm, logarithms are linear in the logarithm of the node, with each neighbour at the same
//!   share of its nominal supply. The publication says nothing of these nodes; this is what makes every node of the table exact and nothing jump.
//! - **Which supplies**: those for which an equation can be that of a circuit. Upwards, a gate gains ever less from more supply, so the delay has to be
//!   convex: a cubic is so up to its inflection and a parabola falls down to its lowest point (0.895 V at 14 nm, high performance). Downwards, less supply has
//!   to take less energy, and more than none. The ranges that the publication states for its fits are not in what could be read; near the lower
//!   ends, far below the nominal supply, delays are too short, since no cubic diverges at the threshold.
//! - **Leakage** has no equation, so nothing here scales it.
//! - **Power** while a circuit works is energy over delay ([`DigitalFactors::power`]), which keeps what it takes for an operation what the energy says. The
//!   publication fits power on its own; between 180 nm and 7 nm that fit ([`super::Rule::Stillmaker`]) parts from energy over delay by a factor of 13.

use super::{NODES, OutOfRange, ScaledNode, place};
use crate::units::{Length, Voltage};

/// Which of the transistor cards that were simulated. Above 45 nm there is one for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cards {
    /// High performance.
    #[default]
    HighPerformance,
    /// Low power (low standby power in the multi-gate cards).
    LowPower,
}

/// A node with its supply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// The node.
    pub node: Length,
    /// The supply; that of the cards when absent.
    pub supply: Option<Voltage>,
    /// The transistors.
    pub cards: Cards,
}

impl At {
    /// A node with high-performance transistors.
    #[must_use]
    pub const fn new(node: Length, supply: Option<Voltage>) -> Self {
        Self { node, supply, cards: Cards::HighPerformance }
    }

    /// The supply, of a node without one the nominal one.
    ///
    /// # Errors
    /// The node is outside of the table.
    pub fn supply(&self) -> Result<Voltage, OutOfRange> {
        let nominal = Between::of(self.node)?.nominal();
        Ok(self.supply.unwrap_or(nominal))
    }

    /// The lowest and the highest supply for which there are equations at this node.
    ///
    /// # Errors
    /// The node is outside of the table.
    pub fn supplies(&self) -> Result<(Voltage, Voltage), OutOfRange> {
        let between = Between::of(self.node)?;
        let [(low_a, high_a), (low_b, high_b)] =
            [between.a, between.b].map(|node| fits(node, self.cards).supplies(node.supply_v));
        let nominal = between.nominal().si();
        Ok((Voltage::new(low_a.max(low_b) * nominal), Voltage::new(high_a.min(high_b) * nominal)))
    }
}

/// A node or a supply that the equations do not hold for.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum OutOfEquations {
    /// The node.
    #[error(transparent)]
    Node(#[from] OutOfRange),
    /// The supply at this node.
    #[error("the published scaling holds for supplies of {} to {} at {}, not for {}", .low.eng(3), .high.eng(3), .node.eng(4), .supply.eng(4))]
    Supply {
        /// The node.
        node: Length,
        /// Its supply.
        supply: Voltage,
        /// The lowest that there are equations for.
        low: Voltage,
        /// The highest that there are equations for.
        high: Voltage,
    },
}

/// What figures of a digital circuit are multiplied with at another node and supply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DigitalFactors {
    /// Energy of an operation.
    pub energy: f64,
    /// Delay.
    pub delay: f64,
    /// Area, which does not depend on the supply.
    pub area: f64,
}

impl DigitalFactors {
    /// Power while the circuit works, at the speed that it then has.
    #[must_use]
    pub fn power(&self) -> f64 {
        self.energy / self.delay
    }
}

/// The equations of digital circuits.
#[derive(Debug, Clone, Copy)]
pub struct DigitalScaling;

impl DigitalScaling {
    /// From one node and supply to another; to the same it is exactly 1.
    ///
    /// # Errors
    /// There are no equations for one of them.
    pub fn between(from: At, to: At) -> Result<DigitalFactors, OutOfEquations> {
        let (from, to) = (ScaledCircuit::at(from)?, ScaledCircuit::at(to)?);
        Ok(DigitalFactors { energy: to.energy / from.energy, delay: to.delay / from.delay, area: to.area / from.area })
    }
}

/// What a circuit has at one node and supply, each in the unit of its equation.
struct ScaledCircuit {
    energy: f64,
    delay: f64,
    area: f64,
}

impl ScaledCircuit {
    fn at(at: At) -> Result<Self, OutOfEquations> {
        // A rounding error beyond an end is no extrapolation.
        const SLACK: f64 = 1e-9;
        let supply = at.supply()?;
        let (low, high) = at.supplies()?;
        if !(low.si() * (1.0 - SLACK)..=high.si() * (1.0 + SLACK)).contains(&supply.si()) {
            return Err(OutOfEquations::Supply { node: at.node, supply, low, high });
        }
        let between = Between::of(at.node)?;
        let share = supply.si() / between.nominal().si();
        let value = |of: fn(&Fits, f64) -> f64| between.value(|node| of(fits(node, at.cards), share * node.supply_v));
        Ok(Self { energy: value(Fits::energy), delay: value(Fits::delay), area: between.value(|node| node.area) })
    }
}

/// The nodes of the table on both sides of another; twice the same, where that is one of them.
#[derive(Clone, Copy)]
struct Between {
    a: &'static ScaledNode,
    b: &'static ScaledNode,
    /// Which part of the way from the first to the second.
    part: f64,
}

impl Between {
    fn of(node: Length) -> Result<Self, OutOfRange> {
        // 14 nm read as 13.999999999999998 is 14 nm.
        const SAME: f64 = 1e-9;
        let (a, b, part) = place(node)?;
        Ok(match part {
            ..SAME => Self { a, b: a, part: 0.0 },
            part if part > 1.0 - SAME => Self { a: b, b, part: 0.0 },
            part => Self { a, b, part },
        })
    }

    fn nominal(self) -> Voltage {
        Voltage::new(self.value(|node| node.supply_v))
    }

    fn value(self, of: impl Fn(&'static ScaledNode) -> f64) -> f64 {
        let at_a = of(self.a);
        if self.part == 0.0 { at_a } else { at_a * libm::exp(self.part * libm::log(of(self.b) / at_a)) }
    }
}

/// The equations of one node and card.
struct Fits {
    /// Delay over the supply, highest power first.
    delay: [f64; 4],
    /// Energy over the supply, highest power first.
    energy: [f64; 3],
}

impl Fits {
    fn delay(&self, v: f64) -> f64 {
        self.delay.iter().fold(0.0, |sum, c| sum * v + c)
    }

    fn energy(&self, v: f64) -> f64 {
        self.energy.iter().fold(0.0, |sum, c| sum * v + c)
    }

    /// The lowest and the highest supply, over the nominal one.
    fn supplies(&self, nominal: f64) -> (f64, f64) {
        let [cubic, square, linear, _] = self.delay;
        // Where the second derivative of a cubic, or the first of a parabola, is zero.
        let high = if cubic == 0.0 { -linear / (2.0 * square) } else { -square / (3.0 * cubic) };
        let [square, linear, constant] = self.energy;
        // The parabolas are positive at their lowest points; the line of 180 nm is not everywhere.
        let low = if square == 0.0 { -constant / linear } else { -linear / (2.0 * square) };
        (low / nominal, high / nominal)
    }
}

fn fits(node: &ScaledNode, cards: Cards) -> &'static Fits {
    // The node is one of the table, so nothing is between or beyond.
    let index = NODES.partition_point(|other| other.nm < node.nm).min(NODES.len() - 1);
    let [high_performance, low_power] = &FITS[index];
    match cards {
        Cards::HighPerformance => high_performance,
        Cards::LowPower => low_power,
    }
}

const fn fit(delay: [f64; 4], energy: [f64; 3]) -> Fits {
    Fits { delay, energy }
}

/// Both cards in one.
const fn bulk(delay: [f64; 4], energy: [f64; 3]) -> [Fits; 2] {
    [fit(delay, energy), fit(delay, energy)]
}

/// High performance and low power of the nodes of the table, in its order.
const FITS: [[Fits; 2]; NODES.len()] = [
    [
        fit([-28.58, 76.6, -70.26, 24.69], [0.1776, -0.09097, 0.02447]),
        fit([-61.79, 196.1, -210.3, 79.55], [0.09365, -0.03409, 0.02043]),
    ],
    [
        fit([-34.95, 93.65, -85.99, 30.4], [0.2068, -0.09311, 0.02375]),
        fit([-71.76, 228.6, -246.3, 93.91], [0.1261, -0.0518, 0.02769]),
    ],
    [
        fit([-40.66, 109.2, -100.6, 35.92], [0.2363, -0.09675, 0.02239]),
        fit([-85.37, 271.6, -292.2, 111.4], [0.1556, -0.06472, 0.03066]),
    ],
    [
        fit([0.0, 24.8, -47.52, 28.87], [0.2958, -0.1241, 0.03024]),
        fit([-114.6, 366.7, -397.4, 153.6], [0.2139, -0.1187, 0.05639]),
    ],
    [
        fit([0.0, 34.63, -66.37, 41.15], [0.373, -0.1582, 0.04104]),
        fit([-160.5, 514.1, -558.6, 217.5], [0.2632, -0.14, 0.06841]),
    ],
    [
        fit([-1047.0, 2982.0, -2797.0, 873.5], [0.8367, -0.4341, 0.1701]),
        fit([-325.9, 1374.0, -1922.0, 913.2], [0.9559, -0.7823, 0.471]),
    ],
    [
        fit([-501.6, 1567.0, -1619.0, 566.1], [1.018, -0.3107, 0.1539]),
        fit([-285.7, 1239.0, -1795.0, 898.8], [1.103, -0.362, 0.2767]),
    ],
    bulk([-53.3, 230.4, -333.9, 178.6], [3.755, -4.398, 1.975]),
    bulk([-60.34, 262.5, -384.2, 210.9], [4.762, -4.781, 2.092]),
    bulk([-76.65, 334.9, -493.4, 275.8], [7.171, -6.709, 2.904]),
    bulk([0.0, 97.09, -356.7, 406.5], [0.0, 24.64, -17.98]),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A refusal says what is allowed; the lowest supply of 180 nm is that of no energy, 17.98 / 24.64 V, the highest the lowest point of its parabola.
    #[test]
    fn what_has_no_equation_is_refused_with_what_has() {
        let nominal = At::new(Length::new(14e-9), None);
        let at = |nm: f64, volt| At::new(Length::new(nm * 1e-9), Some(Voltage::new(volt)));
        let said = |at| DigitalScaling::between(nominal, at).unwrap_err().to_string();
        assert_eq!(
            said(at(180.0, 0.5)),
            "the published scaling holds for supplies of 730 mV to 1.84 V at 180.0 nm, not for 500.0 mV"
        );
        assert_eq!(said(at(5.0, 0.7)), "5.000 nm lies outside of the range of the published scaling, 180 nm to 7 nm");
        for volt in [0.0, -0.8, 1.2, f64::NAN, f64::INFINITY] {
            assert!(DigitalScaling::between(at(14.0, volt), nominal).is_err(), "{volt}");
        }
    }
}
