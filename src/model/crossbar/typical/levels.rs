//! Voltages of the rows of a crossbar, as far as its power depends on them.

use crate::units::Voltage;

/// Voltages of input rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowLevels {
    /// Mean.
    pub mean: Voltage,
    /// Root mean square.
    pub rms: Voltage,
    /// Mean product of two different rows, in square volts; none where they do not depend on each other.
    pub product_v2: Option<f64>,
}

impl RowLevels {
    /// The part of the mean square of the voltages that is their variance, 0 to 1.
    #[must_use]
    pub fn variance_share(&self) -> f64 {
        let square = self.rms.si() * self.rms.si();
        if square > 0.0 { (1.0 - self.mean.si() * self.mean.si() / square).clamp(0.0, 1.0) } else { 1.0 }
    }

    /// Rows that are on, at this voltage, for a fraction of the time, else at 0 V.
    #[must_use]
    pub fn on_for(fraction: f64, voltage: Voltage) -> Self {
        Self { mean: voltage * fraction, rms: voltage * fraction.sqrt(), product_v2: None }
    }

    /// Mean product of two different rows, in square volts.
    #[must_use]
    pub fn product_v2(&self) -> f64 {
        self.product_v2.unwrap_or_else(|| self.mean.si() * self.mean.si())
    }
}
