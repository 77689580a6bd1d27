//! Small dense matrices, row-major: what the sub-arrays of a network are reduced to.

/// A pivot is zero: the matrix has no inverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the circuit's equations have no unique solution")]
pub struct Singular;

/// Inverts a symmetric positive definite matrix of this many rows in place, by Gauss-Jordan steps; such a matrix needs no pivoting.
///
/// # Errors
/// If a pivot is not positive.
pub fn invert_positive(matrix: &mut [f64], size: usize) -> Result<(), Singular> {
    let mut pivot_row = vec![0.0; size];
    for k in 0..size {
        let pivot = matrix[k * size + k];
        if !(pivot > 0.0 && pivot.is_finite()) {
            return Err(Singular);
        }
        let inverse = 1.0 / pivot;
        for (stored, value) in pivot_row.iter_mut().zip(&mut matrix[k * size..(k + 1) * size]) {
            *value *= inverse;
            *stored = *value;
        }
        matrix[k * size + k] = inverse;
        pivot_row[k] = inverse;
        for (i, row) in matrix.chunks_exact_mut(size).enumerate() {
            if i != k {
                let factor = std::mem::take(&mut row[k]);
                subtract(row, factor, &pivot_row);
            }
        }
    }
    Ok(())
}

/// Solves `matrix · x = rhs` for `columns` right-hand sides in place, with partial pivoting; `matrix` is destroyed.
///
/// # Errors
/// If the matrix is singular.
pub fn solve(matrix: &mut [f64], size: usize, rhs: &mut [f64], columns: usize) -> Result<(), Singular> {
    for k in 0..size {
        let pivot_row = (k..size).max_by(|&a, &b| matrix[a * size + k].abs().total_cmp(&matrix[b * size + k].abs()));
        let pivot_row = pivot_row.unwrap_or(k);
        if !(matrix[pivot_row * size + k].abs() > 0.0 && matrix[pivot_row * size + k].is_finite()) {
            return Err(Singular);
        }
        swap_rows(matrix, size, k, pivot_row);
        swap_rows(rhs, columns, k, pivot_row);
        let (upper, lower) = matrix.split_at_mut((k + 1) * size);
        let (upper_rhs, lower_rhs) = rhs.split_at_mut((k + 1) * columns);
        let (pivot, pivot_rhs) = (&upper[k * size..], &upper_rhs[k * columns..]);
        for (row, row_rhs) in lower.chunks_exact_mut(size).zip(lower_rhs.chunks_exact_mut(columns)) {
            let factor = row[k] / pivot[k];
            subtract(&mut row[k..], factor, &pivot[k..]);
            subtract(row_rhs, factor, pivot_rhs);
        }
    }
    for k in (0..size).rev() {
        let (upper, lower) = rhs.split_at_mut((k + 1) * columns);
        let row = &mut upper[k * columns..];
        for (solved, factor) in lower.chunks_exact(columns).zip(&matrix[k * size + k + 1..(k + 1) * size]) {
            subtract(row, *factor, solved);
        }
        let inverse = 1.0 / matrix[k * size + k];
        row.iter_mut().for_each(|value| *value *= inverse);
    }
    Ok(())
}

/// `out += left · right`, with shapes size x size, size x columns.
pub fn multiply_add(out: &mut [f64], left: &[f64], right: &[f64], size: usize, columns: usize) {
    for (out_row, left_row) in out.chunks_exact_mut(columns).zip(left.chunks_exact(size)) {
        for (factor, right_row) in left_row.iter().zip(right.chunks_exact(columns)) {
            subtract(out_row, -factor, right_row);
        }
    }
}

fn subtract(row: &mut [f64], factor: f64, other: &[f64]) {
    for (value, other) in row.iter_mut().zip(other) {
        *value -= factor * other;
    }
}

fn swap_rows(matrix: &mut [f64], width: usize, a: usize, b: usize) {
    if a != b {
        let (first, second) = (a.min(b), a.max(b));
        let (upper, lower) = matrix.split_at_mut(second * width);
        upper[first * width..(first + 1) * width].swap_with_slice(&mut lower[..width]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_times_its_matrix_is_the_identity() {
        let matrix = [4.0, 1.0, 0.5, 1.0, 3.0, -1.0, 0.5, -1.0, 5.0];
        let mut inverse = matrix;
        invert_positive(&mut inverse, 3).expect("positive definite");
        let mut product = [0.0; 9];
        multiply_add(&mut product, &inverse, &matrix, 3, 3);
        for (i, value) in product.iter().enumerate() {
            assert!((value - if i % 4 == 0 { 1.0 } else { 0.0 }).abs() < 1e-14);
        }
    }

    #[test]
    fn a_system_that_needs_pivoting_is_solved() {
        let mut matrix = [0.0, 2.0, 1.0, 1.0, 0.0, 3.0, 2.0, 1.0, 0.0];
        // x = (1, 2, 3) and (0, 1, -1)
        let mut rhs = [7.0, 1.0, 10.0, -3.0, 4.0, 1.0];
        solve(&mut matrix, 3, &mut rhs, 2).expect("regular");
        for (value, expected) in rhs.iter().zip([1.0, 0.0, 2.0, 1.0, 3.0, -1.0]) {
            assert!((value - expected).abs() < 1e-14);
        }
    }

    #[test]
    fn a_singular_matrix_is_refused() {
        assert_eq!(solve(&mut [1.0, 2.0, 2.0, 4.0], 2, &mut [1.0, 2.0], 1), Err(Singular));
        assert_eq!(invert_positive(&mut [0.0], 1), Err(Singular));
    }
}
