//! Text such as `64 uW` to a quantity.

use super::dimension::{Dimension, with_article};
use super::error::ParseError;
use super::kinds::Unit;
use super::number::NumberText;
use super::quantity::Quantity;
use super::suggest;
use super::unit_text::{self, Scale, UnitPlace};
use std::ops::Range;

/// What cannot follow a number: digits that go on after it ended.
const GLUE: &[char] = &['_', ',', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// The scale of a number without a unit.
const PLAIN: Scale = Scale { dim: Dimension::NUMBER, exp10: 0 };

/// What the reader of the text hopes for, for the wording of errors.
struct Expected {
    noun: &'static str,
    example: &'static str,
    /// `None` when any kind will do.
    dim: Option<Dimension>,
}

impl Expected {
    fn example(&self) -> String {
        format!("for example \"{}\"", self.example)
    }

    fn advice(&self) -> String {
        format!("write {}, {}", with_article(self.noun), self.example())
    }
}

/// Reads a number and a unit of any kind; a bare number is dimensionless.
pub fn parse_quantity(text: &str) -> Result<Quantity, ParseError> {
    let expected = Expected { noun: "quantity", example: "64 uW", dim: None };
    read(text, &expected)
}

/// Reads a number and a unit of the kind `T`; sign and zero are for the caller to judge.
pub fn parse<T: Unit>(text: &str) -> Result<T, ParseError> {
    let expected = Expected { noun: T::NAME, example: T::EXAMPLE, dim: Some(T::DIM) };
    read(text, &expected).map(|quantity| T::from_si(quantity.si))
}

/// What [`parse_quantity`] reads, for texts that may be something else: why one is no quantity is not found out.
pub fn plain_quantity(text: &str) -> Option<Quantity> {
    let text = text.trim();
    let number = NumberText::scan(text, true)?;
    let rest = &text[number.len..];
    let unit = rest.trim_start();
    let goes_on = rest.starts_with(GLUE) || unit.starts_with(|c: char| c.is_ascii_digit());
    let Scale { dim, exp10 } = match unit {
        "" => PLAIN,
        _ if goes_on => return None,
        _ => unit_text::scan(unit, UnitPlace::Alone).ok()?.0,
    };
    Some(Quantity::new(number.value(exp10).ok()?, dim))
}

fn read(text: &str, expected: &Expected) -> Result<Quantity, ParseError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        let message = format!("expected {}, found nothing", with_article(expected.noun));
        return Err(ParseError::new(0..text.len(), message).with_help(expected.example()));
    }
    let offset = text.len() - text.trim_start().len();
    read_trimmed(trimmed, expected).map_err(|error| error.shifted(offset))
}

fn read_trimmed(text: &str, expected: &Expected) -> Result<Quantity, ParseError> {
    let Some(number) = NumberText::scan(text, true) else {
        return Err(no_number(text, expected));
    };
    let rest = &text[number.len..];
    if let Some(error) = malformed_number(text, number.len, GLUE) {
        return Err(error);
    }
    let unit = rest.trim_start();
    let at = text.len() - unit.len();
    if unit.starts_with(|c: char| c.is_ascii_digit()) {
        // `1 000 W`: a thousand, not one of the unit `000`.
        let end = at + unit.find(char::is_whitespace).unwrap_or(unit.len());
        return Err(not_a_number(&text[..end]));
    }
    let scale = if unit.is_empty() {
        bare_number(text, expected)?
    } else {
        read_unit(unit, expected).map_err(|error| error.shifted(at))?
    };
    let si = finite(text, &number, 0..number.len, scale.exp10)?;
    Ok(Quantity::new(si, scale.dim))
}

fn no_number(text: &str, expected: &Expected) -> ParseError {
    let word = text.split_whitespace().next().unwrap_or(text);
    let bare = word.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if matches!(bare.as_str(), "nan" | "inf" | "infinity" | ".nan" | ".inf") {
        let message = format!("\"{word}\" is not a finite number");
        return ParseError::new(0..word.len(), message).with_help(expected.advice());
    }
    let message = format!("expected {}, found \"{text}\"", with_article(expected.noun));
    ParseError::new(0..text.len(), message).with_help(expected.example())
}

/// The error for digits that go on after the number ended at `end`, as in `1_000` and `1.2.3`.
pub(super) fn malformed_number(text: &str, end: usize, glue: &[char]) -> Option<ParseError> {
    let next = text[end..].chars().next()?;
    if !glue.contains(&next) {
        return None;
    }
    let len = text[end..].find(|c: char| !(c.is_alphanumeric() || "_,.".contains(c))).unwrap_or(text.len() - end);
    Some(not_a_number(&text[..end + len]))
}

fn not_a_number(word: &str) -> ParseError {
    let message = format!("\"{word}\" is not a number");
    ParseError::new(0..word.len(), message).with_help("write digits without separators, and a point before decimals")
}

fn bare_number(text: &str, expected: &Expected) -> Result<Scale, ParseError> {
    match expected.dim {
        None | Some(Dimension::NUMBER) => Ok(PLAIN),
        Some(_) => {
            let message = format!("{} needs a unit", with_article(expected.noun));
            Err(ParseError::new(0..text.len(), message).with_help(expected.example()))
        }
    }
}

/// The value of `number`, which stands at `range` of `text`.
pub(super) fn finite(text: &str, number: &NumberText<'_>, range: Range<usize>, shift: i32) -> Result<f64, ParseError> {
    number.value(shift).map_err(|why| {
        let message = format!("the number {} {why}", &text[range.clone()]);
        ParseError::new(range, message)
    })
}

