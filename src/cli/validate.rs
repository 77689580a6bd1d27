//! `imcost validate [CASE...]`

use std::path::{Path, PathBuf};

use super::args::ValidateArgs;
use super::{Stop, print, settle, show_with};
use crate::cases;
use crate::diagnostic::Checked;
use crate::files::Files;
use crate::report::views::validate::ValidateView;
use crate::session::Session;

pub(super) fn run(args: &ValidateArgs, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::default();
    let paths = if args.cases.is_empty() { all_cases(&**session.sources.files()) } else { args.cases.clone() };
    let results: Vec<_> = paths.iter().map(|path| cases::run(path, &mut session)).collect();
    settle(&mut session)?;
    let cases = results.into_iter().collect::<Checked<_>>()?;
    let findings = (!quiet).then(|| session.findings(&[]));
    let view = ValidateView { cases, full: args.full };
    match args.format.of_text() {
        Some(format) => show_with(&view, findings.as_ref(), format),
        None => print(&view.parity().ok_or_else(|| Stop::Usage("no case has variants to draw".into()))?),
    }
}

/// The cases of the folder `cases`, else the shipped ones.
fn all_cases(files: &dyn Files) -> Vec<PathBuf> {
    let cases = |folder: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> =
            files.names(folder).unwrap_or_default().iter().map(|name| folder.join(name)).collect();
        paths.retain(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml"));
        paths
    };
    let here = cases(Path::new("cases"));
    if here.is_empty() { cases(Path::new("builtin:cases")) } else { here }
}
