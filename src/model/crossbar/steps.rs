//! How many steps of conjugate gradients a crossbar surely takes, before the first is made.

use super::nodal::{Cells, Wiring};

/// The condition number of the rows as a preconditioner, if all cells were alike: the voltages that change most slowly along both lines see the
/// least of it, those that change from cell to cell the most.
pub(super) fn condition(cells: &Cells, wiring: &Wiring) -> f64 {
    let cell = cells.conductances_s.iter().sum::<f64>() / cells.conductances_s.len() as f64;
    // The ends of the spectrum of a line that is open at one end and held at the other.
    let slowest = |nodes: usize, segment_ohm: f64, outer_ohm: f64| {
        let nodes = nodes as f64;
        1.0 / (4.0 / std::f64::consts::PI.powi(2) * nodes * nodes * segment_ohm + nodes * outer_ohm)
    };
    let fastest = |segment_ohm: f64| 4.0 / segment_ohm;
    let seen = |row: f64, column: f64| {
        // A column is in series with the cells; a row or a column that is held has no voltage of its own.
        let behind = 1.0 / (1.0 / column + 1.0 / cell);
        if row.is_finite() { (row + behind) / (row + cell) } else { 1.0 }
    };
    let least = seen(
        slowest(cells.columns, wiring.row_segment_ohm, wiring.source_ohm),
        slowest(cells.rows, wiring.column_segment_ohm, wiring.termination_ohm),
    );
    seen(fastest(wiring.row_segment_ohm), fastest(wiring.column_segment_ohm)) / least
}

/// Steps that conjugate gradients surely take: a fifth of their bound, `sqrt(condition) ln(2 / tolerance) / 2`, after a residual of one in a
/// hundred, which the fast voltages alone may reach. Measured ones were twice as many and more.
pub(super) fn least_steps(condition: f64, tolerance: f64) -> usize {
    (condition.sqrt() * libm::log(1e-2 / tolerance) / 10.0) as usize
}
