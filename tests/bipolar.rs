//! Rows at the positive or the negative read voltage, the mean of rows, and the time that an inference holds a design: by hand and against
//! whole circuits.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cost::estimate;
use imcost::cost::tile::row_power;
use imcost::design::{Design, Statistics};
use imcost::diagnostic::{Diagnostics, SourceMap};
use imcost::files::Memory;
use imcost::infer::accuracy::build::{Build, Detail};
use imcost::infer::accuracy::{self, Question};
use imcost::infer::classify::devices::random;
use imcost::infer::classify::input::Inputs;
use imcost::infer::classify::{DrawScratch, PreparedNetwork};
use imcost::infer::simulation::{Simulation, simulate};
use imcost::session::Session;

const DIGITS: &str = "builtin:arch/digits-64-32-10-analog.yaml";
const BIPOLAR: &str = "network.input.encoding=bipolar";
/// What the shipped file states of unsigned rows is no statement about bipolar ones.
const NO_ROWS: &str = "network.layers.hidden.statistics={ low-resistance: 50% }";

fn shipped(settings: &[&str]) -> Design {
    let mut session = Session::with_settings(settings);
    let design = session.design(Path::new(DIGITS));
    design.unwrap_or_else(|_| panic!("{}", session.rendered()))
}

fn pictures(count: usize) -> Question {
    Question { images: Some(count), draws: 1, seed: 1, ..Question::default() }
}

/// The weighted sums of the first layer are those of inputs that are -1 or 1.
#[test]
fn a_pixel_below_the_threshold_counts_minus_one() {
    let design = shipped(&[BIPOLAR, NO_ROWS]);
    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
    let trained = accuracy::read(&design, &pictures(40), sources, diagnostics).expect("shipped");
    let mapping = design.image.as_ref().expect("stated");
    let inputs = Inputs::map(&trained.dataset.images, mapping, design.input_encoding, 64).expect("fits");
    let ideal = Detail { cells: true, ..Detail::NONE };
    let layers = Build::new(&design, &trained.weights, diagnostics).layers(ideal).expect("built");
    let network = PreparedNetwork::new(layers, &inputs, trained.dataset.labels.clone());
    let (first, mut sum, mut scratch) = (&trained.weights[0], 0.0, DrawScratch::default());
    for picture in 0..40 {
        let pixels = trained.dataset.images.pixels_of(picture);
        let signs: Vec<f64> = pixels.iter().map(|&pixel| if pixel > 7.0 { 1.0 } else { -1.0 }).collect();
        sum += signs.iter().sum::<f64>();
        assert_eq!(inputs.of_picture(picture), signs);
        let found = network.arguments(picture, &mut random(0, 0), &mut scratch).expect("regular");
        for (output, argument) in found[0].iter().enumerate() {
            let weighted: f64 =
                signs.iter().enumerate().map(|(row, sign)| sign * first.weights[row * 32 + output]).sum();
            let by_hand = first.gain.unwrap_or(1.0) * (weighted + first.biases.as_ref().expect("biases")[output]);
            assert!((argument - by_hand).abs() < 1e-9, "{picture} {output}: {argument} {by_hand}");
        }
    }
    let planes = network.layers()[0].planes();
    assert!((inputs.mean_square(&planes) - 1.0).abs() < 1e-15);
    assert!((inputs.mean(&planes) - sum / (40.0 * 64.0)).abs() < 1e-12);
}

/// Noise of a read is that of currents whose squares are those of -1 and 1: the same for every picture.
#[test]
fn noise_of_bipolar_rows_is_that_of_all_rows() {
    let design = shipped(&[BIPOLAR, NO_ROWS, "imperfections.read-noise=3%"]);
    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
    let trained = accuracy::read(&design, &pictures(400), sources, diagnostics).expect("shipped");
    let mapping = design.image.as_ref().expect("stated");
    let inputs = Inputs::map(&trained.dataset.images, mapping, design.input_encoding, 64).expect("fits");
    let layers = |detail: Detail, diagnostics: &mut Diagnostics| {
        Build::new(&design, &trained.weights, diagnostics).layers(detail).expect("built")
    };
    let ideal = Detail { cells: true, ..Detail::NONE };
    let (quiet, noisy) =
        (layers(ideal, diagnostics), layers(Detail { drift: true, randomness: true, ..ideal }, diagnostics));
    let gain = quiet[0].gain;
    let labels = || trained.dataset.labels.clone();
    let (quiet, noisy) =
        (PreparedNetwork::new(quiet, &inputs, labels()), PreparedNetwork::new(noisy, &inputs, labels()));
    let (mut scratch, mut square, mut count) = (DrawScratch::default(), 0.0, 0);
    for picture in 0..400 {
        let exact = quiet.arguments(picture, &mut random(0, 0), &mut scratch).expect("regular");
        let found = noisy.arguments(picture, &mut random(7, picture as u64), &mut scratch).expect("regular");
        for (a, b) in exact[0].iter().zip(&found[0]) {
            square += ((a - b) / gain).powi(2);
            count += 1;
        }
    }
    // In units of the weights a pair of 1 and 1/3 (of 200 %) has (9 + 1) / 4 of the square of a weight; 64 rows and the bias.
    let by_hand = 65.0 * 0.03_f64.powi(2) * 10.0 / 4.0;
    let found = square / f64::from(count);
    assert!((found / by_hand - 1.0).abs() < 0.05, "{found} {by_hand}");
}

