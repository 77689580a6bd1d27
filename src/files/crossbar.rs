//! Cells and row voltages of a crossbar, from CSV files.

use std::path::Path;

use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap, Span};
use crate::files::matrix::{self, MatrixFile};
use crate::model::crossbar::nodal::Cells;
use crate::units::Resistance;

/// The column of a file of rows that holds voltages.
const VOLTAGE_COLUMN: &str = "v_applied_V";

/// Cells of two resistances, from bits: 1 is the low resistance.
///
/// # Errors
/// The file is no matrix of bits, or the resistances are none of a cell.
pub fn cells_of_bits(
    path: &Path,
    low: Resistance,
    high: Resistance,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Cells> {
    let before = diagnostics.mark();
    if low >= high || low == Resistance::ZERO {
        let message = format!("a low resistance of {} and a high one of {}", low.eng(4), high.eng(4));
        let help =
            if low == Resistance::ZERO { "a cell needs a resistance" } else { "the low one must be below: swap them" };
        diagnostics.push(Diagnostic::error(message).help(help));
    }
    let matrix = matrix::read(path, sources, diagnostics)?;
    let cells =
        conductances(&matrix, diagnostics, "expected 1 (low resistance) or 0 (high resistance)", |bit| match bit {
            1.0 => Some(1.0 / low.si()),
            0.0 => Some(1.0 / high.si()),
            _ => None,
        });
    diagnostics.since(before)?;
    cells
}

/// Cells with a resistance each, in ohm.
///
/// # Errors
/// The file is no matrix of resistances.
pub fn cells_of_resistances(path: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Checked<Cells> {
    let matrix = matrix::read(path, sources, diagnostics)?;
    conductances(&matrix, diagnostics, "a resistance is greater than zero, in ohm", |ohm| {
        (ohm > 0.0).then(|| 1.0 / ohm)
    })
}

/// Each number of a file as a conductance; the first one that is none is reported.
fn conductances(
    matrix: &MatrixFile,
    diagnostics: &mut Diagnostics,
    expected: &str,
    conductance: impl Fn(f64) -> Option<f64>,
) -> Checked<Cells> {
    let mut conductances_s = Vec::with_capacity(matrix.values.len());
    for (at, &value) in matrix.values.iter().enumerate() {
        let Some(conductance) = conductance(value) else {
            let message = format!("{value} is no cell");
            let place = matrix.span(at / matrix.columns, at % matrix.columns);
            return Err(diagnostics.push(Diagnostic::error(message).at(place, expected)));
        };
        conductances_s.push(conductance);
    }
    Ok(Cells { rows: matrix.rows, columns: matrix.columns, conductances_s })
}

/// One voltage for each row, in volts.
///
/// # Errors
/// The file is no column of voltages, or not one of so many rows.
pub fn row_voltages(
    path: &Path,
    rows: Option<usize>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Vec<f64>> {
    let matrix = matrix::read(path, sources, diagnostics)?;
    let column = match (matrix.column(VOLTAGE_COLUMN), matrix.columns) {
        (Some(column), _) => column,
        (None, 1) => 0,
        (None, columns) => {
            let message = format!("{columns} columns, and none is named `{VOLTAGE_COLUMN}`");
            let help = "a file of voltages has one value on a line, or a line of names above its columns";
            return Err(diagnostics.push(Diagnostic::error(message).at(matrix.place(), "").help(help)));
        }
    };
    if let Some(rows) = rows.filter(|&rows| rows != matrix.rows) {
        let place = Span { source: matrix.source, start: 0, end: 0 };
        let message = format!("{} voltages for a crossbar of {rows} rows", matrix.rows);
        return Err(diagnostics.push(Diagnostic::error(message).at(place, "expected a line for each row")));
    }
    Ok((0..matrix.rows).map(|row| matrix.row(row)[column]).collect())
}
