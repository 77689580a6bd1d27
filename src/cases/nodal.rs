//! Claims about a crossbar with wires.

use super::{Claim, one};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap, Span};
use crate::files::crossbar::{OHMS, cells_of_bits, row_voltages, states};
use crate::model::crossbar::nodal::{Solver, TOLERANCE, Wiring};
use crate::spec::case::{self as file, NodalFigure};
use crate::units::{Current, Quantity, Resistance};
use crate::yaml::{Located, Slot};

impl Claim<'_> {
    pub(super) fn nodal(&mut self, n: &Located<file::Nodal>) -> Option<(Quantity, Quantity)> {
        let v = &n.value;
        let bits = self.need(&v.bits, "`nodal`", "bits", n.span);
        let voltages = self.need(&v.voltages, "`nodal`", "voltages", n.span);
        let low = self.resistance(n, "r-low", &v.r_low);
        let high = self.resistance(n, "r-high", &v.r_high);
        let row = self.resistance(n, "row-segment", &v.row_segment);
        let column = self.resistance(n, "column-segment", &v.column_segment);
        let figure = self.need(&v.figure, "`nodal`", "figure", n.span);
        let (bits, voltages, figure) = (bits?, voltages?, figure?);
        let (bits, voltages) = (self.beside(&bits.value), self.beside(&voltages.value));
        let (low, high) = (low?, high?);
        if let Err((message, help)) = states(low, high) {
            let place = |slot: &Slot<String>| slot.span().unwrap_or(n.span);
            let error = Diagnostic::error(message).at(place(&v.r_low), "").also(place(&v.r_high), "");
            self.report(error.help(help));
            return None;
        }
        let cells = self.named(v.bits.span(), |sources, found| cells_of_bits(&bits, low, high, sources, found))?;
        let rows = Some(cells.rows);
        let voltages = self.named(v.voltages.span(), |sources, found| row_voltages(&voltages, rows, sources, found))?;
        let wiring = Wiring {
            row_segment_ohm: row?.si(),
            column_segment_ohm: column?.si(),
            source_ohm: 0.0,
            termination_ohm: 0.0,
        };
        let currents = match Solver::new(&cells, &wiring).and_then(|solver| solver.solve(&voltages, TOLERANCE)) {
            Ok(currents) => currents,
            Err(error) => {
                self.report(Diagnostic::error(error.to_string()).at(n.span, ""));
                return None;
            }
        };
        Some(one(match figure.value {
            NodalFigure::Power => currents.power(&voltages).into(),
            NodalFigure::FirstColumn => Current::new(*currents.columns_a.first()?).into(),
            NodalFigure::LastColumn => Current::new(*currents.columns_a.last()?).into(),
        }))
    }

    /// What is read from a file that the case names here.
    fn named<T>(
        &mut self,
        place: Option<Span>,
        read: impl FnOnce(&mut SourceMap, &mut Diagnostics) -> Checked<T>,
    ) -> Option<T> {
        let mut found = Diagnostics::default();
        let value = read(&mut self.session.sources, &mut found);
        self.session.diagnostics.extend(found.named_at(place));
        value.ok()
    }

    fn resistance(&mut self, n: &Located<file::Nodal>, name: &str, slot: &Slot<String>) -> Option<Resistance> {
        let text = self.need(slot, "`nodal`", name, n.span)?;
        let resistance: Resistance = self.parsed(text, text.value.parse())?;
        // Wires may have none.
        if resistance == Resistance::ZERO || OHMS.contains(&resistance.si()) {
            return Some(resistance);
        }
        let message = format!("`{name}` is {}", resistance.eng(4));
        self.report(Diagnostic::error(message).at(text.span, "expected 1 nohm to 1 Tohm"));
        None
    }
}
