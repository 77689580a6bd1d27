//! Memory devices that hold weights: their two end states, and how single devices deviate.

use std::borrow::Cow;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::normal::normal;
use crate::model::imperfections::{Spread, Stuck};
use crate::model::network::partition::Pairs;
use crate::units::{Conductance, Resistance, Unit};

/// The generator of everything that is random in a draw.
pub type Random = Xoshiro256PlusPlus;

/// The generator of one draw. Draws are independent: each has its own stream of a ChaCha generator with the seed.
#[must_use]
pub fn random(seed: u64, draw: u64) -> Random {
    let mut root = ChaCha8Rng::seed_from_u64(seed);
    root.set_stream(draw);
    let mut bytes = [0; 32];
    root.fill_bytes(&mut bytes);
    Random::from_seed(bytes)
}

/// The two ends of a device's range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct States {
    /// Conductance of the low-resistance (parallel) state.
    pub low: Conductance,
    /// Conductance of the high-resistance (antiparallel) state.
    pub high: Conductance,
}

impl States {
    /// States of a device of these resistances.
    #[must_use]
    pub fn of(low: Resistance, high: Resistance) -> Self {
        Self { low: Conductance::from_si(1.0 / low.si()), high: Conductance::from_si(1.0 / high.si()) }
    }

    /// `G_low - G_high`, the largest weight of a pair.
    #[must_use]
    pub fn difference_s(&self) -> f64 {
        self.low.si() - self.high.si()
    }

    fn conductance_s(&self, part: f64) -> f64 {
        self.high.si() + self.difference_s() * part
    }
}

/// The devices of a crossbar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Devices {
    /// Their nominal states.
    pub states: States,
    /// How single devices deviate.
    pub spread: Option<Spread>,
    /// Devices that cannot be written.
    pub stuck: Stuck,
}

/// What is written into the pairs of a crossbar: the parts of a device's range, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    /// Rows, the bias among them.
    pub rows: usize,
    /// Outputs.
    pub outputs: usize,
    /// Positive devices, row by row.
    pub positive: Vec<f64>,
    /// Negative devices, row by row.
    pub negative: Vec<f64>,
}

impl Targets {
    /// From weights of -1 to 1.
    #[must_use]
    pub fn of(weights: &[f64], outputs: usize) -> Self {
        Self {
            rows: weights.len().checked_div(outputs).unwrap_or(0),
            outputs,
            positive: weights.iter().map(|w| w.max(0.0)).collect(),
            negative: weights.iter().map(|w| (-w).max(0.0)).collect(),
        }
    }
}

impl Devices {
    /// Without anything that differs from device to device.
    #[must_use]
    pub fn ideal(states: States) -> Self {
        Self { states, spread: None, stuck: Stuck::default() }
    }

    /// Writes a crossbar. What is random is drawn device by device, row by row, the positive one of a pair first.
    pub fn write(&self, targets: &Targets, random: &mut Random) -> Pairs {
        // What deviates is asked once, not for every device.
        match self.spread {
            None => self.write_with(targets, random, |_| 1.0),
            Some(Spread::Gaussian { sigma, floor }) => {
                self.write_with(targets, random, |random| (1.0 + sigma * normal(random)).max(floor))
            }
            Some(Spread::Lognormal { sigma }) => {
                self.write_with(targets, random, |random| libm::exp(sigma * normal(random)))
            }
            Some(Spread::Uniform { half_width }) => {
                self.write_with(targets, random, |random| 1.0 + half_width * (2.0 * random.random::<f64>() - 1.0))
            }
        }
    }

    /// `deviation` gives a device's resistance, relative to its nominal one.
    #[inline]
    fn write_with(&self, targets: &Targets, random: &mut Random, deviation: impl Fn(&mut Random) -> f64) -> Pairs {
        let mut pairs = Pairs {
            rows: targets.rows,
            outputs: targets.outputs,
            positive_s: Vec::with_capacity(targets.positive.len()),
            negative_s: Vec::with_capacity(targets.negative.len()),
        };
        for (&positive, &negative) in targets.positive.iter().zip(&targets.negative) {
            pairs.positive_s.push(self.device_s(positive, random, &deviation));
            pairs.negative_s.push(self.device_s(negative, random, &deviation));
        }
        pairs
    }

    /// One device's conductance.
    #[inline(always)]
    fn device_s(&self, part: f64, random: &mut Random, deviation: impl Fn(&mut Random) -> f64) -> f64 {
        let part = if self.stuck.any() { self.stuck_at(random).unwrap_or(part) } else { part };
        self.states.conductance_s(part) / deviation(random)
    }

    #[inline]
    fn stuck_at(&self, random: &mut Random) -> Option<f64> {
        let Stuck { low, high } = self.stuck;
        let lot: f64 = random.random();
        if lot < low {
            Some(1.0)
        } else if lot < low + high {
            Some(0.0)
        } else {
            None
        }
    }
}

