//! Quantities to text: exactly, or rounded for tables.

use super::decimal::Decimal;
use super::dimension::Dimension;
use super::kinds;
use super::quantity::Quantity;
use super::unit_text::PREFIXES;
use std::fmt;

/// Decimal exponents that plain numbers show without an exponent of their own.
const PLAIN: std::ops::Range<i32> = -4..6;

/// A unit for values whose first digit has a decimal exponent in `from..below`.
struct PrefixStep {
    symbol: &'static str,
    exp10: i32,
    from: i32,
    below: i32,
}

const fn step(symbol: &'static str, exp10: i32, from: i32, below: i32) -> PrefixStep {
    PrefixStep { symbol, exp10, from, below }
}

// Areas step by six decades; the limits keep cells in um^2 and arrays in mm^2.
const AREA: [PrefixStep; 4] =
    [step("nm^2", -18, -21, -15), step("um^2", -12, -15, -8), step("mm^2", -6, -8, 0), step("m^2", 0, 0, 6)];

const RESISTANCE_AREA: [PrefixStep; 3] =
    [step("ohm um^2", -12, -15, -9), step("kohm um^2", -9, -9, -6), step("Mohm um^2", -6, -6, -3)];

const RESISTIVITY: [PrefixStep; 3] =
    [step("uohm cm", -8, -10, -5), step("mohm cm", -5, -5, -2), step("ohm m", 0, -2, 6)];

/// The prefix for a power of ten that is a multiple of three, when there is one.
fn prefix(exp10: i32) -> Option<&'static str> {
    if exp10 == 0 {
        return Some("");
    }
    let found = PREFIXES.iter().find(|(_, e)| *e == exp10);
    found.map(|(prefix, _)| *prefix)
}

/// The symbol of the SI unit; base units for a dimension without a name.
fn symbol(dim: Dimension) -> String {
    kinds::symbol(dim).map_or_else(|| dim.base_units(), str::to_owned)
}

/// The unit for a value with this decimal exponent and the power of ten it stands for; `None` when
/// only scientific notation is readable.
fn unit_for(dim: Dimension, exponent: i32) -> Option<(String, i32)> {
    let steps: &[PrefixStep] = match dim {
        Dimension::AREA => &AREA,
        Dimension::RESISTANCE_AREA => &RESISTANCE_AREA,
        Dimension::RESISTIVITY => &RESISTIVITY,
        _ if dim == Dimension::NUMBER || dim.name().is_none() => {
            return PLAIN.contains(&exponent).then(|| (symbol(dim), 0));
        }
        _ => return prefixed(dim, exponent),
    };
    steps
        .iter()
        .find(|step| (step.from..step.below).contains(&exponent))
        .map(|step| (step.symbol.to_owned(), step.exp10))
}

fn prefixed(dim: Dimension, exponent: i32) -> Option<(String, i32)> {
    // Nobody writes kiloseconds.
    let (top, below) = match dim {
        Dimension::TIME => (0, PLAIN.end),
        _ => (12, 15),
    };
    if exponent >= below {
        return None;
    }
    let exp10 = (exponent.div_euclid(3) * 3).min(top);
    Some((format!("{}{}", prefix(exp10)?, symbol(dim)), exp10))
}

fn with_unit(decimal: &Decimal, dim: Dimension) -> String {
    let (number, unit) = match unit_for(dim, decimal.exponent) {
        Some((unit, exp10)) => (decimal.positional(exp10), unit),
        None => (decimal.scientific(), symbol(dim)),
    };
    join(number, &unit)
}

