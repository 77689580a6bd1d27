//! The circuit model of a component: parameters evaluated and checked.

use std::sync::Arc;

use super::amplifier;
use super::circuit_numbers::{self, CircuitFigure, CircuitModel, CircuitNumbers, JunctionNumbers, NeuronNumbers};
use super::converter::{self, Taken};
use super::entry::Entry;
use super::numbers::{NumberId, Origin};
use super::{Basis, Figure, Kind, Model, MtjInverter, Provenance};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::driver::InverterChain;
use crate::model::neuron::NeuronDescription;
use crate::model::neuron::description::{self, Contrast, Geometry, Junction};
use crate::model::neuron::in_place::{RowLoad, in_place};
use crate::model::transistor::ProcessNode;
use crate::spec::{Written, circuit, library as file};
use crate::units::{Current, Fraction, Length, Power, Time, Unit, Voltage};
use crate::yaml::{Located, Slot};

/// Mean power of the nominal neuron over four readings of its transistor card by different simulator releases, 55.9 uW to 98.9 uW, relative to
/// the 67.9 uW of the reading that the tables come from (`docs/neuron.md`). No such readings exist of other neurons.
const CARD_READINGS: (f64, f64) = (55.9 / 67.9, 98.9 / 67.9);

/// A circuit in a file, for the errors about its fields.
pub(super) struct Owner {
    pub name: &'static str,
    pub place: Span,
}

impl Owner {
    fn quoted(&self) -> String {
        format!("`{}`", self.name)
    }

    pub(super) fn path(&self, field: &str) -> String {
        format!("model.{}.{field}", self.name)
    }
}

/// The model of a component with the numbers that describe it, if it has one.
pub(super) fn model<'a>(
    entry: &mut Entry<'a, '_>,
    kind: Kind,
    c: &'a file::ComponentSpec,
    taken: Taken<'_>,
) -> Option<(Model, CircuitNumbers)> {
    let model = c.model.located()?;
    let m = match &model.value {
        circuit::ComponentModelSpec::Named(named) => {
            return converter::model(entry, kind, c, (*named, model.span), taken);
        }
        circuit::ComponentModelSpec::Circuit(circuit) => circuit,
    };
    one_circuit(entry, kind, m, model.span)?;
    let gives_latency = c.latency.is_missing() && c.rate.is_missing();
    if let Some(circuit) = m.difference_amplifier.located() {
        return amplifier::difference(entry, circuit, gives_latency);
    }
    if let Some(circuit) = m.transimpedance_amplifier.located() {
        return amplifier::transimpedance(entry, circuit, gives_latency);
    }
    if let Some(circuit) = m.mtj_inverter.located() {
        let (circuit, numbers) = mtj_inverter(entry, circuit)?;
        let neuron = MtjInverter {
            circuit,
            gives_power: c.power.is_missing() && c.static_power.is_missing() && c.energy.is_missing(),
            gives_latency,
        };
        return Some((Model::MtjInverter(neuron), CircuitNumbers::MtjInverter(numbers)));
    }
    if let Some(circuit) = m.inverter_chain.located() {
        return inverter_chain(entry, circuit);
    }
    logistic(entry, m.logistic.located()?)
}

/// Static power and latency of a neuron without a load, where they follow from its circuit; reported if the circuit has none.
pub(super) fn figures_of_circuit(
    entry: &mut Entry<'_, '_>,
    neuron: &MtjInverter,
    numbers: NeuronNumbers,
) -> (Option<Figure<Power>>, Option<Figure<Time>>) {
    let (owner, place) = (entry.owner(), entry.name.span);
    let open = match in_place(&neuron.circuit, RowLoad::default()) {
        Ok(open) => open,
        Err(error) => {
            entry.report(Diagnostic::error(format!("{owner}: {error}")).at(place, "its circuit"));
            return (None, None);
        }
    };
    if neuron.gives_latency && open.delay.is_none() {
        entry.report(
            Diagnostic::error(format!("{owner} needs `latency`"))
                .at(place, "no table of gate capacitances exists for its node")
                .help("the delay of a neuron is computed for 14 nm; state it, or write `unknown`"),
        );
    }
    let power = neuron.gives_power.then(|| {
        let figure = computed(entry, neuron, numbers, CircuitFigure::Power, "static-power", open.power)?;
        let range = (open.power * CARD_READINGS.0, open.power * CARD_READINGS.1);
        entry.reader.numbers.set_range(figure.id, (range.0.si(), range.1.si()));
        Some(figure)
    });
    let latency = open.delay.filter(|_| neuron.gives_latency);
    let latency = latency.and_then(|delay| computed(entry, neuron, numbers, CircuitFigure::Delay, "latency", delay));
    (power.flatten(), latency)
}

