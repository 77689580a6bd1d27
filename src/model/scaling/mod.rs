//! Published figures of one technology node at another.
//!
//! A. Stillmaker and B. Baas, "Scaling equations for the accurate prediction of CMOS device performance from 180 nm to 7 nm", Integration 58 (2017),
//! 74-81, doi 10.1016/j.vlsi.2017.02.002, as tabulated in wromaszkan/nodeScale (MIT): areas relative to 14 nm, and power of a circuit at its own
//! speed as a polynomial of the supply. The supplies are those of the cards that were simulated (PTM and PTM-MG, high performance). Between the
//! nodes of the table logarithms are taken as linear. The equations are for digital circuits; for others they are no more than a convention.
//!
//! [`DigitalScaling`] takes a digital circuit to another node and another supply; [`Rule`] is the convention by which circuits of any kind are compared.

mod digital;

pub use digital::{At, Cards, DigitalFactors, DigitalScaling, OutOfEquations};

use crate::units::Length;

/// A node of the table.
struct ScaledNode {
    nm: f64,
    /// Area of a circuit relative to that at 14 nm.
    area: f64,
    /// Nominal supply in volt.
    supply_v: f64,
    /// Power over the supply, highest power first.
    power: [f64; 3],
}

const fn node(nm: f64, area: f64, supply_v: f64, power: [f64; 3]) -> ScaledNode {
    ScaledNode { nm, area, supply_v, power }
}

/// The nodes, smallest first.
const NODES: [ScaledNode; 11] = [
    node(7.0, 0.34, 0.7, [1179.0, -515.7, 123.4]),
    node(10.0, 0.59, 0.75, [1456.0, -621.6, 143.8]),
    node(14.0, 1.0, 0.8, [1675.0, -711.0, 159.0]),
    node(16.0, 1.1, 0.85, [2133.0, -882.6, 197.7]),
    node(20.0, 1.2, 0.9, [2922.0, -1286.0, 299.9]),
    node(32.0, 2.7, 0.9, [4001.0, -1733.0, 533.6]),
    node(45.0, 5.8, 1.0, [5462.0, -1760.0, 522.4]),
    node(65.0, 8.7, 1.1, [12890.0, -10510.0, 4362.0]),
    node(90.0, 16.0, 1.2, [17320.0, -11230.0, 4328.0]),
    node(130.0, 37.0, 1.3, [27020.0, -15450.0, 5630.0]),
    node(180.0, 110.0, 1.8, [0.0, 101_000.0, -79_720.0]),
];

/// A node that nobody has published how to scale from or to.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{} lies outside of the range of the published scaling, 180 nm to 7 nm", .node.eng(4))]
pub struct OutOfRange {
    /// The node.
    pub node: Length,
}

/// How figures are taken to another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rule {
    /// By the published equations: area, and power at the circuit's own speed and supply.
    #[default]
    Stillmaker,
    /// Area with the square of the node, as a mere shrink; power as it is.
    NodeSquared,
}

/// What figures of one node are multiplied with at another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factors {
    /// Area.
    pub area: f64,
    /// Power.
    pub power: f64,
}

impl Rule {
    /// From one node to another.
    ///
    /// # Errors
    /// If one of them is outside of the range that is published.
    pub fn factors(self, from: Length, to: Length) -> Result<Factors, OutOfRange> {
        let over = |of: fn(&ScaledNode) -> f64| Ok(relative(to, of)? / relative(from, of)?);
        let published = Factors { area: over(|n| n.area)?, power: over(power)? };
        Ok(match self {
            Self::Stillmaker => published,
            Self::NodeSquared => Factors { area: (to.si() / from.si()).powi(2), power: 1.0 },
        })
    }
}

fn power(node: &ScaledNode) -> f64 {
    let [square, linear, constant] = node.power;
    (square * node.supply_v + linear) * node.supply_v + constant
}

/// A property at a node, between those of the table by its logarithm over that of the node.
fn relative(size: Length, of: fn(&ScaledNode) -> f64) -> Result<f64, OutOfRange> {
    let (a, b, part) = place(size)?;
    Ok(of(a) * libm::exp(part * libm::log(of(b) / of(a))))
}