/// The pairs of all slices as they lie on a tile: those of an output side by side, the lowest slice first.
pub(super) fn side_by_side(slices: &[Pairs]) -> Cow<'_, Pairs> {
    let (Some(first), true) = (slices.first(), slices.len() != 1) else {
        return slices.first().map_or_else(
            || Cow::Owned(Pairs { rows: 0, outputs: 0, positive_s: Vec::new(), negative_s: Vec::new() }),
            Cow::Borrowed,
        );
    };
    let all = |of: fn(&Pairs) -> &[f64]| {
        (0..first.positive_s.len()).flat_map(|at| slices.iter().map(move |slice| of(slice)[at])).collect()
    };
    Cow::Owned(Pairs {
        rows: first.rows,
        outputs: first.outputs * slices.len(),
        positive_s: all(|slice| &slice.positive_s),
        negative_s: all(|slice| &slice.negative_s),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nominal() -> States {
        States::of(Resistance::from_si(8488.26), Resistance::from_si(3.0 * 8488.26))
    }

    fn resistances(devices: Devices, part: f64) -> Vec<f64> {
        let targets = Targets { rows: 20_000, outputs: 1, positive: vec![part; 20_000], negative: vec![part; 20_000] };
        devices.write(&targets, &mut random(1, 1)).positive_s.iter().map(|g| 1.0 / g / 8488.26).collect()
    }

    fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
        let count = values.len() as f64;
        values.sum::<f64>() / count
    }

    #[test]
    fn the_spread_is_that_of_the_resistance() {
        let with = |spread| resistances(Devices { spread: Some(spread), ..Devices::ideal(nominal()) }, 1.0);
        let deviation = |r: &[f64]| mean(r.iter().map(|r| (r - 1.0).powi(2))).sqrt();
        let gaussian = with(Spread::Gaussian { sigma: 0.1, floor: 0.1 });
        assert!((deviation(&gaussian) - 0.1).abs() < 0.002, "{}", deviation(&gaussian));
        let cut = with(Spread::Gaussian { sigma: 1.0, floor: 0.4 });
        assert!(cut.iter().all(|&r| r >= 0.4 - 1e-12) && cut.iter().any(|&r| r < 0.4 + 1e-9));
        let lognormal = with(Spread::Lognormal { sigma: 0.2 });
        assert!((mean(lognormal.iter().map(|r| r.ln().powi(2))).sqrt() - 0.2).abs() < 0.004);
        let uniform = with(Spread::Uniform { half_width: 0.3 });
        assert!(uniform.iter().all(|r| (0.7..1.3).contains(r)));
        assert!((deviation(&uniform) - 0.3 / 3_f64.sqrt()).abs() < 0.003);
    }

    #[test]
    fn as_many_devices_are_stuck_as_are_said_to_be() {
        let devices = Devices { stuck: Stuck { low: 0.1, high: 0.3 }, ..Devices::ideal(nominal()) };
        let found = resistances(devices, 0.5);
        let part = |state: f64| found.iter().filter(|&&r| (r - state).abs() < 1e-9).count() as f64 / found.len() as f64;
        assert!((part(1.0) - 0.1).abs() < 0.01 && (part(3.0) - 0.3).abs() < 0.01, "{} {}", part(1.0), part(3.0));
    }

    /// The devices of a row of two pairs, positive ones first, take the numbers of the stream one after another.
    #[test]
    fn each_device_deviates_by_the_next_number_of_the_stream() {
        let targets = Targets { rows: 1, outputs: 2, positive: vec![1.0; 2], negative: vec![1.0; 2] };
        let found = |spread| {
            let devices = Devices { spread: Some(spread), ..Devices::ideal(nominal()) };
            let Pairs { positive_s: p, negative_s: n, .. } = devices.write(&targets, &mut random(3, 7));
            [p[0], n[0], p[1], n[1]].map(|siemens| 1.0 / siemens / 8488.26)
        };
        let close = |found: [f64; 4], expected: [f64; 4]| {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
        };
        let stream = &mut random(3, 7);
        let normals: [f64; 4] = std::array::from_fn(|_| normal(stream));
        close(found(Spread::Gaussian { sigma: 0.1, floor: 0.1 }), normals.map(|n| 1.0 + 0.1 * n));
        close(found(Spread::Lognormal { sigma: 0.2 }), normals.map(|n| (0.2 * n).exp()));
        let stream = &mut random(3, 7);
        let evenly: [f64; 4] = std::array::from_fn(|_| stream.random());
        close(found(Spread::Uniform { half_width: 0.3 }), evenly.map(|u| 0.7 + 0.6 * u));
    }

    #[test]
    fn draws_differ_and_repeat() {
        let first = |seed, draw| normal(&mut random(seed, draw));
        assert_eq!(first(1, 2), first(1, 2));
        assert!(first(1, 2) != first(1, 3) && first(1, 2) != first(2, 2));
    }
}
