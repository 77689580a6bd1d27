//! `imcost explain ARCH RESULT`

use super::args::{ExplainArgs, ExplainFormat};
use super::{Stop, print, settle, show_with, tell_findings};
use crate::cost::{estimate, explain};
use crate::design::Design;
use crate::diagnostic::Checked;
use crate::report::Format;
use crate::report::views::explain::ExplainView;
use crate::results::{Explanation, ExplanationResult};
use crate::session::Session;

pub(super) fn run(args: &ExplainArgs, quiet: bool) -> Result<(), Stop> {
    let (designs, result) = args.designs_and_result()?;
    let mut session = Session::with_settings(&args.settings.set);
    let read: Vec<_> = designs.iter().map(|path| session.design(path)).collect();
    settle(&mut session)?;
    let read = read.into_iter().collect::<Checked<Vec<Design>>>()?;
    let findings = (!quiet).then(|| session.findings(&read.iter().collect::<Vec<_>>()));
    let mut explanations: Vec<Explanation> = Vec::with_capacity(read.len());
    for design in &read {
        let estimate = estimate(design)?;
        explanations.push(explain(&estimate, result, &session.sources).map_err(|e| Stop::Usage(e.to_string()))?);
    }
    let mut sides = explanations.into_iter();
    let Some(first) = sides.next() else { return Err(Stop::Usage("a design is needed".into())) };
    let explained = ExplanationResult::of(first, sides.next());
    let view = ExplainView::new(explained, args.depth, args.settings.set.clone());
    let findings = findings.as_ref();
    match args.format {
        ExplainFormat::Table => show_with(&view, findings, Format::Table),
        ExplainFormat::Json => show_with(&view, findings, Format::Json),
        ExplainFormat::Csv => show_with(&view, findings, Format::Csv),
        ExplainFormat::Markdown => show_with(&view, findings, Format::Markdown),
        ExplainFormat::Dot => {
            print(&view.dot())?;
            tell_findings(findings);
            Ok(())
        }
    }
}
