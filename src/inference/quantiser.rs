//! Analog values to words: ADCs, and the words of activation units.

/// A converter with equal steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiser {
    /// The step.
    step: f64,
    /// The smallest and the largest code.
    codes: (f64, f64),
}

impl Quantiser {
    /// Codes of `bits` from minus to plus a full scale: `-2^(bits-1) … 2^(bits-1) - 1`, zero among them; one bit tells only the sign.
    #[must_use]
    pub fn signed(bits: u32, full_scale: f64) -> Self {
        let half = 2_f64.powi(i32::try_from(bits.clamp(1, 48)).unwrap_or(1) - 1);
        if bits <= 1 {
            return Self { step: full_scale, codes: (-1.0, 1.0) };
        }
        Self { step: full_scale / half, codes: (-half, half - 1.0) }
    }

    /// Codes of `bits` from zero to a full scale, both among them.
    #[must_use]
    pub fn unsigned(bits: u32, full_scale: f64) -> Self {
        let largest = 2_f64.powi(i32::try_from(bits.clamp(1, 48)).unwrap_or(1)) - 1.0;
        Self { step: full_scale / largest, codes: (0.0, largest) }
    }

    /// The value of the nearest code; what lies halfway goes away from zero.
    #[inline]
    #[must_use]
    pub fn apply(&self, value: f64) -> f64 {
        let code = (value / self.step).round();
        // One bit has no code for zero.
        if self.codes == (-1.0, 1.0) {
            return if value < 0.0 { -self.step } else { self.step };
        }
        code.clamp(self.codes.0, self.codes.1) * self.step
    }

    /// A value as a fraction of the full scale.
    #[must_use]
    pub fn part_of_range(&self, value: f64) -> f64 {
        let end = if value < 0.0 { self.codes.0.abs() } else { self.codes.1.max(self.codes.0.abs()) };
        value.abs() / (self.step * end.max(1.0))
    }

    /// True if a value is beyond the first or the last code by more than half a step.
    #[must_use]
    pub fn clips(&self, value: f64) -> bool {
        let code = value / self.step;
        code < self.codes.0 - 0.5 || code > self.codes.1 + 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_nearest_and_clip_at_the_ends() {
        let adc = Quantiser::signed(3, 4.0);
        assert_eq!([-9.0, -1.4, 0.4, 2.6, 9.0].map(|v| adc.apply(v)), [-4.0, -1.0, 0.0, 3.0, 3.0]);
        assert_eq!([-4.4, -4.6, 3.4, 3.6].map(|v| adc.clips(v)), [false, true, false, true]);
        let word = Quantiser::unsigned(2, 1.0);
        assert_eq!([-0.1, 0.2, 0.5, 1.0].map(|v| word.apply(v)), [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]);
        let sign = Quantiser::signed(1, 0.5);
        assert_eq!([-0.01, 0.0, 9.0].map(|v| sign.apply(v)), [-0.5, 0.5, 0.5]);
    }

    #[test]
    fn more_bits_are_never_farther_from_the_value_inside_the_range() {
        for bits in 2..16 {
            let worst = |bits: u32| {
                let adc = Quantiser::signed(bits, 1.0);
                (0..1000).map(|n| f64::from(n) * 1.5e-3 - 0.75).map(|v| (adc.apply(v) - v).abs()).fold(0.0, f64::max)
            };
            assert!(worst(bits + 1) < worst(bits), "{bits}");
        }
    }
}
