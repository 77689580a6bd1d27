//! What `imcost cite` prints is BibTeX of exactly the sources that the totals rest on.
#![allow(clippy::expect_used, reason = "a test stops where it fails")]

use std::path::Path;

use biblatex::{Bibliography, ChunksExt};
use imcost::cost::cite::citations;
use imcost::cost::estimate;
use imcost::results::bibliography::bibtex;
use imcost::session::Session;

fn cited(files: &[&str], settings: &[&str]) -> (Bibliography, String) {
    let mut session = Session::with_settings(settings);
    let designs: Vec<_> = files
        .iter()
        .map(|file| {
            let design = session.design(Path::new(file)).expect("a design without errors");
            let found = citations(&estimate(&design).expect("positive totals"));
            (design.label, found)
        })
        .collect();
    let text = bibtex(&designs);
    (Bibliography::parse(&text).expect("BibTeX"), text)
}

#[test]
fn the_sources_of_the_shipped_designs_are_bibtex() {
    for (name, architecture) in imcost::files::shipped::FILES.iter().filter(|(name, _)| name.starts_with("arch/")) {
        let (bibliography, text) = cited(&[&format!("builtin:{name}")], &[]);
        // A machine may be the table of one publication, and without a network it has a power.
        let of = if architecture.contains("\nnetwork:") { "of energy" } else { "of power" };
        let of_one = ["\nlevels:", "\nextends:"].iter().any(|key| architecture.contains(key));
        let least = if of_one { 1 } else { 3 };
        assert!(bibliography.len() >= least, "{text}");
        assert_eq!(bibliography.len(), text.matches("\n}\n").count(), "{text}");
        for entry in bibliography.iter() {
            assert!(!entry.title().expect("a title").format_verbatim().is_empty(), "{text}");
            assert!(entry.get("note").expect("a note").format_verbatim().contains(of), "{text}");
        }
    }
}

/// Only the sources that a design uses, and a setting in place of the source that it replaces: the converter is the only component from its
/// publication.
#[test]
fn a_number_that_is_set_no_longer_cites_its_source() {
    let mixed = "builtin:arch/mlp-784-16-10-mixed.yaml";
    let analog = "builtin:arch/mlp-784-16-10-analog.yaml";
    let has_set = |text: &str| text.contains("title = {--set}");
    assert!(!has_set(&cited(&[mixed], &[]).1));
    assert!(has_set(&cited(&[mixed], &["adc-8b.power=1 mW"]).1));
    let (both, text) = cited(&[mixed, analog], &[]);
    assert!(both.len() >= cited(&[analog], &[]).0.len());
    assert!(text.contains("fully analog, columns float: ") && text.contains("mixed signal, columns float: "), "{text}");
}

/// Round numbers: every component is from one source, so that all of every total rests on it.
#[test]
fn a_single_source_has_all_of_every_total() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/round-numbers/analog.yaml");
    let mut session = Session::default();
    let design = session.design(&path).expect("a design without errors");
    let found = citations(&estimate(&design).expect("positive totals"));
    assert_eq!(found.len(), 1, "{found:?}");
    for share in [found[0].energy, found[0].latency, found[0].area] {
        assert!((share - 1.0).abs() < 1e-12, "{found:?}");
    }
}

/// A neuron's power and delay in its place rest on the transistor tables that its circuit is solved with.
#[test]
fn a_neuron_that_is_solved_in_its_place_cites_the_transistor_tables() {
    let mut session = Session::default();
    let design = session.design(Path::new("builtin:arch/mlp-784-16-10-analog.yaml")).expect("shipped");
    let found = citations(&estimate(&design).expect("positive totals"));
    let tables = found.iter().find(|citation| citation.text.contains("transistor tables")).expect("the tables");
    // 16 + 10 neurons of some 80 uW beside crossbars and amplifiers of 700 mW; their delays in the latency.
    assert!(tables.energy > 0.002 && tables.energy < 0.01, "{tables:?}");
    assert!(tables.latency > 0.0005 && tables.latency < 0.01, "{tables:?}");
    let mixed = session.design(Path::new("builtin:arch/mlp-784-16-10-mixed.yaml")).expect("shipped");
    let found = citations(&estimate(&mixed).expect("positive totals"));
    assert!(found.iter().all(|citation| !citation.text.contains("transistor tables")), "{found:?}");
}

/// The devices of a crossbar are below its power, which is solved: what is said of them has that part of the energy.
#[test]
fn what_a_solution_is_made_of_is_cited() {
    // Amplifiers that settle with their columns would hold everything on for a time that rests on the devices, too.
    let ideal = "stages.column=[ideal-difference-amplifier, sot-mram-neuron]";
    let mut session = Session::with_settings(&[ideal, "sot-mram-50x30.r-low=8 kohm"]);
    let design = session.design(Path::new("builtin:arch/mlp-784-16-10-analog.yaml")).expect("shipped");
    let estimate = estimate(&design).expect("positive totals");
    let found = citations(&estimate);
    let set = found.iter().find(|citation| citation.text == "--set").expect("the setting");
    let crossbars: f64 = design
        .nodes()
        .filter(|(_, node)| node.name() == "sot-mram-crossbar")
        .map(|(index, _)| estimate.cost(index).energy().si())
        .sum();
    let share = crossbars / estimate.totals.energy.si();
    // Neurons that drive these crossbars are solved with them, a few hundredths of the energy.
    assert!(set.energy >= share && set.energy < share + 0.1, "{} {share}", set.energy);
}
