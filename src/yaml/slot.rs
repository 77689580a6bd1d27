//! Field types that remember their place and survive a mistake.

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::{borrow::Cow, fmt, marker::PhantomData};

use crate::diagnostic::{Diagnostic, Diagnostics, SourceId, Span};

/// The newtype name by which [`super::de`] recognises these types and hands over the place with the value.
pub(super) const LOCATED: &str = "$imcost-located";

/// A value and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands; the key where the value itself has no width.
    pub span: Span,
}

/// A field as a person left it: not given, given wrongly (already reported), or given.
///
/// A struct whose fields are all slots is read to its end whatever is wrong inside, which is how one run
/// reports every mistake of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slot<T> {
    /// Not given.
    #[default]
    Missing,
    /// Given, but wrong; the mistake has been reported.
    Bad,
    /// Given.
    Present(Located<T>),
}

impl<T> Slot<T> {
    /// The value, if it is there and right.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.located().map(|l| &l.value)
    }

    /// The value with its place, if it is there and right.
    #[must_use]
    pub fn located(&self) -> Option<&Located<T>> {
        match self {
            Self::Present(located) => Some(located),
            Self::Missing | Self::Bad => None,
        }
    }

    /// Where the value stands.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.located().map(|l| l.span)
    }

    /// The slot without its value, to look at slots of several types together.
    #[must_use]
    pub fn state(&self) -> Slot<()> {
        match self {
            Self::Missing => Slot::Missing,
            Self::Bad => Slot::Bad,
            Self::Present(located) => Slot::Present(Located { value: (), span: located.span }),
        }
    }

    /// True if the person wrote nothing here.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The value, or an error that `owner` (at `place`) needs `field`.
    pub fn require(&self, owner: &str, field: &str, place: Span, diagnostics: &mut Diagnostics) -> Option<&Located<T>> {
        if self.is_missing() {
            diagnostics.push(
                Diagnostic::error(format!("{owner} needs `{field}`")).at(place, format!("`{field}` is missing here")),
            );
        }
        self.located()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Slot<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (span, value) = deserializer.deserialize_newtype_struct(LOCATED, LocatedVisitor(PhantomData))?;
        Ok(value.map_or(Self::Bad, |value| Self::Present(Located { value, span })))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (span, value) = deserializer.deserialize_newtype_struct(LOCATED, LocatedVisitor(PhantomData))?;
        let value = value.ok_or_else(|| D::Error::custom("already reported"))?;
        Ok(Self { value, span })
    }
}

/// Takes the sequence `start, end, source, value`; the value is absent when it was wrong.
struct LocatedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for LocatedVisitor<T> {
    type Value = (Span, Option<T>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its place in an imcost file")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut number = || access.next_element::<u32>()?.ok_or_else(|| A::Error::custom("no place given"));
        let span = Span { source: SourceId::from_index(number()?), start: number()?, end: number()? };
        Ok((span, access.next_element()?))
    }
}

/// A mapping whose keys the person chooses (component names, parameters), in file order.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<T> {
    /// Name and value of each entry.
    pub entries: Vec<(Located<String>, Slot<T>)>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TableVisitor(PhantomData))
    }
}

struct TableVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TableVisitor<T> {
    type Value = Table<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping from names to values")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Table<T>, A::Error> {
        let mut entries = Vec::with_capacity(access.size_hint().unwrap_or(0));
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Table { entries })
    }
}

// In a JSON Schema the place of a value is invisible.
impl<T: schemars::JsonSchema> schemars::JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Slot<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Table<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Table_of_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": "object", "additionalProperties": value })
    }
}
