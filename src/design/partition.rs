//! How a layer's matrix is cut into tiles.

use crate::model::crossbar::partition;

/// A layer's matrix on a grid of tiles.
///
/// Rows: one per input, and one for the bias. Columns: for each output its bit slices, and twice as many where the pair of a
/// differential weight lies in two columns. The columns of one output stay on one tile, so that their pair and slices meet there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Inputs of the layer.
    pub inputs: u64,
    /// Outputs of the layer.
    pub outputs: u64,
    /// Rows that the matrix needs: inputs and the bias row.
    pub rows: u64,
    /// Columns of cells that one output needs.
    pub columns_per_output: u64,
    /// Rows of a tile.
    pub tile_rows: u64,
    /// Columns of cells of a tile.
    pub tile_columns: u64,
    /// Tiles one below the other; their partial sums must be added.
    pub row_partitions: u64,
    /// Tiles side by side.
    pub column_partitions: u64,
}

impl Grid {
    /// Cuts a matrix; none if a tile cannot hold one output.
    #[must_use]
    pub fn cut(
        inputs: u64,
        outputs: u64,
        bias: bool,
        columns_per_output: u64,
        tile_rows: u64,
        tile_columns: u64,
    ) -> Option<Self> {
        let outputs_per_tile = tile_columns / columns_per_output.max(1);
        if outputs_per_tile == 0 || tile_rows == 0 {
            return None;
        }
        let rows = inputs + u64::from(bias);
        Some(Self {
            inputs,
            outputs,
            rows,
            columns_per_output,
            tile_rows,
            tile_columns,
            row_partitions: rows.div_ceil(tile_rows),
            column_partitions: outputs.div_ceil(outputs_per_tile),
        })
    }

    /// Rows at the read voltage on average if this part of the inputs is; the bias row always is.
    #[must_use]
    pub fn mean_active_rows(&self, active: f64) -> f64 {
        self.inputs as f64 * active + (self.rows - self.inputs) as f64
    }

    /// Number of tiles.
    #[must_use]
    pub fn tiles(&self) -> u64 {
        self.row_partitions * self.column_partitions
    }

    /// Columns of cells that the matrix needs.
    #[must_use]
    pub fn columns(&self) -> u64 {
        self.outputs * self.columns_per_output
    }

    /// Rows used on each tile of a column of tiles, top to bottom.
    pub fn rows_by_partition(&self) -> impl Iterator<Item = u64> + use<> {
        lines_by_partition(self.rows, self.row_partitions)
    }

    /// Outputs on each tile of a row of tiles, left to right.
    pub fn outputs_by_partition(&self) -> impl Iterator<Item = u64> + use<> {
        lines_by_partition(self.outputs, self.column_partitions)
    }

    /// Units, and the most turns that one of them takes, for the rows on each tile of a column of tiles.
    #[must_use]
    pub fn shared_rows(&self, share: u64) -> (u64, u64) {
        shared_over(self.rows, self.row_partitions, 1, share)
    }

    /// Units, and the most turns that one of them takes, for the outputs on each tile of a row of tiles, with `each` lines for an output.
    #[must_use]
    pub fn shared_outputs(&self, each: u64, share: u64) -> (u64, u64) {
        shared_over(self.outputs, self.column_partitions, each, share)
    }
}

/// Units for lines that stand in one place when `share` of them take turns on one unit, and the most turns that one unit takes.
#[must_use]
pub fn shared(lines: u64, share: u64) -> (u64, u64) {
    let units = lines.div_ceil(share);
    (units, lines.div_ceil(units.max(1)))
}

/// The same for `total` places that are dealt out over partitions, each place with `each` lines; no unit serves two partitions.
fn shared_over(total: u64, partitions: u64, each: u64, share: u64) -> (u64, u64) {
    partition::sizes(total, partitions).iter().filter(|(_, count)| *count > 0).fold(
        (0, 0),
        |(units, turns), (size, count)| {
            let (own, rounds) = shared(size * each, share);
            (units + own * count, turns.max(rounds))
        },
    )
}

/// `total` cut into `parts`, as the solutions of the circuits cut it.
fn lines_by_partition(total: u64, parts: u64) -> impl Iterator<Item = u64> {
    (1..=parts).map(move |k| partition::end_of(total, parts, k) - partition::end_of(total, parts, k - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_network_of_imac_sim_takes_67_tiles() {
        // 400-120-84-10 on 32 x 32 tiles with the pair in one cell: 13·4 + 4·3 + 3·1
        let tiles = |i, o| Grid::cut(i, o, true, 1, 32, 32).unwrap().tiles();
        assert_eq!(tiles(400, 120) + tiles(120, 84) + tiles(84, 10), 67);
    }

    #[test]
    fn a_layer_is_cut_for_its_costs_where_it_is_cut_for_its_solution() {
        let grid = Grid::cut(784, 16, true, 1, 32, 32).unwrap();
        let rows: Vec<u64> = grid.rows_by_partition().collect();
        let solved: Vec<u64> = partition::cuts(785, 25).map(|(first, end)| (end - first) as u64).collect();
        // 785 mod 25 = 10: floor(31.4 + 1) rows on the first tile.
        assert_eq!((rows[0], rows.len()), (32, 25));
        assert_eq!(rows, solved);
    }

    #[test]
    fn the_columns_of_an_output_stay_together() {
        // Three outputs of two columns on tiles of three columns: one output a tile.
        assert_eq!(Grid::cut(4, 3, false, 2, 8, 3).unwrap().column_partitions, 3);
        assert_eq!(Grid::cut(4, 3, false, 2, 8, 1), None);
    }

    #[test]
    fn sharing_counts_the_turns_of_the_busiest_unit() {
        // 25 lines on tiles of 8, 8 and 9, 8 lines to a unit: 1 + 1 + 2 units; the unit of a full tile takes 8 turns.
        assert_eq!(shared_over(25, 3, 1, 8), (4, 8));
    }

    proptest! {
        #[test]
        fn cutting_a_matrix_into_more_tiles_never_loses_a_mac(
            inputs in 1u64..3000, outputs in 1u64..1000, bias: bool, per in 1u64..8, rows in 1u64..600, columns in 8u64..600,
        ) {
            let grid = Grid::cut(inputs, outputs, bias, per, rows, columns).unwrap();
            let used: u64 = grid.rows_by_partition().sum::<u64>() * grid.outputs_by_partition().sum::<u64>();
            prop_assert_eq!(used, (inputs + u64::from(bias)) * outputs);
            prop_assert!(grid.rows_by_partition().all(|r| r <= rows));
            prop_assert!(grid.outputs_by_partition().all(|o| o * per <= columns));
        }

        #[test]
        fn doubling_share_never_adds_a_unit_nor_saves_a_turn(total in 1u64..3000, partitions in 1u64..40, each in 1u64..9, share in 1u64..64) {
            let (units, turns) = shared_over(total, partitions, each, share);
            let (fewer, more) = shared_over(total, partitions, each, 2 * share);
            prop_assert!(fewer <= units && more >= turns);
        }

        #[test]
        fn units_counted_by_size_are_those_counted_partition_by_partition(total in 1u64..3000, partitions in 1u64..40, share in 1u64..64) {
            let one_by_one = lines_by_partition(total, partitions).map(|lines| shared(3 * lines, share));
            let expected = one_by_one.fold((0, 0), |(u, t), (units, turns)| (u + units, t.max(turns)));
            prop_assert_eq!(shared_over(total, partitions, 3, share), expected);
        }
    }
}
