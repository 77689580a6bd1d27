//! `imcost explain ARCH RESULT`

use super::args::{ExplainArgs, ExplainFormat};
use super::{Stop, print, settle, show_as};
use crate::cost::{estimate, explain};
use crate::report::Format;
use crate::report::views::explain::ExplainView;
use crate::results::Explanation;
use crate::session::Session;

pub(super) fn run(args: &ExplainArgs) -> Result<(), Stop> {
    let (designs, result) = args.designs_and_result()?;
    let mut session = Session::with_settings(&args.settings.set);
    let read: Vec<_> = designs.iter().map(|path| session.design(path)).collect();
    settle(&mut session)?;
    let mut explanations: Vec<Explanation> = Vec::with_capacity(read.len());
    for design in read {
        let design = design?;
        let estimate = estimate(&design)?;
        explanations.push(explain(&estimate, result, &session.sources).map_err(|e| Stop::Usage(e.to_string()))?);
    }
    let view = ExplainView::new(explanations, args.depth, args.settings.set.clone());
    match args.format {
        ExplainFormat::Table => show_as(&view, Format::Table),
        ExplainFormat::Json => show_as(&view, Format::Json),
        ExplainFormat::Csv => show_as(&view, Format::Csv),
        ExplainFormat::Markdown => show_as(&view, Format::Markdown),
        ExplainFormat::Dot => print(&view.dot()),
    }
}
