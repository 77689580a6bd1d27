//! Amplifiers at the feet of columns: how long they settle, what they deliver, and where their rails hold them, by hand and against whole circuits.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cost::{amplifier, estimate, findings};
use imcost::design::{Design, Statistics};
use imcost::diagnostic::{Diagnostics, SourceMap};
use imcost::files::Memory;
use imcost::infer::accuracy::build::{Build, Detail};
use imcost::infer::accuracy::{self, Question};
use imcost::infer::classify::devices::random;
use imcost::infer::classify::input::Inputs;
use imcost::infer::classify::{DrawScratch, PreparedNetwork};
use imcost::infer::simulation::{Simulation, simulate};
use imcost::results::FindingRule;
use imcost::session::Session;

/// Devices of 40 and 120 kohm without wires, and both amplifiers.
const LIBRARY: &str = "
name: for tests
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
parameters: { rails: 0.8 V }
devices:
  made-up: { type: rram, r-low: 40 kohm, r-high: 120 kohm, source: made up, basis: modelled }
components:
  cells: { kind: crossbar, device: made-up, cell: { devices: 2, width: 0.2 um, height: 0.5 um }, read-voltage: 0.8 V, max-rows: 1024, max-columns: 1024, latency: 1 ns, source: made up, basis: modelled }
  tia: { kind: amplifier, differential: true, joins: true, model: { transimpedance-amplifier: { feedback-resistance: 4 kohm, OUTPUT op-amp: { gain-bandwidth: 5 GHz, bits: 6, rails: = rails } } }, static-power: 1 mW, area: 5 um^2, source: made up, basis: modelled }
  difference: { kind: amplifier, differential: true, joins: true, model: { difference-amplifier: { gain: 20, input-resistance: 500 ohm, OUTPUT op-amp: { gain-bandwidth: 5 GHz, bits: 6, rails: = rails } } }, static-power: 1 mW, area: 5 um^2, source: made up, basis: modelled }
";

struct Built<'a> {
    amplifier: &'a str,
    input: &'a str,
    tile: u32,
    output: &'a str,
}

const USUAL: Built<'static> = Built { amplifier: "tia", input: "encoding: bipolar", tile: 33, output: "" };

/// The digits' network with these circuits; sums that meet before their amplifier have `{ use: tia, per: output }`.
fn digits(Built { amplifier, input, tile, output }: Built<'_>, settings: &[&str]) -> Design {
    let text = format!(
        "name: digits
technology: library.yaml
network:
  input: {{ features: 64, {input}, image: {{ threshold: 7 }} }}
  layers:
    - {{ name: hidden, dense: 32 }}
    - {{ name: output, dense: 10, stages: {{ input: [] }} }}
statistics: {{ low-resistance: 50% }}
weights: {{ bits: 1, encoding: differential }}
tile: {{ crossbar: cells, rows: {tile}, columns: {tile} }}
stages: {{ input: [row-driver], column: [{amplifier}, sot-mram-neuron] }}
gating: always-on
imperfections: {{ gain: as-built }}
"
    );
    let files = Memory::default()
        .with("library.yaml", LIBRARY.replace("OUTPUT", output))
        .with("design.yaml", text)
        .over_standard();
    let mut session = Session::with_settings(settings).reading(files);
    let design = session.design(Path::new("design.yaml"));
    design.unwrap_or_else(|_| panic!("{}", session.rendered()))
}

fn pictures(count: usize) -> Question {
    Question { images: Some(count), draws: 1, seed: 1, ..Question::default() }
}

fn simulated(design: &Design, count: usize) -> Simulation {
    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
    simulate(design, &pictures(count), None, sources, diagnostics).expect("an operating point")
}

fn amplifier_of(design: &Design, layer: usize) -> amplifier::PlacedAmplifier {
    let (node, _) = design.termination_of(design.layers[layer].circuits.crossbar).expect("an amplifier");
    amplifier::placed(design, node).expect("a circuit")
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), v| (sum + v, count + 1));
    sum / f64::from(count)
}

#[track_caller]
fn close(found: f64, by_hand: f64, within: f64) {
    assert!((found / by_hand - 1.0).abs() < within, "{found:e} instead of {by_hand:e}");
}

/// 32 rows of a low and a high device to a column: 398 ohm. The loop gives back 1 / 22.46 of the output.
#[test]
fn the_shipped_amplifier_settles_with_the_noise_gain_of_its_column() {
    let mut session = Session::default();
    let path = Path::new("builtin:arch/mlp-784-16-10-analog.yaml");
    let design = session.design(path).unwrap_or_else(|_| panic!("{}", session.rendered()));
    let device = |tmr: f64| 10e-12 / (std::f64::consts::PI / 4.0 * 50e-9 * 30e-9) * (1.0 + tmr);
    let column_s = 16.0 / device(0.0) + 16.0 / device(2.0);
    let noise_gain = 1.0 + 30e3 / (1e3 + 1.0 / column_s);
    close(noise_gain, 22.46, 1e-3);
    let (node, _) = design.termination_of(design.layers[0].circuits.crossbar).expect("an amplifier");
    let found = estimate(&design).expect("an estimate");
    let through = found.costs[node.index()].time;
    // Its gain-bandwidth product is that of a stage of noise gain 2 that settles to 9.6 bits in 0.5 ns.
    let by_hand = 0.5e-9 * 9.0 / 10.6 * noise_gain / 2.0;
    close(through.si(), by_hand, 1e-9);
}