/// A mean that loaded rows cannot have is not priced: rows at their root mean square are the most, and no crossbar gives power back.
#[test]
fn rows_have_no_mean_beyond_their_root_mean_square() {
    let path = Path::new("builtin:arch/mlp-400-120-84-10-published-analog.yaml");
    let setting = "network.layers.hidden-2.statistics={ active-rows: 17%, mean: 40%, low-resistance: 50% }";
    let mut session = Session::with_settings(&[setting]);
    let design = session.design(path).unwrap_or_else(|_| panic!("{}", session.rendered()));
    let crossbar = design.layers[1].circuits.crossbar;
    let rows = imcost::cost::drive::rows_driven(&design, crossbar).expect("neurons").levels;
    assert!(rows.mean.si() <= rows.rms.si(), "{rows:?}");
    assert!(row_power(&design, crossbar).expect("a crossbar").power.si() > 0.0);
}

const LIBRARY: &str = "
name: for tests
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
devices:
  made-up: { type: rram, r-low: 2 kohm, r-high: 8 kohm, source: made up, basis: modelled }
components:
  drv: { kind: row-driver, power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
  current-adc: { kind: adc, bits: 8, takes: current, differential: true, power: 1 mW, latency: 1 ns, area: 100 um^2, source: made up, basis: modelled }
  ideal: { kind: crossbar, device: made-up, cell: { devices: 2, width: 0.2 um, height: 0.5 um }, read-voltage: 0.5 V, max-rows: 1024, max-columns: 1024, latency: 1 ns, source: made up, basis: modelled }
";

fn small(input: &str, layers: &str, rest: &str) -> Result<Design, String> {
    let text = format!(
        "name: small
technology: library.yaml
network:
  input: {{ features: 20, {input} }}
  layers: [{layers}]
weights: {{ bits: 1, encoding: differential }}
tile: {{ crossbar: ideal, rows: 32, columns: 32 }}
stages: {{ input: [drv], column: [current-adc] }}
{rest}"
    );
    let files = Memory::default().with("library.yaml", LIBRARY).with("design.yaml", text).over_standard();
    let mut session = Session::default().reading(files);
    session.design(Path::new("design.yaml")).map_err(|_| session.rendered())
}

const LAYER: &str = "{ name: only, dense: 4 }";

#[test]
fn every_bipolar_row_takes_the_power_of_an_active_one() {
    let power = |input: &str, rest: &str| {
        let design = small(input, LAYER, rest).unwrap_or_else(|said| panic!("{said}"));
        row_power(&design, design.layers[0].circuits.crossbar).expect("a crossbar").power.si()
    };
    // 20 rows and the bias row, 4 pairs in each, one device of a pair in each state, 0.5 V.
    let by_hand = 21.0 * 4.0 * (1.0 / 2e3 + 1.0 / 8e3) * 0.25;
    for mean in ["-100%", "-30%", "0%", "100%"] {
        let found = power("encoding: bipolar", &format!("statistics: {{ mean: {mean}, low-resistance: 50% }}"));
        assert!((found / by_hand - 1.0).abs() < 1e-12, "{mean}: {found} {by_hand}");
    }
    // What an architecture states of all layers is not about bipolar rows.
    let stated = power("encoding: bipolar", "statistics: { active-rows: 10%, mean: 10%, low-resistance: 50% }");
    assert!((stated / by_hand - 1.0).abs() < 1e-12);
    let unsigned = power("bits: 1", "statistics: { active-rows: 10%, low-resistance: 50% }");
    assert!((unsigned / by_hand - 3.0 / 21.0).abs() < 1e-12);
}

#[test]
fn rows_have_a_mean_and_a_square_that_go_together() {
    let said = |input: &str, layers: &str, rest: &str| small(input, layers, rest).expect_err("refused");
    let statistics = |text: &str| format!("statistics: {{ {text}, low-resistance: 50% }}");
    let two = "{ name: a, dense: 4 }, { name: b, dense: 4, from: [input, a] }";
    for (input, layers, rest, expected) in [
        ("bits: 2, encoding: bipolar", LAYER, "", "bipolar inputs have one bit, not 2"),
        (
            "encoding: bipolar",
            "{ name: only, dense: 4, statistics: { active-rows: 30% } }",
            "",
            "all of them are active",
        ),
        ("encoding: bipolar", two, "", "is fed by bipolar inputs"),
        ("encoding: bipolar", LAYER, &statistics("mean: -110%"), "cannot have a mean of -110%"),
        ("bits: 1", LAYER, &statistics("active-rows: 25%, mean: 60%"), "expected 25% to 50%"),
        ("bits: 1", LAYER, &statistics("active-rows: 25%, mean: 20%"), "cannot have a mean of 20%"),
        ("encoding: bipolr", LAYER, "", "bipolar"),
    ] {
        let said = said(input, layers, rest);
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(said.starts_with("error") && said.contains("design.yaml:"), "{said}");
    }
    for mean in ["25%", "50%"] {
        assert!(small("bits: 1", LAYER, &statistics(&format!("active-rows: 25%, mean: {mean}"))).is_ok(), "{mean}");
    }
    let assumed = small("encoding: bipolar", LAYER, "").expect("a design").assumptions.join(", ");
    assert!(assumed.contains("mean taken as 0 %") && !assumed.contains("active-rows"), "{assumed}");
}

/// Driver, crossbar and ADC take a nanosecond each; of the power 1 uW a driver, 1 mW a converter.
#[test]
fn what_is_always_on_draws_its_power_for_the_whole_period() {
    let statistics = "statistics: { active-rows: 50%, low-resistance: 50% }";
    let totals = |rest: &str| {
        let design = small("bits: 1", LAYER, &format!("{statistics}\n{rest}")).unwrap_or_else(|said| panic!("{said}"));
        estimate(&design).expect("physical").totals
    };
    let (alone, held) = (totals("gating: always-on"), totals("gating: always-on\nperiod: 10 ns"));
    assert!((alone.latency.si() - 3e-9).abs() < 1e-20 && held.latency == alone.latency);
    assert!((held.initiation_interval.si() - 1e-8).abs() < 1e-20);
    assert!((held.energy / alone.energy - 10.0 / 3.0).abs() < 1e-12);
    assert!((held.power / alone.power - 1.0).abs() < 1e-12);
    // What is switched off between inferences costs no energy then.
    let (alone, held) = (totals(""), totals("period: 10 ns"));
    assert!((held.energy / alone.energy - 1.0).abs() < 1e-12);
    assert!((held.power / alone.power - 0.3).abs() < 1e-12);
    for (rest, expected) in [
        ("period: 2 ns", "they take 3.000 ns"),
        ("period: 0 ns", "`period`"),
        ("pipelined: true\nperiod: 2.9 ns", "they take 3.000 ns"),
    ] {
        let said = small("bits: 1", LAYER, rest).expect_err("too soon");
        assert!(said.contains(expected) && said.contains("design.yaml:"), "{said}");
    }
    assert!(small("bits: 1", LAYER, "period: 3 ns").is_ok());
}

fn simulated(design: &Design, count: usize) -> Simulation {
    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
    simulate(design, &pictures(count), None, sources, diagnostics).expect("an operating point")
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), v| (sum + v, count + 1));
    sum / f64::from(count)
}

