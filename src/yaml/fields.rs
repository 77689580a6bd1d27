//! The fields of a mapping: known, unknown, and meant.

use std::cell::RefCell;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::de::{Fault, NodeReader, Said};
use super::slot::LOCATED;
use super::tree::YamlEntry;
use crate::catalog::LAYER_KINDS;
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};

/// Structs that say by one of some fields what they are, and how errors call that.
const KINDS: &[(&str, &str, &[&str])] = &[("LayerSpec", "layer kind", LAYER_KINDS)];

/// Structs whose values others name, or have their shapes from: what stands behind a slip is read, or it would be missed elsewhere.
const NAMED_ELSEWHERE: &[&str] =
    &["ArchitectureSpec", "NetworkSpec", "LayerSpec", "LevelSpec", "MappingSpec", "LibrarySpec", "ReferenceSpec"];
/// The same of fields, in whatever struct.
const ASKED_FOR: &[&str] = &["note", "parameters", "model", "value"];

pub(super) struct Entries<'de, 's> {
    entries: &'de [YamlEntry],
    next: usize,
    /// The struct's name and fields; none for a mapping whose keys the person chooses.
    known: Option<(&'static str, &'static [&'static str])>,
    /// The entry whose value is read next, and what has been said of it.
    current: Option<(&'de YamlEntry, Said)>,
    /// Fields that were meant by unknown ones.
    stood_in: Vec<&'static str>,
    sink: &'s RefCell<Diagnostics>,
}

impl<'de, 's> Entries<'de, 's> {
    pub(super) fn new(
        entries: &'de [YamlEntry],
        known: Option<(&'static str, &'static [&'static str])>,
        sink: &'s RefCell<Diagnostics>,
    ) -> Self {
        Self { entries, next: 0, known, current: None, stood_in: Vec::new(), sink }
    }

    /// The field of this name if its underscores were hyphens: both are the same to a reader.
    fn spelt_with_hyphens(&self, entry: &YamlEntry, fields: &'static [&'static str]) -> Option<&'static str> {
        let meant = entry.key.replace('_', "-");
        let field = fields.iter().copied().find(|field| *field == meant)?;
        let same = |e: &&YamlEntry| e.key.replace('_', "-") == meant;
        // Given twice, the second is an unknown field.
        self.entries.iter().find(same).is_some_and(|first| std::ptr::eq(first, entry)).then_some(field)
    }

    /// Reports an unknown field and returns the field that was meant, if that is not there: it is wrong rather than missing.
    fn unknown(&mut self, entry: &YamlEntry, name: &str, fields: &'static [&'static str]) -> Option<&'static str> {
        let absent = |field: &str| self.entries.iter().all(|e| e.key != field) && !self.stood_in.contains(&field);
        let near = suggest::nearest(&entry.key, fields.iter().copied());
        if let Some(help) = suggest::missing_colon(&entry.key, fields) {
            let diagnostic = Diagnostic::error(format!("unknown field `{}`", entry.key));
            self.sink.borrow_mut().push(diagnostic.at(entry.key_span, "not a field here").help(help));
            let meant = near.filter(|field| absent(field));
            self.stood_in.extend(meant);
            return meant;
        }
        let kind = KINDS.iter().find(|(owner, ..)| *owner == name).filter(|(.., of)| of.iter().all(|f| absent(f)));
        let (diagnostic, meant) = match (near, kind) {
            (None, Some((_, what, of))) => {
                let diagnostic = Diagnostic::error(format!("unknown {what} `{}`", entry.key))
                    .at(entry.key_span, format!("neither a {what} nor a field of one"))
                    .help(format!("the {what}s are: {}", suggest::list(of)))
                    .maybe_help(suggest::did_you_mean(&entry.key, fields.iter().copied()));
                (diagnostic, of.first().copied())
            }
            _ => {
                let diagnostic = Diagnostic::error(format!("unknown field `{}`", entry.key))
                    .at(entry.key_span, "not a field here")
                    .maybe_help(suggest::did_you_mean(&entry.key, fields.iter().copied()));
                (diagnostic, near)
            }
        };
        let meant = meant.filter(|field| absent(field));
        self.sink.borrow_mut().push(diagnostic);
        self.stood_in.extend(meant);
        meant
    }
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        while let Some(entry) = self.entries.get(self.next) {
            self.next += 1;
            match self.known {
                Some((name, fields)) if !fields.contains(&entry.key.as_str()) => {
                    if let Some(same) = self.spelt_with_hyphens(entry, fields) {
                        self.current = Some((entry, Said::Nothing));
                        return seed.deserialize(same.into_deserializer()).map(Some);
                    }
                    if let Some(meant) = self.unknown(entry, name, fields) {
                        let is_slip = (NAMED_ELSEWHERE.contains(&name) || ASKED_FOR.contains(&meant))
                            && suggest::is_slip(&entry.key, meant);
                        self.current = Some((entry, if is_slip { Said::Slip } else { Said::Wrong }));
                        return seed.deserialize(meant.into_deserializer()).map(Some);
                    }
                }
                _ => {
                    self.current = Some((entry, Said::Nothing));
                    return seed.deserialize(KeyReader(entry)).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (entry, said) = self.current.take().ok_or_else(|| Fault::custom("a value without a key"))?;
        seed.deserialize(NodeReader { node: &entry.value, key: Some(entry), said, sink: self.sink })
    }
}

/// A key as a plain word, or as a word with its place.
struct KeyReader<'de>(&'de YamlEntry);

impl<'de> Deserializer<'de> for KeyReader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(&self.0.key)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        if name == LOCATED {
            return visitor.visit_seq(LocatedKey { entry: self.0, step: 0 });
        }
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct LocatedKey<'de> {
    entry: &'de YamlEntry,
    step: u8,
}

impl<'de> SeqAccess<'de> for LocatedKey<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let span = self.entry.key_span;
        self.step += 1;
        match self.step {
            1 => seed.deserialize(span.source.index().into_deserializer()),
            2 => seed.deserialize(span.start.into_deserializer()),
            3 => seed.deserialize(span.end.into_deserializer()),
            _ => seed.deserialize(KeyReader(self.entry)),
        }
        .map(Some)
    }
}
