//! `imcost library TECHLIB [COMPONENT]`

use std::sync::Arc;

use super::args;
use super::{Stop, settle, show_with};
use crate::cost::findings::computed_converters;
use crate::diagnostic::suggest;
use crate::report::View;
use crate::report::views::device::DeviceView;
use crate::report::views::library::{ComponentView, ListView, RankingView};
use crate::results::Findings;
use crate::results::ranking::{ComparedFigures, ScaledTo};
use crate::session::Session;
use crate::techlib::{Component, Library};

pub(super) fn run(args: &args::LibraryArgs, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let library = session.library(&args.library);
    settle(&mut session)?;
    let library = library?;
    let as_read = library.clone();
    let library = Arc::new(library.listed());
    let findings = (!quiet).then(|| {
        let shown =
            library.components.values().filter(|c| args.component.as_ref().is_none_or(|name| **name == *c.name));
        session.findings(&[]).and(Findings::of(computed_converters(shown, &session.sources), Vec::new()))
    });
    let show = |view: &dyn View| show_with(view, findings.as_ref(), args.output.format);
    if let Some(name) = &args.component {
        if let Some(device) = library.devices.get(name).filter(|_| !library.components.contains_key(name)) {
            return show(&DeviceView { device });
        }
        return show(&ComponentView {
            component: find(&library, name)?,
            formulas: find(&as_read, name)?.placed_formulas(&as_read),
        });
    }
    if args.compare.is_empty() {
        return show(&ListView { library: &library });
    }
    show(&ranking(&library, args)?)
}

fn find<'a>(library: &'a Library, name: &str) -> Result<&'a Arc<Component>, Stop> {
    library.components.get(name).ok_or_else(|| {
        let names = library.components.keys().chain(library.devices.keys());
        let help = suggest::did_you_mean(name, names.map(String::as_str));
        Stop::Usage(format!("{} has no component `{name}`; {}", library.name, help.unwrap_or_default()))
    })
}

fn ranking<'a>(library: &'a Library, args: &args::LibraryArgs) -> Result<RankingView<'a>, Stop> {
    let mut components: Vec<&Arc<Component>> =
        library.components.values().filter(|c| args.compare.contains(&c.kind)).collect();
    if components.is_empty() {
        let kinds: Vec<&str> = args.compare.iter().map(|k| k.name()).collect();
        return Err(Stop::Usage(format!("{} has no component of kind {}", library.name, kinds.join(", "))));
    }
    let power = |c: &Component| c.working_power().map_or(f64::INFINITY, |p| p.si());
    components.sort_by(|a, b| power(a).total_cmp(&power(b)).then_with(|| a.name.cmp(&b.name)));
    if let Some(name) = &args.to {
        let reference = find(library, name)?;
        components.retain(|c| c.name != reference.name);
        components.insert(0, reference);
    }
    let scaled = args.scale_to.map(|node| ScaledTo { node_m: node.si(), rule: args.scaling });
    // What lies outside of the published range has no figures; the node that was asked for, and the reference, must be inside.
    let reference_figures =
        |c: &Component, scaled: ScaledTo| scaled.of(c).map_err(|error| Stop::Usage(error.to_string()));
    if let (Some(scaled), Some(first)) = (scaled, components.first()) {
        reference_figures(first, scaled)?;
    }
    let figures = |c: &Component| match scaled {
        Some(scaled) => scaled.of(c).unwrap_or_else(|_| ComparedFigures::unknown(c)),
        None => ComparedFigures::published(c),
    };
    let components = components.into_iter().map(|c| (c, figures(c))).collect();
    Ok(RankingView { library, kind: args.compare[0], scaled, components })
}
