//! The products of a layer with its matrices, for a block of pictures.

use std::ops::Range;

use pulp::Arch;

use super::{ExactMatrix, Matrix, Products};
use crate::infer::classify::Outcome;
use crate::infer::classify::devices::Random;
use crate::infer::classify::input::Plane;
use crate::infer::classify::kernel::{Panel, WIDTH, WindowProduct, ZERO, panels};
use crate::infer::classify::layer::WrittenDevices;
use crate::infer::classify::neuron::Activation;
use crate::infer::classify::rows::DrivenRows;
use crate::infer::classify::sums::{ReadScratch, SumFactor, WeightedSums};

/// Products at a time: their sums stay in the cache.
const CHUNK: usize = 64;

/// A layer for a block of pictures.
pub(super) struct ProductBlock<'a> {
    pub arch: Arch,
    pub products: &'a Products,
    /// For each grid and copy.
    pub written: &'a [Vec<WrittenDevices>],
    /// The rows that its neurons drive.
    pub driven: Option<&'a DrivenRows>,
    pub pictures: usize,
    /// True for the last layer of the network, whose arguments tell the class.
    pub tells: bool,
}

/// What is used again from block to block.
#[derive(Debug, Default)]
pub(super) struct ProductScratch {
    /// Frames of the values, then of each plane of their bits.
    frames: Vec<Vec<f64>>,
    /// The squares of all, where there is noise.
    squares: Vec<Vec<f64>>,
    places: Vec<(usize, usize)>,
    sums: Vec<Panel>,
    acts: Vec<Panel>,
    reads: ReadScratch,
}

impl ProductBlock<'_> {
    /// From values to outputs before the function that follows.
    pub fn compute(
        &self,
        values: &[f64],
        out: &mut [f64],
        scratch: &mut ProductScratch,
        random: &mut Random,
        mut outcome: Option<&mut Outcome>,
    ) {
        let Self { products, pictures, .. } = *self;
        let planes = self.planes();
        self.lay_out(values, &planes, scratch);
        if let Some(outcome) = &mut outcome {
            self.watch(&scratch.frames, outcome);
        }
        let copies = self.written.first().map_or(1, Vec::len).max(1);
        let geometry = &products.geometry;
        for copy in 0..copies {
            let mut places = std::mem::take(&mut scratch.places);
            places.clear();
            for picture in 0..pictures {
                let (frame, first) = (picture * geometry.frame, picture * geometry.values);
                let of_copy = geometry.places.iter().enumerate().skip(copy).step_by(copies);
                places.extend(of_copy.map(|(at, place)| (frame + place, first + at * geometry.steps.1)));
            }
            for (grid, matrix) in products.matrices.iter().enumerate() {
                let written = self.written.get(grid).and_then(|copies| copies.get(copy));
                for places in places.chunks(CHUNK) {
                    let begins = places.iter().map(|(begin, _)| *begin).collect();
                    let chunk = ProductChunk { block: self, grid, places, begins, planes: &planes };
                    match (matrix, written) {
                        (Matrix::Exact(exact), _) => chunk.exact(exact, scratch),
                        (Matrix::Crossbar(layer), Some(written)) => {
                            let weighted = WeightedSums { layer, written, inputs: places.len() };
                            let unsettled = chunk.on_crossbars(weighted, scratch, random, outcome.as_deref_mut());
                            if let Some(outcome) = outcome.as_deref_mut() {
                                outcome.unsettled += unsettled;
                            }
                        }
                        (Matrix::Crossbar(_), None) => {}
                    }
                    chunk.store(&scratch.sums, out);
                }
            }
            scratch.places = places;
        }
    }

    fn planes(&self) -> Vec<Plane> {
        let layer = self.products.matrices.first().and_then(Matrix::on_crossbars);
        layer.map_or_else(|| vec![Plane::WHOLE], |layer| layer.planes())
    }

    /// Lays the values out in frames, one for each plane of their bits.
    fn lay_out(&self, values: &[f64], planes: &[Plane], scratch: &mut ProductScratch) {
        let Products { geometry, scale, .. } = self.products;
        scratch.frames.resize_with(planes.len(), Vec::new);
        let Some((first, rest)) = scratch.frames.split_first_mut() else { return };
        geometry.frames(values, self.pictures, *scale, first);
        for (plane, frame) in planes[1..].iter().zip(rest) {
            frame.clear();
            frame.extend(first.iter().map(|value| seen(plane, *value)));
        }
        if planes[0] != Plane::WHOLE {
            first.iter_mut().for_each(|value| *value = seen(&planes[0], *value));
        }
        let noisy = |matrix: &Matrix| matrix.on_crossbars().is_some_and(|layer| layer.read_noise > 0.0);
        if self.products.matrices.iter().any(noisy) {
            scratch.squares.resize_with(planes.len(), Vec::new);
            for (frame, squares) in scratch.frames.iter().zip(&mut scratch.squares) {
                squares.clear();
                squares.extend(frame.iter().map(|value| value * value));
            }
        }
    }

    /// What rows carry on average, relative to their largest value: their mean, mean square, and the mean product of two rows that share columns.
    fn watch(&self, frames: &[Vec<f64>], outcome: &mut Outcome) {
        let Products { geometry, layer, matrices, .. } = self.products;
        let rows = geometry.inputs();
        let blocks = matrices
            .first()
            .and_then(Matrix::on_crossbars)
            .map_or_else(|| std::iter::once(0..rows).collect(), |l| l.blocks());
        let (mut mean, mut square, mut product) = (0.0, 0.0, 0.0);
        for frame in frames.iter().flat_map(|frames| frames.chunks_exact(geometry.frame.max(1))) {
            for offsets in &geometry.offsets {
                for place in &geometry.places {
                    let of_window = Moments::of(&frame[*place..], offsets, &blocks);
                    mean += of_window.sum;
                    square += of_window.squares;
                    product += of_window.product;
                }
            }
        }
        let windows = (frames.len() * geometry.offsets.len() * geometry.places.len()).max(1) as f64;
        outcome.mean[*layer] += mean / windows / rows.max(1) as f64;
        outcome.mean_square[*layer] += square / windows / rows.max(1) as f64;
        outcome.product[*layer] += product / windows;
    }
}

