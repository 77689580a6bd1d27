//! From where on a number of a library is unusual: each bound, just inside and just outside of it. What is said of formulas that are wrong, and that
//! what follows from a wrong number is no second mistake.
#![allow(missing_docs, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use std::path::Path;
use std::sync::Arc;

use imcost::diagnostic::{Diagnostics, SourceMap, Span};
use imcost::files::Memory;
use imcost::session::Session;
use imcost::techlib::Library;
use imcost::techlib::rules::warn_if_implausible;
use imcost::units::{Area, Energy, Frequency, Power, Time, Unit, Voltage};

fn warned<Q: Unit>(si: f64) -> bool {
    let mut diagnostics = Diagnostics::default();
    let source = SourceMap::default().add("a file", String::new());
    warn_if_implausible("a cost", Q::from_si(si), Span { source, start: 0, end: 0 }, &mut diagnostics);
    diagnostics.warnings().count() == 1
}

#[track_caller]
fn bounds<Q: Unit>(least: f64, most: f64) {
    for (si, expected) in [(least, false), (most, false), (least * 0.999, true), (most * 1.001, true)] {
        assert_eq!(warned::<Q>(si), expected, "{si:e}");
    }
}

/// Boltzmann's constant times 300 K times ln 2 is 2.87 zJ; a scanner's field is 26 mm x 33 mm.
#[test]
fn costs_that_no_unit_on_a_chip_has_are_unusual() {
    assert!((1.380_649e-23 * 300.0 * 2_f64.ln() / 2.87e-21 - 1.0).abs() < 1e-3);
    bounds::<Energy>(2.87e-21, 1.0);
    bounds::<Area>(1e-18, 26e-3 * 33e-3);
    bounds::<Power>(1e-18, 100.0);
    bounds::<Time>(1e-15, 1.0);
    bounds::<Frequency>(1.0, 1e15);
    assert!(!warned::<Voltage>(1e9), "a voltage is no cost");
}

/// How many resistances of a device are unusual.
fn unusual(kind: &str, low_ohm: f64, high_ohm: f64) -> usize {
    let session = with_device(kind, low_ohm, high_ohm).0;
    session.diagnostics.warnings().filter(|warning| warning.message.contains("outside every known")).count()
}

/// A library with a device of this kind.
fn with_device(kind: &str, low_ohm: f64, high_ohm: f64) -> (Session, Arc<Library>) {
    let text = format!(
        "name: a test
devices:
  device: {{ type: {kind}, r-low: {low_ohm} ohm, r-high: {high_ohm} ohm, source: made up, basis: modelled }}
"
    );
    let files = Memory::default().with("library.yaml", text);
    let mut session = Session::default().reading(files.over_standard());
    let library = session.library(Path::new("library.yaml")).expect("a library without errors");
    (session, library)
}

#[test]
fn a_device_is_of_the_kind_that_its_file_writes() {
    for kind in ["sot-mram", "stt-mram", "rram", "pcm", "fefet", "sonos", "ecram"] {
        assert_eq!(with_device(kind, 1e3, 1e5).1.devices["device"].kind.name(), kind);
    }
}

/// Lowest and highest published resistance.
type OhmRange = (f64, f64);

