//! Estimates of small designs with round costs against numbers that are added up by hand in the comments.
//!
//! The designs and their library are in `tests/data/round-numbers`.
#![allow(missing_docs, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cost::{Totals, estimate};
use imcost::session::Session;

fn totals(file: &str, settings: &[&str]) -> Totals {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/round-numbers").join(file);
    let mut session = Session::with_settings(settings);
    let flow = session.design(&path);
    assert!(session.diagnostics.settled().is_ok(), "{:#?}", session.diagnostics);
    estimate(&flow.expect("a design without errors")).expect("positive totals").totals
}

#[track_caller]
fn close(what: &str, found: f64, by_hand: f64) {
    assert!((found / by_hand - 1.0).abs() < 1e-12, "{what}: {found:e} instead of {by_hand:e}");
}

// In all designs: a pair of devices conducts 1/(10 kohm) and 1/(40 kohm), 125 uS. The hidden matrix of 64 x 16 lies on 2 x 1 tiles
// and has 25 % of 64 rows on: 16 x 16 x 125 uS x (1 V)^2 = 32 mW. The output matrix of 16 x 10 lies on one tile: 4 x 10 x 125 uW = 5 mW.

/// Starts: driver 0, crossbar 1, amplifier 2, neuron 4; output crossbar 5, amplifier 6, neuron 8; end 9 ns.
/// On all the time: 32 mW + 32 x 10 uW + 16 x 50 uW, and 5 mW + 10 x 10 uW + 10 x 50 uW, and 64 drivers of 1 uW.
/// Area: 64 drivers, 3 x 1024 cells of 0.1 um^2, 42 amplifiers of 5, 26 neurons of 2.
#[test]
fn an_analog_design_that_is_always_on_burns_its_static_power_for_the_whole_latency() {
    let t = totals("analog.yaml", &["gating=always-on"]);
    close("latency", t.latency.si(), 9e-9);
    close("energy", t.energy.si(), (38.72e-3 + 64e-6) * 9e-9);
    close("area", t.area.si(), (64.0 + 307.2 + 210.0 + 52.0) * 1e-12);
    close("power", t.power.si(), 38.72e-3 + 64e-6);
    assert_eq!(t.macs, 64 * 16 + 16 * 10);
}

/// Nothing holds an analog value: each group stays on from its start to 9 ns, the drivers among them.
#[test]
fn with_gating_an_analog_value_keeps_all_before_it_on() {
    let t = totals("analog.yaml", &["gating=per-stage"]);
    let milliwatt_nanoseconds = 32.0 * 8.0 + 0.32 * 7.0 + 0.8 * 5.0 + 5.0 * 4.0 + 0.1 * 3.0 + 0.5 * 1.0;
    close("energy", t.energy.si(), (milliwatt_nanoseconds + 0.064 * 9.0) * 1e-12);
}

/// A layer: DAC 1, crossbar 1, amplifier 2, hold 1, ADC 4 turns, sigmoid 1, register 0.5: 10.5 ns, twice.
/// A crossbar is on from its start until the hold has taken the value, 4 ns; an amplifier 3 ns, and a DAC, which drives the row until then,
/// 5 ns. A hold is on until its value is converted, 5 ns.
#[test]
fn a_mixed_design_counts_the_turns_of_shared_adcs_and_gates_the_crossbar_behind_a_hold() {
    let t = totals("mixed.yaml", &[]);
    close("latency", t.latency.si(), 21e-9);
    let crossbars = (32.0 + 5.0) * 4.0;
    let amplifiers = (0.32 + 0.1) * 3.0;
    let dacs = (64.0 + 16.0) * 0.01 * 5.0;
    let (holds, adcs, sigmoids, registers) = (26.0 * 0.001 * 5.0, 26.0 * 1.0, 26.0 * 0.1, 26.0 * 8.0 * 0.001);
    let picojoules = crossbars + amplifiers + dacs + holds + adcs + sigmoids + registers;
    close("energy", t.energy.si(), picojoules * 1e-12);
    // 16 outputs take 4 ADCs, 10 take 3.
    let area = 80.0 * 10.0 + 307.2 + 42.0 * 5.0 + 26.0 + 7.0 * 100.0 + 26.0 * 50.0 + 26.0 * 8.0;
    close("area", t.area.si(), area * 1e-12);
    // DACs, crossbar, amplifiers and holds of the hidden layer at once.
    close("peak power", t.peak_power.si(), 0.64e-3 + 32e-3 + 0.32e-3 + 16e-6);
    close("initiation interval", t.initiation_interval.si(), 21e-9);
}

/// The hold and the register cut the way: 1 + 1 + 2 + 1 before the hold's end, 4 + 1 + 0.5 after it.
#[test]
fn a_pipelined_design_starts_the_next_inference_after_its_longest_stretch() {
    let t = totals("mixed.yaml", &["pipelined=true"]);
    close("initiation interval", t.initiation_interval.si(), 5.5e-9);
    close("latency", t.latency.si(), 21e-9);
}

/// Four bits one after another: driver 1, crossbar 1, amplifier 2, ADC 1, adder 0.25: 5.25 ns a bit, while the shift-and-add takes the bit
/// before in 0.5 ns. Then the sigmoid, 1 ns: 4 x 5.25 + 1.5 ns, for which 64 drivers, the crossbar, 32 amplifiers, 32 ADCs and 16 sigmoids are
/// on. 16 adders and 16 shift-and-adds work 4 times each.
#[test]
fn a_bit_serial_input_repeats_all_up_to_the_shift_and_add() {
    let t = totals("bit-serial.yaml", &[]);
    close("latency", t.latency.si(), 22.5e-9);
    let dynamic = 64.0 * 0.01 + 64.0 * 0.02;
    close("energy", t.energy.si(), (dynamic + (0.064 + 32.0 + 0.32 + 32.0 + 1.6) * 22.5) * 1e-12);
    close("area", t.area.si(), (64.0 + 204.8 + 160.0 + 3200.0 + 160.0 + 320.0 + 800.0) * 1e-12);
}

/// The bias adds a row that is always on: 17 of 65 rows in the hidden layer, 5 of 17 in the output layer. 65 rows take 3 tiles.
#[test]
fn a_bias_row_is_one_more_row_that_is_always_on() {
    let t = totals("analog.yaml", &["gating=always-on", "weights.bias=row"]);
    let static_power = 17.0 * 16.0 * 0.125 + 48.0 * 0.01 + 16.0 * 0.05 + 5.0 * 10.0 * 0.125 + 0.1 + 0.5;
    // 65 drivers: the bias row is driven too.
    close("energy", t.energy.si(), (static_power + 0.065) * 9.0 * 1e-12);
}
