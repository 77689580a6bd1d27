//! What a neuron costs where it stands: its power, delay and levels into the rows that it drives, and what it makes of these rows.
//!
//! The columns of a crossbar float, or nearly so, and a row is a conductance to the level that the other rows set. Those are driven by neurons of
//! the same kind, so what one of them sees depends on the mean of all: `I = own · v + mutual · mean + fixed`, with `mean` the mean of the outputs
//! under that load. The mean is found by secants; each output follows it by less than it moves.
//!
//! Inputs are taken as spread evenly over both halves of the input range. Power, which is largest where a neuron switches, takes them as normal
//! numbers where the amplifiers before them are known. Where the mean square of the outputs is stated, the share of the two
//! halves is the one with which neurons without a load have it; a mean square that no share gives is reached by scaling the outputs.

use std::sync::Arc;

use super::curve::Curve;
use super::{Load, Neuron, NeuronDescription, NeuronError, OperatingPoint};
use crate::memo::Memo;
use crate::model::crossbar::typical::RowLevels;
use crate::model::transistor::Outside;
use crate::units::{Capacitance, Conductance, Current, Power, Resistance, Time, Unit, Voltage};

/// Inputs at which power and levels are averaged; odd, so that 0 V is one of them.
const POINTS: usize = 81;
/// The mean of the outputs is found when it moves by less than this, in volts.
const FOUND_V: f64 = 1e-10;
/// Steps; four are usual.
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
    /// What is stated of the outputs; none if nothing is.
    pub statistic: Option<RowStatistic>,
    /// Deviation of the neurons' inputs from 0 V, which are normal numbers; none where nothing is known of them.
    pub inputs: Option<Voltage>,
}

/// What is stated of a neuron's outputs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowStatistic {
    /// Their mean square, relative to the supply.
    pub mean_square: f64,
    /// True if it is that of outputs with their load, as measured in the network; else of outputs without one.
    pub with_load: bool,
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
    static KNOWN: Memo<[u64; 15], Result<InPlace, NeuronError>> = Memo::new();
    KNOWN.get(key(description, load), || solve(description, load))
}

/// No number has these bits.
fn optional(value: Option<f64>) -> u64 {
    value.map_or(u64::MAX, f64::to_bits)
}

/// The curve without a load, which every load is held against.
fn open_curve(description: &NeuronDescription, neuron: &Neuron) -> Result<Arc<Curve>, NeuronError> {
    static KNOWN: Memo<[u64; 8], Result<Arc<Curve>, NeuronError>> = Memo::new();
    KNOWN.get(own_key(description), || curve(description, neuron, Load::Open).map(Arc::new))
}

fn curve(description: &NeuronDescription, neuron: &Neuron, load: Load) -> Result<Curve, NeuronError> {
    let range = description.input_range;
    neuron.curve(range * -1.0..=range, POINTS, load)
}

/// The bits of every number of a neuron.
pub(super) fn own_key(description: &NeuronDescription) -> [u64; 8] {
    let p = description.parameters();
    [
        p.r_low.si().to_bits(),
        p.r_high.si().to_bits(),
        optional(p.tmr_v0.map(Voltage::si)),
        u64::from(p.fins),
        p.node as u64,
        p.vdd.si().to_bits(),
        p.offset.si().to_bits(),
        description.input_range.si().to_bits(),
    ]
}

/// The bits of every number of a question.
fn key(description: &NeuronDescription, load: RowLoad) -> [u64; 15] {
    let [r_low, r_high, v0, fins, node, vdd, offset, range] = own_key(description);
    [
        r_low,
        r_high,
        v0,
        fins,
        node,
        vdd,
        offset,
        range,
        load.own.si().to_bits(),
        load.mutual.si().to_bits(),
        load.fixed.si().to_bits(),
        load.capacitance.si().to_bits(),
        optional(load.statistic.map(|s| s.mean_square)),
        u64::from(load.statistic.is_some_and(|s| s.with_load)),
        optional(load.inputs.map(Voltage::si)),
    ]
}

/// The inputs that a statement is about: which share of them lies in the lower half of the range, and what the outputs are scaled by.
#[derive(Clone, Copy)]
struct InputGrid {
    lower: f64,
    scale: f64,
    deviation: Option<Voltage>,
}

impl InputGrid {
    /// The inputs with which a curve has this mean square, in square volts; spread evenly where none is stated.
    fn new(curve: &Curve, mean_square: Option<f64>, deviation: Option<Voltage>) -> Self {
        let Some(wanted) = mean_square else { return Self { lower: 0.5, scale: 1.0, deviation } };
        let of = |lower: f64| curve.mean_with_share(lower, deviation, |p| p.v_out.si().powi(2));
        let (all_low, all_high) = (of(0.0), of(1.0));
        let lower = if all_high > all_low { ((wanted - all_low) / (all_high - all_low)).clamp(0.0, 1.0) } else { 0.5 };
        let reached = of(lower);
        Self { lower, scale: if reached > 0.0 { (wanted / reached).sqrt() } else { 1.0 }, deviation }
    }

