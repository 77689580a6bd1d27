//! `imcost statistics ARCH --weights … --data …`

use super::args::StatisticsArgs;
use super::{Stop, print, settle, show_with, tell_findings};
use crate::infer::words::of_network;
use crate::report::Format;
use crate::report::views::words::StatisticsView;
use crate::results::words::StatisticsResult;
use crate::session::Session;

pub(super) fn run(args: &StatisticsArgs, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let question = args.pictures.question();
    let found = session.design(&args.architecture).and_then(|flow| {
        session.workload(&flow, &args.architecture)?;
        let words = of_network(&flow, &question, &mut session.sources, &mut session.diagnostics)?;
        Ok((flow, words))
    });
    settle(&mut session)?;
    let (flow, words) = found?;
    let view = StatisticsView { result: StatisticsResult::of(&flow.name, &words) };
    let findings = (!quiet).then(|| session.findings(&[]));
    if args.output.format == Format::Table {
        print(&view.yaml())?;
        tell_findings(findings.as_ref());
        return Ok(());
    }
    show_with(&view, findings.as_ref(), args.output.format)
}
