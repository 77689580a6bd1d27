//! The largest power at one moment: everything that is on is a rectangle of power over time.

use super::tape::Register;

/// A rectangle: `power` (or `energy` spread evenly) from `from`, for `long`, repeated for every bit-serial read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rectangle {
    /// When it begins.
    pub from: Register,
    /// How long it lasts.
    pub long: Register,
    /// Its height.
    pub height: Height,
    /// How often it comes.
    pub cycles: u32,
    /// After which time it comes again; of no meaning where it comes once.
    pub period: Register,
    /// When what surrounds it begins and how long that lasts: what takes no time happens evenly within it.
    pub around: Option<(Register, Register)>,
}

impl Rectangle {
    /// An energy that takes no time: what surrounds it.
    fn at_once(&self, values: &[f64]) -> Option<(f64, f64, f64)> {
        let Height::Energy(energy) = self.height else { return None };
        let of = |register: Register| values[register.index()];
        let none = of(self.long) == 0.0;
        none.then(|| {
            let (from, long) = self.around.map_or((0.0, 0.0), |(from, long)| (of(from), of(long)));
            (from, long, of(energy))
        })
    }
}

/// How high a rectangle is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Height {
    /// A power.
    Power(Register),
    /// An energy over all its repetitions, spread evenly.
    Energy(Register),
}

/// Two moments closer than this part of the whole are one: rounding may not part what is the same.
const SAME: f64 = 1e-9;

/// A change of power, in watt, at a moment, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Change {
    at_s: f64,
    by_w: f64,
}

