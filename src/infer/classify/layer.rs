//! A layer as it is built: what is written into its cells, how its columns are read, what follows them.

use std::ops::Range;

use super::devices::{Devices, Random, States, Targets};
use super::input::Plane;
use super::kernel::{Panel, WIDTH, ZERO, panels};
use super::neuron::Activation;
use super::quantiser::Quantiser;
use crate::model::amplifier::DifferenceAmplifier;
use crate::model::crossbar::partition::cuts;
use crate::model::dense::Singular;
use crate::model::network::partition::{Pairs, Segments, respond};

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedLayer {
    /// Inputs, without the bias.
    pub inputs: usize,
    /// Outputs.
    pub outputs: usize,
    /// True if the last row is the bias.
    pub bias: bool,
    /// What is written: one set of cells for each slice of a weight's bits, the lowest first.
    pub slices: Vec<Targets>,
    /// The weight that takes the full range of a device.
    pub largest_weight: f64,
    /// Its devices.
    pub devices: Devices,
    /// The devices that the gain of the column circuits is set for.
    pub set_for: States,
    /// What of the currents the columns carry.
    pub columns: Columns,
    /// The reads whose sum is the weighted sum.
    pub reads: Vec<Read>,
    /// What the neuron multiplies the weighted sum by.
    pub gain: f64,
    /// The neuron.
    pub activation: Activation,
    /// The words that the output is converted to, one after another.
    pub words: Vec<Quantiser>,
    /// Standard deviation of a device's current from read to read, relative to it.
    pub read_noise: f64,
    /// Standard deviation of a neuron's offset, of its argument.
    pub neuron_offset: f64,
    /// Relative standard deviation of a neuron's slope.
    pub neuron_slope: f64,
}

/// One conversion of the columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Rows whose currents meet, the bias among them if it does.
    pub rows: Range<usize>,
    /// Which slice of the weights.
    pub slice: usize,
    /// Which columns of a pair.
    pub lines: Lines,
    /// Which bits of the inputs.
    pub plane: Plane,
    /// What the value counts in the weighted sum.
    pub weight: f64,
    /// The converter, if the value is a word.
    pub adc: Option<Quantiser>,
}

/// Columns of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Their difference.
    Difference,
    /// The positive one alone.
    Positive,
    /// The negative one alone.
    Negative,
}

/// What of the currents the columns carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Columns {
    /// All: wires without resistance, column ends at 0 V.
    Ideal,
    /// What wires and column circuits leave.
    Circuit {
        /// Wires between cells; none is without resistance.
        segments: Option<Segments>,
        /// At the foot of the columns.
        amplifier: DifferenceAmplifier,
        /// Tiles one below the other.
        row_partitions: usize,
        /// Tiles side by side.
        column_partitions: usize,
        /// What the gain makes of the difference of two column ends; see [`SignedLayer::set_gain`].
        scale: f64,
    },
}

/// A layer with its devices written.
#[derive(Debug, Clone, Default)]
pub struct WrittenDevices {
    /// For each read and each panel of outputs the rows of a matrix: weighted sums for inputs of 1.
    pub reads: Vec<Vec<Vec<Panel>>>,
    /// For each read the variance of its value for inputs of 1, if there is noise.
    pub noise: Vec<Vec<Vec<Panel>>>,
    /// For each panel what the weighted sum is multiplied by.
    pub gain: Vec<Panel>,
    /// For each panel what is added to the argument.
    pub offset: Vec<Panel>,
}

