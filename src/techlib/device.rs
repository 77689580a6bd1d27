//! Memory devices.

use super::entry::{Entry, UNKNOWN};
use super::{Device, rules};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::library as file;
use crate::units::Resistance;
use crate::yaml::{Located, Slot};

/// The device that an entry describes; what is wrong is reported.
pub(super) fn device<'a>(mut entry: Entry<'a, '_>, spec: &'a file::DeviceSpec) -> Option<Device> {
    let place = entry.name.span;
    entry.add_parameters(&spec.parameters);
    entry.add_figure("r-low", &spec.r_low);
    entry.add_figure("r-high", &spec.r_high);
    entry.add_figure("tmr-v0", &spec.tmr_v0);
    entry.add_figure("write-current", &spec.write_current);
    entry.add_figure("write-pulse", &spec.write_pulse);
    entry.read_ranges_of_parameters(&spec.parameters);
    let r_low = entry.figure("r-low", &spec.r_low);
    let r_high = entry.figure("r-high", &spec.r_high);
    let tmr_v0 = entry.figure("tmr-v0", &spec.tmr_v0);
    let spread = entry.figure("spread", &spec.spread);
    let write_current = entry.figure("write-current", &spec.write_current);
    let write_pulse = entry.figure("write-pulse", &spec.write_pulse);
    let write_energy = entry.figure("write-energy", &spec.write_energy);
    let (kind, r_low, r_high) = (spec.kind.get()?, entry.with_range(r_low)?, entry.with_range(r_high)?);
    let at = |slot: &Slot<file::FigureSpec<Resistance>>, value| Located { value, span: slot.span().unwrap_or(place) };
    let before = entry.reader.diagnostics.mark();
    if let Some(span) = spec.tmr_v0.span().filter(|_| !kind.is_magnetic()) {
        let message = format!("`tmr-v0` has no meaning for `{}`, a device of type {}", entry.name.value, kind.name());
        let help = "it belongs to magnetic tunnel junctions: sot-mram, stt-mram";
        entry.reader.diagnostics.push(Diagnostic::error(message).at(span, "").help(help));
    }
    rules::device_resistances(
        &entry.name.value,
        *kind,
        &at(&spec.r_low, r_low.value),
        &at(&spec.r_high, r_high.value),
        entry.reader.diagnostics,
    );
    entry.reader.diagnostics.since(before).ok()?;
    Some(Device {
        name: entry.name.value.clone(),
        span: place,
        kind: *kind,
        r_low,
        r_high,
        tmr_v0: entry.with_range(tmr_v0),
        spread: entry.with_range(spread),
        write_current: entry.with_range(write_current),
        write_pulse: entry.with_range(write_pulse),
        write_energy: entry.with_range(write_energy),
        provenance: entry.provenance,
    })
}

/// True if a resistance is stated as `unknown`: nothing is wrong with such a device, but nothing made of it has a price.
pub(super) fn states_unknown(spec: &file::DeviceSpec) -> bool {
    [&spec.r_low, &spec.r_high]
        .into_iter()
        .filter_map(Slot::get)
        .any(|figure| matches!(figure, file::FigureSpec::Plain(text) if text.text == UNKNOWN))
}

/// Reports the fields that no device can do without.
pub(super) fn require_fields(name: &Located<String>, spec: &file::DeviceSpec, diagnostics: &mut Diagnostics) {
    let owner = format!("`{}`", name.value);
    spec.kind.require(&owner, "type", name.span, diagnostics);
    spec.r_low.require(&owner, "r-low", name.span, diagnostics);
    spec.r_high.require(&owner, "r-high", name.span, diagnostics);
}
