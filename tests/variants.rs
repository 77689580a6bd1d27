//! Published results of one circuit in many variants: what stands on a line, and what is said of wrong ones.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cases::{self, CaseResult};
use imcost::files::Memory;
use imcost::results::validation::ValidatedSpread;
use imcost::session::Session;

const CASE: &str = include_str!("data/variants.yaml");

fn run(text: &str) -> Result<CaseResult, String> {
    let text = text.replace("../../arch/", "builtin:arch/");
    let mut session = Session::default().reading(Memory::default().with("case.yaml", text).over_standard());
    let found = cases::run(Path::new("case.yaml"), &mut session);
    found.map_err(|_| session.rendered())
}

/// A device of each kind on tiles of 16 x 16, against the published medians.
#[test]
fn power_of_published_networks_is_met_by_the_whole_circuit() {
    let found = run(CASE).unwrap_or_else(|said| panic!("{said}"));
    assert_eq!((found.claims.len(), found.variants.len()), (0, 4));
    for variant in &found.variants {
        assert!(variant.met && variant.difference().abs() < 0.05, "{variant:?}");
        assert!(variant.what.starts_with("16 x 16, ") && variant.what.contains(" nm, "), "{}", variant.what);
    }
    let powers: Vec<f64> = found.variants.iter().map(|variant| variant.computed.0.si).collect();
    assert!(powers.windows(2).any(|pair| (pair[0] / pair[1] - 1.0).abs() > 0.1), "{powers:?}");
    let spread = ValidatedSpread::of(&found.variants).expect("variants");
    assert!(spread.least <= spread.median && spread.median <= spread.most);
}

/// What is set aside is not met, however near it is, and says why.
#[test]
fn what_is_set_aside_is_not_met() {
    let name = run(CASE).expect("fine").variants[2].what.clone();
    let text = CASE.replace("  set-aside:\n", "  set-aside-of-all:\n");
    let (before, after) = text.split_once("  set-aside-of-all:\n").expect("there");
    let after = after.split_once('\n').expect("a line").1;
    let found = run(&format!("{before}  set-aside: {{ \"{name}\": for a reason }}\n{after}")).expect("fine");
    let met: Vec<bool> = found.variants.iter().map(|variant| variant.met).collect();
    assert_eq!(met, [true, true, false, true]);
    assert_eq!(found.variants[2].why.as_deref(), Some("for a reason"));
}

#[test]
fn wrong_lines_are_told_in_their_place() {
    for (right, wrong, expected) in [
        ("\"{power}\"", "\"{powr}\"", "no column is called `powr`"),
        ("inputs: 3", "inputs: 0", "`inputs` is 0"),
        ("    seed: 1\n", "", "`seed`"),
        ("first, power]", "power, power]", "two columns are called `power`"),
        ("    {}\n", "    16 x 15: a slip\n", "no variant is called `16 x 15`"),
        ("  lines:\n", "  lines:\n    - [16, 14 nm]\n", "2 values on a line, but there are 9 columns"),
        ("within: 5%", "within: 5 ohm", "`within` is"),
        (" W]", " V]", "the published figure is"),
        ("imac-network-device.parameters.low", "imac-network-devic.parameters.low", "imac-network-device"),
    ] {
        let said = run(&CASE.replace(right, wrong)).expect_err(expected);
        assert!(said.contains(expected) && said.contains("error"), "{expected}: {said}");
    }
}
