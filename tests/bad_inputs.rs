//! Files that are wrong, and what the tool says to them.
//!
//! Each file of `tests/bad` is named after its mistake, and its snapshot shows the file above what is printed, so that the wording can be
//! read and judged without running anything. In the names, `_` marks a part that other files use, `warn-` a file that is unusual but not
//! wrong, `ok-` one that looks wrong and is not.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use harness::{Run, complaint, run, shown_input, shown_output};

#[allow(dead_code, reason = "shared with tests of hostile files")]
mod harness;

/// An input and what is said to it.
fn answered(input: &str, code: Option<i32>, said: &str) -> String {
    format!("{}\n=== exit code {}\n{said}", input.trim_end(), code.unwrap_or(-1))
}

/// The findings that are in this file: what is true of the library that all of them use is no news.
fn findings_in(run: &Run, file: &str) -> String {
    let all: Vec<&str> = run.findings().split("\n\n").collect();
    all.into_iter().filter(|finding| finding.contains(&format!("({file}:"))).collect::<Vec<_>>().join("\n\n")
}

fn snapshot(name: &str, body: &str) -> Result<(), String> {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    let same = || settings.bind(|| insta::assert_snapshot!(name, body));
    catch_unwind(AssertUnwindSafe(same)).map_err(|_| format!("{name}: the snapshot differs"))
}

/// Goes on after a failure, so that one run shows all of them.
#[derive(Default)]
struct Failures(Vec<String>);

impl Failures {
    /// A snapshot of a run.
    fn look_at(&mut self, name: &str, input: &str, run: &Run, code: i32, names: &str) {
        match complaint(run, code, names) {
            Some(complaint) => self.0.push(format!("{name}: {complaint}")),
            None => {
                let said = if run.said.is_empty() { findings_in(run, names) } else { run.said.clone() };
                self.0.extend(snapshot(name, &answered(input, run.code, &shown_output(&said))).err());
            }
        }
    }

    /// Many runs on one page.
    fn look_at_page(&mut self, page: &str, runs: impl IntoIterator<Item = (String, Run, String)>) {
        let mut body = String::new();
        for (input, run, names) in runs {
            self.0.extend(complaint(&run, 1, &names).map(|complaint| format!("{input}: {complaint}")));
            body.push_str(&answered(&input, run.code, &shown_output(&run.said)));
            body.push_str("\n\n");
        }
        self.0.extend(snapshot(page, body.trim_end()).err());
    }

    fn report(&self) {
        assert!(self.0.is_empty(), "{} failures:\n{}", self.0.len(), self.0.join("\n"));
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// An empty folder of a test's own.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad_inputs").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_files_that_the_bad_ones_are_made_from_are_fine() {
    for file in ["_ok.yaml", "_lib.yaml"] {
        let run = run(&folder(), &["check", file]);
        assert_eq!((run.code, run.said.as_str()), (Some(0), ""), "{file}");
    }
}

#[test]
fn every_bad_file_is_refused_in_words() {
    let mut names: Vec<String> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".yaml") && !name.starts_with('_'));
    names.sort_unstable();
    assert!(names.len() >= 75);
    let mut failures = Failures::default();
    for name in &names {
        let run = run(&folder(), &["check", name]);
        let stem = name.trim_end_matches(".yaml");
        if stem.starts_with("ok-") {
            failures.0.extend(complaint(&run, 0, name).map(|complaint| format!("{name}: {complaint}")));
            assert_eq!(run.said, "", "{name} is fine");
            continue;
        }
        // A mistake in what a file names is shown there.
        let place = match stem {
            "extends-a-broken-file" => "unclosed-bracket.yaml",
            "technology-with-mistakes" => "_lib-with-mistakes.yaml",
            "extends-an-architecture" => "_ok.yaml",
            "device-broken-used" => "_lib-broken-device.yaml",
            "extends-in-a-circle" => "_circle.yaml",
            _ => name,
        };
        let input = format!("# {name}\n{}", shown_input(&folder().join(name)));
        failures.look_at(stem, &input, &run, i32::from(!name.starts_with("warn-")), place);
    }
    failures.report();
}

#[test]
fn every_mistake_of_a_file_is_shown_in_one_run() {
    for (file, wanted) in [
        (
            "ten-mistakes.yaml",
            ["lable", "-64", "conv", "two layers", "hiden", "signed", "`rows`", "none", "test-amplifer", "130%"],
        ),
        (
            "ten-mistakes-library.yaml",
            [
                "node: 14",
                "mram",
                "kV",
                "needs `bits`",
                "power needs",
                "`area`",
                "assumed",
                "40 bits",
                "tau",
                "no source",
            ],
        ),
    ] {
        let run = run(&folder(), &["check", file]);
        for word in wanted {
            assert!(run.said.contains(word), "{file}: {word} is not in\n{}", run.said);
        }
    }
}

