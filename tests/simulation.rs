//! Whole circuits from their files: what stands on the rows and in the cells, and what is not simulated.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;
use std::sync::Arc;

use imcost::design::Design;
use imcost::files::{Files, Memory};
use imcost::infer::accuracy::build::{Build, Detail};
use imcost::infer::accuracy::{self, Question};
use imcost::infer::classify::devices::random;
use imcost::infer::classify::input::Inputs;
use imcost::infer::classify::neuron::Activation;
use imcost::infer::classify::{DrawScratch, PreparedNetwork};
use imcost::infer::simulation::{Simulation, simulate};
use imcost::session::Session;

/// A design from memory, `design.yaml`, and the session that has read it.
fn read(files: Arc<dyn Files>) -> (Session, Design) {
    let mut session = Session::default().reading(files);
    let design = session.design(Path::new("design.yaml"));
    let design = design.unwrap_or_else(|_| panic!("{}", session.rendered()));
    (session, design)
}

/// Simulates it with the weights of the folder `w`.
fn simulated(session: &mut Session, design: &Design, inputs: &str) -> Result<Simulation, String> {
    let question = Question { weights: vec!["w".into()], ..Question::default() };
    let Session { sources, diagnostics, .. } = &mut *session;
    let found = simulate(design, &question, Some(Path::new(inputs)), sources, diagnostics);
    found.map_err(|_| session.rendered())
}

