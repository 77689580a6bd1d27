//! A finite `f64` as decimal digits, so that a prefix moves the point and changes no digit.

/// `d.ddd` times ten to `exponent`, with the digits kept as text.
#[derive(Debug, PartialEq)]
pub(super) struct Decimal {
    negative: bool,
    digits: String,
    /// The exponent of the first digit.
    pub exponent: i32,
}

/// More digits than these say nothing about an `f64`.
const MAX_DIGITS: usize = 17;

impl Decimal {
    /// The fewest digits that identify `x` among all `f64`.
    pub fn shortest(x: f64) -> Self {
        Self::from_scientific(&format!("{x:e}"))
    }

    /// Rounded to `digits` significant digits, of which there is at least one.
    pub fn rounded(x: f64, digits: usize) -> Self {
        let decimals = digits.clamp(1, MAX_DIGITS) - 1;
        Self::from_scientific(&format!("{x:.decimals$e}"))
    }

    fn from_scientific(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        Self {
            negative: mantissa.starts_with('-'),
            digits: mantissa.chars().filter(char::is_ascii_digit).collect(),
            exponent: exponent.parse().unwrap_or(0),
        }
    }

    /// Without an exponent, divided by `10^exp10`.
    pub fn positional(&self, exp10: i32) -> String {
        let first = self.exponent - exp10;
        let len = self.digits.len();
        let body = match usize::try_from(first) {
            Err(_) => {
                let zeros = usize::try_from(-1 - first).unwrap_or(0);
                format!("0.{}{}", "0".repeat(zeros), self.digits)
            }
            Ok(first) if first + 1 >= len => {
                format!("{}{}", self.digits, "0".repeat(first + 1 - len))
            }
            Ok(first) => {
                let (whole, fraction) = self.digits.split_at(first + 1);
                format!("{whole}.{fraction}")
            }
        };
        self.signed(&body)
    }

    /// With an exponent, as in `1.2e300`.
    pub fn scientific(&self) -> String {
        let (first, rest) = self.digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        self.signed(&format!("{first}{point}{rest}e{}", self.exponent))
    }

    fn signed(&self, body: &str) -> String {
        format!("{}{body}", if self.negative { "-" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_the_point_keeps_the_digits() {
        let x = Decimal::shortest(64e-6);
        assert_eq!(x.positional(-6), "64");
        assert_eq!(x.positional(-9), "64000");
        assert_eq!(x.positional(-3), "0.064");
        assert_eq!(x.positional(-5), "6.4");
        assert_eq!(x.scientific(), "6.4e-5");
    }

    #[test]
    fn rounding_carries_into_the_exponent() {
        let x = Decimal::rounded(999.96e-9, 4);
        assert_eq!(x.exponent, -6);
        assert_eq!(x.positional(-6), "1.000");
    }

    #[test]
    fn the_sign_of_zero_is_kept() {
        assert_eq!(Decimal::shortest(-0.0).positional(0), "-0");
    }

    #[test]
    fn absurd_digit_counts_are_brought_into_range() {
        assert_eq!(Decimal::rounded(2.0, 0).positional(0), "2");
        assert_eq!(Decimal::rounded(2.0, usize::MAX).digits.len(), 17);
    }
}
