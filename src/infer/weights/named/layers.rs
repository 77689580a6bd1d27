//! What the layers of a design need.

use crate::design::Design;
use crate::workload::{LayerKind, Normalization};

/// What a layer needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedLayer {
    /// Its place in [`Design::network`].
    pub step: usize,
    /// Its name.
    pub name: String,
    /// What it needs.
    pub kind: WantedKind,
}

/// What a layer needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedKind {
    /// Matrices.
    Matrices {
        /// How many.
        groups: usize,
        /// Rows of each.
        inputs: usize,
        /// Columns of each.
        outputs: usize,
        /// The shape of its tensor, as PyTorch has it.
        shape: Vec<usize>,
    },
    /// A factor and an offset of so many channels.
    Channels(usize),
}

impl WantedKind {
    /// The shape of its tensor.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Matrices { shape, .. } => shape.clone(),
            Self::Channels(channels) => vec![*channels],
        }
    }

    /// True if a tensor of this shape has its values, in its order: that of PyTorch, or one whose rows are as long.
    #[must_use]
    pub fn is_in(&self, found: &[usize]) -> bool {
        match self {
            Self::Channels(channels) => found == [*channels],
            Self::Matrices { groups, inputs, outputs, shape } => {
                let rest = || found.iter().skip(1).try_fold(1_usize, |product, &size| product.checked_mul(size));
                // A dense layer on a map may be a convolution as large as the map; one of a single place may be dense.
                let flat = shape.len() == 2 || shape[2..].iter().all(|&side| side == 1);
                let same = found == shape.as_slice();
                same || (flat && found.len() > 1 && found[0] == groups * outputs && rest() == Some(*inputs))
            }
        }
    }
}

/// What the layers of a design need, in the order of computation.
#[must_use]
pub fn wanted(flow: &Design) -> Vec<WantedLayer> {
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let one = |(step, layer): (usize, &crate::design::PlacedLayer)| {
        let kind = match (&layer.computes, layer.matrices) {
            (LayerKind::MatMul { .. }, _) => None,
            (LayerKind::Normalize(Normalization::Batch | Normalization::Affine), _) => {
                Some(WantedKind::Channels(size(layer.output.depth())))
            }
            (kind, Some(matrices)) => {
                let (groups, inputs, outputs) = (size(matrices.groups), size(matrices.inputs), size(matrices.outputs));
                let of = groups.saturating_mul(outputs);
                let depth = layer.inputs.iter().map(|shape| shape.depth()).sum::<u64>();
                let depth = size(depth) / groups.max(1);
                let shape = match kind {
                    LayerKind::Conv { window, .. } | LayerKind::Depthwise { window, .. } => {
                        vec![of, depth, size(window.kernel.0), size(window.kernel.1)]
                    }
                    _ => vec![of, inputs],
                };
                Some(WantedKind::Matrices { groups, inputs, outputs, shape })
            }
            _ => None,
        };
        Some(WantedLayer { step, name: layer.name.clone(), kind: kind? })
    };
    flow.network.iter().enumerate().filter_map(one).collect()
}

/// The shape of a tensor as it is printed.
#[must_use]
pub fn printed(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    if sizes.is_empty() { "a single value".to_owned() } else { sizes.join(" x ") }
}
