//! What is not as designed, as an architecture file states it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Written;
use crate::units::{Fraction, Voltage};
use crate::yaml::Slot;

/// What is not as designed: spread, faults and drift of devices, mismatch of neurons, noise. All are zero when absent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ImperfectionsSpec {
    /// Standard deviation of a device's resistance, relative to its nominal one: a Gaussian that is cut off at `resistance-floor`.
    /// Beyond 20% the floor decides the result; take `resistance-lognormal` there.
    pub resistance_gaussian: Slot<Written<Fraction>>,
    /// The smallest resistance of a device with `resistance-gaussian`, relative to its nominal one. Default 10%.
    pub resistance_floor: Slot<Written<Fraction>>,
    /// Standard deviation of the natural logarithm of a device's resistance.
    pub resistance_lognormal: Slot<Written<Fraction>>,
    /// Largest deviation of a device's resistance, relative to its nominal one; all deviations up to it are equally likely.
    pub resistance_uniform: Slot<Written<Fraction>>,
    /// Fraction of the devices that are stuck, each half of them in one of the two end states.
    pub stuck: Slot<Written<Fraction>>,
    /// Fraction of the devices that are stuck in the low-resistance (parallel) state.
    pub stuck_low: Slot<Written<Fraction>>,
    /// Fraction of the devices that are stuck in the high-resistance (antiparallel) state.
    pub stuck_high: Slot<Written<Fraction>>,
    /// Tunnel magnetoresistance of the devices in the crossbars, instead of the library's.
    pub tmr: Slot<Written<Fraction>>,
    /// Change of the tunnel magnetoresistance since the gain was set, relative to it; -20% is a loss.
    pub tmr_drift: Slot<Written<Fraction>>,
    /// Change of the resistance-area product, and so of all resistances, since the gain was set, relative to it.
    pub ra_drift: Slot<Written<Fraction>>,
    /// What the gain of the column circuits is set for: `calibrated` (default) for the devices with their `tmr`, `fixed` for those of
    /// the library; `as-built` is that of the amplifiers as they are stated, whatever the network was trained with.
    pub gain: Slot<GainSpec>,
    /// Standard deviation of a neuron's input offset.
    pub neuron_offset: Slot<Written<Voltage>>,
    /// Standard deviation of a neuron's slope, relative to it.
    pub neuron_slope: Slot<Written<Fraction>>,
    /// Standard deviation of a device's current from read to read, relative to it.
    pub read_noise: Slot<Written<Fraction>>,
}

/// What the gain of the column circuits is set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GainSpec {
    /// For the devices as they are, without drift.
    #[default]
    Calibrated,
    /// For the devices of the library.
    Fixed,
    /// What the amplifiers state.
    AsBuilt,
}
