//! From the tree to serde types, collecting every mistake.
//!
//! - A value that does not fit its type is reported and its [`Slot`](super::Slot) becomes `Bad`; reading goes on.
//! - An unknown field of a struct is reported with the nearest known one.
//! - An enum named [`SHAPE`] is chosen by the shape of the node: variants `scalar`, `sequence`, `mapping`. It stands in for serde's
//!   untagged enums, which would lose the place of every value.

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor,
};
use std::{cell::RefCell, fmt};

use super::fields::Entries;
use super::slot::LOCATED;
use super::tree::{Value, YamlEntry, YamlNode};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, Span, suggest};

/// Name of enums that are chosen by the shape of the node.
pub const SHAPE: &str = "$imcost-shape";

/// Reads a type from a tree as far as that can be read; everything that is wrong is pushed into `diagnostics`.
///
/// # Errors
/// Nothing of the type could be read.
pub fn read<'de, T: Deserialize<'de>>(
    tree: &'de Partial<YamlNode>,
    diagnostics: &mut Diagnostics,
) -> Checked<Partial<T>> {
    read_node(tree.parts(), diagnostics).map(|read| read.and(tree.state()))
}

/// Reads a type from a part of a tree.
pub(crate) fn read_node<'de, T: Deserialize<'de>>(
    node: &'de YamlNode,
    diagnostics: &mut Diagnostics,
) -> Checked<Partial<T>> {
    let mark = diagnostics.mark();
    let sink = RefCell::new(std::mem::take(diagnostics));
    let result = T::deserialize(NodeReader { node, key: None, said: Said::Nothing, sink: &sink });
    *diagnostics = sink.into_inner();
    match result {
        Ok(value) => Ok(diagnostics.partial(mark, value)),
        Err(fault) => Err(diagnostics.push(fault.into_diagnostic(node.span))),
    }
}

/// A mistake on its way to the place that reports it.
#[derive(Debug)]
pub(super) struct Fault {
    message: String,
    place: Option<(Span, String)>,
    help: Option<String>,
}

impl Fault {
    fn into_diagnostic(self, fallback: Span) -> Diagnostic {
        let (span, text) = self.place.unwrap_or((fallback, String::new()));
        Diagnostic::error(self.message).at(span, text).maybe_help(self.help)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), place: None, help: None }
    }
}

/// What has been said of a value that is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    /// Its key is a slip: the value is read, and one that does not fit is no second mistake.
    Slip,
    /// All that is wrong: the slot becomes `Bad`.
    Wrong,
}

#[derive(Clone, Copy)]
pub(super) struct NodeReader<'de, 's> {
    pub(super) node: &'de YamlNode,
    pub(super) key: Option<&'de YamlEntry>,
    pub(super) said: Said,
    pub(super) sink: &'s RefCell<Diagnostics>,
}

impl<'de> NodeReader<'de, '_> {
    /// Block mappings and empty values have no width; their key stands for them.
    fn place(&self) -> Span {
        match self.key {
            Some(entry) if self.node.span.start >= self.node.span.end => entry.key_span,
            _ => self.node.span,
        }
    }

    fn expected(&self, what: &str) -> Fault {
        let subject = self.key.map_or_else(String::new, |entry| format!("`{}`: ", entry.key));
        let unquoted = match &self.node.value {
            Value::Text(text) if what.starts_with("a whole number") && text.parse::<u64>().is_ok() => {
                Some("write it without quotes".to_owned())
            }
            _ => None,
        };
        Fault {
            message: format!("{subject}expected {what}, found {}", self.node.describe()),
            place: Some((self.place(), format!("expected {what}"))),
            help: unquoted,
        }
    }

    fn scalar(&self, what: &str) -> Result<&'de str, Fault> {
        match &self.node.value {
            Value::Number(text) | Value::Text(text) => Ok(text),
            Value::Bool(true) => Ok("true"),
            Value::Bool(false) => Ok("false"),
            _ => Err(self.expected(what)),
        }
    }

    fn whole_number(&self) -> Result<u64, Fault> {
        let Value::Number(text) = &self.node.value else { return Err(self.expected("a whole number")) };
        text.parse().map_err(|_| self.expected("a whole number, 0 or more"))
    }
}

