//! Where numbers come from: a text, or a publication that the library lists with its fields.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

use super::architecture::OneOrMany;
use crate::yaml::Slot;

/// A publication or repository that numbers come from.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["title"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReferenceSpec {
    /// Its title.
    pub title: Slot<String>,
    /// Who wrote it, one name or a list; `others` as the last one stands for those who are not listed.
    pub authors: Slot<OneOrMany>,
    /// Conference or series that it appeared in.
    pub venue: Slot<String>,
    /// Journal that it appeared in, with volume and number.
    pub journal: Slot<String>,
    /// Year of publication.
    pub year: Slot<u64>,
    /// Digital object identifier.
    pub doi: Slot<String>,
    /// Where it can be found.
    pub url: Slot<String>,
    /// What a reader should know.
    pub note: Slot<String>,
    /// What reports call it. First author, where and when it appeared, when absent.
    pub short: Slot<String>,
}

/// A place in a publication that the library lists.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["key"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CitationSpec {
    /// Its name in `sources` of this library or of one that it extends.
    pub key: Slot<String>,
    /// Where in it, such as `Table 2`.
    #[serde(rename = "where")]
    pub place: Slot<String>,
}

/// Where a number comes from: the name of a listed source, a citation of one, or any text.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceSpec {
    /// A name in `sources`, or a text.
    Text(String),
    /// A place in a listed source.
    Citation(Box<CitationSpec>),
}

#[derive(Deserialize)]
#[serde(rename = "$imcost-shape", rename_all = "lowercase")]
enum SourceShape {
    Scalar(String),
    Mapping(Box<CitationSpec>),
}

impl<'de> Deserialize<'de> for SourceSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match SourceShape::deserialize(deserializer)? {
            SourceShape::Scalar(text) => Self::Text(text),
            SourceShape::Mapping(citation) => Self::Citation(citation),
        })
    }
}

impl JsonSchema for SourceSpec {
    fn schema_name() -> Cow<'static, str> {
        "Source".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let citation = generator.subschema_for::<CitationSpec>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, citation] })
    }
}
