//! Sums, products and limits of every value.

use std::sync::Arc;

use super::super::constant::{Const, broadcast};
use super::super::graph::OnnxNode;
use super::super::layer::{Feeder, ImportedKind};
use super::super::tensor::count;
use super::super::view::TensorView;
use super::super::weights::Fold;
use super::layout::shape_of;
use super::{NetworkBuilder, Note, Outcome, TracedValue, Trouble, constant};

/// What two operands become.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Sum,
    Product,
}

impl<'m> NetworkBuilder<'m> {
    /// `Add`, `Sub`, `Mul`, `Div`, `Pow`, `Max`, `Min`, `Sum` of activations and stored values.
    pub(super) fn arithmetic(
        &mut self,
        node: &OnnxNode<'m>,
        inputs: &[Option<TracedValue>],
    ) -> Outcome<Vec<TracedValue>> {
        let one = |view: TensorView| Ok(vec![TracedValue::TensorView(view)]);
        let values: Vec<&TracedValue> = inputs.iter().flatten().collect();
        match (node.operator, values.as_slice()) {
            ("Pow" | "Max" | "Min", [TracedValue::TensorView(view), TracedValue::Const(number)])
            | ("Max" | "Min", [TracedValue::Const(number), TracedValue::TensorView(view)]) => {
                let view = self.plain(node, view.clone())?;
                let word = match (node.operator, number.scalar()) {
                    ("Max", Some(0.0)) => "relu",
                    ("Pow", Some(2.0)) => "square",
                    ("Pow", Some(0.5)) => "square-root",
                    ("Pow", _) => "power",
                    _ => "clip",
                };
                one(self.activate(node, view, word))
            }
            ("Pow" | "Max" | "Min", _) => Err(Trouble::because("takes two activations, which no layer does")),
            (_, [a]) => Ok(vec![(*a).clone()]),
            (operator, [first, rest @ ..]) => {
                let mut sum = (*first).clone();
                for next in rest {
                    sum = self.pair(node, operator, &sum, next)?;
                }
                Ok(vec![sum])
            }
            (_, []) => Err(Trouble::because("takes nothing")),
        }
    }

    fn pair(&mut self, node: &OnnxNode<'m>, operator: &str, a: &TracedValue, b: &TracedValue) -> Outcome<TracedValue> {
        let operation = if matches!(operator, "Mul" | "Div") { Operation::Product } else { Operation::Sum };
        let inverse = matches!(operator, "Sub" | "Div");
        match (a, b) {
            (TracedValue::TensorView(a), TracedValue::TensorView(b)) => {
                if inverse {
                    self.notes.add(Note::Difference);
                }
                self.both(node, operation, a, b).map(TracedValue::TensorView)
            }
            (TracedValue::TensorView(view), TracedValue::Const(c)) => {
                self.with(node, operation, inverse, view, c).map(TracedValue::TensorView)
            }
            (TracedValue::Const(c), TracedValue::TensorView(view)) => {
                // What is taken from, or divided by, is no weight of a layer.
                if inverse {
                    let word = if operation == Operation::Sum { "negative" } else { "reciprocal" };
                    let view = self.plain(node, view.clone())?;
                    let view = self.activate(node, view, word);
                    return self.with(node, operation, false, &view, c).map(TracedValue::TensorView);
                }
                self.with(node, operation, false, view, c).map(TracedValue::TensorView)
            }
            (TracedValue::TensorView(view), TracedValue::Outside(sizes))
            | (TracedValue::Outside(sizes), TracedValue::TensorView(view)) => {
                let mask = matches!(self.layers[view.source].kind, ImportedKind::MatMul { .. });
                if broadcast(&view.sizes(), sizes) != Some(view.sizes()) || !(mask || operation == Operation::Product) {
                    return Err(Trouble::because("takes a second input of the network"));
                }
                self.notes.add(Note::Mask);
                Ok(TracedValue::TensorView(view.clone()))
            }
            (a, b) => {
                let sizes = |value: &TracedValue| match value {
                    TracedValue::Const(c) => Some(c.sizes.clone()),
                    TracedValue::Outside(sizes) => Some(sizes.clone()),
                    _ => None,
                };
                let sizes = sizes(a).zip(sizes(b)).and_then(|(a, b)| broadcast(&a, &b));
                let sizes = sizes.filter(|sizes| count(sizes).is_some());
                let sizes = sizes.ok_or_else(|| Trouble::because("takes values that do not fit"))?;
                Ok(match (a, b) {
                    (TracedValue::Const(_), TracedValue::Const(_)) => {
                        TracedValue::Const(Arc::new(Const::unknown(sizes)))
                    }
                    _ => TracedValue::Outside(sizes),
                })
            }
        }
    }

