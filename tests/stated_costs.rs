//! What the figures of a component come to together, against arithmetic by hand.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;
use std::sync::Arc;

use imcost::cost::{Breakdown, estimate};
use imcost::files::Memory;
use imcost::session::Session;
use imcost::techlib::{Basis, Component, Model, Provenance};

fn component(figures: &str) -> Arc<Component> {
    let text = format!(
        "name: a test
node: 14 nm
components:
  it: {{ kind: adc, bits: 8, {figures}, area: 1 um^2, source: made up, basis: modelled }}
"
    );
    let files = Memory::default().with("library.yaml", text);
    let mut session = Session::default().reading(files.over_standard());
    let library = session.library(Path::new("library.yaml"));
    library.unwrap_or_else(|_| panic!("{}", session.rendered())).components["it"].clone()
}

#[track_caller]
fn close(what: &str, found: f64, by_hand: f64) {
    assert!((found / by_hand - 1.0).abs() < 1e-12, "{what}: {found:e} instead of {by_hand:e}");
}

/// Power while it works, in uW, and energy of an operation, in fJ, over a latency of 2 ns.
#[test]
fn a_component_works_with_what_it_states_of_power_and_energy() {
    for (figures, microwatt) in [
        ("power: 8 uW", 8.0),
        ("static-power: 3 uW", 3.0),
        ("power: 8 uW, static-power: 3 uW", 11.0),
        // 10 fJ in 2 ns.
        ("energy: 10 fJ", 5.0),
        ("energy: 10 fJ, static-power: 3 uW", 8.0),
    ] {
        let component = component(&format!("{figures}, latency: 2 ns"));
        close(figures, component.working_power().expect("stated").si(), microwatt * 1e-6);
        close(figures, component.operation_energy().expect("stated").si(), microwatt * 2e-15);
        assert!(!component.latency_from_rate());
    }
}

#[test]
fn a_figure_is_an_assumption_where_its_basis_says_so() {
    let it = component("power: { value: 8 uW, basis: assumed, note: a guess }, latency: 2 ns");
    assert!(it.power.as_ref().expect("stated").is_assumed());
    assert!(!it.latency.as_ref().expect("stated").is_assumed());
    // What follows from both is no surer than the power.
    assert!(it.energy.as_ref().expect("power x latency").is_assumed());
}

#[test]
fn a_rate_gives_the_latency_where_none_is_stated() {
    let of_rate = component("power: 8 uW, rate: 500 MS/s");
    close("latency", of_rate.latency.as_ref().expect("of the rate").value.si(), 2e-9);
    assert!(of_rate.latency_from_rate());
    assert!(!component("power: 8 uW, rate: 500 MS/s, latency: 3 ns").latency_from_rate());
}

/// What a neuron states of its power or its time takes the place of what its circuit gives, the one without the other.
#[test]
fn a_circuit_gives_what_its_neuron_does_not_state() {
    for (setting, gives) in [
        ("fin-pitch=42 nm", (true, true)),
        ("sot-mram-neuron.power=3 uW", (false, true)),
        ("sot-mram-neuron.static-power=3 uW", (false, true)),
        ("sot-mram-neuron.energy=3 fJ", (false, true)),
        ("sot-mram-neuron.latency=2 ns", (true, false)),
        ("sot-mram-neuron.rate=500 MS/s", (true, false)),
    ] {
        let mut session = Session::with_settings(&[setting]);
        let library = session.library(Path::new("builtin:techlib/sot-mram-14nm.yaml"));
        let library = library.unwrap_or_else(|_| panic!("{}", session.rendered()));
        let neuron = &library.components["sot-mram-neuron"];
        let Some(Model::MtjInverter(model)) = &neuron.model else { panic!("no circuit") };
        assert_eq!((model.gives_power, model.gives_latency), gives, "{setting}");
        let latency = neuron.latency.as_ref().expect("stated or of the circuit").value.si();
        assert_eq!((latency / 2e-9 - 1.0).abs() < 1e-12, !gives.1, "{setting}: {latency:e}");
        // Four readings of the nominal neuron's transistors burn from 55.9 to 98.9 uW, the one that the tables are of 67.9 uW.
        let of_circuit = neuron.static_power.as_ref().filter(|_| gives.0);
        let ends = of_circuit.and_then(|power| Some((power.value.si(), power.range?)));
        assert_eq!(ends.is_some(), gives.0, "{setting}");
        let Some((power, (low, high))) = ends else { continue };
        close("lowest", low.si(), power * 55.9 / 67.9);
        close("highest", high.si(), power * 98.9 / 67.9);
    }
}

