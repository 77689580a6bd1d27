//! Networks on machines: shapes and products, times and energies by hand, words counted one by one, in general, and what is said of those that cannot be.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

mod by_hand;
mod in_turn;
mod invariants;
mod random;
mod refused;
mod shapes;
mod traffic;
mod written;

use std::path::Path;

use imcost::cost::machine::MachineCosts;
use imcost::cost::{Totals, estimate};
use imcost::files::Memory;
use imcost::results::ReportResult;
use imcost::results::network::NetworkLayerResult;
use imcost::session::Session;

/// A library whose figures are round. Arrays of words (`mac`) are one circuit a layer; those of currents (`cells`) have segments that overlap.
pub const LIBRARY: &str = "name: a test
node: 28 nm
components:
  mac: { kind: array, takes: word, gives: word, joins: [slices], cell: { bits: 4 }, max-rows: 8, max-columns: 8, energy: 10 pJ, latency: 10 ns, area: 100 um^2, rewritable: true, write-energy: 1 pJ, write-latency: 5 ns, source: s, basis: measured }
  fixed: { kind: array, takes: word, gives: word, joins: [slices], cell: { bits: 4 }, max-rows: 8, max-columns: 8, energy: 10 pJ, latency: 10 ns, area: 100 um^2, rewritable: false, source: s, basis: measured }
  row: { kind: dac, bits: 1, energy: 1 fJ, latency: { value: 0 s, note: within the read }, area: 1 um^2, source: s, basis: measured }
  cells: { kind: crossbar, cell: { bits: 2 }, max-rows: 8, max-columns: 8, power: 1 mW, latency: 10 ns, area: 100 um^2, source: s, basis: measured }
  hold: { kind: sample-hold, takes: current, energy: 2 fJ, latency: 1 ns, area: 1 um^2, source: s, basis: measured }
  adc: { kind: adc, takes: current, bits: 6, energy: 1 pJ, rate: 1 GS/s, area: 50 um^2, source: s, basis: measured }
  join: { kind: shift-add, bits: 24, energy: 20 fJ, rate: 2 GHz, area: 30 um^2, source: s, basis: measured }
  sum: { kind: adder, bits: 24, energy: 10 fJ, latency: 1 ns, area: 20 um^2, source: s, basis: measured }
  relu: { kind: activation, function: relu, bits: 4, energy: 5 fJ, latency: 1 ns, area: 5 um^2, source: s, basis: measured }
  pool: { kind: pooling, energy: 7 fJ, latency: 2 ns, area: 9 um^2, source: s, basis: measured }
  vector: { kind: vector-unit, function: multiply/softmax/gelu/layer-norm/rms-norm/affine/lstm/gru, energy: 3 fJ, latency: 4 ns, area: 40 um^2, source: s, basis: measured }
  edram: { kind: memory, capacity: 1 MB, width: 32 bit, read-energy: 1 pJ, write-energy: 2 pJ, rate: 1 GHz, area: 500 um^2, source: s, basis: measured }
  register: { kind: memory, capacity: 1 KB, width: 8 bit, energy: 100 fJ, rate: 4 GHz, area: 50 um^2, source: s, basis: measured }
  waiting: { kind: memory, capacity: 1 MB, width: 32 bit, energy: 1 pJ, static-power: 3 mW, rate: 1 GHz, area: 500 um^2, source: s, basis: measured }
  bus: { kind: bus, width: 16 bit, energy: 300 fJ, rate: 1 GHz, area: 90 um^2, source: s, basis: measured }
  router: { kind: router, width: 8 bit, ports: 5, energy: 800 fJ, rate: 1 GHz, area: 400 um^2, source: s, basis: measured }
  link: { kind: link, width: 4 bit, energy: 5 pJ, rate: 1 GHz, area: 900 um^2, source: s, basis: measured }
";

/// Four cores of four arrays of 8 x 8 words, no memories.
pub const MACHINE: &str = "name: four cores
technology: library.yaml
weights: { bits: 4, encoding: offset, bias: none }
activations: { bits: 4 }
tile: { array: mac, rows: 8, columns: 8 }
stages: { input: [], column: [] }
levels:
  - { name: chip, components: [pool, { use: vector, count: 2 }] }
  - { name: core, count: 4, components: [sum, relu] }
  - { name: array, count: 4 }
";

/// More arrays than any network takes, which are written for every inference where that is needed.
pub const LARGE: &str = "name: large
technology: library.yaml
weights: { bits: 4, encoding: offset, bias: none }
activations: { bits: 4 }
tile: { array: mac, rows: 8, columns: 8 }
stages: { input: [], column: [] }
levels:
  - { name: chip, components: [pool, relu, vector, sum] }
  - { name: array, count: 10000000 }
