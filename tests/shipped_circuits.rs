//! Row drivers, samplers, registers and junctions of the shipped libraries: their figures and what follows from them in a design, by hand.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;
use std::sync::Arc;

use imcost::cost::drive::{driven_row, row_load};
use imcost::cost::tile::row_power;
use imcost::cost::{Breakdown, estimate};
use imcost::design::Design;
use imcost::files::Memory;
use imcost::infer::accuracy::Question;
use imcost::infer::simulation::simulate;
use imcost::results::{Finding, FindingRule};
use imcost::session::Session;
use imcost::techlib::{Basis, Component, Library};

fn shipped() -> Arc<Library> {
    Session::default().library(Path::new("builtin:techlib/sot-mram-14nm.yaml")).expect("shipped")
}

#[track_caller]
fn close(what: &str, found: f64, by_hand: f64, within: f64) {
    assert!((found / by_hand - 1.0).abs() < within, "{what}: {found:e} instead of {by_hand:e}");
}

fn energy(c: &Component) -> f64 {
    c.energy.as_ref().expect("an energy").value.si()
}

fn latency(c: &Component) -> f64 {
    c.latency.as_ref().expect("a latency").value.si()
}

fn area(c: &Component) -> f64 {
    c.area.as_ref().expect("an area").value.si()
}

/// 8 bits of 0.8 V are steps of 3.125 mV, whose rounding is 0.902 mV rms: kT/C is that at 5.09 fF and 300 K. Five fins of each transistor of the
/// gate are 664 ohm, and settle it to half a step after nine halvings.
#[test]
fn a_sampler_has_the_noise_of_rounding_and_settles_to_half_a_step() {
    let library = shipped();
    let hold = &library.components["sample-hold"];
    let step = 0.8 / 256.0;
    let capacitance = 1.380_649e-23 * 300.0 / (step * step / 12.0);
    close("capacitance", capacitance, 5.09e-15, 2e-3);
    let gate = 2.0 * 5.0 * 51.2e-18 * 0.64;
    close("energy", energy(hold), capacitance * 0.64 + gate, 1e-3);
    close("latency", latency(hold), 9.0 * 2_f64.ln() * 3320.0 / 5.0 * capacitance, 1e-3);
    close("area", area(hold), (capacitance / 51.2e-18 + 10.0) * 42e-9 * 140e-9, 1e-3);
    assert!(energy(hold) > capacitance * 0.64, "no sampler takes less than C V^2");
    // ISAAC's does.
    assert!(energy(&library.components["isaac-sample-hold"]) < 1e-2 * capacitance * 0.64);
}

/// DFFHQNx1 of ASAP7 at slopes of 40 ps and 5.76 fF, supply alone, in femtojoule: clock rises 0.506318 and 0.481580, falls 0.345094 and 0.351373, data
/// change while it is low 0.134940 and 0.238728; its clock pin has 0.474736 fF, its data pin 0.558822 fF at 0.7 V. Clock to output 83.3979 ps, setup
/// 10.8594 ps.
#[test]
fn a_register_is_the_flip_flop_of_a_cell_library() {
    let library = shipped();
    let register = &library.components["register"];
    let inside = (0.506_318 + 0.481_580 + 0.345_094 + 0.351_373 + 0.134_940 + 0.238_728) / 2.0;
    let pins = (0.474_736 + 0.558_822 / 2.0) * 0.49;
    close("energy", energy(register), (inside + pins) * 1e-15, 1e-3);
    close("latency", latency(register), 83.3979e-12 + 10.8594e-12, 1e-3);
    close("area", area(register), 0.2916e-12, 1e-12);
    assert!(register.per_bit && register.basis() == Basis::Simulated);
}

