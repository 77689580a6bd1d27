//! A technology library with all its numbers computed: what the rest of the tool asks for costs.
//!
//! [`files`] reads a library and what it extends. An `entry` gives access to the fields of one while it is read by `device`, `component`,
//! `crossbar` and `model`; `provenance` says where its numbers come from. [`figure`] evaluates single quantities in a `scope` of names into
//! the graph of [`numbers`]. [`rules`] says which fields belong to which kind of component and what a physically possible value is.

mod amplifier;
pub mod circuit_numbers;
mod component;
mod converter;
mod crossbar;
mod device;
mod entry;
mod evaluation;
pub mod figure;
pub mod files;
mod findings;
mod listed;
mod memory;
mod model;
pub mod numbers;
mod parts;
pub mod placing;
mod provenance;
mod reference;
pub mod rules;
mod scope;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use crate::spec::library::{Basis, DeviceKind, Kind, ScalingSpec as Scaling};

use crate::catalog::Domain;
use crate::diagnostic::Span;
use crate::model::amplifier::ColumnAmplifier;
use crate::model::converter::WantedConverter;
use crate::model::driver::InverterChain;
use crate::model::neuron::NeuronDescription;
use crate::model::neuron::logistic::Logistic;
use crate::model::wire::WireGeometry;
use crate::units::{Area, Energy, Frequency, Length, Power, Time, Voltage};

pub use circuit_numbers::{AmplifierNumbers, CircuitNumbers, NeuronNumbers, WireNumbers};
pub use device::{Device, ReadDevice, Resistances};
pub use listed::PlacedFormula;
pub use numbers::{Number, NumberId, Numbers, Origin};

/// Where a number comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// Publication or repository, and where in it.
    pub source: String,
    /// The publication with its fields, where the library lists it.
    pub reference: Option<Arc<Reference>>,
    /// How it came about.
    pub basis: Basis,
    /// Technology node, where one is stated.
    pub node: Option<Length>,
    /// What a reader should know.
    pub note: Option<String>,
}

/// A publication or repository that numbers come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// The name under which the library lists it.
    pub key: String,
    /// What reports call it, such as `Shafiee et al., ISCA 2016`.
    pub short: String,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Conference or series that it appeared in.
    pub venue: Option<String>,
    /// Journal that it appeared in, with volume and number.
    pub journal: Option<String>,
    /// Year of publication.
    pub year: Option<u32>,
    /// Digital object identifier.
    pub doi: Option<String>,
    /// Where it can be found.
    pub url: Option<String>,
    /// What a reader should know.
    pub note: Option<String>,
}

/// A number with its range and provenance.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure<Q> {
    /// The number.
    pub value: Q,
    /// Lowest and highest value known.
    pub range: Option<(Q, Q)>,
    /// Where it comes from: of a number that was computed, the weakest of what it rests on.
    pub provenance: Arc<Provenance>,
    /// The number in [`Library::numbers`].
    pub id: NumberId,
}

impl<Q> Figure<Q> {
    /// True if the number is an assumption.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.provenance.basis == Basis::Assumed
    }
}

/// The crossbar part of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossbar {
    /// The device in its cells.
    pub device: ReadDevice,
    /// 1, or 2 where a cell holds a differential pair.
    pub devices_per_cell: u32,
    /// Bits that one device stores.
    pub bits_per_device: u32,
    /// Cell size along the row.
    pub cell_width: Figure<Length>,
    /// Cell size along the column.
    pub cell_height: Figure<Length>,
    /// Voltage on an active row.
    pub read_voltage: Voltage,
    /// The number of that voltage.
    pub read_voltage_number: NumberId,
    /// The most rows.
    pub max_rows: u64,
    /// The most columns of cells.
    pub max_columns: u64,
    /// Wires, where their geometry is stated.
    pub wire: Option<WireGeometry>,
    /// The numbers of the wires.
    pub wire_numbers: Option<WireNumbers>,
    /// Component at the end of every line.
    pub line_switch: Option<String>,
}

