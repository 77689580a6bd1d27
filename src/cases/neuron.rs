//! Claims about a neuron's circuit.

use super::{Claim, one};
use crate::diagnostic::{Diagnostic, suggest};
use crate::model::neuron::characteristics::{Characteristics, Surroundings};
use crate::model::neuron::description::SetError;
use crate::model::neuron::{Load, NeuronDescription};
use crate::spec::case::{self as file, NeuronFigure};
use crate::spec::load;
use crate::techlib::Model;
use crate::units::{Capacitance, ParseError, Quantity};
use crate::yaml::{Located, Slot};

/// Points of the curve: as many as of the simulations that published figures come from.
const POINTS: usize = 321;

impl Claim<'_> {
    pub(super) fn neuron(&mut self, n: &Located<file::Neuron>) -> Option<(Quantity, Quantity)> {
        let library = self.need(&n.value.library, "`neuron`", "library", n.span);
        let name = self.need(&n.value.component, "`neuron`", "component", n.span);
        let figure = self.need(&n.value.figure, "`neuron`", "figure", n.span);
        let (library, name, figure) = (library?, name?, figure?);
        let library = self.session.library(&load::beside(self.path, &library.value))?;
        let component = self.component(&library, name)?;
        let Some(Model::MtjInverter(neuron)) = component.model else {
            let message = format!("`{}` has no circuit of a neuron", name.value);
            self.report(Diagnostic::error(message).at(name.span, ""));
            return None;
        };
        let mut circuit = neuron.circuit;
        let mut around = Surroundings { load: Load::Open, capacitance: Capacitance::ZERO };
        let settings = n.value.set.get().map_or(&[][..], |table| table.entries.as_slice());
        let mut fine = true;
        for (parameter, value) in settings {
            fine &= self.set(&mut circuit, &mut around, parameter, value).is_some();
        }
        if !fine {
            return None;
        }
        let range = circuit.input_range;
        let found = match Characteristics::of(&circuit, around, range * -1.0..=range, POINTS) {
            Ok(found) => found,
            Err(error) => {
                self.report(Diagnostic::error(error.to_string()).at(n.span, ""));
                return None;
            }
        };
        let quantity: Option<Quantity> = match figure.value {
            NeuronFigure::Midpoint => found.midpoint.map(Into::into),
            NeuronFigure::MaxSlope => Some(Quantity::number(found.curve.max_slope())),
            NeuronFigure::PowerAtZero => found.power_at_zero.map(Into::into),
            NeuronFigure::MeanPower => Some(found.curve.mean_power().into()),
            NeuronFigure::Delay => found.slower_edge().map(|edge| edge.delay.into()),
        };
        if quantity.is_none() {
            self.report(Diagnostic::error("this neuron has no such figure").at(figure.span, ""));
        }
        quantity.map(one)
    }

    fn set(
        &mut self,
        circuit: &mut NeuronDescription,
        around: &mut Surroundings,
        name: &Located<String>,
        value: &Slot<String>,
    ) -> Option<()> {
        let value = value.located()?;
        let result = if name.value == "c_load" {
            let parsed: Result<Capacitance, ParseError> = value.value.parse();
            parsed
                .map(|capacitance| around.capacitance = capacitance)
                .map_err(|error| SetError::Value { name: name.value.clone(), error })
        } else {
            circuit.set(&name.value, &value.value)
        };
        let diagnostic = match result {
            Ok(()) => return Some(()),
            Err(SetError::Unknown(unknown)) => {
                let names = NeuronDescription::NAMES.into_iter().chain(["c_load"]);
                Diagnostic::error(format!("a neuron has no parameter `{unknown}`"))
                    .at(name.span, "")
                    .maybe_help(suggest::did_you_mean(&unknown, names))
            }
            Err(SetError::Value { error, .. }) => {
                Diagnostic::error(error.message).at(value.span.part(&error.range), "").maybe_help(error.help)
            }
            Err(SetError::Range(error)) => Diagnostic::error(error.to_string()).at(value.span, ""),
        };
        self.report(diagnostic);
        None
    }
}
