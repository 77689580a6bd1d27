//! Arguments of `imcost explain` and `imcost cite`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Settings;
use crate::cli::Stop;

/// `imcost explain`
#[derive(Debug, Args)]
#[command(after_help = "\
A result is energy, power, latency, interval or area; energy and area also of a part: energy.layer.hidden, area.component.adc-8b. With
two designs it is a ratio: ratio.energy.

  imcost explain design.yaml energy
  imcost explain design.yaml area.layer.hidden --depth 5
  imcost explain mixed.yaml analog.yaml ratio.energy
  imcost explain design.yaml energy --format dot | dot -Tsvg > energy.svg")]
pub struct ExplainArgs {
    /// One design, or two for a ratio, and the result.
    #[arg(required = true, num_args = 2..=3, value_names = ["DESIGN", "RESULT"])]
    pub words: Vec<String>,
    #[command(flatten)]
    pub settings: Settings,
    /// How many levels of the tree are shown.
    #[arg(long, default_value_t = 3)]
    pub depth: usize,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: ExplainFormat,
}

impl ExplainArgs {
    /// The designs, and the result that is asked of each.
    pub(crate) fn designs_and_result(&self) -> Result<(Vec<PathBuf>, &str), Stop> {
        let Some((result, designs)) = self.words.split_last() else {
            return Err(Stop::Usage("a design and a result are needed".into()));
        };
        let designs: Vec<PathBuf> = designs.iter().map(PathBuf::from).collect();
        match (result.strip_prefix("ratio."), designs.len()) {
            (Some(result), 2) => Ok((designs, result)),
            (None, 1) => Ok((designs, result)),
            (Some(_), _) => Err(Stop::Usage(format!("`{result}` is a ratio of two designs: name both before it"))),
            (None, _) => Err(Stop::Usage(format!("with two designs the result is a ratio: `ratio.{result}`"))),
        }
    }
}

/// Formats of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ExplainFormat {
    /// A tree.
    #[default]
    Table,
    /// JSON, SI base units: the graph and all terms.
    Json,
    /// Comma-separated values: a term a line.
    Csv,
    /// Markdown.
    Markdown,
    /// Graphviz.
    Dot,
}

/// `imcost cite`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  imcost cite mixed.yaml analog.yaml > sources.bib")]
pub struct CiteArgs {
    /// The architecture files.
    #[arg(required = true, value_name = "DESIGN")]
    pub designs: Vec<PathBuf>,
    #[command(flatten)]
    pub settings: Settings,
}