/// What a component joins by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Joins {
    /// The partial sums of row partitions, where its outputs meet.
    pub partitions: bool,
    /// The columns that hold the bits of one weight.
    pub slices: bool,
    /// The reads of a bit-serial input.
    pub cycles: bool,
}

/// What fits on an array whose costs are stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedArray {
    /// The most rows.
    pub max_rows: u64,
    /// The most columns of cells.
    pub max_columns: u64,
    /// Devices in a cell: 2 for a differential pair with two lines.
    pub devices_per_cell: u32,
    /// Bits that a device stores.
    pub bits_per_device: u32,
    /// Columns of each output beside those of its weight.
    pub guard_columns: u32,
}

/// What a memory, bus, router or link moves and holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// Bits of the word that one operation moves.
    pub width_bits: u64,
    /// How many bits a memory holds.
    pub capacity_bits: Option<u64>,
}

/// A circuit and its costs. `None` is a cost that the entry does not state or states as `unknown`.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Its name in the library.
    pub name: Arc<str>,
    /// Where the name stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// Where the entry comes from.
    pub provenance: Arc<Provenance>,
    /// Power while it works.
    pub power: Option<Figure<Power>>,
    /// Power while it is powered.
    pub static_power: Option<Figure<Power>>,
    /// Energy per operation; `power × latency` where `power` is stated.
    pub energy: Option<Figure<Energy>>,
    /// Time per operation; `1 / rate` where only a rate is stated.
    pub latency: Option<Figure<Time>>,
    /// Operations per second, where stated.
    pub rate: Option<Figure<Frequency>>,
    /// Area of one unit.
    pub area: Option<Figure<Area>>,
    /// True if power, energy and area are per bit.
    pub per_bit: bool,
    /// Word width.
    pub bits: Option<u32>,
    /// The number of the word width, where it is stated.
    pub bits_number: Option<NumberId>,
    /// Signal it takes, where stated.
    pub takes: Option<Domain>,
    /// Signal it gives, where stated.
    pub gives: Option<Domain>,
    /// True if it takes a pair of lines.
    pub differential: bool,
    /// What it joins by itself.
    pub joins: Joins,
    /// Function of an activation.
    pub function: Option<String>,
    /// Its circuit, where the entry describes one.
    pub model: Option<Model>,
    /// The numbers that describe the circuit.
    pub circuit: Option<CircuitNumbers>,
    /// The crossbar part, of one whose costs follow from its cells.
    pub crossbar: Option<Box<Crossbar>>,
    /// Of an array, and of a crossbar whose costs are stated: what fits on it.
    pub array: Option<StatedArray>,
    /// Of a memory, bus, router or link: what it moves and holds.
    pub storage: Option<Storage>,
    /// Energy of writing a word of a memory, a cell of an array.
    pub write_energy: Option<Figure<Energy>>,
    /// Time of writing a row of an array.
    pub write_latency: Option<Figure<Time>>,
    /// True if its cells can be written anew for every input.
    pub rewritable: bool,
    /// Supply at which its figures hold, where stated.
    pub vdd: Option<Voltage>,
    /// How its figures are taken to another node and supply.
    pub scaling: Scaling,
    /// Of a crossbar without that part: its device, whose resistances are stated as `unknown`.
    pub unknown_device: Option<String>,
}

