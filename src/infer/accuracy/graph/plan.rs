//! What each layer of a design computes, and which layers are not computed.

use std::sync::Arc;

use super::Circuits;
use crate::design::{Design, Domain, PlacedLayer};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, suggest};
use crate::infer::network::{ValueFunction, ValueStep, WindowGeometry};
use crate::infer::weights::named::{NetworkWeights, StepWeights};
use crate::techlib::Kind;
use crate::workload::{LayerKind, Normalization};

/// A design with its weights, each layer ready to be built.
#[derive(Debug)]
pub struct NetworkPlan<'a> {
    pub(super) flow: &'a Design,
    pub(super) weights: &'a NetworkWeights,
    pub(super) steps: Vec<PlannedStep>,
}

/// A layer.
#[derive(Debug)]
pub(super) struct PlannedStep {
    /// What it does.
    pub work: PlannedWork,
    /// The function of its outputs in the trained network.
    pub trained: Option<ValueFunction>,
    /// The function that is left to units of words; none where neurons compute it.
    pub function: Option<ValueFunction>,
    /// Bits of the words that its outputs are.
    pub bits: Option<u32>,
}

/// What a layer does.
#[derive(Debug)]
pub(super) enum PlannedWork {
    /// Products with matrices.
    Products(PlannedProducts),
    /// Something with values.
    Values(ValueStep),
}

/// Products with matrices.
#[derive(Debug)]
pub(super) struct PlannedProducts {
    /// Where rows find their values.
    pub geometry: Arc<WindowGeometry>,
    /// The layer, of those that lie on arrays.
    pub layer: usize,
    /// True if its arrays give words by themselves.
    pub exact: bool,
    /// How often its matrices are there.
    pub copies: usize,
}

impl<'a> NetworkPlan<'a> {
    /// The plan of a design.
    ///
    /// # Errors
    /// Some of its layers are not computed, which has been reported.
    pub fn of(flow: &'a Design, weights: &'a NetworkWeights, diagnostics: &mut Diagnostics) -> Checked<Self> {
        let before = diagnostics.mark();
        computable(flow, diagnostics)?;
        one_output(flow, diagnostics);
        let mut planner = Planner { flow, diagnostics };
        let bits = planner.bits();
        let mut steps = Vec::with_capacity(flow.network.len());
        for (index, layer) in flow.network.iter().enumerate() {
            let (trained, function) = planner.functions(index, layer);
            let work = planner.work(layer, weights.steps.get(index).unwrap_or(&StepWeights::None));
            steps.extend(work.map(|work| PlannedStep { work, trained, function, bits: bits[index] }));
        }
        diagnostics.since(before)?;
        Ok(Self { flow, weights, steps })
    }

    /// The layers with matrices.
    pub(super) fn products(&self) -> impl Iterator<Item = (usize, &PlannedProducts)> {
        self.steps.iter().enumerate().filter_map(|(index, step)| match &step.work {
            PlannedWork::Products(products) => Some((index, products)),
            PlannedWork::Values(_) => None,
        })
    }
}

/// Reports the layers that are not computed, whatever their weights.
///
/// # Errors
/// There are some.
pub fn computable(flow: &Design, diagnostics: &mut Diagnostics) -> Checked<()> {
    let before = diagnostics.mark();
    let mut said: Vec<&str> = Vec::new();
    for layer in &flow.network {
        let Some(why) = not_computed(layer).filter(|why| !said.contains(why)) else { continue };
        said.push(why);
        let message = format!("accuracy of {why} is not computed yet: layer `{}`", layer.name);
        diagnostics.push(Diagnostic::error(message));
    }
    diagnostics.since(before)
}

/// What a network finds is told by its last layer alone.
fn one_output(flow: &Design, diagnostics: &mut Diagnostics) {
    let mut fed = vec![false; flow.network.len()];
    flow.network.iter().flat_map(|layer| layer.from.iter().flatten()).for_each(|&layer| fed[layer] = true);
    let ends: Vec<&str> =
        flow.network.iter().zip(fed).filter(|(_, fed)| !fed).map(|(layer, _)| layer.name.as_str()).collect();
    if ends.len() > 1 {
        let message = format!("{} layers feed no other: {}", ends.len(), suggest::list(&ends));
        let help = "the class of a picture is the largest output of the only layer that feeds no other";
        diagnostics.push(Diagnostic::error(message).help(help));
    }
}

struct Planner<'a, 'd> {
    flow: &'a Design,
    diagnostics: &'d mut Diagnostics,
}

impl Planner<'_, '_> {
    /// The bits of the words that each layer gives: those that arrive at the layers on arrays which it feeds, through others or directly.
    fn bits(&self) -> Vec<Option<u32>> {
        let network = &self.flow.network;
        let mut bits: Vec<Option<u32>> = vec![None; network.len()];
        for index in (0..network.len()).rev() {
            let taken = match network[index].on_arrays {
                Some(layer) => {
                    let arriving = self.flow.layers[layer].circuits.arriving;
                    (arriving.domain == Domain::Word).then_some(arriving.bits)
                }
                None => bits[index],
            };
            for before in network[index].from.iter().flatten() {
                bits[*before] = bits[*before].max(taken);
            }
        }
        bits
    }

