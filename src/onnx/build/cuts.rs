//! Parts of what a layer gives, and several put together.

use std::sync::Arc;

use super::super::constant::Const;
use super::super::graph::{Cut, OnnxNode, place};
use super::super::layer::{Feeder, ImportedKind, ImportedShape};
use super::super::view::{AxisPart, PickedToken, TensorView, size};
use super::layout::shape_of;
use super::{NetworkBuilder, Outcome, TracedValue, Trouble, constant};

impl<'m> NetworkBuilder<'m> {
    /// `Slice` and `Gather`.
    pub(super) fn cut_out(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let mut view = self.view(inputs, 0)?;
        let sizes = view.sizes();
        let constants: Vec<Option<&Const>> = inputs.iter().map(|value| value.as_ref().and_then(constant)).collect();
        if view.pad != [0; 4] {
            return Err(Trouble::because("takes a map with zeros around it, which only convolutions and pooling do"));
        }
        if node.operator == "Slice" {
            let cuts =
                node.slices(&sizes, &constants).ok_or_else(|| Trouble::because("cuts at places that are not known"))?;
            for cut in cuts {
                view = self.cut(node, &view, cut)?;
            }
            return Ok(view);
        }
        let dim =
            node.axis("axis", sizes.len()).ok_or_else(|| Trouble::because("takes a dimension that is not there"))?;
        let indices = constants.get(1).copied().flatten();
        let places = indices.and_then(Const::numbers).map(|all| all.iter().map(|&p| place(p, sizes[dim])).collect());
        let places: Option<Vec<usize>> = places.flatten();
        let (Some(places), Some(indices)) = (places, indices) else {
            return Err(Trouble::because("takes places that are not known"));
        };
        let first = places.first().copied().unwrap_or(0);
        if places.iter().copied().eq(0..sizes[dim]) && indices.sizes.len() > 1 {
            // All values once, in other sizes: how views by strides are exported.
            let mut wanted = sizes[..dim].to_vec();
            wanted.extend(&indices.sizes);
            wanted.extend(&sizes[dim + 1..]);
            return view.reshaped(&wanted).ok_or_else(|| Trouble::because("asks for sizes that do not fit"));
        }
        if places.is_empty() || !places.iter().copied().eq(first..first + places.len()) || indices.sizes.len() > 1 {
            return Err(Trouble::because("takes values that do not lie one after another"));
        }
        view = self.cut(node, &view, Cut { dim, first, step: 1, count: places.len() })?;
        if indices.sizes.is_empty() {
            view.dims.remove(dim);
        }
        Ok(view)
    }

