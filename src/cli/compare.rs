//! `imcost compare BASELINE CANDIDATE`

use super::args::Compare;
use super::{Stop, settle, show};
use crate::cost::estimate;
use crate::report::views::compare::CompareView;
use crate::session::Session;

pub(super) fn run(args: &Compare) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let baseline = session.dataflow(&args.baseline);
    let candidate = session.dataflow(&args.candidate);
    settle(&mut session)?;
    let (Some(baseline), Some(candidate)) = (baseline, candidate) else { return Err(Stop::Findings) };
    let (baseline, candidate) = (estimate(&baseline), estimate(&candidate));
    let view = CompareView::new(&baseline, &candidate, args.settings.set.clone(), args.sources);
    show(&view, &args.output)
}
