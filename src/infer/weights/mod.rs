//! Weights of trained networks: safetensors, or the CSV files of IMAC-Sim.

pub mod csv;
mod safetensors;

use std::path::PathBuf;

use crate::design::Design;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap};
use crate::files::shipped;
use csv::WeightFiles;

/// The shipped network for the shipped digits.
pub const DIGITS: &str = "builtin:digits-64-32-10";

/// Weights and biases of one fully connected layer.
#[derive(Debug, Clone, PartialEq)]
pub struct DenseWeights {
    /// Inputs x outputs, row by row.
    pub weights: Vec<f64>,
    /// One for each output.
    pub biases: Option<Vec<f64>>,
    /// What a neuron multiplies its weighted sum by, if the file says so.
    pub gain: Option<f64>,
}

/// What a layer of an architecture needs.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerShape {
    /// Its name.
    pub name: String,
    /// Inputs, without the bias.
    pub inputs: usize,
    /// Outputs.
    pub outputs: usize,
    /// True if it has a bias row.
    pub bias: bool,
}

impl LayerShape {
    /// What the layers of a design need.
    #[must_use]
    pub fn of(flow: &Design) -> Vec<Self> {
        let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let shape = |layer: &crate::design::Layer| Self {
            name: layer.name.clone(),
            inputs: size(layer.grid.inputs),
            outputs: size(layer.grid.outputs),
            bias: layer.grid.rows > layer.grid.inputs,
        };
        flow.layers.iter().map(shape).collect()
    }
}

/// Reads the weights of a network of these layers. Every way in which they do not fit is a diagnostic.
///
/// # Errors
/// They cannot be read or do not fit.
pub fn read(
    paths: &[PathBuf],
    shapes: &[LayerShape],
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Vec<DenseWeights>> {
    if let [path] = paths {
        let name = path.display().to_string();
        if name == DIGITS {
            let bytes = shipped::bytes("data/digits/digits-64-32-10.safetensors").unwrap_or_default();
            return safetensors::parse(&name, bytes, shapes, diagnostics);
        }
        if path.extension().is_some_and(|e| e == "safetensors") {
            return safetensors::read(path, shapes, diagnostics);
        }
    }
    let files = match WeightFiles::find(paths) {
        Ok(files) => files,
        Err(message) => {
            let help = format!("or a file that ends in `.safetensors`, with tensors W1, b1, W2, b2 …, or {DIGITS}");
            return Err(diagnostics.push(Diagnostic::error(message).help(help)));
        }
    };
    let layers = files.read(shapes, sources, diagnostics)?;
    let dense = layers.into_iter().map(|layer| DenseWeights {
        weights: layer.weights.values,
        biases: layer.biases.map(|b| b.values),
        gain: None,
    });
    Ok(dense.collect())
}
