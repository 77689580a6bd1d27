//! Circuits: their figures, what follows from these, and whether all that is asked for is there.

use super::entry::{Entry, UNKNOWN};
use super::numbers::NumberId;
use super::parts::{self, PartTable};
use super::scope::Named;
use super::{CircuitNumbers, Component, Device, Figure, Model, amplifier, converter, crossbar, memory, model, rules};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::spec::library as file;
use crate::units::{Area, Energy, Frequency, Power, Time};
use crate::yaml::{Located, Slot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The devices that a crossbar can name.
pub(super) struct DeviceTable<'l> {
    pub known: &'l BTreeMap<String, Arc<Device>>,
    /// Those that are there but wrong, which has been reported.
    pub broken: &'l BTreeSet<String>,
    /// Those whose resistances nobody published.
    pub unknown: &'l BTreeSet<String>,
}

/// Whether the costs of a crossbar follow from its cells, or are stated.
fn is_stated(c: &file::ComponentSpec) -> bool {
    let costs = [c.power.state(), c.static_power.state(), c.energy.state(), c.area.state(), c.parts.state()];
    c.device.is_missing() && costs.iter().any(|slot| !slot.is_missing())
}

/// The circuit that an entry describes; what is wrong is reported.
pub(super) fn component<'a>(
    mut entry: Entry<'a, '_>,
    c: &'a file::ComponentSpec,
    kind: file::Kind,
    bits: Option<u32>,
    devices: &DeviceTable<'_>,
    parts: &PartTable<'_>,
) -> Option<Component> {
    let before = entry.reader.diagnostics.mark();
    let figures = figures(&mut entry, c, bits);
    let unknown_device = c.device.get().filter(|name| devices.unknown.contains(*name)).cloned();
    let of_cells = kind == file::Kind::Crossbar && !is_stated(c);
    let crossbar = of_cells.then(|| crossbar::crossbar(&mut entry, c, devices));
    let stated = kind == file::Kind::Array || kind == file::Kind::Crossbar && !of_cells;
    let array = stated.then(|| memory::stated_array(&mut entry, c));
    let storage = memory::storage(&mut entry, c, kind);
    if kind == file::Kind::Array {
        c.gives.require(&entry.owner(), "gives", entry.name.span, entry.reader.diagnostics);
    }
    let taken = converter::Taken { bits: bits.zip(figures.bits), rate: figures.rate.as_ref() };
    let described = model::model(&mut entry, kind, c, taken);
    let (model, circuit) = described.unzip();
    let mut figures = figures;
    if let Some((model, numbers)) = &described {
        figures.of_circuit(&mut entry, model, numbers);
    }
    if of_cells {
        refuse_stated_costs(entry.name, c, entry.reader.diagnostics);
    } else if c.parts.is_missing() {
        stated_costs(entry.name, c, kind, entry.reader.diagnostics);
    } else {
        refuse_beside_parts(entry.name, c, entry.reader.diagnostics);
        figures.of_parts(&mut entry, c, kind, parts);
    }
    // A crossbar whose device is wrong is wrong too, and needs no word of its own.
    if entry.broken
        || entry.reader.diagnostics.since(before).is_err()
        || (matches!(crossbar, Some(None)) && unknown_device.is_none())
        || matches!(array, Some(None))
    {
        return None;
    }
    figures.times_activity(&mut entry, c);
    figures.derive_energy(&mut entry);
    let component = Component {
        name: entry.name.value.as_str().into(),
        span: entry.name.span,
        kind,
        power: entry.with_range(figures.power),
        static_power: entry.with_range(figures.static_power),
        energy: entry.with_range(figures.energy),
        latency: entry.with_range(figures.latency),
        rate: entry.with_range(figures.rate),
        area: entry.with_range(figures.area),
        write_energy: entry.with_range(figures.write_energy),
        write_latency: entry.with_range(figures.write_latency),
        provenance: entry.provenance,
        per_bit: c.per_bit.get().copied().unwrap_or(false),
        bits,
        bits_number: figures.bits,
        takes: c.takes.get().copied(),
        gives: c.gives.get().copied(),
        differential: c.differential.get().copied().unwrap_or(false),
        joins: memory::joins(&c.joins),
        function: c.function.get().cloned(),
        model,
        circuit,
        crossbar: crossbar.flatten().map(Box::new),
        array: array.flatten(),
        storage: storage?,
        rewritable: c.rewritable.get().copied().unwrap_or(false),
        vdd: None,
        scaling: super::Scaling::None,
        unknown_device,
    };
    Some(component)
}

