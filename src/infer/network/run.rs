//! A network over all pictures, block by block, the blocks side by side on all threads.

use std::sync::atomic::{AtomicBool, Ordering};

use pulp::Arch;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

use super::products::{ProductBlock, ProductScratch};
use super::values::join;
use super::{LayerNetwork, Matrix, NetworkStep, Products, StepWork};
use crate::infer::classify::Outcome;
use crate::infer::classify::devices::Random;
use crate::infer::classify::input::Inputs;
use crate::infer::classify::kernel::{Classes, Panel, WIDTH, ZERO, panels, ties};
use crate::infer::classify::layer::WrittenDevices;
use crate::model::dense::Singular;
use crate::workload::Shape;

/// Pictures at a time, of small networks.
const MOST_PICTURES: usize = 64;
/// Values of all layers at a time: 16 megabytes a thread.
const MOST_VALUES: usize = 1 << 21;

/// What is looked at beside the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// Nothing.
    Classes,
    /// Everything in [`Outcome`].
    Everything,
    /// The largest and the smallest value of each layer.
    Extremes,
}

/// The smallest and the largest value of a layer.
pub type Extremes = (f64, f64);

/// The devices of all layers: for each step, grid and copy.
pub type WrittenNetwork = Vec<Vec<Vec<WrittenDevices>>>;

/// A network with its pictures.
#[derive(Debug)]
pub struct NetworkRun<'a> {
    network: LayerNetwork,
    inputs: &'a Inputs,
    labels: &'a [u32],
    stop: Option<&'a AtomicBool>,
    arch: Arch,
    /// Pictures at a time.
    block: usize,
}

/// What is used again from block to block.
#[derive(Debug, Default)]
struct PictureScratch {
    input: Vec<f64>,
    values: Vec<Vec<f64>>,
    joined: Vec<f64>,
    products: ProductScratch,
}

/// What a block of pictures gave.
struct OfBlock {
    outcome: Outcome,
    extremes: Vec<Extremes>,
}

impl<'a> NetworkRun<'a> {
    /// A network over these pictures. `stop` ends a run early: it is looked at between layers, and who sets it throws the run's result away.
    #[must_use]
    pub fn new(network: LayerNetwork, inputs: &'a Inputs, labels: &'a [u32], stop: Option<&'a AtomicBool>) -> Self {
        let values: u64 = network.steps.iter().map(|step| step.output.values()).sum();
        let values = usize::try_from(values).unwrap_or(usize::MAX).max(1);
        let block = (MOST_VALUES / values).clamp(1, MOST_PICTURES);
        Self { network, inputs, labels, stop, arch: Arch::new(), block }
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &LayerNetwork {
        &self.network
    }

    fn stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Writes all devices: layer by layer, grid by grid, copy by copy.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn write(&self, random: &mut Random) -> Result<WrittenNetwork, Singular> {
        self.network.steps.iter().map(|step| self.write_step(step, random)).collect()
    }

    fn write_step(&self, step: &NetworkStep, random: &mut Random) -> Result<Vec<Vec<WrittenDevices>>, Singular> {
        let StepWork::Products(Products { matrices, copies, .. }) = &step.work else { return Ok(Vec::new()) };
        let grid = |matrix: &Matrix| {
            let Some(layer) = matrix.on_crossbars().filter(|_| !self.stopped()) else { return Ok(Vec::new()) };
            // Copies of devices that do not differ are the same.
            let copies = if matrix.is_random() { *copies } else { 1 };
            let copy = |_| {
                let mut written = WrittenDevices::default();
                layer.write(random, &mut written).map(|()| written)
            };
            (0..copies).map(copy).collect::<Result<Vec<_>, Singular>>()
        };
        matrices.iter().map(grid).collect()
    }

    /// How many pictures' classes are found with new devices.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn correct(&self, random: &mut Random) -> Result<usize, Singular> {
        Ok(self.run(random, Watch::Classes)?.0.correct)
    }

