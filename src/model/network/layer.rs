//! A layer: its matrix on sub-arrays, its amplifiers and its neurons.

use super::neuron::NetworkNeuron;
use super::partition::{self, Pairs, Response, Segments};
use crate::model::amplifier::ColumnAmplifier;
use crate::model::crossbar::partition::cuts;
use crate::model::dense::Singular;
use crate::units::{Conductance, Power, Voltage};

/// How a layer is built.
#[derive(Debug, Clone)]
pub struct LayerCircuit {
    /// Conductances of all pairs; the bias row, if there is one, is the last.
    pub pairs: Pairs,
    /// Wires between neighbouring cells; none is without resistance.
    pub segments: Option<Segments>,
    /// Sub-arrays one below the other.
    pub row_partitions: usize,
    /// Sub-arrays side by side.
    pub column_partitions: usize,
    /// At the foot of every pair of columns.
    pub amplifier: ColumnAmplifier,
    /// Where the sub-arrays below each other meet.
    pub meet: Meet,
    /// Voltage of the last row, if that is a bias row.
    pub bias: Option<Voltage>,
    /// What follows the amplifiers.
    pub neuron: NetworkNeuron,
}

/// Where sub-arrays that lie below each other meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meet {
    /// At the outputs of their amplifiers, which are joined: a neuron sees their mean.
    AtOutputs,
    /// At the ends of their columns, which are one node before one amplifier.
    AtColumnEnds,
}

/// A layer reduced to small matrices.
#[derive(Debug, Clone)]
pub struct AnalogLayer {
    rows: usize,
    outputs: usize,
    pub(super) blocks: Vec<RowBlock>,
    pub(super) bias: Option<Voltage>,
    pub(super) neuron: NetworkNeuron,
    amplifier: ColumnAmplifier,
}

/// The sub-arrays that share their rows.
#[derive(Debug, Clone)]
pub(super) struct RowBlock {
    /// First row of the layer that is in it.
    pub first: usize,
    /// Rows in it.
    pub rows: usize,
    /// Amplifier outputs for row voltages: outputs of the layer x rows.
    transfer: Vec<f64>,
    /// Currents into the outputs of op-amps: those of one output of the layer after another, x rows, in siemens.
    sunk_s: Vec<f64>,
    /// Currents of the row sources, all sub-arrays together: rows x rows, in siemens.
    pub admittance_s: Vec<f64>,
}

/// Currents that row sources deliver, in ampere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowCurrents {
    /// By input.
    pub inputs_a: Vec<f64>,
    /// Into the bias row.
    pub bias_a: f64,
}

/// Two devices for each weight: the low resistance on the side of its sign; a weight of zero has it on both.
///
/// `weights` holds -1, 0 or 1, row by row.
#[must_use]
pub fn pairs_of(weights: &[i8], outputs: usize, low: Conductance, high: Conductance) -> Pairs {
    let state = |on: bool| if on { low.si() } else { high.si() };
    Pairs {
        rows: weights.len().checked_div(outputs).unwrap_or(0),
        outputs,
        positive_s: weights.iter().map(|&w| state(w >= 0)).collect(),
        negative_s: weights.iter().map(|&w| state(w <= 0)).collect(),
    }
}

impl AnalogLayer {
    /// Reduces a layer.
    ///
    /// # Errors
    /// If a sub-array's equations are singular.
    pub fn new(circuit: LayerCircuit) -> Result<Self, Singular> {
        let LayerCircuit { pairs, segments, row_partitions, column_partitions, amplifier, meet, bias, neuron } =
            circuit;
        let mut blocks = Vec::with_capacity(row_partitions);
        let row_cuts: Vec<(usize, usize)> = cuts(pairs.rows, row_partitions).collect();
        // Sub-arrays that meet at the ends of their columns are one block: the voltage there depends on all their rows.
        let joined = match meet {
            Meet::AtOutputs => row_cuts.chunks(1),
            Meet::AtColumnEnds => row_cuts.chunks(row_cuts.len()),
        };
        for parts in joined {
            let (first, end) = (parts.first().map_or(0, |p| p.0), parts.last().map_or(0, |p| p.1));
            let mut block = RowBlock::empty(first, end - first, pairs.outputs, amplifier.op_amps());
            for (left, right) in cuts(pairs.outputs, column_partitions) {
                let of_columns = pairs.part(first..end, left..right);
                let in_block = parts.iter().map(|&(top, bottom)| (top - first, bottom - first));
                let reduced = partition::reduce_joined(&of_columns, in_block, segments, true)?;
                block.add(&reduced.with_amplifiers(&amplifier)?, left);
            }
            blocks.push(block);
        }
        Ok(Self { rows: pairs.rows, outputs: pairs.outputs, blocks, bias, neuron, amplifier })
    }

