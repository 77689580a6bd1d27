//! A document as Markdown.

use comfy_table::presets;

use super::{Block, Document, table};

/// Writes a document; its first title is the top heading.
#[must_use]
pub fn write(document: &Document) -> String {
    let mut heading = "#";
    let mut blocks = Vec::new();
    for block in &document.blocks {
        blocks.push(match block {
            Block::Title(text) => {
                let title = format!("{heading} {text}");
                heading = "##";
                title
            }
            Block::Text(lines) => lines.iter().map(|l| item(l)).collect::<Vec<_>>().join("\n"),
            Block::Plot(plot) => format!("```text\n{}\n```", plot.characters(80).join("\n")),
            Block::Table { header, rows, text_columns } => markdown_table(header, rows, *text_columns),
        });
    }
    blocks.join("\n\n") + "\n"
}

/// A line of a list; one that is indented belongs to the one before.
fn item(line: &str) -> String {
    let text = line.trim_start_matches(' ');
    format!("{}- {text}", " ".repeat(line.len() - text.len()))
}

fn markdown_table(header: &[String], rows: &[Vec<String>], text_columns: usize) -> String {
    let escape = |cells: &[String]| cells.iter().map(|c| c.replace('|', "\\|").replace('\n', " ")).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| escape(row)).collect();
    table::grid(presets::ASCII_MARKDOWN, &escape(header), &rows, text_columns)
}
