//! A component in its place: formulas of its figures that name what is known there, with the values of the place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::numbers::{NewNumber, Number, NumberId, Numbers, Origin};
use super::{Basis, Component, Figure, Provenance};
use crate::catalog::{PLACES, PlaceName};
use crate::model::scaling::DigitalFactors;
use crate::units::{Dimension, Formula, Length, Quantity, Unit};

/// What is known of a place.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    values_si: [Option<f64>; PLACES.len()],
    assumed: [bool; PLACES.len()],
}

impl Place {
    /// The same place with one more thing known of it, in SI units.
    #[must_use]
    pub fn with(mut self, name: PlaceName, value_si: f64) -> Self {
        self.values_si[name as usize] = Some(value_si);
        self
    }

    /// The same place where something may be known.
    #[must_use]
    pub fn with_known(self, name: PlaceName, value_si: Option<f64>) -> Self {
        value_si.map_or(self, |value| self.with(name, value))
    }

    /// The same place where something is taken for what nobody states.
    #[must_use]
    pub fn with_assumed(mut self, name: PlaceName, value_si: f64) -> Self {
        self.assumed[name as usize] = true;
        self.with(name, value_si)
    }

    /// True if something is taken for it that nobody states.
    #[must_use]
    pub fn assumes(&self, name: PlaceName) -> bool {
        self.assumed[name as usize]
    }

    /// What is known of it, in SI units.
    #[must_use]
    pub fn get(&self, name: PlaceName) -> Option<f64> {
        self.values_si[name as usize]
    }

    /// The bits of what is known, to tell places apart.
    #[must_use]
    pub fn key(&self, names: &BTreeSet<PlaceName>) -> Vec<Option<u64>> {
        names.iter().map(|name| self.get(*name).map(f64::to_bits)).collect()
    }
}

/// Why a component cannot stand in a place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotPlaced {
    /// A figure names something that is not known there.
    #[error("its {figure} depends on `{}`, which is not known here", .name.entry().name)]
    Unknown {
        /// The figure.
        figure: &'static str,
        /// What it names.
        name: PlaceName,
    },
    /// A figure has no value there, or one that no circuit has.
    #[error("its {figure} comes out as {value} here")]
    NoCircuit {
        /// The figure.
        figure: &'static str,
        /// The value as it is printed.
        value: String,
    },
}

impl NotPlaced {
    /// The figure that cannot be.
    #[must_use]
    pub fn figure(&self) -> &'static str {
        match self {
            Self::Unknown { figure, .. } | Self::NoCircuit { figure, .. } => figure,
        }
    }
}

/// What becomes of each figure of a component.
pub(super) trait FigureMap {
    /// What becomes of one; `field` is what it is called in a file.
    fn figure<Q: Unit>(&mut self, field: &'static str, figure: &Option<Figure<Q>>) -> Option<Figure<Q>>;
}

impl Component {
    /// The component with what becomes of its figures.
    pub(super) fn with_figures(&self, map: &mut impl FigureMap) -> Self {
        Self {
            power: map.figure("power", &self.power),
            static_power: map.figure("static-power", &self.static_power),
            energy: map.figure("energy", &self.energy),
            rate: map.figure("rate", &self.rate),
            latency: map.figure("latency", &self.latency),
            area: map.figure("area", &self.area),
            write_energy: map.figure("write-energy", &self.write_energy),
            write_latency: map.figure("write-latency", &self.write_latency),
            ..self.clone()
        }
    }

    /// What its figures name of the place where it stands.
    #[must_use]
    pub fn named_places(&self, numbers: &Numbers) -> BTreeSet<PlaceName> {
        let mut names = BTreeSet::new();
        for (_, id) in self.figure_ids() {
            numbers.named_places(id, &mut names);
        }
        names
    }

    /// Its figures by their fields.
    pub(super) fn figure_ids(&self) -> impl Iterator<Item = (&'static str, NumberId)> {
        fn id<Q>(figure: &Option<Figure<Q>>) -> Option<NumberId> {
            figure.as_ref().map(|f| f.id)
        }
        let all = [
            ("power", id(&self.power)),
            ("static-power", id(&self.static_power)),
            ("energy", id(&self.energy)),
            ("latency", id(&self.latency)),
            ("rate", id(&self.rate)),
            ("area", id(&self.area)),
            ("write-energy", id(&self.write_energy)),
            ("write-latency", id(&self.write_latency)),
        ];
        all.into_iter().filter_map(|(field, id)| Some((field, id?)))
    }

