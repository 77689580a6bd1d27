//! The tree of a document without peculiarities, straight from the parser's events: three times as fast as by way of serde.
//!
//! Whatever is wrong, or could be read in two ways, is left to the thorough reader, whose tree this one's equals.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span as EventSpan};

use super::tree::{MAX_DEPTH, Value, YamlEntry, YamlNode, open_formula};
use crate::diagnostic::{SourceId, Span};

/// A document with more values than this, aliases expanded, is left to the reader that counts them.
const MAX_NODES: usize = 50_000;

/// The most keys of one mapping.
const MAX_KEYS: usize = 500;

/// The tree of a document; none where the thorough reader has to look at it.
pub(super) fn tree(text: &str, source: SourceId) -> Option<YamlNode> {
    if text.starts_with('\u{feff}') {
        return None;
    }
    let mut reader =
        QuickReader { parser: Parser::new_from_str(text), source, anchors: HashMap::new(), left: MAX_NODES };
    matches!(reader.next()?.0, Event::StreamStart).then_some(())?;
    matches!(reader.next()?.0, Event::DocumentStart(false, None)).then_some(())?;
    let (event, span) = reader.next()?;
    let root = reader.node(event, &span, MAX_DEPTH / 2)?;
    matches!(reader.next()?.0, Event::DocumentEnd).then_some(())?;
    matches!(reader.next()?.0, Event::StreamEnd).then_some(root)
}

struct QuickReader<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    source: SourceId,
    /// Values with an anchor and how many values each holds.
    anchors: HashMap<usize, (YamlNode, usize)>,
    /// How many more values may come.
    left: usize,
}

impl<'t> QuickReader<'t> {
    fn next(&mut self) -> Option<(Event<'t>, EventSpan)> {
        self.parser.next_event()?.ok()
    }

    fn span(&self, span: &EventSpan) -> Option<Span> {
        let byte = |marker: granit_parser::Marker| u32::try_from(marker.byte_offset()?).ok();
        Some(Span { source: self.source, start: byte(span.start)?, end: byte(span.end)? })
    }

    fn node(&mut self, event: Event<'t>, at: &EventSpan, depth: usize) -> Option<YamlNode> {
        self.left = self.left.checked_sub(1)?;
        let before = self.left;
        let span = self.span(at)?;
        let depth = depth.checked_sub(1)?;
        let (value, anchor) = match event {
            // The parser writes a tilde for what is not there.
            Event::Scalar(text, ScalarStyle::Plain, anchor, None) if text == "~" && span.start == span.end => {
                (Value::Null, anchor)
            }
            Event::Scalar(text, ScalarStyle::Plain, anchor, None) => (plain(&text)?, anchor),
            // What blank lines at the end of a block belong to is not this reader's business.
            Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) => return None,
            Event::Scalar(text, _, anchor, None) => (Value::Text(text.into_owned()), anchor),
            Event::SequenceStart(_, anchor, None) => (Value::Sequence(self.items(depth)?), anchor),
            Event::MappingStart(_, anchor, None) => (Value::Mapping(self.entries(depth)?), anchor),
            Event::Alias(anchor) => {
                let (node, count) = self.anchors.get(&anchor)?;
                let node = node.clone();
                self.left = self.left.checked_sub(*count)?;
                return Some(node);
            }
            _ => return None,
        };
        let node = YamlNode { span, value };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), before - self.left + 1));
        }
        Some(node)
    }

    fn items(&mut self, depth: usize) -> Option<Vec<YamlNode>> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Some(items),
                (event, span) => items.push(self.node(event, &span, depth)?),
            }
        }
    }

    /// The entries of a mapping: its own in their order, then what it merges in.
    fn entries(&mut self, depth: usize) -> Option<Vec<YamlEntry>> {
        let mut entries: Vec<YamlEntry> = Vec::new();
        let mut merged = Vec::new();
        loop {
            let (key, key_span) = match self.next()? {
                (Event::MappingEnd, _) => break,
                (Event::Scalar(key, ScalarStyle::Plain, 0, None), span) => {
                    // A key that reads as a number or as nothing.
                    matches!(plain(&key)?, Value::Text(_)).then_some((key, span))?
                }
                _ => return None,
            };
            self.left = self.left.checked_sub(1)?;
            let (event, span) = self.next()?;
            if key == "<<" {
                let Event::Alias(_) = event else { return None };
                let Value::Mapping(base) = self.node(event, &span, depth)?.value else { return None };
                merged.push(base);
                continue;
            }
            let key_span = self.span(&key_span)?;
            let mut value = self.node(event, &span, depth)?;
            let twice = entries.iter().any(|entry| entry.key == key);
            // Some of these are mistakes that have an answer of their own, and a long mapping is no business of two loops.
            if twice || entries.len() > MAX_KEYS || open_formula(&mut value).is_some() {
                return None;
            }
            entries.push(YamlEntry { key: key.into_owned(), key_span, value });
        }
        for entry in merged.into_iter().flatten() {
            if entries.iter().all(|own| own.key != entry.key) {
                entries.push(entry);
            }
        }
        Some(entries)
    }
}

