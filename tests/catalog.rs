//! The tables of what exists, against what the language does and what is written about it.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use imcost::catalog::{self, Domain, FIGURES, Gives, KINDS, LAYER_KINDS, Takes};
use imcost::session::Session;
use imcost::techlib::Kind;
use imcost::units::{Formula, parse_quantity};
use serde_json::Value;

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/{name}.schema.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn names(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

/// What is said of a library with one component.
fn said_of(name: &str, component: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("catalog");
    fs::create_dir_all(&folder).unwrap();
    let device = "devices:\n  d: { type: sot-mram, r-low: 6 kohm, r-high: 12 kohm, source: s, basis: measured }\n";
    let path = folder.join(format!("{name}.yaml"));
    fs::write(&path, format!("name: test library\n{device}components:\n  c: {{ {component} }}\n")).unwrap();
    let mut session = Session::default();
    let _ = session.library(&path);
    session.rendered()
}

#[test]
fn every_kind_that_a_file_can_name_is_in_the_table_once() {
    let kinds = &schema("library")["definitions"]["Kind"];
    let listed: Vec<&Value> = kinds["oneOf"].as_array().unwrap().iter().map(|kind| &kind["const"]).collect();
    let in_schema: BTreeSet<String> = listed.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let in_table: BTreeSet<String> = KINDS.iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(in_schema, in_table);
    assert_eq!((KINDS.len(), Kind::ALL.len()), (in_table.len(), in_table.len()));
    for entry in &KINDS {
        assert_eq!((entry.kind.entry().kind, entry.kind.name()), (entry.kind, entry.name));
    }
}

#[test]
fn fields_belong_to_these_kinds() {
    let word = ["adc", "row-driver", "dac", "activation", "adder", "subtractor", "shift-add", "register", "pooling", "vector-unit"];
    let moves = ["memory", "bus", "router", "link"];
    let stages = ["switch", "amplifier", "sample-hold", "buffer", "neuron"];
    let arrays = ["crossbar", "array"];
    let timed = [&word[..], &moves, &stages, &arrays].concat();
    let made = [&timed[..], &["control", "gate"]].concat();
    let costs = made.clone();
    let of_time = timed.clone();
    let all = made.clone();
    for (fields, kinds) in [
        (&["bits"][..], &word[..]),
        (&["per-bit"], &word[3..]),
        (&["takes"], &["adc", "amplifier", "sample-hold", "neuron", "buffer", "crossbar", "array"]),
        (&["gives"], &["row-driver", "dac", "crossbar", "array"]),
        (&["differential"], &["adc", "amplifier", "sample-hold", "neuron"]),
        (&["joins"], &["amplifier", "buffer", "sample-hold", "crossbar", "array"]),
        (&["function"], &["neuron", "activation", "pooling", "vector-unit"]),
        (&["model"], &["row-driver", "amplifier", "neuron"]),
        (&["device", "read-voltage", "wire", "line-switch"], &["crossbar"]),
        (&["cell", "max-rows", "max-columns", "guard-bits", "rewritable", "write-latency"], &arrays),
        (&["write-energy"], &["crossbar", "array", "memory"]),
        (&["capacity", "read-energy"], &["memory"]),
        (&["width"], &moves),
        (&["ports"], &["router"]),
        (&["power", "static-power", "energy", "area", "parts"], &costs),
        (&["activity"], &[&timed[..], &["control"]].concat()),
        (&["rate"], &of_time),
        (&["latency"], &[&timed[..], &["gate"]].concat()),
        (&["kind", "source", "basis", "node", "vdd", "scaling", "note", "parameters"], &all),
    ] {
        for field in fields {
            let found: BTreeSet<String> = Kind::with_field(field).map(|kind| kind.name().to_owned()).collect();
            assert_eq!(found, names(kinds), "{field}");
        }
    }
    // Every field that a component can have is in the table.
    let properties = schema("library")["definitions"]["ComponentSpec"]["properties"].clone();
    for field in properties.as_object().unwrap().keys() {
        assert!(Kind::with_field(field).count() > 0, "{field} belongs to no kind");
    }
}

#[test]
fn kinds_take_and_give_these_signals() {
    use Domain::{Current, Voltage, Word};
    let word = (Takes::Always(Word), Gives::Always(Word));
    let to_voltage = (Takes::Always(Word), Gives::Usually(Voltage));
    for (kind, (takes, gives)) in [
        ("row-driver", to_voltage),
        ("dac", to_voltage),
        ("switch", (Takes::Any, Gives::Same)),
        ("crossbar", (Takes::Usually(Voltage), Gives::Usually(Current))),
        ("array", (Takes::Usually(Voltage), Gives::Stated)),
        ("amplifier", (Takes::Usually(Current), Gives::Always(Voltage))),
        ("sample-hold", (Takes::Any, Gives::Same)),
        ("buffer", (Takes::Usually(Voltage), Gives::Always(Voltage))),
        ("adc", (Takes::Usually(Voltage), Gives::Always(Word))),
        ("neuron", (Takes::Usually(Voltage), Gives::Always(Voltage))),
        ("subtractor", word),
        ("shift-add", word),
        ("adder", word),
        ("activation", word),
        ("register", word),
        ("memory", word),
        ("bus", word),
        ("router", word),
        ("link", word),
        ("control", word),
        ("pooling", word),
        ("vector-unit", word),
        ("gate", word),
    ] {
        let entry = KINDS.iter().find(|entry| entry.name == kind).unwrap();
        assert_eq!((entry.takes, entry.gives), (takes, gives), "{kind}");
    }
}

#[test]
fn a_component_without_a_required_field_is_refused_and_with_all_it_is_not() {
    let value = |field: &str| match field {
        "bits" => "8",
        "device" => "d",
        "cell" => "{ devices: 1, width: 1 um, height: 1 um }",
        "read-voltage" => "0.2 V",
        "max-rows" | "max-columns" => "64",
        "gives" => "word",
        "capacity" => "64 KB",
        "width" => "64 bit",
        other => panic!("no value for {other}"),
    };
    for entry in &KINDS {
        // A crossbar without a device has stated costs, and what controls takes no time.
        let costs = if entry.has("power") { "power: 1 mW, area: 1 um^2, " } else { "" };
        let time = if entry.has("latency") { "latency: 1 ns, " } else { "" };
        let with = |fields: &[&&str]| {
            let fields: String = fields.iter().map(|field| format!("{field}: {}, ", value(field))).collect();
            format!("kind: {}, {costs}{fields}{time}source: s, basis: measured", entry.name)
        };
        assert_eq!(said_of(entry.name, &with(&entry.required.iter().collect::<Vec<_>>())), "", "{}", entry.name);
        for left_out in entry.required {
            let rest: Vec<&&str> = entry.required.iter().filter(|field| *field != left_out).collect();
            let said = said_of(&format!("{}-{left_out}", entry.name), &with(&rest));
            assert!(said.contains(&format!("`c` needs `{left_out}`")), "{}: {said}", entry.name);
        }
    }
}

#[test]
fn every_figure_can_be_set_to_its_example() {
    for figure in &FIGURES {
        let entry = match (figure.section, figure.field) {
            ("devices", _) => "sot-mram-50x30",
            (_, "read-energy") => "isaac-edram",
            (_, "write-energy" | "write-latency") => "isaac-crossbar",
            (_, "cell.width" | "cell.height" | "read-voltage") => "sot-mram-crossbar",
            // It has `power`, and `energy` beside it would say the same twice.
            (_, "energy" | "static-power") => "partial-sum-adder",
            _ => "adc-8b",
        };
        // A resistance of the example would be above the other one.
        let example = if figure.field == "r-high" { "60 kohm" } else { figure.example };
        let path = format!("{entry}.{}", figure.field);
        let mut settings = vec![format!("{path}={example}")];
        let of_machine = entry.starts_with("isaac");
        if figure.field == "read-energy" {
            // Beside a power it would say the same twice.
            settings.push(format!("{entry}.power=unknown"));
        }
        let mut session = Session::with_settings(&settings);
        let file = if of_machine { "isaac-32nm" } else { "sot-mram-14nm" };
        let library = session.library(format!("builtin:techlib/{file}.yaml").as_ref());
        let library = library.unwrap_or_else(|_| panic!("{path}: {}", session.rendered()));
        let expected = parse_quantity(example).unwrap();
        assert_eq!(expected.dim, figure.dimension, "{path}");
        let number = library.numbers.get(library.numbers.find(&path).unwrap_or_else(|| panic!("no {path}")));
        assert_eq!((number.value, number.is_set()), (expected, true), "{path}");
    }
}

#[test]
fn a_layer_has_its_kinds_as_fields_and_a_formula_its_functions() {
    let layer = schema("architecture")["definitions"]["LayerSpec"]["properties"].clone();
    assert!(!LAYER_KINDS.is_empty() && LAYER_KINDS.iter().all(|kind| layer.get(kind).is_some()));
    let functions: BTreeSet<String> = catalog::functions().map(str::to_owned).collect();
    let expected = ["sqrt", "exp", "ln", "log2", "log10", "ceil", "floor", "abs", "min", "max", "if"];
    assert_eq!(functions, names(&expected));
    for function in &functions {
        let values = if function == "if" { "4 > 3, 1 m, 2 m" } else { "4" };
        let value = Formula::parse(&format!("{function}({values})")).unwrap().eval(&|_| None);
        assert!(value.is_ok(), "{function}");
    }
}

#[test]
fn the_readme_lists_the_kinds_and_the_figures() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let words = |text: &str| -> BTreeSet<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let (_, list) = readme.split_once("Kinds: ").expect("a list of kinds");
    let (list, _) = list.split_once(".\n").expect("its end");
    assert_eq!(words(list), KINDS.iter().map(|entry| entry.name.to_owned()).collect());
    let (_, table) = readme.split_once("| figure | meaning |").expect("a table of figures");
    let (table, _) = table.split_once("\n\n").expect("its end");
    let first_columns: String = table.lines().filter_map(|line| line.split('|').nth(1)).collect();
    let costs = ["power", "static-power", "energy", "latency", "rate", "area"];
    assert_eq!(words(&first_columns), names(&costs));
    let stated = FIGURES.iter().filter(|figure| figure.section == "components").map(|figure| figure.field);
    assert!(costs.iter().all(|cost| stated.clone().any(|field| field == *cost)));
}
