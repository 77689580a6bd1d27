//! What each command prints.
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

prints! {
    compare_as_a_table: &["compare", MIXED, ANALOG];
    compare_as_json: &["compare", MIXED, ANALOG, "--format", "json"];
    compare_as_csv: &["compare", MIXED, ANALOG, "--format", "csv", "-q"];
    compare_as_markdown: &["compare", MIXED, ANALOG, "--format", "markdown", "-q"];
    compare_says_worse_in_words: &["compare", ANALOG, MIXED, "-q"];
    compare_of_a_design_with_itself_is_equal: &["compare", ANALOG, ANALOG, "-q"];
    compare_with_settings_and_sources: &["compare", MIXED, ANALOG, "--set", "adc-8b.power=2 mW", "--set", "tile.rows=64", "--sources", "-q"];
    compare_three_layers: &["compare", "arch/mlp-400-120-84-10-mixed.yaml", "arch/mlp-400-120-84-10-analog.yaml", "-q"];
    report_as_a_table: &["report", MIXED, "-q"];
    report_as_json: &["report", ANALOG, "--format", "json"];
    report_as_csv: &["report", ANALOG, "--format", "csv"];
    report_as_markdown: &["report", ANALOG, "--format", "markdown"];
    report_of_a_pipelined_design: &["report", "arch/mlp-784-16-10-shared-4b.yaml", "--set", "pipelined=true", "-q"];
    report_says_what_it_assumes: &["report", ANALOG, "--set", "network.layers.hidden.statistics={}", "-q"];
    check_says_what_was_checked: &["check", MIXED, ANALOG, LIBRARY, "cases/imac-sim.yaml"];
    graph_in_dot: &["graph", MIXED, "-q"];
    graph_in_mermaid: &["graph", ANALOG, "--format", "mermaid", "-q"];
    graph_with_every_tile: &["graph", ANALOG, "--expand", "--set", "tile.rows=256", "-q"];
    crossbar_as_a_table: &["crossbar", "--bits", "tests/data/crossbar/c09_64x32_imac_bits.csv", "--voltages", "tests/data/crossbar/c09_64x32_imac_rows.csv", "--r-low", "5kohm", "--r-high", "15kohm", "--row-segment", "9.241569ohm", "--column-segment", "11.551961ohm", "--partition", "2x1"];
    crossbar_as_json: &["crossbar", "--bits", "tests/data/crossbar/c01_4x4_r1_bits.csv", "--voltages", "tests/data/crossbar/c01_4x4_r1_rows.csv", "--r-low", "8488.263631567752ohm", "--r-high", "25464.790894703256ohm", "--row-segment", "1ohm", "--column-segment", "1ohm", "--format", "json"];
    crossbar_of_resistances_as_csv: &["crossbar", "--resistances", "tests/data/crossbar/c05_16x10_asym_var_R_ohm.csv", "--voltages", "tests/data/crossbar/c05_16x10_asym_var_rows.csv", "--row-segment", "9.24ohm", "--column-segment", "11.55ohm", "--termination", "100ohm", "--format", "csv"];
    crossbar_of_one_cell_approximately: &["crossbar", "--bits", "tests/data/crossbar/c13_1x1_bits.csv", "--voltages", "tests/data/crossbar/c13_1x1_rows.csv", "--r-low", "8.488kohm", "--r-high", "25.46kohm", "--row-segment", "13.8ohm", "--column-segment", "13.8ohm", "--approximate"];
    crossbar_with_wrong_files: &["crossbar", "--bits", "tests/data/crossbar/c05_16x10_asym_var_R_ohm.csv", "--voltages", "tests/data/crossbar/c05_16x10_asym_var_bits.csv", "--r-low", "5kohm", "--r-high", "1kohm", "--row-segment", "1ohm", "--column-segment", "1ohm"];
    crossbar_with_voltages_of_another: &["crossbar", "--bits", "tests/data/crossbar/c01_4x4_r1_bits.csv", "--voltages", "tests/data/crossbar/c09_64x32_imac_rows.csv", "--r-low", "5kohm", "--r-high", "15kohm", "--row-segment", "1ohm", "--column-segment", "1ohm"];
    crossbar_with_too_many_partitions: &["crossbar", "--bits", "tests/data/crossbar/c01_4x4_r1_bits.csv", "--voltages", "tests/data/crossbar/c01_4x4_r1_rows.csv", "--r-low", "5kohm", "--r-high", "15kohm", "--row-segment", "1ohm", "--column-segment", "1ohm", "--partition", "5x1"];
    crossbar_needs_units: &["crossbar", "--bits", "b.csv", "--voltages", "v.csv", "--r-low", "5", "--r-high", "15kohm", "--row-segment", "1ohm", "--column-segment", "1ohm"];
    neuron_as_a_table: &["neuron", "--fit", "--vary", "tmr=100%..300%:3"];
    neuron_as_json: &["neuron", "--points", "5", "--set", "tmr_v0=0.65V", "--set", "c_load=10fF", "--format", "json"];
    neuron_as_csv_with_a_load: &["neuron", "--points", "5", "--set", "r_load=600ohm", "--format", "csv"];
    neuron_of_another_node: &["neuron", "--set", "node=7nm", "--set", "vdd=0.7V"];
    neuron_as_svg: &["neuron", "--points", "5", "--format", "svg"];
    neuron_knows_its_parameters: &["neuron", "--set", "tmrr=200%"];
    neuron_asks_for_the_unit_of_a_tmr: &["neuron", "--vary", "tmr=100..300"];
    neuron_refuses_what_is_impossible: &["neuron", "--set", "vdd=2V"];
    neuron_refuses_to_extrapolate: &["neuron", "--set", "vdd=1V", "--set", "nfin=1", "--set", "r_low=10ohm", "--range", "-9V..9V"];
    neuron_refuses_a_negative_load: &["neuron", "--set", "c_load=-10fF"];
    neuron_needs_a_circuit: &["neuron", LIBRARY, "adc-8b"];
    simulate_as_a_table: &["simulate", NETWORK, "--weights", "tests/data/network", "--inputs", INPUTS, "-q"];
    simulate_as_json: &["simulate", NETWORK, "--weights", "tests/data/network", "--inputs", INPUTS, "--format", "json", "-q"];
    simulate_as_csv: &["simulate", NETWORK, "--weights", "tests/data/network", "--inputs", INPUTS, "--format", "csv", "-q"];
    simulate_with_buffered_neurons: &["simulate", NETWORK, "--weights", "tests/data/network", "--inputs", INPUTS, "--set", "stages.column=[differential-amplifier, sot-mram-neuron, row-buffer]", "-q"];
    simulate_needs_weights_that_fit: &["simulate", NETWORK, "--weights", "tests/data/network/W1.csv", "tests/data/network/B2.csv", "--inputs", "tests/data/network/W1.csv"];
    simulate_needs_a_fully_analog_design: &["simulate", MIXED, "--weights", "tests/data/network", "--inputs", INPUTS];
    simulate_finds_no_weights: &["simulate", NETWORK, "--weights", "tests/data/nowhere", "--inputs", INPUTS];
    accuracy_as_a_table: &["accuracy", DIGITS, "--set", "imperfections.resistance_gaussian=10%", "-q"];
    accuracy_as_json: &["accuracy", DIGITS, "--ideal-neuron", "--ideal-crossbar", "--draws", "3", "--set", "imperfections.stuck=1%", "--format", "json"];
    accuracy_as_csv: &["accuracy", DIGITS, "--images", "100", "--draws", "4", "--seed", "5", "--set", "imperfections.neuron_offset=20 mV", "--format", "csv", "-q"];
    accuracy_of_one_draw: &["accuracy", DIGITS, "--ideal-crossbar", "--images", "50", "--draws", "1", "--set", "imperfections.read-noise=3%", "--format", "markdown", "-q"];
    accuracy_with_adcs: &["accuracy", DIGITS, "--ideal-crossbar", "--set", "stages.column=[differential-amplifier, {use: sample-hold, per: output}, {use: adc-6b, range: 30%}, digital-sigmoid, register]", "--set", "network.layers.output.stages.input=[dac-8b]"];
    accuracy_of_a_wide_gaussian_warns: &["accuracy", DIGITS, "--ideal-crossbar", "--draws", "2", "--set", "imperfections.resistance_gaussian=30%", "--format", "csv"];
    accuracy_needs_trained_weights: &["accuracy", ANALOG];
    accuracy_needs_weights_that_fit: &["accuracy", DIGITS, "--weights", "tests/data/mnist/b_bin_784x16x10_bin01_s0.safetensors", "--data", "builtin:digits"];
    accuracy_needs_weights_that_cells_hold: &["accuracy", "arch/mlp-784-16-10-analog.yaml", "--weights", "tests/data/mnist/a_float_784x16x10_gray01_s0.safetensors", "--data", "builtin:digits"];
    accuracy_needs_pictures_that_fit: &["accuracy", "arch/mlp-784-16-10-analog.yaml", "--weights", "tests/data/mnist/b_bin_784x16x10_bin01_s0.safetensors", "--data", "builtin:digits"];
    accuracy_finds_no_data: &["accuracy", DIGITS, "--data", "tests/data/network", "--weights", "tests/data/nowhere.safetensors"];
    accuracy_knows_its_imperfections: &["accuracy", DIGITS, "--set", "imperfections.resistance_gausian=10%", "--set", "imperfections.stuck=2", "--set", "imperfections.tmr=-1", "--set", "imperfections.resistance-lognormal=10 mV"];
    accuracy_needs_to_know_what_a_pixel_means: &["accuracy", DIGITS, "--set", "network.input.image={}"];
    study_as_a_table: &["study", "tests/data/study.yaml", "-q"];
    study_as_json: &["study", "tests/data/study.yaml", "--draws", "2", "--images", "60", "--format", "json", "-q"];
    study_as_csv: &["study", "tests/data/study.yaml", "--draws", "2", "--images", "60", "--format", "csv", "-q"];
    study_is_checked: &["check", "studies/digits-spread.yaml", "tests/data/study.yaml"];
    help_of_accuracy: &["accuracy", "--help"];
    help_of_study: &["study", "--help"];
    library_as_a_table: &["library", LIBRARY];
    library_as_csv: &["library", LIBRARY, "--format", "csv"];
    library_shows_a_crossbar: &["library", LIBRARY, "sot-mram-crossbar"];
    library_shows_a_neuron: &["library", LIBRARY, "sot-mram-neuron"];
    library_shows_a_neuron_as_json: &["library", LIBRARY, "sot-mram-neuron", "--format", "json"];
    library_ranks_activations: &["library", LIBRARY, "--compare", "neuron,activation", "--to", "sot-mram-neuron"];
    library_ranks_adcs_by_power: &["library", LIBRARY, "--compare", "adc"];
    library_does_not_know_a_component: &["library", LIBRARY, "adc-8"];
    library_does_not_know_a_kind: &["library", LIBRARY, "--compare", "adcs"];
    validate_all_cases: &["validate"];
    validate_as_json: &["validate", "cases/paper-neuron.yaml", "--format", "json"];
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
    no_command_ends_with_2: &[];
    builtin_files_need_no_checkout: &["check", "builtin:arch/mlp-784-16-10-analog.yaml", "-q"];
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