    fn mean(&self, curve: &Curve, figure: impl Fn(&OperatingPoint) -> f64) -> f64 {
        curve.mean_with_share(self.lower, self.deviation, figure)
    }

    fn levels(&self, curve: &Curve) -> RowLevels {
        let square = self.mean(curve, |p| p.v_out.si().powi(2));
        let rms = Voltage::new(self.scale * square.sqrt());
        RowLevels { mean: Voltage::new(self.mean_output(curve)), rms, product_v2: None }
    }

    fn mean_output(&self, curve: &Curve) -> f64 {
        self.scale * self.mean(curve, |p| p.v_out.si())
    }
}

fn solve(description: &NeuronDescription, load: RowLoad) -> Result<InPlace, NeuronError> {
    // Inputs may reach beyond the tables, where gates conduct.
    let neuron = Neuron::new(description.parameters(), Outside::Hold)?;
    let range = description.input_range;
    let curve = |drawn: Load| curve(description, &neuron, drawn);
    let open = open_curve(description, &neuron)?;
    let wanted = load.statistic.map(|s| s.mean_square * description.vdd.si().powi(2));
    let without_load = InputGrid::new(&open, wanted, None);
    let with_load = matches!(load.statistic, Some(RowStatistic { with_load: true, .. }));
    let inputs_of = |loaded: &Curve| if with_load { InputGrid::new(loaded, wanted, None) } else { without_load };
    let (drawn, loaded) = if load.own > Conductance::ZERO {
        let (drawn, loaded) = settle(&load, Voltage::new(without_load.mean_output(&open)), curve, inputs_of)?;
        (drawn, Arc::new(loaded))
    } else {
        (Load::Open, open.clone())
    };
    let inputs = inputs_of(&loaded);
    let burning = InputGrid::new(if with_load { &loaded } else { &open }, wanted, load.inputs);
    let burnt = burning.mean(&loaded, |p| p.power_total.si() - p.v_out.si() * p.load_a);
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
        rows_open: inputs.levels(&open),
        rows: inputs.levels(&loaded),
    })
}

/// Finds the mean of the outputs that the load, which depends on it, gives: Newton's first step, then secants.
fn settle(
    load: &RowLoad,
    start: Voltage,
    curve: impl Fn(Load) -> Result<Curve, NeuronError>,
    inputs_of: impl Fn(&Curve) -> InputGrid,
) -> Result<(Load, Curve), NeuronError> {
    let mut mean = start.si();
    let mut before: Option<(f64, f64)> = None;
    for _ in 0..MAX_STEPS {
        let drawn = load.at(Voltage::new(mean));
        let loaded = curve(drawn)?;
        let inputs = inputs_of(&loaded);
        let excess = inputs.mean_output(&loaded) - mean;
        // An output's current falls with its voltage by the neuron's conductance and rises by that of the row.
        let follows = |output: Resistance| -load.mutual.si() / (load.own.si() + 1.0 / output.si());
        let first = || inputs.scale * inputs.mean(&loaded, |p| follows(p.output_resistance)) - 1.0;
        let slope = before.map_or_else(first, |(at, excess_there)| (excess - excess_there) / (mean - at));
        // The mean follows the load's by less than all of it, and does not run away from it.
        let step = -excess / slope.clamp(-2.0, -0.05);
        if step.abs() < FOUND_V {
            return Ok((drawn, loaded));
        }
        before = Some((mean, excess));
        mean += step;
    }
    let drawn = load.at(Voltage::new(mean));
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
            let statistic = Some(RowStatistic { mean_square: wanted, with_load: false });
            let load = RowLoad { statistic, ..RowLoad::default() };
            let rows = in_place(&NeuronDescription::nominal(), load).expect("solvable").rows;
            assert!((rows.rms.si().powi(2) / 0.64 - wanted).abs() < 1e-12, "{wanted}: {rows:?}");
            assert!(rows.mean <= rows.rms);
        }
    }

    #[test]
    fn a_mean_square_that_was_measured_with_the_load_is_that_of_the_outputs_with_it() {
        let load = RowLoad { own: siemens(600.0), mutual: siemens(-650.0), ..RowLoad::default() };
        let solved = |mean_square: f64, with_load: bool| {
            let statistic = Some(RowStatistic { mean_square, with_load });
            in_place(&NeuronDescription::nominal(), RowLoad { statistic, ..load }).expect("solvable")
        };
        let measured = solved(0.3, true);
        assert!((measured.rows.rms.si().powi(2) / 0.64 - 0.3).abs() < 1e-9, "{measured:?}");
        // Stated without the load, what these neurons would have without it is the same statement.
        let stated = solved(measured.rows_open.rms.si().powi(2) / 0.64, false);
        assert!((stated.rows.mean - measured.rows.mean).si().abs() < 1e-8, "{stated:?} {measured:?}");
        assert!((stated.power / measured.power - 1.0).abs() < 1e-7);
    }
}
