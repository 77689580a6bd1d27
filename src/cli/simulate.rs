//! `imcost simulate ARCH --weights … --inputs …`

use super::args::Simulate;
use super::{Stop, settle, show};
use crate::report::views::simulate::SimulateView;
use crate::session::Session;
use crate::infer::simulation::simulate;
use crate::infer::weights::csv::WeightFiles;

pub(super) fn run(args: &Simulate) -> Result<(), Stop> {
    let files = WeightFiles::find(&args.weights).map_err(Stop::Usage)?;
    let mut session = Session::with_settings(&args.settings.set);
    let flow = session.dataflow(&args.architecture);
    let simulation =
        flow.and_then(|flow| simulate(&flow, &files, &args.inputs, &mut session.sources, &mut session.diagnostics));
    settle(&mut session)?;
    let Some(simulation) = simulation else { return Err(Stop::Findings) };
    show(&SimulateView::new(&simulation, args.settings.set.clone()), &args.output)
}
