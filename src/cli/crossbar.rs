//! `imcost crossbar`

use std::path::Path;

use super::args::Crossbar;
use super::{Stop, settle, show};
use crate::diagnostic::{Diagnostic, Span};
use crate::matrix_file::{self, MatrixFile};
use crate::model::crossbar::nodal::{APPROXIMATE, Cells, NodalError, Solver, TOLERANCE, Wiring};
use crate::model::crossbar::partition;
use crate::report::views::crossbar::CrossbarView;
use crate::session::Session;
use crate::units::Resistance;

/// The column of a file of rows that holds voltages.
const VOLTAGE_COLUMN: &str = "v_applied_V";

pub(super) fn run(args: &Crossbar) -> Result<(), Stop> {
    let mut session = Session::default();
    let cells = cells(args, &mut session);
    let voltages = voltages(&args.voltages, cells.as_ref().map(|c| c.rows), &mut session);
    settle(&mut session)?;
    let (Some(cells), Some(voltages_v)) = (cells, voltages) else { return Err(Stop::Findings) };
    if let Some(parts) = args.partition.filter(|p| p.rows > cells.rows || p.columns > cells.columns) {
        let message = format!(
            "{} x {} sub-arrays do not fit a crossbar of {} x {} cells",
            parts.rows, parts.columns, cells.rows, cells.columns
        );
        return Err(Stop::Wrong(message));
    }
    let wiring = Wiring {
        row_segment_ohm: args.row_segment.si(),
        column_segment_ohm: args.column_segment.si(),
        source_ohm: args.source.si(),
        termination_ohm: args.termination.si(),
    };
    let tolerance = if args.approximate { APPROXIMATE } else { TOLERANCE };
    let wrong = |error: NodalError| Stop::Wrong(error.to_string());
    let whole = Solver::new(&cells, &wiring).and_then(|s| s.solve(&voltages_v, tolerance)).map_err(wrong)?;
    let partitioned = match args.partition {
        Some(parts) => Some((parts, partition::solve(&cells, &wiring, parts, &voltages_v, tolerance).map_err(wrong)?)),
        None => None,
    };
    let view = CrossbarView { cells, voltages_v, whole, partitioned, approximate: args.approximate };
    show(&view, &args.output)
}

/// The cells, from bits and two resistances or from a resistance each.
fn cells(args: &Crossbar, session: &mut Session) -> Option<Cells> {
    if let Some(path) = &args.resistances {
        let matrix = matrix_file::read(path, &mut session.sources, &mut session.diagnostics)?;
        return conductances(&matrix, session, "a resistance is greater than zero, in ohm", |ohm| {
            (ohm > 0.0).then(|| 1.0 / ohm)
        });
    }
    let (path, low, high) = (args.bits.as_ref()?, args.r_low?, args.r_high?);
    if low >= high {
        let message = format!("--r-low ({}) is not below --r-high ({})", low.eng(4), high.eng(4));
        session.diagnostics.push(Diagnostic::error(message).help("swap them"));
    }
    if low == Resistance::ZERO {
        session.diagnostics.push(Diagnostic::error("--r-low is zero").help("a cell needs a resistance"));
        return None;
    }
    let matrix = matrix_file::read(path, &mut session.sources, &mut session.diagnostics)?;
    conductances(&matrix, session, "expected 1 (low resistance) or 0 (high resistance)", |bit| match bit {
        1.0 => Some(1.0 / low.si()),
        0.0 => Some(1.0 / high.si()),
        _ => None,
    })
}

/// Each number of a file as a conductance; the first one that is none is reported.
fn conductances(
    matrix: &MatrixFile,
    session: &mut Session,
    expected: &str,
    conductance: impl Fn(f64) -> Option<f64>,
) -> Option<Cells> {
    let conductances: Vec<Option<f64>> = matrix.values.iter().map(|&value| conductance(value)).collect();
    if let Some(at) = conductances.iter().position(Option::is_none) {
        let message = format!("{} is no cell", matrix.values[at]);
        let place = matrix.span(at / matrix.columns, at % matrix.columns);
        session.diagnostics.push(Diagnostic::error(message).at(place, expected));
    }
    let conductances_s = conductances.into_iter().collect::<Option<Vec<f64>>>()?;
    Some(Cells { rows: matrix.rows, columns: matrix.columns, conductances_s })
}

fn voltages(path: &Path, rows: Option<usize>, session: &mut Session) -> Option<Vec<f64>> {
    let matrix = matrix_file::read(path, &mut session.sources, &mut session.diagnostics)?;
    let column = match (matrix.column(VOLTAGE_COLUMN), matrix.columns) {
        (Some(column), _) => column,
        (None, 1) => 0,
        (None, columns) => {
            let message = format!("{columns} columns, and none is named `{VOLTAGE_COLUMN}`");
            let help = "a file of voltages has one value on a line, or a line of names above its columns";
            session.diagnostics.push(Diagnostic::error(message).at(matrix.place(), "").help(help));
            return None;
        }
    };
    if let Some(rows) = rows.filter(|&rows| rows != matrix.rows) {
        let place = Span { source: matrix.source, start: 0, end: 0 };
        let message = format!("{} voltages for a crossbar of {rows} rows", matrix.rows);
        session.diagnostics.push(Diagnostic::error(message).at(place, "expected a line for each row"));
        return None;
    }
    Some((0..matrix.rows).map(|row| matrix.row(row)[column]).collect())
}
