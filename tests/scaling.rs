//! Digital circuits at other nodes and supplies, against the published equations evaluated here from a copy of their coefficients.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops where it fails")]

use imcost::model::scaling::{At, Cards, DigitalScaling, OutOfEquations};
use imcost::units::{Length, Voltage};

struct Set {
    cards: Vec<Cards>,
    nm: f64,
    nominal: f64,
    /// Lowest power first.
    delay: Vec<f64>,
    energy: Vec<f64>,
    area: f64,
}

fn sets() -> Vec<Set> {
    let text = include_str!("data/scaling/coefficients.csv");
    let set = |line: &str| {
        let (cards, numbers) = line.split_once(',').unwrap();
        let n: Vec<f64> = numbers.split(',').map(|n| n.parse().unwrap()).collect();
        let cards = match cards {
            "high-performance" => vec![Cards::HighPerformance],
            "low-power" => vec![Cards::LowPower],
            _ => vec![Cards::HighPerformance, Cards::LowPower],
        };
        let reversed = |range: std::ops::Range<usize>| n[range].iter().rev().copied().collect();
        Set { cards, nm: n[0], nominal: n[1], delay: reversed(2..6), energy: reversed(6..9), area: n[9] }
    };
    text.lines().skip(1).map(set).collect()
}

/// A sum of powers, as it is printed.
fn polynomial(lowest_first: &[f64], v: f64) -> f64 {
    lowest_first.iter().zip(0..).map(|(c, power)| c * v.powi(power)).sum()
}

fn at(nm: f64, volt: impl Into<Option<f64>>, cards: Cards) -> At {
    At { node: Length::new(nm * 1e-9), supply: volt.into().map(Voltage::new), cards }
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found / expected - 1.0).abs() < 1e-12, "{what}: {found} {expected}");
}

/// All 18 sets against each other, each at four supplies, 90 % of the nominal one to what the equations reach: every factor is the ratio of two polynomials.
#[test]
fn every_pair_of_nodes_and_supplies_is_that_of_the_equations() {
    let sets = sets();
    let mut places = Vec::new();
    for set in &sets {
        for &cards in &set.cards {
            let shares = [0.9, 0.95, 1.0, 1.02].map(|share| share * set.nominal);
            places.extend(shares.map(|v| (set, v, cards)));
        }
    }
    assert_eq!((sets.len(), places.len()), (18, 4 * 22));
    for &(from, from_v, from_cards) in &places {
        for &(to, to_v, to_cards) in &places {
            let what = format!("{} nm {from_v} V to {} nm {to_v} V", from.nm, to.nm);
            let (a, b) = (at(from.nm, from_v, from_cards), at(to.nm, to_v, to_cards));
            let found = DigitalScaling::between(a, b).expect(&what);
            close(found.energy, polynomial(&to.energy, to_v) / polynomial(&from.energy, from_v), &what);
            close(found.delay, polynomial(&to.delay, to_v) / polynomial(&from.delay, from_v), &what);
            close(found.area, to.area / from.area, &what);
            close(found.power() * found.delay, found.energy, &what);
            let back = DigitalScaling::between(b, a).expect(&what);
            close(found.energy * back.energy, 1.0, &what);
            close(found.delay * back.delay, 1.0, &what);
            close(found.area * back.area, 1.0, &what);
        }
    }
}

/// Published: 32 nm at 0.9 V to 14 nm at 0.8 V. Both supplies are the nominal ones, so nothing else comes out without them.
#[test]
fn from_32_nm_to_14_nm_as_published() {
    for (from, to) in [(Some(0.9), Some(0.8)), (None, None), (Some(0.9), None)] {
        let found =
            DigitalScaling::between(at(32.0, from, Cards::HighPerformance), at(14.0, to, Cards::HighPerformance));
        let found = found.unwrap();
        assert!((found.energy - 0.2105).abs() < 5e-5, "{found:?}");
        assert!((found.delay - 0.540).abs() < 5e-4, "{found:?}");
    }
}

