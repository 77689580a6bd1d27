//! What is not as designed: spread, faults and drift of devices, mismatch of neurons, noise.

use crate::units::Voltage;

/// What is not as designed. The default is a perfect design.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Imperfections {
    /// How resistances spread from device to device.
    pub spread: Option<Spread>,
    /// Devices that cannot be written.
    pub stuck: Stuck,
    /// Tunnel magnetoresistance of the devices, 2 for 200 %, instead of what the library says.
    pub tmr: Option<f64>,
    /// Relative change of the tunnel magnetoresistance since the gain was set.
    pub tmr_drift: f64,
    /// Relative change of the resistance-area product since the gain was set.
    pub ra_drift: f64,
    /// What the gain of the column circuits is set for.
    pub gain: Gain,
    /// Standard deviation of a neuron's input offset.
    pub neuron_offset: Voltage,
    /// Standard deviation of a neuron's slope, relative to it.
    pub neuron_slope: f64,
    /// Standard deviation of a device's current from read to read, relative to it.
    pub read_noise: f64,
}

/// How the resistance of a device deviates from its nominal one. z is a standard normal number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spread {
    /// `R = R_nominal · max(1 + sigma z, floor)`
    Gaussian {
        /// Relative standard deviation.
        sigma: f64,
        /// Smallest resistance, relative to the nominal one.
        floor: f64,
    },
    /// `R = R_nominal · exp(sigma z)`
    Lognormal {
        /// Standard deviation of ln R.
        sigma: f64,
    },
    /// `R = R_nominal · (1 + u)`, u even between plus and minus the half width.
    Uniform {
        /// Largest relative deviation, below 1.
        half_width: f64,
    },
}

/// Fractions of the devices that are stuck in an end state.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stuck {
    /// In the low-resistance (parallel) state.
    pub low: f64,
    /// In the high-resistance (antiparallel) state.
    pub high: f64,
}

impl Stuck {
    /// True if there are any.
    #[must_use]
    pub fn any(&self) -> bool {
        self.low + self.high > 0.0
    }
}

/// What the gain of the column circuits is set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gain {
    /// For the devices with their own tunnel magnetoresistance, before they drift.
    #[default]
    Calibrated,
    /// For the devices of the library.
    Fixed,
    /// It is set for nothing: it is that of the amplifiers.
    AsBuilt,
}

impl Imperfections {
    /// True if two draws differ.
    #[must_use]
    pub fn is_random(&self) -> bool {
        let spread = match self.spread {
            Some(Spread::Gaussian { sigma, .. } | Spread::Lognormal { sigma }) => sigma > 0.0,
            Some(Spread::Uniform { half_width }) => half_width > 0.0,
            None => false,
        };
        spread
            || self.stuck.any()
            || self.neuron_offset > Voltage::ZERO
            || self.neuron_slope > 0.0
            || self.read_noise > 0.0
    }

    /// The same without what differs from draw to draw.
    #[must_use]
    pub fn without_randomness(&self) -> Self {
        Self { tmr: self.tmr, tmr_drift: self.tmr_drift, ra_drift: self.ra_drift, gain: self.gain, ..Self::default() }
    }
}
