//! Published figures, and what meets them.

use super::{Claim, is_ratio};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::case as file;
use crate::units::{Quantity, parse_quantity};
use crate::yaml::{Located, Slot};

/// A published figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Published {
    /// A value.
    Value(Quantity, Printed),
    /// A lower bound.
    AtLeast(Quantity),
    /// A range.
    Range(Quantity, Quantity),
}

/// How a value was printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// Digits after the decimal point.
    pub decimals: usize,
    /// Exponent and unit.
    pub suffix: String,
    /// How near a result must come, in SI base units: half of one unit in the last digit, unless the case says otherwise.
    pub tolerance: f64,
    /// What the printed number is multiplied with to give SI base units.
    pub scale: f64,
}

impl Claim<'_> {
    /// Whether a result meets what was published; none, with an error, if it is of another kind.
    pub(super) fn meets(&mut self, published: &Published, computed: (Quantity, Quantity), place: Span) -> Option<bool> {
        let expected = match published {
            Published::Value(q, _) | Published::AtLeast(q) | Published::Range(q, _) => q.dim,
        };
        if computed.0.dim != expected {
            let message = format!("the published figure is {}, ours is {}", expected.phrase(), computed.0.dim.phrase());
            self.report(Diagnostic::error(message).at(place, ""));
            return None;
        }
        Some(match published {
            Published::Value(value, printed) => (computed.0.si - value.si).abs() <= printed.tolerance,
            Published::AtLeast(value) => computed.0.si >= value.si,
            Published::Range(from, to) => computed.0.si <= from.si && computed.1.si >= to.si,
        })
    }

    pub(super) fn published(&mut self, published: &Located<file::PublishedSpec>) -> Option<Published> {
        let p = &published.value;
        match (&p.value, &p.at_least, &p.from, &p.to) {
            (Slot::Present(value), Slot::Missing, Slot::Missing, Slot::Missing) => {
                let quantity = self.quantity(value)?;
                let mut printed = printed(&value.value)?;
                if let Some(within) = p.within.located() {
                    printed.tolerance = self.tolerance(quantity, within)?;
                }
                Some(Published::Value(quantity, printed))
            }
            (Slot::Missing, Slot::Present(bound), Slot::Missing, Slot::Missing) => {
                Some(Published::AtLeast(self.quantity(bound)?))
            }
            (Slot::Missing, Slot::Missing, Slot::Present(from), Slot::Present(to)) => {
                Some(Published::Range(self.quantity(from)?, self.quantity(to)?))
            }
            _ => {
                let message = "a published figure is a `value`, an `at-least`, or `from` and `to`";
                self.report(Diagnostic::error(message).at(published.span, ""));
                None
            }
        }
    }

    /// A fraction of the value, or a difference of its kind.
    fn tolerance(&mut self, value: Quantity, within: &Located<String>) -> Option<f64> {
        let tolerance = self.quantity(within)?;
        if tolerance.dim == value.dim && !is_ratio(value) {
            return Some(tolerance.si);
        }
        if is_ratio(tolerance) {
            return Some((tolerance.si * value.si).abs());
        }
        let message = format!("`within` is {}, the figure is {}", tolerance.dim.phrase(), value.dim.phrase());
        self.report(Diagnostic::error(message).at(within.span, "expected a fraction, such as `3%`, or a difference"));
        None
    }
}

/// Takes `1.25 mW` apart; what follows the number, an exponent and the unit, scales the last digit as it scales the number.
fn printed(text: &str) -> Option<Printed> {
    let sign = text.len() - text.trim_start_matches(['-', '+']).len();
    let number_end = text[sign..].find(|c: char| !(c.is_ascii_digit() || c == '.')).map_or(text.len(), |n| n + sign);
    let (number, suffix) = text.split_at(number_end);
    let decimals = number.split_once('.').map_or(0, |(_, d)| d.len());
    let si = |number: &str| parse_quantity(&format!("{number}{suffix}")).ok().map(|q| q.si);
    Some(Printed {
        text: text.to_owned(),
        decimals,
        suffix: suffix.to_owned(),
        tolerance: si(&format!("0.{}5", "0".repeat(decimals)))?,
        scale: si("1")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_printed_digit_decides_how_close_a_result_must_be() {
        let close = |text: &str, expected: f64| {
            let half = printed(text).unwrap().tolerance;
            assert!((half / expected - 1.0).abs() < 1e-12, "{text}: {half}");
        };
        close("361048.657 um^2", 0.0005e-12);
        close("214", 0.5);
        close("-17.43 mV", 0.005e-3);
        close("5.0828629941e-08 ohm m", 0.5e-18);
    }
}