/// What a plain scalar is; none where readers of YAML differ.
fn plain(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    if matches!(text, "" | "~") {
        return None;
    }
    if is_number(text) {
        return Some(Value::Number(text.to_owned()));
    }
    (!names_truth_or_nothing(text) && !may_be_number(text) && !text.contains('\n')).then_some(())?;
    Some(Value::Text(text.to_owned()))
}

/// The names that some readers of YAML have for true, false and nothing.
fn names_truth_or_nothing(text: &str) -> bool {
    const NAMES: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.len() <= 5 && NAMES.contains(&text.to_ascii_lowercase().as_str())
}

/// What could be a number in some notation: hexadecimal, with an exponent, with separators, of minutes and hours.
fn may_be_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']);
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned);
    let in_digits = |b: u8| b.is_ascii_hexdigit() || b"xXoO_+-.:".contains(&b);
    let is_named = unsigned.starts_with('.') && ["inf", "nan"].contains(&digits.to_ascii_lowercase().as_str());
    is_named
        || (digits.starts_with(|c: char| c.is_ascii_digit()) && digits.bytes().all(in_digits) && !text.contains(".."))
}

/// A number in decimal notation, as JSON has it, without an exponent and of at most 15 digits.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    all_digits(whole) && all_digits(part) && !leading_zero && text.len() <= 16
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostics, Partial};
    use crate::files::shipped;
    use crate::yaml::tree::parse_thoroughly;
    use proptest::prelude::*;

    fn thorough(text: &str) -> Option<YamlNode> {
        let mut diagnostics = Diagnostics::default();
        let node = parse_thoroughly(text, SourceId::default(), &mut diagnostics).and_then(Partial::whole).ok();
        node.filter(|_| diagnostics.is_empty())
    }

    /// True if the quick reader took it; what it took is what the thorough one reads.
    fn agrees(text: &str) -> bool {
        let Some(quick) = tree(text, SourceId::default()) else { return false };
        assert_eq!(Some(quick), thorough(text), "{text}");
        true
    }

    #[test]
    fn every_shipped_file_is_read_quickly_and_as_the_thorough_reader_does() {
        for (path, text) in shipped::FILES.iter().filter(|(path, _)| path.ends_with(".yaml")) {
            assert!(agrees(text) || path.starts_with("cases/"), "{path}");
        }
    }

    #[test]
    fn every_bad_file_is_read_alike_or_left_to_the_thorough_reader() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
        let texts = std::fs::read_dir(folder).unwrap().filter_map(|e| std::fs::read_to_string(e.unwrap().path()).ok());
        let read = texts.filter(|text| agrees(text)).count();
        assert!(read > 150, "{read}");
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_left_to_the_thorough_reader() {
        for value in [
            "yes",
            "No",
            "NULL",
            "~",
            "0x10",
            "0o7",
            "1_000",
            "1e3",
            ".5",
            "5.",
            "+3",
            "007",
            "1:30",
            ".inf",
            "-.INF",
            ".nan",
            "1.5e-3",
            "2024-01-01",
            "!!str 3",
            "|\n  text",
            "12345678901234567890",
            "True",
        ] {
            assert_eq!(tree(&format!("a: {value}\n"), SourceId::default()), None, "{value}");
        }
        for text in [
            "a: 1\na: 2\n",
            "---\na: 1\n",
            "a: 1\n---\nb: 2\n",
            "3: a\n",
            "? [1]\n: a\n",
            "a: { f: = min(1, 2) }\n",
            "a: [",
            "x: &x { <<: { a: 1 } }",
        ] {
            assert_eq!(tree(text, SourceId::default()), None, "{text}");
        }
    }

    #[test]
    fn what_is_plain_is_read_quickly() {
        for text in [
            "a: 64 uW\nb: -2.50\nc: 0\nd: true\ne:\nf: adc-8b\ng: = 13 lambda x 30\nh: 50%\n",
            "a: &x { b: 1, c: [2, \"3 µm\", 'don''t'] }\nd: *x\ne: { <<: *x, c: 5, f: 6 }\ng:\n  - *x\n  - { <<: *x }\n",
            "µ: 1\nb: 64 µW # a comment\n\nc:\n  - d: é\n    e: f\n",
            "a: \"b\\n\\u00b5 c\"\nb: two\n  lines\nc: [ ]\nd: {}\n",
            "a: b\r\nc:\r\n  d: 3 nm\r\n",
        ] {
            assert!(agrees(text) || text.contains("two\n"), "{text}");
        }
    }

    fn scalar() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-zA-Z0-9.+~%=_:-]{0,6}",
            "[0-9]{1,4}(\\.[0-9]{1,3})?",
            "[a-z]{1,4} [a-z0-9]{1,4}",
            "\"[a-zµ ]{0,5}\""
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_read_quickly_is_read_alike(scalars in prop::collection::vec(scalar(), 6)) {
            let [a, b, c, d, e, f] = &scalars[..] else { panic!("six") };
            agrees(&format!("{a}: {b}\nx:\n  - {c}\n  - y: {d}\n    z: [{e}, {f}]\nw: {{ k: {b}, l: {d} }}\n"));
        }
    }
}
