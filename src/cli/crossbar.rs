//! `imcost crossbar`

use super::args::CrossbarArgs;
use super::{Stop, settle, show};
use crate::diagnostic::Diagnostic;
use crate::files::crossbar::{cells_of_bits, cells_of_resistances, row_voltages, states};
use crate::model::crossbar::nodal::{APPROXIMATE, Cells, NodalError, Solver, TOLERANCE, Wiring};
use crate::model::crossbar::partition;
use crate::report::views::crossbar::CrossbarView;
use crate::session::Session;

pub(super) fn run(args: &CrossbarArgs) -> Result<(), Stop> {
    let mut session = Session::default();
    let cells = cells(args, &mut session);
    let rows = cells.as_ref().ok().map(|c| c.rows);
    let voltages = row_voltages(&args.voltages, rows, &mut session.sources, &mut session.diagnostics);
    settle(&mut session)?;
    let (cells, voltages_v) = (cells?, voltages?);
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
fn cells(args: &CrossbarArgs, session: &mut Session) -> Result<Cells, Stop> {
    let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
    let cells = match (&args.resistances, &args.bits, args.r_low, args.r_high) {
        (Some(path), ..) => cells_of_resistances(path, sources, diagnostics),
        (None, Some(path), Some(low), Some(high)) => {
            let fine =
                states(low, high).map_err(|(message, help)| diagnostics.push(Diagnostic::error(message).help(help)));
            let cells = cells_of_bits(path, low, high, sources, diagnostics);
            fine.and(cells)
        }
        _ => return Err(Stop::Usage("`--resistances`, or `--bits` with `--r-low` and `--r-high`".into())),
    };
    Ok(cells?)
}
