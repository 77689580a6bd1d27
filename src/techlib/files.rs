//! Library files: reading one and all that it extends, and merging them into a [`Library`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::component::{self, DeviceTable};
use super::entry::{Entry, entries, file_scope};
use super::figure::{Reader, Replaced, Scope, Texts};
use super::parts::PartTable;
use super::provenance::{self, Stated};
use super::reference::{self, References};
use super::{Component, Device, Kind, Library, Numbers, Scaling, device, rules};
use crate::catalog::ENTRY_SECTIONS;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, SourceMap, Span, suggest};
use crate::files::load;
use crate::spec::{self, kind::FileKind, library as file};
use crate::units::{Length, Voltage};
use crate::yaml::set::Setting;
use crate::yaml::{Located, Slot, YamlNode, de};

/// Files one behind the other. The shipped libraries go two deep.
pub const DEEPEST_EXTENDS: usize = 64;
/// Files that a library is made of.
pub const MOST_FILES: usize = 1000;

/// A library and all that it extends as trees, with the settings in them: nothing has been evaluated.
#[derive(Debug)]
pub struct LoadedLibrary {
    path: PathBuf,
    /// Base first.
    files: Vec<Loaded>,
    /// Whether the trees are right and every setting had a place.
    state: Checked<()>,
    /// What the settings replaced.
    replaced: Replaced,
}

