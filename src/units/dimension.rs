//! The dimension of a quantity as exponents of SI base units.

use std::fmt;

/// Exponents of metre, kilogram, second and ampere.
///
/// Temperature, amount and luminous intensity are left out: no model here carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dimension {
    m: i8,
    kg: i8,
    s: i8,
    a: i8,
}

impl Dimension {
    /// A plain number.
    pub const NUMBER: Self = Self::new(0, 0, 0, 0);
    /// Watt.
    pub const POWER: Self = Self::new(2, 1, -3, 0);
    /// Joule.
    pub const ENERGY: Self = Self::new(2, 1, -2, 0);
    /// Second.
    pub const TIME: Self = Self::new(0, 0, 1, 0);
    /// Square metre.
    pub const AREA: Self = Self::new(2, 0, 0, 0);
    /// Metre.
    pub const LENGTH: Self = Self::new(1, 0, 0, 0);
    /// Volt.
    pub const VOLTAGE: Self = Self::new(2, 1, -3, -1);
    /// Ampere.
    pub const CURRENT: Self = Self::new(0, 0, 0, 1);
    /// Ohm.
    pub const RESISTANCE: Self = Self::new(2, 1, -3, -2);
    /// Siemens.
    pub const CONDUCTANCE: Self = Self::new(-2, -1, 3, 2);
    /// Farad.
    pub const CAPACITANCE: Self = Self::new(-2, -1, 4, 2);
    /// Hertz, or samples per second.
    pub const FREQUENCY: Self = Self::new(0, 0, -1, 0);
    /// Ohm square metre: the resistance of a tunnel junction times its area.
    pub const RESISTANCE_AREA: Self = Self::new(4, 1, -3, -2);
    /// Ohm metre.
    pub const RESISTIVITY: Self = Self::new(3, 1, -3, -2);

    /// Kilogram: no quantity of its own here, but the printed form of an unnamed dimension uses it.
    pub(super) const MASS: Self = Self::new(0, 1, 0, 0);

    /// A dimension from its exponents.
    pub const fn new(m: i8, kg: i8, s: i8, a: i8) -> Self {
        Self { m, kg, s, a }
    }

    /// The dimension of a product, or `None` when an exponent leaves the range of `i8`.
    pub const fn checked_mul(self, other: Self) -> Option<Self> {
        match (
            self.m.checked_add(other.m),
            self.kg.checked_add(other.kg),
            self.s.checked_add(other.s),
            self.a.checked_add(other.a),
        ) {
            (Some(m), Some(kg), Some(s), Some(a)) => Some(Self::new(m, kg, s, a)),
            _ => None,
        }
    }

    /// The dimension of a quotient, or `None` when an exponent leaves the range of `i8`.
    pub const fn checked_div(self, other: Self) -> Option<Self> {
        match (
            self.m.checked_sub(other.m),
            self.kg.checked_sub(other.kg),
            self.s.checked_sub(other.s),
            self.a.checked_sub(other.a),
        ) {
            (Some(m), Some(kg), Some(s), Some(a)) => Some(Self::new(m, kg, s, a)),
            _ => None,
        }
    }

    /// The dimension of an integer power, or `None` when an exponent leaves the range of `i8`.
    pub const fn checked_pow(self, n: i8) -> Option<Self> {
        match (self.m.checked_mul(n), self.kg.checked_mul(n), self.s.checked_mul(n), self.a.checked_mul(n)) {
            (Some(m), Some(kg), Some(s), Some(a)) => Some(Self::new(m, kg, s, a)),
            _ => None,
        }
    }

    /// The dimension of a square root, or `None` when an exponent is odd.
    pub const fn sqrt(self) -> Option<Self> {
        if self.m % 2 != 0 || self.kg % 2 != 0 || self.s % 2 != 0 || self.a % 2 != 0 {
            return None;
        }
        Some(Self::new(self.m / 2, self.kg / 2, self.s / 2, self.a / 2))
    }

    /// Equality that constant expressions may use.
    pub(super) const fn is(self, other: Self) -> bool {
        self.m == other.m && self.kg == other.kg && self.s == other.s && self.a == other.a
    }

    /// The everyday name, such as `power`, when there is one.
    pub const fn name(self) -> Option<&'static str> {
        let mut i = 0;
        while i < NAMES.len() {
            if NAMES[i].0.is(self) {
                return Some(NAMES[i].1);
            }
            i += 1;
        }
        None
    }

    /// The name with its article, for messages: `a power`, `an energy`, `a quantity in m s^-1`.
    pub fn phrase(self) -> String {
        match self.name() {
            Some(name) => with_article(name),
            None => format!("a quantity in {self}"),
        }
    }

    /// The exponents under base unit symbols, such as `kg m^2 s^-3`, whether or not named.
    pub(super) fn base_units(self) -> String {
        [("kg", self.kg), ("m", self.m), ("s", self.s), ("A", self.a)]
            .iter()
            .filter(|(_, power)| *power != 0)
            .map(|(symbol, power)| match power {
                1 => (*symbol).to_owned(),
                _ => format!("{symbol}^{power}"),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

const NAMES: [(Dimension, &str); 14] = [
    (Dimension::NUMBER, "number"),
    (Dimension::POWER, "power"),
    (Dimension::ENERGY, "energy"),
    (Dimension::TIME, "time"),
    (Dimension::AREA, "area"),
    (Dimension::LENGTH, "length"),
    (Dimension::VOLTAGE, "voltage"),
    (Dimension::CURRENT, "current"),
    (Dimension::RESISTANCE, "resistance"),
    (Dimension::CONDUCTANCE, "conductance"),
    (Dimension::CAPACITANCE, "capacitance"),
    (Dimension::FREQUENCY, "frequency"),
    (Dimension::RESISTANCE_AREA, "resistance-area product"),
    (Dimension::RESISTIVITY, "resistivity"),
];

/// `power` as `a power`, `energy` as `an energy`.
pub(super) fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => f.pad(&self.base_units()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_dimension_has_its_own_name() {
        for (i, (dim, name)) in NAMES.iter().enumerate() {
            assert_eq!(dim.name(), Some(*name), "{i}");
        }
    }

    #[test]
    fn an_unnamed_dimension_prints_as_base_units() {
        assert_eq!(Dimension::new(1, 0, -1, 0).to_string(), "m s^-1");
        assert_eq!(Dimension::POWER.base_units(), "kg m^2 s^-3");
        assert_eq!(Dimension::new(1, 0, -1, 0).phrase(), "a quantity in m s^-1");
    }

    #[test]
    fn exponents_out_of_range_are_refused_not_wrapped() {
        let large = Dimension::new(100, 0, 0, 0);
        assert_eq!(large.checked_mul(large), None);
        assert_eq!(large.checked_pow(2), None);
        assert_eq!(Dimension::NUMBER.checked_div(Dimension::new(-128, 0, 0, 0)), None);
    }

    #[test]
    fn only_even_exponents_have_a_square_root() {
        assert_eq!(Dimension::AREA.sqrt(), Some(Dimension::LENGTH));
        assert_eq!(Dimension::POWER.sqrt(), None);
    }

    #[test]
    fn articles_follow_the_first_sound() {
        assert_eq!(Dimension::ENERGY.phrase(), "an energy");
        assert_eq!(Dimension::POWER.phrase(), "a power");
    }
}
