//! `imcost library TECHLIB [COMPONENT]`

use std::sync::Arc;

use super::args;
use super::{Stop, settle, show_with};
use crate::diagnostic::suggest;
use crate::report::View;
use crate::report::views::device::DeviceView;
use crate::report::views::library::{ComponentView, ListView, RankingView};
use crate::session::Session;
use crate::techlib::{Component, Library};

pub(super) fn run(args: &args::LibraryArgs, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let library = session.library(&args.library);
    settle(&mut session)?;
    let library = library?;
    let findings = (!quiet).then(|| session.findings(&[]));
    let show = |view: &dyn View| show_with(view, findings.as_ref(), args.output.format);
    if let Some(name) = &args.component {
        if let Some(device) = library.devices.get(name).filter(|_| !library.components.contains_key(name)) {
            return show(&DeviceView { device });
        }
        return show(&ComponentView { component: find(&library, name)? });
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
    Ok(RankingView { library, kind: args.compare[0], components })
}
