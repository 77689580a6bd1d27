//! One type for each kind of quantity, and the products between them.

use super::dimension::Dimension;
use super::error::{DimensionMismatch, ParseError};
use super::parse::parse;
use super::print;
use super::quantity::Quantity;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};
use std::str::FromStr;

/// What the typed quantities have in common, for code that is generic over them.
pub trait Unit:
    Copy
    + PartialOrd
    + Default
    + fmt::Debug
    + fmt::Display
    + FromStr<Err = ParseError>
    + Into<Quantity>
    + TryFrom<Quantity, Error = DimensionMismatch>
{
    /// The dimension.
    const DIM: Dimension;
    /// What a reader calls it, such as `power`.
    const NAME: &'static str;
    /// The symbol of the SI unit, such as `W`; empty for plain numbers.
    const SYMBOL: &'static str;
    /// A value as one would write it, such as `64 uW`.
    const EXAMPLE: &'static str;
    /// The quantity with this value in SI units.
    fn from_si(si: f64) -> Self;
    /// The value in SI units.
    fn si(self) -> f64;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $dim:ident, $name:literal, $symbol:literal, $example:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
        pub struct $kind(f64);

        impl $kind {
            /// Zero.
            pub const ZERO: Self = Self(0.0);

            /// The quantity with this value in SI units.
            pub const fn new(si: f64) -> Self {
                Self(si)
            }

            /// The value in SI units.
            pub const fn si(self) -> f64 {
                self.0
            }

            /// The larger of two.
            pub const fn max(self, other: Self) -> Self {
                Self(self.0.max(other.0))
            }

            /// The smaller of two.
            pub const fn min(self, other: Self) -> Self {
                Self(self.0.min(other.0))
            }

            /// Rounded to this many significant digits, with a sensible prefix, for tables.
            pub fn eng(self, digits: usize) -> String {
                print::rounded(self.into(), digits)
            }
        }

        impl Unit for $kind {
            const DIM: Dimension = Dimension::$dim;
            const NAME: &'static str = $name;
            const SYMBOL: &'static str = $symbol;
            const EXAMPLE: &'static str = $example;

            fn from_si(si: f64) -> Self {
                Self(si)
            }

            fn si(self) -> f64 {
                self.0
            }
        }

        impl From<$kind> for Quantity {
            fn from(value: $kind) -> Self {
                Self::new(value.0, Dimension::$dim)
            }
        }

        impl TryFrom<Quantity> for $kind {
            type Error = DimensionMismatch;

            fn try_from(quantity: Quantity) -> Result<Self, DimensionMismatch> {
                quantity.to()
            }
        }

        impl FromStr for $kind {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                parse(text)
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&print::exact((*self).into()))
            }
        }

        impl Add for $kind {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl AddAssign for $kind {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }

        impl Sub for $kind {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl SubAssign for $kind {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }

        impl Mul<f64> for $kind {
            type Output = Self;
            fn mul(self, factor: f64) -> Self {
                Self(self.0 * factor)
            }
        }

        impl Mul<$kind> for f64 {
            type Output = $kind;
            fn mul(self, quantity: $kind) -> $kind {
                $kind(self * quantity.0)
            }
        }

        impl Div<f64> for $kind {
            type Output = Self;
            fn div(self, divisor: f64) -> Self {
                Self(self.0 / divisor)
            }
        }

        impl Div for $kind {
            type Output = f64;
            fn div(self, other: Self) -> f64 {
                self.0 / other.0
            }
        }

        impl Sum for $kind {
            // Folding from +0 keeps an empty sum from being -0, which would print as `-0 W`.
            fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
                values.fold(Self(0.0), Add::add)
            }
        }

        impl<'a> Sum<&'a $kind> for $kind {
            fn sum<I: Iterator<Item = &'a Self>>(values: I) -> Self {
                values.copied().sum()
            }
        }
    )*

        /// The symbol of the SI unit of a dimension that has a kind of its own.
        pub(super) const fn symbol(dim: Dimension) -> Option<&'static str> {
            $( if dim.is(Dimension::$dim) { return Some($symbol); } )*
            None
        }

        /// Runs `$check` for every kind, so that a new kind cannot miss the round-trip tests.
        #[cfg(test)]
        macro_rules! for_each_kind {
            ($check:ident) => { $( $check::<crate::units::$kind>(); )* };
        }
        #[cfg(test)]
        pub(super) use for_each_kind;
    };
}

