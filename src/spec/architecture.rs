//! The architecture file: a network, how its matrices lie on crossbars, and the stages around each crossbar.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Written;
use super::imperfections::ImperfectionsSpec;
use super::machine::{ActivationsSpec, LevelSpec, MappingSpec, OperandSpec, OperatingSpec};
pub use super::network::{Crop, Image, Input, InputEncoding, LayerSpec, NetworkSpec};
use crate::units::{Fraction, Time};
use crate::yaml::{Located, Slot};

/// An architecture: which network, on which crossbars, with which circuits around them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ArchitectureSpec {
    /// What the design is, as reports print it.
    pub name: Slot<String>,
    /// A short label for table columns, such as `fully analog`. The file's name when absent.
    pub label: Slot<String>,
    /// Free text.
    pub description: Slot<String>,
    /// Path of an architecture, from the folder of this file, whose keys stand for those that are absent here.
    pub extends: Slot<String>,
    /// Path of the technology library, from the folder of this file.
    pub technology: Slot<String>,
    /// The neural network. A design with `levels` may have none: it is then a machine with all units at work.
    pub network: Slot<NetworkSpec>,
    /// How a weight is stored in cells. A layer may override it.
    pub weights: Slot<Box<WeightsSpec>>,
    /// The crossbar tile that every layer is cut into. A layer may override it.
    pub tile: Slot<Box<TileSpec>>,
    /// The circuits before and after each crossbar. A layer may override either chain.
    pub stages: Slot<Stages>,
    /// The words between layers.
    pub activations: Slot<ActivationsSpec>,
    /// The levels of a machine, from the outermost: how many of what stand in each other. As many tiles as the network takes when absent.
    pub levels: Slot<Vec<Slot<LevelSpec>>>,
    /// At which node, supply and clock the design works.
    pub operating: Slot<OperatingSpec>,
    /// How layers take the arrays of the levels.
    pub mapping: Slot<MappingSpec>,
    /// What the crossbars' inputs and cells look like on average; decides the power of a crossbar.
    pub statistics: Slot<Box<StatisticsSpec>>,
    /// What is not as designed: spread, faults and drift of devices, mismatch of neurons, noise. Used by `imcost accuracy`.
    pub imperfections: Slot<ImperfectionsSpec>,
    /// The trained network and the pictures from which `imcost compare` and `imcost accuracy` find the design's accuracy.
    pub accuracy: Slot<AccuracySpec>,
    /// How long static power is burnt: `per-stage` (default) while a stage is needed, `always-on` during the whole inference.
    pub gating: Slot<Gating>,
    /// True if the next inference may start before this one ends: stages between registers or sample-and-holds
    /// then work on different inferences at the same time. `rows`: a layer starts with the first rows of its input that it needs, too. Default
    /// false.
    pub pipelined: Slot<Pipelining>,
    /// Time from one inference to the next. The shortest that the circuits allow when absent. What is `always-on` draws its power during all
    /// of it.
    pub period: Slot<Written<Time>>,
}

/// The keys of an architecture file, for the help of `--set`.
pub const FIELDS: &[&str] = &[
    "name",
    "label",
    "description",
    "extends",
    "technology",
    "network",
    "weights",
    "tile",
    "stages",
    "activations",
    "levels",
    "operating",
    "mapping",
    "statistics",
    "imperfections",
    "accuracy",
    "gating",
    "pipelined",
    "period",
];

/// Trained weights and labelled pictures.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AccuracySpec {
    /// Files of the weights, from the folder of this file: one safetensors file, or the CSV files of all layers.
    pub weights: Slot<OneOrMany>,
    /// The data set, from the folder of this file: a folder in IDX format, a CSV or an npz file.
    pub data: Slot<String>,
    /// What the weights of a layer are called in their file, such as `c1: conv.c1` for the tensors `conv.c1.weight` and `conv.c1.bias`. Its own
    /// name when absent, else what fits in order and shapes.
    pub names: Slot<BTreeMap<String, Slot<String>>>,
}

/// How a weight is stored.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["bits", "encoding"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WeightsSpec {
    /// Bits of a weight; a differential pair carries the sign beside them. A cell of fewer bits needs several columns.
    pub bits: Slot<u64>,
    /// `differential`: a weight is the difference of a positive and a negative device. `unsigned`: one device. `offset`: one device, which holds
    /// the weight plus half of the range. `twos-complement`: the highest bit counts negative.
    pub encoding: Slot<Encoding>,
    /// `row` (default): the bias is one more row of the crossbar, always driven. `none`: no bias on the crossbar.
    pub bias: Slot<Bias>,
    /// `states` (default): a device is in one of the states that its bits allow, and weights are rounded to them. `continuous`: its
    /// conductance follows the weight.
    pub levels: Slot<Levels>,
    /// The quantile of the magnitudes of a layer's weights and biases that takes the full range of a device; larger ones are clipped.
    /// 100% (default): the largest.
    pub clip: Slot<Written<Fraction>>,
    /// What a neuron multiplies its weighted sum by, where the file of the weights does not say. Default 1.
    pub gain: Slot<Written<Fraction>>,
}

/// Which conductances a device can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Levels {
    /// Those of its bits.
    States,
    /// All between its two ends.
    Continuous,
}

