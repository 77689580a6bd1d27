//! What a reader sees, before it is known in which format.

use super::plot::Plot;
use crate::diagnostic::clean::clean_line;

/// A sequence of blocks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// The blocks, top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// The document's or a section's title.
    Title(String),
    /// Lines of text.
    Text(Vec<String>),
    /// A table; all columns after `text_columns` are aligned to the right.
    Table {
        /// Column titles.
        header: Vec<String>,
        /// Cells.
        rows: Vec<Vec<String>>,
        /// How many columns from the left hold text.
        text_columns: usize,
    },
    /// A curve.
    Plot(Plot),
}

impl Document {
    /// Adds a title.
    pub fn title(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Title(shown(text)));
    }

    /// Adds a line of text to the block of text at the end.
    pub fn line(&mut self, text: impl Into<String>) {
        match self.blocks.last_mut() {
            Some(Block::Text(lines)) => lines.push(shown(text)),
            _ => self.blocks.push(Block::Text(vec![shown(text)])),
        }
    }

    /// Adds what the command line changed in the files.
    pub fn settings(&mut self, settings: &[String]) {
        for setting in settings {
            self.line(format!("changed with --set {setting}"));
        }
    }

    /// Adds a line of text that stands apart from those before it.
    pub fn paragraph(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(vec![shown(text)]));
    }

    /// Adds a curve.
    pub fn plot(&mut self, plot: Plot) {
        self.blocks.push(Block::Plot(plot));
    }

    /// Adds a table unless it has no rows.
    pub fn table<S: Into<String>>(&mut self, header: Vec<S>, rows: Vec<Vec<String>>, text_columns: usize) {
        if !rows.is_empty() {
            // A title of a column may stand on two lines.
            let header = header.into_iter().map(shown_in_lines).collect();
            let rows = rows.into_iter().map(|row| row.into_iter().map(shown).collect()).collect();
            self.blocks.push(Block::Table { header, rows, text_columns });
        }
    }
}

/// A title in the lines that it has, each of them cleaned.
fn shown_in_lines(text: impl Into<String>) -> String {
    text.into().split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// Names in a file may hold what would steer a terminal or end a line of Markdown.
fn shown(text: impl Into<String>) -> String {
    let mut text = text.into();
    if text.contains('\n') {
        text = text.replace('\n', " ");
    }
    match clean_line(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(cleaned) => cleaned,
    }
}
