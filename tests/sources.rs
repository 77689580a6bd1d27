//! Where the numbers of a library come from: listed sources, and what cites them.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use imcost::diagnostic::render::render_all;
use imcost::files::Memory;
use imcost::session::Session;
use imcost::techlib::Library;

/// A session that reads a library and its base from memory.
fn session(name: &str, text: &str, settings: &[&str]) -> Session {
    let files = Memory::default().with("base.yaml", BASE).with(name, text);
    Session::with_settings(settings).reading(files.over_standard())
}

fn read(name: &str, text: &str) -> (Option<Arc<Library>>, String) {
    let mut session = session(name, text, &[]);
    let library = session.library(Path::new(name)).ok();
    (library, render_all(&session.diagnostics, &session.sources, false))
}

const BASE: &str = "
name: base
sources:
  isaac:
    title: A Convolutional Neural Network Accelerator
    authors: [Ali Shafiee, 'Nag, Anirban', Rajeev Balasubramonian]
    venue: ISCA
    year: 2016
    doi: 10.1109/ISCA.2016.12
  pair: { title: Two, authors: [A. One, B. Other], journal: J. Test 1(2), year: 1999 }
  many: { title: Many, authors: [A. One, others], year: 1999 }
  alone: { title: A repository, url: 'https://example.org/x', note: a note }
  named: { title: A long title, authors: C. Author, short: what we call it }
components: {}
";

/// A library with an entry for each source, and what is printed for it.
fn entries(sources: &[&str]) -> String {
    let entry = |(i, source): (usize, &&str)| {
        format!(
            "  a{i}: {{ kind: adc, bits: 8, power: 2 mW, rate: 1 GS/s, area: 1 um^2, basis: measured, source: {source} }}\n"
        )
    };
    let entries: String = sources.iter().enumerate().map(entry).collect();
    format!("name: test library\nextends: base.yaml\ncomponents:\n{entries}")
}

#[test]
fn a_source_is_named_cited_or_any_text() {
    let texts = [
        ("isaac", "Shafiee et al., ISCA 2016", Some("isaac")),
        ("{ key: isaac, where: Table I }", "Shafiee et al., ISCA 2016, Table I", Some("isaac")),
        ("pair", "One and Other, J. Test 1(2) 1999", Some("pair")),
        ("many", "One et al., 1999", Some("many")),
        ("alone", "A repository", Some("alone")),
        ("{ key: named }", "what we call it", Some("named")),
        ("our own bench", "our own bench", None),
        ("isaac, Table I", "isaac, Table I", None),
    ];
    let (library, said) = read(
        "cites.yaml",
        &entries(
            &texts
                .map(|(source, ..)| source)
                .map(|s| if s.starts_with('{') { s.to_owned() } else { format!("\"{s}\"") })
                .each_ref()
                .map(String::as_str),
        ),
    );
    assert_eq!(said, "");
    let library = library.unwrap();
    for (i, (source, printed, key)) in texts.iter().enumerate() {
        let component = &library.components[&format!("a{i}")];
        let power = &component.power.as_ref().unwrap().provenance;
        assert_eq!(power.source, *printed, "{source}");
        assert_eq!(power.reference.as_ref().map(|r| r.key.as_str()), *key, "{source}");
    }
    let isaac = &library.references["isaac"];
    assert_eq!(isaac.authors, ["Ali Shafiee", "Nag, Anirban", "Rajeev Balasubramonian"]);
    assert_eq!(
        (isaac.year, isaac.venue.as_deref(), isaac.doi.as_deref()),
        (Some(2016), Some("ISCA"), Some("10.1109/ISCA.2016.12"))
    );
    let alone = &library.references["alone"];
    assert_eq!(
        (alone.url.as_deref(), alone.note.as_deref(), alone.journal.as_deref()),
        (Some("https://example.org/x"), Some("a note"), None)
    );
}

#[test]
fn a_figure_cites_a_source_of_its_own_and_a_file_replaces_one() {
    let text = "
name: test library
extends: base.yaml
sources: { isaac: { title: Another, short: another } }
components:
  adc:
    kind: adc
    bits: 8
    power: { value: 2 mW, source: { key: pair, where: page 3 } }
    rate: 1 GS/s
    area: 1 um^2
    basis: measured
    source: isaac
";
    let (library, said) = read("figure.yaml", text);
    assert_eq!(said, "");
    let adc = library.unwrap().components["adc"].clone();
    assert_eq!(adc.provenance.source, "another");
    let power = &adc.power.as_ref().unwrap().provenance;
    assert_eq!(
        (power.source.as_str(), power.reference.as_ref().unwrap().title.as_str()),
        ("One and Other, J. Test 1(2) 1999, page 3", "Two")
    );
    let set = session("figure.yaml", text, &["adc.power=3 mW"]).library(Path::new("figure.yaml")).unwrap();
    assert!(set.components["adc"].power.as_ref().unwrap().provenance.reference.is_none(), "a setting cites nothing");
}

#[test]
fn what_is_wrong_with_a_source_is_said_once_each() {
    for (name, text, wanted) in [
        ("unknown", entries(&["{ key: isac }"]), "did you mean `isaac`?"),
        ("keyless", entries(&["{ where: Table 2 }"]), "a source needs `key`"),
        ("empty", entries(&["\" \""]), "has an empty source"),
        ("field", entries(&["{ key: isaac, page: 3 }"]), "unknown field `page`"),
        ("title", entries(&[]) + "sources: { x: { year: 2020 } }\n", "the source `x` needs `title`"),
        ("year", entries(&[]) + "sources: { x: { title: t, year: 20166 } }\n", "the source `x` is of the year 20166"),
        (
            "twice",
            entries(&[]) + "sources: { x: { title: t, venue: v, journal: j } }\n",
            "appeared in a journal and at a conference",
        ),
    ] {
        let text = text.replace("components:\nsources", "components: {}\nsources");
        let (library, said) = read(&format!("{name}.yaml"), &text);
        assert!(said.contains(wanted), "{name}: {said}");
        assert_eq!((library.is_none(), said.matches("error:").count()), (true, 1), "{name}: {said}");
    }
}

#[test]
fn every_listed_source_of_the_shipped_libraries_is_cited_and_complete() {
    for name in ["sot-mram-14nm", "imac-sim", "converters", "digital", "devices", "standard-cells", "puma-32nm"] {
        let mut session = Session::default();
        let library = session.library(format!("builtin:techlib/{name}.yaml").as_ref()).unwrap();
        let numbers = library.numbers.iter().filter_map(|(_, number)| number.stated.as_ref()?.reference.clone());
        let entries = library.components.values().filter_map(|c| c.provenance.reference.clone());
        let devices = library.devices.values().filter_map(|d| d.provenance.reference.clone());
        let cited: BTreeSet<String> =
            numbers.chain(entries).chain(devices).map(|reference| reference.key.clone()).collect();
        for (key, reference) in &library.references {
            assert!(cited.contains(key), "{name}: nothing cites `{key}`");
            let found = reference.doi.is_some()
                || reference.url.is_some()
                || reference.venue.is_some()
                || reference.journal.is_some();
            assert!(found, "`{key}` cannot be found by its fields");
        }
    }
}