/// The costs of an entry while they are put together.
struct Figures {
    bits: Option<NumberId>,
    power: Option<Figure<Power>>,
    static_power: Option<Figure<Power>>,
    energy: Option<Figure<Energy>>,
    latency: Option<Figure<Time>>,
    rate: Option<Figure<Frequency>>,
    area: Option<Figure<Area>>,
    write_energy: Option<Figure<Energy>>,
    write_latency: Option<Figure<Time>>,
}

/// What the entry states, and the latency that follows from a rate.
fn figures<'a>(entry: &mut Entry<'a, '_>, c: &'a file::ComponentSpec, bits: Option<u32>) -> Figures {
    entry.add_parameters(&c.parameters);
    let mut bits_number = None;
    if let Some(span) = c.bits.span() {
        let text = bits.map(|b| b.to_string()).unwrap_or_default();
        let named = Named::new(format!("{}.bits", entry.name.value), text, span, Some(&entry.provenance));
        let named = entry.add_number("bits", named);
        if bits.is_some() {
            bits_number = entry.reader.settle(&named, &entry.scope);
        }
    }
    entry.add_figure("power", &c.power);
    entry.add_figure("static-power", &c.static_power);
    entry.add_figure("energy", &c.energy);
    entry.add_figure("latency", &c.latency);
    entry.add_figure("rate", &c.rate);
    entry.add_figure("area", &c.area);
    entry.read_ranges_of_parameters(&c.parameters);
    let power = entry.figure("power", &c.power);
    let static_power = entry.figure("static-power", &c.static_power);
    let energy = entry.figure("energy", &c.energy).or_else(|| entry.figure("read-energy", &c.read_energy));
    let write_energy = entry.figure("write-energy", &c.write_energy);
    let write_latency = entry.figure("write-latency", &c.write_latency);
    let rate: Option<Figure<Frequency>> = entry.figure("rate", &c.rate);
    let latency = entry.figure("latency", &c.latency).or_else(|| {
        let rate = rate.as_ref().filter(|_| c.latency.is_missing())?;
        entry.derived("latency", "1 / rate", rate.value.period(), vec![rate.id])
    });
    let area = entry.figure("area", &c.area);
    Figures { bits: bits_number, power, static_power, energy, latency, rate, area, write_energy, write_latency }
}

impl Figures {
    /// Static power and latency, where they follow from a circuit.
    fn of_circuit(&mut self, entry: &mut Entry<'_, '_>, model: &Model, numbers: &CircuitNumbers) {
        match (model, numbers) {
            (Model::MtjInverter(neuron), CircuitNumbers::MtjInverter(numbers)) => {
                let (power, latency) = model::figures_of_circuit(entry, neuron, *numbers);
                self.static_power = self.static_power.take().or(power);
                self.latency = self.latency.take().or(latency);
            }
            (Model::Amplifier(circuit), CircuitNumbers::Amplifier(numbers)) => {
                let latency = || amplifier::latency_of_circuit(entry, circuit, *numbers);
                self.latency = self.latency.take().or_else(latency);
            }
            (Model::AdcSurvey(wanted), numbers) => {
                let (energy, area) = converter::figures(entry, *wanted, *numbers, self.area.is_some());
                self.energy = self.energy.take().or(energy);
                self.area = self.area.take().or(area);
            }
            _ => {}
        }
    }

    /// What follows from the parts.
    fn of_parts<'a>(
        &mut self,
        entry: &mut Entry<'a, '_>,
        c: &'a file::ComponentSpec,
        kind: file::Kind,
        table: &PartTable<'_>,
    ) {
        let Some(found) = parts::figures(entry, c, table) else {
            entry.broken = true;
            return;
        };
        self.energy = found.energy;
        self.area = found.area;
        self.static_power = self.static_power.take().or(found.static_power);
        if kind != file::Kind::Control {
            self.latency = self.latency.take().or(found.latency);
        }
    }

    /// Operations that take no energy lower the energy of one on average.
    fn times_activity<'a>(&mut self, entry: &mut Entry<'a, '_>, c: &'a file::ComponentSpec) {
        let Some(text) = c.activity.located() else { return };
        let Some((activity, id)) = entry.activity(text) else {
            entry.broken = true;
            return;
        };
        if let Some(power) = self.power.take() {
            self.power = entry.derived("power", "power * activity", power.value * activity, vec![power.id, id]);
        }
        if let Some(energy) = self.energy.take() {
            self.energy = entry.derived("energy", "energy * activity", energy.value * activity, vec![energy.id, id]);
        }
    }

    /// A publication that gives power while active gives the energy of an operation as power × time.
    fn derive_energy(&mut self, entry: &mut Entry<'_, '_>) {
        if let (None, Some(power), Some(latency)) = (&self.energy, &self.power, &self.latency) {
            let (value, of) = (power.value * latency.value, vec![power.id, latency.id]);
            self.energy = entry.derived("energy", "power * latency", value, of);
        }
    }
}

