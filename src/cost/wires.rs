//! What wires and column ends leave of a crossbar's power.
//!
//! With ideal wires and virtual grounds the rows deliver `V² Σ G`. Wires drop part of the voltage, and an amplifier that is no virtual ground lets
//! its column rise towards the active rows. Both are taken from the nodal solution of one typical tile: devices in alternating states with the
//! stated fraction in the low one, the stated fraction of rows active, spread evenly. A tile with more lines than the limit below is solved on a
//! coarser grid: k lines merged into one have cells k² as conductive and, being k times as long and k in parallel, segments of the same
//! resistance.

use petgraph::Direction::Outgoing;
use petgraph::graph::NodeIndex;

use crate::design::{CrossbarUse, Design, Role};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::memo::Memo;
use crate::model::crossbar::nodal::{Cells, Solver, Wiring};
use crate::techlib::{Crossbar, Model};

/// Lines of a direction that are solved one by one.
const MAX_LINES: usize = 96;

/// Relative residual of the solution. The power errs by its square, relative to what the rows would deliver into shorted wires; that can be
/// a million times what they deliver into bad ones.
const RESIDUAL: f64 = 1e-6;

/// A tile as far as its power depends on it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tile {
    rows: usize,
    columns: usize,
    devices: usize,
    low_s: f64,
    high_s: f64,
    low_fraction: f64,
    active_fraction: f64,
    row_segment_ohm: f64,
    column_segment_ohm: f64,
    termination_ohm: f64,
}

/// The power of a crossbar's tiles relative to that with ideal wires and virtual grounds; 1 where neither wires nor an amplifier's
/// circuit are described, none where the wires conduct so much worse than the cells that the tile is not solved.
pub(super) fn power_left(flow: &Design, index: NodeIndex, array: &Crossbar, usage: &CrossbarUse) -> Option<f64> {
    let termination = termination_ohm(flow, index);
    if array.wire.is_none() && termination == 0.0 {
        return Some(1.0);
    }
    let grid = &usage.grid;
    let devices = array.devices_per_cell as usize;
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let outputs = grid.outputs_by_partition().max().unwrap_or(1);
    let segment = |length| array.wire.as_ref().map_or(0.0, |wire| wire.resistance(length).si());
    typical(Tile {
        rows: size(grid.rows_by_partition().max().unwrap_or(1)),
        columns: size(outputs * grid.columns_per_output) * devices,
        devices,
        low_s: 1.0 / array.device.r_low.value.si(),
        high_s: 1.0 / array.device.r_high.value.si(),
        low_fraction: usage.low_resistance,
        active_fraction: (usage.mean_active_rows / grid.rows as f64).min(1.0),
        // The devices of a cell lie along the row and share its wire.
        row_segment_ohm: segment(array.cell_width.value) / devices as f64,
        column_segment_ohm: segment(array.cell_height.value),
        termination_ohm: termination,
    })
}

/// Warns of every crossbar whose tiles are not solved, so that their power is that of ideal wires.
pub(super) fn warn_of_unsolved(flow: &Design, diagnostics: &mut Diagnostics) {
    for (index, node) in flow.nodes() {
        let Role::Crossbar(component, usage) = &node.role else { continue };
        let Some(array) = &component.crossbar else { continue };
        if power_left(flow, index, array, usage).is_none() {
            diagnostics.warn(
                Diagnostic::warning(format!("the power of `{}` is taken as that of ideal wires", component.name))
                    .at(component.span, "its wires conduct too badly to be solved")
                    .help("check the wires' width and thickness, and the resistances of the device"),
            );
        }
    }
}

/// What the amplifier after a crossbar is to its columns: `(1 + gain) · input` to ground for the positive one, and on average for the negative
/// one too, which the positive one follows.
fn termination_ohm(flow: &Design, index: NodeIndex) -> f64 {
    let amplifier = flow.graph.neighbors_directed(index, Outgoing).find_map(|next| match &flow.graph[next].role {
        Role::Stage(component) => component.model,
        _ => None,
    });
    match amplifier {
        Some(Model::DifferenceAmplifier(amplifier)) => (1.0 + amplifier.gain) * amplifier.input.si(),
        _ => 0.0,
    }
}

/// The same tile is solved once in a run.
fn typical(tile: Tile) -> Option<f64> {
    static KNOWN: Memo<[u64; 10], Option<f64>> = Memo::new();
    let question = [
        tile.rows as u64,
        tile.columns as u64,
        tile.devices as u64,
        tile.low_s.to_bits(),
        tile.high_s.to_bits(),
        tile.low_fraction.to_bits(),
        tile.active_fraction.to_bits(),
        tile.row_segment_ohm.to_bits(),
        tile.column_segment_ohm.to_bits(),
        tile.termination_ohm.to_bits(),
    ];
    KNOWN.get(question, || solve(&tile))
}

