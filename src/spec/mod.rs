//! What a person writes: the shape of architecture, technology-library, case and study files.
//!
//! These types hold text, whole numbers and places, nothing computed. Every field is a
//! [`Slot`](crate::yaml::Slot), so a file is read to its end whatever is wrong in it. The doc comments of the
//! fields are the hover texts of the JSON Schema (`imcost schema`).

pub mod architecture;
pub mod case;
pub mod circuit;
pub mod device;
pub mod imperfections;
pub mod kind;
pub mod library;
pub mod machine;
pub mod network;
pub mod parts;
pub mod schema;
pub mod source;
pub mod study;
pub mod written;

pub use written::Written;