    /// A run with new devices, and what it watched.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn run(&self, random: &mut Random, watch: Watch) -> Result<(Outcome, Vec<Extremes>), Singular> {
        let written = self.write(random)?;
        let noise = random.next_u64();
        let blocks: Vec<(u64, usize)> = (0..).zip((0..self.labels.len()).step_by(self.block)).collect();
        // Noise has a stream for each block, so that blocks do not wait for each other.
        let of_block = |scratch: &mut PictureScratch, &(number, first): &(u64, usize)| {
            let mut random = Random::seed_from_u64(noise.wrapping_add(number));
            self.of_block(&written, first, watch, scratch, &mut random)
        };
        let found: Vec<OfBlock> = blocks.par_iter().map_init(PictureScratch::default, of_block).collect();
        Ok(self.together(found))
    }

    /// The outputs of the last layer for one picture, with new devices; in the last layer the arguments of its neurons.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn outputs(&self, picture: usize, random: &mut Random) -> Result<Vec<f64>, Singular> {
        let written = self.write(random)?;
        let mut scratch = PictureScratch::default();
        self.values(&written, picture, 1, None, &mut scratch, random);
        Ok(scratch.values.pop().unwrap_or_default())
    }

    fn empty_outcome(&self) -> Outcome {
        let zeros = || vec![0.0; self.network.layers];
        Outcome {
            mean_square: zeros(),
            mean: zeros(),
            product: zeros(),
            used_range: zeros(),
            clipped: vec![(0, 0); self.network.layers],
            converted: vec![(0.0, 0.0); self.network.layers],
            ..Outcome::default()
        }
    }

    fn of_block(
        &self,
        written: &WrittenNetwork,
        first: usize,
        watch: Watch,
        scratch: &mut PictureScratch,
        random: &mut Random,
    ) -> OfBlock {
        let pictures = self.block.min(self.labels.len() - first);
        let mut outcome = self.empty_outcome();
        let watched = (watch == Watch::Everything).then_some(&mut outcome);
        self.values(written, first, pictures, watched, scratch, random);
        if self.stopped() {
            return OfBlock { outcome, extremes: Vec::new() };
        }
        let last = scratch.values.last().map_or(&[][..], Vec::as_slice);
        let classes = self.classes(last, pictures, (watch == Watch::Everything).then_some(&mut outcome.ties));
        let labels = &self.labels[first..first + pictures];
        outcome.correct = classes.iter().zip(labels).filter(|&(&class, &label)| u32::from(class) == label).count();
        if watch == Watch::Everything {
            outcome.classes = classes;
        }
        let extremes = |values: &Vec<f64>| {
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (v.min(low), v.max(high)))
        };
        let extremes = match watch {
            Watch::Extremes => scratch.values.iter().map(extremes).collect(),
            Watch::Classes | Watch::Everything => Vec::new(),
        };
        OfBlock { outcome, extremes }
    }

    /// The values of all layers for a block of pictures.
    fn values(
        &self,
        written: &WrittenNetwork,
        first: usize,
        pictures: usize,
        mut outcome: Option<&mut Outcome>,
        scratch: &mut PictureScratch,
        random: &mut Random,
    ) {
        scratch.input.clear();
        (first..first + pictures).for_each(|picture| scratch.input.extend(self.inputs.of_picture(picture)));
        scratch.values.resize_with(self.network.steps.len(), Vec::new);
        for (index, step) in self.network.steps.iter().enumerate() {
            if self.stopped() {
                return;
            }
            let mut out = std::mem::take(&mut scratch.values[index]);
            let of_picture = usize::try_from(step.output.values()).unwrap_or(0);
            out.resize(of_picture * pictures, 0.0);
            match &step.work {
                StepWork::Products(products) => {
                    let block = ProductBlock {
                        arch: self.arch,
                        products,
                        written: &written[index],
                        driven: self.driven_by(index, written),
                        pictures,
                        tells: index + 1 == self.network.steps.len(),
                    };
                    let PictureScratch { input, values, joined, products, .. } = &mut *scratch;
                    let values = values_of(step, input, values, pictures, joined);
                    block.compute(values, &mut out, products, random, outcome.as_deref_mut());
                }
                StepWork::Values(work) => {
                    for (picture, out) in out.chunks_exact_mut(of_picture.max(1)).enumerate() {
                        let inputs = inputs_of(step, &scratch.input, &scratch.values, (picture, pictures));
                        work.compute(&inputs, step.output, out);
                    }
                }
            }
            if let Some(function) = step.function {
                function.apply(&mut out);
            }
            if let Some(words) = &step.words {
                words.apply_all(self.arch, &mut out);
            }
            scratch.values[index] = out;
        }
    }

    /// The rows that the neurons of a layer drive themselves.
    fn driven_by<'w>(
        &self,
        index: usize,
        written: &'w WrittenNetwork,
    ) -> Option<&'w crate::infer::classify::rows::DrivenRows> {
        let next = self.network.steps.iter().position(|step| step.from.contains(&Some(index)))?;
        written[next].first()?.first()?.rows.as_ref()
    }

    fn classes(&self, values: &[f64], pictures: usize, tied: Option<&mut usize>) -> Vec<u16> {
        let outputs = values.len() / pictures.max(1);
        let count = panels(outputs);
        let mut sums: Vec<Panel> = vec![ZERO; count * pictures];
        for (picture, of_picture) in values.chunks_exact(outputs.max(1)).enumerate() {
            for (output, value) in of_picture.iter().enumerate() {
                sums[output / WIDTH * pictures + picture][output % WIDTH] = *value;
            }
        }
        let (gain, mut offset) = (vec![[1.0; WIDTH]; count], vec![ZERO; count]);
        if let Some(last) = offset.last_mut() {
            // Lanes without an output are never the largest.
            last[outputs - (count - 1) * WIDTH..].fill(f64::NEG_INFINITY);
        }
        let mut classes = vec![0; pictures];
        self.arch.dispatch(Classes { values: &sums, gain: &gain, offset: &offset, classes: &mut classes });
        if let Some(tied) = tied {
            *tied = ties(&sums, outputs, pictures);
        }
        classes
    }

    /// What all blocks gave, in their order, so that sums do not depend on who was first.
    fn together(&self, found: Vec<OfBlock>) -> (Outcome, Vec<Extremes>) {
        let mut all = self.empty_outcome();
        let mut extremes = vec![(f64::INFINITY, f64::NEG_INFINITY); self.network.steps.len()];
        for OfBlock { outcome, extremes: of_block } in found {
            all.correct += outcome.correct;
            all.ties += outcome.ties;
            all.unsettled += outcome.unsettled;
            all.classes.extend(outcome.classes);
            for layer in 0..self.network.layers {
                all.mean[layer] += outcome.mean[layer];
                all.mean_square[layer] += outcome.mean_square[layer];
                all.product[layer] += outcome.product[layer];
                all.used_range[layer] = all.used_range[layer].max(outcome.used_range[layer]);
                all.clipped[layer].0 += outcome.clipped[layer].0;
                all.clipped[layer].1 += outcome.clipped[layer].1;
                all.converted[layer].0 += outcome.converted[layer].0;
                all.converted[layer].1 += outcome.converted[layer].1;
            }
            for (all, of_block) in extremes.iter_mut().zip(of_block) {
                *all = (all.0.min(of_block.0), all.1.max(of_block.1));
            }
        }
        let pictures = self.labels.len().max(1) as f64;
        for layer in 0..self.network.layers {
            all.mean[layer] /= pictures;
            all.mean_square[layer] /= pictures;
            all.product[layer] /= pictures;
            let values = all.clipped[layer].1.max(1) as f64;
            all.converted[layer].0 /= values;
            all.converted[layer].1 /= values;
        }
        (all, extremes)
    }
}

/// The inputs of a layer for one picture of a block.
fn inputs_of<'v>(
    step: &NetworkStep,
    input: &'v [f64],
    values: &'v [Vec<f64>],
    (picture, pictures): (usize, usize),
) -> Vec<(&'v [f64], Shape)> {
    let of = |from: &Option<usize>| from.map_or(input, |layer| &values[layer]);
    let one = |(from, shape): (&Option<usize>, &Shape)| {
        let all = of(from);
        let size = all.len() / pictures.max(1);
        (&all[picture * size..(picture + 1) * size], *shape)
    };
    step.from.iter().zip(&step.inputs).map(one).collect()
}

/// The input of a layer for all pictures of a block, several side by side.
fn values_of<'v>(
    step: &NetworkStep,
    input: &'v [f64],
    values: &'v [Vec<f64>],
    pictures: usize,
    joined: &'v mut Vec<f64>,
) -> &'v [f64] {
    if let [from] = step.from[..] {
        return from.map_or(input, |layer| &values[layer]);
    }
    joined.clear();
    let mut one = Vec::new();
    for picture in 0..pictures {
        join(&inputs_of(step, input, values, (picture, pictures)), &mut one);
        joined.extend_from_slice(&one);
    }
    joined
}