/// Three pictures of four inputs, as three lines of four values or as four lines of three: the same operating points, and a word about the second.
#[test]
fn inputs_of_a_simulation_are_read_by_lines_and_where_only_that_fits_by_columns() {
    let design = "name: a test
technology: builtin:techlib/sot-mram-14nm.yaml
network: { input: { features: 4 }, layers: [{ name: only, dense: 2 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: sot-mram-crossbar, rows: 8, columns: 8 }
stages: { input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }
statistics: { active-rows: 50%, low-resistance: 50% }
";
    let files = Memory::default()
        .with("design.yaml", design)
        .with("w/W1.csv", "1,-1\n-1,0\n1,1\n1,-1\n")
        .with("lines.csv", "0.8,0,0.8,0\n0,0.8,0,0.4\n0.1,0.2,0.3,0.4\n")
        .with("columns.csv", "0.8,0,0.1\n0,0.8,0.2\n0.8,0,0.3\n0,0.4,0.4\n")
        .with("second.csv", "0,0.8,0,0.4\n")
        .with("another.csv", "0,0.8,0,0.5\n")
        .with("neither.csv", "0.8,0,0.1,0,0\n")
        .over_standard();
    let (mut session, design) = read(files);
    let mut outputs = |name: &str| {
        let (before, mark) = (session.diagnostics.warnings().count(), session.diagnostics.mark());
        let found = simulated(&mut session, &design, name);
        let warned = session.diagnostics.warnings().count() - before;
        assert_eq!(found.is_err(), session.diagnostics.since(mark).is_err());
        let points = |found: Simulation| found.points.iter().map(|point| format!("{point:?}")).collect::<Vec<_>>();
        found.ok().map(|found| (points(found), warned))
    };
    let (lines, warned) = outputs("lines.csv").expect("operating points");
    assert_eq!((lines.len(), warned), (3, 0));
    let (columns, warned) = outputs("columns.csv").expect("operating points");
    assert_eq!((columns, warned), (lines.clone(), 1));
    // Every picture has a point of its own, that of the picture alone.
    assert!(lines[0] != lines[1] && lines[1] != lines[2]);
    assert_eq!(outputs("second.csv").expect("an operating point").0, [lines[1].clone()]);
    assert_ne!(outputs("another.csv").expect("an operating point").0, [lines[1].clone()], "its last input counts");
    assert!(outputs("neither.csv").is_none());
}

/// Only cells are simulated whose two devices hold a whole weight.
#[test]
fn cells_of_other_devices_are_not_simulated() {
    let said = |cell: &str, bits: u32| {
        let library = format!(
            "name: a test
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
components:
  cells: {{ kind: crossbar, device: sot-mram-50x30, cell: {{ {cell}, width: 100 nm, height: 100 nm }}, read-voltage: 0.8 V, max-rows: 64, max-columns: 64, latency: 1 ns, source: made up, basis: modelled }}
"
        );
        let design = format!(
            "name: a test
technology: library.yaml
network: {{ input: {{ features: 2 }}, layers: [{{ name: only, dense: 3 }}] }}
weights: {{ bits: {bits}, encoding: differential, bias: none }}
tile: {{ crossbar: cells, rows: 8, columns: 8 }}
stages: {{ input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }}
statistics: {{ active-rows: 50%, low-resistance: 50% }}
"
        );
        let files = Memory::default()
            .with("design.yaml", design)
            .with("library.yaml", library)
            .with("w/W1.csv", "1,-1,1\n-1,1,1\n")
            .with("inputs.csv", "0.8,0\n")
            .over_standard();
        let (mut session, design) = read(files);
        simulated(&mut session, &design, "inputs.csv").map(|_| ())
    };
    for (cell, bits) in [("devices: 2", 1), ("devices: 2, bits: 2", 2)] {
        assert_eq!(said(cell, bits), Ok(()), "{cell}");
    }
    let complaint = said("devices: 1", 1).expect_err("single devices");
    assert!(
        complaint.contains("the cells of `cells` are not pairs of devices that hold a whole weight"),
        "{complaint}"
    );
}

/// Two layers of neurons whose curve is stated: `at-high + (at-low - at-high) / (1 + exp((v - midpoint) / width))`, whatever they drive.
#[test]
fn a_neuron_of_a_stated_curve_stands_on_its_curve() {
    let library = "name: a test
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
components:
  stated: { kind: neuron, function: sigmoid, model: { logistic: { at-low: 0.7 V, at-high: 0.1 V, midpoint: 20 mV, width: 85 mV } }, static-power: 50 uW, latency: 1 ns, area: 2 um^2, source: made up, basis: modelled }
";
    let design = "name: a test
technology: library.yaml
network: { input: { features: 2 }, layers: [{ name: first, dense: 3 }, { name: second, dense: 2 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: sot-mram-crossbar, rows: 8, columns: 8 }
stages: { input: [row-driver], column: [differential-amplifier, stated] }
statistics: { active-rows: 50%, low-resistance: 50% }
";
    let files = Memory::default()
        .with("design.yaml", design)
        .with("library.yaml", library)
        .with("w/W1.csv", "1,-1,1\n-1,1,1\n")
        .with("w/W2.csv", "1,-1\n-1,1\n1,1\n")
        .with("inputs.csv", "0.8,0\n0.1,0.05\n")
        .over_standard();
    let (mut session, design) = read(files);
    let found = simulated(&mut session, &design, "inputs.csv").expect("operating points");
    let layers: Vec<_> = found.points.iter().flat_map(|point| &point.layers).collect();
    assert_eq!(layers.len(), 4);
    for layer in layers {
        for (input, output) in layer.neuron_input_v.iter().zip(&layer.neuron_output_v) {
            let by_hand = 0.1 + 0.6 / (1.0 + ((input - 0.02) / 0.085).exp());
            assert!((output - by_hand).abs() < 1e-9, "{input} V: {output} V instead of {by_hand} V");
        }
    }
}

/// All that has no operating point is named, each once, before any file is looked for.
#[test]
fn what_samples_or_counts_is_not_simulated() {
    let mut session = Session::default();
    let design = session.design(Path::new("builtin:arch/mlp-784-16-10-mixed.yaml")).expect("shipped");
    let Session { sources, diagnostics, .. } = &mut session;
    let question = Question { weights: vec!["nowhere".into()], ..Question::default() };
    assert!(simulate(&design, &question, Some(Path::new("nowhere.csv")), sources, diagnostics).is_err());
    let said = diagnostics.iter().map(|d| d.message.as_str()).collect::<Vec<_>>().join(", ");
    let (design, names) = said.split_once(": ").expect("a design and what is in it");
    let mut names: Vec<&str> = names.split(',').map(str::trim).collect();
    names.sort_unstable();
    assert_eq!(design, "`MLP 784-16-10` (mixed signal, columns float) is not fully analog");
    assert_eq!(names, ["adc-8b", "dac-8b", "digital-sigmoid", "register"]);
}

/// The first weight that is none of -1, 0 and 1 is shown in its place, as it stands there.
#[test]
fn weights_that_no_pair_of_two_states_holds_are_shown_in_their_place() {
    let design = "name: a test
technology: builtin:techlib/sot-mram-14nm.yaml
network: { input: { features: 2 }, layers: [{ name: only, dense: 3 }] }
weights: { bits: 1, encoding: differential }
tile: { crossbar: sot-mram-crossbar, rows: 8, columns: 8 }
stages: { input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }
statistics: { active-rows: 50%, low-resistance: 50% }
";
    let said = |weights: &str, biases: &str| {
        let files = Memory::default().with("design.yaml", design).with("inputs.csv", "0.8,0\n");
        let files = files.with("w/W1.csv", weights).with("w/B1.csv", biases).over_standard();
        let (mut session, design) = read(files);
        simulated(&mut session, &design, "inputs.csv").map(|_| ())
    };
    assert_eq!(said("1,-1,0\n0,0,-1\n", "-1,0,1\n"), Ok(()));
    for (weights, biases, weight, place) in [
        ("1,-1,7\n0,8,-1\n", "-1,0,1\n", "7", "W1.csv:1:6"),
        ("1,-1,0\n0,0,0.5\n", "-1,0,1\n", "0.5", "W1.csv:2:5"),
        ("1,-1,0\n0,-3,0.5\n", "2,0,1\n", "-3", "W1.csv:2:3"),
        ("1,-1,0\n0,0,1\n", "1,2,1\n", "2", "B1.csv:1:3"),
    ] {
        let said = said(weights, biases).expect_err("no sign");
        let message = format!("a weight of {weight} does not fit a pair of two-state devices");
        assert!(said.contains(&message) && said.contains(place) && said.contains("-1, 0 or 1"), "{said}");
    }
}

/// Rows that neurons drive themselves have in `accuracy` the voltages that whole circuits have, picture by picture: what the neurons after them see of them is
/// the same, however heavy the rows are and wherever tiles end.
#[test]
fn driven_rows_of_a_classified_picture_are_those_of_the_whole_circuit() {
    const PICTURES: usize = 12;
    for settings in [
        &[][..],
        &["tile.rows=12", "tile.columns=12"],
        &["sot-mram-50x30.r-low=2.5 kohm", "sot-mram-50x30.r-high=100 kohm"],
        &["stages.column=[{use: differential-amplifier, per: output}, sot-mram-neuron]", "tile.rows=20"],
    ] {
        let mut settings = settings.to_vec();
        settings.push("imperfections.gain=as-built");
        let mut session = Session::with_settings(&settings);
        let design = session.design(Path::new("builtin:arch/digits-64-32-10-analog.yaml"));
        let design = design.unwrap_or_else(|_| panic!("{}", session.rendered()));
        let question = Question { images: Some(PICTURES), ..Question::default() };
        let Session { sources, diagnostics, .. } = &mut session;
        let simulated = simulate(&design, &question, None, sources, diagnostics).expect("an operating point");
        let trained = accuracy::read(&design, &question, sources, diagnostics).expect("shipped");
        let mapping = design.image.as_ref().expect("pictures");
        let inputs = Inputs::map(&trained.dataset.images, mapping, design.input_encoding, 64).expect("they fit");
        let layers =
            Build::new(&design, &trained.weights, diagnostics).layers(Detail::ALL.without_randomness()).expect("built");
        let volts = match &layers[0].activation {
            Activation::Loaded(neuron) => neuron.volts,
            other => panic!("{other:?}"),
        };
        let network = PreparedNetwork::new(layers, &inputs, trained.dataset.labels.clone());
        let (mut scratch, mut moved) = (DrawScratch::default(), 0.0_f64);
        for (picture, point) in simulated.points.iter().enumerate() {
            let arguments = network.arguments(picture, &mut random(0, 0), &mut scratch).expect("regular");
            for (layer, arguments) in point.layers.iter().zip(&arguments) {
                for (exact, argument) in layer.neuron_input_v.iter().zip(arguments) {
                    assert!(
                        (argument * volts - exact).abs() < 1e-4,
                        "{settings:?} {picture}: {} V {exact} V",
                        argument * volts
                    );
                }
            }
            let of_rows = point.layers[0].neuron_output_v.iter().zip(&point.layers[0].neuron_open_v);
            moved = of_rows.fold(moved, |moved, (loaded, open)| moved.max((loaded - open).abs()));
        }
        // The rows do load the neurons.
        assert!(moved > 0.1, "{settings:?}: {moved} V");
        let outcome = network.outcome(&mut random(0, 0), &mut scratch).expect("regular");
        assert_eq!((outcome.unsettled, Some(outcome.correct)), (0, simulated.correct()), "{settings:?}");
    }
}
