//! Library files: reading one and all that it extends, and merging them into a [`Library`].

use std::path::{Path, PathBuf};

use super::figure::Evaluator;
use super::resolve::Resolver;
use super::{Kind, Library};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, SourceMap, Span, suggest};
use crate::files::load;
use crate::spec::{self, kind::FileKind, library as file};
use crate::yaml::set::Setting;
use crate::yaml::{Slot, YamlNode, de};

/// Reads a library and all that it extends. `named_at` is the place that names it; settings that name one of its entries are applied.
///
/// # Errors
/// A file is missing or is no library. A library that has mistakes is returned with them, so that a design's own are found in the same run.
pub fn library(
    path: &Path,
    named_at: Option<Span>,
    settings: &mut [Setting],
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Partial<Library>> {
    let before = diagnostics.mark();
    let mut files = Vec::new();
    collect(path, named_at, &mut Vec::new(), &mut files, sources, diagnostics)?;
    // The files come base first; a setting changes the entry that wins.
    for setting in settings.iter_mut() {
        let _ = setting.apply_to_library(files.iter_mut().rev().map(|f| f.tree.parts_mut()), diagnostics);
    }
    let mut library = Library::default();
    for loaded in &files {
        let Ok(spec) = de::read::<file::LibrarySpec>(&loaded.tree, diagnostics) else { continue };
        let mut resolver = Resolver { evaluator: Evaluator { sources, diagnostics }, library: &mut library };
        resolver.file(&loaded.path, spec.parts(), loaded.tree.parts().span);
    }
    library.path = path.display().to_string();
    library.extended = files.iter().rev().skip(1).map(|f| f.path.display().to_string()).collect();
    check_line_switches(&library, diagnostics);
    Ok(diagnostics.partial(before, library))
}

struct Loaded {
    path: PathBuf,
    tree: Partial<YamlNode>,
}

/// Loads a file after the files that it extends; `open` are the files that are being extended, to find a cycle.
fn collect(
    path: &Path,
    named_at: Option<Span>,
    open: &mut Vec<PathBuf>,
    files: &mut Vec<Loaded>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<()> {
    if open.iter().any(|p| p == path) {
        let mut chain: Vec<String> = open.iter().map(|p| format!("`{}`", p.display())).collect();
        chain.push(format!("`{}`", path.display()));
        let mut diagnostic = Diagnostic::error("the libraries extend each other in a circle");
        if let Some(span) = named_at {
            diagnostic = diagnostic.at(span, "this leads back to a library that is being extended");
        }
        return Err(diagnostics.push(diagnostic.help(format!("the circle: {}", chain.join(" extends ")))));
    }
    // Two libraries may share a base.
    if files.iter().any(|f| f.path == path) {
        return Ok(());
    }
    let (_, tree) = load::load(path, named_at, sources, diagnostics)?;
    FileKind::Library.confirm(path, tree.parts(), named_at, diagnostics)?;
    open.push(path.to_owned());
    // Only `extends` is read here, and its mistakes are reported when the whole file is.
    #[derive(serde::Deserialize)]
    struct Extends(Slot<spec::architecture::OneOrMany>);
    let extends = tree.parts().get("extends");
    let bases = extends.and_then(|node| de::read_node::<Extends>(node, &mut Diagnostics::default()).ok());
    let mut whole = Ok(());
    for base in bases.iter().filter_map(|b| b.parts().0.get()).flat_map(|b| b.names()) {
        let base_path = load::beside(path, &base.value);
        whole = collect(&base_path, Some(base.span), open, files, sources, diagnostics).and(whole);
    }
    open.pop();
    files.push(Loaded { path: path.to_owned(), tree });
    whole
}

fn check_line_switches(library: &Library, diagnostics: &mut Diagnostics) {
    for component in library.components.values() {
        let Some(switch) = component.crossbar.as_ref().and_then(|c| c.line_switch.as_ref()) else { continue };
        let fits = library.components.get(switch).is_some_and(|s| s.kind == Kind::Switch);
        if fits || library.broken.contains(switch) {
            continue;
        }
        let switches: Vec<&str> = library.names_where(|c| c.kind == Kind::Switch).collect();
        let message =
            format!("`{}` names the line switch `{switch}`, which is no component of kind switch", component.name);
        let help = suggest::did_you_mean(switch, switches.iter().copied());
        diagnostics.push(Diagnostic::error(message).at(component.span, "in this crossbar").maybe_help(help));
    }
}
