//! A network of any layers at work over pictures: matrices on crossbars or exact, and what is done with values between them.
//!
//! Values between layers are in the units of the trained network, in the order of their shape ([`geometry`]). What a layer with a matrix takes
//! is divided by a scale, so that its largest value is 1, the read voltage of its rows; its bias row holds the bias by that scale, and the scale
//! comes back with the gain. So a convolution is its matrix of K rows (channel by channel, each window row by row) and M columns, and every output place
//! is one product, by the same reads, converters and devices as those of a dense layer ([`crate::infer::classify`]).

pub mod function;
pub mod geometry;
mod products;
pub mod run;
pub mod values;

use std::sync::Arc;

pub use function::ValueFunction;
pub use geometry::WindowGeometry;
pub use run::{NetworkRun, Watch};
pub use values::ValueStep;

use crate::infer::classify::SignedLayer;
use crate::infer::classify::kernel::{Panel, in_panels};
use crate::infer::classify::quantiser::Quantiser;
use crate::workload::Shape;

/// A network.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerNetwork {
    /// The layers, in the order of computation.
    pub steps: Vec<NetworkStep>,
    /// How many of its layers lie on arrays.
    pub layers: usize,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkStep {
    /// The layers that feed it; none is the network's input.
    pub from: Vec<Option<usize>>,
    /// The shapes that arrive.
    pub inputs: Vec<Shape>,
    /// The shape that it gives.
    pub output: Shape,
    /// What it does.
    pub work: StepWork,
    /// The function of its outputs.
    pub function: Option<ValueFunction>,
    /// The words that its outputs are.
    pub words: Option<Quantiser>,
}

/// What a layer does.
#[derive(Debug, Clone, PartialEq)]
pub enum StepWork {
    /// Products with matrices.
    Products(Products),
    /// Something with values.
    Values(ValueStep),
}

/// Products with matrices.
#[derive(Debug, Clone, PartialEq)]
pub struct Products {
    /// Where rows find their values.
    pub geometry: Arc<WindowGeometry>,
    /// The layer, of those that lie on arrays.
    pub layer: usize,
    /// What its values are divided by.
    pub scale: f64,
    /// The matrix of each grid of arrays.
    pub matrices: Vec<Matrix>,
    /// How often all of them are there: products are dealt out in turn.
    pub copies: usize,
    /// What is added to each output beside the matrix.
    pub offsets: Option<Vec<f64>>,
}

/// A matrix.
#[derive(Debug, Clone, PartialEq)]
pub enum Matrix {
    /// On crossbars.
    Crossbar(Box<SignedLayer>),
    /// By words.
    Exact(ExactMatrix),
}

/// A matrix of words.
#[derive(Debug, Clone, PartialEq)]
pub struct ExactMatrix {
    /// Outputs.
    pub outputs: usize,
    /// For each panel of outputs the rows, that of the bias last.
    panels: Vec<Vec<Panel>>,
    /// What sums are multiplied by.
    pub gain: f64,
}

impl ExactMatrix {
    /// From rows x outputs, the last row being the bias.
    #[must_use]
    pub fn of(weights: &[f64], outputs: usize, gain: f64) -> Self {
        let rows = weights.len().checked_div(outputs).unwrap_or(0);
        Self { outputs, panels: in_panels(&(0..rows), outputs, |at| weights[at]), gain }
    }
}

impl Matrix {
    /// Columns.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self {
            Self::Crossbar(layer) => layer.outputs,
            Self::Exact(exact) => exact.outputs,
        }
    }

    /// The layer on crossbars.
    #[must_use]
    pub fn on_crossbars(&self) -> Option<&SignedLayer> {
        match self {
            Self::Crossbar(layer) => Some(layer),
            Self::Exact(_) => None,
        }
    }

    /// True if its devices or neurons differ from copy to copy.
    #[must_use]
    pub fn is_random(&self) -> bool {
        self.on_crossbars().is_some_and(|layer| {
            let devices = &layer.devices;
            devices.spread.is_some() || devices.stuck.any() || layer.neuron_offset > 0.0 || layer.neuron_slope > 0.0
        })
    }
}
