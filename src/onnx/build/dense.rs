//! Products of activations and a stored matrix.

use super::super::constant::Const;
use super::super::graph::OnnxNode;
use super::super::layer::{Feeder, ImportedKind, ImportedPadding, ImportedShape, ImportedWindow};
use super::super::view::{AxisPart, TensorView, merged};
use super::super::weights::{Fold, Weights};
use super::{NetworkBuilder, Outcome, TracedValue, Trouble, constant};

/// A window of one place.
const ONE: ImportedWindow =
    ImportedWindow { kernel: [1; 2], stride: [1; 2], padding: ImportedPadding::Even(0, 0), dilation: [1; 2] };

impl<'m> NetworkBuilder<'m> {
    /// `Gemm`: a matrix product with its sum.
    pub(super) fn gemm(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let mut view = self.view(inputs, 0)?;
        let matrix = self.stored(inputs, 1, "weights")?;
        let outputs_first = node.int("transB").unwrap_or(0) != 0;
        if node.int("transA").unwrap_or(0) != 0 {
            view.dims.reverse();
        }
        let &[a, b] = matrix.sizes.as_slice() else {
            return Err(Trouble::because("takes a matrix of other than two dimensions"));
        };
        let (inputs_of, outputs) = if outputs_first { (b, a) } else { (a, b) };
        let mut weights = Weights::dense(matrix, outputs_first);
        let alpha = node.float("alpha").unwrap_or(1.0);
        if alpha != 1.0 {
            weights.folds.push(Fold::Scale(alpha));
        }
        match inputs.get(2) {
            Some(Some(TracedValue::Const(bias))) if node.float("beta").unwrap_or(1.0) != 0.0 => {
                weights.folds.push(Fold::Term { values: bias.stored.clone(), negative: false });
            }
            Some(Some(TracedValue::TensorView(_) | TracedValue::Outside(_))) => {
                return Err(Trouble::because("adds activations to the product; write it as MatMul and Add"));
            }
            _ => {}
        }
        self.dense(node, &view, (inputs_of, outputs), weights, node.input(1))
    }

    /// `MatMul`: of activations and weights, or of two activations.
    pub(super) fn matmul(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        match (inputs.first(), inputs.get(1)) {
            (Some(Some(TracedValue::TensorView(a))), Some(Some(TracedValue::TensorView(b)))) => {
                self.product(node, a.clone(), b.clone())
            }
            (Some(Some(TracedValue::TensorView(view))), Some(Some(TracedValue::Const(matrix)))) => {
                let sizes = self.matrix(matrix)?;
                self.dense(node, view, sizes, Weights::dense(matrix, false), node.input(1))
            }
            (Some(Some(TracedValue::Const(matrix))), Some(Some(TracedValue::TensorView(view)))) => {
                let (outputs, inputs_of) = self.matrix(matrix)?;
                let rank = view.dims.len();
                if rank < 2 {
                    return Err(Trouble::because("multiplies a matrix and a row"));
                }
                let mut turned = view.clone();
                turned.dims.swap(rank - 1, rank - 2);
                let weights = Weights::dense(matrix, true);
                let mut view = self.dense(node, &turned, (inputs_of, outputs), weights, node.input(0))?;
                view.dims.swap(rank - 1, rank - 2);
                Ok(view)
            }
            _ => Err(Trouble::because("takes a second input of the network")),
        }
    }

    fn matrix(&self, matrix: &Const) -> Outcome<(usize, usize)> {
        match matrix.sizes.as_slice() {
            &[ref front @ .., a, b] if front.iter().all(|&size| size == 1) => Ok((a, b)),
            _ => Err(Trouble::because("multiplies by several stored matrices at once")),
        }
    }

