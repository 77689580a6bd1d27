//! A long run that is stopped ends at once, keeps what it has done, and says by its exit code what stopped it.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const DIGITS: &str = "builtin:arch/digits-64-32-10-analog.yaml";
/// A person waits no longer. Test builds are slower, and their machines are busy.
const HEARD: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1500 } else { 200 });
/// Each signal with the exit code by which shells know it.
const SIGNALS: [(&str, i32); 3] = [("INT", 130), ("TERM", 143), ("HUP", 129)];

fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imcost"));
    command.args(arguments).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Sends a signal after some time; exit code, what was printed and said, and how long it took to hear.
fn stopped(mut child: Child, signal: &str, after: Duration) -> (Option<i32>, String, String, Duration) {
    thread::sleep(after);
    assert!(child.try_wait().unwrap().is_none(), "ended before it was stopped");
    let sent = Instant::now();
    let kill = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr), sent.elapsed())
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("interrupts-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn number(json: &str, key: &str) -> f64 {
    let value: serde_json::Value = serde_json::from_str(json).expect("whole JSON");
    value[key].as_f64().unwrap_or_else(|| panic!("no {key} in {json}"))
}

#[test]
fn draws_that_are_done_are_kept() {
    let folder = folder("draws");
    for (signal, code) in SIGNALS {
        let arguments =
            ["accuracy", DIGITS, "--draws", "1000000", "--set", "imperfections.stuck=1%", "--format", "json"];
        let (found, printed, said, took) = stopped(start(&folder, &arguments), signal, Duration::from_secs(2));
        assert_eq!(found, Some(code), "{signal}: {said}");
        assert!(took < HEARD, "{signal} was heard after {took:?}");
        let draws = number(&printed, "draws");
        assert!((1.0..1e6).contains(&draws), "{signal}: {draws} draws");
    }
}

#[test]
fn points_that_are_done_and_the_draws_of_the_current_one_are_kept() {
    let folder = folder("study");
    // The first point is soon done, the second never.
    let text = format!(
        "name: s\narchitecture: {DIGITS}\ndraws: 1000000\nimages: 60\nvary:\n  imperfections.stuck: [0%, 1%, 2%]\n"
    );
    std::fs::write(folder.join("s.yaml"), text).unwrap();
    for (signal, code) in SIGNALS {
        let (found, printed, said, took) =
            stopped(start(&folder, &["study", "s.yaml", "--format", "json"]), signal, Duration::from_secs(3));
        assert_eq!(found, Some(code), "{signal}: {said}");
        assert!(took < HEARD, "{signal} was heard after {took:?}");
        let value: serde_json::Value = serde_json::from_str(&printed).expect("whole JSON");
        let points = value["points"].as_array().unwrap();
        assert_eq!(points.len(), 2, "{printed}");
        let draws = points[1]["draws"].as_f64().unwrap();
        assert!((1.0..1e6).contains(&draws), "{signal}: {draws} draws");
    }
}

/// A network of 2000 neurons over all shipped pictures: its steps and its first draw take long.
fn large(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let design = std::fs::read_to_string(root.join("arch/digits-64-32-10-analog.yaml")).unwrap();
    let design = design.replace("../techlib", "builtin:techlib").replace("dense: 32", "dense: 3000");
    std::fs::write(folder.join("large.yaml"), design).unwrap();
    let matrix = |name: &str, rows: usize, columns: usize| {
        let sign = |n: usize| if (n * 7919 + n / 13).is_multiple_of(3) { "-1" } else { "1" };
        let line = |row: usize| (0..columns).map(|column| sign(row * columns + column)).collect::<Vec<_>>().join(",");
        let lines: Vec<String> = (0..rows).map(line).collect();
        std::fs::write(folder.join(name), lines.join("\n") + "\n").unwrap();
    };
    matrix("W1.csv", 64, 3000);
    matrix("B1.csv", 1, 3000);
    matrix("W2.csv", 3000, 10);
    matrix("B2.csv", 1, 10);
}

/// Whenever it comes: while the design is built, in the steps from the trained network to the design, in the first draw.
#[test]
fn signals_are_heard_before_the_first_draw_is_done() {
    let folder = folder("large");
    large(&folder);
    let arguments = ["accuracy", "large.yaml", "--weights", ".", "--draws", "1000000", "--part", "train"];
    let random = ["--set", "imperfections.resistance-gaussian=5%", "--format", "json"];
    for after in [300, 700, 1500, 2500] {
        let child = start(&folder, &[&arguments[..], &random].concat());
        let (found, printed, said, took) = stopped(child, "TERM", Duration::from_millis(after));
        assert_eq!(found, Some(143), "{after} ms: {said}");
        assert!(took < HEARD, "heard after {took:?} when sent after {after} ms");
        assert!(!printed.contains("NaN"), "{printed}");
    }
}
