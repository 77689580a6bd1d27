//! `imcost simulate ARCH --weights … --inputs …`

use super::args::SimulateArgs;
use super::{Stop, settle, show};
use crate::infer::simulation::simulate;
use crate::infer::weights::csv::WeightFiles;
use crate::report::views::simulate::SimulateView;
use crate::session::Session;

pub(super) fn run(args: &SimulateArgs) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let files = WeightFiles::find(&args.weights, &**session.sources.files()).map_err(Stop::Usage)?;
    let flow = session.design(&args.architecture);
    let simulation =
        flow.and_then(|flow| simulate(&flow, &files, &args.inputs, &mut session.sources, &mut session.diagnostics));
    settle(&mut session)?;
    let simulation = simulation?;
    show(&SimulateView::new(&simulation, args.settings.set.clone()), &args.output)
}
