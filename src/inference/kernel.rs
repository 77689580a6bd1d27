//! The inner loops, over panels of 16 values, with the widest vectors that the machine has.
//!
//! Products and sums are rounded one by one (no fused multiply-add) and each value is summed in the order of its terms, so that the result
//! is the same on every machine, whatever the width of its vectors.

use pulp::{Arch, Simd, WithSimd};

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

/// Calls a generic function with as many vectors as 16 values take on this machine.
macro_rules! with_vectors {
    ($simd:ident, $kernel:ident($($argument:expr),*)) => {
        match S::F64_LANES {
            8 => $kernel::<S, 2>($simd, $($argument),*),
            4 => $kernel::<S, 4>($simd, $($argument),*),
            2 => $kernel::<S, 8>($simd, $($argument),*),
            _ => $kernel::<S, 16>($simd, $($argument),*),
        }
    };
}

#[inline(always)]
fn load<S: Simd, const N: usize>(panel: &Panel) -> [S::f64s; N] {
    let (vectors, _) = S::as_simd_f64s(panel);
    std::array::from_fn(|k| vectors[k])
}

#[inline(always)]
fn store<S: Simd, const N: usize>(panel: &mut Panel, values: [S::f64s; N]) {
    let (vectors, _) = S::as_mut_simd_f64s(panel);
    vectors.copy_from_slice(&values);
}

/// For each picture the sum of some rows of a table: `out[i] = start + Σ table[ids[k]]`, k from `starts[i]` to `starts[i + 1]`: those at
/// even places with the start first, then those at odd places.
pub struct SumRows<'a> {
    /// Rows.
    pub table: &'a [Panel],
    /// Where the rows of a picture begin in `ids`; one more than there are pictures.
    pub starts: &'a [u32],
    /// Which rows.
    pub ids: &'a [u32],
    /// Added to every picture.
    pub start: &'a Panel,
    /// The sums.
    pub out: &'a mut [Panel],
}

impl WithSimd for SumRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        with_vectors!(simd, sum_rows(self));
    }
}

#[inline(always)]
fn sum_rows<S: Simd, const N: usize>(simd: S, of: SumRows<'_>) {
    let (start, zero) = (load::<S, N>(of.start), [simd.splat_f64s(0.0); N]);
    let add = |sum: &mut [S::f64s; N], id: u32| {
        let row = load::<S, N>(&of.table[id as usize]);
        for k in 0..N {
            sum[k] = simd.add_f64s(sum[k], row[k]);
        }
    };
    for (ends, out) in of.starts.windows(2).zip(of.out) {
        // Two sums, of every other row, so that an addition need not wait for the one before it.
        let (mut even, mut odd) = (start, zero);
        let pairs = of.ids[ends[0] as usize..ends[1] as usize].chunks_exact(2);
        let last = pairs.remainder();
        for pair in pairs {
            add(&mut even, pair[0]);
            add(&mut odd, pair[1]);
        }
        for &id in last {
            add(&mut even, id);
        }
        store::<S, N>(out, std::array::from_fn(|k| simd.add_f64s(even[k], odd[k])));
    }
}

/// For each picture the sum of rows times its values: `out[i] = start + Σ values[k] · rows[ids[k]]`.
pub struct SumProducts<'a> {
    /// Rows.
    pub rows: &'a [Panel],
    /// Where the values of a picture begin; one more than there are pictures.
    pub starts: &'a [u32],
    /// Which rows.
    pub ids: &'a [u32],
    /// How much of each.
    pub values: &'a [f64],
    /// Added to every picture.
    pub start: &'a Panel,
    /// The sums.
    pub out: &'a mut [Panel],
}

impl WithSimd for SumProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        with_vectors!(simd, sum_products(self));
    }
}

#[inline(always)]
fn sum_products<S: Simd, const N: usize>(simd: S, of: SumProducts<'_>) {
    let start = load::<S, N>(of.start);
    for (ends, out) in of.starts.windows(2).zip(of.out) {
        let mut sum = start;
        let range = ends[0] as usize..ends[1] as usize;
        for (&id, &value) in of.ids[range.clone()].iter().zip(&of.values[range]) {
            sum = add_product::<S, N>(simd, sum, value, &of.rows[id as usize]);
        }
        store::<S, N>(out, sum);
    }
}

