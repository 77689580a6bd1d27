//! What each command prints: a snapshot for each case that looks different to a person, and one for each view in every other format.
//!
//! Tables of `compare`, `report`, `accuracy`, `study` and of a ranking are in README.md, whose commands are run by `tests/readme.rs`; what CSV,
//! JSON and Markdown of all views have in common is tested in `tests/results`.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;
use std::process::Command;

const MIXED: &str = "arch/mlp-784-16-10-mixed.yaml";
const ANALOG: &str = "arch/mlp-784-16-10-analog.yaml";
const NETWORK: &str = "tests/data/network/net.yaml";
const INPUTS: &str = "tests/data/network/inputs.csv";
const LIBRARY: &str = "techlib/sot-mram-14nm.yaml";
const DIGITS: &str = "arch/digits-64-32-10-analog.yaml";

/// Exit code, standard output and standard error of the program in the project's folder.
fn imcost(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_imcost"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let code = output.status.code().map_or_else(|| "none".to_owned(), |c| c.to_string());
    let errors = if err.is_empty() { String::new() } else { format!("----- stderr\n{err}") };
    format!("$ imcost {}\nexit code {code}\n----- stdout\n{out}{errors}", args.join(" "))
}

macro_rules! prints {
    ($($name:ident: $args:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(imcost($args));
        })*
    };
}

/// What a command says to several wrong questions, on one page.
macro_rules! refuses {
    ($($name:ident: $($args:expr),+;)*) => {
        $(#[test]
        fn $name() {
            let page = [$(imcost($args)),+];
            assert!(page.iter().all(|said| !said.contains("exit code 0\n")));
            insta::assert_snapshot!(page.join("\n"));
        })*
    };
}

