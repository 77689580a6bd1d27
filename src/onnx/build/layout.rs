//! Other sizes, another order, zeros around: nothing is computed, and a layer stands only where the language needs one.

use super::super::constant::Const;
use super::super::graph::OnnxNode;
use super::super::layer::{ImportedKind, ImportedShape};
use super::super::view::{AxisPart, PickedToken, TensorView, merged, size};
use super::{NetworkBuilder, Outcome, TracedValue, Trouble, constant};

/// Heads that share keys and values, at most.
const MOST_REPEATS: usize = 256;

/// What these sizes are without the batch.
pub(super) fn shape_of(sizes: &[usize]) -> Outcome<ImportedShape> {
    let all = sizes;
    let sizes = match sizes {
        [1, rest @ ..] if !rest.is_empty() => rest,
        _ => sizes,
    };
    let wide: Vec<usize> = sizes.iter().copied().filter(|&size| size > 1).collect();
    let sizes = if sizes.len() > 3 || (sizes.len() == 3 && all.len() == 3) { &wide } else { sizes };
    match *sizes {
        [] => Ok(ImportedShape::Features(1)),
        [features] => Ok(ImportedShape::Features(features)),
        [tokens, features] => Ok(ImportedShape::Sequence { tokens, features }),
        [channels, height, width] => Ok(ImportedShape::Map { channels, height, width }),
        _ => Err(Trouble::because(format!(
            "takes values of {} dimensions, where at most 3 beside the batch are expected",
            all.len()
        ))),
    }
}

impl<'m> NetworkBuilder<'m> {
    /// A view without zeros around it and of all tokens.
    pub(super) fn plain(&mut self, node: &OnnxNode<'m>, view: TensorView) -> Outcome<TensorView> {
        if view.pad != [0; 4] {
            return Err(Trouble::because("takes a map with zeros around it, which only convolutions and pooling do"));
        }
        let Some(token) = view.token else { return Ok(view) };
        let ImportedShape::Sequence { tokens, features } = self.shape(view.source) else {
            return Err(Trouble::because("takes a token of what is no sequence"));
        };
        let first = if token == PickedToken::First { 0 } else { (tokens - 1) * features };
        let source = self.tokens(node, view.source, first, 1, features);
        let shape = self.shape(source);
        TensorView::whole(source, &shape, &view.sizes()).ok_or_else(|| Trouble::because("takes nothing"))
    }

    /// Tokens of a sequence that lie one after another, as a part of all its values in one row.
    pub(super) fn tokens(
        &mut self,
        node: &OnnxNode<'m>,
        source: usize,
        first: usize,
        tokens: usize,
        features: usize,
    ) -> usize {
        let name = self.names.of(node, None, "row");
        let all = ImportedShape::Sequence { tokens: 1, features: self.shape(source).elements() };
        let row = self.push(name, ImportedKind::Reshape, vec![Self::feeder(source)], all, 0);
        let name = self.names.of(node, None, "slice");
        let part = ImportedShape::Sequence { tokens: 1, features: tokens * features };
        let kind = ImportedKind::Slice { first, last: first + tokens * features - 1 };
        let cut = self.push(name, kind, vec![Self::feeder(row)], part, 0);
        if tokens == 1 {
            return cut;
        }
        let name = self.names.of(node, None, "reshape");
        self.push(name, ImportedKind::Reshape, vec![Self::feeder(cut)], ImportedShape::Sequence { tokens, features }, 0)
    }

    /// A layer that gives what a view shows in the order of this shape: the layer itself where it does.
    pub(super) fn canonical(
        &mut self,
        node: &OnnxNode<'m>,
        view: &TensorView,
        target: ImportedShape,
    ) -> Outcome<usize> {
        let view = &self.plain(node, view.clone())?;
        let shape = self.shape(view.source);
        let ordered = view.in_order(&shape);
        if ordered && shape == target {
            return Ok(view.source);
        }
        if let (ImportedShape::Map { .. }, ImportedShape::Sequence { .. }) = (shape, target)
            && view.flat() == by_place(&shape)
            && shape.width() == target.width()
        {
            return Ok(self.as_sequence(node, view.source));
        }
        if shape.elements() != target.elements() {
            return Err(Trouble::because("takes a part of what is expected"));
        }
        let name = self.names.of(node, None, "reshape");
        let made = self.push(name, ImportedKind::Reshape, vec![Self::feeder(view.source)], target, 0);
        if !ordered {
            self.reorder(made);
        }
        Ok(made)
    }

    /// The places of a map as tokens.
    pub(super) fn as_sequence(&mut self, node: &OnnxNode<'m>, source: usize) -> usize {
        if let Some(&known) = self.sequences.get(&source) {
            return known;
        }
        let shape = self.shape(source);
        let target =
            ImportedShape::Sequence { tokens: shape.elements() / shape.width().max(1), features: shape.width() };
        let name = self.names.of(node, None, "tokens");
        let made = self.push(name, ImportedKind::Sequence(0), vec![Self::feeder(source)], target, 0);
        self.sequences.insert(source, made);
        made
    }

    /// A view of a sequence, made of one of a map.
    pub(super) fn on_sequence(&mut self, node: &OnnxNode<'m>, view: TensorView) -> Outcome<TensorView> {
        let view = self.plain(node, view)?;
        match self.shape(view.source) {
            ImportedShape::Sequence { .. } => Ok(view),
            ImportedShape::Features(_) => Err(Trouble::because("multiplies features that are no sequence")),
            ImportedShape::Map { width, .. } => {
                let source = self.as_sequence(node, view.source);
                let moved = |factor: &AxisPart| match factor.axis {
                    0 => AxisPart { axis: 1, ..*factor },
                    1 => AxisPart { axis: 0, stride: factor.stride * width, ..*factor },
                    _ => AxisPart { axis: 0, ..*factor },
                };
                let dims = view.dims.iter().map(|dim| merged(dim.iter().map(moved))).collect();
                Ok(TensorView { source, dims, ..view })
            }
        }
    }

