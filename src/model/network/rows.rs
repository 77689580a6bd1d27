//! The voltages of rows that neurons drive.

use super::NetworkError;
use super::layer::{AnalogLayer, RowBlock, RowCurrents};
use super::neuron::NetworkNeuron;
use crate::model::dense;

/// A neuron balances its row to this many ampere: a picoampere moves an output of a kiloohm by a nanovolt.
const BALANCED_A: f64 = 1e-12;
/// What rounding may leave where the steps end before that.
const LEFT_A: f64 = 1e-9;
const MAX_STEPS: usize = 60;

/// Finds the row voltages at which every neuron delivers what its row draws. `rows_v` holds the open outputs and is overwritten.
///
/// # Errors
/// If a neuron has no operating point there, or the iteration does not converge.
pub fn settle(
    layer: &AnalogLayer,
    neuron: &NetworkNeuron,
    neuron_input_v: &[f64],
    number: usize,
    rows_v: &mut [f64],
) -> Result<RowCurrents, NetworkError> {
    if !neuron.is_ideal_source() {
        for block in &layer.blocks {
            settle_block(layer, block, neuron, neuron_input_v, number, rows_v)?;
        }
    }
    Ok(layer.row_currents(rows_v))
}

/// Newton's method on the rows of one block; a step that makes the balance worse is halved.
fn settle_block(
    layer: &AnalogLayer,
    block: &RowBlock,
    neuron: &NetworkNeuron,
    neuron_input_v: &[f64],
    number: usize,
    rows_v: &mut [f64],
) -> Result<(), NetworkError> {
    let driven = block.first..(block.first + block.rows).min(layer.inputs());
    let n = driven.len();
    if n == 0 {
        return Ok(());
    }
    let inputs_v = &neuron_input_v[driven.clone()];
    let mut balance = balance(layer, block, neuron, inputs_v, rows_v)?;
    for _ in 0..MAX_STEPS {
        if balance.worst_a <= BALANCED_A {
            return Ok(());
        }
        let mut jacobian = vec![0.0; n * n];
        for (r, row) in jacobian.chunks_exact_mut(n).enumerate() {
            row.copy_from_slice(&block.admittance_s[r * block.rows..][..n]);
            row[r] += balance.output_s[r];
        }
        let mut step = balance.excess_a.clone();
        dense::solve(&mut jacobian, n, &mut step, 1)?;
        let start = rows_v[driven.clone()].to_vec();
        let mut scale = 1.0;
        loop {
            for ((row, start), step) in rows_v[driven.clone()].iter_mut().zip(&start).zip(&step) {
                *row = start + scale * step;
            }
            let next = self::balance(layer, block, neuron, inputs_v, rows_v)?;
            if next.worst_a < balance.worst_a || scale < 1e-3 {
                balance = next;
                break;
            }
            scale /= 2.0;
        }
    }
    if balance.worst_a <= LEFT_A {
        return Ok(());
    }
    Err(NetworkError::Diverged { layer: number, residual_a: balance.worst_a, steps: MAX_STEPS })
}

struct Balance {
    /// What each neuron delivers beyond what its row draws.
    excess_a: Vec<f64>,
    /// Output conductance of each neuron.
    output_s: Vec<f64>,
    worst_a: f64,
}

fn balance(
    layer: &AnalogLayer,
    block: &RowBlock,
    neuron: &NetworkNeuron,
    inputs_v: &[f64],
    rows_v: &[f64],
) -> Result<Balance, NetworkError> {
    let block_v = layer.block_v(block, rows_v);
    let mut excess_a = Vec::with_capacity(inputs_v.len());
    let mut output_s = Vec::with_capacity(inputs_v.len());
    for ((&v_in, &v_out), row) in inputs_v.iter().zip(&block_v).zip(block.admittance_s.chunks_exact(block.rows)) {
        let drive = neuron.drive(v_in, v_out)?;
        let drawn: f64 = row.iter().zip(&block_v).map(|(y, v)| y * v).sum();
        excess_a.push(drive.current_a - drawn);
        output_s.push(drive.output_s);
    }
    let worst_a = excess_a.iter().fold(0.0, |worst: f64, excess| worst.max(excess.abs()));
    Ok(Balance { excess_a, output_s, worst_a })
}