/// Rows of both layers, with columns that float and that are held, in the report and in the whole circuit with the statistics that it has.
#[test]
fn rows_take_the_power_in_the_report_that_they_take_in_the_whole_circuit() {
    const COUNT: usize = 60;
    for encoding in ["unsigned", "bipolar"] {
        for end in ["1 kohm", "0.01 ohm"] {
            for tile in [16, 24, 65] {
                let settings = [
                    format!("network.input.encoding={encoding}"),
                    NO_ROWS.to_owned(),
                    format!("differential-amplifier.parameters.r-unit={end}"),
                    format!("tile.rows={tile}"),
                    format!("tile.columns={tile}"),
                ];
                let design = shipped(&settings.iter().map(String::as_str).collect::<Vec<_>>());
                let simulation = simulated(&design, COUNT);
                let hidden = || simulation.points.iter().map(|point| &point.layers[0]);
                let level = |power: i32| {
                    mean(hidden().flat_map(|l| l.neuron_output_v.iter().map(move |v| (v / 0.8).powi(power))))
                };
                let first = {
                    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
                    let data =
                        accuracy::read_pictures(&design, &pictures(COUNT), sources, diagnostics).expect("shipped");
                    let on = mean(data.images.pixels.iter().map(|&p| f64::from(u8::from(p > 7.0))));
                    if encoding == "bipolar" { (1.0, 2.0 * on - 1.0) } else { (on, on) }
                };
                let of = |(active_rows, mean): (f64, f64)| Statistics {
                    active_rows,
                    mean: Some(mean),
                    product: None,
                    low_resistance: 0.5,
                };
                let measured = design.with_statistics(&[of(first), of((level(2), level(1)))], true);
                let found: f64 = measured
                    .layers
                    .iter()
                    .map(|layer| row_power(&measured, layer.circuits.crossbar).expect("a crossbar").power.si())
                    .sum();
                let delivered = |l: &imcost::model::network::LayerPoint| -> f64 {
                    l.neuron_output_v.iter().zip(&l.neuron_current_a).map(|(v, i)| v * i).sum()
                };
                let exact = mean(
                    simulation
                        .points
                        .iter()
                        .map(|point| point.power_inputs.si() + point.power_bias.si() + delivered(&point.layers[0])),
                );
                assert!((found / exact - 1.0).abs() < 0.02, "{settings:?}: {found} {exact}");
            }
        }
    }
}

