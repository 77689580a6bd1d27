//! Diagnostics as text in the manner of `rustc`, drawn by `annotate-snippets`.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Severity, SourceId, SourceMap, Span};

/// Longer lines (a whole file on one line) are cut around the label, so that no error floods the screen.
const WIDTH: usize = 140;

/// Renders all findings, errors first, with a blank line between them and a closing count.
#[must_use]
pub fn render_all(diagnostics: &Diagnostics, sources: &SourceMap, color: bool) -> String {
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    // Errors before warnings, then in reading order: by file and by place.
    ordered.sort_by_key(|d| (d.severity, d.labels.first().map(|l| l.span)));
    let mut text = String::new();
    for diagnostic in &ordered {
        text.push_str(&render(diagnostic, sources, color));
        text.push_str("\n\n");
    }
    text
}

/// `2 errors, 1 warning`.
#[must_use]
pub fn count(diagnostics: &Diagnostics) -> String {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (diagnostics.errors(), diagnostics.warnings()) {
        (e, 0) => plural(e, "error"),
        (0, w) => plural(w, "warning"),
        (e, w) => format!("{}, {}", plural(e, "error"), plural(w, "warning")),
    }
}

/// Renders one finding.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group: Group<'_> = Group::with_title(level.primary_title(diagnostic.message.as_str()));
    for id in labelled_sources(diagnostic) {
        group = add_source(group, diagnostic, sources, id);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH).render(&[group])
}

fn labelled_sources(diagnostic: &Diagnostic) -> Vec<SourceId> {
    let mut ids = Vec::new();
    for label in &diagnostic.labels {
        if !ids.contains(&label.span.source) {
            ids.push(label.span.source);
        }
    }
    ids
}

fn add_source<'a>(group: Group<'a>, diagnostic: &'a Diagnostic, sources: &'a SourceMap, id: SourceId) -> Group<'a> {
    let Some(source) = sources.get(id) else { return group };
    // A file that could not be read has no text: only its name can be shown.
    if source.text.is_empty() {
        return group.element(Origin::path(source.name.as_str()));
    }
    let annotations = diagnostic.labels.iter().filter(|l| l.span.source == id).map(|label| {
        let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        annotation(kind, visible(label.span, &source.text), &label.text)
    });
    let snippet: Snippet<'a, Annotation<'a>> =
        Snippet::source(&*source.text).path(source.name.as_str()).annotations(annotations);
    group.element(snippet)
}

fn annotation(kind: AnnotationKind, span: std::ops::Range<usize>, text: &str) -> Annotation<'_> {
    let annotation = kind.span(span);
    if text.is_empty() { annotation } else { annotation.label(text) }
}

/// A span as a range that lies on character boundaries of the text and does not run over a line's end.
fn visible(span: Span, text: &str) -> std::ops::Range<usize> {
    let mut start = (span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (span.end as usize).clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    if let Some(newline) = text[start..end].find('\n') {
        end = start + newline;
    }
    start..end
}