kinds! {
    /// Power, in watts.
    Power = POWER, "power", "W", "64 uW";
    /// Energy, in joules.
    Energy = ENERGY, "energy", "J", "1.5 pJ";
    /// Time, in seconds.
    Time = TIME, "time", "s", "100 ns";
    /// Area, in square metres.
    Area = AREA, "area", "m^2", "0.37 mm^2";
    /// Length, in metres.
    Length = LENGTH, "length", "m", "65 nm";
    /// Voltage, in volts.
    Voltage = VOLTAGE, "voltage", "V", "0.9 V";
    /// Current, in amperes.
    Current = CURRENT, "current", "A", "10 uA";
    /// Resistance, in ohms.
    Resistance = RESISTANCE, "resistance", "ohm", "6 kohm";
    /// Conductance, in siemens.
    Conductance = CONDUCTANCE, "conductance", "S", "150 uS";
    /// Capacitance, in farads.
    Capacitance = CAPACITANCE, "capacitance", "F", "2 fF";
    /// Frequency or rate, in hertz.
    Frequency = FREQUENCY, "frequency", "Hz", "1.28 GHz";
    /// A plain number, often part of a whole: `0.5` and `50%` are the same.
    Fraction = NUMBER, "number", "", "0.5";
    /// Resistance times area, in ohm square metres.
    ResistanceArea = RESISTANCE_AREA, "resistance-area product", "ohm m^2", "10 ohm um^2";
    /// Resistivity, in ohm metres.
    Resistivity = RESISTIVITY, "resistivity", "ohm m", "1.7 uohm cm";
}

macro_rules! quotient {
    ($product:ident / $left:ident = $right:ident) => {
        impl Div<$left> for $product {
            type Output = $right;
            fn div(self, divisor: $left) -> $right {
                $right(self.0 / divisor.0)
            }
        }
    };
}

macro_rules! product {
    (@one $left:ident * $right:ident = $product:ident) => {
        impl Mul<$right> for $left {
            type Output = $product;
            fn mul(self, factor: $right) -> $product {
                $product(self.0 * factor.0)
            }
        }
        // A wrong line below is a compile error, not a wrong number.
        const _: () = match <$left>::DIM.checked_mul(<$right>::DIM) {
            Some(dim) => assert!(dim.is(<$product>::DIM)),
            None => panic!("dimension out of range"),
        };
    };
    ($left:ident squared = $product:ident) => {
        product!(@one $left * $left = $product);
        quotient!($product / $left = $left);
    };
    ($left:ident * $right:ident = $product:ident) => {
        product!(@one $left * $right = $product);
        product!(@one $right * $left = $product);
        quotient!($product / $left = $right);
        quotient!($product / $right = $left);
    };
}

product!(Power * Time = Energy);
product!(Energy * Frequency = Power);
product!(Voltage * Current = Power);
product!(Resistance * Current = Voltage);
product!(Conductance * Voltage = Current);
product!(Resistance * Capacitance = Time);
product!(Length squared = Area);
product!(Resistance * Area = ResistanceArea);
product!(Resistivity * Length = ResistanceArea);

macro_rules! reciprocal {
    ($(#[$doc:meta])* $kind:ident . $method:ident = $other:ident) => {
        impl $kind {
            $(#[$doc])*
            pub fn $method(self) -> $other {
                $other(1.0 / self.0)
            }
        }
    };
}

reciprocal!(/// The conductance of this resistance.
    Resistance.conductance = Conductance);
reciprocal!(/// The resistance of this conductance.
    Conductance.resistance = Resistance);
reciprocal!(/// The time one cycle takes.
    Frequency.period = Time);
reciprocal!(/// How often something that takes this long can be repeated.
    Time.rate = Frequency);

#[cfg(test)]
mod tests {
    use super::*;

    fn facts_agree<T: Unit>() {
        assert_eq!(T::DIM.name(), Some(T::NAME));
        let example: T = T::EXAMPLE.parse().expect(T::EXAMPLE);
        assert!(example > T::default());
        let one: T = format!("1 {}", T::SYMBOL).parse().expect(T::SYMBOL);
        assert_eq!(one.si(), 1.0);
    }

    #[test]
    fn name_symbol_and_example_of_every_kind_agree() {
        for_each_kind!(facts_agree);
    }

    #[test]
    fn products_and_quotients_follow_physics() {
        assert_eq!(Power::new(2.0) * Time::new(3.0), Energy::new(6.0));
        assert_eq!(Energy::new(6.0) / Time::new(3.0), Power::new(2.0));
        assert_eq!(Energy::new(6.0) / Power::new(2.0), Time::new(3.0));
        assert_eq!(Voltage::new(2.0) * Current::new(3.0), Power::new(6.0));
        assert_eq!(Voltage::new(6.0) / Resistance::new(3.0), Current::new(2.0));
        assert_eq!(Length::new(2.0) * Length::new(3.0), Area::new(6.0));
        let wire = Resistivity::new(2.0) * Length::new(3.0) / Area::new(6.0);
        assert_eq!(wire, Resistance::new(1.0));
        assert_eq!(Resistance::new(4.0).conductance(), Conductance::new(0.25));
        assert_eq!(Frequency::new(4.0).period().rate(), Frequency::new(4.0));
    }

    #[test]
    fn an_empty_sum_is_positive_zero() {
        let none: Power = [].iter().sum();
        assert_eq!(none.to_string(), "0 W");
        let two: Power = [Power::new(1.0), Power::new(2.0)].into_iter().sum();
        assert_eq!(two, 3.0 * Power::new(1.0));
    }
}
