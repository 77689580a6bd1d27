//! Entries of a library file: formulas evaluated, provenance attached, everything checked.

use std::path::Path;
use std::sync::Arc;

use super::figure::{Evaluator, Scope};
use super::provenance::Stated;
use super::{Component, Device, Figure, Library, Model, rules};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::{Written, library as file};
use crate::units::{Energy, Frequency, Length, Power, Time};
use crate::yaml::{Located, Slot, slot::Table};

/// Devices and components state their origin in fields of the same names.
macro_rules! stated {
    ($entry:expr) => {
        Stated { source: &$entry.source, basis: &$entry.basis, node: &$entry.node, note: &$entry.note }
    };
}

/// Fills a library with the entries of one file.
pub(super) struct Resolver<'a, 'd> {
    pub evaluator: Evaluator<'d>,
    pub library: &'a mut Library,
}

impl Resolver<'_, '_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.evaluator.diagnostics.push(diagnostic);
    }

    pub(super) fn file(&mut self, path: &Path, spec: &file::LibrarySpec, place: Span) {
        let owner = format!("the library `{}`", path.display());
        if let Some(name) = spec.name.require(&owner, "name", place, self.evaluator.diagnostics) {
            self.library.name = name.value.clone();
        }
        self.library.description = spec.description.get().cloned();
        let mut scope = Scope::default();
        add_parameters(&mut scope, &spec.parameters);
        for (name, text) in table(&spec.parameters) {
            if let Some(text) = text.located() {
                let _ = (name, self.evaluator.evaluate(&text.value.text, text.span, &scope));
            }
        }
        let node = spec.node.located().and_then(|n| self.evaluator.positive::<Length>("node", n, &scope));
        for (name, device) in table(&spec.devices) {
            self.library.devices.remove(&name.value);
            match device.get().and_then(|d| self.device(name, d, node, &scope)) {
                Some(device) => {
                    self.library.devices.insert(name.value.clone(), Arc::new(device));
                }
                None => {
                    self.library.broken.insert(name.value.clone());
                }
            }
        }
        for (name, component) in table(&spec.components) {
            self.library.components.remove(&name.value);
            match component.get().and_then(|c| self.component(name, c, node, &scope)) {
                Some(component) => {
                    self.library.components.insert(name.value.clone(), Arc::new(component));
                }
                None => {
                    self.library.broken.insert(name.value.clone());
                }
            }
        }
    }

    fn device(
        &mut self,
        name: &Located<String>,
        device: &file::DeviceSpec,
        file_node: Option<Length>,
        file_scope: &Scope<'_>,
    ) -> Option<Device> {
        let owner = format!("`{}`", name.value);
        let kind = device.kind.require(&owner, "type", name.span, self.evaluator.diagnostics).copied();
        let origin = self.origin(name, stated!(device), file_node);
        let mut scope = Scope::inside(file_scope);
        add_parameters(&mut scope, &device.parameters);
        add_figure(&mut scope, "r-low", &device.r_low);
        add_figure(&mut scope, "r-high", &device.r_high);
        device.r_low.require(&owner, "r-low", name.span, self.evaluator.diagnostics);
        device.r_high.require(&owner, "r-high", name.span, self.evaluator.diagnostics);
        let origin = origin?;
        let r_low = self.figure("r-low", &device.r_low, &scope, &origin);
        let r_high = self.figure("r-high", &device.r_high, &scope, &origin);
        add_figure(&mut scope, "write-current", &device.write_current);
        add_figure(&mut scope, "write-pulse", &device.write_pulse);
        let spread = self.figure("spread", &device.spread, &scope, &origin);
        let write_current = self.figure("write-current", &device.write_current, &scope, &origin);
        let write_pulse = self.figure("write-pulse", &device.write_pulse, &scope, &origin);
        let write_energy = self.figure("write-energy", &device.write_energy, &scope, &origin);
        let (kind, r_low, r_high) = (kind?, r_low?, r_high?);
        let at = |slot: &Slot<_>, value| Located { value, span: slot.span().unwrap_or(name.span) };
        let before = self.evaluator.diagnostics.mark();
        rules::device_resistances(
            &name.value,
            kind.value,
            &at(&device.r_low, r_low.value),
            &at(&device.r_high, r_high.value),
            self.evaluator.diagnostics,
        );
        self.evaluator.diagnostics.since(before).ok()?;
        let provenance = origin.provenance;
        Some(Device {
            name: name.value.clone(),
            span: name.span,
            kind: kind.value,
            r_low,
            r_high,
            spread,
            write_current,
            write_pulse,
            write_energy,
            provenance,
        })
    }

    fn component(
        &mut self,
        name: &Located<String>,
        c: &file::ComponentSpec,
        file_node: Option<Length>,
        file_scope: &Scope<'_>,
    ) -> Option<Component> {
        let owner = format!("`{}`", name.value);
        let kind = c.kind.require(&owner, "kind", name.span, self.evaluator.diagnostics).copied();
        if let Some(kind) = &kind {
            rules::misplaced_fields(&name.value, c, kind, self.evaluator.diagnostics);
        }
        let origin = self.origin(name, stated!(c), file_node);
        let before = self.evaluator.diagnostics.mark();
        let bits = self.bits(name, c, kind);
        let bits_text = bits.map(|b| b.to_string()).unwrap_or_default();
        let mut scope = Scope::inside(file_scope);
        add_parameters(&mut scope, &c.parameters);
        if let Some(span) = c.bits.span() {
            scope.add("bits", &bits_text, span);
        }
        add_figure(&mut scope, "power", &c.power);
        add_figure(&mut scope, "static-power", &c.static_power);
        add_figure(&mut scope, "energy", &c.energy);
        add_figure(&mut scope, "latency", &c.latency);
        add_figure(&mut scope, "rate", &c.rate);
        add_figure(&mut scope, "area", &c.area);
        let (kind, origin) = (kind?.value, origin?);
        let power = self.figure("power", &c.power, &scope, &origin);
        let static_power = self.figure("static-power", &c.static_power, &scope, &origin);
        let energy = self.figure("energy", &c.energy, &scope, &origin);
        let rate = self.figure("rate", &c.rate, &scope, &origin);
        let latency = self.figure("latency", &c.latency, &scope, &origin).or_else(|| {
            let rate = rate.as_ref().filter(|_| c.latency.is_missing())?;
            let period = |f: Frequency| f.period();
            let range = rate.range.map(|(low, high)| (period(high), period(low)));
            Some(Figure { value: period(rate.value), range, provenance: rate.provenance.clone() })
        });
        let area = self.figure("area", &c.area, &scope, &origin);
        let crossbar = if kind == file::Kind::Crossbar { self.crossbar(name, c, &scope, &origin) } else { None };
        let model = self.model(kind, c, origin.provenance.node, &scope);
        let (mut static_power, mut latency) = (static_power, latency);
        if let Some(Model::MtjInverter(neuron)) = &model {
            let (power_of_circuit, latency_of_circuit) = self.figures_of_circuit(name, neuron, &origin.provenance);
            static_power = static_power.or(power_of_circuit);
            latency = latency.or(latency_of_circuit);
        }
        if kind != file::Kind::Crossbar {
            self.stated_costs(name, c);
        }
        self.evaluator.diagnostics.since(before).ok()?;
        let energy = energy.or_else(|| dynamic_energy(power.as_ref()?, latency.as_ref()?));
        Some(Component {
            name: name.value.as_str().into(),
            span: name.span,
            kind,
            provenance: origin.provenance,
            power,
            static_power,
            energy,
            latency,
            rate,
            area,
            per_bit: c.per_bit.get().copied().unwrap_or(false),
            bits,
            takes: c.takes.get().copied(),
            differential: c.differential.get().copied().unwrap_or(false),
            joins: c.joins.get().copied().unwrap_or(false),
            function: c.function.get().cloned(),
            model,
            crossbar,
        })
    }

    /// Word width: stated and possible. Converters need one; a row driver has one bit where nothing else is said.
    fn bits(
        &mut self,
        name: &Located<String>,
        c: &file::ComponentSpec,
        kind: Option<Located<file::Kind>>,
    ) -> Option<u32> {
        let kind = kind?.value;
        let converter = matches!(kind, file::Kind::Adc | file::Kind::Dac);
        if converter {
            c.bits.require(&format!("`{}`", name.value), "bits", name.span, self.evaluator.diagnostics);
        }
        let Some(bits) = c.bits.located() else { return (kind == file::Kind::RowDriver).then_some(1) };
        let limit = if converter { rules::MAX_CONVERTER_BITS } else { rules::MAX_WORD_BITS };
        if bits.value == 0 || bits.value > limit {
            let message = format!("`{}` has {} bits", name.value, bits.value);
            let label = format!("expected 1 to {limit}");
            let mut diagnostic = Diagnostic::error(message).at(bits.span, label);
            if converter {
                diagnostic = diagnostic.help("no published converter has more than 20 effective bits (Murmann survey)");
            }
            self.report(diagnostic);
            return None;
        }
        u32::try_from(bits.value).ok()
    }

    /// A cost that is left out is an error, since a silent zero would make the component look better than it is.
    fn stated_costs(&mut self, name: &Located<String>, c: &file::ComponentSpec) {
        let mut missing = Vec::new();
        let solved = c.model.get().is_some_and(|model| !model.mtj_inverter.is_missing());
        let no_power = c.power.is_missing() && c.static_power.is_missing() && c.energy.is_missing();
        if no_power && !solved {
            missing.push("`power`, `static-power` or `energy`");
        }
        if c.latency.is_missing() && c.rate.is_missing() && !solved {
            missing.push("`latency` or `rate`");
        }
        if c.area.is_missing() {
            missing.push("`area`");
        }
        for what in missing {
            self.report(
                Diagnostic::error(format!("`{}` needs {what}", name.value))
                    .at(name.span, "a cost that is left out would count as nothing")
                    .help("write `unknown` where the publication does not give it"),
            );
        }
        if let (Some(power), Some(energy)) = (c.power.span(), c.energy.span()) {
            self.report(
                Diagnostic::error(format!("`{}` states both `power` and `energy`", name.value))
                    .at(energy, "energy per operation")
                    .also(power, "power while it works: gives energy per operation = power × latency")
                    .help("keep one; power that is burnt all the time is `static-power`"),
            );
        }
    }
}

