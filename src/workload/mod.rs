//! Layers as matrix-vector products with shapes, whatever they are built of.
//!
//! [`read`] takes the layers of a network file apart: blocks are written out, names are resolved, layers come in an order of computation, and each has
//! the shapes of its inputs and its [`Work`]: G matrices of K x M that are multiplied N times in one inference, and operations on values. The
//! multiply-accumulates of a layer are N G K M. No number of this room is a cost.

mod blocks;
mod circle;
mod kind;
mod order;
mod read;
mod shape;
mod sizes;
mod window;

pub use blocks::MOST_LAYERS;
pub use kind::{LayerKind, Matrices, Normalization, PickedToken, Pooling, ValueOperation, ValueOperations, Work};
pub use order::read;
pub use shape::Shape;
pub use sizes::Misfit;
pub use window::{Edges, Places, WindowShape};

use crate::diagnostic::Diagnostics;
use crate::spec::network::LayerSpec;
use crate::yaml::Located;

/// A layer of a network, with what could be found out of it: what could not has been reported.
#[derive(Debug, Clone)]
pub struct NetworkLayer<'a> {
    /// Its name, with the blocks that it is in: `stage1.2.a`.
    pub name: Located<String>,
    /// What the file says of it.
    pub spec: Option<&'a Located<LayerSpec>>,
    /// What it computes.
    pub kind: Option<LayerKind>,
    /// The function of its outputs.
    pub activation: Option<Located<String>>,
    /// The layers that feed it, by their place in the order; none is the network's input.
    pub from: Vec<Option<usize>>,
    /// The shapes that arrive.
    pub inputs: Option<Vec<Shape>>,
    /// What it makes of them.
    pub work: Option<Work>,
    /// True for the last layer of the file.
    pub is_last: bool,
}

/// Reads layers: where what is wrong goes, and how many names may still be compared with misspelt ones.
#[derive(Debug)]
pub struct NetworkReader<'d> {
    /// Where what is wrong goes.
    pub diagnostics: &'d mut Diagnostics,
    /// How many names may still be compared with misspelt ones.
    pub comparisons: &'d mut usize,
    /// The largest count.
    pub most: u64,
}
