//! What the tool says to the person who wrote a file: a message, the places it is about, and help.
//!
//! Every stage pushes [`Diagnostic`]s into a [`Diagnostics`] list and goes on, so that one run shows all
//! errors of all files. Rendering is in [`render`], the nearest right word in [`suggest`].

use indexmap::IndexMap;

pub mod render;
pub mod source;
pub mod suggest;

pub use source::{SourceId, SourceMap, Span};

/// Whether a result may still be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input is wrong: no number is printed.
    Error,
    /// The input is unusual: the result is printed, with this beside it.
    Warning,
}

/// One marked place in a source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say under it; may be empty.
    pub text: String,
    /// True for the place where the mistake is, false for the other end it disagrees with.
    pub primary: bool,
}

/// One finding about the input.
#[must_use = "a diagnostic that is not pushed into a list is lost"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One line that states the problem in the reader's words.
    pub message: String,
    /// The places, the primary one first.
    pub labels: Vec<Label>,
    /// What to do about it, one line each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error with a message and no place yet.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message.into())
    }

    /// A warning with a message and no place yet.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message.into())
    }

    fn new(severity: Severity, message: String) -> Self {
        Self { severity, message, labels: Vec::new(), help: Vec::new() }
    }

    /// Marks the place where the mistake is.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: true });
        self
    }

    /// Marks the other end: what the primary place disagrees with.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// Adds a line that says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a help line where there is one.
    pub fn maybe_help(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }
}

/// All findings of a run, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: IndexMap<(String, Option<Span>), Diagnostic>,
}

impl Diagnostics {
    /// Adds a finding; the same message at the same place is kept once, as it was first found.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let place = diagnostic.labels.first().map(|label| label.span);
        self.list.entry((diagnostic.message.clone(), place)).or_insert(diagnostic);
    }

    /// Adds all findings of another list.
    pub fn extend(&mut self, other: Self) {
        for diagnostic in other.list.into_values() {
            self.push(diagnostic);
        }
    }

    /// True if any finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// How many findings are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.iter().filter(|d| d.severity == Severity::Error).count()
    }

    /// How many findings are warnings.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }

    /// True if nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.values()
    }
}
