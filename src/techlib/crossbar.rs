//! The crossbar part of a component: device, cell, wires.

use std::sync::Arc;

use super::figure::Scope;
use super::provenance::Origin;
use super::resolve::Resolver;
use super::{Crossbar, Device, Figure};
use crate::diagnostic::{Diagnostic, suggest};
use crate::model::wire::WireGeometry;
use crate::spec::{Written, library as file};
use crate::units::Length;
use crate::yaml::{Located, Slot};

impl Resolver<'_, '_> {
    pub(super) fn crossbar(
        &mut self,
        name: &Located<String>,
        c: &file::ComponentSpec,
        scope: &Scope<'_>,
        origin: &Origin,
    ) -> Option<Crossbar> {
        let owner = format!("`{}`", name.value);
        let place = origin.place;
        let diagnostics = &mut *self.evaluator.diagnostics;
        let device_name = c.device.require(&owner, "device", place, diagnostics);
        let cell = c.cell.require(&owner, "cell", place, diagnostics);
        let voltage = c.read_voltage.require(&owner, "read-voltage", place, diagnostics);
        let max_rows = c.max_rows.require(&owner, "max-rows", place, diagnostics);
        let max_columns = c.max_columns.require(&owner, "max-columns", place, diagnostics);
        if c.wire.is_missing() && c.latency.is_missing() {
            self.report(
                Diagnostic::error(format!("{owner} needs `latency` or `wire`"))
                    .at(place, "its settling time is not known")
                    .help("state the time of a read, or the wires' geometry from which it is computed"),
            );
        }
        let device = device_name.and_then(|d| self.find_device(d));
        let cell = cell.and_then(|cell| self.cell(cell, scope, origin));
        let read_voltage = voltage.and_then(|v| self.evaluator.positive("read-voltage", v, scope));
        let wire = c.wire.located().map(|wire| self.wire(wire, scope));
        let at_least_one =
            |r: &mut Self, n: Option<&Located<u64>>, what| n.and_then(|n| r.count(what, n, u64::from(u32::MAX)));
        let max_rows = at_least_one(self, max_rows, "max-rows");
        let max_columns = at_least_one(self, max_columns, "max-columns");
        let (devices_per_cell, bits_per_device, cell_width, cell_height) = cell?;
        Some(Crossbar {
            device: device?,
            devices_per_cell,
            bits_per_device,
            cell_width,
            cell_height,
            read_voltage: read_voltage?,
            max_rows: max_rows?,
            max_columns: max_columns?,
            wire: wire.map_or(Some(None), |w| w.map(Some))?,
            line_switch: c.line_switch.get().cloned(),
        })
    }

    fn find_device(&mut self, name: &Located<String>) -> Option<Arc<Device>> {
        let found = self.library.devices.get(&name.value).cloned();
        if found.is_none() && !self.library.broken.contains(&name.value) {
            let diagnostic = Diagnostic::error(format!("unknown device `{}`", name.value))
                .at(name.span, "no device of this name in the library or in what it extends")
                .maybe_help(suggest::did_you_mean(&name.value, self.library.devices.keys().map(String::as_str)));
            self.report(diagnostic);
        }
        found
    }

    fn cell(
        &mut self,
        cell: &Located<file::Cell>,
        scope: &Scope<'_>,
        origin: &Origin,
    ) -> Option<(u32, u32, Figure<Length>, Figure<Length>)> {
        let (place, cell) = (cell.span, &cell.value);
        let diagnostics = &mut *self.evaluator.diagnostics;
        let devices = cell.devices.require("`cell`", "devices", place, diagnostics).copied();
        cell.width.require("`cell`", "width", place, diagnostics);
        cell.height.require("`cell`", "height", place, diagnostics);
        let devices = devices.and_then(|d| self.count("devices", &d, 2));
        let bits = match cell.bits.located() {
            Some(bits) => self.count("bits", bits, 8),
            None => Some(1),
        };
        let width = self.figure("width", &cell.width, scope, origin);
        let height = self.figure("height", &cell.height, scope, origin);
        let small = |n: u64| u32::try_from(n).ok();
        Some((devices.and_then(small)?, bits.and_then(small)?, width?, height?))
    }

    fn count(&mut self, what: &str, number: &Located<u64>, max: u64) -> Option<u64> {
        if (1..=max).contains(&number.value) {
            return Some(number.value);
        }
        let expected = if max > 1000 { "expected 1 or more".into() } else { format!("expected 1 to {max}") };
        self.report(Diagnostic::error(format!("`{what}` is {}", number.value)).at(number.span, expected));
        None
    }

    fn wire(&mut self, wire: &Located<file::WireSpec>, scope: &Scope<'_>) -> Option<WireGeometry> {
        let place = wire.span;
        let w = &wire.value;
        let mut length = |slot: &Slot<Written<Length>>, name: &str| {
            let text = slot.require("`wire`", name, place, self.evaluator.diagnostics)?;
            self.evaluator.positive::<Length>(name, text, scope)
        };
        let width = length(&w.width, "width");
        let thickness = length(&w.thickness, "thickness");
        let pitch_gap = length(&w.pitch_gap, "pitch-gap");
        let dielectric_height = length(&w.dielectric_height, "dielectric-height");
        let mean_free_path = length(&w.mean_free_path, "mean-free-path");
        let diagnostics = &mut *self.evaluator.diagnostics;
        let permittivity = w.permittivity.require("`wire`", "permittivity", place, diagnostics);
        let resistivity = w.resistivity.require("`wire`", "resistivity", place, diagnostics);
        let specularity = w.specularity.require("`wire`", "specularity", place, diagnostics);
        let reflectivity = w.reflectivity.require("`wire`", "reflectivity", place, diagnostics);
        let permittivity = permittivity.and_then(|t| self.evaluator.positive("permittivity", t, scope));
        let resistivity = resistivity.and_then(|t| self.evaluator.positive("resistivity", t, scope));
        let specularity = specularity.and_then(|t| self.evaluator.fraction("specularity", t));
        let reflectivity = reflectivity.and_then(|t| self.evaluator.fraction("reflectivity", t));
        Some(WireGeometry {
            width: width?,
            thickness: thickness?,
            pitch_gap: pitch_gap?,
            dielectric_height: dielectric_height?,
            permittivity: permittivity.map(|f| f.si())?,
            resistivity: resistivity?,
            mean_free_path: mean_free_path?,
            specularity: specularity?,
            reflectivity: reflectivity?,
        })
    }
}
