//! The logistic function of many values at once.

use pulp::Arch;

use super::{Panel, WIDTH};

/// `1 / (1 + exp(-(gain · value + offset)))` of every value.
pub fn logistic(arch: Arch, values: &[Panel], gain: &Panel, offset: &Panel, out: &mut [Panel]) {
    arch.dispatch(
        #[inline(always)]
        || {
            for (out, panel) in out.iter_mut().zip(values) {
                for lane in 0..WIDTH {
                    out[lane] = logistic_of(gain[lane].mul_add(panel[lane], offset[lane]));
                }
            }
        },
    );
}

/// The logistic function within two units in the last place: exp(-x) = 2^n · exp(r) with |r| <= ln 2 / 2 (ln 2 in two parts after W. Cody, W. Waite,
/// "Software manual for the elementary functions", 1980) and the Taylor series of exp(r) up to r^13, whose rest is below 5e-18. Written without
/// branches, so that it runs in vectors.
#[inline(always)]
#[must_use]
pub fn logistic_of(x: f64) -> f64 {
    /// Adding it rounds to a whole number that stands in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    // Beyond, the function is 0 or 1 in all digits that count.
    let y = (-x).clamp(-700.0, 700.0);
    let rounded = y.mul_add(std::f64::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, y));
    let mut p: f64 = 1.0 / 6_227_020_800.0;
    for coefficient in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        p = p.mul_add(r, coefficient);
    }
    let exp = f64::from_bits((rounded.to_bits() << 52).wrapping_add(p.to_bits()));
    1.0 / (1.0 + exp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logistic_function_is_exact_to_the_last_digits() {
        for step in -400_000..400_000 {
            let x = f64::from(step) * 1e-4;
            let exact = 1.0 / (1.0 + (-x).exp());
            assert!((logistic_of(x) / exact - 1.0).abs() < 5e-16, "{x}");
        }
        assert_eq!(logistic_of(0.0), 0.5);
        assert_eq!(logistic_of(800.0), 1.0);
        assert!(logistic_of(-1e9) < 1e-300 && logistic_of(-1e9) >= 0.0);
    }
}
