//! One design: totals, shares and what they are made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::machine::{LevelResult, MachineResult};
use super::network::{NetworkLayerResult, WholesResult, bytes_moved};
use super::{FORMAT_VERSION, TotalsResult};
use crate::cost::machine::MachineCosts;
use crate::cost::{Breakdown, Estimate, Line};
use crate::design::{Design, Node, Role};

/// What `imcost report` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReportResult {
    /// Version of this format.
    pub format_version: u32,
    /// Name of the design.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Name of its technology library.
    pub technology: String,
    /// The `--set` that changed it.
    pub settings: Vec<String>,
    /// Its totals.
    pub totals: TotalsResult,
    /// Its layers, in the order of computation.
    pub layers: Vec<LayerResult>,
    /// All layers of the network; left out of a chain of dense layers without levels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<NetworkLayerResult>,
    /// What layers take of the machine; left out where the file has no `mapping`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wholes: Vec<WholesResult>,
    /// Costs by layer.
    pub by_layer: Vec<LineResult>,
    /// Costs by component.
    pub by_component: Vec<LineResult>,
    /// Costs by kind of component.
    pub by_kind: Vec<LineResult>,
    /// The machine that the network lies on, all its units at work; left out without levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachineResult>,
    /// Costs by level of the machine, in the order of the file; left out without levels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_level: Vec<LevelEnergy>,
    /// What the latency is made of, in signal order.
    pub critical_path: Vec<PathStep>,
    /// What the file did not state and what was taken for it.
    pub assumptions: Vec<String>,
}

/// A layer and how its matrix lies on crossbars.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LayerResult {
    /// Its name.
    pub name: String,
    /// Inputs.
    pub inputs: u64,
    /// Outputs.
    pub outputs: u64,
    /// Rows that its matrix needs.
    pub rows: u64,
    /// Columns of cells that its matrix needs.
    pub columns: u64,
    /// Tiles one below the other.
    pub row_partitions: u64,
    /// Tiles side by side.
    pub column_partitions: u64,
    /// Tiles.
    pub tiles: u64,
    /// Rows of a tile.
    pub tile_rows: u64,
    /// Columns of cells of a tile.
    pub tile_columns: u64,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
    /// True if analog voltages of the layer before drive its rows.
    pub driven_directly: bool,
    /// What wires, column ends and loaded neurons leave of the power in its crossbars; none without crossbars.
    pub crossbar_power_of_ideal: Option<f64>,
}

/// One line of a breakdown.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LineResult {
    /// Layer, component or kind.
    pub name: String,
    /// Units.
    pub units: u64,
    /// Operations of one inference.
    pub operations: u64,
    /// Energy of one inference.
    pub energy_j: f64,
    /// Area.
    pub area_m2: f64,
    /// Its part of the latency.
    pub critical_time_s: f64,
    /// Power while all units work at once.
    pub active_power_w: f64,
    /// True if any of it rests on an assumed number.
    pub assumed: bool,
}

/// What one inference takes on a level of a machine.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LevelEnergy {
    /// The level.
    #[serde(flatten)]
    pub level: LevelResult,
    /// Energy of one inference in what stands on all its instances.
    pub energy_j: f64,
    /// Bytes that its memories give and take in one inference; without a memory what its busiest link, router or bus moves.
    pub moved_bytes: f64,
    /// The component with the most energy; null where nothing works.
    pub busiest: Option<String>,
}

/// A group of units on the critical path.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PathStep {
    /// Its layer; none outside the layers.
    pub layer: Option<String>,
    /// Its component.
    pub component: String,
    /// Operations one after another in the busiest unit.
    pub rounds: u64,
    /// Its part of the latency.
    pub time_s: f64,
}

impl ReportResult {
    /// The result of an estimate; `settings` changed the design, `machine` is what it lies on.
    #[must_use]
    pub fn of(estimate: &Estimate<'_>, machine: Option<&MachineCosts>, settings: &[String]) -> Self {
        let design = estimate.design;
        let cut = Breakdown::of(estimate);
        let lines = |lines: &[Line]| lines.iter().map(LineResult::of).collect();
        Self {
            format_version: FORMAT_VERSION,
            name: design.name.clone(),
            label: design.label.clone(),
            technology: design.library.name.clone(),
            settings: settings.to_vec(),
            totals: TotalsResult::of(estimate),
            layers: (0..design.layers.len()).map(|layer| LayerResult::of(estimate, layer)).collect(),
            network: NetworkLayerResult::list(estimate),
            wholes: WholesResult::list(estimate),
            by_layer: lines(&cut.layers),
            by_component: lines(&cut.components),
            by_kind: lines(&cut.kinds),
            machine: machine.map(MachineResult::of),
            by_level: machine.map(|costs| LevelEnergy::list(estimate, costs)).unwrap_or_default(),
            critical_path: estimate.critical_path.iter().map(|&node| PathStep::of(estimate, design, node)).collect(),
            assumptions: design.assumptions.clone(),
        }
    }
}

impl LevelEnergy {
    fn list(estimate: &Estimate<'_>, costs: &MachineCosts) -> Vec<Self> {
        let moved = bytes_moved(estimate.design, costs.levels.len());
        let of_level = |(index, level): (usize, LevelResult)| {
            let mut by_component: BTreeMap<&str, f64> = BTreeMap::new();
            let stands = |group: &Node| match &group.role {
                Role::Standing(_, units) => units.level == index,
                _ => group.level == Some(index),
            };
            for (node, group) in estimate.design.nodes().filter(|(_, group)| stands(group)) {
                *by_component.entry(group.name()).or_default() += estimate.cost(node).energy().si();
            }
            let busiest = by_component.iter().filter(|(_, energy)| **energy > 0.0).max_by(|a, b| a.1.total_cmp(b.1));
            Self {
                level,
                moved_bytes: moved[index],
                energy_j: by_component.values().fold(0.0, |a, b| a + b),
                busiest: busiest.map(|(name, _)| (*name).to_owned()),
            }
        };
        LevelResult::list(costs).into_iter().enumerate().map(of_level).collect()
    }
}

impl LayerResult {
    fn of(estimate: &Estimate<'_>, index: usize) -> Self {
        let layer = &estimate.design.layers[index];
        let grid = &layer.grid;
        Self {
            name: layer.name.clone(),
            inputs: grid.inputs,
            outputs: grid.outputs,
            rows: grid.rows,
            columns: grid.columns(),
            row_partitions: grid.row_partitions,
            column_partitions: grid.column_partitions,
            tiles: layer.arrays(),
            tile_rows: grid.tile_rows,
            tile_columns: grid.tile_columns,
            macs: layer.macs(),
            driven_directly: layer.driven_directly,
            crossbar_power_of_ideal: estimate.cost(layer.circuits.crossbar).of_ideal_power,
        }
    }
}

impl LineResult {
    fn of(line: &Line) -> Self {
        Self {
            name: line.name.clone(),
            units: line.units,
            operations: line.operations,
            energy_j: line.energy.si(),
            area_m2: line.area.si(),
            critical_time_s: line.critical_time.si(),
            active_power_w: line.active_power.si(),
            assumed: line.assumed,
        }
    }
}

impl PathStep {
    fn of(estimate: &Estimate<'_>, design: &Design, index: petgraph::graph::NodeIndex) -> Self {
        let node = &design.graph[index];
        Self {
            layer: design.layer_name(node).map(str::to_owned),
            component: node.name().to_owned(),
            rounds: node.rounds * design.turns(node),
            time_s: estimate.cost(index).critical_time.si(),
        }
    }
}
