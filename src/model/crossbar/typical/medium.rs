//! The conductance that stands for devices of two states.
//!
//! A device that conducts more than its neighbours draws its own voltage down, so a crossbar of random devices conducts less than one of their
//! mean. The conductance g that a uniform crossbar needs to carry the same is that of effective-medium theory (R. Landauer, J. Appl. Phys. 23,
//! 779, 1952; S. Kirkpatrick, Rev. Mod. Phys. 45, 574, 1973): a single device that differs from it by δ, in a crossbar of g elsewhere, changes the
//! currents by δ / (1 + z δ), z being the impedance that the crossbar has between the two ends of the device; over the states of the device that
//! is zero on average. The two devices of a pair stand in each other's way, so a pair is one site with two δ and a matrix Z.
//!
//! Effective-medium theory takes the surroundings of a device as typical. Where a column floats and few of its devices are in the low state
//! that is not so, and a column without wires is averaged over their number (`Star`).

/// Devices of two states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DeviceStates {
    pub low_s: f64,
    pub high_s: f64,
    /// Fraction in the low-resistance state.
    pub low: f64,
    /// True if two devices hold one weight: as few pairs as the fraction allows have both in the same state.
    pub paired: bool,
}

/// What a crossbar is between the two ends of a device, in ohm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    /// Both lines of a pair (or all lines that are alike) changed together.
    pub together: f64,
    /// One line alone, its row held; the end of the line is the one that both see together.
    pub line: f64,
    /// The same with the end that the negative line has for itself.
    pub apart: f64,
}

/// Steps of a bisection, to the last bit of the interval that matters.
const BISECTIONS: usize = 60;

impl DeviceStates {
    pub(super) fn mean_s(&self) -> f64 {
        self.low * self.low_s + (1.0 - self.low) * self.high_s
    }

    /// The effective conductance where the crossbar is seen like this.
    pub(super) fn effective_s(&self, seen: Seen) -> f64 {
        if !self.paired {
            return self.single_s(seen.together);
        }
        let (mut below, mut above) = (self.high_s.min(self.low_s), self.high_s.max(self.low_s));
        for _ in 0..BISECTIONS {
            let g = f64::midpoint(below, above);
            if self.excess(g, seen) > 0.0 {
                below = g;
            } else {
                above = g;
            }
        }
        f64::midpoint(below, above)
    }

    /// Of `low δ_low / (1 + z δ_low) + high δ_high / (1 + z δ_high) = 0` the root between the two states.
    fn single_s(&self, z: f64) -> f64 {
        let sum = 1.0 + z * (self.low_s + self.high_s);
        let product = self.mean_s() + z * self.low_s * self.high_s;
        2.0 * product / (sum + (sum * sum - 4.0 * z * product).max(0.0).sqrt())
    }

    /// The mean over the states of a pair of `1ᵀ (diag(1/δ) + Z)⁻¹ 1`, falling in g.
    fn excess(&self, g: f64, Seen { together, line, apart }: Seen) -> f64 {
        let (low, high) = (self.low_s - g, self.high_s - g);
        let row = (together - line) / 2.0;
        // What moves the positive line moves the negative one through the amplifier, not the other way round.
        let z = [[row + line, row], [row + line - apart, row + apart]];
        let trace = 2.0 * apart;
        let cross = z[0][1] * z[1][0];
        let change =
            |p: f64, n: f64| (p + n + trace * p * n) / ((1.0 + z[0][0] * p) * (1.0 + z[1][1] * n) - cross * p * n);
        let mixed = 2.0 * self.low.min(1.0 - self.low);
        let alike = if self.low > 0.5 { change(low, low) } else { change(high, high) };
        mixed * f64::midpoint(change(low, high), change(high, low)) + (1.0 - mixed) * alike
    }
}

/// A column without wires: devices from sources to one node, and a conductance from there to 0 V.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Star {
    pub devices: u64,
    pub end_s: f64,
}

/// Mean conductances per device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StarMeans {
    /// Current of a source that alone is at 1 V.
    pub alone_s: f64,
    /// Current of a source where all are at 1 V.
    pub all_s: f64,
}

impl Star {
    /// Exact: averaged over how many devices are in the low state.
    pub(super) fn exact(&self, states: &DeviceStates) -> StarMeans {
        let DeviceStates { low_s, high_s, low, .. } = *states;
        let sum = |count: u64, of: u64| count as f64 * low_s + (of - count) as f64 * high_s;
        let others = self.devices - 1;
        let own = |rest: f64| low * in_series(low_s, rest) + (1.0 - low) * in_series(high_s, rest);
        let alone_s = binomial_mean(others, low, |count| own(sum(count, others) + self.end_s));
        let all = binomial_mean(self.devices, low, |count| in_series(sum(count, self.devices), self.end_s));
        StarMeans { alone_s, all_s: all / self.devices as f64 }
    }

