//! How many pictures a design gets right.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, TotalsResult};
use crate::cost::Estimate;
use crate::infer::accuracy::draws::Draws;
use crate::infer::accuracy::{Accuracy, DetailStep, LayerFigures};

/// What `imcost accuracy` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AccuracyResult {
    /// Version of this format.
    pub format_version: u32,
    /// Name of the design.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Name of its technology library.
    pub technology: String,
    /// The `--set` that changed it.
    pub settings: Vec<String>,
    /// Where the weights come from.
    pub weights: String,
    /// Where the pictures come from.
    pub data: String,
    /// Pictures whose class was found.
    #[serde(flatten)]
    pub found: FoundClasses,
    /// Draw by draw; none where nothing is random.
    #[serde(flatten)]
    pub by_draw: Option<DrawByDraw>,
    /// From the trained network to the design.
    pub steps: Vec<AccuracyStep>,
    /// Each class, without what is random.
    pub by_class: Vec<ClassResult>,
    /// Pictures by class (rows) and answer (columns), without what is random.
    pub confusion: Vec<Vec<usize>>,
    /// Pictures with two equal outputs, of which the first is taken.
    pub ties: usize,
    /// Figures of the layers.
    pub layers: Vec<AccuracyLayer>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// The statistics of pictures and weights that the totals are for.
    pub statistics: CostStatistics,
    /// What one inference costs.
    pub totals: TotalsResult,
}

/// Pictures whose class was found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FoundClasses {
    /// Pictures.
    pub images: usize,
    /// Pictures whose class was found, without what is random.
    pub correct: usize,
    /// Their part, 0 to 1.
    pub accuracy: f64,
    /// The part over all draws; the same where nothing is random.
    pub accuracy_mean: f64,
    /// Its standard deviation from draw to draw.
    pub accuracy_std: f64,
    /// Standard error of the mean; none of a single draw, which tells nothing about it.
    pub accuracy_standard_error: Option<f64>,
    /// Draws that are done; 1 where nothing is random.
    pub draws: usize,
}

/// What is random, draw by draw.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DrawByDraw {
    /// Draws that were asked for.
    pub draws_asked_for: usize,
    /// Where the random numbers begin.
    pub seed: u64,
    /// How the accuracy spreads.
    pub accuracy_percentiles: AccuracyPercentiles,
    /// Pictures whose class was found in each draw.
    pub correct_by_draw: Vec<usize>,
}

/// The accuracy below which so many percent of the draws lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct AccuracyPercentiles {
    /// 5 %.
    #[serde(rename = "5")]
    pub p5: f64,
    /// 25 %.
    #[serde(rename = "25")]
    pub p25: f64,
    /// 50 %.
    #[serde(rename = "50")]
    pub p50: f64,
    /// 75 %.
    #[serde(rename = "75")]
    pub p75: f64,
    /// 95 %.
    #[serde(rename = "95")]
    pub p95: f64,
}

/// A step from the trained network to the design.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccuracyStep {
    /// What has been added.
    pub with: String,
    /// Pictures whose class was found.
    pub correct: usize,
}

/// A class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClassResult {
    /// Its number.
    pub class: usize,
    /// Its pictures.
    pub images: usize,
    /// Those that were found to be of it.
    pub correct: usize,
}

/// Figures of a layer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AccuracyLayer {
    /// Its name.
    pub name: String,
    /// What the neuron multiplies the weighted sum by.
    pub gain: f64,
    /// Mean of the squared row voltages, relative to the read voltage, 0 to 1.
    pub active_rows: f64,
    /// Mean of the row voltages, relative to the read voltage, -1 to 1.
    pub mean_level: f64,
    /// The part of the devices, 0 to 1, that is written to the low-resistance state.
    pub low_resistance: f64,
    /// The largest value that an ADC converted, as a part of its full scale; none without an ADC.
    pub adc_range_used: Option<f64>,
    /// The part of the values, 0 to 1, that an ADC clipped; none without an ADC.
    pub adc_clipped: Option<f64>,
}

/// Where the statistics of pictures and weights come from that a cost is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CostStatistics {
    /// The run has measured them.
    Measured,
}

impl AccuracyResult {
    /// The accuracy of a design beside its cost; `settings` changed it.
    #[must_use]
    pub fn of(estimate: &Estimate<'_>, accuracy: &Accuracy, settings: &[String]) -> Self {
        let design = estimate.design;
        let confusion = accuracy.confusion();
        Self {
            format_version: FORMAT_VERSION,
            name: design.name.clone(),
            label: design.label.clone(),
            technology: design.library.name.clone(),
            settings: settings.to_vec(),
            weights: accuracy.weights.clone(),
            data: accuracy.data.clone(),
            found: FoundClasses::of(accuracy),
            by_draw: accuracy.draws.as_ref().map(DrawByDraw::of),
            steps: accuracy.steps.iter().map(AccuracyStep::of).collect(),
            by_class: confusion.iter().enumerate().map(|(class, answers)| ClassResult::of(class, answers)).collect(),
            confusion,
            ties: accuracy.nominal.ties,
            layers: accuracy.layers.iter().map(AccuracyLayer::of).collect(),
            notes: accuracy.notes.clone(),
            statistics: CostStatistics::Measured,
            totals: TotalsResult::of(estimate),
        }
    }
}

impl FoundClasses {
    /// What all draws say together.
    #[must_use]
    pub fn of(accuracy: &Accuracy) -> Self {
        let nominal = accuracy.nominal_accuracy();
        let draws = accuracy.draws.as_ref();
        Self {
            images: accuracy.images,
            correct: accuracy.nominal.correct,
            accuracy: nominal,
            accuracy_mean: draws.map_or(nominal, Draws::mean),
            accuracy_std: draws.map_or(0.0, Draws::deviation),
            accuracy_standard_error: draws.map_or(Some(0.0), Draws::standard_error),
            draws: draws.map_or(1, |draws| draws.correct.len()),
        }
    }
}

impl DrawByDraw {
    fn of(draws: &Draws) -> Self {
        Self {
            draws_asked_for: draws.asked,
            seed: draws.seed,
            accuracy_percentiles: AccuracyPercentiles {
                p5: draws.percentile(0.05),
                p25: draws.percentile(0.25),
                p50: draws.percentile(0.5),
                p75: draws.percentile(0.75),
                p95: draws.percentile(0.95),
            },
            correct_by_draw: draws.correct.clone(),
        }
    }
}

impl AccuracyStep {
    fn of(step: &DetailStep) -> Self {
        Self { with: step.what.to_owned(), correct: step.correct }
    }
}

impl ClassResult {
    fn of(class: usize, answers: &[usize]) -> Self {
        Self { class, images: answers.iter().sum(), correct: answers[class] }
    }
}

impl AccuracyLayer {
    fn of(layer: &LayerFigures) -> Self {
        Self {
            name: layer.name.clone(),
            gain: layer.gain,
            active_rows: layer.active_rows,
            mean_level: layer.mean,
            low_resistance: layer.low_resistance,
            adc_range_used: layer.used_range,
            adc_clipped: layer.clipped,
        }
    }
}
