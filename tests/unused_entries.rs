//! What a design does not use of its library costs no time and is no obstacle; a thorough session looks at all of it.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::fs;
use std::path::{Path, PathBuf};

use imcost::diagnostic::render::render_all;
use imcost::session::Session;
use imcost::spec::kind::FileKind;

fn bad() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// Whether a design is right, and what is said of it.
fn design(path: &Path, mut session: Session) -> (bool, String) {
    let right = session.design(path).is_ok() && session.check_settings().is_ok();
    let unusual: String = session.diagnostics.warnings().map(|warning| warning.message.as_str()).collect();
    (right, render_all(&session.diagnostics, &session.sources, false) + &unusual)
}

/// A design on the test library with one more entry.
fn with_entry(name: &str, entry: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("unused_entries").join(name);
    fs::create_dir_all(&folder).unwrap();
    let library = fs::read_to_string(bad().join("_lib.yaml")).unwrap();
    let (head, tail) = library.split_once("components:\n").expect("a section of components");
    fs::write(folder.join("_lib.yaml"), format!("{head}components:\n{entry}\n{tail}")).unwrap();
    fs::copy(bad().join("_ok.yaml"), folder.join("_ok.yaml")).unwrap();
    folder.join("_ok.yaml")
}

#[test]
fn a_mistake_in_an_entry_that_is_not_used_stops_only_a_thorough_session() {
    let path = with_entry(
        "value",
        "  unused: { kind: adc, bits: 8, power: 2 mV, latency: 1 ns, area: 1 um^2, source: s, basis: measured }",
    );
    assert_eq!(design(&path, Session::default()), (true, String::new()));
    let (right, said) = design(&path, Session::default().thorough());
    assert!(!right && said.contains("power") && said.matches("error:").count() == 1, "{said}");
    let mut session = Session::default();
    assert!(session.library(&path.with_file_name("_lib.yaml")).is_err());
}

#[test]
fn a_warning_of_an_entry_that_is_not_used_is_given_only_by_a_thorough_session() {
    let path = with_entry(
        "warning",
        "  unused: { kind: adc, bits: 8, power: 2 MW, latency: 1 ns, area: 1 um^2, source: s, basis: measured }",
    );
    assert_eq!(design(&path, Session::default()), (true, String::new()));
    let (right, said) = design(&path, Session::default().thorough());
    assert!(right && said.contains("not plausible"), "{said}");
}

#[test]
fn a_library_whose_text_is_broken_is_refused_whatever_is_used_of_it() {
    for (name, entry) in [
        ("unclosed", "  unused: { kind: adc, bits: 8"),
        (
            "twice",
            "  unused: { kind: adc, kind: adc, bits: 8, power: 2 mW, latency: 1 ns, area: 1 um^2, source: s, basis: measured }",
        ),
        ("indentation", "  unused:\n  kind: adc\n bits: 8"),
    ] {
        let path = with_entry(name, entry);
        let (right, said) = design(&path, Session::default());
        assert!(!right && said.contains("error:"), "{name}: {said}");
    }
}

#[test]
fn a_setting_of_an_entry_that_is_not_used_is_looked_at() {
    let entry =
        "  unused: { kind: adc, bits: 8, power: 2 mW, latency: 1 ns, area: 1 um^2, source: s, basis: measured }";
    let path = with_entry("setting", entry);
    for (setting, right) in [
        ("unused.power=3 mW", true),
        ("unused.power=3 mV", false),
        ("unused.colour=red", false),
        ("unsued.power=3 mW", false),
    ] {
        let (found, said) = design(&path, Session::with_settings(&[setting]));
        assert_eq!(found, right, "{setting}: {said}");
    }
}

#[test]
fn what_an_entry_names_is_used_too() {
    // The crossbar's device is in no architecture.
    let path = with_entry("device", "");
    let mut session = Session::default();
    let design = session.design(&path).expect("a design");
    let components: Vec<&str> =
        design.graph.node_weights().filter_map(|node| node.component()).map(|c| &*c.name).collect();
    assert!(components.contains(&"test-crossbar"), "{components:?}");
}

#[test]
fn a_wrong_design_is_told_the_same_with_and_without_the_rest_of_its_library() {
    let mut compared = 0;
    for entry in fs::read_dir(bad()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "yaml") {
            continue;
        }
        let kind = Session::default().kind_of(&path);
        if kind.ok() != Some(FileKind::Architecture) {
            continue;
        }
        let (right, said) = design(&path, Session::default());
        let (thoroughly, all) = design(&path, Session::default().thorough());
        if right {
            assert!(!thoroughly || all.starts_with(&said), "{}: {said}\n{all}", path.display());
            continue;
        }
        compared += 1;
        assert_eq!((thoroughly, all), (false, said), "{}", path.display());
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_shipped_design_costs_the_same_to_the_bit() {
    for name in ["mlp-784-16-10-analog", "mlp-784-16-10-mixed", "mlp-400-120-84-10-mixed", "imac-sim-16-8-4"] {
        let path = PathBuf::from(format!("builtin:arch/{name}.yaml"));
        let totals = |mut session: Session| {
            let design = session.design(&path).expect("a design");
            let totals = session.estimate(&design).expect("an estimate").totals;
            [totals.energy.si(), totals.latency.si(), totals.area.si(), totals.power.si()].map(f64::to_bits)
        };
        assert_eq!(totals(Session::default()), totals(Session::default().thorough()), "{name}");
    }
}
