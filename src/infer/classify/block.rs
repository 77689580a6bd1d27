//! What the columns of a layer carry for some pictures.

use pulp::Arch;

use super::input::{InputSource, Sparse};
use super::kernel::{Panel, Product, SumProducts, SumRows, ZERO};
use super::layer::SignedLayer;
use super::patterns::Patterns;

/// What a layer's rows carry.
pub(super) enum From<'a> {
    Pictures(&'a InputSource, &'a [Vec<Vec<Panel>>]),
    PicturesSquared(&'a InputSource, &'a [Vec<Vec<Panel>>]),
    Layer(&'a [Panel]),
}

/// One read of a layer for some pictures.
pub(super) struct PictureBlock<'a> {
    pub arch: Arch,
    pub layer: &'a SignedLayer,
    pub read: usize,
    pub first: usize,
    pub pictures: usize,
}

impl PictureBlock<'_> {
    /// The values of the columns: panels of pictures.
    pub fn product(&self, from: &From<'_>, matrix: &[Vec<Panel>], values: &mut [Panel]) {
        let rows = &self.layer.reads[self.read].rows;
        let inputs = rows.end.min(self.layer.inputs) - rows.start;
        let pictures = self.first..=self.first + self.pictures;
        for (panel, (matrix, out)) in matrix.iter().zip(values.chunks_exact_mut(self.pictures)).enumerate() {
            // The bias row is always on.
            let start = matrix.get(inputs).unwrap_or(&ZERO);
            let rows = &matrix[..inputs];
            match from {
                From::Pictures(InputSource::Binary(patterns), tables)
                | From::PicturesSquared(InputSource::Binary(patterns), tables) => {
                    let (starts, ids) = (&patterns.starts[pictures.clone()], &patterns.ids);
                    let table = &tables[self.read][panel];
                    let mut start = *start;
                    start.iter_mut().zip(Patterns::none_on(table)).for_each(|(start, value)| *start += value);
                    self.arch.dispatch(SumRows { table, starts, ids, start: &start, out });
                }
                From::Pictures(InputSource::Sparse(sparse), _) => {
                    self.sum_products(sparse, &sparse.values, rows, start, out);
                }
                From::PicturesSquared(InputSource::Sparse(sparse), _) => {
                    let squares: Vec<f64> = sparse.values.iter().map(|v| v * v).collect();
                    self.sum_products(sparse, &squares, rows, start, out);
                }
                From::Layer(acts) => {
                    let first = self.layer.reads[self.read].rows.start;
                    self.arch.dispatch(Product { inputs: acts, first, rows, start, out });
                }
            }
        }
    }

    fn sum_products(&self, sparse: &Sparse, values: &[f64], rows: &[Panel], start: &Panel, out: &mut [Panel]) {
        out.fill(*start);
        for chunk in &sparse.chunks {
            let starts = &chunk.starts[self.first..=self.first + self.pictures];
            let rows = &rows[chunk.rows.clone()];
            self.arch.dispatch(SumProducts { rows, starts, terms: &chunk.terms, values, out: &mut *out });
        }
    }
}