/// Word width: stated and possible. Converters need one; a row driver has one bit where nothing else is said.
pub(super) fn bits(
    name: &Located<String>,
    c: &file::ComponentSpec,
    kind: file::Kind,
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    let converter = kind.entry().required.contains(&"bits");
    if converter {
        c.bits.require(&format!("`{}`", name.value), "bits", name.span, diagnostics);
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
        diagnostics.push(diagnostic);
        return None;
    }
    u32::try_from(bits.value).ok()
}

/// Where a figure stands that is not stated as unknown.
fn known<Q>(slot: &Slot<file::FigureSpec<Q>>) -> Option<Span> {
    let unknown = matches!(slot.get(), Some(file::FigureSpec::Plain(text)) if *text.text == *UNKNOWN);
    slot.span().filter(|_| !unknown)
}

/// A cost that is left out is an error, since a silent zero would make the component look better than it is.
fn stated_costs(name: &Located<String>, c: &file::ComponentSpec, kind: file::Kind, diagnostics: &mut Diagnostics) {
    let mut missing = Vec::new();
    // A model of a converter says itself what it misses, and one that could not be read is a mistake of its own.
    let named = !c.model.is_missing() && kind == file::Kind::Adc;
    let circuit = c.model.get().and_then(|model| model.circuit());
    let solved = named || circuit.is_some_and(|circuit| !circuit.mtj_inverter.is_missing());
    let settles = circuit.is_some_and(amplifier::states_settling);
    let no_power =
        c.power.is_missing() && c.static_power.is_missing() && c.energy.is_missing() && c.read_energy.is_missing();
    if no_power && !solved {
        missing.push("`power`, `static-power` or `energy`");
    }
    let timeless = kind == file::Kind::Control;
    if c.latency.is_missing() && c.rate.is_missing() && !solved && !settles && !timeless {
        missing.push("`latency` or `rate`");
    }
    if c.area.is_missing() && !named {
        missing.push("`area`");
    }
    for what in missing {
        diagnostics.push(
            Diagnostic::error(format!("`{}` needs {what}", name.value))
                .at(name.span, "a cost that is left out would count as nothing")
                .help("write `unknown` where the publication does not give it"),
        );
    }
    let known = (known(&c.power), known(&c.energy).or(known(&c.read_energy)));
    if let (Some(power), Some(energy)) = known {
        diagnostics.push(
            Diagnostic::error(format!("`{}` states both `power` and `energy`", name.value))
                .at(energy, "energy per operation")
                .also(power, "power while it works: gives energy per operation = power × latency")
                .help("keep one; power that is burnt all the time is `static-power`"),
        );
    }
}

/// The costs of a crossbar with a device follow from its cells.
fn refuse_stated_costs(name: &Located<String>, c: &file::ComponentSpec, diagnostics: &mut Diagnostics) {
    let costs = [
        ("power", c.power.span()),
        ("static-power", c.static_power.span()),
        ("energy", c.energy.span()),
        ("area", c.area.span()),
        ("rate", c.rate.span()),
        ("activity", c.activity.span()),
        ("parts", c.parts.span()),
    ];
    for (field, span) in costs {
        let Some(span) = span else { continue };
        let message = format!("`{}` states `{field}` and has a device, from which it is computed", name.value);
        let mut diagnostic = Diagnostic::error(message).at(span, "stated and computed: keep one");
        if let Some(device) = c.device.span() {
            diagnostic = diagnostic.also(device, "its power and area follow from its cells and its read voltage");
        }
        diagnostics.push(diagnostic);
    }
}

/// What is made of parts has their costs.
fn refuse_beside_parts(name: &Located<String>, c: &file::ComponentSpec, diagnostics: &mut Diagnostics) {
    let Some(parts) = c.parts.span() else { return };
    let costs = [
        ("power", c.power.span()),
        ("static-power", c.static_power.span()),
        ("energy", c.energy.span()),
        ("area", c.area.span()),
    ];
    for (field, span) in costs {
        let Some(span) = span else { continue };
        let message = format!("`{}` states `{field}` and has parts, of which it is the sum", name.value);
        diagnostics.push(Diagnostic::error(message).at(span, "keep one").also(parts, "its parts"));
    }
}
