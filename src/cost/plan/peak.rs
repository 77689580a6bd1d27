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
/// inference's rectangles come again with it. `changes` is room that is used again.
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
        let long = of(r.long);
        let power = match r.height {
            Height::Power(power) => of(power),
            Height::Energy(energy) => of(energy) / (long * f64::from(r.cycles)),
        };
        if !(long > 0.0 && power > 0.0) {
            continue;
        }
        for cycle in 0..r.cycles {
            let from = of(r.from) + if cycle == 0 { 0.0 } else { f64::from(cycle) * of(r.period) };
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
