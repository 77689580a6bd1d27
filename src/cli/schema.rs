//! `imcost schema architecture|library|case|study`

use super::args::{FileKind, Schema};
use super::{Stop, print};
use crate::spec::schema;

pub(super) fn run(args: &Schema) -> Result<(), Stop> {
    let schema = match args.kind {
        FileKind::Architecture => schema::architecture(),
        FileKind::Library => schema::library(),
        FileKind::Case => schema::case(),
        FileKind::Study => schema::study(),
    };
    print(&format!("{:#}\n", schema.as_value()))
}
