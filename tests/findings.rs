//! Findings against arithmetic of another hand: each where it must appear, and where it must not.
#![allow(missing_docs, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use imcost::cost::findings::column_ending;
use imcost::design::Design;
use imcost::files::Memory;
use imcost::infer::accuracy::{self, Question};
use imcost::infer::dataset::Part;
use imcost::results::{Finding, FindingRule};
use imcost::session::Session;

/// Cells of 10 kohm and 40 kohm; a crossbar without wires; every cost is stated.
const LIBRARY: &str = "\
name: round numbers
node: 14 nm
devices:
  device: { type: sot-mram, r-low: 10 kohm, r-high: 40 kohm, source: made up, basis: modelled }
components:
  driver: { kind: row-driver, power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
  dac: { kind: dac, bits: 8, power: 10 uW, latency: 1 ns, area: 10 um^2, source: made up, basis: modelled }
  crossbar:
    kind: crossbar
    device: device
    cell: { devices: 2, width: 0.2 um, height: 0.5 um }
    read-voltage: 1 V
    max-rows: 64
    max-columns: 64
    latency: 1 ns
    #wire
    source: made up
    basis: modelled
  amplifier: { kind: amplifier, differential: true, joins: true, model: { difference-amplifier: { gain: 30, input-resistance: 1 kohm } }, static-power: 10 uW, latency: 2 ns, area: 5 um^2, source: made up, basis: modelled }
  ground: { kind: amplifier, differential: true, joins: true, static-power: 10 uW, latency: 2 ns, area: 5 um^2, source: made up, basis: modelled }
  hold: { kind: sample-hold, power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
  adc: { kind: adc, bits: 8, power: 5 mW, latency: 1 ns, area: 100 um^2, source: made up, basis: modelled }
  adder: { kind: adder, bits: 9, energy: 10 fJ, latency: 0.25 ns, area: 10 um^2, source: made up, basis: modelled }
  neuron: { kind: neuron, function: sigmoid, model: { logistic: { at-low: 1 V, at-high: 0 V, midpoint: 0 V, width: 85 mV } }, static-power: 50 uW, latency: 1 ns, area: 2 um^2, source: made up, basis: modelled }
  sigmoid: { kind: activation, function: sigmoid, power: 100 uW, latency: 1 ns, area: 50 um^2, source: made up, basis: modelled }
  register: { kind: register, bits: 8, energy: 1 fJ, latency: 0.5 ns, area: 1 um^2, source: made up, basis: modelled }
";

const WIRE: &str = "wire: { width: 100 nm, thickness: 100 nm, pitch-gap: 100 nm, dielectric-height: 100 nm, permittivity: 4, resistivity: 17 nohm m, mean-free-path: 0.001 nm, specularity: 0.5, reflectivity: 0.001 }";

const DESIGN: &str = "\
name: two layers
label: small
technology: library.yaml
network:
  input: { features: 64 }
  layers:
    - { name: hidden, dense: 16 }
    - { name: output, dense: 10 }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 32, columns: 32 }
stages:
  input: [INPUT]
  column: [COLUMN]
statistics: { active-rows: 25%, low-resistance: 50% }
";

const ANALOG: [(&str, &str); 2] = [("INPUT", "driver"), ("COLUMN", "ground, neuron")];
const MIXED: [(&str, &str); 2] =
    [("INPUT", "dac"), ("COLUMN", "ground, { use: hold, per: output }, adc, sigmoid, register")];

fn read(design: &[(&str, &str)], library: &[(&str, &str)]) -> (Session, Design) {
    let change = |text: &str, changes: &[(&str, &str)]| {
        changes.iter().fold(text.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "`{from}` is not there");
            text.replace(from, to)
        })
    };
    let files =
        Memory::default().with("design.yaml", change(DESIGN, design)).with("library.yaml", change(LIBRARY, library));
    let mut session = Session::default().reading(files.over_standard());
    let design = session.design(Path::new("design.yaml"));
    let wrong: Vec<&String> = session.diagnostics.iter().map(|d| &d.message).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    (session, design.expect("a design without mistakes"))
}

fn findings(rule: FindingRule, design: &[(&str, &str)], library: &[(&str, &str)]) -> Vec<Finding> {
    let (session, design) = read(design, library);
    session.findings(&[&design]).list().iter().filter(|finding| finding.rule == rule).cloned().collect()
}

fn figures(finding: &Finding) -> Vec<f64> {
    finding.figures.iter().map(|figure| figure.value_si).collect()
}