prints! {
    compare_as_json: &["compare", MIXED, ANALOG, "--format", "json", "-q"];
    compare_as_csv: &["compare", MIXED, ANALOG, "--format", "csv", "-q"];
    compare_as_markdown: &["compare", MIXED, ANALOG, "--format", "markdown", "-q"];
    compare_with_settings_and_sources: &["compare", MIXED, ANALOG, "--set", "adc-8b.power=2 mW", "--set", "tile.rows=64", "--sources", "-q"];
    report_as_json: &["report", ANALOG, "--format", "json"];
    report_as_csv: &["report", ANALOG, "--format", "csv"];
    report_as_markdown: &["report", ANALOG, "--format", "markdown", "-q"];
    check_says_what_was_checked: &["check", MIXED, ANALOG, LIBRARY, "cases/imac-sim.yaml", "studies/digits-spread.yaml"];
    graph_in_dot: &["graph", MIXED, "-q"];
    graph_in_mermaid: &["graph", ANALOG, "--format", "mermaid", "-q"];
    crossbar_as_a_table: &["crossbar", "--bits", "tests/data/crossbar/c09_64x32_imac_bits.csv", "--voltages", "tests/data/crossbar/c09_64x32_imac_rows.csv", "--r-low", "5kohm", "--r-high", "15kohm", "--row-segment", "9.241569ohm", "--column-segment", "11.551961ohm", "--partition", "2x1"];
    crossbar_as_json: &["crossbar", "--bits", "tests/data/crossbar/c01_4x4_r1_bits.csv", "--voltages", "tests/data/crossbar/c01_4x4_r1_rows.csv", "--r-low", "8488.263631567752ohm", "--r-high", "25464.790894703256ohm", "--row-segment", "1ohm", "--column-segment", "1ohm", "--format", "json"];
    crossbar_of_resistances_as_csv: &["crossbar", "--resistances", "tests/data/crossbar/c05_16x10_asym_var_R_ohm.csv", "--voltages", "tests/data/crossbar/c05_16x10_asym_var_rows.csv", "--row-segment", "9.24ohm", "--column-segment", "11.55ohm", "--termination", "100ohm", "--format", "csv"];
    neuron_as_a_table: &["neuron", "--fit", "--vary", "tmr=100%..300%:3"];
    neuron_as_json: &["neuron", "--points", "5", "--set", "tmr_v0=0.65V", "--set", "c_load=10fF", "--format", "json"];
    neuron_as_csv_with_a_load: &["neuron", "--points", "5", "--set", "r_load=600ohm", "--format", "csv"];
    adc_as_a_table: &["adc", "--bits", "8", "--rate", "20 GS/s", "--node", "7 nm"];
    adc_as_json: &["adc", "--bits", "3", "--rate", "1 MS/s", "--node", "180 nm", "--format", "json"];
    adc_for_a_design_as_json: &["adc", "--for", "arch/digits-64-32-10-held-mixed.yaml", "--format", "json", "-q"];
    adc_for_a_design_by_its_statistics: &["adc", "--for", MIXED, "--snr", "30", "-q"];
    help_of_adc: &["adc", "--help"];
    neuron_as_svg: &["neuron", "--points", "5", "--format", "svg"];
    simulate_as_a_table: &["simulate", NETWORK, "--weights", "tests/data/network", "--inputs", INPUTS, "-q"];
    simulate_as_json: &["simulate", NETWORK, "--weights", "tests/data/network", "--inputs", INPUTS, "--format", "json", "-q"];
    simulate_as_csv: &["simulate", NETWORK, "--weights", "tests/data/network", "--inputs", INPUTS, "--format", "csv", "-q"];
    accuracy_as_json: &["accuracy", DIGITS, "--ideal-neuron", "--ideal-crossbar", "--draws", "3", "--set", "imperfections.stuck=1%", "--format", "json", "-q"];
    accuracy_as_csv: &["accuracy", DIGITS, "--images", "100", "--draws", "4", "--seed", "5", "--set", "imperfections.neuron_offset=20 mV", "--format", "csv", "-q"];
    accuracy_of_one_draw: &["accuracy", DIGITS, "--ideal-crossbar", "--images", "50", "--draws", "1", "--set", "imperfections.read-noise=3%", "--format", "markdown", "-q"];
    accuracy_with_adcs: &["accuracy", DIGITS, "--ideal-crossbar", "--set", "stages.column=[differential-amplifier, {use: sample-hold, per: output}, {use: adc-6b, range: 30%}, digital-sigmoid, register]", "--set", "network.layers.output.stages.input=[dac-8b]", "-q"];
    study_as_json: &["study", "tests/data/study.yaml", "--draws", "2", "--images", "60", "--format", "json", "-q"];
    study_as_csv: &["study", "tests/data/study.yaml", "--draws", "2", "--images", "60", "--format", "csv", "-q"];
    help_of_accuracy: &["accuracy", "--help"];
    help_of_study: &["study", "--help"];
    library_as_a_table: &["library", LIBRARY];
    library_at_one_node: &["library", LIBRARY, "--compare", "neuron,activation", "--to", "sot-mram-neuron", "--scale-to", "14nm"];
    library_as_csv: &["library", LIBRARY, "--format", "csv"];
    library_shows_a_crossbar: &["library", LIBRARY, "sot-mram-crossbar"];
    library_shows_a_neuron_as_json: &["library", LIBRARY, "sot-mram-neuron", "--format", "json"];
    validate_all_cases: &["validate", "cases/crossbar-nodal.yaml", "cases/imac-sim.yaml", "cases/neuron-simulation.yaml", "cases/paper-architecture.yaml", "cases/paper-neuron.yaml"];
    validate_as_json: &["validate", "cases/paper-neuron.yaml", "--format", "json", "-q"];
    help: &["--help"];
    help_of_compare: &["compare", "--help"];
    help_of_report: &["report", "--help"];
    help_of_check: &["check", "--help"];
    help_of_graph: &["graph", "--help"];
    help_of_library: &["library", "--help"];
    help_of_validate: &["validate", "--help"];
    help_of_neuron: &["neuron", "--help"];
    help_of_crossbar: &["crossbar", "--help"];
    help_of_simulate: &["simulate", "--help"];
    help_of_schema: &["schema", "--help"];
    help_of_new: &["new", "--help"];
    help_of_completions: &["completions", "--help"];
    a_wrong_flag_ends_with_2: &["compare", MIXED, ANALOG, "--fromat", "json"];
}