impl Component {
    /// Power while it works: static and active power, or energy over time.
    #[must_use]
    pub fn working_power(&self) -> Option<Power> {
        let still = self.static_power.as_ref().map(|f| f.value);
        let working = match (&self.power, &self.energy, &self.latency) {
            (Some(power), ..) => Some(power.value),
            // What takes no time has no power of its own.
            (None, Some(energy), Some(latency)) if latency.value > Time::ZERO => Some(energy.value / latency.value),
            _ => None,
        };
        match (still, working) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or_default() + b.unwrap_or_default()),
        }
    }

    /// The weakest basis of its costs; that of the entry where it states none.
    #[must_use]
    pub fn basis(&self) -> Basis {
        fn of<Q>(figure: &Option<Figure<Q>>) -> Option<Basis> {
            figure.as_ref().map(|f| f.provenance.basis)
        }
        let powers = [of(&self.power), of(&self.static_power), of(&self.energy)];
        let costs = powers.into_iter().chain([of(&self.latency), of(&self.rate), of(&self.area)]);
        costs.flatten().max().unwrap_or(self.provenance.basis)
    }

    /// True if the latency is the time between two operations at the stated rate, and no number of its own.
    #[must_use]
    pub fn latency_from_rate(&self) -> bool {
        let period = self.rate.as_ref().map(|rate| rate.value.period());
        period.is_some() && period == self.latency.as_ref().map(|latency| latency.value)
    }

    /// Energy of writing a cell: its own, or that of the devices of a crossbar.
    #[must_use]
    pub fn cell_write_energy(&self) -> Option<(&Figure<Energy>, u32)> {
        let of_device = || {
            let crossbar = self.crossbar.as_ref()?;
            Some((crossbar.device.device.write_energy.as_ref()?, crossbar.devices_per_cell))
        };
        self.write_energy.as_ref().map(|energy| (energy, 1)).or_else(of_device)
    }

    /// Time of writing a row: its own, or that of a pulse for the devices of a crossbar.
    #[must_use]
    pub fn row_write_latency(&self) -> Option<&Figure<Time>> {
        let of_device = || self.crossbar.as_ref()?.device.device.write_pulse.as_ref();
        self.write_latency.as_ref().or_else(of_device)
    }

    /// Energy of one operation: the working power over its time.
    #[must_use]
    pub fn operation_energy(&self) -> Option<Energy> {
        let instant = self.latency.as_ref().is_none_or(|latency| latency.value == Time::ZERO);
        if instant {
            return self.energy.as_ref().map(|energy| energy.value);
        }
        Some(self.working_power()? * self.latency.as_ref()?.value)
    }
}

/// The circuit of a component.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Model {
    /// Op-amps at the foot of a pair of columns.
    Amplifier(AmplifierModel),
    /// Two junctions and an inverter.
    MtjInverter(MtjInverter),
    /// An ideal neuron.
    Logistic(Logistic),
    /// A row driver.
    InverterChain(InverterChain),
    /// A converter by the survey of measured ones.
    AdcSurvey(WantedConverter),
}

/// An amplifier with its circuit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmplifierModel {
    /// The circuit.
    pub circuit: ColumnAmplifier,
    /// True if the latency follows from the circuit and its column, because the entry states none.
    pub gives_latency: bool,
}

/// A neuron with its circuit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MtjInverter {
    /// The circuit.
    pub circuit: NeuronDescription,
    /// True if the static power follows from the circuit and its load, because the entry states none.
    pub gives_power: bool,
    /// True if the latency follows from the circuit and its load, because the entry states none.
    pub gives_latency: bool,
}

/// A technology library, `extends` merged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Library {
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// Path of its file, as written.
    pub path: String,
    /// Paths of the files that it extends, nearest first.
    pub extended: Vec<String>,
    /// Circuits by name.
    pub components: BTreeMap<String, Arc<Component>>,
    /// Memory devices by name.
    pub devices: BTreeMap<String, Arc<Device>>,
    /// Names of entries that exist but are wrong; using them is not a second error.
    pub broken: std::collections::BTreeSet<String>,
    /// Names of devices whose resistances are stated as `unknown`.
    pub unknown_devices: std::collections::BTreeSet<String>,
    /// The publications and repositories that its files list, by the names under which they are cited.
    pub references: BTreeMap<String, Arc<Reference>>,
    /// All numbers of its files, and how they follow from each other.
    pub numbers: Numbers,
}

impl Library {
    /// Names of the components that satisfy a condition, in alphabetical order.
    pub fn names_where<'a>(&'a self, condition: impl Fn(&Component) -> bool + 'a) -> impl Iterator<Item = &'a str> {
        self.components.iter().filter(move |(_, c)| condition(c)).map(|(name, _)| name.as_str())
    }
}

impl Basis {
    /// The basis as it is written in a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Simulated => "simulated",
            Self::Modelled => "modelled",
            Self::Fitted => "fitted",
            Self::Assumed => "assumed",
        }
    }
}