/// What of a value a plane applies; of a negative one as much, at the negative voltage.
fn seen(plane: &Plane, value: f64) -> f64 {
    plane.of_value(value.abs()).copysign(value)
}

/// What the rows of one window carry.
#[derive(Default)]
struct Moments {
    sum: f64,
    squares: f64,
    /// Mean product of two different rows of a block.
    product: f64,
}

impl Moments {
    fn of(window: &[f64], offsets: &[usize], blocks: &[Range<usize>]) -> Self {
        let (mut all, mut products, mut pairs) = (Self::default(), 0.0, 0.0);
        for block in blocks {
            let (mut sum, mut squares) = (0.0, 0.0);
            for offset in &offsets[block.clone()] {
                let value = window[*offset];
                sum += value;
                squares += value * value;
            }
            products += sum * sum - squares;
            pairs += (block.len() * block.len().saturating_sub(1)) as f64;
            all.sum += sum;
            all.squares += squares;
        }
        all.product = if pairs > 0.0 { products / pairs } else { 0.0 };
        all
    }
}

/// Some products on one grid.
struct ProductChunk<'a> {
    block: &'a ProductBlock<'a>,
    grid: usize,
    /// Where they begin in the frames, and in the output.
    places: &'a [(usize, usize)],
    begins: Vec<usize>,
    planes: &'a [Plane],
}

impl ProductChunk<'_> {
    fn multiply(&self, values: &[f64], rows: &Range<usize>, matrix: &[Vec<Panel>], out: &mut [Panel]) {
        let geometry = &self.block.products.geometry;
        let offsets = &geometry.offsets[self.grid];
        let offsets = &offsets[rows.start.min(offsets.len())..rows.end.min(offsets.len())];
        let reach = geometry.reach(self.grid);
        for (rows, out) in matrix.iter().zip(out.chunks_exact_mut(self.places.len().max(1))) {
            // The bias row is always on.
            let start = rows.get(offsets.len()).unwrap_or(&ZERO);
            let rows = &rows[..offsets.len()];
            self.block.arch.dispatch(WindowProduct { values, places: &self.begins, offsets, reach, rows, start, out });
        }
    }

    fn exact(&self, exact: &ExactMatrix, scratch: &mut ProductScratch) {
        let ProductScratch { frames, sums, .. } = scratch;
        sums.resize(panels(exact.outputs) * self.places.len(), ZERO);
        self.multiply(&frames[0], &(0..usize::MAX), &exact.panels, sums);
        if exact.gain != 1.0 {
            sums.iter_mut().flatten().for_each(|sum| *sum *= exact.gain);
        }
    }

    /// Leaves the outputs in `sums`; returns for how many of them the rows that neurons drive were not found.
    fn on_crossbars(
        &self,
        weighted: WeightedSums<'_>,
        scratch: &mut ProductScratch,
        random: &mut Random,
        outcome: Option<&mut Outcome>,
    ) -> usize {
        let ProductScratch { frames, squares, sums, acts, reads, .. } = scratch;
        let arch = self.block.arch;
        let mut product = |factor, at: usize, out: &mut [Panel]| {
            let read = &weighted.layer.reads[at];
            let plane = self.planes.iter().position(|plane| *plane == read.plane).unwrap_or(0);
            if factor == SumFactor::Values {
                self.multiply(&frames[plane], &read.rows, &weighted.written.reads[at], out);
            } else {
                self.multiply(&squares[plane], &read.rows, &weighted.written.noise[at], out);
            }
        };
        let probe = outcome.map(|outcome| (outcome, self.block.products.layer));
        weighted.compute(arch, &mut product, sums, reads, random, probe);
        if self.block.tells {
            weighted.to_what_tells(arch, sums);
            return 0;
        }
        if weighted.layer.activation == Activation::None && weighted.layer.words.is_empty() {
            weighted.to_arguments(arch, sums);
            return 0;
        }
        weighted.activate(arch, sums, acts);
        let unsettled = self.block.driven.map_or(0, |driven| weighted.drive(arch, driven, acts, reads));
        std::mem::swap(sums, acts);
        unsettled
    }

    fn store(&self, sums: &[Panel], out: &mut [f64]) {
        let Products { geometry, offsets, .. } = self.block.products;
        let channels = geometry.channels(self.grid);
        for (panel, sums) in sums.chunks_exact(self.places.len().max(1)).enumerate() {
            let of_panel = channels.clone().skip(panel * WIDTH).take(WIDTH);
            for (lane, channel) in of_panel.enumerate() {
                let offset = offsets.as_ref().map_or(0.0, |offsets| offsets[channel]);
                let at = channel * geometry.steps.0;
                for (sum, (_, first)) in sums.iter().zip(self.places) {
                    out[first + at] = sum[lane] + offset;
                }
            }
        }
    }
}
