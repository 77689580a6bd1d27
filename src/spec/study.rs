//! The study file: an architecture, and what of it is varied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::architecture::OneOrMany;
use crate::yaml::{Slot, slot::Table};

/// Accuracy and costs of one architecture for several values of its parameters.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["name", "architecture", "vary"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StudySpec {
    /// What is asked, in one line.
    pub name: Slot<String>,
    /// Path of the architecture, from the folder of this file.
    pub architecture: Slot<String>,
    /// Weights of the trained network: a path or several, from the folder of this file. The shipped network when absent.
    pub weights: Slot<OneOrMany>,
    /// Labelled pictures: a path from the folder of this file. The shipped digits when absent.
    pub data: Slot<String>,
    /// The first pictures only.
    pub images: Slot<u64>,
    /// Draws of what is random, for each point. Default 20.
    pub draws: Slot<u64>,
    /// Seed of the draws; every point has the same. Default 1.
    pub seed: Slot<u64>,
    /// What is set for all points: path and value, as `--set` takes them.
    pub set: Slot<Table<String>>,
    /// What is varied: a path as `--set` takes it, and its values: a list, or `A..B:COUNT`.
    pub vary: Slot<Table<OneOrMany>>,
    /// `all` (default): every combination. `one-by-one`: each parameter by itself, the others at their first value.
    pub combine: Slot<Combine>,
    /// The cost that is weighed against accuracy. Default `energy`.
    pub against: Slot<Cost>,
    /// True if neurons are logistic functions, whatever their circuit.
    pub ideal_neuron: Slot<bool>,
    /// True if columns carry the whole currents, whatever wires and column circuits take.
    pub ideal_crossbar: Slot<bool>,
}

/// How several parameters are varied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// Every combination.
    #[default]
    All,
    /// Each by itself.
    OneByOne,
}

/// A cost that is weighed against accuracy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Average power.
    Power,
    /// Time of one inference.
    Latency,
    /// Energy of one inference.
    #[default]
    Energy,
    /// Area.
    Area,
}

impl Cost {
    /// The cost as it is written in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::Latency => "latency",
            Self::Energy => "energy",
            Self::Area => "area",
        }
    }
}
