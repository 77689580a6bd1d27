//! The unit a writer probably meant.

use super::dimension::Dimension;
use super::unit_text::{BASES, PREFIXES};

/// A wrong letter costs as much as two letters of wrong case.
const CASE: usize = 1;
const LETTER: usize = 2;

/// Units spelled out, which nobody would reach by changing one letter.
const WORDS: [(&str, &str); 13] = [
    ("watt", "W"),
    ("joule", "J"),
    ("sec", "s"),
    ("second", "s"),
    ("meter", "m"),
    ("metre", "m"),
    ("micron", "um"),
    ("volt", "V"),
    ("amp", "A"),
    ("ampere", "A"),
    ("ohm", "ohm"),
    ("farad", "F"),
    ("hertz", "Hz"),
];

/// The unit nearest to `word`, one of dimension `wanted` if two are equally near; `None` when
/// nothing is near or several kinds are.
pub(super) fn unit(word: &str, wanted: Option<Dimension>) -> Option<String> {
    let lower = word.to_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    let spelled = WORDS.iter().find(|(w, _)| *w == lower || *w == singular);
    if let Some((_, symbol)) = spelled {
        return Some((*symbol).to_owned());
    }
    let mut near: Vec<_> = known_units()
        .into_iter()
        .map(|(unit, dim)| (distance(word, &unit), wanted != Some(dim), unit, dim))
        // A one-letter word with that letter wrong is not near to anything.
        .filter(|(cost, ..)| *cost <= LETTER && *cost < LETTER * word.chars().count())
        .collect();
    // A stable sort keeps the order of the prefix table among equals.
    // Wrong case in a unit of the right kind (`NS` for `ns`) is likelier than another kind (`nS`).
    near.sort_by_key(|(cost, other_kind, unit, _)| {
        let other_word = *other_kind || !unit.eq_ignore_ascii_case(word);
        (other_word, *cost, *other_kind)
    });
    let (cost, other_kind, unit, dim) = near.first()?;
    let rivals = near.iter().any(|(c, _, _, d)| c == cost && d != dim);
    (!*other_kind || !rivals).then(|| unit.clone())
}

/// The unit that differs from `word` only in the case of its letters.
pub(super) fn other_case(word: &str) -> Option<String> {
    let found = known_units()
        .into_iter()
        .filter(|(unit, _)| unit.eq_ignore_ascii_case(word))
        .min_by_key(|(unit, _)| distance(word, unit));
    found.map(|(unit, _)| unit)
}

fn known_units() -> Vec<(String, Dimension)> {
    let typed = |symbol: &str| symbol.is_ascii();
    let mut all = vec![("cm".to_owned(), Dimension::LENGTH), ("cm^2".to_owned(), Dimension::AREA)];
    for (base, dim) in BASES.iter().filter(|(base, _)| typed(base)) {
        let prefixes = PREFIXES.iter().map(|(prefix, _)| *prefix);
        for prefix in prefixes.chain([""]).filter(|prefix| typed(prefix)) {
            all.push((format!("{prefix}{base}"), *dim));
            if *base == "m" {
                all.push((format!("{prefix}m^2"), Dimension::AREA));
            }
        }
    }
    all
}

/// Edit distance in which a wrong case is cheaper than a wrong letter.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).map(|n| n * LETTER).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = (i + 1) * LETTER;
        for (j, y) in b.iter().enumerate() {
            let swap = match (x, *y) {
                (x, y) if x == y => 0,
                (x, y) if x.eq_ignore_ascii_case(&y) => CASE,
                _ => LETTER,
            };
            let best = (diagonal + swap).min(row[j] + LETTER).min(row[j + 1] + LETTER);
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_case_leads_to_the_right_unit() {
        for (word, want) in [
            ("UW", "uW"),
            ("uw", "uW"),
            ("KHz", "kHz"),
            ("mhz", "mHz"),
            ("kOhm", "kohm"),
            ("um2", "um^2"),
            ("watts", "W"),
        ] {
            let wanted = (word == "um2").then_some(Dimension::AREA);
            assert_eq!(unit(word, wanted).as_deref(), Some(want), "{word}");
        }
    }

    #[test]
    fn the_kind_asked_for_decides_between_equals() {
        assert_eq!(unit("uX", Some(Dimension::POWER)).as_deref(), Some("uW"));
        assert_eq!(unit("uX", Some(Dimension::TIME)).as_deref(), Some("us"));
        assert_eq!(unit("uX", None), None);
        assert_eq!(unit("NS", Some(Dimension::TIME)).as_deref(), Some("ns"));
    }

    #[test]
    fn nothing_is_suggested_for_a_word_unlike_any_unit() {
        assert_eq!(unit("bananas", None), None);
        assert_eq!(unit("X", Some(Dimension::POWER)), None);
    }

    #[test]
    fn another_case_is_found_only_if_the_letters_agree() {
        assert_eq!(other_case("mw").as_deref(), Some("mW"));
        assert_eq!(other_case("tmr"), None);
    }
}