fn join(number: String, unit: &str) -> String {
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// What the number formats do not cover: not finite, or a zero of either sign.
fn special(quantity: Quantity, zero: &str) -> Option<String> {
    let number = if !quantity.si.is_finite() {
        quantity.si.to_string()
    } else if quantity.si == 0.0 {
        zero.to_owned()
    } else {
        return None;
    };
    Some(join(number, &symbol(quantity.dim)))
}

/// Text that reads back to the same bits, for every finite value.
pub(super) fn exact(quantity: Quantity) -> String {
    let zero = if quantity.si.is_sign_negative() { "-0" } else { "0" };
    special(quantity, zero).unwrap_or_else(|| with_unit(&Decimal::shortest(quantity.si), quantity.dim))
}

/// Text rounded to `digits` significant digits. The prefix is chosen after rounding: 999.96 nW with
/// four digits is `1.000 uW`.
pub(super) fn rounded(quantity: Quantity, digits: usize) -> String {
    special(quantity, "0").unwrap_or_else(|| with_unit(&Decimal::rounded(quantity.si, digits), quantity.dim))
}

/// A plain number rounded to `digits` significant digits: positional from 1e-4 up to 1e6,
/// scientific outside.
pub fn sig(x: f64, digits: usize) -> String {
    rounded(Quantity::number(x), digits)
}

/// A plain number rounded to `digits` significant digits, with `k`, `M`, `G` or `T` from a thousand
/// on (`12.35 M`). Smaller numbers are written as by [`sig`]: a bare `m` would look like metres.
pub fn eng_number(x: f64, digits: usize) -> String {
    if x == 0.0 || !x.is_finite() {
        return sig(x, digits);
    }
    let decimal = Decimal::rounded(x, digits);
    if !(3..15).contains(&decimal.exponent) {
        return sig(x, digits);
    }
    let exp10 = decimal.exponent.div_euclid(3) * 3;
    join(decimal.positional(exp10), prefix(exp10).unwrap_or_default())
}

impl Quantity {
    /// The symbol of its SI unit; empty for a plain number.
    #[must_use]
    pub fn unit(self) -> String {
        symbol(self.dim)
    }

    /// Rounded to this many significant digits, with a sensible prefix, for tables.
    pub fn eng(self, digits: usize) -> String {
        rounded(self, digits)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&exact(*self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::kinds::for_each_kind;
    use crate::units::{Area, Fraction, Power, Resistance, ResistanceArea, Resistivity, Time, Unit, parse_quantity};
    use proptest::prelude::*;

    #[test]
    fn display_uses_all_digits_and_an_engineering_prefix() {
        assert_eq!(Power::new(64e-6).to_string(), "64 uW");
        let r = Resistance::new(8488.263631567752);
        assert_eq!(r.to_string(), "8.488263631567752 kohm");
        assert_eq!(Area::new(0.01458e-12).to_string(), "0.01458 um^2");
        assert_eq!(Area::new(0.37e-6).to_string(), "0.37 mm^2");
        assert_eq!(ResistanceArea::new(1e-11).to_string(), "10 ohm um^2");
        assert_eq!(Resistivity::new(1.7e-8).to_string(), "1.7 uohm cm");
        assert_eq!(Fraction::new(0.5).to_string(), "0.5");
        assert_eq!(Time::new(1500.0).to_string(), "1500 s");
        assert_eq!(Power::new(1.2e300).to_string(), "1.2e300 W");
        assert_eq!(format!("{:>8}", Power::new(0.0)), "     0 W");
    }

    #[test]
    fn tables_round_before_choosing_the_prefix() {
        assert_eq!(Power::new(999.96e-9).eng(4), "1.000 uW");
        assert_eq!(Power::new(999.94e-9).eng(4), "999.9 nW");
        assert_eq!(Power::new(-0.0).eng(4), "0 W");
        assert_eq!(Area::new(0.014584e-12).eng(4), "0.01458 um^2");
        assert_eq!(Area::new(0.0099999e-6).eng(3), "0.0100 mm^2");
        assert_eq!(Power::new(640e-6).eng(2), "640 uW");
        assert_eq!(Power::new(f64::INFINITY).eng(3), "inf W");
    }

    #[test]
    fn plain_numbers_avoid_exponents_where_that_is_readable() {
        assert_eq!(sig(0.5, 4), "0.5000");
        assert_eq!(sig(123_456.0, 4), "123500");
        assert_eq!(sig(999_999.9, 4), "1.000e6");
        assert_eq!(sig(0.000_012_34, 3), "1.23e-5");
        assert_eq!(eng_number(12_345_678.0, 4), "12.35 M");
        assert_eq!(eng_number(999.96, 4), "1.000 k");
        assert_eq!(eng_number(-2e9, 2), "-2.0 G");
        assert_eq!(eng_number(0.25, 2), "0.25");
        assert_eq!(eng_number(0.0, 2), "0");
    }

    fn reads_back<T: Unit>(si: f64) -> Result<(), TestCaseError> {
        let text = T::from_si(si).to_string();
        let back: T = text.parse().map_err(|_| TestCaseError::fail(text.clone()))?;
        prop_assert_eq!(back.si().to_bits(), si.to_bits(), "{}", text);
        prop_assert!(text.is_ascii());
        Ok(())
    }

    fn round_trip<T: Unit>() {
        let ordinary = (-1e3..1e3_f64, -22..18).prop_map(|(m, e)| m * 10_f64.powi(e));
        let any = prop_oneof![ordinary, prop::num::f64::NORMAL, prop::num::f64::SUBNORMAL, prop::num::f64::ZERO,];
        proptest!(ProptestConfig::with_cases(400), |(si in any)| reads_back::<T>(si)?);
        for si in [f64::MAX, f64::MIN_POSITIVE, f64::from_bits(1), -0.0, 1e15, 1e-18] {
            reads_back::<T>(si).expect(T::NAME);
        }
    }

    #[test]
    fn every_kind_reads_back_bit_for_bit() {
        for_each_kind!(round_trip);
    }

    proptest! {
        #[test]
        fn quantities_without_a_name_read_back_too(
            si in prop::num::f64::NORMAL,
            (m, kg, s, a) in (-9..9_i8, -9..9_i8, -9..9_i8, -9..9_i8),
        ) {
            let quantity = Quantity::new(si, Dimension::new(m, kg, s, a));
            prop_assert_eq!(parse_quantity(&quantity.to_string()), Ok(quantity));
        }
    }
}
