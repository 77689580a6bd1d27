//! The driver of a row: a chain of inverters, of which the last one is all that the row sees.

use super::transistor::{Outside, OutsideTable, Polarity, ProcessNode};
use crate::units::{Capacitance, Current, Energy, Voltage};

/// Halvings of the range in which the row's voltage is sought: to the last bits of a number.
const HALVINGS: usize = 60;

/// A chain of inverters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InverterChain {
    /// Fins of each transistor of the last inverter.
    pub fins: f64,
    /// Supply.
    pub vdd: Voltage,
    /// Technology node of the transistors.
    pub node: ProcessNode,
    /// Part of the operations in which the row rises.
    pub rises: f64,
}

impl InverterChain {
    /// Voltage of a row that is pulled up and takes a current which falls with nothing but its own voltage: where the p-transistor delivers that
    /// current. It is the weaker of the two.
    ///
    /// # Errors
    /// If the supply lies outside of the transistor tables.
    pub fn high_level(&self, current: impl Fn(Voltage) -> Current) -> Result<Voltage, OutsideTable> {
        let transistors = self.node.transistors();
        let vdd = self.vdd.si();
        let left = |v: f64| -> Result<f64, OutsideTable> {
            let p = transistors.drain_current(Polarity::P, -vdd, v - vdd, Outside::Refuse)?;
            Ok(-self.fins * p.current_a - current(Voltage::new(v)).si())
        };
        let (mut low, mut high) = (0.0, vdd);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if left(middle)? > 0.0 { low = middle } else { high = middle }
        }
        Ok(Voltage::new(low))
    }

    /// What an operation takes to charge this capacitance, on average: `C V²` for each rise, from the supply.
    #[must_use]
    pub fn charge(&self, capacitance: Capacitance) -> Energy {
        Energy::new(self.rises * capacitance.si() * self.vdd.si() * self.vdd.si())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(fins: f64) -> InverterChain {
        InverterChain { fins, vdd: Voltage::new(0.8), node: ProcessNode::Nm14, rises: 0.25 }
    }

    /// The table's p-transistor takes 2.90 kohm for one fin near its drain: 140 of them are 20.7 ohm, of which 398 ohm leave 95.05 %.
    #[test]
    fn a_row_droops_as_a_divider_of_the_transistor_and_its_load() {
        let row = |v: Voltage| Current::new(v.si() / 398.0);
        let level = chain(140.0).high_level(row).expect("within the tables").si();
        let divider = 0.8 * 398.0 / (398.0 + 2902.4 / 140.0);
        assert!((level - divider).abs() < 0.5e-3, "{level} {divider}");
        // A tenth of the fins: the transistor is no resistor any more, and the row lower than a divider has it.
        let weak = chain(14.0).high_level(row).expect("within the tables").si();
        let divider = 0.8 * 398.0 / (398.0 + 2902.4 / 14.0);
        assert!(weak < divider && weak > 0.8 * divider, "{weak} {divider}");
        // Without a load the row is at the supply.
        assert!((chain(3.0).high_level(|_| Current::ZERO).expect("within the tables").si() - 0.8).abs() < 1e-9);
    }

    #[test]
    fn a_rise_takes_the_charge_at_the_full_supply() {
        assert!((chain(3.0).charge(Capacitance::new(1e-15)).si() - 0.25 * 1e-15 * 0.64).abs() < 1e-24);
    }

    #[test]
    fn a_supply_beyond_the_tables_is_refused() {
        let beyond = InverterChain { vdd: Voltage::new(3.0), ..chain(3.0) };
        assert!(beyond.high_level(|_| Current::ZERO).is_err());
    }
}
