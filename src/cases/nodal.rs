//! Claims about a crossbar with wires.

use super::{Claim, one};
use crate::diagnostic::Diagnostic;
use crate::files::crossbar::{cells_of_bits, row_voltages};
use crate::files::load;
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
        let (bits, voltages) = (load::beside(self.path, &bits.value), load::beside(self.path, &voltages.value));
        let session = &mut *self.session;
        let cells = cells_of_bits(&bits, low?, high?, &mut session.sources, &mut session.diagnostics).ok()?;
        let voltages =
            row_voltages(&voltages, Some(cells.rows), &mut session.sources, &mut session.diagnostics).ok()?;
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

    fn resistance(&mut self, n: &Located<file::Nodal>, name: &str, slot: &Slot<String>) -> Option<Resistance> {
        let text = self.need(slot, "`nodal`", name, n.span)?;
        self.parsed(text, text.value.parse())
    }
}
