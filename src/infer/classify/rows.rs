//! Rows that neurons drive themselves: each neuron delivers what its row draws, which depends on all rows that share columns with it.
//!
//! With A the admittance of the rows, from the devices as they are written, the wires and the column ends, every picture has its own solution of
//! `i(u_j, v_j) = Σ_k A_jk v_k + A_jb v_b`, b the bias row. A step of Newton's method takes of A what counts: its diagonal, and of the rest that every
//! row sees the mean of the others. What it neglects is a few hundredths of it, so that a few steps leave nothing.

use std::ops::Range;

use pulp::Arch;

use super::kernel::{Panel, Product, WIDTH, ZERO, panels};
use super::neuron::LoadedNeuron;

/// A row is found when a step moves it by less than this, relative to the neurons' supply.
const FOUND: f64 = 1e-7;
/// Steps; five are usual.
const MAX_STEPS: usize = 60;
/// A row that has not been found by now is led by half of its steps.
const PATIENT_STEPS: usize = 20;
/// Where the steps begin.
const START: f64 = 0.4;
/// Outputs on the way, relative to the supply.
const ON_THE_WAY: Range<f64> = -0.5..1.5;
/// What is left of a common step once the rows pull each other along; they do not run away.
const LEFT: f64 = 0.01;

/// Admittance of the rows of a layer whose devices are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowAdmittance {
    /// Rows of which none shares a column with those of another block, and their admittance: rows x rows, in siemens.
    blocks: Vec<(Range<usize>, Vec<f64>)>,
}

impl RowAdmittance {
    /// Adds tiles beside those that are there: rows from this one on, rows x rows in siemens.
    pub fn add(&mut self, first: usize, rows: usize, admittance_s: &[f64]) {
        match self.blocks.iter_mut().find(|(block, _)| block.start == first) {
            Some((_, sum)) => sum.iter_mut().zip(admittance_s).for_each(|(sum, s)| *sum += s),
            None => self.blocks.push((first..first + rows, admittance_s.to_vec())),
        }
    }
}

/// The rows of a layer, laid out for the neurons that drive them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DrivenRows {
    panels: Vec<RowPanel>,
    /// The block of each row.
    block_of: Vec<usize>,
    /// Rows of each block that neurons drive.
    sizes: Vec<f64>,
}

/// What 16 rows draw, in siemens.
#[derive(Debug, Clone, PartialEq)]
struct RowPanel {
    /// The first row that matters to them.
    first: usize,
    /// What one volt at each row from there on makes them draw.
    drawn: Vec<Panel>,
    /// What the bias row does, for the neurons' supply.
    bias: Panel,
    /// The rows' own voltages.
    own: Panel,
    /// What the other rows of the block do, all at one volt.
    mutual: Panel,
}

impl DrivenRows {
    /// The first `inputs` rows, with a bias row after them at this part of the neurons' supply.
    #[must_use]
    pub fn new(admittance: &RowAdmittance, inputs: usize, bias: f64) -> Self {
        let mut rows = Self { panels: Vec::new(), block_of: vec![0; inputs], sizes: Vec::new() };
        for (index, (block, _)) in admittance.blocks.iter().enumerate() {
            let driven = block.start..block.end.min(inputs);
            rows.sizes.push(driven.len() as f64);
            rows.block_of[driven].fill(index);
        }
        for first in (0..inputs).step_by(WIDTH) {
            rows.panels.push(rows.panel(admittance, first..(first + WIDTH).min(inputs), bias));
        }
        rows
    }

    fn panel(&self, admittance: &RowAdmittance, rows: Range<usize>, bias: f64) -> RowPanel {
        let inputs = self.block_of.len();
        let of = |row: usize| &admittance.blocks[self.block_of[row]];
        let (first, end) = (of(rows.start).0.start, of(rows.end - 1).0.end.min(inputs));
        let mut panel = RowPanel { first, drawn: vec![ZERO; end - first], bias: ZERO, own: [1.0; WIDTH], mutual: ZERO };
        for (lane, row) in rows.enumerate() {
            let (block, admittance_s) = of(row);
            for (other, s) in block.clone().zip(&admittance_s[(row - block.start) * block.len()..]) {
                if other >= inputs {
                    panel.bias[lane] = s * bias;
                    continue;
                }
                panel.drawn[other - first][lane] = *s;
                if other == row {
                    panel.own[lane] = *s;
                } else {
                    panel.mutual[lane] += s;
                }
            }
        }
        panel
    }

