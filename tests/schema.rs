//! The JSON Schemas in `schema/` are those of this version.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use imcost::spec::schema;

fn check(name: &str, schema: &schemars::Schema) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    let fresh = format!("{:#}\n", schema.as_value());
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    if stored == fresh {
        return;
    }
    if std::env::var_os("IMCOST_WRITE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(&path, fresh).expect("writable");
        return;
    }
    panic!("schema/{name} is not the schema of this version; run IMCOST_WRITE_SCHEMA=1 cargo test --test schema");
}

#[test]
fn the_stored_architecture_schema_is_fresh() {
    check("architecture.schema.json", &schema::architecture());
}

#[test]
fn the_stored_library_schema_is_fresh() {
    check("library.schema.json", &schema::library());
}

#[test]
fn the_stored_case_schema_is_fresh() {
    check("case.schema.json", &schema::case());
}

#[test]
fn the_stored_study_schema_is_fresh() {
    check("study.schema.json", &schema::study());
}

#[test]
fn the_stored_schema_of_results_is_fresh() {
    check("results.schema.json", &imcost::results::answer::schema());
}

#[test]
fn every_field_of_an_architecture_has_a_hover_text_and_is_known_to_set() {
    let schema = schema::architecture();
    let properties = schema.get("properties").and_then(|p| p.as_object()).expect("properties");
    for (name, property) in properties {
        assert!(property.get("description").is_some(), "`{name}` has no description");
    }
    let mut known = imcost::spec::architecture::FIELDS.to_vec();
    known.sort_unstable();
    let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, known);
}
