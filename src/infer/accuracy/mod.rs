//! From an architecture, trained weights and labelled pictures to accuracy: perfect, as built, and over draws of what is random.

pub mod build;
pub(crate) mod cells;
pub(crate) mod circuits;
mod detail;
pub mod draws;
pub mod findings;
pub mod graph;
mod rails;
mod reads;
mod run;
mod student;
mod trained;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use crate::design::{Design, Statistics};
use crate::diagnostic::{Checked, Diagnostics};
use crate::infer::classify::{Outcome, SignedLayer};
use crate::infer::dataset::Part;
use build::Detail;
use draws::Draws;
use run::Run;
use trained::inputs;
pub use trained::{
    Trained, pictures_fit, read, read_dense, read_dense_weights, read_pictures, read_weights, weights_fit,
};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The weights' files; where none are named those of the design, else the shipped network.
    pub weights: Vec<PathBuf>,
    /// The data set; where none is named that of the design, else the shipped digits.
    pub data: Option<PathBuf>,
    /// Which part of it.
    pub part: Part,
    /// The first pictures only.
    pub images: Option<usize>,
    /// Draws of what is random; 0 where only the rest is asked for.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
    /// Neurons are logistic functions, whatever the circuit.
    pub ideal_neuron: bool,
    /// Columns carry the whole currents, whatever wires and column circuits take.
    pub ideal_crossbar: bool,
}

/// Accuracy of a design.
#[derive(Debug, Clone)]
pub struct Accuracy {
    /// Name of the pictures' file.
    pub data: String,
    /// Name of the weights' file.
    pub weights: String,
    /// How many pictures.
    pub images: usize,
    /// The class of each picture.
    pub labels: Vec<u32>,
    /// How many classes the network tells apart.
    pub classes: usize,
    /// Without what is random.
    pub nominal: Outcome,
    /// From the trained network to the design, one kind of detail after another.
    pub steps: Vec<DetailStep>,
    /// With what is random; none where nothing is, and of a run that was stopped before.
    pub draws: Option<Draws>,
    /// True if something is random.
    pub is_random: bool,
    /// True if the rows loaded the neurons that drive them.
    pub with_load: bool,
    /// True if the outputs of the last layer's neurons tell the class; else their arguments do.
    pub outputs_tell: bool,
    /// What each layer's rows carry and its columns need.
    pub layers: Vec<LayerFigures>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// The network with some details of the design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailStep {
    /// What has been added.
    pub what: &'static str,
    /// Pictures whose class was found.
    pub correct: usize,
}

/// Figures of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerFigures {
    /// Its name.
    pub name: String,
    /// What the neuron multiplies the weighted sum by.
    pub gain: f64,
    /// Mean of the squared row voltages, 0 to 1: what `active-rows` of an architecture states.
    pub active_rows: f64,
    /// Mean of the row voltages, -1 to 1: what `mean` of an architecture's statistics states.
    pub mean: f64,
    /// Mean product of the voltages of two different rows that share columns, -1 to 1.
    pub product: f64,
    /// Fraction of the devices that are written to the low-resistance state: what `low-resistance` of an architecture states.
    pub low_resistance: f64,
    /// Of the values that an ADC converted, the part that it clipped; none without an ADC.
    pub clipped: Option<f64>,
    /// The largest value that an ADC converted, as a fraction of its full scale.
    pub used_range: Option<f64>,
    /// Mean and mean square of the values that an ADC converted, as fractions of its full scale.
    pub converted: Option<(f64, f64)>,
}

impl LayerFigures {
    /// What is known before any picture is classified.
    fn of_built((layer, built): (&crate::design::Layer, &SignedLayer)) -> Self {
        Self::of(layer.name.clone(), built.gain, built.low_resistance())
    }

    fn of(name: String, gain: f64, low_resistance: f64) -> Self {
        Self {
            name,
            gain,
            active_rows: 0.0,
            mean: 0.0,
            product: 0.0,
            low_resistance,
            clipped: None,
            used_range: None,
            converted: None,
        }
    }

    /// What a run has found.
    fn measure(&mut self, outcome: &Outcome, index: usize) {
        let (clipped, all) = outcome.clipped[index];
        self.active_rows = outcome.mean_square[index];
        self.mean = outcome.mean[index];
        self.product = outcome.product[index];
        self.clipped = (all > 0).then(|| clipped as f64 / all as f64);
        self.used_range = (all > 0).then_some(outcome.used_range[index]);
        self.converted = (all > 0).then_some(outcome.converted[index]);
    }
}

impl Accuracy {
    /// The design with the statistics that the run has measured, without what is random, for a cost that belongs to this accuracy.
    #[must_use]
    pub fn measured(&self, design: &Design) -> Design {
        let of = |layer: &LayerFigures| Statistics {
            active_rows: layer.active_rows,
            mean: Some(layer.mean),
            product: Some(layer.product),
            low_resistance: layer.low_resistance,
        };
        design.with_statistics(&self.layers.iter().map(of).collect::<Vec<_>>(), self.with_load)
    }

    /// The fraction of the pictures whose class was found without what is random.
    #[must_use]
    pub fn nominal_accuracy(&self) -> f64 {
        self.nominal.correct as f64 / self.images as f64
    }

    /// Pictures by class (rows) and answer (columns), without what is random.
    #[must_use]
    pub fn confusion(&self) -> Vec<Vec<usize>> {
        let mut confusion = vec![vec![0; self.classes]; self.classes];
        for (&label, &class) in self.labels.iter().zip(&self.nominal.classes) {
            if let Some(count) = confusion.get_mut(label as usize).and_then(|row| row.get_mut(usize::from(class))) {
                *count += 1;
            }
        }
        confusion
    }
}

/// Runs a design. `stop` ends it early, with the draws that are done; where nothing is known yet, the answer is none.
/// `progress` is told how many draws are done.
///
/// # Errors
/// Something of the design or of its trained network cannot be computed, which has been reported.
pub fn run(
    flow: &Design,
    trained: &Trained,
    question: &Question,
    with_steps: bool,
    stop: &AtomicBool,
    progress: &(dyn Fn(usize) + Sync),
    diagnostics: &mut Diagnostics,
) -> Checked<Option<Accuracy>> {
    let inputs = inputs(flow, trained, diagnostics)?;
    let whole = !question.ideal_crossbar;
    let detail = Detail { neurons: !question.ideal_neuron, column_ends: whole, wires: whole, ..Detail::ALL };
    let run = Run { flow, trained, question, detail, with_steps, stop, progress, inputs: &inputs };
    match &trained.network {
        Some(weights) => run.of_network(weights, diagnostics),
        None => run.of_chain(diagnostics),
    }
}
