//! The crossbar part of a component: device, cell, wires.

use std::sync::Arc;

use super::circuit_numbers::WireNumbers;
use super::component::DeviceTable;
use super::entry::Entry;
use super::numbers::NumberId;
use super::{Crossbar, Device, Figure, ReadDevice, Resistances};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, suggest};
use crate::model::mtj::Antiparallel;
use crate::model::wire::{WireError, WireGeometry};
use crate::spec::{Written, library as file};
use crate::units::{Fraction, Length, Unit, Voltage};
use crate::yaml::{Located, Slot};

/// The crossbar part of an entry; what is wrong is reported, but not that its device is.
pub(super) fn crossbar<'a>(
    entry: &mut Entry<'a, '_>,
    c: &'a file::ComponentSpec,
    devices: &DeviceTable<'_>,
) -> Option<Crossbar> {
    let owner = entry.owner();
    let place = entry.name.span;
    let diagnostics = &mut *entry.reader.diagnostics;
    let device_name = c.device.require(&owner, "device", place, diagnostics);
    if c.cell.is_missing() {
        diagnostics.push(
            Diagnostic::error(format!("{owner} needs `cell`"))
                .at(place, "`cell` is missing here")
                .help("a whole one: `cell: { devices: 2, width: 0.2 um, height: 0.5 um }`, of 1 or 2 devices; `bits` of a device where it has more than 1"),
        );
    }
    let cell_spec = c.cell.located();
    let voltage = c.read_voltage.require(&owner, "read-voltage", place, diagnostics);
    let max_rows = c.max_rows.require(&owner, "max-rows", place, diagnostics);
    let max_columns = c.max_columns.require(&owner, "max-columns", place, diagnostics);
    if c.wire.is_missing() && c.latency.is_missing() {
        diagnostics.push(
            Diagnostic::error(format!("{owner} needs `latency` or `wire`"))
                .at(place, "its settling time is not known")
                .help("state the time of a read, or the wires' geometry from which it is computed"),
        );
    }
    let device = device_name.and_then(|d| find_device(d, devices, entry.reader.diagnostics));
    if let (Some(name), Some(device)) = (device_name, device.as_deref().filter(|d| !d.kind.is_resistive())) {
        entry.report(no_crossbar_of(name, device, devices));
    }
    let cell = cell_spec.and_then(|spec| cell(entry, spec));
    let read_voltage = voltage.and_then(|v| entry.positive("read-voltage", v));
    let wire = c.wire.located().map(|spec| wire(entry, spec));
    let at_least_one = |n: Option<&Located<u64>>, what, diagnostics: &mut Diagnostics| {
        n.and_then(|n| count(what, n, u64::from(u32::MAX), diagnostics))
    };
    let max_rows = at_least_one(max_rows, "max-rows", entry.reader.diagnostics);
    let max_columns = at_least_one(max_columns, "max-columns", entry.reader.diagnostics);
    let (cell, (read_voltage, read_voltage_number)) = (cell?, read_voltage?);
    let (wire, wire_numbers) = wire.map_or(Some(None), |w| w.map(Some))?.unzip();
    let device = at_voltage(entry, device?, read_voltage, read_voltage_number)?;
    Some(Crossbar {
        device,
        devices_per_cell: cell.devices,
        bits_per_device: cell.bits,
        cell_width: entry.with_range(Some(cell.width))?,
        cell_height: entry.with_range(Some(cell.height))?,
        read_voltage,
        read_voltage_number,
        max_rows: max_rows?,
        max_columns: max_columns?,
        wire,
        wire_numbers,
        line_switch: c.line_switch.get().cloned(),
    })
}

/// What is said of a crossbar of latches or capacitors.
fn no_crossbar_of(name: &Located<String>, device: &Device, devices: &DeviceTable<'_>) -> Diagnostic {
    let resistive = |d: &&Arc<Device>| d.kind.is_resistive();
    let others: Vec<&str> = devices.known.values().filter(resistive).map(|d| d.name.as_str()).collect();
    let instead =
        if others.is_empty() { String::new() } else { format!(", or name one of {}", suggest::list(&others)) };
    Diagnostic::error(format!(
        "`{}` is of type {}: it has no resistances to make a crossbar of",
        name.value,
        device.kind.name()
    ))
    .at(name.span, "a crossbar's costs are computed from the resistances of its device")
    .also(device.span, "the device")
    .help(format!("state what an array of it costs in a component of kind `array`{instead}"))
}

