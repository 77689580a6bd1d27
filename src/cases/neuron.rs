//! Claims about a neuron's circuit.

use super::{Claim, one};
use crate::diagnostic::{Diagnostic, suggest};
use crate::model::neuron::bench::Bench;
use crate::model::neuron::description::SetError;
use crate::spec::case::{self as file, NeuronFigure};
use crate::techlib::Model;
use crate::units::Quantity;
use crate::yaml::{Located, Slot};

/// Points of the curve: as many as of the simulations that published figures come from.
const POINTS: usize = 321;

impl Claim<'_> {
    pub(super) fn neuron(&mut self, n: &Located<file::NeuronCase>) -> Option<(Quantity, Quantity)> {
        let library = self.need(&n.value.library, "`neuron`", "library", n.span);
        let name = self.need(&n.value.component, "`neuron`", "component", n.span);
        let figure = self.need(&n.value.figure, "`neuron`", "figure", n.span);
        let (library, name, figure) = (library?, name?, figure?);
        let library = self.session.library_named(&self.beside(&library.value), library.span).ok()?;
        let component = self.component(&library, name)?;
        let Some(Model::MtjInverter(neuron)) = component.model else {
            let message = format!("`{}` has no circuit of a neuron", name.value);
            self.report(Diagnostic::error(message).at(name.span, ""));
            return None;
        };
        let mut bench = Bench::new(neuron.circuit);
        let settings = n.value.set.get().map_or(&[][..], |table| table.entries.as_slice());
        let mut fine = true;
        for (parameter, value) in settings {
            fine &= self.set(&mut bench, parameter, value).is_some();
        }
        if !fine {
            return None;
        }
        let found = match bench.characteristics(bench.input_range(), POINTS) {
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

    fn set(&mut self, bench: &mut Bench, name: &Located<String>, value: &Slot<String>) -> Option<()> {
        let value = value.located()?;
        let error = bench.set(&name.value, &value.value).err();
        let Some(error) = error else { return Some(()) };
        self.report(match error {
            SetError::Unknown(unknown) => Diagnostic::error(format!("a neuron has no parameter `{unknown}`"))
                .at(name.span, "")
                .maybe_help(suggest::did_you_mean(&unknown, Bench::names())),
            SetError::Value { error, .. } => {
                Diagnostic::error(error.message).at(value.span.part(&error.range), "").maybe_help(error.help)
            }
            SetError::Range(_) | SetError::NoGeometry(_) => Diagnostic::error(error.to_string()).at(value.span, ""),
        });
        None
    }
}