impl SignedLayer {
    /// Rows, the bias among them.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.inputs + usize::from(self.bias)
    }

    /// What one siemens is in units of the weights: step 2 of [`super`].
    fn per_siemens(&self) -> f64 {
        self.largest_weight / self.set_for.difference_s()
    }

    /// Sets the gain for columns that do not carry all: the factor by which the weights that perfect devices give fit the weights that were
    /// trained best, in the least-squares sense. For ideal columns that is the factor of [`super`].
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn set_gain(&mut self) -> Result<(), Singular> {
        let Columns::Circuit { scale, .. } = &mut self.columns else { return Ok(()) };
        *scale = 1.0;
        let mut random = super::devices::random(0, 0);
        let (mut product, mut square) = (0.0, 0.0);
        for targets in &self.slices {
            let built = self.carried(&Devices::ideal(self.set_for).write(targets, &mut random))?;
            for ((built, positive), negative) in built.iter().zip(&targets.positive).zip(&targets.negative) {
                product += built * (positive - negative) * self.largest_weight;
                square += built * built;
            }
        }
        if let Columns::Circuit { scale, .. } = &mut self.columns {
            // Columns that carry nothing need no gain.
            *scale = if square > 0.0 { product / square } else { 0.0 };
        }
        Ok(())
    }

    /// The weighted sum for each row at the read voltage, row by row: rows x outputs, in units of the weights.
    fn carried(&self, pairs: &Pairs) -> Result<Vec<f64>, Singular> {
        let Columns::Circuit { segments, amplifier, row_partitions, column_partitions, scale } = self.columns else {
            let factor = self.per_siemens();
            return Ok(pairs.positive_s.iter().zip(&pairs.negative_s).map(|(p, n)| (p - n) * factor).collect());
        };
        let mut carried = vec![0.0; pairs.positive_s.len()];
        for (top, bottom) in cuts(pairs.rows, row_partitions) {
            for (left, right) in cuts(pairs.outputs, column_partitions) {
                let tile = pairs.part(top..bottom, left..right);
                let response = respond(&tile, segments, &amplifier)?;
                for row in top..bottom {
                    for output in left..right {
                        let transfer = response.transfer[(output - left) * response.rows + row - top];
                        carried[row * pairs.outputs + output] = transfer * scale;
                    }
                }
            }
        }
        Ok(carried)
    }

    /// Writes all devices and draws the neurons.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn write(&self, random: &mut Random, written: &mut WrittenDevices) -> Result<(), Singular> {
        written.reads.clear();
        written.noise.clear();
        let slices: Vec<Pairs> = self.slices.iter().map(|targets| self.devices.write(targets, random)).collect();
        let carried: Vec<Vec<f64>> = slices.iter().map(|pairs| self.carried(pairs)).collect::<Result<_, _>>()?;
        let factor = self.per_siemens();
        for read in &self.reads {
            let (pairs, carried) = (&slices[read.slice], &carried[read.slice]);
            let (positive, negative) = (&pairs.positive_s, &pairs.negative_s);
            let (rows, outputs) = (&read.rows, self.outputs);
            written.reads.push(match read.lines {
                Lines::Difference => in_panels(rows, outputs, |at| carried[at]),
                Lines::Positive => in_panels(rows, outputs, |at| positive[at] * factor),
                Lines::Negative => in_panels(rows, outputs, |at| negative[at] * factor),
            });
            if self.read_noise > 0.0 {
                let square = |g: f64| (g * factor * self.read_noise).powi(2);
                written.noise.push(match read.lines {
                    Lines::Difference => in_panels(rows, outputs, |at| square(positive[at]) + square(negative[at])),
                    Lines::Positive => in_panels(rows, outputs, |at| square(positive[at])),
                    Lines::Negative => in_panels(rows, outputs, |at| square(negative[at])),
                });
            }
        }
        self.draw_neurons(random, written);
        Ok(())
    }

    fn draw_neurons(&self, random: &mut Random, written: &mut WrittenDevices) {
        let count = panels(self.outputs);
        written.gain = vec![[self.gain; WIDTH]; count];
        written.offset = vec![ZERO; count];
        if let Some(last) = written.offset.last_mut() {
            // Lanes without a neuron are never the largest output.
            last[self.outputs - (count - 1) * WIDTH..].fill(f64::NEG_INFINITY);
        }
        if self.neuron_offset == 0.0 && self.neuron_slope == 0.0 {
            return;
        }
        for output in 0..self.outputs {
            let (panel, lane) = (output / WIDTH, output % WIDTH);
            // A neuron whose slope has changed sign would be no neuron.
            let slope = (1.0 + self.neuron_slope * super::devices::normal(random)).max(0.0);
            let offset = self.neuron_offset * super::devices::normal(random);
            written.gain[panel][lane] *= slope;
            written.offset[panel][lane] = slope * offset;
        }
    }
}

/// Rows of a matrix (rows x outputs, by position) in panels of outputs; lanes without an output are zero.
fn in_panels(rows: &Range<usize>, outputs: usize, value: impl Fn(usize) -> f64) -> Vec<Vec<Panel>> {
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
