//! Levels of a machine, what stands on them, and at which node, supply and clock it works.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Written;
use super::architecture::{Stages, TileSpec, WeightsSpec};
use super::network::InputEncoding;
use crate::units::{Fraction, Frequency, Length, Voltage};
use crate::yaml::Slot;

/// A level of a machine: so many instances in each instance of the level that it is in, each with its own components. A level that nothing is in
/// holds the arrays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["name"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LevelSpec {
    /// Its name, such as `tile`.
    pub name: Slot<String>,
    /// The level that it is in. The entry before when absent.
    #[serde(rename = "in")]
    pub within: Slot<String>,
    /// Instances in one instance of that level. Default 1.
    pub count: Slot<u64>,
    /// How many of these are powered; the others cost area only. All when absent.
    pub powered: Slot<u64>,
    /// What stands on each instance, in any order.
    pub components: Slot<Vec<Slot<LevelComponentSpec>>>,
    /// Of a level that nothing is in, instead of the architecture's `tile`.
    pub tile: Slot<Box<TileSpec>>,
    /// Of a level that nothing is in, instead of the architecture's `stages`.
    pub stages: Slot<Stages>,
    /// Of a level that nothing is in, instead of the architecture's `weights`.
    pub weights: Slot<Box<WeightsSpec>>,
}

/// A component of a level: its name, or a mapping with how many there are.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename = "$imcost-shape", rename_all = "lowercase")]
#[schemars(untagged, rename = "LevelComponent")]
pub enum LevelComponentSpec {
    /// The component's name.
    Scalar(String),
    /// The component and how many there are.
    Mapping(LevelComponentUse),
}

/// A component of a level and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["use"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LevelComponentUse {
    /// The component's name in the technology library.
    #[serde(rename = "use")]
    pub component: Slot<String>,
    /// Units on each instance. Default 1.
    pub count: Slot<u64>,
    /// One unit for so many instances: each bears its part of the unit.
    pub per: Slot<u64>,
    /// Memory: what it holds. Inputs and outputs when absent.
    pub holds: Slot<Vec<Slot<Held>>>,
}

/// What a memory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// Inputs of layers.
    Inputs,
    /// Outputs of layers.
    Outputs,
    /// Weights.
    Weights,
}

/// At which node, supply and clock a design works.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct OperatingSpec {
    /// Technology node. That of each component when absent.
    pub node: Slot<Written<Length>>,
    /// Supply. That of each component when absent.
    pub vdd: Slot<Written<Voltage>>,
    /// Clock.
    pub clock: Slot<Written<Frequency>>,
}

/// The words between layers.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ActivationsSpec {
    /// Bits of each. Those of the network's inputs when absent.
    pub bits: Slot<u64>,
    /// What they are on the rows. `unsigned` when absent.
    pub encoding: Slot<InputEncoding>,
}

/// What the values of one operand of the products look like.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct OperandSpec {
    /// Mean, relative to the largest value. 50% when absent.
    pub mean: Slot<Written<Fraction>>,
    /// Part of the bits that are 1. 50% when absent.
    pub density: Slot<Written<Fraction>>,
    /// Inputs: part of the bits that differ from those of the input before. 2 density (1 - density) when absent.
    pub toggle: Slot<Written<Fraction>>,
    /// Inputs: part of the values that are 0. None when absent.
    pub zero: Slot<Written<Fraction>>,
    /// Instead: how often each value occurs, from the lowest to the highest: 2^n values, or 2^n - 1 that are symmetric around 0.
    pub histogram: Slot<Vec<Slot<Written<Fraction>>>>,
}

/// How layers take the arrays of the levels.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MappingSpec {
    /// How often the weights of a layer are stored. `none` (default): once. `balanced`: as often as makes the longest layer shortest.
    pub copies: Slot<Copying>,
    /// The smallest part of the machine that two layers do not share, a level. That around the arrays when absent.
    pub whole: Slot<String>,
    /// The level of rewritable arrays for products of two layers.
    pub dynamic: Slot<String>,
    /// `stationary` (default): all weights are in the arrays. `reload`: what does not fit is written, in passes.
    pub weights: Slot<WeightsInArrays>,
    /// Inferences between two reloads. Default 1.
    pub batch: Slot<u64>,
}

/// How often the weights of a layer are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Copying {
    /// Once.
    #[default]
    None,
    /// As often as makes the longest layer shortest.
    Balanced,
}

/// Whether weights stay in the arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WeightsInArrays {
    /// They do.
    #[default]
    Stationary,
    /// What does not fit is written, in passes.
    Reload,
}
