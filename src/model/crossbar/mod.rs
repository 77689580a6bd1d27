//! Crossbars: the settling time of lines, what wires do to one of known cells ([`nodal`], [`partition`]), and to the [`typical`] one of a layer.

mod lines;
pub mod nodal;
pub mod partition;
mod steps;
pub mod typical;

use super::wire::WireGeometry;
use crate::units::{Conductance, Length, Resistance, Time, Unit};

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
    /// Mean conductance of a device when this fraction of them is in the low-resistance state.
    #[must_use]
    pub fn mean_device_conductance(&self, low_fraction: f64) -> Conductance {
        self.r_low.conductance() * low_fraction + self.r_high.conductance() * (1.0 - low_fraction)
    }

    /// The same of all devices of a cell together.
    #[must_use]
    pub fn mean_conductance(&self, low_fraction: f64) -> Conductance {
        self.mean_device_conductance(low_fraction) * f64::from(self.devices)
    }
}

/// Lines count as settled within half a step of this many bits.
const SETTLED_BITS: i32 = 8;

/// Time until row and column lines have settled, from their Elmore delays (W. C. Elmore, J. Appl. Phys. 19, 55, 1948).
///
/// A line of n segments of resistance R and capacitance C has the Elmore delay `R C n (n + 1) / 2`. The column is also charged
/// through its devices in parallel; that it ends in a virtual ground is neglected, so the time is an upper bound. Each device of a cell has a
/// column line of its own, so that a line is charged through one device a row. A first-order response is within half a step of b bits
/// after `(b + 1) ln 2` time constants.
#[must_use]
pub fn settling_time(
    wire: &WireGeometry,
    cell_width: Length,
    cell_height: Length,
    rows: u64,
    columns: u64,
    device: Conductance,
) -> Time {
    let (rows, columns) = (rows as f64, columns as f64);
    let row = wire.resistance(cell_width).si() * wire.capacitance(cell_width).si() * columns * (columns + 1.0) / 2.0;
    let segment = wire.capacitance(cell_height).si();
    let column = wire.resistance(cell_height).si() * segment * rows * (rows + 1.0) / 2.0 + segment / device.si();
    Time::from_si(f64::from(SETTLED_BITS + 1) * std::f64::consts::LN_2 * (row + column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_differential_pair_of_one_bit_has_one_device_of_each_state() {
        let cell = CellModel { r_low: Resistance::from_si(5e3), r_high: Resistance::from_si(15e3), devices: 2 };
        // 1/5000 + 1/15000 S
        assert!((cell.mean_conductance(0.5).si() - (1.0 / 5e3 + 1.0 / 15e3)).abs() < 1e-18);
    }

    #[test]
    fn a_column_is_charged_through_the_devices_on_its_own_line() {
        // 27 nm lines: a column of 64 cells, each with a device of 2 Mohm on it (1 % of 2 kohm).
        let nm = |n: f64| Length::from_si(n * 1e-9);
        let wire = WireGeometry {
            width: nm(27.0),
            thickness: nm(22.0),
            pitch_gap: nm(45.0),
            dielectric_height: nm(20.0),
            permittivity: 20.0,
            resistivity: crate::units::Resistivity::from_si(1.9e-8),
            mean_free_path: nm(39.0),
            specularity: 0.25,
            reflectivity: 0.3,
        };
        let cell = CellModel { r_low: Resistance::from_si(2e3), r_high: Resistance::from_si(2e6), devices: 2 };
        let device = cell.mean_device_conductance(0.01);
        let time = settling_time(&wire, nm(108.0), nm(135.0), 64, 32, device).si();
        // Elmore: 32 · 33 / 2 row segments of 9.2416 ohm and 0.047883 fF, 64 · 65 / 2 column segments of 11.552 ohm and 0.059854 fF, and the
        // column's 64 segments through 64 devices of 5.495 uS.
        let row = 9.241_569 * 0.047_882_9e-15 * 528.0;
        let column = 11.551_961 * 0.059_853_6e-15 * 2080.0;
        let charge = 0.059_853_6e-15 / 5.495e-6;
        let expected = 9.0 * std::f64::consts::LN_2 * (row + column + charge);
        assert!((time / expected - 1.0).abs() < 1e-5, "{time} {expected}");
    }
}