    /// True if a figure rests on where the component stands.
    #[must_use]
    pub fn is_placed(&self, numbers: &Numbers) -> bool {
        self.figure_ids().any(|(_, id)| numbers.get(id).is_placed())
    }

    /// The component in a place; the numbers of its figures there are added.
    ///
    /// # Errors
    /// A figure names what is not known there, or comes out as one that no circuit has: all of them.
    pub fn placed(&self, place: &Place, numbers: &mut Numbers) -> Result<Self, Vec<NotPlaced>> {
        let mut copies = Copies { place, numbers, known: BTreeMap::new(), mistakes: Vec::new() };
        let component = self.with_figures(&mut copies);
        let mut mistakes = copies.mistakes;
        // What follows from another figure is no second mistake.
        let wrong = |figure: &str, mistakes: &[NotPlaced]| mistakes.iter().any(|mistake| mistake.figure() == figure);
        if self.power.is_some() && (wrong("power", &mistakes) || wrong("latency", &mistakes)) {
            mistakes.retain(|mistake| mistake.figure() != "energy");
        }
        if wrong("rate", &mistakes) && self.latency_from_rate() {
            mistakes.retain(|mistake| mistake.figure() != "latency");
        }
        if mistakes.is_empty() { Ok(component) } else { Err(mistakes) }
    }
}

impl Component {
    /// The component at another node and supply; the numbers of its figures there are added.
    #[must_use]
    pub fn scaled(&self, factors: &DigitalFactors, node: Option<Length>, numbers: &mut Numbers) -> Self {
        self.with_figures(&mut ScaledFigures { node, factors, component: self, numbers })
    }
}

/// Figures at another node and supply.
struct ScaledFigures<'n> {
    node: Option<Length>,
    factors: &'n DigitalFactors,
    component: &'n Component,
    numbers: &'n mut Numbers,
}

impl ScaledFigures<'_> {
    /// What costs of a dimension are multiplied by.
    fn factor(&self, dimension: Dimension) -> f64 {
        match dimension {
            Dimension::POWER => self.factors.power(),
            Dimension::ENERGY => self.factors.energy,
            Dimension::TIME => self.factors.delay,
            Dimension::FREQUENCY => 1.0 / self.factors.delay,
            Dimension::AREA => self.factors.area,
            _ => f64::NAN,
        }
    }
}

impl FigureMap for ScaledFigures<'_> {
    fn figure<Q: Unit>(&mut self, field: &'static str, figure: &Option<Figure<Q>>) -> Option<Figure<Q>> {
        let figure = figure.as_ref()?;
        let factor = self.factor(Q::DIM);
        let said = Arc::new(Provenance {
            source: SCALING.into(),
            reference: None,
            basis: Basis::Modelled,
            node: self.node,
            note: Some("equations for digital circuits; static power as power at work".into()),
        });
        let place = self.component.span;
        let name = &self.component.name;
        let by = self.numbers.push(NewNumber {
            path: format!("{name}.scaling.{field}").into(),
            value: Quantity::number(factor),
            place,
            origin: Origin::Stated,
            stated: Some(said),
        });
        let formula = Formula::parse("figure * scaling").ok()?;
        let value = figure.value.si() * factor;
        let id = self.numbers.push(NewNumber {
            path: format!("{name}.{field}").into(),
            value: Quantity::new(value, Q::DIM),
            place,
            origin: Origin::Formula { formula: Arc::new(formula), of: vec![figure.id, by] },
            stated: None,
        });
        let provenance = self.numbers.get(id).provenance().unwrap_or(&figure.provenance).clone();
        let range = figure.range.map(|(low, high)| (Q::from_si(low.si() * factor), Q::from_si(high.si() * factor)));
        Some(Figure { value: Q::from_si(value), range, provenance, id })
    }
}

/// Where the factors between nodes come from.
const SCALING: &str = "Stillmaker and Baas, Integration 58 (2017), 74-81";

impl Numbers {
    /// Adds the places that a number rests on.
    pub fn named_places(&self, id: NumberId, names: &mut BTreeSet<PlaceName>) {
        let mut open = vec![id];
        let mut seen = BTreeSet::new();
        while let Some(next) = open.pop() {
            let number = self.get(next);
            if !number.is_placed() || !seen.insert(next) {
                continue;
            }
            if let Origin::Place(name) = number.origin {
                names.insert(name);
            }
            open.extend_from_slice(number.operands());
        }
    }

