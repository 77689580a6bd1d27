//! A decimal number in text, kept as text until its power of ten is known.

use std::ops::RangeInclusive;

/// The largest exponents worth telling apart: beyond them every `f64` is zero or infinite, unless
/// the digits are as many, and those are counted by `f64::from_str`.
const EXPONENTS: RangeInclusive<i64> = -1_000_000_000..=1_000_000_000;

/// A number found at the beginning of a text.
#[derive(Debug, PartialEq)]
pub(super) struct NumberText<'a> {
    /// Sign, digits and point.
    mantissa: &'a str,
    /// What followed `e`, or 0.
    exponent: i64,
    /// The bytes taken, exponent included.
    pub len: usize,
}

impl<'a> NumberText<'a> {
    /// The number that `text` begins with, if it does; a sign belongs to it when `signed`.
    pub fn scan(text: &'a str, signed: bool) -> Option<Self> {
        let bytes = text.as_bytes();
        let sign = usize::from(signed && matches!(bytes.first(), Some(b'+' | b'-')));
        let whole = digits(bytes, sign);
        let mut end = sign + whole;
        let mut count = whole;
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(bytes, end + 1);
            count += fraction;
            end += 1 + fraction;
        }
        if count == 0 {
            return None;
        }
        let (exponent, len) = exponent(text, end);
        Some(Self { mantissa: &text[..end], exponent, len })
    }

    /// The nearest `f64` to this number times `10^shift`, rounded once; `Err` says why there is none.
    pub fn value(&self, shift: i32) -> Result<f64, &'static str> {
        let exponent = self.exponent + i64::from(shift);
        let value = format!("{}e{exponent}", self.mantissa).parse::<f64>().map_err(|_| "is not a number")?;
        let nonzero = self.mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b));
        match value {
            _ if !value.is_finite() => Err("is too large"),
            0.0 if nonzero => Err("is too small to tell from zero"),
            _ => Ok(value),
        }
    }
}

fn digits(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// The exponent written at `at` and where it ends; without digits an `e` belongs to a unit.
fn exponent(text: &str, at: usize) -> (i64, usize) {
    let bytes = text.as_bytes();
    if !matches!(bytes.get(at), Some(b'e' | b'E')) {
        return (0, at);
    }
    let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    let first = at + 1 + sign;
    let end = first + digits(bytes, first);
    if end == first {
        return (0, at);
    }
    let limit = if bytes[at + 1] == b'-' { *EXPONENTS.start() } else { *EXPONENTS.end() };
    let exponent = text[at + 1..end].parse().unwrap_or(limit);
    (exponent.clamp(*EXPONENTS.start(), *EXPONENTS.end()), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, shift: i32) -> Result<f64, &'static str> {
        let number = NumberText::scan(text, true).expect(text);
        assert_eq!(number.len, text.len(), "{text}");
        number.value(shift)
    }

    #[test]
    fn all_number_forms_are_read() {
        for (text, want) in
            [("64", 64.0), ("6.4", 6.4), (".5", 0.5), ("5.", 5.0), ("1e-3", 1e-3), ("+1E+3", 1e3), ("-.5e1", -5.0)]
        {
            assert_eq!(value(text, 0), Ok(want), "{text}");
        }
    }

    #[test]
    fn things_that_only_begin_like_numbers_are_not_swallowed() {
        assert_eq!(NumberText::scan("64eV", true).map(|n| n.len), Some(2));
        assert_eq!(NumberText::scan(".", true), None);
        assert_eq!(NumberText::scan("-", true), None);
        assert_eq!(NumberText::scan("-1", false), None);
    }

    #[test]
    fn a_shift_rounds_once() {
        assert_eq!(value("64", -6), Ok(64e-6));
        assert_eq!(value("1.1", -15), Ok(1.1e-15));
    }

    #[test]
    fn numbers_outside_the_range_are_refused() {
        assert!(value("1e999", 0).is_err());
        assert!(value("1e99999999999999999999", 0).is_err());
        assert!(value("1e-99999999999999999999", 0).is_err());
        assert_eq!(value("0e999", 0), Ok(0.0));
        assert_eq!(value("1e310", -6), Ok(1e304));
    }
}
