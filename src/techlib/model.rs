//! The circuit model of a component: parameters evaluated and checked.

use std::sync::Arc;

use super::figure::Scope;
use super::resolve::Resolver;
use super::{Basis, Figure, Kind, Model, MtjInverter, Provenance};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::amplifier::DifferenceAmplifier;
use crate::model::neuron::NeuronDescription;
use crate::model::neuron::description::{self, Contrast, Geometry, Junction};
use crate::model::neuron::in_place::{RowLoad, in_place};
use crate::model::neuron::logistic::Logistic;
use crate::model::transistor::ProcessNode;
use crate::spec::{Written, circuit, library as file};
use crate::units::{Fraction, Length, Power, Time, Unit, Voltage};
use crate::yaml::{Located, Slot};

/// Mean power of the nominal neuron over four readings of its transistor card by different simulator releases, 55.9 uW to 98.9 uW, relative to
/// the 67.9 uW of the reading that the tables come from (`docs/neuron.md`). No such readings exist of other neurons.
const CARD_READINGS: (f64, f64) = (55.9 / 67.9, 98.9 / 67.9);

/// A circuit in a file, for the errors about its fields.
struct Owner {
    name: &'static str,
    place: Span,
}

impl Resolver<'_, '_> {
    /// The model of a component, if it has one.
    pub(super) fn model(
        &mut self,
        kind: Kind,
        c: &file::ComponentSpec,
        entry_node: Option<Length>,
        scope: &Scope<'_>,
    ) -> Option<Model> {
        let model = c.model.located()?;
        self.one_circuit(kind, model)?;
        let m = &model.value;
        if let Some(circuit) = m.difference_amplifier.located() {
            return self.difference_amplifier(circuit, scope).map(Model::DifferenceAmplifier);
        }
        if let Some(circuit) = m.mtj_inverter.located() {
            return self.mtj_inverter(circuit, entry_node, scope).map(|circuit| {
                Model::MtjInverter(MtjInverter {
                    circuit,
                    gives_power: c.power.is_missing() && c.static_power.is_missing() && c.energy.is_missing(),
                    gives_latency: c.latency.is_missing() && c.rate.is_missing(),
                })
            });
        }
        self.logistic(m.logistic.located()?, scope).map(Model::Logistic)
    }

    /// Static power and latency of a neuron without a load, where they follow from its circuit; reported if the circuit has none.
    pub(super) fn figures_of_circuit(
        &mut self,
        name: &Located<String>,
        neuron: &MtjInverter,
        origin: &Provenance,
    ) -> (Option<Figure<Power>>, Option<Figure<Time>>) {
        let open = match in_place(&neuron.circuit, RowLoad::default()) {
            Ok(open) => open,
            Err(error) => {
                self.report(Diagnostic::error(format!("`{}`: {error}", name.value)).at(name.span, "its circuit"));
                return (None, None);
            }
        };
        if neuron.gives_latency && open.delay.is_none() {
            self.report(
                Diagnostic::error(format!("`{}` needs `latency`", name.value))
                    .at(name.span, "no table of gate capacitances exists for its node")
                    .help("the delay of a neuron is computed for 14 nm; state it, or write `unknown`"),
            );
        }
        let computed = |note: &str| {
            Arc::new(Provenance {
                source: "this library's circuit, solved with transistor tables from circuit simulation (ngspice 47, BSIM-CMG 107, PTM-MG)"
                    .into(),
                basis: Basis::Modelled,
                node: origin.node,
                note: Some(note.into()),
            })
        };
        let power = neuron.gives_power.then(|| Figure {
            value: open.power,
            range: Some((open.power * CARD_READINGS.0, open.power * CARD_READINGS.1)),
            provenance: computed(
                "mean of supply, input and level-shift power over the input range, without a load; in a design it follows from the row that is driven; the range is that of the nominal neuron over four readings of the transistor card, in proportion",
            ),
        });
        let latency = open.delay.filter(|_| neuron.gives_latency).map(|value| Figure {
            value,
            range: None,
            provenance: computed(
                "50-50 delay of the slower edge for a step over half of the input range, without a load; in a design it follows from the row that is driven",
            ),
        });
        (power, latency)
    }