/// From 3 fins to 140 by factors of four: ln(140/3)/ln 4 = 2.772 stages of 19.6 ps and a last one of 8 ps. All inverters together have 4/3 of the last
/// one's fins; a fin of both transistors has 0.6199 fF / 3 of gate and 0.0956 fJ / 0.49 V^2 / 3 of its own.
#[test]
fn a_row_driver_is_a_chain_of_inverters() {
    let library = shipped();
    let driver = &library.components["row-driver"];
    close("latency", latency(driver), ((140.0_f64 / 3.0).log(4.0) * 19.6 + 8.0) * 1e-12, 1e-9);
    let fins = 140.0 * 4.0 / 3.0;
    let fin = 0.6199e-15 / 3.0 + 0.0956e-15 / 0.49 / 3.0;
    close("energy", energy(driver), 0.25 * fins * fin * 0.64, 1e-9);
    close("area", area(driver), 2.0 * fins * 42e-9 * 140e-9, 1e-9);
    assert!(driver.basis() < Basis::Assumed);
}

/// Devices of 30 kohm, or whatever else; no wires to speak of, columns into virtual grounds.
const LIBRARY: &str = "
name: for tests
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
parameters: { vdd: 0.8 V }
devices:
  device: { type: sot-mram, r-low: LOW, r-high: HIGH, MORE source: made up, basis: modelled }
components:
  array:
    kind: crossbar
    device: device
    cell: { devices: 2, width: 0.2 um, height: 0.5 um }
    wire: { width: 100 nm, thickness: 100 nm, pitch-gap: 100 nm, dielectric-height: 100 nm, permittivity: 4, resistivity: 0.001 nohm m, mean-free-path: 0.001 nm, specularity: 0.5, reflectivity: 0.001 }
    read-voltage: READ
    max-rows: 64
    max-columns: 64
    latency: 1 ns
    source: made up
    basis: modelled
  ground: { kind: amplifier, differential: true, joins: true, static-power: 10 uW, latency: 2 ns, area: 5 um^2, source: made up, basis: modelled }
  curve: { kind: neuron, function: sigmoid, model: { logistic: { at-low: 0.8 V, at-high: 0 V, midpoint: 0 V, width: 85 mV } }, static-power: 50 uW, latency: 1 ns, area: 2 um^2, source: made up, basis: modelled }
";

/// Of resistances, a read voltage and what else is said of the device; the amplifier is `amplifier`.
fn design(device: [&str; 3], read: &str, amplifier: &str) -> (Session, Design) {
    let [low, high, more] = device;
    let library = LIBRARY.replace("LOW", low).replace("HIGH", high).replace("MORE", more).replace("READ", read);
    let text = format!(
        "name: a test
technology: library.yaml
network: {{ input: {{ features: 16 }}, layers: [{{ name: only, dense: 8 }}] }}
weights: {{ bits: 1, encoding: differential, bias: none }}
tile: {{ crossbar: array, rows: 16, columns: 8 }}
stages: {{ input: [row-driver], column: [{amplifier}, curve] }}
statistics: {{ active-rows: 25%, low-resistance: 50% }}
"
    );
    let weights: String = (0..16).map(|row| ["1,-1,1,1,-1,-1,1,-1\n", "-1,-1,1,-1,1,1,1,-1\n"][row % 2]).collect();
    let rows = "0.8,0,0.8,0.8,0,0,0.8,0,0.8,0,0.8,0.8,0,0,0.8,0\n";
    let files = Memory::default()
        .with("design.yaml", text)
        .with("library.yaml", library)
        .with("w/W1.csv", weights)
        .with("rows.csv", rows);
    let mut session = Session::default().reading(files.over_standard());
    let design = session.design(Path::new("design.yaml"));
    let design = design.unwrap_or_else(|_| panic!("{}", session.rendered()));
    (session, design)
}

fn findings(rule: FindingRule, (session, design): &(Session, Design)) -> Vec<Finding> {
    session.findings(&[design]).list().iter().filter(|finding| finding.rule == rule).cloned().collect()
}

