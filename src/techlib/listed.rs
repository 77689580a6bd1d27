//! A library as it is listed: what its formulas give on the largest array, as far as nothing else of a place is named.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::numbers::{NumberId, Numbers, Origin};
use super::placing::{FigureMap, Place};
use super::{Component, Figure, Library};
use crate::catalog::PlaceName;
use crate::units::{Length, Unit, Voltage};

/// A figure that depends on where its component stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFormula {
    /// The figure.
    pub figure: &'static str,
    /// The formula as it is written; of parts their sum.
    pub formula: String,
    /// What it names of the place, itself or through what it names.
    pub depends_on: Vec<&'static str>,
}

impl Component {
    /// The place that a list takes for it: its largest array, its own node and supply.
    fn listed_place(&self) -> Place {
        let rows = self.array.map(|array| array.max_rows as f64);
        let columns = self.array.map(|array| array.max_columns as f64);
        Place::default()
            .with_known(PlaceName::Rows, rows)
            .with_known(PlaceName::Columns, columns)
            .with_known(PlaceName::Node, self.provenance.node.map(Length::si))
            .with_known(PlaceName::Vdd, self.vdd.map(Voltage::si))
    }

    /// The figures that depend on where it stands.
    #[must_use]
    pub fn placed_formulas(&self, library: &Library) -> Vec<PlacedFormula> {
        let of = |(figure, id): (&'static str, NumberId)| {
            let number = library.numbers.get(id);
            let mut names = BTreeSet::new();
            library.numbers.named_places(id, &mut names);
            let formula = match &number.origin {
                Origin::Formula { formula, .. } if formula.text().starts_with("n0") => {
                    "the sum of its parts".to_owned()
                }
                Origin::Formula { formula, .. } => format!("= {}", formula.text().trim()),
                _ => "a model".to_owned(),
            };
            let depends_on = names.into_iter().map(|name| name.entry().name).collect();
            number.is_placed().then_some(PlacedFormula { figure, formula, depends_on })
        };
        self.figure_ids().filter_map(of).collect()
    }
}

impl Library {
    /// The library as it is listed: a figure that depends on more than the array, the node and the supply has no value there.
    #[must_use]
    pub fn listed(&self) -> Self {
        let mut listed = self.clone();
        for component in listed.components.values_mut().filter(|c| c.is_placed(&self.numbers)) {
            let mut figures = ListedFigures { numbers: &self.numbers, place: component.listed_place() };
            let mut there = component.with_figures(&mut figures);
            // Without the energy of its operations what is left is no power of a component at work.
            if component.energy.is_some() && there.energy.is_none() {
                (there.power, there.static_power) = (None, None);
            }
            *component = Arc::new(there);
        }
        listed
    }
}

/// Figures where only the array, the node and the supply are known.
struct ListedFigures<'n> {
    numbers: &'n Numbers,
    place: Place,
}

impl FigureMap for ListedFigures<'_> {
    fn figure<Q: Unit>(&mut self, _: &'static str, figure: &Option<Figure<Q>>) -> Option<Figure<Q>> {
        let figure = figure.as_ref()?;
        if !self.numbers.get(figure.id).is_placed() {
            return Some(figure.clone());
        }
        let value = self.numbers.value_in(figure.id, &self.place)?;
        Some(Figure { value: Q::from_si(value), range: None, ..figure.clone() })
    }
}