    /// A change of sizes or of the order of dimensions.
    pub(super) fn arrange(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let view = self.view(inputs, 0)?;
        let sizes = view.sizes();
        let given = inputs.get(1).and_then(|value| value.as_ref()).and_then(constant);
        let numbers = given.and_then(Const::numbers);
        if given.is_some() != numbers.is_some() {
            return Err(Trouble::because("takes sizes that are not known"));
        }
        let unfit = || Trouble::because("asks for sizes that do not fit");
        if node.operator == "Transpose" {
            let order = node.permutation(sizes.len()).ok_or_else(unfit)?;
            if view.pad != [0; 4] {
                return Err(Trouble::because(
                    "takes a map with zeros around it, which only convolutions and pooling do",
                ));
            }
            return Ok(TensorView { dims: order.iter().map(|&dim| view.dims[dim].clone()).collect(), ..view });
        }
        let wanted = match node.operator {
            "Reshape" => {
                node.reshaped(&sizes, numbers.ok_or_else(|| Trouble::because("takes sizes that depend on an input"))?)
            }
            "Flatten" => node.flattened(&sizes),
            "Squeeze" => node.squeezed(&sizes, numbers),
            "Unsqueeze" => node.unsqueezed(&sizes, numbers),
            _ => expanded(&sizes, numbers),
        };
        let wanted = wanted.ok_or_else(unfit)?;
        if super::super::tensor::count(&wanted) != super::super::tensor::count(&sizes) {
            return self.repeat(node, &view, &wanted);
        }
        if view.pad != [0; 4] {
            return Err(Trouble::because("takes a map with zeros around it, which only convolutions and pooling do"));
        }
        if let Some(view) = view.reshaped(&wanted) {
            return Ok(view);
        }
        let source = self.canonical(node, &view, shape_of(&wanted)?)?;
        TensorView::whole(source, &self.shape(source), &wanted).ok_or_else(unfit)
    }

    /// Features of a sequence once more for each place of a new dimension: how heads share keys and values.
    fn repeat(&mut self, node: &OnnxNode<'m>, view: &TensorView, wanted: &[usize]) -> Outcome<TensorView> {
        let unfit = || Trouble::because("repeats values, which layers do for the features of a sequence alone");
        let mut dims = vec![Vec::new(); wanted.len().saturating_sub(view.dims.len())];
        dims.extend(view.dims.iter().cloned());
        let wider: Vec<usize> = (0..wanted.len()).filter(|&dim| size(&dims[dim]) != wanted[dim]).collect();
        let (ImportedShape::Sequence { tokens, features }, &[dim], true) =
            (self.shape(view.source), wider.as_slice(), view.token.is_none() && view.pad == [0; 4])
        else {
            return Err(unfit());
        };
        let times = wanted[dim];
        if times > MOST_REPEATS {
            return Err(unfit());
        }
        let output = ImportedShape::Sequence { tokens, features: features.saturating_mul(times) };
        let name = self.names.of(node, None, "concat");
        let source = self.push(name, ImportedKind::Concat, vec![Self::feeder(view.source); times], output, 0);
        self.reorder(source);
        dims[dim] = vec![AxisPart { axis: 1, stride: features, size: times }];
        Ok(TensorView { source, dims, sole: true, ..view.clone() })
    }

    /// Zeros around a map, which the next layer adds.
    pub(super) fn pad(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let mut view = self.view(inputs, 0)?;
        let rank = view.dims.len();
        let given = inputs.get(1).and_then(|value| value.as_ref()).and_then(constant).and_then(Const::numbers);
        let pads =
            given.or_else(|| node.ints("pads")).ok_or_else(|| Trouble::because("pads by sizes that are not known"))?;
        let axes = inputs.get(3).and_then(|value| value.as_ref()).and_then(constant).and_then(Const::numbers);
        let axes = node.axes(rank, axes).filter(|axes| pads.len() == 2 * axes.len());
        let axes = axes.ok_or_else(|| Trouble::because("states pads that do not fit"))?;
        for (index, &dim) in axes.iter().enumerate() {
            let (before, after) = (pads[index], pads[index + axes.len()]);
            let place = (dim + 2).checked_sub(rank).filter(|_| rank >= 3);
            match place {
                _ if (before, after) == (0, 0) => {}
                Some(place) if (0..1 << 20).contains(&before) && (0..1 << 20).contains(&after) => {
                    view.pad[place] += before as usize;
                    view.pad[place + 2] += after as usize;
                }
                Some(_) => return Err(Trouble::because("cuts a map by negative pads")),
                None => return Err(Trouble::because("adds zeros to channels, which no layer does")),
            }
        }
        Ok(view)
    }
}

/// Rows, columns, channels: the order of tokens.
fn by_place(shape: &ImportedShape) -> Vec<AxisPart> {
    let axes = super::super::view::axes(shape);
    let order = [1, 2, 0];
    merged(order.iter().filter_map(|&axis| axes.get(axis).copied()))
}

fn expanded(sizes: &[usize], wanted: Option<&[i64]>) -> Option<Vec<usize>> {
    let wanted: Option<Vec<usize>> = wanted?.iter().map(|&size| usize::try_from(size).ok()).collect();
    super::super::constant::broadcast(sizes, &wanted?)
}
