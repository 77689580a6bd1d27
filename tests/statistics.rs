//! Accuracy runs of designs for the shipped digits: what they count, say, and hand on to the costs.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod digits_design;

use digits_design::{NO_DAC, NO_WORDS, SINGLE, design};
use imcost::cost::drive::rows_driven;
use imcost::cost::estimate;
use imcost::design::{Design, Role, Statistics};
use imcost::diagnostic::Diagnostics;
use imcost::infer::accuracy::build::{Build, Detail};
use imcost::infer::accuracy::{self, Accuracy, Question, Trained};
use imcost::infer::dataset::{self, Part, Wanted};
use imcost::infer::weights::{self, LayerShape};

fn accuracy_of(settings: &[&str], ideal_neuron: bool) -> (Design, Accuracy) {
    accuracy_with(settings, ideal_neuron, false)
}

fn accuracy_with(settings: &[&str], ideal_neuron: bool, ideal_crossbar: bool) -> (Design, Accuracy) {
    let design = design(settings);
    let question = Question {
        weights: Vec::new(),
        data: None,
        part: Part::Test,
        images: None,
        draws: 1,
        seed: 1,
        ideal_neuron,
        ideal_crossbar,
    };
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let trained = accuracy::read(&design, &question, sources, diagnostics).expect("shipped");
    let stop = std::sync::atomic::AtomicBool::new(false);
    let found = accuracy::run(&design, &trained, &question, false, &stop, &|_| {}, diagnostics).expect("it runs");
    (design, found.expect("nobody stops it"))
}

#[test]
fn wires_and_amplifiers_cost_as_many_digits_as_a_dense_solution_of_all_nodes_says() {
    // tools/digits-columns.py, with NumPy.
    let joined = "stages.column=[{use: ideal-difference-amplifier, per: output}, sot-mram-neuron]";
    let single = ["tile.crossbar=single-crossbar", NO_WORDS, NO_DAC];
    for (settings, correct) in
        [(&[NO_WORDS, NO_DAC][..], PER_TILE), (&[joined, NO_DAC], JOINED), (&single, SINGLE_DEVICES)]
    {
        assert_eq!(accuracy_of(settings, true).1.nominal.correct, correct, "{settings:?}");
    }
}

const PER_TILE: usize = 365;
const JOINED: usize = 394;
const SINGLE_DEVICES: usize = 370;

#[test]
fn what_is_not_solved_is_said() {
    let said = |settings: &[&str]| accuracy_of(settings, false).1.notes.join("\n");
    assert_eq!(said(&[]), "");
    let notes = said(&SINGLE);
    assert!(
        notes.contains("the columns of `single-crossbar` end in `current-adc-5b`, which has no circuit"),
        "{notes}"
    );
    let noisy = said(&["imperfections.read-noise=1%"]);
    assert!(noisy.contains("read noise"), "{noisy}");
    // Rows that neurons drive are solved.
    assert_eq!(said(&[NO_WORDS, NO_DAC]), "");
    let ideal = accuracy_of(&[NO_WORDS, NO_DAC], true).1;
    assert!(ideal.notes.is_empty() && !ideal.with_load);
}

/// What a file can state of a layer.
fn of_file(layer: &accuracy::LayerFigures) -> Statistics {
    let accuracy::LayerFigures { active_rows, mean, low_resistance, .. } = *layer;
    Statistics { active_rows, mean: Some(mean), product: None, low_resistance }
}

/// Every two pixels that stand on rows of the same tile, one by one.
#[test]
fn rows_that_go_together_are_measured() {
    let (_, found) = accuracy_of(&[], false);
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let data = dataset::open(dataset::DIGITS.as_ref(), &Wanted::all(), sources, diagnostics).expect("shipped");
    let (mut sum, mut pairs) = (0.0, 0.0);
    for picture in 0..data.images.count {
        let on: Vec<bool> = data.images.pixels_of(picture).iter().map(|&pixel| pixel > 7.0).collect();
        // 65 rows on three tiles of 32: the bias row is the last.
        for block in [0..22, 22..44, 44..64] {
            for (i, k) in block.clone().flat_map(|i| block.clone().map(move |k| (i, k))).filter(|(i, k)| i != k) {
                sum += f64::from(u8::from(on[i] && on[k]));
                pairs += 1.0;
            }
        }
    }
    assert!((found.layers[0].product - sum / pairs).abs() < 1e-12, "{} {}", found.layers[0].product, sum / pairs);
}

#[test]
fn statistics_are_those_of_the_pictures_and_cells() {
    let (design, found) = accuracy_of(&[], false);
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let data = dataset::open(dataset::DIGITS.as_ref(), &Wanted::all(), sources, diagnostics).expect("shipped");
    let active = data.images.pixels.iter().filter(|&&p| p > 7.0).count() as f64 / data.images.pixels.len() as f64;
    assert!((found.layers[0].active_rows - active).abs() < 1e-12);
    // One device of every pair is in the low state: the weights are -1 and 1.
    assert!(found.layers.iter().all(|layer| (layer.low_resistance - 0.5).abs() < 1e-12));

    let measured = found.measured(&design);
    let rows: Vec<f64> = measured
        .nodes()
        .filter_map(
            |(_, node)| if let Role::Crossbar(_, usage) = &node.role { Some(usage.mean_active_rows) } else { None },
        )
        .collect();
    // The bias row is always on.
    let expected = [64.0 * active + 1.0, 32.0 * found.layers[1].active_rows + 1.0];
    assert!(rows.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9), "{rows:?}");
    // The same cost as a file that states them.
    let stated: Vec<String> = found
        .layers
        .iter()
        .map(|l| {
            format!(
                "network.layers.{}.statistics={{active-rows: {}, mean: {}, low-resistance: {}}}",
                l.name, l.active_rows, l.mean, l.low_resistance
            )
        })
        .collect();
    let stated = self::design(&stated.iter().map(String::as_str).collect::<Vec<_>>());
    let energy = |design: &Design| estimate(design).expect("physical").totals.energy;
    // But for how rows go together, which a file does not state.
    let alone = design.with_statistics(&found.layers.iter().map(of_file).collect::<Vec<_>>(), true);
    assert!((energy(&alone) / energy(&stated) - 1.0).abs() < 1e-9);
    assert!((energy(&measured) / energy(&stated) - 1.0).abs() < 5e-3);
    assert!((energy(&design) / energy(&stated) - 1.0).abs() > 1e-3);
}

