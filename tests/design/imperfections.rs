//! What a file states of imperfections and statistics, as a run over pictures takes it.

use imcost::design::Statistics;
use imcost::model::imperfections::{Gain, Imperfections, Spread};

use super::{design, lowered, one_layer, refused};

fn text(imperfections: &str) -> String {
    one_layer("features: 32", 8, "driver", "amplifier, hold, adc") + &format!("imperfections: {{ {imperfections} }}\n")
}

fn stated(imperfections: &str) -> Imperfections {
    design(&text(imperfections)).imperfections
}

#[test]
fn every_imperfection_is_taken_as_it_is_stated() {
    let nothing = stated("read-noise: 0%");
    assert!(!nothing.is_random() && nothing.spread.is_none() && !nothing.stuck.any());
    let all = stated("tmr: 150%, tmr-drift: -10%, ra-drift: 5%, neuron-offset: 3 mV, neuron-slope: 4%, read-noise: 2%");
    assert!((all.tmr.expect("stated") - 1.5).abs() < 1e-12);
    for (found, by_hand) in [
        (all.tmr_drift, -0.1),
        (all.ra_drift, 0.05),
        (all.neuron_offset.si(), 3e-3),
        (all.neuron_slope, 0.04),
        (all.read_noise, 0.02),
    ] {
        assert!((found - by_hand).abs() < 1e-12, "{all:?}");
    }
    assert!(all.is_random());
    let stuck = |text: &str| (stated(text).stuck.low, stated(text).stuck.high);
    assert_eq!(stuck("stuck-low: 1%, stuck-high: 3%"), (0.01, 0.03));
    // Half of them in each state.
    assert_eq!(stuck("stuck: 4%"), (0.02, 0.02));
    assert_eq!(stuck("stuck: 50%, stuck-low: 50%"), (0.75, 0.25));
    assert!(refused(&text("stuck: 50%, stuck-low: 51%")).contains("more devices are stuck than there are"));
    assert_eq!([nothing.gain, stated("gain: fixed").gain], [Gain::Calibrated, Gain::Fixed]);
}

#[test]
fn the_spread_of_resistances_has_one_distribution() {
    assert_eq!(
        stated("resistance-gaussian: 5%, resistance-floor: 20%").spread,
        Some(Spread::Gaussian { sigma: 0.05, floor: 0.2 })
    );
    assert_eq!(stated("resistance-gaussian: 5%").spread, Some(Spread::Gaussian { sigma: 0.05, floor: 0.1 }));
    assert_eq!(stated("resistance-lognormal: 30%").spread, Some(Spread::Lognormal { sigma: 0.3 }));
    assert_eq!(stated("resistance-uniform: 99%").spread, Some(Spread::Uniform { half_width: 0.99 }));
    let said = refused(&text("resistance-uniform: 100%"));
    assert!(said.contains("resistances spread to zero and below"), "{said}");
    let said = refused(&text("resistance-lognormal: 1%, resistance-uniform: 1%"));
    assert!(said.contains("the resistance of the devices has two distributions"), "{said}");
    assert!(refused(&text("resistance-gaussian: -1%")).contains("`resistance-gaussian` is negative"));
    assert!(refused(&text("tmr-drift: -100%")).contains("`tmr-drift` leaves nothing"));
    design(&text("tmr-drift: -99%"));
}

/// A Gaussian depends on its end where it is wide; the end of another distribution has no meaning.
#[test]
fn ends_of_distributions_are_told_of_where_they_matter() {
    let said = |imperfections: &str| lowered(&text(imperfections)).1;
    let (wide, end) = ("this wide depends on where it is cut off", "`resistance-floor` has no meaning with");
    for (imperfections, told) in [
        ("resistance-gaussian: 5%", [false, false]),
        ("resistance-gaussian: 20%", [false, false]),
        ("resistance-gaussian: 21%", [true, false]),
        ("resistance-gaussian: 5%, resistance-floor: 20%", [false, false]),
        ("resistance-lognormal: 60%", [false, false]),
        ("resistance-lognormal: 5%, resistance-floor: 20%", [false, true]),
        ("resistance-uniform: 60%, resistance-floor: 20%", [false, true]),
    ] {
        let said = said(imperfections);
        assert_eq!([wide, end].map(|words| said.contains(words)), told, "{imperfections}: {said}");
    }
    assert!(said("resistance-gaussian: 60%, resistance-floor: 20%").contains("below 20 % of the nominal one"));
}

/// Measured statistics take the place of those that were assumed, and of that assumption alone.
#[test]
fn measured_statistics_are_no_assumption() {
    let text = one_layer("features: 32", 8, "driver", "amplifier, hold, adc");
    let without = text.lines().filter(|line| !line.starts_with("statistics")).collect::<Vec<_>>().join("\n");
    let assumed = design(&without);
    assert_eq!(assumed.assumptions.len(), 2, "{:?}", assumed.assumptions);
    let mut other = assumed.clone();
    other.assumptions.push("something else".into());
    let measured = other
        .with_statistics(&[Statistics { active_rows: 0.125, mean: None, product: None, low_resistance: 0.75 }], true);
    assert_eq!(measured.assumptions, ["something else"]);
    let imcost::design::Role::Crossbar(_, usage) = measured.graph[measured.layers[0].circuits.crossbar].role.clone()
    else {
        panic!("a crossbar")
    };
    // An eighth of 32 rows.
    assert_eq!((usage.mean_active_rows, usage.low_resistance), (4.0, 0.75));
    assert_eq!((usage.statistics_assumed, usage.measured_with_load), (false, true));
}
