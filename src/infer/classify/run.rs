//! A network over all pictures, block by block.

use std::sync::atomic::{AtomicBool, Ordering};

use pulp::Arch;

use super::block::{From, PictureBlock};
use super::devices::Random;
use super::input::{InputSource, Inputs, Plane};
use super::kernel::{self, Classes, Panel, WIDTH, ZERO, panels};
use super::layer::{SignedLayer, WrittenDevices};
use super::neuron::{Activation, LoadedNeuron};
use super::patterns::Patterns;
use super::probe::{products_of, sum_of};
use super::sums::{ReadScratch, SumFactor, WeightedSums};
use crate::model::dense::Singular;

/// Pictures at a time: what a layer makes of them stays in the cache.
const BLOCK: usize = 64;

/// A network with its pictures laid out for it. Nothing in it changes from draw to draw.
#[derive(Debug)]
pub struct PreparedNetwork<'a> {
    layers: Vec<SignedLayer>,
    /// For each read of the first layer what it sees of the pictures.
    sources: Vec<InputSource>,
    labels: Vec<u32>,
    arch: Arch,
    /// Once it is set, a run ends soon and what it returns means nothing.
    stop: Option<&'a AtomicBool>,
}

/// What is used again from draw to draw.
#[derive(Debug, Default)]
pub struct DrawScratch {
    written: Vec<WrittenDevices>,
    /// For each read and panel of the first layer the filled table of patterns, and that of its noise.
    tables: Vec<Vec<Vec<Panel>>>,
    noise_tables: Vec<Vec<Vec<Panel>>>,
    acts: Vec<Panel>,
    sums: Vec<Panel>,
    reads: ReadScratch,
    plane: Vec<Panel>,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Pictures whose class was found.
    pub correct: usize,
    /// The class that each picture was given.
    pub classes: Vec<u16>,
    /// Pictures of which several outputs were largest, within [`kernel::EQUAL`]; the first of them was taken.
    pub ties: usize,
    /// For each layer but the first the mean square of what its rows carry, 0 to 1: over all reads where the bits of a word are applied one
    /// after another. The first one's rows carry the inputs.
    pub mean_square: Vec<f64>,
    /// The same of the mean.
    pub mean: Vec<f64>,
    /// The same of the mean product of two different rows that share columns.
    pub product: Vec<f64>,
    /// Pictures of which the voltages of rows that neurons drive were not found; the last ones were taken.
    pub unsettled: usize,
    /// For each layer the values that a converter clipped, and all that it converted.
    pub clipped: Vec<(u64, u64)>,
    /// For each layer the largest value that was converted, as a fraction of the full scale.
    pub used_range: Vec<f64>,
    /// For each layer the mean and the mean square of what was converted, as fractions of the full scale.
    pub converted: Vec<(f64, f64)>,
}

/// What is looked at beside the class.
trait Probe {
    const COUNTS: bool;
}

/// Nothing: as fast as possible.
struct Nothing;
/// Everything in [`Outcome`].
struct Everything;

impl Probe for Nothing {
    const COUNTS: bool = false;
}
impl Probe for Everything {
    const COUNTS: bool = true;
}

impl<'a> PreparedNetwork<'a> {
    /// Lays out pictures for a network. There are as many labels as pictures, and the first layer takes the pictures' inputs.
    #[must_use]
    pub fn new(layers: Vec<SignedLayer>, inputs: &Inputs, labels: Vec<u32>) -> Self {
        let mut sources: Vec<InputSource> = Vec::new();
        if let Some(first) = layers.first() {
            for read in &first.reads {
                let rows = read.rows.start..read.rows.end.min(first.inputs);
                sources.push(inputs.source(&rows, &read.plane));
            }
        }
        Self { layers, sources, labels, arch: Arch::new(), stop: None }
    }

    /// The same, with a flag that ends a run: it is looked at between layers and blocks of pictures. Who sets it throws the run's result away.
    #[must_use]
    pub fn until(self, stop: &'a AtomicBool) -> Self {
        Self { stop: Some(stop), ..self }
    }

    fn stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// The layers.
    #[must_use]
    pub fn layers(&self) -> &[SignedLayer] {
        &self.layers
    }

    /// How many pictures.
    #[must_use]
    pub fn pictures(&self) -> usize {
        self.labels.len()
    }

