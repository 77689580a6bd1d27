//! Single numbers that a file stores, by the names of their values.

use std::collections::HashMap;

use super::constant::Const;
use super::graph::Graph;
use super::proto::GraphProto;
use super::weights::Stored;

/// How near a stored number is to the one that is meant: half precision keeps three digits.
const NEAR: f64 = 2e-3;

/// Single numbers by name.
#[derive(Debug)]
pub(super) struct Scalars<'m>(HashMap<&'m str, f64>);

impl<'m> Scalars<'m> {
    /// Those of a file.
    pub fn of(graph: &Graph<'m>, file: &'m GraphProto) -> Self {
        let mut found = HashMap::new();
        let number =
            |tensor| Const::of(tensor, Stored::Nowhere).ok().filter(|c| c.count() == 1).and_then(|c| c.scalar());
        for tensor in &file.initializer {
            if let Some(value) = number(tensor) {
                found.insert(tensor.name.as_str(), value);
            }
        }
        for node in &graph.nodes {
            let Some(&output) = node.outputs.first() else { continue };
            let value = match node.operator {
                "Constant" => node.tensor("value").and_then(number).or_else(|| node.float("value_float")),
                "Cast" | "CastLike" | "Identity" => node.input(0).and_then(|input| found.get(input).copied()),
                _ => None,
            };
            if let Some(value) = value {
                found.insert(output, value);
            }
        }
        Self(found)
    }

    /// The number of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// True if it is this one.
    pub fn is(&self, name: &str, number: f64) -> bool {
        self.get(name).is_some_and(|value| (value - number).abs() <= NEAR * number.abs())
    }
}
