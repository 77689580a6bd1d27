//! A quantity whose dimension is known at run time.

use super::dimension::Dimension;
use super::error::DimensionMismatch;
use super::kinds::Unit;

/// A value in SI units together with its dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// The value in coherent SI units.
    pub si: f64,
    /// The dimension.
    pub dim: Dimension,
}

impl Quantity {
    /// A value of the given dimension.
    pub const fn new(si: f64, dim: Dimension) -> Self {
        Self { si, dim }
    }

    /// A plain number.
    pub const fn number(value: f64) -> Self {
        Self::new(value, Dimension::NUMBER)
    }

    /// The typed quantity, or which kind this is instead.
    pub fn to<T: Unit>(self) -> Result<T, DimensionMismatch> {
        if self.dim == T::DIM {
            Ok(T::from_si(self.si))
        } else {
            Err(DimensionMismatch { expected: T::NAME, found: self.dim })
        }
    }

    /// The product, or `None` when its dimension cannot be represented.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let dim = self.dim.checked_mul(other.dim)?;
        Some(Self::new(self.si * other.si, dim))
    }

    /// The quotient, or `None` when its dimension cannot be represented.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        let dim = self.dim.checked_div(other.dim)?;
        Some(Self::new(self.si / other.si, dim))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Energy, Power};

    #[test]
    fn a_quantity_becomes_only_the_kind_it_is() {
        let quantity = Quantity::from(Power::new(2.0));
        assert_eq!(quantity.to::<Power>(), Ok(Power::new(2.0)));
        assert!(quantity.to::<Energy>().is_err());
        assert!(Energy::try_from(quantity).is_err());
    }
}
