//! Totals of designs whose meaning was once taken wrongly, against numbers that are added up by hand in the comments.
//!
//! The designs and their libraries are in `tests/data/totals`.
#![allow(missing_docs, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cost::{Breakdown, Totals, estimate, explain};
use imcost::design::Design;
use imcost::session::Session;

fn design_with(file: &str, settings: &[&str]) -> Design {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/totals").join(format!("{file}.yaml"));
    let mut session = Session::with_settings(settings);
    let design = session.design(&path);
    assert!(session.diagnostics.settled().is_ok(), "{:#?}", session.diagnostics);
    design.expect("a design without errors")
}

fn totals(file: &str, settings: &[&str]) -> Totals {
    let design = design_with(file, settings);
    let estimate = estimate(&design).expect("positive totals");
    let critical: f64 = estimate.costs.iter().map(|cost| cost.critical_time.si()).sum();
    close("the times on the critical path", critical, estimate.totals.latency.si());
    estimate.totals
}

/// Energy of the units of one component, in picojoule.
fn component_pj(file: &str, name: &str) -> f64 {
    let design = design_with(file, &[]);
    let estimate = estimate(&design).expect("positive totals");
    let lines = Breakdown::of(&estimate).components;
    lines.iter().find(|line| line.name == name).expect("a component of the design").energy.si() * 1e12
}

#[track_caller]
fn close(what: &str, found: f64, by_hand: f64) {
    assert!((found / by_hand - 1.0).abs() < 1e-12, "{what}: {found:e} instead of {by_hand:e}");
}

// Four layers of 64 x 64 on two tiles side by side, 16 rows on: a layer has 128 DACs of 10 uW, crossbars of 16 x 64 x 125 uS x (1 V)^2 =
// 128 mW, 64 amplifiers of 10 uW, holds of 1 uW, ADCs of 1 mW, sigmoids of 0.1 mW, and registers of 8 x 1 fJ.
// DAC 1, crossbar 1, amplifier 2, hold 1: 5 ns to the hold; ADC 1, sigmoid 1, register 0.5: 2.5 ns to the register.

/// All is on from one inference to the next, 5 ns later, whatever is stated as `power` or `static-power`.
#[test]
fn a_pipelined_design_that_is_always_on_burns_its_power_for_the_interval() {
    let t = totals("pipelined-always-on", &[]);
    close("interval", t.initiation_interval.si(), 5e-9);
    close("latency", t.latency.si(), 30e-9);
    let milliwatts = 4.0 * (128.0 * 0.01 + 128.0 + 64.0 * (0.01 + 0.001 + 1.0 + 0.1));
    let registers = 4.0 * 64.0 * 8e-15;
    close("energy", t.energy.si(), milliwatts * 1e-3 * 5e-9 + registers);
    close("power", t.power.si(), t.energy.si() / 5e-9);
    close("TOPS / W", t.tops() / t.power.si(), t.tops_per_w());
    // Layers end at 7.5, 15, 22.5 and 30 ns: in each interval the registers of two of them work at once, for half a nanosecond.
    close("peak power", t.peak_power.si(), milliwatts * 1e-3 + registers / 2.0 / 0.5e-9);
}

/// The DAC holds its row until the hold has sampled, 4 ns after its own; a crossbar is on 4 ns, an amplifier 3 ns, a hold until its ADC has
/// converted.
#[test]
fn a_pipelined_design_with_gating_holds_what_must_be_held() {
    let t = totals("pipelined-per-stage", &[]);
    let layer = 128.0 * 0.01 * 5.0 + 128.0 * 4.0 + 64.0 * (0.01 * 3.0 + 0.001 * 2.0 + 1.0 + 0.1 + 0.008);
    close("energy", t.energy.si(), 4.0 * layer * 1e-12);
    close("interval", t.initiation_interval.si(), 5e-9);
    close("power", t.power.si(), t.energy.si() / 5e-9);
    assert!(t.peak_power >= t.power);
}

