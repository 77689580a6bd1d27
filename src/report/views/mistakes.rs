//! Mistakes as JSON, for editors and for programs that check files.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Diagnostics, Label, SourceMap};

/// More than this are counted, not listed: nobody mends them one by one.
const LISTED: usize = 200;

/// The mistakes in the order of their places: file, lines and columns counted from 1, columns in characters.
#[must_use]
pub fn mistakes_json(diagnostics: &Diagnostics, sources: &SourceMap) -> Vec<Value> {
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by_key(|d| d.labels.first().map(|l| l.span));
    let listed = ordered.iter().take(LISTED);
    listed.map(|diagnostic| mistake(diagnostic, sources)).collect()
}

fn mistake(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let labels: Vec<Value> = diagnostic.labels.iter().map(|label| label_json(label, sources)).collect();
    // The place of a mistake is that of its first mark.
    let mut value = labels.first().cloned().unwrap_or_else(|| json!({ "file": null }));
    if let Value::Object(fields) = &mut value {
        fields.remove("text");
        fields.remove("primary");
        fields.insert("message".into(), json!(diagnostic.message));
        fields.insert("labels".into(), json!(labels));
        fields.insert("help".into(), json!(diagnostic.help));
    }
    value
}

fn label_json(label: &Label, sources: &SourceMap) -> Value {
    let span = label.span;
    let file = sources.get(span.source).map(|source| source.name.as_str());
    let (line, column) = sources.line_and_column(span.source, span.start);
    let (end_line, end_column) = sources.line_and_column(span.source, span.end);
    json!({
        "file": file,
        "line": line,
        "column": column,
        "end": { "line": end_line, "column": end_column },
        "text": label.text,
        "primary": label.primary,
    })
}
