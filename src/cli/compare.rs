//! `imcost compare BASELINE CANDIDATE`

use std::path::Path;

use super::args::CompareArgs;
use super::{Stop, settle, show};
use crate::cost::estimate;
use crate::design::Design;
use crate::report::views::compare::CompareView;
use crate::session::Session;

pub(super) fn run(args: &CompareArgs) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let baseline = session.design(&args.baseline);
    let candidate = session.design(&args.candidate);
    settle(&mut session)?;
    let (mut baseline, mut candidate) = (baseline?, candidate?);
    tell_apart(&mut baseline, &args.baseline, &mut candidate, &args.candidate);
    let (baseline, candidate) = (estimate(&baseline)?, estimate(&candidate)?);
    let view = CompareView::new(&baseline, &candidate, args.settings.set.clone(), args.sources);
    show(&view, &args.output)
}

/// Two designs of one label, such as a design and a changed copy of it, are called by their files.
fn tell_apart(baseline: &mut Design, baseline_path: &Path, candidate: &mut Design, candidate_path: &Path) {
    if baseline.label != candidate.label || baseline_path == candidate_path {
        return;
    }
    let stem = |path: &Path| path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let stems_differ = stem(baseline_path) != stem(candidate_path);
    let name = |path: &Path| if stems_differ { stem(path) } else { path.display().to_string() };
    baseline.label = name(baseline_path);
    candidate.label = name(candidate_path);
}
