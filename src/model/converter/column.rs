//! What arrives at the converter of a column: mean and spread of its sums, from what is known of rows and cells on average.
//!
//! Rows and cells are taken as independent of each other, and the weights of a difference as positive as often as negative. The columns of a
//! trained network reach further where its inputs go together with its weights.

use super::loading::{ValueGrid, ValueSpread};

/// The sums that a converter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Rows that inputs drive.
    pub driven: f64,
    /// Rows that are always at the read voltage.
    pub always: f64,
    /// Mean of the rows' squared voltages, relative to that of the read voltage; of the driven ones.
    pub mean_square: f64,
    /// Mean of their voltages, relative to the read voltage.
    pub mean: f64,
    /// Mean part of their range that the devices are at.
    pub level: f64,
    /// True if a device is at one of the two ends of its range.
    pub two_states: bool,
    /// What is converted.
    pub lines: ColumnLines,
    /// True if rows may be at the negative read voltage.
    pub negative: bool,
    /// True if a row is at the read voltage, at its negative, or off.
    pub on_or_off: bool,
}

/// What of a column is converted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ColumnLines {
    /// The difference of the two columns of a pair.
    Difference,
    /// One column.
    One {
        /// The lowest conductance of a device over the highest.
        floor: f64,
    },
}

impl Column {
    /// The sums, relative to the largest that can arrive: all rows at the read voltage, all devices at their highest.
    #[must_use]
    pub fn spread(&self) -> ValueSpread {
        let rows = self.driven + self.always;
        let mean_of = |cell: f64| (self.driven * self.mean + self.always) * cell;
        match self.lines {
            // One device of a pair is at the end of its range that stands for zero.
            ColumnLines::Difference => {
                let square = self.mean_square_of((2.0 * self.level).min(1.0));
                let variance = (self.driven * self.mean_square + self.always) * square;
                ValueSpread { mean: 0.0, deviation: libm::sqrt(variance) / rows, signed: true, grid: self.grid() }
            }
            ColumnLines::One { floor } => {
                let cell = floor + (1.0 - floor) * self.level;
                // E (floor + (1 - floor) c)^2
                let square = floor * floor
                    + 2.0 * floor * (1.0 - floor) * self.level
                    + (1.0 - floor) * (1.0 - floor) * self.mean_square_of(self.level);
                let of_driven = self.mean_square * square - self.mean * self.mean * cell * cell;
                let variance = self.driven * of_driven + self.always * (square - cell * cell);
                let (mean, deviation) = (mean_of(cell) / rows, libm::sqrt(variance) / rows);
                ValueSpread { mean, deviation, signed: self.negative, grid: None }
            }
        }
    }

    /// Differences of two-state devices on rows that are on or off are whole numbers of rows; where no row is off and no pair stands for zero,
    /// either all even or all odd ones.
    fn grid(&self) -> Option<ValueGrid> {
        let rows = self.driven + self.always;
        if !(self.on_or_off && self.two_states) {
            return None;
        }
        let never_zero = self.negative && self.level >= 0.5;
        Some(if never_zero {
            ValueGrid { one: 1.0, distance: 2.0 / rows }
        } else {
            ValueGrid { one: 0.0, distance: 1.0 / rows }
        })
    }

    /// The mean square of a level with this mean. One of more than two states is taken as spread evenly, as far about its mean as it can.
    fn mean_square_of(&self, level: f64) -> f64 {
        if self.two_states {
            return level;
        }
        let reach = level.min(1.0 - level);
        level * level + reach * reach / 3.0
    }
}