/// Pictures are the voltages that they stand for; weights of a trained network stand in cells as CSV files with their signs turned hold them.
#[test]
fn pictures_and_trained_weights_are_simulated_as_the_voltages_and_cells_that_they_are() {
    let mut session = Session::with_settings(&[BIPOLAR, NO_ROWS]);
    let design = session.design(Path::new(DIGITS)).expect("shipped");
    let by_picture = simulated(&design, 3);
    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
    let trained = accuracy::read(&design, &pictures(3), sources, diagnostics).expect("shipped");
    let csv = |values: &[f64], columns: usize| -> String {
        values
            .chunks(columns)
            .map(|row| row.iter().map(|v| v.to_string()).collect::<Vec<_>>().join(",") + "\n")
            .collect()
    };
    let turned = |values: &[f64], columns: usize| csv(&values.iter().map(|w| -w.signum()).collect::<Vec<_>>(), columns);
    let volts: Vec<f64> =
        trained.dataset.images.pixels.iter().map(|&pixel| if pixel > 7.0 { 0.8 } else { -0.8 }).collect();
    let [first, second] = &trained.weights[..] else { panic!("two layers") };
    let biases = |layer: &imcost::infer::weights::DenseWeights| layer.biases.clone().expect("biases");
    let files = Memory::default()
        .with("w/W1.csv", turned(&first.weights, 32))
        .with("w/B1.csv", turned(&biases(first), 32))
        .with("w/W2.csv", turned(&second.weights, 10))
        .with("w/B2.csv", turned(&biases(second), 10))
        .with("volts.csv", csv(&volts, 64))
        .over_standard();
    let mut sources = SourceMap::new(files);
    let question = Question { weights: vec!["w".into()], ..Question::default() };
    let by_voltage =
        simulate(&design, &question, Some(Path::new("volts.csv")), &mut sources, diagnostics).expect("fine");
    assert_eq!(by_picture.points, by_voltage.points);
    assert_eq!((by_voltage.pictures.as_ref(), by_voltage.correct()), (None, None));
    let labels = by_picture.pictures.as_ref().map(|pictures| pictures.labels.clone());
    assert_eq!(labels, Some(trained.dataset.labels.clone()));
    let right = by_picture.points.iter().zip(&trained.dataset.labels);
    let right = right.filter(|(point, label)| {
        let outputs = &point.layers[1].neuron_output_v;
        outputs.iter().all(|v| *v <= outputs[**label as usize])
    });
    assert_eq!(by_picture.correct(), Some(right.count()));
}
