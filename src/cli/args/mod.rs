//! The words of the command line.

mod accuracy;
mod adc;
mod circuits;
mod explain;
mod import;

use std::path::PathBuf;

pub use accuracy::{AccuracyArgs, StudyArgs, TrainedArgs};
pub use adc::AdcArgs;
pub use circuits::{CrossbarArgs, NeuronArgs, SimulateArgs, StatisticsArgs};
use clap::{Args, Parser, Subcommand, ValueEnum};
pub use explain::{CiteArgs, ExplainArgs, ExplainFormat};
pub use import::ImportArgs;

use crate::report::Format;
use crate::spec::case::ScalingRule;
use crate::techlib::Kind;
use crate::units::Length;

/// Estimates power, latency, energy and area of in-memory-computing hardware from YAML files.
#[derive(Debug, Parser)]
#[command(
    name = "imcost",
    version,
    max_term_width = 100,
    after_help = "\
Start here:
  imcost new my-design         writes a pair of architectures and a technology library
  imcost compare my-design/arch/mlp-784-16-10-held-mixed.yaml my-design/arch/mlp-784-16-10-held-analog.yaml

Exit codes: 0 fine, 1 the input is wrong, 2 the command line is wrong, 130 stopped with Ctrl-C."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Leaves out the findings: what is true of the files, no mistake, and worth knowing.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Puts two designs side by side: power, latency, energy, area, and where the difference comes from.
    Compare(CompareArgs),
    /// Shows what one design costs, by layer, by component and by kind, and its critical path.
    Report(ReportArgs),
    /// Finds every mistake in architecture, library, case and study files.
    Check(CheckArgs),
    /// Takes a result apart: what it follows from, down to the numbers that somebody stated.
    Explain(ExplainArgs),
    /// Prints BibTeX of exactly the sources that the totals of designs rest on, with the share of each.
    Cite(CiteArgs),
    /// Draws the dataflow of a design.
    Graph(GraphArgs),
    /// Lists the components of a technology library with their costs and sources.
    Library(LibraryArgs),
    /// Computes published results and prints them beside the published ones.
    Validate(ValidateArgs),
    /// Solves a crossbar with the resistance of its wires: what its columns really carry.
    Crossbar(CrossbarArgs),
    /// Solves a neuron's circuit: transfer curve, power, delay, and how they follow its devices.
    Neuron(NeuronArgs),
    /// Says what a converter of so many bits, rate and node costs, or which one the columns of a design ask for.
    Adc(AdcArgs),
    /// Solves the whole circuit of a fully-analog design for given inputs: voltages of all neurons, power of the sources.
    Simulate(SimulateArgs),
    /// Counts what the words of a trained network look like over pictures: statistics for an architecture, layer by layer.
    Statistics(StatisticsArgs),
    /// Classifies pictures with the devices and circuits of a design: its accuracy, beside what it costs.
    Accuracy(AccuracyArgs),
    /// Accuracy and costs of a design for several values of its parameters, and which of them no other beats.
    Study(StudyArgs),
    /// Prints the JSON Schema of a file kind, for completion and checks in an editor, or of what `--format json` prints.
    Schema(SchemaArgs),
    /// Writes the network of an ONNX file as layers of an architecture.
    Import(ImportArgs),
    /// Writes working architectures, a technology library and studies to start from.
    New(NewArgs),
    /// Prints the completion script of a shell.
    Completions(CompletionsArgs),
}

/// Changes of the files, for a quick what-if.
#[derive(Debug, Args)]
pub struct Settings {
    /// Changes a value before the file is checked; may be given several times. PATH is a field of the architecture
    /// (tile.rows=64, stages.column.adc-8b.share=8) or an entry of the library (adc-8b.power="2 mW").
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

/// How to print a result.
#[derive(Debug, Args)]
pub struct Output {
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `imcost compare`
#[derive(Debug, Args)]
#[command(after_help = "\
A ratio is baseline / candidate: above 1 the candidate is better. The last column says it in words.

  imcost compare mixed.yaml analog.yaml
  imcost compare mixed.yaml analog.yaml --set tile.rows=64
  imcost compare mixed.yaml analog.yaml --set-baseline stages.column.adc-8b.share=8
  imcost compare mixed.yaml --set-candidate tile.rows=128
  imcost compare mixed.yaml analog.yaml --explain --target latency=12
  imcost compare mixed.yaml shared-4b.yaml analog.yaml --format json")]
pub struct CompareArgs {
    /// The architecture that is improved on, and those that are held against it; with --set-candidate one is enough.
    #[arg(required = true, value_name = "DESIGN")]
    pub designs: Vec<PathBuf>,
    #[command(flatten)]
    pub settings: Settings,
    /// Changes a value of the baseline only.
    #[arg(long = "set-baseline", value_name = "PATH=VALUE")]
    pub set_baseline: Vec<String>,
    /// Changes a value of the candidates only.
    #[arg(long = "set-candidate", value_name = "PATH=VALUE")]
    pub set_candidate: Vec<String>,
    /// Trained weights, from which the accuracy of the designs follows; their files name them as `accuracy.weights`.
    #[arg(long, value_name = "FILE")]
    pub weights: Vec<PathBuf>,
    /// Labelled pictures, from which the accuracy of the designs follows; their files name them as `accuracy.data`.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub output: Output,
    /// Lists the numbers that each ratio follows most.
    #[arg(long)]
    pub explain: bool,
    /// Says at which value of these numbers a ratio (`power`, `latency`, `energy` or `area`) is so much.
    #[arg(long, value_name = "METRIC=RATIO")]
    pub target: Vec<String>,
    /// Lists where each number comes from.
    #[arg(long)]
    pub sources: bool,
}

/// `imcost report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The architecture file.
    pub architecture: PathBuf,
    #[command(flatten)]
    pub settings: Settings,
    #[command(flatten)]
    pub output: Output,
    /// Shows every layer, every component and the whole critical path.
    #[arg(long)]
    pub full: bool,
    /// Lists where each number comes from.
    #[arg(long)]
    pub sources: bool,
}

/// `imcost check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Architecture, library, case or study files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub settings: Settings,
    #[command(flatten)]
    pub output: Output,
}

