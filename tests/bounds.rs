//! What is asked for beyond every bound, or cannot be, is refused at once and at its place.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

#[allow(dead_code, reason = "shared with tests of bad input, which look at more")]
mod harness;

use harness::{fresh, run, says};
use imcost::session::Session;

const DIGITS: &str = "builtin:arch/digits-64-32-10-analog.yaml";

/// Writes a study of the shipped digits.
fn study(folder: &Path, name: &str, more: &str) {
    let text = format!("name: s\narchitecture: {DIGITS}\n{more}");
    std::fs::write(folder.join(name), text).unwrap();
}

#[test]
fn points_of_a_study_are_counted_before_they_are_made() {
    let folder = fresh("bounds-study-points");
    let axes = |count: usize, values: &str| {
        let lines: Vec<String> = (0..count).map(|n| format!("  imperfections.p{n}: {values}\n")).collect();
        format!("vary:\n{}", lines.concat())
    };
    study(&folder, "long.yaml", &format!("combine: one-by-one\n{}", axes(1000, "0%..10%:1000")));
    study(&folder, "wide.yaml", &format!("combine: one-by-one\n{}", axes(4000, "[1, 2]")));
    study(&folder, "all.yaml", &axes(64, "[1, 2]"));
    study(&folder, "values.yaml", &axes(1001, "0%..10%:1000"));
    let cases: [(&str, &[&str]); 4] = [
        ("long.yaml", &["long.yaml:4:1", "more than 100000 points"]),
        ("wide.yaml", &["4001 points with 4000 values each", "at most 1000000 values"]),
        ("all.yaml", &["more than 100000 points"]),
        ("values.yaml", &["values.yaml:1004:", "more than 1000000 values"]),
    ];
    for (name, words) in cases {
        says(&folder, &["study", name], 1, words);
        says(&folder, &["check", name], 1, words);
    }
}

/// A study whose draws would take a minute or more.
const LONG: &str = "draws: 100000\n";

#[test]
fn mistakes_in_a_study_are_told_before_its_first_draw() {
    let folder = fresh("bounds-study-late");
    let last = "vary:\n  imperfections.stuck: [1%, 2%, x, 3%, -1]\n";
    study(&folder, "last.yaml", &format!("{LONG}{last}"));
    study(&folder, "twice.yaml", &format!("{LONG}{LONG}vary:\n  imperfections.stuck: [1%, 2%, 3%]\n"));
    study(
        &folder,
        "setting.yaml",
        &format!("{LONG}set: {{nosuch.thing: 1}}\nvary:\n  imperfections.stuck: [1%, 2%]\n"),
    );
    study(&folder, "rows.yaml", &format!("{LONG}set: {{imperfections.stuck: 1%}}\nvary:\n  tile.rows: [32, 0]\n"));
    study(&folder, "data.yaml", &format!("{LONG}data: nope.npz\nvary:\n  imperfections.stuck: [1%]\n"));
    study(&folder, "weights.yaml", &format!("{LONG}weights: nope.safetensors\nvary:\n  imperfections.stuck: [1%]\n"));
    let text = format!("name: s\narchitecture: nope.yaml\n{LONG}vary:\n  imperfections.stuck: [1%]\n");
    std::fs::write(folder.join("design.yaml"), text).unwrap();
    let cases: [(&str, &[&str]); 7] = [
        (
            "last.yaml",
            &[
                "last.yaml:5:33",
                "at the point imperfections.stuck = x",
                "at the point imperfections.stuck = -1",
                "2 errors",
            ],
        ),
        ("twice.yaml", &["twice.yaml:4:1", "given twice"]),
        ("setting.yaml", &["nosuch", "setting.yaml:4:7"]),
        ("rows.yaml", &["at the point tile.rows = 0", "rows.yaml:6:19"]),
        ("data.yaml", &["nope.npz", "data.yaml:4:7"]),
        ("weights.yaml", &["nope.safetensors", "weights.yaml:4:10"]),
        ("design.yaml", &["nope.yaml", "design.yaml:2:15"]),
    ];
    for (name, words) in cases {
        says(&folder, &["study", name], 1, words);
        says(&folder, &["check", name], 1, words);
    }
}