#[test]
fn a_file_of_another_kind_is_refused_in_words() {
    let cases = [
        ["report", "_lib.yaml"],
        ["report", "case-with-mistakes.yaml"],
        ["library", "_ok.yaml"],
        ["library", "case-with-mistakes.yaml"],
        ["validate", "_ok.yaml"],
        ["validate", "_lib.yaml"],
    ];
    let look = |arguments: [&str; 2]| {
        (format!("imcost {}", arguments.join(" ")), run(&folder(), &arguments), arguments[1].to_owned())
    };
    let mut failures = Failures::default();
    failures.look_at_page("files-of-another-kind", cases.map(look));
    failures.report();
}

#[test]
fn every_wrong_setting_is_refused_in_words() {
    let cases: &[&[&str]] = &[
        &["tiles.rows=64"],
        &["whatever=64"],
        &["tile.colour=red"],
        &["test-neuron.colour=red"],
        &["test-neurn.power=1 uW"],
        &["components.test-neurn.power=1 uW"],
        &["network.layers.hiden.dense=3"],
        &["stages.column.test-adc.share=8"],
        &["tile.rows"],
        &["tile.rows="],
        &["=64"],
        &[""],
        &["tile..rows=64"],
        &["test-neuron.power=1 mV"],
        &["test-neuron.power=1"],
        &["test-neuron.power=-1 uW"],
        &["test-neuron.power== 2 mW * fctor"],
        &["tile.rows.lines=3"],
        &["name.first=x"],
        &["test-neuron=3"],
        &["tile.rows=many"],
        &["tile.rows=0"],
        &["tile.rows=128"],
        &["test-crossbar.power=1 mW"],
        &["stages.column.test-amplifier.share=64"],
        &["tile={ rows: 3"],
        &["technology=nowhere.yaml"],
        &["tile.rows=0", "tile.colour=red"],
        &["tile.rows=0", "tile.rows=many"],
    ];
    let look = |settings: &&[&str]| {
        let arguments =
            [&["check", "_ok.yaml"][..], &settings.iter().flat_map(|s| ["--set", s]).collect::<Vec<_>>()].concat();
        let quoted: Vec<String> = settings.iter().map(|setting| format!(" --set '{setting}'")).collect();
        (format!("imcost check _ok.yaml{}", quoted.concat()), run(&folder(), &arguments), "--set".to_owned())
    };
    let mut failures = Failures::default();
    failures.look_at_page("settings", cases.iter().map(look));
    failures.report();
}

#[test]
fn what_is_not_a_file_of_ours_is_refused_before_it_costs_anything() {
    let folder = scratch("not-ours");
    fs::create_dir(folder.join("a-folder.yaml")).unwrap();
    fs::write(folder.join("design.yaml"), "name: x\n").unwrap();
    fs::write(
        folder.join("of-50-megabytes.yaml"),
        "# fifty characters of comment on each of the lines\n".repeat(1_000_000),
    )
    .unwrap();
    let files = ["of-50-megabytes.yaml", "a-folder.yaml", "nothing-like-it.yaml", "desing.yaml"];
    let look = |file: &str| (format!("imcost check {file}"), run(&folder, &["check", file]), file.to_owned());
    let mut failures = Failures::default();
    failures.look_at_page("files-that-are-not-ours", files.map(look));
    fs::remove_dir_all(&folder).unwrap();
    failures.report();
}

/// The limit is 4 MiB; these are just below it.
#[test]
fn a_file_of_a_hundred_thousand_entries_is_answered_in_time() {
    let folder = scratch("many");
    let entries = |head: &str, entry: &dyn Fn(usize) -> String| {
        let mut text = head.to_owned();
        for number in 0.. {
            let next = entry(number);
            if text.len() + next.len() > (4 << 20) {
                return text;
            }
            text.push_str(&next);
        }
        unreachable!()
    };
    let design = fs::read_to_string(self::folder().join("_ok.yaml")).unwrap();
    let (network, rest) =
        design.split_once("    - { name: hidden, dense: 16 }\n    - { name: output, dense: 10 }\n").unwrap();
    let large = |layers: &str| {
        let network = network.replace("64", "10000000");
        format!("{network}{layers}{}", rest.replace("rows: 32, columns: 32", "rows: 1, columns: 1"))
    };
    let component = |n: usize| {
        format!(
            "  c{n}: {{ kind: adder, energy: 1 fJ, latency: 1 ns, area: 1 um^2, source: test data, basis: modelled }}\n"
        )
    };
    let files = [
        (
            "many-unknown-keys",
            entries("network:\n", &|n| format!("key-{n}-of-twenty-thousand-{}: 1\n", "x".repeat(170))),
        ),
        ("many-equal-keys", entries("network:\n", &|_| "the-same-key-once-more-and-again: 1\n".to_owned())),
        ("many-layers", entries("network:\n  layers:\n", &|_| "  - { dense: 16, name: the-same }\n".to_owned())),
        ("many-large-layers", large(&"    - { dense: 10000000 }\n".repeat(1000))),
        (
            "many-feeds",
            large(&format!(
                "    - {{ name: a, dense: 10000000 }}\n    - {{ dense: 1, from: [{}a] }}\n",
                "a, ".repeat(60_000)
            )),
        ),
        ("many-components", entries("components:\n", &component)),
        ("many-parameters", entries("parameters:\n", &|n| format!("  p{n}: = p{} + 1 uW\n", n + 1))),
        ("many-brackets", "[".repeat(4 << 20)),
        ("many-items", format!("name: [{}]\n", "1,".repeat((4 << 19) - 16))),
        ("many-blank-lines", format!("{}network: 3\n", "\n".repeat(4_000_000))),
        ("many-long-equal-keys", entries("network:\n", &|_| format!("the-same-key-{}: 1\n", "x".repeat(400)))),
        ("very-long-name", design.replace("test-neuron", &"n".repeat(3_000_000))),
    ];
    fs::copy(self::folder().join("_lib.yaml"), folder.join("_lib.yaml")).unwrap();
    let look = |(name, text): &(&str, String)| {
        let file = format!("{name}.yaml");
        fs::write(folder.join(&file), text).unwrap();
        let shown =
            format!("# {file}\n({} bytes that begin with)\n{}", text.len(), text.chars().take(120).collect::<String>());
        (shown, run(&folder, &["check", &file]), file)
    };
    let mut failures = Failures::default();
    failures.look_at_page("files-of-very-many-entries", files.iter().map(look));
    fs::remove_dir_all(&folder).unwrap();
    failures.report();
}

