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
}

/// Fields of every kind.
pub const COMMON_FIELDS: &[&str] = &["kind", "source", "basis", "node", "note", "parameters", "latency"];

/// Costs that a circuit states. A crossbar's follow from its cells.
const COSTS: &[&str] = &["power", "static-power", "energy", "area", "rate"];
/// Of a circuit for digital words.
const WORD: &[&str] = &["bits", "per-bit"];
const ARRAY: &[&str] = &["device", "cell", "read-voltage", "max-rows", "max-columns", "wire", "line-switch"];

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

use Domain::{Current, Voltage, Word};
use Takes::{Any, Usually};

/// All kinds, in signal order.
pub const KINDS: [KindEntry; 14] = [
    row(Kind::RowDriver, "row-driver", Takes::Always(Word), Gives::Always(Voltage), &[COSTS, &["bits", "model"]]),
    needing(row(Kind::Dac, "dac", Takes::Always(Word), Gives::Always(Voltage), &[COSTS, &["bits"]]), &["bits"]),
    row(Kind::Switch, "switch", Any, Gives::Same, &[COSTS]),
    needing(
        row(Kind::Crossbar, "crossbar", Takes::Always(Voltage), Gives::Always(Current), &[ARRAY]),
        &["device", "cell", "read-voltage", "max-rows", "max-columns"],
    ),
    row(
        Kind::Amplifier,
        "amplifier",
        Takes::Always(Current),
        Gives::Always(Voltage),
        &[COSTS, &["differential", "joins", "model"]],
    ),
    row(Kind::SampleHold, "sample-hold", Any, Gives::Same, &[COSTS, &["takes", "differential", "joins"]]),
    row(Kind::Buffer, "buffer", Usually(Voltage), Gives::Always(Voltage), &[COSTS, &["takes", "joins"]]),
    needing(
        row(
            Kind::Adc,
            "adc",
            Usually(Voltage),
            Gives::Always(Word),
            &[COSTS, &["bits", "takes", "differential", "model"]],
        ),
        &["bits"],
    ),
    row(Kind::Subtractor, "subtractor", Takes::Always(Word), Gives::Always(Word), &[COSTS, WORD]),
    row(Kind::ShiftAdd, "shift-add", Takes::Always(Word), Gives::Always(Word), &[COSTS, WORD]),
    row(Kind::Adder, "adder", Takes::Always(Word), Gives::Always(Word), &[COSTS, WORD]),
    row(
        Kind::Neuron,
        "neuron",
        Usually(Voltage),
        Gives::Always(Voltage),
        &[COSTS, &["takes", "differential", "function", "model"]],
    ),
    row(Kind::Activation, "activation", Takes::Always(Word), Gives::Always(Word), &[COSTS, WORD, &["function"]]),
    row(Kind::Register, "register", Takes::Always(Word), Gives::Always(Word), &[COSTS, WORD]),
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
