//! The cells of `techlib/standard-cells.yaml` against a copy of the table points they are the means of, and a circuit that is made of them.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use imcost::diagnostic::render::render_all;
use imcost::files::Memory;
use imcost::session::Session;
use imcost::techlib::{Basis, Component, Library};

const SUPPLY: f64 = 0.7;

fn cells() -> Arc<Library> {
    Session::default().library(Path::new("builtin:techlib/standard-cells.yaml")).expect("shipped")
}

fn figures(c: &Component) -> [f64; 3] {
    let (energy, latency, area) = (c.energy.as_ref(), c.latency.as_ref(), c.area.as_ref());
    [energy.unwrap().value.si(), latency.unwrap().value.si(), area.unwrap().value.si()]
}

fn close(what: &str, found: f64, expected: f64, within: f64) {
    assert!((found / expected - 1.0).abs() < within, "{what}: {found} {expected}");
}

/// The means of all table points of a cell, and its slowest one, within the digits that the library states.
#[test]
fn every_cell_is_the_mean_of_its_tables() {
    let mut tables: BTreeMap<(&str, &str), Vec<Vec<&str>>> = BTreeMap::new();
    for line in include_str!("data/standard-cells/asap7.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        tables.entry((fields[0], fields[1])).or_default().push(fields);
    }
    let library = cells();
    for (cell, output, name) in [
        ("INVx1", "Y", "inverter"),
        ("NAND2x1", "Y", "nand2"),
        ("NOR2x1", "Y", "nor2"),
        ("XOR2x1", "Y", "xor2"),
        ("AO22x1", "Y", "and-or-22"),
        ("HAxp5", "SN", "half-adder"),
        ("FAx1", "SN", "full-adder"),
    ] {
        let points = &tables[&(cell, output)];
        let number = |point: &Vec<&str>, field: usize| point[field].parse::<f64>().unwrap();
        let inside: f64 = points.iter().map(|p| (number(p, 7) + number(p, 8)) / 2.0).sum::<f64>() / points.len() as f64;
        let pins: BTreeMap<&str, f64> = points.iter().map(|p| (p[2], number(p, 6))).collect();
        let pin = pins.values().sum::<f64>() / pins.len() as f64;
        let delays: Vec<f64> = points.iter().flat_map(|p| [number(p, 9), number(p, 10)]).collect();
        let slowest = delays.iter().copied().fold(0.0, f64::max);
        let component = &library.components[name];
        let [energy, latency, area] = figures(component);
        close(name, energy, (inside + pin * SUPPLY * SUPPLY / 2.0) * 1e-15, 1e-3);
        close(name, latency, slowest * 1e-12, 1e-3);
        close(name, area, number(&points[0], 4) * 1e-12, 1e-9);
        close(name, component.static_power.as_ref().unwrap().value.si(), number(&points[0], 5) * 1e-12, 1e-3);
        let (fastest, last) = component.latency.as_ref().unwrap().range.unwrap();
        close(name, fastest.si(), delays.iter().copied().fold(f64::MAX, f64::min) * 1e-12, 1e-3);
        close(name, last.si(), slowest * 1e-12, 1e-3);
        assert_eq!(component.basis(), Basis::Simulated);
    }
    let carries = &tables[&("FAx1", "CON")];
    let slowest = carries.iter().flat_map(|p| [&p[9], &p[10]]).map(|t| t.parse::<f64>().unwrap()).fold(0.0, f64::max);
    close("carry", library.components["carry"].latency.as_ref().unwrap().value.si(), slowest * 1e-12, 1e-3);
}

#[test]
fn the_flip_flop_is_the_register_of_the_digital_library() {
    let digital = Session::default().library(Path::new("builtin:techlib/digital.yaml")).expect("shipped");
    let (ours, register) = (figures(&cells().components["flip-flop"]), figures(&digital.components["register"]));
    for (ours, register) in ours.iter().zip(register) {
        close("flip-flop", *ours, register, 1e-12);
    }
}

/// Eight full adders in a row, 1.5 inputs of each change; the carry passes seven and the last one gives its sum. A multiplexer at each output is one more.
#[test]
fn an_adder_is_made_of_cells() {
    let text = "
name: an adder
extends: builtin:techlib/standard-cells.yaml
components:
  adder-8b:
    kind: adder
    bits: 8
    parts:
      sum: { use: full-adder, count: 8, operations: = 8 * 1.5, series: 1 }
      ripple: { use: carry, series: 7 }
      choose: { use: mux2, count: 8, series: 1 }
    source: made of cells
    basis: modelled
";
    let files = Memory::default().with("adder.yaml", text).over_standard();
    let mut session = Session::default().reading(files);
    let library = session.library(Path::new("adder.yaml"));
    let said = render_all(&session.diagnostics, &session.sources, false);
    let library = library.unwrap_or_else(|_| panic!("{said}"));
    let of = |name: &str| figures(&library.components[name]);
    let [sum, carry, mux, inverter, and_or] = ["full-adder", "carry", "mux2", "inverter", "and-or-22"].map(of);
    assert_eq!(said, "");
    let [energy, latency, area] = of("adder-8b");
    close("energy", energy, 12.0 * sum[0] + 8.0 * mux[0], 1e-12);
    close("latency", latency, sum[1] + 7.0 * carry[1] + mux[1], 1e-12);
    close("area", area, 8.0 * (sum[2] + mux[2]), 1e-12);
    close("mux2", mux[0], and_or[0], 1e-12);
    close("mux2", mux[2], and_or[2] + inverter[2], 1e-12);
}