/// A figure that follows from a neuron's circuit.
fn computed<Q: Unit>(
    entry: &mut Entry<'_, '_>,
    neuron: &MtjInverter,
    numbers: NeuronNumbers,
    figure: CircuitFigure,
    field: &str,
    value: Q,
) -> Option<Figure<Q>> {
    let note = if figure == CircuitFigure::Power {
        "mean of supply, input and level-shift power over the input range, without a load; in a design it follows from the row that is driven; the range is that of the nominal neuron over four readings of the transistor card, in proportion"
    } else {
        "50-50 delay of the slower edge for a step over half of the input range, without a load; in a design it follows from the row that is driven"
    };
    let model =
        CircuitModel { circuit: Model::MtjInverter(*neuron), numbers: CircuitNumbers::MtjInverter(numbers), figure };
    let source = "this library's circuit, solved with transistor tables from circuit simulation (ngspice 47, BSIM-CMG 107, PTM-MG)";
    of_model(entry, model, field, value, (source, note))
}

/// A figure that follows from a circuit, with its source and what a reader should know.
pub(super) fn of_model<Q: Unit>(
    entry: &mut Entry<'_, '_>,
    model: CircuitModel,
    field: &str,
    value: Q,
    (source, note): (&str, &str),
) -> Option<Figure<Q>> {
    let stated = Provenance {
        source: source.into(),
        reference: None,
        basis: Basis::Modelled,
        node: entry.provenance.node,
        note: Some(note.into()),
    };
    let origin = Origin::Model { of: model.numbers.ids(), model: Arc::new(model) };
    entry.computed(field, value, origin, Some(Arc::new(stated)))
}

/// A model is exactly one circuit, of the component's kind.
fn one_circuit(entry: &mut Entry<'_, '_>, kind: Kind, m: &circuit::ModelSpec, place: Span) -> Option<()> {
    let stated = [
        ("difference-amplifier", Kind::Amplifier, m.difference_amplifier.span()),
        ("transimpedance-amplifier", Kind::Amplifier, m.transimpedance_amplifier.span()),
        ("mtj-inverter", Kind::Neuron, m.mtj_inverter.span()),
        ("logistic", Kind::Neuron, m.logistic.span()),
        ("inverter-chain", Kind::RowDriver, m.inverter_chain.span()),
    ];
    let fitting: Vec<&str> = stated.iter().filter(|(_, of, _)| *of == kind).map(|(name, ..)| *name).collect();
    let written: Vec<_> = stated.iter().filter_map(|(name, of, span)| Some((*name, *of, (*span)?))).collect();
    let amplifiers_missing = m.difference_amplifier.is_missing() && m.transimpedance_amplifier.is_missing();
    let neurons_missing = m.mtj_inverter.is_missing() && m.logistic.is_missing();
    let all_missing = amplifiers_missing && neurons_missing && m.inverter_chain.is_missing();
    if kind == Kind::Adc {
        entry.report(
            Diagnostic::error("a component of kind adc has no circuit")
                .at(place, "expected the name of a model: `adc-survey`"),
        );
        return None;
    }
    // Another error has said what is wrong: a misspelt circuit, or a kind that has none.
    if fitting.is_empty() || (written.is_empty() && !all_missing) {
        return None;
    }
    let diagnostic = match written.as_slice() {
        [] => Diagnostic::error("the model names no circuit").at(place, ""),
        [(name, of, span)] if *of != kind => {
            Diagnostic::error(format!("`{name}` is no circuit of a component of kind {}", kind.name()))
                .at(*span, format!("belongs to kind {}", of.name()))
        }
        [_] => return Some(()),
        [(first, _, other), (name, _, span), ..] => {
            Diagnostic::error(format!("the model names two circuits, `{first}` and `{name}`"))
                .at(*span, "the second")
                .also(*other, "the first")
        }
    };
    entry.report(diagnostic.help(format!("circuits of kind {}: {}", kind.name(), fitting.join(", "))));
    None
}