fn read_unit(unit: &str, expected: &Expected) -> Result<Scale, ParseError> {
    let (scale, _) = unit_text::scan(unit, UnitPlace::Alone).map_err(|word| unknown_unit(unit, word, expected))?;
    match expected.dim {
        Some(dim) if dim != scale.dim => Err(wrong_kind(unit, scale.dim, expected)),
        _ => Ok(scale),
    }
}

fn unknown_unit(unit: &str, range: Range<usize>, expected: &Expected) -> ParseError {
    let word = &unit[range.clone()];
    if word.is_empty() {
        let message = format!("the unit \"{unit}\" is not complete");
        return ParseError::new(0..unit.len(), message).with_help(expected.advice());
    }
    let help = match suggest::unit(word, expected.dim) {
        Some(near) => Some(format!("did you mean \"{near}\"?")),
        None => expected.dim.map(|_| expected.advice()),
    };
    let mut error = ParseError::new(range.clone(), format!("unknown unit \"{word}\""));
    error.help = help;
    error
}

fn wrong_kind(unit: &str, found: Dimension, expected: &Expected) -> ParseError {
    let message = match (found.name(), found) {
        (_, Dimension::NUMBER) => {
            let wanted = with_article(expected.noun);
            format!("\"{unit}\" makes a plain number, not {wanted}")
        }
        (Some(name), _) if expected.dim == Some(Dimension::NUMBER) => {
            format!("\"{unit}\" is a unit of {name}, but this is a plain number")
        }
        (Some(name), _) => format!("\"{unit}\" is a unit of {name}, not of {}", expected.noun),
        (None, _) => format!("\"{unit}\" is not a unit of {}", expected.noun),
    };
    ParseError::new(0..unit.len(), message).with_help(expected.advice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Area, Fraction, Frequency, Power, ResistanceArea};
    use proptest::prelude::*;

    fn refusal(text: &str) -> (Range<usize>, String, String) {
        let error = parse::<Power>(text).expect_err(text);
        (error.range, error.message, error.help.unwrap_or_default())
    }

    #[test]
    fn a_prefix_costs_no_rounding() {
        assert_eq!(parse("64 uW"), Ok(Power::new(64e-6)));
        assert_eq!(parse("0.064mW"), Ok(Power::new(64e-6)));
        assert_eq!(parse("1.1 um^2"), Ok(Area::new(1.1e-12)));
        assert_eq!(parse("10 ohm um^2"), Ok(ResistanceArea::new(10e-12)));
        assert_eq!(parse("1.28 GS/s"), Ok(Frequency::new(1.28e9)));
        assert_eq!(parse("50%"), Ok(Fraction::new(0.5)));
        assert_eq!(parse("0.7 %"), Ok(Fraction::new(0.7e-2)));
        assert_eq!(parse(" -.5e1 W\n"), Ok(Power::new(-5.0)));
    }

    #[test]
    fn a_missing_unit_is_asked_for() {
        let want = (0..2, "a power needs a unit".into(), "for example \"64 uW\"".into());
        assert_eq!(refusal("64"), want);
    }

    #[test]
    fn a_unit_of_another_kind_is_named() {
        let want =
            (3..5, "\"uV\" is a unit of voltage, not of power".into(), "write a power, for example \"64 uW\"".into());
        assert_eq!(refusal("64 uV"), want);
        assert_eq!(refusal("5 %").1, "\"%\" makes a plain number, not a power");
        assert_eq!(refusal("5 V/m").1, "\"V/m\" is not a unit of power");
    }

    #[test]
    fn an_unknown_unit_is_pointed_at_and_the_nearest_offered() {
        let (range, message, help) = refusal("64 uX");
        assert_eq!((range, message.as_str()), (3..5, "unknown unit \"uX\""));
        assert_eq!(help, "did you mean \"uW\"?");
        assert_eq!(refusal("64 UW").2, "did you mean \"uW\"?");
        assert_eq!(refusal("64 uw").2, "did you mean \"uW\"?");
        assert_eq!(refusal("64 X").2, "write a power, for example \"64 uW\"");
        assert_eq!(refusal("64 W/").1, "the unit \"W/\" is not complete");
    }

    #[test]
    fn text_without_a_number_is_quoted() {
        assert_eq!(refusal("abc").1, "expected a power, found \"abc\"");
        assert_eq!(refusal(" ").1, "expected a power, found nothing");
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        assert_eq!(refusal("nan W").1, "\"nan\" is not a finite number");
        assert_eq!(refusal("-inf W").1, "\"-inf\" is not a finite number");
        assert_eq!(refusal("1e999 W").1, "the number 1e999 is too large");
        assert!(refusal("1e-999 W").1.contains("too small"));
    }

    #[test]
    fn digit_groups_are_refused() {
        for text in ["1_000 W", "1,000 W", "1 000 W", "1.2.3 W"] {
            assert!(refusal(text).1.ends_with("is not a number"), "{text}");
        }
    }

    #[test]
    fn quotients_make_quantities_without_a_kind() {
        let per_length = parse_quantity("2 fF/um").expect("a quotient");
        assert_eq!(per_length.si, 2e-9);
        assert_eq!(parse_quantity("3"), Ok(Quantity::number(3.0)));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_quantity_or_an_error_inside_the_text(text in "\\PC*") {
            if let Err(error) = parse::<Power>(&text) {
                prop_assert!(text.get(error.range).is_some());
            }
        }

        #[test]
        fn text_like_a_quantity_gives_no_panic(text in "[-+.0-9e]{1,6}[ µum²^*/S%]{0,9}") {
            let read = parse_quantity(&text);
            prop_assert_eq!(plain_quantity(&text), read.clone().ok());
            if let Err(error) = read {
                prop_assert!(text.get(error.range).is_some());
            }
        }
    }
}