/// Two ADCs of eight turns at 1 GS/s with a latency of 4 ns: 7 + 4 ns. 16 conversions of 1 mW / (1 GS/s).
/// Before it: driver 1, crossbar 1, amplifier 2, hold 1.
#[test]
fn a_converter_with_rate_and_latency_takes_turns_at_its_rate() {
    close("latency", totals("rate-and-latency", &[]).latency.si(), 16e-9);
    close("ADC energy", component_pj("rate-and-latency", "pipeadc"), 16.0);
}

/// Registers of 8 bits at 1 uW each. Those of `a` (8 words) are there from 7 ns, and of `b`, whose ADC takes eight turns, from 14 ns; the DACs
/// of `c` have taken both at 15.5 ns. Those of `c` (4 words) work for their half nanosecond. Each bit takes 1 fJ.
#[test]
fn a_register_that_waits_at_a_join_stays_on_until_its_word_is_taken() {
    let held = 64e-6 * 8.5e-9 + 64e-6 * 1.5e-9 + 32e-6 * 0.5e-9;
    close("registers", component_pj("register-waits", "regs"), (held + 160e-15) * 1e12);
}

// Words of 8 bits from `a` to `b`, which takes them bit by bit: driver 1, crossbar 1, amplifier 2 and hold 1 are 5 ns to the hold, and so long is it
// from one read to the next, since an ADC takes 1 ns.

/// 8 registers of 8 bits at 1 uW keep their words for the 0.5 ns of their own, until the driver has applied the eighth bit: 7 x 5 + 1 ns. The 4
/// registers of `b` work for 0.5 ns. Each bit takes 1 fJ.
#[test]
fn a_word_that_is_applied_bit_by_bit_is_held_until_its_last_bit_is() {
    let held = 64e-6 * 36.5e-9 + 32e-6 * 0.5e-9;
    close("registers", component_pj("serial-register", "regs"), (held + 96e-15) * 1e12);
}

/// A crossbar is on until its value is sampled: crossbar 1, amplifier 2, hold 1. That of `a`, 8 of 32 rows on: 8 x 8 x 125 uS x (1 V)^2, once; that of
/// `b`, 2 of 8 rows on: 2 x 4 x 125 uS x (1 V)^2, in each of 8 reads.
#[test]
fn a_crossbar_is_on_in_every_bit_serial_read_until_its_value_is_sampled() {
    close("crossbars", component_pj("serial-register", "xb2"), 8e-3 * 4e-9 * 1e12 + 8.0 * 1e-3 * 4e-9 * 1e12);
}

/// The 4 shift-and-adds keep their sums from the first of 8 reads to the last, and until the sigmoid has taken them: 0.5 + 7 x 5 + 1 ns. They work 32
/// times.
#[test]
fn a_shift_and_add_is_on_from_its_first_read_until_its_sum_is_taken() {
    close("shift-and-adds", component_pj("serial-register", "sas"), 4e-6 * 36.5e-9 * 1e12 + 32.0 * 0.02);
}

/// Where `a` and `b` meet, `a` has waited: of the others each of the 7 stages is on the path.
#[test]
fn what_waits_for_something_slower_is_not_on_the_critical_path() {
    let design = design_with("register-waits", &[]);
    let path = estimate(&design).expect("positive totals").critical_path;
    let layers = path.iter().map(|node| design.graph[*node].layer.map(|layer| design.layers[layer].name.as_str()));
    let layers: Vec<_> = layers.collect();
    assert_eq!(layers, [[Some("b"); 7], [Some("c"); 7]].concat());
}

/// The ADC states 1.2 GS/s, and no latency.
#[test]
fn a_time_that_follows_from_a_rate_is_explained_by_the_rate_alone() {
    let design = design_with("isaac-ima", &[]);
    let latency = explain(&estimate(&design).expect("positive totals"), "latency", &Default::default());
    let numbers = latency.expect("a total").numbers;
    let is_told = |name: &str| numbers.iter().any(|number| number.what == name);
    assert!(is_told("isaac-adc-current.rate") && is_told("shift-add.latency"), "{numbers:?}");
    assert!(!is_told("isaac-adc-current.latency"), "{numbers:?}");
}

/// A hold samples in 1 ns and is free again when the last of the eight columns that share an ADC is converted.
#[test]
fn a_hold_is_not_free_before_its_value_is_converted() {
    close("interval", totals("hold", &[]).initiation_interval.si(), 9e-9);
}

