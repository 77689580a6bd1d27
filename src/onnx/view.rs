//! How a tensor of the file lies on what a layer gives: which of its dimensions are which axes.
//!
//! Exports of attention take the features of a sequence apart into heads, bring these to the front, and put all together again, in many ways. None of that
//! computes anything. A [`TensorView`] follows it: each dimension of the tensor is a product of parts of the axes of one layer's output.

pub use crate::workload::PickedToken;

use super::layer::ImportedShape;

/// Dimensions that a tensor has at most. Real networks have 6.
pub(super) const MOST_DIMENSIONS: usize = 16;

/// A part of an axis: so many places, each so far from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AxisPart {
    /// Which axis of the layer's output.
    pub axis: usize,
    /// Distance of two places.
    pub stride: usize,
    /// Places.
    pub size: usize,
}

/// What a tensor shows of a layer's output: all of it, or one of its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TensorView {
    /// The layer.
    pub source: usize,
    /// The dimensions, each from its outermost part to its innermost.
    pub dims: Vec<Vec<AxisPart>>,
    /// True if nothing else of the network sees what the layer gives.
    pub sole: bool,
    /// The token that is left of a sequence.
    pub token: Option<PickedToken>,
    /// Zeros around a map that the next layer has to add: top, left, bottom, right.
    pub pad: [usize; 4],
}

impl TensorView {
    /// A tensor of these sizes that holds the whole output of a layer in its order; none if they are not as many.
    pub fn whole(source: usize, shape: &ImportedShape, sizes: &[usize]) -> Option<Self> {
        let dims = split(&axes(shape), sizes)?;
        Some(Self { source, dims, sole: true, token: None, pad: [0; 4] })
    }

    /// The sizes of the tensor.
    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes: Vec<usize> = self.dims.iter().map(|dim| size(dim)).collect();
        if let [.., height, width] = &mut sizes[..] {
            *height += self.pad[0] + self.pad[2];
            *width += self.pad[1] + self.pad[3];
        }
        sizes
    }

    /// All parts, neighbours that belong together joined.
    pub fn flat(&self) -> Vec<AxisPart> {
        merged(self.dims.iter().flatten().copied())
    }

    /// True if the elements are in the order of the layer's output.
    pub fn in_order(&self, shape: &ImportedShape) -> bool {
        self.token.is_none() && self.flat() == merged(axes(shape).into_iter())
    }

    /// True if a dimension is exactly this axis.
    pub fn is_axis(&self, dim: usize, axis: usize, shape: &ImportedShape) -> bool {
        let whole = axes(shape).get(axis).copied();
        whole.is_some_and(|whole| match self.dims.get(dim).map(Vec::as_slice) {
            Some([]) => whole.size == 1,
            Some([one]) => *one == whole,
            _ => false,
        })
    }

    /// The dimensions with more than one place.
    pub fn wide(&self) -> Vec<usize> {
        (0..self.dims.len()).filter(|&dim| size(&self.dims[dim]) > 1).collect()
    }

    /// The same elements in other sizes; none where parts would have to be cut where they cannot.
    pub fn reshaped(&self, sizes: &[usize]) -> Option<Self> {
        let parts: Vec<AxisPart> = self.dims.iter().flatten().copied().collect();
        Some(Self { dims: split(&parts, sizes)?, ..self.clone() })
    }
}

/// The axes of a layer's output that have more than one place, or all.
pub(super) fn axes(shape: &ImportedShape) -> Vec<AxisPart> {
    shape.sizes().iter().enumerate().map(|(axis, &size)| AxisPart { axis, stride: 1, size }).collect()
}

/// Places of a dimension.
pub(super) fn size(dim: &[AxisPart]) -> usize {
    dim.iter().map(|factor| factor.size).product()
}

/// Parts without those of one place, neighbours of one axis joined.
pub(super) fn merged(parts: impl Iterator<Item = AxisPart>) -> Vec<AxisPart> {
    let mut joined: Vec<AxisPart> = Vec::new();
    for part in parts.filter(|part| part.size != 1) {
        match joined.last_mut() {
            Some(last) if last.axis == part.axis && last.stride == part.stride * part.size => {
                *last = AxisPart { size: last.size * part.size, ..part };
            }
            _ => joined.push(part),
        }
    }
    joined
}

/// Deals parts out to dimensions of these sizes, in order.
fn split(parts: &[AxisPart], sizes: &[usize]) -> Option<Vec<Vec<AxisPart>>> {
    let mut rest: Vec<AxisPart> = merged(parts.iter().copied());
    rest.reverse();
    let mut dims = Vec::with_capacity(sizes.len());
    for &wanted in sizes {
        let mut left = wanted;
        let mut dim = Vec::new();
        while left > 1 {
            let part = rest.pop()?;
            if part.size <= left && left.is_multiple_of(part.size) {
                left /= part.size;
                dim.push(part);
            } else if part.size.is_multiple_of(left) {
                let inner = part.size / left;
                dim.push(AxisPart { axis: part.axis, stride: part.stride * inner, size: left });
                rest.push(AxisPart { size: inner, ..part });
                left = 1;
            } else {
                return None;
            }
        }
        if left == 0 {
            return None;
        }
        dims.push(merged(dim.into_iter()));
    }
    rest.is_empty().then_some(dims)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5 tokens of 12 features as 3 heads of 4: to the front and back again.
    #[test]
    fn heads_are_followed_through_transposes() {
        let shape = ImportedShape::Sequence { tokens: 5, features: 12 };
        let whole = TensorView::whole(0, &shape, &[1, 5, 12]).expect("as many");
        let mut heads = whole.reshaped(&[5, 3, 4]).expect("12 = 3 x 4");
        heads.dims.swap(0, 1);
        assert_eq!(heads.sizes(), [3, 5, 4]);
        assert_eq!(heads.dims[0], [AxisPart { axis: 1, stride: 4, size: 3 }]);
        assert!(!heads.in_order(&shape));
        heads.dims.swap(0, 1);
        let back = heads.reshaped(&[1, 5, 12]).expect("as many");
        assert!(back.in_order(&shape));
        assert_eq!(back.dims, whole.dims);
    }

    #[test]
    fn parts_are_cut_only_where_they_can_be() {
        let shape = ImportedShape::Map { channels: 6, height: 2, width: 2 };
        let whole = TensorView::whole(0, &shape, &[1, 6, 2, 2]).expect("as many");
        assert_eq!(whole.reshaped(&[4, 6]), None);
        assert_eq!(whole.reshaped(&[6, 4]).map(|view| view.dims[1].len()), Some(2));
        assert_eq!(whole.reshaped(&[6, 3]), None);
        assert_eq!(whole.reshaped(&[0, 24]), None);
        assert!(whole.reshaped(&[24]).is_some_and(|view| view.in_order(&shape)));
    }
}
