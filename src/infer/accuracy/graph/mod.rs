//! Designs whose layers are no chain of dense layers on crossbars: from the design and its weights to a [`LayerNetwork`].

mod plan;
mod scale;

use std::sync::Arc;

pub use plan::{NetworkPlan, computable};
pub use scale::ValueScale;

use super::build::{Build, Detail, has_negative_rows};
use super::circuits::Circuits;
use crate::design::{Design, Levels, WeightCells};
use crate::diagnostic::{Checked, Diagnostics};
use crate::infer::network::{ExactMatrix, LayerNetwork, Matrix, NetworkStep, Products, StepWork, ValueFunction};
use crate::infer::weights::DenseWeights;
use crate::infer::weights::named::StepWeights;
use crate::spec::architecture::Encoding;
use crate::techlib::Kind;
use plan::{PlannedProducts, PlannedWork};

/// True of a chain of dense layers on crossbars with logistic neurons: [`crate::infer::classify`] computes them.
#[must_use]
pub fn is_chain(flow: &Design) -> bool {
    let last = flow.network.len().saturating_sub(1);
    let logistic = |layer: usize| {
        let unit = Circuits::unit_of(flow, layer);
        match unit {
            None => layer == last,
            Some(unit) if unit.kind == Kind::Neuron => true,
            Some(unit) => layer == last || unit.function.as_deref().is_none_or(|function| function == "sigmoid"),
        }
    };
    let links = |(index, layer): (usize, &crate::design::PlacedLayer)| {
        layer.kind == "dense"
            && layer.matrices.is_some_and(|matrices| matrices.products == 1)
            && layer.from == [index.checked_sub(1)]
            && layer.on_arrays == Some(index)
            && layer.activation.is_none()
            && logistic(index)
            && !Circuits::are_exact(flow, index)
    };
    flow.machine.is_none() && flow.network.iter().enumerate().all(links)
}

