//! Weights of networks of any layers, from tensors that have names: which tensors are which layer's, and what they become.
//!
//! [`NamedTensors`] is all that is known of a file; whatever reads another format makes one ([`tensors`]), and [`assign`] and [`fold`] do the rest.

pub mod assign;
pub mod fold;
mod layers;
mod onnx;
pub mod tensors;

pub use fold::StepWeights;
pub use layers::{WantedKind, WantedLayer, wanted};
pub use tensors::{NamedTensors, Tensor};

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::design::Design;
use crate::diagnostic::{Checked, Diagnostics, SourceMap};
use crate::files::Files;

/// The weights of all layers of a network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkWeights {
    /// One for each layer of [`Design::network`].
    pub steps: Vec<StepWeights>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// The weights of a design from tensors; `names` says what the tensors of some layers are called.
///
/// # Errors
/// They do not fit, which has been reported.
pub fn of_design(
    flow: &Design,
    tensors: &NamedTensors,
    names: &BTreeMap<String, String>,
    diagnostics: &mut Diagnostics,
) -> Checked<NetworkWeights> {
    let wanted = wanted(flow);
    let found = assign::assign(&wanted, tensors, names, diagnostics)?;
    fold::weights(flow, &wanted, &found, tensors, diagnostics)
}

/// True if files have tensors as [`read`] takes them, and none that are numbered: a NumPy archive, names that the design gives, or tensors whose names
/// end in `.weight`.
#[must_use]
pub fn has_names(flow: &Design, paths: &[PathBuf], files: &dyn Files) -> bool {
    let [path] = paths else { return false };
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("npz" | "onnx") => true,
        Some("safetensors") => {
            let named = flow.trained.as_ref().is_some_and(|trained| !trained.names.is_empty());
            let names = super::safetensors::names(files, path);
            named || (names.iter().any(|name| name.ends_with(".weight")) && !names.iter().any(|name| name == "W1"))
        }
        _ => false,
    }
}

/// Reads the weights of a design from files.
///
/// # Errors
/// They cannot be read, or do not fit.
pub fn read(
    flow: &Design,
    paths: &[PathBuf],
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<NetworkWeights> {
    let tensors = tensors::read(paths, sources.files(), diagnostics)?;
    let none = BTreeMap::new();
    let names = flow.trained.as_ref().map_or(&none, |trained| &trained.names);
    of_design(flow, &tensors, names, diagnostics)
}
