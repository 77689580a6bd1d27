//! The inner loops, over panels of 16 values, with the widest vectors that the machine has.
//!
//! Every value is computed by the same operations in the same order whatever the width of the vectors, and products are added with one rounding
//! (fused multiply-add) everywhere, so that the result is the same on every machine.

mod class;
mod logistic;
mod sum;
mod window;

use std::ops::Range;

use pulp::{Arch, Simd};

pub use class::{Classes, EQUAL, ties};
pub use logistic::{logistic, logistic_of};
pub use sum::{Product, SumProducts, SumRows};
pub use window::WindowProduct;

/// Outputs side by side in memory.
pub const WIDTH: usize = 16;

/// 16 outputs.
pub type Panel = [f64; WIDTH];

/// A panel of zeros.
pub const ZERO: Panel = [0.0; WIDTH];

/// Panels that this many outputs take.
#[must_use]
pub fn panels(outputs: usize) -> usize {
    outputs.div_ceil(WIDTH)
}

/// Some rows of a matrix (rows x outputs, by position) in panels of outputs; lanes without an output are zero.
pub fn in_panels(rows: &Range<usize>, outputs: usize, value: impl Fn(usize) -> f64) -> Vec<Vec<Panel>> {
    let panel = |first: usize| {
        let lanes = WIDTH.min(outputs - first);
        let row = |row: usize| {
            let mut panel = ZERO;
            for (lane, out) in panel.iter_mut().enumerate().take(lanes) {
                *out = value(row * outputs + first + lane);
            }
            panel
        };
        rows.clone().map(row).collect()
    };
    (0..outputs).step_by(WIDTH).map(panel).collect()
}

/// A loop works on two vectors at a time, and so passes over its panels so many times: the sums of some pictures then fit the registers of
/// every machine.
const fn passes<S: Simd>() -> usize {
    WIDTH / (2 * S::F64_LANES)
}

/// The two vectors of a panel that a pass works on.
#[inline(always)]
fn load<S: Simd>(panel: &Panel, pass: usize) -> [S::f64s; 2] {
    let (vectors, _) = S::as_simd_f64s(panel);
    [vectors[2 * pass], vectors[2 * pass + 1]]
}

#[inline(always)]
fn store<S: Simd>(panel: &mut Panel, pass: usize, values: [S::f64s; 2]) {
    let (vectors, _) = S::as_mut_simd_f64s(panel);
    vectors[2 * pass..2 * pass + 2].copy_from_slice(&values);
}

#[inline(always)]
fn add<S: Simd>(simd: S, a: [S::f64s; 2], b: [S::f64s; 2]) -> [S::f64s; 2] {
    [simd.add_f64s(a[0], b[0]), simd.add_f64s(a[1], b[1])]
}

/// `sum + value · row`
#[inline(always)]
fn add_product<S: Simd>(simd: S, sum: [S::f64s; 2], value: f64, row: [S::f64s; 2]) -> [S::f64s; 2] {
    let value = simd.splat_f64s(value);
    [simd.mul_add_f64s(value, row[0], sum[0]), simd.mul_add_f64s(value, row[1], sum[1])]
}

/// `gain · value + offset`, in place.
pub fn arguments(arch: Arch, values: &mut [Panel], gain: &Panel, offset: &Panel) {
    arch.dispatch(
        #[inline(always)]
        || {
            for panel in values {
                for lane in 0..WIDTH {
                    panel[lane] = gain[lane].mul_add(panel[lane], offset[lane]);
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(n: usize) -> f64 {
        ((n * 7919 + 13) % 1009) as f64 / 97.0 - 5.0
    }

    fn rows(count: usize, step: usize) -> Vec<Panel> {
        (0..count).map(|r| std::array::from_fn(|k| value(step * r + k + 1))).collect()
    }

    /// Everything of a small network: sums, outputs and classes of seven pictures.
    fn run(arch: Arch) -> (Vec<Panel>, Vec<Panel>, Vec<Panel>, Vec<u16>) {
        let (matrix, inputs) = (rows(40, 16), rows(21, 5));
        let (ids, starts): (Vec<u32>, Vec<u32>) =
            ((0..35).map(|k| k * 17 % 40).collect(), (0..8).map(|k| k * 5).collect());
        let terms: Vec<(u16, u16)> = ids.iter().map(|&id| (id as u16, id as u16 % 7)).collect();
        let (mut summed, mut out) = (vec![ZERO; 7], vec![ZERO; 7]);
        arch.dispatch(SumRows { table: &matrix, starts: &starts, ids: &ids, start: &matrix[3], out: &mut summed });
        let values: Vec<f64> = (0..7).map(value).collect();
        arch.dispatch(SumProducts { rows: &matrix, starts: &starts, terms: &terms, values: &values, out: &mut summed });
        arch.dispatch(Product { inputs: &inputs, first: 3, rows: &matrix, start: &matrix[7], out: &mut out });
        let mut acts = out.clone();
        logistic(arch, &out, &[0.01; WIDTH], &ZERO, &mut acts);
        let mut offset = ZERO;
        offset[11..].fill(f64::NEG_INFINITY);
        let mut classes = vec![0; 7];
        arch.dispatch(Classes { values: &out, gain: &[[0.01; WIDTH]], offset: &[offset], classes: &mut classes });
        arguments(arch, &mut out, &[0.01; WIDTH], &offset);
        (summed, acts, out, classes)
    }

    #[test]
    fn vectors_and_plain_loops_give_the_same_bits() {
        assert_eq!(run(Arch::new()), run(Arch::Scalar));
    }

    #[test]
    fn sums_are_those_of_a_plain_loop() {
        let (summed, acts, arguments, classes) = run(Arch::new());
        let (matrix, inputs) = (rows(40, 16), rows(21, 5));
        for picture in 0..7 {
            for lane in 0..WIDTH {
                let terms = (5 * picture..5 * picture + 5).map(|k| k * 17 % 40);
                let exact: f64 =
                    terms.map(|id| matrix[id][lane] * (1.0 + value(id % 7))).sum::<f64>() + matrix[3][lane];
                assert!((summed[picture][lane] - exact).abs() < 1e-12 * (1.0 + exact.abs()), "{picture} {lane}");
                let product: f64 = (3..43).map(|r| inputs[(r / 16) * 7 + picture][r % 16] * matrix[r - 3][lane]).sum();
                let argument = 0.01 * (product + matrix[7][lane]);
                assert!((acts[picture][lane] - logistic_of(argument)).abs() < 1e-13, "{picture} {lane}");
            }
            let values = &arguments[picture][..11];
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(values.iter().position(|&v| v == most), Some(usize::from(classes[picture])));
        }
    }
}
