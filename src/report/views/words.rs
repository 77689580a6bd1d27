//! `imcost statistics`: what the words of a network look like, as lines of an architecture.

use std::fmt::Write as _;

use crate::report::{Document, Records, View};
use crate::results::words::{StatisticsResult, WordStatistics};
use crate::results::{Answer, CommandResult};
use crate::units::sig;

/// The words of a network.
#[derive(Debug)]
pub struct StatisticsView {
    /// What was counted.
    pub result: StatisticsResult,
}

fn percent(part: f64) -> String {
    format!("{}%", sig(100.0 * part, 4))
}

impl StatisticsView {
    fn title(&self) -> String {
        let r = &self.result;
        format!("{}: words of {} pictures of {}, weights {}", r.name, r.pictures, r.data, r.weights)
    }

    /// The statistics of each layer as YAML, with what they were counted over.
    #[must_use]
    pub fn yaml(&self) -> String {
        let r = &self.result;
        let mut out = format!("# {}\n", self.title());
        for layer in &r.layers {
            let (inputs, weights) = (&layer.inputs, &layer.weights);
            let _ =
                writeln!(out, "# layer `{}`: inputs of {} bits, weights of {}", layer.name, inputs.bits, weights.bits);
            let _ = writeln!(
                out,
                "statistics: {{ inputs: {{ mean: {}, density: {}, toggle: {}, zero: {} }}, weights: {{ mean: {}, density: {} }} }}",
                percent(inputs.mean),
                percent(inputs.density),
                percent(inputs.toggle),
                percent(inputs.zero),
                percent(weights.mean),
                percent(weights.density)
            );
        }
        out
    }
}

impl View for StatisticsView {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.title(self.title());
        for line in self.yaml().lines().skip(1) {
            document.line(line.trim_start_matches("# ").to_owned());
        }
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Statistics(Box::new(self.result.clone())))
    }

    fn records(&self) -> Records {
        let row = |layer: &str, operand: &str, words: &WordStatistics| {
            let figures = [words.mean, words.density, words.toggle, words.zero].map(|figure| figure.to_string());
            let mut row = vec![layer.to_owned(), operand.to_owned(), words.bits.to_string()];
            row.extend(figures);
            row
        };
        let rows =
            self.result.layers.iter().flat_map(|layer| {
                [row(&layer.name, "inputs", &layer.inputs), row(&layer.name, "weights", &layer.weights)]
            });
        Records::of(vec!["layer", "operand", "bits", "mean", "density", "toggle", "zero"], rows.collect())
    }
}
