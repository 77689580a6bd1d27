//! Findings for programs: `check --format json`, and places of mistakes in files that name other files.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn imcost(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_imcost")).args(arguments).current_dir(folder).env("NO_COLOR", "1").output();
    let output = output.expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("findings-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("writable");
    folder
}

/// The text between two places, as an editor would mark it.
fn marked(text: &str, finding: &Value) -> String {
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
    let (line, column) = (number(&finding["line"]), number(&finding["column"]));
    assert_eq!(number(&finding["end"]["line"]), line, "{finding}");
    let length = number(&finding["end"]["column"]) - column;
    text.lines().nth(line - 1).expect("the line").chars().skip(column - 1).take(length).collect()
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let folder = folder("json");
    let text = "# µ before the mistake, so that bytes are no columns\nname: x\nnetwerk: { µ: 1 }\ntile: { rows: 0, colums: 3 }\n";
    std::fs::write(folder.join("d.yaml"), text).expect("writable");
    let good = root().join("techlib/sot-mram-14nm.yaml");
    let (code, printed, said) = imcost(&folder, &["check", "d.yaml", good.to_str().unwrap(), "--format", "json"]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    let answer: Value = serde_json::from_str(&printed).expect("whole JSON");
    assert_eq!(answer["files"].as_array().map(Vec::len), Some(1), "{answer}");
    let errors = answer["errors"].as_array().expect("a list");
    let (_, _, table) = imcost(&folder, &["check", "d.yaml", good.to_str().unwrap()]);
    let count = table.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors.len(), count, "{table}\n{answer}");
    assert!(count > 1);
    let wrong = errors.iter().find(|f| f["message"].as_str().unwrap().contains("`colums`")).expect("the misspelt key");
    assert_eq!((&wrong["file"], marked(text, wrong).as_str()), (&Value::from("d.yaml"), "colums"));
    assert!(
        wrong["help"].as_array().unwrap().iter().any(|help| help.as_str().unwrap().contains("`columns`")),
        "{wrong}"
    );
    assert_eq!((&wrong["labels"][0]["primary"], &wrong["labels"][0]["line"]), (&Value::Bool(true), &Value::from(4)));
    for error in errors {
        assert!(table.contains(&format!("error: {}", error["message"].as_str().unwrap())), "{error}");
    }
}

#[test]
fn what_is_fine_has_no_errors_and_what_is_true_of_it_is_apart_from_them() {
    let analog = "arch/digits-64-32-10-analog.yaml";
    let (code, printed, said) = imcost(root(), &["check", "techlib/sot-mram-14nm.yaml", "--format", "json"]);
    let answer: Value = serde_json::from_str(&printed).expect("whole JSON");
    let none = Value::Array(Vec::new());
    assert_eq!((code, said.as_str(), &answer["errors"], &answer["findings"]), (Some(0), "", &none, &none));
    let (code, printed, said) = imcost(root(), &["check", analog, "--format", "json"]);
    let answer: Value = serde_json::from_str(&printed).expect("whole JSON");
    assert_eq!((code, said.as_str(), &answer["errors"]), (Some(0), "", &none));
    let rules: Vec<&Value> = answer["findings"].as_array().expect("a list").iter().map(|f| &f["rule"]).collect();
    assert!(rules.contains(&&Value::from("loading")) && rules.contains(&&Value::from("column-end")), "{answer}");
    let (_, printed, _) = imcost(root(), &["check", analog, "--format", "json", "--quiet"]);
    let answer: Value = serde_json::from_str(&printed).expect("whole JSON");
    assert_eq!((&answer["errors"], answer.get("findings")), (&none, None));
    // A file that is not there has no line, but it has a name.
    let (code, printed, _) = imcost(root(), &["check", "nowhere.yaml", "--format", "json"]);
    let answer: Value = serde_json::from_str(&printed).expect("whole JSON");
    assert_eq!((code, &answer["errors"][0]["file"]), (Some(1), &Value::from("nowhere.yaml")));
}

/// A case beside the file of cells that it names.
fn case(folder: &Path, change: impl Fn(&str) -> String) {
    let text = std::fs::read_to_string(root().join("cases/crossbar-nodal.yaml")).expect("a shipped case");
    let text = text.replace(": crossbar/", &format!(": {}/", root().join("cases/crossbar").display()));
    std::fs::write(folder.join("case.yaml"), change(&text)).expect("writable");
}

