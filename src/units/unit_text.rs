//! Unit expressions: `uW`, `um^2`, `ohm um^2`, `fF/um`, `GS/s`, `%`.
//!
//! Every unit here is a power of ten times a coherent SI unit, so its scale is an integer.

use super::dimension::Dimension;
use std::ops::Range;

/// Symbol and dimension of the units that take prefixes.
pub(super) const BASES: [(&str, Dimension); 12] = [
    ("W", Dimension::POWER),
    ("J", Dimension::ENERGY),
    ("s", Dimension::TIME),
    ("m", Dimension::LENGTH),
    ("V", Dimension::VOLTAGE),
    ("A", Dimension::CURRENT),
    ("ohm", Dimension::RESISTANCE),
    ("S", Dimension::CONDUCTANCE),
    ("F", Dimension::CAPACITANCE),
    ("Hz", Dimension::FREQUENCY),
    // The Greek letter and the compatibility character look alike and are both typed.
    ("\u{3a9}", Dimension::RESISTANCE),
    ("\u{2126}", Dimension::RESISTANCE),
];

/// Prefix and decimal exponent; `c` is not here because only the metre takes it. Of two for the same
/// exponent the first is the one to print.
pub(super) const PREFIXES: [(&str, i32); 12] = [
    ("a", -18),
    ("f", -15),
    ("p", -12),
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    // The micro sign and the Greek letter look alike and are both typed.
    ("\u{b5}", -6),
    ("\u{3bc}", -6),
];

/// `10^exp10` coherent SI units of dimension `dim`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub dim: Dimension,
    pub exp10: i32,
}

/// Where the unit stands, which decides where it ends.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum UnitPlace {
    /// The whole text is the unit, so anything left over is an error.
    Alone,
    /// The unit ends where the formula can go on: `mW` in `16 mW / 8`.
    InFormula,
}

/// The scale of the unit that `text` begins with and the bytes it takes, or the range of the word
/// that is no unit; the range is empty where a word is missing.
pub(super) fn scan(text: &str, place: UnitPlace) -> Result<(Scale, usize), Range<usize>> {
    if text.starts_with('%') && (place == UnitPlace::InFormula || text.len() == 1) {
        let dim = Dimension::NUMBER;
        return Ok((Scale { dim, exp10: -2 }, 1));
    }
    let first = Factor::scan(text, 0, place)?;
    let (mut total, mut end, mut count) = (first.scale, first.end, 1);
    while let Some((divides, start)) = separator(text, end, place) {
        let next = match Factor::scan(text, start, place) {
            Ok(next) => next,
            Err(word) if place == UnitPlace::Alone => return Err(word),
            Err(_) => break,
        };
        count += 1;
        total = if count == 2 && divides && is_rate(&first, &next) {
            // Samples per second, not siemens per second.
            let dim = Dimension::FREQUENCY;
            Scale { dim, ..first.scale }
        } else {
            combine(total, next.scale, divides).ok_or(start..next.end)?
        };
        end = next.end;
    }
    Ok((total, end))
}

fn is_rate(first: &Factor, next: &Factor) -> bool {
    first.is(Dimension::CONDUCTANCE) && next.is(Dimension::TIME) && next.scale.exp10 == 0
}

fn combine(left: Scale, right: Scale, divides: bool) -> Option<Scale> {
    let (dim, exp10) = if divides {
        (left.dim.checked_div(right.dim)?, left.exp10 - right.exp10)
    } else {
        (left.dim.checked_mul(right.dim)?, left.exp10 + right.exp10)
    };
    Some(Scale { dim, exp10 })
}

