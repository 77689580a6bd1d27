//! Tensors with names, from the files that hold them.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Checked, Diagnostic, Diagnostics};
use crate::files::Files;
use crate::infer::dataset;
use crate::infer::weights::safetensors;

/// A tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// What the file calls it.
    pub name: String,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Its values, the last index changing first.
    pub values: Vec<f64>,
}

/// The tensors of a file, or of several.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NamedTensors {
    /// What they are called together.
    pub name: String,
    /// All of them.
    pub tensors: Vec<Tensor>,
    /// True if they are in the order in which layers are computed, whatever their names.
    pub in_order: bool,
}

/// The tensors of a layer: what stands before `.weight`, and the indices of what is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Module {
    /// What its tensors have in common.
    pub name: String,
    /// Its weights.
    pub weight: Option<usize>,
    /// Its biases.
    pub bias: Option<usize>,
    /// Its mean over the pictures of the training.
    pub mean: Option<usize>,
    /// Its variance over them.
    pub variance: Option<usize>,
    /// What its neurons multiply sums by.
    pub gain: Option<usize>,
}

impl NamedTensors {
    /// The tensors by layer, in the order of computation where that is known, else of their names, numbers by their size.
    #[must_use]
    pub fn modules(&self) -> Vec<Module> {
        let mut modules: Vec<Module> = Vec::new();
        for (index, tensor) in self.tensors.iter().enumerate() {
            let (name, part) = parts(&tensor.name);
            let at = modules.iter().position(|module| module.name == name).unwrap_or_else(|| {
                modules.push(Module { name: name.to_owned(), ..Module::default() });
                modules.len() - 1
            });
            let module = &mut modules[at];
            let slot = match part {
                TensorPart::Weight => &mut module.weight,
                TensorPart::Bias => &mut module.bias,
                TensorPart::Mean => &mut module.mean,
                TensorPart::Variance => &mut module.variance,
                TensorPart::Gain => &mut module.gain,
                TensorPart::Other => continue,
            };
            slot.get_or_insert(index);
        }
        if !self.in_order {
            modules.sort_by(|a, b| natural(&a.name, &b.name));
        }
        modules
    }

    /// The layouts of dense layers by number become those of names: `W1` (inputs x outputs), `b1`, gains `k`.
    #[must_use]
    pub fn numbered_as_named(mut self) -> Self {
        let gains = self.tensors.iter().position(|tensor| tensor.name == "k");
        let gains = gains.map(|at| self.tensors.remove(at)).unwrap_or_else(|| Tensor {
            name: "k".into(),
            shape: vec![0],
            values: Vec::new(),
        });
        let mut more = Vec::new();
        for tensor in &mut self.tensors {
            let number = |letter: char| {
                let first = tensor.name.chars().next()?;
                let rest = &tensor.name[first.len_utf8()..];
                first.eq_ignore_ascii_case(&letter).then(|| rest.parse::<usize>().ok()).flatten()
            };
            match (number('w'), number('b'), &tensor.shape[..]) {
                (Some(layer), _, &[inputs, outputs]) => {
                    let at = |index: usize| tensor.values[index % inputs * outputs + index / inputs];
                    tensor.values = (0..inputs * outputs).map(at).collect();
                    tensor.shape = vec![outputs, inputs];
                    tensor.name = format!("W{layer}.weight");
                    if let Some(gain) = layer.checked_sub(1).and_then(|at| gains.values.get(at)) {
                        let name = format!("W{layer}.gain");
                        more.push(Tensor { name, shape: Vec::new(), values: vec![*gain] });
                    }
                }
                (_, Some(layer), [_]) => tensor.name = format!("W{layer}.bias"),
                _ => {}
            }
        }
        self.tensors.extend(more);
        self
    }
}

enum TensorPart {
    Weight,
    Bias,
    Mean,
    Variance,
    Gain,
    Other,
}