";

/// What an architecture comes to.
pub struct Found {
    pub report: ReportResult,
    pub machine: Option<MachineCosts>,
    pub totals: Totals,
    pub groups: Vec<Group>,
}

/// Units of a component that work for a layer.
#[derive(Debug, Clone)]
pub struct Group {
    pub layer: String,
    pub component: String,
    pub level: String,
    pub units: u64,
    pub operations: u64,
    pub energy: f64,
}

impl Found {
    pub fn layer(&self, name: &str) -> &NetworkLayerResult {
        self.report.network.iter().find(|layer| layer.name == name).unwrap_or_else(|| panic!("no layer `{name}`"))
    }

    pub fn copies(&self) -> Vec<u64> {
        self.report.network.iter().filter_map(|layer| layer.matrices.map(|m| m.copies)).collect()
    }

    pub fn group(&self, layer: &str, component: &str) -> &Group {
        let found = self.groups.iter().find(|g| g.layer == layer && g.component == component);
        found.unwrap_or_else(|| panic!("no `{component}` of `{layer}` among {:?}", self.groups))
    }

    pub fn has(&self, layer: &str, component: &str) -> bool {
        self.groups.iter().any(|g| g.layer == layer && g.component == component)
    }

    /// Energy of all that works for a layer.
    pub fn energy_of(&self, layer: &str) -> f64 {
        self.groups.iter().filter(|g| g.layer == layer).map(|g| g.energy).sum()
    }

    pub fn energy(&self) -> f64 {
        self.totals.energy.si()
    }

    pub fn latency(&self) -> f64 {
        self.totals.latency.si()
    }

    pub fn interval(&self) -> f64 {
        self.totals.initiation_interval.si()
    }
}

/// A session over a library and an architecture.
pub fn session(library: &str, architecture: &str) -> Session {
    let files = Memory::default().with("library.yaml", library).with("machine.yaml", architecture);
    Session::default().reading(files.over_standard())
}

/// What a network comes to, or what is said of it.
pub fn tried(library: &str, architecture: &str) -> Result<Found, String> {
    let mut session = session(library, architecture);
    found(&mut session, "machine.yaml")
}

/// What a shipped design comes to.
pub fn shipped(path: &str) -> Found {
    found(&mut Session::default(), path).unwrap_or_else(|said| panic!("{said}"))
}

fn found(session: &mut Session, path: &str) -> Result<Found, String> {
    let Ok(design) = session.design(Path::new(path)) else { return Err(session.rendered()) };
    let estimate = estimate(&design).map_err(|error| error.to_string())?;
    let machine = design.machine.as_ref().map(|machine| MachineCosts::of(machine).expect("a machine"));
    let report = ReportResult::of(&estimate, machine.as_ref(), &[]);
    let of_level = |level: Option<usize>| {
        let levels = design.machine.as_ref().map(|machine| &machine.levels);
        level.zip(levels).map(|(level, levels)| levels[level].name.clone()).unwrap_or_default()
    };
    let groups = design.nodes().map(|(index, node)| Group {
        layer: design.layer_name(node).unwrap_or_default().to_owned(),
        component: node.name().to_owned(),
        level: of_level(node.level),
        units: node.units,
        operations: node.operations,
        energy: estimate.cost(index).energy().si(),
    });
    Ok(Found { groups: groups.collect(), totals: estimate.totals, machine, report })
}

pub fn of(library: &str, architecture: &str) -> Found {
    tried(library, architecture).unwrap_or_else(|said| panic!("{said}\n{architecture}"))
}

/// A network in one line a layer: what goes in, and its layers.
pub fn network(input: &str, layers: &[&str]) -> String {
    let lines: Vec<String> = layers.iter().map(|layer| format!("    - {layer}\n")).collect();
    format!("network:\n  input: {{ {input} }}\n  layers:\n{}", lines.concat())
}

/// The machine with a network, and more keys.
pub fn on(machine: &str, input: &str, layers: &[&str], keys: &str) -> Found {
    of(LIBRARY, &format!("{machine}{}{keys}", network(input, layers)))
}

#[track_caller]
pub fn close(what: &str, found: f64, by_hand: f64) {
    let same = if by_hand == 0.0 { found == 0.0 } else { (found / by_hand - 1.0).abs() < 1e-9 };
    assert!(same, "{what}: {found:e} instead of {by_hand:e}");
}

#[track_caller]
pub fn nanoseconds(what: &str, found: f64, by_hand: f64) {
    close(what, found * 1e9, by_hand);
}

#[track_caller]
pub fn picojoules(what: &str, found: f64, by_hand: f64) {
    close(what, found * 1e12, by_hand);
}
