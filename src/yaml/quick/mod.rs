//! The tree of a document in the plain part of YAML that our files are written in, line by line: many times as fast as the whole language.
//!
//! Whatever is wrong, unusual, or could be read in two ways is left to the thorough reader, whose tree this one's equals.

use std::collections::HashMap;

use crate::diagnostic::{SourceId, Span};
use crate::yaml::tree::{MAX_DEPTH, MAX_NODES, Value, YamlEntry, YamlNode, open_formula};

/// The most keys of one mapping.
const MAX_KEYS: usize = 500;

/// What a plain text may not begin with, be it that it means something or that it is easily mistaken.
const SIGNS: &[char] =
    &['-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '<', ' '];

/// The tree of a document; none where the thorough reader has to look at it.
pub(super) fn tree(text: &str, source: SourceId) -> Option<YamlNode> {
    let is_simple = |byte: u8| matches!(byte, b'\n' | b' '..=b'~');
    (text.bytes().all(is_simple) || text.chars().all(is_ordinary)).then_some(())?;
    let mut reader = QuickReader { text, source, at: 0, line: 0, column: 0, anchors: HashMap::new(), left: MAX_NODES };
    reader.next_line(0);
    let root = (reader.column == 0 && !reader.at_end()).then(|| reader.mapping(MAX_DEPTH / 2))??;
    reader.at_end().then_some(root)
}

/// No control character, no break but a newline, nothing that readers of YAML refuse or drop.
fn is_ordinary(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}')
}

struct QuickReader<'t> {
    text: &'t str,
    source: SourceId,
    /// Where reading goes on.
    at: usize,
    /// Where the line begins that this is on.
    line: usize,
    /// How far what stands there is from the beginning of its line. Only told of the first thing of a line, and of an item after its dash.
    column: usize,
    /// Values with a name and how many values each holds.
    anchors: HashMap<&'t str, (YamlNode, usize)>,
    /// How many more values may come.
    left: usize,
}

