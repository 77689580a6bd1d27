//! The components and devices of a library, or one of them in full.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use super::figure::{FigureResult, ListedFigure};
use crate::techlib::{Basis, Component, Crossbar, Device, DeviceKind, Figure, Kind, Library, PlacedFormula};
use crate::units::Quantity;

/// What `imcost library LIBRARY` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LibraryResult {
    /// Version of this format.
    pub format_version: u32,
    /// Name of the library.
    pub name: String,
    /// Its components.
    pub components: Vec<ComponentResult>,
    /// Its devices.
    pub devices: Vec<DeviceResult>,
}

/// A component; what its entry does not state is null.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComponentResult {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Word width.
    pub bits: Option<u32>,
    /// Function of an activation.
    pub function: Option<String>,
    /// True if power, energy and area are for each bit.
    pub per_bit: bool,
    /// Power while it works.
    pub power_w: Option<f64>,
    /// Power while it is powered.
    pub static_power_w: Option<f64>,
    /// Energy of an operation.
    pub energy_j: Option<f64>,
    /// Time of an operation.
    pub latency_s: Option<f64>,
    /// Area of one unit.
    pub area_m2: Option<f64>,
    /// Technology node.
    pub node_m: Option<f64>,
    /// How its numbers came about, but for those that say so themselves.
    pub basis: Basis,
    /// Publication or repository, and where in it.
    pub source: String,
    /// What a reader should know.
    pub note: Option<String>,
    /// The numbers that its entry states.
    pub figures: Vec<FigureResult>,
}

/// A device; what its entry does not state is null.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DeviceResult {
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: DeviceKind,
    /// Resistance of the low state.
    pub r_low_ohm: Option<f64>,
    /// Resistance of the high state.
    pub r_high_ohm: Option<f64>,
    /// Relative standard deviation of its resistances.
    pub spread: Option<f64>,
    /// Voltage at which half of the tunnel magnetoresistance is left.
    pub tmr_v0_v: Option<f64>,
    /// Current that writes it.
    pub write_current_a: Option<f64>,
    /// For how long.
    pub write_pulse_s: Option<f64>,
    /// Energy of a write.
    pub write_energy_j: Option<f64>,
    /// How often it can be written.
    pub endurance: Option<f64>,
    /// How its numbers came about.
    pub basis: Basis,
    /// Publication or repository, and where in it.
    pub source: String,
}

/// What `imcost library LIBRARY COMPONENT` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComponentInFull {
    /// The component.
    #[serde(flatten)]
    pub component: ComponentResult,
    /// Version of this format.
    pub format_version: u32,
    /// Of a crossbar its cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossbar: Option<CrossbarCells>,
    /// The figures that depend on where it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub formulas: Vec<FormulaResult>,
}

/// A figure that depends on where its component stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FormulaResult {
    /// The figure.
    pub figure: String,
    /// The formula as it is written; of parts their sum.
    pub formula: String,
    /// What it names of the place.
    pub depends_on: Vec<String>,
}

/// The cells of a crossbar; what its wires are is null where the library does not say.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CrossbarCells {
    /// Name of the device.
    pub device: String,
    /// Area of a cell.
    pub cell_area_m2: f64,
    /// Voltage of a row that is read.
    pub read_voltage_v: f64,
    /// Resistance of the device's low state.
    pub r_low_ohm: f64,
    /// Resistance of the device's high state.
    pub r_high_ohm: f64,
    /// Resistivity of the wires with scattering.
    pub wire_resistivity_ohm_m: Option<f64>,
    /// Row wire of one cell.
    pub row_resistance_ohm: Option<f64>,
    /// Column wire of one cell.
    pub column_resistance_ohm: Option<f64>,
    /// Row wire of one cell.
    pub row_capacitance_f: Option<f64>,
    /// Column wire of one cell.
    pub column_capacitance_f: Option<f64>,
}

/// What `imcost library LIBRARY DEVICE` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DeviceInFull {
    /// Version of this format.
    pub format_version: u32,
    /// The device.
    #[serde(flatten)]
    pub device: DeviceResult,
    /// What a reader should know.
    pub note: Option<String>,
    /// The numbers that its entry states.
    pub figures: Vec<FigureResult>,
}