    /// Inputs, without the bias row.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.rows - usize::from(self.bias.is_some())
    }

    /// Voltage of a row.
    fn row_v(&self, inputs_v: &[f64], row: usize) -> f64 {
        inputs_v.get(row).copied().unwrap_or_else(|| self.bias.map_or(0.0, Voltage::si))
    }

    /// The voltages of a block's rows.
    pub(super) fn block_v(&self, block: &RowBlock, inputs_v: &[f64]) -> Vec<f64> {
        (block.first..block.first + block.rows).map(|row| self.row_v(inputs_v, row)).collect()
    }

    /// The currents of the row sources.
    pub(super) fn row_currents(&self, inputs_v: &[f64]) -> RowCurrents {
        let mut currents = Vec::with_capacity(self.rows);
        for block in &self.blocks {
            let rows_v = self.block_v(block, inputs_v);
            currents.extend(block.admittance_s.chunks_exact(block.rows).map(|row| dot(row, &rows_v)));
        }
        let bias_a = currents.split_off(self.inputs()).first().copied().unwrap_or(0.0);
        RowCurrents { inputs_a: currents, bias_a }
    }

    /// What the amplifiers make of these inputs.
    pub(super) fn amplified(&self, inputs_v: &[f64]) -> Amplified {
        let rails_v = self.amplifier.rails().map(Voltage::si);
        let held = |v: f64| rails_v.map_or(v, |rails| v.clamp(-rails, rails));
        let of_block = |block: &RowBlock| -> Vec<f64> {
            let rows_v = self.block_v(block, inputs_v);
            block.transfer.chunks_exact(block.rows).map(|row| held(dot(row, &rows_v))).collect()
        };
        let blocks: Vec<Vec<f64>> = self.blocks.iter().map(of_block).collect();
        let mut outputs_v = vec![0.0; self.outputs];
        for of_block in &blocks {
            for (output, v) in outputs_v.iter_mut().zip(of_block) {
                *output += v / self.blocks.len() as f64;
            }
        }
        let all = || blocks.iter().flatten();
        let beyond = rails_v.map_or(0, |rails| all().filter(|v| v.abs() >= rails).count());
        let power_w = rails_v.map_or(0.0, |rails| rails * self.delivered_a(inputs_v, &blocks, &outputs_v));
        Amplified { outputs_v, power: Power::new(power_w), beyond_rails: (beyond, all().count()) }
    }

    /// The magnitudes of all currents that op-amps deliver or sink, in ampere, those through the joints of outputs among them.
    fn delivered_a(&self, inputs_v: &[f64], blocks_v: &[Vec<f64>], outputs_v: &[f64]) -> f64 {
        let op_amps = self.amplifier.op_amps();
        let joint_s = if self.amplifier.output.si() > 0.0 { 1.0 / self.amplifier.output.si() } else { 0.0 };
        let mut sum = 0.0;
        for (block, of_block) in self.blocks.iter().zip(blocks_v) {
            let rows_v = self.block_v(block, inputs_v);
            for (index, row) in block.sunk_s.chunks_exact(block.rows).enumerate() {
                let output = index / op_amps;
                let last = index % op_amps + 1 == op_amps;
                let joint = if last { joint_s * (of_block[output] - outputs_v[output]) } else { 0.0 };
                sum += (dot(row, &rows_v) - joint).abs();
            }
        }
        sum
    }
}

/// What the amplifiers of a layer make of its inputs.
pub(super) struct Amplified {
    /// Voltages at the neurons' inputs: the mean of the joined outputs, in volts.
    pub outputs_v: Vec<f64>,
    /// What their rails deliver into their outputs; none without rails.
    pub power: Power,
    /// Amplifiers at their rails, and all.
    pub beyond_rails: (usize, usize),
}

impl RowBlock {
    fn empty(first: usize, rows: usize, outputs: usize, op_amps: usize) -> Self {
        let zeros = |columns: usize| vec![0.0; columns * rows];
        Self { first, rows, transfer: zeros(outputs), sunk_s: zeros(outputs * op_amps), admittance_s: zeros(rows) }
    }

    fn add(&mut self, response: &Response, left: usize) {
        let place =
            |all: &mut [f64], part: &[f64], before: usize| all[before..before + part.len()].copy_from_slice(part);
        place(&mut self.transfer, &response.transfer, left * self.rows);
        let op_amps = response.sunk_s.len() / response.transfer.len().max(1);
        place(&mut self.sunk_s, &response.sunk_s, left * op_amps * self.rows);
        for (sum, own) in self.admittance_s.iter_mut().zip(&response.admittance_s) {
            *sum += own;
        }
    }
}

fn dot(row: &[f64], values: &[f64]) -> f64 {
    row.iter().zip(values).map(|(a, b)| a * b).sum()
}
