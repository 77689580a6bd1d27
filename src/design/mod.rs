//! The dataflow of an architecture: groups of identical circuits joined by signals.
//!
//! [`lower()`] makes it from an architecture file and a technology library. What it guarantees to the cost engine: the graph has no
//! cycle; the two ends of every edge agree on the signal; every count is at least one; every component states the costs that the engine
//! asks for. No number of this room is a cost.

mod capacity;
mod chain;
mod circuits;
mod layer;
pub mod lower;
pub mod machine;
mod mapping;
mod network;
mod operands;
mod operating;
mod operation;
pub mod partition;
pub mod picture;
mod replication;
pub mod signal;
mod stages;
mod standing;
mod statistics;
mod tile;
mod traffic;
mod values;
mod writing;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

pub use crate::spec::architecture::{Gating, InputEncoding, Pipelining};
pub use circuits::LayerCircuits;
pub use lower::lower;
pub use machine::Machine;
pub use mapping::Whole;
pub use operands::{OperandStatistics, WordCode};
pub use operation::{Coding, ImageMapping, Levels, WeightCells};
pub use partition::Grid;
pub use replication::{PlacedLayer, Replication};
pub use signal::{Domain, Signal};
pub use traffic::Moved;
pub use writing::CellWrites;

use crate::diagnostic::Span;
use crate::model::imperfections::Imperfections;
use crate::techlib::{Component, Kind, Library};
use crate::units::Time;

/// Numbers that differ by less than this part of them differ by roundings.
pub(crate) const ROUNDING: f64 = 1e-9;

/// What an assumption says that was made because the file does not state the statistics.
pub(crate) const STATISTICS: &str = "`statistics` does not state it";

/// An architecture as a graph.
#[derive(Debug, Clone)]
pub struct Design {
    /// Name of the design.
    pub name: String,
    /// Short label for table columns.
    pub label: String,
    /// The technology library, with the entries that the design uses.
    pub library: Arc<Library>,
    /// Groups of units and the signals between them.
    pub graph: DiGraph<Node, Signal>,
    /// The layers that lie on arrays, in the order of computation.
    pub layers: Vec<Layer>,
    /// All layers of the network, in the order of computation; what fills a machine is one too.
    pub network: Vec<PlacedLayer>,
    /// How long static power is burnt.
    pub gating: Gating,
    /// When the next inference and the next layer may start.
    pub pipelining: Pipelining,
    /// Time from one inference to the next, where the file states it.
    pub period: Option<StatedPeriod>,
    /// Bits of each of the network's inputs.
    pub input_bits: u32,
    /// What the network's inputs are on the rows.
    pub input_encoding: InputEncoding,
    /// How a picture becomes the network's inputs, where the file says so.
    pub image: Option<ImageMapping>,
    /// What is not as designed.
    pub imperfections: Imperfections,
    /// The trained network and the pictures that the file names.
    pub trained: Option<TrainedFiles>,
    /// What the file did not state and what was taken for it.
    pub assumptions: Vec<String>,
    /// The machine that it stands on, where the file has levels.
    pub machine: Option<Arc<Machine>>,
    /// True if it has no network: its layers fill the arrays of its machine.
    pub is_machine: bool,
    /// Parts of the machine that two layers do not share, of each level of arrays; none where the file says nothing of it.
    pub wholes: Vec<Whole>,
    /// Passes in which weights are written that do not all fit, one after another; none where they stay.
    pub passes: Vec<Vec<usize>>,
}

/// The time from one inference to the next, as a file states it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatedPeriod {
    /// The time.
    pub value: Time,
    /// Where it is stated.
    pub span: Span,
}

/// Files of trained weights and labelled pictures; what is not named is what is shipped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrainedFiles {
    /// Weights.
    pub weights: Vec<PathBuf>,
    /// Pictures.
    pub data: Option<PathBuf>,
    /// What the weights of a layer are called, where the file says it.
    pub names: BTreeMap<String, String>,
}

