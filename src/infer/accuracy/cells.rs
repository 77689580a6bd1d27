//! Weights to cells: the range of a device, its states, and the bit slices of a weight.

use crate::design::{Layer, Levels, WeightCells};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics};
use crate::infer::classify::devices::Targets;
use crate::infer::weights::DenseWeights;
use crate::techlib::Component;

/// What is written for a layer.
#[derive(Debug, Clone)]
pub struct WrittenCells {
    /// The weight that takes the full range of a device.
    pub largest_weight: f64,
    /// The cells of each slice and what it counts; the lowest bits first.
    pub slices: Vec<(Targets, f64)>,
}

/// The weights as trained, without levels: what a perfect cell would hold.
pub fn trained(layer: &Layer, weights: &DenseWeights) -> WrittenCells {
    let (all, largest) = matrix(layer, weights, 1.0);
    let outputs = usize::try_from(layer.grid.outputs).unwrap_or(usize::MAX);
    let parts: Vec<f64> = all.iter().map(|w| w / largest).collect();
    WrittenCells { largest_weight: largest, slices: vec![(Targets::of(&parts, outputs), 1.0)] }
}

/// The weights as the cells of a layer hold them.
///
/// # Errors
/// The cells cannot hold them.
pub fn built(
    layer: &Layer,
    weights: &DenseWeights,
    crossbar: &Component,
    bits_per_device: u32,
    diagnostics: &mut Diagnostics,
) -> Checked<WrittenCells> {
    let WeightCells { bits, levels, clip, .. } = layer.cells;
    let (all, largest) = matrix(layer, weights, clip);
    let outputs = usize::try_from(layer.grid.outputs).unwrap_or(usize::MAX);
    let parts: Vec<f64> = all.iter().map(|w| (w / largest).clamp(-1.0, 1.0)).collect();
    if levels == Levels::Continuous {
        if bits > bits_per_device {
            let message =
                format!("layer `{}`: a weight of {bits} bits in several cells cannot be continuous", layer.name);
            let label = format!("a device of `{}` holds {bits_per_device} bit", crossbar.name);
            let help = "write `levels: states`, or take a crossbar whose cells hold all bits of a weight";
            return Err(diagnostics.push(Diagnostic::error(message).at(crossbar.span, label).help(help)));
        }
        return Ok(WrittenCells { largest_weight: largest, slices: vec![(Targets::of(&parts, outputs), 1.0)] });
    }
    if bits == 1
        && let Some(error) = no_sign(layer, weights, &all, crossbar)
    {
        return Err(diagnostics.push(error));
    }
    Ok(WrittenCells { largest_weight: largest, slices: slices(&parts, outputs, bits, bits_per_device) })
}

/// What is said of a weight that is none of -w, 0 and w, where most are: a pair of two-state devices holds no other.
fn no_sign(layer: &Layer, weights: &DenseWeights, all: &[f64], crossbar: &Component) -> Option<Diagnostic> {
    let mut magnitudes: Vec<f64> = all.iter().map(|w| w.abs()).filter(|w| *w > 0.0).collect();
    magnitudes.sort_by(f64::total_cmp);
    // Binarized networks have weights of 1.
    let ones = magnitudes.contains(&1.0).then_some(1.0);
    let of_most = || {
        magnitudes
            .chunk_by(|a, b| a == b)
            .max_by_key(|same| (same.len(), std::cmp::Reverse(same[0].to_bits())))
            .map(|same| same[0])
    };
    let most = ones.or_else(of_most)?;
    let index = all.iter().position(|w| *w != 0.0 && w.abs() != most)?;
    let shown = weights.place(index);
    // A file that is turned when it is read is shown as it stands.
    let weight = if shown.is_some() { -all[index] } else { all[index] };
    let message = format!("layer `{}`: a weight of {weight} does not fit a pair of two-state devices", layer.name);
    let expected = format!("expected -{most}, 0 or {most}: weights have one bit");
    let error = Diagnostic::error(message);
    let error = match shown {
        Some(place) => error.at(place, expected).also(crossbar.span, "its cells"),
        None => error.at(crossbar.span, expected),
    };
    let error = error
        .help("take binarized weights, or weights of more bits (`weights.bits`, and cells or slices that hold them)");
    Some(error.help(
        "`weights: { levels: continuous }` asks what a device with all conductances between its two ends would give",
    ))
}

/// All weights, the bias row last, and the one that takes the full range.
fn matrix(layer: &Layer, weights: &DenseWeights, clip: f64) -> (Vec<f64>, f64) {
    let mut all = weights.weights.clone();
    if layer.cells.bias {
        all.extend(weights.biases.iter().flatten());
    }
    let largest = largest(&all, clip);
    (all, largest)
}

/// The magnitude of weights that takes the full range.
pub(super) fn largest(all: &[f64], clip: f64) -> f64 {
    let mut magnitudes: Vec<f64> = all.iter().map(|w| w.abs()).collect();
    magnitudes.sort_by(f64::total_cmp);
    let rank = (clip * magnitudes.len() as f64).ceil() as usize;
    let largest = magnitudes.get(rank.clamp(1, magnitudes.len().max(1)) - 1).copied().unwrap_or(1.0);
    // A layer whose weights are all zero has no range.
    if largest > 0.0 { largest } else { 1.0 }
}

/// The magnitude as a word of `bits`, cut into the bits of single devices: the slice of bits s, s + 1, … counts
/// `2^s · (2^n - 1) / (2^bits - 1)` of the range, n being its bits.
fn slices(parts: &[f64], outputs: usize, bits: u32, bits_per_device: u32) -> Vec<(Targets, f64)> {
    let largest = |bits: u32| ((1_u64 << bits) - 1) as f64;
    let words: Vec<u64> = parts.iter().map(|p| (p.abs() * largest(bits)).round() as u64).collect();
    let slice = |shift: u32| {
        let width = bits_per_device.min(bits - shift);
        let part = |(word, part): (&u64, &f64)| {
            let code = (word >> shift) & ((1 << width) - 1);
            (code as f64 / largest(width)).copysign(*part)
        };
        let held: Vec<f64> = words.iter().zip(parts).map(part).collect();
        (Targets::of(&held, outputs), largest(width) * (1_u64 << shift) as f64 / largest(bits))
    };
    (0..bits).step_by(bits_per_device as usize).map(slice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_add_up_to_the_rounded_weight() {
        let parts = [0.0, 1.0, -1.0, 0.37, -0.62];
        for (bits, device) in [(1, 1), (4, 1), (8, 2), (7, 3), (5, 8)] {
            let slices = slices(&parts, 5, bits, device);
            for (at, part) in parts.iter().enumerate() {
                let sum: f64 = slices.iter().map(|(t, weight)| weight * (t.positive[at] - t.negative[at])).sum();
                let half_step = 0.5 / ((1_u64 << bits) - 1) as f64;
                assert!((sum - part).abs() <= half_step + 1e-12, "{bits} bits: {part} became {sum}");
            }
            // The largest weight is that of devices at their ends, be a slice of fewer bits or not.
            assert!(
                slices.iter().all(|(t, _)| (t.positive[1], t.negative[2]) == (1.0, 1.0)),
                "{bits} bits: {slices:?}"
            );
        }
    }
}
