//! Crossbar lines: resistance with surface and grain-boundary scattering, capacitance, from geometry.
//!
//! Both are the models that IMAC-Sim (iCAS-Lab, `mapLayer.py`) uses, so that its printed parasitics can be checked:
//!
//! - resistivity of a narrow line: surface scattering in the approximation of Fuchs and Sondheimer, grain boundaries after
//!   A. F. Mayadas and M. Shatzkes, Phys. Rev. B 1, 1382 (1970), eq. for `rho/rho_g`, the two terms added:
//!   `rho_eff = rho (3/4 (1 - p) l0/w + 1 / (1 - 3a/2 + 3a² - 3a³ ln(1 + 1/a)))`, `a = l0 R / (w (1 - R))`;
//! - capacitance per length of a line with neighbours on both sides over a plane: T. Sakurai, IEEE Trans. Electron Devices 40,
//!   118 (1993): half of the plate-and-fringe term plus the coupling term. The formula is for lines that are about as wide, thick and far
//!   apart as they are high over the plane; far outside it becomes negative. [`WireGeometry::check`] refuses what is outside of [`RANGES`].

use crate::units::{Capacitance, Length, Resistance, Resistivity, Unit};

/// Vacuum permittivity in F/m, to the digits that IMAC-Sim uses.
const EPSILON_0: f64 = 8.854e-12;

/// Ratios to the height over the plane for which the capacitance is taken as known: width, thickness, distance of neighbours. An assumption:
/// the range over which the formula was fitted has not been looked up in its publication.
pub const RANGES: [(&str, f64, f64); 3] = [("width", 0.3, 10.0), ("thickness", 0.3, 10.0), ("pitch-gap", 0.5, 10.0)];

/// From here on the resistivity of grain boundaries is summed as a series, since its closed form is a difference of nearly equal terms.
const SERIES_FROM: f64 = 10.0;

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

/// A geometry of which the models say nothing.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum WireError {
    /// No electron passes a grain boundary.
    #[error("`reflectivity` is {0}: no electron passes a grain boundary, and the wire does not conduct")]
    Insulates(f64),
    /// The capacitance is not known.
    #[error("`{field}` is {ratio:.3} of `dielectric-height`: the capacitance of wires is known from {low} to {high}")]
    Shape {
        /// Of width, thickness, pitch-gap.
        field: &'static str,
        /// Its ratio to the height over the plane.
        ratio: f64,
        /// The lowest ratio.
        low: f64,
        /// The highest ratio.
        high: f64,
    },
}

/// What grain boundaries multiply the resistivity with (Mayadas and Shatzkes): `1 / (1 - 3a/2 + 3a² - 3a³ ln(1 + 1/a))`.
fn grain_boundaries(a: f64) -> f64 {
    let passes = if a < SERIES_FROM {
        1.0 - 1.5 * a + 3.0 * a * a - 3.0 * a.powi(3) * libm::log1p(1.0 / a)
    } else {
        // The logarithm as a power series: what is left is 3/4a - 3/5a² + 3/6a³ - …
        let mut power = 3.0;
        let term = |n: u32| {
            power /= -a;
            -power / f64::from(n)
        };
        (4..24).map(term).sum()
    };
    if a > 0.0 { 1.0 / passes } else { 1.0 }
}

impl WireGeometry {
    /// Everything about this geometry that the models do not cover.
    #[must_use]
    pub fn check(&self) -> Vec<WireError> {
        let mut errors = Vec::new();
        if self.reflectivity >= 1.0 {
            errors.push(WireError::Insulates(self.reflectivity));
        }
        for ((field, low, high), length) in RANGES.into_iter().zip([self.width, self.thickness, self.pitch_gap]) {
            let ratio = length / self.dielectric_height;
            if !(low..=high).contains(&ratio) {
                errors.push(WireError::Shape { field, ratio, low, high });
            }
        }
        errors
    }

