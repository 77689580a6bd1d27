//! The output of a neuron, 0 to 1, for its argument u: the logistic function, or what a circuit makes of it.
//!
//! A circuit's input is the voltage `v = u / s`, s the steepness of the logistic curve that fits the circuit without a load best: the column
//! circuits' gain is set so that the neuron is as steep as the network was trained for. Nothing else is corrected: the mid-point, the levels and
//! the shape are the circuit's. The column circuits do not drive a neuron beyond its input range.

use std::sync::Arc;

use super::kernel::Panel;
use crate::model::neuron::delivery::DeliveryTable;
use crate::model::neuron::logistic::Logistic;
use crate::model::neuron::{Load, Neuron, NeuronDescription, NeuronError};
use crate::model::transistor::Outside;
use crate::units::{Unit, Voltage};

/// Intervals of the table of a circuit's curve: between its points the error of the interpolation is below 1e-6.
const INTERVALS: usize = 512;

/// What a neuron makes of its argument.
#[derive(Debug, Clone, PartialEq)]
pub enum Activation {
    /// `1 / (1 + exp(-u))`
    Logistic,
    /// A circuit's transfer curve.
    Curve(CurveTable),
    /// A circuit that drives the rows of the next layer itself; its output is what they leave of it ([`super::rows`]). In the last layer, which drives none, it
    /// tells the class: driven beyond its range a neuron does not go on falling.
    Loaded(LoadedNeuron),
    /// Nothing: the last layer of a network may have no neurons.
    None,
}

/// A neuron that drives rows.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedNeuron {
    /// What it delivers.
    pub delivery: Arc<DeliveryTable>,
    /// Its input in volts for an argument of 1.
    pub volts: f64,
    /// The largest input, in volts; infinite where nothing holds the column circuits.
    pub range_v: f64,
}

impl LoadedNeuron {
    /// From arguments to inputs in volts, in place.
    pub(super) fn to_volts(&self, arguments: &mut [Panel]) {
        for value in arguments.iter_mut().flatten().filter(|value| value.is_finite()) {
            *value = (*value * self.volts).clamp(-self.range_v, self.range_v);
        }
    }

    /// The output without a load for each input in volts, relative to the supply, in place; what is not finite stays.
    pub(super) fn open_outputs(&self, volts: &mut [Panel]) {
        for value in volts.iter_mut().flatten().filter(|value| value.is_finite()) {
            *value = self.delivery.open_output(*value).si() / self.delivery.supply().si();
        }
    }
}

/// A curve in equal steps of its argument, with slopes; a cubic between two points.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveTable {
    first: f64,
    step: f64,
    points: Vec<(f64, f64)>,
}

impl CurveTable {
    fn sample(limit: f64, mut point: impl FnMut(f64) -> Result<(f64, f64), NeuronError>) -> Result<Self, NeuronError> {
        let step = 2.0 * limit / INTERVALS as f64;
        let points = (0..=INTERVALS).map(|k| point(-limit + step * k as f64)).collect::<Result<_, _>>()?;
        Ok(Self { first: -limit, step, points })
    }

    /// The output, 0 to 1 of the supply; beyond the ends it stays what it is there.
    #[must_use]
    pub fn output(&self, u: f64) -> f64 {
        let at = ((u - self.first) / self.step).clamp(0.0, (self.points.len() - 1) as f64);
        let index = (at as usize).min(self.points.len() - 2);
        let t = at - index as f64;
        let ((a, da), (b, db)) = (self.points[index], self.points[index + 1]);
        let (m, n) = (da * self.step, db * self.step);
        // Cubic Hermite polynomial.
        a + t * (m + t * (3.0 * (b - a) - 2.0 * m - n + t * (2.0 * (a - b) + m + n)))
    }
}

/// A neuron's circuit, ready to be put behind a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeuronStage {
    circuit: Circuit,
    /// Steepness of the curve without a load, per volt.
    steepness_per_v: f64,
    /// The largest input.
    range: Voltage,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Circuit {
    Mtj(NeuronDescription),
    Logistic(Logistic, Voltage),
}