impl NetworkPlan<'_> {
    /// The network as it was trained: exact, without words.
    #[must_use]
    pub fn trained(&self) -> LayerNetwork {
        let step = |(index, step): (usize, &plan::PlannedStep)| {
            let work = match &step.work {
                PlannedWork::Values(work) => StepWork::Values(work.clone()),
                PlannedWork::Products(products) => {
                    let matrices = self.dense(index, products, 1.0).into_iter().map(|weights| {
                        let gain = weights.gain.unwrap_or(1.0);
                        exact(&weights, products, gain, None)
                    });
                    StepWork::Products(products.with(matrices.collect(), 1.0, self.digital_biases(index, products)))
                }
            };
            self.step(index, work, step.trained)
        };
        self.network(self.steps.iter().enumerate().map(step).collect())
    }

    /// The network with these details of the design.
    ///
    /// # Errors
    /// Something of them cannot be computed, which has been reported.
    pub fn built(
        &self,
        detail: Detail,
        scales: &[ValueScale],
        diagnostics: &mut Diagnostics,
    ) -> Checked<(LayerNetwork, Vec<String>)> {
        let mut grids: Vec<Vec<DenseWeights>> = vec![Vec::new(); self.flow.layers.len()];
        let mut negative = vec![false; self.flow.layers.len()];
        for (index, products) in self.products() {
            let scale = self.arriving(index, scales);
            negative[products.layer] = scale.signed || has_negative_rows(self.flow, products.layer);
            if !products.exact {
                grids[products.layer] = self.dense(index, products, scale.size);
            }
        }
        let mut build = Build::of_network(self.flow, &grids, negative, diagnostics);
        let mut layers = build.grids(detail)?;
        let notes = build.into_notes();
        let mut steps = Vec::with_capacity(self.steps.len());
        for (index, step) in self.steps.iter().enumerate() {
            let work = match &step.work {
                PlannedWork::Values(work) => StepWork::Values(work.clone()),
                PlannedWork::Products(products) => {
                    let scale = self.arriving(index, scales).size;
                    let matrices = if products.exact {
                        let cells = detail.cells.then_some(self.flow.layers[products.layer].cells);
                        let dense = self.dense(index, products, scale);
                        dense.iter().map(|w| exact(w, products, w.gain.unwrap_or(scale), cells)).collect()
                    } else {
                        let grids = std::mem::take(&mut layers[products.layer]);
                        grids.into_iter().map(|layer| Matrix::Crossbar(Box::new(layer))).collect()
                    };
                    StepWork::Products(products.with(matrices, scale, self.digital_biases(index, products)))
                }
            };
            let mut step = self.step(index, work, step.function);
            step.words = self.words(index, scales).filter(|_| detail.converters);
            steps.push(step);
        }
        Ok((self.network(steps), notes))
    }

    fn network(&self, steps: Vec<NetworkStep>) -> LayerNetwork {
        LayerNetwork { steps, layers: self.flow.layers.len() }
    }

    fn step(&self, index: usize, work: StepWork, function: Option<ValueFunction>) -> NetworkStep {
        let placed = &self.flow.network[index];
        let (from, inputs, output) = (placed.from.clone(), placed.inputs.clone(), placed.output);
        NetworkStep { from, inputs, output, work, function, words: None }
    }

    /// The weights of each grid of arrays, groups on its diagonal, for values that are divided by a scale: the bias by it, the gain times it.
    fn dense(&self, index: usize, products: &PlannedProducts, scale: f64) -> Vec<DenseWeights> {
        let StepWeights::Matrices { groups, biases, gain } = &self.weights.steps[index] else { return Vec::new() };
        let cells = &self.flow.layers[products.layer].cells;
        let geometry = &products.geometry;
        let packed = geometry.groups.first().map_or(1, ExactSizeIterator::len);
        let columns = packed * geometry.outputs;
        let rows = geometry.inputs() / packed.max(1);
        let grid = |of_grid: &std::ops::Range<usize>| {
            let mut weights = vec![0.0; geometry.inputs() * columns];
            let mut bias = vec![0.0; columns];
            for (place, group) in of_grid.clone().enumerate() {
                let column = place * geometry.outputs;
                for (row, of_row) in groups[group].chunks_exact(geometry.outputs.max(1)).enumerate() {
                    let first = (place * rows + row) * columns + column;
                    weights[first..first + geometry.outputs].copy_from_slice(of_row);
                }
                let of_group = biases.iter().flat_map(|all| &all[group * geometry.outputs..]).take(geometry.outputs);
                bias[column..].iter_mut().zip(of_group).for_each(|(bias, value)| *bias = value / scale);
            }
            let biases = (products.exact || cells.bias).then_some(bias);
            DenseWeights { weights, biases, gain: Some(gain.unwrap_or(cells.gain) * scale), files: None }
        };
        geometry.groups.iter().map(grid).collect()
    }

    /// Biases that are on no crossbar.
    fn digital_biases(&self, index: usize, products: &PlannedProducts) -> Option<Vec<f64>> {
        let StepWeights::Matrices { biases, gain, .. } = &self.weights.steps[index] else { return None };
        let cells = &self.flow.layers[products.layer].cells;
        let gain = gain.unwrap_or(cells.gain);
        let biases = biases.as_ref().filter(|_| !products.exact && !cells.bias)?;
        Some(biases.iter().map(|bias| gain * bias).collect())
    }
}

impl PlannedProducts {
    fn with(&self, matrices: Vec<Matrix>, scale: f64, offsets: Option<Vec<f64>>) -> Products {
        let geometry = Arc::clone(&self.geometry);
        Products { geometry, layer: self.layer, scale, matrices, copies: self.copies, offsets }
    }
}

/// A matrix by words, its bias after it; the weights rounded as cells of these bits hold them.
fn exact(weights: &DenseWeights, products: &PlannedProducts, gain: f64, cells: Option<WeightCells>) -> Matrix {
    let geometry = &products.geometry;
    let outputs = geometry.groups.first().map_or(1, ExactSizeIterator::len) * geometry.outputs;
    let mut rows = weights.weights.clone();
    if let Some(cells) = cells.filter(|cells| cells.levels == Levels::States) {
        round(&mut rows, cells);
    }
    rows.extend(weights.biases.iter().flatten());
    Matrix::Exact(ExactMatrix::of(&rows, outputs, gain))
}

/// Rounds weights to the words of their bits.
fn round(weights: &mut [f64], cells: WeightCells) {
    let largest = super::cells::largest(weights, cells.clip);
    let bits = match cells.encoding {
        Encoding::Differential | Encoding::Unsigned => cells.bits,
        // One of the bits is the sign.
        Encoding::Offset | Encoding::TwosComplement => cells.bits.saturating_sub(1).max(1),
    };
    let steps = ((1_u64 << bits.min(48)) - 1) as f64;
    for weight in weights {
        *weight = (*weight / largest * steps).round().clamp(-steps, steps) / steps * largest;
    }
}
