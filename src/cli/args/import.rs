//! The words of `imcost import`.

use std::path::PathBuf;

use clap::Args;

/// `imcost import`
#[derive(Debug, Args)]
#[command(after_help = "\
Writes the `network:` section of an architecture: layers with their sizes, blocks that repeat once. Weights stay
in the ONNX file. Opsets 11 to 21 are read; comments on top say what was folded or left out.

Examples:
  imcost import resnet18.onnx > network.yaml
  imcost import resnet18.onnx --on builtin:arch/isaac.yaml -o resnet18.yaml
  imcost import bert.onnx --dim sequence=128 -o network.yaml")]
pub struct ImportArgs {
    /// The ONNX file.
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,
    /// Writes to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Writes a whole architecture: this network on this machine, an architecture with levels.
    #[arg(long, value_name = "ARCH")]
    pub on: Option<PathBuf>,
    /// Writes over a file that is there.
    #[arg(long, requires = "output")]
    pub force: bool,
    /// Writes every layer, instead of blocks that repeat.
    #[arg(long)]
    pub flat: bool,
    /// A size that the file leaves open, by its name; may be given several times.
    #[arg(long, value_name = "NAME=N", value_parser = dimension)]
    pub dim: Vec<(String, usize)>,
}

fn dimension(text: &str) -> Result<(String, usize), String> {
    let (name, size) = text.rsplit_once('=').ok_or("expected NAME=N, for example sequence=128")?;
    match size.trim().parse() {
        Ok(size) if size > 0 => Ok((name.trim().to_owned(), size)),
        _ => Err(format!("`{size}` is no size: expected a whole number from 1 on")),
    }
}
