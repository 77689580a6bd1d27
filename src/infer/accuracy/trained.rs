//! The trained network and the pictures of a design: read, and held against it.

use std::path::PathBuf;

use super::Question;
use super::build::{Build, Detail};
use super::graph::{NetworkPlan, ValueScale, computable, is_chain};
use crate::design::{Coding, Design, ImageMapping};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap, Warning};
use crate::infer::classify::input::{InputError, Inputs};
use crate::infer::dataset::{self, Dataset};
use crate::infer::weights::named::{self, NetworkWeights, StepWeights};
use crate::infer::weights::{self, DenseWeights, LayerShape};
use crate::workload::Shape;

/// A trained network and its pictures, read.
#[derive(Debug, Clone, Default)]
pub struct Trained {
    /// The pictures.
    pub dataset: Dataset,
    /// Where the weights come from.
    pub weights_name: String,
    /// The weights of each layer of a chain of dense layers.
    pub weights: Vec<DenseWeights>,
    /// Those of any other network.
    pub network: Option<NetworkWeights>,
}

/// Reads the weights and the pictures for a design.
///
/// # Errors
/// They cannot be read or do not fit the design.
pub fn read(
    flow: &Design,
    question: &Question,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Trained> {
    let weights = read_weights(flow, question, sources, diagnostics);
    let dataset = read_pictures(flow, question, sources, diagnostics);
    Ok(Trained { dataset: dataset?, ..weights? })
}

/// The same for a design of dense layers alone, whatever feeds them and whatever their functions.
///
/// # Errors
/// They cannot be read or do not fit the design.
pub fn read_dense(
    flow: &Design,
    question: &Question,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Trained> {
    let weights = read_dense_weights(flow, question, sources, diagnostics);
    let dataset = read_pictures(flow, question, sources, diagnostics);
    Ok(Trained { dataset: dataset?, ..weights? })
}

/// Reads the pictures for a design.
///
/// # Errors
/// They cannot be read, or do not fit.
pub fn read_pictures(
    flow: &Design,
    question: &Question,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Dataset> {
    let named = question.data.as_ref().or(flow.trained.as_ref().and_then(|trained| trained.data.as_ref()));
    if named.is_none() && features(flow) != dataset::DIGITS_FEATURES {
        return Err(diagnostics.push(not_shipped(flow)));
    }
    let path = named.cloned().unwrap_or_else(|| dataset::DIGITS.into());
    let fits = |height, width| match &flow.image {
        Some(mapping) => fit((height, width), mapping, flow).map_err(|error| (error, CROP_HELP.to_owned())),
        None => Ok(()),
    };
    let wanted = dataset::Wanted { part: question.part, images: question.images, fits: &fits };
    dataset::open(&path, &wanted, sources, diagnostics)
}

/// Reports weights that the cells of a design cannot hold, and circuits that it lacks.
pub fn weights_fit(flow: &Design, trained: &Trained, diagnostics: &mut Diagnostics) {
    let detail = Detail { cells: true, ..Detail::NONE };
    if let Some(weights) = &trained.network {
        let Ok(plan) = NetworkPlan::of(flow, weights, diagnostics) else { return };
        // Of values between layers nothing is known yet.
        let scales: Vec<ValueScale> = plan.scales(&[]);
        let _ = plan.built(detail, &scales, diagnostics);
        return;
    }
    let _ = Build::new(flow, &trained.weights, diagnostics).layers(detail);
}

/// Whether a design takes pictures.
///
/// # Errors
/// It does not.
pub fn pictures_fit(flow: &Design, pictures: &Dataset, diagnostics: &mut Diagnostics) -> Checked<()> {
    let Some(mapping) = &flow.image else {
        let message = format!("`{}` ({}) does not say how a picture becomes its inputs", flow.name, flow.label);
        let help = "add `image: { threshold: 127 }` (inputs of 0 and 1) or `image: { scale: 255 }` to `network.input`";
        return Err(diagnostics.push(Diagnostic::error(message).help(help)));
    };
    let before = diagnostics.mark();
    if let Err(error) = fit((pictures.images.height, pictures.images.width), mapping, flow) {
        diagnostics.push(Diagnostic::error(format!("`{}`: {error}", pictures.name)).help(CROP_HELP));
    }
    let classes = classes(flow);
    if let Some(label) = pictures.labels.iter().find(|&&label| label as usize >= classes) {
        let message =
            format!("a picture of `{}` has the class {label}, but the network has {classes} outputs", pictures.name);
        diagnostics.push(Diagnostic::error(message).help("classes are numbered from 0"));
    }
    diagnostics.since(before)
}

/// Whether a picture of so many rows and columns is the network's input; a sentence if not.
fn fit(size: (usize, usize), mapping: &ImageMapping, flow: &Design) -> Result<(), String> {
    let shape = input(flow);
    let (rows, columns) = Inputs::window(size, mapping, features(flow)).map_err(|error| match (&error, shape) {
        // Rows times columns say less than each of them.
        (InputError::Features { height, width, .. }, Shape::Map { .. }) => not_of_shape(*height, *width, shape),
        _ => error.to_string(),
    })?;
    match shape {
        Shape::Map { height, width, .. } if (rows.len() as u64, columns.len() as u64) != (height, width) => {
            Err(not_of_shape(rows.len(), columns.len(), shape))
        }
        _ => Ok(()),
    }
}

fn not_of_shape(height: usize, width: usize, shape: Shape) -> String {
    format!("a picture gives 1 x {height} x {width} values, but the network takes {shape}")
}

pub(super) fn classes(flow: &Design) -> usize {
    flow.network.last().map_or(0, |layer| usize::try_from(layer.output.values()).unwrap_or(usize::MAX))
}

/// Reads the weights for a design; there are no pictures yet.
///
/// # Errors
/// They cannot be read or do not fit the design.
pub fn read_weights(
    flow: &Design,
    question: &Question,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Trained> {
    let chain = is_chain(flow);
    weights_of(flow, chain, question, sources, diagnostics)
}

/// The same for a design of dense layers alone.
///
/// # Errors
/// They cannot be read or do not fit the design.
pub fn read_dense_weights(
    flow: &Design,
    question: &Question,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Trained> {
    weights_of(flow, true, question, sources, diagnostics)
}

/// Weights of dense layers, or of any network.
fn weights_of(
    flow: &Design,
    chain: bool,
    question: &Question,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Trained> {
    if !chain {
        computable(flow, diagnostics)?;
    }
    let shipped = PathBuf::from(weights::DIGITS);
    let of_file = flow.trained.as_ref().map_or(&[][..], |trained| &trained.weights);
    let paths = match (question.weights.as_slice(), of_file) {
        ([], []) if features(flow) != dataset::DIGITS_FEATURES => return Err(diagnostics.push(not_shipped(flow))),
        ([], []) if !chain => return Err(diagnostics.push(no_weights())),
        ([], []) => std::slice::from_ref(&shipped),
        ([], of_file) => of_file,
        (named, _) => named,
    };
    let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    let mut trained = Trained { weights_name: names.join(", "), ..Trained::default() };
    if !chain {
        trained.network = Some(named::read(flow, paths, sources, diagnostics)?);
    } else if named::has_names(flow, paths, &**sources.files()) {
        trained.weights = dense(flow, named::read(flow, paths, sources, diagnostics)?);
    } else {
        trained.weights = weights::read(paths, &LayerShape::of(flow), sources, diagnostics)?;
    }
    Ok(trained)
}

/// The weights of a chain of dense layers.
fn dense(flow: &Design, weights: NetworkWeights) -> Vec<DenseWeights> {
    let one = |(step, layer): (StepWeights, &crate::design::Layer)| {
        let StepWeights::Matrices { groups, biases, gain } = step else { return None };
        let outputs = usize::try_from(layer.grid.outputs).unwrap_or(0);
        let biases = layer.cells.bias.then(|| biases.unwrap_or_else(|| vec![0.0; outputs]));
        Some(DenseWeights { weights: groups.into_iter().next()?, biases, gain, files: None })
    };
    weights.steps.into_iter().zip(&flow.layers).filter_map(one).collect()
}

const CROP_HELP: &str = "`network.input.image.crop` takes a part of a picture";

fn no_weights() -> Diagnostic {
    Diagnostic::error("nothing names the weights of this network, and none are shipped for it")
        .help("--weights FILE, or `accuracy: { weights: FILE }` in the architecture")
}

fn not_shipped(flow: &Design) -> Diagnostic {
    let (shipped, features) = (dataset::DIGITS_FEATURES, features(flow));
    Diagnostic::error(format!("the shipped digits have {shipped} inputs, but the network takes {features}"))
        .help("name the trained weights and the pictures: --weights FILE --data FOLDER")
}

/// The shape of the network's input.
fn input(flow: &Design) -> Shape {
    let fed = flow.network.iter().find_map(|layer| {
        let at = layer.from.iter().position(Option::is_none)?;
        layer.inputs.get(at).copied()
    });
    fed.unwrap_or(Shape::Features(0))
}

pub(super) fn features(flow: &Design) -> usize {
    usize::try_from(input(flow).values()).unwrap_or(usize::MAX)
}

/// The inputs of a design for its pictures.
///
/// # Errors
/// The design does not take them, which has been reported.
pub(super) fn inputs(flow: &Design, trained: &Trained, diagnostics: &mut Diagnostics) -> Checked<Inputs> {
    let before = diagnostics.mark();
    pictures_fit(flow, &trained.dataset, diagnostics)?;
    let inputs = flow.image.as_ref().and_then(|mapping| {
        let inputs = Inputs::map(&trained.dataset.images, mapping, flow.input_encoding, features(flow)).ok()?;
        if inputs.pictures > 1 && !inputs.vary() {
            diagnostics.warn(never_change(trained, mapping));
        }
        Some(inputs)
    });
    inputs.ok_or_else(|| diagnostics.missing(before))
}

/// A network whose inputs are the same for every picture tells nothing about pictures.
fn never_change(trained: &Trained, mapping: &ImageMapping) -> Warning {
    let Dataset { name, images, .. } = &trained.dataset;
    let (low, high) = images
        .pixels
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &pixel| (low.min(pixel), high.max(pixel)));
    let coding = match mapping.coding {
        Coding::Threshold(threshold) => format!("a threshold of {threshold}"),
        Coding::Scale { full, .. } => format!("a scale of {full}"),
    };
    let message = format!("all {} pictures of `{name}` give the network the same inputs", images.count);
    Diagnostic::warning(message).help(format!("pixels run from {low} to {high}, `network.input.image` has {coding}"))
}