    /// The value of a number in a place, in SI units, where all that it names is known there.
    #[must_use]
    pub fn value_in(&self, id: NumberId, place: &Place) -> Option<f64> {
        let mut names = BTreeSet::new();
        self.named_places(id, &mut names);
        let changed: Option<Vec<(NumberId, f64)>> = self
            .iter()
            .filter_map(|(of, number)| match number.origin {
                Origin::Place(name) if names.contains(&name) => Some(place.get(name).map(|value| (of, value))),
                _ => None,
            })
            .collect();
        let mut scratch = Vec::new();
        Some(self.evaluate(&changed?, &mut scratch)[id.index()]).filter(|value| value.is_finite())
    }
}

/// Copies of numbers with the values of a place.
struct Copies<'n> {
    place: &'n Place,
    numbers: &'n mut Numbers,
    known: BTreeMap<NumberId, NumberId>,
    mistakes: Vec<NotPlaced>,
}

impl FigureMap for Copies<'_> {
    fn figure<Q: Unit>(&mut self, field: &'static str, figure: &Option<Figure<Q>>) -> Option<Figure<Q>> {
        let figure = figure.as_ref()?;
        if !self.numbers.get(figure.id).is_placed() {
            return Some(figure.clone());
        }
        let mut names = BTreeSet::new();
        self.numbers.named_places(figure.id, &mut names);
        if let Some(&name) = names.iter().find(|name| self.place.get(**name).is_none()) {
            self.mistakes.push(NotPlaced::Unknown { figure: field, name });
            return None;
        }
        let id = self.copy(figure.id);
        let number = self.numbers.get(id);
        let si = number.value.si;
        // A cost may be nothing where its formula says so; a rate may not.
        let least = if field == "rate" { f64::MIN_POSITIVE } else { 0.0 };
        if !(si.is_finite() && si >= least) {
            let value = if si.is_finite() { number.value.eng(4) } else { "no number".to_owned() };
            self.mistakes.push(NotPlaced::NoCircuit { figure: field, value });
            return None;
        }
        let provenance: Arc<Provenance> = number.provenance().unwrap_or(&figure.provenance).clone();
        self.numbers.set_bounds(id, (0.0, f64::MAX));
        Some(Figure { value: Q::from_si(si), range: None, provenance, id })
    }
}

impl Copies<'_> {
    /// A number with all that it rests on, in this place. What rests on no place stays what it is.
    fn copy(&mut self, id: NumberId) -> NumberId {
        // The way down is a list and not the stack of calls, since formulas may name each other deep.
        let mut open = vec![id];
        while let Some(&next) = open.last() {
            let number = self.numbers.get(next);
            if self.known.contains_key(&next) || !number.is_placed() {
                open.pop();
                continue;
            }
            let missing: Vec<NumberId> = number
                .operands()
                .iter()
                .copied()
                .filter(|of| self.numbers.get(*of).is_placed() && !self.known.contains_key(of))
                .collect();
            if missing.is_empty() {
                let copied = self.copy_one(next);
                self.known.insert(next, copied);
                open.pop();
            } else {
                open.extend(missing);
            }
        }
        self.known.get(&id).copied().unwrap_or(id)
    }

    fn said_of(&self, number: &Number) -> Option<Arc<Provenance>> {
        match number.origin {
            Origin::Place(name) if self.place.assumes(name) => Some(Arc::new(Provenance {
                source: "assumption".into(),
                reference: None,
                basis: Basis::Assumed,
                node: None,
                note: Some(format!("`{}` is not stated", name.entry().name)),
            })),
            _ => number.stated.clone(),
        }
    }

    fn copy_one(&mut self, id: NumberId) -> NumberId {
        let number = self.numbers.get(id).clone();
        let of: Vec<NumberId> = number.operands().iter().map(|of| self.known.get(of).copied().unwrap_or(*of)).collect();
        let (origin, si) = match &number.origin {
            Origin::Place(name) => (Origin::Placed(*name), self.place.get(*name).unwrap_or(f64::NAN)),
            Origin::Formula { formula, .. } => {
                let si = self.numbers.value_over(&number, &of);
                (Origin::Formula { formula: formula.clone(), of }, si)
            }
            Origin::Model { model, .. } => {
                let si = self.numbers.value_over(&number, &of);
                (Origin::Model { model: model.clone(), of }, si)
            }
            origin => (origin.clone(), number.value.si),
        };
        let value = Quantity::new(si, number.value.dim);
        let copied = self.numbers.push(NewNumber {
            path: number.path.clone(),
            value,
            place: number.place,
            origin,
            stated: self.said_of(&number),
        });
        self.numbers.set_bounds(copied, number.bounds);
        copied
    }
}