/// The nodes of the table on both sides of another, and which part of the way from the first to the second it lies.
fn place(size: Length) -> Result<(&'static ScaledNode, &'static ScaledNode, f64), OutOfRange> {
    // A rounding error beyond the last node is no extrapolation.
    const SLACK: f64 = 1e-9;
    let nm = size.si() * 1e9;
    let (first, last) = (&NODES[0], &NODES[NODES.len() - 1]);
    if !(first.nm * (1.0 - SLACK)..=last.nm * (1.0 + SLACK)).contains(&nm) {
        return Err(OutOfRange { node: size });
    }
    let above = NODES.partition_point(|node| node.nm < nm).clamp(1, NODES.len() - 1);
    let (a, b) = (&NODES[above - 1], &NODES[above]);
    Ok((a, b, libm::log(nm / a.nm) / libm::log(b.nm / a.nm)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nm(size: f64) -> Length {
        Length::new(size * 1e-9)
    }

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    }

    /// Areas of the table's row of 14 nm; powers by hand: at 180 nm 101000 x 1.8 - 79720 = 102080, at 14 nm
    /// 1675 x 0.64 - 711 x 0.8 + 159 = 662.2, at 45 nm 5462 - 1760 + 522.4 = 4224.4.
    #[test]
    fn from_a_node_of_the_table_to_another() {
        let found = Rule::Stillmaker.factors(nm(180.0), nm(14.0)).unwrap();
        close(found.area, 1.0 / 110.0);
        close(found.power, 662.2 / 102_080.0);
        let found = Rule::Stillmaker.factors(nm(45.0), nm(14.0)).unwrap();
        close(found.area, 1.0 / 5.8);
        close(found.power, 662.2 / 4224.4);
        let found = Rule::Stillmaker.factors(nm(14.0), nm(7.0)).unwrap();
        close(found.area, 0.34);
        let same = Rule::Stillmaker.factors(nm(28.0), nm(28.0)).unwrap();
        close(same.area * same.power, 1.0);
    }

    /// The table has rounded its other rows on its own: they say the same within a unit of their last digit, 5 %.
    #[test]
    fn other_rows_of_the_table_agree() {
        for (to, from, ratio) in
            [(45.0, 180.0, 19.0), (7.0, 65.0, 25.0), (32.0, 90.0, 6.1), (10.0, 20.0, 2.1), (16.0, 130.0, 34.0)]
        {
            let found = 1.0 / Rule::Stillmaker.factors(nm(from), nm(to)).unwrap().area;
            assert!((found / ratio - 1.0).abs() < 0.05, "{from} to {to}: {found} {ratio}");
        }
    }

    /// Half way between 32 and 45 nm by logarithm, 37.95 nm, the area is the geometric mean of 2.7 and 5.8.
    #[test]
    fn between_two_nodes_logarithms_are_linear() {
        let found = Rule::Stillmaker.factors(nm((32.0_f64 * 45.0).sqrt()), nm(14.0)).unwrap();
        close(found.area, 1.0 / (2.7_f64 * 5.8).sqrt());
    }

    #[test]
    fn a_shrink_takes_the_area_with_the_square_and_leaves_the_power() {
        let found = Rule::NodeSquared.factors(nm(180.0), nm(14.0)).unwrap();
        close(found.area, (14.0_f64 / 180.0).powi(2));
        close(found.power, 1.0);
    }

    #[test]
    fn nodes_beyond_the_table_are_refused() {
        for (from, to) in [(250.0, 14.0), (14.0, 5.0), (0.0, 14.0), (f64::NAN, 14.0)] {
            assert!(Rule::Stillmaker.factors(nm(from), nm(to)).is_err());
            assert!(Rule::NodeSquared.factors(nm(from), nm(to)).is_err());
        }
        let said = Rule::Stillmaker.factors(nm(250.0), nm(14.0)).unwrap_err().to_string();
        assert_eq!(said, "250.0 nm lies outside of the range of the published scaling, 180 nm to 7 nm");
    }
}
