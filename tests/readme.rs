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

/// A page with what its commands print now, and how many there are. Code blocks whose first line names a file are that file.
fn fresh(page: &str, folder: &Path) -> (String, usize) {
    let mut fresh = String::new();
    let mut commands = 0;
    for (number, part) in page.split("```").enumerate() {
        if number > 0 {
            fresh.push_str("```");
        }
        if let Some(text) = part.strip_prefix("yaml\n# file: ").filter(|_| number % 2 == 1) {
            let (name, text) = text.split_once('\n').expect("a text");
            std::fs::write(folder.join(name), text).expect("writable");
        }
        let Some(block) = part.strip_prefix("console\n").filter(|_| number % 2 == 1) else {
            fresh.push_str(part);
            continue;
        };
        fresh.push_str("console\n");
        for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            commands += 1;
            let output = run(command, folder);
            fresh.push_str(&format!("$ {command}\n{}", output.trim_end()));
            if !output.trim_end().is_empty() {
                fresh.push('\n');
            }
        }
    }
    (fresh, commands)
}

#[test]
fn pages_show_what_their_commands_print() {
    for (name, least) in [
        ("README.md", 9),
        ("docs/machines.md", 2),
        ("docs/networks.md", 4),
        ("docs/circuits.md", 4),
        ("docs/accuracy.md", 4),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let page = std::fs::read_to_string(&path).expect("a page");
        let (fresh, commands) = fresh(&page, &checkout());
        assert!(commands >= least, "{name} has lost its commands");
        if std::env::var_os("IMCOST_WRITE_README").is_some() {
            std::fs::write(path, fresh).expect("writable");
            continue;
        }
        assert!(
            fresh == page,
            "{name} does not show what its commands print; run IMCOST_WRITE_README=1 cargo test --test readme"
        );
    }
}

#[test]
fn the_readme_names_every_command() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md");
    for command in [
        "compare",
        "report",
        "check",
        "graph",
        "import",
        "library",
        "validate",
        "adc",
        "neuron",
        "crossbar",
        "simulate",
        "statistics",
        "accuracy",
        "study",
        "schema",
        "new",
        "completions",
    ] {
        assert!(readme.contains(&format!("`{command}")), "`{command}` is not in the README");
    }
}
