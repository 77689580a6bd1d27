//! What the tool says to the person who wrote a file: a message, the places it is about, and help.
//!
//! Every stage pushes [`Diagnostic`]s into a [`Diagnostics`] list and goes on, so that one run shows all
//! errors of all files. It returns a value or the [`Reported`] that pushing an error gives. Rendering is in [`render`], the nearest
//! right word in [`suggest`].

pub mod clean;
mod list;
pub mod render;
pub mod source;
pub mod suggest;

pub use list::{Checked, Diagnostics, Mark, Partial, Reported};
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
    severity: Severity,
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
        Self { severity: Severity::Error, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// A warning with a message and no place yet.
    pub fn warning(message: impl Into<String>) -> Warning {
        Warning(Self::error(message))
    }

    /// Error or warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
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

/// A finding that is no error. A type of its own: it cannot be pushed where an error is meant.
#[must_use = "a warning that is not in a list is lost"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning(Diagnostic);

impl Warning {
    /// Marks the place that it is about.
    pub fn at(self, span: Span, text: impl Into<String>) -> Self {
        Self(self.0.at(span, text))
    }

    /// Marks another place that belongs to it.
    pub fn also(self, span: Span, text: impl Into<String>) -> Self {
        Self(self.0.also(span, text))
    }

    /// Adds a line that says what to do.
    pub fn help(self, text: impl Into<String>) -> Self {
        Self(self.0.help(text))
    }
}
