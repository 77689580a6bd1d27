//! What decides the ratios of two designs, by hand.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cost::verdict::{Metric, Movers, largest, otherwise_gated, reached};
use imcost::cost::{Breakdown, estimate};
use imcost::design::{Design, Gating};
use imcost::files::Memory;
use imcost::session::Session;

/// One crossbar row by row; the baseline has a converter and a unit more.
const LIBRARY: &str = "
name: round numbers
node: 14 nm
parameters: { speed: 1 ns }
devices:
  made-up: { type: rram, r-low: 2 kohm, r-high: 8 kohm, source: made up, basis: modelled }
components:
  driver: { kind: row-driver, power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
  cells: { kind: crossbar, device: made-up, cell: { devices: 2, width: 0.5 um, height: 0.5 um }, read-voltage: 1 V, max-rows: 64, max-columns: 64, latency: 1 ns, source: made up, basis: modelled }
  amplifier: { kind: amplifier, differential: true, joins: true, static-power: 1 mW, latency: = 2 * speed, area: 4 um^2, source: made up, basis: modelled }
  neuron: { kind: neuron, function: sigmoid, static-power: 10 uW, latency: 1 ns, area: 3 um^2, source: made up, basis: assumed, note: made up }
  adc: { kind: adc, bits: 8, power: 2 mW, latency: 4 ns, area: 100 um^2, source: made up, basis: modelled }
  sigmoid: { kind: activation, function: sigmoid, bits: 8, power: 1 mW, latency: 3 ns, area: 50 um^2, source: made up, basis: modelled }
";

fn designs() -> [Design; 2] {
    let design = |column: &str| {
        format!(
            "name: round
technology: library.yaml
network: {{ input: {{ features: 4, bits: 1 }}, layers: [{{ name: only, dense: 2, statistics: {{ active-rows: 50%, low-resistance: 50% }} }}] }}
weights: {{ bits: 1, encoding: differential, bias: none }}
tile: {{ crossbar: cells, rows: 8, columns: 8 }}
stages: {{ input: [driver], column: [{column}] }}
gating: always-on
"
        )
    };
    let files = Memory::default()
        .with("library.yaml", LIBRARY)
        .with("baseline.yaml", design("amplifier, adc, sigmoid"))
        .with("candidate.yaml", design("amplifier, neuron"))
        .over_standard();
    let mut session = Session::default().reading(files);
    ["baseline.yaml", "candidate.yaml"]
        .map(|path| session.design(Path::new(path)).unwrap_or_else(|_| panic!("{}", session.rendered())))
}

#[track_caller]
fn close(found: f64, by_hand: f64) {
    assert!((found / by_hand - 1.0).abs() < 1e-6, "{found:e} instead of {by_hand:e}");
}

/// Baseline: 1 + 1 + 2 + 4 + 3 = 11 ns. Candidate: 1 + 1 + 2 + 1 = 5 ns.
#[test]
fn a_latency_ratio_follows_what_both_have_and_what_one_has() {
    let [baseline, candidate] = designs();
    let (baseline, candidate) = (estimate(&baseline).expect("totals"), estimate(&candidate).expect("totals"));
    let movers = Movers::of(&baseline, &candidate).list(Metric::Latency);
    let of = |name: &str| movers.iter().find(|mover| mover.name == name).map(|mover| mover.elasticity);
    close(of("adc.latency").expect("in the baseline"), 4.0 / 11.0);
    close(of("neuron.latency").expect("in the candidate"), -1.0 / 5.0);
    // In both: the amplifier's two times the parameter.
    close(of("speed").expect("in both"), 2.0 / 11.0 - 2.0 / 5.0);
    assert_eq!(of("adc.area"), None);
    assert_eq!(movers[0].name, "adc.latency");
    assert!(movers.iter().all(|mover| mover.assumed == mover.name.starts_with("neuron")), "{movers:?}");
    assert!(movers.windows(2).all(|pair| pair[0].elasticity.abs() >= pair[1].elasticity.abs()));
}

#[test]
fn a_target_is_reached_where_the_totals_with_that_value_have_it() {
    let [baseline, candidate] = designs();
    let (baseline, candidate) = (estimate(&baseline).expect("totals"), estimate(&candidate).expect("totals"));
    let movers = Movers::of(&baseline, &candidate).list(Metric::Latency);
    let found = reached((&baseline, &candidate), Metric::Latency, 3.0, movers);
    let at = |name: &str| {
        let of = found.iter().find(|reached| reached.mover.name == name).expect("a mover");
        of.value.map(|value| value.si * 1e9)
    };
    // (7 + x) / 5 = 3; 11 / (4 + x) = 3 has no positive x; (9 + 2 x) / (3 + 2 x) = 3 has x = 0.
    close(at("adc.latency").expect("reached"), 8.0);
    assert_eq!((at("neuron.latency"), at("speed")), (None, None));
    let found =
        reached((&baseline, &candidate), Metric::Latency, 2.5, Movers::of(&baseline, &candidate).list(Metric::Latency));
    let speed = found.iter().find(|reached| reached.mover.name == "speed").expect("a mover");
    // 9 + 2 x = 7.5 + 5 x.
    close(speed.value.expect("reached").si * 1e9, 0.5);
    let neuron = found.iter().find(|reached| reached.mover.name == "neuron.latency").expect("a mover");
    // 11 = 2.5 (4 + x).
    close(neuron.value.expect("reached").si * 1e9, 0.4);
}

#[test]
fn the_largest_part_and_another_gating_are_those_of_the_designs() {
    let [baseline, candidate] = designs();
    let found = [&baseline, &candidate].map(|design| {
        let estimate = estimate(design).expect("totals");
        let cut = Breakdown::of(&estimate);
        let part = largest(&cut, Metric::Latency).expect("parts");
        (part.component, part.share)
    });
    assert_eq!((found[0].0.as_str(), found[1].0.as_str()), ("adc", "amplifier"));
    close(found[0].1, 4.0 / 11.0);
    close(found[1].1, 2.0 / 5.0);
    let (gating, ratios) = otherwise_gated(&baseline, &candidate).expect("totals");
    assert_eq!(gating, Gating::PerStage);
    let mut gated = designs();
    for design in &mut gated {
        design.gating = Gating::PerStage;
    }
    let energy = |design: &Design| estimate(design).expect("totals").totals.energy.si();
    close(ratios.energy, energy(&gated[0]) / energy(&gated[1]));
    let always = energy(&baseline) / energy(&candidate);
    assert!((ratios.energy / always - 1.0).abs() > 0.05, "{} {always}", ratios.energy);
}
