//! What a run over the shipped digits counts and says, against counts that share nothing with it but the classes it gave.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use imcost::design::Design;
use imcost::diagnostic::Diagnostics;
use imcost::files::Memory;
use imcost::infer::accuracy::build::{Build, Detail};
use imcost::infer::accuracy::{self, Accuracy, Question};
use imcost::infer::classify::devices::random;
use imcost::infer::classify::input::{Inputs, Plane};
use imcost::infer::classify::neuron::NeuronStage;
use imcost::infer::classify::{DrawScratch, PreparedNetwork};
use imcost::infer::dataset::{self, Dataset, Part, Wanted};
use imcost::infer::weights::{self, DenseWeights, LayerShape};
use imcost::model::neuron::logistic::Logistic;
use imcost::session::Session;
use imcost::techlib::Model;
use imcost::units::Voltage;

const IDEAL: Detail = Detail { column_ends: false, wires: false, load: false, ..Detail::ALL };

/// The digits on 64-32-10 with 8-bit words between the layers.
fn design(input: &str, column: &str, output: &str, more: &str) -> Design {
    let library = "name: a test
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
components:
  stated: { kind: neuron, function: sigmoid, model: { logistic: { at-low: 0.6 V, at-high: 0.1 V, midpoint: 5 mV, width: 20 mV } }, static-power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
  bare: { kind: neuron, function: sigmoid, static-power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
  relu: { kind: activation, function: relu, bits: 8, power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
";
    let text = format!(
        "name: digits
technology: library.yaml
network:
  input: {{ features: 64, {input} }}
  layers:
    - {{ name: hidden, dense: 32 }}
    - {{ name: output, dense: 10, stages: {{ {output} }} }}
weights: {{ bits: 1, encoding: differential }}
tile: {{ crossbar: sot-mram-crossbar, rows: 128, columns: 64 }}
stages: {{ input: [row-driver], column: [{column}] }}
gating: always-on
statistics: {{ active-rows: 50%, low-resistance: 50% }}
{more}"
    );
    let files = Memory::default().with("design.yaml", text).with("library.yaml", library);
    let mut session = Session::default().reading(files.over_standard());
    session.design(Path::new("design.yaml")).unwrap_or_else(|_| panic!("{}", session.rendered()))
}

const BINARY: &str = "bits: 1, image: { threshold: 7 }";
const CONVERTED: &str = "differential-amplifier, sample-hold, adc-6b, digital-sigmoid, register";

/// A run of a hundred pictures that is stopped as soon as so many draws are done.
fn run(design: &Design, draws: usize, stopped_after: usize) -> Accuracy {
    let question = Question {
        weights: vec![weights::DIGITS.into()],
        data: None,
        part: Part::Test,
        images: Some(100),
        draws,
        seed: 1,
        ideal_neuron: false,
        ideal_crossbar: true,
    };
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let trained = accuracy::read(design, &question, sources, diagnostics).expect("shipped");
    let stop = AtomicBool::new(false);
    let progress = |done: usize| {
        if done >= stopped_after {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let found = accuracy::run(design, &trained, &question, false, &stop, &progress, diagnostics).expect("it runs");
    found.expect("it was not stopped before it began")
}

#[test]
fn answers_are_counted_by_class() {
    let run = run(&design(BINARY, CONVERTED, "input: [dac-8b]", ""), 1, usize::MAX);
    let confusion = run.confusion();
    assert_eq!((confusion.len(), run.labels.len(), run.images), (10, 100, 100));
    for (label, row) in confusion.iter().enumerate() {
        for (class, count) in row.iter().enumerate() {
            let pairs = run.labels.iter().zip(&run.nominal.classes);
            let by_hand = pairs.filter(|(l, c)| (**l as usize, usize::from(**c)) == (label, class)).count();
            assert_eq!(*count, by_hand, "{label} taken for {class}");
        }
    }
    let right: usize = (0..10).map(|class| confusion[class][class]).sum();
    assert!(right > 50 && right < 100, "{right}");
    assert_eq!(run.nominal.correct, right);
    assert!((run.nominal_accuracy() - right as f64 / 100.0).abs() < 1e-15);
}

/// Shipped weights and pictures are of 64 inputs: whichever of them is asked for, another network is told so.
#[test]
fn shipped_weights_and_pictures_are_for_their_network_alone() {
    let mut session = Session::default();
    let design = session.design(Path::new("builtin:arch/mlp-784-16-10-mixed.yaml")).expect("shipped");
    for (weights, data) in [(vec![], Some("d")), (vec!["w".into()], None), (vec![], None)] {
        let question = Question {
            weights,
            data: data.map(Into::into),
            part: Part::Test,
            images: None,
            draws: 1,
            seed: 1,
            ideal_neuron: true,
            ideal_crossbar: true,
        };
        let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
        // Files that are named are looked for; what is not named is not shipped for this network.
        let named_weights = !question.weights.is_empty();
        let found = match (named_weights, question.data.is_some()) {
            (true, false) => accuracy::read_pictures(&design, &question, sources, diagnostics).map(|_| ()),
            _ => accuracy::read_weights(&design, &question, sources, diagnostics).map(|_| ()),
        };
        assert!(found.is_err());
        let said: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(said, ["the shipped digits have 64 inputs, but the network takes 784"]);
    }
}

/// What a report calls the shipped pictures is what they were asked for by, and their part, not one of their files.
#[test]
fn shipped_pictures_go_by_their_name_and_part() {
    let parts = [(Part::Test, "builtin:digits, test part"), (Part::Train, "builtin:digits, train part")];
    let sizes = parts.map(|(part, name)| {
        let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
        let wanted = Wanted { part, ..Wanted::all() };
        let data = dataset::open(dataset::DIGITS.as_ref(), &wanted, sources, diagnostics).expect("shipped");
        assert_eq!(data.name, name);
        data.images.count
    });
    // A part is asked for, and the shipped network has been trained with the larger one.
    assert!(sizes[0] > 0 && sizes[1] > sizes[0], "{sizes:?}");
    assert_eq!(run(&design(BINARY, CONVERTED, "input: [dac-8b]", ""), 1, usize::MAX).data, parts[0].1);
}

/// Draws that were done before a run was stopped are kept, and nothing says that there are none. On one thread draws follow one another.
#[test]
fn a_run_that_is_stopped_keeps_its_draws_and_says_so_truly() {
    let random = design(BINARY, CONVERTED, "input: [dac-8b]", "imperfections: { stuck: 5% }");
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let run = one_thread.install(|| run(&random, 5000, 3));
    assert!(run.is_random);
    assert_eq!(run.draws.as_ref().map(|draws| draws.correct.len()), Some(3));
    assert!(!run.notes.iter().any(|note| note.contains("before the first draw")), "{:?}", run.notes);
}

/// Sums that use a fifth of a converter's range leave floor(log2(1/used)) of its bits without work, and are told of the range they need.
#[test]
fn bits_that_a_converter_never_uses_are_counted() {
    let design = design(BINARY, CONVERTED, "input: [dac-8b]", "");
    let run = run(&design, 1, usize::MAX);
    let found = accuracy::findings::findings(&run, &design, &Default::default());
    let unused: Vec<_> = run.layers.iter().filter_map(|layer| layer.used_range.filter(|used| *used < 0.5)).collect();
    assert!(!unused.is_empty(), "{:?}", run.layers);
    assert_eq!(found.len(), unused.len());
    for (finding, used) in found.iter().zip(unused) {
        let mut bits = 0;
        while used * f64::from(2 << bits) <= 1.0 {
            bits += 1;
        }
        let said = &finding.details[0];
        assert!(said.contains(&format!(": {bits} of its bits ")), "{used}: {said}");
        assert_eq!(said.contains("bits carry nothing"), bits > 1, "{said}");
    }
    // A hundredth may be clipped, and half of the range is used by all bits.
    let mut run = run;
    run.layers.iter_mut().for_each(|layer| (layer.clipped, layer.used_range) = (Some(0.01), Some(0.5)));
    assert_eq!(accuracy::findings::findings(&run, &design, &Default::default()).len(), 0);
}

/// Accuracy is that of sigmoid neurons; what the last layer computes does not change which output is largest.
#[test]
fn another_function_between_the_layers_is_refused_and_after_the_last_is_not() {
    let said = |hidden: &str, output: &str| {
        let column = format!("differential-amplifier, sample-hold, adc-6b, {hidden}, register");
        let output = format!("input: [dac-8b], column: [differential-amplifier, sample-hold, adc-6b{output}]");
        let design = design(BINARY, &column, &output, "");
        let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
        let shapes = LayerShape::of(&design);
        let weights = weights::read(&[weights::DIGITS.into()], &shapes, sources, diagnostics).expect("shipped");
        let built = Build::new(&design, &weights, diagnostics).layers(IDEAL).map(|layers| layers.len());
        built.map_err(|_| diagnostics.iter().map(|d| d.message.clone()).collect::<Vec<_>>())
    };
    assert_eq!(said("digital-sigmoid", ""), Ok(2));
    assert_eq!(said("digital-sigmoid", ", relu"), Ok(2));
    let refused = said("relu", "").expect_err("no sigmoid");
    assert_eq!(refused, ["`relu` computes relu: accuracy is computed for networks of sigmoid neurons"]);
}

/// 2^bits codes from minus to plus a full scale, each for the middle of its step.
fn signed(bits: i32, full: f64, value: f64) -> f64 {
    let half = 2_f64.powi(bits - 1);
    ((value / full * half).floor().clamp(-half, half - 1.0) + 0.5) * full / half
}

/// The shipped digits and their network, for a design.
fn digits(design: &Design) -> (Dataset, Vec<DenseWeights>, Inputs) {
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let data = dataset::open(dataset::DIGITS.as_ref(), &Wanted::all(), sources, diagnostics).expect("shipped");
    let shapes = LayerShape::of(design);
    let trained = weights::read(&[weights::DIGITS.into()], &shapes, sources, diagnostics).expect("shipped");
    let mapping = design.image.as_ref().expect("stated");
    let inputs = Inputs::map(&data.images, mapping, design.input_encoding, 64).expect("fits");
    (data, trained, inputs)
}

/// Words of 8 bits drive the rows of the second layer bit by bit: eight reads, each converted, weighted by 2^k / 255 and added up. The bias row is
/// on in every read.
#[test]
fn words_between_layers_are_applied_bit_by_bit() {
    let column = "column: [differential-amplifier, sample-hold, adc-6b, shift-add, digital-sigmoid, register]";
    let design = design(BINARY, CONVERTED, &format!("input: [row-driver], {column}"), "");
    let (data, trained, inputs) = digits(&design);
    let diagnostics = &mut Diagnostics::default();
    let layers = Build::new(&design, &trained, diagnostics).layers(IDEAL).expect("it is built");
    let network = PreparedNetwork::new(layers, &inputs, data.labels.clone());
    let rows: Vec<&[f64]> = trained[1].weights.chunks(10).chain(trained[1].biases.as_deref()).collect();
    let gain = trained[1].gain.unwrap_or(1.0);
    let mut different = 0;
    for picture in 0..40 {
        let arguments = network.arguments(picture, &mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
        let words: Vec<u32> =
            arguments[0].iter().map(|u| (255.0 / (1.0 + (-u).exp())).round() as u32).chain([255]).collect();
        for output in 0..10 {
            let mut sum = 0.0;
            let mut whole = 0.0;
            for bit in 0..8 {
                let on = words.iter().zip(&rows).filter(|(word, _)| *word >> bit & 1 == 1);
                let read: f64 = on.map(|(_, row)| row[output]).sum();
                sum += f64::from(1 << bit) / 255.0 * signed(6, 33.0, read);
                whole += f64::from(1 << bit) / 255.0 * read;
            }
            let found = arguments[1][output];
            assert!(
                (found - gain * sum).abs() < 1e-9 * (1.0 + sum.abs()),
                "{picture}, {output}: {found}, {}",
                gain * sum
            );
            different += usize::from((sum - whole).abs() > 0.1);
        }
    }
    assert!(different > 100, "eight conversions are not one: {different}");
}

/// A stated curve is looked up in a table, as exact as the curve itself, up to where nothing of it is left, wherever its middle stands.
#[test]
fn the_table_of_a_stated_curve_is_the_curve() {
    for (midpoint, width) in [(0.0, 0.02), (0.4, 0.02), (-0.4, 0.05), (0.3, -0.02)] {
        let curve = Logistic {
            amplitude: Voltage::new(0.6),
            steepness_per_v: 1.0 / width,
            midpoint: Voltage::new(midpoint),
            offset: Voltage::new(0.1),
        };
        let stage = NeuronStage::logistic(curve, Voltage::new(0.8));
        assert!((stage.per_volt() * f64::abs(width) - 1.0).abs() < 1e-12);
        let table = stage.curve().expect("a formula");
        for k in -800..=800 {
            let u = f64::from(k) / 10.0;
            // The argument is counted in widths, from an input of 0 V.
            let by_hand = (0.1 + 0.6 / (1.0 + (-(u - midpoint / width)).exp())) / 0.8;
            assert!((table.output(u) - by_hand).abs() < 2e-6, "{midpoint} {width} {u}: {} {by_hand}", table.output(u));
        }
    }
}

/// A stated curve gives 0.1 V + 0.5 V / (1 + exp((v - midpoint) / width)) of the 0.8 V of a row. It falls, so that the columns turn the sign: v is minus
/// the argument times the width.
#[test]
fn neurons_of_a_stated_curve_follow_it() {
    let design = design(BINARY, "differential-amplifier, stated", "", "");
    let (data, trained, inputs) = digits(&design);
    let diagnostics = &mut Diagnostics::default();
    let mut build = Build::new(&design, &trained, diagnostics);
    let layers = build.layers(IDEAL).expect("it is built");
    assert!(build.into_notes().iter().all(|note| !note.contains("has no circuit")));
    let network = PreparedNetwork::new(layers, &inputs, data.labels.clone());
    let rows: Vec<&[f64]> = trained[1].weights.chunks(10).chain(trained[1].biases.as_deref()).collect();
    for picture in 0..20 {
        let arguments = network.arguments(picture, &mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
        let level = |u: &f64| (0.1 + 0.5 / (1.0 + (-u - 0.005 / 0.02).exp())) / 0.8;
        let levels: Vec<f64> = arguments[0].iter().map(level).chain([1.0]).collect();
        for output in 0..10 {
            let sum: f64 = levels.iter().zip(&rows).map(|(level, row)| level * row[output]).sum();
            let by_hand = trained[1].gain.unwrap_or(1.0) * sum;
            let found = arguments[1][output];
            assert!((found - by_hand).abs() < 1e-4, "{picture}, {output}: {found} {by_hand}");
        }
    }
}

fn warned_of_same_inputs(design: &Design) -> bool {
    let question = Question {
        weights: vec![weights::DIGITS.into()],
        data: None,
        part: Part::Test,
        images: Some(20),
        draws: 1,
        seed: 1,
        ideal_neuron: true,
        ideal_crossbar: true,
    };
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let trained = accuracy::read(design, &question, sources, diagnostics).expect("shipped");
    let run = accuracy::run(design, &trained, &question, false, &AtomicBool::new(false), &|_| {}, diagnostics);
    assert!(run.is_ok_and(|run| run.is_some()));
    diagnostics.warnings().any(|warning| warning.message.contains("give the network the same inputs"))
}

/// Digits have pixels of 0 to 16: a threshold of 7 tells them apart, one of 100 leaves every input off and one of -1 leaves every input on.
#[test]
fn pictures_vary_where_their_inputs_do() {
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let data = dataset::open(dataset::DIGITS.as_ref(), &Wanted::all(), sources, diagnostics).expect("shipped");
    for (threshold, varies, on) in [(7, true, None), (100, false, Some(0.0)), (-1, false, Some(1.0))] {
        let input = format!("bits: 1, image: {{ threshold: {threshold} }}");
        let design = design(&input, CONVERTED, "input: [dac-8b]", "");
        let inputs =
            Inputs::map(&data.images, design.image.as_ref().expect("stated"), design.input_encoding, 64).expect("fits");
        assert_eq!(inputs.vary(), varies, "{threshold}");
        assert_eq!(warned_of_same_inputs(&design), !varies, "{threshold}");
        let pixels = data.images.pixels.iter();
        let by_hand =
            pixels.filter(|pixel| **pixel > threshold as f32).count() as f64 / data.images.pixels.len() as f64;
        let mean = inputs.mean_square(&[Plane::WHOLE]);
        assert!((mean - by_hand).abs() < 1e-12 && on.is_none_or(|on| mean == on), "{threshold}: {mean} {by_hand}");
    }
}

/// Offsets and slopes are those of analog neurons: an offset of 10 mV is as much of the argument as the neuron is steep. Words have none, of which a
/// note tells.
#[test]
fn mismatch_touches_neurons_and_no_words() {
    let built_with = |mismatch: &str, column: &str, output: &str| {
        let design = design(BINARY, column, output, &format!("imperfections: {{ {mismatch} }}"));
        let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
        let shapes = LayerShape::of(&design);
        let trained = weights::read(&[weights::DIGITS.into()], &shapes, sources, diagnostics).expect("shipped");
        let mut build = Build::new(&design, &trained, diagnostics);
        let layers = build.layers(Detail { column_ends: false, wires: false, load: false, ..Detail::ALL });
        let layer = layers.expect("it is built").swap_remove(0);
        let neuron = design.graph[design.layers[0].circuits.activation.expect("a neuron")].component();
        let steep = match neuron.and_then(|component| component.model) {
            Some(Model::MtjInverter(neuron)) => NeuronStage::mtj(neuron.circuit).expect("solvable").per_volt(),
            _ => 0.0,
        };
        (layer.neuron_slope, layer.neuron_offset, steep, build.into_notes())
    };
    for (mismatch, told) in [("neuron-slope: 5%", true), ("neuron-offset: 10 mV", true), ("stuck: 1%", false)] {
        let notes = built_with(mismatch, CONVERTED, "input: [dac-8b]").3;
        assert_eq!(notes.iter().any(|note| note.contains("has no analog neurons")), told, "{mismatch}: {notes:?}");
    }
    let built = |column, output| built_with("neuron-slope: 5%, neuron-offset: 10 mV", column, output);
    let (slope, offset, _, notes) = built(CONVERTED, "input: [dac-8b]");
    assert_eq!((slope, offset), (0.0, 0.0));
    assert!(notes.iter().any(|note| note.contains("`hidden` has no analog neurons")), "{notes:?}");
    let (slope, offset, steep, notes) = built("differential-amplifier, sot-mram-neuron", "");
    assert!((slope - 0.05).abs() < 1e-12, "{slope}");
    assert!((offset / (0.01 * steep) - 1.0).abs() < 1e-12, "{offset} {steep}");
    assert!(!notes.iter().any(|note| note.contains("has no analog neurons")), "{notes:?}");
    // What volts are to a neuron without a circuit is not known.
    for (mismatch, told) in [("neuron-slope: 5%", false), ("neuron-offset: 10 mV", true)] {
        let notes = built_with(mismatch, "differential-amplifier, bare", "").3;
        assert_eq!(notes.iter().any(|note| note.contains("an offset in volts")), told, "{mismatch}: {notes:?}");
    }
}
