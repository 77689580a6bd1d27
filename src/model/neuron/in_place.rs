//! What a neuron costs where it stands: its power, delay and levels into the row that it drives.

use super::curve::Curve;
use super::{Load, Neuron, NeuronDescription, NeuronError};
use crate::memo::Memo;
use crate::model::transistor::Outside;
use crate::units::{Capacitance, Power, Resistance, Time, Unit, Voltage};

/// Inputs at which power and levels are averaged.
const POINTS: usize = 81;

/// The row of the next crossbar, as its neuron sees it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RowLoad {
    /// All cells of the row to columns near ground; none where nothing follows.
    pub resistance: Option<Resistance>,
    /// The row's wire.
    pub capacitance: Capacitance,
}

/// A neuron into its load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InPlace {
    /// Mean power that it burns itself, over inputs spread evenly: from the supply, the input and the level shift, less what the load takes.
    pub power: Power,
    /// Slower of the two edges, for an input step over half of its range; none where the node has no table of capacitances.
    pub delay: Option<Time>,
    /// Lowest and highest output without the load.
    pub open: (Voltage, Voltage),
    /// Lowest and highest output with the load.
    pub loaded: (Voltage, Voltage),
    /// Mean square of the output with the load, relative to that without: what is left of the power in the row.
    pub drive: f64,
}

impl InPlace {
    /// The part of the swing between the levels that the load takes.
    #[must_use]
    pub fn lost_swing(&self) -> f64 {
        let swing = |(low, high): (Voltage, Voltage)| (high - low).si();
        1.0 - swing(self.loaded) / swing(self.open)
    }
}

/// Solves a neuron into a load; the same question is answered once in a run.
///
/// # Errors
/// If the neuron has no operating point at some input, because the load is too heavy for the transistor tables.
pub fn in_place(description: &NeuronDescription, load: RowLoad) -> Result<InPlace, NeuronError> {
    static KNOWN: Memo<Key, Result<InPlace, NeuronError>> = Memo::new();
    KNOWN.get(key(description, load), || solve(description, load))
}

/// The bits of every number of a question.
type Key = [u64; 10];

fn key(description: &NeuronDescription, load: RowLoad) -> Key {
    let p = description.parameters();
    let optional = |value: Option<f64>| value.map_or(u64::MAX, f64::to_bits);
    [
        p.r_low.si().to_bits(),
        p.r_high.si().to_bits(),
        optional(p.tmr_v0.map(Voltage::si)),
        u64::from(p.fins),
        p.node as u64,
        p.vdd.si().to_bits(),
        p.offset.si().to_bits(),
        description.input_range.si().to_bits(),
        optional(load.resistance.map(Resistance::si)),
        load.capacitance.si().to_bits(),
    ]
}

fn solve(description: &NeuronDescription, load: RowLoad) -> Result<InPlace, NeuronError> {
    // Inputs may reach beyond the tables, where gates conduct.
    let neuron = Neuron::new(description.parameters(), Outside::Hold)?;
    let range = description.input_range;
    let inputs = range * -1.0..=range;
    let open = neuron.curve(inputs.clone(), POINTS, Load::Open)?;
    let (drawn, loaded) = match load.resistance {
        None => (Load::Open, open.clone()),
        Some(resistance) => {
            let drawn = Load::Resistance(resistance);
            (drawn, neuron.curve(inputs, POINTS, drawn)?)
        }
    };
    let into_load = loaded.mean(|p| p.v_out.si() * p.load_a);
    let mean_square = |curve: &Curve| curve.mean(|p| p.v_out.si().powi(2));
    let edge = |from: Voltage, to: Voltage| -> Result<Option<Time>, NeuronError> {
        Ok(neuron.step_response(from, to, drawn, load.capacitance)?.map(|response| response.delay))
    };
    let half = range * 0.5;
    let falling = edge(half * -1.0, half)?;
    let rising = edge(half, half * -1.0)?;
    Ok(InPlace {
        power: loaded.mean_power() - Power::from_si(into_load),
        delay: falling.zip(rising).map(|(a, b)| a.max(b)),
        open: open.levels(),
        loaded: loaded.levels(),
        drive: mean_square(&loaded) / mean_square(&open),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_load_the_power_is_that_of_the_simulated_circuit() {
        let open = in_place(&NeuronDescription::nominal(), RowLoad::default()).expect("solvable");
        assert!((open.power.si() / 67.9e-6 - 1.0).abs() < 0.005, "{open:?}");
        assert_eq!(open.lost_swing(), 0.0);
        assert_eq!(open.drive, 1.0);
    }

    #[test]
    fn a_row_of_32_pairs_pulls_the_levels_together() {
        let load = RowLoad { resistance: Some(Resistance::from_si(117.2)), capacitance: Capacitance::from_si(1.5e-15) };
        let loaded = in_place(&NeuronDescription::nominal(), load).expect("solvable");
        // Circuit simulation of such a row: the high level falls from 0.786 V to 0.177 V.
        assert!((loaded.loaded.1.si() - 0.177).abs() < 0.02, "{loaded:?}");
        assert!(loaded.lost_swing() > 0.7);
    }
}