refuses! {
    crossbar_refuses:
        &["crossbar", "--bits", "tests/data/crossbar/c05_16x10_asym_var_R_ohm.csv", "--voltages", "tests/data/crossbar/c05_16x10_asym_var_bits.csv", "--r-low", "5kohm", "--r-high", "1kohm", "--row-segment", "1ohm", "--column-segment", "1ohm"],
        &["crossbar", "--bits", "tests/data/crossbar/c01_4x4_r1_bits.csv", "--voltages", "tests/data/crossbar/c09_64x32_imac_rows.csv", "--r-low", "5kohm", "--r-high", "15kohm", "--row-segment", "1ohm", "--column-segment", "1ohm"],
        &["crossbar", "--bits", "tests/data/crossbar/c01_4x4_r1_bits.csv", "--voltages", "tests/data/crossbar/c01_4x4_r1_rows.csv", "--r-low", "5kohm", "--r-high", "15kohm", "--row-segment", "1ohm", "--column-segment", "1ohm", "--partition", "5x1"],
        &["crossbar", "--bits", "b.csv", "--voltages", "v.csv", "--r-low", "5", "--r-high", "15kohm", "--row-segment", "1ohm", "--column-segment", "1ohm"];
    adc_refuses:
        &["adc"],
        &["adc", "--bits", "21", "--rate", "100 MV", "--node", "32 mm"],
        &["adc", "--bits", "8.5", "--rate", "0 Hz", "--node", "32"],
        &["adc", "--bits", "8", "--for", MIXED],
        &["adc", "--bits", "8", "--rate", "1 GHz", "--node", "7 nm", "--set", "tile.rows=64"],
        &["adc", "--for", ANALOG],
        &["adc", "--for", MIXED, "--snr", "loud"],
        &["adc", "--for", MIXED, "--set", "tile.row=64"];
    neuron_refuses:
        &["neuron", "--set", "tmrr=200%"],
        &["neuron", "--vary", "tmr=100..300"],
        &["neuron", "--set", "vdd=2V"],
        &["neuron", "--set", "vdd=1V", "--set", "nfin=1", "--set", "r_low=10ohm", "--range", "-9V..9V"],
        &["neuron", "--set", "c_load=-10fF"],
        &["neuron", LIBRARY, "adc-8b"];
    simulate_refuses:
        &["simulate", NETWORK, "--weights", "tests/data/network/W1.csv", "tests/data/network/B2.csv", "--inputs", "tests/data/network/W1.csv"],
        &["simulate", MIXED, "--weights", "tests/data/network", "--inputs", INPUTS],
        &["simulate", NETWORK, "--weights", "tests/data/nowhere", "--inputs", INPUTS];
    accuracy_refuses:
        &["accuracy", ANALOG],
        &["accuracy", DIGITS, "--weights", "tests/data/mnist/b_bin_784x16x10_bin01_s0.safetensors", "--data", "builtin:digits"],
        &["accuracy", "arch/mlp-784-16-10-analog.yaml", "--weights", "tests/data/mnist/a_float_784x16x10_gray01_s0.safetensors", "--data", "builtin:digits"],
        &["accuracy", "arch/mlp-784-16-10-analog.yaml", "--weights", "tests/data/mnist/b_bin_784x16x10_bin01_s0.safetensors", "--data", "builtin:digits"],
        &["accuracy", DIGITS, "--data", "tests/data/network", "--weights", "tests/data/nowhere.safetensors"],
        &["accuracy", DIGITS, "--set", "imperfections.resistance_gausian=10%", "--set", "imperfections.stuck=2", "--set", "imperfections.tmr=-1", "--set", "imperfections.resistance-lognormal=10 mV"],
        &["accuracy", DIGITS, "--set", "network.input.image={}"];
    library_refuses:
        &["library", LIBRARY, "adc-8"],
        &["library", LIBRARY, "--compare", "adcs"],
        &["library", LIBRARY, "--compare", "neuron", "--scale-to", "5nm"],
        &["library", LIBRARY, "--compare", "neuron", "--scale-to", "14nm", "--scaling", "node-square"];
}

#[test]
fn no_command_ends_with_2_and_the_help() {
    let (nothing, help) = (imcost(&[]), imcost(&["--help"]));
    let (code, printed) = nothing.split_once("----- stdout\n----- stderr\n").expect("all of it on standard error");
    let (_, expected) = help.split_once("----- stdout\n").expect("the help");
    assert_eq!((code, printed), ("$ imcost \nexit code 2\n", expected));
}

#[test]
fn shipped_files_need_no_checkout() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-checkout");
    std::fs::create_dir_all(&folder).expect("writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_imcost"));
    let output =
        command.args(["check", "-q", &format!("builtin:{ANALOG}")]).current_dir(folder).output().expect("it starts");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        output.status.success() && printed.starts_with(&format!("builtin:{ANALOG}: architecture is fine")),
        "{printed}"
    );
}

