//! What the words of a network look like: its weights as they are stored, its inputs as they are applied, over pictures.

use super::accuracy::{self, Question, Trained};
use super::classify::input::Inputs;
use super::weights::DenseWeights;
use crate::design::{Design, Layer, WeightCells};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap};
use crate::spec::architecture::Encoding;

/// What the words of an operand look like.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WordFigures {
    /// Bits of a word, without a sign that is kept apart.
    pub bits: u32,
    /// Mean, relative to the largest word.
    pub mean: f64,
    /// Part of the bits that are 1.
    pub density: f64,
    /// Part of the bits that differ from those of the word before on the same row.
    pub toggle: f64,
    /// Part of the words that are 0.
    pub zero: f64,
}

/// The words of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerWords {
    /// Its name.
    pub name: String,
    /// Its inputs.
    pub inputs: WordFigures,
    /// Its weights as they are stored.
    pub weights: WordFigures,
}

/// The words of all layers, and what they were counted over.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkWords {
    /// The layers, in the order of computation.
    pub layers: Vec<LayerWords>,
    /// Name of the weights' file.
    pub weights: String,
    /// Name of the pictures' file.
    pub data: String,
    /// How many pictures.
    pub pictures: usize,
}

/// Counts words while they are seen.
#[derive(Default)]
struct Count {
    words: u64,
    sum: f64,
    ones: u64,
    zeros: u64,
    changed: u64,
    pairs: u64,
}

impl Count {
    fn add(&mut self, word: u64, before: Option<u64>) {
        self.words += 1;
        self.sum += word as f64;
        self.ones += u64::from(word.count_ones());
        self.zeros += u64::from(word == 0);
        if let Some(before) = before {
            self.changed += u64::from((word ^ before).count_ones());
            self.pairs += 1;
        }
    }

    fn figures(&self, bits: u32) -> WordFigures {
        let largest = largest(bits) as f64;
        let (words, all_bits) = (self.words.max(1) as f64, f64::from(bits.max(1)));
        WordFigures {
            bits,
            mean: self.sum / words / largest,
            density: self.ones as f64 / words / all_bits,
            toggle: self.changed as f64 / self.pairs.max(1) as f64 / all_bits,
            zero: self.zeros as f64 / words,
        }
    }
}

fn largest(bits: u32) -> u64 {
    (1_u64 << bits.clamp(1, 32)) - 1
}