impl<'t> QuickReader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn at_item(&self) -> bool {
        self.rest().starts_with("- ")
    }

    fn span(&self, start: usize, end: usize) -> Option<Span> {
        Some(Span { source: self.source, start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(' ').len();
    }

    /// Goes to the first thing of the first line from here on that has one.
    fn next_line(&mut self, start: usize) {
        self.at = start;
        loop {
            self.line = self.at;
            self.skip_spaces();
            self.column = self.at - self.line;
            match self.rest().bytes().next() {
                Some(b'#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                Some(b'\n') => {}
                _ => return,
            }
            self.at = (self.at + 1).min(self.text.len());
        }
    }

    /// True if nothing but a comment follows on this line.
    fn line_is_over(&self) -> bool {
        let left = self.rest().trim_start_matches(' ');
        left.is_empty()
            || left.starts_with('\n')
            || (left.starts_with('#') && self.text[..self.text.len() - left.len()].ends_with(' '))
    }

    /// Goes on to the next line; none where this one is not over.
    fn end_line(&mut self) -> Option<()> {
        let rest = self.line_is_over().then(|| self.rest())?;
        self.next_line(self.at + rest.find('\n').map_or(rest.len(), |newline| newline + 1));
        Some(())
    }

    /// The entries of a block mapping that begins here.
    fn mapping(&mut self, depth: usize) -> Option<YamlNode> {
        let depth = depth.checked_sub(1)?;
        self.left = self.left.checked_sub(1)?;
        let (start, column) = (self.at, self.column);
        let (mut entries, mut merged) = (Vec::new(), Vec::new());
        while !self.at_end() && self.column >= column {
            // What stands deeper goes on with a text.
            (self.column == column).then_some(())?;
            if self.at_merge() {
                merged.extend(self.merged()?);
                self.end_line()?;
                continue;
            }
            let (key, key_span) = self.key()?;
            let value = self.anchored(|reader| {
                if reader.line_is_over() {
                    reader.end_line()?;
                    return reader.block_below(column, depth);
                }
                let value = reader.inline(depth, false)?;
                reader.end_line()?;
                Some(value)
            })?;
            push(&mut entries, YamlEntry { key, key_span, value })?;
        }
        Some(YamlNode { span: self.span(start, start)?, value: with_merged(entries, merged) })
    }

    /// The block that a key of this column is followed by; none where the key has no value.
    fn block_below(&mut self, column: usize, depth: usize) -> Option<YamlNode> {
        if self.at_item() {
            (self.column >= column).then(|| self.sequence(column, depth))?
        } else {
            (!self.at_end() && self.column > column).then(|| self.mapping(depth))?
        }
    }

    /// The items of a block sequence that begins here, below a key of this column.
    fn sequence(&mut self, key_column: usize, depth: usize) -> Option<YamlNode> {
        let depth = depth.checked_sub(1)?;
        self.left = self.left.checked_sub(1)?;
        let (mut start, column) = (self.at, self.column);
        let mut items = Vec::new();
        while self.at_item() && self.column == column {
            self.at += 1;
            self.skip_spaces();
            self.column = self.at - self.line;
            if items.is_empty() && column == key_column {
                // The thorough reader's place of a list that stands no deeper than its key.
                start = self.at;
            }
            if self.key_len().is_some() {
                items.push(self.mapping(depth)?);
            } else {
                items.push(self.inline(depth, false)?);
                self.end_line()?;
            }
        }
        // What stands deeper goes on with a text, what stands no deeper than a dash is no item.
        (self.at_end() || self.column <= column).then_some(())?;
        Some(YamlNode { span: self.span(start, start)?, value: Value::Sequence(items) })
    }

    /// A value that may have a name first.
    fn anchored(&mut self, value: impl FnOnce(&mut Self) -> Option<YamlNode>) -> Option<YamlNode> {
        self.skip_spaces();
        if !self.rest().starts_with('&') {
            return value(self);
        }
        let name = self.name(&[' ', '\n'])?;
        self.skip_spaces();
        (!self.rest().starts_with(['&', '*'])).then_some(())?;
        let before = self.left;
        let node = value(self)?;
        self.anchors.insert(name, (node.clone(), before - self.left));
        Some(node)
    }

    /// The value of the name that stands here after its asterisk.
    fn alias(&mut self) -> Option<YamlNode> {
        let name = self.name(&[' ', '\n', ',', ']', '}'])?;
        let (node, count) = self.anchors.get(name)?;
        self.left = self.left.checked_sub(*count)?;
        Some(node.clone())
    }

    /// The name after the sign that stands here, before one of these.
    fn name(&mut self, before: &[char]) -> Option<&'t str> {
        let rest = &self.rest()[1..];
        let len = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
        let (name, after) = rest.split_at(len);
        self.at += 1 + len;
        (len > 0 && (after.is_empty() || after.starts_with(before))).then_some(name)
    }

    fn at_merge(&self) -> bool {
        self.rest().starts_with("<<: *")
    }

    /// The entries of another mapping that are merged into this one.
    fn merged(&mut self) -> Option<Vec<YamlEntry>> {
        self.left = self.left.checked_sub(1)?;
        self.at += "<<: ".len();
        match self.alias()?.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The length of the key that begins here.
    fn key_len(&self) -> Option<usize> {
        let rest = self.rest();
        rest.starts_with(|c: char| c.is_alphabetic() || c == '_').then_some(())?;
        let len = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))?;
        let after = &rest[len..];
        (after.starts_with(": ") || after.starts_with(":\n")).then_some(len)
    }

    /// A key and what comes before its value.
    fn key(&mut self) -> Option<(String, Span)> {
        self.left = self.left.checked_sub(1)?;
        let len = self.key_len()?;
        let key = &self.rest()[..len];
        (!names_truth_or_nothing(key)).then_some(())?;
        let span = self.span(self.at, self.at + len)?;
        self.at += len + 1;
        Some((key.to_owned(), span))
    }

    /// A value that stands on this line, between brackets or braces if `inside`.
    fn inline(&mut self, depth: usize, inside: bool) -> Option<YamlNode> {
        self.left = self.left.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        self.skip_spaces();
        let start = self.at;
        let first = self.rest().chars().next()?;
        let value = match first {
            '[' => Value::Sequence(self.flow(']', |reader, items| {
                items.push(reader.inline(depth, true)?);
                Some(())
            })?),
            '{' => {
                let mut merged = Vec::new();
                let entries = self.flow('}', |reader, entries| {
                    if reader.at_merge() {
                        merged.extend(reader.merged()?);
                        return Some(());
                    }
                    let (key, key_span) = reader.key()?;
                    let value = reader.anchored(|reader| reader.inline(depth, true))?;
                    push(entries, YamlEntry { key, key_span, value })
                })?;
                with_merged(entries, merged)
            }
            '*' => return self.alias(),
            '"' | '\'' => Value::Text(self.quoted(first)?),
            _ => self.plain_text(inside)?,
        };
        // A list or a mapping is where it begins.
        let end = if matches!(first, '[' | '{') { start + 1 } else { self.at };
        Some(YamlNode { span: self.span(start, end)?, value })
    }

    /// What stands between brackets or braces on one line, with commas between.
    fn flow<T>(&mut self, close: char, mut item: impl FnMut(&mut Self, &mut Vec<T>) -> Option<()>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        let mut first = true;
        loop {
            self.at += 1;
            self.skip_spaces();
            if std::mem::take(&mut first) && self.rest().starts_with(close) {
                break;
            }
            item(self, &mut items)?;
            self.skip_spaces();
            if self.rest().starts_with(close) {
                break;
            }
            self.rest().starts_with(',').then_some(())?;
        }
        self.at += 1;
        Some(items)
    }

    /// A text in quotes without anything that stands for something else.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let inner = &self.rest()[1..];
        let text = &inner[..inner.find([quote, '\\', '\n'])?];
        self.at += text.len() + 2;
        // Two quotes stand for one; what stands next to a quote is another mistake.
        let ends = self.text[..self.at].ends_with(quote);
        let rest = self.rest();
        (ends && (rest.is_empty() || rest.starts_with([' ', '\n', ',', ']', '}']))).then(|| text.to_owned())
    }

    fn plain_text(&mut self, inside: bool) -> Option<Value> {
        let rest = self.rest();
        let negative = rest.starts_with('-') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
        (negative || !rest.starts_with(SIGNS)).then_some(())?;
        let text = if inside {
            // The end of the line may be far: a list of a hundred thousand layers may stand on one.
            let (text, after) = rest.split_at(rest.find([',', '[', ']', '{', '}', '\n'])?);
            (!after.starts_with('\n') && !text.contains([':', '#', '"', '\''])).then_some(text)?
        } else {
            block_text(rest)?
        };
        let text = text.trim_end_matches(' ');
        self.at += text.len();
        plain(text)
    }
}