fn logistic<'a>(
    entry: &mut Entry<'a, '_>,
    circuit: &'a Located<circuit::LogisticSpec>,
) -> Option<(Model, CircuitNumbers)> {
    let owner = Owner { name: "logistic", place: circuit.span };
    let c = &circuit.value;
    let at_low = of_any_sign(entry, &owner, "at-low", &c.at_low);
    let at_high = of_any_sign(entry, &owner, "at-high", &c.at_high);
    let midpoint = of_any_sign(entry, &owner, "midpoint", &c.midpoint);
    let width = required::<Voltage>(entry, &owner, "width", &c.width);
    let (at_low, at_high, midpoint, width) = (at_low?, at_high?, midpoint?, width?);
    Some((
        Model::Logistic(circuit_numbers::logistic(at_low.0, at_high.0, midpoint.0, width.0)),
        CircuitNumbers::Logistic { at_low: at_low.1, at_high: at_high.1, midpoint: midpoint.1, width: width.1 },
    ))
}

fn inverter_chain<'a>(
    entry: &mut Entry<'a, '_>,
    circuit: &'a Located<circuit::InverterChainSpec>,
) -> Option<(Model, CircuitNumbers)> {
    let owner = Owner { name: "inverter-chain", place: circuit.span };
    let c = &circuit.value;
    let fins = required::<Fraction>(entry, &owner, "fins", &c.fins);
    let vdd = required::<Voltage>(entry, &owner, "vdd", &c.vdd);
    let text = c.rises.require(&owner.quoted(), "rises", owner.place, entry.reader.diagnostics);
    let rises = text.and_then(|text| entry.fraction(&owner.path("rises"), text));
    let node = node(entry, &owner, &c.node);
    let ((fins, fins_number), (vdd, vdd_number), (rises, rises_number)) = (fins?, vdd?, rises?);
    let chain = InverterChain { fins: fins.si(), vdd, node: node?, rises };
    if let Err(error) = chain.high_level(|_| Current::ZERO) {
        let place = c.vdd.span().unwrap_or(owner.place);
        entry.report(Diagnostic::error(error.to_string()).at(place, "the supply"));
        return None;
    }
    let numbers = CircuitNumbers::InverterChain { fins: fins_number, vdd: vdd_number, rises: rises_number };
    Some((Model::InverterChain(chain), numbers))
}

fn of_any_sign<'a>(
    entry: &mut Entry<'a, '_>,
    owner: &Owner,
    field: &str,
    slot: &'a Slot<Written<Voltage>>,
) -> Option<(Voltage, NumberId)> {
    let text = slot.require(&owner.quoted(), field, owner.place, entry.reader.diagnostics)?;
    entry.typed::<Voltage>(&owner.path(field), text)
}

fn mtj_inverter<'a>(
    entry: &mut Entry<'a, '_>,
    circuit: &'a Located<circuit::MtjInverterSpec>,
) -> Option<(NeuronDescription, NeuronNumbers)> {
    let owner = Owner { name: "mtj-inverter", place: circuit.span };
    let c = &circuit.value;
    let junction = junction(entry, &owner, c);
    let contrast = contrast(entry, &owner, c);
    let tmr_v0 = optional(entry, &owner, "tmr-v0", &c.tmr_v0);
    let fins = required::<Fraction>(entry, &owner, "nfin", &c.nfin);
    let fins = fins.and_then(|(n, id)| {
        let place = c.nfin.span().unwrap_or(owner.place);
        in_range(entry, description::fins(n.si()), place).map(|fins| (fins, id))
    });
    let node = node(entry, &owner, &c.node);
    let vdd = required::<Voltage>(entry, &owner, "vdd", &c.vdd);
    let offset = match c.v_offset.located() {
        Some(text) => entry.typed::<Voltage>(&owner.path("v-offset"), text).map(Some),
        None => c.v_offset.is_missing().then_some(None),
    };
    let input_range = optional::<Voltage>(entry, &owner, "input-range", &c.input_range);
    let ((junction, junction_numbers), (contrast, contrast_number)) = (junction?, contrast?);
    let ((fins, fins_number), (vdd, vdd_number)) = (fins?, vdd?);
    let (tmr_v0, tmr_v0_number) = tmr_v0?.unzip();
    let (offset, offset_number) = offset?.unzip();
    let (input_range, input_range_number) = input_range?.unzip();
    let description = NeuronDescription {
        junction,
        contrast,
        tmr_v0,
        fins,
        node: node?,
        vdd,
        offset,
        input_range: input_range.unwrap_or(vdd),
    };
    in_range(entry, description.parameters().check(), circuit.span)?;
    let numbers = NeuronNumbers {
        junction: junction_numbers,
        contrast: contrast_number,
        tmr_v0: tmr_v0_number,
        fins: fins_number,
        vdd: vdd_number,
        offset: offset_number,
        input_range: input_range_number,
    };
    Some((description, numbers))
}