/// Two op-amps one after another: against `(1 + t/τ) exp(-t/τ)` of two equal poles, between those of the faster and of the slower one.
#[test]
fn a_transimpedance_amplifier_settles_through_two_op_amps_with_all_rows_on_its_columns() {
    let design = digits(Built { amplifier: "{ use: tia, per: output }", ..USUAL }, &[]);
    let column = 65.0 * (1.0 / 40e3 + 1.0 / 120e3) / 2.0;
    let left = |t: f64, noise_gain: f64| {
        let x = t * 2.0 * std::f64::consts::PI * 5e9 / noise_gain;
        (1.0 + x) * (-x).exp()
    };
    let (node, _) = design.termination_of(design.layers[0].circuits.crossbar).expect("an amplifier");
    let found = amplifier::foot(&design, node).expect("a circuit").settling().expect("limited").si();
    let noise_gain = 1.0 + 4e3 * column;
    assert!(left(found, noise_gain) < 0.5_f64.powi(7) && left(found, noise_gain + 1.0) > 0.5_f64.powi(7));
}

/// What the report counts for amplifiers, and their outputs, against the means of the whole circuit with the same statistics.
#[test]
fn amplifiers_deliver_in_the_report_what_they_deliver_in_the_whole_circuit() {
    const COUNT: usize = 150;
    for amplifier in ["tia", "difference", "{ use: tia, per: output }", "{ use: difference, per: output }"] {
        for input in ["encoding: bipolar", "bits: 1"] {
            let far = ["parameters.rails=20 V"];
            let design = digits(Built { amplifier, input, ..USUAL }, &far);
            let simulation = simulated(&design, COUNT);
            let first = {
                let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
                let data = accuracy::read_pictures(&design, &pictures(COUNT), sources, diagnostics).expect("shipped");
                let on = mean(data.images.pixels.iter().map(|&p| f64::from(u8::from(p > 7.0))));
                if input == "bits: 1" { (on, on) } else { (1.0, 2.0 * on - 1.0) }
            };
            let hidden = |power: i32| {
                mean(
                    simulation
                        .points
                        .iter()
                        .flat_map(|point| point.layers[0].neuron_output_v.iter().map(move |v| (v / 0.8).powi(power))),
                )
            };
            let of = |(active_rows, mean): (f64, f64)| Statistics {
                active_rows,
                mean: Some(mean),
                product: None,
                low_resistance: 0.5,
            };
            let measured = design.with_statistics(&[of(first), of((hidden(2), hidden(1)))], true);
            let found: f64 = (0..2)
                .map(|layer| {
                    let (node, _) = measured.termination_of(measured.layers[layer].circuits.crossbar).expect("there");
                    let placed = amplifier_of(&measured, layer);
                    placed.delivered().expect("rails").si() * measured.graph[node].units as f64
                })
                .sum();
            let exact = mean(simulation.points.iter().map(|point| point.power_amplifiers.si()));
            // Trained weights and pictures are not independent: a quarter of this power is theirs.
            assert!((found / exact - 1.0).abs() < 0.25, "{amplifier} {input}: {found} {exact}");
        }
    }
}