#[track_caller]
fn close(found: f64, by_hand: f64, within: f64) {
    assert!((found / by_hand - 1.0).abs() < within, "{found:e} instead of {by_hand:e}");
}

/// Mean current of columns of 32 devices, each of either resistance, all rows at 1 V, into a resistance: over all numbers of low ones.
fn mean_current(resistance: f64) -> f64 {
    let mut sum = 0.0;
    let mut ways = 1.0_f64;
    for low in 0..=32 {
        let g = f64::from(low) / 10e3 + f64::from(32 - low) / 40e3;
        sum += ways / 2_f64.powi(32) * g / (1.0 + g * resistance);
        ways *= f64::from(32 - low) / f64::from(low + 1);
    }
    sum
}

/// Two amplifiers' inputs hang on a pair of columns of 2 mS; what arrives of the difference is found by solving the two nodes.
#[test]
fn a_pair_loses_as_much_of_its_difference_as_one_column_into_the_input_resistor() {
    // 31 kohm to ground at the positive column, 1 kohm to 30/31 of its voltage at the negative one.
    let load = [[1.0 / 31e3, 0.0], [-30.0 / 31e3, 1e-3]];
    let g = 2e-3;
    // (load + g) v = i, by Cramer's rule, for two pairs of currents of the same difference.
    let difference = |currents: [f64; 2]| {
        let m = [[load[0][0] + g, load[0][1]], [load[1][0], load[1][1] + g]];
        let det = m[0][0] * m[1][1] - m[0][1] * m[1][0];
        let positive = (currents[0] * m[1][1] - currents[1] * m[0][1]) / det;
        let negative = (m[0][0] * currents[1] - m[1][0] * currents[0]) / det;
        positive - negative
    };
    // Into virtual grounds the difference of 0.1 mA would be 0.1 V at 1 kohm.
    for currents in [[1e-3, 0.9e-3], [0.1e-3, 0.0]] {
        close(difference(currents) / 0.1, 1.0 / (1.0 + g * 1e3), 1e-12);
    }
}

/// 32 devices of 10 kohm or 40 kohm are 500 ohm on average; two thirds of the current are lost into 1 kohm.
#[test]
fn column_ends_that_hold_no_column_are_found_with_what_they_lose() {
    let amplified = [("INPUT", "driver"), ("COLUMN", "amplifier, neuron")];
    let found = findings(FindingRule::ColumnEnd, &amplified, &[]);
    assert_eq!(found.len(), 1);
    let figures = figures(&found[0]);
    // Both layers: 64 rows on two tiles, 16 rows on one.
    assert_eq!(figures.len(), 6);
    let left = mean_current(1e3) / mean_current(0.0);
    close(figures[0], 1e3, 1e-12);
    close(figures[1], 1e3 * left / (1.0 - left), 1e-6);
    close(figures[2], 1.0 - left, 1e-6);
    assert!((490.0..500.0).contains(&figures[1]) && figures[2] > 0.66, "{figures:?}");
    assert!(figures[4] > 1.9 * figures[1], "half the rows, twice the resistance");
    let (_, design) = read(&amplified, &[]);
    let ending = column_ending(&design, design.layers[0].circuits.crossbar).expect("no virtual ground");
    // Both columns of a pair see 31 kohm.
    close(ending.rise.si(), 0.25 * (1.0 - mean_current(31e3) / mean_current(0.0)), 1e-6);
    close(ending.rows.si(), 0.25, 1e-12);
    let place = found[0].place.as_ref().expect("an entry of the library");
    let line = LIBRARY.lines().position(|line| line.contains("  amplifier:")).expect("there") + 1;
    assert_eq!((place.file.as_str(), place.line, place.column), ("library.yaml", line, 3));
}

#[test]
fn column_ends_that_hold_their_columns_are_not_worth_a_word() {
    let amplified = [("INPUT", "driver"), ("COLUMN", "amplifier, neuron")];
    assert!(findings(FindingRule::ColumnEnd, &ANALOG, &[]).is_empty());
    // Into 50 ohm a tenth is not lost yet (50 / 550), into 60 ohm it is (60 / 560), on 32 rows; the 16 rows of the other layer are of 1 kohm.
    let ended = |input: &str| findings(FindingRule::ColumnEnd, &amplified, &[("input-resistance: 1 kohm", input)]);
    assert!(ended("input-resistance: 50 ohm").is_empty());
    let one = ended("input-resistance: 60 ohm");
    assert_eq!((one.len(), one[0].details.len()), (1, 1));
    assert!(one[0].details[0].contains("`hidden`"), "{one:?}");
}

