//! `imcost schema architecture|library|case|study|results`

use super::args::{SchemaArgs, SchemaKind};
use super::{Stop, print};
use crate::results::answer;
use crate::spec::schema;

pub(super) fn run(args: &SchemaArgs) -> Result<(), Stop> {
    let schema = match args.kind {
        SchemaKind::Architecture => schema::architecture(),
        SchemaKind::Library => schema::library(),
        SchemaKind::Case => schema::case(),
        SchemaKind::Study => schema::study(),
        SchemaKind::Results => answer::schema(),
    };
    print(&format!("{:#}\n", schema.as_value()))
}
