//! What a neuron costs where it stands: its power, delay and levels into the rows that it drives, and what it makes of these rows.
//!
//! The columns of a crossbar float, or nearly so, and a row is a conductance to the level that the other rows set. Those are driven by neurons of
//! the same kind, so what one of them sees depends on the mean of all: `I = own · v + mutual · mean + fixed`, with `mean` the mean of the outputs
//! under that load. The mean is found by Newton's method; each output follows it by less than it moves.
//!
//! Inputs are taken as spread evenly over both halves of the input range. Where the mean square of the outputs is stated, the share of the two
//! halves is the one with which neurons without a load have it; a mean square that no share gives is reached by scaling the outputs.

use super::curve::Curve;
use super::{Load, Neuron, NeuronDescription, NeuronError};
use crate::memo::Memo;
use crate::model::crossbar::typical::RowLevels;
use crate::model::transistor::Outside;
use crate::units::{Capacitance, Conductance, Current, Power, Resistance, Time, Unit, Voltage};

/// Inputs at which power and levels are averaged; odd, so that 0 V is one of them.
const POINTS: usize = 81;
/// The mean of the outputs is found when it moves by less than this, in volts.
const FOUND_V: f64 = 1e-10;
/// Newton steps; three are usual.
const MAX_STEPS: usize = 20;

/// The rows that a neuron drives, as it sees them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RowLoad {
    /// What its current changes by with its own voltage; zero where nothing follows.
    pub own: Conductance,
    /// What its current changes by with the mean of all neurons that drive these crossbars; not positive.
    pub mutual: Conductance,
    /// What comes from rows that are held at other voltages, such as the bias row; not positive.
    pub fixed: Current,
    /// The rows' wires.
    pub capacitance: Capacitance,
    /// Mean square of the outputs without a load, relative to the supply; none where it is not stated.
    pub mean_square: Option<f64>,
}

impl RowLoad {
    /// The load where the neurons have this mean.
    #[must_use]
    pub fn at(&self, mean: Voltage) -> Load {
        if self.own <= Conductance::ZERO {
            return Load::Open;
        }
        let others = self.mutual.si() * mean.si() + self.fixed.si();
        Load::ResistanceTo(Resistance::new(1.0 / self.own.si()), Voltage::new(-others / self.own.si()))
    }
}

/// A neuron into its load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InPlace {
    /// Mean power that it burns itself: from the supply, the input and the level shift, less what the load takes.
    pub power: Power,
    /// Slower of the two edges, for an input step over half of its range; none where the node has no table of capacitances.
    pub delay: Option<Time>,
    /// Lowest and highest output without the load.
    pub open: (Voltage, Voltage),
    /// Lowest and highest output with the load.
    pub loaded: (Voltage, Voltage),
    /// What the load is where the neurons are at their mean.
    pub load: Load,
    /// Mean and root mean square of the outputs without a load.
    pub rows_open: RowLevels,
    /// Mean and root mean square of the outputs with the load.
    pub rows: RowLevels,
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
    static KNOWN: Memo<[u64; 13], Result<InPlace, NeuronError>> = Memo::new();
    KNOWN.get(key(description, load), || solve(description, load))
}

/// The bits of every number of a question.
fn key(description: &NeuronDescription, load: RowLoad) -> [u64; 13] {
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
        load.own.si().to_bits(),
        load.mutual.si().to_bits(),
        load.fixed.si().to_bits(),
        load.capacitance.si().to_bits(),
        optional(load.mean_square),
    ]
}

/// The outputs that a statement is about: which share of the inputs lies in the lower half of the range, and what the outputs are scaled by.
struct Stated {
    lower: f64,
    scale: f64,
}

impl Stated {
    fn new(open: &Curve, mean_square: Option<f64>, supply: Voltage) -> Self {
        let Some(wanted) = mean_square else { return Self { lower: 0.5, scale: 1.0 } };
        let wanted = wanted * supply.si().powi(2);
        let of = |lower: f64| open.mean_with_share(lower, |p| p.v_out.si().powi(2));
        let (all_low, all_high) = (of(0.0), of(1.0));
        let lower = if all_high > all_low { ((wanted - all_low) / (all_high - all_low)).clamp(0.0, 1.0) } else { 0.5 };
        let reached = of(lower);
        Self { lower, scale: if reached > 0.0 { (wanted / reached).sqrt() } else { 1.0 } }
    }

    fn mean(&self, curve: &Curve) -> f64 {
        self.scale * curve.mean_with_share(self.lower, |p| p.v_out.si())
    }

    fn levels(&self, curve: &Curve) -> RowLevels {
        let square = curve.mean_with_share(self.lower, |p| p.v_out.si().powi(2));
        RowLevels { mean: Voltage::new(self.mean(curve)), rms: Voltage::new(self.scale * square.sqrt()) }
    }
}