pub(super) fn si<Q: Copy + Into<Quantity>>(value: Option<Q>) -> Option<f64> {
    value.map(|q| q.into().si)
}

pub(super) fn stated<Q: Copy + Into<Quantity>>(figure: Option<&Figure<Q>>) -> Option<f64> {
    si(figure.map(|f| f.value))
}

impl LibraryResult {
    /// What a library holds.
    #[must_use]
    pub fn of(library: &Library) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            name: library.name.clone(),
            components: library.components.values().map(|c| ComponentResult::of(c)).collect(),
            devices: library.devices.values().map(|d| DeviceResult::of(d)).collect(),
        }
    }
}

impl ComponentResult {
    /// A component.
    #[must_use]
    pub fn of(c: &Component) -> Self {
        Self {
            name: c.name.to_string(),
            kind: c.kind,
            bits: c.bits,
            function: c.function.clone(),
            per_bit: c.per_bit,
            power_w: si(c.working_power()),
            static_power_w: stated(c.static_power.as_ref()),
            energy_j: si(c.operation_energy()),
            latency_s: stated(c.latency.as_ref()),
            area_m2: stated(c.area.as_ref()),
            node_m: si(c.provenance.node),
            basis: c.provenance.basis,
            source: c.provenance.source.clone(),
            note: c.provenance.note.clone(),
            figures: ListedFigure::of_component(c).iter().map(FigureResult::from).collect(),
        }
    }
}

impl DeviceResult {
    /// A device.
    #[must_use]
    pub fn of(d: &Device) -> Self {
        Self {
            name: d.name.clone(),
            kind: d.kind,
            r_low_ohm: stated(d.resistances.as_ref().map(|r| &r.low)),
            r_high_ohm: stated(d.resistances.as_ref().map(|r| &r.high)),
            spread: stated(d.spread.as_ref()),
            tmr_v0_v: stated(d.tmr_v0.as_ref()),
            write_current_a: stated(d.write_current.as_ref()),
            write_pulse_s: stated(d.write_pulse.as_ref()),
            write_energy_j: stated(d.write_energy.as_ref()),
            endurance: stated(d.endurance.as_ref()),
            basis: d.provenance.basis,
            source: d.provenance.source.clone(),
        }
    }
}

impl ComponentInFull {
    /// A component and, of a crossbar, its cells.
    #[must_use]
    pub fn of(c: &Component, formulas: &[PlacedFormula]) -> Self {
        let formula = |f: &PlacedFormula| FormulaResult {
            figure: f.figure.to_owned(),
            formula: f.formula.clone(),
            depends_on: f.depends_on.iter().map(|name| (*name).to_owned()).collect(),
        };
        Self {
            formulas: formulas.iter().map(formula).collect(),
            component: ComponentResult::of(c),
            format_version: FORMAT_VERSION,
            crossbar: c.crossbar.as_deref().map(CrossbarCells::of),
        }
    }
}

impl CrossbarCells {
    fn of(array: &Crossbar) -> Self {
        let (width, height) = (array.cell_width.value, array.cell_height.value);
        Self {
            device: array.device.device.name.clone(),
            cell_area_m2: (width * height).si(),
            read_voltage_v: array.read_voltage.si(),
            r_low_ohm: array.device.r_low.value.si(),
            r_high_ohm: array.device.r_high.value.si(),
            wire_resistivity_ohm_m: array.wire.map(|w| w.effective_resistivity().si()),
            row_resistance_ohm: array.wire.map(|w| w.resistance(width).si()),
            column_resistance_ohm: array.wire.map(|w| w.resistance(height).si()),
            row_capacitance_f: array.wire.map(|w| w.capacitance(width).si()),
            column_capacitance_f: array.wire.map(|w| w.capacitance(height).si()),
        }
    }
}

impl DeviceInFull {
    /// A device with what its entry states.
    #[must_use]
    pub fn of(d: &Device) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            device: DeviceResult::of(d),
            note: d.provenance.note.clone(),
            figures: ListedFigure::of_device(d).iter().map(FigureResult::from).collect(),
        }
    }
}
