//! What the shipped cases compute, by hand, and that no published total is held against the constants that it is the sum of.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::Path;

use imcost::cases::{self, CaseResult};
use imcost::session::Session;

fn case(name: &str) -> CaseResult {
    cases::run(Path::new(name), &mut Session::default()).expect("a shipped case")
}

/// 214 neurons have a pair each: 3.06 mW and 1500 um2, or 2.55 mW and 2000 um2, with a DAC of 0.291 pJ in 1 ns and 438 um2; of 4 bits 0.79 pJ at 1.2 GS/s and
/// 361.04 um2, or 1.26 mW and 580 um2, with a DAC of 31.2 uW and 1.328 um2.
#[test]
fn converters_of_imac_sim_are_predicted_by_those_of_others() {
    let result = case("builtin:cases/imac-sim.yaml");
    let computed = |what: &str| {
        let found = result.claims.iter().find(|claim| claim.fitted.is_none() && claim.what.starts_with(what));
        found.unwrap_or_else(|| panic!("no claim on {what}")).computed.0.si
    };
    for (what, by_hand) in [
        ("power of the 8-bit converters, with ADCs of 32 nm", 214.0 * (3.06e-3 + 0.291e-3)),
        ("area of the same", 214.0 * (1500e-12 + 438e-12)),
        ("power of the 8-bit converters, with ADCs of 28 nm", 214.0 * (2.55e-3 + 0.291e-3)),
        ("area of the same, 28 nm", 214.0 * (2000e-12 + 438e-12)),
        ("power of the 4-bit converters, with ISAAC's ADC", 214.0 * (0.79e-12 * 1.2e9 + 31.2e-6)),
        ("area of the same, 4 bits", 214.0 * (361.04e-12 + 1.328e-12)),
        ("power of the 4-bit converters, with the measured ADC", 214.0 * (1.26e-3 + 31.2e-6)),
        ("area of the same, 6 bits", 214.0 * (580e-12 + 1.328e-12)),
    ] {
        assert!((computed(what) / by_hand - 1.0).abs() < 1e-9, "{what}: {} {by_hand}", computed(what));
    }
}

/// Figures that come out to the last digit are those of formulas over geometry, and counts; whatever takes a power or an area of a circuit from elsewhere comes near at best.
#[test]
fn no_total_of_imac_sim_is_its_own_constant_times_a_count() {
    let result = case("builtin:cases/imac-sim.yaml");
    let counted = || result.claims.iter().filter(|claim| claim.fitted.is_none());
    for claim in counted().filter(|claim| claim.what.contains("converters")) {
        assert!(claim.difference().abs() > 1e-3, "{} is held against itself", claim.what);
    }
    let exact = counted().filter(|claim| claim.difference().abs() < 1e-6).count();
    assert_eq!((exact, counted().count(), result.claims.len()), (9, 17, 23));
}