/// Sixteen drivers, each a chain that rises in a quarter of the operations, with a row of 8 cells of 0.2 um behind it.
#[test]
fn a_driver_charges_its_chain_and_the_wire_of_its_row() {
    let (_, design) = design(["30 kohm", "90 kohm", ""], "0.8 V", "ground");
    let driver = design.layers[0].circuits.driven_by[0];
    let wire = row_load(&design, driver).capacitance.si();
    let array = design.graph[design.layers[0].circuits.crossbar].component().expect("a crossbar").crossbar.clone();
    let of_cell = array.expect("an array").wire.expect("wires").capacitance(imcost::units::Length::new(0.2e-6)).si();
    close("wire of a row", wire, 8.0 * of_cell, 1e-9);
    let breakdown = Breakdown::of(&estimate(&design).expect("physical"));
    let line = breakdown.components.iter().find(|line| line.name == "row-driver").expect("drivers");
    let chain = &shipped().components["row-driver"];
    let charges = 16.0 * (energy(chain) + 0.25 * wire * 0.64);
    let leaks = 16.0 * chain.static_power.as_ref().expect("leaks").value.si();
    let seconds = (line.energy.si() - charges) / leaks;
    // What is left is the leakage, for no longer than the inference: 62 ps, 1 ns, 2 ns and 1 ns.
    assert!((0.0..=4.1e-9).contains(&seconds), "{seconds:e}");
    assert!(0.25 * wire * 0.64 > 1e-3 * energy(chain), "the wire is there to be seen");
}

/// Eight pairs of 8.5 kohm in parallel, half of the devices three times that: 797 ohm, from which 140 fins take 2.5 %. With a tenth of the resistance
/// they take 21 %, and a finding says how many would do.
#[test]
fn a_driver_that_cannot_hold_its_row_is_told_of() {
    let holds = design(["8.5 kohm", "25.5 kohm", ""], "0.8 V", "ground");
    let row = |design: &Design| driven_row(design, design.layers[0].circuits.driven_by[0]).expect("a row");
    let resistance = |low: f64| 1.0 / (16.0 * 0.5 * (1.0 / low + 1.0 / (3.0 * low)));
    let on = 2902.4 / 140.0;
    close("lost", row(&holds.1).lost(), on / (on + resistance(8500.0)), 1e-2);
    assert_eq!(findings(FindingRule::RowDroop, &holds), []);
    let weak = design(["850 ohm", "2.55 kohm", ""], "0.8 V", "ground");
    let lost = row(&weak.1).lost();
    // As a resistor; at this current the transistor is a little worse than that.
    let divider = on / (on + resistance(850.0));
    assert!(lost > divider && lost < 1.1 * divider, "{lost} {divider}");
    let found = findings(FindingRule::RowDroop, &weak);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    close("told", finding.figures[0].value_si, lost, 1e-12);
    let needed = 140.0 * lost / (1.0 - lost) * 9.0;
    assert!(
        finding.mend[0].starts_with(&format!("{:.0} fins", (needed / 10.0).round() * 10.0)),
        "{finding:?} {needed}"
    );
}

