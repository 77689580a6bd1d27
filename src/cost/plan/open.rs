//! Which numbers of a design can be leaves of its plan, by their names.

use super::leaf::Leaf;
use crate::cost::placed::PlacedNumber;
use crate::design::Design;
use crate::diagnostic::suggest;

/// A number cannot be a leaf of a design's plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// Nothing is called so.
    #[error("no number of the design is called `{name}`{}", .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown {
        /// The name.
        name: String,
        /// The nearest name.
        nearest: Option<String>,
    },
    /// The design's circuits and counts follow from it, so that another value is another plan.
    #[error("`{0}` decides the structure of the design; set it before the design is read")]
    Structure(String),
    /// No total follows from it.
    #[error("no total of the design rests on `{0}`")]
    Unused(String),
}

/// The number of this name.
pub(super) fn number(design: &Design, name: &str) -> Result<PlacedNumber, NotOpened> {
    if let Some(of_layer) = name.strip_prefix("layers.") {
        let found = design.layers.iter().find_map(|layer| {
            let field = of_layer.strip_prefix(layer.name.as_str())?.strip_prefix('.')?;
            match field {
                "active-rows" => Some(PlacedNumber::ActiveRows(layer.circuits.crossbar)),
                "mean" => Some(PlacedNumber::MeanLevel(layer.circuits.crossbar)),
                "low-resistance" => Some(PlacedNumber::LowResistance(layer.circuits.crossbar)),
                _ => None,
            }
        });
        return found.ok_or_else(|| {
            let fields = ["active-rows", "mean", "low-resistance"];
            let all: Vec<String> = design
                .layers
                .iter()
                .flat_map(|layer| fields.map(|field| format!("layers.{}.{field}", layer.name)))
                .collect();
            unknown(name, all.iter().map(String::as_str))
        });
    }
    if name == "period" && design.period.is_some() {
        return Ok(PlacedNumber::Period);
    }
    let numbers = &design.library.numbers;
    let id = numbers.find(name).ok_or_else(|| unknown(name, numbers.iter().map(|(_, number)| &*number.path)))?;
    if design.library.components.values().any(|component| component.bits_number == Some(id)) {
        return Err(NotOpened::Structure(name.to_owned()));
    }
    Ok(PlacedNumber::OfLibrary(id))
}

fn unknown<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> NotOpened {
    NotOpened::Unknown { name: name.to_owned(), nearest: suggest::nearest(name, names).map(str::to_owned) }
}

/// Where the opened numbers are among the leaves.
pub(super) fn places(leaves: &[Leaf], names: &[&str], numbers: &[PlacedNumber]) -> Result<Vec<usize>, NotOpened> {
    let place = |(name, number): (&&str, &PlacedNumber)| {
        let found = leaves.iter().position(|leaf| leaf.number == Some(*number));
        found.ok_or_else(|| NotOpened::Unused((*name).to_owned()))
    };
    names.iter().zip(numbers).map(place).collect()
}
