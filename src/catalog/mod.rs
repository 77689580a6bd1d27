//! What exists in imcost's language, each thing in one table: kinds of component with their fields and signals, figures, sections of a
//! library, kinds of layer, functions of formulas. Errors, `--set`, lowering and the lists of the README read these tables.
//!
//! A new kind of component is a variant of [`Kind`](crate::spec::library::Kind) and a row of [`KINDS`]; a new kind of layer is a field of
//! the layer and a name in [`LAYER_KINDS`].

mod domain;
mod figures;
mod kinds;
mod layers;
mod places;

pub use domain::Domain;
pub use figures::{FIGURES, FigureEntry};
pub use kinds::{COMMON_FIELDS, Gives, KINDS, KindEntry, Takes};
pub use layers::{LAYER_KINDS, LayerEntry};
pub use places::{PLACES, PlaceEntry, PlaceName};

/// The parts of a library that hold entries and names, in the order in which a setting's name is looked for.
pub const SECTIONS: &[&str] = &["components", "devices", "parameters"];

/// The parts of a library that hold entries.
pub const ENTRY_SECTIONS: &[&str] = &["components", "devices"];

/// The functions that a formula can call.
pub fn functions() -> impl Iterator<Item = &'static str> {
    crate::units::Function::names()
}
