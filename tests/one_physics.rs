//! A crossbar's power, a row's load and a column's end are those of one solution, whoever asks: estimates against whole circuits and against designs
//! that are the same circuit written otherwise.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cost::drive::{neuron_in_place, row_load, rows_driven};
use imcost::cost::estimate;
use imcost::cost::tile::{row_power, tile_places, tile_stress};
use imcost::design::Design;
use imcost::diagnostic::Diagnostics;
use imcost::files::Memory;
use imcost::infer::dataset::{self, Wanted};
use imcost::infer::weights::{self, LayerShape};
use imcost::model::crossbar::partition::cuts;
use imcost::model::network::layer::{AnalogLayer, LayerCircuit, Meet, pairs_of};
use imcost::model::network::neuron::NetworkNeuron;
use imcost::model::network::partition::Segments;
use imcost::model::network::{Network, NetworkPoint};
use imcost::model::neuron::in_place::InPlace;
use imcost::model::neuron::{Load, Neuron};
use imcost::model::transistor::Outside;
use imcost::session::Session;
use imcost::techlib::Model;
use imcost::units::{Conductance, Voltage};
use petgraph::graph::NodeIndex;

/// Devices of 2 kohm and 2 Mohm on 27 nm lines, two in a cell; cells without wires; an amplifier that takes next to no voltage.
const LIBRARY: &str = "
name: for tests
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
devices:
  rram: { type: rram, r-low: 2 kohm, r-high: 2 Mohm, source: made up, basis: modelled }
