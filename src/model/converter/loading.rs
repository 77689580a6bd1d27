//! How well a converter of equal steps renders values that are spread as a Gaussian, and the full scale that renders them best.
//!
//! Values are taken relative to the largest that can arrive. The error is that of the steps and that of what is clipped, together: a full scale
//! that is too large wastes codes, one that is too small clips. Between these lies one with the least error (J. Max, "Quantizing for minimum
//! distortion", IRE Transactions on Information Theory 6 (1960), 7-12), which is searched for here.

use super::MOST_BITS;

/// Values that arrive at a converter, relative to the largest that can.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueSpread {
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// True if they may be negative: codes are then on both sides of zero.
    pub signed: bool,
    /// Where the values lie, if there is not one everywhere.
    pub grid: Option<ValueGrid>,
}

/// Values at equal distances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueGrid {
    /// One of them.
    pub one: f64,
    /// From one to the next.
    pub distance: f64,
}

/// A converter for these values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FullScale {
    /// Bits.
    pub bits: u32,
    /// Full scale as a fraction of the largest value that can arrive.
    pub range: f64,
    /// Variance of the values over the mean square of the converter's error.
    pub snr: f64,
}

/// Steps that are smaller than this, in standard deviations, are seen as part of a straight line.
const FINE: f64 = 0.02;
/// A grid that is finer than so many values to a standard deviation is none.
const MOST_VALUES: f64 = 1e3;
/// No full scale that is searched for lies further from the mean, in standard deviations.
const FURTHEST: f64 = 12.0;
/// Steps of the search: the interval shrinks by the golden section in each.
const STEPS: usize = 60;

impl ValueSpread {
    /// The ratio of values to the error of a converter with this full scale. Values on a grid as coarse as the steps are rendered better or
    /// worse than others, as codes and values happen to fall.
    #[must_use]
    pub fn snr(&self, bits: u32, range: f64) -> f64 {
        match self.grid {
            Some(grid) if grid.distance * MOST_VALUES > self.deviation => self.snr_on(grid, bits, range),
            _ => self.smooth_snr(bits, range),
        }
    }

    /// The first code, the step and how many codes there are.
    fn codes(&self, bits: u32, range: f64) -> (f64, f64, f64) {
        let codes = libm::exp2(f64::from(bits));
        if self.signed {
            (-range * (1.0 - 1.0 / codes), 2.0 * range / codes, codes)
        } else {
            (0.0, range / (codes - 1.0), codes)
        }
    }

    fn snr_on(&self, grid: ValueGrid, bits: u32, range: f64) -> f64 {
        let (first, step, codes) = self.codes(bits, range);
        let place = |deviations: f64| ((self.mean + deviations * self.deviation - grid.one) / grid.distance).round();
        let (mut weights, mut squares) = (0.0, 0.0);
        let (lowest, highest) = (place(-FURTHEST) as i64, place(FURTHEST) as i64);
        for value in (lowest..=highest).map(|k| grid.one + grid.distance * k as f64) {
            let from_mean = (value - self.mean) / self.deviation;
            let weight = libm::exp(-0.5 * from_mean * from_mean);
            // A value between two codes is that of the larger, whatever it was rounded to.
            let code = ((value - first) / step + 0.5 + 1e-9).floor().clamp(0.0, codes - 1.0);
            let error = first + step * code - value;
            weights += weight;
            squares += weight * error * error;
        }
        self.deviation * self.deviation * weights / squares
    }

    /// That of values of which there is one everywhere.
    fn smooth_snr(&self, bits: u32, range: f64) -> f64 {
        // In standard deviations from the mean.
        let from_mean = |value: f64| (value - self.mean) / self.deviation;
        let (first, step, codes) = self.codes(bits, range);
        let last = first + step * (codes - 1.0);
        let (first, last, step) = (from_mean(first), from_mean(last), step / self.deviation);
        let within = if step < FINE {
            step * step / 12.0 * (above(first - step / 2.0) - above(last + step / 2.0))
        } else {
            let cell = |k: f64| {
                let code = first + step * k;
                error_above(code - step / 2.0, code) - error_above(code + step / 2.0, code)
            };
            (0..1_u64 << bits.min(MOST_BITS)).map(|k| cell(k as f64)).sum()
        };
        let clipped = error_above(last + step / 2.0, last) + error_above(-(first - step / 2.0), -first);
        1.0 / (within + clipped)
    }

    /// The full scale with the least error of values of which there is one everywhere. It is never beyond the largest value that can arrive.
    #[must_use]
    pub fn best(&self, bits: u32) -> FullScale {
        let golden = (libm::sqrt(5.0) - 1.0) / 2.0;
        let reach = |deviations: f64| self.mean.abs() + deviations * self.deviation;
        let (mut low, mut high) = (libm::log(reach(0.05)), libm::log(reach(FURTHEST)));
        for _ in 0..STEPS {
            let (a, b) = (high - golden * (high - low), low + golden * (high - low));
            if self.smooth_snr(bits, libm::exp(a)) > self.smooth_snr(bits, libm::exp(b)) {
                high = b;
            } else {
                low = a;
            }
        }
        let range = libm::exp(0.5 * (low + high)).min(1.0);
        FullScale { bits, range, snr: self.snr(bits, range) }
    }

    /// The fewest bits with which values are so far above the error, on their grid and without: devices that spread blur it. None where the most
    /// bits that a converter has are too few.
    #[must_use]
    pub fn fewest_bits(&self, snr: f64) -> Option<FullScale> {
        (1..=MOST_BITS).map(|bits| self.best(bits)).find(|l| l.snr >= snr && self.smooth_snr(l.bits, l.range) >= snr)
    }

