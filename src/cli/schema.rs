//! `imcost schema architecture|library|case`

use super::args::{FileKind, Schema};
use super::{Stop, print};
use crate::spec::schema;

pub(super) fn run(args: &Schema) -> Result<(), Stop> {
    let schema = match args.kind {
        FileKind::Architecture => schema::architecture(),
        FileKind::Library => schema::library(),
        FileKind::Case => schema::case(),
    };
    print(&format!("{:#}\n", schema.as_value()))
}