    /// The last dimension of a view times a matrix of so many inputs and outputs.
    fn dense(
        &mut self,
        node: &OnnxNode<'m>,
        view: &TensorView,
        (inputs, outputs): (usize, usize),
        weights: Weights,
        stored: Option<&str>,
    ) -> Outcome<TensorView> {
        let sizes = view.sizes();
        let Some((&last, front)) = sizes.split_last().filter(|(last, _)| **last == inputs) else {
            return Err(Trouble::because(format!(
                "takes {inputs} values at once, where there are {}",
                sizes.last().unwrap_or(&0)
            )));
        };
        if outputs == 0 || view.pad != [0; 4] {
            return Err(Trouble::because("takes or gives nothing"));
        }
        let mut wanted = front.to_vec();
        wanted.push(outputs);
        let shape = self.shape(view.source);
        let name = self.names.of(node, stored, "dense");
        if let Some(token) = view.token {
            let whole = view.is_axis(sizes.len() - 1, 1, &shape);
            if whole {
                let kind = ImportedKind::Dense { outputs, of: Some(token) };
                return self.matrix_layer(
                    name,
                    kind,
                    view.source,
                    ImportedShape::Features(outputs),
                    last,
                    weights,
                    &wanted,
                );
            }
            let view = self.plain(node, view.clone())?;
            return self.dense(node, &view, (inputs, outputs), weights, stored);
        }
        let rank = sizes.len();
        let kind = ImportedKind::Dense { outputs, of: None };
        let rest = merged(view.dims[..rank - 1].iter().flatten().copied());
        if rest.is_empty() {
            let source = self.flat_source(node, view, &shape);
            let output = ImportedShape::Features(outputs);
            let made = self.matrix_layer(name, kind, source, output, last, weights, &wanted)?;
            if !view.in_order(&shape) {
                // The columns of the matrix are in another order then.
                self.reorder(made.source);
            }
            return Ok(made);
        }
        if view.is_axis(rank - 1, shape.feature_axis(), &shape) {
            let as_tokens = matches!(shape, ImportedShape::Map { .. }) && view.wide().len() == 2;
            if !as_tokens {
                let (kind, weights) = match shape {
                    ImportedShape::Map { .. } => {
                        (ImportedKind::Conv { outputs, window: ONE, groups: 1 }, weights.of_one_place())
                    }
                    _ => (kind, weights),
                };
                let mut made =
                    self.matrix_layer(name, kind, view.source, shape.with_width(outputs), last, weights, &[])?;
                made.dims.clone_from(&view.dims);
                made.dims[rank - 1] = if outputs == 1 {
                    Vec::new()
                } else {
                    vec![AxisPart { axis: shape.feature_axis(), stride: 1, size: outputs }]
                };
                return Ok(made);
            }
        }
        let tokens = super::super::tensor::count(front).unwrap_or(0);
        let source = self.canonical(node, view, ImportedShape::Sequence { tokens, features: last })?;
        let shape = ImportedShape::Sequence { tokens, features: outputs };
        self.matrix_layer(name, kind, source, shape, last, weights, &wanted)
    }

    /// The layer of which a dense layer takes all values at once.
    fn flat_source(&mut self, node: &OnnxNode<'m>, view: &TensorView, shape: &ImportedShape) -> usize {
        match *shape {
            ImportedShape::Sequence { tokens, .. } if tokens > 1 => {
                let name = self.names.of(node, None, "reshape");
                let all = ImportedShape::Map { channels: shape.elements(), height: 1, width: 1 };
                self.push(name, ImportedKind::Reshape, vec![Self::feeder(view.source)], all, 0)
            }
            _ => view.source,
        }
    }

    #[allow(clippy::too_many_arguments, reason = "all that a layer with a matrix is")]
    fn matrix_layer(
        &mut self,
        name: String,
        kind: ImportedKind,
        source: usize,
        output: ImportedShape,
        inputs: usize,
        weights: Weights,
        sizes: &[usize],
    ) -> Outcome<TensorView> {
        let macs = (output.elements() as u64).saturating_mul(inputs as u64);
        let layer = self.push(name, kind, vec![Self::feeder(source)], output, macs);
        self.layers[layer].weights = Some(weights);
        let sizes = if sizes.is_empty() { output.sizes() } else { sizes.to_vec() };
        TensorView::whole(layer, &output, &sizes).ok_or_else(|| Trouble::because("gives nothing"))
    }

    /// A stored input, if there is one.
    pub(super) fn maybe_stored(inputs: &[Option<TracedValue>], index: usize) -> Option<&Const> {
        inputs.get(index).and_then(|value| value.as_ref()).and_then(constant)
    }

    /// A map of what a convolution or pooling takes, with the zeros around it.
    pub(super) fn map(
        &mut self,
        node: &OnnxNode<'m>,
        inputs: &[Option<TracedValue>],
    ) -> Outcome<(usize, [usize; 4], [usize; 3])> {
        let view = self.view(inputs, 0)?;
        let pad = view.pad;
        let view = TensorView { pad: [0; 4], ..view };
        let sizes = view.sizes();
        let map = match *sizes {
            [1, channels, height, width] => [channels, height, width],
            [1, channels, width] => [channels, 1, width],
            [channels, height, width] => [channels, height, width],
            _ => {
                let text: Vec<String> = sizes.iter().map(ToString::to_string).collect();
                return Err(Trouble::because(format!(
                    "takes {}, where 1 x channels x height x width is expected",
                    text.join(" x ")
                )));
            }
        };
        let target = ImportedShape::Map { channels: map[0], height: map[1], width: map[2] };
        let source = self.canonical(node, &view, target)?;
        Ok((source, pad, map))
    }

    /// Where what a layer takes comes from.
    pub(super) fn from(source: usize) -> Vec<Feeder> {
        vec![Self::feeder(source)]
    }
}
