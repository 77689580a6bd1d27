//! The technology-library file: components and devices, every number with its source.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;

pub use super::device::{DeviceKind, DeviceSpec};
use super::parts::{JoinsSpec, PartSpec, WrittenBits};
use super::source::{ReferenceSpec, SourceSpec};
use super::{Written, architecture::OneOrMany, circuit::ComponentModelSpec};
use crate::units::{Area, Energy, Fraction, Frequency, Length, Power, Resistivity, Time, Voltage};
use crate::yaml::{Slot, slot::Table};

/// A technology library: devices and components that architectures name.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["name"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LibrarySpec {
    /// What the library is, as reports print it.
    pub name: Slot<String>,
    /// Free text.
    pub description: Slot<String>,
    /// Path (or paths) of libraries that this one adds to. An entry of the same name here replaces theirs whole.
    pub extends: Slot<OneOrMany>,
    /// Technology node of the entries that do not state their own.
    pub node: Slot<Written<Length>>,
    /// Supply at which the figures of the entries hold that do not state their own.
    pub vdd: Slot<Written<Voltage>>,
    /// How figures of the entries that do not say so themselves are taken to the node and supply of a design.
    pub scaling: Slot<ScalingSpec>,
    /// Quantities that every formula of this file can use by name.
    pub parameters: Slot<Table<FigureSpec<Any>>>,
    /// Publications and repositories, by the names under which entries cite them: `source: NAME` or `source: { key: NAME, where: Table 2 }`.
    pub sources: Slot<Table<ReferenceSpec>>,
    /// Memory devices.
    pub devices: Slot<Table<DeviceSpec>>,
    /// Circuits.
    pub components: Slot<Table<ComponentSpec>>,
}

/// A quantity of any kind; a parameter's unit says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Any;

impl JsonSchema for Any {
    fn schema_name() -> Cow<'static, str> {
        "QuantityAny".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number"],
            "description": "A quantity with its unit, a plain number, or a formula that starts with `=`."
        })
    }
}

/// How a number came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Measured on silicon.
    Measured,
    /// Circuit simulation or synthesis.
    Simulated,
    /// A published model or a calculation from published numbers.
    Modelled,
    /// Set so that a result comes out; the note says which.
    Fitted,
    /// An assumption, with its reasoning in the note.
    Assumed,
}