/// Every tile of the report is a box, between what drives its rows and what reads its columns.
#[test]
fn an_expanded_graph_has_every_tile() {
    let settings = ["--set", "tile.rows=256", "-q"];
    let report = imcost(&[&["report", ANALOG, "--full", "--format", "csv"][..], &settings].concat());
    let crossbars =
        report.lines().find(|line| line.starts_with("component,sot-mram-crossbar,")).expect("its crossbars");
    let tiles: usize = crossbars.split(',').nth(2).and_then(|units| units.parse().ok()).expect("a number");
    let graph = imcost(&[&["graph", ANALOG, "--expand"][..], &settings].concat());
    // 785 rows in tiles of up to 256, and one tile of the second layer.
    assert_eq!((tiles, graph.matches("[label=\"sot-mram-crossbar [").count()), (5, 5), "{graph}");
    let ends = |mark: &str| graph.lines().filter(|line| line.trim_start().starts_with(mark)).count();
    assert_eq!((ends("n1 -> n2_"), ends("n2_")), (4, 8), "{graph}");
    let rows: usize = graph.lines().filter(|line| line.contains("n1 -> n2_")).map(rows_of).sum();
    assert_eq!(rows, 785, "784 inputs and a bias");
}

/// `197`, of `n1 -> n2_0_0 [label="197 x voltage"];`.
fn rows_of(line: &str) -> usize {
    let label = line.split_once("label=\"").and_then(|(_, label)| label.split_once(" x ")).expect("a label");
    label.0.parse().expect("a number")
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = imcost(&["completions", shell]);
        assert!(script.contains("exit code 0") && script.contains("compare") && script.contains("validate"), "{shell}");
    }
}

#[test]
fn new_keeps_what_a_person_has_written() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-keeps");
    let _ = std::fs::remove_dir_all(&folder);
    let path = folder.to_str().expect("a path");
    imcost(&["new", path]);
    let edited = folder.join("arch/mlp-784-16-10-mixed.yaml");
    std::fs::write(&edited, "name: mine\n").expect("writable");
    let again = imcost(&["new", path]);
    assert!(again.contains("exit code 0") && again.contains("kept"), "{again}");
    assert_eq!(std::fs::read_to_string(edited).expect("readable"), "name: mine\n");
}

#[test]
fn a_new_design_compares_without_a_change() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-compares");
    let _ = std::fs::remove_dir_all(&folder);
    imcost(&["new", &folder.display().to_string()]);
    // In their own folder the files have the names of the shipped ones.
    let compared = |folder: &Path| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_imcost")).args(["compare", MIXED, ANALOG]).current_dir(folder).output();
        String::from_utf8(output.expect("the program runs").stdout).expect("UTF-8")
    };
    assert_eq!(compared(&folder), compared(Path::new(env!("CARGO_MANIFEST_DIR"))));
}

#[test]
fn a_reader_that_stops_early_is_no_mistake() {
    let command = format!("{} report {MIXED} --format json | head -1", env!("CARGO_BIN_EXE_imcost"));
    let output = Command::new("sh")
        .args(["-c", &format!("{command}; exit ${{PIPESTATUS:-0}}")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("a shell");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Exit code and length of the standard output of the program whose standard error goes there.
#[cfg(unix)]
fn with_stderr(args: &[&str], stderr: impl Into<std::process::Stdio>) -> (Option<i32>, usize) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imcost"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1");
    let output = command.stdout(std::process::Stdio::piped()).stderr(stderr).spawn().expect("it starts");
    let output = output.wait_with_output().expect("it ends");
    (output.status.code(), output.stdout.len())
}

#[cfg(unix)]
#[test]
fn the_exit_code_does_not_depend_on_who_reads_the_errors() {
    let crossbar = ["crossbar", "--bits", "none.csv", "--voltages", "none.csv", "--r-low", "1ohm", "--r-high", "2ohm"];
    let crossbar = [&crossbar[..], &["--row-segment", "1ohm", "--column-segment", "1ohm"]].concat();
    let cases: [(&[&str], i32); 7] = [
        (&["check", "tests/bad/duplicate-keys.yaml"], 1),
        (&["report", "arch/does-not-exist.yaml"], 1),
        // This one has findings.
        (&["report", ANALOG], 0),
        (&["report", ANALOG, "--format", "json"], 0),
        (&crossbar, 1),
        (&["neuron", "--points", "1"], 2),
        (&["--bad"], 2),
    ];
    for (args, code) in cases {
        let read = with_stderr(args, std::process::Stdio::piped());
        assert_eq!((read.0, read.1 > 0), (Some(code), code == 0), "{args:?}");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        assert_eq!(with_stderr(args, writer), read, "{args:?} without a reader");
        if let Ok(full) = std::fs::File::options().write(true).open("/dev/full") {
            assert_eq!(with_stderr(args, full), read, "{args:?} on a full disk");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    for args in [&["--version"][..], &["--help"], &["report", "--help"], &["report", ANALOG], &["schema", "library"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        let mut command = Command::new(env!("CARGO_BIN_EXE_imcost"));
        let output =
            command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).stdout(full).output().expect("it starts");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("error: No space left"), "{args:?}");
    }
}