/// Sums of both tiles by hand, without wires and columns at 0 V: each amplifier's output held at its rails, then their mean.
#[test]
fn outputs_are_held_at_the_rails_before_they_are_joined() {
    let design = digits(USUAL, &["parameters.rails=400 mV"]);
    let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
    let trained = accuracy::read(&design, &pictures(30), sources, diagnostics).expect("shipped");
    let first = &trained.weights[0];
    let step_s = 1.0 / 40e3 - 1.0 / 120e3;
    let simulation = simulated(&design, 30);
    let mapping = design.image.as_ref().expect("stated");
    let inputs = Inputs::map(&trained.dataset.images, mapping, design.input_encoding, 64).expect("fits");
    let layers = Build::new(&design, &trained.weights, diagnostics).layers(Detail::ALL).expect("built");
    let limits: Vec<f64> = layers[0].reads.iter().map(|read| read.limit.expect("rails")).collect();
    assert_eq!(limits.len(), 2);
    let network = PreparedNetwork::new(layers, &inputs, trained.dataset.labels.clone());
    let (mut scratch, mut at_rails, mut per_volt) = (DrawScratch::default(), 0, None);
    for (picture, point) in simulation.points.iter().enumerate() {
        let signs = inputs.of_picture(picture);
        let arguments = network.arguments(picture, &mut random(0, 0), &mut scratch).expect("regular");
        let mut held_here = 0;
        for (output, argument) in arguments[0].iter().enumerate() {
            let part = |rows: std::ops::Range<usize>| -> f64 {
                rows.map(|row| {
                    let weight = if row == 64 {
                        first.biases.as_ref().expect("biases")[output]
                    } else {
                        first.weights[row * 32 + output]
                    };
                    let sign = signs.get(row).copied().unwrap_or(1.0);
                    // The neuron falls, so pairs are exchanged.
                    -4e3 * 0.8 * sign * weight.signum() * step_s
                })
                .sum()
            };
            // 65 rows on two tiles end at 33 and 65.
            let tiles = [part(0..33), part(33..65)];
            held_here += tiles.iter().filter(|v| v.abs() >= 0.4).count();
            let by_hand = tiles.iter().map(|v| v.clamp(-0.4, 0.4)).sum::<f64>() / 2.0;
            let found = point.layers[0].neuron_input_v[output];
            assert!((found - by_hand).abs() < 1e-9, "{picture} {output}: {found} {by_hand}");
            // The argument of the neuron is that voltage, in the same unit for all.
            if by_hand.abs() > 0.1 {
                let ratio = argument / by_hand;
                assert!((ratio / *per_volt.get_or_insert(ratio) - 1.0).abs() < 1e-9, "{picture} {output}");
            }
        }
        assert_eq!(point.layers[0].at_rails, (held_here, 64));
        at_rails += held_here;
    }
    assert!(at_rails > 200, "{at_rails}");
    let wide = digits(USUAL, &["parameters.rails=20 V"]);
    assert!(simulated(&wide, 30).points.iter().all(|point| point.layers.iter().all(|layer| layer.at_rails.0 == 0)));
}

/// Of two outputs that are joined through 100 ohm each, half of their difference flows through both.
#[test]
fn joined_outputs_pay_for_their_differences() {
    let power = |output: &str| {
        let design = digits(Built { output, ..USUAL }, &["parameters.rails=20 V"]);
        simulated(&design, 40).points.iter().map(|point| point.power_amplifiers.si()).collect::<Vec<f64>>()
    };
    let (ideal, joined, stiff) = (power(""), power("output-resistance: 100 ohm,"), power("output-resistance: 10 ohm,"));
    for ((ideal, joined), stiff) in ideal.iter().zip(&joined).zip(&stiff) {
        // Ten times the current where little but the joint counts.
        let ratio = (stiff - ideal) / (joined - ideal);
        assert!((9.0..11.0).contains(&ratio), "{ideal} {joined} {stiff}");
    }
}

#[test]
fn amplifiers_at_their_rails_and_tied_outputs_are_found() {
    let found = |built: Built<'_>, settings: &[&str]| {
        let design = digits(built, settings);
        let all = findings(&design, &SourceMap::default());
        let of = |rule: FindingRule| all.iter().find(|finding| finding.rule == rule).cloned();
        (of(FindingRule::Saturation), of(FindingRule::TiedOutputs))
    };
    let (saturation, tied) = found(USUAL, &["parameters.rails=400 mV"]);
    let saturation = saturation.expect("beyond the rails");
    // 32.5 rows at 0.8 V, each pair ±(1/40 - 1/120) mS into 4 kohm, as many plus as minus.
    let rms = 4e3 * 0.8 * (1.0 / 40e3 - 1.0 / 120e3) * 32.5_f64.sqrt();
    close(saturation.figures[0].value_si, rms, 1e-9);
    assert_eq!(saturation.figures[1].value_si, 0.4);
    // A normal number is beyond 1.3156 of its deviations with this probability, by a table.
    close(0.4 / rms, 1.3156, 1e-4);
    close(saturation.figures[2].value_si, 0.1883, 1e-3);
    assert_eq!(tied.expect("two tiles").figures[0].value_si, 2.0);
    assert_eq!(found(USUAL, &["parameters.rails=2 V"]).0, None);
    assert_eq!(found(Built { output: "output-resistance: 100 ohm,", ..USUAL }, &[]).1, None);
    assert_eq!(found(Built { amplifier: "{ use: tia, per: output }", ..USUAL }, &[]).1, None);
}

#[test]
fn zero_costs_are_those_that_say_why() {
    let read = |power: &str| {
        let library = format!(
            "name: l\nnode: 14 nm\ncomponents:\n  free: {{ kind: amplifier, static-power: {power}, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }}\n"
        );
        let files = Memory::default().with("library.yaml", library).over_standard();
        let mut session = Session::default().reading(files);
        let found = session
            .library(Path::new("library.yaml"))
            .map(|library| library.components["free"].static_power.as_ref().map(|power| power.value.si()));
        found.map_err(|_| session.rendered())
    };
    assert_eq!(read("{ value: 0 W, note: an ideal source }"), Ok(Some(0.0)));
    let said = read("0 W").expect_err("no reason");
    assert!(said.contains("`static-power` is zero") && said.contains("needs a reason"), "{said}");
    let said = read("{ value: -1 W, note: an ideal source }").expect_err("negative");
    assert!(said.contains("negative") && !said.contains("needs a reason"), "{said}");
}
