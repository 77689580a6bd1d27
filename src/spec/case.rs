//! The case file: published results, and which of ours they stand against.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Written;
use super::library::Kind;
use crate::units::Length;
use crate::yaml::{Slot, slot::Table};

/// Published results of one publication.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["name", "source"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// What the case is, in one line.
    pub name: Slot<String>,
    /// The publication or repository, and where in it.
    pub source: Slot<String>,
    /// The results: `claims`, `variants` or both.
    pub claims: Slot<Vec<Slot<ClaimSpec>>>,
    /// Results of one circuit in many variants.
    pub variants: Slot<VariantsSpec>,
}

/// Results of one architecture in many variants, a line each. `{NAME}` in a text stands for what the line has in the column of this name.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["what", "columns", "lines", "published", "simulate"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct VariantsSpec {
    /// What a variant is called.
    pub what: Slot<String>,
    /// Names of the columns.
    pub columns: Slot<Vec<Slot<String>>>,
    /// The variants: for each a value in each column.
    pub lines: Slot<Vec<Slot<Vec<Slot<String>>>>>,
    /// The published figure of a variant.
    pub published: Slot<PublishedSpec>,
    /// The whole circuit, simulated.
    pub simulate: Slot<SimulateCase>,
    /// Lines that do not fit their neighbours, by what they are called, with the reason. They do not count as met.
    pub set_aside: Slot<Table<String>>,
    /// Why results differ, where that is known.
    pub why: Slot<String>,
}

/// A fully-analog architecture, simulated with random binary weights and inputs: its mean power.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["architecture", "seed", "inputs"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SimulateCase {
    /// Path of the architecture.
    pub architecture: Slot<String>,
    /// What is changed in it, with paths as `--set` takes them.
    pub set: Slot<Table<String>>,
    /// Seed of weights and inputs.
    pub seed: Slot<u64>,
    /// How many inputs.
    pub inputs: Slot<u64>,
}

/// One published result and the one of ours that it stands against: exactly one of `compare`, `report`, `machine`, `library`, `ranking`, `neuron`,
/// `nodal`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["what", "published"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClaimSpec {
    /// What is claimed.
    pub what: Slot<String>,
    /// The published figure.
    pub published: Slot<PublishedSpec>,
    /// A ratio of two architectures.
    pub compare: Slot<CompareCase>,
    /// A total of one architecture, or of some of its components.
    pub report: Slot<ReportCase>,
    /// A figure of a machine with all its units at work.
    pub machine: Slot<MachineCase>,
    /// A figure computed for a crossbar component.
    pub library: Slot<CrossbarCase>,
    /// The range of the ratios of all components of some kinds to one.
    pub ranking: Slot<Ranking>,
    /// A figure of a neuron's circuit.
    pub neuron: Slot<NeuronCase>,
    /// A figure of a crossbar with wires, every node solved.
    pub nodal: Slot<Nodal>,
    /// What was set so that this figure comes out: it is shown, and does not count as met.
    pub fitted: Slot<String>,
    /// Of a result that rests on fitted numbers: why it is none of those that they were fitted to. Without it, it does not count as met.
    pub predicted: Slot<String>,
    /// Why the result differs, where that is known.
    pub why: Slot<String>,
}

/// A figure of a machine.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["architecture", "figure"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MachineCase {
    /// Path of the architecture, one with levels.
    pub architecture: Slot<String>,
    /// Which figure.
    pub figure: Slot<MachineFigure>,
    /// Of one instance of this level with its contents; of the whole machine when absent.
    pub level: Slot<String>,
    /// Of these components only.
    pub components: Slot<Vec<Slot<String>>>,
    /// What is changed in it, with paths as `--set` takes them.
    pub set: Slot<Table<String>>,
}

/// Figures of a machine with all its units at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MachineFigure {
    /// Power.
    Power,
    /// Area.
    Area,
    /// Operations per second, two for each multiply-accumulate.
    Operations,
    /// Energy of an operation.
    EnergyPerOperation,
    /// 10^12 operations per joule.
    TopsPerW,
    /// 10^12 operations per second and square millimetre.
    #[serde(rename = "tops-per-mm2")]
    TopsPerMm2,
    /// Part of the power of the whole machine.
    PowerShare,
    /// Part of the area of the whole machine.
    AreaShare,
    /// Weights that its arrays hold.
    Weights,
}

/// A published figure: a value, a lower bound, or a range.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PublishedSpec {
    /// A value with its unit, with all digits that were printed; a ratio is a plain number.
    pub value: Slot<String>,
    /// How near to a `value` a result must come: a fraction of it (`3%`) or a difference (`3 mV`). Half of the last printed digit when absent.
    pub within: Slot<String>,
    /// The result is published as more than this.
    pub at_least: Slot<String>,
    /// The lower end of a published range.
    pub from: Slot<String>,
    /// The upper end of a published range.
    pub to: Slot<String>,
}