/// The first segment of a row at 1 V feeds 16 cells of 1/(10 kohm) + 1/(40 kohm): 2 mA; a column gets 32 x 62.5 uS x 0.25 V = 0.5 mA.
#[test]
fn wires_that_carry_too_much_are_found_with_their_density() {
    let found = findings(FindingRule::CurrentDensity, &ANALOG, &[("#wire", WIRE)]);
    assert_eq!((found.len(), found[0].details.len()), (1, 2), "{found:?}");
    // Of a section of 1e-14 m^2; a wire of 0.34 ohm to 0.85 ohm a cell takes some percent. The output layer has 10 columns.
    close(figures(&found[0])[0], 2e-3 / 1e-14, 0.05);
    close(figures(&found[0])[1], 1.25e-3 / 1e-14, 0.05);
    assert!(found[0].details.iter().all(|line| line.contains("of a row")), "{found:?}");
    let wide = WIRE.replace("width: 100 nm", "width: 250 nm");
    assert!(findings(FindingRule::CurrentDensity, &ANALOG, &[("#wire", &wide)]).is_empty());
    assert!(findings(FindingRule::CurrentDensity, &ANALOG, &[]).is_empty(), "nothing is known of wires");
    // All rows at 1 V all the time: 2 mA into every column, too.
    let all = [ANALOG[0], ANALOG[1], ("active-rows: 25%", "active-rows: 100%")];
    let found = findings(FindingRule::CurrentDensity, &all, &[("#wire", WIRE)]);
    assert!(found[0].details.iter().any(|line| line.contains("of a column")), "{found:?}");
}

/// A cell of 125 uS at 1 V for a quarter of the time on 0.1 um^2: 31.25 uW / 0.1 um^2 = 31 kW/cm^2.
#[test]
fn tiles_that_take_too_much_power_are_found() {
    let found = findings(FindingRule::PowerDensity, &ANALOG, &[]);
    assert_eq!(found.len(), 1);
    figures(&found[0]).iter().for_each(|&density| close(density, 31.25e-6 / 0.1e-12, 1e-9));
    // 36 mV take 1/772 of it: 40 W/cm^2; 72 mV take 162 W/cm^2.
    let at = |volts: &str| {
        let neuron = format!("at-low: {volts}");
        let read = format!("read-voltage: {volts}");
        let changes = [("at-low: 1 V", neuron.as_str()), ("read-voltage: 1 V", read.as_str())];
        findings(FindingRule::PowerDensity, &ANALOG, &changes).len()
    };
    assert_eq!((at("36 mV"), at("72 mV")), (0, 1));
}

#[test]
fn rails_that_are_not_the_read_voltage_are_found_with_both() {
    let found = findings(FindingRule::Rails, &ANALOG, &[("read-voltage: 1 V", "read-voltage: 0.2 V")]);
    assert_eq!((found.len(), figures(&found[0])), (1, vec![1.0, 0.2]));
    assert!(found[0].figures.iter().all(|figure| figure.layer.as_deref() == Some("output")), "{found:?}");
    // The hidden layer's rows are driven by words.
    assert!(found[0].details.len() == 1 && found[0].details[0].contains("`output`"), "{found:?}");
    assert!(findings(FindingRule::Rails, &ANALOG, &[]).is_empty());
    // Within a twentieth of the read voltage two voltages are meant to be one: of 0.5 V 0.48 V is, 0.47 V is not.
    let half = ("at-low: 1 V", "at-low: 0.5 V");
    let at = |volt: &str| findings(FindingRule::Rails, &ANALOG, &[half, ("read-voltage: 1 V", volt)]).len();
    assert_eq!(["0.47 V", "0.48 V", "0.52 V", "0.53 V"].map(|v| at(&format!("read-voltage: {v}"))), [1, 0, 0, 1]);
    assert!(findings(FindingRule::Rails, &MIXED, &[("read-voltage: 1 V", "read-voltage: 0.2 V")]).is_empty());
}