    /// From the neurons' inputs in volts to their outputs, relative to their supply, in place. Returns for how many pictures they were not found.
    pub(super) fn settle(
        &self,
        arch: Arch,
        neuron: &LoadedNeuron,
        volts: &[Panel],
        acts: &mut [Panel],
        scratch: &mut RowScratch,
    ) -> usize {
        let pictures = volts.len() / panels(self.block_of.len()).max(1);
        scratch.prepare(volts.len(), pictures, self.sizes.len());
        acts.fill([START; WIDTH]);
        for step in 0..MAX_STEPS {
            self.draw(arch, acts, scratch);
            self.balance(neuron, volts, acts, scratch);
            let part = if step < PATIENT_STEPS { 1.0 } else { 0.5 };
            if self.step(part, acts, scratch) {
                return 0;
            }
        }
        scratch.moving.iter().filter(|moving| **moving).count()
    }

    /// What all rows draw.
    fn draw(&self, arch: Arch, acts: &[Panel], scratch: &mut RowScratch) {
        let pictures = scratch.moving.len();
        for (panel, out) in self.panels.iter().zip(scratch.own.chunks_exact_mut(pictures)) {
            arch.dispatch(Product { inputs: acts, first: panel.first, rows: &panel.drawn, start: &panel.bias, out });
        }
    }

    /// Each row's own step, the others held, and how much of a step of the others it follows; their sums over every block.
    fn balance(&self, neuron: &LoadedNeuron, volts: &[Panel], acts: &[Panel], scratch: &mut RowScratch) {
        let RowScratch { own, follows, sums, moving } = scratch;
        sums.fill([0.0; 2]);
        let (pictures, blocks) = (moving.len(), self.sizes.len());
        let supply_v = neuron.delivery.supply().si();
        for (row, block) in self.block_of.iter().enumerate() {
            let (panel, lane) = (&self.panels[row / WIDTH], row % WIDTH);
            for picture in (0..pictures).filter(|picture| moving[*picture]) {
                let at = row / WIDTH * pictures + picture;
                let there = neuron.delivery.at(volts[at][lane], acts[at][lane] * supply_v);
                let steep_s = 1.0 / (there.output_s + panel.own[lane]);
                own[at][lane] = (there.current_a / supply_v - own[at][lane]) * steep_s;
                follows[at][lane] = -panel.mutual[lane] * steep_s;
                let [step, pulled] = &mut sums[picture * blocks + block];
                *step += own[at][lane];
                *pulled += follows[at][lane];
            }
        }
    }

    /// Moves the rows; true if all have been found.
    fn step(&self, part: f64, acts: &mut [Panel], scratch: &mut RowScratch) -> bool {
        let RowScratch { own, follows, sums, moving } = scratch;
        let (pictures, blocks) = (moving.len(), self.sizes.len());
        // The mean of a step x is that of the rows' own steps and of what they follow of it: x = own + follows · x.
        for of_picture in sums.chunks_exact_mut(blocks) {
            for ([step, pulled], rows) in of_picture.iter_mut().zip(&self.sizes) {
                *step /= (rows - *pulled).max(LEFT * rows);
            }
        }
        for (picture, moving) in moving.iter_mut().enumerate().filter(|(_, moving)| **moving) {
            let mut most: f64 = 0.0;
            for (row, block) in self.block_of.iter().enumerate() {
                let (at, lane) = (row / WIDTH * pictures + picture, row % WIDTH);
                let step = own[at][lane] + follows[at][lane] * sums[picture * blocks + block][0];
                most = most.max(step.abs());
                acts[at][lane] = (acts[at][lane] + part * step).clamp(ON_THE_WAY.start, ON_THE_WAY.end);
            }
            *moving = most > FOUND;
        }
        moving.iter().all(|moving| !moving)
    }
}

/// What is used again from block to block of pictures.
#[derive(Debug, Default)]
pub(super) struct RowScratch {
    /// What every row draws, then its own step.
    own: Vec<Panel>,
    /// The part of the others' mean step that it follows.
    follows: Vec<Panel>,
    /// For each picture and block the sums of both; of the first in the end the mean step.
    sums: Vec<[f64; 2]>,
    /// Pictures whose rows have not been found.
    moving: Vec<bool>,
}

impl RowScratch {
    fn prepare(&mut self, values: usize, pictures: usize, blocks: usize) {
        self.own.resize(values, ZERO);
        self.follows.resize(values, ZERO);
        self.sums.resize(pictures * blocks, [0.0; 2]);
        self.moving.clear();
        self.moving.resize(pictures, true);
    }
}
