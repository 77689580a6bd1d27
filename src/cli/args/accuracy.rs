//! The words of `imcost accuracy` and `imcost study`.

use std::path::PathBuf;

use clap::Args;

use super::{Output, Settings};
use crate::infer::accuracy::Question;
use crate::infer::dataset::Part;

/// `imcost accuracy`
#[derive(Debug, Args)]
#[command(after_help = "\
Weights: a safetensors file with tensors W1 (inputs x outputs), b1, W2, b2 … and, where neurons
have a gain, k; or files whose names end in `W1.csv`, `B1.csv`, … as IMAC-Sim writes them.
Of any network: a safetensors file or an .npz archive with tensors as PyTorch names them,
c1.weight, c1.bias …, or an .onnx file; `accuracy.names` in the architecture says what the tensors
of a layer are called.
Data: a folder with the IDX files of MNIST (plain or .gz), one such file of pictures, an .npz
archive, or a CSV file (a picture a line; the labels in the column `label`, or else the first).
Without them: those that the architecture names under `accuracy`, else the shipped 8x8 digits and
the network trained for them.

Imperfections are set in the architecture or with --set; --draws tells how accuracy spreads:
  imperfections.resistance_gaussian=10%   also _lognormal, _uniform; resistance_floor
  imperfections.stuck=1%                  also stuck_low, stuck_high
  imperfections.tmr=50%                   also tmr_drift, ra_drift; gain=calibrated|fixed|as-built
  imperfections.neuron_offset=\"5 mV\"      also neuron_slope, read_noise

Examples:
  imcost accuracy builtin:arch/digits-64-32-10-analog.yaml
  imcost accuracy design.yaml --weights net.safetensors --data mnist/
  imcost accuracy design.yaml --weights net.safetensors --data mnist/ \\
    --set imperfections.resistance_gaussian=10% --draws 100")]
pub struct AccuracyArgs {
    /// The architecture file.
    pub architecture: PathBuf,
    #[command(flatten)]
    pub trained: TrainedArgs,
    /// Draws of what is random.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub draws: u32,
    /// Seed of the draws. The same seed gives the same draws on any number of threads.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub settings: Settings,
    #[command(flatten)]
    pub output: Output,
}

/// A trained network and the pictures that it is tried on.
#[derive(Debug, Args)]
pub struct PicturesArgs {
    /// Weights of the trained network.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub weights: Vec<PathBuf>,
    /// Labelled pictures.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Which part of a data set that has two.
    #[arg(long, value_enum, default_value_t)]
    pub part: Part,
    /// The first N pictures only.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub images: Option<u32>,
}

impl PicturesArgs {
    /// What they ask about, with nothing that is random.
    pub fn question(&self) -> Question {
        Question {
            weights: self.weights.clone(),
            data: self.data.clone(),
            part: self.part,
            images: self.images.map(|n| n as usize),
            ..Question::default()
        }
    }
}

/// How a trained network is tried.
#[derive(Debug, Args)]
pub struct TrainedArgs {
    #[command(flatten)]
    pub pictures: PicturesArgs,
    /// Neurons are logistic functions, whatever their circuit.
    #[arg(long)]
    pub ideal_neuron: bool,
    /// Columns carry the whole currents, whatever wires and column circuits take.
    #[arg(long)]
    pub ideal_crossbar: bool,
    /// Threads, 256 at most. All cores when absent.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// `imcost study`
#[derive(Debug, Args)]
#[command(after_help = "\
A study names an architecture and what is varied, with paths as --set takes them:

  name: what does spread cost
  architecture: ../arch/digits-64-32-10-analog.yaml
  vary:
    imperfections.resistance-gaussian: [0%, 10%, 20%]
    sot-mram-50x30.parameters.tmr: 100%..300%:3

Points on the Pareto front (no other is as accurate for less) are marked with *.")]
pub struct StudyArgs {
    /// The study file.
    pub study: PathBuf,
    #[command(flatten)]
    pub trained: TrainedArgs,
    /// Draws of what is random, for each point, instead of the file's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub draws: Option<u32>,
    /// Seed of the draws, instead of the file's.
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub settings: Settings,
    #[command(flatten)]
    pub output: Output,
}