#[test]
fn words_beyond_what_a_converter_keeps_are_found() {
    assert!(findings(FindingRule::WordWidth, &MIXED, &[]).is_empty());
    let found = findings(FindingRule::WordWidth, &MIXED, &[("kind: adc, bits: 8", "kind: adc, bits: 6")]);
    assert_eq!(found.len(), 1);
    // The registers of both layers and the DAC of the second; the first one's DAC takes the network's input.
    let said: Vec<&str> = found[0].details.iter().map(String::as_str).collect();
    let of = |layer: &str, unit: &str| format!("layer `{layer}`: `{unit}` has 8 bits, its words carry 6");
    assert_eq!(said, [of("hidden", "register"), of("output", "register"), of("output", "dac")]);
    // Two words of 8 bits add up to 9; of 7 bits to 8.
    let added = [MIXED[0], ("COLUMN", "ground, adc, adder, sigmoid")];
    let to_8_bits = ("kind: activation,", "kind: activation, bits: 8,");
    assert!(findings(FindingRule::WordWidth, &added, &[to_8_bits]).is_empty());
    let found = findings(FindingRule::WordWidth, &added, &[to_8_bits, ("kind: adc, bits: 8", "kind: adc, bits: 7")]);
    assert_eq!(
        found[0].details,
        [
            "layer `hidden`: `adder` has 9 bits, its words carry 8",
            // 16 rows are one tile: nothing is added.
            "layer `output`: `sigmoid` has 8 bits, its words carry 7",
        ]
    );
    // A function of 4 bits keeps less than its ADC.
    let found = findings(FindingRule::WordWidth, &MIXED, &[("kind: activation,", "kind: activation, bits: 4,")]);
    assert!(found.len() == 1 && found[0].what.contains("`sigmoid`") && found[0].details.len() == 3, "{found:?}");
    // One of as many bits keeps what it is given.
    let found = findings(FindingRule::WordWidth, &MIXED, &[to_8_bits, ("register, bits: 8", "register, bits: 9")]);
    assert!(found.len() == 1 && found[0].what.contains("`adc`"), "{found:?}");
}

/// The nearest ones were found in all 724 rows of the survey: least power of at least 7 effective bits at the rate or above.
#[test]
fn converters_beyond_every_measured_one_are_found_with_the_nearest() {
    let adc = "kind: adc, bits: 8, power: 5 mW, latency: 1 ns";
    let with = |other: &str| findings(FindingRule::Converter, &MIXED, &[(adc, other)]);
    assert!(findings(FindingRule::Converter, &MIXED, &[]).is_empty());
    let cases = [
        (
            "kind: adc, bits: 8, power: 0.8 W, rate: 1.1 GS/s",
            "7.3 effective bits, 2.70 GHz, 3.00 mW (ISSCC 2023, 17.7)",
            "270 times less",
        ),
        (
            "kind: adc, bits: 8, power: 4 mW, rate: 500 S/s",
            "7.7 effective bits, 1.00 kHz, 2.70 nW (ISSCC 2017, 21.6)",
            "1.5 M times less",
        ),
        ("kind: adc, bits: 8, power: 4 mW, rate: 90 GS/s", "24.0 GHz", "none of as many bits is as fast"),
        (
            "kind: adc, bits: 8, power: 50 uW, latency: 1 ns",
            "7.3 effective bits, 1.00 GHz, 2.55 mW (VLSI 2020, CD1.3)",
            "51 times",
        ),
    ];
    for (other, nearest, said) in cases {
        let found = with(other);
        assert_eq!(found.len(), 1, "{other}");
        let details = found[0].details.join("\n");
        assert!(details.contains(nearest) && details.contains(said), "{other}: {details}");
    }
    // Within a factor of 10 below and of 100 above nothing is said; of a comparator nothing is known.
    for other in [
        "kind: adc, bits: 8, power: 0.26 mW, latency: 1 ns",
        "kind: adc, bits: 8, power: 250 mW, latency: 1 ns",
        "kind: adc, bits: 1, power: 1 uW, latency: 1 ns",
    ] {
        assert!(with(other).is_empty(), "{other}");
    }
}

/// A design with a mistake says it and nothing else; what is unusual in a file comes with what is found of the design.
#[test]
fn what_is_unusual_in_a_file_is_a_finding_too() {
    let found = findings(FindingRule::File, &[ANALOG[0], ("COLUMN", "ground")], &[("joins: true", "joins: true")]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].what.contains("no activation function") && found[0].place.is_some() && found[0].designs.is_empty()
    );
    assert!(findings(FindingRule::File, &ANALOG, &[]).is_empty());
}

