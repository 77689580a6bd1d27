//! What the tool says to the person who wrote a file: a message, the places it is about, and help.
//!
//! Every stage pushes [`Diagnostic`]s into a [`Diagnostics`] list and goes on, so that one run shows all
//! errors of all files. What is unusual and no mistake, a [`Warning`], waits apart from them until there is an answer. It returns a value or the [`Reported`] that pushing an error gives. Rendering is in [`render`], the nearest
//! right word in [`suggest`].

pub mod clean;
mod list;
pub mod render;
pub mod source;
pub mod suggest;

pub use list::{Checked, Diagnostics, Mark, Partial, Reported};
pub use source::{SourceId, SourceMap, Span};

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

/// A mistake in the input: no result is computed.
#[must_use = "a diagnostic that is not pushed into a list is lost"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
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
        Self { message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// A remark on a file without mistakes, with a message and no place yet.
    pub fn warning(message: impl Into<String>) -> Warning {
        Warning { message: message.into(), place: None, label: String::new(), help: Vec::new() }
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

/// What reading finds unusual in a file without mistakes: one of the findings that are shown after the answer.
#[must_use = "a warning that is not in a list is lost"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// One line that states it in the reader's words.
    pub message: String,
    /// Where it is.
    pub place: Option<Span>,
    /// What to say of the place; may be empty.
    pub label: String,
    /// What would mend it, one line each.
    pub help: Vec<String>,
}

impl Warning {
    /// Marks the place that it is about.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        (self.place, self.label) = (Some(span), text.into());
        self
    }

    /// Adds a line that says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}
