//! The words of the commands that solve circuits.

use std::path::PathBuf;

use clap::Args;

use super::accuracy::PicturesArgs;
use super::{DrawnFormat, Output, Settings};
use crate::files::crossbar::OHMS;
use crate::model::crossbar::partition::Partitions;
use crate::units::{ParseError, Resistance};

/// `imcost crossbar`
#[derive(Debug, Args)]
#[command(after_help = "\
Row i: voltage, source resistance, a row segment to its first cell, a segment from cell to cell.
Column j: a column segment from cell to cell, one more below the last row, the termination, 0 V.

Examples:
  imcost crossbar --bits bits.csv --r-low 8.488kohm --r-high 25.46kohm --voltages rows.csv \\
    --row-segment 1ohm --column-segment 1ohm
  imcost crossbar --resistances cells.csv --voltages rows.csv \\
    --row-segment 9.24ohm --column-segment 11.55ohm --partition 4x2")]
pub struct CrossbarArgs {
    /// States of the cells, 1 for the low resistance and 0 for the high one: a line for each row, a value for each column.
    #[arg(long, value_name = "FILE", requires_all = ["r_low", "r_high"], required_unless_present = "resistances")]
    pub bits: Option<PathBuf>,
    /// Resistances of the cells in ohm, each its own, instead of --bits.
    #[arg(long, value_name = "FILE")]
    pub resistances: Option<PathBuf>,
    /// Row voltages in volts: a line for each row. Of several columns the one named `v_applied_V` is taken.
    #[arg(long, value_name = "FILE")]
    pub voltages: PathBuf,
    /// Resistance of a cell whose bit is 1.
    #[arg(long, value_name = "RESISTANCE", value_parser = resistance)]
    pub r_low: Option<Resistance>,
    /// Resistance of a cell whose bit is 0.
    #[arg(long, value_name = "RESISTANCE", value_parser = resistance)]
    pub r_high: Option<Resistance>,
    /// Wire between neighbouring cells of a row, and before the first.
    #[arg(long, value_name = "RESISTANCE", value_parser = resistance)]
    pub row_segment: Resistance,
    /// Wire between neighbouring cells of a column, and after the last.
    #[arg(long, value_name = "RESISTANCE", value_parser = resistance)]
    pub column_segment: Resistance,
    /// In series with every row's source.
    #[arg(long, value_name = "RESISTANCE", value_parser = resistance, default_value = "0 ohm")]
    pub source: Resistance,
    /// Between every column and 0 V.
    #[arg(long, value_name = "RESISTANCE", value_parser = resistance, default_value = "0 ohm")]
    pub termination: Resistance,
    /// Cuts the crossbar into sub-arrays, ROWSxCOLUMNS of them.
    #[arg(long, value_name = "RxC", value_parser = partitions)]
    pub partition: Option<Partitions>,
    /// Stops early: a third of the time, currents within 0.3 %.
    #[arg(long)]
    pub approximate: bool,
    #[command(flatten)]
    pub output: Output,
}

fn resistance(text: &str) -> Result<Resistance, String> {
    let value: Resistance = text.parse().map_err(|error: ParseError| error.message)?;
    if value == Resistance::ZERO || OHMS.contains(&value.si()) {
        return Ok(value);
    }
    Err(if value.si() < 0.0 { "a resistance is not negative" } else { "expected 0 ohm, or 1 nohm to 1 Tohm" }.into())
}

fn partitions(text: &str) -> Result<Partitions, String> {
    let numbers = text.split_once(['x', 'X']).and_then(|(rows, columns)| {
        let count = |text: &str| text.trim().parse::<usize>().ok().filter(|&n| n > 0);
        Some(Partitions { rows: count(rows)?, columns: count(columns)? })
    });
    numbers.ok_or_else(|| "expected ROWSxCOLUMNS, for example 4x2".into())
}

/// Points of a curve: far more than a plot or a fit can use.
pub const MOST_POINTS: i64 = 10_000;

/// `imcost neuron`
#[derive(Debug, Args)]
#[command(after_help = "\
Parameters of --set and --vary:
  ra, mtj_length, mtj_width     geometry of the junctions, or r_low instead
  tmr                           tunnel magnetoresistance, or r_high instead
  tmr_v0                        bias at which half of it is left; `none`: no dependence on bias
  nfin, node                    transistors: fins of each; 7 nm, 14 nm or 20 nm
  vdd, v_offset                 supply; level shift at the input, half of vdd when not set
  r_load, c_load                from the output to ground

Examples:
  imcost neuron
  imcost neuron --set tmr=300% --set r_load=600ohm --fit
  imcost neuron library.yaml my-neuron --vary nfin=2..20:4
  imcost neuron --format svg > curve.svg")]
pub struct NeuronArgs {
    /// A technology library. The shipped SOT-MRAM library when absent.
    pub library: Option<PathBuf>,
    /// A component of kind neuron with a circuit (`model: { mtj-inverter: … }`).
    pub component: Option<String>,
    /// Changes a parameter; may be given several times.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Inputs, such as -0.8V..0.8V.
    #[arg(long, value_name = "FROM..TO", allow_hyphen_values = true)]
    pub range: Option<String>,
    /// Points of the curve that is printed, ends included. Figures come from a curve of their own.
    #[arg(long, value_name = "N", default_value_t = 161, value_parser = clap::value_parser!(u32).range(2..=MOST_POINTS))]
    pub points: u32,
    /// Shows the figures for several values of a parameter: NAME=A..B (5 values), NAME=A..B:COUNT or NAME=A,B,C.
    #[arg(long, value_name = "NAME=VALUES")]
    pub vary: Option<String>,
    /// Shows the logistic curve that fits best.
    #[arg(long)]
    pub fit: bool,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: DrawnFormat,
}

/// `imcost simulate`
#[derive(Debug, Args)]
#[command(after_help = "\
Weights and pictures are those of `imcost accuracy`. Files `W1.csv`, `B1.csv`, … hold what the cells
do: a line for each row, a value for each output; biases one line.
Row voltages in place of pictures are in volts, a line for each picture, a value for each row; a column
named `image` is skipped.

Examples:
  imcost simulate design.yaml --weights net.safetensors --data mnist/ --images 10
  imcost simulate design.yaml --weights net/ --inputs volts.csv
  imcost simulate design.yaml --weights W1.csv B1.csv W2.csv B2.csv --inputs volts.csv")]
pub struct SimulateArgs {
    /// The architecture file.
    pub architecture: PathBuf,
    #[command(flatten)]
    pub pictures: PicturesArgs,
    /// Row voltages of the first layer.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "images", "part"])]
    pub inputs: Option<PathBuf>,
    #[command(flatten)]
    pub settings: Settings,
    #[command(flatten)]
    pub output: Output,
}

/// `imcost statistics`
#[derive(Debug, Args)]
#[command(after_help = "\
Prints lines of YAML for the layers of an architecture. Means are relative to the largest word; density is the part of the bits
that are 1, toggle the part that differs from the word before on the same row.

Examples:
  imcost statistics arch/digits-64-32-10-held-mixed.yaml
  imcost statistics arch/mlp-784-16-10-held-mixed.yaml --data mnist --images 1000 --format json")]
pub struct StatisticsArgs {
    /// Architecture file; `builtin:arch/NAME.yaml` is a shipped one.
    #[arg(value_name = "ARCH")]
    pub architecture: PathBuf,
    #[command(flatten)]
    pub pictures: PicturesArgs,
    #[command(flatten)]
    pub settings: Settings,
    #[command(flatten)]
    pub output: Output,
}
