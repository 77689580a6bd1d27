//! Totals of a design.

use schemars::JsonSchema;
use serde::Serialize;

use crate::cost::Estimate;
use crate::cost::totals::{AssumedShare, Totals};

/// What one inference costs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TotalsResult {
    /// Average power: energy / time from one inference to the next.
    pub power_w: f64,
    /// The largest power at one moment.
    pub peak_power_w: f64,
    /// Time from input to output.
    pub latency_s: f64,
    /// Time from one inference to the next.
    pub initiation_interval_s: f64,
    /// Energy of one inference.
    pub energy_j: f64,
    /// Energy x latency.
    pub energy_delay_j_s: f64,
    /// Area of all circuits.
    pub area_m2: f64,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
    /// 10^12 operations per second, two for each multiply-accumulate.
    pub tops: f64,
    /// 10^12 operations per joule.
    pub tops_per_w: f64,
    /// 10^12 operations per second and square millimetre.
    pub tops_per_mm2: f64,
    /// The parts, 0 to 1, that rest on assumed numbers.
    pub assumed_fraction: AssumedFraction,
}

/// The parts of totals, 0 to 1, in whose terms any factor is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct AssumedFraction {
    /// Of the energy, and so of the average power.
    pub energy: f64,
    /// Of the latency.
    pub latency: f64,
    /// Of the area.
    pub area: f64,
}

impl TotalsResult {
    /// The totals of an estimate.
    #[must_use]
    pub fn of(estimate: &Estimate<'_>) -> Self {
        Self::new(&estimate.totals, &estimate.assumed)
    }

    /// Totals with the parts of them that are assumed.
    #[must_use]
    pub fn new(t: &Totals, assumed: &AssumedShare) -> Self {
        Self {
            power_w: t.power.si(),
            peak_power_w: t.peak_power.si(),
            latency_s: t.latency.si(),
            initiation_interval_s: t.initiation_interval.si(),
            energy_j: t.energy.si(),
            energy_delay_j_s: t.energy_delay_js(),
            area_m2: t.area.si(),
            macs: t.macs,
            tops: t.tops(),
            tops_per_w: t.tops_per_w(),
            tops_per_mm2: t.tops_per_mm2(),
            assumed_fraction: AssumedFraction { energy: assumed.energy, latency: assumed.latency, area: assumed.area },
        }
    }
}
