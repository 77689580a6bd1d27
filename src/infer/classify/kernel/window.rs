//! The products of a matrix with the windows of a map, which are read where they lie.

use pulp::{Simd, WithSimd};

use super::{Panel, add_product, load, passes, store};

/// The products of a matrix with windows: `out[i] = start + Σ_r values[places[i] + offsets[r]] · rows[r]`, added in the order of the rows.
pub struct WindowProduct<'a> {
    /// The maps of all pictures.
    pub values: &'a [f64],
    /// Where each window begins.
    pub places: &'a [usize],
    /// How far from there the value of each row lies.
    pub offsets: &'a [usize],
    /// A window ends before so many values from where it begins.
    pub reach: usize,
    /// One row for each offset.
    pub rows: &'a [Panel],
    /// Added to every product.
    pub start: &'a Panel,
    /// The products, one for each window.
    pub out: &'a mut [Panel],
}

impl WithSimd for WindowProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { values, places, offsets, reach, rows, start, out } = self;
        let terms = Terms { values, offsets, reach, rows };
        for pass in 0..passes::<S>() {
            let start = load::<S>(start, pass);
            // Four windows at a time share the loading of a row, and their sums need not wait for each other.
            let (of_four, last) = places.as_chunks::<4>();
            let (out_of_four, out_of_last) = out.split_at_mut(4 * of_four.len());
            for (places, out) in of_four.iter().zip(out_of_four.chunks_exact_mut(4)) {
                terms.some::<S, 4>(simd, pass, start, places, out);
            }
            for (place, out) in last.iter().zip(out_of_last.chunks_exact_mut(1)) {
                terms.some::<S, 1>(simd, pass, start, &[*place], out);
            }
        }
    }
}

struct Terms<'a> {
    values: &'a [f64],
    offsets: &'a [usize],
    reach: usize,
    rows: &'a [Panel],
}

impl Terms<'_> {
    #[inline(always)]
    fn some<S: Simd, const P: usize>(
        &self,
        simd: S,
        pass: usize,
        start: [S::f64s; 2],
        places: &[usize; P],
        out: &mut [Panel],
    ) {
        let mut sums = [start; P];
        let windows: [&[f64]; P] = places.map(|place| &self.values[place..place + self.reach]);
        for (row, &offset) in self.rows.iter().zip(self.offsets) {
            let row = load::<S>(row, pass);
            for (sum, window) in sums.iter_mut().zip(&windows) {
                *sum = add_product(simd, *sum, window[offset], row);
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            store::<S>(out, pass, sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use pulp::Arch;

    use super::super::WIDTH;
    use super::*;

    /// Seven windows of five values: four together, three by themselves; vectors, plain loops and a sum by hand.
    #[test]
    fn windows_are_summed_where_they_lie() {
        let value = |n: usize| ((n * 7919 + 13) % 1009) as f64 / 97.0 - 5.0;
        let values: Vec<f64> = (0..60).map(value).collect();
        let rows: Vec<Panel> = (0..5).map(|r| std::array::from_fn(|k| value(16 * r + k))).collect();
        let (places, offsets) = ([0, 1, 2, 10, 11, 30, 41], [0, 1, 7, 8, 15]);
        let start: Panel = std::array::from_fn(value);
        let run = |arch: Arch| {
            let mut out = vec![[0.0; WIDTH]; places.len()];
            let out_of = &mut out[..];
            arch.dispatch(WindowProduct {
                values: &values,
                places: &places,
                offsets: &offsets,
                reach: 16,
                rows: &rows,
                start: &start,
                out: out_of,
            });
            out
        };
        let out = run(Arch::new());
        assert_eq!(out, run(Arch::Scalar));
        for (out, place) in out.iter().zip(places) {
            for lane in 0..WIDTH {
                let mut sum = start[lane];
                for (row, offset) in rows.iter().zip(offsets) {
                    sum = values[place + offset].mul_add(row[lane], sum);
                }
                assert_eq!(out[lane], sum);
            }
        }
    }
}