/// 32 drivers of 1 uW hold their rows for driver 1, crossbar 1, amplifier 2 and hold 1, whether that is `power` or `static-power`.
#[test]
fn a_driver_stated_by_its_power_is_on_while_it_holds_its_row() {
    close("power", component_pj("drv", "drv"), 32.0 * 1e-6 * 5e-9 * 1e12);
    close("static power", component_pj("drvs", "drvs"), 32.0 * 1e-6 * 5e-9 * 1e12);
}

/// The crossbar of `a` is on from 0.1 to 0.1 + 0.1 + 0.5 ns, that of `b` from 0.7 ns on: 8 x 8 x 62.5 uS x (1 V)^2 at any moment. The ADCs
/// of `a` add 8 aJ in 0.5 ns, the drivers of `b` 16 aJ in 0.7 ns.
#[test]
fn what_ends_when_another_begins_does_not_add_to_the_peak() {
    let peak = |drivers_s: f64| 4e-3 + 8e-18 / 0.5e-9 + 16e-18 / drivers_s;
    close("peak power", totals("peak-rounding", &[]).peak_power.si(), peak(0.7e-9));
    close("a little later", totals("peak-rounding", &["d3.latency=0.7001 ns"]).peak_power.si(), peak(0.7001e-9));
}

/// The mean of no rows is no power.
#[test]
fn a_crossbar_without_active_rows_takes_no_power() {
    close("energy", component_pj("zero-active", "xb2") + 1.0, 1.0);
    let t = totals("zero-active", &[]);
    assert!(t.energy.si() > 0.0 && t.energy.si().is_finite());
}

/// Sixteen reads of one bit. A read is DAC 5/6, crossbar 100 and hold 1 ns; 128 conversions at 1.2 GS/s, 106 2/3 ns; and 4 x 32 words of 1 ns
/// into each shift-and-add: the slowest segment, so that reads follow one another after 128 ns.
#[test]
fn bit_serial_reads_overlap_from_one_holding_circuit_to_the_next() {
    let first = 1e-9 / 1.2 + 100e-9 + 1e-9 + 128e-9 / 1.2 + 128e-9;
    close("latency", totals("isaac-ima", &[]).latency.si(), first + 15.0 * 128e-9);
    close("interval", totals("isaac-ima-p", &[]).initiation_interval.si(), 16.0 * 128e-9);
    // Shift-and-adds that keep up leave the converters as the slowest segment, but for the nanosecond in which a hold samples.
    let fast = ["shift-add.latency=0.1 ns"];
    close("interval", totals("isaac-ima-p", &fast).initiation_interval.si(), 16.0 * (128e-9 / 1.2 + 1e-9));
}

/// Words at 0.5 GS/s that take 0.1 ns each: 128 of them are through after 254.1 ns, but the next read waits for 256 ns.
#[test]
fn bit_serial_reads_wait_for_a_rate_though_the_last_word_is_through() {
    let slow = ["shift-add.latency=0.1 ns", "shift-add.rate=0.5 GHz"];
    let first = 1e-9 / 1.2 + 100e-9 + 1e-9 + 128e-9 / 1.2 + 254.1e-9;
    close("latency", totals("isaac-ima", &slow).latency.si(), first + 15.0 * 256e-9);
    close("interval", totals("isaac-ima-p", &slow).initiation_interval.si(), 16.0 * 256e-9);
}

/// What rests on an assumed time rests on an assumption, with its weight: the amplifier takes 2 of the 9 ns for which all is on.
#[test]
fn the_assumed_share_of_an_energy_follows_its_times() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/round-numbers/analog.yaml");
    let settings = ["gating=always-on", "amplifier.latency=2 ns"];
    let mut session = Session::with_settings(&settings);
    let design = session.design(&path).expect("a design without errors");
    let assumed = estimate(&design).expect("positive totals").assumed;
    // Two amplifiers in the path of 9 ns.
    close("latency", assumed.latency, 4.0 / 9.0);
    close("energy", assumed.energy, 4.0 / 9.0);
}
