//! What a formula of a component can name of the place where the component stands.

use crate::units::Dimension;

/// Something that is known where a component stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceName {
    /// Rows of a tile.
    Rows,
    /// Columns of a tile.
    Columns,
    /// Outputs of a tile.
    Outputs,
    /// Columns that hold the bits of one weight.
    Slices,
    /// Reads of a bit-serial input.
    Cycles,
    /// Bits of a weight.
    WeightBits,
    /// Bits of an input.
    InputBits,
    /// Bits of an input that are applied at once.
    AppliedBits,
    /// Technology node.
    Node,
    /// Supply.
    Vdd,
    /// Clock.
    Clock,
    /// Mean of the inputs, relative to the largest.
    InputMean,
    /// Part of the bits of the inputs that are 1.
    InputDensity,
    /// Part of the bits of the inputs that differ from those before.
    InputToggle,
    /// Part of the inputs that are 0.
    InputZero,
    /// Mean of the weights, relative to the largest.
    WeightMean,
    /// Part of the bits of the weights that are 1.
    WeightDensity,
}

/// What is known of such a name.
#[derive(Debug, Clone, Copy)]
pub struct PlaceEntry {
    /// Which it is.
    pub place: PlaceName,
    /// As a formula writes it.
    pub name: &'static str,
    /// What kind of quantity it is.
    pub dimension: Dimension,
    /// A value at which formulas are tried where no place is known, in SI units. No number of a result rests on it: of a formula that names it
    /// only the kind of quantity is looked at.
    pub trial_si: f64,
    /// Where its value comes from.
    pub from: &'static str,
}

const fn entry(place: PlaceName, name: &'static str, trial_si: f64, from: &'static str) -> PlaceEntry {
    let dimension = match place {
        PlaceName::Node => Dimension::LENGTH,
        PlaceName::Vdd => Dimension::VOLTAGE,
        PlaceName::Clock => Dimension::FREQUENCY,
        _ => Dimension::NUMBER,
    };
    PlaceEntry { place, name, dimension, trial_si, from }
}

/// All names, in the order of [`PlaceName`].
pub const PLACES: [PlaceEntry; 17] = [
    entry(PlaceName::Rows, "rows", 110.0, "`tile.rows`"),
    entry(PlaceName::Columns, "columns", 91.0, "`tile.columns`"),
    entry(PlaceName::Outputs, "outputs", 13.0, "the outputs that fit on a tile"),
    entry(PlaceName::Slices, "slices", 7.0, "`weights.bits` and the bits of a cell"),
    entry(PlaceName::Cycles, "cycles", 5.0, "the bits of an input and those that are applied at once"),
    entry(PlaceName::WeightBits, "weight-bits", 8.5, "`weights.bits`"),
    entry(PlaceName::InputBits, "input-bits", 6.5, "`network.input.bits` or `activations.bits`"),
    entry(PlaceName::AppliedBits, "applied-bits", 1.5, "the bits of the row driver or DAC"),
    entry(PlaceName::Node, "node", 29e-9, "`operating.node`, or `node` of the entry"),
    entry(PlaceName::Vdd, "vdd", 0.93, "`operating.vdd`, or `vdd` of the entry"),
    entry(PlaceName::Clock, "clock", 0.97e9, "`operating.clock`"),
    entry(PlaceName::InputMean, "input-mean", 0.46, "`statistics.inputs`"),
    entry(PlaceName::InputDensity, "input-density", 0.47, "`statistics.inputs`"),
    entry(PlaceName::InputToggle, "input-toggle", 0.48, "`statistics.inputs`"),
    entry(PlaceName::InputZero, "input-zero", 0.27, "`statistics.inputs`"),
    entry(PlaceName::WeightMean, "weight-mean", 0.44, "`statistics.weights`"),
    entry(PlaceName::WeightDensity, "weight-density", 0.43, "`statistics.weights`"),
];

impl PlaceName {
    /// What is known of it.
    #[must_use]
    pub fn entry(self) -> &'static PlaceEntry {
        const TABLE: &[PlaceEntry; PLACES.len()] = &PLACES;
        &TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::PLACES;

    #[test]
    fn the_table_is_in_the_order_of_the_names() {
        for entry in &PLACES {
            assert_eq!(entry.place.entry().name, entry.name);
        }
    }
}