/// A publication that gives power while active gives the energy of an operation as power × time.
fn dynamic_energy(power: &Figure<Power>, latency: &Figure<Time>) -> Option<Figure<Energy>> {
    // The weaker basis decides what the product rests on.
    let provenance = if latency.is_assumed() { &latency.provenance } else { &power.provenance };
    let range = power.range.map(|(low, high)| (low * latency.value, high * latency.value));
    Some(Figure { value: power.value * latency.value, range, provenance: provenance.clone() })
}

fn table<T>(slot: &Slot<Table<T>>) -> &[(Located<String>, Slot<T>)] {
    slot.get().map_or(&[], |t| t.entries.as_slice())
}

fn add_parameters<'a>(scope: &mut Scope<'a>, parameters: &'a Slot<Table<Written<file::Any>>>) {
    for (name, text) in table(parameters) {
        if let Some(text) = text.located() {
            scope.add(&name.value, &text.value.text, text.span);
        }
    }
}

fn add_figure<'a, Q>(scope: &mut Scope<'a>, name: &'a str, slot: &'a Slot<file::FigureSpec<Q>>) {
    let Some(figure) = slot.located() else { return };
    match &figure.value {
        file::FigureSpec::Plain(text) if text.text != "unknown" => scope.add(name, &text.text, figure.span),
        file::FigureSpec::Plain(_) => {}
        file::FigureSpec::Detailed(detail) => {
            if let Some(value) = detail.value.located() {
                scope.add(name, &value.value.text, value.span);
            }
        }
    }
}
