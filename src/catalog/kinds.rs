//! The kinds of component.

use super::Domain;
use crate::spec::library::Kind;

/// What a kind of component is, takes, gives and needs.
#[derive(Debug, Clone, Copy)]
pub struct KindEntry {
    /// The kind.
    pub kind: Kind,
    /// The kind as it is written in a file.
    pub name: &'static str,
    /// The signal that it takes.
    pub takes: Takes,
    /// The signal that it gives.
    pub gives: Gives,
    /// Fields that it may have, beside [`COMMON_FIELDS`].
    pub fields: &'static [&'static [&'static str]],
    /// Fields without which it means nothing, beside its costs.
    pub required: &'static [&'static str],
}

/// The signal that a kind of component takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// This one.
    Always(Domain),
    /// This one, if its `takes` names no other.
    Usually(Domain),
    /// Any, if its `takes` names none.
    Any,
}

/// The signal that a kind of component gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// This one.
    Always(Domain),
    /// What it takes.
    Same,
    /// This one, if its `gives` names no other.
    Usually(Domain),
    /// What its `gives` names.
    Stated,
}

/// Fields of every kind.
pub const COMMON_FIELDS: &[&str] = &["kind", "source", "basis", "node", "vdd", "scaling", "note", "parameters"];

/// Costs that a circuit states.
const COSTS: &[&str] = &["power", "static-power", "energy", "area", "rate", "latency", "activity", "parts"];
/// Of a circuit for digital words.
const WORD: &[&str] = &["bits", "per-bit"];
/// Of a crossbar whose costs follow from its cells.
const CELLS: &[&str] = &["device", "read-voltage", "wire", "line-switch"];
const ARRAY: &[&str] =
    &["cell", "max-rows", "max-columns", "joins", "guard-bits", "rewritable", "write-energy", "write-latency"];

const fn row(
    kind: Kind,
    name: &'static str,
    takes: Takes,
    gives: Gives,
    fields: &'static [&'static [&'static str]],
) -> KindEntry {
    KindEntry { kind, name, takes, gives, fields, required: &[] }
}

const fn needing(entry: KindEntry, required: &'static [&'static str]) -> KindEntry {
    KindEntry { required, ..entry }
}

/// A circuit that takes words and gives words.
const fn digital(kind: Kind, name: &'static str, fields: &'static [&'static [&'static str]]) -> KindEntry {
    row(kind, name, Takes::Always(Word), Gives::Always(Word), fields)
}

use Domain::{Current, Voltage, Word};
use Takes::{Any, Usually};

/// All kinds, in signal order; after them those of levels and of parts.
pub const KINDS: [KindEntry; 23] = [
    row(Kind::RowDriver, "row-driver", Takes::Always(Word), Gives::Usually(Voltage), &[COSTS, &["bits", "gives", "model"]]),
    needing(row(Kind::Dac, "dac", Takes::Always(Word), Gives::Usually(Voltage), &[COSTS, &["bits", "gives"]]), &["bits"]),
    row(Kind::Switch, "switch", Any, Gives::Same, &[COSTS]),
    needing(
        row(Kind::Crossbar, "crossbar", Usually(Voltage), Gives::Usually(Current), &[COSTS, CELLS, ARRAY, &["takes", "gives"]]),
        &["cell", "max-rows", "max-columns"],
    ),
    needing(
        row(Kind::Array, "array", Usually(Voltage), Gives::Stated, &[COSTS, ARRAY, &["takes", "gives"]]),
        &["gives", "cell", "max-rows", "max-columns"],
    ),
    row(
        Kind::Amplifier,
        "amplifier",
        Usually(Current),
        Gives::Always(Voltage),
        &[COSTS, &["takes", "differential", "joins", "model"]],
    ),
    row(Kind::SampleHold, "sample-hold", Any, Gives::Same, &[COSTS, &["takes", "differential", "joins"]]),
    row(Kind::Buffer, "buffer", Usually(Voltage), Gives::Always(Voltage), &[COSTS, &["takes", "joins"]]),
    needing(
        row(Kind::Adc, "adc", Usually(Voltage), Gives::Always(Word), &[COSTS, &["bits", "takes", "differential"]]),
        &["bits"],
    ),
    digital(Kind::Subtractor, "subtractor", &[COSTS, WORD]),
    digital(Kind::ShiftAdd, "shift-add", &[COSTS, WORD]),
    digital(Kind::Adder, "adder", &[COSTS, WORD]),
    row(
        Kind::Neuron,
        "neuron",
        Usually(Voltage),
        Gives::Always(Voltage),
        &[COSTS, &["takes", "differential", "function", "model"]],
    ),
    digital(Kind::Activation, "activation", &[COSTS, WORD, &["function"]]),
    digital(Kind::Register, "register", &[COSTS, WORD]),
    needing(
        digital(Kind::Memory, "memory", &[COSTS, &["capacity", "width", "read-energy", "write-energy"]]),
        &["capacity", "width"],
    ),
    needing(digital(Kind::Bus, "bus", &[COSTS, &["width"]]), &["width"]),
    needing(digital(Kind::Router, "router", &[COSTS, &["width", "ports"]]), &["width"]),
    needing(digital(Kind::Link, "link", &[COSTS, &["width"]]), &["width"]),
    digital(Kind::Pooling, "pooling", &[COSTS, WORD, &["function"]]),
    digital(Kind::VectorUnit, "vector-unit", &[COSTS, WORD, &["function"]]),
    digital(Kind::Control, "control", &[&["power", "static-power", "energy", "area", "activity", "parts"]]),
    digital(Kind::Gate, "gate", &[&["power", "static-power", "energy", "area", "latency", "parts"]]),
];

impl KindEntry {
    /// True if a field has a meaning for this kind.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        COMMON_FIELDS.contains(&field) || self.fields.iter().any(|fields| fields.contains(&field))
    }
}

impl Kind {
    /// All kinds, in signal order.
    pub const ALL: [Self; KINDS.len()] = {
        let mut all = [Self::RowDriver; KINDS.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = KINDS[at].kind;
            at += 1;
        }
        all
    };

    /// What is known of the kind.
    #[must_use]
    pub fn entry(self) -> &'static KindEntry {
        const TABLE: &[KindEntry; KINDS.len()] = &KINDS;
        // A test holds every kind to be in the table.
        TABLE.iter().find(|entry| entry.kind == self).unwrap_or(&TABLE[0])
    }

    /// The kind as it is written in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The kinds for which a field has a meaning.
    pub fn with_field(field: &str) -> impl Iterator<Item = Self> {
        KINDS.into_iter().filter(move |entry| entry.has(field)).map(|entry| entry.kind)
    }
}
