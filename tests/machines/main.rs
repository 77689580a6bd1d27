//! Machines of levels: by hand, in general, and what is said of those that cannot be.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

mod by_hand;
mod in_general;
mod refused;
mod shared;

use std::path::Path;

use imcost::Design;
use imcost::cost::machine::MachineCosts;
use imcost::files::Memory;
use imcost::session::Session;

/// A library whose figures are round.
pub const LIBRARY: &str = "name: a test
node: 28 nm
vdd: 0.9 V
components:
  driver: { kind: dac, bits: 1, static-power: 1 uW, latency: { value: 0 s, note: within the read }, area: 1 um^2, source: s, basis: measured }
  driver-4b: { kind: dac, bits: 4, energy: 2 fJ, latency: 1 ns, area: 2 um^2, source: s, basis: measured }
  array: { kind: crossbar, cell: { bits: 2 }, max-rows: 64, max-columns: 64, power: 2 mW, latency: 10 ns, area: 100 um^2, source: s, basis: measured }
  hold: { kind: sample-hold, takes: current, static-power: 1 nW, latency: 1 ns, area: 1 um^2, source: s, basis: measured }
  adc: { kind: adc, takes: current, bits: 8, power: 1 mW, rate: 1 GS/s, area: 50 um^2, source: s, basis: measured }
  join: { kind: shift-add, bits: 24, energy: 20 fJ, rate: 2 GHz, area: 30 um^2, source: s, basis: measured }
  sum: { kind: adder, bits: 24, energy: 10 fJ, latency: 1 ns, area: 20 um^2, source: s, basis: measured }
  relu: { kind: activation, function: relu, bits: 8, energy: 5 fJ, latency: 1 ns, area: 5 um^2, source: s, basis: measured }
  buffer: { kind: memory, capacity: 2 KB, width: 64 bit, energy: 1 pJ, latency: 1 ns, area: 500 um^2, source: s, basis: measured }
  bus: { kind: bus, width: 64 bit, power: 3 mW, rate: 1 GHz, area: 1000 um^2, source: s, basis: measured }
  router: { kind: router, width: 32 bit, ports: 5, power: 8 mW, rate: 1 GHz, area: 4000 um^2, source: s, basis: measured }
  sequencer: { kind: control, static-power: 0.5 mW, area: 300 um^2, source: s, basis: measured }
";

/// A machine of two tiles of three arrays.
pub const MACHINE: &str = "name: two tiles
technology: library.yaml
weights: { bits: 4, encoding: offset, bias: none }
activations: { bits: 4 }
tile: { crossbar: array, rows: 64, columns: 64 }
stages:
  input: [driver]
  column: [hold, { use: adc, share: 32 }]
levels:
  - { name: chip, components: [sequencer] }
  - { name: tile, count: 2, components: [buffer, { use: join, count: 2 }, sum, relu] }
  - { name: array, count: 3 }
";

/// A session over a library and an architecture.
pub fn session(library: &str, architecture: &str) -> Session {
    let files = Memory::default().with("library.yaml", library).with("machine.yaml", architecture);
    Session::default().reading(files.over_standard())
}

pub fn design(library: &str, architecture: &str) -> Design {
    let mut session = session(library, architecture);
    let found = session.design(Path::new("machine.yaml"));
    found.unwrap_or_else(|_| panic!("{}", session.rendered()))
}

pub fn costs_of(library: &str, architecture: &str) -> MachineCosts {
    let design = design(library, architecture);
    MachineCosts::of(design.machine.as_ref().expect("levels")).expect("a machine")
}

pub fn costs(architecture: &str) -> MachineCosts {
    costs_of(LIBRARY, architecture)
}

#[track_caller]
pub fn close(what: &str, found: f64, by_hand: f64) {
    let same = if by_hand == 0.0 { found == 0.0 } else { (found / by_hand - 1.0).abs() < 1e-12 };
    assert!(same, "{what}: {found:e} instead of {by_hand:e}");
}
