//! What a result rests on.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;

/// A result, taken apart down to the numbers that somebody stated.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Explanation {
    /// Version of this format.
    pub format_version: u32,
    /// Name of the design.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What is explained, such as `energy` or `area.layer.hidden`.
    pub result: String,
    /// Its value in SI base units.
    pub value_si: f64,
    /// The SI unit.
    pub unit: String,
    /// The part of it, 0 to 1, in whose terms any factor is assumed.
    pub assumed_fraction: f64,
    /// The numbers that it follows from; the first is the result itself.
    pub numbers: Vec<ExplainedNumber>,
    /// The terms that add up to it, the largest first.
    pub terms: Vec<ExplainedTerm>,
}

/// What `imcost explain` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ExplanationResult {
    /// Of a design.
    One(Explanation),
    /// Of the ratio of two.
    Ratio(ExplainedRatio),
}

/// The ratio of a result of two designs, both sides taken apart.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExplainedRatio {
    /// Version of this format.
    pub format_version: u32,
    /// Baseline / candidate.
    pub ratio: f64,
    /// The design that is improved on.
    pub baseline: Explanation,
    /// The other one.
    pub candidate: Explanation,
}

impl ExplanationResult {
    /// An explanation, or with that of a candidate the one of their ratio.
    #[must_use]
    pub fn of(first: Explanation, candidate: Option<Explanation>) -> Self {
        match candidate {
            None => Self::One(first),
            Some(candidate) => Self::Ratio(ExplainedRatio {
                format_version: FORMAT_VERSION,
                ratio: first.value_si / candidate.value_si,
                baseline: first,
                candidate,
            }),
        }
    }

    /// The explanation of each design.
    pub fn sides(&self) -> impl Iterator<Item = &Explanation> {
        let (first, second) = match self {
            Self::One(only) => (only, None),
            Self::Ratio(ratio) => (&ratio.baseline, Some(&ratio.candidate)),
        };
        std::iter::once(first).chain(second)
    }
}

/// How a number follows from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// It is stated.
    Stated,
    /// It is counted in the design.
    Counted,
    /// It is a constant of a formula or of the method.
    Constant,
    /// The sum of others; those that are taken away come with a minus sign.
    Sum,
    /// The product of others.
    Product,
    /// The quotient of two others.
    Quotient,
    /// A function of others.
    Function,
    /// Solved from the circuit that others describe.
    Model,
}

/// A number of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExplainedNumber {
    /// What it is.
    pub what: String,
    /// Its value in SI base units.
    pub value_si: f64,
    /// Its SI unit; empty for a plain number.
    pub unit: String,
    /// By how many percent the result changes when it changes by one.
    pub elasticity: f64,
    /// How it follows from others.
    pub relation: Relation,
    /// The numbers that it follows from, by their places in `numbers`.
    pub of: Vec<usize>,
    /// True if it, or what it follows from, is assumed.
    pub assumed: bool,
    /// How a stated number came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Where a stated number comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The file and line in which it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A product of stated numbers that the result is a sum of.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExplainedTerm {
    /// Its value in SI base units.
    pub value_si: f64,
    /// Its part of the result; those of all terms add up to 1.
    pub share: f64,
    /// Its factors.
    pub factors: Vec<ExplainedFactor>,
    /// True if any factor is assumed.
    pub assumed: bool,
}

/// A factor of a term.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExplainedFactor {
    /// What it is.
    pub what: String,
    /// Its value in SI base units.
    pub value_si: f64,
    /// Its SI unit; empty for a plain number.
    pub unit: String,
    /// The power to which it is taken.
    pub power: i32,
    /// By how many percent the whole result changes when it changes by one.
    pub elasticity: f64,
}
