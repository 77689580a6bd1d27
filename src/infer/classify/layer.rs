//! A layer as it is built: what is written into its cells, how its columns are read, what follows them.

use std::borrow::Cow;
use std::ops::Range;

use super::devices::{Devices, Random, States, Targets, side_by_side};
use super::input::Plane;
use super::kernel::{Panel, WIDTH, ZERO, in_panels, panels};
use super::neuron::Activation;
use super::quantiser::Quantiser;
pub use super::read::{Lines, Read};
use super::rows::{DrivenRows, RowAdmittance};
use crate::model::amplifier::ColumnAmplifier;
use crate::model::crossbar::partition::cuts;
use crate::model::dense::Singular;
use crate::model::network::layer::Meet;
use crate::model::network::partition::{Pairs, Reduced, Segments, reduce, reduce_joined};

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedLayer {
    /// Inputs, without the bias; a row after them is the bias, which is always on.
    pub inputs: usize,
    /// Outputs.
    pub outputs: usize,
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
    /// Where the neurons before it drive its rows themselves, what they see of them is solved: the voltage of the bias row, relative to their supply.
    pub driven: Option<f64>,
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

/// What of the currents the columns carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Columns {
    /// All: wires without resistance, column ends at 0 V.
    Ideal,
    /// What wires and column circuits leave.
    Circuit {
        /// Wires between cells; none is without resistance.
        segments: Option<Segments>,
        /// What the columns end in.
        ends: ColumnEnds,
        /// Where tiles below each other meet.
        meet: Meet,
        /// Tiles one below the other.
        row_partitions: usize,
        /// Tiles side by side.
        column_partitions: usize,
        /// True if the devices of a pair are exchanged, as whoever builds the circuit does where its neuron falls with its input.
        exchanged: bool,
        /// What the gain makes of the difference of two column ends; see [`SignedLayer::set_gain`].
        scale: f64,
        /// What a read voltage at the amplifiers' outputs is in units of the neuron's argument; none where the gain is set.
        as_built: Option<f64>,
    },
}

/// What the columns of a tile end in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ColumnEnds {
    /// Nodes that are held at 0 V, each with what senses its current.
    Grounds,
    /// An amplifier at each pair.
    Amplifiers(ColumnAmplifier),
}

/// What the pairs of columns of a slice carry for each row at the read voltage.
enum Carried<'a> {
    /// Currents of the columns, as conductances, and what one siemens is in units of the weights: rows x outputs.
    Currents { positive_s: Cow<'a, [f64]>, negative_s: Cow<'a, [f64]>, factor: f64 },
    /// Outputs of amplifiers, in units of the weights: rows x outputs.
    Outputs(Vec<f64>),
}

impl Carried<'_> {
    fn value(&self, lines: Lines, at: usize) -> f64 {
        match (self, lines) {
            (Self::Currents { positive_s, negative_s, factor }, Lines::Difference) => {
                (positive_s[at] - negative_s[at]) * factor
            }
            (Self::Currents { positive_s, factor, .. }, Lines::Positive) => positive_s[at] * factor,
            (Self::Currents { negative_s, factor, .. }, Lines::Negative) => negative_s[at] * factor,
            // The output of an amplifier is one line.
            (Self::Outputs(outputs), Lines::Difference | Lines::Positive) => outputs[at],
            (Self::Outputs(_), Lines::Negative) => 0.0,
        }
    }
}

/// A layer with its devices written.
#[derive(Debug, Clone, Default)]
pub struct WrittenDevices {
    /// For each read and each panel of outputs the rows of a matrix: weighted sums for inputs of 1.
    pub reads: Vec<Vec<Vec<Panel>>>,
    /// The rows as the neurons that drive them see them.
    pub rows: Option<DrivenRows>,
    /// For each read the variance of its value for inputs of 1, if there is noise.
    pub noise: Vec<Vec<Vec<Panel>>>,
    /// For each panel what the weighted sum is multiplied by.
    pub gain: Vec<Panel>,
    /// For each panel what is added to the argument.
    pub offset: Vec<Panel>,
}

impl SignedLayer {
    /// The bits of its inputs that are applied one after another.
    #[must_use]
    pub fn planes(&self) -> Vec<Plane> {
        let mut planes: Vec<Plane> = Vec::new();
        for read in &self.reads {
            if !planes.contains(&read.plane) {
                planes.push(read.plane);
            }
        }
        planes
    }

