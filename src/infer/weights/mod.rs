//! Weights of trained networks: safetensors, or the CSV files of IMAC-Sim.

pub mod csv;
pub mod named;
mod safetensors;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use safetensors::{LONGEST_HEADER, MOST_WEIGHTS};

use crate::design::Design;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap, Span};
use crate::files::matrix::MatrixFile;
use csv::{LayerWeights, WeightFiles};

/// The shipped network for the shipped digits.
pub const DIGITS: &str = "builtin:digits-64-32-10";
const DIGITS_FILE: &str = "builtin:data/digits/digits-64-32-10.safetensors";

/// Weights and biases of one fully connected layer.
#[derive(Debug, Clone, PartialEq)]
pub struct DenseWeights {
    /// Inputs x outputs, row by row.
    pub weights: Vec<f64>,
    /// One for each output.
    pub biases: Option<Vec<f64>>,
    /// What a neuron multiplies its weighted sum by, if the file says so.
    pub gain: Option<f64>,
    /// The text files that they were read from, so that a weight can be shown in its place.
    pub files: Option<Arc<LayerWeights>>,
}

impl DenseWeights {
    /// The place of a number, counted through the weights and the biases after them.
    #[must_use]
    pub fn place(&self, index: usize) -> Option<Span> {
        let files = self.files.as_ref()?;
        let of = |matrix: &MatrixFile, index: usize| matrix.span(index / matrix.columns, index % matrix.columns);
        match index.checked_sub(self.weights.len()) {
            None => Some(of(&files.weights, index)),
            Some(index) => files.biases.as_ref().map(|biases| of(biases, index)),
        }
    }
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

/// Sizes of layers that follow one another, as `784-16-10`; none if they do not.
fn network_of(sizes: &[(usize, usize)]) -> Option<String> {
    let (first, _) = sizes.first()?;
    let follows = sizes.windows(2).all(|pair| pair[0].1 == pair[1].0);
    let outputs = sizes.iter().map(|(_, outputs)| outputs.to_string());
    follows.then(|| std::iter::once(first.to_string()).chain(outputs).collect::<Vec<_>>().join("-"))
}

/// One error where matrices of these sizes, inputs and outputs, are a whole network, but another one: that no matrix fits is its consequence.
fn other_network(name: &str, found: &[(usize, usize)], shapes: &[LayerShape]) -> Option<Diagnostic> {
    let wanted: Vec<(usize, usize)> = shapes.iter().map(|shape| (shape.inputs, shape.outputs)).collect();
    let (theirs, ours) = network_of(found).zip(network_of(&wanted))?;
    // Of the same network with layers missing or beyond, those are named.
    if found.iter().zip(&wanted).all(|(found, wanted)| found == wanted) {
        return None;
    }
    let help = "name the weights that were trained for this architecture, or change its `network`";
    Some(
        Diagnostic::error(format!("`{name}` has the weights of a {theirs} network, but this one is {ours}")).help(help),
    )
}

/// Reads the weights of a network of these layers, whose neurons rise with the weighted sum. Those of IMAC-Sim fall with it, and its files hold
/// what its cells do: the weights that are read are those of the files with their signs turned. Every way in which they do not fit is a
/// diagnostic.
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
        let path = if name == DIGITS { Path::new(DIGITS_FILE) } else { path };
        if path.extension().is_some_and(|e| e == "safetensors") {
            return safetensors::read(&**sources.files(), &name, path, shapes, diagnostics);
        }
    }
    let files = match WeightFiles::find(paths, &**sources.files()) {
        Ok(files) => files,
        Err(message) => {
            let help = format!("or a file that ends in `.safetensors`, with tensors W1, b1, W2, b2 …, or {DIGITS}");
            return Err(diagnostics.push(Diagnostic::error(message).help(help)));
        }
    };
    let layers = files.read(shapes, sources, diagnostics)?;
    let turned = |matrix: &MatrixFile| matrix.values.iter().map(|value| -value).collect();
    let dense = layers.into_iter().map(|layer| DenseWeights {
        weights: turned(&layer.weights),
        biases: layer.biases.as_ref().map(turned),
        gain: None,
        files: Some(Arc::new(layer)),
    });
    Ok(dense.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_told_by_sizes_that_follow_one_another() {
        let shape = |inputs, outputs| LayerShape { name: "l".into(), inputs, outputs, bias: true };
        let ours = [shape(64, 32), shape(32, 10)];
        let said = |found: &[(usize, usize)]| other_network("w", found, &ours).map(|error| error.message);
        let other = said(&[(400, 120), (120, 84), (84, 10)]).expect("another network");
        assert_eq!(other, "`w` has the weights of a 400-120-84-10 network, but this one is 64-32-10");
        // The same network, one wrong matrix, all transposed: what is wrong is said of each matrix.
        assert_eq!(said(&[(64, 32), (32, 10)]), None);
        assert_eq!((said(&[(64, 32)]), said(&[(64, 32), (32, 10), (10, 3)])), (None, None));
        assert_eq!(said(&[(64, 30), (32, 10)]), None);
        assert_eq!(said(&[(32, 64), (10, 32)]), None);
        assert_eq!(said(&[]), None);
    }
}
