//! `imcost simulate ARCH --weights … --inputs …`

use super::args::SimulateArgs;
use super::{Stop, settle, show_with};
use crate::infer::simulation::simulate;
use crate::report::views::simulate::SimulateView;
use crate::session::Session;

pub(super) fn run(args: &SimulateArgs, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let question = args.pictures.question();
    let flow = session.design(&args.architecture);
    let simulation = flow.and_then(|flow| {
        session.workload(&flow, &args.architecture)?;
        let voltages = args.inputs.as_deref();
        let simulation = simulate(&flow, &question, voltages, &mut session.sources, &mut session.diagnostics)?;
        Ok((flow, simulation))
    });
    settle(&mut session)?;
    let (flow, simulation) = simulation?;
    let findings = (!quiet).then(|| session.findings(&[&flow]));
    show_with(&SimulateView::new(&simulation, args.settings.set.clone()), findings.as_ref(), args.output.format)
}
