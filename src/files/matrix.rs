//! A matrix of numbers in a CSV file, with the place of every number for errors.

use std::path::Path;

use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceId, SourceMap, Span};
use crate::files::load;

/// A crossbar of 2048 x 2048 cells with 16 digits each.
const MAX_BYTES: u64 = 96 << 20;
/// A file that is no matrix at all is not answered field by field.
const MAX_FINDINGS: usize = 20;

/// Rows of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixFile {
    /// Names of the columns, if the first line is one of names.
    pub header: Vec<String>,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
    /// Numbers, row by row.
    pub values: Vec<f64>,
    /// The file.
    pub source: SourceId,
    spans: Vec<(u32, u32)>,
}

impl MatrixFile {
    /// The place of a number.
    #[must_use]
    pub fn span(&self, row: usize, column: usize) -> Span {
        let (start, end) = self.spans.get(row * self.columns + column).copied().unwrap_or_default();
        Span { source: self.source, start, end }
    }

    /// The start of the file, for findings about its shape.
    #[must_use]
    pub fn place(&self) -> Span {
        Span { source: self.source, start: 0, end: 0 }
    }

    /// One row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        self.values.get(row * self.columns..(row + 1) * self.columns).unwrap_or_default()
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|n| n == name)
    }

    /// Without the column of this name, if there is one: an index that numbers the rows.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        let Some(column) = self.column(name) else { return self };
        let keep = |index: usize| index % self.columns != column;
        let mut index = 0;
        self.values.retain(|_| (keep(index), index += 1).0);
        index = 0;
        self.spans.retain(|_| (keep(index), index += 1).0);
        self.header.remove(column);
        self.columns -= 1;
        self
    }
}

/// Reads a matrix; a first line that holds no number is its header. All fields that are no finite number are reported.
///
/// # Errors
/// It cannot be read, or is no matrix.
pub fn read(path: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Checked<MatrixFile> {
    let (source, text) = load::text(path, MAX_BYTES, None, sources, diagnostics)?;
    parse(&text, source, &path.display().to_string(), diagnostics)
}

fn parse(text: &str, source: SourceId, name: &str, diagnostics: &mut Diagnostics) -> Checked<MatrixFile> {
    let before = diagnostics.mark();
    let mut matrix =
        MatrixFile { header: Vec::new(), rows: 0, columns: 0, values: Vec::new(), source, spans: Vec::new() };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let fields = fields(line, start, source);
        start += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let is_header = matrix.rows == 0 && matrix.header.is_empty();
        if is_header && fields.iter().all(|(field, _)| field.parse::<f64>().is_err()) {
            matrix.header = fields.iter().map(|(field, _)| field.trim_matches('"').to_owned()).collect();
            matrix.columns = fields.len();
            continue;
        }
        if matrix.columns == 0 {
            matrix.columns = fields.len();
        }
        matrix.add(&fields, diagnostics);
        if diagnostics.count_since(before) >= MAX_FINDINGS {
            break;
        }
    }
    diagnostics.since(before)?;
    if matrix.rows == 0 {
        let message = format!("`{name}` holds no numbers");
        let help = "expected lines of numbers separated by commas, with or without a line of names above them";
        return Err(diagnostics.push(Diagnostic::error(message).at(matrix.place(), "").help(help)));
    }
    Ok(matrix)
}

impl MatrixFile {
    fn add(&mut self, fields: &[(&str, Span)], diagnostics: &mut Diagnostics) {
        if fields.len() != self.columns {
            let (first, last) = (fields[0].1, fields[fields.len() - 1].1);
            let found = format!("{} here, {} in the lines above", count(fields.len()), self.columns);
            diagnostics.push(
                Diagnostic::error("a line of another length")
                    .at(Span { end: last.end, ..first }, found)
                    .help("every line of a matrix has the same number of values"),
            );
        }
        for (field, span) in fields {
            match field.parse::<f64>() {
                Ok(value) if value.is_finite() => self.values.push(value),
                _ => {
                    let message =
                        if field.is_empty() { "a value is missing".into() } else { format!("`{field}` is no number") };
                    diagnostics.push(Diagnostic::error(message).at(*span, "expected a finite number"));
                }
            }
            self.spans.push((span.start, span.end));
        }
        self.rows += 1;
    }
}

fn count(values: usize) -> String {
    if values == 1 { "1 value".into() } else { format!("{values} values") }
}

/// The fields of a line without surrounding blanks, with their places, which the `csv` crate does not tell.
fn fields(line: &str, line_start: usize, source: SourceId) -> Vec<(&str, Span)> {
    let mut at = line_start;
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    line.split(',')
        .map(|raw| {
            let field = raw.trim_start_matches('\u{feff}').trim();
            let start = at + raw.find(field).unwrap_or(0);
            at += raw.len() + 1;
            (field, Span { source, start: offset(start), end: offset(start + field.len()) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Checked<MatrixFile>, Vec<String>) {
        let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
        let source = sources.file("m", text);
        let matrix = parse(text, source, "m", &mut diagnostics);
        let position = |d: &Diagnostic| sources.position(d.labels[0].span);
        (matrix, diagnostics.iter().map(|d| format!("{}: {}", position(d), d.message)).collect())
    }

    #[test]
    fn a_matrix_is_read_with_or_without_names() {
        let (named, _) = read_text("a,b\r\n1, 2\r\n3,4e-1\r\n");
        let named = named.expect("fine");
        assert_eq!((named.rows, named.columns, named.column("b")), (2, 2, Some(1)));
        assert_eq!(named.values, [1.0, 2.0, 3.0, 0.4]);
        let (plain, _) = read_text("1,2,3\n");
        assert_eq!(plain.map(|m| (m.rows, m.columns)), Ok((1, 3)));
        let indexed = read_text("image,a,b\n0,5,6\n1,7,8\n").0.expect("fine").without("image");
        assert_eq!((indexed.columns, indexed.row(1)), (2, [7.0, 8.0].as_slice()));
    }

    #[test]
    fn every_wrong_field_is_found_at_its_place() {
        let (matrix, findings) = read_text("a,b\n1,x\nnan,4\n5\n,6\n");
        assert!(matrix.is_err());
        assert_eq!(
            findings,
            [
                "m:2:3: `x` is no number",
                "m:3:1: `nan` is no number",
                "m:4:1: a line of another length",
                "m:5:1: a value is missing"
            ]
        );
        assert_eq!(read_text("a,b\n\n").1, ["m:1:1: `m` holds no numbers"]);
    }
}
