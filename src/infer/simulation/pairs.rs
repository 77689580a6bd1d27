//! What is written into the cells of a layer that is simulated.

use super::{AnalogChain, size};
use crate::design::Design;
use crate::diagnostic::{Checked, Diagnostics};
use crate::infer::accuracy::cells;
use crate::infer::classify::devices::{Devices, States, Targets, random};
use crate::infer::weights::DenseWeights;
use crate::model::network::layer::pairs_of;
use crate::model::network::partition::Pairs;
use crate::techlib::Model;

/// The pairs of a layer, whose neuron rises with the sum of the trained weights: before a neuron that falls with its input, the devices of a
/// pair are exchanged.
pub(super) fn pairs(
    flow: &Design,
    index: usize,
    chain: &AnalogChain<'_>,
    weights: &DenseWeights,
    diagnostics: &mut Diagnostics,
) -> Checked<Pairs> {
    let layer = &flow.layers[index];
    let array = chain.array;
    let written = cells::built(layer, weights, chain.crossbar, array.bits_per_device, diagnostics)?;
    let states = States::of(array.device.r_low.value, array.device.r_high.value);
    let Some((targets, _)) = written.slices.first() else { return Ok(pairs_of(&[], 0, states.low, states.high)) };
    let falls = match chain.neuron.model {
        Some(Model::Logistic(curve)) => curve.steepness_per_v < 0.0,
        _ => true,
    };
    let sign = if falls { -1.0 } else { 1.0 };
    let parts: Vec<f64> = targets.positive.iter().zip(&targets.negative).map(|(p, n)| sign * (p - n)).collect();
    // In the published netlists both devices of a binary weight of zero are in the low-resistance state.
    let of_sign = |part: &f64| match *part {
        -1.0 => Some(-1),
        0.0 => Some(0),
        1.0 => Some(1),
        _ => None,
    };
    let signs: Option<Vec<i8>> = parts.iter().map(of_sign).collect();
    let outputs = size(layer.grid.outputs);
    Ok(match signs {
        Some(signs) if layer.cells.bits == 1 => pairs_of(&signs, outputs, states.low, states.high),
        _ => Devices::ideal(states).write(&Targets::of(&parts, outputs), &mut random(0, 0)),
    })
}