#[test]
fn the_same_node_and_supply_is_exactly_one() {
    for nm in [7.0, 11.0, 14.0, 22.0, 28.0, 40.0, 55.0, 65.0, 110.0, 180.0] {
        for cards in [Cards::HighPerformance, Cards::LowPower] {
            let (low, high) = at(nm, None, cards).supplies().unwrap();
            for v in [None, Some(low.si() * 1.01), Some(high.si())] {
                let found = DigitalScaling::between(at(nm, v, cards), at(nm, v, cards)).unwrap();
                assert_eq!([found.energy, found.delay, found.area], [1.0; 3], "{nm} {v:?}");
            }
        }
    }
}

/// 28 nm lies between 20 and 32 nm, both at 0.9 V: everything between theirs, by the part of the way `ln(28/20) / ln(32/20)`. 38 nm is near half the way
/// from 32 nm, 0.9 V, to 45 nm, 1 V; a supply of 90 % of its nominal one stands for 90 % of theirs.
#[test]
fn between_two_nodes_logarithms_are_linear_at_the_same_share_of_the_nominal_supply() {
    let sets = sets();
    let set = |nm: f64| sets.iter().find(|s| s.nm == nm && s.cards.contains(&Cards::HighPerformance)).unwrap();
    for (nm, a, b, share) in
        [(28.0, 20.0, 32.0, 1.0), (38.0, 32.0, 45.0, 0.9), (55.0, 45.0, 65.0, 0.95), (8.0, 7.0, 10.0, 1.1)]
    {
        let (a, b) = (set(a), set(b));
        let part = f64::ln(nm / a.nm) / f64::ln(b.nm / a.nm);
        let mixed = |x: f64, y: f64| x.powf(1.0 - part) * y.powf(part);
        let nominal = mixed(a.nominal, b.nominal);
        let from = at(14.0, None, Cards::HighPerformance);
        close(at(nm, None, Cards::HighPerformance).supply().unwrap().si(), nominal, "nominal");
        let found = DigitalScaling::between(from, at(nm, share * nominal, Cards::HighPerformance)).unwrap();
        let of = |of: fn(&Set) -> &Vec<f64>| {
            let ends = [a, b].map(|s| polynomial(of(s), share * s.nominal));
            mixed(ends[0], ends[1]) / polynomial(of(set(14.0)), 0.8)
        };
        close(found.energy, of(|s| &s.energy), &format!("energy at {nm}"));
        close(found.delay, of(|s| &s.delay), &format!("delay at {nm}"));
        close(found.area, mixed(a.area, b.area), &format!("area at {nm}"));
    }
}

/// In the range that is allowed, by brute force: more supply takes more energy, all is positive, and the delay is convex. Beyond either end one of
/// these ends.
#[test]
fn the_allowed_supplies_are_those_for_which_the_equations_are_of_circuits() {
    for set in sets() {
        let (low, high) = at(set.nm, None, set.cards[0]).supplies().unwrap();
        let (low, high) = (low.si(), high.si());
        assert!(low < set.nominal && set.nominal < high, "{} nm: {low} {high}", set.nm);
        let (energy, delay) = (|v| polynomial(&set.energy, v), |v| polynomial(&set.delay, v));
        let convex = |v: f64| delay(v - 1e-3) + delay(v + 1e-3) - 2.0 * delay(v) > 0.0;
        for step in 1..100 {
            let v = low + (high - low) * f64::from(step) / 100.0;
            assert!(energy(v) > 0.0 && delay(v) > 0.0 && energy(v + 1e-6) > energy(v), "{} nm, {v} V", set.nm);
            assert!(convex(v), "{} nm, {v} V", set.nm);
        }
        let below = low - 0.01;
        assert!(energy(below) < 0.0 || energy(below) > energy(below + 1e-6), "{} nm", set.nm);
        let above = high + 0.01;
        assert!(!convex(above) || delay(above + 1e-6) > delay(above), "{} nm", set.nm);
        for (v, end) in [(below, low), (above, high)] {
            let refused = DigitalScaling::between(at(set.nm, v, set.cards[0]), at(set.nm, None, set.cards[0]));
            let Err(OutOfEquations::Supply { low, high, .. }) = refused else { panic!("{} nm, {v} V", set.nm) };
            assert!(low.si() == end || high.si() == end);
        }
    }
}
