//! How often a layer's matrix is there and how often it is multiplied.

use super::{Design, Node};
use crate::workload::{LayerKind, Matrices, Shape, ValueOperations};

/// How often a layer's matrix lies on arrays and how often it is multiplied in one inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replication {
    /// Its matrices and their products.
    pub matrices: Matrices,
    /// Groups whose matrices lie on the diagonal of one grid.
    pub packed: u64,
    /// Grids of one copy: one, or one for so many groups as are packed.
    pub grids: u64,
    /// Copies of all of them, which work side by side on different products.
    pub copies: u64,
}

impl Replication {
    /// Grids of all copies.
    #[must_use]
    pub fn grids_in_all(&self) -> u64 {
        self.grids * self.copies
    }

    /// Products that follow one another in the busiest copy.
    #[must_use]
    pub fn turns(&self) -> u64 {
        self.matrices.products.div_ceil(self.copies)
    }

    /// So many operations of one product on one grid, over all products of one inference.
    #[must_use]
    pub fn of_inference(&self, operations: u64) -> u64 {
        self.of_groups(operations).saturating_mul(self.matrices.products)
    }

    /// So many operations of one product on one grid, over all copies in one turn.
    #[must_use]
    pub fn of_turn(&self, operations: u64) -> u64 {
        self.of_groups(operations).saturating_mul(self.copies)
    }

    /// Products with one grid in one inference, relative to those of all grids: as often is each of them on.
    #[must_use]
    pub fn times_on(&self) -> f64 {
        let products = (self.matrices.products * self.matrices.groups) as f64;
        products / (self.packed * self.grids_in_all()) as f64
    }

    fn of_groups(&self, operations: u64) -> u64 {
        operations.saturating_mul(self.matrices.groups).div_ceil(self.packed)
    }
}

/// A layer of the network and what it lies on.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLayer {
    /// Its name, with the blocks that it is in.
    pub name: String,
    /// Its kind, as a file calls it.
    pub kind: &'static str,
    /// What it computes.
    pub computes: LayerKind,
    /// The shapes that arrive.
    pub inputs: Vec<Shape>,
    /// The shape that it gives.
    pub output: Shape,
    /// The layers that feed it, by their place in [`Design::network`]; none is the network's input.
    pub from: Vec<Option<usize>>,
    /// Its matrices.
    pub matrices: Option<Matrices>,
    /// Operations on values, beside the function of its outputs.
    pub values: Option<ValueOperations>,
    /// The function of its outputs, where it is done by a unit of the levels.
    pub activation: Option<String>,
    /// Rows of its input that the first row of its output needs; all where none are named.
    pub first_rows: Option<u64>,
    /// The layer with its arrays, by its place in [`Design::layers`].
    pub on_arrays: Option<usize>,
}

impl PlacedLayer {
    /// What fills arrays of a machine.
    #[must_use]
    pub(super) fn filling(name: &str, matrices: Matrices) -> Self {
        Self {
            name: name.to_owned(),
            kind: "dense",
            computes: LayerKind::Dense { outputs: matrices.outputs, of: None },
            inputs: vec![Shape::Features(matrices.inputs)],
            output: Shape::Features(matrices.outputs),
            from: vec![None],
            matrices: Some(matrices),
            values: None,
            activation: None,
            first_rows: None,
            on_arrays: Some(0),
        }
    }

    /// Multiply-accumulate operations of one inference.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.matrices.map_or(0, |matrices| matrices.macs())
    }
}

impl Design {
    /// How often the matrix of the layer that a group belongs to is there; none for what belongs to no matrix.
    #[must_use]
    pub fn replication(&self, node: &Node) -> Option<&Replication> {
        self.layers.get(node.layer?).map(|layer| &layer.replication)
    }

    /// Products that follow one another in a group in one inference.
    #[must_use]
    pub fn turns(&self, node: &Node) -> u64 {
        self.replication(node).map_or(1, Replication::turns)
    }

    /// The name of the layer that a group belongs to.
    #[must_use]
    pub fn layer_name(&self, node: &Node) -> Option<&str> {
        let step = node.step.and_then(|step| self.network.get(step)).map(|layer| layer.name.as_str());
        step.or_else(|| self.layers.get(node.layer?).map(|layer| layer.name.as_str()))
    }
}