/// The words of a design's network over the pictures of a question. Layers are computed as they were trained: sums without rounding, the
/// function of the layer's activation, logistic where it has none.
///
/// # Errors
/// The weights or the pictures cannot be read or do not fit the design.
pub fn of_network(
    flow: &Design,
    question: &Question,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<NetworkWords> {
    let before = diagnostics.mark();
    let dense = |layer: &crate::design::PlacedLayer| {
        layer.kind == "dense" && layer.matrices.is_some_and(|matrices| matrices.products == 1)
    };
    if let Some(other) = flow.network.iter().find(|layer| !dense(layer)) {
        let message = format!("words are counted of dense layers, and `{}` is of kind {}", other.name, other.kind);
        return Err(diagnostics.push(Diagnostic::error(message)));
    }
    let trained = accuracy::read_dense(flow, question, sources, diagnostics)?;
    accuracy::pictures_fit(flow, &trained.dataset, diagnostics)?;
    let features = flow.layers.first().map_or(0, |layer| usize::try_from(layer.grid.inputs).unwrap_or(usize::MAX));
    let mapped = flow.image.as_ref();
    let mapped =
        mapped.and_then(|image| Inputs::map(&trained.dataset.images, image, flow.input_encoding, features).ok());
    let Some(inputs) = mapped else { return Err(diagnostics.missing(before)) };
    let layers = flow.layers.iter().zip(&trained.weights).map(|(layer, weights)| LayerWords {
        name: layer.name.clone(),
        inputs: WordFigures::default(),
        weights: of_weights(weights, layer.cells),
    });
    let mut layers: Vec<LayerWords> = layers.collect();
    for (words, figures) in layers.iter_mut().zip(of_inputs(flow, &trained, &inputs)) {
        words.inputs = figures;
    }
    let pictures = inputs.pictures;
    Ok(NetworkWords { layers, weights: trained.weights_name, data: trained.dataset.name, pictures })
}

/// Weights as words: rounded to the steps of their bits, the largest magnitude (or the quantile that the design names) at the end of the range.
fn of_weights(weights: &DenseWeights, cells: WeightCells) -> WordFigures {
    let mut sizes: Vec<f64> = weights.weights.iter().map(|w| w.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let at = ((sizes.len() as f64 * cells.clip).ceil() as usize).clamp(1, sizes.len().max(1)) - 1;
    let full = sizes.get(at).copied().filter(|full| *full > 0.0).unwrap_or(1.0);
    let mut count = Count::default();
    for weight in &weights.weights {
        count.add(stored(weight / full, cells), None);
    }
    count.figures(cells.bits)
}

/// A weight between -1 and 1 as it is stored.
fn stored(weight: f64, cells: WeightCells) -> u64 {
    let weight = weight.clamp(-1.0, 1.0);
    let half = (1_i64 << (cells.bits.clamp(1, 32) - 1)) as f64;
    let signed = (weight * (half - 1.0).max(1.0)).round();
    match cells.encoding {
        Encoding::Differential => (weight.abs() * largest(cells.bits) as f64).round() as u64,
        Encoding::Unsigned => (weight.max(0.0) * largest(cells.bits) as f64).round() as u64,
        Encoding::Offset => (signed + half) as u64,
        Encoding::TwosComplement => (signed as i64 as u64) & largest(cells.bits),
    }
}

/// Inputs of all layers as words, over all pictures.
fn of_inputs(flow: &Design, trained: &Trained, inputs: &Inputs) -> Vec<WordFigures> {
    let bits = |layer: &Layer| layer.circuits.arriving.bits.clamp(1, 32);
    let mut counts: Vec<Count> = flow.layers.iter().map(|_| Count::default()).collect();
    let mut before: Vec<Vec<u64>> = vec![Vec::new(); flow.layers.len()];
    for picture in 0..inputs.pictures {
        let given = inputs.of_picture(picture);
        let mut outputs: Vec<Vec<f64>> = Vec::with_capacity(flow.layers.len());
        for (index, layer) in flow.layers.iter().enumerate() {
            let of = |from: &Option<usize>| from.map_or(given.as_slice(), |layer| outputs[layer].as_slice());
            let values: Vec<f64> = layer.from.iter().flat_map(|from| of(from).iter().copied()).collect();
            let word = |value: &f64| (value.clamp(0.0, 1.0) * largest(bits(layer)) as f64).round() as u64;
            let words: Vec<u64> = values.iter().map(word).collect();
            for (row, word) in words.iter().enumerate() {
                counts[index].add(*word, before[index].get(row).copied());
            }
            before[index] = words;
            let sums = sums(&trained.weights[index], &values);
            outputs.push(activated(flow, layer, &trained.weights[index], sums));
        }
    }
    counts.iter().zip(&flow.layers).map(|(count, layer)| count.figures(bits(layer))).collect()
}

fn sums(weights: &DenseWeights, values: &[f64]) -> Vec<f64> {
    let outputs = weights.weights.len() / values.len().max(1);
    let mut sums = weights.biases.clone().unwrap_or_else(|| vec![0.0; outputs]);
    for (row, value) in weights.weights.chunks_exact(outputs.max(1)).zip(values) {
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum += value * weight;
        }
    }
    sums
}

fn activated(flow: &Design, layer: &Layer, weights: &DenseWeights, sums: Vec<f64>) -> Vec<f64> {
    let gain = weights.gain.unwrap_or(layer.cells.gain);
    let component = layer.circuits.activation.and_then(|node| flow.graph[node].component());
    let rectified = component.and_then(|c| c.function.as_deref()).is_some_and(|f| f.split('/').any(|f| f == "relu"));
    let one = |sum: f64| {
        if rectified { (gain * sum).clamp(0.0, 1.0) } else { 1.0 / (1.0 + libm::exp(-gain * sum)) }
    };
    sums.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::architecture::Levels;

    fn cells(bits: u32, encoding: Encoding) -> WeightCells {
        WeightCells { bits, levels: Levels::States, clip: 1.0, gain: 1.0, encoding, bias: false }
    }

    #[test]
    fn weights_are_stored_as_their_encoding_says() {
        // Of 4 bits: -1 is -7, 0.5 is 4 (3.5 away from zero).
        for (encoding, words) in [
            (Encoding::Differential, [15, 0, 8, 15]),
            (Encoding::Unsigned, [0, 0, 8, 15]),
            (Encoding::Offset, [1, 8, 12, 15]),
            (Encoding::TwosComplement, [9, 0, 4, 7]),
        ] {
            let found = [-1.0, 0.0, 0.5, 1.0].map(|weight| stored(weight, cells(4, encoding)));
            assert_eq!(found, words, "{encoding:?}");
        }
    }

    #[test]
    fn bits_that_are_one_and_that_change_are_counted() {
        let mut count = Count::default();
        for (word, before) in [(0b1010, None), (0b0110, Some(0b1010)), (0, Some(0b0110))] {
            count.add(word, before);
        }
        let found = count.figures(4);
        assert_eq!((found.density, found.toggle, found.zero), (4.0 / 12.0, 4.0 / 8.0, 1.0 / 3.0));
        assert_eq!(found.mean, 16.0 / 3.0 / 15.0);
    }
}
