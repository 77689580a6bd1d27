//! `imcost validate [CASE...]`

use std::path::{Path, PathBuf};

use super::args::ValidateArgs;
use super::{Stop, settle, show_with};
use crate::cases;
use crate::diagnostic::Checked;
use crate::files::shipped;
use crate::report::views::validate::ValidateView;
use crate::session::Session;

pub(super) fn run(args: &ValidateArgs, quiet: bool) -> Result<(), Stop> {
    let paths = if args.cases.is_empty() { all_cases()? } else { args.cases.clone() };
    let mut session = Session::default();
    let results: Vec<_> = paths.iter().map(|path| cases::run(path, &mut session)).collect();
    settle(&mut session)?;
    let cases = results.into_iter().collect::<Checked<_>>()?;
    let findings = (!quiet).then(|| session.findings(&[]));
    show_with(&ValidateView { cases }, findings.as_ref(), args.output.format)
}

/// The cases of the folder `cases`, else the shipped ones.
fn all_cases() -> Result<Vec<PathBuf>, Stop> {
    let folder = Path::new("cases");
    if folder.is_dir() {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?.filter_map(|e| Some(e.ok()?.path())).collect();
        paths.retain(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml"));
        paths.sort();
        if !paths.is_empty() {
            return Ok(paths);
        }
    }
    let shipped = shipped::FILES.iter().filter(|(name, _)| name.starts_with("cases/") && name.ends_with(".yaml"));
    Ok(shipped.map(|(name, _)| PathBuf::from(format!("{}{name}", shipped::PREFIX))).collect())
}
