//! What the words of a network look like, as an architecture states it.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::infer::words::{LayerWords, NetworkWords, WordFigures};

/// What `imcost statistics` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StatisticsResult {
    /// Version of this format.
    pub format_version: u32,
    /// Name of the design.
    pub name: String,
    /// The weights.
    pub weights: String,
    /// The pictures.
    pub data: String,
    /// How many pictures.
    pub pictures: usize,
    /// The layers, in the order of computation.
    pub layers: Vec<LayerStatistics>,
}

/// The words of a layer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LayerStatistics {
    /// Its name.
    pub name: String,
    /// Its inputs.
    pub inputs: WordStatistics,
    /// Its weights as they are stored; what does not change has no `toggle`.
    pub weights: WordStatistics,
}

/// What the words of an operand look like.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct WordStatistics {
    /// Bits of a word, without a sign that is kept apart.
    pub bits: u32,
    /// Mean, relative to the largest word.
    pub mean: f64,
    /// Part of the bits that are 1.
    pub density: f64,
    /// Part of the bits that differ from those of the word before on the same row; 0 for weights.
    pub toggle: f64,
    /// Part of the words that are 0.
    pub zero: f64,
}

impl StatisticsResult {
    /// The words of a design's network.
    #[must_use]
    pub fn of(name: &str, words: &NetworkWords) -> Self {
        let layer = |layer: &LayerWords| LayerStatistics {
            name: layer.name.clone(),
            inputs: WordStatistics::of(&layer.inputs),
            weights: WordStatistics::of(&layer.weights),
        };
        Self {
            format_version: FORMAT_VERSION,
            name: name.to_owned(),
            weights: words.weights.clone(),
            data: words.data.clone(),
            pictures: words.pictures,
            layers: words.layers.iter().map(layer).collect(),
        }
    }
}

impl WordStatistics {
    fn of(figures: &WordFigures) -> Self {
        let WordFigures { bits, mean, density, toggle, zero } = *figures;
        Self { bits, mean, density, toggle, zero }
    }
}
