//! From the tensors of layers to matrices, with batch normalizations folded into those before them.

use super::NetworkWeights;
use super::layers::{WantedKind, WantedLayer};
use super::tensors::{Module, NamedTensors};
use crate::design::Design;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics};
use crate::workload::{LayerKind, Normalization};

/// What PyTorch adds to a variance before its root is taken, where nobody says otherwise.
const EPSILON: f64 = 1e-5;

/// The weights of a layer.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum StepWeights {
    /// It has none.
    #[default]
    None,
    /// Matrices.
    Matrices {
        /// Each inputs x outputs.
        groups: Vec<Vec<f64>>,
        /// One for each output of all groups.
        biases: Option<Vec<f64>>,
        /// What sums are multiplied by, if the file says so.
        gain: Option<f64>,
    },
    /// A factor and an offset of each channel.
    Channels(Vec<(f64, f64)>),
}

/// The weights of all layers of a design.
///
/// # Errors
/// A value is no number, or something is missing, which has been reported.
pub fn weights(
    flow: &Design,
    wanted: &[WantedLayer],
    found: &[Option<Module>],
    tensors: &NamedTensors,
    diagnostics: &mut Diagnostics,
) -> Checked<NetworkWeights> {
    let before = diagnostics.mark();
    let mut all = NetworkWeights { steps: vec![StepWeights::None; flow.network.len()], notes: Vec::new() };
    for (layer, module) in wanted.iter().zip(found) {
        let step = &flow.network[layer.step];
        let values = |at: usize| tensors.tensors[at].values.as_slice();
        match (&layer.kind, module) {
            (WantedKind::Matrices { groups, inputs, outputs, .. }, Some(module)) => {
                let Some(weight) = module.weight.map(values) else { continue };
                let group = |group: usize| matrix(weight, group, *inputs, *outputs);
                all.steps[layer.step] = StepWeights::Matrices {
                    groups: (0..*groups).map(group).collect(),
                    biases: module.bias.map(|at| values(at).to_vec()),
                    gain: module.gain.and_then(|at| values(at).first().copied()),
                };
            }
            (WantedKind::Channels(channels), Some(module)) => {
                let factors = factors(module, *channels, &values);
                let folded = matches!(step.computes, LayerKind::Normalize(Normalization::Batch));
                match step.from[..] {
                    [Some(feeder)] if folded => all.steps[feeder].fold(&factors),
                    _ => all.steps[layer.step] = StepWeights::Channels(factors),
                }
            }
            (WantedKind::Channels(_), None) if step.computes == LayerKind::Normalize(Normalization::Batch) => {
                all.notes.push(format!("no tensors of `{}`: it is taken as folded into the weights", layer.name));
            }
            _ => {
                let message = format!("`{}`: there are no tensors for layer `{}`", tensors.name, layer.name);
                diagnostics.push(Diagnostic::error(message));
            }
        }
    }
    diagnostics.since(before)?;
    Ok(all)
}

/// The matrix of a group, inputs x outputs, from outputs x inputs of all groups.
fn matrix(weight: &[f64], group: usize, inputs: usize, outputs: usize) -> Vec<f64> {
    let of_group = &weight[group * inputs * outputs..(group + 1) * inputs * outputs];
    (0..inputs * outputs).map(|at| of_group[at % outputs * inputs + at / outputs]).collect()
}

/// What a normalization multiplies each channel by, and adds.
fn factors<'v>(module: &Module, channels: usize, values: &dyn Fn(usize) -> &'v [f64]) -> Vec<(f64, f64)> {
    let of = |at: Option<usize>, channel: usize, usual: f64| at.map_or(usual, |at| values(at)[channel]);
    let factor = |channel: usize| {
        let deviation = match module.variance {
            Some(at) => (values(at)[channel] + EPSILON).sqrt(),
            None => 1.0,
        };
        let factor = of(module.weight, channel, 1.0) / deviation;
        (factor, of(module.bias, channel, 0.0) - of(module.mean, channel, 0.0) * factor)
    };
    (0..channels).map(factor).collect()
}

impl StepWeights {
    /// Takes a factor and an offset of each output into the weights.
    fn fold(&mut self, factors: &[(f64, f64)]) {
        let Self::Matrices { groups, biases, .. } = self else { return };
        let outputs = factors.len() / groups.len().max(1);
        for (group, factors) in groups.iter_mut().zip(factors.chunks_exact(outputs.max(1))) {
            for row in group.chunks_exact_mut(outputs.max(1)) {
                row.iter_mut().zip(factors).for_each(|(weight, (factor, _))| *weight *= factor);
            }
        }
        let old = biases.take().unwrap_or_else(|| vec![0.0; factors.len()]);
        *biases = Some(old.iter().zip(factors).map(|(bias, (factor, offset))| factor * bias + offset).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normalization_after_a_matrix_is_one_matrix() {
        // Two groups of two inputs and one output.
        let mut weights = StepWeights::Matrices {
            groups: vec![vec![1.0, 2.0], vec![3.0, 4.0]],
            biases: Some(vec![0.5, 1.0]),
            gain: None,
        };
        weights.fold(&[(2.0, 0.25), (10.0, -1.0)]);
        let folded = StepWeights::Matrices {
            groups: vec![vec![2.0, 4.0], vec![30.0, 40.0]],
            biases: Some(vec![1.25, 9.0]),
            gain: None,
        };
        assert_eq!(weights, folded);
    }

    #[test]
    fn rows_of_pytorch_are_columns() {
        // Two groups, each of three inputs and two outputs.
        let weight: Vec<f64> = (0..12).map(f64::from).collect();
        assert_eq!(matrix(&weight, 1, 3, 2), [6.0, 9.0, 7.0, 10.0, 8.0, 11.0]);
    }
}