    /// The part of a full scale that all but one in ten thousand values stay within.
    #[must_use]
    pub fn used(&self, range: f64) -> f64 {
        // Of signed values both ends count.
        let deviations = if self.signed { 3.890_591_886 } else { 3.719_016_485 };
        (self.mean.abs() + deviations * self.deviation) / range
    }
}

/// The part of a Gaussian above this, in standard deviations.
fn above(x: f64) -> f64 {
    0.5 * libm::erfc(x / std::f64::consts::SQRT_2)
}

/// The mean square distance of a Gaussian's values from a code, of those above an edge; the others count nothing.
fn error_above(edge: f64, code: f64) -> f64 {
    let density = libm::exp(-0.5 * edge * edge) / libm::sqrt(2.0 * std::f64::consts::PI);
    (1.0 + code * code) * above(edge) + (edge - 2.0 * code) * density
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORMAL: ValueSpread = ValueSpread { mean: 0.0, deviation: 0.01, signed: true, grid: None };

    /// Steps and errors of the best uniform quantisers of a Gaussian: J. Max 1960, Table II (2, 4, 8, 16 and 32 levels).
    #[test]
    fn the_best_full_scale_is_the_published_one() {
        for (bits, step, error) in [
            (1, 1.596, 0.3634),
            (2, 0.9957, 0.1188),
            (3, 0.5860, 0.03744),
            (4, 0.3352, 0.01154),
            (5, 0.1881, 0.003_495),
        ] {
            let found = NORMAL.best(bits);
            let found_step = 2.0 * found.range / NORMAL.deviation / f64::from(1 << bits);
            assert!((found_step / step - 1.0).abs() < 1e-3, "{bits}: {found_step} {step}");
            assert!((1.0 / found.snr / error - 1.0).abs() < 1e-3, "{bits}: {} {error}", 1.0 / found.snr);
        }
    }

    /// Where steps begin to be taken as fine the error does not jump.
    #[test]
    fn fine_steps_are_those_of_a_straight_line() {
        for spread in [NORMAL, ValueSpread { mean: 0.3, deviation: 0.05, signed: false, grid: None }] {
            // At 4 deviations around the mean the step of 9 bits is below the bound, that of 8 above.
            let range = spread.mean + 4.0 * spread.deviation;
            let ratio = spread.snr(10, range) / spread.snr(9, range);
            assert!((2.0..4.1).contains(&ratio), "{spread:?}: {ratio}");
        }
    }

    #[test]
    fn a_wide_spread_has_the_whole_range() {
        let wide = ValueSpread { mean: 0.0, deviation: 0.5, signed: true, grid: None };
        assert_eq!(wide.best(8).range, 1.0);
        assert_eq!(NORMAL.fewest_bits(100.0).map(|l| l.bits), Some(5));
        assert_eq!(NORMAL.fewest_bits(1e30), None);
    }

    /// Against sums over values that lie close together, each with the nearest code found by looking at all.
    #[test]
    fn errors_are_those_of_the_nearest_codes() {
        let spreads = [
            ValueSpread { mean: 0.1, deviation: 0.2, signed: true, grid: None },
            ValueSpread { mean: 0.3, deviation: 0.1, signed: false, grid: None },
        ];
        let grid = Some(ValueGrid { one: 0.03, distance: 0.07 });
        for spread in spreads.into_iter().flat_map(|plain| [plain, ValueSpread { grid, ..plain }]) {
            for (bits, range) in [(1, 0.3), (3, 0.45), (4, 0.8), (6, 0.9)] {
                let count = 1 << bits;
                let code = |n: i32| match spread.signed {
                    true => range * (f64::from(2 * n + 1) / f64::from(count) - 1.0),
                    false => range * f64::from(n) / f64::from(count - 1),
                };
                let grid = spread.grid.unwrap_or(ValueGrid { one: 0.0, distance: spread.deviation / 5e3 });
                let reach = (8.0 * spread.deviation / grid.distance) as i32;
                let middle = ((spread.mean - grid.one) / grid.distance).round() as i32;
                let (mut weights, mut squares) = (0.0, 0.0);
                for value in (middle - reach..=middle + reach).map(|k| grid.one + grid.distance * f64::from(k)) {
                    let error = (0..count).map(|n| (code(n) - value).abs()).fold(f64::INFINITY, f64::min);
                    let weight = (-0.5 * ((value - spread.mean) / spread.deviation).powi(2)).exp();
                    (weights, squares) = (weights + weight, squares + weight * error * error);
                }
                let by_sum = spread.deviation * spread.deviation * weights / squares;
                let found = spread.snr(bits, range);
                assert!((found / by_sum - 1.0).abs() < 1e-3, "{spread:?} {bits}: {found} {by_sum}");
            }
        }
    }

    /// Two-sided and one-sided: 1 in 10 000 of a Gaussian lies further than 3.8906 and above 3.7190 deviations.
    #[test]
    fn the_part_in_use_is_that_of_all_but_one_in_ten_thousand() {
        let spread = ValueSpread { mean: -0.1, deviation: 0.01, signed: true, grid: None };
        assert!((spread.used(0.5) - (0.1 + 0.038_906) / 0.5).abs() < 1e-6);
        let spread = ValueSpread { mean: 0.1, signed: false, ..spread };
        assert!((spread.used(0.5) - (0.1 + 0.037_190) / 0.5).abs() < 1e-6);
    }
}
