//! A document as aligned columns for a terminal.

use comfy_table::{CellAlignment, Row, Table, presets};

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
            Block::Plot(plot) => plot.characters(text_width).join("\n"),
            Block::Table { header, rows, text_columns } => match width {
                Some(width) => fitted(header, rows, *text_columns, width),
                None => grid(presets::NOTHING, header, rows, *text_columns),
            },
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

/// A table that fits the width: as it is, else with words and names broken over lines, else each row as a line of text.
fn fitted(header: &[String], rows: &[Vec<String>], text_columns: usize, width: usize) -> String {
    let fits = |text: &String| text.lines().all(|line| line.chars().count() <= width);
    let natural = grid(presets::NOTHING, header, rows, text_columns);
    if fits(&natural) {
        return natural;
    }
    let narrow_header: Vec<String> = header.iter().map(|name| name.replace(' ', "\n")).collect();
    let narrow_rows: Vec<Vec<String>> = rows.iter().map(|row| break_texts(row, text_columns)).collect();
    let narrow = grid(presets::NOTHING, &narrow_header, &narrow_rows, text_columns);
    if fits(&narrow) {
        narrow
    } else {
        rows.iter().map(|row| sentence(header, row, width)).collect::<Vec<_>>().join("\n")
    }
}

/// Breaks names at hyphens and other texts at blanks. A number is never cut from its unit, since it would read as another number.
fn break_texts(row: &[String], text_columns: usize) -> Vec<String> {
    let broken = |(index, cell): (usize, &String)| match index {
        _ if index >= text_columns || cell.starts_with(|c: char| c.is_ascii_digit()) => cell.clone(),
        0 => break_name(cell),
        _ => cell.replace(' ', "\n"),
    };
    row.iter().enumerate().map(broken).collect()
}

/// Cuts a name in two, at the hyphen or blank nearest to its middle.
fn break_name(name: &str) -> String {
    let middle = name.len() / 2;
    match name.match_indices(['-', ' ']).map(|(at, _)| at + 1).min_by_key(|at| at.abs_diff(middle)) {
        Some(at) if name.len() > 12 => format!("{}\n{}", name[..at].trim_end(), &name[at..]),
        _ => name.to_owned(),
    }
}

/// A row in words, `adc-8b: units 26, energy 94.55 pJ 2.8 %`, over as many lines as it takes.
fn sentence(header: &[String], row: &[String], width: usize) -> String {
    // Stands for a blank inside a cell, where no line may end.
    const FIRM_BLANK: char = '\u{a0}';
    let mut text = format!("{}:", row.first().map_or("", String::as_str));
    for (index, (name, cell)) in
        header.iter().zip(row).enumerate().skip(1).filter(|(_, (_, cell))| !matches!(cell.as_str(), "" | "-"))
    {
        let separator = if index == 1 || name.is_empty() { " " } else { ", " };
        let name = name.replace('\n', " ");
        let cell = cell.replace(' ', &FIRM_BLANK.to_string());
        text.push_str(&if name.is_empty() {
            format!("{separator}{cell}")
        } else {
            format!("{separator}{name} {cell}")
        });
    }
    wrap(&text, width).replace(FIRM_BLANK, " ")
}

/// A table in a style of comfy-table, as wide as it needs to be.
pub(super) fn grid(
    style: comfy_table::TableStyle,
    header: &[String],
    rows: &[Vec<String>],
    text_columns: usize,
) -> String {
    let mut table = Table::new();
    table.load_style(style).set_header(Row::from(header.to_vec()));
    table.add_rows(rows.iter().cloned().map(Row::from));
    for column in table.column_iter_mut().skip(text_columns) {
        column.set_cell_alignment(CellAlignment::Right);
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

    #[test]
    fn a_table_is_broken_at_names_before_words_and_never_inside_a_number() {
        let header = ["component", "energy", "area"].map(String::from);
        let rows = [["differential-amplifier", "553.5 pJ", "990.6 um^2"].map(String::from).to_vec()];
        assert_eq!(
            fitted(&header, &rows, 1, 80).lines().map(str::trim_end).collect::<Vec<_>>(),
            ["component                 energy        area", "differential-amplifier  553.5 pJ  990.6 um^2"]
        );
        assert_eq!(
            fitted(&header, &rows, 1, 36).lines().map(str::trim_end).collect::<Vec<_>>(),
            ["component        energy        area", "differential-  553.5 pJ  990.6 um^2", "amplifier"]
        );
        assert_eq!(
            fitted(&header, &rows, 1, 30).lines().map(str::trim_end).collect::<Vec<_>>(),
            ["differential-amplifier: energy", "  553.5 pJ, area 990.6 um^2"]
        );
    }
}
