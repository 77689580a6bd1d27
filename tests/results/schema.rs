//! The JSON of every command is what `imcost schema results` says, no key more and no key less.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ANALOG, CASES, run};

/// A schema and the definitions that it refers to.
struct Checker<'a> {
    root: &'a Value,
}

/// Words of a schema that say nothing about what is allowed.
const REMARKS: [&str; 5] = ["$schema", "definitions", "description", "format", "title"];

impl<'a> Checker<'a> {
    fn definition(&self, name: &str) -> &'a Value {
        let found = &self.root["definitions"][name];
        assert!(found.is_object(), "the schema has no definition `{name}`");
        found
    }

    /// Checks a value as a whole: what the schema says of it, and that it has no other keys.
    fn check(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let known = self.keys(schema, value, place)?;
        let Value::Object(fields) = value else { return Ok(()) };
        match fields.keys().find(|key| !known.contains(*key)) {
            Some(key) => Err(format!("{place}: the schema does not know `{key}`")),
            None => Ok(()),
        }
    }

    /// The keys that the schema knows of a value that it allows.
    fn keys(&self, schema: &Value, value: &Value, place: &str) -> Result<BTreeSet<String>, String> {
        let mut known = BTreeSet::new();
        for (word, rule) in schema.as_object().expect("a schema is an object") {
            let wrong = |what: &str| Err(format!("{place}: {value} {what} {rule}"));
            match word.as_str() {
                "$ref" => {
                    let name = rule.as_str().and_then(|r| r.strip_prefix("#/definitions/")).expect("a definition");
                    known.extend(self.keys(self.definition(name), value, place)?);
                }
                "allOf" => {
                    for part in rule.as_array().expect("a list") {
                        known.extend(self.keys(part, value, place)?);
                    }
                }
                "anyOf" | "oneOf" => {
                    let parts = rule.as_array().expect("a list").iter();
                    let fitting: Vec<_> = parts.filter_map(|part| self.keys(part, value, place).ok()).collect();
                    if fitting.is_empty() || (word == "oneOf" && fitting.len() > 1) {
                        return Err(format!("{place}: {} alternatives fit {value}", fitting.len()));
                    }
                    known.extend(fitting.into_iter().flatten());
                }
                "type" if !is_of(rule, value) => return wrong("is not of type"),
                "const" if value != rule => return wrong("is not"),
                "minimum" if value.is_number() && value.as_f64() < rule.as_f64() => return wrong("is below"),
                "minItems" if value.is_array() && value.as_array().map(Vec::len) < len(rule) => {
                    return wrong("has fewer items than");
                }
                "maxItems" if value.as_array().map(Vec::len) > len(rule) => return wrong("has more items than"),
                "type" | "const" | "minimum" | "minItems" | "maxItems" => {}
                "required" => {
                    let missing =
                        rule.as_array().expect("a list").iter().find(|key| value.get(key.as_str().unwrap()).is_none());
                    if let Some(key) = missing {
                        return Err(format!("{place}: {key} is missing"));
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{place}[{index}]"))?;
                    }
                }
                "additionalProperties" => {
                    for (key, item) in value.as_object().into_iter().flatten() {
                        self.check(rule, item, &format!("{place}.{key}"))?;
                        known.insert(key.clone());
                    }
                }
                "properties" => {
                    for (key, rule) in rule.as_object().expect("properties") {
                        known.insert(key.clone());
                        if let Some(item) = value.get(key) {
                            self.check(rule, item, &format!("{place}.{key}"))?;
                        }
                    }
                }
                other => assert!(REMARKS.contains(&other), "this test does not know `{other}` of a schema"),
            }
        }
        Ok(known)
    }
}

fn len(rule: &Value) -> Option<usize> {
    rule.as_u64().and_then(|n| usize::try_from(n).ok())
}

fn is_of(types: &Value, value: &Value) -> bool {
    let one = |name: &Value| match name.as_str().expect("a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type of JSON: {other}"),
    };
    types.as_array().map_or_else(|| one(types), |types| types.iter().any(one))
}

