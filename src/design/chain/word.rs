//! How wide a word must be so that a sum fits into it.

/// Bits of the sum of words of `bits` each, weighted with powers of two that add up to `weights`.
///
/// The largest word is `2^bits - 1`. A signed word of as many bits lies between `±(2^(bits-1) - 1)`, and its sum between
/// `±(2^(bits-1) - 1) · weights`: with its sign it takes no more bits than the unsigned one.
pub(super) fn bits_of_sum(bits: u32, weights: u128) -> u32 {
    let largest = 1_u128.checked_shl(bits).map_or(u128::MAX, |above| above - 1);
    bits_of(largest.saturating_mul(weights)).max(1)
}

/// The weights of `words` that are worth `step` bits more each: `1 + 2^step + 2^(2 step) + …`.
pub(super) fn weights(words: u64, step: u32) -> u128 {
    // Inputs and weights have at most 32 bits, so that neither the loop is long nor the sum large.
    (0..words).fold(0_u128, |sum, word| {
        let shift = u32::try_from(word).unwrap_or(u32::MAX).saturating_mul(step);
        sum.saturating_add(1_u128.checked_shl(shift).unwrap_or(u128::MAX))
    })
}

fn bits_of(value: u128) -> u32 {
    u128::BITS - value.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_reads_of_eight_bits_take_sixteen() {
        // 255 · (1 + 2 + … + 128) = 255 · 255 = 65025, above 2^15.
        assert_eq!(bits_of_sum(8, weights(8, 1)), 16);
        // 15 · (1 + 4) = 75, above 2^6.
        assert_eq!(bits_of_sum(4, weights(2, 2)), 7);
    }

    /// Every combination of words is added up as the hardware does, shifted by its place, and the widest sum counted.
    #[test]
    fn the_widest_sum_of_all_words_fits_and_needs_every_bit() {
        for (bits, reads, applied, slices, cell) in small_cases() {
            let words = reads * slices;
            let mut widest = 0;
            let mut signed_fits = true;
            let expected = bits_of_sum(bits, weights(reads, applied).saturating_mul(weights(slices, cell)));
            for combination in 0..1_u64 << (u64::from(bits) * words) {
                let word = |k: u64| combination >> (k * u64::from(bits)) & ((1 << bits) - 1);
                let shift = |k: u64| (k % reads) * u64::from(applied) + (k / reads) * u64::from(cell);
                let sum: u64 = (0..words).map(|k| word(k) << shift(k)).sum();
                widest = widest.max(64 - sum.leading_zeros());
                // The same bits as sign and magnitude.
                let signed = |k: u64| {
                    let magnitude = i64::try_from(word(k) >> 1).expect("small") << shift(k);
                    if word(k) & 1 == 1 { -magnitude } else { magnitude }
                };
                let sum: i64 = (0..words).map(signed).sum();
                signed_fits &= sum.abs() < 1 << (expected - 1);
            }
            assert_eq!(expected, widest, "{bits} bits, {reads} reads of {applied}, {slices} slices of {cell}");
            assert!(signed_fits, "{bits} bits, {reads} reads of {applied}, {slices} slices of {cell}");
        }
    }

    fn small_cases() -> Vec<(u32, u64, u32, u64, u32)> {
        let mut cases = Vec::new();
        for bits in 1..=4 {
            for reads in 1..=4 {
                for slices in 1..=3 {
                    if u64::from(bits) * reads * slices > 12 {
                        continue;
                    }
                    cases.extend((1..=3).flat_map(|a| (1..=3).map(move |c| (bits, reads, a, slices, c))));
                }
            }
        }
        cases
    }
}
