//! What was checked, and the mistakes that were found.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, SourceMap, Span};
use crate::spec::kind::FileKind;

/// More mistakes than this are counted, not listed: nobody mends them one by one.
const LISTED: usize = 200;

/// What `imcost check` finds out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckResult {
    /// Version of this format.
    pub format_version: u32,
    /// The files that are fine, in the order given.
    pub files: Vec<CheckedFile>,
    /// The mistakes, in the order of their places.
    pub errors: Vec<Mistake>,
}

/// A file without mistakes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckedFile {
    /// Path as given.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// What was seen in it, in words.
    pub summary: String,
}

/// A mistake in a file; its place is that of its first mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mistake {
    /// The file as it was named; none where the mistake is in no file.
    pub file: Option<String>,
    /// Where in the file.
    #[serde(flatten)]
    pub range: Option<TextRange>,
    /// What is wrong, in one line.
    pub message: String,
    /// The marks under the text, the mistake itself first.
    pub labels: Vec<MistakeLabel>,
    /// What to do about it, one line each.
    pub help: Vec<String>,
}

/// A mark under a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MistakeLabel {
    /// The file as it was named.
    pub file: Option<String>,
    /// Where in the file.
    #[serde(flatten)]
    pub range: TextRange,
    /// What is said under it; may be empty.
    pub text: String,
    /// True where the mistake is, false for the other end that it disagrees with.
    pub primary: bool,
}

/// From a first character to the one after the last, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TextRange {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character, in characters.
    pub column: usize,
    /// The character after the last.
    pub end: TextPosition,
}

/// A character of a file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TextPosition {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

impl CheckResult {
    /// Files that are fine, and the mistakes of the others.
    #[must_use]
    pub fn of(files: Vec<CheckedFile>, errors: Vec<Mistake>) -> Self {
        Self { format_version: FORMAT_VERSION, files, errors }
    }
}

impl Mistake {
    /// The mistakes in the order of their places.
    #[must_use]
    pub fn list(diagnostics: &Diagnostics, sources: &SourceMap) -> Vec<Self> {
        let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
        ordered.sort_by_key(|d| d.labels.first().map(|l| l.span));
        ordered.into_iter().take(LISTED).map(|diagnostic| Self::of(diagnostic, sources)).collect()
    }

    fn of(diagnostic: &Diagnostic, sources: &SourceMap) -> Self {
        let labels: Vec<MistakeLabel> = diagnostic.labels.iter().map(|l| MistakeLabel::of(l, sources)).collect();
        let first = labels.first();
        Self {
            file: first.and_then(|label| label.file.clone()),
            range: first.map(|label| label.range),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            labels,
        }
    }
}

impl MistakeLabel {
    fn of(label: &Label, sources: &SourceMap) -> Self {
        Self {
            file: sources.get(label.span.source).map(|source| source.name.clone()),
            range: TextRange::of(label.span, sources),
            text: label.text.clone(),
            primary: label.primary,
        }
    }
}

impl TextRange {
    fn of(span: Span, sources: &SourceMap) -> Self {
        let (line, column) = sources.line_and_column(span.source, span.start);
        let (end_line, end_column) = sources.line_and_column(span.source, span.end);
        Self { line, column, end: TextPosition { line: end_line, column: end_column } }
    }
}
