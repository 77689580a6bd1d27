//! What an array, a memory or a link is beside its costs: what fits on it, what it moves.

use super::crossbar::count;
use super::entry::Entry;
use super::{Joins, StatedArray, Storage};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::library as file;
use crate::spec::parts::{Joined, JoinsSpec, WrittenBits};
use crate::units::parse_bits;
use crate::yaml::{Located, Slot};

/// The largest array that is no slip of the pen.
const MOST_LINES: u64 = u32::MAX as u64;
/// More columns for the carries of one output than a word has bits are none.
const MOST_GUARD_BITS: u64 = 64;

/// What fits on an array whose costs are stated; what is wrong is reported.
pub(super) fn stated_array(entry: &mut Entry<'_, '_>, c: &file::ComponentSpec) -> Option<StatedArray> {
    let (owner, place) = (entry.owner(), entry.name.span);
    let diagnostics = &mut *entry.reader.diagnostics;
    if c.cell.is_missing() {
        diagnostics.push(
            Diagnostic::error(format!("{owner} needs `cell`"))
                .at(place, "`cell` is missing here")
                .help("how much a cell stores: `cell: { bits: 2 }`"),
        );
    }
    let max_rows = c.max_rows.require(&owner, "max-rows", place, diagnostics);
    let max_columns = c.max_columns.require(&owner, "max-columns", place, diagnostics);
    let cell = c.cell.get();
    let number = |slot: Option<&Slot<u64>>, what: &str, usual: u64, max: u64, diagnostics: &mut Diagnostics| match slot
        .and_then(Slot::located)
    {
        Some(number) => count(what, number, max, diagnostics),
        None => Some(usual),
    };
    let bits = number(cell.map(|c| &c.bits), "bits", 1, 8, diagnostics);
    let devices = number(cell.map(|c| &c.devices), "devices", 1, 2, diagnostics);
    let guard = match c.guard_bits.located() {
        Some(number) if number.value > MOST_GUARD_BITS => count("guard-bits", number, MOST_GUARD_BITS, diagnostics),
        number => Some(number.map_or(0, |n| n.value)),
    };
    let max_rows = max_rows.and_then(|n| count("max-rows", n, MOST_LINES, diagnostics));
    let max_columns = max_columns.and_then(|n| count("max-columns", n, MOST_LINES, diagnostics));
    cell?;
    Some(StatedArray {
        max_rows: max_rows?,
        max_columns: max_columns?,
        devices_per_cell: u32::try_from(devices?).ok()?,
        bits_per_device: u32::try_from(bits?).ok()?,
        guard_columns: u32::try_from(guard?).ok()?,
    })
}

/// What a memory, bus, router or link moves and holds; what is wrong is reported.
#[expect(clippy::option_option, reason = "wrong, none, or some")]
pub(super) fn storage(entry: &mut Entry<'_, '_>, c: &file::ComponentSpec, kind: file::Kind) -> Option<Option<Storage>> {
    if !kind.entry().has("width") {
        return Some(None);
    }
    let (owner, place) = (entry.owner(), entry.name.span);
    let width = c.width.require(&owner, "width", place, entry.reader.diagnostics).cloned();
    let capacity = if kind == file::Kind::Memory {
        c.capacity.require(&owner, "capacity", place, entry.reader.diagnostics).cloned()
    } else {
        None
    };
    let width = width.and_then(|text| bits(entry, &text));
    let capacity_bits = capacity.as_ref().and_then(|text| bits(entry, text));
    if kind == file::Kind::Memory && capacity_bits.is_none() {
        return None;
    }
    Some(Some(Storage { width_bits: width?, capacity_bits }))
}

fn bits(entry: &mut Entry<'_, '_>, text: &Located<WrittenBits>) -> Option<u64> {
    match parse_bits(&text.value.0) {
        Ok(bits) => Some(bits),
        Err(error) => {
            entry.report(Diagnostic::error(error.message).at(text.span, "").maybe_help(error.help));
            None
        }
    }
}

/// What a component joins by itself.
pub(super) fn joins(slot: &Slot<JoinsSpec>) -> Joins {
    match slot.get() {
        None => Joins::default(),
        Some(JoinsSpec::Partitions(partitions)) => Joins { partitions: *partitions, ..Joins::default() },
        Some(JoinsSpec::These(joined)) => {
            let has = |what: Joined| joined.iter().any(|j| j.get() == Some(&what));
            Joins { partitions: has(Joined::Partitions), slices: has(Joined::Slices), cycles: has(Joined::Cycles) }
        }
    }
}