#[test]
fn measured_rows_carry_their_load_already() {
    let design = design(&[NO_WORDS, NO_DAC]);
    let given = [Statistics { active_rows: 0.5, mean: None, product: None, low_resistance: 0.5 }; 2];
    let loaded = design.with_statistics(&given, true);
    let crossbars = |design: &Design| {
        let found = estimate(design).expect("physical");
        let of = |(index, node): (_, &imcost::design::Node)| {
            matches!(node.role, Role::Crossbar(..)).then(|| found.cost(index).active_power)
        };
        design.nodes().filter_map(of).collect::<Vec<_>>()
    };
    let (stated, measured) = (crossbars(&design), crossbars(&loaded));
    // Drivers hold the rows of the first layer.
    assert!((measured[0] / stated[0] - 1.0).abs() < 1e-12);
    // The neurons that drive the second cannot: what a file states without their load is less with it, what was measured with it stays.
    let square = |design: &Design| {
        let rows = rows_driven(design, design.layers[1].circuits.crossbar).expect("a crossbar");
        rows.levels.rms.si().powi(2) / 0.64
    };
    assert!((square(&loaded) - 0.5).abs() < 1e-9, "{}", square(&loaded));
    assert!(square(&design) < 0.42, "{}", square(&design));
}

/// Wires of a hundred times the resistance: an ideal crossbar has none.
#[test]
fn an_ideal_crossbar_has_no_wires() {
    let classes = |resistivity: &str, ideal_crossbar: bool| {
        let wire = format!("sot-mram-crossbar.wire.resistivity={resistivity}");
        accuracy_with(&[NO_WORDS, NO_DAC, &wire], true, ideal_crossbar).1.nominal.classes
    };
    assert!(classes("19 nohm m", true) == classes("1900 nohm m", true));
    assert!(classes("19 nohm m", false) != classes("1900 nohm m", false));
}

/// What a neuron's row takes depends on the other rows, which every picture gives: a file may state of them what it likes.
#[test]
fn neurons_that_drive_rows_see_those_of_their_picture_whatever_is_stated() {
    let rows = |stated: &str| {
        let run = accuracy_of(&[NO_WORDS, NO_DAC, &format!("statistics.active-rows={stated}")], false).1;
        (run.nominal.classes, run.layers[1].active_rows, run.layers[1].mean)
    };
    let few = rows("5%");
    assert_eq!(few, rows("95%"));
    // Loaded rows are nearer to each other than open ones, of which some are at the supply and some at ground.
    let (_, square, mean) = few;
    assert!(square > mean * mean && square - mean * mean < 0.25 * mean * (1.0 - mean), "{square} {mean}");
}

#[test]
fn what_nothing_converts_is_not_clipped_and_uses_no_range() {
    for layer in accuracy_of(&[NO_WORDS, NO_DAC], true).1.layers {
        assert_eq!((layer.clipped, layer.used_range), (None, None), "{}", layer.name);
    }
}

/// The shipped weights, but that the first of them is half as large: no device of two states holds it.
#[test]
fn a_weight_that_no_cell_holds_is_told_before_anything_is_run() {
    let said = |settings: &[&str]| {
        let (design, diagnostics) = (design(settings), &mut Diagnostics::default());
        let shapes = LayerShape::of(&design);
        let mut weights = weights::read(&[weights::DIGITS.into()], &shapes, &mut Default::default(), diagnostics);
        weights.as_mut().expect("shipped")[0].weights[0] *= 0.5;
        let weights = weights.expect("shipped");
        let trained = Trained { weights_name: "changed".into(), weights, ..Trained::default() };
        accuracy::weights_fit(&design, &trained, diagnostics);
        diagnostics.iter().map(|d| d.message.clone()).collect::<Vec<_>>().join("; ")
    };
    let found = said(&[]);
    assert!(found.contains("layer `hidden`: a weight of") && found.contains("does not fit"), "{found}");
    assert_eq!(said(&["weights.levels=continuous"]), "");
}

#[test]
fn steps_to_a_design_have_loaded_neurons_only_where_they_are_asked_for() {
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let design = design(&[NO_WORDS, NO_DAC]);
    let trained = weights::read(&[weights::DIGITS.into()], &LayerShape::of(&design), sources, diagnostics);
    let trained = trained.expect("shipped");
    let mut loaded = |wanted: Detail| {
        let steps = Build::new(&design, &trained, diagnostics).steps(wanted).expect("they are built");
        steps.iter().any(|(what, _)| *what == "rows load the neurons")
    };
    let unloaded = Detail { load: false, ..Detail::ALL };
    assert_eq!([Detail::ALL, unloaded].map(&mut loaded), [true, false]);
}