#[inline(always)]
fn add_product<S: Simd, const N: usize>(simd: S, mut sum: [S::f64s; N], value: f64, row: &Panel) -> [S::f64s; N] {
    let row = load::<S, N>(row);
    let value = simd.splat_f64s(value);
    for k in 0..N {
        sum[k] = simd.add_f64s(sum[k], simd.mul_f64s(value, row[k]));
    }
    sum
}

/// The product of a block of inputs and a matrix: `out[i] = start + Σ_r inputs[i][r] · rows[r]`, r from `first` on.
pub struct Product<'a> {
    /// Inputs in panels: panel p of picture i is `inputs[p · pictures + i]`.
    pub inputs: &'a [Panel],
    /// The first input that counts.
    pub first: usize,
    /// One row for each input that counts.
    pub rows: &'a [Panel],
    /// Added to every picture.
    pub start: &'a Panel,
    /// The products, one for each picture.
    pub out: &'a mut [Panel],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        with_vectors!(simd, product(self));
    }
}

#[inline(always)]
fn product<S: Simd, const N: usize>(simd: S, of: Product<'_>) {
    let pictures = of.out.len();
    let start = load::<S, N>(of.start);
    for (i, out) in of.out.iter_mut().enumerate() {
        let mut sum = start;
        let mut rows = of.rows;
        let mut at = of.first;
        while !rows.is_empty() {
            let inputs = &of.inputs[(at / WIDTH) * pictures + i];
            let lane = at % WIDTH;
            let count = rows.len().min(WIDTH - lane);
            for (&value, row) in inputs[lane..lane + count].iter().zip(rows) {
                sum = add_product::<S, N>(simd, sum, value, row);
            }
            (rows, at) = (&rows[count..], at + count);
        }
        store::<S, N>(out, sum);
    }
}

/// `gain · value + offset`, in place.
pub fn arguments(arch: Arch, values: &mut [Panel], gain: &Panel, offset: &Panel) {
    arch.dispatch(
        #[inline(always)]
        || {
            for panel in values {
                *panel = std::array::from_fn(|lane| gain[lane] * panel[lane] + offset[lane]);
            }
        },
    );
}

/// `1 / (1 + exp(-(gain · value + offset)))` of every value.
pub fn logistic(arch: Arch, values: &[Panel], gain: &Panel, offset: &Panel, out: &mut [Panel]) {
    arch.dispatch(
        #[inline(always)]
        || {
            for (out, panel) in out.iter_mut().zip(values) {
                for lane in 0..WIDTH {
                    out[lane] = logistic_of(gain[lane] * panel[lane] + offset[lane]);
                }
            }
        },
    );
}

/// The largest output of each picture, the first of equal ones. Panel p of picture i is `values[p · pictures + i]`.
pub struct Classes<'a> {
    /// Outputs; minus infinity in the lanes that have none.
    pub values: &'a [Panel],
    /// How many outputs there are.
    pub outputs: usize,
    /// The class of each picture.
    pub classes: &'a mut [u16],
}

impl WithSimd for Classes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        with_vectors!(simd, classes(self));
    }
}

#[inline(always)]
fn classes<S: Simd, const N: usize>(simd: S, of: Classes<'_>) {
    let pictures = of.classes.len();
    for (picture, class) in of.classes.iter_mut().enumerate() {
        let mut best = (f64::NEG_INFINITY, 0);
        for (panel, first) in (0..of.outputs).step_by(WIDTH).enumerate() {
            let (value, lane) = largest::<S, N>(simd, &of.values[panel * pictures + picture]);
            if value > best.0 {
                best = (value, first + lane);
            }
        }
        *class = u16::try_from(best.1).unwrap_or(u16::MAX);
    }
}