/// The largest sum of rectangles, in watt, over a base that is always on. Where inferences follow one another after `interval_s`, each
/// inference's rectangles come again with it. An energy of no time is spread over what surrounds it, and over the whole interval where
/// that takes no time either. `changes` is room that is used again.
pub(super) fn peak_w(
    rectangles: &[Rectangle],
    values: &[f64],
    base_w: f64,
    (span_s, interval_s): (f64, f64),
    changes: &mut Vec<Change>,
) -> f64 {
    let of = |register: Register| values[register.index()];
    let folded = interval_s < span_s;
    let mut base = base_w;
    changes.clear();
    let mut shortest = f64::INFINITY;
    let mut on = |from: f64, long: f64, power: f64| {
        changes.push(Change { at_s: from, by_w: power });
        changes.push(Change { at_s: from + long, by_w: -power });
        shortest = shortest.min(long);
    };
    for r in rectangles {
        let (first, long, power, cycles) = match (r.at_once(values), r.height) {
            (Some((_, 0.0, energy)), _) => {
                base += energy / interval_s;
                continue;
            }
            (Some((from, long, energy)), _) => (from, long, energy / long, 1),
            (None, Height::Power(power)) => (of(r.from), of(r.long), of(power), r.cycles),
            (None, Height::Energy(energy)) => {
                let long = of(r.long);
                (of(r.from), long, of(energy) / (long * f64::from(r.cycles)), r.cycles)
            }
        };
        if !(long > 0.0 && power > 0.0) {
            continue;
        }
        for cycle in 0..cycles {
            let from = first + if cycle == 0 { 0.0 } else { f64::from(cycle) * of(r.period) };
            if !folded {
                on(from, long, power);
                continue;
            }
            // What lasts through whole intervals is on in every one of them.
            let whole = ((long / interval_s) * (1.0 + SAME)).floor();
            base += whole * power;
            let rest = long - whole * interval_s;
            if rest > SAME * interval_s {
                let from = from % interval_s;
                let first = rest.min(interval_s - from);
                on(from, first, power);
                if rest - first > SAME * interval_s {
                    on(0.0, rest - first, power);
                }
            }
        }
    }
    let same = (SAME * span_s.min(interval_s)).min(shortest / 2.0);
    // What ends within rounding of a beginning has ended before it.
    for change in changes.iter_mut().filter(|c| c.by_w < 0.0) {
        change.at_s -= same;
    }
    changes.sort_unstable_by(|a, b| a.at_s.total_cmp(&b.at_s).then(a.by_w.total_cmp(&b.by_w)));
    let mut now = 0.0;
    let mut most = 0.0_f64;
    for change in changes.iter() {
        now += change.by_w;
        most = most.max(now);
    }
    base + most
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream of numbers between 0 and 1 that is the same in every run.
    fn stream() -> impl FnMut() -> f64 {
        let mut state = 12_345_u64;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// The peak of pulses that come again with every inference against what is on at each of many moments.
    #[test]
    fn the_peak_is_the_most_that_is_on_at_any_moment() {
        let mut random = stream();
        for _ in 0..300 {
            let interval = 1.0 + 9.0 * random();
            let mut values = Vec::new();
            let mut number = |value: f64| {
                values.push(value);
                Register::at(values.len() - 1)
            };
            let mut pulses = Vec::new();
            let mut rectangles = Vec::new();
            for _ in 0..4 {
                // Tenths of the interval, and moments between them, so that ends and beginnings are well apart.
                let (from, long) =
                    ((20.0 * random()).floor() / 10.0 * interval, ((25.0 * random()).floor() + 0.5) / 10.0 * interval);
                let (power, cycles, period) = (random(), 1 + (2.0 * random()) as u32, 2.7 * interval);
                let height = if random() < 0.5 {
                    Height::Power(number(power))
                } else {
                    Height::Energy(number(power * long * f64::from(cycles)))
                };
                let (from_at, long_at, period_at) = (number(from), number(long), number(period));
                rectangles.push(Rectangle {
                    from: from_at,
                    long: long_at,
                    height,
                    cycles,
                    period: period_at,
                    around: None,
                });
                pulses.extend((0..cycles).map(|cycle| (from + f64::from(cycle) * period, long, power)));
            }
            let span = pulses.iter().map(|(from, long, _)| from + long).fold(0.0, f64::max);
            let on_at = |time: f64, repeats: i32| -> f64 {
                let one = |(from, long, power): &(f64, f64, f64)| {
                    let times = (-repeats..=repeats).filter(|k| {
                        let since = time - from + f64::from(*k) * interval;
                        since >= 0.0 && since < *long
                    });
                    power * times.count() as f64
                };
                0.25 + pulses.iter().map(one).sum::<f64>()
            };
            let moments = |end: f64| (0..400).map(move |k| (f64::from(k) + 0.5) / 400.0 * end);
            let peak = |interval: f64| peak_w(&rectangles, &values, 0.25, (span, interval), &mut Vec::new());
            let alone = moments(span).map(|time| on_at(time, 0)).fold(0.0, f64::max);
            assert!((peak(span) - alone).abs() < 1e-9, "{} {alone}", peak(span));
            if interval < span {
                let again = moments(interval).map(|time| on_at(time, 20)).fold(0.0, f64::max);
                assert!((peak(interval) - again).abs() < 1e-9, "{} {again}", peak(interval));
            }
        }
    }

    /// One watt from 0.1 s for 0.2 s, which is a rounding more than 0.3 s, and another watt from 0.3 s.
    #[test]
    fn what_ends_a_rounding_after_a_beginning_has_ended_before_it() {
        let values = [0.1, 0.2, 0.3, 1.0];
        assert!(values[0] + values[1] > values[2]);
        let [first, long, second, power] = [0, 1, 2, 3].map(Register::at);
        let one = |from| Rectangle { from, long, height: Height::Power(power), cycles: 1, period: long, around: None };
        assert_eq!(peak_w(&[one(first), one(second)], &values, 0.0, (0.5, 0.5), &mut Vec::new()), 1.0);
        // A moment that is no rounding is one.
        let later = [0.1, 0.2001, 0.3, 1.0];
        assert_eq!(peak_w(&[one(first), one(second)], &later, 0.0, (0.5, 0.5), &mut Vec::new()), 2.0);
        // The second watt is on until 0.5 s, beyond the next inference's beginning, and before the first one comes on again.
        assert_eq!(peak_w(&[one(first), one(second)], &values, 0.0, (0.5, 0.45), &mut Vec::new()), 1.0);
    }

    /// An energy of 1 J: over 0.5 s that surround it, over the whole second where nothing does, and from one inference to the next.
    #[test]
    fn an_energy_of_no_time_is_spread_over_what_surrounds_it() {
        let values = [0.0, 1.0, 2.0, 0.5];
        let [none, one, two, half] = [0, 1, 2, 3].map(Register::at);
        let rectangle = |long, height, around| Rectangle { from: none, long, height, cycles: 3, period: one, around };
        let always = Rectangle { cycles: 1, ..rectangle(one, Height::Power(two), None) };
        let peak = |around, span| {
            peak_w(&[rectangle(none, Height::Energy(one), around), always], &values, 0.5, span, &mut Vec::new())
        };
        assert_eq!(peak(Some((half, half)), (1.0, 1.0)), 0.5 + 2.0 + 2.0);
        assert_eq!(peak(None, (1.0, 1.0)), 0.5 + 2.0 + 1.0);
        assert_eq!(peak(Some((half, none)), (1.0, 1.0)), 0.5 + 2.0 + 1.0);
        // Every half second another inference: 1 J in each, beside two of the other.
        assert_eq!(peak(Some((half, half)), (1.0, 0.5)), 0.5 + 4.0 + 2.0);
        assert_eq!(peak(None, (1.0, 0.5)), 0.5 + 4.0 + 2.0);
        // A power that takes no time is none.
        let no_power = [rectangle(none, Height::Power(two), None)];
        assert_eq!(peak_w(&no_power, &values, 0.5, (1.0, 1.0), &mut Vec::new()), 0.5);
    }
}