/// A ratio of two architectures, baseline / candidate.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["baseline", "candidate", "ratio"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CompareCase {
    /// Path of the baseline.
    pub baseline: Slot<String>,
    /// Path of the candidate.
    pub candidate: Slot<String>,
    /// Which ratio.
    pub ratio: Slot<Ratio>,
    /// What is changed in both, with paths as `--set` takes them.
    pub set: Slot<Table<String>>,
    /// What is changed in the baseline only.
    pub set_baseline: Slot<Table<String>>,
}

/// Ratios of two architectures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ratio {
    /// Average power.
    Power,
    /// Latency.
    Latency,
    /// Energy of an inference.
    Energy,
    /// Area.
    Area,
    /// Energy-delay product.
    EnergyDelay,
}

/// A total of an architecture.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["architecture", "total"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReportCase {
    /// Path of the architecture.
    pub architecture: Slot<String>,
    /// Which total.
    pub total: Slot<Total>,
    /// The components that the total is of; all when absent.
    pub components: Slot<Vec<Slot<String>>>,
    /// What is changed in it, with paths as `--set` takes them.
    pub set: Slot<Table<String>>,
}

/// Totals of an architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Total {
    /// Area.
    Area,
    /// Energy of an inference.
    Energy,
    /// Power while all units work at once.
    ActivePower,
    /// Number of units.
    Units,
}

/// A computed figure of a crossbar component.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["library", "crossbar", "figure"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CrossbarCase {
    /// Path of the library.
    pub library: Slot<String>,
    /// The crossbar component.
    pub crossbar: Slot<String>,
    /// Which figure.
    pub figure: Slot<CrossbarFigure>,
}

/// Computed figures of a crossbar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrossbarFigure {
    /// Resistivity of its wires with surface and grain-boundary scattering.
    WireResistivity,
    /// Resistance of the row wire of one cell.
    RowResistance,
    /// Resistance of the column wire of one cell.
    ColumnResistance,
    /// Capacitance of the row wire of one cell.
    RowCapacitance,
    /// Resistance of the device in its low-resistance state.
    RLow,
    /// Resistance of the device in its high-resistance state.
    RHigh,
}

/// A crossbar with wires, from files of bits and row voltages.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["bits", "voltages", "r-low", "r-high", "row-segment", "column-segment", "figure"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nodal {
    /// Path of the cells' states, 1 or 0.
    pub bits: Slot<String>,
    /// Path of the row voltages, in a column named `v_applied_V`.
    pub voltages: Slot<String>,
    /// Resistance of a cell whose bit is 1.
    pub r_low: Slot<String>,
    /// Resistance of a cell whose bit is 0.
    pub r_high: Slot<String>,
    /// Wire between neighbouring cells of a row.
    pub row_segment: Slot<String>,
    /// Wire between neighbouring cells of a column.
    pub column_segment: Slot<String>,
    /// Which figure.
    pub figure: Slot<NodalFigure>,
}

/// Figures of a crossbar with wires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodalFigure {
    /// Power that the row sources deliver.
    Power,
    /// Current of the first column.
    FirstColumn,
    /// Current of the last column.
    LastColumn,
}

/// A figure of a neuron's circuit.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["library", "component", "figure"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NeuronCase {
    /// Path of the library.
    pub library: Slot<String>,
    /// The component, a neuron with a circuit.
    pub component: Slot<String>,
    /// Parameters of the circuit that are changed, by the names of `imcost neuron --set`.
    pub set: Slot<Table<String>>,
    /// Which figure.
    pub figure: Slot<NeuronFigure>,
}

/// Figures of a neuron, as `imcost neuron` prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NeuronFigure {
    /// Input at which the output is half of the supply.
    Midpoint,
    /// The steepest slope, V/V.
    MaxSlope,
    /// Power of all sources at an input of 0 V.
    PowerAtZero,
    /// Mean power over the input range.
    MeanPower,
    /// 50-50 delay of the slower edge of a step over the input range.
    Delay,
}

/// The range of ratios of components to one of them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["library", "kinds", "to", "of"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ranking {
    /// Path of the library.
    pub library: Slot<String>,
    /// Kinds of the components.
    pub kinds: Slot<Vec<Slot<Kind>>>,
    /// The component that the ratios are relative to.
    pub to: Slot<String>,
    /// Ratio of what.
    pub of: Slot<RankingFigure>,
    /// The node at which power and area are compared; as published when absent. Components that state no node take no part then.
    pub scale_to: Slot<Written<Length>>,
    /// How they are taken there. `stillmaker` when absent.
    pub scaling: Slot<ScalingRule>,
}

/// How figures are taken to another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScalingRule {
    /// Stillmaker and Baas 2017: area, and power at the circuit's own speed and supply.
    #[default]
    Stillmaker,
    /// Area with the square of the node; power as it is.
    NodeSquared,
}

/// What components are ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RankingFigure {
    /// Power while working.
    Power,
    /// Area.
    Area,
    /// Time of an operation.
    Latency,
}