#[test]
fn mistakes_in_a_design_are_told_before_the_first_draw() {
    let folder = fresh("bounds-late");
    let many = ["accuracy", DIGITS, "--draws", "100000", "--set", "imperfections.stuck=1%"];
    says(&folder, &[&many[..], &["--set", "nosuch.thing=1"]].concat(), 1, &["`--set` names `nosuch`"]);
    let design =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("arch/digits-64-32-10-analog.yaml"))
            .unwrap();
    let design = design.replace("../techlib", "builtin:techlib") + "\ngating: per-stage\n";
    std::fs::write(folder.join("twice.yaml"), design).unwrap();
    says(&folder, &[&["accuracy", "twice.yaml"], &many[2..]].concat(), 1, &["the key `gating` is given twice"]);
}

#[test]
fn curves_of_neurons_are_bounded_and_figures_do_not_follow_the_points_that_are_printed() {
    let folder = fresh("bounds-neuron");
    for points in ["18446744073709551615", "100000000", "10001", "1", "0", "-5"] {
        says(&folder, &["neuron", &format!("--points={points}")], 2, &["--points <N>"]);
    }
    let figures = |points: &str| {
        let run = says(&folder, &["neuron", "--format", "json", "--points", points], 0, &["power_total_mean_w"]);
        let figures = run.printed.lines().filter(|line| line.contains("mean_w") || line.contains("max_slope"));
        (figures.map(str::to_owned).collect::<Vec<_>>(), run.printed.matches("v_gate_v").count())
    };
    let default = figures("161");
    assert_eq!((default.0.len(), default.1), (2, 161));
    assert_eq!(figures("2"), (default.0.clone(), 2));
    assert_eq!(figures("10000"), (default.0, 10_000));
    let cases: [(&[&str], &str); 4] = [
        (&["--set", "mtj_length=-50nm", "--set", "mtj_width=-30nm"], "mtj_length of -50nm is out of range"),
        (&["--set", "ra=0 ohm um^2"], "ra of 0 ohm um^2 is out of range"),
        (&["--vary", "tmr=1e308..-1e308"], "too far apart"),
        (&["--vary", "tmr=100..300"], "is `tmr=100%` meant?"),
    ];
    for (arguments, words) in cases {
        says(&folder, &[&["neuron"], arguments].concat(), 2, &[words]);
    }
}

#[test]
fn threads_are_bounded() {
    says(&fresh("bounds-threads"), &["accuracy", DIGITS, "--threads", "65535"], 2, &["65535 is not in 1..=256"]);
}

#[test]
fn crossbars_with_impossible_voltages_or_resistances_are_refused_at_their_places() {
    let folder = fresh("bounds-crossbar-values");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("r.csv", "1,2\n3,4\n");
    write("far.csv", "1,2\n3,1e-320\n");
    write("v.csv", "1\n1\n");
    write("high.csv", "1\n1e160\n");
    write("named.csv", "row,v_applied_V\n0,1\n1,-2e6\n");
    write("twice.csv", "v_applied_V,v_applied_V\n0,1\n1,2\n");
    let cases: [(&str, &str, &str, i32, &[&str]); 7] = [
        ("r.csv", "high.csv", "0ohm", 1, &["1e160 V is no voltage of a row", "high.csv:2:1"]),
        ("r.csv", "high.csv", "1ohm", 1, &["1e160 V is no voltage of a row"]),
        ("r.csv", "named.csv", "1ohm", 1, &["-2e6 V is no voltage", "named.csv:3:3"]),
        ("r.csv", "twice.csv", "1ohm", 1, &["two columns are named `v_applied_V`", "twice.csv:1:13"]),
        ("far.csv", "v.csv", "1ohm", 1, &["is no cell", "far.csv:2:3"]),
        ("r.csv", "v.csv", "1e-300ohm", 2, &["expected 0 ohm, or 1 nohm to 1 Tohm"]),
        ("r.csv", "v.csv", "-1ohm", 2, &["not negative"]),
    ];
    for (cells, voltages, wire, code, words) in cases {
        let wires = [format!("--row-segment={wire}"), format!("--column-segment={wire}")];
        let arguments = ["crossbar", "--resistances", cells, "--voltages", voltages, &wires[0], &wires[1]];
        says(&folder, &arguments, code, words);
    }
    // At the ends of what is allowed the answer is a number.
    write("r.csv", "1e-9,1e12\n1e12,1e-9\n");
    write("v.csv", "1e6\n-1e6\n");
    for wire in ["0ohm", "1nohm", "1Tohm"] {
        let wires = [format!("--row-segment={wire}"), format!("--column-segment={wire}")];
        let arguments =
            ["crossbar", "--resistances", "r.csv", "--voltages", "v.csv", &wires[0], &wires[1], "--format=json"];
        let run = run(&folder, &arguments);
        assert!(
            run.code == Some(0)
                || run.said.contains("did not converge")
                || run.said.contains("so much more resistance"),
            "{wire}: {}",
            run.said
        );
        if run.code == Some(0) {
            let answer: serde_json::Value = serde_json::from_str(&run.printed).expect("whole JSON");
            let currents = answer["column_currents_a"].as_array().unwrap();
            assert!(answer["power_w"].is_f64() && currents.iter().all(serde_json::Value::is_f64), "{wire}: {answer}");
        }
    }
}