/// How the sign of a weight is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// The difference of two devices.
    Differential,
    /// One device; weights are not negative.
    Unsigned,
    /// One device; it holds the weight plus half of the range, which is taken away later.
    Offset,
    /// One device a bit; the highest counts negative.
    TwosComplement,
}

impl Encoding {
    /// As it is written in a file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Differential => "differential",
            Self::Unsigned => "unsigned",
            Self::Offset => "offset",
            Self::TwosComplement => "twos-complement",
        }
    }
}

/// Where the bias is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bias {
    /// One more row of the crossbar.
    Row,
    /// Not on the crossbar.
    None,
}

/// The crossbar tile.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["rows", "columns"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TileSpec {
    /// The crossbar component of the technology library.
    pub crossbar: Slot<String>,
    /// Instead of a crossbar: the component of kind array.
    pub array: Slot<String>,
    /// Rows (wordlines) of one tile.
    pub rows: Slot<u64>,
    /// Columns of cells of one tile. A cell that holds a differential pair counts as one column.
    pub columns: Slot<u64>,
    /// Rows that are read at once. All when absent.
    pub rows_at_once: Slot<u64>,
}

/// The circuits around a crossbar, in signal order.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stages {
    /// Before the crossbar: row drivers or DACs. Where the signal that arrives is an analog voltage already, the stages of the
    /// architecture-wide chain that take digital words are left out; a layer's own chain is built as written.
    pub input: Slot<Vec<Slot<StageSpec>>>,
    /// After the crossbar: sensing, sample-and-hold, ADC, shift-and-add, activation, register …
    pub column: Slot<Vec<Slot<StageSpec>>>,
}

/// A stage: the name of a component, or a mapping with how it is used.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename = "$imcost-shape", rename_all = "lowercase")]
#[schemars(untagged, rename = "Stage")]
pub enum StageSpec {
    /// The component's name.
    Scalar(String),
    /// The component and how it is used.
    Mapping(StageUse),
}

/// A component and how it is used.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["use"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StageUse {
    /// The component's name in the technology library.
    #[serde(rename = "use")]
    pub component: Slot<String>,
    /// How many lines take turns on one unit. Default 1: a unit for every line.
    pub share: Slot<u64>,
    /// `tile`: units on every tile. `input` (input chain): one unit for every input, shared by the tiles side by side.
    /// `output` (column chain): one unit for every output, after the partial sums of the row partitions have been added.
    pub per: Slot<Per>,
    /// The level whose units it takes turns on, one that encloses the array.
    #[serde(rename = "in")]
    pub within: Slot<String>,
    /// Full scale of an ADC, as a fraction of the largest value that can arrive: all rows at the read voltage, all weights at their largest.
    /// What is beyond is clipped. Default 100%. Used by `imcost accuracy`; `imcost adc --for` says which one a layer's values ask for.
    pub range: Slot<Written<Fraction>>,
}

/// What a stage has a unit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Every line of every tile.
    Tile,
    /// Every input of the layer.
    Input,
    /// Every output of the layer.
    Output,
}

/// Average input and weight values.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StatisticsSpec {
    /// Mean of (row voltage / read voltage)² over the rows: for binary inputs the fraction of rows that are on, for bipolar ones 100%. The
    /// bias row is always on and not part of it.
    pub active_rows: Slot<Written<Fraction>>,
    /// Mean of row voltage / read voltage over the rows, -100% to 100%. What rows that are on or off have, or the neurons that drive them, when
    /// absent; of bipolar inputs 0%. It matters where columns are not held at 0 V.
    pub mean: Slot<Written<Fraction>>,
    /// Fraction of the cells in the low-resistance state. A differential pair of one-bit devices has one of each: 50%.
    pub low_resistance: Slot<Written<Fraction>>,
    /// What the inputs look like, for figures that depend on their bits.
    pub inputs: Slot<OperandSpec>,
    /// What the weights look like, for figures that depend on their bits.
    pub weights: Slot<OperandSpec>,
}

/// When the next inference and the next layer may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Pipelining {
    /// One inference after another, one layer after another.
    #[default]
    #[serde(rename = "false")]
    None,
    /// An inference may start before the one before it ends.
    #[serde(rename = "true")]
    Inferences,
    /// And a layer before the one before it ends.
    #[serde(rename = "rows")]
    Rows,
}

impl JsonSchema for Pipelining {
    fn schema_name() -> Cow<'static, str> {
        "Pipelining".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "enum": [false, true, "rows"] })
    }
}

/// How long static power is burnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Gating {
    /// While the stage works, and while it must hold an analog value for the stages after it.
    #[default]
    PerStage,
    /// During the whole inference.
    AlwaysOn,
}

impl Gating {
    /// As it is written in a file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerStage => "per-stage",
            Self::AlwaysOn => "always-on",
        }
    }
}

/// A name or a list of names.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename = "$imcost-shape", rename_all = "lowercase")]
#[schemars(untagged, rename = "OneOrMany")]
pub enum OneOrMany {
    /// One name.
    Scalar(Located<String>),
    /// Several names.
    Sequence(Vec<Located<String>>),
}

impl OneOrMany {
    /// The names, one or many.
    #[must_use]
    pub fn names(&self) -> &[Located<String>] {
        match self {
            Self::Scalar(name) => std::slice::from_ref(name),
            Self::Sequence(names) => names,
        }
    }
}