/// The largest value of a panel and its place, without a branch that depends on them.
#[inline(always)]
fn largest<S: Simd, const N: usize>(simd: S, panel: &Panel) -> (f64, usize) {
    let vectors = load::<S, N>(panel);
    let most = simd.reduce_max_f64s(vectors[1..].iter().fold(vectors[0], |most, &v| simd.max_f64s(most, v)));
    let mut places = 0_u32;
    for (lane, value) in panel.iter().enumerate() {
        places |= u32::from(*value == most) << lane;
    }
    (most, (places.trailing_zeros() as usize).min(WIDTH - 1))
}

/// Pictures of which another output is as large as that of their class.
#[must_use]
pub fn ties(values: &[Panel], outputs: usize, classes: &[u16]) -> usize {
    let pictures = classes.len();
    let value = |picture: usize, output: usize| values[(output / WIDTH) * pictures + picture][output % WIDTH];
    let tied = |(picture, &class): (usize, &u16)| {
        let class = usize::from(class);
        (0..outputs).any(|other| other != class && value(picture, other) == value(picture, class))
    };
    classes.iter().enumerate().filter(|&of| tied(of)).count()
}

/// The logistic function within two units in the last place: exp(-x) = 2^n · exp(r) with |r| <= ln 2 / 2 (ln 2 in two parts after W. Cody, W. Waite,
/// "Software manual for the elementary functions", 1980) and the Taylor series of exp(r) up to r^13, whose rest is below 5e-18. Written without
/// branches, so that it runs in vectors.
#[inline(always)]
#[must_use]
pub fn logistic_of(x: f64) -> f64 {
    /// Adding it rounds to a whole number that stands in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    // Beyond, the function is 0 or 1 in all digits that count.
    let y = (-x).clamp(-700.0, 700.0);
    let rounded = y * std::f64::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (y - n * LN2_HIGH) - n * LN2_LOW;
    let mut p = 1.0 / 6_227_020_800.0;
    for coefficient in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ] {
        p = p * r + coefficient;
    }
    let exp_r = p * r * r + r + 1.0;
    let exp = f64::from_bits((rounded.to_bits() << 52).wrapping_add(exp_r.to_bits()));
    1.0 / (1.0 + exp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logistic_function_is_exact_to_the_last_digits() {
        for step in -400_000..400_000 {
            let x = f64::from(step) * 1e-4;
            let exact = 1.0 / (1.0 + (-x).exp());
            assert!((logistic_of(x) / exact - 1.0).abs() < 5e-16, "{x}");
        }
        assert_eq!(logistic_of(0.0), 0.5);
        assert_eq!(logistic_of(800.0), 1.0);
        assert!(logistic_of(-1e9) < 1e-300 && logistic_of(-1e9) >= 0.0);
    }

    #[test]
    fn vectors_and_plain_loops_give_the_same_bits() {
        let value = |n: usize| ((n * 7919 + 13) % 1009) as f64 / 97.0 - 5.0;
        let rows: Vec<Panel> = (0..40).map(|r| std::array::from_fn(|k| value(16 * r + k))).collect();
        let inputs: Vec<Panel> = (0..9).map(|r| std::array::from_fn(|k| value(5 * r + k + 1))).collect();
        let run = |arch: Arch| {
            let mut out = vec![ZERO; 3];
            arch.dispatch(Product { inputs: &inputs, first: 3, rows: &rows, start: &rows[7], out: &mut out });
            let mut acts = out.clone();
            logistic(arch, &out, &[0.01; WIDTH], &ZERO, &mut acts);
            let mut offset = ZERO;
            offset[11..].fill(f64::NEG_INFINITY);
            arguments(arch, &mut out, &[0.01; WIDTH], &offset);
            let mut found = [0; 3];
            arch.dispatch(Classes { values: &out, outputs: 11, classes: &mut found });
            for (picture, class) in found.into_iter().enumerate() {
                let values = &out[picture][..11];
                let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                assert_eq!(values.iter().position(|&v| v == most), Some(usize::from(class)));
            }
            acts
        };
        assert_eq!(run(Arch::new()), run(Arch::Scalar));
        let direct = (3..43).fold(rows[7][5], |sum, r| sum + inputs[(r / 16) * 3 + 1][r % 16] * rows[r - 3][5]);
        assert_eq!(run(Arch::Scalar)[1][5], logistic_of(0.01 * direct));
    }
}