/// Layers and names by the thousand: the work grows with the file and not with its square.
#[test]
fn a_network_of_many_layers_is_answered_in_time() {
    let folder = scratch("many-layers");
    fs::copy(self::folder().join("_lib.yaml"), folder.join("_lib.yaml")).unwrap();
    let design = fs::read_to_string(self::folder().join("_ok.yaml")).unwrap();
    let layers = |count: usize, layer: &dyn Fn(usize) -> String| {
        let list: Vec<String> = (0..count).map(layer).collect();
        design
            .replace("    - { name: hidden, dense: 16 }\n", "")
            .replace("    - { name: output, dense: 10 }\n", &format!("    [{}]\n", list.join(",\n     ")))
    };
    let wide: Vec<String> = (0..1000).map(|n| format!("l{n}")).collect();
    let wide_join = layers(1001, &|n| match wide.get(n) {
        Some(name) => format!("{{ name: {name}, dense: 10000000, from: input }}"),
        None => format!("{{ dense: 1, from: [{}] }}", wide.join(", ")),
    });
    let files = [
        ("one-after-another", layers(20_000, &|_| "{ dense: 9 }".to_owned()), 0, "architecture is fine"),
        (
            "backwards",
            layers(6_000, &|n| {
                let from = if n == 5_999 { "input".to_owned() } else { format!("l{}", n + 1) };
                format!("{{ name: l{n}, dense: 9, from: {from} }}")
            }),
            0,
            "architecture is fine",
        ),
        (
            "ring",
            layers(20_000, &|n| format!("{{ name: l{n}, dense: 9, from: l{} }}", (n + 1) % 20_000)),
            1,
            "the circle has 20000 layers",
        ),
        (
            "unknown-feeds",
            layers(20_000, &|n| format!("{{ dense: 9, from: no-such-layer-{n} }}")),
            1,
            "unknown layer `no-such-layer-0`",
        ),
        (
            "unknown-components",
            layers(20_000, &|n| format!("{{ dense: 9, stages: {{ column: [no-such-{n}] }} }}")),
            1,
            "unknown component `no-such-0`",
        ),
        (
            "wide-join",
            wide_join.replace("rows: 32, columns: 32", "rows: 1, columns: 1"),
            1,
            "give 10000000000 lines together",
        ),
    ];
    let mut slow = Vec::new();
    for (name, text, code, wanted) in &files {
        let file = format!("{name}.yaml");
        fs::write(folder.join(&file), text).unwrap();
        let run = run(&folder, &["check", &file]);
        slow.extend(complaint(&run, *code, wanted).map(|complaint| format!("{name}: {complaint}")));
    }
    fs::remove_dir_all(&folder).unwrap();
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = scratch("unreadable");
    let path = folder.join("locked.yaml");
    fs::write(&path, "name: x\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read every file: there is nothing to see then.
    if fs::read(&path).is_ok() {
        let _ = writeln!(std::io::stderr(), "skipped: root may read every file");
        return;
    }
    let run = run(&folder, &["check", "locked.yaml"]);
    assert_eq!(complaint(&run, 1, "locked.yaml"), None);
    assert!(run.said.contains("permission denied"), "{}", run.said);
}

#[cfg(unix)]
#[test]
fn a_file_that_never_ends_is_not_read() {
    let run = run(&folder(), &["check", "/dev/zero"]);
    assert_eq!(complaint(&run, 1, "`/dev/zero` is not a file"), None);
}
