//! Results as text: one file per result under [`views`], one file per format here.
//!
//! A result is a [`View`]: it says what it is as a [`Document`] for readers (table, Markdown), as an [`Answer`] for programs (JSON) and as records for
//! spreadsheets (CSV). A format writes any view.

pub mod csv;
pub mod document;
pub mod json;
pub mod markdown;
pub mod plot;
pub mod table;
pub mod views;

pub use document::{Block, Document};

use crate::results::Answer;

/// A result that can be written in every format.
pub trait View {
    /// For a reader.
    fn document(&self) -> Document;
    /// For a program: what is written as JSON.
    fn answer(&self) -> Answer;
    /// For a spreadsheet: one header, one record a line, SI base units.
    fn records(&self) -> Records;
}

/// A header and records of the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    /// Column names, with the unit where there is one.
    pub header: Vec<String>,
    /// The records.
    pub rows: Vec<Vec<String>>,
}

impl Records {
    /// Records under these column names.
    #[must_use]
    pub fn of(header: impl IntoIterator<Item = impl Into<String>>, rows: Vec<Vec<String>>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows }
    }
}

/// How to write a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Format {
    /// Aligned columns for a terminal.
    #[default]
    Table,
    /// JSON, SI base units.
    Json,
    /// Comma-separated values, SI base units.
    Csv,
    /// Markdown.
    Markdown,
}

/// Writes a view; `width` is that of the terminal, if there is one.
#[must_use]
pub fn write(view: &dyn View, format: Format, width: Option<usize>) -> String {
    match format {
        Format::Table => table::write(&view.document(), width),
        Format::Json => json::write(&view.answer()),
        Format::Csv => csv::write(&view.records()),
        Format::Markdown => markdown::write(&view.document()),
    }
}
