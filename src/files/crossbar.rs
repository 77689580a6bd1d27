//! Cells and row voltages of a crossbar, from CSV files.

use std::ops::RangeInclusive;
use std::path::Path;

use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap, Span};
use crate::files::matrix::{self, MatrixFile};
use crate::model::crossbar::nodal::Cells;
use crate::units::Resistance;

/// The column of a file of rows that holds voltages.
const VOLTAGE_COLUMN: &str = "v_applied_V";

/// Resistances of cells and wires, in ohm, and voltages of rows, in volts: outside of these no circuit is, and sums of squares leave the numbers.
pub const OHMS: RangeInclusive<f64> = 1e-9..=1e12;
/// The largest voltage of a row, of either sign.
pub const MOST_VOLTS: f64 = 1e6;

/// Whether two resistances can be those of a cell's states; what is wrong and what to do if not.
///
/// # Errors
/// They are out of range or the low one is not below the high one.
pub fn states(low: Resistance, high: Resistance) -> Result<(), (String, &'static str)> {
    let help = match (low.si(), high.si()) {
        (0.0, _) => "a cell needs a resistance",
        (low, high) if !(OHMS.contains(&low) && OHMS.contains(&high)) => "expected 1 nohm to 1 Tohm",
        (low, high) if low >= high => "the low one must be below: swap them",
        _ => return Ok(()),
    };
    Err((format!("a low resistance of {} and a high one of {}", low.eng(4), high.eng(4)), help))
}

/// Cells of two resistances, from bits: 1 is the low resistance.
///
/// # Errors
/// The file is no matrix of bits.
pub fn cells_of_bits(
    path: &Path,
    low: Resistance,
    high: Resistance,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Cells> {
    let matrix = matrix::read(path, sources, diagnostics)?;
    conductances(&matrix, diagnostics, "expected 1 (low resistance) or 0 (high resistance)", |bit| match bit {
        1.0 => Some(1.0 / low.si()),
        0.0 => Some(1.0 / high.si()),
        _ => None,
    })
}

/// Cells with a resistance each, in ohm.
///
/// # Errors
/// The file is no matrix of resistances.
pub fn cells_of_resistances(path: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Checked<Cells> {
    let matrix = matrix::read(path, sources, diagnostics)?;
    conductances(&matrix, diagnostics, "a resistance is greater than zero, in ohm: 1e-9 to 1e12", |ohm| {
        OHMS.contains(&ohm).then(|| 1.0 / ohm)
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
    let voltages: Vec<f64> = (0..matrix.rows).map(|row| matrix.row(row)[column]).collect();
    if let Some(row) = voltages.iter().position(|volts| volts.abs() > MOST_VOLTS) {
        let message = format!("{:e} V is no voltage of a row", voltages[row]);
        let place = matrix.span(row, column);
        return Err(diagnostics.push(Diagnostic::error(message).at(place, "expected -1 MV to 1 MV")));
    }
    Ok(voltages)
}