/// A circuit with its costs and where they come from.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["kind", "source", "basis"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComponentSpec {
    /// What the circuit is; decides what signal it takes and gives.
    pub kind: Slot<Kind>,
    /// Publication or repository that the numbers come from, and where in it.
    pub source: Slot<SourceSpec>,
    /// How the numbers came about.
    pub basis: Slot<Basis>,
    /// Technology node of the numbers. The file's `node` when absent.
    pub node: Slot<Written<Length>>,
    /// Supply at which the figures hold. The file's `vdd` when absent.
    pub vdd: Slot<Written<Voltage>>,
    /// How the figures are taken to the node and supply of a design. The file's `scaling` when absent.
    pub scaling: Slot<ScalingSpec>,
    /// What a reader should know; the reasoning where `basis` is `assumed`.
    pub note: Slot<String>,
    /// Quantities for the formulas of this entry.
    pub parameters: Slot<Table<FigureSpec<Any>>>,

    /// Power while it works: energy per operation = power × latency, and no static power.
    pub power: Slot<FigureSpec<Power>>,
    /// Power burnt as long as it is powered, working or not.
    pub static_power: Slot<FigureSpec<Power>>,
    /// Energy per operation.
    pub energy: Slot<FigureSpec<Energy>>,
    /// Time of one operation.
    pub latency: Slot<FigureSpec<Time>>,
    /// Operations per second; the latency is its inverse where no `latency` is given.
    pub rate: Slot<FigureSpec<Frequency>>,
    /// Area of one unit.
    pub area: Slot<FigureSpec<Area>>,
    /// Part of the operations that takes the energy of one, 0 to 1: toggling, zeros that are skipped.
    pub activity: Slot<Written<Fraction>>,
    /// Instead of figures: the parts that the circuit is made of. Its energy is the sum over them of operations × activity × energy, its latency
    /// that of series × latency, its area that of count × area.
    pub parts: Slot<Table<PartSpec>>,
    /// True if power, energy and area are those of one bit of the word it handles. Default false.
    pub per_bit: Slot<bool>,

    /// Bits of the digital word it takes or gives.
    pub bits: Slot<u64>,
    /// The signal it takes, where it is not the usual one of its kind.
    pub takes: Slot<Domain>,
    /// The signal it gives, where it is not the usual one of its kind.
    pub gives: Slot<Domain>,
    /// True if its input is a pair of lines, the positive and the negative column.
    pub differential: Slot<bool>,
    /// What it joins: `true` if the outputs of several row partitions may be joined on one node, which adds the partial sums; or a list of
    /// `partitions`, `slices` (the columns that hold the bits of one weight) and `cycles` (bit-serial reads).
    pub joins: Slot<JoinsSpec>,
    /// Array: columns of each output beside those of its weight, such as those of a carry. Default 0.
    pub guard_bits: Slot<u64>,
    /// Array, crossbar: true if its cells can be written anew for every input.
    pub rewritable: Slot<bool>,
    /// Memory: energy of writing one word. Array, crossbar: energy of writing one cell.
    pub write_energy: Slot<FigureSpec<Energy>>,
    /// Array, crossbar: time of writing one row.
    pub write_latency: Slot<FigureSpec<Time>>,
    /// Memory: energy of reading one word, where writing one takes another.
    pub read_energy: Slot<FigureSpec<Energy>>,
    /// Memory: how much it holds.
    pub capacity: Slot<WrittenBits>,
    /// Memory, bus, router, link: the word that one operation moves.
    pub width: Slot<WrittenBits>,
    /// Router: how many ports it has.
    pub ports: Slot<u64>,
    /// The function of a neuron or an activation unit, such as `sigmoid`.
    pub function: Slot<String>,
    /// Amplifier, neuron, row driver: the circuit, from which operating points under load follow. Converter: `adc-survey`, which gives energy and
    /// area from `bits`, `rate` and `node`.
    pub model: Slot<ComponentModelSpec>,

    /// Crossbar: the memory device of its cells. Power and area are then computed; without it they are stated.
    pub device: Slot<String>,
    /// Crossbar, array: the cell.
    pub cell: Slot<Cell>,
    /// Crossbar: voltage on an active row.
    pub read_voltage: Slot<Written<Voltage>>,
    /// Crossbar, array: the most rows that it can be built with.
    pub max_rows: Slot<u64>,
    /// Crossbar, array: the most columns of cells that it can be built with.
    pub max_columns: Slot<u64>,
    /// Crossbar: wire geometry, from which line resistance, capacitance and settling time are computed.
    pub wire: Slot<WireSpec>,
    /// Crossbar: the component (kind `switch`) at the end of every row and column.
    pub line_switch: Slot<String>,
}

/// Kinds of component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Array of memory cells: row voltages in, column currents out.
    Crossbar,
    /// Digital word to row voltage, usually one bit.
    RowDriver,
    /// Digital-to-analog converter.
    Dac,
    /// Analog-to-digital converter.
    Adc,
    /// Column current to voltage.
    Amplifier,
    /// Holds an analog value.
    SampleHold,
    /// Analog voltage to the same voltage, with drive strength.
    Buffer,
    /// Analog activation function.
    Neuron,
    /// Digital activation function.
    Activation,
    /// Adds the partial sums of row partitions, as digital words.
    Adder,
    /// Positive minus negative column, as digital words.
    Subtractor,
    /// Joins bit-serial inputs and bit slices of weights into one word.
    ShiftAdd,
    /// Holds a digital word.
    Register,
    /// Pass gate at the end of a crossbar line.
    Switch,
    /// Array of memory cells that computes products and sums by other means than currents of resistors: figures, a bill of parts.
    Array,
    /// Holds words of a level.
    Memory,
    /// Wires that all units of a level share.
    Bus,
    /// Switch of a network on the chip.
    Router,
    /// Connection to what is outside.
    Link,
    /// What only costs: decoders, sequencers, clocks.
    Control,
    /// Largest or mean of a window.
    Pooling,
    /// Element by element: additions, functions.
    VectorUnit,
    /// A part of other components.
    Gate,
}