/// Whether what follows `at` divides, and where its next factor starts.
fn separator(text: &str, at: usize, place: UnitPlace) -> Option<(bool, usize)> {
    let rest = &text[at..];
    let trimmed = rest.trim_start();
    let spaced = trimmed.len() < rest.len();
    let start = text.len() - trimmed.len();
    let sign = trimmed.chars().next()?;
    let is_sign = matches!(sign, '/' | '*' | '\u{b7}');
    if place == UnitPlace::InFormula && is_sign && (spaced || sign == '*') {
        // `16 mW / s` divides by the variable `s`; only `16 mW/s` means watts per second.
        return None;
    }
    if !is_sign {
        return spaced.then_some((false, start));
    }
    let after = text[start + sign.len_utf8()..].trim_start();
    Some((sign == '/', text.len() - after.len()))
}

/// One symbol with its prefix and power.
struct Factor {
    scale: Scale,
    power: i8,
    end: usize,
}

impl Factor {
    fn scan(text: &str, start: usize, place: UnitPlace) -> Result<Self, Range<usize>> {
        let rest = &text[start..];
        let len = match place {
            UnitPlace::Alone => rest.find(ends_word).unwrap_or(rest.len()),
            UnitPlace::InFormula => name_len(rest),
        };
        let (power, power_len) = power(&rest[len..]);
        let mut end = start + len + power_len;
        if place == UnitPlace::Alone && len > 0 {
            // What is glued to a power is neither a new factor nor a unit with this one.
            let glued = text[end..].find(separates).unwrap_or(text.len() - end);
            if glued > 0 {
                end += glued;
                return Err(start..end);
            }
        }
        let scale = symbol(&rest[..len]).and_then(|symbol| {
            Some(Scale { dim: symbol.dim.checked_pow(power)?, exp10: symbol.exp10 * i32::from(power) })
        });
        let scale = scale.ok_or(start..end)?;
        Ok(Self { scale, power, end })
    }

    fn is(&self, dim: Dimension) -> bool {
        self.power == 1 && self.scale.dim == dim
    }
}

fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '/' | '\u{b7}')
}

fn ends_word(c: char) -> bool {
    separates(c) || matches!(c, '^' | '\u{b2}' | '\u{b3}')
}

/// The power that follows a symbol and the bytes it takes; 1 and none when there is none.
fn power(text: &str) -> (i8, usize) {
    match text.chars().next() {
        Some('\u{b2}') => return (2, 2),
        Some('\u{b3}') => return (3, 2),
        _ => {}
    }
    let Some(after) = text.trim_start().strip_prefix('^') else {
        return (1, 0);
    };
    let after = after.trim_start();
    let sign = usize::from(after.starts_with('-'));
    let digits = after[sign..].bytes().take_while(u8::is_ascii_digit).count();
    match after[..sign + digits].parse() {
        Ok(power) => (power, text.len() - after.len() + sign + digits),
        Err(_) => (1, 0),
    }
}

/// A symbol with at most one prefix.
fn symbol(word: &str) -> Option<Scale> {
    let base = |symbol: &str| {
        let found = BASES.iter().find(|(name, _)| *name == symbol);
        found.map(|(_, dim)| *dim)
    };
    if let Some(dim) = base(word) {
        return Some(Scale { dim, exp10: 0 });
    }
    match word {
        "cm" => {
            let dim = Dimension::LENGTH;
            return Some(Scale { dim, exp10: -2 });
        }
        // Only so that the printed form of an unnamed dimension can be read back.
        "kg" => {
            let dim = Dimension::MASS;
            return Some(Scale { dim, exp10: 0 });
        }
        _ => {}
    }
    PREFIXES.iter().find_map(|(prefix, exp10)| {
        let dim = base(word.strip_prefix(prefix)?)?;
        let exp10 = *exp10;
        Some(Scale { dim, exp10 })
    })
}

/// Whether a formula could use this word as a unit.
pub(super) fn is_unit(word: &str) -> bool {
    symbol(word).is_some()
}

