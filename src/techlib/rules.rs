//! What belongs to which kind of component, and which values no known device has.

use super::{DeviceKind, Kind};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, suggest};
use crate::spec::library::ComponentSpec;
use crate::units::{Dimension, Resistance, Unit};
use crate::yaml::{Located, Slot};

/// The survey of published converters (B. Murmann, ADC Performance Survey 1997-2024) ends at 19.7 effective bits.
pub const MAX_CONVERTER_BITS: u64 = 20;
/// A word of more bits is a slip of the pen.
pub const MAX_WORD_BITS: u64 = 64;

/// True for costs that a circuit may not have, so that zero is no slip of the pen.
pub fn may_be_zero(figure: &str) -> bool {
    matches!(figure, "power" | "static-power" | "energy" | "latency" | "area")
}

/// Reports the fields that have no meaning for the component's kind.
pub fn misplaced_fields(name: &str, component: &ComponentSpec, kind: &Located<Kind>, diagnostics: &mut Diagnostics) {
    for (field, span) in written_fields(component) {
        if kind.value.entry().has(field) {
            continue;
        }
        let owners: Vec<&str> = Kind::with_field(field).map(Kind::name).collect();
        let help = match (kind.value, field) {
            (Kind::Control, "latency" | "rate") => "what controls works beside the others and takes no time".to_owned(),
            _ => format!("it belongs to: {}", suggest::list(&owners)),
        };
        diagnostics.push(
            Diagnostic::error(format!(
                "`{field}` has no meaning for `{name}`, a component of kind {}",
                kind.value.name()
            ))
            .at(span, "")
            .also(kind.span, "the kind is given here")
            .help(help),
        );
    }
}

/// True if a field is there but could not be read, which has been reported: what it would have given is missing.
pub fn has_unread_field(component: &ComponentSpec) -> bool {
    fields(component).into_iter().any(|(_, slot)| slot == Slot::Bad)
}

fn written_fields(c: &ComponentSpec) -> impl Iterator<Item = (&'static str, Span)> {
    fields(c).into_iter().filter_map(|(field, slot)| Some((field, slot.span()?)))
}

