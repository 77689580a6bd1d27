//! What the guides of this project name is there.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeSet;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What stands between backticks, in code blocks by their words, and behind links.
fn code(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("    ") {
            found.extend(line.split_whitespace().map(str::to_owned));
        } else {
            let pieces = line.split('`').skip(1).step_by(2);
            found.extend(pieces.flat_map(str::split_whitespace).map(str::to_owned));
            found.extend(line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned));
        }
    }
    found
}

/// True for a word that can only be a file or a folder of this project.
fn is_path(word: &str) -> bool {
    let placeholder = word.chars().any(|c| !c.is_ascii_alphanumeric() && !"/._-".contains(c));
    let ends =
        [".rs", ".yaml", ".md", ".toml", ".py", ".csv"].iter().any(|end| word.ends_with(end) && word.len() > end.len());
    !placeholder && (ends || word.contains('/')) && !word.starts_with(['/', '.']) && !word.contains("//")
        // Made when something is found, a part `3/16` of a whole, `1.8/27`.
        && !word.starts_with("fuzz/artifacts/") && !word.starts_with(|c: char| c.is_ascii_digit())
}

/// A path is written from the project's folder, or from `src/` where rooms are spoken of.
fn exists(path: &str) -> bool {
    root().join(path).exists() || root().join("src").join(path).exists()
}

#[test]
fn every_path_in_a_guide_is_there() {
    for guide in ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let words = code(&text(guide));
        let paths: Vec<&String> = words.iter().filter(|word| is_path(word.trim_end_matches([',', ':', '.']))).collect();
        let missing: Vec<_> = paths.iter().filter(|path| !exists(path.trim_end_matches([',', ':', '.']))).collect();
        assert!(missing.is_empty(), "{guide} names what is not there: {missing:?}");
    }
    let named = |guide: &str| code(&text(guide)).iter().filter(|word| is_path(word)).count();
    assert!(
        named("CONTRIBUTING.md") > 30 && named("ARCHITECTURE.md") > 30,
        "the guides have lost their paths, or this test its eyes"
    );
}

#[test]
fn every_room_of_the_source_is_in_the_map() {
    let map = text("ARCHITECTURE.md");
    let rows: Vec<&str> = map.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next()).collect();
    for entry in std::fs::read_dir(root().join("src")).expect("src") {
        let name = entry.expect("readable").file_name().into_string().expect("a name in UTF-8");
        let room = name.trim_end_matches(".rs");
        if room == "lib" || room == "main" {
            continue;
        }
        let named = rows
            .iter()
            .any(|row| row.split('`').any(|word| word.trim_end_matches(['/']).trim_end_matches(".rs") == room));
        assert!(named || rows.iter().any(|row| row.starts_with(&format!("{room}`"))), "`{name}` is not in the map");
    }
}

#[test]
fn every_test_bench_tool_and_example_is_in_a_guide() {
    let guides = text("ARCHITECTURE.md") + &text("CONTRIBUTING.md");
    for folder in ["tests", "tools", "examples"] {
        for entry in std::fs::read_dir(root().join(folder)).expect("a folder") {
            let entry = entry.expect("readable");
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            let is_test = entry.path().join("main.rs").exists() || name.ends_with(".rs") || folder == "tools";
            let path = format!("{folder}/{name}");
            assert!(!is_test || guides.contains(&path), "{path} is in no guide");
        }
    }
}

/// The fuzzer tries what the program is built of: a package that both have is of a version that the program has.
#[test]
fn the_fuzzer_is_built_of_the_same_packages() {
    let versions = |path: &str| {
        let text = text(path);
        let lines: Vec<&str> = text.lines().collect();
        let quoted = |line: &str, key: &str| {
            line.strip_prefix(key)
                .and_then(|rest| rest.strip_prefix(" = "))
                .map(|value| value.trim_matches('"').to_owned())
        };
        let pair = |two: &[&str]| Some((quoted(two[0], "name")?, quoted(two[1], "version")?));
        lines.windows(2).filter_map(pair).collect::<BTreeSet<(String, String)>>()
    };
    let (program, fuzzer) = (versions("Cargo.lock"), versions("fuzz/Cargo.lock"));
    let names: BTreeSet<&str> = program.iter().map(|(name, _)| name.as_str()).collect();
    let shared: Vec<_> = fuzzer.iter().filter(|(name, _)| names.contains(name.as_str())).collect();
    assert!(shared.len() > 20, "{} packages of both", shared.len());
    let others: Vec<_> = shared.into_iter().filter(|package| !program.contains(package)).collect();
    assert!(others.is_empty(), "`cargo update --precise` in fuzz/ for {others:?}");
}