    /// Two activations.
    fn both(
        &mut self,
        node: &OnnxNode<'m>,
        operation: Operation,
        a: &TensorView,
        b: &TensorView,
    ) -> Outcome<TensorView> {
        let (mut a, mut b) = (self.plain(node, a.clone())?, self.plain(node, b.clone())?);
        let (sizes_a, sizes_b) = (a.sizes(), b.sizes());
        let unfit = || Trouble::because("takes activations of different sizes");
        let sizes = broadcast(&sizes_a, &sizes_b).ok_or_else(unfit)?;
        let (kind, word) = match operation {
            Operation::Sum => (ImportedKind::Add, "add"),
            Operation::Product => (ImportedKind::Multiply, "multiply"),
        };
        let elements = |sizes: &[usize]| count(sizes).unwrap_or(usize::MAX);
        if elements(&b.sizes()) > elements(&a.sizes()) {
            std::mem::swap(&mut a, &mut b);
        }
        if elements(&a.sizes()) != elements(&sizes) {
            return Err(Trouble::because("takes activations of which each repeats the other"));
        }
        let name = self.names.of(node, None, word);
        if a.flat() == b.flat() && self.shape(a.source) == self.shape(b.source) {
            let a = if a.dims.len() == sizes.len() { a } else { a.reshaped(&sizes).ok_or_else(unfit)? };
            return Ok(self.element(name, kind, &a, &[Self::feeder(b.source)]));
        }
        let target = shape_of(&sizes)?;
        let narrow = elements(&b.sizes()) < elements(&a.sizes());
        let of_b = if narrow { self.one_a_channel(&a, &b, &sizes)? } else { target };
        if narrow && self.shape(a.source).width() == of_b.width() && of_b.elements() == of_b.width() {
            // One value a channel: the map stays as it lies.
            let b = self.canonical(node, &b, of_b)?;
            return Ok(self.element(name, kind, &a, &[Self::feeder(b)]));
        }
        let (a, b) = (self.canonical(node, &a, target)?, self.canonical(node, &b, of_b)?);
        let source = self.push(name, kind, vec![Self::feeder(a), Self::feeder(b)], target, 0);
        TensorView::whole(source, &target, &sizes).ok_or_else(unfit)
    }

    /// The shape of an operand that has one value for each channel of a map.
    fn one_a_channel(
        &self,
        a: &TensorView,
        b: &TensorView,
        sizes: &[usize],
    ) -> Outcome<super::super::layer::ImportedShape> {
        use super::super::layer::ImportedShape;
        let shape = self.shape(a.source);
        let fits = match shape {
            ImportedShape::Map { channels, .. } => {
                let dim = (0..sizes.len()).find(|&dim| a.is_axis(dim, 0, &shape) && a.sizes()[dim] == channels);
                let own = dim.and_then(|dim| (dim + b.dims.len()).checked_sub(sizes.len())).map(|dim| b.sizes()[dim]);
                own == Some(channels) && count(&b.sizes()) == Some(channels)
            }
            _ => false,
        };
        if fits {
            return Ok(ImportedShape::Map { channels: shape.width(), height: 1, width: 1 });
        }
        Err(Trouble::because("repeats one of two activations, which layers do for one value a channel of a map alone"))
    }

