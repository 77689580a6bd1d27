//! `imcost crossbar`: currents of a crossbar with wires.

use super::percent;
use crate::model::crossbar::nodal::{Cells, Currents, Deviation};
use crate::model::crossbar::partition::Partitions;
use crate::report::{Document, Records, View};
use crate::results::crossbar::CrossbarResult;
use crate::results::{Answer, CommandResult};
use crate::units::{Current, Power};

/// Currents of a crossbar, ideal and true, and of its sub-arrays where it is cut.
#[derive(Debug, Clone)]
pub struct CrossbarView {
    /// The cells.
    pub cells: Cells,
    /// Row voltages, in volts.
    pub voltages_v: Vec<f64>,
    /// The crossbar as a whole.
    pub whole: Currents,
    /// The crossbar cut into sub-arrays.
    pub partitioned: Option<(Partitions, Currents)>,
    /// True if the solver was stopped early.
    pub approximate: bool,
}

impl CrossbarView {
    fn deviation(&self, currents: &Currents) -> Deviation {
        currents.deviation(&self.cells.ideal_currents_a(&self.voltages_v))
    }

    fn power(&self, currents: &Currents) -> Power {
        currents.power(&self.voltages_v)
    }

    fn row(&self, name: String, ends: (usize, usize), currents: &Currents) -> Vec<String> {
        let deviation = self.deviation(currents);
        let worst =
            deviation.worst.map_or_else(|| "-".into(), |(column, by)| format!("{} (column {column})", percent(by)));
        vec![name, ends.0.to_string(), ends.1.to_string(), self.power(currents).eng(4), percent(deviation.rms), worst]
    }

    /// The currents that are asked for: of the sub-arrays where the crossbar is cut.
    fn asked(&self) -> &Currents {
        self.partitioned.as_ref().map_or(&self.whole, |(_, currents)| currents)
    }
}

impl View for CrossbarView {
    fn document(&self) -> Document {
        let Cells { rows, columns, .. } = self.cells;
        let mut document = Document::default();
        document.title(format!("Crossbar of {rows} x {columns} cells"));
        let mut lines = vec![self.row("as a whole".into(), (rows, columns), &self.whole)];
        if let Some((parts, currents)) = &self.partitioned {
            let name = format!("{} x {} sub-arrays", parts.rows, parts.columns);
            lines.push(self.row(name, (parts.row_ends(&self.cells), parts.column_ends(&self.cells)), currents));
        }
        let header = vec!["", "row ends", "column ends", "power", "deviation, rms", "worst column"];
        document.table(header, lines, 1);
        let ideal = self.cells.ideal_currents_a(&self.voltages_v);
        let range = |values: &[f64]| {
            let (low, high) =
                values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
            vec![Current::new(low).eng(4), Current::new(high).eng(4)]
        };
        let currents = [("ideal, G V", range(&ideal)), ("with wires", range(&self.asked().columns_a))];
        let rows = currents.into_iter().map(|(name, mut range)| {
            range.insert(0, name.to_owned());
            range
        });
        document.table(vec!["column currents", "lowest", "highest"], rows.collect(), 1);
        document.paragraph("Deviation: from the ideal product of conductances and voltages.");
        document.line(if self.approximate {
            "Approximate: the solver was stopped early."
        } else {
            "Exact: every node of the circuit, to rounding."
        });
        document.line("`--format csv` lists every column, `--format json` every column and row.");
        document
    }

    fn answer(&self) -> Answer {
        let (cells, voltages_v) = (&self.cells, &self.voltages_v);
        let result = CrossbarResult::of(cells, voltages_v, &self.whole, self.partitioned.as_ref(), self.approximate);
        Answer::of(CommandResult::Crossbar(Box::new(result)))
    }

    fn records(&self) -> Records {
        let ideal = self.cells.ideal_currents_a(&self.voltages_v);
        let rows = self.asked().columns_a.iter().zip(ideal).enumerate();
        Records::of(
            vec!["column", "column_current_a", "ideal_current_a"],
            rows.map(|(column, (current, ideal))| vec![column.to_string(), current.to_string(), ideal.to_string()])
                .collect(),
        )
    }
}
