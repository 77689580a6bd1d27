//! The totals of a design.

use crate::diagnostic::Diagnostic;
use crate::units::{Area, Energy, Power, Time};

/// What one inference costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals {
    /// Average power: energy / time from one inference to the next.
    pub power: Power,
    /// The largest power at one moment.
    pub peak_power: Power,
    /// Time from input to output.
    pub latency: Time,
    /// Time after which the next inference may start.
    pub initiation_interval: Time,
    /// Energy of one inference.
    pub energy: Energy,
    /// Area of all circuits.
    pub area: Area,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
}

/// Fractions, 0 to 1, of the totals that rest on assumed numbers.
///
/// A total is a sum of terms, a term a product of factors: the share is that of the terms in which any factor is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AssumedShare {
    /// Of the energy (and so of the average power).
    pub energy: f64,
    /// Of the latency, along the critical path.
    pub latency: f64,
    /// Of the area.
    pub area: f64,
}

/// A total that no circuit has: the numbers of the design contradict physics, each other, or what can be computed with.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the {total} of the design comes out as {value_si} {unit}, which is no physical result")]
pub struct NoPhysicalTotal {
    /// Which total.
    pub total: &'static str,
    /// Its value in SI units.
    pub value_si: f64,
    /// Its SI unit.
    pub unit: &'static str,
}

impl From<NoPhysicalTotal> for Diagnostic {
    fn from(error: NoPhysicalTotal) -> Self {
        Self::error(error.to_string())
            .help("a number of the design or its library is far beyond what can be built; `imcost explain` shows what it rests on")
    }
}

impl Totals {
    /// The totals, if each is a positive, finite number.
    ///
    /// # Errors
    /// The first total that is not.
    pub fn checked(self) -> Result<Self, NoPhysicalTotal> {
        let all = [
            ("energy", self.energy.si(), "J"),
            ("latency", self.latency.si(), "s"),
            ("initiation interval", self.initiation_interval.si(), "s"),
            ("power", self.power.si(), "W"),
            ("peak power", self.peak_power.si(), "W"),
            ("area", self.area.si(), "m^2"),
        ];
        match all.into_iter().find(|(_, value, _)| !(value.is_finite() && *value > 0.0)) {
            Some((total, value_si, unit)) => Err(NoPhysicalTotal { total, value_si, unit }),
            None => Ok(self),
        }
    }

    /// The totals of values that no circuit has.
    pub(super) fn of_no_circuit(macs: u64) -> Self {
        let none = f64::NAN;
        Self {
            energy: Energy::new(none),
            power: Power::new(none),
            peak_power: Power::new(none),
            latency: Time::new(none),
            initiation_interval: Time::new(none),
            area: Area::new(none),
            macs,
        }
    }

    /// Energy-delay product in J s.
    #[must_use]
    pub fn energy_delay_js(&self) -> f64 {
        self.energy.si() * self.latency.si()
    }

    /// Operations (two for each multiply-accumulate) per second, in 10^12, at one inference per initiation interval.
    #[must_use]
    pub fn tops(&self) -> f64 {
        2e-12 * self.macs as f64 / self.initiation_interval.si()
    }

    /// Operations per joule, in 10^12.
    #[must_use]
    pub fn tops_per_w(&self) -> f64 {
        2e-12 * self.macs as f64 / self.energy.si()
    }

    /// Operations per second and square millimetre, in 10^12.
    #[must_use]
    pub fn tops_per_mm2(&self) -> f64 {
        self.tops() / (self.area.si() * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_of_nothing_is_none_of_a_circuit() {
        let one = Totals {
            power: Power::new(1.0),
            peak_power: Power::new(1.0),
            latency: Time::new(1.0),
            initiation_interval: Time::new(1.0),
            energy: Energy::new(1.0),
            area: Area::new(1.0),
            macs: 1,
        };
        assert!(one.checked().is_ok());
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let wrong = [
                ("power", Totals { power: Power::new(bad), ..one }),
                ("peak power", Totals { peak_power: Power::new(bad), ..one }),
                ("latency", Totals { latency: Time::new(bad), ..one }),
                ("initiation interval", Totals { initiation_interval: Time::new(bad), ..one }),
                ("energy", Totals { energy: Energy::new(bad), ..one }),
                ("area", Totals { area: Area::new(bad), ..one }),
            ];
            for (name, totals) in wrong {
                assert_eq!(totals.checked().expect_err("refused").total, name);
            }
        }
    }
}
