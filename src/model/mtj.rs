//! Magnetic tunnel junctions: two resistances from geometry and material.

use crate::units::{Area, Length, Resistance, ResistanceArea, Unit, Voltage};

/// Resistance of the parallel state: `R_P = RA / (pi/4 · length · width)`, the junction an ellipse.
#[must_use]
pub fn parallel_resistance(ra: ResistanceArea, length: Length, width: Length) -> Resistance {
    let area: Area = length * width;
    Resistance::from_si(ra.si() / (std::f64::consts::FRAC_PI_4 * area.si()))
}

/// The antiparallel state of a junction: `R_AP(V) = R_P · (1 + TMR / (1 + (V/V0)²))`.
///
/// The fall of the tunnel magnetoresistance with bias is the usual phenomenological form, at `V0` half of it is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Antiparallel {
    /// Resistance of the parallel state.
    pub parallel: Resistance,
    /// Tunnel magnetoresistance without bias, 2 for 200 %.
    pub tmr: f64,
    /// Bias at which the magnetoresistance has halved; none is no dependence on bias.
    pub v0: Option<Voltage>,
}

impl Antiparallel {
    /// Resistance without bias.
    #[must_use]
    pub fn resistance(&self) -> Resistance {
        Resistance::from_si(self.parallel.si() * (1.0 + self.tmr))
    }

    /// Tunnel magnetoresistance at a bias.
    #[must_use]
    pub fn tmr_at(&self, bias: Voltage) -> f64 {
        self.v0.map_or(self.tmr, |v0| self.tmr / (1.0 + (bias.si() / v0.si()).powi(2)))
    }

    /// Current through the junction at a bias, and its slope over the bias: ampere for volt, siemens.
    #[must_use]
    pub fn current(&self, bias_v: f64) -> (f64, f64) {
        let r_p = self.parallel.si();
        let Some(v0) = self.v0 else {
            let conductance = 1.0 / (r_p * (1.0 + self.tmr));
            return (bias_v * conductance, conductance);
        };
        let square = (bias_v / v0.si()).powi(2);
        // i = V (1 + s) / (R_P (1 + s + TMR)) with s = (V/V0)²
        let (top, bottom) = (1.0 + square, 1.0 + square + self.tmr);
        let conductance = top / (r_p * bottom);
        let slope = conductance + 2.0 * square * self.tmr / (r_p * bottom * bottom);
        (bias_v * conductance, slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_junction_of_the_public_netlist_has_8488_and_25465_ohm() {
        let r_p = parallel_resistance(ResistanceArea::from_si(10e-12), Length::from_si(50e-9), Length::from_si(30e-9));
        assert!((r_p.si() - 8_488.263_631_567_752).abs() < 1e-9);
        let antiparallel = Antiparallel { parallel: r_p, tmr: 2.0, v0: None };
        assert!((antiparallel.resistance().si() - 25_464.790_894_703_256).abs() < 1e-9);
    }

    /// 200 % at 0.4 V with V0 of 0.5 V: 2 / 1.64, and the current is that of the resistance that it makes.
    #[test]
    fn the_magnetoresistance_at_a_bias_is_that_of_the_current() {
        let junction = Antiparallel { parallel: Resistance::from_si(1e3), tmr: 2.0, v0: Some(Voltage::from_si(0.5)) };
        assert!((junction.tmr_at(Voltage::from_si(0.4)) - 2.0 / 1.64).abs() < 1e-15);
        assert!((junction.current(0.4).0 - 0.4 / (1e3 * (1.0 + 2.0 / 1.64))).abs() < 1e-18);
        assert!((Antiparallel { v0: None, ..junction }.tmr_at(Voltage::from_si(0.4)) - 2.0).abs() < 1e-15);
    }

    #[test]
    fn at_v0_half_of_the_magnetoresistance_is_left_and_the_slope_is_that_of_the_current() {
        let v0 = Voltage::from_si(0.65);
        let junction = Antiparallel { parallel: Resistance::from_si(1e3), tmr: 2.0, v0: Some(v0) };
        assert!((junction.current(0.65).0 - 0.65 / 2e3).abs() < 1e-18);
        for bias in [-1.0, -0.2, 0.0, 0.4, 1.3] {
            let numeric = (junction.current(bias + 1e-6).0 - junction.current(bias - 1e-6).0) / 2e-6;
            assert!((junction.current(bias).1 - numeric).abs() < 1e-9, "{bias}");
        }
    }
}
