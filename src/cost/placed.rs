//! The circuits of a design where they stand, as they are stated or with other values of the numbers that describe them.

use std::cell::Cell;

use petgraph::graph::NodeIndex;

use crate::design::{CrossbarUse, Design, ROUNDING};
use crate::model::wire::WireGeometry;
use crate::techlib::{Component, Crossbar, Figure, Model, NumberId, ReadDevice};
use crate::units::{Fraction, Resistance, Unit, Voltage};

/// A number that describes a circuit in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlacedNumber {
    /// One of the design's library.
    OfLibrary(NumberId),
    /// Of a crossbar node: the mean square of the voltages of its rows, relative to the full voltage; the bias row does not count.
    ActiveRows(NodeIndex),
    /// Of a crossbar node, where it is stated: the mean of the voltages of its rows, relative to the full voltage; the bias row does not count.
    MeanLevel(NodeIndex),
    /// Of a crossbar node: the fraction of its devices in the low-resistance state.
    LowResistance(NodeIndex),
    /// The time from one inference to the next, where it is stated.
    Period,
}

/// Other values of numbers than the stated ones.
pub struct OtherValues<'v> {
    /// The value of a number in SI units; none is the stated one.
    value: &'v dyn Fn(PlacedNumber) -> Option<f64>,
    impossible: Cell<bool>,
}

impl<'v> OtherValues<'v> {
    /// These values.
    #[must_use]
    pub fn new(value: &'v dyn Fn(PlacedNumber) -> Option<f64>) -> Self {
        Self { value, impossible: Cell::new(false) }
    }

    /// True if a circuit has been asked for that no circuit is: what followed from it is of no use.
    #[must_use]
    pub fn are_impossible(&self) -> bool {
        self.impossible.get()
    }
}

/// A design with the values of the numbers that describe its circuits. Every model of a circuit in its place reads them here.
#[derive(Clone, Copy)]
pub struct PlacedCircuits<'d> {
    /// The design as it is stated.
    pub design: &'d Design,
    other: Option<&'d OtherValues<'d>>,
}

impl<'d> From<&'d Design> for PlacedCircuits<'d> {
    fn from(design: &'d Design) -> Self {
        Self { design, other: None }
    }
}

impl<'d> PlacedCircuits<'d> {
    /// The circuits with other values of some numbers.
    #[must_use]
    pub fn with(design: &'d Design, other: &'d OtherValues<'d>) -> Self {
        Self { design, other: Some(other) }
    }

    fn value(&self, number: PlacedNumber) -> Option<f64> {
        self.other.and_then(|other| (other.value)(number))
    }

    fn library_value(&self, id: NumberId) -> f64 {
        self.value(PlacedNumber::OfLibrary(id)).unwrap_or_else(|| self.design.library.numbers.get(id).value.si)
    }

    /// A figure of a library entry.
    #[must_use]
    pub fn figure<Q: Unit>(&self, figure: &Figure<Q>) -> Q {
        self.value(PlacedNumber::OfLibrary(figure.id)).map_or(figure.value, Q::from_si)
    }

    /// The resistances of a device's two states, the low one first.
    #[must_use]
    pub fn resistances(&self, device: &ReadDevice) -> (Resistance, Resistance) {
        let (low, high) = (self.figure(&device.r_low), self.figure(&device.r_high));
        if let Some(other) = self.other.filter(|_| low >= high) {
            other.impossible.set(true);
        }
        (low, high)
    }

    /// The voltage on an active row.
    #[must_use]
    pub fn read_voltage(&self, array: &Crossbar) -> Voltage {
        self.value(PlacedNumber::OfLibrary(array.read_voltage_number)).map_or(array.read_voltage, Voltage::new)
    }

    /// The wires of a crossbar, where their geometry is stated.
    #[must_use]
    pub fn wire(&self, array: &Crossbar) -> Option<WireGeometry> {
        let (Some(other), Some(numbers)) = (self.other, &array.wire_numbers) else { return array.wire };
        let geometry = numbers.geometry(&|id| self.library_value(id));
        if !geometry.check().is_empty() {
            other.impossible.set(true);
        }
        Some(geometry)
    }

    /// The circuit of a component; none where it has none.
    #[must_use]
    pub fn model(&self, component: &Component) -> Option<Model> {
        let (Some(other), Some(stated), Some(numbers)) = (self.other, &component.model, &component.circuit) else {
            return component.model;
        };
        let model = numbers.model(stated, &|id| self.library_value(id));
        let possible = match &model {
            Some(Model::MtjInverter(neuron)) => neuron.circuit.parameters().check().is_ok(),
            Some(_) => true,
            None => false,
        };
        if !possible {
            other.impossible.set(true);
        }
        model
    }

    /// The stated mean square of the rows that inputs drive, relative to the full voltage: for rows that are on or off, the fraction that is on.
    #[must_use]
    pub fn active_rows(&self, crossbar: NodeIndex, usage: &CrossbarUse) -> Fraction {
        let bias = (usage.grid.rows - usage.grid.inputs) as f64;
        let stated = || (usage.mean_active_rows - bias) / usage.grid.inputs as f64;
        Fraction::new(self.value(PlacedNumber::ActiveRows(crossbar)).unwrap_or_else(stated).clamp(0.0, 1.0))
    }

    /// The mean of the rows that inputs drive, relative to the full voltage, where it is stated.
    #[must_use]
    pub fn mean_level(&self, crossbar: NodeIndex, usage: &CrossbarUse) -> Option<Fraction> {
        let stated = usage.mean_level?;
        let mean = self.value(PlacedNumber::MeanLevel(crossbar)).unwrap_or(stated);
        let most = self.active_rows(crossbar, usage).si().sqrt();
        if let Some(other) = self.other.filter(|_| mean.abs() > most * (1.0 + ROUNDING)) {
            other.impossible.set(true);
        }
        Some(Fraction::new(mean.clamp(-most, most)))
    }

    /// The fraction of a crossbar's devices in the low-resistance state.
    #[must_use]
    pub fn low_resistance(&self, crossbar: NodeIndex, usage: &CrossbarUse) -> Fraction {
        Fraction::new(self.value(PlacedNumber::LowResistance(crossbar)).unwrap_or(usage.low_resistance))
    }
}