    /// By effective-medium theory.
    pub(super) fn effective(&self, states: &DeviceStates, rounds: usize) -> StarMeans {
        let n = self.devices as f64;
        let mut g = states.mean_s();
        for _ in 0..rounds {
            g = states.single_s(1.0 / (n * g + self.end_s));
        }
        StarMeans { alone_s: in_series(g, (n - 1.0) * g + self.end_s), all_s: in_series(n * g, self.end_s) / n }
    }
}

fn in_series(a_s: f64, b_s: f64) -> f64 {
    if a_s == 0.0 || b_s == 0.0 { 0.0 } else { 1.0 / (1.0 / a_s + 1.0 / b_s) }
}

/// Mean of a figure over a binomial distribution: from the most likely count outwards until nothing is left.
fn binomial_mean(trials: u64, chance: f64, figure: impl Fn(u64) -> f64) -> f64 {
    const NOTHING: f64 = 1e-17;
    let likeliest = (((trials + 1) as f64 * chance) as u64).min(trials);
    let odds = chance / (1.0 - chance);
    let (mut sum, mut weights) = (figure(likeliest), 1.0);
    let (mut count, mut weight) = (likeliest, 1.0);
    while count < trials && weight > NOTHING {
        weight *= odds * (trials - count) as f64 / (count + 1) as f64;
        count += 1;
        sum += weight * figure(count);
        weights += weight;
    }
    (count, weight) = (likeliest, 1.0);
    while count > 0 && weight > NOTHING {
        weight *= count as f64 / (odds * (trials - count + 1) as f64);
        count -= 1;
        sum += weight * figure(count);
        weights += weight;
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: DeviceStates = DeviceStates { low_s: 1e-3, high_s: 1e-4, low: 0.3, paired: false };

    #[test]
    fn devices_that_are_seen_through_nothing_have_their_mean() {
        let held = Seen { together: 0.0, line: 0.0, apart: 0.0 };
        assert!((STATES.effective_s(held) - 3.7e-4).abs() < 1e-18);
        assert!((DeviceStates { paired: true, ..STATES }.effective_s(held) - 3.7e-4).abs() < 1e-15);
    }

    #[test]
    fn devices_in_series_with_a_large_impedance_have_the_mean_of_their_resistances() {
        // Between a device and itself no more than 1/g is seen; there the effective resistance is the mean resistance:
        // 1 / (0.3 · 1 kohm + 0.7 · 10 kohm).
        let g = STATES.single_s(7300.0);
        assert!((g * 7300.0 - 1.0).abs() < 1e-12, "{g}");
    }

    #[test]
    fn a_pair_with_one_device_of_each_state_is_no_fluctuation_to_its_row() {
        // Only the row has an impedance: the pair's sum is what counts, and it does not change.
        let states = DeviceStates { low: 0.5, paired: true, ..STATES };
        let row = Seen { together: 400.0, line: 0.0, apart: 0.0 };
        assert!((states.effective_s(row) / states.mean_s() - 1.0).abs() < 1e-12);
        // Without that rule it is one.
        assert!(DeviceStates { paired: false, ..states }.effective_s(row) < 0.95 * states.mean_s());
    }

    #[test]
    fn a_binomial_mean_is_the_sum_over_all_counts() {
        for (trials, chance) in [(0, 0.5), (1, 0.2), (7, 0.01), (12, 0.93), (40, 0.5), (6, 0.0), (6, 1.0)] {
            let mut choose = 1.0;
            let mut expected = 0.0;
            for k in 0..=trials {
                let weight = choose * f64::powi(chance, k) * f64::powi(1.0 - chance, trials - k);
                expected += weight * f64::from(k).sqrt();
                choose *= f64::from(trials - k) / f64::from(k + 1);
            }
            let found = binomial_mean(trials as u64, chance, |k| (k as f64).sqrt());
            assert!((found - expected).abs() < 1e-13, "{trials} {chance}: {found} {expected}");
        }
    }

    #[test]
    fn a_star_of_two_devices_is_averaged_over_its_four_states() {
        let star = Star { devices: 2, end_s: 5e-4 };
        let (mut alone, mut all) = (0.0, 0.0);
        for (a, p) in [(1e-3, 0.3), (1e-4, 0.7)] {
            for (b, q) in [(1e-3, 0.3), (1e-4, 0.7)] {
                // Node voltage a / (a + b + end) with one source on, (a + b) / (a + b + end) with both.
                alone += p * q * a * (1.0 - a / (a + b + 5e-4));
                all += p * q * a * (1.0 - (a + b) / (a + b + 5e-4));
            }
        }
        let found = star.exact(&STATES);
        assert!((found.alone_s - alone).abs() < 1e-17 && (found.all_s - all).abs() < 1e-17);
        let many = Star { devices: 4000, ..star };
        let (exact, effective) = (many.exact(&STATES), many.effective(&STATES, 6));
        assert!((exact.alone_s / effective.alone_s - 1.0).abs() < 1e-3, "{exact:?} {effective:?}");
        assert!((exact.all_s / effective.all_s - 1.0).abs() < 1e-3, "{exact:?} {effective:?}");
    }
}
