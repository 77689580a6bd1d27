//! The words of `imcost adc`.

use std::path::PathBuf;

use clap::Args;

use super::{Output, Settings};

/// `imcost adc`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  imcost adc --bits 8 --rate \"100 MS/s\" --node \"32 nm\"
  imcost adc --for builtin:arch/digits-64-32-10-held-mixed.yaml
  imcost adc --for design.yaml --snr 30

In a library: `kind: adc`, `bits`, `rate`, `node` and `model: adc-survey` in place of energy and area.")]
pub struct AdcArgs {
    /// Effective bits, 1 to 20.
    #[arg(long, value_name = "N", required_unless_present = "design")]
    pub bits: Option<String>,
    /// Conversions a second, such as "100 MS/s".
    #[arg(long, value_name = "RATE", required_unless_present = "design")]
    pub rate: Option<String>,
    /// Technology node, such as "32 nm".
    #[arg(long, value_name = "LENGTH", required_unless_present = "design")]
    pub node: Option<String>,
    /// A design: for each of its layers with a converter the fewest bits and the range that its columns ask for.
    #[arg(long = "for", value_name = "DESIGN", conflicts_with_all = ["bits", "rate", "node"])]
    pub design: Option<PathBuf>,
    /// With --for: the power of a column's values over that of the converter's error, in dB. 20 dB when absent: the error is
    /// a tenth of what the values spread.
    #[arg(long, value_name = "DB", requires = "design")]
    pub snr: Option<String>,
    /// With --for: trained weights, with which what arrives is measured; the design's file names them as `accuracy.weights`.
    #[arg(long, value_name = "FILE", requires = "design")]
    pub weights: Vec<PathBuf>,
    /// With --for: labelled pictures, on which what arrives is measured; the design's file names them as `accuracy.data`.
    #[arg(long, value_name = "PATH", requires = "design")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub settings: Settings,
    #[command(flatten)]
    pub output: Output,
}