    /// An activation and stored values.
    fn with(
        &mut self,
        node: &OnnxNode<'m>,
        operation: Operation,
        inverse: bool,
        view: &TensorView,
        c: &Const,
    ) -> Outcome<TensorView> {
        if view.pad != [0; 4] {
            return Err(Trouble::because("takes a map with zeros around it, which only convolutions and pooling do"));
        }
        let sizes =
            broadcast(&view.sizes(), &c.sizes).ok_or_else(|| Trouble::because("takes values that do not fit"))?;
        if count(&sizes) != count(&view.sizes()) {
            return Err(Trouble::because("repeats activations, which no layer does"));
        }
        let source = view.source;
        let shape = self.shape(source);
        if let (Operation::Product, 1, Some(value), true) = (operation, c.count(), c.scalar(), view.sole) {
            self.scale(view, if inverse { 1.0 / value } else { value });
            return Ok(view.clone());
        }
        if operation == Operation::Sum
            && (matches!(self.layers[source].kind, ImportedKind::MatMul { transposed: true, .. })
                || c.scalar() == Some(0.0))
        {
            if c.scalar() != Some(0.0) {
                self.notes.add(Note::Mask);
            }
            return Ok(view.clone());
        }
        let wide: Vec<usize> = (0..c.sizes.len()).filter(|&dim| c.sizes[dim] > 1).collect();
        let channels = match wide.as_slice() {
            [] => c.count() == 1,
            &[dim] => (dim + view.dims.len())
                .checked_sub(c.sizes.len())
                .is_some_and(|dim| view.is_axis(dim, shape.feature_axis(), &shape)),
            _ => false,
        };
        let layer = &mut self.layers[source];
        if channels && view.sole && layer.activation.is_none() && view.token.is_none() {
            if matches!(layer.kind, ImportedKind::Normalize(_)) {
                return Ok(view.clone());
            }
            if let Some(weights) = &mut layer.weights {
                let stored = c.stored.clone();
                weights.folds.push(match operation {
                    Operation::Sum => Fold::Term { values: stored, negative: inverse },
                    Operation::Product => Fold::Factor { values: stored, inverse },
                });
                // A matrix product and the sum after it are how exporters write a dense layer: nothing to speak of.
                if operation == Operation::Product || weights.bias.is_some() {
                    self.notes.add(Note::Affine);
                }
                return Ok(view.clone());
            }
        }
        let view = self.plain(node, view.clone())?;
        let (kind, word) = match operation {
            Operation::Sum => (ImportedKind::Add, "add"),
            Operation::Product => (ImportedKind::Multiply, "multiply"),
        };
        let name = self.names.of(node, None, word);
        Ok(self.element(name, kind, &view, &[Feeder::Constant]))
    }

    /// A factor of all values goes into weights, or beside the layer.
    fn scale(&mut self, view: &TensorView, factor: f64) {
        if factor == 1.0 {
            return;
        }
        self.notes.add(Note::Scale);
        let layer = &mut self.layers[view.source];
        match &mut layer.weights {
            Some(weights) if layer.activation.is_none() => weights.folds.push(Fold::Scale(factor)),
            _ => layer.scale *= factor,
        }
    }

    /// `Clip`: a function by its limits.
    pub(super) fn clip(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<TensorView> {
        let view = self.view(inputs, 0)?;
        let view = self.plain(node, view)?;
        let limit = |index: usize, name: &str| {
            let given = inputs.get(index).and_then(|value| value.as_ref()).and_then(constant);
            given.map_or_else(|| node.float(name), Const::scalar)
        };
        let word = match (limit(1, "min"), limit(2, "max")) {
            (Some(0.0), Some(6.0)) => "relu6",
            (Some(0.0), None) => "relu",
            _ => "clip",
        };
        Ok(self.activate(node, view, word))
    }

    /// `Where`: a mask is left out.
    pub(super) fn masked(&mut self, inputs: &[Option<TracedValue>]) -> Outcome<Vec<TracedValue>> {
        let views: Vec<&TensorView> = inputs
            .iter()
            .skip(1)
            .flatten()
            .filter_map(|value| if let TracedValue::TensorView(view) = value { Some(view) } else { None })
            .collect();
        let condition = inputs.first().and_then(|value| value.as_ref());
        match (condition, views.as_slice()) {
            (Some(TracedValue::Const(_) | TracedValue::Outside(_)), [view]) => {
                self.notes.add(Note::Mask);
                let mut view = (*view).clone();
                // The test for the mask looks at the values too, as in `where(isnan(x), 0, x)`.
                view.sole = false;
                Ok(vec![TracedValue::TensorView(view)])
            }
            _ => Err(Trouble::because("chooses between activations, which no layer does")),
        }
    }
}
