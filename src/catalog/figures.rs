//! The figures that a component and a device state.

use crate::units::{
    Area, Current, Dimension, Energy, Fraction, Frequency, Length, Power, Resistance, Time, Unit, Voltage,
};

/// A number that an entry of a library states by name.
#[derive(Debug, Clone, Copy)]
pub struct FigureEntry {
    /// Its way from the entry, as a file and a setting write it.
    pub field: &'static str,
    /// The section whose entries have it.
    pub section: &'static str,
    /// What kind of quantity it is.
    pub dimension: Dimension,
    /// A value as one would write it.
    pub example: &'static str,
}

const fn entry<Q: Unit>(section: &'static str, field: &'static str) -> FigureEntry {
    FigureEntry { field, section, dimension: Q::DIM, example: Q::EXAMPLE }
}

/// All figures, those of components first.
pub const FIGURES: [FigureEntry; 20] = [
    entry::<Power>("components", "power"),
    entry::<Power>("components", "static-power"),
    entry::<Energy>("components", "energy"),
    entry::<Time>("components", "latency"),
    entry::<Frequency>("components", "rate"),
    entry::<Area>("components", "area"),
    entry::<Length>("components", "cell.width"),
    entry::<Length>("components", "cell.height"),
    entry::<Voltage>("components", "read-voltage"),
    entry::<Energy>("components", "read-energy"),
    entry::<Energy>("components", "write-energy"),
    entry::<Time>("components", "write-latency"),
    entry::<Resistance>("devices", "r-low"),
    entry::<Resistance>("devices", "r-high"),
    entry::<Voltage>("devices", "tmr-v0"),
    entry::<Fraction>("devices", "spread"),
    entry::<Current>("devices", "write-current"),
    entry::<Time>("devices", "write-pulse"),
    entry::<Energy>("devices", "write-energy"),
    entry::<Fraction>("devices", "endurance"),
];
