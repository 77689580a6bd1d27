//! The weighted sums of a layer, read by read, and what its neurons make of them: the same for pictures and for the places of a map.

use pulp::Arch;

use super::devices::Random;
use super::kernel::{self, Panel, ZERO, panels};
use super::layer::{SignedLayer, WrittenDevices};
use super::neuron::Activation;
use super::probe::{add_noise, count_clipped};
use super::rows::{DrivenRows, RowScratch};
use super::run::Outcome;

/// What a matrix is multiplied with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SumFactor {
    /// What the rows carry.
    Values,
    /// Its squares, for the variance of noise.
    Squares,
}

/// A layer whose devices are written, and how many inputs of it are side by side.
#[derive(Debug, Clone, Copy)]
pub struct WeightedSums<'a> {
    /// The layer.
    pub layer: &'a SignedLayer,
    /// Its devices.
    pub written: &'a WrittenDevices,
    /// Inputs side by side: panel p of input i is `sums[p · inputs + i]`.
    pub inputs: usize,
}

/// What is used again from one to the next.
#[derive(Debug, Default)]
pub struct ReadScratch {
    /// The values of one read.
    raw: Vec<Panel>,
    squares: Vec<Panel>,
    rows: RowScratch,
}

impl WeightedSums<'_> {
    /// The sums of all reads. `product` multiplies what a read sees with its matrix; `probe` is told what converters see, of the layer of that
    /// number.
    pub fn compute(
        &self,
        arch: Arch,
        product: &mut dyn FnMut(SumFactor, usize, &mut [Panel]),
        sums: &mut Vec<Panel>,
        scratch: &mut ReadScratch,
        random: &mut Random,
        mut probe: Option<(&mut Outcome, usize)>,
    ) {
        let Self { layer, inputs, .. } = *self;
        let values = panels(layer.outputs) * inputs;
        let ReadScratch { raw, squares, .. } = scratch;
        sums.resize(values, ZERO);
        let single = layer.reads.len() == 1 && layer.reads[0].adc.is_none() && layer.reads[0].weight == 1.0;
        if !single {
            sums.fill(ZERO);
        }
        for (at, read) in layer.reads.iter().enumerate() {
            let of_read = if single { &mut *sums } else { &mut *raw };
            // A product writes every value.
            of_read.resize(values, ZERO);
            product(SumFactor::Values, at, of_read);
            if layer.read_noise > 0.0 {
                squares.resize(values, ZERO);
                product(SumFactor::Squares, at, squares);
                add_noise(of_read, squares, layer.outputs, inputs, random);
            }
            if let Some(adc) = &read.adc {
                if let Some((outcome, index)) = &mut probe {
                    count_clipped(of_read, layer.outputs, inputs, adc, *index, outcome);
                }
                adc.apply_all(arch, of_read.as_flattened_mut());
            }
            if let Some(limit) = read.limit {
                for value in of_read.iter_mut().flatten() {
                    *value = value.clamp(-limit, limit);
                }
            }
            if !single {
                add(arch, read.weight, raw.as_flattened(), sums.as_flattened_mut());
            }
        }
    }

    /// From sums to the arguments of the neurons, in place.
    pub fn to_arguments(&self, arch: Arch, sums: &mut [Panel]) {
        let Self { written, inputs, .. } = *self;
        for ((block, gain), offset) in sums.chunks_exact_mut(inputs).zip(&written.gain).zip(&written.offset) {
            kernel::arguments(arch, block, gain, offset);
        }
    }

    /// From sums to what tells the class: outputs of neurons whose gain is as built, else their arguments.
    pub fn to_what_tells(&self, arch: Arch, sums: &mut [Panel]) {
        self.to_arguments(arch, sums);
        if let Activation::Loaded(neuron) = &self.layer.activation {
            neuron.to_volts(sums);
            neuron.open_outputs(sums);
        }
    }

    /// From the inputs of neurons in volts to their outputs at the rows that they drive. Returns for how many inputs they were not found.
    pub fn drive(&self, arch: Arch, driven: &DrivenRows, acts: &mut Vec<Panel>, scratch: &mut ReadScratch) -> usize {
        let Activation::Loaded(neuron) = &self.layer.activation else { return 0 };
        let ReadScratch { raw, rows, .. } = scratch;
        raw.clone_from(acts);
        driven.settle(arch, neuron, raw, acts, rows)
    }

    /// From sums to outputs; of neurons that drive rows to their inputs in volts.
    pub fn activate(&self, arch: Arch, sums: &[Panel], acts: &mut Vec<Panel>) {
        acts.resize(sums.len(), ZERO);
        let Self { written, inputs, .. } = *self;
        let blocks = sums.chunks_exact(inputs).zip(acts.chunks_exact_mut(inputs));
        for ((sums, acts), (gain, offset)) in blocks.zip(written.gain.iter().zip(&written.offset)) {
            self.activate_panel(arch, sums, (gain, offset), acts);
        }
    }

    fn activate_panel(&self, arch: Arch, sums: &[Panel], (gain, offset): (&Panel, &Panel), acts: &mut [Panel]) {
        if self.layer.activation == Activation::Logistic {
            kernel::logistic(arch, sums, gain, offset, acts);
        } else {
            acts.copy_from_slice(sums);
            kernel::arguments(arch, acts, gain, offset);
        }
        match &self.layer.activation {
            Activation::Curve(curve) => acts.iter_mut().flatten().for_each(|act| *act = curve.output(*act)),
            Activation::Loaded(neuron) => neuron.to_volts(acts),
            Activation::Logistic | Activation::None => {}
        }
        for words in &self.layer.words {
            words.apply_all(arch, acts.as_flattened_mut());
        }
    }
}

/// `sum + weight · value`, in place.
fn add(arch: Arch, weight: f64, values: &[f64], sums: &mut [f64]) {
    arch.dispatch(
        #[inline(always)]
        || {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += weight * value;
            }
        },
    );
}