fn junction<'a>(
    entry: &mut Entry<'a, '_>,
    owner: &Owner,
    c: &'a circuit::MtjInverterSpec,
) -> Option<(Junction, JunctionNumbers)> {
    if let Some(text) = c.r_low.located() {
        let geometry = [("ra", c.ra.span()), ("mtj-length", c.mtj_length.span()), ("mtj-width", c.mtj_width.span())];
        if let Some((field, span)) = geometry.into_iter().find_map(|(field, span)| Some((field, span?))) {
            twice(entry, ("r-low", text.span), (field, span));
        }
        let (resistance, id) = entry.positive(&owner.path("r-low"), text)?;
        return Some((Junction::Resistance { resistance, instead_of: None }, JunctionNumbers::Resistance(id)));
    }
    let ra = required(entry, owner, "ra", &c.ra);
    let length = required(entry, owner, "mtj-length", &c.mtj_length);
    let width = required(entry, owner, "mtj-width", &c.mtj_width);
    let (ra, length, width) = (ra?, length?, width?);
    Some((
        Junction::Geometry(Geometry { ra: ra.0, length: length.0, width: width.0 }),
        JunctionNumbers::Geometry { ra: ra.1, length: length.1, width: width.1 },
    ))
}

fn contrast<'a>(
    entry: &mut Entry<'a, '_>,
    owner: &Owner,
    c: &'a circuit::MtjInverterSpec,
) -> Option<(Contrast, NumberId)> {
    if let Some(text) = c.r_high.located() {
        if let Some(span) = c.tmr.span() {
            twice(entry, ("r-high", text.span), ("tmr", span));
        }
        return entry.positive(&owner.path("r-high"), text).map(|(r, id)| (Contrast::Resistance(r), id));
    }
    required::<Fraction>(entry, owner, "tmr", &c.tmr).map(|(tmr, id)| (Contrast::Tmr(tmr.si()), id))
}

fn twice(entry: &mut Entry<'_, '_>, (field, span): (&str, Span), (other, other_span): (&str, Span)) {
    let message = format!("`{field}` and `{other}` say the same twice");
    entry.report(Diagnostic::error(message).at(span, "").also(other_span, "").help("keep one of them"));
}

fn node<'a>(entry: &mut Entry<'a, '_>, owner: &Owner, slot: &'a Slot<Written<Length>>) -> Option<ProcessNode> {
    let (size, place) = match (slot.located(), entry.provenance.node) {
        (Some(text), _) => (entry.positive::<Length>(&owner.path("node"), text)?.0, text.span),
        (None, None) => (required(entry, owner, "node", slot)?.0, owner.place),
        (None, Some(node)) => (node, owner.place),
    };
    in_range(entry, description::node(size), place)
}

fn in_range<T>(
    entry: &mut Entry<'_, '_>,
    result: Result<T, crate::model::neuron::ParameterError>,
    place: Span,
) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            let message = format!("`{}` of {} is out of range", error.name.replace('_', "-"), error.value);
            entry.report(Diagnostic::error(message).at(place, error.reason.replace('_', "-")));
            None
        }
    }
}

pub(super) fn optional<'a, Q: Unit>(
    entry: &mut Entry<'a, '_>,
    owner: &Owner,
    field: &str,
    slot: &'a Slot<Written<Q>>,
) -> Option<Option<(Q, NumberId)>> {
    match slot.located() {
        Some(text) => entry.positive(&owner.path(field), text).map(Some),
        None => slot.is_missing().then_some(None),
    }
}

pub(super) fn required<'a, Q: Unit>(
    entry: &mut Entry<'a, '_>,
    owner: &Owner,
    field: &str,
    slot: &'a Slot<Written<Q>>,
) -> Option<(Q, NumberId)> {
    entry.required(&owner.quoted(), owner.place, &owner.path(field), slot)
}
