//! One run over some files: what has been read, what has been found, and the way from a path to a [`Design`].

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cost::machine::MachineCosts;
use crate::cost::{Estimate, estimate, findings};
use crate::design::{self, Design, Node, TrainedFiles};
use crate::diagnostic::render::render_all;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, Reported, SourceMap, Span, suggest};
use crate::files::{Files, inherit, load};
use crate::results::{Finding, Findings};
use crate::spec::architecture::{self, ArchitectureSpec};
use crate::spec::kind::{FileKind, first_key};
use crate::techlib::Library;
use crate::techlib::files::{self, LoadedLibrary};
use crate::techlib::numbers::SETTING;
use crate::yaml::{YamlNode, de, set::Setting};

/// The texts that were read and what was found in them.
#[derive(Debug, Default)]
pub struct Session {
    /// Every text, for rendering findings.
    pub sources: SourceMap,
    /// Every mistake, and what is unusual.
    pub diagnostics: Diagnostics,
    settings: Vec<Setting>,
    /// Whether every setting could be read: without one of them no answer is the one that was asked for.
    settings_state: Option<Reported>,
    /// Whether all entries of a library are looked at, also those that a design does not use.
    thorough: bool,
    loaded: HashMap<PathBuf, Checked<Arc<LoadedLibrary>>>,
    libraries: HashMap<PathBuf, Partial<Arc<Library>>>,
}

/// An architecture file with its library, read but not lowered.
#[derive(Debug, Clone)]
pub struct ReadArchitecture {
    spec: Partial<ArchitectureSpec>,
    library: Partial<Arc<Library>>,
    /// The library of which only some entries have been evaluated; none where all have.
    rest: Option<Arc<LoadedLibrary>>,
    place: Span,
    label: String,
    path: PathBuf,
}

/// The trained network and the pictures that an architecture names.
fn trained(spec: &ArchitectureSpec, path: &Path, files: &dyn Files) -> Option<TrainedFiles> {
    let named = spec.accuracy.get()?;
    let beside = |name: &str| load::beside(path, name, files);
    Some(TrainedFiles {
        weights: named.weights.get().map_or_else(Vec::new, |w| w.names().iter().map(|n| beside(&n.value)).collect()),
        data: named.data.get().map(|name| beside(name)),
        names: named
            .names
            .get()
            .into_iter()
            .flatten()
            .filter_map(|(layer, name)| Some((layer.clone(), name.get()?.clone())))
            .collect(),
    })
}

impl ReadArchitecture {
    /// What the file says, as far as it can be read.
    #[must_use]
    pub fn spec(&self) -> &ArchitectureSpec {
        self.spec.parts()
    }

    /// Its technology library, as far as it can be read and as far as the architecture uses it.
    #[must_use]
    pub fn library(&self) -> &Arc<Library> {
        self.library.parts()
    }
}

impl Session {
    /// A session in which these settings (`PATH=VALUE`) change every file.
    #[must_use]
    pub fn with_settings<S: AsRef<str>>(settings: &[S]) -> Self {
        let mut session = Self::default();
        session.set(settings);
        session
    }

    fn set<S: AsRef<str>>(&mut self, settings: &[S]) {
        for text in settings {
            match Setting::parse(text.as_ref(), &mut self.sources, &mut self.diagnostics) {
                Ok(setting) => self.settings.push(setting),
                Err(reported) => self.settings_state = Some(reported),
            }
        }
    }

    /// The same session, which reads these files instead of the shipped ones and those on disk.
    #[must_use]
    pub fn reading(mut self, files: Arc<dyn Files>) -> Self {
        self.sources.read_from(files);
        self
    }

    /// The session with every library looked at as a whole: what is wrong or unusual in an entry that no design uses is reported too.
    ///
    /// Otherwise a design's library is read as a whole, so that a text that is no library is refused, but only the entries that the design
    /// uses are evaluated.
    #[must_use]
    pub fn thorough(self) -> Self {
        Self { thorough: true, ..self }
    }

    /// Reads an architecture and its library and lowers it.
    ///
    /// # Errors
    /// Anything is wrong with one of the files or with a setting; all of it has been reported.
    pub fn design(&mut self, path: &Path) -> Checked<Design> {
        let architecture = self.read(path, None)?;
        self.lower(&architecture)
    }

    /// The same for an architecture that another file names here.
    ///
    /// # Errors
    /// As [`Session::design`].
    pub fn design_named(&mut self, path: &Path, named_at: Span) -> Checked<Design> {
        let architecture = self.read(path, Some(named_at))?;
        self.lower(&architecture)
    }

    /// The same with these settings (`PATH=VALUE`) in place of those of the session.
    ///
    /// # Errors
    /// As [`Session::design`].
    pub fn design_with<S: AsRef<str>>(&mut self, path: &Path, named_at: Span, settings: &[S]) -> Checked<Design> {
        let mut own = Self {
            sources: std::mem::take(&mut self.sources),
            diagnostics: std::mem::take(&mut self.diagnostics),
            ..Self::default()
        };
        own.set(settings);
        let design = own.design_named(path, named_at);
        let state = own.check_settings();
        (self.sources, self.diagnostics) = (own.sources, own.diagnostics);
        state.and(design)
    }

