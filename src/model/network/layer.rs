//! A layer: its matrix on sub-arrays, its amplifiers and its neurons.

use super::neuron::NetworkNeuron;
use super::partition::{self, Pairs, Response, Segments};
use crate::model::amplifier::DifferenceAmplifier;
use crate::model::crossbar::partition::cuts;
use crate::model::dense::Singular;
use crate::units::{Conductance, Voltage};

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
    /// At the foot of every pair of columns of every sub-array. The outputs that belong to one neuron are joined: it sees their mean.
    pub amplifier: DifferenceAmplifier,
    /// Voltage of the last row, if that is a bias row.
    pub bias: Option<Voltage>,
    /// What follows the amplifiers.
    pub neuron: NetworkNeuron,
}

/// A layer reduced to small matrices.
#[derive(Debug, Clone)]
pub struct AnalogLayer {
    rows: usize,
    outputs: usize,
    pub(super) blocks: Vec<RowBlock>,
    pub(super) bias: Option<Voltage>,
    pub(super) neuron: NetworkNeuron,
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
        let LayerCircuit { pairs, segments, row_partitions, column_partitions, amplifier, bias, neuron } = circuit;
        let mut blocks = Vec::with_capacity(row_partitions);
        for (first, end) in cuts(pairs.rows, row_partitions) {
            let rows = end - first;
            let mut block = RowBlock {
                first,
                rows,
                transfer: vec![0.0; pairs.outputs * rows],
                admittance_s: vec![0.0; rows * rows],
            };
            for (left, right) in cuts(pairs.outputs, column_partitions) {
                let response = partition::respond(&pairs.part(first..end, left..right), segments, &amplifier)?;
                block.add(&response, left);
            }
            blocks.push(block);
        }
        Ok(Self { rows: pairs.rows, outputs: pairs.outputs, blocks, bias, neuron })
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

    /// Voltages at the neurons' inputs: the mean of the joined amplifier outputs.
    pub(super) fn outputs(&self, inputs_v: &[f64]) -> Vec<f64> {
        let mut outputs = vec![0.0; self.outputs];
        for block in &self.blocks {
            let rows_v = self.block_v(block, inputs_v);
            for (output, row) in outputs.iter_mut().zip(block.transfer.chunks_exact(block.rows)) {
                *output += dot(row, &rows_v) / self.blocks.len() as f64;
            }
        }
        outputs
    }
}

impl RowBlock {
    fn add(&mut self, response: &Response, left: usize) {
        let at = left * self.rows;
        self.transfer[at..at + response.transfer.len()].copy_from_slice(&response.transfer);
        for (sum, own) in self.admittance_s.iter_mut().zip(&response.admittance_s) {
            *sum += own;
        }
    }
}

fn dot(row: &[f64], values: &[f64]) -> f64 {
    row.iter().zip(values).map(|(a, b)| a * b).sum()
}