    /// The function of a layer's outputs: in the trained network, and where neurons do not compute it.
    fn functions(&mut self, index: usize, layer: &PlacedLayer) -> (Option<ValueFunction>, Option<ValueFunction>) {
        // The class is told by the arguments of the last layer.
        let is_last = index + 1 == self.flow.network.len();
        let unit = layer.on_arrays.and_then(|on| Circuits::unit_of(self.flow, on));
        if let Some(unit) = unit.filter(|unit| unit.kind == Kind::Neuron) {
            if let Some(named) = unit.function.as_deref().filter(|function| *function != "sigmoid") {
                let message = format!("`{}` computes {named}: accuracy is computed of logistic neurons", unit.name);
                self.diagnostics.push(Diagnostic::error(message).at(unit.span, "used by this design"));
            }
            return (Some(ValueFunction::Sigmoid).filter(|_| !is_last), None);
        }
        let of_unit = || unit.and_then(|unit| unit.function.as_deref()).and_then(|all| all.split('/').next());
        let Some(name) = layer.activation.as_deref().or_else(of_unit) else { return (None, None) };
        if is_last && (name.trim() == "softmax" || ValueFunction::named(name).is_some()) {
            return (None, None);
        }
        let function = ValueFunction::named(name);
        if function.is_none() {
            let message =
                format!("the accuracy of layer `{}` cannot be computed: its function is `{name}`", layer.name);
            let help = format!("functions that are computed: {}", suggest::list(&ValueFunction::names()));
            self.diagnostics.push(Diagnostic::error(message).help(help));
        }
        (function, function)
    }

    /// What a layer does; none of one that is not computed.
    fn work(&mut self, layer: &PlacedLayer, weights: &StepWeights) -> Option<PlannedWork> {
        let Some(on) = layer.on_arrays else {
            let affine = match weights {
                StepWeights::Channels(factors) => Some(factors.clone()),
                _ => None,
            };
            return ValueStep::of(&layer.computes, affine).map(PlannedWork::Values);
        };
        let replication = &self.flow.layers[on].replication;
        let input = joined(layer)?;
        let geometry = WindowGeometry::of(&layer.computes, input, layer.output, replication.packed)?;
        self.refuse_shared_rows(layer, on);
        Some(PlannedWork::Products(PlannedProducts {
            geometry: Arc::new(geometry),
            layer: on,
            exact: Circuits::are_exact(self.flow, on),
            copies: usize::try_from(replication.copies).unwrap_or(1),
        }))
    }

    /// Neurons that drive rows are solved with those of one layer.
    fn refuse_shared_rows(&mut self, layer: &PlacedLayer, on: usize) {
        let of_layer = &self.flow.layers[on];
        if of_layer.driven_directly && (of_layer.from.len() > 1 || layer.from.len() > 1) {
            let message =
                format!("the accuracy of layer `{}` cannot be computed: several layers drive its rows", layer.name);
            let help = "voltages of one layer on the rows of the next are computed; words may come from several";
            self.diagnostics.push(Diagnostic::error(message).help(help));
        }
    }
}

/// The shape of all that arrives at a layer with a matrix.
fn joined(layer: &PlacedLayer) -> Option<crate::workload::Shape> {
    use crate::workload::Shape;
    let first = *layer.inputs.first()?;
    if layer.inputs.len() == 1 {
        return Some(first);
    }
    let tokens = layer.inputs.iter().any(|shape| matches!(shape, Shape::Sequence { .. }));
    if layer.kind == "dense" && !tokens {
        return Some(Shape::Features(layer.inputs.iter().map(|shape| shape.values()).sum()));
    }
    Some(first.of_depth(layer.inputs.iter().map(|shape| shape.depth()).sum()))
}

/// What a layer is that is not computed.
fn not_computed(layer: &PlacedLayer) -> Option<&'static str> {
    match &layer.computes {
        LayerKind::MatMul { .. } => Some("attention and products of two layers"),
        LayerKind::Recurrent { .. } => Some("recurrent layers"),
        LayerKind::Deconv { .. } => Some("transposed convolutions"),
        LayerKind::Add { constant: true } | LayerKind::Multiply { constant: true } => Some("stored values"),
        LayerKind::Tokens(more) if *more > 0 => Some("stored tokens"),
        LayerKind::Normalize(which) => match which {
            Normalization::Batch | Normalization::Affine => None,
            Normalization::Layer => Some("normalization by layer"),
            Normalization::Rms => Some("normalization by root mean square"),
            Normalization::Group => Some("normalization by group"),
            Normalization::Instance => Some("normalization by instance"),
        },
        _ => None,
    }
}