impl<'de, 's> Deserializer<'de> for NodeReader<'de, 's> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Number(text) | Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::Sequence(_) => self.deserialize_seq(visitor),
            Value::Mapping(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.scalar("a text")?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Bool(b) => visitor.visit_bool(b),
            _ => Err(self.expected("true or false")),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_u64(self.whole_number()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let number = self.whole_number()?;
        visitor.visit_u32(u32::try_from(number).map_err(|_| self.expected("a whole number below 4 294 967 296"))?)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        if name == LOCATED {
            return visitor.visit_seq(LocatedAccess { reader: self, step: 0 });
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Sequence(items) = &self.node.value else { return Err(self.expected("a list")) };
        visitor.visit_seq(Items { items: items.iter(), sink: self.sink })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Mapping(entries) = &self.node.value else { return Err(self.expected("a mapping")) };
        visitor.visit_map(Entries::new(entries, None, self.sink))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Value::Mapping(entries) = &self.node.value else {
            let colon = match &self.node.value {
                Value::Text(text) => suggest::missing_colon(text, fields),
                _ => None,
            };
            let help = Some(colon.unwrap_or_else(|| format!("its keys are: {}", suggest::list(fields))));
            return Err(Fault { help, ..self.expected("a mapping") });
        };
        visitor.visit_map(Entries::new(entries, Some((name, fields)), self.sink))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == SHAPE {
            let shape = match &self.node.value {
                Value::Sequence(_) => "sequence",
                Value::Mapping(_) => "mapping",
                _ => "scalar",
            };
            if !variants.contains(&shape) {
                return Err(self.expected(if variants.contains(&"mapping") {
                    "a text or a mapping"
                } else {
                    "a text or a list"
                }));
            }
            return visitor.visit_enum(Variant { name: shape, reader: self });
        }
        let word = self.scalar(&format!("one of {}", suggest::list(variants)))?;
        if !variants.contains(&word) {
            let subject = self.key.map_or_else(|| "value".to_owned(), |entry| entry.key.clone());
            return Err(Fault {
                message: format!("unknown {subject} `{word}`"),
                place: Some((self.place(), format!("not a known {subject}"))),
                help: suggest::did_you_mean(word, variants.iter().copied()),
            });
        }
        visitor.visit_enum(Variant { name: word, reader: self })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    // The spec types are made of texts, whole numbers, booleans, lists, mappings and enums only.
    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf option unit unit_struct tuple tuple_struct
        identifier
    }
}

/// Hands over `source, start, end, value`; a value that is wrong is reported here and left out.
struct LocatedAccess<'de, 's> {
    reader: NodeReader<'de, 's>,
    step: u8,
}

impl<'de> SeqAccess<'de> for LocatedAccess<'de, '_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let span = self.reader.place();
        self.step += 1;
        let number = match self.step {
            1 => span.source.index(),
            2 => span.start,
            3 => span.end,
            _ if self.reader.said == Said::Wrong => return Ok(None),
            _ => {
                return match seed.deserialize(self.reader) {
                    Ok(value) => Ok(Some(value)),
                    Err(_) if self.reader.said == Said::Slip => Ok(None),
                    Err(fault) => {
                        self.reader.sink.borrow_mut().push(fault.into_diagnostic(span));
                        Ok(None)
                    }
                };
            }
        };
        seed.deserialize(number.into_deserializer()).map(Some)
    }
}

struct Items<'de, 's> {
    items: std::slice::Iter<'de, YamlNode>,
    sink: &'s RefCell<Diagnostics>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.items.next() else { return Ok(None) };
        seed.deserialize(NodeReader { node, key: None, said: Said::Nothing, sink: self.sink }).map(Some)
    }
}

struct Variant<'de, 's> {
    name: &'de str,
    reader: NodeReader<'de, 's>,
}

impl<'de, 's> EnumAccess<'de> for Variant<'de, 's> {
    type Error = Fault;
    type Variant = NodeReader<'de, 's>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Fault> {
        let name: serde::de::value::BorrowedStrDeserializer<'de, Fault> =
            serde::de::value::BorrowedStrDeserializer::new(self.name);
        Ok((seed.deserialize(name)?, self.reader))
    }
}

impl<'de> VariantAccess<'de> for NodeReader<'de, '_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, _visitor: V) -> Result<V::Value, Fault> {
        Err(self.expected("a single value"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], _visitor: V) -> Result<V::Value, Fault> {
        Err(self.expected("a single value"))
    }
}
