//! Crossbar lines: resistance with surface and grain-boundary scattering, capacitance, from geometry.
//!
//! Both are the models that IMAC-Sim (iCAS-Lab, `mapLayer.py`) uses, so that its printed parasitics can be checked:
//!
//! - resistivity of a narrow line: surface scattering in the approximation of Fuchs and Sondheimer, grain boundaries after
//!   A. F. Mayadas and M. Shatzkes, Phys. Rev. B 1, 1382 (1970), eq. for `rho/rho_g`, the two terms added:
//!   `rho_eff = rho (3/4 (1 - p) l0/w + 1 / (1 - 3a/2 + 3a² - 3a³ ln(1 + 1/a)))`, `a = l0 R / (w (1 - R))`;
//! - capacitance per length of a line with neighbours on both sides over a plane: T. Sakurai, IEEE Trans. Electron Devices 40,
//!   118 (1993): half of the plate-and-fringe term plus the coupling term.

use crate::units::{Capacitance, Length, Resistance, Resistivity, Unit};

/// Vacuum permittivity in F/m, to the digits that IMAC-Sim uses.
const EPSILON_0: f64 = 8.854e-12;

/// Geometry and material of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WireGeometry {
    /// Width of the line.
    pub width: Length,
    /// Thickness of the metal.
    pub thickness: Length,
    /// Distance to the neighbouring line.
    pub pitch_gap: Length,
    /// Height over the plane below.
    pub dielectric_height: Length,
    /// Relative permittivity.
    pub permittivity: f64,
    /// Bulk resistivity.
    pub resistivity: Resistivity,
    /// Mean free path of the electrons.
    pub mean_free_path: Length,
    /// Fraction of specular surface reflections.
    pub specularity: f64,
    /// Reflectivity of grain boundaries.
    pub reflectivity: f64,
}

impl WireGeometry {
    /// Resistivity of the line with surface and grain-boundary scattering; grains as wide as the line.
    #[must_use]
    pub fn effective_resistivity(&self) -> Resistivity {
        let ratio = self.mean_free_path / self.width;
        let surface = 0.75 * (1.0 - self.specularity) * ratio;
        let a = ratio * self.reflectivity / (1.0 - self.reflectivity);
        let grains =
            if a > 0.0 { 1.0 / (1.0 - 1.5 * a + 3.0 * a * a - 3.0 * a.powi(3) * (1.0 / a).ln_1p()) } else { 1.0 };
        Resistivity::from_si(self.resistivity.si() * (surface + grains))
    }

    /// Resistance of a piece of line of this length.
    #[must_use]
    pub fn resistance(&self, length: Length) -> Resistance {
        let section = self.width.si() * self.thickness.si();
        Resistance::from_si(self.effective_resistivity().si() * length.si() / section)
    }

    /// Capacitance of a piece of line of this length.
    #[must_use]
    pub fn capacitance(&self, length: Length) -> Capacitance {
        let w = self.width / self.dielectric_height;
        let t = self.thickness / self.dielectric_height;
        let ground = 0.5 * (1.15 * w + 2.8 * t.powf(0.222));
        let gap = (self.dielectric_height / self.pitch_gap).powf(1.34);
        let coupling = (0.03 * w + 0.83 * t - 0.07 * t.powf(0.222)) * gap;
        Capacitance::from_si(self.permittivity * EPSILON_0 * (ground + coupling) * length.si())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default geometry of IMAC-Sim (`testIMAC.py`).
    fn imac_sim() -> WireGeometry {
        let nm = |n: f64| Length::from_si(n * 1e-9);
        WireGeometry {
            width: nm(27.0),
            thickness: nm(22.0),
            pitch_gap: nm(45.0),
            dielectric_height: nm(20.0),
            permittivity: 20.0,
            resistivity: Resistivity::from_si(1.9e-8),
            mean_free_path: nm(39.0),
            specularity: 0.25,
            reflectivity: 0.3,
        }
    }

    fn close(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-9, "{value} instead of {expected}");
    }

    #[test]
    fn imac_sim_resistivity_is_met_to_its_printed_digits() {
        close(imac_sim().effective_resistivity().si(), 5.0828629941e-08);
    }

    #[test]
    fn imac_sim_resistance_per_cell_is_met_to_its_printed_digits() {
        close(imac_sim().resistance(Length::from_si(108e-9)).si(), 9.241569080232848);
        close(imac_sim().resistance(Length::from_si(135e-9)).si(), 11.55196135029106);
    }

    #[test]
    fn imac_sim_capacitance_per_cell_is_met_to_its_printed_digits() {
        close(imac_sim().capacitance(Length::from_si(108e-9)).si(), 0.04788289926e-15);
    }

    #[test]
    fn a_wide_line_has_the_bulk_resistivity() {
        let wide = WireGeometry { width: Length::from_si(1.0), ..imac_sim() };
        close(wide.effective_resistivity().si() / 1.9e-8, 1.0 + 39e-9 * (0.75 * 0.75 + 1.5 * 0.3 / 0.7));
    }
}
