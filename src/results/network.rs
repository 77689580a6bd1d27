//! The layers of a network on arrays: products, copies, times, and the words that move.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cost::Estimate;
use crate::design::{Design, Layer, PlacedLayer};
use crate::workload::Matrices;

/// A layer of a network.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NetworkLayerResult {
    /// Its name, with the blocks that it is in.
    pub name: String,
    /// Its kind.
    pub kind: &'static str,
    /// The shapes that arrive, such as `64 x 56 x 56`.
    pub inputs: Vec<String>,
    /// The shape that it gives.
    pub output: String,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
    /// Its matrices; null without any.
    pub matrices: Option<MatricesResult>,
    /// Operations on values, beside products and the function of its outputs.
    pub value_operations: u64,
    /// Time for which it is at work in one inference: all its products, or all operations on values.
    pub time_s: f64,
}

/// Matrices of a layer and the arrays that they lie on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct MatricesResult {
    /// How many of the same size.
    pub groups: u64,
    /// Rows of each: inputs of a product.
    pub rows: u64,
    /// Columns of each: outputs of a product.
    pub columns: u64,
    /// Products with each in one inference.
    pub products: u64,
    /// True if they are values of the inference, and are written for each.
    pub written_for_each_inference: bool,
    /// How often they are stored.
    pub copies: u64,
    /// Arrays of all copies.
    pub arrays: u64,
    /// Instances of the level that two layers do not share, where the mapping names one.
    pub wholes: Option<u64>,
    /// Part of the cells of these arrays that hold weights, 0 to 1.
    pub cells_used: f64,
    /// Time from one product of a copy to the next; null where there is one.
    pub between_products_s: Option<f64>,
}

/// Instances of the level that two layers do not share, and what there would be without copies.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WholesResult {
    /// The level.
    pub level: String,
    /// Instances that the network takes.
    pub used: u64,
    /// Instances that there are.
    pub there: u64,
    /// Instances that it would take with one copy of each layer.
    pub without_copies: u64,
    /// Time of the longest layer with one copy of each; null where a layer has a copy for each of several products.
    pub longest_layer_without_copies_s: Option<f64>,
}

impl NetworkLayerResult {
    /// The layers of a design; none of one that is a chain of dense layers on as many tiles as they take, of which all is said elsewhere.
    pub(super) fn list(estimate: &Estimate<'_>) -> Vec<Self> {
        let design = estimate.design;
        if is_plain(design) {
            return Vec::new();
        }
        let times = estimate.layer_times();
        design.network.iter().zip(times).map(|(layer, time)| Self::of(estimate, layer, time.si())).collect()
    }

    fn of(estimate: &Estimate<'_>, layer: &PlacedLayer, time_s: f64) -> Self {
        let matrices = layer.on_arrays.zip(layer.matrices);
        Self {
            name: layer.name.clone(),
            kind: layer.kind,
            inputs: layer.inputs.iter().map(ToString::to_string).collect(),
            output: layer.output.to_string(),
            macs: layer.macs(),
            matrices: matrices.map(|(index, matrices)| MatricesResult::of(estimate, index, matrices)),
            value_operations: layer.values.as_ref().map_or(0, |values| values.count),
            time_s,
        }
    }
}

/// True for a chain of dense layers without levels.
fn is_plain(design: &Design) -> bool {
    let plain = |layer: &PlacedLayer| layer.kind == "dense" && layer.matrices.is_some_and(|m| m.products == 1);
    design.machine.is_none() && design.network.iter().all(plain)
}

impl MatricesResult {
    fn of(estimate: &Estimate<'_>, index: usize, matrices: Matrices) -> Self {
        let design = estimate.design;
        let layer = &design.layers[index];
        Self {
            groups: matrices.groups,
            rows: matrices.inputs,
            columns: matrices.outputs,
            products: matrices.products,
            written_for_each_inference: matrices.dynamic,
            copies: layer.replication.copies,
            arrays: layer.arrays(),
            wholes: wholes(design, layer, layer.replication.copies),
            cells_used: layer.cells_used(),
            between_products_s: estimate.between_products(index).map(|time| time.si()),
        }
    }
}