fn solve(description: &NeuronDescription, load: RowLoad) -> Result<InPlace, NeuronError> {
    // Inputs may reach beyond the tables, where gates conduct.
    let neuron = Neuron::new(description.parameters(), Outside::Hold)?;
    let range = description.input_range;
    let inputs = || range * -1.0..=range;
    let open = neuron.curve(inputs(), POINTS, Load::Open)?;
    let stated = Stated::new(&open, load.mean_square, description.vdd);
    let (drawn, loaded) = if load.own > Conductance::ZERO {
        settle(&load, &stated, Voltage::new(stated.mean(&open)), |drawn| neuron.curve(inputs(), POINTS, drawn))?
    } else {
        (Load::Open, open.clone())
    };
    let burnt = loaded.mean_with_share(stated.lower, |p| p.power_total.si() - p.v_out.si() * p.load_a);
    let edge = |from: Voltage, to: Voltage| -> Result<Option<Time>, NeuronError> {
        Ok(neuron.step_response(from, to, drawn, load.capacitance)?.map(|response| response.delay))
    };
    let half = range * 0.5;
    let falling = edge(half * -1.0, half)?;
    let rising = edge(half, half * -1.0)?;
    Ok(InPlace {
        power: Power::from_si(burnt),
        delay: falling.zip(rising).map(|(a, b)| a.max(b)),
        open: open.levels(),
        loaded: loaded.levels(),
        load: drawn,
        rows_open: stated.levels(&open),
        rows: stated.levels(&loaded),
    })
}

/// Finds the mean of the outputs that the load, which depends on it, gives.
fn settle(
    load: &RowLoad,
    stated: &Stated,
    start: Voltage,
    curve: impl Fn(Load) -> Result<Curve, NeuronError>,
) -> Result<(Load, Curve), NeuronError> {
    let mut mean = start;
    for _ in 0..MAX_STEPS {
        let drawn = load.at(mean);
        let loaded = curve(drawn)?;
        // An output's current falls with its voltage by the neuron's conductance and rises by that of the row.
        let follows = |output: Resistance| -load.mutual.si() / (load.own.si() + 1.0 / output.si());
        let slope = stated.scale * loaded.mean_with_share(stated.lower, |p| follows(p.output_resistance));
        let step = (stated.mean(&loaded) - mean.si()) / (1.0 - slope.min(0.99));
        if step.abs() < FOUND_V {
            return Ok((drawn, loaded));
        }
        mean += Voltage::new(step);
    }
    let drawn = load.at(mean);
    Ok((drawn, curve(drawn)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn siemens(ohm: f64) -> Conductance {
        Conductance::new(1.0 / ohm)
    }

    #[test]
    fn without_a_load_the_power_is_that_of_the_simulated_circuit() {
        let open = in_place(&NeuronDescription::nominal(), RowLoad::default()).expect("solvable");
        assert!((open.power.si() / 67.9e-6 - 1.0).abs() < 0.005, "{open:?}");
        assert_eq!(open.lost_swing(), 0.0);
        assert_eq!(open.rows, open.rows_open);
    }

    #[test]
    fn a_row_of_32_grounded_pairs_pulls_the_levels_together() {
        let load = RowLoad { own: siemens(117.2), capacitance: Capacitance::from_si(1.5e-15), ..RowLoad::default() };
        let loaded = in_place(&NeuronDescription::nominal(), load).expect("solvable");
        // Circuit simulation of such a row: the high level falls from 0.786 V to 0.177 V.
        assert!((loaded.loaded.1.si() - 0.177).abs() < 0.02, "{loaded:?}");
        assert!(loaded.lost_swing() > 0.7);
    }

    #[test]
    fn rows_that_float_pull_each_other_to_their_mean_and_no_further() {
        // Columns without an end: what one row delivers the others take, so the mean needs no current.
        let load = RowLoad { own: siemens(600.0), mutual: siemens(-600.0), ..RowLoad::default() };
        let floating = in_place(&NeuronDescription::nominal(), load).expect("solvable");
        let Load::ResistanceTo(_, level) = floating.load else { panic!("a load") };
        assert!((level - floating.rows.mean).si().abs() < 1e-9, "{floating:?}");
        assert!(floating.loaded.0 > floating.open.0 && floating.loaded.1 < floating.open.1);
        assert!(level > floating.loaded.0 && level < floating.loaded.1);
        // The mean, solved again from the other side with a load that is fixed there, is the same.
        let fixed = Current::new(load.mutual.si() * floating.rows.mean.si());
        let held = RowLoad { mutual: Conductance::ZERO, fixed, ..load };
        let held = in_place(&NeuronDescription::nominal(), held).expect("solvable");
        assert!((held.rows.mean - floating.rows.mean).si().abs() < 1e-9);
    }

    #[test]
    fn neurons_without_a_load_have_the_mean_square_that_is_stated() {
        for wanted in [0.001, 0.05, 0.276, 0.5, 0.8, 1.0] {
            let load = RowLoad { mean_square: Some(wanted), ..RowLoad::default() };
            let rows = in_place(&NeuronDescription::nominal(), load).expect("solvable").rows;
            assert!((rows.rms.si().powi(2) / 0.64 - wanted).abs() < 1e-12, "{wanted}: {rows:?}");
            assert!(rows.mean <= rows.rms);
        }
    }
}
