//! `imcost report ARCH`

use super::args::ReportArgs;
use super::{Stop, settle, show};
use crate::cost::estimate;
use crate::report::views::report::ReportView;
use crate::session::Session;

pub(super) fn run(args: &ReportArgs) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let flow = session.design(&args.architecture);
    settle(&mut session)?;
    let flow = flow?;
    let estimate = estimate(&flow)?;
    let view = ReportView::new(&estimate, args.settings.set.clone(), args.sources);
    show(&view, &args.output)
}