/// Reads a library and all that it extends. `named_at` is the place that names it; settings that name one of its entries are applied.
///
/// # Errors
/// A file is missing or is no library.
pub fn load_library(
    path: &Path,
    named_at: Option<Span>,
    settings: &mut [Setting],
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<LoadedLibrary> {
    let before = diagnostics.mark();
    let mut files = Vec::new();
    collect(path, named_at, &mut Vec::new(), &mut files, sources, diagnostics)?;
    // A setting changes the entry that wins.
    for setting in settings.iter_mut() {
        let _ = setting.apply_to_library(files.iter_mut().rev().map(|f| f.tree.parts_mut()), diagnostics);
    }
    let replaced = settings.iter().filter_map(|s| Some((s.source(), s.replaced.as_deref()?.into()))).collect();
    Ok(LoadedLibrary { path: path.to_owned(), files, state: diagnostics.since(before), replaced })
}

impl LoadedLibrary {
    /// Whether the trees are right and every setting had a place; if not, that has been reported.
    ///
    /// # Errors
    /// They are not.
    pub fn state(&self) -> Checked<()> {
        self.state
    }

    /// Path of its file, as written.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of all entries.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let sections = self.files.iter().flat_map(|f| ENTRY_SECTIONS.iter().filter_map(|s| f.tree.parts().get(s)));
        sections.flat_map(YamlNode::keys).collect()
    }

    /// All entries, evaluated. A library that has mistakes is returned with them, so that a design's own are found in the same run.
    pub fn whole(&self, sources: &SourceMap, diagnostics: &mut Diagnostics) -> Partial<Library> {
        self.evaluate(|_| true, sources, diagnostics)
    }

    /// The entries of these names and those that they name, evaluated; nothing is known of the others, not even whether they are right.
    pub fn entries(
        &self,
        names: &BTreeSet<&str>,
        sources: &SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Partial<Library> {
        let all = self.names();
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = all.intersection(names).copied().collect();
        while let Some(name) = open.pop() {
            if !used.insert(name) {
                continue;
            }
            let mut words = BTreeSet::new();
            for file in &self.files {
                let sections = ENTRY_SECTIONS.iter().filter_map(|section| file.tree.parts().get(section));
                sections.filter_map(|section| section.get(name)).for_each(|entry| entry.collect_words(&mut words));
            }
            open.extend(all.intersection(&words));
        }
        self.evaluate(|name| used.contains(name), sources, diagnostics)
    }

    fn evaluate(
        &self,
        wanted: impl Fn(&str) -> bool,
        sources: &SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Partial<Library> {
        let before = diagnostics.mark();
        let none = References::new();
        let texts = Texts { sources, replaced: &self.replaced, references: &none };
        let mut library = Library::default();
        for loaded in &self.files {
            let tree = loaded.tree.parts();
            let cut = tree.with_entries(ENTRY_SECTIONS, &wanted);
            let Ok(spec) = de::read_node::<file::LibrarySpec>(cut.as_ref().unwrap_or(tree), diagnostics) else {
                continue;
            };
            add_file(&mut library, &loaded.path, spec.parts(), tree.span, texts, diagnostics);
        }
        library.path = self.path.display().to_string();
        library.extended = self.files.iter().rev().skip(1).map(|f| f.path.display().to_string()).collect();
        check_line_switches(&library, diagnostics);
        diagnostics.partial(before, library).and(self.state)
    }
}

/// Adds the entries of one file; one of the same name as an entry of a file before replaces it.
fn add_file(
    library: &mut Library,
    path: &Path,
    spec: &file::LibrarySpec,
    place: Span,
    texts: Texts<'_>,
    diagnostics: &mut Diagnostics,
) {
    let mut references = std::mem::take(&mut library.references);
    reference::list(&mut references, &spec.sources, diagnostics);
    let texts = Texts { references: &references, ..texts };
    let owner = format!("the library `{}`", path.display());
    if let Some(name) = spec.name.require(&owner, "name", place, diagnostics) {
        library.name.clone_from(&name.value);
    }
    library.description = spec.description.get().cloned();
    let mut numbers = std::mem::take(&mut library.numbers);
    let mut reader = Reader { texts, diagnostics, numbers: &mut numbers };
    let scope = Rc::new(file_scope(&mut reader, spec, place));
    let node = spec.node.located().and_then(|node| {
        let named = super::scope::Named::written("node", node, None);
        reader.positive::<Length>("node", &named, &scope).map(|(node, _)| node)
    });
    let vdd = spec.vdd.located().and_then(|vdd| {
        let named = super::scope::Named::written("vdd", vdd, None);
        reader.positive::<Voltage>("vdd", &named, &scope).map(|(vdd, _)| vdd)
    });
    let file = FileOfEntries { scope, node, vdd, scaling: spec.scaling.get().copied().unwrap_or_default() };
    for (name, spec) in entries(&spec.devices) {
        library.devices.remove(&name.value);
        library.unknown_devices.remove(&name.value);
        match spec.get().and_then(|spec| file.device(name, spec, texts, diagnostics, &mut numbers)) {
            Some(device) => {
                library.devices.insert(name.value.clone(), Arc::new(device));
            }
            None if spec.get().is_some_and(device::states_unknown) => {
                library.unknown_devices.insert(name.value.clone());
            }
            None => {
                library.broken.insert(name.value.clone());
            }
        }
    }
    let (order, waiting) = parts_first(entries(&spec.components));
    for (name, spec) in order {
        library.components.remove(&name.value);
        let Library { devices, components, broken, unknown_devices: unknown, .. } = &*library;
        let devices = DeviceTable { known: devices, broken, unknown };
        let tables = (&devices, &PartTable { known: components, broken, waiting: &waiting });
        match spec.get().and_then(|spec| file.component(name, spec, tables, texts, diagnostics, &mut numbers)) {
            Some(component) => {
                library.components.insert(name.value.clone(), Arc::new(component));
            }
            None => {
                library.broken.insert(name.value.clone());
            }
        }
    }
    library.numbers = numbers;
    library.references = references;
}

/// An entry of a file's components.
type ComponentEntry = (Located<String>, Slot<file::ComponentSpec>);

/// The components of a file, each after those that are parts of it; and the names of those that wait for each other, which come last.
fn parts_first(all: &[ComponentEntry]) -> (Vec<&ComponentEntry>, BTreeSet<&str>) {
    let used = |spec: &Slot<file::ComponentSpec>| -> Vec<String> {
        let Some(spec) = spec.get() else { return Vec::new() };
        let parts = entries(&spec.parts).iter().filter_map(|(_, part)| part.get()?.component.get().cloned());
        parts.collect()
    };
    let mut order = Vec::with_capacity(all.len());
    let mut waiting: Vec<(&ComponentEntry, Vec<String>)> = Vec::new();
    for entry in all {
        let parts = used(&entry.1);
        if parts.is_empty() {
            order.push(entry);
        } else {
            waiting.push((entry, parts));
        }
    }
    loop {
        let names: BTreeSet<&str> = waiting.iter().map(|(entry, _)| entry.0.value.as_str()).collect();
        let is_ready = |parts: &[String]| !parts.iter().any(|part| names.contains(part.as_str()));
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, parts)| is_ready(parts));
        if ready.is_empty() {
            order.extend(rest.iter().map(|(entry, _)| *entry));
            return (order, names);
        }
        order.extend(ready.into_iter().map(|(entry, _)| entry));
        waiting = rest;
    }
}

