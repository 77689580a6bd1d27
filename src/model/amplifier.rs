//! The difference amplifier at the foot of a pair of columns: an op-amp with four resistors.
//!
//! The negative column feeds the inverting input through `input`, the positive column the non-inverting one through `input`;
//! `gain · input` lies between output and inverting input, and between non-inverting input and ground. With an ideal op-amp (no input
//! current, equal inputs) the node equations give
//!
//! - non-inverting input: `v_x = v_pos · gain / (1 + gain)`, so that the positive column sees `(1 + gain) · input` to ground;
//! - inverting input at the same `v_x`, so that the negative column sees `input` to `v_x`: neither is a virtual ground, and the negative column
//!   is driven by the positive one;
//! - output: `v_x - gain · (v_neg - v_x) = gain · (v_pos - v_neg)`.

use crate::units::{Resistance, Voltage};

/// An ideal op-amp as a difference amplifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DifferenceAmplifier {
    /// Resistor from each column to the op-amp.
    pub input: Resistance,
    /// Ratio of the other two resistors to it, and the gain.
    pub gain: f64,
}

/// What stands at the foot of every column, as seen from there: a resistance to 0 V.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnEnd {
    /// Where both columns of a pair move together; every column where they have ends of their own.
    pub together: Resistance,
    /// What the negative column alone sees.
    pub apart: Resistance,
}

impl ColumnEnd {
    /// A virtual ground.
    pub const GROUND: Self = Self::to_ground(Resistance::ZERO);

    /// The same resistance to 0 V at every column.
    #[must_use]
    pub const fn to_ground(resistance: Resistance) -> Self {
        Self { together: resistance, apart: resistance }
    }
}

impl DifferenceAmplifier {
    /// What a pair of columns sees of it: at equal voltages v the negative column delivers `(v - v gain / (1 + gain)) / input`, which is what the
    /// positive one delivers into `(1 + gain) · input`.
    #[must_use]
    pub fn column_end(&self) -> ColumnEnd {
        ColumnEnd { together: self.input * (1.0 + self.gain), apart: self.input }
    }

    /// Output for these voltages at the ends of the two columns.
    #[must_use]
    pub fn output(&self, positive: Voltage, negative: Voltage) -> Voltage {
        (positive - negative) * self.gain
    }

    /// The currents that a pair of columns delivers are `N · (v_pos, v_neg)`; returns N row by row, in siemens.
    #[must_use]
    pub fn load_s(&self) -> [[f64; 2]; 2] {
        let conductance = 1.0 / self.input.si();
        [[conductance / (1.0 + self.gain), 0.0], [-conductance * self.gain / (1.0 + self.gain), conductance]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Unit;

    #[test]
    fn the_load_is_that_of_the_four_resistors() {
        // v_pos = 0.31 V at gain 30: v_x = 0.3 V; 31 kohm to ground; the negative column at 0.4 V delivers 0.1 V / 1 kohm.
        let amplifier = DifferenceAmplifier { input: Resistance::from_si(1e3), gain: 30.0 };
        let load = amplifier.load_s();
        let current = |row: usize| load[row][0] * 0.31 + load[row][1] * 0.4;
        assert!((current(0) - 0.31 / 31e3).abs() < 1e-18);
        assert!((current(1) - 0.1e-3).abs() < 1e-17);
        // Both at 0.31 V: each delivers what 31 kohm would take.
        let end = amplifier.column_end();
        let together = |row: usize| (load[row][0] + load[row][1]) * 0.31;
        assert!((together(0) - 0.31 / end.together.si()).abs() < 1e-18 && (together(1) - together(0)).abs() < 1e-17);
        assert!((load[1][1] - 1.0 / end.apart.si()).abs() < 1e-18);
        let out = amplifier.output(Voltage::from_si(0.31), Voltage::from_si(0.4)).si();
        // 0.3 V less what 0.1 mA drops across 30 kohm.
        assert!((out - (0.3 - 3.0)).abs() < 1e-12);
    }
}