#[test]
fn mistakes_in_what_a_case_names_are_at_the_line_that_names_it() {
    let folder = folder("case");
    let said = |change: &dyn Fn(&str) -> String, words: &[&str]| {
        case(&folder, change);
        let (code, _, said) = imcost(&folder, &["validate", "case.yaml"]);
        assert_eq!(code, Some(1), "{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    };
    let swap = |text: &str| {
        text.replace(
            "r-low: 8488.263631567752 ohm, r-high: 25464.790894703256 ohm",
            "r-low: 25464 ohm, r-high: 8488 ohm",
        )
    };
    said(&swap, &["swap them", "case.yaml:", "r-low: 25464 ohm"]);
    said(&|text| text.replacen("c03_16x10_r1-bits", "nope", 1), &["does not exist", "named here", "case.yaml:"]);
    let ratio = "name: c\nsource: s\nclaims:\n  - what: w\n    published: { value: '2' }\n    compare: { baseline: nope.yaml, candidate: also.yaml, ratio: power }\n";
    said(&|_| ratio.to_owned(), &["nope.yaml", "case.yaml:6:26", "also.yaml", "named here"]);
}

#[test]
fn a_device_is_shown_with_its_sources() {
    let library = "techlib/sot-mram-14nm.yaml";
    let (code, printed, said) = imcost(root(), &["library", library, "sot-mram-50x30"]);
    assert_eq!(code, Some(0), "{said}");
    for word in ["sot-mram-50x30, device", "r-low", "8.488 kohm", "on/off ratio"] {
        assert!(printed.contains(word), "{word}: {printed}");
    }
    let (_, printed, _) = imcost(root(), &["library", library, "sot-mram-50x30", "--format", "json"]);
    let answer: Value = serde_json::from_str(&printed).expect("whole JSON");
    // RA 10 ohm um2 over an ellipse of 50 x 30 nm.
    let low = 10e-12 / (std::f64::consts::FRAC_PI_4 * 50e-9 * 30e-9);
    assert!((answer["r_low_ohm"].as_f64().expect("ohm") / low - 1.0).abs() < 1e-9, "{answer}");
    assert!(answer["figures"].as_array().expect("figures").iter().all(|f| f["source"].is_string()), "{answer}");
    let (code, _, said) = imcost(root(), &["library", library, "sot-mram-50x31"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("did you mean `sot-mram-50x30`?"), "{said}");
}

#[test]
fn a_field_that_cannot_be_read_is_one_mistake_whatever_would_have_followed_from_it() {
    const LIBRARY: &str = "name: l\nextends: builtin:techlib/sot-mram-14nm.yaml\ncomponents:\n";
    let rest = "kind: adc, latency: 1 ns, area: 1 um^2, source: s, basis: measured";
    let cases = [
        ("pwer: 1 mW, bits: 8", "unknown field `pwer`"),
        ("power: { valeu: 1 mW }, bits: 8", "unknown field `valeu`"),
        ("power: 1 mX, bits: 8", "unknown unit"),
        ("power: [1 mW], bits: 8", "expected"),
        ("power: 1 mW, bist: 8", "unknown field `bist`"),
        ("pwer: 1 mW, energy: = power * 1 ns, bits: 8", "unknown field `pwer`"),
        ("power: = p * 1 W, parameters: { p: [3] }, bits: 8", "expected"),
    ];
    let folder = folder("one-mistake");
    assert_eq!(imcost(&folder, &["new", "."]).0, Some(0));
    let shipped = std::fs::read_to_string(folder.join("arch/mlp-784-16-10-mixed.yaml")).unwrap();
    let uses = shipped.replace("../techlib/sot-mram-14nm.yaml", "l.yaml").replace(" adc-8b,", " mine,");
    std::fs::write(folder.join("arch/uses.yaml"), uses).unwrap();
    for (fields, said) in cases {
        std::fs::write(folder.join("arch/l.yaml"), format!("{LIBRARY}  mine: {{ {rest}, {fields} }}\n")).unwrap();
        let (code, _, all) = imcost(&folder, &["report", "arch/uses.yaml"]);
        assert_eq!((code, all.matches("error:").count()), (Some(1), 1), "{fields}: {all}");
        assert!(all.contains(said), "{fields}: {all}");
    }
    // What is published nowhere is no mistake, but it is said of a design that would need it.
    std::fs::write(folder.join("arch/l.yaml"), format!("{LIBRARY}  mine: {{ {rest}, power: unknown, bits: 8 }}\n"))
        .unwrap();
    assert_eq!(imcost(&folder, &["check", "arch/l.yaml"]).0, Some(0));
    let (_, _, all) = imcost(&folder, &["report", "arch/uses.yaml"]);
    assert!(all.contains("the power of `mine` is unknown"), "{all}");
}
