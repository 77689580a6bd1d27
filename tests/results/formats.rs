//! CSV has the numbers of the JSON, Markdown the words of the table.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CASES, Case, answer, printed, run};

/// All numbers in a value.
fn numbers(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Number(number) => found.extend(number.as_f64()),
        Value::Array(items) => items.iter().for_each(|item| numbers(item, found)),
        Value::Object(fields) => fields.values().for_each(|item| numbers(item, found)),
        _ => {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A cell is what the JSON says under the same name, or, as a number, under any other.
fn agrees(header: &str, cell: &str, record: &Value) -> bool {
    if let Some(value) = record.get(header).or_else(|| record.get("values")?.get(header)) {
        let number = cell.parse::<f64>().ok();
        return match value {
            Value::Null => cell.is_empty(),
            Value::Number(value) => number.is_some_and(|number| same(number, value.as_f64().expect("a number"))),
            other => text(other) == cell,
        };
    }
    let Ok(number) = cell.parse::<f64>() else { return true };
    let mut known = Vec::new();
    numbers(record, &mut known);
    known.iter().any(|&value| same(number, value))
}

/// To the last digit but one: the reader of JSON rounds the last.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-15 * b.abs()
}

fn csv_of(case: &Case) -> (Vec<String>, Vec<csv::StringRecord>) {
    let text = printed(case.args, "csv");
    // Records of another length than the header are errors here.
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    (header, reader.records().map(|record| record.unwrap_or_else(|e| panic!("{:?}: {e}", case.args))).collect())
}

#[test]
fn csv_has_a_record_for_each_line_of_the_json_with_its_numbers() {
    let mut compared = 0;
    for case in CASES {
        let (header, records) = csv_of(case);
        let names: BTreeSet<&String> = header.iter().collect();
        assert!(names.len() == header.len() && !header.iter().any(String::is_empty), "{:?}: {header:?}", case.args);
        let expected = (case.records)(&answer(case.args));
        assert_eq!(records.len(), expected.len(), "{:?}", case.args);
        for (record, of) in records.iter().zip(&expected) {
            for (name, cell) in header.iter().zip(record) {
                assert!(agrees(name, cell, of), "{:?}: {name} {cell} is not in {of}", case.args);
                compared += usize::from(cell.parse::<f64>().is_ok());
            }
        }
    }
    assert!(compared > 1000, "only {compared} numbers were compared");
}

/// True for a line of a plot, which is as wide as there is room.
fn is_plot(line: &str) -> bool {
    line.split_once('|').is_some_and(|(_, curve)| curve.contains('*') && curve.chars().all(|c| " *".contains(c)))
}

/// The words of a text without what draws lines and lists.
fn words(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with("```") && !is_plot(line));
    let drawn = |c: char| if "|\\#".contains(c) { ' ' } else { c };
    let plain: String = lines.map(|line| line.chars().map(drawn).collect::<String>() + "\n").collect();
    let word = |word: &&str| word.chars().any(char::is_alphanumeric) || *word == "*";
    let mut words: Vec<String> = plain.split_whitespace().filter(word).map(str::to_owned).collect();
    words.sort_unstable();
    words
}

/// The cells of a line of a Markdown table.
fn cells(line: &str) -> usize {
    line.replace("\\|", "").matches('|').count().saturating_sub(1)
}

#[test]
fn markdown_says_what_the_table_says() {
    for case in CASES {
        let (markdown, table) = (printed(case.args, "markdown"), printed(case.args, "table"));
        let (got, wanted) = (words(&markdown), words(&table));
        assert!(got == wanted, "{:?}\n{markdown}\n{table}", case.args);
        if case.result != "CheckResult" {
            assert!(markdown.starts_with("# "), "{:?}: no heading", case.args);
        }
        let mut wide = 0;
        for line in markdown.lines() {
            let here = if line.starts_with('|') { cells(line) } else { 0 };
            assert!(here == wide || here == 0 || wide == 0, "{:?}: {line} has {here} cells, not {wide}", case.args);
            wide = here;
        }
    }
}

/// Findings come after an answer; where it has no room for them they are on standard error.
#[test]
fn the_findings_are_the_same_in_every_format() {
    let args = ["report", super::ANALOG];
    let with = |format: &str| run(&[&args[..], &["--format", format]].concat());
    let (json, said) = with("json");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let findings = json["findings"].as_array().expect("findings");
    assert!(findings.len() > 2 && said.is_empty());
    for (format, on_stderr) in [("table", false), ("markdown", false), ("csv", true)] {
        let (printed, said) = with(format);
        let there = words(if on_stderr { &said } else { &printed });
        for finding in findings {
            for word in words(finding["what"].as_str().expect("a sentence")) {
                assert!(there.contains(&word), "{format}: {word}");
            }
        }
        assert_eq!(said.is_empty(), !on_stderr, "{format}");
        let quiet = super::printed(&args, format);
        assert!(!quiet.contains("no virtual ground") && (printed.len() > quiet.len() || on_stderr), "{format}");
    }
}
