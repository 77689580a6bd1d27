//! The texts that a run has read, so that any finding can show its line.

use std::sync::Arc;

use super::clean::clean_line;
use crate::files::{self, Files};

/// Which text a span is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(u32);

impl SourceId {
    /// The position of the text in its [`SourceMap`].
    #[must_use]
    pub fn index(self) -> u32 {
        self.0
    }

    /// The id of the text at this position of a [`SourceMap`].
    #[must_use]
    pub fn from_index(index: u32) -> Self {
        Self(index)
    }
}

/// A byte range in one source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The part of this span from `range.start` to `range.end`, counted from its start.
    #[must_use]
    pub fn part(self, range: &std::ops::Range<usize>) -> Self {
        let clamp = |n: usize| self.end.min(self.start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX)));
        Self { source: self.source, start: clamp(range.start), end: clamp(range.end) }
    }
}

/// One text and the name under which the person knows it.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path as the person wrote it, or `--set PATH=VALUE`.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
}

/// All texts of a run, and where they come from.
#[derive(Debug, Clone)]
pub struct SourceMap {
    files: Arc<dyn Files>,
    sources: Vec<Source>,
}

impl Default for SourceMap {
    fn default() -> Self {
        Self::new(files::standard())
    }
}

impl SourceMap {
    /// The name of a text that is a setting of the command line.
    pub const SETTING: &str = "--set";

    /// Nothing is read yet; what is, will come from these files.
    #[must_use]
    pub fn new(files: Arc<dyn Files>) -> Self {
        Self { files, sources: Vec::new() }
    }

    /// Where texts come from.
    #[must_use]
    pub fn files(&self) -> &Arc<dyn Files> {
        &self.files
    }

    /// From now on texts come from these files.
    pub fn read_from(&mut self, files: Arc<dyn Files>) {
        self.files = files;
    }

    /// Adds a text and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let name: String = name.into();
        self.sources.push(Source { name: clean_line(&name).into_owned(), text: text.into() });
        id
    }

    /// The id of a file's text; a file that is read twice is one source.
    pub fn file(&mut self, name: &str, text: impl Into<Arc<str>>) -> SourceId {
        let (name, text) = (clean_line(name), text.into());
        let known = self.sources.iter().position(|s| s.name == name && s.text == text);
        known.and_then(|index| u32::try_from(index).ok()).map_or_else(|| self.add(name.clone(), text), SourceId)
    }

    /// Takes over all texts of another map; their ids here, in the order of that map.
    pub fn absorb(&mut self, other: &Self) -> Vec<SourceId> {
        other.sources.iter().map(|source| self.file(&source.name, source.text.clone())).collect()
    }

    /// The text with this id.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// The characters under a span.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).and_then(|s| s.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Line and column of a byte, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_and_column(&self, id: SourceId, byte: u32) -> (usize, usize) {
        let text = self.get(id).map_or("", |source| &source.text);
        let before = text.get(..(byte as usize).min(text.len())).unwrap_or("");
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// `file:line:column` of the start of a span, both counted from 1, the column in characters.
    #[must_use]
    pub fn position(&self, span: Span) -> String {
        self.place(span).map_or_else(String::new, |(file, line, column)| format!("{file}:{line}:{column}"))
    }

    /// File, line and column of the start of a span, both counted from 1, the column in characters.
    #[must_use]
    pub fn place(&self, span: Span) -> Option<(&str, usize, usize)> {
        let source = self.get(span.source)?;
        let (line, column) = self.line_and_column(span.source, span.start);
        Some((&source.name, line, column))
    }
}