/// Ten outputs take turns on three subtractors of 10 fJ in 0.25 ns: 40 uW each while they all work. Registers of 8 x 1 fJ in 0.5 ns: 16 uW for each
/// of ten words.
#[test]
fn a_group_that_states_energies_has_the_power_of_all_its_units_at_once() {
    let library = include_str!("data/round-numbers/library.yaml");
    let design = "
name: a test
technology: library.yaml
network: { input: { features: 32 }, layers: [{ name: only, dense: 10 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 32, columns: 32 }
stages: { input: [driver], column: [single-amplifier, hold, adc, { use: subtractor, share: 4 }, register] }
statistics: { active-rows: 25%, low-resistance: 50% }
";
    let files = Memory::default().with("design.yaml", design).with("library.yaml", library);
    let mut session = Session::default().reading(files.over_standard());
    let design = session.design(Path::new("design.yaml"));
    let design = design.unwrap_or_else(|_| panic!("{}", session.rendered()));
    let estimate = estimate(&design).expect("totals");
    let lines = Breakdown::of(&estimate).components;
    let line = |name: &str| lines.iter().find(|line| line.name == name).expect("a component");
    assert_eq!((line("subtractor").units, line("subtractor").operations), (3, 10));
    close("subtractors", line("subtractor").active_power.si(), 3.0 * 40e-6);
    close("their energy", line("subtractor").energy.si(), 10.0 * 10e-15);
    close("their time", line("subtractor").critical_time.si(), 4.0 * 0.25e-9);
    close("registers", line("register").active_power.si(), 10.0 * 8.0 * 2e-6);
    // 32 drivers of 1 uW, 20 amplifiers of 10 uW that are on all the time.
    close("drivers", line("driver").active_power.si(), 32e-6);
    close("amplifiers", line("single-amplifier").active_power.si(), 200e-6);
}

/// What a figure says of itself is its own; all else, and every other figure, has it from the entry.
#[test]
fn a_figure_has_of_its_entry_what_it_does_not_say_itself() {
    let component = component(
        "node: 28 nm, power: { value: 8 uW, node: 65 nm, basis: measured }, latency: { value: 2 ns, source: another }",
    );
    let power = &component.power.as_ref().expect("stated").provenance;
    let latency = &component.latency.as_ref().expect("stated").provenance;
    let area = &component.area.as_ref().expect("stated").provenance;
    let node_nm = |provenance: &Provenance| provenance.node.map(|node| (node.si() * 1e9).round());
    assert_eq!([power, latency, area].map(|p| node_nm(p)), [Some(65.0), Some(28.0), Some(28.0)]);
    assert_eq!([power, latency, area].map(|p| p.basis), [Basis::Measured, Basis::Modelled, Basis::Modelled]);
    assert_eq!([power, latency, area].map(|p| p.source.as_str()), ["made up", "another", "made up"]);
}

/// What is set is assumed: an area is no part of what other components cost.
#[test]
fn what_rests_on_an_assumption_is_marked_by_layer_component_and_kind() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/round-numbers/analog.yaml");
    let assumed = |settings: &[&str]| {
        let design = Session::with_settings(settings).design(&path).expect("a design without errors");
        let estimate = estimate(&design).expect("positive totals");
        let Breakdown { layers, components, kinds } = Breakdown::of(&estimate);
        [layers, components, kinds].map(|lines| {
            lines.into_iter().filter(|line| line.assumed).map(|line| line.name).collect::<Vec<_>>().join(", ")
        })
    };
    assert_eq!(assumed(&[]), ["", "", ""]);
    assert_eq!(assumed(&["driver.area=2 um^2"]), ["hidden", "driver", "row-driver"]);
    assert_eq!(assumed(&["neuron.area=3 um^2"]), ["hidden, output", "neuron", "neuron"]);
}

/// What is said of a number itself holds where it rests on nothing weaker; of what is as weak the first is named.
#[test]
fn a_computed_number_is_said_to_come_from_the_first_of_the_weakest_that_it_rests_on() {
    let power = |first: &str, second: &str| {
        let parts = format!("first: {{ value: 4 uW, {first} }}, second: {{ value: 4 uW, {second} }}");
        let it = component(&format!("parameters: {{ {parts} }}, power: = first + second, latency: 2 ns"));
        let Provenance { source, basis, note, .. } = (*it.power.as_ref().expect("stated").provenance).clone();
        (source, basis, note)
    };
    let (source, basis, _) = power("basis: modelled, source: elsewhere", "basis: modelled, source: there");
    assert_eq!((source.as_str(), basis), ("made up", Basis::Modelled));
    let (_, basis, note) = power("basis: assumed, note: a guess", "basis: assumed, note: another one");
    assert_eq!((basis, note.as_deref()), (Basis::Assumed, Some("a guess")));
}