#[test]
fn libraries_that_extend_each_other_without_end_are_refused_at_a_stated_depth() {
    let folder = fresh("bounds-extends");
    for n in 0..2000 {
        let next = if n < 1999 { format!("extends: l{}.yaml\n", n + 1) } else { String::new() };
        std::fs::write(folder.join(format!("l{n}.yaml")), format!("name: l{n}\n{next}components: {{}}\n")).unwrap();
    }
    says(&folder, &["check", "l0.yaml"], 1, &["more than 64 deep", "l63.yaml:2:10"]);
    // 64 files behind each other are read.
    says(&folder, &["check", "l1936.yaml"], 0, &["library"]);
    says(&folder, &["check", "l1935.yaml"], 1, &["more than 64 deep"]);
    let all: Vec<String> = (0..1500).map(|n| format!("w{n}.yaml")).collect();
    for name in &all {
        std::fs::write(folder.join(name), "name: w\ncomponents: {}\n").unwrap();
    }
    std::fs::write(folder.join("wide.yaml"), format!("name: w\nextends: [{}]\ncomponents: {{}}\n", all.join(", ")))
        .unwrap();
    says(&folder, &["check", "wide.yaml"], 1, &["extends more than 1000 others"]);
}

#[test]
fn a_folder_above_a_link_is_the_one_that_the_system_means() {
    let folder = fresh("bounds-links");
    std::fs::create_dir_all(folder.join("real/deep")).unwrap();
    std::os::unix::fs::symlink("real/deep", folder.join("link")).unwrap();
    std::fs::write(folder.join("real/deep/a.yaml"), "name: a\nextends: ../b.yaml\ncomponents: {}\n").unwrap();
    std::fs::write(folder.join("real/b.yaml"), "name: b\ncomponents: {}\n").unwrap();
    // Cut by its text, the path would lead here.
    std::fs::write(folder.join("b.yaml"), "name: b\nwrong\n").unwrap();
    says(&folder, &["check", "link/a.yaml"], 0, &["library"]);
    std::fs::write(folder.join("real/deep/c.yaml"), "name: c\nextends: ../deep/c.yaml\ncomponents: {}\n").unwrap();
    says(&folder, &["check", "link/c.yaml"], 1, &["c.yaml"]);
}