    /// Reads an architecture and its library.
    ///
    /// # Errors
    /// Anything is wrong with one of them or with a setting; all of it has been reported.
    pub fn architecture(&mut self, path: &Path) -> Checked<ReadArchitecture> {
        let read = self.read(path, None)?;
        read.spec.state().and(read.library.state()).and(self.settings_are_right())?;
        Ok(read)
    }

    /// Reads what can be read of an architecture and its library.
    fn read(&mut self, path: &Path, named_at: Option<Span>) -> Checked<ReadArchitecture> {
        let before = self.diagnostics.mark();
        let (source, mut tree) = load::load(path, named_at, &mut self.sources, &mut self.diagnostics)?;
        FileKind::Architecture.confirm(path, tree.parts(), named_at, &mut self.diagnostics)?;
        tree = inherit::with_bases(path, tree, &mut self.sources, &mut self.diagnostics)?;
        for setting in &mut self.settings {
            if architecture::FIELDS.contains(&setting.head().0) {
                let applied = setting.apply_to_architecture(tree.parts_mut(), &mut self.diagnostics);
                tree = tree.and(applied);
            }
        }
        let spec: Partial<ArchitectureSpec> = de::read(&tree, &mut self.diagnostics)?;
        let place = first_key(tree.parts()).unwrap_or(Span { source, start: 0, end: 0 });
        let technology = &spec.parts().technology;
        let technology = technology.require("the architecture", "technology", place, &mut self.diagnostics);
        let Some(technology) = technology else { return Err(self.diagnostics.missing(before)) };
        let beside = self.file_of(technology.span, path);
        let loaded =
            self.load(&load::beside(&beside, &technology.value, &**self.sources.files()), Some(technology.span))?;
        let (library, rest) = self.used_of(&loaded, tree.parts());
        let label = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(ReadArchitecture { spec, library, rest, place, label, path: path.to_owned() })
    }

    /// The file that a place is in; of a setting that of the architecture.
    fn file_of(&self, place: Span, architecture: &Path) -> PathBuf {
        let name = self.sources.get(place.source).map(|source| source.name.as_str());
        name.filter(|name| *name != SETTING).map_or_else(|| architecture.to_owned(), PathBuf::from)
    }

    /// The entries of a library that an architecture or a setting names. All of them where any of these is wrong, to say all that is wrong.
    fn used_of(
        &mut self,
        loaded: &Arc<LoadedLibrary>,
        architecture: &YamlNode,
    ) -> (Partial<Arc<Library>>, Option<Arc<LoadedLibrary>>) {
        if !self.thorough {
            let mut words = BTreeSet::new();
            architecture.collect_words(&mut words);
            words.extend(self.settings.iter().map(|setting| setting.entry().0));
            // An attempt has a list of its own, so that no proof of an error outlives the error.
            let mut attempt = Diagnostics::default();
            let library = loaded.entries(&words, &self.sources, &mut attempt);
            if library.state().is_ok() {
                self.diagnostics.extend(attempt);
                return (library.map(Arc::new), Some(loaded.clone()));
            }
        }
        (self.whole(loaded), None)
    }

    /// Lowers an architecture that has been read.
    ///
    /// # Errors
    /// Anything is wrong with it or with a setting; all of it has been reported.
    pub fn lower(&mut self, architecture: &ReadArchitecture) -> Checked<Design> {
        let ReadArchitecture { spec, library, rest, place, label, path } = architecture;
        let mut library = library.clone();
        // As in `used_of`: what a first attempt proves is left with it.
        let mut attempt = Diagnostics::default();
        let mut design = design::lower(spec, *place, label, &library, &self.sources, &mut attempt);
        match rest {
            Some(rest) if design.is_err() => {
                // What could be meant instead is found among all entries.
                library = self.whole(rest);
                design = design::lower(spec, *place, label, &library, &self.sources, &mut self.diagnostics);
            }
            _ => self.diagnostics.extend(attempt),
        }
        let mut design = design?;
        let named_in = spec.parts().accuracy.span().map_or_else(|| path.clone(), |span| self.file_of(span, path));
        design.trained = trained(spec.parts(), &named_in, &**self.sources.files());
        for component in design.graph.node_weights().filter_map(Node::component) {
            let finding = component.bits_set_beside_stated_costs(&library.parts().numbers);
            finding.into_iter().for_each(|finding| self.diagnostics.warn(finding));
        }
        self.settings_are_right()?;
        if design.period.is_some() {
            // Before anything long is run: whether the circuits are as fast as the file says.
            self.estimate(&design)?;
        }
        Ok(design)
    }