impl NeuronStage {
    /// A neuron of two junctions and an inverter.
    ///
    /// # Errors
    /// If the circuit has no operating point.
    pub fn mtj(description: NeuronDescription) -> Result<Self, NeuronError> {
        let range = description.input_range;
        let neuron = Neuron::new(description.parameters(), Outside::Hold)?;
        let fit = neuron.curve(range * -1.0..=range, INTERVALS / 2 + 1, Load::Open)?.logistic_fit();
        Ok(Self { circuit: Circuit::Mtj(description), steepness_per_v: fit.logistic.steepness_per_v, range })
    }

    /// An ideal neuron with this curve; `supply` is an output of 1.
    #[must_use]
    pub fn logistic(curve: Logistic, supply: Voltage) -> Self {
        // Far enough that nothing of the curve is cut off.
        let range = Voltage::from_si(curve.midpoint.si().abs() + 40.0 / curve.steepness_per_v.abs());
        Self { circuit: Circuit::Logistic(curve, supply), steepness_per_v: curve.steepness_per_v, range }
    }

    /// How much of the argument one volt at the input is.
    #[must_use]
    pub fn per_volt(&self) -> f64 {
        self.steepness_per_v.abs()
    }

    /// The same neuron with rows to drive; none if it is no circuit that a load changes.
    ///
    /// # Errors
    /// If the circuit is none.
    pub fn loaded(&self) -> Result<Option<LoadedNeuron>, NeuronError> {
        let Circuit::Mtj(description) = &self.circuit else { return Ok(None) };
        let delivery = DeliveryTable::of(description)?;
        Ok(Some(LoadedNeuron { delivery, volts: 1.0 / self.steepness_per_v, range_v: self.range.si() }))
    }

    /// The output for each argument, without a load.
    ///
    /// # Errors
    /// If the circuit has no operating point.
    pub fn curve(&self) -> Result<CurveTable, NeuronError> {
        let limit = self.range.si() * self.per_volt();
        match self.circuit {
            Circuit::Logistic(curve, supply) => CurveTable::sample(limit, |u| {
                let part = (curve.output(Voltage::from_si(u / curve.steepness_per_v)) - curve.offset) / curve.amplitude;
                let slope = curve.amplitude.si() * part * (1.0 - part) / supply.si();
                Ok((curve.output(Voltage::from_si(u / curve.steepness_per_v)) / supply, slope))
            }),
            Circuit::Mtj(description) => {
                let neuron = Neuron::new(description.parameters(), Outside::Hold)?;
                let supply = description.vdd;
                CurveTable::sample(limit, |u| {
                    let point = neuron.operating_point(Voltage::from_si(u / self.steepness_per_v), Load::Open)?;
                    Ok((point.v_out / supply, point.slope / self.steepness_per_v / supply.si()))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_circuit_and_rises() {
        let stage = NeuronStage::mtj(NeuronDescription::nominal()).expect("solvable");
        let table = stage.curve().expect("solvable");
        let neuron = Neuron::new(NeuronDescription::nominal().parameters(), Outside::Hold).expect("valid");
        for k in -90..=90 {
            let u = f64::from(k) * 0.1013;
            let v_in = Voltage::from_si((u / stage.steepness_per_v).clamp(-0.8, 0.8));
            let exact = neuron.operating_point(v_in, Load::Open).expect("solvable").v_out.si() / 0.8;
            assert!((table.output(u) - exact).abs() < 1e-6, "{u}: {} {exact}", table.output(u));
        }
        assert!(table.output(-5.0) < 0.1 && table.output(5.0) > 0.9);
        assert_eq!(table.output(1e9), table.output(stage.range.si() * stage.per_volt()));
    }

    #[test]
    fn an_ideal_curve_over_the_whole_supply_is_the_logistic_function() {
        let supply = Voltage::from_si(0.8);
        let curve =
            Logistic { amplitude: supply, steepness_per_v: -12.0, midpoint: Voltage::ZERO, offset: Voltage::ZERO };
        let table = NeuronStage::logistic(curve, supply).curve().expect("no circuit");
        for k in -200..=200 {
            let u = f64::from(k) * 0.1;
            assert!((table.output(u) - 1.0 / (1.0 + (-u).exp())).abs() < 1e-5, "{u}");
        }
    }
}
