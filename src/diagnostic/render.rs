//! Diagnostics as text in the manner of `rustc`, drawn by `annotate-snippets`.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::clean::clean;
use super::{Diagnostic, Diagnostics, Label, SourceMap, Span};

/// Longer lines (a whole file on one line) are cut around the label, so that no error floods the screen.
const WIDTH: usize = 140;

/// Nobody reads further, and a file of a hundred thousand mistakes should still be answered at once.
const SHOWN: usize = 200;

/// Marks further apart than this many bytes are shown as two pieces of the file.
const FAR: usize = 20_000;

/// A message that repeats what a file says must not fill the screen with it.
const LONGEST_TEXT: usize = 600;

/// Renders the mistakes with a blank line between them.
#[must_use]
pub fn render_all(diagnostics: &Diagnostics, sources: &SourceMap, color: bool) -> String {
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    // In reading order: by file and by place.
    ordered.sort_by_key(|d| d.labels.first().map(|l| l.span));
    let mut text = String::new();
    for diagnostic in ordered.iter().take(SHOWN) {
        text.push_str(&render(diagnostic, sources, color));
        text.push_str("\n\n");
    }
    if ordered.len() > SHOWN {
        text.push_str(&format!("{} more are not shown: mend these first\n\n", ordered.len() - SHOWN));
    }
    text
}

/// `2 errors`.
#[must_use]
pub fn count(diagnostics: &Diagnostics) -> String {
    let errors = diagnostics.errors();
    format!("{errors} error{}", if errors == 1 { "" } else { "s" })
}

/// Renders one mistake.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let diagnostic = &shortened(diagnostic);
    let mut group: Group<'_> = Group::with_title(Level::ERROR.primary_title(diagnostic.message.as_str()));
    for piece in pieces(diagnostic) {
        group = add_piece(group, &piece, sources);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH).render(&[group])
}

fn shortened(diagnostic: &Diagnostic) -> Diagnostic {
    let mut short = diagnostic.clone();
    let labels = short.labels.iter_mut().map(|label| &mut label.text);
    for text in labels.chain(&mut short.help).chain([&mut short.message]) {
        if let Cow::Owned(cleaned) = clean(text) {
            *text = cleaned;
        }
        if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
            text.truncate(end);
            text.push('…');
        }
    }
    short
}

/// The labels that are drawn together: those of one source that are not far apart. The piece of the primary label comes first.
fn pieces(diagnostic: &Diagnostic) -> Vec<Vec<&Label>> {
    let mut pieces: Vec<Vec<&Label>> = Vec::new();
    for label in &diagnostic.labels {
        let near = |piece: &&mut Vec<&Label>| {
            piece.iter().any(|other| {
                other.span.source == label.span.source && other.span.start.abs_diff(label.span.start) as usize <= FAR
            })
        };
        match pieces.iter_mut().find(near) {
            Some(piece) => piece.push(label),
            None => pieces.push(vec![label]),
        }
    }
    pieces
}

fn add_piece<'a>(group: Group<'a>, labels: &[&'a Label], sources: &'a SourceMap) -> Group<'a> {
    let Some(source) = labels.first().and_then(|label| sources.get(label.span.source)) else { return group };
    // A file that could not be read has no text: only its name can be shown.
    if source.text.is_empty() {
        return group.element(Origin::path(source.name.as_str()));
    }
    let marked: Vec<(Range<usize>, &Label)> = labels.iter().map(|l| (visible(l.span, &source.text), *l)).collect();
    let window = lines_around(&marked, &source.text);
    let first = window.start;
    let annotations = marked.into_iter().map(|(span, label)| {
        let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        annotation(kind, span.start - first..span.end - first, &label.text)
    });
    let line = source.text[..first].matches('\n').count() + 1;
    let snippet: Snippet<'a, Annotation<'a>> =
        Snippet::source(&source.text[window]).line_start(line).path(source.name.as_str()).annotations(annotations);
    group.element(snippet)
}

/// The whole lines on which the marks are: the renderer looks at every byte that it is given.
fn lines_around(marked: &[(Range<usize>, &Label)], text: &str) -> Range<usize> {
    let start = marked.iter().map(|(span, _)| span.start).min().unwrap_or(0);
    let end = marked.iter().map(|(span, _)| span.end).max().unwrap_or(text.len());
    let start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[end..].find(['\r', '\n']).map_or(text.len(), |newline| end + newline);
    start..end
}

fn annotation(kind: AnnotationKind, span: Range<usize>, text: &str) -> Annotation<'_> {
    let annotation = kind.span(span);
    if text.is_empty() { annotation } else { annotation.label(text) }
}

/// A span as a range that lies on character boundaries of the text and does not run over a line's end.
fn visible(span: Span, text: &str) -> Range<usize> {
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
