//! Converters that no publication describes: energy and area by the regression over the survey of measured ones, `model: adc-survey`.

use std::sync::Arc;

use super::circuit_numbers::{CircuitFigure, CircuitModel, CircuitNumbers};
use super::entry::Entry;
use super::numbers::{NewNumber, NumberId, Origin};
use super::{Basis, Figure, Kind, Model, Provenance, Reference};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::converter::{WantedConverter, regression};
use crate::spec::circuit::NamedModel;
use crate::spec::library as file;
use crate::units::{Area, Energy, Frequency, Length};

/// What the model takes of its entry.
pub(super) struct Taken<'f> {
    pub bits: Option<(u32, NumberId)>,
    pub rate: Option<&'f Figure<Frequency>>,
}

/// The converter that an entry asks for, with the numbers that it is described by; what is missing is reported.
pub(super) fn model<'a>(
    entry: &mut Entry<'a, '_>,
    kind: Kind,
    c: &'a file::ComponentSpec,
    (named, place): (NamedModel, Span),
    taken: Taken<'_>,
) -> Option<(Model, CircuitNumbers)> {
    let NamedModel::AdcSurvey = named;
    if kind != Kind::Adc {
        // A kind without any model has been told so.
        if kind.entry().has("model") {
            entry.report(
                Diagnostic::error(format!("`adc-survey` is no model of a component of kind {}", kind.name()))
                    .at(place, "belongs to kind adc"),
            );
        }
        return None;
    }
    let costs = [
        ("energy", c.energy.span()),
        ("power", c.power.span()),
        ("static-power", c.static_power.span()),
        ("parts", c.parts.span()),
    ];
    let stated: Vec<(&str, Span)> = costs.into_iter().filter_map(|(field, span)| Some((field, span?))).collect();
    for (field, span) in &stated {
        let owner = entry.owner();
        entry.report(
            Diagnostic::error(format!("{owner} states `{field}` beside `model: adc-survey`"))
                .at(*span, "stated here")
                .also(place, "computes the energy of a conversion, leakage with it")
                .help("keep one of them"),
        );
    }
    let owner = entry.owner();
    if c.rate.is_missing() {
        entry.report(
            Diagnostic::error(format!("{owner} needs `rate`"))
                .at(place, "energy and area follow from bits, rate and node"),
        );
    }
    let node = node(entry, c, place);
    let (bits, rate, node) = (taken.bits?, taken.rate?, node?);
    if !stated.is_empty() {
        return None;
    }
    if f64::from(bits.0) < regression::FEWEST_BITS
        && let Some(span) = c.bits.span()
    {
        entry.reader.diagnostics.warn(
            Diagnostic::warning(format!("{owner} has {} bits, fewer than the regression holds for", bits.0))
                .at(span, "the fit is of measured converters of 4 bits and more")
                .help("state the figures of a comparator or a flash converter instead"),
        );
    }
    let wanted = WantedConverter { bits: f64::from(bits.0), rate: rate.value, node: node.0 };
    let numbers = CircuitNumbers::AdcSurvey { bits: bits.1, rate: rate.id, node: node.1 };
    Some((Model::AdcSurvey(wanted), numbers))
}

/// The entry's node, else that of its file, as a number that the model rests on.
fn node<'a>(entry: &mut Entry<'a, '_>, c: &'a file::ComponentSpec, place: Span) -> Option<(Length, NumberId)> {
    let owner = entry.owner();
    let (length, id, place) = match (c.node.located(), entry.provenance.node) {
        (Some(text), Some(_)) => {
            let (length, id) = entry.positive::<Length>("node", text)?;
            (length, id, text.span)
        }
        (None, Some(length)) => {
            let (path, value) = (format!("{}.node", entry.name.value).into(), length.into());
            let (place, stated) = (entry.name.span, Some(entry.provenance.clone()));
            let new = NewNumber { path, value, place, origin: Origin::Stated, stated };
            (length, entry.reader.numbers.push(new), place)
        }
        // One that is wrong has been reported.
        (Some(_), None) => return None,
        (None, None) => {
            if c.node.is_missing() {
                entry.report(
                    Diagnostic::error(format!("{owner} needs `node`"))
                        .at(place, "energy and area follow from bits, rate and node")
                        .help("state it here, or for the whole file"),
                );
            }
            return None;
        }
    };
    if regression::is_node(length) {
        return Some((length, id));
    }
    let message = format!("`node` of {owner} is {}", length.eng(3));
    entry.report(Diagnostic::error(message).at(place, format!("expected {}", regression::NODES_TEXT)));
    None
}

/// Energy of a conversion and area, as they follow from the model.
pub(super) fn figures(
    entry: &mut Entry<'_, '_>,
    wanted: WantedConverter,
    numbers: CircuitNumbers,
    states_area: bool,
) -> (Option<Figure<Energy>>, Option<Figure<Area>>) {
    let cost = regression::cost(wanted);
    let stated = Arc::new(Provenance {
        source: regression::SOURCE.into(),
        reference: Some(Arc::new(publication())),
        basis: Basis::Modelled,
        node: Some(wanted.node),
        note: Some(regression::NOTE.into()),
    });
    let origin = |figure| Origin::Model {
        of: numbers.ids(),
        model: Arc::new(CircuitModel { circuit: Model::AdcSurvey(wanted), numbers, figure }),
    };
    let energy = entry.computed("energy", cost.energy, origin(CircuitFigure::Energy), Some(stated.clone()));
    let area = cost.area.filter(|_| !states_area);
    let area = area.and_then(|area| entry.computed("area", area, origin(CircuitFigure::Area), Some(stated)));
    (energy, area)
}

/// The publication of the regression.
fn publication() -> Reference {
    Reference {
        key: "andrulis-2024".into(),
        short: "Andrulis et al., arXiv 2404.06553".into(),
        title: "Modeling Analog-Digital-Converter Energy and Area for Compute-In-Memory Accelerator Design".into(),
        authors: ["Tanner Andrulis", "Ruicong Chen", "Hae-Seung Lee", "Joel S. Emer", "Vivienne Sze"]
            .map(Into::into)
            .into(),
        year: Some(2024),
        url: Some("https://arxiv.org/abs/2404.06553".into()),
        ..Reference::default()
    }
}