fn solve(tile: &Tile) -> Option<f64> {
    let (row_lines, row_merge) = merged(tile.rows);
    let (column_lines, column_merge) = merged(tile.columns);
    let area = row_merge * column_merge;
    let mean_s = tile.low_fraction * tile.low_s + (1.0 - tile.low_fraction) * tile.high_s;
    let device = |row: usize, column: usize| {
        // Merged cells are many devices, of which the fraction is in the low state.
        if area > 1.0 {
            return mean_s * area;
        }
        let (pair, side) = (column / tile.devices, column % tile.devices);
        let low = spread(row * 31 + pair * 17) < tile.low_fraction;
        if low == (side == 0) { tile.low_s } else { tile.high_s }
    };
    let conductances_s = (0..row_lines * column_lines).map(|k| device(k / column_lines, k % column_lines)).collect();
    let cells = Cells { rows: row_lines, columns: column_lines, conductances_s };
    let wiring = Wiring {
        row_segment_ohm: tile.row_segment_ohm * column_merge / row_merge,
        column_segment_ohm: tile.column_segment_ohm * row_merge / column_merge,
        source_ohm: 0.0,
        termination_ohm: tile.termination_ohm / column_merge,
    };
    let voltages: Vec<f64> =
        (0..row_lines).map(|row| if spread(row) < tile.active_fraction { 1.0 } else { 0.0 }).collect();
    let currents = Solver::new(&cells, &wiring).ok()?.solve(&voltages, RESIDUAL).ok()?;
    let ideal: f64 = cells
        .conductances_s
        .chunks_exact(column_lines)
        .zip(&voltages)
        .map(|(row, v)| v * v * row.iter().sum::<f64>())
        .sum();
    // Of no power all is left.
    let left = if ideal > 0.0 { currents.power(&voltages).si() / ideal } else { 1.0 };
    // Rounding alone may pass 1; what lies outside otherwise is no solution.
    (0.0..=1.0 + 1e-9).contains(&left).then_some(left)
}

/// Lines that are solved, and how many each stands for.
fn merged(lines: usize) -> (usize, f64) {
    let solved = lines.div_ceil(lines.div_ceil(MAX_LINES));
    (solved, lines as f64 / solved as f64)
}

/// Numbers between 0 and 1 that any stretch of neighbours spreads evenly over (multiples of the golden ratio).
fn spread(index: usize) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    (index as f64 * GOLDEN).fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILE: Tile = Tile {
        rows: 32,
        columns: 64,
        devices: 2,
        low_s: 1.0 / 5e3,
        high_s: 1.0 / 15e3,
        low_fraction: 0.5,
        active_fraction: 0.5,
        row_segment_ohm: 0.0,
        column_segment_ohm: 0.0,
        termination_ohm: 0.0,
    };

    #[test]
    fn ideal_wires_into_virtual_grounds_leave_all_power() {
        assert!((typical(TILE).expect("solved") - 1.0).abs() < 1e-12);
    }

    #[test]
    fn columns_that_float_rise_to_the_mean_of_the_rows() {
        // Half of the rows active, columns open: every column is at V/2, and each active row delivers half.
        let left = typical(Tile { termination_ohm: 1e9, ..TILE }).expect("solved");
        assert!((left - 0.5).abs() < 0.03, "{left}");
    }

    #[test]
    fn merged_lines_give_nearly_the_power_of_the_lines_themselves() {
        let tile = Tile { rows: 96, columns: 96, devices: 1, row_segment_ohm: 1.0, column_segment_ohm: 1.0, ..TILE };
        let fine = typical(tile).expect("solved");
        // Twice the lines, each half as thick and half as long between cells: the same sheet, solved on half of them.
        let coarse = Tile { rows: 192, columns: 192, low_s: TILE.low_s / 4.0, high_s: TILE.high_s / 4.0, ..tile };
        let coarse = typical(coarse).expect("solved");
        assert!((coarse / fine - 1.0).abs() < 0.03, "{coarse} {fine}");
    }

    #[test]
    fn a_tile_is_solved_unless_its_wires_are_absurd() {
        let segments = [0.01, 1.0, 100.0, 1e4];
        for low_s in [1e-2, 1e-4, 1e-6] {
            for (row_segment_ohm, column_segment_ohm) in segments.iter().flat_map(|&r| segments.map(|c| (r, c))) {
                for termination_ohm in [0.0, 1e3, 1e6] {
                    let high_s = low_s * 1e-4;
                    let tile = Tile { low_s, high_s, row_segment_ohm, column_segment_ohm, termination_ohm, ..TILE };
                    assert!(typical(tile).is_some(), "{tile:?}");
                }
            }
        }
        let absurd = Tile { low_s: 1.0, high_s: 1e-6, row_segment_ohm: 1e9, column_segment_ohm: 1e2, ..TILE };
        assert_eq!(typical(Tile { termination_ohm: 1e9, ..absurd }), None);
    }
}
