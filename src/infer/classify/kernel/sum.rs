//! Weighted sums: of the rows of a table, of rows times sparse values, and the product of a full matrix.

use pulp::{Simd, WithSimd};

use super::{Panel, WIDTH, add, add_product, load, passes, store};

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
        for pass in 0..passes::<S>() {
            let (start, zero) = (load::<S>(self.start, pass), [simd.splat_f64s(0.0); 2]);
            let row = |id: u32| load::<S>(&self.table[id as usize], pass);
            for (ends, out) in self.starts.windows(2).zip(&mut *self.out) {
                // Two sums, of every other row, so that an addition need not wait for the one before it.
                let (mut even, mut odd) = (start, zero);
                let pairs = self.ids[ends[0] as usize..ends[1] as usize].chunks_exact(2);
                let last = pairs.remainder();
                for pair in pairs {
                    even = add(simd, even, row(pair[0]));
                    odd = add(simd, odd, row(pair[1]));
                }
                for &id in last {
                    even = add(simd, even, row(id));
                }
                store::<S>(out, pass, add(simd, even, odd));
            }
        }
    }
}

/// Adds to each picture the sum of rows times its values: `out[i] += Σ values[level] · rows[row]` over its terms, of which every fourth is
/// summed apart.
pub struct SumProducts<'a> {
    /// Rows.
    pub rows: &'a [Panel],
    /// Where the terms of a picture begin; one more than there are pictures.
    pub starts: &'a [u32],
    /// Rows and levels.
    pub terms: &'a [(u16, u16)],
    /// The value of each level.
    pub values: &'a [f64],
    /// The sums.
    pub out: &'a mut [Panel],
}

impl WithSimd for SumProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for pass in 0..passes::<S>() {
            let plus = |sum: [S::f64s; 2], &(row, level): &(u16, u16)| {
                let row = load::<S>(&self.rows[usize::from(row)], pass);
                add_product(simd, sum, self.values[usize::from(level)], row)
            };
            for (ends, out) in self.starts.windows(2).zip(&mut *self.out) {
                let mut sums = [[simd.splat_f64s(0.0); 2]; 4];
                sums[0] = load::<S>(out, pass);
                let fours = self.terms[ends[0] as usize..ends[1] as usize].chunks_exact(4);
                let last = fours.remainder();
                for four in fours {
                    for (sum, term) in sums.iter_mut().zip(four) {
                        *sum = plus(*sum, term);
                    }
                }
                for (sum, term) in sums.iter_mut().zip(last) {
                    *sum = plus(*sum, term);
                }
                let sum = add(simd, add(simd, sums[0], sums[1]), add(simd, sums[2], sums[3]));
                store::<S>(out, pass, sum);
            }
        }
    }
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
        let pictures = self.out.len();
        let block = ProductOf { inputs: self.inputs, first: self.first, rows: self.rows, pictures };
        for pass in 0..passes::<S>() {
            let start = load::<S>(self.start, pass);
            // Four pictures at a time share the loading of a row, and their sums need not wait for each other.
            let mut fours = self.out.chunks_exact_mut(4);
            let mut picture = 0;
            for out in &mut fours {
                block.some::<S, 4>(simd, pass, start, picture, out);
                picture += 4;
            }
            for out in fours.into_remainder().chunks_exact_mut(1) {
                block.some::<S, 1>(simd, pass, start, picture, out);
                picture += 1;
            }
        }
    }
}

struct ProductOf<'a> {
    inputs: &'a [Panel],
    first: usize,
    rows: &'a [Panel],
    pictures: usize,
}

impl ProductOf<'_> {
    #[inline(always)]
    fn some<S: Simd, const P: usize>(
        &self,
        simd: S,
        pass: usize,
        start: [S::f64s; 2],
        picture: usize,
        out: &mut [Panel],
    ) {
        let mut sums = [start; P];
        let (mut rows, mut at) = (self.rows, self.first);
        while !rows.is_empty() {
            let inputs = &self.inputs[(at / WIDTH) * self.pictures + picture..][..P];
            let lane = at % WIDTH;
            let (of_panel, rest) = rows.split_at(rows.len().min(WIDTH - lane));
            for (row, lane) in of_panel.iter().zip(lane..WIDTH) {
                let row = load::<S>(row, pass);
                for (sum, inputs) in sums.iter_mut().zip(inputs) {
                    *sum = add_product(simd, *sum, inputs[lane], row);
                }
            }
            (rows, at) = (rest, at + of_panel.len());
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            store::<S>(out, pass, sum);
        }
    }
}
