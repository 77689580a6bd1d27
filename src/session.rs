//! One run over some files: what has been read, what has been found, and the way from a path to a [`Design`].

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cost::{Estimate, estimate, warn_of_circuits};
use crate::design::{self, Design};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap, Span, suggest};
use crate::files::load;
use crate::spec::architecture;
use crate::spec::kind::{FileKind, first_key};
use crate::techlib::{Library, files};
use crate::yaml::{de, set::Setting};

/// The texts that were read and what was found in them.
#[derive(Debug, Default)]
pub struct Session {
    /// Every text, for rendering findings.
    pub sources: SourceMap,
    /// Every finding.
    pub diagnostics: Diagnostics,
    settings: Vec<Setting>,
    libraries: HashMap<PathBuf, Option<Arc<Library>>>,
}

/// An architecture file with its library, read but not lowered.
#[derive(Debug, Clone)]
pub struct ReadArchitecture {
    /// What the file says.
    pub spec: architecture::ArchitectureSpec,
    /// Its technology library.
    pub library: Arc<Library>,
    place: Span,
    label: String,
}

impl Session {
    /// A session in which these settings (`PATH=VALUE`) change every file.
    #[must_use]
    pub fn with_settings<S: AsRef<str>>(settings: &[S]) -> Self {
        let mut session = Self::default();
        for text in settings {
            let setting = Setting::parse(text.as_ref(), &mut session.sources, &mut session.diagnostics);
            session.settings.extend(setting);
        }
        session
    }

    /// Reads an architecture and its library and lowers it; none if anything is wrong.
    pub fn dataflow(&mut self, path: &Path) -> Option<Design> {
        let architecture = self.architecture(path)?;
        self.lower(&architecture)
    }

    /// Reads an architecture and its library.
    pub fn architecture(&mut self, path: &Path) -> Option<ReadArchitecture> {
        let (source, mut tree) = load::load(path, None, &mut self.sources, &mut self.diagnostics)?;
        if !FileKind::Architecture.confirm(path, &tree, None, &mut self.diagnostics) {
            return None;
        }
        for setting in &mut self.settings {
            if architecture::FIELDS.contains(&setting.head().0) {
                setting.apply_to_architecture(&mut tree, &mut self.diagnostics);
            }
        }
        let spec: architecture::ArchitectureSpec = de::read(&tree, &mut self.diagnostics)?;
        let place = first_key(&tree).unwrap_or(Span { source, start: 0, end: 0 });
        let technology = spec.technology.require("the architecture", "technology", place, &mut self.diagnostics);
        let library = technology.cloned().and_then(|t| self.library_at(&load::beside(path, &t.value), Some(t.span)))?;
        let label = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        Some(ReadArchitecture { spec, library, place, label })
    }

    /// Lowers an architecture that has been read.
    pub fn lower(&mut self, architecture: &ReadArchitecture) -> Option<Design> {
        let flow = design::lower(
            &architecture.spec,
            architecture.place,
            &architecture.label,
            &architecture.library,
            &self.sources,
            &mut self.diagnostics,
        )?;
        warn_of_circuits(&flow, &mut self.diagnostics);
        Some(flow)
    }

    /// The costs of a design; a total that no circuit has is reported.
    pub fn estimate<'d>(&mut self, design: &'d Design) -> Option<Estimate<'d>> {
        estimate(design).map_err(|error| self.diagnostics.push(error.into())).ok()
    }

    /// Reads a technology library.
    pub fn library(&mut self, path: &Path) -> Option<Arc<Library>> {
        self.library_at(path, None)
    }

    fn library_at(&mut self, path: &Path, named_at: Option<Span>) -> Option<Arc<Library>> {
        if let Some(known) = self.libraries.get(path) {
            return known.clone();
        }
        let library =
            files::library(path, named_at, &mut self.settings, &mut self.sources, &mut self.diagnostics).map(Arc::new);
        self.libraries.insert(path.to_owned(), library.clone());
        library
    }

    /// What kind of file this is, by its keys; none if it cannot be read, which is reported.
    pub fn kind_of(&mut self, path: &Path) -> Option<FileKind> {
        let (_, tree) = load::load(path, None, &mut self.sources, &mut self.diagnostics)?;
        Some(FileKind::of(&tree))
    }

    /// Reports the settings for which no file had a place. To be called when all files have been read.
    pub fn check_settings(&mut self) {
        let names: Vec<String> = self
            .libraries
            .values()
            .flatten()
            .flat_map(|l| l.components.keys().chain(l.devices.keys()))
            .cloned()
            .chain(architecture::FIELDS.iter().map(|f| (*f).to_owned()))
            .collect();
        // Without a library there is nothing to compare with, and another error says why.
        if self.libraries.values().flatten().next().is_none() {
            return;
        }
        for setting in self.settings.iter().filter(|s| !s.used) {
            let (name, span) = setting.entry();
            let help =
                suggest::nearest(name, names.iter().map(String::as_str)).map(|best| format!("did you mean `{best}`?"));
            let message = format!(
                "`--set` names `{name}`, which is neither a field of an architecture nor an entry of its library"
            );
            self.diagnostics.push(Diagnostic::error(message).at(span, "not found").maybe_help(help));
        }
    }

    /// The settings as written.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().map(|s| s.text.as_str())
    }
}
