//! The neuron model against circuit simulation (tests/data/neuron).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use imcost::model::neuron::{Load, Neuron, NeuronParameters, OperatingPoint};
use imcost::model::transistor::{Outside, ProcessNode};
use imcost::units::{Capacitance, Resistance, Unit, Voltage};
use proptest::prelude::*;
use simulated_neurons::{NOMINAL, number, rows, swept};

mod simulated_neurons;

fn neuron(parameters: NeuronParameters) -> Neuron {
    Neuron::new(parameters, Outside::Refuse).expect("in range")
}

fn at(neuron: &Neuron, v_in: f64, load: Load) -> OperatingPoint {
    neuron.operating_point(Voltage::from_si(v_in), load).expect("an operating point")
}

#[test]
fn the_nominal_transfer_curve_is_within_a_millivolt_of_the_simulated_one() {
    for (name, tmr_v0) in [("vtc_14nm.csv", None), ("vtc_14nm_bias_dependent_tmr.csv", Some(Voltage::from_si(0.65)))] {
        let neuron = neuron(NeuronParameters { tmr_v0, ..NOMINAL });
        let mut squares = 0.0;
        let rows = rows(name);
        for row in &rows {
            let point = at(&neuron, number(row, 0), Load::Open);
            let error = point.v_out.si() - number(row, 2);
            assert!(error.abs() < 1e-3, "{name} {row:?}: {error}");

            assert!((point.v_gate.si() - number(row, 1)).abs() < 1e-3, "{row:?} {point:?}");
            // Where the gate is at ground the total power is a difference of small currents.
            let power = point.power_total.si();
            assert!((power - number(row, 3)).abs() < 0.02 * number(row, 3).max(1e-6), "{row:?} {power}");
            squares += error * error;
        }
        assert!((squares / rows.len() as f64).sqrt() < 0.2e-3, "{name}");
    }
}

#[test]
fn the_loaded_output_is_within_3_mv_of_the_simulated_one() {
    let neuron = neuron(NOMINAL);
    for row in rows("load.csv") {
        let point = at(&neuron, number(&row, 0), Load::CurrentA(-number(&row, 1)));
        assert!((point.v_out.si() - number(&row, 2)).abs() < 3e-3, "{row:?}");
    }
}

#[test]
fn slope_midpoint_and_power_of_every_simulated_design_are_met() {
    for row in rows("sweep.csv") {
        let value = |column| number(&row, column);
        let neuron = neuron(swept(&row));
        let curve = neuron.curve(Voltage::from_si(-value(9))..=Voltage::from_si(value(9)), 321, Load::Open).unwrap();
        let relative = |computed: f64, reference: f64| (computed / reference - 1.0).abs();
        assert!(relative(curve.max_slope(), value(11)) < 1e-3, "{row:?}");
        assert!((curve.midpoint().unwrap().si() - value(10)).abs() < 0.1e-3, "{row:?}");
        let at_zero = at(&neuron, 0.0, Load::Open).power_total.si();
        assert!(relative(at_zero, value(12) * 1e-6) < 1e-3, "{row:?}");
        assert!(relative(curve.mean_power().si(), value(13) * 1e-6) < 5e-3, "{row:?}");
        let fit = curve.logistic_fit();
        assert!((fit.rms.si() - value(18)).abs() < 0.1e-3, "{row:?}: {fit:?}");
        assert!(relative(fit.logistic.steepness_per_v, value(15)) < 0.01, "{row:?}: {fit:?}");
    }
}

#[test]
fn delay_and_transition_are_within_15_percent_of_the_simulated_ones() {
    for row in rows("delay.csv") {
        let value = |column| number(&row, column);
        let neuron = neuron(NeuronParameters { fins: row[3].parse().expect("a count"), ..NOMINAL });
        let (from, to) = (Voltage::from_si(value(0)), Voltage::from_si(value(1)));
        let response = neuron.step_response(from, to, Load::Open, Capacitance::from_si(value(2))).unwrap().unwrap();
        assert!((response.delay.si() * 1e12 / value(4) - 1.0).abs() < 0.15, "{row:?} {response:?}");
        assert!((response.transition.si() * 1e12 / value(5) - 1.0).abs() < 0.15, "{row:?} {response:?}");
    }
}

/// Gates that conduct hold the gate's voltage in the step response as in the operating points that it leads from and to.
#[test]
fn a_step_far_beyond_the_supply_has_a_response() {
    let neuron = neuron(NOMINAL);
    let step = Voltage::new(20.0);
    let response = neuron.step_response(step * -1.0, step, Load::Open, Capacitance::ZERO).unwrap().unwrap();
    assert!(response.delay.si() > 0.0 && response.delay.si() < 1e-11, "{response:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn every_neuron_has_an_operating_point_or_says_why_not(
        r_low in 100.0_f64..1e6,
        ratio in 1.05_f64..20.0,
        v0 in prop::option::of(0.05_f64..2.0),
        fins in 1_u32..200,
        node in 0_usize..3,
        vdd in 0.3_f64..1.0,
        offset in -0.2_f64..1.0,
        v_in in -3.0_f64..3.0,
        load in prop::option::of(10.0_f64..1e7),
    ) {
        let parameters = NeuronParameters {
            r_low: Resistance::from_si(r_low),
            r_high: Resistance::from_si(r_low * ratio),
            tmr_v0: v0.map(Voltage::from_si),
            fins,
            node: ProcessNode::ALL[node],
            vdd: Voltage::from_si(vdd),
            offset: Voltage::from_si(offset),
        };
        let load = load.map_or(Load::Open, |ohm| Load::Resistance(Resistance::from_si(ohm)));
        let neuron = Neuron::new(parameters, Outside::Hold).expect("in range");
        match neuron.operating_point(Voltage::from_si(v_in), load) {
            Ok(point) => {
                let drawn = match load { Load::Resistance(r) => point.v_out.si() / r.si(), _ => 0.0 };
                let scale = point.supply_a.abs().max(point.input_a.abs()).max(1e-12);
                prop_assert!((point.load_a - drawn).abs() <= 1e-6 * scale, "{point:?}");
                prop_assert!(point.slope.is_finite());
                prop_assert!(point.power_total.si().is_finite() && point.output_resistance.si() > 0.0);
            }
            Err(error) => prop_assert!(!error.to_string().contains("no operating point was found"), "{error}"),
        }
        if let Ok(strict) = neuron.with_outside(Outside::Refuse).operating_point(Voltage::from_si(v_in), load) {
            prop_assert!(!strict.held);
        }
    }
}