/// Published devices, and a factor of three on both sides of them.
#[test]
fn resistances_are_unusual_three_times_beyond_every_published_device() {
    let published: [(&str, OhmRange, OhmRange); 7] = [
        ("sot-mram", (500.0, 850e3), (1e3, 2.55e6)),
        ("stt-mram", (1.4e3, 6e3), (3.92e3, 12e3)),
        ("rram", (1e3, 26e6), (20e3, 325e6)),
        ("pcm", (1e3, 78e3), (93e3, 4e6)),
        ("fefet", (240e3, 559e3), (24e6, 25.2e6)),
        ("sonos", (35e3, 35e3), (6e12, 6e12)),
        ("ecram", (625e3, 625e3), (10e6, 10e6)),
    ];
    for (kind, (low, low_most), (high, high_most)) in published {
        let inside = |ohm: f64| ohm * 1.001;
        assert_eq!(unusual(kind, inside(low / 3.0), high_most), 0, "{kind}");
        assert_eq!(unusual(kind, low, 0.999 * high_most * 3.0), 0, "{kind}");
        assert_eq!(unusual(kind, 0.999 * low / 3.0, high_most), 1, "{kind}");
        assert_eq!(unusual(kind, low, 1.001 * high_most * 3.0), 1, "{kind}");
        if kind == "sot-mram" {
            // Three times 2.55 Mohm is a number without a rounding, and the bound itself is inside.
            assert_eq!(unusual(kind, low, 7.65e6), 0, "{kind}");
        }
        // The other two ends of the ranges, where the two states leave room for them.
        if low_most * 3.01 < high_most {
            assert_eq!(unusual(kind, 0.999 * low_most * 3.0, high_most), 0, "{kind}");
            assert_eq!(unusual(kind, 1.001 * low_most * 3.0, high_most), 1, "{kind}");
        }
        if high / 3.01 > low {
            assert_eq!(unusual(kind, low, inside(high / 3.0)), 0, "{kind}");
            assert_eq!(unusual(kind, low, 0.999 * high / 3.0), 1, "{kind}");
        }
    }
}

/// Each formula that is wrong is one error; those that rest on it, directly or through others, are none.
#[test]
fn a_formula_of_a_wrong_number_is_no_second_mistake() {
    let errors = |first: &str| {
        let text = format!(
            "name: a test
node: 14 nm
parameters: {{ a: {first}, b: = 2 * a, c: = b + 1 um }}
components:
  it: {{ kind: adc, bits: 8, power: 1 mW, latency: 1 ns, area: = a * c, source: made up, basis: modelled }}
"
        );
        let files = Memory::default().with("library.yaml", text);
        let mut session = Session::default().reading(files.over_standard());
        let found = session.library(Path::new("library.yaml"));
        assert_eq!(found.is_err(), session.diagnostics.iter().count() > 0, "{}", session.rendered());
        session.diagnostics.iter().count()
    };
    assert_eq!(errors("1 um"), 0);
    assert_eq!(errors("1 umm"), 1);
    assert_eq!(errors("= 1 um + 1 s"), 1);
}

/// What nobody published is no name of a formula: the formula that asks for it is the mistake, at the name that it asks for.
#[test]
fn a_formula_of_an_unknown_figure_does_not_find_it() {
    for (power, errors) in [("1 mW", 0), ("unknown", 1)] {
        let text = format!(
            "name: a test
components:
  it: {{ kind: adc, bits: 8, static-power: {power}, energy: = static-power * 1 ns, latency: 1 ns, area: 1 um^2, source: s, basis: modelled }}
"
        );
        let files = Memory::default().with("library.yaml", text);
        let mut session = Session::default().reading(files.over_standard());
        let _ = session.library(Path::new("library.yaml"));
        let labels: Vec<_> = session.diagnostics.iter().flat_map(|error| &error.labels).collect();
        assert_eq!(labels.len(), errors, "{}", session.rendered());
        assert!(
            labels.iter().all(|label| session.sources.text(label.span) == "static-power"),
            "{}",
            session.rendered()
        );
    }
}

/// The place of an error in a formula is the word that is wrong, in quotes or not.
#[test]
fn an_error_in_a_formula_stands_at_its_word() {
    for (length, word) in [("= 1 um + zz", "zz"), ("\"= 1 um + zz\"", "zz"), ("'= zz * 2'", "zz"), ("1 zzm", "zzm")] {
        let text = format!("name: a test\nparameters: {{ a: {length} }}\n");
        let files = Memory::default().with("library.yaml", text);
        let mut session = Session::default().reading(files.over_standard());
        assert!(session.library(Path::new("library.yaml")).is_err(), "{length}");
        let labels: Vec<_> = session.diagnostics.iter().flat_map(|error| &error.labels).collect();
        let texts: Vec<&str> = labels.iter().map(|label| session.sources.text(label.span)).collect();
        assert_eq!(texts, [word], "{length}");
    }
}

