//! Two designs side by side, and where their difference comes from, against numbers that are added up by hand in the comments.
//!
//! The designs and their library are in `tests/data/round-numbers`.
#![allow(missing_docs, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cost::compare::Contribution;
use imcost::cost::{Breakdown, Comparison, compare, estimate};
use imcost::design::Design;
use imcost::session::Session;

fn design(settings: &[&str]) -> Design {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/round-numbers/mixed.yaml");
    Session::with_settings(settings).design(&path).expect("a design without errors")
}

fn comparison(baseline: &[&str], candidate: &[&str]) -> Comparison {
    let (baseline, candidate) = (design(baseline), design(candidate));
    compare(&estimate(&baseline).expect("totals"), &estimate(&candidate).expect("totals"))
}

#[track_caller]
fn contributions(found: &[Contribution], by_hand: &[(&str, f64, f64)]) {
    let names = |list: &[&str]| list.join(", ");
    let found_names: Vec<&str> = found.iter().map(|c| c.component.as_str()).collect();
    let wanted: Vec<&str> = by_hand.iter().map(|c| c.0).collect();
    assert_eq!(names(&found_names), names(&wanted));
    for (found, (name, difference, share)) in found.iter().zip(by_hand) {
        assert!((found.difference / difference - 1.0).abs() < 1e-9, "{name}: {:e}", found.difference);
        assert!((found.share - share).abs() < 1e-9, "{name}: a share of {}", found.share);
    }
}

/// 26 holds and sigmoids, 80 DACs. The candidate's sigmoids have 5 um^2 less, its holds 2 um^2 more: 130 - 52 um^2 = 78 um^2, of which the sigmoids
/// are 5/3 and the holds work against it by 2/3.
#[test]
fn the_difference_of_the_areas_is_that_of_the_components() {
    let found = comparison(&[], &["sigmoid.area=45 um^2", "hold.area=3 um^2"]);
    contributions(&found.area, &[("sigmoid", 130e-12, 5.0 / 3.0), ("hold", -52e-12, -2.0 / 3.0)]);
    contributions(&found.latency, &[]);
    contributions(&found.energy, &[]);
    // 800 + 307.2 + 210 + 26 + 700 + 1300 + 208 um^2.
    let area = 3551.2;
    assert!((found.ratios.area - area / (area - 78.0)).abs() < 1e-12, "{}", found.ratios.area);
    assert!((found.ratios.tops_per_mm2 - area / (area - 78.0)).abs() < 1e-12);
    assert!([found.ratios.power, found.ratios.latency, found.ratios.energy].iter().all(|ratio| *ratio == 1.0));
}

/// A sigmoid that takes 3 ns instead of 1 ns: 2 x 2 ns more of 21 ns, and three times its energy of 2.6 pJ.
#[test]
fn the_difference_of_latency_and_energy_is_that_of_the_slower_component() {
    let found = comparison(&[], &["sigmoid.latency=3 ns"]);
    contributions(&found.latency, &[("sigmoid", -4e-9, 1.0)]);
    contributions(&found.energy, &[("sigmoid", -5.2e-12, 1.0)]);
    contributions(&found.area, &[]);
    let ratios = found.ratios;
    assert!((ratios.latency - 21.0 / 25.0).abs() < 1e-12);
    // crossbars 148, amplifiers 1.26, DACs 4, holds 0.13, ADCs 26, sigmoids 2.6, registers 0.208 pJ.
    let energy = 182.198;
    assert!((ratios.energy - energy / (energy + 5.2)).abs() < 1e-9, "{}", ratios.energy);
    assert!((ratios.power - ratios.energy / ratios.latency).abs() < 1e-12);
    assert!((ratios.energy_delay - ratios.energy * ratios.latency).abs() < 1e-12);
    assert!((ratios.tops_per_w - ratios.energy).abs() < 1e-12);
    assert!((ratios.tops_per_mm2 - ratios.latency).abs() < 1e-12);
}

/// The same design has no difference, and no part of nothing.
#[test]
fn a_design_differs_from_itself_in_nothing() {
    let found = comparison(&[], &[]);
    assert!(found.energy.is_empty() && found.latency.is_empty() && found.area.is_empty());
    assert!((found.ratios.energy_delay - 1.0).abs() < 1e-15);
}

/// What one component saves another one takes: nothing is left to have a share of. Both have 26 units; 8 and 16 um^2 change places.
#[test]
fn a_difference_of_nothing_is_shared_by_nobody() {
    let areas = |hold: &str, sigmoid: &str| [format!("hold.area={hold} m^2"), format!("sigmoid.area={sigmoid} m^2")];
    // Powers of two, so that the sum is exact.
    let (baseline, candidate) =
        (areas("0.0000152587890625", "0.000030517578125"), areas("0.000030517578125", "0.0000152587890625"));
    let texts = |list: &[String; 2]| list.clone();
    let (baseline, candidate) = (texts(&baseline), texts(&candidate));
    let found = comparison(&[&baseline[0], &baseline[1]], &[&candidate[0], &candidate[1]]);
    assert_eq!(found.area.len(), 2);
    assert!(found.area.iter().all(|c| c.share == 0.0 && c.difference != 0.0), "{:?}", found.area);
}

/// The lines of every cut are the units, operations and costs of its parts: mixed.yaml has two layers of 64 x 16 and 16 x 10.
#[test]
fn a_breakdown_counts_what_it_cuts() {
    let design = design(&[]);
    let estimate = estimate(&design).expect("totals");
    let breakdown = Breakdown::of(&estimate);
    let of = |name: &str| breakdown.components.iter().find(|line| line.name == name).expect("a component");
    let counts = |name: &str| (of(name).units, of(name).operations);
    assert_eq!(counts("dac"), (80, 80));
    assert_eq!(counts("adc"), (7, 26));
    assert_eq!(counts("sigmoid"), (26, 26));
    // All 26 sigmoids of 100 uW at once; 7 ADCs of 1 mW.
    assert!((of("sigmoid").active_power.si() / 2.6e-3 - 1.0).abs() < 1e-12);
    assert!((of("adc").active_power.si() / 7e-3 - 1.0).abs() < 1e-12);
    // Four turns of 1 ns in both layers.
    assert!((of("adc").critical_time.si() / 8e-9 - 1.0).abs() < 1e-12);
    assert_eq!(breakdown.layers.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["hidden", "output"]);
    let of_layers: u64 = breakdown.layers.iter().map(|line| line.units).sum();
    let of_components: u64 = breakdown.components.iter().map(|line| line.units).sum();
    let of_kinds: u64 = breakdown.kinds.iter().map(|line| line.units).sum();
    assert_eq!((of_layers, of_components), (of_components, of_kinds));
}
