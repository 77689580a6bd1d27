//! Analog values to words: ADCs, and the words of activation units.

use pulp::Arch;

/// A converter with equal steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiser {
    /// The step.
    step: f64,
    /// The smallest and the largest code.
    codes: (f64, f64),
    /// What a code stands for beyond its steps: half a step where codes stand for the middle of their range.
    shift: f64,
}

impl Quantiser {
    /// `2^bits` codes from minus to plus a full scale, each for the middle of its step; none of them is zero, and one bit tells the sign.
    #[must_use]
    pub fn signed(bits: u32, full_scale: f64) -> Self {
        let half = 2_f64.powi(i32::try_from(bits.clamp(1, 48)).unwrap_or(1) - 1);
        Self { step: full_scale / half, codes: (-half, half - 1.0), shift: 0.5 }
    }

    /// `2^bits` codes from zero to a full scale, both among them.
    #[must_use]
    pub fn unsigned(bits: u32, full_scale: f64) -> Self {
        let largest = 2_f64.powi(i32::try_from(bits.clamp(1, 48)).unwrap_or(1)) - 1.0;
        Self { step: full_scale / largest, codes: (0.0, largest), shift: 0.0 }
    }

    /// Codes from minus to plus a full scale, both and zero among them: a sign and a magnitude. One bit is minus or plus the full scale.
    #[must_use]
    pub fn symmetric(bits: u32, full_scale: f64) -> Self {
        if bits < 2 {
            return Self::signed(1, 2.0 * full_scale);
        }
        let largest = 2_f64.powi(i32::try_from(bits.min(48)).unwrap_or(2) - 1) - 1.0;
        Self { step: full_scale / largest, codes: (-largest, largest), shift: 0.0 }
    }

    /// The value of the nearest code; of two that are as near the larger.
    #[inline(always)]
    #[must_use]
    pub fn apply(&self, value: f64) -> f64 {
        let code = (value / self.step - self.shift + 0.5).floor();
        (code.clamp(self.codes.0, self.codes.1) + self.shift) * self.step
    }

    /// The values of the nearest codes, in place.
    pub fn apply_all(&self, arch: Arch, values: &mut [f64]) {
        // Compiled for vectors, which round by one instruction.
        arch.dispatch(
            #[inline(always)]
            || {
                for value in values {
                    *value = self.apply(*value);
                }
            },
        );
    }

    /// A value as a fraction of the full scale.
    #[must_use]
    pub fn part_of_range(&self, value: f64) -> f64 {
        value.abs() / (self.step * (self.codes.1 + 2.0 * self.shift))
    }

    /// True if a value is beyond the first or the last code by more than half a step.
    #[must_use]
    pub fn clips(&self, value: f64) -> bool {
        let code = value / self.step - self.shift;
        code < self.codes.0 - 0.5 || code > self.codes.1 + 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_nearest_and_clip_at_the_ends() {
        let adc = Quantiser::signed(3, 4.0);
        assert_eq!([-9.0, -1.4, 0.4, 2.6, 9.0].map(|v| adc.apply(v)), [-3.5, -1.5, 0.5, 2.5, 3.5]);
        assert_eq!([-3.9, -4.1, 3.9, 4.1].map(|v| adc.clips(v)), [false, true, false, true]);
        // The full scale itself is within.
        assert_eq!([-4.0, 4.0].map(|v| (adc.clips(v), adc.part_of_range(v))), [(false, 1.0); 2]);
        assert_eq!(adc.part_of_range(-2.0), 0.5);
        let word = Quantiser::unsigned(2, 1.0);
        assert_eq!([-0.1, 0.2, 0.5, 1.0].map(|v| word.apply(v)), [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]);
        assert_eq!(word.part_of_range(0.5), 0.5);
        let both = Quantiser::symmetric(3, 3.0);
        assert_eq!([-9.0, -1.4, 0.4, 2.6, 9.0].map(|v| both.apply(v)), [-3.0, -1.0, 0.0, 3.0, 3.0]);
        assert_eq!([-0.1, 0.1].map(|v| Quantiser::symmetric(1, 3.0).apply(v)), [-3.0, 3.0]);
        let sign = Quantiser::signed(1, 0.5);
        assert_eq!([-0.01, 0.0, 9.0].map(|v| sign.apply(v)), [-0.25, 0.25, 0.25]);
    }

    #[test]
    fn many_values_are_rounded_as_each_of_them() {
        let values: Vec<f64> = (-300..300).map(|n| f64::from(n) * 0.013).collect();
        for words in [Quantiser::signed(3, 2.0), Quantiser::unsigned(4, 3.0), Quantiser::symmetric(5, 1.5)] {
            let one_by_one: Vec<f64> = values.iter().map(|value| words.apply(*value)).collect();
            for arch in [Arch::new(), Arch::Scalar] {
                let mut all = values.clone();
                words.apply_all(arch, &mut all);
                assert_eq!(all, one_by_one);
            }
        }
    }

    #[test]
    fn the_error_is_at_most_half_a_step_inside_the_range() {
        for bits in 1..16 {
            let half_step = 1.0 / f64::from(1 << bits);
            for n in -1000..=1000 {
                let value = f64::from(n) * 1e-3;
                assert!((Quantiser::signed(bits, 1.0).apply(value) - value).abs() <= half_step * (1.0 + 1e-9));
            }
        }
    }
}
