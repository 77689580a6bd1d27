//! A document as aligned columns for a terminal.

use comfy_table::{CellAlignment, Row, Table, presets};

use super::{Block, Document};

/// Writes a document with a blank line between its blocks.
#[must_use]
pub fn write(document: &Document) -> String {
    let blocks: Vec<String> = document
        .blocks
        .iter()
        .map(|block| match block {
            Block::Title(text) => text.clone(),
            Block::Text(lines) => lines.join("\n"),
            Block::Table { header, rows, text_columns } => grid(presets::NOTHING, header, rows, *text_columns),
        })
        .collect();
    blocks.join("\n\n") + "\n"
}

/// A table in a style of comfy-table.
pub(super) fn grid(
    style: comfy_table::TableStyle,
    header: &[String],
    rows: &[Vec<String>],
    text_columns: usize,
) -> String {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(Row::from(header.to_vec()));
    table.add_rows(rows.iter().cloned().map(Row::from));
    for (index, column) in table.column_iter_mut().enumerate() {
        if index >= text_columns {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = table.trim_fmt();
    // Without a border the leading blank of every line carries nothing.
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}