/// The fields that not every kind has.
fn fields(c: &ComponentSpec) -> [(&'static str, Slot<()>); 31] {
    [
        ("bits", c.bits.state()),
        ("per-bit", c.per_bit.state()),
        ("takes", c.takes.state()),
        ("differential", c.differential.state()),
        ("joins", c.joins.state()),
        ("function", c.function.state()),
        ("model", c.model.state()),
        ("device", c.device.state()),
        ("cell", c.cell.state()),
        ("read-voltage", c.read_voltage.state()),
        ("max-rows", c.max_rows.state()),
        ("max-columns", c.max_columns.state()),
        ("wire", c.wire.state()),
        ("line-switch", c.line_switch.state()),
        ("power", c.power.state()),
        ("static-power", c.static_power.state()),
        ("energy", c.energy.state()),
        ("area", c.area.state()),
        ("rate", c.rate.state()),
        ("latency", c.latency.state()),
        ("activity", c.activity.state()),
        ("parts", c.parts.state()),
        ("gives", c.gives.state()),
        ("guard-bits", c.guard_bits.state()),
        ("rewritable", c.rewritable.state()),
        ("write-energy", c.write_energy.state()),
        ("write-latency", c.write_latency.state()),
        ("read-energy", c.read_energy.state()),
        ("capacity", c.capacity.state()),
        ("width", c.width.state()),
        ("ports", c.ports.state()),
    ]
}

/// Lowest and highest resistance of the low and of the high state over published devices of a kind, in ohm.
///
/// From: NeuroSim V1.4 manual, MLP-NeuroSim V3, NVMExplorer/NVSim cells, CrossSim and CiMLoop device files, IMAC-Sim,
/// OpenNVRAM, and Commun. Eng. s44172-025-00376-8 Table 1 (SOT-MRAM design space, 500 ohm to 50 kohm, TMR up to 200 %). Above that, tunnel
/// junctions are measured up to a resistance-area product of 1000 ohm um^2 (acemap 201808047, abstract): 850 kohm at 50 nm x 30 nm.
fn published_range(kind: DeviceKind) -> Option<((f64, f64), (f64, f64))> {
    Some(match kind {
        DeviceKind::SotMram => ((500.0, 850e3), (1e3, 2.55e6)),
        DeviceKind::SttMram => ((1.4e3, 6e3), (3.92e3, 12e3)),
        DeviceKind::Rram => ((1e3, 26e6), (20e3, 325e6)),
        DeviceKind::Pcm => ((1e3, 78e3), (93e3, 4e6)),
        DeviceKind::Fefet => ((240e3, 559e3), (24e6, 25.2e6)),
        DeviceKind::Sonos => ((35e3, 35e3), (6e12, 6e12)),
        DeviceKind::Ecram => ((625e3, 625e3), (10e6, 10e6)),
        DeviceKind::Sram | DeviceKind::Capacitive => return None,
    })
}

/// What one unit on a chip can cost, in SI base units; outside, a prefix has slipped.
///
/// The bounds are wide on purpose. Energy: from the Landauer limit `kT ln 2` at 300 K. Area: from one square nanometre to
/// the largest field that a lithography scanner exposes, 26 mm x 33 mm. The others are round numbers no circuit comes near.
fn plausible(dim: Dimension) -> Option<(f64, f64)> {
    match dim {
        Dimension::POWER => Some((1e-18, 100.0)),
        Dimension::ENERGY => Some((2.87e-21, 1.0)),
        Dimension::TIME => Some((1e-15, 1.0)),
        Dimension::AREA => Some((1e-18, 858e-6)),
        Dimension::FREQUENCY => Some((1.0, 1e15)),
        _ => None,
    }
}

/// Warns of a cost that no unit on a chip can have.
pub fn warn_if_implausible<Q: Unit>(what: &str, value: Q, span: Span, diagnostics: &mut Diagnostics) {
    let Some((min, max)) = plausible(Q::DIM) else { return };
    if (min..=max).contains(&value.si()) {
        return;
    }
    let eng = |si: f64| Q::from_si(si).into().eng(3);
    diagnostics.warn(
        Diagnostic::warning(format!("`{what}` of {} is not plausible for one unit on a chip", value.into().eng(4)))
            .at(span, format!("expected {} to {}", eng(min), eng(max)))
            .help("check the unit prefix: `m` is milli, `M` is mega"),
    );
}

/// A device of tomorrow may lie somewhat outside; one that is off by an order of magnitude is a slip of the unit.
const MARGIN: f64 = 3.0;

/// Refuses `r-low >= r-high`, and warns of a resistance that no published device of the kind comes near.
pub fn device_resistances(
    name: &str,
    kind: DeviceKind,
    low: &Located<Resistance>,
    high: &Located<Resistance>,
    diagnostics: &mut Diagnostics,
) {
    if low.value >= high.value {
        let message = format!("`{name}`: r-low ({}) is not below r-high ({})", low.value.eng(4), high.value.eng(4));
        diagnostics.push(
            Diagnostic::error(message)
                .at(low.span, "the low-resistance (parallel, on) state")
                .also(high.span, "the high-resistance (antiparallel, off) state")
                .help("swap them, or correct the formula: a TMR of 0 stores nothing"),
        );
        return;
    }
    let Some((lows, highs)) = published_range(kind) else { return };
    for (field, value, (min, max)) in [("r-low", low, lows), ("r-high", high, highs)] {
        let ohms = value.value.si();
        if ohms < min / MARGIN || ohms > max * MARGIN {
            let published =
                format!("published: {} to {}", Resistance::from_si(min).eng(3), Resistance::from_si(max).eng(3));
            diagnostics.warn(
                Diagnostic::warning(format!(
                    "`{name}`: {field} of {} is outside every known {} device",
                    value.value.eng(4),
                    kind.name()
                ))
                .at(value.span, published)
                .help("check the unit prefix (ohm, kohm, Mohm)"),
            );
        }
    }
}
