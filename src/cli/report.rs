//! `imcost report ARCH`

use super::args::ReportArgs;
use super::{Stop, settle, show_with};
use crate::cost::estimate;
use crate::report::views::machine::MachineView;
use crate::report::views::report::ReportView;
use crate::report::views::sources;
use crate::results::ReportResult;
use crate::results::machine::MachineReport;
use crate::session::Session;

pub(super) fn run(args: &ReportArgs, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let flow = session.design(&args.architecture);
    settle(&mut session)?;
    let flow = flow?;
    if flow.is_machine {
        let costs = session.machine(&flow);
        settle(&mut session)?;
        let costs = costs?;
        let result = MachineReport::of(&flow, &costs, &args.settings.set);
        let findings = (!quiet).then(|| session.findings(&[&flow]));
        let sources = if args.sources { sources::lines_of(&[estimate(&flow)?]) } else { Vec::new() };
        return show_with(&MachineView::new(result, args.full, sources), findings.as_ref(), args.output.format);
    }
    let estimate = estimate(&flow)?;
    let sources = if args.sources { sources::lines_of(std::slice::from_ref(&estimate)) } else { Vec::new() };
    let machine = flow.machine.is_some().then(|| session.machine(&flow)).transpose();
    settle(&mut session)?;
    let machine = machine?;
    let result = ReportResult::of(&estimate, machine.as_ref(), &args.settings.set);
    let view = ReportView::new(result, args.full, sources);
    let findings = (!quiet).then(|| session.findings(&[&flow]));
    show_with(&view, findings.as_ref(), args.output.format)?;
    // The program ends here: what was read need not be given back piece by piece.
    drop((view, estimate));
    std::mem::forget((session, flow));
    Ok(())
}
