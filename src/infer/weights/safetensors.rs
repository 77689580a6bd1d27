//! Weights in a safetensors file: tensors `W1` (inputs x outputs), `b1` (outputs), `W2` … and, if the network has them, gains `k` (layers).

use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::{DenseWeights, LayerShape, other_network};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Reported, suggest};

/// The largest network that is read.
const MAX_BYTES: u64 = 1 << 30;

pub(super) fn read(path: &Path, shapes: &[LayerShape], diagnostics: &mut Diagnostics) -> Checked<Vec<DenseWeights>> {
    let name = path.display().to_string();
    let length = std::fs::metadata(path).map_or(0, |m| m.len());
    let bytes = if length > MAX_BYTES {
        Err(format!("has {} MB; a file of weights has at most {} MB", length >> 20, MAX_BYTES >> 20))
    } else {
        std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))
    };
    match bytes {
        Ok(bytes) => parse(&name, &bytes, shapes, diagnostics),
        Err(why) => Err(diagnostics.push(Diagnostic::error(format!("`{name}` {why}")))),
    }
}

pub(super) fn parse(
    name: &str,
    bytes: &[u8],
    shapes: &[LayerShape],
    diagnostics: &mut Diagnostics,
) -> Checked<Vec<DenseWeights>> {
    let tensors = match SafeTensors::deserialize(bytes) {
        Ok(tensors) => tensors,
        Err(error) => {
            let message = format!("`{name}` is no safetensors file, or is damaged: {error}");
            return Err(diagnostics.push(Diagnostic::error(message).help(format!("it has {} bytes", bytes.len()))));
        }
    };
    let mut file = File { name, tensors: &tensors, diagnostics };
    if let Some(error) = other_network(name, &file.sizes(), shapes) {
        return Err(file.report(error));
    }
    let gains = file.gains(shapes.len());
    let known = gains.as_ref().ok().and_then(Option::as_deref);
    let layers: Vec<Checked<DenseWeights>> =
        shapes.iter().enumerate().map(|(index, shape)| file.layer(index, shape, known)).collect();
    let extra = format!("W{}", shapes.len() + 1);
    if file.find(&extra).is_some() {
        let message = format!(
            "`{name}` has weights of layer {}, but the architecture has {} layers",
            shapes.len() + 1,
            shapes.len()
        );
        return Err(file.diagnostics.push(Diagnostic::error(message)));
    }
    gains?;
    layers.into_iter().collect()
}

struct File<'a> {
    name: &'a str,
    tensors: &'a SafeTensors<'a>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> File<'a> {
    fn error(&mut self, message: &str) -> Diagnostic {
        Diagnostic::error(format!("`{}`: {message}", self.name))
    }

    fn report(&mut self, error: Diagnostic) -> Reported {
        self.diagnostics.push(error)
    }

    /// A tensor, whatever the case of its letter.
    fn find(&self, name: &str) -> Option<TensorView<'a>> {
        let name = self.tensors.names().into_iter().find(|n| n.eq_ignore_ascii_case(name))?;
        self.tensors.tensor(name).ok()
    }

    /// Inputs and outputs of all weights that it has.
    fn sizes(&self) -> Vec<(usize, usize)> {
        let size = |number: usize| match self.find(&format!("W{number}"))?.shape() {
            &[inputs, outputs] => Some((inputs, outputs)),
            _ => None,
        };
        (1..).map_while(size).collect()
    }

    fn gains(&mut self, layers: usize) -> Checked<Option<Vec<f64>>> {
        let Some(tensor) = self.find("k") else { return Ok(None) };
        let gains = self.values("k", &tensor)?;
        if gains.len() == layers && gains.iter().all(|&k| k > 0.0) {
            return Ok(Some(gains));
        }
        let found =
            if gains.len() == layers { "one that is not positive".into() } else { format!("{} values", gains.len()) };
        let diagnostic =
            self.error(&format!("`k` has {found}, but there are {layers} layers, each with a positive gain"));
        Err(self.report(diagnostic))
    }

    fn layer(&mut self, index: usize, shape: &LayerShape, gains: Option<&[f64]>) -> Checked<DenseWeights> {
        let number = index + 1;
        let weights = self.matrix(&format!("W{number}"), &[shape.inputs, shape.outputs], shape);
        let biases = match (shape.bias, self.find(&format!("b{number}"))) {
            (false, _) => Ok(None),
            (true, Some(_)) => self.matrix(&format!("b{number}"), &[shape.outputs], shape).map(Some),
            (true, None) => {
                let message =
                    format!("layer {number} (`{}`) has a bias row, but there is no tensor `b{number}`", shape.name);
                let help = "write `bias: none` in the layer's weights if the network has no biases";
                let diagnostic = self.error(&message).help(help);
                Err(self.report(diagnostic))
            }
        };
        Ok(DenseWeights { weights: weights?, biases: biases?, gain: gains.map(|k| k[index]) })
    }

    fn matrix(&mut self, name: &str, expected: &[usize], layer: &LayerShape) -> Checked<Vec<f64>> {
        let Some(tensor) = self.find(name) else {
            let mut names: Vec<&str> = self.tensors.names();
            names.sort_unstable();
            let help = format!("it has: {}", suggest::list(&names));
            let diagnostic = self.error(&format!("there is no tensor `{name}`, for layer `{}`", layer.name)).help(help);
            return Err(self.report(diagnostic));
        };
        if tensor.shape() != expected {
            let text = |shape: &[usize]| shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ");
            let (found, wanted) = (text(tensor.shape()), text(expected));
            let mut diagnostic = self.error(&format!("`{name}` is {found}, but layer `{}` takes {wanted}", layer.name));
            if expected.len() == 2 && tensor.shape().iter().rev().eq(expected) {
                diagnostic = diagnostic.help("the matrix is transposed: rows are inputs, columns are outputs");
            }
            return Err(self.report(diagnostic));
        }
        self.values(name, &tensor)
    }

    fn values(&mut self, name: &str, tensor: &TensorView<'_>) -> Checked<Vec<f64>> {
        macro_rules! numbers {
            ($kind:ty) => {
                tensor
                    .data()
                    .chunks_exact(size_of::<$kind>())
                    .filter_map(|b| Some(<$kind>::from_le_bytes(b.try_into().ok()?) as f64))
                    .collect::<Vec<f64>>()
            };
        }
        let values = match tensor.dtype() {
            Dtype::F64 => numbers!(f64),
            Dtype::F32 => numbers!(f32),
            Dtype::I8 => numbers!(i8),
            Dtype::U8 => numbers!(u8),
            Dtype::I16 => numbers!(i16),
            Dtype::I32 => numbers!(i32),
            Dtype::I64 => numbers!(i64),
            other => {
                let message = format!("`{name}` is of type {other:?}, which is not read");
                let diagnostic = self.error(&message).help("save it as F32, F64 or I8");
                return Err(self.report(diagnostic));
            }
        };
        if let Some(index) = values.iter().position(|v| !v.is_finite()) {
            let diagnostic = self.error(&format!("value {index} of `{name}` is {}", values[index]));
            return Err(self.report(diagnostic));
        }
        Ok(values)
    }
}
