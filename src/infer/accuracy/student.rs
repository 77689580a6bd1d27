//! Student's t, in closed form for whole degrees of freedom.

use std::f64::consts::FRAC_2_PI;

/// Within plus or minus this lie 95 % of Student's distribution with so many degrees of freedom (M. Abramowitz and I. A. Stegun, "Handbook of
/// Mathematical Functions", 26.7.3 and 26.7.4); infinite of none.
#[must_use]
pub fn two_sided_95(freedom: u32) -> f64 {
    if freedom == 0 {
        return f64::INFINITY;
    }
    let root = f64::from(freedom).sqrt();
    // The probability grows ever slower with the angle, so that Newton's steps from an angle below the right one never pass it. A normal
    // distribution, the one of infinite freedom, is narrower.
    let mut angle = libm::atan(1.959 / root);
    // Each step doubles the digits that are right: five reach them all, whatever the freedom.
    for _ in 0..6 {
        let (within, slope) = within(freedom, angle);
        angle += (0.95 - within) / slope;
    }
    root * libm::tan(angle)
}

/// The probability of t within plus or minus `sqrt(freedom) tan(angle)`, and its derivative by the angle.
fn within(freedom: u32, angle: f64) -> (f64, f64) {
    let (sine, cosine) = libm::sincos(angle);
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = if odd { (cosine, 0.0) } else { (1.0, 0.0) };
    let mut power = if odd { 1 } else { 0 };
    // Terms with cosine to the power of 1, 3, ... or 0, 2, ... up to freedom - 2.
    while power + 2 <= freedom {
        sum += term;
        term *= f64::from(power + 1) / f64::from(power + 2) * cosine * cosine;
        power += 2;
    }
    // The derivative is `constant * cosine^(freedom - 1)`: the term after the last but for a factor.
    let slope = f64::from(freedom) * term / cosine;
    if odd { (FRAC_2_PI * (angle + sine * sum), FRAC_2_PI * slope) } else { (sine * sum, slope) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_printed_tables() {
        let printed = [
            (1, 12.7062),
            (2, 4.3027),
            (3, 3.1824),
            (4, 2.7764),
            (5, 2.5706),
            (9, 2.2622),
            (30, 2.0423),
            (100, 1.9840),
            (1000, 1.9623),
        ];
        for (freedom, t) in printed {
            assert!((two_sided_95(freedom) - t).abs() < 6e-5, "{freedom}: {} for {t}", two_sided_95(freedom));
        }
        // Two degrees of freedom have a formula of their own.
        assert!((two_sided_95(2) - 0.95 * (2.0 / (1.0 - 0.95_f64 * 0.95)).sqrt()).abs() < 1e-13);
        assert!((two_sided_95(1_000_000) - 1.959_966).abs() < 1e-6);
    }
}
