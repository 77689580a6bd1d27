//! What the YAML parser says, in words for those who write our files.

use serde_saphyr::Error;

use super::tree::{MAX_DEPTH, MAX_NODES, span_of};
use crate::diagnostic::{Diagnostic, SourceId, Span};

/// What is wrong with a text that is not YAML, and where.
pub(super) fn error(error: &Error, text: &str, source: SourceId) -> Diagnostic {
    let error = error.without_snippet();
    let span = error.location().map_or(Span { source, start: 0, end: 0 }, |l| span_of(l, text, source));
    if matches!(error, Error::MultipleDocuments { .. }) {
        return Diagnostic::error("a file holds one YAML document, this one has more")
            .at(span, "a second document starts here")
            .help("remove the `---` line, or put the second document into a file of its own");
    }
    // The parser wraps an error inside an alias into others; its text is the same in all of them.
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or(&full);
    if ["budget", "recursion limit", "alias replay", "alias expansion"].iter().any(|w| message.contains(w)) {
        return Diagnostic::error("this YAML is too large or too deeply nested to be an imcost file")
            .at(span, "the limit is passed here")
            .help(format!("at most {MAX_NODES} values (aliases expanded) and {MAX_DEPTH} levels are read"));
    }
    let (message, help) = in_plain_words(message);
    let line_start = text[..span.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    Diagnostic::error(format!("not valid YAML: {message}"))
        .at(span, "the parser stopped here")
        .maybe_help(unusual_character(line).or(help.map(str::to_owned)))
}

/// What the parser says, for someone who does not know its words, and what to do.
fn in_plain_words(message: &str) -> (&str, Option<&str>) {
    const COLON: &str = "write `key: value`, with a colon and a space";
    const CLOSE: &str = "is a bracket, a brace or a quote before it not closed?";
    match message {
        m if m.contains("simple key expected ':'") => ("a key without a value", Some(COLON)),
        m if m.contains("mapping values are not allowed") => {
            ("a second `: ` on one line", Some("put a text that has a colon in it into quotes"))
        }
        m if m.contains("illegal placement of ':'") => ("a `:` cannot stand here", Some(CLOSE)),
        m if m.contains("expected string scalar") || m.contains("deserialize null into string") => {
            ("a key must be a plain text", Some(COLON))
        }
        m if m.contains("did not find expected key") => (
            "this line is indented less than its list or more than its mapping",
            Some("give lines of one kind the same indentation"),
        ),
        m if m.contains("recursive references") => ("an alias inside the value that it names", None),
        m if m.contains("tabs disallowed") => ("a tab in the indentation", Some("indent with spaces")),
        m if m.contains("unknown anchor") => ("this alias has no anchor", Some("define it before, with `&name`")),
        other => (other, None),
    }
}

/// A character that looks like another and is why the line cannot be read.
fn unusual_character(line: &str) -> Option<String> {
    let (c, name) = line.chars().find_map(|c| match c {
        '\u{a0}' | '\u{202f}' | '\u{2007}' => Some((c, "no-break space")),
        '\u{200b}' | '\u{feff}' => Some((c, "zero-width space")),
        '\u{ff1a}' => Some((c, "full-width colon")),
        '\u{2018}'..='\u{201f}' => Some((c, "typographic quote")),
        _ => None,
    })?;
    Some(format!("the line has a {name} (U+{:04X}): type an ordinary one", u32::from(c)))
}