    /// A model is exactly one circuit, of the component's kind.
    fn one_circuit(&mut self, kind: Kind, model: &Located<circuit::ModelSpec>) -> Option<()> {
        let stated = [
            ("difference-amplifier", Kind::Amplifier, model.value.difference_amplifier.span()),
            ("mtj-inverter", Kind::Neuron, model.value.mtj_inverter.span()),
            ("logistic", Kind::Neuron, model.value.logistic.span()),
        ];
        let fitting: Vec<&str> = stated.iter().filter(|(_, of, _)| *of == kind).map(|(name, ..)| *name).collect();
        let written: Vec<_> = stated.iter().filter_map(|(name, of, span)| Some((*name, *of, (*span)?))).collect();
        let m = &model.value;
        let all_missing = m.difference_amplifier.is_missing() && m.mtj_inverter.is_missing() && m.logistic.is_missing();
        // Another error has said what is wrong: a misspelt circuit, or a kind that has none.
        if fitting.is_empty() || (written.is_empty() && !all_missing) {
            return None;
        }
        let diagnostic = match written.as_slice() {
            [] => Diagnostic::error("the model names no circuit").at(model.span, ""),
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
        self.report(diagnostic.help(format!("circuits of kind {}: {}", kind.name(), fitting.join(", "))));
        None
    }

    fn difference_amplifier(
        &mut self,
        circuit: &Located<circuit::DifferenceAmplifierSpec>,
        scope: &Scope<'_>,
    ) -> Option<DifferenceAmplifier> {
        let owner = Owner { name: "`difference-amplifier`", place: circuit.span };
        let gain = self.required::<Fraction>(&owner, "gain", &circuit.value.gain, scope);
        let input = self.required(&owner, "input-resistance", &circuit.value.input_resistance, scope);
        Some(DifferenceAmplifier { gain: gain?.si(), input: input? })
    }

    fn logistic(&mut self, circuit: &Located<circuit::LogisticSpec>, scope: &Scope<'_>) -> Option<Logistic> {
        let owner = Owner { name: "`logistic`", place: circuit.span };
        let c = &circuit.value;
        let mut of_any_sign = |field: &str, slot: &Slot<Written<Voltage>>| {
            let text = slot.require(owner.name, field, owner.place, self.evaluator.diagnostics)?;
            self.evaluator.typed::<Voltage>(field, text, scope)
        };
        let low = of_any_sign("at-low", &c.at_low);
        let high = of_any_sign("at-high", &c.at_high);
        let midpoint = of_any_sign("midpoint", &c.midpoint);
        let width = self.required::<Voltage>(&owner, "width", &c.width, scope);
        let (low, high, width) = (low?, high?, width?);
        Some(Logistic { offset: high, amplitude: low - high, steepness_per_v: -1.0 / width.si(), midpoint: midpoint? })
    }

    fn mtj_inverter(
        &mut self,
        circuit: &Located<circuit::MtjInverterSpec>,
        entry_node: Option<Length>,
        scope: &Scope<'_>,
    ) -> Option<NeuronDescription> {
        let owner = Owner { name: "`mtj-inverter`", place: circuit.span };
        let c = &circuit.value;
        let junction = self.junction(&owner, c, scope);
        let contrast = self.contrast(&owner, c, scope);
        let tmr_v0 = self.optional(&c.tmr_v0, "tmr-v0", scope);
        let fins = self.required::<Fraction>(&owner, "nfin", &c.nfin, scope);
        let fins = fins.and_then(|n| self.in_range(description::fins(n.si()), c.nfin.span().unwrap_or(owner.place)));
        let node = self.node(&owner, &c.node, entry_node, scope);
        let vdd = self.required::<Voltage>(&owner, "vdd", &c.vdd, scope);
        let offset = match c.v_offset.located() {
            Some(text) => self.evaluator.typed::<Voltage>("v-offset", text, scope).map(Some),
            None => c.v_offset.is_missing().then_some(None),
        };
        let input_range = self.optional(&c.input_range, "input-range", scope);
        let description = NeuronDescription {
            junction: junction?,
            contrast: contrast?,
            tmr_v0: tmr_v0?,
            fins: fins?,
            node: node?,
            vdd: vdd?,
            offset: offset?,
            input_range: input_range?.unwrap_or(vdd?),
        };
        self.in_range(description.parameters().check(), circuit.span)?;
        Some(description)
    }

    fn junction(&mut self, owner: &Owner, c: &circuit::MtjInverterSpec, scope: &Scope<'_>) -> Option<Junction> {
        if let Some(text) = c.r_low.located() {
            let geometry =
                [("ra", c.ra.span()), ("mtj-length", c.mtj_length.span()), ("mtj-width", c.mtj_width.span())];
            if let Some((field, span)) = geometry.into_iter().find_map(|(field, span)| Some((field, span?))) {
                self.twice(("r-low", text.span), (field, span));
            }
            let resistance = self.evaluator.positive("r-low", text, scope)?;
            return Some(Junction::Resistance { resistance, instead_of: None });
        }
        let ra = self.required(owner, "ra", &c.ra, scope);
        let length = self.required(owner, "mtj-length", &c.mtj_length, scope);
        let width = self.required(owner, "mtj-width", &c.mtj_width, scope);
        Some(Junction::Geometry(Geometry { ra: ra?, length: length?, width: width? }))
    }

    fn contrast(&mut self, owner: &Owner, c: &circuit::MtjInverterSpec, scope: &Scope<'_>) -> Option<Contrast> {
        if let Some(text) = c.r_high.located() {
            if let Some(span) = c.tmr.span() {
                self.twice(("r-high", text.span), ("tmr", span));
            }
            return self.evaluator.positive("r-high", text, scope).map(Contrast::Resistance);
        }
        self.required::<Fraction>(owner, "tmr", &c.tmr, scope).map(|tmr| Contrast::Tmr(tmr.si()))
    }

    fn twice(&mut self, (field, span): (&str, Span), (other, other_span): (&str, Span)) {
        let message = format!("`{field}` and `{other}` say the same twice");
        self.report(Diagnostic::error(message).at(span, "").also(other_span, "").help("keep one of them"));
    }

    fn node(
        &mut self,
        owner: &Owner,
        slot: &Slot<Written<Length>>,
        entry_node: Option<Length>,
        scope: &Scope<'_>,
    ) -> Option<ProcessNode> {
        let (size, place) = match slot.located() {
            Some(text) => (self.evaluator.positive::<Length>("node", text, scope)?, text.span),
            None if entry_node.is_none() => (self.required(owner, "node", slot, scope)?, owner.place),
            None => (entry_node?, owner.place),
        };
        self.in_range(description::node(size), place)
    }

    fn in_range<T>(&mut self, result: Result<T, crate::model::neuron::ParameterError>, place: Span) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("`{}` of {} is out of range", error.name.replace('_', "-"), error.value);
                self.report(Diagnostic::error(message).at(place, error.reason.replace('_', "-")));
                None
            }
        }
    }

    fn optional<Q: Unit>(&mut self, slot: &Slot<Written<Q>>, field: &str, scope: &Scope<'_>) -> Option<Option<Q>> {
        match slot.located() {
            Some(text) => self.evaluator.positive(field, text, scope).map(Some),
            None => slot.is_missing().then_some(None),
        }
    }

    fn required<Q: Unit>(
        &mut self,
        owner: &Owner,
        field: &str,
        slot: &Slot<Written<Q>>,
        scope: &Scope<'_>,
    ) -> Option<Q> {
        let text = slot.require(owner.name, field, owner.place, self.evaluator.diagnostics)?;
        self.evaluator.positive(field, text, scope)
    }
}