fn schema() -> Value {
    serde_json::from_str(&run(&["schema", "results"]).0).expect("JSON")
}

fn parsed(args: &[&str]) -> Value {
    serde_json::from_str(&run(args).0).expect("JSON")
}

#[test]
fn the_json_of_every_command_is_what_the_schema_says() {
    let root = schema();
    let checker = Checker { root: &root };
    for case in CASES {
        let mut answer = parsed(&[case.args, &["--format", "json"]].concat());
        let whole = answer.clone();
        assert_eq!(answer["format_version"], imcost::results::FORMAT_VERSION, "{:?}", case.args);
        // Crossbars, neurons and converters alone are no designs: nothing is looked for beside them.
        let findings = answer.as_object_mut().unwrap().shift_remove("findings");
        assert_eq!(
            findings.is_some(),
            !["CrossbarResult", "NeuronResult", "ConverterResult"].contains(&case.result),
            "{:?}",
            case.args
        );
        let quiet = parsed(&[case.args, &["--format", "json", "--quiet"]].concat());
        assert_eq!(quiet, answer, "{:?} --quiet leaves out more than the findings", case.args);
        let definition = checker.definition(case.result);
        assert_eq!(checker.check(definition, &answer, case.result), Ok(()), "{:?}", case.args);
        assert_eq!(checker.check(&root, &whole, case.result), Ok(()), "{:?}", case.args);
    }
}

#[test]
fn mistakes_are_what_the_schema_says() {
    let root = schema();
    let checker = Checker { root: &root };
    for files in [&["tests/bad/ten-mistakes.yaml", ANALOG][..], &["nowhere.yaml"], &["tests/bad/not-utf-8.yaml"]] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_imcost"))
            .arg("check")
            .args(files)
            .args(["--format", "json"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("the program starts");
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(!answer["errors"].as_array().expect("errors").is_empty(), "{answer}");
        assert_eq!(checker.check(&root, &answer, "CheckResult"), Ok(()), "{files:?}");
    }
}

#[test]
fn every_kind_of_result_is_looked_at() {
    let root = schema();
    let named = |part: &Value| part["allOf"][0]["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let in_schema: BTreeSet<String> = root["anyOf"].as_array().expect("alternatives").iter().map(named).collect();
    assert_eq!(in_schema, CASES.iter().map(|case| case.result.to_owned()).collect());
}

#[test]
fn an_answer_that_is_not_what_the_schema_says_is_seen() {
    let root = schema();
    let answer = parsed(&["report", ANALOG, "--format", "json"]);
    let wrong = |change: &dyn Fn(&mut Value), word: &str| {
        let mut changed = answer.clone();
        change(&mut changed);
        let said = Checker { root: &root }.check(&root["definitions"]["ReportResult"], &changed, "report").unwrap_err();
        assert!(said.contains(word), "{said}");
        assert!(Checker { root: &root }.check(&root, &changed, "report").is_err(), "{word}");
    };
    let quiet = |value: &mut Value| drop(value.as_object_mut().unwrap().shift_remove("findings"));
    let with = |value: &mut Value, path: &str, new: Value| {
        quiet(value);
        *value.pointer_mut(path).unwrap() = new;
    };
    wrong(&|v| with(v, "/totals/power_w", Value::Null), "power_w: null is not of type");
    wrong(&|v| with(v, "/totals/macs", json!(-1)), "macs: -1 is below");
    wrong(&|v| with(v, "/totals/macs", json!(1.5)), "macs: 1.5 is not of type");
    wrong(&|v| with(v, "/layers/1", json!({})), "layers[1]: \"name\" is missing");
    let more = |v: &mut Value| {
        quiet(v);
        v["totals"].as_object_mut().unwrap().insert("power_mw".into(), json!(1.0));
    };
    wrong(&more, "the schema does not know `power_mw`");
}
