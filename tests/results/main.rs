//! What the commands print for programs and for readers: JSON beside its schema, CSV and Markdown beside JSON and table, figures beside each other.
//!
//! What a person sees in a terminal is in `tests/cli.rs`, once for each case that looks different.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod figures;
mod formats;
mod schema;

use std::process::Command;

use serde_json::{Value, json};

const MIXED: &str = "arch/mlp-784-16-10-mixed.yaml";
const SHARED: &str = "arch/mlp-784-16-10-shared-4b.yaml";
const ANALOG: &str = "arch/mlp-784-16-10-analog.yaml";
const DIGITS: &str = "arch/digits-64-32-10-analog.yaml";
const LIBRARY: &str = "techlib/sot-mram-14nm.yaml";

/// A command whose answer is looked at in every format.
struct Case {
    /// What the schema calls its result.
    result: &'static str,
    args: &'static [&'static str],
    /// What each record of its CSV is of, from its JSON.
    records: fn(&Value) -> Vec<Value>,
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list")).clone()
}

/// The total, then a record for each line of the three breakdowns.
fn report_records(answer: &Value) -> Vec<Value> {
    let layers = list(&answer["by_layer"]);
    let sum = |key: &str| layers.iter().map(|line| number(&line[key])).sum::<f64>();
    let whole = ["units", "operations", "active_power_w"].map(sum);
    let total = json!({ "name": answer["name"], "totals": answer["totals"], "sums": whole });
    let lines = ["by_layer", "by_component", "by_kind"].iter().flat_map(|by| list(&answer[*by]));
    std::iter::once(total).chain(lines).collect()
}

/// Each candidate with its seven quantities.
fn compare_records(answer: &Value) -> Vec<Value> {
    let first = json!({ "candidate": answer["candidate"], "ratios": answer["ratios"] });
    let further = answer.get("further").map(list).unwrap_or_default();
    let candidates = std::iter::once(&first).chain(&further);
    let one = |c: &Value| json!([answer["baseline"]["totals"], c["candidate"]["totals"], c["ratios"]]);
    candidates.flat_map(|candidate| vec![one(candidate); 7]).collect()
}

fn explain_records(answer: &Value) -> Vec<Value> {
    let of = |explanation: &Value| list(&explanation["terms"]);
    match answer.get("baseline") {
        Some(baseline) => [of(baseline), of(&answer["candidate"])].concat(),
        None => of(answer),
    }
}

fn crossbar_records(answer: &Value) -> Vec<Value> {
    let columns = list(&answer["column_currents_a"]).into_iter().zip(list(&answer["ideal_currents_a"]));
    let one =
        |(column, (current, ideal))| json!({ "column": column, "column_current_a": current, "ideal_current_a": ideal });
    columns.enumerate().map(one).collect()
}

fn converter_records(answer: &Value) -> Vec<Value> {
    [list(&answer["models"]), list(&answer["nearest"])].concat()
}

/// The pictures without what is random, then those of each draw.
fn accuracy_records(answer: &Value) -> Vec<Value> {
    let images = &answer["images"];
    let one = |draw: String, correct: &Value| json!({ "draw": draw, "correct": correct, "images": images, "accuracy": number(correct) / number(images) });
    let draws = answer.get("correct_by_draw").map(list).unwrap_or_default();
    let draws = draws.iter().enumerate().map(|(draw, correct)| one(draw.to_string(), correct));
    std::iter::once(one("nominal".into(), &answer["correct"])).chain(draws).collect()
}

/// Each neuron of each layer for each input; layers are counted from 1.
fn simulate_records(answer: &Value) -> Vec<Value> {
    let mut records = Vec::new();
    for image in list(&answer["images"]) {
        for (index, layer) in list(&image["layers"]).iter().enumerate() {
            for neuron in 0..list(&layer["neuron_input_v"]).len() {
                records.push(json!({
                    "image": image["image"],
                    "layer": index + 1,
                    "neuron": neuron,
                    "neuron_input_v": layer["neuron_input_v"][neuron],
                    "neuron_output_v": layer["neuron_output_v"][neuron],
                    "neuron_current_a": layer["neuron_current_a"][neuron],
                    "power_inputs_w": image["power_inputs_w"],
                    "power_vdd_w": image["power_vdd_w"],
                    "power_amplifiers_w": image["power_amplifiers_w"],
                }));
            }
        }
    }
    records
}