components:
  drv: { kind: row-driver, power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
  current-adc: { kind: adc, bits: 8, takes: current, differential: true, power: 1 mW, latency: 1 ns, area: 100 um^2, source: made up, basis: modelled }
  pairs: { kind: crossbar, device: rram, cell: { devices: 2, width: 108 nm, height: 135 nm }, read-voltage: 0.2 V, max-rows: 1024, max-columns: 1024, source: made up, basis: modelled,
    wire: { width: 27 nm, thickness: 22 nm, pitch-gap: 45 nm, dielectric-height: 20 nm, permittivity: 20, resistivity: 19 nohm m, mean-free-path: 39 nm, specularity: 0.25, reflectivity: 0.3 } }
  ideal: { kind: crossbar, device: sot-mram-50x30, cell: { devices: 2, width: 0.2 um, height: 0.5 um }, read-voltage: 0.8 V, max-rows: 1024, max-columns: 1024, latency: 1 ns, source: made up, basis: modelled }
  strong: { kind: amplifier, differential: true, joins: true, model: { difference-amplifier: { gain: 1, input-resistance: 50 ohm } }, static-power: 10 uW, latency: 2 ns, area: 5 um^2, source: made up, basis: modelled }
";

fn design(text: &str, settings: &[&str]) -> Design {
    let files = Memory::default().with("library.yaml", LIBRARY).with("design.yaml", text).over_standard();
    read(Session::with_settings(settings).reading(files), "design.yaml")
}

fn read(mut session: Session, path: &str) -> Design {
    let design = session.design(Path::new(path));
    let said: Vec<&String> = session.diagnostics.iter().map(|d| &d.message).collect();
    design.unwrap_or_else(|_| panic!("{said:?}"))
}

fn shipped(path: &str, settings: &[&str]) -> Design {
    read(Session::with_settings(settings), path)
}

fn crossbar(design: &Design, layer: usize) -> NodeIndex {
    design.layers[layer].circuits.crossbar
}

fn of_ideal(design: &Design) -> f64 {
    row_power(design, crossbar(design, 0)).expect("a crossbar").of_ideal()
}

const PAIRS: &str = "
name: pairs
technology: library.yaml
network: { input: { features: 64, bits: 1 }, layers: [{ dense: 32 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: pairs, rows: 64, columns: 32 }
stages: { input: [drv], column: [current-adc] }
statistics: { active-rows: 50%, low-resistance: 50% }
";

/// An independent sparse solution has 0.762 at 1 % (whose draws scatter by a tenth) and 0.306 at 50 %, with the devices of a pair half a segment apart.
#[test]
fn pairs_have_as_many_low_devices_as_stated() {
    let at = |low: &str| of_ideal(&design(PAIRS, &[&format!("statistics.low-resistance={low}")]));
    assert!((at("1%") / 0.762 - 1.0).abs() < 0.03, "{}", at("1%"));
    assert!((at("50%") / 0.306 - 1.0).abs() < 0.03, "{}", at("50%"));
    assert!(at("1%") > at("5%") && at("5%") > at("20%") && at("20%") > at("50%") && at("50%") > at("80%"));
}

/// 64 cells of 2 · 135 nm charge through one device a row: 2 Mohm for the most part, or half of them 2 kohm.
#[test]
fn a_column_settles_through_the_devices_on_its_own_line() {
    let latency = |low: &str| {
        let design = design(PAIRS, &[&format!("statistics.low-resistance={low}")]);
        let found = estimate(&design).expect("positive");
        found.cost(crossbar(&design, 0)).time.si()
    };
    // Between the two, only the charge through a device differs: 9 ln 2 · 0.059854 fF · (1 / 5.495 uS - 1 / 250.25 uS).
    let expected = 9.0 * std::f64::consts::LN_2 * 0.059_853_6e-15 * (1.0 / 5.495e-6 - 1.0 / 250.25e-6);
    let found = latency("1%") - latency("50%");
    assert!((found / expected - 1.0).abs() < 1e-5, "{found:e} {expected:e}");
}

fn joined(rows: u64, column: &str) -> Design {
    let text = format!(
        "
name: joined
technology: library.yaml
network: {{ input: {{ features: 128, bits: 1 }}, layers: [{{ dense: 16 }}] }}
weights: {{ bits: 1, encoding: differential, bias: none }}
tile: {{ crossbar: ideal, rows: {rows}, columns: 32 }}
stages: {{ input: [row-driver], column: [{column}, sample-hold, adc-8b] }}
statistics: {{ active-rows: 50%, low-resistance: 50% }}
"
    );
    design(&text, &[])
}

/// Without wires, tiles whose columns meet before one amplifier are one tile; amplifiers of their own hold columns of fewer rows better.
#[test]
fn tiles_that_meet_before_an_amplifier_are_one_tile() {
    let one = of_ideal(&joined(128, "{ use: strong, per: output }"));
    // An independent solution has 0.749.
    assert!((one / 0.749 - 1.0).abs() < 0.005, "{one}");
    for rows in [16, 32, 64] {
        let joined = of_ideal(&joined(rows, "{ use: strong, per: output }"));
        assert!((joined / one - 1.0).abs() < 1e-12, "{rows}: {joined} {one}");
    }
    let apart = of_ideal(&design_apart(16));
    assert!((apart / 0.937 - 1.0).abs() < 0.005, "{apart}");
}

/// Every tile has amplifiers, whose outputs meet before the hold.
fn design_apart(rows: u64) -> Design {
    let text = format!(
        "
name: apart
technology: library.yaml
network: {{ input: {{ features: 128, bits: 1 }}, layers: [{{ dense: 16 }}] }}
weights: {{ bits: 1, encoding: differential, bias: none }}
tile: {{ crossbar: ideal, rows: {rows}, columns: 32 }}
stages: {{ input: [row-driver], column: [strong, {{ use: sample-hold, per: output }}, adc-8b] }}
statistics: {{ active-rows: 50%, low-resistance: 50% }}
"
    );
    design(&text, &[])
}

fn loaded(crossbar: &str, layers: &str) -> Design {
    let text = format!(
        "
name: loads
technology: library.yaml
network: {{ input: {{ features: 32, bits: 1 }}, layers: [{layers}] }}
weights: {{ bits: 1, encoding: differential }}
tile: {{ crossbar: {crossbar}, rows: 64, columns: 32 }}
stages: {{ input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }}
statistics: {{ active-rows: 30%, low-resistance: 50% }}
"
    );
    design(&text, &[])
}

fn hidden_neuron(design: &Design, layer: usize) -> InPlace {
    let neuron = design.layers[layer].circuits.activation.expect("a neuron");
    neuron_in_place(design, neuron).expect("with a circuit").expect("solvable")
}

/// Twenty pairs of 8.488 and 25.46 kohm are 318 ohm; columns that float leave some more of it.
#[test]
fn all_rows_that_a_neuron_drives_add_whatever_lies_between() {
    const ONE: &str = "{ name: h, dense: 16 }, { name: o, dense: 20 }";
    const TWO: &str = "{ name: h, dense: 16 }, { name: a, dense: 10, from: h }, { name: b, dense: 10, from: h }";
    const JOIN: &str =
        "{ name: h, dense: 8, from: input }, { name: i, dense: 8, from: input }, { name: o, dense: 20, from: [h, i] }";
    let resistance = |design: &Design| {
        let neuron = design.layers[0].circuits.activation.expect("a neuron");
        1.0 / row_load(design, neuron).own.si()
    };
    // Without wires a column does not know how many there are beside it.
    let (one, two) = (loaded("ideal", ONE), loaded("ideal", TWO));
    assert!(resistance(&one) > 318.3 && resistance(&one) < 1.12 * 318.3, "{}", resistance(&one));
    assert!((resistance(&two) / resistance(&one) - 1.0).abs() < 1e-12);
    let (held, held_by_two) = (hidden_neuron(&one, 0), hidden_neuron(&two, 0));
    assert!(held.lost_swing() > 0.3 && (held.lost_swing() - held_by_two.lost_swing()).abs() < 1e-9, "{held:?}");

    let (one, join) = (loaded("sot-mram-crossbar", ONE), loaded("sot-mram-crossbar", JOIN));
    let half = loaded("sot-mram-crossbar", "{ name: h, dense: 16 }, { name: o, dense: 10 }");
    assert!((resistance(&loaded("sot-mram-crossbar", TWO)) * 2.0 / resistance(&half) - 1.0).abs() < 1e-12);
    assert_eq!(resistance(&join), resistance(&one));
    for layer in 0..2 {
        assert!((hidden_neuron(&join, layer).lost_swing() - hidden_neuron(&one, 0).lost_swing()).abs() < 1e-12);
    }
    let power = |design: &Design, layer: usize| row_power(design, crossbar(design, layer)).expect("a crossbar").power;
    assert!((power(&join, 2) / power(&one, 1) - 1.0).abs() < 1e-9);
}

/// Rows are priced at what drives them; the voltage that the crossbar states is kept beside it.
#[test]
fn rows_that_neurons_drive_have_the_levels_of_the_neurons() {
    let path = "builtin:arch/digits-64-32-10-analog.yaml";
    let at = |voltage: &str| {
        let setting = format!("sot-mram-crossbar.read-voltage={voltage}");
        let design = shipped(path, &[&setting, "weights.bias=none"]);
        let rows = rows_driven(&design, crossbar(&design, 1)).expect("a crossbar");
        (
            rows,
            row_power(&design, crossbar(&design, 1)).expect("a crossbar").power,
            row_power(&design, crossbar(&design, 0)).expect("one").power,
        )
    };
    let (rows, output, hidden) = at("0.8 V");
    let (low_rows, low_output, low_hidden) = at("0.2 V");
    assert_eq!((rows, rows.rails), (low_rows, Some(Voltage::new(0.8))));
    assert_eq!(output, low_output);
    assert!((hidden / low_hidden - 16.0).abs() < 1e-9);
}

/// Rows behind a buffer take nothing of their neurons' levels: they have the mean square that the layer states, and lose none of it.
#[test]
fn rows_behind_a_buffer_have_the_levels_that_are_stated() {
    let text = imcost::files::shipped::text(Path::new("builtin:arch/digits-64-32-10-analog.yaml")).expect("shipped");
    let buffered = text
        .replace("sot-mram-neuron]", "sot-mram-neuron, row-buffer]")
        .replace("technology: ../techlib", "technology: builtin:techlib");
    let design = design(&buffered, &[]);
    let rows = rows_driven(&design, crossbar(&design, 1)).expect("a crossbar");
    assert_eq!((rows.rails, rows.levels), (Some(Voltage::new(0.8)), rows.lossless));
    let stated = buffered.split("name: output").nth(1).and_then(|rest| rest.split("active-rows: ").nth(1));
    let stated: f64 = stated.and_then(|rest| rest.split('%').next()).expect("stated").parse().expect("a percentage");
    assert!((rows.levels.rms.si().powi(2) / 0.64 - stated / 100.0).abs() < 1e-9, "{rows:?} {stated}");
    let direct = shipped("builtin:arch/digits-64-32-10-analog.yaml", &[]);
    assert!(rows_driven(&direct, crossbar(&direct, 1)).expect("a crossbar").levels.rms < rows.levels.rms * 0.99);
}

/// The whole network of the shipped digits, its weights and pictures, solved exactly.
fn simulated(design: &Design, pictures: usize) -> Vec<NetworkPoint> {
    let (sources, diagnostics) = (&mut Default::default(), &mut Diagnostics::default());
    let data = dataset::open(dataset::DIGITS.as_ref(), &Wanted::all(), sources, diagnostics).expect("shipped");
    let trained =
        weights::read(&[weights::DIGITS.into()], &LayerShape::of(design), sources, diagnostics).expect("shipped");
    let layer = |(index, weights): (usize, &weights::DenseWeights)| {
        let spec = &design.layers[index];
        let component = design.graph[spec.circuits.crossbar].component().expect("a crossbar");
        let array = component.crossbar.as_ref().expect("a crossbar");
        let wire = array.wire.as_ref().expect("wires");
        let model = |node: Option<NodeIndex>| design.graph[node.expect("a stage")].component().expect("one").model;
        let Some(Model::Amplifier(amplifier)) = model(spec.circuits.amplifier) else { panic!("an amplifier") };
        let Some(Model::MtjInverter(neuron)) = model(spec.circuits.activation) else { panic!("a neuron") };
        let signs: Vec<i8> = weights
            .weights
            .iter()
            .chain(weights.biases.iter().flatten())
            .map(|w| if *w > 0.0 { 1 } else { -1 })
            .collect();
        let conductance = |ohm: f64| Conductance::new(1.0 / ohm);
        AnalogLayer::new(LayerCircuit {
            pairs: pairs_of(
                &signs,
                spec.grid.outputs as usize,
                conductance(array.device.r_low.value.si()),
                conductance(array.device.r_high.value.si()),
            ),
            segments: Some(Segments {
                row_ohm: wire.resistance(array.cell_width.value).si(),
                column_ohm: wire.resistance(array.cell_height.value).si(),
                pair_in_cell: true,
            }),
            row_partitions: spec.grid.row_partitions as usize,
            column_partitions: spec.grid.column_partitions as usize,
            amplifier: amplifier.circuit,
            meet: Meet::AtOutputs,
            bias: Some(array.read_voltage),
            neuron: NetworkNeuron::Circuit(Neuron::new(neuron.circuit.parameters(), Outside::Hold).expect("valid")),
        })
        .expect("regular")
    };
    let network = Network::new(trained.iter().enumerate().map(layer).collect());
    let picture = |n: usize| {
        let rows: Vec<Voltage> =
            data.images.pixels_of(n).iter().map(|&p| Voltage::new(if p > 7.0 { 0.8 } else { 0.0 })).collect();
        network.solve(&rows).expect("an operating point")
    };
    (0..pictures).map(picture).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), v| (sum + v, count + 1));
    sum / f64::from(count)
}

/// What the report says of loaded rows is what the whole circuit has, over pictures, with the statistics that it has.
#[test]
fn loaded_rows_of_the_report_are_those_of_the_whole_circuit() {
    let path = "builtin:arch/digits-64-32-10-analog.yaml";
    // Amplifiers at their rails leave neurons other inputs than the report takes: here nothing limits them.
    let ideal = "stages.column=[ideal-difference-amplifier, sot-mram-neuron]";
    let points = simulated(&shipped(path, &[ideal]), 100);
    let hidden = || points.iter().map(|p| &p.layers[0]);
    let inputs = {
        let data = dataset::open(
            dataset::DIGITS.as_ref(),
            &Wanted { images: Some(100), ..Wanted::all() },
            &mut Default::default(),
            &mut Diagnostics::default(),
        );
        let data = data.expect("shipped");
        data.images.pixels.iter().filter(|&&p| p > 7.0).count() as f64 / data.images.pixels.len() as f64
    };
    let square = |volts: &[f64]| mean(volts.iter().map(|v| v * v));
    let open = mean(hidden().map(|l| square(&l.neuron_open_v))) / 0.64;
    let statistics = [
        format!("network.layers.hidden.statistics.active-rows={inputs}"),
        format!("network.layers.output.statistics.active-rows={open}"),
    ];
    let design = shipped(path, &[ideal, &statistics[0], &statistics[1]]);

    let rows = rows_driven(&design, crossbar(&design, 1)).expect("a crossbar").levels;
    let exact_mean = mean(hidden().map(|l| mean(l.neuron_output_v.iter().copied())));
    let exact_rms = mean(hidden().map(|l| square(&l.neuron_output_v))).sqrt();
    assert!((rows.mean.si() / exact_mean - 1.0).abs() < 0.02, "{rows:?} {exact_mean}");
    assert!((rows.rms.si() / exact_rms - 1.0).abs() < 0.02, "{rows:?} {exact_rms}");

    // The levels at the ends of the neuron's range enclose the mean outputs of neurons that are on or off without a load.
    let exact = |on: bool| {
        let outputs = hidden().flat_map(|l| l.neuron_open_v.iter().zip(&l.neuron_output_v));
        mean(outputs.filter(|(open, _)| if on { **open > 0.75 } else { **open < 0.05 }).map(|(_, held)| *held))
    };
    let levels = hidden_neuron(&design, 0).loaded;
    assert!((exact(true) - levels.1.si()).abs() < 0.03, "{levels:?} {}", exact(true));
    assert!((exact(false) - levels.0.si()).abs() < 0.03, "{levels:?} {}", exact(false));

    // Power into the rows of both layers; the bias rows have a supply of their own, and count as rows.
    let into_hidden = mean(points.iter().map(|p| p.power_inputs.si()));
    let into_output =
        mean(hidden().map(|l| l.neuron_output_v.iter().zip(&l.neuron_current_a).map(|(v, i)| v * i).sum()));
    let bias = mean(points.iter().map(|p| p.power_bias.si()));
    let power = |layer: usize| row_power(&design, crossbar(&design, layer)).expect("a crossbar").power.si();
    let (found, exact) = (power(0) + power(1), into_hidden + into_output + bias);
    assert!((found / exact - 1.0).abs() < 0.02, "{found} {exact}");
}

/// Largest currents of the 16 x 8 tile of a hand calculation: without wires and into grounds a row at 0.2 V carries 32 devices.
#[test]
fn wires_bear_what_the_devices_take() {
    let design = design(PAIRS, &["statistics.low-resistance=100%", "rram.r-low=1.9999 Mohm"]);
    let stress = tile_stress(&design, crossbar(&design, 0)).expect("a crossbar");
    // 64 devices of 2 Mohm on a row of 0.2 V: 6.4 uA through 27 nm x 22 nm; wires of 600 ohm take 1 % of it.
    let row = 64.0 * 0.2 / 2e6 / (27e-9 * 22e-9);
    assert!((stress.row_a_per_m2.expect("wires") / row - 1.0).abs() < 0.02, "{stress:?} {row:e}");
    // Half of 64 rows on, one device of each on a column.
    let column = 32.0 * 0.2 / 2e6 / (27e-9 * 22e-9);
    assert!((stress.column_a_per_m2.expect("wires") / column - 1.0).abs() < 0.02, "{stress:?} {column:e}");
    // 32 rows of 64 devices of 2 Mohm at 0.2 V, on 64 x 32 cells.
    let density = 32.0 * 64.0 * 0.04 / 2e6 / (64.0 * 32.0 * 108e-9 * 135e-9);
    assert!((stress.power_w_per_m2 / density - 1.0).abs() < 0.02, "{stress:?} {density:e}");
}

/// Tiles are those of the cutting rule, the bias row on the last of them.
#[test]
fn places_are_what_the_design_states() {
    let design = shipped("builtin:arch/digits-64-32-10-analog.yaml", &[]);
    let places = tile_places(&design, crossbar(&design, 0)).expect("a crossbar");
    let (place, count) = places.iter().find(|(_, count)| *count > 0).expect("tiles");
    assert_eq!((place.rows, place.partitions, place.bias, place.cells, *count), (65, 3, true, 32, 1));
    assert_eq!(cuts(65, 3).count(), 3);
    assert!((place.end.together.si() - 31e3).abs() < 1e-9 && (place.end.apart.si() - 1e3).abs() < 1e-9);
    let load = hidden_neuron(&design, 0).load;
    let Load::ResistanceTo(..) = load else { panic!("{load:?}") };
}