    /// Rows that share columns, without the bias row.
    #[must_use]
    pub fn blocks(&self) -> Vec<Range<usize>> {
        let partitions = match self.columns {
            Columns::Circuit { meet: Meet::AtOutputs, row_partitions, .. } => row_partitions,
            _ => 1,
        };
        let rows = self.slices.first().map_or(self.inputs, |targets| targets.rows);
        cuts(rows, partitions).map(|(first, end)| first.min(self.inputs)..end.min(self.inputs)).collect()
    }

    /// Fraction of its devices that are written to the low-resistance state; of devices with more states the mean part of their range.
    #[must_use]
    pub fn low_resistance(&self) -> f64 {
        let all = || self.slices.iter().flat_map(|slice| slice.positive.iter().chain(&slice.negative));
        all().sum::<f64>() / all().count().max(1) as f64
    }

    /// What one siemens is in units of the weights: step 2 of [`super`].
    fn per_siemens(&self) -> f64 {
        self.largest_weight / self.set_for.difference_s()
    }

    /// Sets the gain for columns that do not carry all, unless it is that of the amplifiers as they are: the factor by which the weights that perfect devices give fit the weights that were
    /// trained best, in the least-squares sense. For ideal columns that is the factor of [`super`].
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn set_gain(&mut self) -> Result<(), Singular> {
        let Columns::Circuit { scale, as_built, meet, row_partitions, .. } = &mut self.columns else { return Ok(()) };
        if let Some(per_read_voltage) = *as_built {
            // Joined outputs have their mean.
            let joined = if *meet == Meet::AtOutputs { *row_partitions } else { 1 };
            *scale = per_read_voltage / joined as f64;
            self.gain = 1.0;
            return Ok(());
        }
        *scale = 1.0;
        let mut random = super::devices::random(0, 0);
        let perfect = Devices::ideal(self.set_for);
        let slices: Vec<Pairs> = self.slices.iter().map(|targets| perfect.write(targets, &mut random)).collect();
        let (mut product, mut square) = (0.0, 0.0);
        for (targets, built) in self.slices.iter().zip(self.carried(&slices, None)?) {
            for (at, (positive, negative)) in targets.positive.iter().zip(&targets.negative).enumerate() {
                let built = built.value(Lines::Difference, at);
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

    /// What each slice's columns carry, and where it is asked for what the rows draw.
    fn carried<'a>(
        &self,
        slices: &'a [Pairs],
        mut rows: Option<&mut RowAdmittance>,
    ) -> Result<Vec<Carried<'a>>, Singular> {
        let Columns::Circuit { segments, ends, meet, row_partitions, column_partitions, exchanged, scale, .. } =
            self.columns
        else {
            let all = |pairs: &'a Pairs| Carried::Currents {
                positive_s: Cow::Borrowed(&pairs.positive_s),
                negative_s: Cow::Borrowed(&pairs.negative_s),
                factor: self.per_siemens(),
            };
            if let Some(rows) = rows {
                let drawn = |row: usize| slices.iter().map(|pairs| pairs.row_s(row)).sum::<f64>();
                (0..slices.first().map_or(0, |pairs| pairs.rows)).for_each(|row| rows.add(row, 1, &[drawn(row)]));
            }
            return Ok(slices.iter().map(all).collect());
        };
        let mut pairs = side_by_side(slices);
        if exchanged {
            let pairs = pairs.to_mut();
            std::mem::swap(&mut pairs.positive_s, &mut pairs.negative_s);
        }
        let mut solved = Solved::new(&pairs, ends, slices.len());
        let row_cuts: Vec<(usize, usize)> = cuts(pairs.rows, row_partitions).collect();
        for (left, right) in cuts(self.outputs, column_partitions) {
            let (left, right) = (left * slices.len(), right * slices.len());
            let tiles = |(top, bottom)| pairs.part(top..bottom, left..right);
            match meet {
                Meet::AtColumnEnds => {
                    let columns = tiles((0, pairs.rows));
                    solved.add(
                        &reduce_joined(&columns, row_cuts.iter().copied(), segments, rows.is_some())?,
                        0,
                        left,
                        rows.as_deref_mut(),
                    )?;
                }
                Meet::AtOutputs => {
                    for &part in &row_cuts {
                        solved.add(
                            &reduce(&tiles(part), segments, rows.is_some())?,
                            part.0,
                            left,
                            rows.as_deref_mut(),
                        )?;
                    }
                }
            }
        }
        Ok(solved.slices(if exchanged { -scale } else { scale }))
    }

