//! The tree of a YAML document, every node with its span.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned, options::DuplicateKeyPolicy, options::NonFiniteFloatPolicy};

use super::{quick, syntax};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, SourceId, Span, suggest};

/// An architecture has some dozens of nodes, a large library some thousands.
pub const MAX_NODES: usize = 600_000;
/// Nothing in the language nests deeper than 6.
pub const MAX_DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlNode {
    /// Where the value stands; zero-width at the start for a block mapping or sequence.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// What a YAML node can be. Scalars keep their text: units and precision are read from what was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `~`, `null` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A plain number, as written.
    Number(String),
    /// Any other scalar.
    Text(String),
    /// A list.
    Sequence(Vec<YamlNode>),
    /// A mapping, in file order; keys are unique.
    Mapping(Vec<YamlEntry>),
}

/// One `key: value` of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlEntry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: YamlNode,
}

impl YamlNode {
    /// The value as a reader would name it in an error.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Null => "nothing".into(),
            Value::Bool(b) => format!("`{b}`"),
            Value::Number(text) => format!("the number `{text}`"),
            Value::Text(text) => format!("the text `{text}`"),
            Value::Sequence(_) => "a list".into(),
            Value::Mapping(_) => "a mapping".into(),
        }
    }

    /// The value of a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&YamlNode> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.value),
            _ => None,
        }
    }

    /// The value of a key, or of one that is a slip of it, which is reported where the keys are read.
    #[must_use]
    pub fn get_meant(&self, key: &str) -> Option<&YamlNode> {
        let slip = || self.keys().find(|other| suggest::is_slip(other, key)).and_then(|other| self.get(other));
        self.get(key).or_else(slip)
    }
}

impl YamlNode {
    /// The keys of a mapping.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let entries: &[YamlEntry] = match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        };
        entries.iter().map(|entry| entry.key.as_str())
    }

    /// Adds all keys and texts under this node: whatever could be a name.
    pub fn collect_words<'n>(&'n self, words: &mut BTreeSet<&'n str>) {
        match &self.value {
            Value::Text(text) | Value::Number(text) => {
                words.insert(text);
            }
            Value::Sequence(items) => items.iter().for_each(|item| item.collect_words(words)),
            Value::Mapping(entries) => entries.iter().for_each(|entry| {
                words.insert(&entry.key);
                entry.value.collect_words(words);
            }),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The mapping with only the wanted entries in these of its sections; none where that is all of it.
    #[must_use]
    pub fn with_entries(&self, sections: &[&str], wanted: impl Fn(&str) -> bool) -> Option<Self> {
        let Value::Mapping(parts) = &self.value else { return None };
        let in_section = |part: &YamlEntry| sections.contains(&part.key.as_str());
        if parts.iter().filter(|part| in_section(part)).flat_map(|part| part.value.keys()).all(&wanted) {
            return None;
        }
        let cut = |part: &YamlEntry| match &part.value.value {
            Value::Mapping(entries) if in_section(part) => {
                let kept = entries.iter().filter(|entry| wanted(&entry.key)).cloned().collect();
                let value = Self { span: part.value.span, value: Value::Mapping(kept) };
                YamlEntry { key: part.key.clone(), key_span: part.key_span, value }
            }
            _ => part.clone(),
        };
        Some(Self { span: self.span, value: Value::Mapping(parts.iter().map(cut).collect()) })
    }
}

/// Parses one document. Duplicate keys are all reported, and the tree has their first value; a syntax error ends the parse.
///
/// # Errors
/// The text is not YAML.
pub fn parse(text: &str, source: SourceId, diagnostics: &mut Diagnostics) -> Checked<Partial<YamlNode>> {
    match quick::tree(text, source) {
        Some(tree) => Ok(Partial::right(tree)),
        None => parse_thoroughly(text, source, diagnostics),
    }
}

pub(super) fn parse_thoroughly(
    text: &str,
    source: SourceId,
    diagnostics: &mut Diagnostics,
) -> Checked<Partial<YamlNode>> {
    let mark = diagnostics.mark();
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: MAX_NODES, max_depth: MAX_DEPTH, max_events: 4 * MAX_NODES },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => {
            let tree = Builder { text, source, diagnostics }.node(raw);
            Ok(diagnostics.partial(mark, tree))
        }
        Err(error) => Err(diagnostics.push(syntax::error(&error, text, source))),
    }
}

/// Bytes are known for most places; where only characters are, they are counted out.
pub(super) fn span_of(location: Location, text: &str, source: SourceId) -> Span {
    let span = location.span();
    let to_u32 = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let bytes = span.byte_offset().zip(span.byte_len()).map(|(o, l)| (o as usize, (o + l) as usize));
    let (start, end) = bytes.unwrap_or_else(|| {
        let byte_at = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(i, _)| i);
        let first = byte_at(span.offset() as usize);
        (first, byte_at((span.offset() + span.len()) as usize))
    });
    Span { source, start: to_u32(start), end: to_u32(end) }
}

