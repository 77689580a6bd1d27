//! A matrix of numbers in a CSV file, with the place of every number for errors.

use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceId, SourceMap, Span};
use crate::files::{Files, OpenFile, load};

/// A crossbar of 2048 x 2048 cells with 16 digits each.
pub const MAX_BYTES: u64 = 96 << 20;
/// Numbers in a file: a crossbar of 3000 x 3000 cells, the test part of MNIST.
pub const MOST_VALUES: u64 = 10_000_000;
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
    text: Arc<str>,
    /// Where the line of each row begins.
    lines: Vec<u32>,
    /// Numbers on a line of the file, and which of them is left out.
    fields: usize,
    left_out: Option<usize>,
}

impl MatrixFile {
    /// The place of a number. It is looked for in the text: a place for each number would take more memory than the numbers.
    #[must_use]
    pub fn span(&self, row: usize, column: usize) -> Span {
        let index = row * self.columns + column;
        let kept = self.fields - usize::from(self.left_out.is_some());
        let (line, field) = (index / kept.max(1), index % kept.max(1));
        let field = field + usize::from(self.left_out.is_some_and(|left_out| field >= left_out));
        let start = self.lines.get(line).map_or(0, |&start| start as usize);
        let text = self.text[start..].split_inclusive('\n').next().unwrap_or("");
        fields(text, start, self.source).nth(field).map_or_else(|| self.place(), |(_, span)| span)
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
        self.left_out = Some(column);
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
    if let Some(values) = too_many(&**sources.files(), path) {
        let message = format!("the file `{}` has some {values} numbers", path.display());
        return Err(diagnostics.push(Diagnostic::error(message).help(format!("at most {MOST_VALUES} are read"))));
    }
    let (source, text) = load::text(path, MAX_BYTES, None, sources, diagnostics)?;
    parse(text, source, &path.display().to_string(), diagnostics)
}

/// How many numbers a file has if they are too many: counted before any is kept.
fn too_many(files: &dyn Files, path: &Path) -> Option<u64> {
    let OpenFile { reader, length } = files.open(path).ok()?;
    // A number and what separates it from the next take two bytes.
    if length / 2 <= MOST_VALUES || length > MAX_BYTES {
        return None;
    }
    let (mut reader, mut buffer) = (BufReader::new(reader).take(MAX_BYTES), vec![0; 1 << 16]);
    let mut values = 0;
    loop {
        let found = reader.read(&mut buffer).ok().filter(|&found| found > 0);
        let Some(found) = found else { return (values > MOST_VALUES).then_some(values) };
        values += buffer[..found].iter().map(|byte| u64::from(matches!(byte, b',' | b'\n'))).sum::<u64>();
    }
}

fn parse(text: Arc<str>, source: SourceId, name: &str, diagnostics: &mut Diagnostics) -> Checked<MatrixFile> {
    let before = diagnostics.mark();
    let mut matrix = MatrixFile {
        header: Vec::new(),
        rows: 0,
        columns: 0,
        values: Vec::new(),
        source,
        text: text.clone(),
        lines: Vec::new(),
        fields: 0,
        left_out: None,
    };
    let (mut start, mut wrong) = (0, 0);
    for line in text.split_inclusive('\n') {
        let line_start = start;
        start += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let is_header = matrix.rows == 0 && matrix.header.is_empty();
        if is_header && fields(line, line_start, source).all(|(field, _)| field.parse::<f64>().is_err()) {
            let names = fields(line, line_start, source).map(|(field, _)| field.trim_matches('"').to_owned());
            matrix.header = names.collect();
            matrix.columns = matrix.header.len();
            wrong += named_twice(fields(line, line_start, source), diagnostics);
            continue;
        }
        if matrix.columns == 0 {
            matrix.columns = fields(line, line_start, source).count();
        }
        wrong += matrix.add(line, line_start, diagnostics);
        if wrong >= MAX_FINDINGS {
            break;
        }
    }
    diagnostics.since(before)?;
    matrix.fields = matrix.columns;
    if matrix.rows == 0 {
        let message = format!("`{name}` holds no numbers");
        let help = "expected lines of numbers separated by commas, with or without a line of names above them";
        return Err(diagnostics.push(Diagnostic::error(message).at(matrix.place(), "").help(help)));
    }
    Ok(matrix)
}

/// A second column of the same name would never be read.
fn named_twice<'a>(names: impl Iterator<Item = (&'a str, Span)>, diagnostics: &mut Diagnostics) -> usize {
    let mut known: HashMap<&str, Span> = HashMap::new();
    let mut wrong = 0;
    for (name, span) in names.filter(|(name, _)| !name.is_empty()) {
        if let Some(first) = known.get(name) {
            wrong += 1;
            if wrong <= MAX_FINDINGS {
                let error = Diagnostic::error(format!("two columns are named `{name}`"));
                diagnostics.push(error.at(span, "again here").also(*first, "first here"));
            }
        } else {
            known.insert(name, span);
        }
    }
    wrong
}

