//! Statistics of words against what accuracy measures of the same pictures, and against a count of another kind.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use std::process::Command;

use serde_json::Value;

fn json(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_imcost")).args(arguments).args(["--format", "json", "-q"]).output();
    let output = output.expect("the program runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

const DIGITS: &str = "builtin:arch/digits-64-32-10-held-mixed.yaml";

/// Of inputs of one bit the bits that are 1 are the rows that are active.
#[test]
fn bits_of_binary_inputs_are_active_rows() {
    let words = json(&["statistics", DIGITS]);
    let inputs = &words["layers"][0]["inputs"];
    let accuracy = json(&["accuracy", DIGITS, "--ideal-neuron", "--ideal-crossbar"]);
    let active = accuracy["layers"][0]["active_rows"].as_f64().expect("a number");
    for key in ["mean", "density"] {
        assert!((inputs[key].as_f64().unwrap() - active).abs() < 1e-12, "{key}: {inputs} and {active}");
    }
    assert!((inputs["zero"].as_f64().unwrap() - (1.0 - active)).abs() < 1e-12);
    // Every other bit at most: of pixels that change at random 2 p (1 - p) would, alike ones change less.
    let toggle = inputs["toggle"].as_f64().unwrap();
    assert!(toggle > 0.0 && toggle < 2.0 * active * (1.0 - active));
}

/// The lines that are printed are lines of an architecture.
#[test]
fn what_is_printed_can_be_read_again() {
    let output = Command::new(env!("CARGO_BIN_EXE_imcost")).args(["statistics", DIGITS, "-q"]).output().expect("runs");
    let printed = String::from_utf8(output.stdout).expect("text");
    let line = printed.lines().find(|line| line.starts_with("statistics:")).expect("a line");
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("words");
    std::fs::create_dir_all(&folder).expect("writable");
    let machine = include_str!("../arch/isaac.yaml").replace("../techlib/", "builtin:techlib/");
    std::fs::write(folder.join("machine.yaml"), format!("{machine}{line}\n")).expect("writable");
    let path = folder.join("machine.yaml").display().to_string();
    let report = json(&["report", &path]);
    assert!(report["machine"]["power_w"].as_f64().is_some(), "{report}");
}
