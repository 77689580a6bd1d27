//! Products of two activations: the scores of attention, and the values that they weigh.

use super::super::graph::OnnxNode;
use super::super::layer::{ImportedKind, ImportedShape};
use super::super::view::{AxisPart, TensorView, merged, size};
use super::{NetworkBuilder, Outcome, Trouble};

/// Heads and what is left of the features of each.
struct Heads {
    heads: usize,
    each: usize,
}

/// What stands in a dimension of a factor.
#[derive(PartialEq, Eq)]
enum AxisRole {
    Tokens,
    Features(usize),
    Other,
}

impl<'m> NetworkBuilder<'m> {
    /// `a` times `b`, in heads if there are dimensions before the last two.
    pub(super) fn product(&mut self, node: &OnnxNode<'m>, a: TensorView, b: TensorView) -> Outcome<TensorView> {
        let unfit = || {
            Trouble::because(
                "multiplies activations in a way that is no attention: heads, tokens and features of both must follow from sequences",
            )
        };
        let (a, b) = (self.on_sequence(node, a)?, self.on_sequence(node, b)?);
        let rank = a.dims.len();
        if rank < 2 || b.dims.len() != rank {
            return Err(unfit());
        }
        let (shape_a, shape_b) = (self.shape(a.source), self.shape(b.source));
        let front = rank - 2;
        let (heads_a, heads_b) = (self.heads(&a, front), self.heads(&b, front));
        let (Some(heads_a), Some(heads_b)) = (heads_a, heads_b) else { return Err(unfit()) };
        if heads_a.heads != heads_b.heads || heads_a.places != heads_b.places {
            return Err(Trouble::because("multiplies activations of different numbers of heads, which no layer does"));
        }
        let heads = heads_a.heads;
        let of_a = Heads { heads, each: shape_a.width() / heads };
        let of_b = Heads { heads, each: shape_b.width() / heads };
        let [n, k] = [role(&a, front, &of_a, &shape_a), role(&a, rank - 1, &of_a, &shape_a)];
        let [k_b, m] = [role(&b, front, &of_b, &shape_b), role(&b, rank - 1, &of_b, &shape_b)];
        if n != AxisRole::Tokens || size(&a.dims[rank - 1]) != size(&b.dims[front]) {
            return Err(unfit());
        }
        let transposed = match (k, k_b, m) {
            (AxisRole::Features(_), AxisRole::Features(_), AxisRole::Tokens) => true,
            (AxisRole::Features(_), AxisRole::Tokens, AxisRole::Features(_)) => false,
            _ => return Err(unfit()),
        };
        let (tokens, inner, columns) = (shape_a.sizes()[0], size(&a.dims[rank - 1]), size(&b.dims[rank - 1]));
        let output = ImportedShape::Sequence { tokens, features: heads.saturating_mul(columns) };
        let macs = [heads, tokens, inner, columns].iter().fold(1_u64, |product, &n| product.saturating_mul(n as u64));
        let name = self.names.of(node, None, if transposed { "scores" } else { "context" });
        let from = vec![Self::feeder(a.source), Self::feeder(b.source)];
        let source = self.push(name, ImportedKind::MatMul { heads, transposed }, from, output, macs);
        if heads_a.inside || heads_b.inside {
            self.reorder(source);
        }
        let feature = |stride: usize, size: usize| merged(std::iter::once(AxisPart { axis: 1, stride, size }));
        let mut dims: Vec<Vec<AxisPart>> = vec![Vec::new(); rank];
        if let Some(place) = heads_a.places {
            dims[place] = feature(columns, heads);
        }
        dims[front] = merged(std::iter::once(AxisPart { axis: 0, stride: 1, size: tokens }));
        dims[rank - 1] = feature(1, columns);
        Ok(TensorView { source, dims, sole: true, token: None, pad: [0; 4] })
    }

    /// The heads of a view: the one dimension before its last two that has more than one place.
    fn heads(&self, view: &TensorView, front: usize) -> Option<Front> {
        let wide: Vec<usize> = (0..front).filter(|&dim| size(&view.dims[dim]) > 1).collect();
        match wide.as_slice() {
            [] => Some(Front { heads: 1, places: None, inside: false }),
            &[dim] if view.dims[dim].iter().all(|factor| factor.axis == 1) => {
                let width = self.shape(view.source).width();
                let outermost = matches!(view.dims[dim].as_slice(), [one] if one.stride * one.size == width);
                Some(Front { heads: size(&view.dims[dim]), places: Some(dim), inside: !outermost })
            }
            _ => None,
        }
    }
}

/// The dimensions before the last two.
struct Front {
    heads: usize,
    places: Option<usize>,
    /// Heads lie within the features of each other.
    inside: bool,
}

/// What a dimension is: all tokens, or all features of a head.
fn role(view: &TensorView, dim: usize, heads: &Heads, shape: &ImportedShape) -> AxisRole {
    let tokens = view.is_axis(dim, 0, shape);
    let features = match view.dims[dim].as_slice() {
        [] => heads.each == 1,
        [one] => one.axis == 1 && one.size == heads.each,
        _ => false,
    };
    match (tokens, features) {
        (_, true) if !(tokens && view.dims[dim].is_empty()) => AxisRole::Features(heads.heads),
        (true, _) => AxisRole::Tokens,
        _ => AxisRole::Other,
    }
}