/// `imcost graph`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  imcost graph design.yaml --format dot | dot -Tsvg > design.svg")]
pub struct GraphArgs {
    /// The architecture file.
    pub architecture: PathBuf,
    #[command(flatten)]
    pub settings: Settings,
    /// The language of the picture.
    #[arg(long, value_enum, default_value_t)]
    pub format: PictureFormat,
    /// Draws every crossbar tile instead of one box for all tiles of a layer.
    #[arg(long)]
    pub expand: bool,
}

/// Languages of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PictureFormat {
    /// Graphviz.
    #[default]
    Dot,
    /// Mermaid.
    Mermaid,
}

/// `imcost library`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  imcost library techlib.yaml                  all components
  imcost library techlib.yaml adc-8b           one component with the source of each number
  imcost library techlib.yaml --compare adc    all ADCs, relative to the one of least power
  imcost library techlib.yaml --compare neuron,activation --to sot-mram-neuron
  imcost library techlib.yaml --compare neuron,activation --to sot-mram-neuron --scale-to 14nm")]
pub struct LibraryArgs {
    /// The technology-library file.
    pub library: PathBuf,
    /// A component of it, or a device.
    #[arg(conflicts_with = "compare")]
    pub component: Option<String>,
    /// Ranks all components of these kinds (separated by commas).
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = parse_kind)]
    pub compare: Vec<Kind>,
    /// The component that the ratios are relative to. The one of least power when absent.
    #[arg(long, value_name = "COMPONENT", requires = "compare")]
    pub to: Option<String>,
    /// Takes power and area to this node first, 180nm to 7nm, by published equations. Meant for digital circuits; for others no more than a convention.
    #[arg(long, value_name = "NODE", requires = "compare")]
    pub scale_to: Option<Length>,
    /// How: `stillmaker` (Stillmaker and Baas 2017: area, and power at the circuit's own speed and supply), or `node-squared` (area alone).
    #[arg(long, value_name = "RULE", requires = "scale_to", value_parser = parse_scaling, default_value = "stillmaker")]
    pub scaling: ScalingRule,
    #[command(flatten)]
    pub settings: Settings,
    #[command(flatten)]
    pub output: Output,
}

fn parse_kind(word: &str) -> Result<Kind, String> {
    let names: Vec<&str> = Kind::ALL.iter().map(|k| k.name()).collect();
    Kind::ALL.into_iter().find(|k| k.name() == word).ok_or_else(|| {
        crate::diagnostic::suggest::did_you_mean(word, names).unwrap_or_else(|| "unknown kind".to_owned())
    })
}

fn parse_scaling(word: &str) -> Result<ScalingRule, String> {
    match word {
        "stillmaker" => Ok(ScalingRule::Stillmaker),
        "node-squared" => Ok(ScalingRule::NodeSquared),
        _ => Err(crate::diagnostic::suggest::did_you_mean(word, ["stillmaker", "node-squared"])
            .unwrap_or_else(|| "expected `stillmaker` or `node-squared`".to_owned())),
    }
}

/// `imcost validate`
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Case files. All of the folder `cases` (or the shipped ones where there is none) when absent.
    #[arg(value_name = "CASE")]
    pub cases: Vec<PathBuf>,
    /// Every variant of a circuit, instead of the spread of all and those that differ most.
    #[arg(long)]
    pub full: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: DrawnFormat,
}

/// How a result is printed that can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DrawnFormat {
    /// Aligned columns for a terminal.
    #[default]
    Table,
    /// JSON, SI base units.
    Json,
    /// Comma-separated values, SI base units.
    Csv,
    /// Markdown.
    Markdown,
    /// A picture.
    Svg,
}

impl DrawnFormat {
    /// The format of a text; none for a picture.
    pub fn of_text(self) -> Option<Format> {
        match self {
            Self::Table => Some(Format::Table),
            Self::Json => Some(Format::Json),
            Self::Csv => Some(Format::Csv),
            Self::Markdown => Some(Format::Markdown),
            Self::Svg => None,
        }
    }
}

/// `imcost schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// What the schema is of.
    #[arg(value_enum)]
    pub kind: SchemaKind,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// An architecture.
    Architecture,
    /// A technology library.
    Library,
    /// A case of published results.
    Case,
    /// A study of accuracy and costs.
    Study,
    /// What `--format json` prints, for every command.
    Results,
}

/// `imcost new`
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The folder to write into; it is made if it is not there. Files that are there are kept.
    pub dir: PathBuf,
}

/// `imcost completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