/// 200 % at 0.4 V with V0 of 0.5 V are 2 / 1.64 = 122 %: 30 kohm and 66.59 kohm. Every part of the tool sees a crossbar of these.
#[test]
fn magnetoresistance_falls_with_the_read_voltage_in_cost_and_simulation() {
    let falls = design(["30 kohm", "90 kohm", "tmr-v0: 0.5 V,"], "0.4 V", "ideal-difference-amplifier");
    let high = 30e3 * (1.0 + 2.0 / 1.64);
    let stated = design(["30 kohm", &format!("{high} ohm"), ""], "0.4 V", "ideal-difference-amplifier");
    let full = design(["30 kohm", "90 kohm", ""], "0.4 V", "ideal-difference-amplifier");
    let device = |design: &Design| {
        let component = design.graph[design.layers[0].circuits.crossbar].component().expect("a crossbar");
        component.crossbar.as_ref().expect("an array").device.r_high.value.si()
    };
    close("r-high", device(&falls.1), high, 1e-12);
    close("r-high", device(&full.1), 90e3, 1e-12);
    let power = |design: &Design| row_power(design, design.layers[0].circuits.crossbar).expect("rows").power.si();
    close("power", power(&falls.1), power(&stated.1), 1e-9);
    assert!(power(&falls.1) > 1.01 * power(&full.1));
    let simulated = |(mut session, design): (Session, Design)| {
        let question = Question { weights: vec!["w".into()], ..Question::default() };
        let Session { sources, diagnostics, .. } = &mut session;
        let found = simulate(&design, &question, Some(Path::new("rows.csv")), sources, diagnostics);
        found.expect("an operating point").points[0].layers[0].neuron_input_v.clone()
    };
    let (falls, stated, full) = (simulated(falls), simulated(stated), simulated(full));
    for ((falls, stated), full) in falls.iter().zip(&stated).zip(&full) {
        assert!((falls / stated - 1.0).abs() < 1e-6 && (falls / full - 1.0).abs() > 1e-2, "{falls} {stated} {full}");
    }
}

/// A setting of what it rests on moves it: 0.2 V with V0 of 0.4 V leave 2 / 1.25.
#[test]
fn a_setting_of_the_voltage_moves_the_resistance() {
    let text = LIBRARY.replace("LOW", "30 kohm").replace("HIGH", "90 kohm").replace("MORE", "tmr-v0: 0.5 V,");
    let files = Memory::default().with("library.yaml", text.replace("READ", "0.4 V"));
    let mut session =
        Session::with_settings(&["device.tmr-v0=0.4 V", "array.read-voltage=0.2 V"]).reading(files.over_standard());
    let library = session.library(Path::new("library.yaml")).unwrap_or_else(|_| panic!("{}", session.rendered()));
    let array = library.components["array"].crossbar.as_ref().expect("an array");
    close("r-high", array.device.r_high.value.si(), 30e3 * (1.0 + 2.0 / 1.25), 1e-12);
    // The device itself states what it has without bias.
    close("r-high", library.devices["device"].resistances.as_ref().unwrap().high.value.si(), 90e3, 1e-12);
}

#[test]
fn junctions_read_above_three_tenths_of_a_volt_are_told_of() {
    for (read, told) in [("0.29 V", false), ("0.31 V", true)] {
        let design = design(["30 kohm", "90 kohm", ""], read, "ground");
        assert_eq!(findings(FindingRule::JunctionVoltage, &design).len(), usize::from(told), "{read}");
    }
    let design = design(["30 kohm", "90 kohm", ""], "0.5 V", "ground");
    close("told", findings(FindingRule::JunctionVoltage, &design)[0].figures[0].value_si, 0.5, 1e-12);
}

/// Resistances of 50, 100 and 200 ohm um^2 over an ellipse of 50 nm x 30 nm, 1178 nm^2.
#[test]
fn thicker_barriers_have_their_product_over_the_same_ellipse() {
    let library = shipped();
    for ra in [50.0, 100.0, 200.0] {
        let device = &library.devices[&format!("sot-mram-50x30-ra{ra}")];
        let low = ra * 1e-12 / (std::f64::consts::FRAC_PI_4 * 50e-9 * 30e-9);
        close("r-low", device.resistances.as_ref().unwrap().low.value.si(), low, 1e-12);
        close("r-high", device.resistances.as_ref().unwrap().high.value.si(), 3.0 * low, 1e-12);
    }
    let wafer = &library.devices["sot-mram-wafer"];
    close(
        "contrast",
        wafer.resistances.as_ref().unwrap().high.value / wafer.resistances.as_ref().unwrap().low.value,
        2.5,
        1e-12,
    );
    let spread = wafer.spread.as_ref().expect("a spread");
    assert_eq!((spread.value.si(), spread.provenance.basis), (0.1, Basis::Measured));
}
