//! Weights of an ONNX file, with what was folded into them, by the layers of its network.

use std::path::Path;
use std::sync::Arc;

use super::Tensor;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics};
use crate::files::Files;

/// The weights and biases of all layers that have some, in the order of computation.
#[cfg(feature = "onnx")]
pub(super) fn tensors(path: &Path, files: &Arc<dyn Files>, diagnostics: &mut Diagnostics) -> Checked<Vec<Tensor>> {
    use crate::onnx::{Error, OnnxModel, Options};

    let read = || -> Result<Vec<Tensor>, Error> {
        let model = OnnxModel::open(path, files)?;
        let import = model.import(&Options { flat: true, ..Options::default() })?;
        let mut tensors = Vec::new();
        for layer in &import.layers {
            let Some(weights) = model.layer_weights(layer)? else { continue };
            let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<f64>>();
            if let Some(bias) = weights.bias {
                let name = format!("{}.bias", layer.name);
                tensors.push(Tensor { name, shape: vec![bias.len()], values: wide(bias) });
            }
            let name = format!("{}.weight", layer.name);
            tensors.push(Tensor { name, shape: weights.sizes, values: wide(weights.weights) });
        }
        Ok(tensors)
    };
    read().map_err(|error| {
        let diagnostic = error.help().into_iter().fold(Diagnostic::error(error.to_string()), Diagnostic::help);
        diagnostics.push(diagnostic)
    })
}

/// Without the feature no ONNX file is read.
///
/// # Errors
/// Always.
#[cfg(not(feature = "onnx"))]
pub(super) fn tensors(path: &Path, _: &Arc<dyn Files>, diagnostics: &mut Diagnostics) -> Checked<Vec<Tensor>> {
    let message = format!("`{}` is an ONNX file, and this program reads none", path.display());
    Err(diagnostics.push(Diagnostic::error(message).help("the feature `onnx` of imcost reads them")))
}
