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

/// Where partition `number` (the first is 1) of `parts` ends: at `floor(total k / p + min((total mod p) / k, 1))`, as IMAC-Sim's netlists do.
///
/// Of the whole networks of that simulator that others ran in HSPICE, the partitions show: cut so, the power of each single picture keeps its
/// ratio to theirs to 0.05 %; cut evenly it scatters by 0.45 % (32 x 32), and output voltages err by a third to twice as much.
#[must_use]
pub fn end_of(total: u64, parts: u64, number: u64) -> u64 {
    let (total, parts, k) = (u128::from(total), u128::from(parts.max(1)), u128::from(number));
    let rest = total % parts;
    let end = match k {
        0 => 0,
        // More partitions than lines: some are empty.
        _ if total < parts => total * k / parts,
        _ if rest >= k => total * k / parts + 1,
        // Whole and fractional part: floor(total k / p + rest / k).
        _ => (total * k * k + rest * parts) / (parts * k),
    };
    u64::try_from(end.min(total)).unwrap_or(u64::MAX)
}

/// The sizes that partitions of `total` lines have, and how many have each: the whole part q of `total / parts`, the next larger one and, of at
/// most one partition, the next smaller one. A wide layer need not be walked partition by partition.
#[must_use]
pub fn sizes(total: u64, parts: u64) -> [(u64, u64); 3] {
    let parts = parts.max(1);
    let (whole, rest) = (total / parts, total % parts);
    if whole == 0 {
        return [(0, parts - rest), (1, rest), (2, 0)];
    }
    // Ends run ahead of `whole k` by floor(rest k / p) + 1 up to k = rest, then by floor(rest k / p + rest / k), which is least at the root of p:
    // where that is less, one partition is smaller than q. From there on it rises.
    let ahead = |k: u64| end_of(total, parts, k) - whole * k;
    let least = |k: u64| ahead(k.max(rest + 1).min(parts));
    let fewer = u64::from(rest > 0 && least(parts.isqrt()).min(least(parts.isqrt() + 1)) < ahead(rest));
    [(whole - 1, fewer), (whole, parts - rest - 2 * fewer), (whole + 1, rest + fewer)]
}

/// Where partitions of `total` lines begin and end; see [`end_of`].
pub fn cuts(total: usize, parts: usize) -> impl Iterator<Item = (usize, usize)> {
    let end = move |k: usize| end_of(total as u64, parts as u64, k as u64) as usize;
    (1..=parts.max(1)).map(move |k| (end(k - 1), end(k)))
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
        // 785 rows of 25 tiles: 785 mod 25 = 10, so the first ends at floor(31.4 + 1), the second at floor(62.8 + 1).
        assert_eq!(cuts(785, 25).take(2).collect::<Vec<_>>(), [(0, 32), (32, 63)]);
    }

    #[test]
    fn sizes_counted_are_those_cut_and_fit_the_tile() {
        for parts in 1..60_u64 {
            for total in 1..200 {
                let cut: Vec<u64> = cuts(total as usize, parts as usize).map(|(a, b)| (b - a) as u64).collect();
                assert_eq!(cut.iter().sum::<u64>(), total);
                assert!(cut.iter().all(|&size| size <= total.div_ceil(parts)), "{total} on {parts}: {cut:?}");
                for (size, count) in sizes(total, parts) {
                    let found = cut.iter().filter(|&&c| c == size).count() as u64;
                    assert!(count == 0 || found == count, "{total} on {parts}: {size} {found} {count}");
                }
                assert_eq!(sizes(total, parts).iter().map(|(_, count)| count).sum::<u64>(), parts);
            }
        }
        assert_eq!(end_of(10_000_000, 10_000_000, 9_999_999), 9_999_999);
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
