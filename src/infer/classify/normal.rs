//! Normally distributed numbers, with the same bits on every machine: crates that draw them take logarithms from the machine's C library.

use std::sync::LazyLock;

use rand::distr::Open01;
use rand::{Rng, RngExt};

use super::devices::Random;

/// How many layers of equal area cover the bell.
const LAYERS: usize = 256;

/// Where the lowest layer ends and the tail begins.
const TAIL: f64 = 3.654_152_885_361_009;

/// How wide a box of the lowest layer's area, tail among it, would be.
const LOWEST: f64 = 3.910_757_959_537_09;

/// The layers of the ziggurat (J. A. Doornik, "An improved ziggurat method to generate normal random samples", 2005), from the lowest.
struct Ziggurat {
    /// Half the width of each layer, then 0.
    widths: [f64; LAYERS + 1],
    /// The bell at these widths.
    heights: [f64; LAYERS + 1],
}

static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(|| {
    let area = LOWEST * bell(TAIL);
    let mut widths = [0.0; LAYERS + 1];
    (widths[0], widths[1]) = (LOWEST, TAIL);
    for i in 2..LAYERS {
        let below: f64 = widths[i - 1];
        widths[i] = (-2.0 * libm::log(area / below + bell(below))).sqrt();
    }
    Ziggurat { widths, heights: widths.map(bell) }
});

fn bell(x: f64) -> f64 {
    libm::exp(-x * x / 2.0)
}

/// A standard normal number.
#[inline]
pub fn normal(random: &mut Random) -> f64 {
    let Ziggurat { widths, heights } = &*ZIGGURAT;
    loop {
        let bits = random.next_u64();
        let layer = (bits & 0xff) as usize;
        // The upper 52 bits as a number from -1 to 1: a fraction of 2 to 4, less 3.
        let part = f64::from_bits((bits >> 12) | (1024 << 52)) - 3.0;
        let x = part * widths[layer];
        if x.abs() < widths[layer + 1] {
            return x;
        }
        if layer == 0 {
            return tail(random).copysign(part);
        }
        let height = heights[layer + 1] + (heights[layer] - heights[layer + 1]) * random.random::<f64>();
        if height < bell(x) {
            return x;
        }
    }
}

/// A number beyond the lowest layer.
#[cold]
fn tail(random: &mut Random) -> f64 {
    loop {
        let [x, y] = [(); 2].map(|()| libm::log(random.sample(Open01)));
        let beyond = -x / TAIL;
        if -2.0 * y >= beyond * beyond {
            return TAIL + beyond;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, StandardNormal};

    use super::*;
    use crate::infer::classify::devices::random;

    #[test]
    fn numbers_are_those_of_another_hand_but_for_their_last_digits() {
        let (mut ours, mut theirs) = (random(1, 0), random(1, 0));
        let mut beyond = 0;
        for _ in 0..200_000 {
            let (x, y): (f64, f64) = (normal(&mut ours), StandardNormal.sample(&mut theirs));
            assert!((x - y).abs() < 1e-12, "{x} for {y}");
            beyond += usize::from(x.abs() > TAIL);
        }
        // 2.58e-4 of all are beyond the lowest layer; among them both signs.
        assert!((30..80).contains(&beyond), "{beyond}");
    }

    #[test]
    fn the_layers_end_at_the_top_of_the_bell() {
        // One layer more of the same area would reach a height of 1.
        let last = ZIGGURAT.widths[LAYERS - 1];
        assert!((LOWEST * bell(TAIL) / last + bell(last) - 1.0).abs() < 1e-9);
    }
}
