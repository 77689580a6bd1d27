//! The circuit model of a component: parameters evaluated and checked.

use super::figure::Scope;
use super::resolve::Resolver;
use super::{Kind, Model};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::amplifier::DifferenceAmplifier;
use crate::model::network::neuron::Logistic;
use crate::spec::{Written, circuit};
use crate::units::{Fraction, Unit};
use crate::yaml::{Located, Slot};

impl Resolver<'_, '_> {
    /// The model of a component, if it has one.
    pub(super) fn model(&mut self, kind: Kind, model: &Slot<circuit::Model>, scope: &Scope<'_>) -> Option<Model> {
        let model = model.located()?;
        let stated = [
            ("difference-amplifier", Kind::Amplifier, model.value.difference_amplifier.span()),
            ("logistic", Kind::Neuron, model.value.logistic.span()),
        ];
        let fitting: Vec<&str> = stated.iter().filter(|(_, of, _)| *of == kind).map(|(name, ..)| *name).collect();
        let written: Vec<_> = stated.iter().filter_map(|(name, of, span)| Some((*name, *of, (*span)?))).collect();
        match written.as_slice() {
            [] => {
                let diagnostic = Diagnostic::error("the model names no circuit")
                    .at(model.span, "")
                    .help(format!("circuits of this kind: {}", fitting.join(", ")));
                self.report(diagnostic);
                return None;
            }
            [(name, of, span)] if *of != kind => {
                let diagnostic = Diagnostic::error(format!("`{name}` is no circuit of kind {}", kind.name()))
                    .at(*span, format!("a circuit of kind {}", of.name()));
                self.report(diagnostic);
                return None;
            }
            [_] => {}
            [_, (name, _, span), ..] => {
                let diagnostic =
                    Diagnostic::error(format!("a second circuit, `{name}`")).at(*span, "a model is one circuit");
                self.report(diagnostic);
                return None;
            }
        }
        if let Some(circuit) = model.value.difference_amplifier.located() {
            return self.difference_amplifier(circuit, scope).map(Model::DifferenceAmplifier);
        }
        let circuit = model.value.logistic.located()?;
        self.logistic(circuit, scope).map(Model::Logistic)
    }

    fn difference_amplifier(
        &mut self,
        circuit: &Located<circuit::DifferenceAmplifier>,
        scope: &Scope<'_>,
    ) -> Option<DifferenceAmplifier> {
        let owner = Owner { name: "`difference-amplifier`", place: circuit.span };
        let gain = self.required::<Fraction>(&owner, "gain", &circuit.value.gain, scope);
        let input = self.required(&owner, "input-resistance", &circuit.value.input_resistance, scope);
        Some(DifferenceAmplifier { gain: gain?.si(), input: input? })
    }

    fn logistic(&mut self, circuit: &Located<circuit::Logistic>, scope: &Scope<'_>) -> Option<Logistic> {
        let owner = Owner { name: "`logistic`", place: circuit.span };
        let c = &circuit.value;
        let low = self.required_any_sign(&owner, "at-low", &c.at_low, scope);
        let high = self.required_any_sign(&owner, "at-high", &c.at_high, scope);
        let midpoint = self.required_any_sign(&owner, "midpoint", &c.midpoint, scope);
        let width = self.required::<crate::units::Voltage>(&owner, "width", &c.width, scope);
        let (low, high, width) = (low?, high?, width?);
        Some(Logistic { offset: high, amplitude: low - high, steepness_per_v: -1.0 / width.si(), midpoint: midpoint? })
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

    fn required_any_sign<Q: Unit>(
        &mut self,
        owner: &Owner,
        field: &str,
        slot: &Slot<Written<Q>>,
        scope: &Scope<'_>,
    ) -> Option<Q> {
        let text = slot.require(owner.name, field, owner.place, self.evaluator.diagnostics)?;
        self.evaluator.typed(field, text, scope)
    }
}

struct Owner {
    name: &'static str,
    place: Span,
}
