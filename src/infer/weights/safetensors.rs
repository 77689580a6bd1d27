//! Weights in a safetensors file: tensors `W1` (inputs x outputs), `b1` (outputs), `W2` … and, if the network has them, gains `k` (layers).

//!
//! The header says where each tensor is: shapes are compared with the network before any value is read, and other tensors never are.

use std::io::{Read, SeekFrom};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::named::Tensor;
use super::{DenseWeights, LayerShape, other_network};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, suggest};
use crate::files::{Bytes, Files};

/// The header of a network of a thousand layers has some 10^5 bytes.
pub const LONGEST_HEADER: u64 = 1 << 20;
/// Weights of all layers together: half a gigabyte of memory.
pub const MOST_WEIGHTS: usize = 1 << 26;

/// Reads them from a file, which goes by this name.
pub(super) fn read(
    files: &dyn Files,
    name: &str,
    path: &Path,
    shapes: &[LayerShape],
    diagnostics: &mut Diagnostics,
) -> Checked<Vec<DenseWeights>> {
    match files.open(path) {
        Ok(mut file) => parse_from(name, &mut *file.reader, file.length, shapes, diagnostics),
        Err(error) => Err(diagnostics.push(Diagnostic::error(format!("`{name}` {error}")))),
    }
}

/// All tensors of a file, which goes by this name.
pub(super) fn tensors(
    files: &dyn Files,
    name: &str,
    path: &Path,
    diagnostics: &mut Diagnostics,
) -> Checked<Vec<Tensor>> {
    let mut opened = match files.open(path) {
        Ok(opened) => opened,
        Err(error) => return Err(diagnostics.push(Diagnostic::error(format!("`{name}` {error}")))),
    };
    let (start, metadata) = match header(&mut *opened.reader, opened.length) {
        Ok(found) => found,
        Err(why) => return Err(diagnostics.push(damaged(name, &why, opened.length))),
    };
    let sizes = metadata.tensors().values().map(|info| info.shape.iter().product::<usize>()).sum::<usize>();
    if sizes > MOST_WEIGHTS {
        let message = format!("`{name}` has more than {MOST_WEIGHTS} weights, which are not read");
        return Err(diagnostics.push(Diagnostic::error(message)));
    }
    let names = metadata.offset_keys();
    let mut file = TensorFile { name, file: &mut *opened.reader, start, metadata, diagnostics };
    let tensor = |name: String| {
        let Some(info) = file.metadata.info(&name).cloned() else { return Ok(None) };
        let values = file.values(&name, &info)?;
        Ok(Some(Tensor { name, shape: info.shape, values }))
    };
    let found: Checked<Vec<Option<Tensor>>> = names.into_iter().map(tensor).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// The names of the tensors of a file; none of one that cannot be read.
pub(super) fn names(files: &dyn Files, path: &Path) -> Vec<String> {
    let Ok(mut opened) = files.open(path) else { return Vec::new() };
    header(&mut *opened.reader, opened.length).map_or_else(|_| Vec::new(), |(_, metadata)| metadata.offset_keys())
}

fn damaged(name: &str, why: &str, length: u64) -> Diagnostic {
    let message = format!("`{name}` is no safetensors file, or is damaged: {why}");
    Diagnostic::error(message).help(format!("it has {length} bytes"))
}

fn parse_from(
    name: &str,
    file: &mut dyn Bytes,
    length: u64,
    shapes: &[LayerShape],
    diagnostics: &mut Diagnostics,
) -> Checked<Vec<DenseWeights>> {
    let (start, metadata) = match header(file, length) {
        Ok(found) => found,
        Err(why) => return Err(diagnostics.push(damaged(name, &why, length))),
    };
    let weights = shapes.iter().try_fold(0_usize, |sum, s| s.inputs.checked_mul(s.outputs)?.checked_add(sum));
    if weights.is_none_or(|weights| weights > MOST_WEIGHTS) {
        let message = format!("the network has more than {MOST_WEIGHTS} weights, which are not read");
        return Err(diagnostics.push(Diagnostic::error(message)));
    }
    let mut file = TensorFile { name, file, start, metadata, diagnostics };
    if let Some(error) = other_network(name, &file.sizes(), shapes) {
        return Err(file.diagnostics.push(error));
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
    gains.and_then(|_| layers.into_iter().collect())
}

/// Where the values begin, and what there is; the file is as long as that takes.
fn header(file: &mut dyn Bytes, length: u64) -> Result<(u64, Metadata), String> {
    let cannot = |error: std::io::Error| error.to_string();
    if length < 8 {
        return Err("header too small".into());
    }
    let mut size = [0; 8];
    file.read_exact(&mut size).map_err(cannot)?;
    let size = u64::from_le_bytes(size);
    if size > length - 8 {
        return Err(format!("a header of {size} bytes does not fit into it"));
    }
    if size > LONGEST_HEADER {
        return Err(format!("a header of {size} bytes, at most {LONGEST_HEADER} are read"));
    }
    let mut text = Vec::new();
    file.take(size).read_to_end(&mut text).map_err(cannot)?;
    let metadata: Metadata = serde_json::from_slice(&text).map_err(|error| format!("its header: {error}"))?;
    let end = metadata.tensors().values().map(|info| info.data_offsets.1).max().unwrap_or(0) as u64;
    let follow = length - 8 - size;
    if end != follow {
        return Err(format!("its tensors take {end} bytes, but {follow} follow the header"));
    }
    Ok((8 + size, metadata))
}

struct TensorFile<'a> {
    name: &'a str,
    file: &'a mut dyn Bytes,
    /// Where the values begin.
    start: u64,
    metadata: Metadata,
    diagnostics: &'a mut Diagnostics,
}

impl TensorFile<'_> {
    fn error(&mut self, message: &str) -> Diagnostic {
        Diagnostic::error(format!("`{}`: {message}", self.name))
    }

    /// A tensor, whatever the case of its letter.
    fn find(&self, name: &str) -> Option<TensorInfo> {
        let exact = || self.metadata.offset_keys().into_iter().find(|n| n.eq_ignore_ascii_case(name));
        let name = if self.metadata.info(name).is_some() { name.to_owned() } else { exact()? };
        self.metadata.info(&name).cloned()
    }

    /// Inputs and outputs of all weights that it has.
    fn sizes(&self) -> Vec<(usize, usize)> {
        let size = |number: usize| match self.find(&format!("W{number}"))?.shape[..] {
            [inputs, outputs] => Some((inputs, outputs)),
            _ => None,
        };
        (1..).map_while(size).collect()
    }

    fn gains(&mut self, layers: usize) -> Checked<Option<Vec<f64>>> {
        let Some(tensor) = self.find("k") else { return Ok(None) };
        let count = tensor.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        let found = if count == Some(layers) {
            let gains = self.values("k", &tensor)?;
            if gains.iter().all(|&k| k > 0.0) {
                return Ok(Some(gains));
            }
            "one that is not positive".into()
        } else {
            format!("{} values", count.map_or_else(|| "too many".into(), |count| count.to_string()))
        };
        let diagnostic =
            self.error(&format!("`k` has {found}, but there are {layers} layers, each with a positive gain"));
        Err(self.diagnostics.push(diagnostic))
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
                Err(self.diagnostics.push(diagnostic))
            }
        };
        Ok(DenseWeights { weights: weights?, biases: biases?, gain: gains.map(|k| k[index]), files: None })
    }

    fn matrix(&mut self, name: &str, expected: &[usize], layer: &LayerShape) -> Checked<Vec<f64>> {
        let Some(tensor) = self.find(name) else {
            let mut names = self.metadata.offset_keys();
            names.sort_unstable();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let help = format!("it has: {}", suggest::list(&names));
            let diagnostic = self.error(&format!("there is no tensor `{name}`, for layer `{}`", layer.name)).help(help);
            return Err(self.diagnostics.push(diagnostic));
        };
        if tensor.shape != expected {
            let text = |shape: &[usize]| shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ");
            let (found, wanted) = (text(&tensor.shape), text(expected));
            let mut diagnostic = self.error(&format!("`{name}` is {found}, but layer `{}` takes {wanted}", layer.name));
            if expected.len() == 2 && tensor.shape.iter().rev().eq(expected) {
                diagnostic = diagnostic.help("the matrix is transposed: rows are inputs, columns are outputs");
            }
            return Err(self.diagnostics.push(diagnostic));
        }
        self.values(name, &tensor)
    }

    fn values(&mut self, name: &str, tensor: &TensorInfo) -> Checked<Vec<f64>> {
        let values = match self.bytes(tensor) {
            Ok(bytes) => numbers(tensor.dtype, &bytes),
            Err(why) => {
                let diagnostic = self.error(&format!("`{name}` cannot be read: {why}"));
                return Err(self.diagnostics.push(diagnostic));
            }
        };
        let Some(values) = values else {
            let message = format!("`{name}` is of type {:?}, which is not read", tensor.dtype);
            let diagnostic = self.error(&message).help("save it as F32, F64 or I8");
            return Err(self.diagnostics.push(diagnostic));
        };
        if let Some(index) = values.iter().position(|v| !v.is_finite()) {
            let diagnostic = self.error(&format!("value {index} of `{name}` is {}", values[index]));
            return Err(self.diagnostics.push(diagnostic));
        }
        Ok(values)
    }

    /// The bytes of a tensor. That they are as many as its shape and type take has been seen to where the header was read.
    fn bytes(&mut self, tensor: &TensorInfo) -> Result<Vec<u8>, String> {
        let (first, end) = tensor.data_offsets;
        self.file.seek(SeekFrom::Start(self.start + first as u64)).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        let wanted = end.saturating_sub(first) as u64;
        (&mut *self.file).take(wanted).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 == wanted { Ok(bytes) } else { Err("the file ends in it".into()) }
    }
}

/// The values of a tensor; none if their type is not read.
fn numbers(kind: Dtype, bytes: &[u8]) -> Option<Vec<f64>> {
    macro_rules! numbers {
        ($kind:ty) => {
            bytes
                .chunks_exact(size_of::<$kind>())
                .filter_map(|b| Some(<$kind>::from_le_bytes(b.try_into().ok()?) as f64))
                .collect()
        };
    }
    Some(match kind {
        Dtype::F64 => numbers!(f64),
        Dtype::F32 => numbers!(f32),
        Dtype::I8 => numbers!(i8),
        Dtype::U8 => numbers!(u8),
        Dtype::I16 => numbers!(i16),
        Dtype::I32 => numbers!(i32),
        Dtype::I64 => numbers!(i64),
        _ => return None,
    })
}