/// Instances of the level that two layers do not share which a layer takes with so many copies.
fn wholes(design: &Design, layer: &Layer, copies: u64) -> Option<u64> {
    let leaf = design.graph[layer.circuits.crossbar].level?;
    let whole = design.wholes.iter().find(|whole| whole.leaf == leaf)?;
    let arrays = layer.grid.tiles() * layer.replication.grids * copies;
    Some(arrays.div_ceil(whole.arrays))
}

impl WholesResult {
    /// Of each level of arrays that layers lie on; none without a mapping.
    pub(super) fn list(estimate: &Estimate<'_>) -> Vec<Self> {
        let design = estimate.design;
        let Some(machine) = &design.machine else { return Vec::new() };
        let mut found = Vec::new();
        for whole in &design.wholes {
            let of_leaf = |layer: &&Layer| design.graph[layer.circuits.crossbar].level == Some(whole.leaf);
            let layers: Vec<&Layer> = design.layers.iter().filter(of_leaf).collect();
            let (dynamic, fixed): (Vec<&&Layer>, Vec<&&Layer>) =
                layers.iter().partition(|layer| layer.replication.matrices.dynamic);
            if layers.is_empty() {
                continue;
            }
            let count = |layer: &Layer, copies: u64| wholes(design, layer, copies).unwrap_or_default();
            let taken = |copies: fn(&Layer) -> u64| {
                // Of passes the largest counts: each lies where the one before has been.
                let pass = |layer: &Layer| {
                    design.passes.iter().position(|pass| pass.iter().any(|at| std::ptr::eq(&design.layers[*at], layer)))
                };
                let mut by_pass: BTreeMap<Option<usize>, u64> = BTreeMap::new();
                for layer in &fixed {
                    *by_pass.entry(pass(layer)).or_default() += count(layer, copies(layer));
                }
                let fixed = by_pass.values().copied().max().unwrap_or_default();
                let each = dynamic.iter().map(|layer| count(layer, copies(layer)));
                // Where layers take turns the largest of those that are written counts.
                fixed + if design.is_pipelined() { each.sum::<u64>() } else { each.max().unwrap_or_default() }
            };
            let mut longest =
                design.layers.iter().enumerate().filter(|(_, layer)| of_leaf(layer)).map(|(index, layer)| {
                    // Where each product has a copy nothing is known of products that follow one another.
                    let between = estimate.between_products(index).map(|time| time.si());
                    let single = (layer.replication.matrices.products == 1).then_some(0.0);
                    Some(between.or(single)? * layer.replication.matrices.products as f64)
                });
            found.push(Self {
                level: machine.levels[whole.level].name.clone(),
                used: taken(|layer| layer.replication.copies),
                there: whole.there,
                without_copies: taken(|_| 1),
                longest_layer_without_copies_s: longest.try_fold(0.0, |longest, time| Some(f64::max(longest, time?))),
            });
        }
        found
    }
}

/// Bytes that each level moves: what its memories give and take; without a memory what its busiest link, router or bus moves.
pub(super) fn bytes_moved(design: &Design, levels: usize) -> Vec<f64> {
    let mut by_component: Vec<BTreeMap<&str, f64>> = vec![BTreeMap::new(); levels];
    let mut in_memories = vec![0.0; levels];
    for node in design.graph.node_weights() {
        let (Some(level), Some(moved)) = (node.level, node.moved) else { continue };
        let bytes = moved.words as f64 * f64::from(moved.bits) / 8.0 / moved.inferences.max(1) as f64;
        let is_memory = node.component().is_some_and(|c| c.kind == crate::techlib::Kind::Memory);
        if is_memory {
            in_memories[level] += bytes;
        }
        *by_component[level].entry(node.name()).or_default() += bytes;
    }
    let busiest = |all: &BTreeMap<&str, f64>| all.values().copied().fold(0.0, f64::max);
    in_memories.iter().zip(&by_component).map(|(own, all)| if *own > 0.0 { *own } else { busiest(all) }).collect()
}
