//! JSON Schema of the file kinds, for completion, hover texts and checks in an editor.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::{architecture::ArchitectureSpec, case::Case, library::LibrarySpec, study::StudySpec};

/// Schema of architecture files.
#[must_use]
pub fn architecture() -> Schema {
    schema::<ArchitectureSpec>()
}

/// Schema of technology-library files.
#[must_use]
pub fn library() -> Schema {
    schema::<LibrarySpec>()
}

/// Schema of case files.
#[must_use]
pub fn case() -> Schema {
    schema::<Case>()
}

/// Schema of study files.
#[must_use]
pub fn study() -> Schema {
    schema::<StudySpec>()
}

/// Editors know draft 7 best.
fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<T>()
}
