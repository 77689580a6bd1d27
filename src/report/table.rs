//! A document as aligned columns for a terminal.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, presets};

use super::{Block, Document};

/// Text is easier to read when its lines are no longer than this.
const TEXT_WIDTH: usize = 100;

/// Writes a document with a blank line between its blocks. `width` is that of the terminal, if there is one: a table that is wider wraps
/// its cells.
#[must_use]
pub fn write(document: &Document, width: Option<usize>) -> String {
    let text_width = width.unwrap_or(TEXT_WIDTH).min(TEXT_WIDTH);
    let blocks: Vec<String> = document
        .blocks
        .iter()
        .map(|block| match block {
            Block::Title(text) => wrap(text, text_width),
            Block::Text(lines) => lines.iter().map(|l| wrap(l, text_width)).collect::<Vec<_>>().join("\n"),
            Block::Table { header, rows, text_columns } => grid(presets::NOTHING, header, rows, *text_columns, width),
        })
        .collect();
    blocks.join("\n\n") + "\n"
}

/// Breaks a line between words; what follows is indented by two blanks.
fn wrap(line: &str, width: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    // Blanks inside a line are kept, since they align what is below each other.
    for word in line.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if column > 0 && column + length > width {
            text.truncate(text.trim_end().len());
            text.push_str("\n  ");
            column = 2;
        }
        text.push_str(word);
        column += word.chars().count();
    }
    text
}

/// A table in a style of comfy-table.
pub(super) fn grid(
    style: comfy_table::TableStyle,
    header: &[String],
    rows: &[Vec<String>],
    text_columns: usize,
    width: Option<usize>,
) -> String {
    let mut table = Table::new();
    table.load_style(style);
    if let Some(width) = width.and_then(|w| u16::try_from(w).ok()) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table.set_header(Row::from(header.to_vec()));
    table.add_rows(rows.iter().cloned().map(Row::from));
    for (index, column) in table.column_iter_mut().enumerate() {
        if index >= text_columns {
            column.set_cell_alignment(CellAlignment::Right);
        } else if index == 0 {
            // Names are what a reader looks for; numbers may wrap before them.
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let text = table.trim_fmt();
    // Without a border the leading blank of every line carries nothing.
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_breaks_between_words() {
        assert_eq!(wrap("one two three", 8), "one two\n  three");
        assert_eq!(wrap("energy   adc 1 %", 40), "energy   adc 1 %");
    }
}
