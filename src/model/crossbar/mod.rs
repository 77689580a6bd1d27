//! Crossbars: power with ideal wires, the settling time of lines, and with [`nodal`] and [`partition`] what wires do.

mod lines;
pub mod nodal;
pub mod partition;

use super::wire::WireGeometry;
use crate::units::{Conductance, Length, Power, Resistance, Time, Unit, Voltage};

/// Two-state devices in the cells of an array.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellModel {
    /// Resistance of the low-resistance state.
    pub r_low: Resistance,
    /// Resistance of the high-resistance state.
    pub r_high: Resistance,
    /// Devices in a cell, each on its own bitline.
    pub devices: u32,
}

impl CellModel {
    /// Mean conductance of a cell when this fraction of its devices is in the low-resistance state.
    #[must_use]
    pub fn mean_conductance(&self, low_fraction: f64) -> Conductance {
        let per_device = self.r_low.conductance() * low_fraction + self.r_high.conductance() * (1.0 - low_fraction);
        per_device * f64::from(self.devices)
    }
}

/// Power that driven rows deliver into columns held at virtual ground: `P = V² · Σ G`.
///
/// `rows` is the number of rows at the read voltage (the mean of `(V/V_read)²` summed over the rows, so it need not be whole),
/// `columns` the number of columns that are connected. Wires and sneak paths are ideal.
#[must_use]
pub fn power(read_voltage: Voltage, rows: f64, columns: f64, cell: Conductance) -> Power {
    Power::from_si(read_voltage.si() * read_voltage.si() * cell.si() * rows * columns)
}

/// Lines count as settled within half a step of this many bits.
const SETTLED_BITS: i32 = 8;

/// Time until row and column lines have settled, from their Elmore delays (W. C. Elmore, J. Appl. Phys. 19, 55, 1948).
///
/// A line of n segments of resistance R and capacitance C has the Elmore delay `R C n (n + 1) / 2`. The column is also charged
/// through its cells in parallel; that it ends in a virtual ground is neglected, so the time is an upper bound. A first-order response is
/// within half a step of b bits after `(b + 1) ln 2` time constants.
#[must_use]
pub fn settling_time(
    wire: &WireGeometry,
    cell_width: Length,
    cell_height: Length,
    rows: u64,
    columns: u64,
    cell: Conductance,
) -> Time {
    let (rows, columns) = (rows as f64, columns as f64);
    let row = wire.resistance(cell_width).si() * wire.capacitance(cell_width).si() * columns * (columns + 1.0) / 2.0;
    let segment = wire.capacitance(cell_height).si();
    let column = wire.resistance(cell_height).si() * segment * rows * (rows + 1.0) / 2.0 + segment / cell.si();
    Time::from_si(f64::from(SETTLED_BITS + 1) * std::f64::consts::LN_2 * (row + column))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell() -> CellModel {
        CellModel { r_low: Resistance::from_si(5e3), r_high: Resistance::from_si(15e3), devices: 2 }
    }

    #[test]
    fn a_differential_pair_of_one_bit_has_one_device_of_each_state() {
        // 1/5000 + 1/15000 S
        let g = cell().mean_conductance(0.5).si();
        assert!((g - (1.0 / 5e3 + 1.0 / 15e3)).abs() < 1e-18);
    }

    #[test]
    fn power_is_the_sum_of_v_squared_over_r() {
        // Three rows and two columns of pairs at 0.8 V: 0.64 V² · 6 · 266.7 uS = 1.024 mW
        let p = power(Voltage::from_si(0.8), 3.0, 2.0, cell().mean_conductance(0.5));
        assert!((p.si() - 1.024e-3).abs() < 1e-15);
    }
}
