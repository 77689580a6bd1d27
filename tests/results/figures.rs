//! Figures of an answer that follow from others of it, and the words that follow from the figures.

use serde_json::Value;

use super::{ANALOG, DIGITS, LIBRARY, MIXED, SHARED, answer, list, number, printed, run};

fn sum(lines: &Value, key: &str) -> f64 {
    list(lines).iter().map(|line| number(&line[key])).sum()
}

fn close(a: f64, b: f64, what: &str) {
    assert!((a / b - 1.0).abs() < 1e-9, "{what}: {a} is not {b}");
}

#[test]
fn the_parts_of_a_report_add_up_to_its_totals() {
    let pipelined = &["report", SHARED, "--set", "pipelined=true"][..];
    let lenet = &["report", "arch/mlp-400-120-84-10-mixed.yaml"][..];
    for args in [&["report", MIXED][..], &["report", ANALOG], pipelined, lenet] {
        let report = answer(args);
        let totals = &report["totals"];
        let of = |key: &str| number(&totals[key]);
        for by in ["by_layer", "by_component", "by_kind"] {
            close(sum(&report[by], "energy_j"), of("energy_j"), by);
            close(sum(&report[by], "area_m2"), of("area_m2"), by);
            close(sum(&report[by], "critical_time_s"), of("latency_s"), by);
        }
        close(sum(&report["critical_path"], "time_s"), of("latency_s"), "path");
        close(of("energy_j") / of("initiation_interval_s"), of("power_w"), "power");
        close(of("energy_j") * of("latency_s"), of("energy_delay_j_s"), "energy x delay");
        close(2.0 * of("macs") / of("initiation_interval_s") / 1e12, of("tops"), "TOPS");
        close(of("tops") / of("power_w"), of("tops_per_w"), "TOPS/W");
        close(of("tops") / (of("area_m2") * 1e6), of("tops_per_mm2"), "TOPS/mm^2");
        assert!(of("peak_power_w") >= of("power_w") * (1.0 - 1e-12), "{totals}");
        close(sum(&report["layers"], "macs"), of("macs"), "MACs");
        for layer in list(&report["layers"]) {
            close(
                number(&layer["row_partitions"]) * number(&layer["column_partitions"]),
                number(&layer["tiles"]),
                "tiles",
            );
        }
        // Only a pipelined design begins an inference before the last one has ended.
        let table = printed(args, "table");
        let is_pipelined = of("initiation_interval_s") < of("latency_s");
        assert_eq!((is_pipelined, table.contains("initiation interval")), (args == pipelined, args == pipelined));
        assert_eq!(table.contains("power (energy / interval)"), is_pipelined, "{table}");
    }
}

#[test]
fn what_a_file_does_not_state_is_said_with_what_is_taken_for_it() {
    let args = ["report", ANALOG, "--set", "network.layers.hidden.statistics={}"];
    let assumed = ["active-rows taken as 50 %", "low-resistance taken as 50 %"];
    let said = list(&answer(&args)["assumptions"]);
    let table = printed(&args, "table");
    assert_eq!(said.len(), 2, "{said:?}");
    for (line, word) in said.iter().zip(assumed) {
        let line = line.as_str().expect("a sentence");
        assert!(line.starts_with(word) && table.contains(line), "{line}");
    }
    assert!(table.contains("changed with --set network.layers.hidden.statistics={}"), "{table}");
    assert_eq!(list(&answer(&args[..2])["assumptions"]), Vec::<Value>::new());
}

const RATIOS: [(&str, &str, [&str; 2]); 7] = [
    ("power", "power_w", ["lower", "higher"]),
    ("latency", "latency_s", ["shorter", "longer"]),
    ("energy", "energy_j", ["lower", "higher"]),
    ("area", "area_m2", ["smaller", "larger"]),
    ("energy_delay", "energy_delay_j_s", ["lower", "higher"]),
    ("tops_per_w", "tops_per_w", ["higher", "lower"]),
    ("tops_per_mm2", "tops_per_mm2", ["higher", "lower"]),
];