    /// `Split`.
    pub(super) fn split(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<Vec<TracedValue>> {
        let view = self.view(inputs, 0)?;
        let view = self.plain(node, view)?;
        let sizes = view.sizes();
        let given = inputs.get(1).and_then(|value| value.as_ref()).and_then(constant).and_then(Const::numbers);
        let unfit = || Trouble::because("cuts into parts that do not fit");
        let dim = node.axis("axis", sizes.len()).ok_or_else(unfit)?;
        let mut first = 0;
        let mut parts = Vec::new();
        for count in node.split(sizes[dim], given).ok_or_else(unfit)? {
            parts.push(TracedValue::TensorView(self.cut(node, &view, Cut { dim, first, step: 1, count })?));
            first += count;
        }
        Ok(parts)
    }

    /// A part of one dimension.
    fn cut(&mut self, node: &OnnxNode<'m>, view: &TensorView, cut: Cut) -> Outcome<TensorView> {
        let shape = self.shape(view.source);
        let dim = cut.dim;
        let full = size(&view.dims[dim]);
        if cut.count == full && cut.step == 1 {
            return Ok(view.clone());
        }
        if cut.count == 0 {
            return Err(Trouble::because("takes nothing"));
        }
        if let ImportedShape::Sequence { tokens, features } = shape
            && view.is_axis(dim, 0, &shape)
            && view.token.is_none()
            && cut.step == 1
        {
            return self.cut_tokens(node, view, cut, (tokens, features));
        }
        let mut ordered = cut.step == 1;
        let factor = match view.dims[dim].as_slice() {
            &[factor] => factor,
            // All channels in another order: what is taken of them is in another order too.
            factors if full == shape.width() && factors.iter().all(|factor| factor.axis == shape.feature_axis()) => {
                ordered = false;
                AxisPart { axis: shape.feature_axis(), stride: 1, size: full }
            }
            _ => return Err(Trouble::because("takes a part of values that belong to several dimensions")),
        };
        if factor.axis != shape.feature_axis() {
            let why = match shape {
                ImportedShape::Map { .. } => "takes a part of the rows or columns of a map, which no layer does",
                _ => "takes some tokens of each group, which no layer does",
            };
            return Err(Trouble::because(why));
        }
        let view = self.plain(node, view.clone())?;
        let width = shape.width() / factor.size * cut.count;
        // Where the part is of the outermost places, it is one piece; else its pieces lie apart, and are put together.
        let outermost = factor.stride * factor.size == shape.width();
        ordered &= outermost;
        let first = if ordered { cut.first * factor.stride } else { 0 };
        let name = self.part(node, view.source, "slice");
        let kind = ImportedKind::Slice { first, last: first + width - 1 };
        let source = self.push(name, kind, vec![Self::feeder(view.source)], shape.with_width(width), 0);
        if !ordered {
            self.reorder(source);
        }
        let changed = |other: &AxisPart| {
            let beyond = other.axis == factor.axis && other.stride > factor.stride;
            let stride = if beyond { other.stride / factor.size * cut.count } else { other.stride };
            AxisPart { stride, ..*other }
        };
        let mut dims: Vec<Vec<AxisPart>> = view.dims.iter().map(|dim| dim.iter().map(changed).collect()).collect();
        dims[dim] = if cut.count == 1 { Vec::new() } else { vec![AxisPart { size: cut.count, ..factor }] };
        Ok(TensorView { source, dims, sole: true, ..view })
    }

    /// The name of a part of a layer: after the layer where the file says nothing.
    fn part(&self, node: &OnnxNode<'m>, source: usize, word: &str) -> String {
        let name = self.names.of(node, None, word);
        if name == word && source > 0 { format!("{}.{word}", self.layers[source].name) } else { name }
    }

    fn cut_tokens(
        &mut self,
        node: &OnnxNode<'m>,
        view: &TensorView,
        cut: Cut,
        (tokens, features): (usize, usize),
    ) -> Outcome<TensorView> {
        let mut view = view.clone();
        if cut.count == 1 && (cut.first == 0 || cut.first == tokens - 1) {
            view.token = Some(if cut.first == 0 { PickedToken::First } else { PickedToken::Last });
            view.dims[cut.dim] = Vec::new();
            return Ok(view);
        }
        let source = self.tokens(node, view.source, cut.first * features, cut.count, features);
        view.dims[cut.dim] =
            if cut.count == 1 { Vec::new() } else { vec![AxisPart { axis: 0, stride: 1, size: cut.count }] };
        Ok(TensorView { source, sole: true, ..view })
    }

    /// `Concat`: channels or features one after another, tokens after others, or class tokens before those of a map.
    pub(super) fn concat(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let mut views = Vec::new();
        let mut constants: Vec<Arc<Const>> = Vec::new();
        for value in inputs.iter().flatten() {
            match value {
                TracedValue::TensorView(view) => views.push(self.plain(node, view.clone())?),
                TracedValue::Const(constant) if constant.count() == 0 => {}
                TracedValue::Const(constant) => constants.push(Arc::clone(constant)),
                _ => return Err(Trouble::because("joins a second input of the network")),
            }
        }
        let rank = views[0].dims.len();
        let dim =
            node.axis("axis", rank).ok_or_else(|| Trouble::because("joins along a dimension that is not there"))?;
        if views.iter().any(|view| view.dims.len() != rank) {
            return Err(Trouble::because("joins values of different dimensions"));
        }
        if !constants.is_empty() {
            return self.class_tokens(node, &views, &constants, dim);
        }
        if let [view] = views.as_slice() {
            return Ok(view.clone());
        }
        self.join(node, views, dim)
    }

    fn join(&mut self, node: &OnnxNode<'m>, mut views: Vec<TensorView>, dim: usize) -> Outcome<TensorView> {
        if !self.joins_features(&views, dim) {
            if let Some(joined) = self.join_heads(node, &views, dim) {
                return Ok(joined);
            }
            for view in &mut views {
                let sizes = view.sizes();
                let source = self.canonical(node, view, shape_of(&sizes)?)?;
                let whole = TensorView::whole(source, &self.shape(source), &sizes);
                *view = whole.ok_or_else(|| Trouble::because("joins nothing"))?;
            }
        }
        if self.joins_features(&views, dim) {
            let shape = self.shape(views[0].source);
            let width = views.iter().fold(0_usize, |sum, view| sum.saturating_add(self.shape(view.source).width()));
            let from = views.iter().map(|view| Self::feeder(view.source)).collect();
            let name = self.names.of(node, None, "concat");
            let source = self.push(name, ImportedKind::Concat, from, shape.with_width(width), 0);
            let mut dims = views[0].dims.clone();
            dims[dim] = vec![AxisPart { axis: shape.feature_axis(), stride: 1, size: width }];
            return Ok(TensorView { source, dims, sole: true, token: None, pad: [0; 4] });
        }
        self.join_tokens(node, &views, dim)
    }

    /// Parts of the features of every head one after another, as rotary embeddings have them.
    fn join_heads(&mut self, node: &OnnxNode<'m>, views: &[TensorView], dim: usize) -> Option<TensorView> {
        let first = &views[0];
        let shape = self.shape(first.source);
        let axis = shape.feature_axis();
        let &[own] = first.dims[dim].as_slice() else { return None };
        let others = |view: &TensorView| -> Vec<Vec<(usize, usize)>> {
            let mut dims = view.dims.clone();
            dims.remove(dim);
            dims.iter().map(|dim| dim.iter().map(|factor| (factor.axis, factor.size)).collect()).collect()
        };
        let mut count = 0_usize;
        for view in views {
            let &[factor] = view.dims[dim].as_slice() else { return None };
            let alike = self.shape(view.source).with_width(1) == shape.with_width(1) && others(view) == others(first);
            if !alike || factor.axis != axis || factor.stride != own.stride {
                return None;
            }
            count = count.checked_add(factor.size)?;
        }
        let width = (shape.width() / own.size).checked_mul(count)?;
        let from = views.iter().map(|view| Self::feeder(view.source)).collect();
        let name = self.names.of(node, None, "concat");
        let source = self.push(name, ImportedKind::Concat, from, shape.with_width(width), 0);
        self.reorder(source);
        let wider = |factor: &AxisPart| {
            let beyond = factor.axis == axis && factor.stride > own.stride;
            AxisPart { stride: if beyond { factor.stride / own.size * count } else { factor.stride }, ..*factor }
        };
        let mut dims: Vec<Vec<AxisPart>> = first.dims.iter().map(|dim| dim.iter().map(wider).collect()).collect();
        dims[dim] = vec![AxisPart { size: count, ..own }];
        Some(TensorView { source, dims, sole: true, token: None, pad: [0; 4] })
    }

    /// True if they are alike, and what is joined are channels or features.
    fn joins_features(&self, views: &[TensorView], dim: usize) -> bool {
        let others = |view: &TensorView| {
            let mut dims = view.dims.clone();
            dims.remove(dim);
            dims
        };
        let first = self.shape(views[0].source);
        views.iter().all(|view| {
            let shape = self.shape(view.source);
            view.is_axis(dim, shape.feature_axis(), &shape)
                && shape.with_width(1) == first.with_width(1)
                && others(view) == others(&views[0])
        })
    }

    /// Tokens after tokens: what they hold in one row after another.
    fn join_tokens(&mut self, node: &OnnxNode<'m>, views: &[TensorView], dim: usize) -> Outcome<TensorView> {
        let unfit = || Trouble::because("joins along rows, columns or parts of dimensions, which no layer does");
        let mut from = Vec::new();
        let (mut count, mut width) = (0, None);
        for view in views {
            let shape = self.shape(view.source);
            let ImportedShape::Sequence { tokens, features } = shape else { return Err(unfit()) };
            if !view.is_axis(dim, 0, &shape) || *width.get_or_insert(features) != features {
                return Err(unfit());
            }
            count = tokens.saturating_add(count);
            let name = self.names.of(node, None, "row");
            let row = ImportedShape::Sequence { tokens: 1, features: shape.elements() };
            from.push(Self::feeder(self.push(name, ImportedKind::Reshape, vec![Self::feeder(view.source)], row, 0)));
        }
        let shape = ImportedShape::Sequence { tokens: count, features: width.unwrap_or(0) };
        let name = self.names.of(node, None, "concat");
        let row = ImportedShape::Sequence { tokens: 1, features: shape.elements() };
        let joined = self.push(name, ImportedKind::Concat, from, row, 0);
        let name = self.names.of(node, None, "reshape");
        let source = self.push(name, ImportedKind::Reshape, vec![Self::feeder(joined)], shape, 0);
        let mut sizes = views[0].sizes();
        sizes[dim] = count;
        TensorView::whole(source, &shape, &sizes).ok_or_else(unfit)
    }

    /// Stored tokens beside those of a map, or of a sequence that was made of one.
    fn class_tokens(
        &mut self,
        node: &OnnxNode<'m>,
        views: &[TensorView],
        constants: &[Arc<Const>],
        dim: usize,
    ) -> Outcome<TensorView> {
        let unfit =
            || Trouble::because("joins activations and stored values, which layers do for tokens of a map alone");
        let [view] = views else { return Err(unfit()) };
        let own = |c: &Arc<Const>| c.sizes.get(dim).copied().unwrap_or(0);
        let count = constants.iter().fold(0_usize, |sum, c| sum.saturating_add(own(c)));
        let shape = self.shape(view.source);
        let mut sizes = view.sizes();
        let tokens = sizes[dim];
        let features = shape.width();
        if sizes.last() != Some(&features) || tokens * features != shape.elements() || dim + 2 != sizes.len() {
            return Err(unfit());
        }
        sizes[dim] = tokens.saturating_add(count);
        let target = ImportedShape::Sequence { tokens: sizes[dim], features };
        super::super::tensor::count(&sizes).ok_or_else(unfit)?;
        let source = match shape {
            ImportedShape::Map { .. } => {
                let name = self.names.of(node, None, "tokens");
                self.push(name, ImportedKind::Sequence(count), vec![Self::feeder(view.source)], target, 0)
            }
            _ => {
                let layer = &mut self.layers[view.source];
                let ImportedKind::Sequence(before) = &mut layer.kind else { return Err(unfit()) };
                if !view.sole {
                    return Err(unfit());
                }
                *before = before.saturating_add(count);
                layer.output = target;
                view.source
            }
        };
        debug_assert!(matches!(self.layers[source].from.first(), Some(Feeder::Layer(_) | Feeder::Input)));
        TensorView::whole(source, &target, &sizes).ok_or_else(unfit)
    }
}