/// The form of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Domain {
    /// A digital word.
    Word,
    /// An analog voltage.
    Voltage,
    /// An analog current.
    Current,
    /// A pulse whose length is the value.
    Pulse,
}

/// How figures are taken to another node and supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScalingSpec {
    /// Not at all.
    #[default]
    None,
    /// By the published equations for digital circuits, from 180 nm to 7 nm (Stillmaker and Baas 2017).
    Digital,
}

/// A crossbar cell.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cell {
    /// Devices in a cell, of a crossbar with a device: 1, or 2 for a differential pair with two bitlines.
    pub devices: Slot<u64>,
    /// Bits that one device stores. Default 1.
    pub bits: Slot<u64>,
    /// Size along the row (wordline), of a crossbar with a device.
    pub width: Slot<FigureSpec<Length>>,
    /// Size along the column (bitline), of a crossbar with a device.
    pub height: Slot<FigureSpec<Length>>,
}

/// Wire geometry of a crossbar line and the material constants of the resistivity model.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["width", "thickness", "pitch-gap", "dielectric-height", "permittivity", "resistivity", "mean-free-path", "specularity", "reflectivity"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireSpec {
    /// Width of the line.
    pub width: Slot<Written<Length>>,
    /// Thickness of the metal.
    pub thickness: Slot<Written<Length>>,
    /// Distance to the neighbouring line.
    pub pitch_gap: Slot<Written<Length>>,
    /// Height over the plane below (inter-layer dielectric).
    pub dielectric_height: Slot<Written<Length>>,
    /// Relative permittivity of the dielectric.
    pub permittivity: Slot<Written<Fraction>>,
    /// Bulk resistivity of the metal.
    pub resistivity: Slot<Written<Resistivity>>,
    /// Mean free path of the electrons.
    pub mean_free_path: Slot<Written<Length>>,
    /// Specularity of the surface scattering, 0 to 1.
    pub specularity: Slot<Written<Fraction>>,
    /// Reflectivity of the grain boundaries, 0 to 1.
    pub reflectivity: Slot<Written<Fraction>>,
}

/// A number of a component: a quantity, `unknown`, or a mapping with its own range and source.
#[derive(Debug, Clone, PartialEq)]
pub enum FigureSpec<Q> {
    /// The quantity alone; the entry's source and basis hold for it.
    Plain(Written<Q>),
    /// With a range or a source of its own.
    Detailed(Box<FigureDetail<Q>>),
}

/// A number with its own range and provenance.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["value"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case", bound = "")]
#[schemars(rename = "Detailed{Q}")]
pub struct FigureDetail<Q> {
    /// The number.
    pub value: Slot<Written<Q>>,
    /// From the lowest to the highest value known: `55.9 uW .. 98.9 uW`.
    pub range: Slot<String>,
    /// Instead of the entry's `source`.
    pub source: Slot<SourceSpec>,
    /// Instead of the entry's `basis`.
    pub basis: Slot<Basis>,
    /// Instead of the entry's `node`.
    pub node: Slot<Written<Length>>,
    /// Instead of the entry's `note`.
    pub note: Slot<String>,
}

impl<Q> Default for FigureDetail<Q> {
    fn default() -> Self {
        Self {
            value: Slot::Missing,
            range: Slot::Missing,
            source: Slot::Missing,
            basis: Slot::Missing,
            node: Slot::Missing,
            note: Slot::Missing,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename = "$imcost-shape", rename_all = "lowercase", bound = "")]
enum FigureShape<Q> {
    Scalar(Written<Q>),
    Mapping(Box<FigureDetail<Q>>),
}

impl<'de, Q> Deserialize<'de> for FigureSpec<Q> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match FigureShape::deserialize(deserializer)? {
            FigureShape::Scalar(text) => Self::Plain(text),
            FigureShape::Mapping(detail) => Self::Detailed(detail),
        })
    }
}

impl<Q: JsonSchema> JsonSchema for FigureSpec<Q> {
    fn schema_name() -> Cow<'static, str> {
        format!("Figure{}", Q::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let plain = generator.subschema_for::<Written<Q>>();
        let detail = generator.subschema_for::<FigureDetail<Q>>();
        schemars::json_schema!({ "anyOf": [plain, { "const": "unknown" }, detail] })
    }
}