/// A spreadsheet has beside the ratios what the whole library says of the component.
fn ranking_records(ranking: &Value) -> Vec<Value> {
    let library = list(&answer(&["library", LIBRARY])["components"]);
    let one = |ranked: &Value| {
        let whole = library.iter().find(|c| c["name"] == ranked["name"]).expect("a component of the library");
        let mut record = whole.clone();
        for key in ["ratios", "power_w", "area_m2", "basis"] {
            record[key] = ranked[key].clone();
        }
        record
    };
    list(&ranking["components"]).iter().map(one).collect()
}

/// Published figures are printed as they were published, and are in SI base units in JSON alone.
fn claims(answer: &Value) -> Vec<Value> {
    let mut claims: Vec<Value> = list(&answer["cases"])
        .iter()
        .flat_map(|case| list(&case["claims"]).into_iter().chain(list(&case["variants"])))
        .collect();
    for claim in &mut claims {
        let published = claim["published"].take();
        let fields = claim.as_object_mut().expect("a claim");
        fields.shift_remove("published");
        fields.insert("published_si".into(), published);
    }
    claims
}

/// Two lines a layer: its inputs and its weights.
fn words_records(answer: &Value) -> Vec<Value> {
    let line = |layer: &Value, operand: &str| {
        let mut line = layer[operand].clone();
        (line["layer"], line["operand"]) = (layer["name"].clone(), json!(operand));
        line
    };
    list(&answer["layers"]).iter().flat_map(|layer| [line(layer, "inputs"), line(layer, "weights")]).collect()
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { result: "ReportResult", args: &["report", ANALOG], records: report_records },
    Case { result: "ReportResult", args: &["report", SHARED, "--full", "--sources", "--set", "pipelined=true"], records: report_records },
    Case { result: "ReportResult", args: &["report", "arch/mlp-400-120-84-10-mixed.yaml"], records: report_records },
    Case { result: "MachineReport", args: &["report", "arch/isaac.yaml"], records: |answer| list(&answer["by_component"]) },
    Case { result: "MachineReport", args: &["report", "arch/jia-jssc-2020.yaml", "--full", "--set", "operating.vdd=1.2 V"], records: |answer| list(&answer["by_component"]) },
    Case { result: "StatisticsResult", args: &["statistics", DIGITS, "--images", "20"], records: words_records },
    Case { result: "ComparisonResult", args: &["compare", MIXED, ANALOG], records: compare_records },
    Case { result: "ComparisonResult", args: &["compare", ANALOG, ANALOG], records: compare_records },
    Case { result: "ComparisonResult", args: &["compare", MIXED, SHARED, ANALOG, "--set", "tile.rows=64", "--set-baseline", "adc-8b.power=2 mW", "--set-candidate", "pipelined=true"], records: compare_records },
    Case { result: "ExplanationResult", args: &["explain", ANALOG, "energy"], records: explain_records },
    Case { result: "ExplanationResult", args: &["explain", MIXED, ANALOG, "ratio.area"], records: explain_records },
    Case { result: "CheckResult", args: &["check", MIXED, LIBRARY, "cases/imac-sim.yaml", "studies/digits-spread.yaml", "builtin:arch/mlp-784-16-10-analog.yaml"], records: |answer| list(&answer["files"]) },
    Case { result: "LibraryResult", args: &["library", LIBRARY], records: |answer| list(&answer["components"]) },
    Case { result: "ComponentInFull", args: &["library", LIBRARY, "sot-mram-crossbar"], records: |answer| vec![answer.clone()] },
    Case { result: "ComponentInFull", args: &["library", LIBRARY, "sot-mram-neuron"], records: |answer| vec![answer.clone()] },
    Case { result: "DeviceInFull", args: &["library", LIBRARY, "sot-mram-50x30"], records: |answer| list(&answer["figures"]) },
    Case { result: "RankingResult", args: &["library", LIBRARY, "--compare", "adc"], records: ranking_records },
    Case { result: "RankingResult", args: &["library", LIBRARY, "--compare", "neuron,activation", "--to", "sot-mram-neuron"], records: ranking_records },
    Case { result: "RankingResult", args: &["library", LIBRARY, "--compare", "neuron,activation", "--to", "sot-mram-neuron", "--scale-to", "14nm", "--scaling", "node-squared"], records: ranking_records },
    Case { result: "ValidationResult", args: &["validate", "tests/data/variants.yaml", "cases/imac-sim.yaml", "cases/paper-architecture.yaml", "cases/paper-neuron.yaml"], records: claims },
    Case { result: "CrossbarResult", args: &["crossbar", "--bits", "tests/data/crossbar/c09_64x32_imac_bits.csv", "--voltages", "tests/data/crossbar/c09_64x32_imac_rows.csv", "--r-low", "5kohm", "--r-high", "15kohm", "--row-segment", "9.241569ohm", "--column-segment", "11.551961ohm", "--partition", "2x1"], records: crossbar_records },
    Case { result: "CrossbarResult", args: &["crossbar", "--bits", "tests/data/crossbar/c13_1x1_bits.csv", "--voltages", "tests/data/crossbar/c13_1x1_rows.csv", "--r-low", "8.488kohm", "--r-high", "25.46kohm", "--row-segment", "13.8ohm", "--column-segment", "13.8ohm", "--approximate"], records: crossbar_records },
    Case { result: "NeuronResult", args: &["neuron", "--points", "5", "--fit", "--vary", "tmr=100%..300%:3", "--set", "c_load=10fF"], records: |answer| list(&answer["curve"]) },
    Case { result: "NeuronResult", args: &["neuron", "--points", "9", "--set", "node=7nm", "--set", "vdd=0.7V"], records: |answer| list(&answer["curve"]) },
    Case { result: "ConverterResult", args: &["adc", "--bits", "8", "--rate", "100 MS/s", "--node", "32 nm"], records: converter_records },
    Case { result: "ConverterResult", args: &["adc", "--bits", "20", "--rate", "1 GS/s", "--node", "3 nm"], records: converter_records },
    Case { result: "ConversionsResult", args: &["adc", "--for", "arch/digits-64-32-10-held-mixed.yaml"], records: |answer| list(&answer["layers"]) },
    Case { result: "ConversionsResult", args: &["adc", "--for", SHARED, "--snr", "60 dB"], records: |answer| list(&answer["layers"]) },
    Case { result: "AccuracyResult", args: &["accuracy", DIGITS, "--ideal-neuron", "--ideal-crossbar", "--draws", "3", "--set", "imperfections.stuck=1%"], records: accuracy_records },
    Case { result: "AccuracyResult", args: &["accuracy", DIGITS, "--ideal-crossbar", "--images", "50", "--draws", "1", "--set", "imperfections.resistance_gaussian=30%"], records: accuracy_records },
    Case { result: "AccuracyResult", args: &["accuracy", DIGITS, "--ideal-crossbar", "--images", "60", "--set", "stages.column=[differential-amplifier, {use: sample-hold, per: output}, {use: adc-6b, range: 30%}, digital-sigmoid, register]", "--set", "network.layers.output.stages.input=[dac-8b]"], records: accuracy_records },
    Case { result: "SimulationResult", args: &["simulate", "tests/data/network/net.yaml", "--weights", "tests/data/network", "--inputs", "tests/data/network/inputs.csv"], records: simulate_records },
    Case { result: "StudyResult", args: &["study", "tests/data/study.yaml", "--draws", "2", "--images", "60"], records: |answer| list(&answer["points"]) },
];

/// Standard output and standard error of the program, which ends well.
fn run(args: &[&str]) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imcost"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1");
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (printed, said) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
    (printed, said)
}

/// What a command prints in a format.
fn printed(args: &[&str], format: &str) -> String {
    run(&[args, &["--format", format, "-q"]].concat()).0
}

/// What a command prints as JSON, without findings.
fn answer(args: &[&str]) -> Value {
    serde_json::from_str(&printed(args, "json")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}
