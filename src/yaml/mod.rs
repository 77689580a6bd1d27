//! YAML text to a tree in which every value knows its place, and from the tree to serde types.
//!
//! This is the only module that knows which YAML crate is used. The customary `serde_yaml` has been archived
//! since 2024; `serde-saphyr` takes its role here, because it gives the place of every value, refuses alias
//! bombs and has no unsafe code.
//!
//! - [`tree`]: the [`YamlNode`] tree and how it is parsed, `quick`, which reads plain documents line by line,
//!   and `syntax`, which says what is no YAML;
//! - [`de`]: a serde deserializer over the tree which collects *all* errors of a file instead of stopping at
//!   the first;
//! - [`slot`]: [`Slot`], the field type that makes this possible.

pub mod de;
mod fields;
mod quick;
pub mod set;
pub mod slot;
mod syntax;
pub mod tree;

pub use slot::{Located, Slot};
pub use tree::{MAX_DEPTH, MAX_NODES, Value, YamlNode, parse};