#[test]
fn names_do_not_steer_the_terminal_or_break_a_table() {
    let folder = fresh("bounds-names");
    let escape = r#""\e[31mred\a\nline | two""#;
    let design =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("arch/digits-64-32-10-analog.yaml"))
            .unwrap();
    let design =
        design.replace("../techlib", "builtin:techlib").replace("name: Digits 64-32-10", &format!("name: {escape}"));
    std::fs::write(folder.join("d.yaml"), design.replace("name: hidden", &format!("name: {escape}"))).unwrap();
    let steers = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
    for arguments in [
        &["report", "d.yaml"][..],
        &["report", "d.yaml", "--format=markdown"],
        &["accuracy", "d.yaml", "--images=9"],
        &["compare", "d.yaml", "d.yaml"],
    ] {
        let run = says(&folder, arguments, 0, &[]);
        assert!(run.printed.contains("␛[31mred␇ line"), "{}", run.printed);
        assert!(!steers(&run.printed) && !steers(&run.said), "{}{}", run.printed, run.said);
    }
    std::fs::write(
        folder.join("wrong.yaml"),
        design.replace("gating: always-on", "\"\\e[31mgating\": x\n\"ok\\aok\": \"\\e[2J\""),
    )
    .unwrap();
    let run = says(&folder, &["check", "wrong.yaml"], 1, &["unknown field"]);
    assert!(!steers(&run.said), "{}", run.said);
    let run = says(&folder, &["report", "no\u{1b}[31m-such.yaml"], 1, &["does not exist", "no␛[31m-such.yaml"]);
    assert!(!steers(&run.said), "{}", run.said);
    let run = says(&folder, &["neuron", "--set", "\u{1b}[31m=1"], 2, &["a neuron has no parameter"]);
    assert!(!steers(&run.said), "{}", run.said);
}

#[test]
fn new_says_what_stands_in_its_way_and_leaves_no_part_of_a_file() {
    let folder = fresh("bounds-new");
    std::fs::create_dir_all(folder.join("d/arch/mlp-784-16-10-mixed.yaml")).unwrap();
    std::fs::write(folder.join("d/arch/mlp-784-16-10-analog.yaml"), "mine").unwrap();
    let run = says(&folder, &["new", "d"], 1, &["`d/arch/mlp-784-16-10-mixed.yaml` is there, but is no file"]);
    assert!(run.printed.contains("kept    d/arch/mlp-784-16-10-analog.yaml"), "{}", run.printed);
    assert_eq!(std::fs::read_to_string(folder.join("d/arch/mlp-784-16-10-analog.yaml")).unwrap(), "mine");
    assert!(folder.join("d/techlib/sot-mram-14nm.yaml").is_file());
    // A file can be no larger than a block: what is larger is not begun.
    let script = "ulimit -f 1; trap '' XFSZ; exec \"$0\" new full";
    let limited =
        Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_imcost")]).current_dir(&folder).output().unwrap();
    assert_eq!(limited.status.code(), Some(1), "{limited:?}");
    assert!(String::from_utf8_lossy(&limited.stderr).contains("cannot be written"), "{limited:?}");
    let mut left = vec![folder.join("full")];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let length = path.metadata().unwrap().len();
            assert!(length > 0 && !path.to_string_lossy().ends_with(".part"), "{} of {length} bytes", path.display());
        }
    }
    assert_eq!(says(&folder, &["new", "full"], 0, &[]).code, Some(0));
}

#[test]
fn wires_beyond_the_formulas_are_refused_at_their_place() {
    let folder = fresh("bounds-wires");
    let report = ["report", "builtin:arch/mlp-784-16-10-analog.yaml", "--format=json"];
    let shared = ["report", "builtin:arch/mlp-784-16-10-shared-4b.yaml", "--format=json"];
    let with = |set: &'static str| [&report[..], &["--set", set]].concat();
    says(&folder, &with("sot-mram-crossbar.wire.reflectivity=100%"), 1, &["no electron passes", "--set"]);
    for height in ["1um", "10um", "110um", "1nm"] {
        let set = format!("sot-mram-crossbar.wire.dielectric-height={height}");
        says(&folder, &[&shared[..], &["--set", &set]].concat(), 1, &["of `dielectric-height`", "--set"]);
    }
    let latency = |arguments: &[&str]| {
        let run = says(&folder, arguments, 0, &[]);
        let answer: serde_json::Value = serde_json::from_str(&run.printed).expect("whole JSON");
        assert!(!run.printed.contains("null") || !run.printed.contains("\"power_w\": null"), "{}", run.printed);
        answer["totals"]["latency_s"].as_f64().expect("a latency")
    };
    let stated = latency(&report);
    // A worse wire settles later: it was 7 ns, 0.83 ns at a reflectivity of 1, and nothing near it.
    let worse: Vec<f64> = ["0.9", "0.9999", "0.99999999999"]
        .map(|r| latency(&[&report[..], &["--set", &format!("sot-mram-crossbar.wire.reflectivity={r}")]].concat()))
        .into();
    assert!(stated < worse[0] && worse[0] < worse[1] && worse[1] < worse[2], "{stated} {worse:?}");
    assert!(latency(&with("sot-mram-crossbar.wire.mean-free-path=1m")) > stated);
}