/// The last word of each of the seven lines of the table.
fn verdicts(table: &str) -> Vec<String> {
    let lines = table.lines().skip_while(|line| !line.ends_with("candidate is")).skip(1).take(RATIOS.len());
    lines.map(|line| line.split_whitespace().last().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_ratio_is_that_of_the_totals_and_its_word_says_which_is_better() {
    let three = ["arch/mlp-400-120-84-10-mixed.yaml", "arch/mlp-400-120-84-10-analog.yaml"];
    for [baseline, candidate] in [[MIXED, ANALOG], [ANALOG, MIXED], three, [ANALOG, ANALOG]] {
        let args = ["compare", baseline, candidate];
        let (compared, words) = (answer(&args), verdicts(&printed(&args, "table")));
        for ((name, total, [better, worse]), said) in RATIOS.into_iter().zip(words) {
            let of = |side: &str| number(&compared[side]["totals"][total]);
            let more_is_better = name.starts_with("tops");
            let (ours, theirs) = if more_is_better { ("candidate", "baseline") } else { ("baseline", "candidate") };
            let ratio = number(&compared["ratios"][name]);
            close(ratio, of(ours) / of(theirs), name);
            let word = if baseline == candidate {
                "equal"
            } else if ratio > 1.0 {
                better
            } else {
                worse
            };
            assert_eq!(said, word, "{name} of {baseline} / {candidate}");
        }
        for (name, key) in [("energy", "energy_j"), ("latency", "latency_s"), ("area", "area_m2")] {
            let parts = &compared["differences"][name];
            let whole = number(&compared["baseline"]["totals"][key]) - number(&compared["candidate"]["totals"][key]);
            if baseline == candidate {
                assert_eq!(list(parts), Vec::<Value>::new(), "{name}");
            } else {
                close(sum(parts, key), whole, name);
                close(sum(parts, "share"), 1.0, name);
            }
        }
    }
    let words = |baseline: &str, candidate: &str| {
        let table = printed(&["compare", baseline, candidate], "table");
        let paragraph = |from: &str| {
            let (_, rest) = table.split_once(from).expect(from);
            rest.split("\n\n").next().unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let parts =
            table.split_once("the candidate takes\n\n").expect("the parts").1.split("\n\n").next().expect("them");
        (paragraph(" against ").join(" "), parts.matches(" more: ").count(), parts.matches(" less: ").count(), table)
    };
    let (said, more, less, table) = words(MIXED, ANALOG);
    assert!(said.ends_with("less power, 1.80x shorter latency, 3.11x less energy, 17.5x less area"), "{said}");
    assert_eq!((more, less), (0, 3), "{table}");
    let (said, more, less, table) = words(ANALOG, MIXED);
    assert!(said.ends_with("more power, 1.80x longer latency, 3.11x more energy, 17.5x more area"), "{said}");
    assert_eq!((more, less), (3, 0), "{table}");
    let (said, more, less, table) = words(ANALOG, ANALOG);
    assert!(said.ends_with("equal power, equal latency, equal energy, equal area"), "{said}");
    assert_eq!((more, less, table.matches("no difference").count()), (0, 0, 3), "{table}");
}

#[test]
fn the_terms_of_an_explanation_add_up_and_its_graph_has_every_number() {
    for args in [["explain", ANALOG, "energy"], ["explain", MIXED, "latency"], ["explain", SHARED, "area"]] {
        let explained = answer(&args);
        close(sum(&explained["terms"], "value_si"), number(&explained["value_si"]), "terms");
        close(sum(&explained["terms"], "share"), 1.0, "shares");
        let numbers = list(&explained["numbers"]);
        let dot = printed(&args, "dot");
        let edges: usize = numbers.iter().map(|number| list(&number["of"]).len()).sum();
        assert_eq!((dot.matches(" [label=").count(), dot.matches(" -> ").count()), (numbers.len(), edges), "{dot}");
    }
    let ratio = answer(&["explain", MIXED, ANALOG, "ratio.energy"]);
    let of = |side: &str| number(&ratio[side]["value_si"]);
    close(number(&ratio["ratio"]), of("baseline") / of("candidate"), "ratio");
}

#[test]
fn counts_of_an_accuracy_agree() {
    let args = ["accuracy", DIGITS, "--ideal-crossbar", "--draws", "5", "--images", "80"];
    let accuracy = answer(&[&args[..], &["--set", "imperfections.stuck=2%"]].concat());
    let images = number(&accuracy["images"]);
    let draws: Vec<f64> = list(&accuracy["correct_by_draw"]).iter().map(|n| number(n) / images).collect();
    let (count, mean) = (draws.len() as f64, draws.iter().sum::<f64>() / draws.len() as f64);
    let deviation = (draws.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    assert_eq!((images, count, number(&accuracy["draws"])), (80.0, 5.0, 5.0));
    close(number(&accuracy["accuracy_mean"]), mean, "mean");
    close(number(&accuracy["accuracy_std"]), deviation, "deviation");
    close(number(&accuracy["accuracy_standard_error"]), deviation / count.sqrt(), "standard error");
    close(number(&accuracy["accuracy"]), number(&accuracy["correct"]) / images, "nominal");
    // Five draws in order are their own 0, 25, 50, 75 and 100 %.
    let mut sorted = draws.clone();
    sorted.sort_by(f64::total_cmp);
    for (percent, at) in [("25", 1), ("50", 2), ("75", 3)] {
        close(number(&accuracy["accuracy_percentiles"][percent]), sorted[at], percent);
    }
    close(number(&accuracy["accuracy_percentiles"]["5"]), sorted[0] + 0.2 * (sorted[1] - sorted[0]), "5 %");
    let confusion: Vec<Vec<f64>> =
        list(&accuracy["confusion"]).iter().map(|row| list(row).iter().map(number).collect()).collect();
    close(confusion.iter().flatten().sum(), images, "all answers");
    close(
        (0..confusion.len()).map(|class| confusion[class][class]).sum(),
        number(&accuracy["correct"]),
        "right answers",
    );
    for (class, row) in list(&accuracy["by_class"]).iter().zip(&confusion) {
        assert_eq!(number(&class["images"]), row.iter().sum::<f64>(), "{class}");
    }
    assert_eq!(list(&accuracy["steps"]).last().expect("steps")["correct"], accuracy["correct"]);
}

#[test]
fn a_gaussian_that_is_cut_off_is_a_finding_at_its_setting() {
    let of = |sigma: &str| {
        let setting = format!("imperfections.resistance_gaussian={sigma}");
        let args =
            ["accuracy", DIGITS, "--ideal-crossbar", "--draws", "1", "--images", "10", "--set", setting.as_str()];
        let found: Value = serde_json::from_str(&run(&[&args[..], &["--format", "json"]].concat()).0).expect("JSON");
        let cut = list(&found["findings"]).into_iter().find(|f| text(&f["what"]).contains("where it is cut off"));
        cut.map(|finding| (text(&finding["place"]["file"]), finding["place"]["column"].clone(), list(&finding["mend"])))
    };
    let (file, column, mend) = of("30%").expect("a finding");
    // The value begins behind the `=`.
    assert_eq!((file.as_str(), column), ("--set", 35.into()));
    assert!(text(&mend[0]).contains("`resistance-lognormal` has no such end"), "{mend:?}");
    assert_eq!(of("10%"), None);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[test]
fn a_buffer_takes_the_load_from_the_neurons() {
    let network = ["simulate", "tests/data/network/net.yaml", "--weights", "tests/data/network"];
    let args = [&network[..], &["--inputs", "tests/data/network/inputs.csv"]].concat();
    let buffered = "stages.column=[differential-amplifier, sot-mram-neuron, row-buffer]";
    let of = |args: &[&str]| {
        let images = list(&answer(args)["images"]);
        let layers: Vec<Value> = images.iter().flat_map(|image| list(&image["layers"])).collect();
        let pulled = layers.iter().filter(|layer| layer["neuron_output_v"] != layer["neuron_open_output_v"]).count();
        for image in &images {
            let vdd = number(&image["power_bias_w"]) + number(&image["power_neurons_w"]);
            close(number(&image["power_vdd_w"]), vdd, "supply");
        }
        (images.len(), layers.len(), pulled)
    };
    assert_eq!(of(&args), (3, 6, 3), "the hidden layer is loaded for each input");
    assert_eq!(of(&[&args[..], &["--set", buffered]].concat()), (3, 6, 0), "no layer is");
}

#[test]
fn a_ranking_is_in_order_of_power_beside_its_reference() {
    let ranked = |args: &[&str]| answer(&[&["library", LIBRARY, "--compare"], args].concat());
    let adcs = ranked(&["adc"]);
    let components = list(&adcs["components"]);
    let powers: Vec<f64> = components.iter().map(|c| c["power_w"].as_f64().unwrap_or(f64::INFINITY)).collect();
    assert!(powers.len() > 4 && powers.is_sorted(), "{powers:?}");
    assert_eq!(adcs["reference"], components[0]["name"]);
    let other = ranked(&["adc", "--to", "adc-8b"]);
    for (ranking, reference) in [(&adcs, "sense-amplifier-1b"), (&other, "adc-8b")] {
        let components = list(&ranking["components"]);
        assert_eq!((&ranking["reference"], &components[0]["name"]), (&reference.into(), &reference.into()));
        for c in &components {
            for (ratio, key) in [("power", "power_w"), ("area", "area_m2"), ("latency", "latency_s")] {
                // What is not stated has no ratio.
                assert_eq!(c["ratios"][ratio].is_null(), c[key].is_null(), "{c}");
                if !c[key].is_null() {
                    close(number(&c["ratios"][ratio]), number(&c[key]) / number(&components[0][key]), ratio);
                }
            }
        }
    }
    // What a publication does not give has no ratio, and a dash in the table.
    let unknown = printed(&["library", LIBRARY, "--compare", "neuron,activation"], "table");
    let ranking = ranked(&["neuron,activation"]);
    let gaps = list(&ranking["components"]).iter().filter(|c| c["latency_s"].is_null()).count();
    let dashes = unknown.lines().filter(|line| line.ends_with(" -")).count();
    assert_eq!(gaps, dashes, "{unknown}");
}

#[test]
fn a_node_without_gate_capacitances_has_no_delay() {
    let args = ["neuron", "--set", "node=7nm", "--set", "vdd=0.7V"];
    let (neuron, table) = (answer(&args), printed(&args, "table"));
    assert_eq!((&neuron["edges"], &neuron["delay_50_50_s"]), (&Value::Null, &Value::Null));
    assert!(table.contains("delay                    -\n") && table.contains("No delay: there is no table"), "{table}");
    let known = answer(&args[..1]);
    let delays: Vec<f64> = list(&known["edges"]).iter().map(|edge| number(&edge["delay_50_50_s"])).collect();
    // The slower edge is the delay of the neuron.
    assert_eq!(number(&known["delay_50_50_s"]), delays[0].max(delays[1]));
    assert!(printed(&args[..1], "table").contains("slower edge of a step"));
}

#[test]
fn a_solver_that_is_stopped_early_says_so() {
    let files =
        ["--bits", "tests/data/crossbar/c13_1x1_bits.csv", "--voltages", "tests/data/crossbar/c13_1x1_rows.csv"];
    let resistances =
        ["--r-low", "8.488kohm", "--r-high", "25.46kohm", "--row-segment", "20ohm", "--column-segment", "10ohm"];
    let args = [&["crossbar"], &files[..], &resistances].concat();
    let exact = answer(&args);
    let stopped = answer(&[&args[..], &["--approximate"]].concat());
    assert_eq!((&exact["approximate"], &stopped["approximate"]), (&false.into(), &true.into()));
    // One cell in series with its two segments.
    let (ideal, current) = (number(&exact["ideal_currents_a"][0]), number(&exact["column_currents_a"][0]));
    let series = [8488.0, 25460.0].map(|cell| cell / (cell + 30.0));
    assert!(series.iter().any(|part| (current / ideal / part - 1.0).abs() < 1e-9), "{current} of {ideal}");
    let table = printed(&[&args[..], &["--approximate"]].concat(), "table");
    assert!(table.contains("Approximate: the solver was stopped early."), "{table}");
    assert!(printed(&args, "table").contains("Exact: every node of the circuit"));
}