#[test]
fn a_formula_without_its_sign_is_told_of_where_it_would_fit() {
    let said = |power: &str| {
        let text = format!(
            "name: test library\ncomponents:\n  it: {{ kind: adc, bits: 8, power: {power}, latency: 1 ns, area: 1 um^2, source: s, basis: measured }}\n"
        );
        let files = Memory::default().with("library.yaml", text);
        let mut session = Session::default().reading(files.over_standard());
        let _ = session.library(Path::new("library.yaml"));
        session.rendered()
    };
    for (power, fits) in
        [("2 mW * 3", true), ("2 mV * 3 A", true), ("2 mW * 3 s", false), ("2 V * 3", false), ("2 mX", false)]
    {
        let said = said(power);
        assert!(said.contains("error: "), "{power}");
        assert_eq!(said.contains(&format!("a formula begins with `=`: \"= {power}\"")), fits, "{said}");
    }
    assert_eq!(said("= 2 mW * 3"), "");
}

/// A crossbar of a device that could not be read is no second mistake; one whose resistance nobody published is the mistake of the design that
/// uses it, and none of the library.
#[test]
fn a_wrong_device_is_one_mistake_and_an_unknown_one_is_one_where_it_is_used() {
    const DESIGN: &str = "
name: a test
technology: library.yaml
network: { input: { features: 32 }, layers: [{ dense: 8 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 32, columns: 32 }
stages: { input: [driver], column: [amplifier, neuron] }
statistics: { active-rows: 25%, low-resistance: 50% }
";
    let library = include_str!("data/round-numbers/library.yaml");
    for (stated, written, of_library, of_design) in [
        ("r-low: 10 kohm", "r-low: 10 kohm", None, None),
        ("r-low: 10 kohm", "r-low: 10 kelvin", Some("unknown unit"), Some("unknown unit")),
        ("r-high: 40 kohm", "r-high: 4 kohm", Some("swap them"), Some("swap them")),
        ("r-low: 10 kohm", "r-low: unknown", None, Some("resistance")),
        ("r-high: 40 kohm", "r-high: unknown", None, Some("resistance")),
    ] {
        let files = Memory::default().with("library.yaml", library.replace(stated, written)).with("d.yaml", DESIGN);
        let files = files.over_standard();
        let mut session = Session::default().reading(files.clone());
        let _ = session.library(Path::new("library.yaml"));
        let errors: Vec<_> = session.diagnostics.iter().map(|error| error.message.clone()).collect();
        assert_eq!(errors.len(), usize::from(of_library.is_some()), "{written}: {}", session.rendered());
        assert!(session.rendered().contains(of_library.unwrap_or("")), "{written}: {}", session.rendered());
        let mut session = Session::default().reading(files);
        assert_eq!(session.design(Path::new("d.yaml")).is_ok(), of_design.is_none(), "{written}");
        let errors = session.rendered().matches("error: ").count();
        assert_eq!(errors, usize::from(of_design.is_some()), "{written}: {}", session.rendered());
        assert!(session.rendered().contains(of_design.unwrap_or("")), "{written}: {}", session.rendered());
    }
}

/// A range has its ends in it, and the value.
#[test]
fn a_value_lies_in_its_range_or_at_an_end_of_it() {
    let (outside, upside_down) = (Some("outside its own range"), Some("upside down"));
    for (value, range, told) in [
        (2, "1 .. 4", None),
        (1, "1 .. 4", None),
        (4, "1 .. 4", None),
        (2, "2 .. 2", None),
        (0, "1 .. 4", outside),
        (5, "1 .. 4", outside),
        (2, "4 .. 1", upside_down),
        (2, "3 .. 2", upside_down),
    ] {
        let text = format!("name: a test\nparameters: {{ a: {{ value: {value}, range: {range} }} }}\n");
        let files = Memory::default().with("library.yaml", text);
        let mut session = Session::default().reading(files.over_standard());
        let library = session.library(Path::new("library.yaml"));
        assert_eq!(library.is_err(), told.is_some(), "{value} in {range}: {}", session.rendered());
        assert!(session.rendered().contains(told.unwrap_or("")), "{value} in {range}: {}", session.rendered());
        if let Ok(library) = library {
            let number = library.numbers.find("a").expect("the parameter");
            let ends =
                range.split_once(" .. ").map(|(low, high)| (low.parse().unwrap_or(0.0), high.parse().unwrap_or(0.0)));
            assert_eq!(library.numbers.range(number), ends);
        }
    }
}

/// What is said of the round library with this in the place of that.
fn said_with(stated: &str, written: &str) -> String {
    let library = include_str!("data/round-numbers/library.yaml");
    assert!(library.contains(stated), "{stated}");
    let files = Memory::default().with("library.yaml", library.replacen(stated, written, 1));
    let mut session = Session::default().reading(files.over_standard());
    let _ = session.library(Path::new("library.yaml"));
    session.rendered()
}

/// No converter has more than 20 bits, and no word more than 64.
#[test]
fn words_have_as_many_bits_as_their_kind_can_have() {
    for (kind, most) in [("adc", 20), ("dac", 20), ("register", 64), ("adder", 64)] {
        let with = |bits: u32| {
            let fields = "energy: 1 fJ, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled";
            said_with("  driver: {", &format!("  it: {{ kind: {kind}, bits: {bits}, {fields} }}\n  driver: {{"))
        };
        assert_eq!([1, most].map(with), ["", ""], "{kind}");
        for bits in [0, most + 1] {
            let said = with(bits);
            assert!(said.contains(&format!("`it` has {bits} bits")), "{kind}: {said}");
            assert!(said.contains(&format!("expected 1 to {most}")), "{kind}: {said}");
        }
    }
}

/// Of what has no bound that matters only the lowest number is said.
#[test]
fn a_count_out_of_its_bounds_is_told_them() {
    for (stated, written, expected) in [
        ("max-rows: 64", "max-rows: 0", "expected 1 or more\n"),
        ("max-columns: 64", "max-columns: 0", "expected 1 or more\n"),
        ("devices: 2", "devices: 3", "expected 1 to 2\n"),
        ("devices: 2", "devices: 0", "expected 1 to 2\n"),
        ("devices: 2", "devices: 2, bits: 9", "expected 1 to 8\n"),
    ] {
        let said = said_with(stated, written);
        assert!(said.contains(expected), "{written}: {said}");
        assert_eq!(said.matches("error: ").count(), 1, "{written}: {said}");
    }
    for fine in ["max-rows: 1", "max-rows: 4294967295"] {
        assert_eq!(said_with("max-rows: 64", fine), "", "{fine}");
    }
}

#[test]
fn a_number_that_must_be_positive_is_told_what_it_is_instead() {
    for (power, said) in [("-1 mW", "is negative"), ("0 mW", "is zero"), ("1e70 W", "is beyond every physical scale")] {
        let found = said_with("power: 1 uW", &format!("power: {power}"));
        assert!(found.contains(&format!("`power` {said}")), "{power}: {found}");
        assert_eq!(found.matches("error: ").count(), 1, "{power}: {found}");
    }
}

/// A circuit of another kind is answered with those of its own; of a kind without circuits it has been said that it has none.
#[test]
fn a_wrong_circuit_is_answered_with_those_of_its_kind() {
    let amplifier = "{ difference-amplifier: { gain: 30, input-resistance: 1 kohm } }";
    let logistic = "{ logistic: { at-low: 1 V, at-high: 0 V, midpoint: 0 V, width: 85 mV } }";
    for (kind, model, help) in [
        ("neuron, function: sigmoid", amplifier, "circuits of kind neuron: mtj-inverter, logistic"),
        ("amplifier", logistic, "circuits of kind amplifier: difference-amplifier"),
    ] {
        let fields = "static-power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled";
        let written = format!("  it: {{ kind: {kind}, model: {model}, {fields} }}\n  driver: {{");
        let said = said_with("  driver: {", &written);
        assert!(said.contains("is no circuit of a component of kind") && said.contains(help), "{said}");
    }
}

/// The names of a formula are those of its entry and those of its file.
#[test]
fn a_misspelt_name_in_a_formula_is_answered_with_the_nearest_one() {
    let said = |area: &str| {
        let text = format!(
            "name: a test
parameters: {{ pitch: 2 um }}
components:
  it: {{ kind: adc, bits: 8, power: 1 mW, latency: 1 ns, area: {area}, parameters: {{ height: 3 um }}, source: made up, basis: modelled }}
"
        );
        let files = Memory::default().with("library.yaml", text);
        let mut session = Session::default().reading(files.over_standard());
        let _ = session.library(Path::new("library.yaml"));
        session.rendered()
    };
    assert!(said("= pich^2").contains("did you mean `pitch`?"), "{}", said("= pich^2"));
    assert!(said("= hieght^2").contains("did you mean `height`?"), "{}", said("= hieght^2"));
    assert_eq!(said("= pitch * height"), "");
}

/// A model that names nothing is told so, and one whose circuit is wrong in itself is told that alone.
#[test]
fn a_wrong_circuit_is_one_mistake() {
    let said = |model: &str| {
        let fields = "static-power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled";
        let it = format!("  it: {{ kind: neuron, function: sigmoid, model: {model}, {fields} }}\n  driver: {{");
        let said = said_with("  driver: {", &it);
        assert_eq!(said.matches("error: ").count(), 1, "{model}: {said}");
        said
    };
    assert!(said("{}").contains("the model names no circuit"), "{}", said("{}"));
    for circuit in ["difference-amplifier", "mtj-inverter", "logistic"] {
        let said = said(&format!("{{ {circuit}: 5 }}"));
        assert!(!said.contains("the model names no circuit"), "{circuit}: {said}");
    }
    let said = said("{ logistic: { at-low: 1 V, at-high: 0 V, midpoint: 0 V } }");
    assert!(said.contains("`logistic` needs `width`"), "{said}");
}

#[test]
fn a_field_of_another_kind_is_answered_with_its_kinds_and_a_cost_of_a_crossbar_with_what_it_follows_from() {
    let said = said_with("driver: { kind: row-driver,", "driver: { kind: row-driver, max-rows: 3,");
    assert!(said.contains("`max-rows` has no meaning for `driver`"), "{said}");
    assert!(said.contains("it belongs to: crossbar, array\n"), "{said}");
    let said = said_with("read-voltage: 1 V\n", "read-voltage: 1 V\n    area: 1 um^2\n");
    assert!(said.contains("its power and area follow from its cells and its read voltage"), "{said}");
}

/// As far as the amplifier could be read it subtracts nothing: that is not said of it.
#[test]
fn what_a_component_lacks_since_a_field_could_not_be_read_is_no_second_mistake() {
    let library = include_str!("data/round-numbers/library.yaml");
    let wrong = library.replacen("kind: amplifier, differential: true", "kind: amplifier, differential: perhaps", 1);
    let design = include_str!("data/round-numbers/analog.yaml");
    let files = Memory::default().with("design.yaml", design).with("library.yaml", wrong);
    let mut session = Session::default().reading(files.over_standard());
    assert!(session.design(Path::new("design.yaml")).is_err());
    let said = session.rendered();
    assert!(said.matches("error: ").count() == 1 && said.contains("perhaps"), "{said}");
}