    /// Resistivity of the line with surface and grain-boundary scattering; grains as wide as the line.
    #[must_use]
    pub fn effective_resistivity(&self) -> Resistivity {
        let ratio = self.mean_free_path / self.width;
        let surface = 0.75 * (1.0 - self.specularity) * ratio;
        let a = ratio * self.reflectivity / (1.0 - self.reflectivity);
        Resistivity::from_si(self.resistivity.si() * (surface + grain_boundaries(a)))
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
        let ground = 0.5 * (1.15 * w + 2.8 * libm::pow(t, 0.222));
        let gap = libm::pow(self.dielectric_height / self.pitch_gap, 1.34);
        let coupling = (0.03 * w + 0.83 * t - 0.07 * libm::pow(t, 0.222)) * gap;
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

    /// The factor as the integral that it comes from, `1 / 3 ∫ t³ / (t + a) dt` over 0 to 1: no difference of large numbers. Simpson's rule.
    fn integral(a: f64) -> f64 {
        let steps = 2000;
        let f = |k: i32| {
            let t = f64::from(k) / f64::from(steps);
            t.powi(3) / (t + a)
        };
        let inner: f64 = (1..steps).map(|k| f(k) * if k % 2 == 1 { 4.0 } else { 2.0 }).sum();
        1.0 / (3.0 * (f(0) + inner + f(steps)) / (3.0 * f64::from(steps)))
    }

    #[test]
    fn grain_boundaries_are_those_of_the_integral_however_many_electrons_they_reflect() {
        for a in [0.01, 0.5, 1.0, 5.0, 9.99, 10.0, 10.01, 50.0, 1e3, 1e6, 1e11] {
            let (value, expected) = (grain_boundaries(a), integral(a));
            assert!((value / expected - 1.0).abs() < 1e-8, "{a}: {value} instead of {expected}");
        }
        assert!((grain_boundaries(1e12) / (4e12 / 3.0) - 1.0).abs() < 1e-9);
        assert_eq!(grain_boundaries(0.0), 1.0);
    }

    #[test]
    fn resistivity_grows_with_reflectivity_and_stays_finite() {
        let with = |reflectivity: f64| WireGeometry { reflectivity, ..imac_sim() }.effective_resistivity().si();
        let all: Vec<f64> = [0.0, 0.3, 0.9, 0.99, 0.9999, 0.999_999_99, 0.999_999_999_99].map(with).into();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1] && pair[1].is_finite()), "{all:?}");
        let free = WireGeometry { mean_free_path: Length::from_si(1.0), ..imac_sim() }.effective_resistivity().si();
        assert!(free.is_finite() && free > all[1], "{free}");
    }

    #[test]
    fn what_the_models_do_not_cover_is_refused() {
        assert_eq!(imac_sim().check(), []);
        let opaque = WireGeometry { reflectivity: 1.0, ..imac_sim() };
        assert_eq!(opaque.check(), [WireError::Insulates(1.0)]);
        let high = WireGeometry { dielectric_height: Length::from_si(110e-6), ..imac_sim() }.check();
        assert_eq!(high.len(), 3);
        assert!(high[0].to_string().starts_with("`width` is 0.000 of `dielectric-height`"), "{}", high[0]);
        let nm = |n: f64| Length::from_si(n * 1e-9);
        for (inside, outside) in [(2.71, 2.69), (22.0, 90.5)] {
            // The width is 27 nm, the neighbours' distance 45 nm, so that 90 nm are half of it, and 2.7 nm a tenth of the width.
            let at =
                |h: f64| WireGeometry { dielectric_height: nm(h), thickness: nm(h), pitch_gap: nm(h), ..imac_sim() };
            assert!(at(inside).check().is_empty(), "{inside}");
            assert_eq!(at(outside).check().len(), 1, "{outside}");
        }
    }

    /// Everywhere in the stated range the capacitance is positive, and grows as lines come nearer to each other or to the plane.
    #[test]
    fn capacitance_is_positive_and_grows_with_nearness_in_the_whole_stated_range() {
        let nm = |n: f64| Length::from_si(n * 1e-9);
        let steps = |low: f64, high: f64| (0..=20).map(move |k| low * (high / low).powf(f64::from(k) / 20.0));
        let of = |w, t, gap| {
            let line = WireGeometry {
                width: nm(w),
                thickness: nm(t),
                pitch_gap: nm(gap),
                dielectric_height: nm(1.0),
                ..imac_sim()
            };
            line.capacitance(nm(1.0)).si()
        };
        for (w, t) in steps(0.3, 10.0).flat_map(|w| steps(0.3, 10.0).map(move |t| (w, t))) {
            let along: Vec<f64> = steps(0.5, 10.0).map(|gap| of(w, t, gap)).collect();
            assert!(along.iter().all(|&c| c > 0.0) && along.windows(2).all(|c| c[0] > c[1]), "{w} {t}: {along:?}");
        }
    }

    #[test]
    fn a_wide_line_has_the_bulk_resistivity() {
        let wide = WireGeometry { width: Length::from_si(1.0), ..imac_sim() };
        close(wide.effective_resistivity().si() / 1.9e-8, 1.0 + 39e-9 * (0.75 * 0.75 + 1.5 * 0.3 / 0.7));
    }
}
