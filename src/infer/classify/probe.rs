//! What is drawn and looked at output by output.

use std::ops::Range;

use super::devices::Random;
use super::kernel::{Panel, WIDTH};
use super::normal::normal;
use super::run::Outcome;

/// Adds a normal number of this variance to every output, picture by picture.
pub(super) fn add_noise(
    values: &mut [Panel],
    variances: &[Panel],
    outputs: usize,
    pictures: usize,
    random: &mut Random,
) {
    for picture in 0..pictures {
        for output in 0..outputs {
            let (at, lane) = ((output / WIDTH) * pictures + picture, output % WIDTH);
            values[at][lane] += variances[at][lane].sqrt() * normal(random);
        }
    }
}

/// Calls a function with every output that exists.
fn each(values: &[Panel], outputs: usize, pictures: usize, mut with: impl FnMut(f64)) {
    for (panel, block) in values.chunks_exact(pictures.max(1)).enumerate() {
        let lanes = WIDTH.min(outputs - panel * WIDTH);
        block.iter().flat_map(|values| &values[..lanes]).for_each(|&value| with(value));
    }
}

/// Counts what a converter clips of a layer's values, and how much of its range they use and fill.
pub(super) fn count_clipped(
    values: &[Panel],
    outputs: usize,
    pictures: usize,
    adc: &super::quantiser::Quantiser,
    layer: usize,
    outcome: &mut Outcome,
) {
    each(values, outputs, pictures, |value| {
        let (clipped, all) = &mut outcome.clipped[layer];
        *clipped += u64::from(adc.clips(value));
        *all += 1;
        outcome.used_range[layer] = outcome.used_range[layer].max(adc.part_of_range(value));
        let part = adc.part_of_range(value).copysign(value);
        let (sum, squares) = &mut outcome.converted[layer];
        *sum += part;
        *squares += part * part;
    });
}

/// The sum over every output that exists, of what is made of it.
pub(super) fn sum_of(acts: &[Panel], outputs: usize, pictures: usize, applied: impl Fn(f64) -> f64) -> f64 {
    let mut sum = 0.0;
    each(acts, outputs, pictures, |a| sum += applied(a));
    sum
}

/// The sum over pictures of the mean product of two different rows that share columns, of what is made of them.
pub(super) fn products_of(
    acts: &[Panel],
    blocks: &[Range<usize>],
    pictures: usize,
    applied: impl Fn(f64) -> f64,
) -> f64 {
    let rows = |picture: usize, block: &Range<usize>| -> Vec<f64> {
        block.clone().map(|row| applied(acts[row / WIDTH * pictures + picture][row % WIDTH])).collect()
    };
    (0..pictures).map(|picture| mean_product(blocks.iter().map(|block| rows(picture, block)))).sum()
}

/// The mean product of two different values of the same list; 0 where no list has two.
pub(super) fn mean_product(lists: impl Iterator<Item = Vec<f64>>) -> f64 {
    let (mut sum, mut pairs) = (0.0, 0.0);
    for list in lists {
        let all: f64 = list.iter().sum();
        sum += all * all - list.iter().map(|a| a * a).sum::<f64>();
        pairs += list.len() as f64 * (list.len() as f64 - 1.0);
    }
    if pairs > 0.0 { sum / pairs } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every output of every picture takes the next number of the stream, times its own deviation; padding takes none.
    #[test]
    fn noise_is_drawn_output_by_output() {
        let (outputs, pictures) = (WIDTH + 2, 3);
        let variance = |picture: usize, output: usize| (1 + picture + 10 * output) as f64;
        let (mut values, mut variances) = ([[0.0; WIDTH]; 6], [[0.0; WIDTH]; 6]);
        for (picture, output) in (0..pictures).flat_map(|p| (0..outputs).map(move |o| (p, o))) {
            // The first panel has the first outputs of all pictures.
            let panel = if output < WIDTH { picture } else { pictures + picture };
            variances[panel][output % WIDTH] = variance(picture, output);
        }
        add_noise(&mut values, &variances, outputs, pictures, &mut super::super::devices::random(5, 2));
        let stream = &mut super::super::devices::random(5, 2);
        for picture in 0..pictures {
            for output in 0..outputs {
                let panel = if output < WIDTH { picture } else { pictures + picture };
                let by_hand = variance(picture, output).sqrt() * normal(stream);
                assert!((values[panel][output % WIDTH] - by_hand).abs() < 1e-12, "{picture}, {output}");
            }
        }
        assert!(values[pictures..].iter().all(|panel| panel[2..].iter().all(|padding| *padding == 0.0)));
    }

    /// One output more than fills a panel, of three pictures: of the second panel one lane is an output, the others are padding.
    #[test]
    fn padding_is_no_output() {
        let values = [[1.0; WIDTH]; 6];
        let mut seen = 0;
        each(&values, WIDTH + 1, 3, |_| seen += 1);
        assert_eq!(seen, 3 * (WIDTH + 1));
        assert_eq!(sum_of(&values, WIDTH + 1, 3, |a| 4.0 * a), 4.0 * 3.0 * (WIDTH + 1) as f64);
    }
}
