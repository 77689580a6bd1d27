//! `imcost check FILE...`

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::args::CheckArgs;
use super::{Stop, settle, show_with};
use crate::cases;
use crate::cost::findings::computed_converters;
use crate::design::Design;
use crate::diagnostic::Checked;
use crate::explore::{points, study};
use crate::report::Format;
use crate::report::views::check::CheckView;
use crate::results::Findings;
use crate::results::check::{CheckResult, CheckedFile, Mistake};
use crate::session::Session;
use crate::spec::kind::FileKind;
use crate::techlib::Library;

pub(super) fn run(args: &CheckArgs, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set).thorough();
    let (mut designs, mut libraries): (Vec<Design>, Vec<Arc<Library>>) = (Vec::new(), Vec::new());
    let files: Vec<Checked<CheckedFile>> =
        args.files.iter().map(|path| check(path, &mut session, &mut designs, &mut libraries)).collect();
    let findings = |session: &Session| {
        (!quiet).then(|| {
            let components = libraries.iter().flat_map(|library| library.components.values());
            let of_libraries = Findings::of(computed_converters(components, &session.sources), Vec::new());
            session.findings(&designs.iter().collect::<Vec<_>>()).and(of_libraries)
        })
    };
    if args.output.format != Format::Json {
        settle(&mut session)?;
        let files = files.into_iter().collect::<Checked<_>>()?;
        let view = CheckView { result: CheckResult::of(files, Vec::new()) };
        return show_with(&view, findings(&session).as_ref(), args.output.format);
    }
    // A program that reads the answer finds the mistakes in it.
    let state = session.check_settings().and(session.diagnostics.settled());
    let errors = Mistake::list(&session.diagnostics, &session.sources);
    let view = CheckView { result: CheckResult::of(files.into_iter().flatten().collect(), errors) };
    show_with(&view, findings(&session).as_ref(), args.output.format)?;
    Ok(state?)
}

fn check(
    path: &Path,
    session: &mut Session,
    designs: &mut Vec<Design>,
    libraries: &mut Vec<Arc<Library>>,
) -> Checked<CheckedFile> {
    let kind = session.kind_of(path)?;
    let summary = match kind {
        FileKind::Library => {
            let library = session.library(path)?;
            let (components, devices) = (library.components.len(), library.devices.len());
            libraries.push(library);
            format!("components: {components}, devices: {devices}, every number with its source")
        }
        FileKind::Case => {
            let case = cases::run(path, session)?;
            format!("{} published figures", case.claims.len())
        }
        FileKind::Study => {
            let study = study::read(path, session)?;
            points::check(&study, session, &AtomicBool::new(false))?;
            format!("points: {}, varied: {}", study.points.len(), study.paths.join(", "))
        }
        FileKind::Architecture => {
            let flow = session.design(path)?;
            if flow.is_machine {
                let costs = session.machine(&flow)?;
                let arrays: u64 = costs.leaves.iter().map(|leaf| costs.levels[leaf.level].instances).sum();
                let (levels, units) = (costs.levels.len(), costs.units.len());
                designs.push(flow);
                let summary = format!(
                    "levels: {levels}, arrays: {arrays}, groups of units: {units}, no network, every domain fits"
                );
                return Ok(CheckedFile { path: path.display().to_string(), kind, summary });
            }
            let nodes = flow.graph.node_count();
            let edges = flow.graph.edge_count();
            let tiles: u64 = flow.layers.iter().map(crate::design::Layer::arrays).sum();
            // Walking it once shows that it can be.
            let macs = session.estimate(&flow)?.totals.macs;
            let layers = flow.layers.len();
            designs.push(flow);
            format!(
                "layers: {layers}, tiles: {tiles}, multiply-accumulates: {macs}, groups of units: {nodes}, signals: {edges}, every domain fits"
            )
        }
    };
    Ok(CheckedFile { path: path.display().to_string(), kind, summary })
}