impl MatrixFile {
    /// Adds a line; how much is wrong with it.
    fn add(&mut self, line: &str, start: usize, diagnostics: &mut Diagnostics) -> usize {
        let (mut found, mut wrong, mut end) = (0, 0, 0);
        let mut report = |diagnostic: Diagnostic| {
            wrong += 1;
            // A line of a million words is not answered word by word.
            if wrong <= MAX_FINDINGS {
                diagnostics.push(diagnostic);
            }
        };
        for (field, span) in fields(line, start, self.source) {
            (found, end) = (found + 1, span.end);
            match field.parse::<f64>() {
                Ok(value) if value.is_finite() => self.values.push(value),
                _ => {
                    let message =
                        if field.is_empty() { "a value is missing".into() } else { format!("`{field}` is no number") };
                    report(Diagnostic::error(message).at(span, "expected a finite number"));
                }
            }
        }
        if found != self.columns {
            let first = fields(line, start, self.source).next().map_or(0, |(_, span)| span.start);
            let place = Span { source: self.source, start: first, end };
            let found = format!("{} here, {} in the lines above", count(found), self.columns);
            report(
                Diagnostic::error("a line of another length")
                    .at(place, found)
                    .help("every line of a matrix has the same number of values"),
            );
        }
        self.lines.push(u32::try_from(start).unwrap_or(u32::MAX));
        self.rows += 1;
        wrong
    }
}

fn count(values: usize) -> String {
    if values == 1 { "1 value".into() } else { format!("{values} values") }
}

/// The fields of a line without surrounding blanks, with their places, which the `csv` crate does not tell.
fn fields(line: &str, line_start: usize, source: SourceId) -> impl Iterator<Item = (&str, Span)> {
    let mut at = line_start;
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    line.split(',').map(move |raw| {
        let field = raw.trim_start_matches('\u{feff}').trim();
        let start = at + raw.find(field).unwrap_or(0);
        at += raw.len() + 1;
        (field, Span { source, start: offset(start), end: offset(start + field.len()) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Option<MatrixFile>, Vec<String>) {
        let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
        let source = sources.file("m", text);
        let matrix = parse(text.into(), source, "m", &mut diagnostics);
        let position = |d: &Diagnostic| sources.position(d.labels[0].span);
        (matrix.ok(), diagnostics.iter().map(|d| format!("{}: {}", position(d), d.message)).collect())
    }

    #[test]
    fn a_matrix_is_read_with_or_without_names() {
        let (named, _) = read_text("a,b\r\n1, 2\r\n3,4e-1\r\n");
        let named = named.expect("fine");
        assert_eq!((named.rows, named.columns, named.column("b")), (2, 2, Some(1)));
        assert_eq!(named.values, [1.0, 2.0, 3.0, 0.4]);
        let (plain, _) = read_text("1,2,3\n");
        assert_eq!(plain.map(|m| (m.rows, m.columns)), Some((1, 3)));
        let indexed = read_text("image,a,b\n0,5,6\n1,7,8\n").0.expect("fine").without("image");
        assert_eq!((indexed.columns, indexed.row(1)), (2, [7.0, 8.0].as_slice()));
        // `5` is the first that is left of the first line, `8` the last of the second.
        let text = "image,a,b\n0,5,6\n1, 7,8\n";
        let indexed = read_text(text).0.expect("fine").without("image");
        let under =
            |row, column| &text[indexed.span(row, column).start as usize..indexed.span(row, column).end as usize];
        assert_eq!([under(0, 0), under(0, 1), under(1, 0), under(1, 1)], ["5", "6", "7", "8"]);
        // A column that is read as a row keeps the places of its numbers.
        let mut column = read_text("5\n6\n7\n").0.expect("fine");
        (column.rows, column.columns) = (1, 3);
        assert_eq!(column.span(0, 2).start, 4);
    }

    #[test]
    fn every_wrong_field_is_found_at_its_place() {
        let (matrix, findings) = read_text("a,b\n1,x\nnan,4\n5\n,6\n");
        assert_eq!(matrix, None);
        assert_eq!(
            findings,
            [
                "m:2:3: `x` is no number",
                "m:3:1: `nan` is no number",
                "m:4:1: a line of another length",
                "m:5:1: a value is missing"
            ]
        );
        assert_eq!(read_text("a,b,a\n1,2,3\n").1, ["m:1:5: two columns are named `a`"]);
        assert_eq!(read_text("a,b\n\n").1, ["m:1:1: `m` holds no numbers"]);
    }
}