    /// Writes all devices and draws the neurons.
    ///
    /// # Errors
    /// If a tile's equations are singular.
    pub fn write(&self, random: &mut Random, written: &mut WrittenDevices) -> Result<(), Singular> {
        written.reads.clear();
        written.noise.clear();
        let slices: Vec<Pairs> = self.slices.iter().map(|targets| self.devices.write(targets, random)).collect();
        let mut admittance = self.driven.map(|_| RowAdmittance::default());
        let carried = self.carried(&slices, admittance.as_mut())?;
        written.rows = admittance.zip(self.driven).map(|(rows, bias)| DrivenRows::new(&rows, self.inputs, bias));
        let factor = self.per_siemens();
        for read in &self.reads {
            let (pairs, carried) = (&slices[read.slice], &carried[read.slice]);
            let (positive, negative) = (&pairs.positive_s, &pairs.negative_s);
            let (rows, outputs) = (&read.rows, self.outputs);
            written.reads.push(in_panels(rows, outputs, |at| carried.value(read.lines, at)));
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
            let slope = (1.0 + self.neuron_slope * super::normal::normal(random)).max(0.0);
            let offset = self.neuron_offset * super::normal::normal(random);
            written.gain[panel][lane] *= slope;
            written.offset[panel][lane] = slope * offset;
        }
    }
}

/// What is known of the pairs of all slices, tile by tile.
struct Solved {
    ends: ColumnEnds,
    slices: usize,
    /// Pairs of columns side by side.
    pairs: usize,
    /// Currents into the ends, as conductances; of an amplifier's pair the positive one is its output in V/V.
    positive_s: Vec<f64>,
    negative_s: Vec<f64>,
}

impl Solved {
    fn new(pairs: &Pairs, ends: ColumnEnds, slices: usize) -> Self {
        let zeros = || vec![0.0; pairs.positive_s.len()];
        Self { ends, slices, pairs: pairs.outputs, positive_s: zeros(), negative_s: zeros() }
    }

    /// A tile whose first row and first pair are these; where it is asked for, what its rows draw.
    fn add(
        &mut self,
        tile: &Reduced,
        top: usize,
        left: usize,
        mut drawn: Option<&mut RowAdmittance>,
    ) -> Result<(), Singular> {
        let all = self.pairs;
        let place = |row: usize, pair: usize| (top + row) * all + left + pair;
        match self.ends {
            ColumnEnds::Grounds => {
                for (column, currents) in tile.drive_s.chunks_exact(tile.rows).enumerate() {
                    let line = if column.is_multiple_of(2) { &mut self.positive_s } else { &mut self.negative_s };
                    for (row, current) in currents.iter().enumerate() {
                        line[place(row, column / 2)] = *current;
                    }
                }
                if let (Some(drawn), Some(rows_s)) = (&mut drawn, &tile.rows_s) {
                    drawn.add(top, tile.rows, rows_s);
                }
            }
            ColumnEnds::Amplifiers(amplifier) => {
                let response = tile.with_amplifiers(&amplifier)?;
                if let Some(drawn) = drawn {
                    drawn.add(top, tile.rows, &response.admittance_s);
                }
                for (pair, outputs) in response.transfer.chunks_exact(tile.rows).enumerate() {
                    for (row, output) in outputs.iter().enumerate() {
                        self.positive_s[place(row, pair)] = *output;
                    }
                }
            }
        }
        Ok(())
    }

    /// Each slice apart again.
    fn slices<'a>(self, scale: f64) -> Vec<Carried<'a>> {
        let every =
            |from: &[f64], slice: usize| from.iter().skip(slice).step_by(self.slices).copied().collect::<Vec<f64>>();
        let of = |slice: usize| match self.ends {
            ColumnEnds::Amplifiers(_) => {
                Carried::Outputs(every(&self.positive_s, slice).iter().map(|output| output * scale).collect())
            }
            ColumnEnds::Grounds => Carried::Currents {
                positive_s: Cow::Owned(every(&self.positive_s, slice)),
                negative_s: Cow::Owned(every(&self.negative_s, slice)),
                factor: scale,
            },
        };
        (0..self.slices).map(of).collect()
    }
}