/// A group of identical units.
#[derive(Debug, Clone)]
pub struct Node {
    /// What the group is.
    pub role: Role,
    /// The layer it belongs to, of those that lie on arrays; none for what belongs to another, the network's input and output.
    pub layer: Option<usize>,
    /// The layer of the network that it belongs to, by its place in [`Design::network`].
    pub step: Option<usize>,
    /// How many units.
    pub units: u64,
    /// Operations per inference, all units together.
    pub operations: u64,
    /// Operations one after another in the busiest unit in one turn of products; `ceil(operations / units)` where the units are equally loaded
    /// and there is one turn.
    pub rounds: u64,
    /// Bit-serial reads of one inference that the group takes part in: `rounds / cycles` operations follow one another in each; 1 where all
    /// bits are applied at once.
    pub cycles: u64,
    /// Bits of the word that a unit handles, for costs that are per bit.
    pub word_bits: u32,
    /// Full scale of an ADC, as a fraction of the largest value that can arrive.
    pub range: Option<f64>,
    /// True if its units stand on a level around the arrays.
    pub on_level: bool,
    /// The level of the machine that its units stand on, by its place in [`Machine::levels`].
    pub level: Option<usize>,
    /// What it moves between levels.
    pub moved: Option<Moved>,
}

/// What a group of units is.
#[derive(Debug, Clone)]
pub enum Role {
    /// Where the network's input comes from. Costs nothing.
    Source,
    /// Where the network's output goes. Costs nothing.
    Sink,
    /// A circuit of the chain before or after a crossbar.
    Stage(Arc<Component>),
    /// The crossbar tiles of a layer.
    Crossbar(Arc<Component>, CrossbarUse),
    /// The switches at the ends of the tiles' lines. They cost area only.
    LineSwitch(Arc<Component>),
    /// Cells of the layer's arrays that are written before its products.
    Writing(Arc<Component>, CellWrites),
    /// What stands on a level of the machine, whatever layers make use of it. It costs area, and power where all is always on.
    Standing(Arc<Component>, StandingUnits),
}

/// Units of a component that stand on a level of a machine, over all its instances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandingUnits {
    /// The level, by its place in [`Machine::levels`].
    pub level: usize,
    /// How many; not whole where instances share one.
    pub units: f64,
    /// How many of them are powered.
    pub powered: f64,
    /// Of a crossbar whose area follows from its cells: cells of a unit.
    pub cells: u64,
}

/// How a layer uses its crossbars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossbarUse {
    /// How the layer's matrix lies on the tiles.
    pub grid: Grid,
    /// Rows at the read voltage on average, over all row partitions; the bias row counts 1.
    pub mean_active_rows: f64,
    /// Mean of the voltages of the rows that inputs drive, relative to the read voltage; where it is not stated it is that of rows that are on
    /// or off, or of the neurons that drive them.
    pub mean_level: Option<f64>,
    /// Mean product of the levels of two different rows that share columns, where it has been measured.
    pub level_product: Option<f64>,
    /// Fraction of the devices in the low-resistance state.
    pub low_resistance: f64,
    /// True if the file did not state the statistics.
    pub statistics_assumed: bool,
    /// True if the active rows have been measured with their load, so that nothing is to be taken from them for it.
    pub measured_with_load: bool,
}

/// What the rows and devices of a layer hold on average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// Mean of the squared row voltages, relative to that of the read voltage; the bias row does not count.
    pub active_rows: f64,
    /// Mean of the row voltages, relative to the read voltage; the bias row does not count. None is that of rows that are on or off, or of the
    /// neurons that drive them.
    pub mean: Option<f64>,
    /// Mean product of the voltages of two different rows that share columns, relative to the square of the read voltage. None is that of rows
    /// that do not depend on each other.
    pub product: Option<f64>,
    /// Fraction of the devices in the low-resistance state; of devices with more states the mean part of their range.
    pub low_resistance: f64,
}

