//! What of a component is said in more than a figure: the bill of its parts, what it joins, how much it holds.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

use super::Written;
use super::library::FigureSpec;
use crate::units::{Area, Energy, Fraction, Power, Time};
use crate::yaml::Slot;

/// A part of a component: another component of the library, or figures of its own.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PartSpec {
    /// The component that it is.
    #[serde(rename = "use")]
    pub component: Slot<String>,
    /// Energy of one operation of the part, without `use`.
    pub energy: Slot<FigureSpec<Energy>>,
    /// Power of the part as long as it is powered, without `use`.
    pub static_power: Slot<FigureSpec<Power>>,
    /// Time of one operation of the part, without `use`.
    pub latency: Slot<FigureSpec<Time>>,
    /// Area of the part, without `use`.
    pub area: Slot<FigureSpec<Area>>,
    /// How many there are. Default 1.
    pub count: Slot<Written<Fraction>>,
    /// Operations of all of them in one operation of the component. `count` when absent.
    pub operations: Slot<Written<Fraction>>,
    /// Part of these operations that takes its energy. Default 1.
    pub activity: Slot<Written<Fraction>>,
    /// How many of them one operation of the component passes one after another: what they add to its latency. Default 0.
    pub series: Slot<Written<Fraction>>,
}

/// What a component joins by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum JoinsSpec {
    /// `true`: partial sums of row partitions; `false`: nothing.
    Partitions(bool),
    /// These.
    These(Vec<Slot<Joined>>),
}

/// Parts of one result that can be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Joined {
    /// The partial sums of row partitions.
    Partitions,
    /// The columns that hold the bits of one weight.
    Slices,
    /// The reads of a bit-serial input.
    Cycles,
}

#[derive(Deserialize)]
#[serde(rename = "$imcost-shape", rename_all = "lowercase")]
enum JoinsShape {
    Scalar(bool),
    Sequence(Vec<Slot<Joined>>),
}

impl<'de> Deserialize<'de> for JoinsSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match JoinsShape::deserialize(deserializer)? {
            JoinsShape::Scalar(joins) => Self::Partitions(joins),
            JoinsShape::Sequence(joined) => Self::These(joined),
        })
    }
}

impl JsonSchema for JoinsSpec {
    fn schema_name() -> Cow<'static, str> {
        "Joins".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let joined = generator.subschema_for::<Joined>();
        schemars::json_schema!({ "anyOf": [{ "type": "boolean" }, { "type": "array", "items": joined }] })
    }
}

/// How much a memory holds or how wide a word is: `64 KB`, `128 bit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenBits(pub String);

impl<'de> Deserialize<'de> for WrittenBits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for WrittenBits {
    fn schema_name() -> Cow<'static, str> {
        "Bits".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^\d+(\.\d+)? ?[KMG]?(B|bit)$",
            "description": "Bytes or bits, for example `64 KB` (of 1024 bytes) or `128 bit`."
        })
    }
}
