//! The shipped designs that can be built: what they classify, and how much of their costs anybody has measured, simulated or modelled.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use imcost::cost::{amplifier, estimate, findings};
use imcost::design::Design;
use imcost::diagnostic::{Diagnostics, SourceMap};
use imcost::infer::accuracy::{self, Question};
use imcost::infer::simulation::simulate;
use imcost::results::FindingRule;
use imcost::session::Session;

const NETWORKS: [&str; 3] = ["digits-64-32-10", "mlp-784-16-10", "mlp-400-120-84-10"];

fn design(name: &str, settings: &[&str]) -> Design {
    let mut session = Session::with_settings(settings);
    let path = format!("builtin:arch/{name}.yaml");
    let design = session.design(Path::new(&path));
    design.unwrap_or_else(|_| panic!("{}", session.rendered()))
}

/// Pictures whose class is found as trained, as built, and on average over draws.
fn right(design: &Design, draws: usize) -> (usize, usize, f64) {
    let question = Question { draws, seed: 1, ..Question::default() };
    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
    let trained = accuracy::read(design, &question, sources, diagnostics).expect("shipped");
    let found = accuracy::run(design, &trained, &question, true, &AtomicBool::new(false), &|_| {}, diagnostics);
    let found = found.expect("it runs").expect("nobody stops it");
    let drawn = found.draws.as_ref().map_or(0.0, |draws| draws.mean() * 500.0);
    (found.steps[0].correct, found.nominal.correct, drawn)
}

/// 500 pictures of digits: two points are ten of them, a point and a half are seven and a half.
#[test]
fn both_sides_of_the_digits_pair_classify_as_their_network_does() {
    for side in ["analog", "mixed"] {
        let name = format!("digits-64-32-10-held-{side}");
        let (ideal, built, _) = right(&design(&name, &[]), 0);
        assert!(built + 10 >= ideal, "{side}: {built} of {ideal}");
        let (_, _, spread) = right(&design(&name, &["imperfections.resistance-gaussian=5%"]), 20);
        assert!(spread + 7.5 > built as f64, "{side}: {spread} of {built}");
    }
    // The whole circuit has the same classes as `accuracy` but for a few.
    let analog = design("digits-64-32-10-held-analog", &[]);
    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
    let whole = simulate(&analog, &Question::default(), None, sources, diagnostics).expect("an operating point");
    let (_, built, _) = right(&analog, 0);
    assert!(whole.correct().expect("pictures").abs_diff(built) <= 2);
}

#[test]
fn held_pairs_rest_on_numbers_with_sources_and_take_no_more_than_they_can_carry() {
    for network in NETWORKS {
        for side in ["analog", "mixed"] {
            let design = design(&format!("{network}-held-{side}"), &[]);
            let found = estimate(&design).expect("totals");
            assert!(found.assumed.latency < 0.2 && found.assumed.energy < 0.1, "{network} {side}: {:?}", found.assumed);
            let said = findings(&design, &SourceMap::default());
            for rule in [FindingRule::ColumnEnd, FindingRule::TiedOutputs] {
                assert!(said.iter().all(|finding| finding.rule != rule), "{network} {side}: {said:?}");
            }
        }
    }
}

/// As published, outputs of ideal op-amps are tied together and columns float; nothing of that is hidden.
#[test]
fn what_cannot_be_built_of_the_published_circuit_is_told() {
    for network in ["mlp-784-16-10", "mlp-400-120-84-10"] {
        let design = design(&format!("{network}-published-analog"), &[]);
        let said = findings(&design, &SourceMap::default());
        for rule in [FindingRule::ColumnEnd, FindingRule::TiedOutputs, FindingRule::CurrentDensity] {
            assert!(said.iter().any(|finding| finding.rule == rule), "{network}: {rule:?}");
        }
        // Gains of 30 and 10, 0.333 ns a layer, no power.
        for layer in &design.layers {
            let (node, _) = design.termination_of(layer.circuits.crossbar).expect("an amplifier");
            let component = design.graph[node].component().expect("a circuit");
            assert_eq!(component.static_power.as_ref().map(|power| power.value.si()), Some(0.0));
            let latency = component.latency.as_ref().expect("stated").value.si();
            assert!((latency * 3.0 - 1e-9).abs() < 1e-15, "{latency}");
            assert_eq!(amplifier::placed(&design, node).expect("a circuit").delivered(), None);
        }
    }
}
