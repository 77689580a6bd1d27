//! Every command in README.md is run, and its output is what the README shows.
//!
//! `IMCOST_WRITE_README=1 cargo test --test readme` writes the outputs anew.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with the shipped files, in which the commands run one after another.
fn checkout() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = std::fs::remove_dir_all(&folder);
    for (name, text) in imcost::files::shipped::FILES {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    folder
}

/// What a reader would see: standard output, then standard error.
fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_imcost")).parent().expect("a folder").display().to_string();
    let path = format!("{binary}:{}", std::env::var("PATH").unwrap_or_default());
    let output =
        Command::new("sh").args(["-c", command]).current_dir(folder).env("PATH", path).env("NO_COLOR", "1").output();
    let output = output.expect("a shell");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_readme_shows_what_its_commands_print() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md");
    let folder = checkout();
    let mut fresh = String::new();
    let mut commands = 0;
    for (number, part) in readme.split("```").enumerate() {
        if number > 0 {
            fresh.push_str("```");
        }
        let Some(block) = part.strip_prefix("console\n").filter(|_| number % 2 == 1) else {
            fresh.push_str(part);
            continue;
        };
        fresh.push_str("console\n");
        for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            commands += 1;
            let output = run(command, &folder);
            fresh.push_str(&format!("$ {command}\n{}", output.trim_end()));
            if !output.trim_end().is_empty() {
                fresh.push('\n');
            }
        }
    }
    assert!(commands >= 9, "the README has lost its commands");
    if std::env::var_os("IMCOST_WRITE_README").is_some() {
        std::fs::write(path, fresh).expect("writable");
        return;
    }
    assert!(
        fresh == readme,
        "README.md does not show what its commands print; run IMCOST_WRITE_README=1 cargo test --test readme"
    );
}

#[test]
fn the_readme_names_every_command() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md");
    for command in [
        "compare",
        "report",
        "check",
        "graph",
        "library",
        "validate",
        "adc",
        "neuron",
        "crossbar",
        "simulate",
        "accuracy",
        "study",
        "schema",
        "new",
        "completions",
    ] {
        assert!(readme.contains(&format!("`{command}")), "`{command}` is not in the README");
    }
}