/// What a layer computes.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// How its matrix lies on the tiles.
    pub grid: Grid,
    /// How often its matrix is there and is multiplied.
    pub replication: Replication,
    /// True if analog voltages of the layer before drive its rows directly.
    pub driven_directly: bool,
    /// The layers that feed it, by their place in [`Design::layers`] and seen through layers without arrays; none is the network's input.
    pub from: Vec<Option<usize>>,
    /// How its weights are stored.
    pub cells: WeightCells,
    /// Its circuits.
    pub circuits: LayerCircuits,
}

impl Layer {
    /// Multiply-accumulate operations of one inference; the bias is not counted.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.replication.matrices.macs()
    }

    /// Arrays of all copies of its matrices.
    #[must_use]
    pub fn arrays(&self) -> u64 {
        self.grid.tiles() * self.replication.grids_in_all()
    }

    /// Part of the cells of its arrays that hold weights, 0 to 1.
    #[must_use]
    pub fn cells_used(&self) -> f64 {
        let Replication { matrices, copies, .. } = self.replication;
        let bias = self.grid.rows - self.grid.inputs;
        let used = matrices.groups * (matrices.inputs + bias) * matrices.outputs;
        let cells = self.arrays() * self.grid.tile_rows * self.grid.tile_columns;
        (used * self.grid.columns_per_output * copies) as f64 / cells as f64
    }
}

impl Design {
    /// Multiply-accumulate operations of one inference.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(Layer::macs).sum()
    }

    /// The design with these statistics, one for each layer, in place of what its file states or what was taken for it. `with_load` says that
    /// they have been measured on rows that load what drives them.
    #[must_use]
    pub fn with_statistics(&self, statistics: &[Statistics], with_load: bool) -> Self {
        let mut design = self.clone();
        for node in design.graph.node_weights_mut() {
            let Some(given) = node.layer.and_then(|layer| statistics.get(layer)) else { continue };
            if let Role::Crossbar(_, usage) = &mut node.role {
                usage.mean_active_rows = usage.grid.mean_active_rows(given.active_rows);
                usage.mean_level = given.mean;
                usage.level_product = given.product;
                usage.low_resistance = given.low_resistance;
                usage.statistics_assumed = false;
                usage.measured_with_load = with_load;
            }
        }
        design.assumptions.retain(|assumption| !assumption.contains(STATISTICS));
        design
    }

    /// True if an inference may start before the one before it ends.
    #[must_use]
    pub fn is_pipelined(&self) -> bool {
        self.pipelining != Pipelining::None
    }

    /// The nodes with their indices.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeIndex, &Node)> {
        self.graph.node_indices().map(|index| (index, &self.graph[index]))
    }
}

impl Node {
    /// A node without cost, where signals come from, meet or go to.
    fn outside(role: Role, word_bits: u32) -> Self {
        Self {
            role,
            layer: None,
            step: None,
            units: 1,
            operations: 0,
            rounds: 0,
            cycles: 1,
            word_bits,
            range: None,
            on_level: false,
            level: None,
            moved: None,
        }
    }

    /// The component that the group is made of.
    #[must_use]
    pub fn component(&self) -> Option<&Arc<Component>> {
        match &self.role {
            Role::Source | Role::Sink => None,
            Role::Stage(c)
            | Role::Crossbar(c, _)
            | Role::LineSwitch(c)
            | Role::Writing(c, _)
            | Role::Standing(c, _) => Some(c),
        }
    }

    /// Name of the component, or of what stands in its place.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.role {
            Role::Source => "input",
            Role::Sink => "output",
            Role::Stage(c)
            | Role::Crossbar(c, _)
            | Role::LineSwitch(c)
            | Role::Writing(c, _)
            | Role::Standing(c, _) => &c.name,
        }
    }

    /// True if the group holds its value, so that what comes before it may be switched off or go on to the next inference.
    #[must_use]
    pub fn stores(&self) -> bool {
        self.component().is_some_and(|c| matches!(c.kind, Kind::SampleHold | Kind::Register | Kind::Memory))
    }
}
