//! Formula text to tokens; a number and its unit are one token.

use crate::units::error::ParseError;
use crate::units::number::NumberText;
use crate::units::parse::{finite, malformed_number};
use crate::units::quantity::Quantity;
use crate::units::unit_text::{self, Scale, UnitPlace};
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A number without a unit, which may multiply a name that follows.
    Number(f64),
    /// A number with its unit.
    Literal(Quantity),
    Name,
    /// One of `+ - * / ^ ( ) , < >`; `≤ ≥ =` stand for `<= >= ==`.
    Sign(char),
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub range: Range<usize>,
    /// Whether white space comes before it.
    pub spaced: bool,
}

/// What cannot follow a number: digits that go on after it ended.
const GLUE_IN_FORMULA: &[char] = &['_', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// All tokens of a formula.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut tokens = Vec::new();
    let mut end = 0;
    loop {
        let rest = text[end..].trim_start();
        let start = text.len() - rest.len();
        if rest.is_empty() {
            return Ok(tokens);
        }
        let (kind, len) = token(rest).map_err(|error| error.shifted(start))?;
        let spaced = start > end;
        end = start + len;
        tokens.push(Token { kind, range: start..end, spaced });
    }
}

/// The token that `text` begins with and its length; `text` is not empty.
fn token(text: &str) -> Result<(TokenKind, usize), ParseError> {
    if let Some(number) = NumberText::scan(text, false) {
        return number_token(text, &number);
    }
    let len = unit_text::name_len(text);
    if len > 0 {
        return Ok((TokenKind::Name, len));
    }
    for (written, sign) in [("<=", '≤'), (">=", '≥'), ("==", '=')] {
        if text.starts_with(written) {
            return Ok((TokenKind::Sign(sign), written.len()));
        }
    }
    let first = text.chars().next().unwrap_or_default();
    let sign = match first {
        '+' | '-' | '*' | '/' | '^' | '(' | ')' | ',' | '<' | '>' | '≤' | '≥' => first,
        '\u{d7}' | '\u{b7}' => '*',
        _ => {
            let message = format!("\"{first}\" has no meaning in a formula");
            return Err(ParseError::new(0..first.len_utf8(), message));
        }
    };
    Ok((TokenKind::Sign(sign), first.len_utf8()))
}

fn number_token(text: &str, number: &NumberText<'_>) -> Result<(TokenKind, usize), ParseError> {
    // A comma may go on to the next argument of a function, so it is not part of the number here.
    if let Some(error) = malformed_number(text, number.len, GLUE_IN_FORMULA) {
        return Err(error);
    }
    let unit = text[number.len..].trim_start();
    let at = text.len() - unit.len();
    let range = 0..number.len;
    match unit_text::scan(unit, UnitPlace::InFormula) {
        Ok((Scale { dim, exp10 }, len)) => {
            let si = finite(text, number, range, exp10)?;
            Ok((TokenKind::Literal(Quantity::new(si, dim)), at + len))
        }
        Err(_) => Ok((TokenKind::Number(finite(text, number, range, 0)?), number.len)),
    }
}