/// A tensor's layer, and what it is of it.
fn parts(name: &str) -> (&str, TensorPart) {
    if let Some(layer) = name.strip_suffix("_bias") {
        return (layer, TensorPart::Bias);
    }
    let Some((layer, part)) = name.rsplit_once('.') else { return (name, TensorPart::Weight) };
    let part = match part {
        "weight" => TensorPart::Weight,
        "bias" => TensorPart::Bias,
        "running_mean" => TensorPart::Mean,
        "running_var" => TensorPart::Variance,
        "gain" => TensorPart::Gain,
        "num_batches_tracked" => TensorPart::Other,
        _ => return (name, TensorPart::Weight),
    };
    (layer, part)
}

/// Names in the order of a reader: `a2` before `a10`.
fn natural(a: &str, b: &str) -> Ordering {
    let pieces = |text: &str| -> Vec<(u128, String)> {
        let mut found: Vec<(u128, String)> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let length =
                if digits > 0 { digits } else { rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()) };
            let (piece, after) = rest.split_at(length);
            found.push((piece.parse().unwrap_or(u128::MAX), piece.to_owned()));
            rest = after;
        }
        found
    };
    pieces(a).cmp(&pieces(b))
}

/// Reads tensors: safetensors files, NumPy archives, or several of them together.
///
/// # Errors
/// They cannot be read, which has been reported.
pub fn read(paths: &[PathBuf], files: &Arc<dyn Files>, diagnostics: &mut Diagnostics) -> Checked<NamedTensors> {
    let mut all = NamedTensors::default();
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    all.name = names.join(", ");
    for path in paths {
        let name = path.display().to_string();
        if path.extension().is_some_and(|extension| extension == "onnx") {
            all.in_order = paths.len() == 1;
            all.tensors.extend(super::onnx::tensors(path, files, diagnostics)?);
            continue;
        }
        let of_file = NamedTensors { name, tensors: of_file(path, &**files, diagnostics)?, in_order: false };
        all.tensors.extend(of_file.numbered_as_named().tensors);
    }
    Ok(all)
}

fn of_file(path: &Path, files: &dyn Files, diagnostics: &mut Diagnostics) -> Checked<Vec<Tensor>> {
    let name = path.display().to_string();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("safetensors") => safetensors::tensors(files, &name, path, diagnostics),
        Some("npz") => dataset::tensors(files, path).map_err(|error| diagnostics.push(error.into())),
        _ => {
            let message = format!("`{name}` is no file of named tensors");
            let help = "expected an .onnx file, or a .safetensors file or an .npz archive with tensors as PyTorch names \
                        them: c1.weight, c1.bias, …";
            Err(diagnostics.push(Diagnostic::error(message).help(help)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(name: &str, shape: &[usize], values: &[f64]) -> Tensor {
        Tensor { name: name.into(), shape: shape.to_vec(), values: values.to_vec() }
    }

    #[test]
    fn tensors_of_a_layer_are_found_by_their_names() {
        let names = ["fc.10.weight", "fc.2.weight", "fc.2.bias", "bn.running_mean", "bn.weight", "conv1", "conv1_bias"];
        let tensors = names.map(|name| tensor(name, &[1], &[0.0])).to_vec();
        let modules = NamedTensors { name: "f".into(), tensors, in_order: false }.modules();
        let found: Vec<&str> = modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(found, ["bn", "conv1", "fc.2", "fc.10"]);
        assert_eq!((modules[0].mean, modules[0].weight, modules[0].bias), (Some(3), Some(4), None));
        assert_eq!((modules[1].weight, modules[1].bias), (Some(5), Some(6)));
        assert_eq!((modules[2].weight, modules[2].bias), (Some(1), Some(2)));
    }

    #[test]
    fn numbered_layers_are_turned() {
        let tensors = vec![
            tensor("W1", &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            tensor("b1", &[2], &[7.0, 8.0]),
            tensor("k", &[1], &[0.5]),
        ];
        let named = NamedTensors { name: "f".into(), tensors, in_order: false }.numbered_as_named();
        assert_eq!(named.tensors[0], tensor("W1.weight", &[2, 3], &[1.0, 3.0, 5.0, 2.0, 4.0, 6.0]));
        let module = &named.modules()[0];
        assert_eq!((module.name.as_str(), module.bias, module.gain), ("W1", Some(1), Some(2)));
    }
}
