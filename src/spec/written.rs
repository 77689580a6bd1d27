//! A quantity as it was written, with the kind of quantity that is expected in its type.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use std::{borrow::Cow, marker::PhantomData};

use crate::units::{
    Area, Current, Energy, Fraction, Frequency, Length, Power, Resistance, ResistanceArea, Resistivity, Time, Unit,
    Voltage,
};

/// The text of a quantity (`64 uW`) or of a formula for one (`= 16 mW / 8`). It is parsed where the names that
/// it may use are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<Q> {
    /// What stands in the file.
    pub text: Box<str>,
    kind: PhantomData<Q>,
}

impl<Q> Written<Q> {
    /// A quantity text from elsewhere than a file.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self { text: text.into(), kind: PhantomData }
    }
}

impl<'de, Q> Deserialize<'de> for Written<Q> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl<Q: JsonSchema> JsonSchema for Written<Q> {
    fn schema_name() -> Cow<'static, str> {
        Q::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Q::json_schema(generator)
    }
}

macro_rules! quantity_schemas {
    ($($kind:ident),*) => {
        $(impl JsonSchema for $kind {
            fn schema_name() -> Cow<'static, str> {
                concat!("Quantity", stringify!($kind)).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                quantity_schema::<$kind>()
            }
        })*
    };
}

quantity_schemas!(
    Area,
    Current,
    Energy,
    Fraction,
    Frequency,
    Length,
    Power,
    Resistance,
    ResistanceArea,
    Resistivity,
    Time,
    Voltage
);

fn quantity_schema<Q: Unit>() -> schemars::Schema {
    let types = if Q::SYMBOL.is_empty() { json!(["string", "number"]) } else { json!("string") };
    let what = Q::DIM.phrase();
    let capital = format!("{}{}", what[..1].to_uppercase(), &what[1..]);
    schemars::json_schema!({
        "type": types,
        "pattern": pattern(Q::SYMBOL),
        "description": format!("{capital} with its unit, for example `{}`, or a formula that starts with `=`.", Q::EXAMPLE),
    })
}

/// A number with the unit of this symbol, a formula, or a product of lengths for an area.
fn pattern(symbol: &str) -> String {
    const NUMBER: &str = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?";
    const PREFIX: &str = "[afpnuµμmckMGT]?";
    let unit = match symbol {
        "" => " ?%?".to_owned(),
        "m^2" => format!(r" ?{PREFIX}m(\^2|²)| ?\S+ x .+"),
        "ohm" => format!(" ?{PREFIX}(ohm|Ω)"),
        "ohm m" => format!(" ?{PREFIX}(ohm|Ω)[ *·]{PREFIX}m"),
        "ohm m^2" => format!(r" ?{PREFIX}(ohm|Ω)[ *·]{PREFIX}m(\^2|²)"),
        "Hz" => format!(" ?{PREFIX}(Hz|S/s)"),
        "m" => format!(" ?({PREFIX}m|lambda)"),
        other => format!(" ?{PREFIX}{other}"),
    };
    format!("^(= .+|{NUMBER}({unit}))$")
}
