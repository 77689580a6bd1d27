//! JSON Schema of the file kinds, for completion, hover texts and checks in an editor.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::{architecture::Architecture, case::Case, library::Library, study::Study};

/// Schema of architecture files.
#[must_use]
pub fn architecture() -> Schema {
    schema::<Architecture>()
}

/// Schema of technology-library files.
#[must_use]
pub fn library() -> Schema {
    schema::<Library>()
}

/// Schema of case files.
#[must_use]
pub fn case() -> Schema {
    schema::<Case>()
}

/// Schema of study files.
#[must_use]
pub fn study() -> Schema {
    schema::<Study>()
}

/// Editors know draft 7 best.
fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<T>()
}