    /// Writes all devices.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn write(&self, random: &mut Random, scratch: &mut DrawScratch) -> Result<(), Singular> {
        scratch.written.resize_with(self.layers.len(), WrittenDevices::default);
        for (layer, written) in self.layers.iter().zip(&mut scratch.written) {
            if self.stopped() {
                return Ok(());
            }
            layer.write(random, written)?;
        }
        let Some(first) = scratch.written.first() else { return Ok(()) };
        fill(&self.sources, &first.reads, &mut scratch.tables, Patterns::fill);
        fill(&self.sources, &first.noise, &mut scratch.noise_tables, Patterns::fill_squared);
        Ok(())
    }

    /// How many pictures' classes are found with new devices.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn correct(&self, random: &mut Random, scratch: &mut DrawScratch) -> Result<usize, Singular> {
        self.write(random, scratch)?;
        Ok(self.run::<Nothing>(random, scratch).correct)
    }

    /// Everything about a run with new devices.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn outcome(&self, random: &mut Random, scratch: &mut DrawScratch) -> Result<Outcome, Singular> {
        self.write(random, scratch)?;
        Ok(self.run::<Everything>(random, scratch))
    }

    /// The neurons' arguments for one picture with new devices, layer by layer.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn arguments(
        &self,
        picture: usize,
        random: &mut Random,
        scratch: &mut DrawScratch,
    ) -> Result<Vec<Vec<f64>>, Singular> {
        self.write(random, scratch)?;
        let mut outcome = self.empty_outcome();
        let mut all = Vec::with_capacity(self.layers.len());
        for (index, layer) in self.layers.iter().enumerate() {
            self.layer::<Everything>(index, picture, 1, random, scratch, &mut outcome);
            self.to_arguments(index, scratch, 1);
            all.push(scratch.sums.iter().flatten().take(layer.outputs).copied().collect());
        }
        Ok(all)
    }

    fn empty_outcome(&self) -> Outcome {
        Outcome {
            mean_square: vec![0.0; self.layers.len()],
            mean: vec![0.0; self.layers.len()],
            product: vec![0.0; self.layers.len()],
            clipped: vec![(0, 0); self.layers.len()],
            used_range: vec![0.0; self.layers.len()],
            converted: vec![(0.0, 0.0); self.layers.len()],
            ..Outcome::default()
        }
    }

    fn run<P: Probe>(&self, random: &mut Random, scratch: &mut DrawScratch) -> Outcome {
        let mut outcome = self.empty_outcome();
        let mut classes = [0_u16; BLOCK];
        let told = self.outputs_tell();
        let count = panels(self.layers.last().map_or(0, |layer| layer.outputs));
        let (ones, zeros) = (vec![[1.0; WIDTH]; count], vec![ZERO; count]);
        for first in (0..self.pictures()).step_by(BLOCK) {
            if self.stopped() {
                return outcome;
            }
            let pictures = BLOCK.min(self.pictures() - first);
            for index in 0..self.layers.len() {
                self.layer::<P>(index, first, pictures, random, scratch, &mut outcome);
            }
            let outputs = self.layers.last().map_or(0, |layer| layer.outputs);
            let classes = &mut classes[..pictures];
            let at = self.layers.len().saturating_sub(1);
            if let Some(neuron) = told {
                self.to_arguments(at, scratch, pictures);
                neuron.to_volts(&mut scratch.sums);
                neuron.open_outputs(&mut scratch.sums);
            }
            let last = scratch.written.last().filter(|_| told.is_none());
            let (gain, offset) = last.map_or((&ones[..], &zeros[..]), |last| (&last.gain[..], &last.offset[..]));
            self.arch.dispatch(Classes { values: &scratch.sums, gain, offset, classes });
            let labels = &self.labels[first..first + pictures];
            outcome.correct += classes.iter().zip(labels).filter(|&(&class, &label)| u32::from(class) == label).count();
            if P::COUNTS {
                if told.is_none() {
                    self.to_arguments(at, scratch, pictures);
                }
                outcome.ties += kernel::ties(&scratch.sums, outputs, pictures);
                outcome.classes.extend_from_slice(classes);
            }
        }
        for (index, layer) in self.layers.iter().enumerate() {
            let all = (layer.inputs * self.pictures()).max(1) as f64;
            outcome.mean_square[index] /= all;
            outcome.mean[index] /= all;
            let values = outcome.clipped[index].1.max(1) as f64;
            let (mean, square) = outcome.converted[index];
            outcome.converted[index] = (mean / values, square / values);
        }
        outcome
    }

    /// One layer for a block of pictures: from `acts` (or the pictures) over `sums` (its arguments) to `acts`, which the last layer leaves.
    fn layer<P: Probe>(
        &self,
        index: usize,
        first: usize,
        pictures: usize,
        random: &mut Random,
        scratch: &mut DrawScratch,
        outcome: &mut Outcome,
    ) {
        let layer = &self.layers[index];
        let DrawScratch { written, tables, noise_tables, acts, sums, reads, plane } = scratch;
        let driven = written.get(index + 1).and_then(|next| next.rows.as_ref());
        let weighted = WeightedSums { layer, written: &written[index], inputs: pictures };
        let mut product = |factor, at: usize, out: &mut [Panel]| {
            let block = PictureBlock { arch: self.arch, layer, read: at, first, pictures };
            let applied = layer.reads[at].plane;
            let matrix = if factor == SumFactor::Values { &weighted.written.reads } else { &weighted.written.noise };
            let source = match factor {
                SumFactor::Values if index == 0 => From::Pictures(&self.sources[at], tables),
                SumFactor::Squares if index == 0 => From::PicturesSquared(&self.sources[at], noise_tables),
                SumFactor::Values if applied == Plane::WHOLE => From::Layer(acts),
                _ => {
                    let power = |a: f64| if factor == SumFactor::Values { a } else { a * a };
                    plane.clear();
                    plane.extend(acts.iter().map(|panel| panel.map(|a| power(applied.of_value(a)))));
                    From::Layer(plane)
                }
            };
            block.product(&source, &matrix[at], out);
        };
        let probe = if P::COUNTS { Some((&mut *outcome, index)) } else { None };
        weighted.compute(self.arch, &mut product, sums, reads, random, probe);
        // The class is told by the arguments of the last layer.
        let Some(next) = self.layers.get(index + 1) else { return };
        weighted.activate(self.arch, sums, acts);
        if let Some(driven) = driven {
            outcome.unsettled += weighted.drive(self.arch, driven, acts, reads);
        }
        if P::COUNTS {
            let planes = next.planes();
            for plane in &planes {
                let all = |of: fn(f64) -> f64| sum_of(acts, layer.outputs, pictures, |a| of(plane.of_value(a)));
                outcome.mean_square[index + 1] += all(|a| a * a) / planes.len() as f64;
                outcome.mean[index + 1] += all(|a| a) / planes.len() as f64;
                let products = products_of(acts, &next.blocks(), pictures, |a| plane.of_value(a));
                outcome.product[index + 1] += products / (planes.len() * self.pictures()) as f64;
            }
        }
    }

    /// The neurons whose outputs tell the class; none where their arguments do.
    fn outputs_tell(&self) -> Option<&LoadedNeuron> {
        match self.layers.last().map(|layer| &layer.activation) {
            Some(Activation::Loaded(neuron)) => Some(neuron),
            _ => None,
        }
    }

    /// From weighted sums of a layer to the arguments of its neurons, in place.
    fn to_arguments(&self, index: usize, scratch: &mut DrawScratch, pictures: usize) {
        let Some((layer, written)) = self.layers.get(index).zip(scratch.written.get(index)) else { return };
        WeightedSums { layer, written, inputs: pictures }.to_arguments(self.arch, &mut scratch.sums);
    }
}

/// Tables of the patterns of the first layer's reads.
fn fill(
    sources: &[InputSource],
    matrices: &[Vec<Vec<Panel>>],
    tables: &mut Vec<Vec<Vec<Panel>>>,
    of: fn(&Patterns, &[Panel], &mut Vec<Panel>),
) {
    tables.resize_with(matrices.len(), Vec::new);
    for ((source, matrix), tables) in sources.iter().zip(matrices).zip(tables) {
        let InputSource::Binary(patterns) = source else { continue };
        tables.resize_with(matrix.len(), Vec::new);
        for (rows, table) in matrix.iter().zip(tables) {
            of(patterns, &rows[..patterns.inputs()], table);
        }
    }
}