fn find_device(
    name: &Located<String>,
    devices: &DeviceTable<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Device>> {
    let found = devices.known.get(&name.value).cloned();
    if found.is_none() && !devices.broken.contains(&name.value) && !devices.unknown.contains(&name.value) {
        let diagnostic = Diagnostic::error(format!("unknown device `{}`", name.value))
            .at(name.span, "no device of this name in the library or in what it extends")
            .maybe_help(suggest::did_you_mean(&name.value, devices.known.keys().map(String::as_str)));
        diagnostics.push(diagnostic);
    }
    found
}

/// The device as it is read: of a magnetic tunnel junction whose magnetoresistance falls with bias, with the resistance that its high state has
/// at the read voltage.
fn at_voltage(entry: &mut Entry<'_, '_>, device: Arc<Device>, read: Voltage, number: NumberId) -> Option<ReadDevice> {
    let Resistances { low: r_low, high: r_high } = device.resistances.clone()?;
    let Some(v0) = &device.tmr_v0 else { return Some(ReadDevice { device, r_low, r_high }) };
    let (low, high) = (r_low.value, r_high.value);
    let left = Antiparallel { parallel: low, tmr: high / low - 1.0, v0: Some(v0.value) }.tmr_at(read);
    let of = vec![r_low.id, r_high.id, number, v0.id];
    let read_high =
        entry.derived("r-high", "r-low + (r-high - r-low) / (1 + (read-voltage / tmr-v0)^2)", low * (1.0 + left), of);
    let r_high = entry.with_range(read_high)?;
    Some(ReadDevice { device, r_low, r_high })
}

struct CellFigures {
    devices: u32,
    bits: u32,
    width: Figure<Length>,
    height: Figure<Length>,
}

fn cell<'a>(entry: &mut Entry<'a, '_>, cell: &'a Located<file::Cell>) -> Option<CellFigures> {
    let (place, cell) = (cell.span, &cell.value);
    let diagnostics = &mut *entry.reader.diagnostics;
    let devices = cell.devices.require("`cell`", "devices", place, diagnostics).copied();
    cell.width.require("`cell`", "width", place, diagnostics);
    cell.height.require("`cell`", "height", place, diagnostics);
    let devices = devices.and_then(|d| count("devices", &d, 2, diagnostics));
    let bits = match cell.bits.located() {
        Some(bits) => count("bits", bits, 8, diagnostics),
        None => Some(1),
    };
    let width = entry.figure("cell.width", &cell.width);
    let height = entry.figure("cell.height", &cell.height);
    let small = |n: u64| u32::try_from(n).ok();
    Some(CellFigures { devices: devices.and_then(small)?, bits: bits.and_then(small)?, width: width?, height: height? })
}

pub(super) fn count(what: &str, number: &Located<u64>, max: u64, diagnostics: &mut Diagnostics) -> Option<u64> {
    if (1..=max).contains(&number.value) {
        return Some(number.value);
    }
    let expected = if max > 1000 { "expected 1 or more".into() } else { format!("expected 1 to {max}") };
    diagnostics.push(Diagnostic::error(format!("`{what}` is {}", number.value)).at(number.span, expected));
    None
}

fn wire<'a>(entry: &mut Entry<'a, '_>, wire: &'a Located<file::WireSpec>) -> Option<(WireGeometry, WireNumbers)> {
    let place = wire.span;
    let w = &wire.value;
    let width = positive(entry, place, "wire.width", &w.width);
    let thickness = positive(entry, place, "wire.thickness", &w.thickness);
    let pitch_gap = positive(entry, place, "wire.pitch-gap", &w.pitch_gap);
    let dielectric_height = positive(entry, place, "wire.dielectric-height", &w.dielectric_height);
    let mean_free_path = positive(entry, place, "wire.mean-free-path", &w.mean_free_path);
    let permittivity = positive(entry, place, "wire.permittivity", &w.permittivity);
    let resistivity = positive(entry, place, "wire.resistivity", &w.resistivity);
    let specularity = fraction(entry, place, "wire.specularity", &w.specularity);
    let reflectivity = fraction(entry, place, "wire.reflectivity", &w.reflectivity);
    let numbers = WireNumbers {
        width: width?,
        thickness: thickness?,
        pitch_gap: pitch_gap?,
        dielectric_height: dielectric_height?,
        permittivity: permittivity?,
        resistivity: resistivity?,
        mean_free_path: mean_free_path?,
        specularity: specularity?,
        reflectivity: reflectivity?,
    };
    let geometry = numbers.geometry(&|id| entry.reader.numbers.get(id).value.si);
    for error in geometry.check() {
        entry.reader.diagnostics.push(beyond_the_models(error, wire));
    }
    geometry.check().is_empty().then_some((geometry, numbers))
}

/// What the models of wires do not cover, at its place.
fn beyond_the_models(error: WireError, wire: &Located<file::WireSpec>) -> Diagnostic {
    let w = &wire.value;
    let place = |span: Option<Span>| span.unwrap_or(wire.span);
    let message = Diagnostic::error(error.to_string());
    let field = match error {
        WireError::Insulates(_) => return message.at(place(w.reflectivity.span()), "expected less than 1"),
        WireError::Shape { field: "width", .. } => &w.width,
        WireError::Shape { field: "thickness", .. } => &w.thickness,
        WireError::Shape { .. } => &w.pitch_gap,
    };
    message
        .at(place(field.span()), "")
        .also(place(w.dielectric_height.span()), "the height over the plane below")
        .help("outside of that the formula for the capacitance is no longer one, and may be negative")
}

fn positive<'a, Q: Unit>(
    entry: &mut Entry<'a, '_>,
    place: Span,
    field: &str,
    slot: &'a Slot<Written<Q>>,
) -> Option<NumberId> {
    entry.required("`wire`", place, field, slot).map(|(_, id)| id)
}

fn fraction<'a>(
    entry: &mut Entry<'a, '_>,
    place: Span,
    field: &str,
    slot: &'a Slot<Written<Fraction>>,
) -> Option<NumberId> {
    let last = field.rsplit('.').next().unwrap_or(field);
    let text = slot.require("`wire`", last, place, entry.reader.diagnostics)?;
    entry.fraction(field, text).map(|(_, id)| id)
}
