//! Memory devices.

use std::sync::Arc;

use super::entry::{Entry, UNKNOWN};
use super::{DeviceKind, Figure, Provenance, rules};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, suggest};
use crate::spec::library as file;
use crate::units::{Current, Energy, Fraction, Resistance, Time, Voltage};
use crate::yaml::{Located, Slot};

/// A memory device.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Its name in the library.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Kind of memory.
    pub kind: DeviceKind,
    /// Resistances of its two states, where it is read as one ([`DeviceKind::is_resistive`]).
    pub resistances: Option<Resistances>,
    /// Voltage at which half of the tunnel magnetoresistance is left, where stated; `r_high` of the device in a crossbar is that at the
    /// crossbar's read voltage.
    pub tmr_v0: Option<Figure<Voltage>>,
    /// Standard deviation of the resistances from device to device, as a fraction of them, where stated.
    pub spread: Option<Figure<Fraction>>,
    /// Current that switches it, where stated.
    pub write_current: Option<Figure<Current>>,
    /// Duration of the pulse that switches it, where stated.
    pub write_pulse: Option<Figure<Time>>,
    /// Energy that switches it, where stated.
    pub write_energy: Option<Figure<Energy>>,
    /// How often it can be written, where stated.
    pub endurance: Option<Figure<Fraction>>,
    /// Where the entry comes from.
    pub provenance: Arc<Provenance>,
}

/// The resistances of a device's two states.
#[derive(Debug, Clone, PartialEq)]
pub struct Resistances {
    /// Of the low-resistance state.
    pub low: Figure<Resistance>,
    /// Of the high-resistance state.
    pub high: Figure<Resistance>,
}

/// A device in the cells of a crossbar, with the resistances that it has when this reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadDevice {
    /// The device.
    pub device: Arc<Device>,
    /// Resistance of the low-resistance state.
    pub r_low: Figure<Resistance>,
    /// Resistance of the high-resistance state, at the crossbar's read voltage where it depends on that.
    pub r_high: Figure<Resistance>,
}

impl DeviceKind {
    /// True for magnetic tunnel junctions.
    #[must_use]
    pub fn is_magnetic(self) -> bool {
        matches!(self, Self::SotMram | Self::SttMram)
    }

    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::SotMram,
        Self::SttMram,
        Self::Rram,
        Self::Pcm,
        Self::Fefet,
        Self::Sonos,
        Self::Ecram,
        Self::Sram,
        Self::Capacitive,
    ];

    /// True for devices that are read as one of two resistances, which is what a crossbar is made of.
    #[must_use]
    pub fn is_resistive(self) -> bool {
        !matches!(self, Self::Sram | Self::Capacitive)
    }

    /// The kind as it is written in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SotMram => "sot-mram",
            Self::SttMram => "stt-mram",
            Self::Rram => "rram",
            Self::Pcm => "pcm",
            Self::Fefet => "fefet",
            Self::Sonos => "sonos",
            Self::Ecram => "ecram",
            Self::Sram => "sram",
            Self::Capacitive => "capacitive",
        }
    }
}

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
    let endurance = entry.figure("endurance", &spec.endurance);
    let kind = *spec.kind.get()?;
    let (low, high) = (entry.with_range(r_low), entry.with_range(r_high));
    let resistances = low.zip(high).map(|(low, high)| Resistances { low, high });
    let before = entry.reader.diagnostics.mark();
    refuse_misplaced(&entry.name.value, spec, kind, entry.reader.diagnostics);
    if kind.is_resistive() {
        let Resistances { low, high } = resistances.as_ref()?;
        let at =
            |slot: &Slot<file::FigureSpec<Resistance>>, value| Located { value, span: slot.span().unwrap_or(place) };
        rules::device_resistances(
            &entry.name.value,
            kind,
            &at(&spec.r_low, low.value),
            &at(&spec.r_high, high.value),
            entry.reader.diagnostics,
        );
    }
    entry.reader.diagnostics.since(before).ok()?;
    Some(Device {
        name: entry.name.value.clone(),
        span: place,
        kind,
        resistances,
        tmr_v0: entry.with_range(tmr_v0),
        spread: entry.with_range(spread),
        write_current: entry.with_range(write_current),
        write_pulse: entry.with_range(write_pulse),
        write_energy: entry.with_range(write_energy),
        endurance: entry.with_range(endurance),
        provenance: entry.provenance,
    })
}

/// Reports the fields that have no meaning for a kind of device.
fn refuse_misplaced(name: &str, spec: &file::DeviceSpec, kind: DeviceKind, diagnostics: &mut Diagnostics) {
    let mut refuse = |field: &str, place: Option<Span>, what: &str, belongs: fn(DeviceKind) -> bool| {
        let Some(span) = place.filter(|_| !belongs(kind)) else { return };
        let owners: Vec<&str> =
            DeviceKind::ALL.into_iter().filter(|kind| belongs(*kind)).map(DeviceKind::name).collect();
        let message = format!("`{field}` has no meaning for `{name}`, a device of type {}", kind.name());
        let help = format!("it belongs to {what}: {}", suggest::list(&owners));
        diagnostics.push(Diagnostic::error(message).at(span, "").help(help));
    };
    for (field, place) in [("r-low", spec.r_low.span()), ("r-high", spec.r_high.span()), ("spread", spec.spread.span())]
    {
        refuse(field, place, "devices that are read as resistances", DeviceKind::is_resistive);
    }
    refuse("tmr-v0", spec.tmr_v0.span(), "magnetic tunnel junctions", DeviceKind::is_magnetic);
}

/// True if a resistance is stated as `unknown`: nothing is wrong with such a device, but nothing made of it has a price.
pub(super) fn states_unknown(spec: &file::DeviceSpec) -> bool {
    [&spec.r_low, &spec.r_high]
        .into_iter()
        .filter_map(Slot::get)
        .any(|figure| matches!(figure, file::FigureSpec::Plain(text) if *text.text == *UNKNOWN))
}

/// Reports the fields that no device can do without.
pub(super) fn require_fields(name: &Located<String>, spec: &file::DeviceSpec, diagnostics: &mut Diagnostics) {
    let owner = format!("`{}`", name.value);
    let kind = spec.kind.require(&owner, "type", name.span, diagnostics);
    if kind.is_some_and(|kind| !kind.value.is_resistive()) {
        return;
    }
    spec.r_low.require(&owner, "r-low", name.span, diagnostics);
    spec.r_high.require(&owner, "r-high", name.span, diagnostics);
}