/// The shape in which serde hands the document over, before spans are resolved.
enum Raw {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Sequence(Vec<Spanned<Raw>>),
    Mapping(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }
    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }
    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }
    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::Sequence(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Mapping(entries))
    }
}

impl Raw {
    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// The text of a formula that has more opening than closing parentheses.
pub(super) fn open_formula(node: &mut YamlNode) -> Option<&mut String> {
    let Value::Text(text) = &mut node.value else { return None };
    let count = |c: char| text.matches(c).count();
    (text.starts_with('=') && count('(') > count(')')).then_some(text)
}

struct Builder<'a> {
    text: &'a str,
    source: SourceId,
    diagnostics: &'a mut Diagnostics,
}

impl Builder<'_> {
    fn node(&mut self, raw: Spanned<Raw>) -> YamlNode {
        let span = span_of(raw.defined, self.text, self.source);
        let written = || self.text.get(span.start as usize..span.end as usize).filter(|t| !t.is_empty());
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Bool(b) => Value::Bool(b),
            // The parser has already rounded the number; what was written is exact.
            Raw::Number(text) => Value::Number(written().map_or(text, str::to_owned)),
            Raw::Text(text) => Value::Text(text),
            Raw::Sequence(items) => Value::Sequence(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Mapping(pairs) => Value::Mapping(self.entries(pairs)),
        };
        YamlNode { span, value }
    }

    fn entries(&mut self, pairs: Vec<(Spanned<String>, Spanned<Raw>)>) -> Vec<YamlEntry> {
        let mut entries: IndexMap<String, (Span, YamlNode)> = IndexMap::with_capacity(pairs.len());
        let mut pairs = pairs.into_iter().peekable();
        while let Some((key, value)) = pairs.next() {
            let key_span = span_of(key.defined, self.text, self.source);
            let mut value = self.node(value);
            let span = value.span;
            while let Some(open) = open_formula(&mut value) {
                // Between braces a comma ends a value, so that the rest of the formula has become a key.
                let Some((rest, _)) = pairs.next_if(|(_, v)| v.value.is_null()) else { break };
                open.push_str(", ");
                open.push_str(&rest.value);
                value.span.end = span_of(rest.defined, self.text, self.source).end;
            }
            if let (true, Value::Text(formula)) = (value.span != span, &value.value) {
                let diagnostic = Diagnostic::error("a comma cuts this formula in two")
                    .at(value.span, "between `{` and `}` a comma ends the value")
                    .help(format!("quote the formula: \"{formula}\""));
                self.diagnostics.push(diagnostic);
            }
            match entries.entry(key.value) {
                indexmap::map::Entry::Vacant(place) => {
                    place.insert((key_span, value));
                }
                indexmap::map::Entry::Occupied(first) => {
                    let duplicate = Diagnostic::error(format!("the key `{}` is given twice", first.key()))
                        .at(key_span, "given again here")
                        .also(first.get().0, "first given here")
                        .help("keep one of the two");
                    self.diagnostics.push(duplicate);
                }
            }
        }
        entries.into_iter().map(|(key, (key_span, value))| YamlEntry { key, key_span, value }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> (Checked<YamlNode>, Diagnostics) {
        let mut diagnostics = Diagnostics::default();
        let node = parse(text, SourceId::default(), &mut diagnostics);
        (node.and_then(Partial::whole), diagnostics)
    }

    #[test]
    fn a_number_keeps_the_digits_that_were_written() {
        let (node, _) = tree("a: 2.50");
        assert_eq!(node.unwrap().get("a").unwrap().value, Value::Number("2.50".into()));
    }

    #[test]
    fn every_duplicate_key_is_reported() {
        let (node, diagnostics) = tree("a: 1\na: 2\nb: {c: 1, c: 2}\n");
        assert!(node.is_err());
        assert_eq!(diagnostics.iter().count(), 2);
    }

    #[test]
    fn a_merge_key_is_overridden_by_the_mapping_s_own_key_without_complaint() {
        let (node, diagnostics) = tree("x: &x {c: 1, d: 2}\nf:\n  <<: *x\n  d: 5\n");
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let node = node.unwrap();
        let f = node.get("f").unwrap();
        assert_eq!(f.get("d").unwrap().value, Value::Number("5".into()));
        assert_eq!(f.get("c").unwrap().value, Value::Number("1".into()));
    }

    #[test]
    fn places_count_bytes_also_after_characters_of_more_than_one_byte() {
        let (node, _) = tree("µ: 1\nb: 64 µW\n");
        let span = node.unwrap().get("b").unwrap().span;
        assert_eq!(&"µ: 1\nb: 64 µW\n"[span.start as usize..span.end as usize], "64 µW");
    }

    #[test]
    fn nan_arrives_as_text_so_that_the_quantity_parser_can_refuse_it_by_name() {
        let (node, _) = tree("a: .nan");
        assert_eq!(node.unwrap().get("a").unwrap().value, Value::Text(".nan".into()));
    }
}