/// The length of the name that `text` begins with. A hyphen that directly joins two name
/// characters belongs to the name, unless both are digits: `r-low` is a name, `2-3` is not.
pub(super) fn name_len(text: &str) -> usize {
    let mut previous = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let belongs = match (previous, c, next) {
            (None, c, _) => is_name_char(c) && !c.is_ascii_digit(),
            (Some(p), '-', Some(n)) => {
                is_name_char(p) && is_name_char(n) && !(p.is_ascii_digit() && n.is_ascii_digit())
            }
            _ => is_name_char(c),
        };
        if !belongs {
            return at;
        }
        previous = Some(c);
    }
    text.len()
}

fn is_name_char(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(text: &str) -> Result<(Dimension, i32), Range<usize>> {
        scan(text, UnitPlace::Alone).map(|(scale, len)| {
            assert_eq!(len, text.len(), "{text}");
            (scale.dim, scale.exp10)
        })
    }

    #[test]
    fn units_are_a_dimension_and_a_power_of_ten() {
        for (text, dim, exp10) in [
            ("uW", Dimension::POWER, -6),
            ("\u{b5}W", Dimension::POWER, -6),
            ("\u{3bc}W", Dimension::POWER, -6),
            ("um^2", Dimension::AREA, -12),
            ("\u{b5}m\u{b2}", Dimension::AREA, -12),
            ("nm ^ 2", Dimension::AREA, -18),
            ("cm", Dimension::LENGTH, -2),
            ("m", Dimension::LENGTH, 0),
            ("mm", Dimension::LENGTH, -3),
            ("k\u{3a9}", Dimension::RESISTANCE, 3),
            ("\u{2126}", Dimension::RESISTANCE, 0),
            ("ohm um^2", Dimension::RESISTANCE_AREA, -12),
            ("ohm*um^2", Dimension::RESISTANCE_AREA, -12),
            ("ohm \u{b7} \u{b5}m\u{b2}", Dimension::RESISTANCE_AREA, -12),
            ("uohm cm", Dimension::RESISTIVITY, -8),
            ("GS/s", Dimension::FREQUENCY, 9),
            ("S/s", Dimension::FREQUENCY, 0),
            ("s^-1", Dimension::FREQUENCY, 0),
            ("J/s", Dimension::POWER, 0),
            ("%", Dimension::NUMBER, -2),
        ] {
            assert_eq!(alone(text), Ok((dim, exp10)), "{text}");
        }
    }

    #[test]
    fn a_wrong_word_is_pointed_at() {
        assert_eq!(alone("UW"), Err(0..2));
        assert_eq!(alone("ohm XX"), Err(4..6));
        assert_eq!(alone("cW"), Err(0..2));
        assert_eq!(alone("um^"), Err(0..3));
        assert_eq!(alone("um^2m"), Err(0..5));
        assert_eq!(alone("um^999"), Err(0..6));
        assert_eq!(alone("ohm /"), Err(5..5));
        assert_eq!(alone("eV"), Err(0..2));
        assert_eq!(alone("%%"), Err(0..2));
    }

    #[test]
    fn in_a_formula_a_unit_ends_before_the_next_operator() {
        let len = |text| scan(text, UnitPlace::InFormula).map(|(_, len)| len);
        assert_eq!(len("mW / s"), Ok(2));
        assert_eq!(len("mW/s"), Ok(4));
        assert_eq!(len("mW * s"), Ok(2));
        assert_eq!(len("ohm um^2 x 2"), Ok(8));
        assert_eq!(len("um^2)"), Ok(4));
        assert!(len("lambda").is_err());
        assert!(len("s-count").is_err());
    }

    #[test]
    fn a_hyphen_joins_names_but_not_numbers() {
        assert_eq!(name_len("r-low * 2"), 5);
        assert_eq!(name_len("a - b"), 1);
        assert_eq!(name_len("adc-8-bit"), 9);
        assert_eq!(name_len("a2-3"), 2);
        assert_eq!(name_len("2a"), 0);
        assert_eq!(name_len("a-"), 1);
    }
}
