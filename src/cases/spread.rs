//! How far the results of many variants are from the published ones.

use super::{CaseResult, ClaimResult};

/// How the results of variants differ from the published ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DifferenceSpread {
    /// Least relative difference, computed / published - 1.
    pub least: f64,
    /// Median.
    pub median: f64,
    /// Nine in ten are nearer than this, whatever their sign.
    pub nine_in_ten: f64,
    /// Largest.
    pub most: f64,
}

impl CaseResult {
    /// The spread of the variants' differences; none without variants.
    #[must_use]
    pub fn spread(&self) -> Option<DifferenceSpread> {
        let mut all: Vec<f64> = self.variants.iter().map(ClaimResult::difference).collect();
        all.sort_by(f64::total_cmp);
        let (least, most) = (*all.first()?, *all.last()?);
        let median = (all[(all.len() - 1) / 2] + all[all.len() / 2]) / 2.0;
        let mut sizes: Vec<f64> = all.iter().map(|difference| difference.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let nine_in_ten = sizes[(9 * sizes.len()).div_ceil(10) - 1];
        Some(DifferenceSpread { least, median, nine_in_ten, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Published;
    use crate::units::Quantity;

    #[test]
    fn the_spread_is_that_of_the_differences_in_order() {
        let claim = |computed: f64| ClaimResult {
            what: String::new(),
            published: Published::AtLeast(Quantity::number(1.0)),
            computed: (Quantity::number(computed), Quantity::number(computed)),
            met: true,
            why: None,
        };
        let spread = |computed: &[f64]| {
            let variants = computed.iter().map(|c| claim(*c)).collect();
            CaseResult { name: String::new(), source: String::new(), claims: Vec::new(), variants }.spread()
        };
        assert_eq!(spread(&[]), None);
        let found = spread(&[1.5, 0.25, 1.0, 1.125]).expect("variants");
        // Differences -0.75, 0, 0.125, 0.5: of four, nine in ten are all four.
        assert_eq!((found.least, found.median, found.nine_in_ten, found.most), (-0.75, 0.0625, 0.75, 0.5));
        let many: Vec<f64> = (1..=20).map(|k| 1.0 + f64::from(k) / 1024.0).collect();
        assert_eq!(spread(&many).expect("variants").nine_in_ten, 18.0 / 1024.0);
        assert_eq!(spread(&many[..19]).expect("variants").median, 10.0 / 1024.0);
    }
}
