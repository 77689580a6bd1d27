//! Normalisations.

use super::super::constant::Const;
use super::super::graph::OnnxNode;
use super::super::layer::ImportedKind;
use super::super::view::TensorView;
use super::super::weights::Fold;
use super::{NetworkBuilder, Note, Outcome, TracedValue, Trouble};

impl<'m> NetworkBuilder<'m> {
    /// `BatchNormalization`: into the weights before it, else a factor and a term for each channel.
    pub(super) fn batch_norm(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let view = self.view(inputs, 0)?;
        let view = self.plain(node, view)?;
        let shape = self.shape(view.source);
        let channel = if view.dims.len() > 1 { 1 } else { 0 };
        if !view.is_axis(channel, shape.feature_axis(), &shape) {
            return Err(Trouble::because("normalises other values than channels or features"));
        }
        let mut values = Vec::new();
        for index in 1..5 {
            values.push(self.stored(inputs, index, "statistics")?.stored.clone());
        }
        let epsilon = node.float("epsilon").unwrap_or(1e-5);
        let layer = &mut self.layers[view.source];
        if let Some(weights) = layer.weights.as_mut().filter(|_| view.sole && layer.activation.is_none()) {
            weights.folds.push(Fold::BatchNorm { values, epsilon });
            self.notes.add(Note::BatchNorm);
            return Ok(view);
        }
        let name = self.names.of(node, node.input(1), "norm");
        Ok(self.element(name, ImportedKind::Normalize("affine"), &view, &[]))
    }

    /// Normalisations whose statistics are those of the input.
    pub(super) fn normalise(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let view = self.view(inputs, 0)?;
        let view = self.plain(node, view)?;
        let (kind, known) = match node.operator {
            "LayerNormalization" | "imcost.layer" => ("layer", node.operator == "LayerNormalization"),
            "SimplifiedLayerNormalization" => ("rms", true),
            "imcost.rms" => ("rms", false),
            "GroupNormalization" => ("group", true),
            "imcost.group" => ("group", false),
            _ => ("instance", true),
        };
        let view =
            match Self::maybe_stored(inputs, 1).and_then(Const::numbers).filter(|_| node.operator == "imcost.group") {
                Some(sizes) => {
                    let unfit = || Trouble::because("asks for sizes that do not fit");
                    let sizes = node.reshaped(&view.sizes(), sizes).ok_or_else(unfit)?;
                    view.reshaped(&sizes).ok_or_else(unfit)?
                }
                None => view,
            };
        let stored = node.input(1).filter(|_| known);
        let name = self.names.of(node, stored, "norm");
        Ok(self.element(name, ImportedKind::Normalize(kind), &view, &[]))
    }
}