/// What a run over the shipped digits finds of a converter with this full scale, and the part of it that the largest values use.
fn of_run(range: &str) -> (Vec<Finding>, Vec<(f64, f64)>) {
    let column = format!(
        "stages.column=[differential-amplifier, {{use: sample-hold, per: output}}, {{use: adc-6b, range: {range}}}, digital-sigmoid, register]"
    );
    let mut session = Session::with_settings(&[column]);
    let design = session.design(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/digits/base.yaml"));
    let design = design.expect("a design without mistakes");
    let question = Question {
        weights: Vec::new(),
        data: None,
        part: Part::Test,
        images: Some(100),
        draws: 1,
        seed: 1,
        ideal_neuron: false,
        ideal_crossbar: true,
    };
    let trained = accuracy::read(&design, &question, &mut session.sources, &mut session.diagnostics).expect("shipped");
    let stop = AtomicBool::new(false);
    let run =
        accuracy::run(&design, &trained, &question, false, &stop, &|_| {}, &mut session.diagnostics).expect("a run");
    let run = run.expect("it is not stopped");
    for (layer, (clipped, all)) in run.layers.iter().zip(&run.nominal.clipped) {
        assert!((layer.clipped.expect("an ADC") * *all as f64 - *clipped as f64).abs() < 1e-6, "{clipped} of {all}");
    }
    let figures = run.layers.iter().map(|layer| (layer.used_range.expect("an ADC"), layer.clipped.expect("an ADC")));
    (accuracy::findings::findings(&run, &design, &session.sources), figures.collect())
}

/// The range that a finding names is taken from its text, set, and run again.
#[test]
fn the_range_that_is_recommended_is_used_and_clips_nothing() {
    let named = |finding: &Finding| {
        let text = finding.mend.first().expect("help");
        text.split("range: ").nth(1).and_then(|text| text.split(" %").next()).expect("a range").to_owned() + "%"
    };
    let (found, figures) = of_run("100%");
    assert!(found.iter().all(|f| f.rule == FindingRule::UnusedRange) && !found.is_empty(), "{found:?}");
    assert_eq!(found.len(), figures.iter().filter(|(used, _)| *used < 0.5).count());
    // Of the first layer, whose values do not depend on the range of any other converter.
    let (again, figures) = of_run(&named(&found[0]));
    assert!((0.98..=1.0).contains(&figures[0].0) && figures[0].1 == 0.0, "{figures:?}");
    assert!(!again.iter().any(|f| f.rule == FindingRule::UnusedRange && f.what.contains("hidden")), "{again:?}");

    let (found, clipped) = of_run("3%");
    assert!(found.iter().all(|f| f.rule == FindingRule::Clipping) && found.len() == 2, "{found:?} {clipped:?}");
    for (finding, (used, part)) in found.iter().zip(clipped) {
        assert!(used > 1.0 && part > 0.01);
        assert_eq!(finding.figures.iter().map(|f| f.value_si).collect::<Vec<_>>(), [part, used]);
    }
    let (again, figures) = of_run(&named(&found[0]));
    assert!((0.98..=1.0).contains(&figures[0].0) && figures[0].1 == 0.0, "{figures:?}");
    assert!(!again.iter().any(|f| f.rule == FindingRule::Clipping && f.what.contains("hidden")), "{again:?}");
}

#[test]
fn a_design_is_told_of_bits_that_its_costs_do_not_follow() {
    let said = |settings: &[&str]| {
        let mut session = Session::with_settings(settings);
        let design = session.design("builtin:arch/mlp-784-16-10-mixed.yaml".as_ref());
        assert!(design.is_ok());
        format!("{:?}", session.findings(&[]))
    };
    assert!(!said(&[]).contains("bits stays"));
    let text = said(&["adc-8b.bits=6"]);
    assert_eq!(
        text.matches("`adc-8b` is set to 6 bits, but what it states of 8 bits stays: power, area").count(),
        1,
        "{text}"
    );
    assert!(text.contains(r#"file: "--set", line: 1, column: 13"#), "{text}");
}

/// The resistance that is recommended for an amplifier is that of the layer whose columns need the least: the foot loses a tenth where it is a
/// ninth of its column.
#[test]
fn the_input_resistance_that_is_recommended_is_enough_for_every_layer() {
    let mut session = Session::default();
    let design = session.design(Path::new("builtin:arch/mlp-784-16-10-analog.yaml")).expect("shipped");
    let findings = session.findings(&[&design]);
    let finding = findings.list().iter().find(|f| f.rule == FindingRule::ColumnEnd).expect("a finding");
    let columns: Vec<f64> = finding.figures.iter().filter(|f| f.what == "column").map(|f| f.value_si).collect();
    assert_eq!(columns.len(), 2);
    assert!((columns[0] / columns[1] - 1.0).abs() > 0.1, "layers that differ: {columns:?}");
    let least = columns.iter().copied().fold(f64::INFINITY, f64::min) / 9.0;
    let said = imcost::units::Resistance::new(least).eng(3);
    assert!(finding.mend[0].contains(&format!("below {said} ")), "{:?} {said}", finding.mend);
}
