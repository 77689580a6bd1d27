//! A crossbar cut into sub-arrays: shorter lines, more ends.
//!
//! Every sub-array has its own rows, driven from the same sources, and its own column ends; the currents of one column are added over the row
//! partitions, those of one source over the column partitions.

use super::nodal::{Cells, Currents, NodalError, Solver, Wiring};

/// Sub-arrays one below the other and side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partitions {
    /// One below the other.
    pub rows: usize,
    /// Side by side.
    pub columns: usize,
}

impl Partitions {
    /// Column ends, each with what senses its current.
    #[must_use]
    pub fn column_ends(&self, cells: &Cells) -> usize {
        self.rows * cells.columns
    }

    /// Row ends, each with what drives it.
    #[must_use]
    pub fn row_ends(&self, cells: &Cells) -> usize {
        self.columns * cells.rows
    }
}

/// Where partitions of `total` lines begin and end: partition k of p ends at `floor(total k / p + min((total mod p) / k, 1))`, as IMAC-Sim cuts.
pub fn cuts(total: usize, parts: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = parts.max(1);
    let end = move |k: usize| match k {
        0 => 0,
        _ if total % parts >= k => total * k / parts + 1,
        // Whole and fractional part: floor(total k / p + (total mod p) / k).
        _ => (total * k * k + (total % parts) * parts) / (parts * k),
    };
    (1..=parts).map(move |k| (end(k - 1), end(k).min(total)))
}

/// The currents of a partitioned crossbar.
///
/// # Errors
/// As [`Solver::solve`]; sub-arrays without a row or column are refused.
pub fn solve(
    cells: &Cells,
    wiring: &Wiring,
    partitions: Partitions,
    voltages_v: &[f64],
    tolerance: f64,
) -> Result<Currents, NodalError> {
    let mut sum = Currents { columns_a: vec![0.0; cells.columns], rows_a: vec![0.0; cells.rows], steps: 0 };
    for (top, bottom) in cuts(cells.rows, partitions.rows) {
        for (left, right) in cuts(cells.columns, partitions.columns) {
            let part = cells.cut_out(top..bottom, left..right);
            let currents = Solver::new(&part, wiring)?.solve(&voltages_v[top..bottom], tolerance)?;
            for (total, own) in sum.columns_a[left..right].iter_mut().zip(&currents.columns_a) {
                *total += own;
            }
            for (total, own) in sum.rows_a[top..bottom].iter_mut().zip(&currents.rows_a) {
                *total += own;
            }
            sum.steps = sum.steps.max(currents.steps);
        }
    }
    Ok(sum)
}

impl Cells {
    fn cut_out(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Self {
        let (count, width) = (rows.len(), columns.len());
        let conductances_s =
            rows.flat_map(|row| &self.conductances_s[row * self.columns..][columns.clone()]).copied().collect();
        Self { rows: count, columns: width, conductances_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::crossbar::nodal::TOLERANCE;

    #[test]
    fn partitions_end_where_the_public_simulator_ends_them() {
        // floor(401 k / 13 + min((401 mod 13) / k, 1)) with 401 mod 13 = 11
        let expected: Vec<usize> =
            (1..=13_usize).map(|k| ((401.0 * k as f64) / 13.0 + (11.0 / k as f64).min(1.0)).floor() as usize).collect();
        assert_eq!(cuts(401, 13).map(|(_, end)| end).collect::<Vec<_>>(), expected);
        assert_eq!(cuts(17, 1).collect::<Vec<_>>(), [(0, 17)]);
    }

    #[test]
    fn sub_arrays_of_one_cell_carry_the_current_of_a_cell_in_series_with_two_segments() {
        let cells = Cells { rows: 2, columns: 2, conductances_s: vec![1e-4, 2e-4, 3e-4, 4e-4] };
        let wiring = Wiring { row_segment_ohm: 10.0, column_segment_ohm: 20.0, source_ohm: 0.0, termination_ohm: 0.0 };
        let currents =
            solve(&cells, &wiring, Partitions { rows: 2, columns: 2 }, &[1.0, 2.0], TOLERANCE).expect("solved");
        let cell = |g: f64, v: f64| v / (1.0 / g + 30.0);
        assert!((currents.columns_a[0] - cell(1e-4, 1.0) - cell(3e-4, 2.0)).abs() < 1e-15);
        assert!((currents.rows_a[1] - cell(3e-4, 2.0) - cell(4e-4, 2.0)).abs() < 1e-15);
    }
}