/// Parameters that each name the next one; the last is a number.
fn chain(length: usize, upwards: bool) -> String {
    let mut lines: Vec<String> = (0..length).map(|n| format!("  p{n}: = p{}\n", n + 1)).collect();
    lines.push(format!("  p{length}: 1\n"));
    if upwards {
        lines.reverse();
    }
    format!("name: a chain\nparameters:\n{}components: {{}}\n", lines.concat())
}

#[test]
fn a_chain_of_formulas_is_one_error_from_its_65th_link_on_and_takes_no_time() {
    let path = fresh("bounds-chain").join("chain.yaml");
    let said_of = |length: usize, upwards: bool| {
        std::fs::write(&path, chain(length, upwards)).unwrap();
        let mut session = Session::default();
        let _ = session.library(&path);
        session.rendered()
    };
    for upwards in [false, true] {
        assert_eq!(said_of(64, upwards), "", "{upwards}");
        let start = std::time::Instant::now();
        let said = said_of(20_000, upwards);
        let took = start.elapsed().as_secs_f64();
        assert_eq!(said.matches("error:").count(), 1, "{said}");
        assert!(
            said.contains("formulas name each other more than 64 deep here") && said.contains("p19935: = p19936"),
            "{said}"
        );
        assert!(took < 5.0, "{took} s");
    }
}

#[test]
fn many_layers_are_answered_and_more_than_that_are_refused_at_their_place() {
    let folder = fresh("bounds-layers");
    let design = |layers: String| {
        format!(
            "name: many\ntechnology: builtin:techlib/sot-mram-14nm.yaml\nnetwork:\n  input: {{ features: 784, bits: 8 }}\n  layers: {layers}\n\
             weights: {{ bits: 1, encoding: differential, bias: row }}\ntile: {{ crossbar: sot-mram-crossbar, rows: 32, columns: 32 }}\nstages:\n  \
             input: [dac-8b]\n  column: [differential-amplifier, {{ use: sample-hold, per: output }}, adc-8b, digital-sigmoid, register]\n"
        )
    };
    let write = |name: &str, layers: String| std::fs::write(folder.join(name), design(layers)).unwrap();
    write("lines.yaml", "\n    - dense: 9".repeat(10_000));
    write("one-line.yaml", format!("[{}{{ dense: 9 }}]", "{ dense: 9 }, ".repeat(9_999)));
    write("more.yaml", format!("[{}{{dense: 9}}]", "{dense: 9},".repeat(100_000)));
    for name in ["lines.yaml", "one-line.yaml"] {
        let start = std::time::Instant::now();
        let run = run(&folder, &["report", name]);
        // Nine outputs of 784 inputs, then nine of nine.
        assert!(
            run.printed.contains(&format!("multiply-accumulates      {}", 9 * 784 + 9_999 * 81)),
            "{}",
            run.printed
        );
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
    says(&folder, &["report", "more.yaml"], 1, &["the network has 100001 layers", "more.yaml:5:11"]);
    // One fewer is looked at further: the first is fed by the last.
    write("most.yaml", format!("[{{dense: 9, from: layer-100000}}{}]", ",{dense: 9}".repeat(99_999)));
    says(&folder, &["report", "most.yaml"], 1, &["the circle has 100000 layers"]);
}