    /// The costs of a design.
    ///
    /// # Errors
    /// A total is one that no circuit has, or inferences follow one another too soon, which has been reported.
    pub fn estimate<'d>(&mut self, design: &'d Design) -> Checked<Estimate<'d>> {
        estimate(design).map_err(|error| self.diagnostics.push(error.into()))
    }

    /// A design that computes something: of a machine without a network an error.
    ///
    /// # Errors
    /// It has no network, which has been reported.
    pub fn workload(&mut self, design: &Design, path: &Path) -> Checked<()> {
        if !design.is_machine {
            return Ok(());
        }
        let message = format!("`{}` has no network", path.display());
        let help = "`imcost report` shows the machine with all units at work; a file with `extends: FILE` and a `network` puts one on it";
        Err(self.diagnostics.push(Diagnostic::error(message).help(help)))
    }

    /// What a machine costs with all its units at work.
    ///
    /// # Errors
    /// A total is one that no machine has, which has been reported.
    pub fn machine(&mut self, design: &Design) -> Checked<MachineCosts> {
        let before = self.diagnostics.mark();
        let Some(machine) = &design.machine else { return Err(self.diagnostics.missing(before)) };
        MachineCosts::of(machine).map_err(|error| self.diagnostics.push(error.into()))
    }

    /// What is true of the files that have been read, and of these designs, and their author should know.
    #[must_use]
    pub fn findings(&self, designs: &[&Design]) -> Findings {
        let of_files = self.diagnostics.warnings().map(|warning| Finding::of_warning(warning, &self.sources));
        let of_designs = designs.iter().map(|design| (design.label.clone(), findings(design, &self.sources)));
        Findings::of(of_files.collect(), of_designs.collect())
    }

    /// Reads a technology library.
    ///
    /// # Errors
    /// Anything is wrong with it or with a setting; all of it has been reported.
    pub fn library(&mut self, path: &Path) -> Checked<Arc<Library>> {
        let loaded = self.load(path, None)?;
        let library = self.whole(&loaded).whole()?;
        self.settings_are_right()?;
        Ok(library)
    }

    /// The same for a library that another file names here.
    ///
    /// # Errors
    /// As [`Session::library`].
    pub fn library_named(&mut self, path: &Path, named_at: Span) -> Checked<Arc<Library>> {
        let loaded = self.load(path, Some(named_at))?;
        let library = self.whole(&loaded).whole()?;
        self.settings_are_right()?;
        Ok(library)
    }

    fn load(&mut self, path: &Path, named_at: Option<Span>) -> Checked<Arc<LoadedLibrary>> {
        if let Some(known) = self.loaded.get(path) {
            let state = known.as_ref().map_or_else(|&reported| Err(reported), |loaded| loaded.state());
            if let Err(reported) = state {
                self.diagnostics.again(reported);
            }
            return known.clone();
        }
        let settings = &mut self.settings;
        let loaded = files::load_library(path, named_at, settings, &mut self.sources, &mut self.diagnostics);
        let loaded = loaded.map(Arc::new);
        self.loaded.insert(path.to_owned(), loaded.clone());
        loaded
    }

    /// A library with all its entries.
    fn whole(&mut self, loaded: &Arc<LoadedLibrary>) -> Partial<Arc<Library>> {
        if let Some(known) = self.libraries.get(loaded.path()) {
            if let Err(reported) = known.state() {
                self.diagnostics.again(reported);
            }
            return known.clone();
        }
        let library = loaded.whole(&self.sources, &mut self.diagnostics).map(Arc::new);
        self.libraries.insert(loaded.path().to_owned(), library.clone());
        library
    }

    fn settings_are_right(&mut self) -> Checked<()> {
        self.settings_state.map_or(Ok(()), |reported| Err(self.diagnostics.again(reported)))
    }

    /// What kind of file this is, by its keys.
    ///
    /// # Errors
    /// It cannot be read, which has been reported.
    pub fn kind_of(&mut self, path: &Path) -> Checked<FileKind> {
        let (_, tree) = load::load(path, None, &mut self.sources, &mut self.diagnostics)?;
        match inherit::only_extends(path, tree.parts(), &mut self.sources) {
            // What only extends another is what that is.
            Some(base) => Ok(FileKind::of(&base)),
            None => Ok(FileKind::of(tree.parts())),
        }
    }

    /// Reports the settings for which no file had a place. To be called when all files have been read.
    ///
    /// # Errors
    /// There is such a setting.
    pub fn check_settings(&mut self) -> Checked<()> {
        let before = self.diagnostics.mark();
        let libraries = || self.loaded.values().flatten();
        // Without a library there is nothing to compare with, and another error says why.
        if libraries().next().is_none() {
            return Ok(());
        }
        let names: Vec<&str> =
            libraries().flat_map(|l| l.names()).chain(architecture::FIELDS.iter().copied()).collect();
        for setting in self.settings.iter().filter(|s| !s.used) {
            let (name, span) = setting.entry();
            let help = suggest::nearest(name, names.iter().copied()).map(|best| format!("did you mean `{best}`?"));
            let message = format!(
                "`--set` names `{name}`, which is neither a field of an architecture nor an entry of its library"
            );
            self.diagnostics.push(Diagnostic::error(message).at(span, "not found").maybe_help(help));
        }
        self.diagnostics.since(before)
    }

    /// What has been found, as a person reads it: errors first, each with its place and the line there.
    #[must_use]
    pub fn rendered(&self) -> String {
        render_all(&self.diagnostics, &self.sources, false)
    }

    /// The settings as written.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().map(|s| s.text.as_str())
    }
}