/// A mapping: its own entries in their order, then those that are merged in.
fn with_merged(mut entries: Vec<YamlEntry>, merged: Vec<YamlEntry>) -> Value {
    for entry in merged {
        if entries.iter().all(|own| own.key != entry.key) {
            entries.push(entry);
        }
    }
    Value::Mapping(entries)
}

/// Adds an entry; none where that is not for this reader.
fn push(entries: &mut Vec<YamlEntry>, mut entry: YamlEntry) -> Option<()> {
    let twice = entries.iter().any(|other| other.key == entry.key);
    // Some of these are mistakes that have an answer of their own, and a long mapping is no business of two loops.
    if twice || entries.len() > MAX_KEYS || open_formula(&mut entry.value).is_some() {
        return None;
    }
    entries.push(entry);
    Some(())
}

/// What of a line is one plain text; none where a colon makes it something else.
fn block_text(line: &str) -> Option<&str> {
    let bytes = line.as_bytes();
    let mut before = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' => return Some(&line[..at]),
            b'#' if before == b' ' => return Some(&line[..at]),
            b':' if matches!(bytes.get(at + 1), None | Some(b' ' | b'\n')) => return None,
            _ => before = byte,
        }
    }
    Some(line)
}

/// What a plain scalar is; none where readers of YAML differ.
fn plain(text: &str) -> Option<Value> {
    let first = text.bytes().next()?;
    let known = if first.is_ascii_digit() || b"+-.".contains(&first) {
        if is_number(text) {
            return Some(Value::Number(text.to_owned()));
        }
        !may_be_number(text)
    } else {
        match text {
            "true" => return Some(Value::Bool(true)),
            "false" => return Some(Value::Bool(false)),
            _ => text != "~" && !names_truth_or_nothing(text),
        }
    };
    known.then(|| Value::Text(text.to_owned()))
}

/// The names that some readers of YAML have for true, false and nothing.
fn names_truth_or_nothing(text: &str) -> bool {
    const NAMES: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.len() <= 5 && NAMES.iter().any(|name| name.eq_ignore_ascii_case(text))
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
mod tests;
