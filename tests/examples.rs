//! The examples do what they say.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a test stops where it fails; `main` is not run"
)]

#[path = "../examples/change_numbers.rs"]
mod change_numbers;
#[path = "../examples/tile_sizes.rs"]
mod tile_sizes;

use imcost::cost::{Totals, estimate};
use imcost::session::Session;
use std::path::Path;

/// The totals of a shipped design that settings change.
fn totals(path: &str, settings: &[&str]) -> Totals {
    let mut session = Session::with_settings(settings);
    let design = session.design(Path::new(path)).expect("a design without mistakes");
    estimate(&design).expect("positive totals").totals
}

/// The other way to the same result: settings that are read with the files, instead of values at the leaves of a plan.
#[test]
fn numbers_changed_in_a_plan_give_what_the_same_settings_give() {
    let text = change_numbers::run().expect("the example runs");
    let settings = [
        "name=Digits 64-16-10",
        "network.input.features=64",
        "network.layers.hidden.statistics.active-rows=30%",
        "network.layers.output.statistics.active-rows=25%",
        "gating=per-stage",
    ];
    let analog = "builtin:arch/mlp-784-16-10-analog.yaml";
    let stated = totals(analog, &settings);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("as stated: {}, {}", stated.energy, stated.latency));

    let library = Session::default().library(Path::new("builtin:techlib/sot-mram-14nm.yaml")).expect("shipped");
    let amplifier = &library.components["differential-amplifier"];
    let bandwidth = library.numbers.get(library.numbers.find("differential-amplifier.parameters.gbw").expect("there"));
    let power = amplifier.static_power.as_ref().expect("a power").value;
    let faster = format!("differential-amplifier.parameters.gbw={} GHz", bandwidth.value.si / 1e9 * 2.0);
    let stronger = format!("differential-amplifier.static-power={} uW", power.si() * 1e6 * 1.2);
    let changed = totals(analog, &[&settings[..], &[&faster, &stronger]].concat());
    assert_eq!(
        lines[1],
        format!("amplifiers twice as fast for a fifth more power: {}, {}", changed.energy, changed.latency)
    );
    assert!(changed.latency < stated.latency);
    assert!(lines.len() > 4, "the largest term has factors: {text}");
}

#[test]
fn the_sweep_has_the_totals_of_each_tile() {
    let text = tile_sizes::run().expect("the example runs");
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), tile_sizes::ROWS.len());
    for (rows, line) in tile_sizes::ROWS.iter().zip(lines) {
        let size = format!("tile.rows={rows}");
        let mixed = totals("builtin:arch/mlp-784-16-10-mixed.yaml", &[&size]).energy;
        let analog = totals("builtin:arch/mlp-784-16-10-analog.yaml", &[&size]).energy;
        assert!(line.starts_with(&format!("{rows:>4}  {mixed:>12}  {analog:>13}")), "{line}");
        assert!(line.contains(&format!("  {:>5.2}  ", mixed.si() / analog.si())), "{line}");
    }
}