/// What the entries of one file share.
struct FileOfEntries<'a> {
    scope: Rc<Scope<'a>>,
    node: Option<Length>,
    vdd: Option<Voltage>,
    scaling: Scaling,
}

/// Devices and components state their origin in fields of the same names.
macro_rules! stated {
    ($entry:expr, $has_parts:expr) => {
        Stated {
            source: &$entry.source,
            basis: &$entry.basis,
            node: &$entry.node,
            note: &$entry.note,
            has_parts: $has_parts,
        }
    };
}

impl<'a> FileOfEntries<'a> {
    fn device(
        &self,
        name: &'a Located<String>,
        spec: &'a file::DeviceSpec,
        texts: Texts<'_>,
        diagnostics: &mut Diagnostics,
        numbers: &mut Numbers,
    ) -> Option<Device> {
        let mut reader = Reader { texts, diagnostics, numbers };
        let provenance = provenance::of_entry(&mut reader, name, &stated!(spec, false), self.node);
        device::require_fields(name, spec, reader.diagnostics);
        device::device(Entry::new(reader, &self.scope, name, provenance?), spec)
    }

    fn component(
        &self,
        name: &'a Located<String>,
        spec: &'a file::ComponentSpec,
        (devices, parts): (&DeviceTable<'_>, &PartTable<'_>),
        texts: Texts<'_>,
        diagnostics: &mut Diagnostics,
        numbers: &mut Numbers,
    ) -> Option<Component> {
        let owner = format!("`{}`", name.value);
        let kind = spec.kind.require(&owner, "kind", name.span, diagnostics).copied();
        if let Some(kind) = &kind {
            rules::misplaced_fields(&name.value, spec, kind, diagnostics);
        }
        let mut reader = Reader { texts, diagnostics, numbers };
        let provenance = provenance::of_entry(&mut reader, name, &stated!(spec, !spec.parts.is_missing()), self.node);
        let kind = kind?.value;
        let before = reader.diagnostics.mark();
        let bits = component::bits(name, spec, kind, reader.diagnostics);
        let right = reader.diagnostics.since(before).is_ok();
        let found =
            component::component(Entry::new(reader, &self.scope, name, provenance?), spec, kind, bits, devices, parts);
        let mut found = found.filter(|_| right && !rules::has_unread_field(spec))?;
        let mut reader = Reader { texts, diagnostics, numbers };
        found.vdd = match spec.vdd.located() {
            None => self.vdd,
            Some(vdd) => {
                let named = super::scope::Named::written("vdd", vdd, None);
                Some(reader.positive::<Voltage>("vdd", &named, &self.scope)?.0)
            }
        };
        found.scaling = spec.scaling.get().copied().unwrap_or(self.scaling);
        Some(found)
    }
}

#[derive(Debug)]
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
    let too_many = if open.len() >= DEEPEST_EXTENDS {
        Some(format!("libraries extend each other more than {DEEPEST_EXTENDS} deep"))
    } else if files.len() >= MOST_FILES {
        Some(format!("a library extends more than {MOST_FILES} others"))
    } else {
        None
    };
    if let Some(message) = too_many {
        let error = Diagnostic::error(message).help("put what they share into one file");
        return Err(diagnostics.push(match named_at {
            Some(span) => error.at(span, "not read any more"),
            None => error,
        }));
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
    let extends = tree.parts().get_meant("extends");
    let bases = extends.and_then(|node| de::read_node::<Extends>(node, &mut Diagnostics::default()).ok());
    let mut whole = Ok(());
    for base in bases.iter().filter_map(|b| b.parts().0.get()).flat_map(|b| b.names()) {
        let base_path = load::beside(path, &base.value, &**sources.files());
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
