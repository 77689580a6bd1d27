//! What the tiles, rows and columns of a layer are to the circuits at their ends, and the curve of a stated neuron: counted and added up by hand.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;

use imcost::cost::drive::{neuron_in_place, row_load, rows_driven};
use imcost::cost::findings;
use imcost::cost::findings::column_ending;
use imcost::cost::tile::{tile_places, tile_stress};
use imcost::cost::{Breakdown, Plan, Scratch, estimate};
use imcost::design::{Design, Role};
use imcost::files::Memory;
use imcost::results::FindingRule;
use imcost::session::Session;
use imcost::techlib::Model;
use imcost::units::{Length, Resistance, Voltage};
use petgraph::graph::NodeIndex;

/// All devices are of 2 Mohm to within 5 parts in 10^5; a pair lies in two columns. Wires of 100 nm x 100 nm with 17 nohm m and next to no scattering:
/// 1.7 ohm for a micrometre.
const LIBRARY: &str = "
name: for tests
node: 14 nm
devices:
  equal: { type: rram, r-low: 1.9999 Mohm, r-high: 2 Mohm, source: made up, basis: modelled }
components:
  driver: { kind: row-driver, power: 1 uW, latency: 1 ns, area: 1 um^2, source: made up, basis: modelled }
  crossbar:
    kind: crossbar
    device: equal
    cell: { devices: 1, width: 0.2 um, height: 0.5 um }
    wire: { width: 100 nm, thickness: 100 nm, pitch-gap: 100 nm, dielectric-height: 100 nm, permittivity: 4, resistivity: 17 nohm m, mean-free-path: 0.001 nm, specularity: 0.5, reflectivity: 0.001 }
    read-voltage: 0.5 V
    max-rows: 64
    max-columns: 64
    source: made up
    basis: modelled
  amplifier: { kind: amplifier, differential: true, joins: true, model: { difference-amplifier: { gain: 30, input-resistance: 1 kohm } }, static-power: 10 uW, latency: 2 ns, area: 5 um^2, source: made up, basis: modelled }
  neuron: { kind: neuron, function: sigmoid, model: { logistic: { at-low: 0.9 V, at-high: 0.2 V, midpoint: 0.15 V, width: 85 mV } }, static-power: 50 uW, latency: 1 ns, area: 2 um^2, source: made up, basis: modelled }
";

/// Devices of 2 Mohm.
const SIEMENS: f64 = 0.5e-6;
/// What both columns of a pair see of an amplifier of gain 30 with 1 kohm at its input: 1 kohm x (1 + 30).
const TOGETHER: f64 = 31e3;

/// A design of this network on tiles of the test's crossbar.
fn text(network: &str, bias: &str, tile: &str) -> String {
    format!(
        "name: a test
technology: library.yaml
network: {network}
weights: {{ bits: 1, encoding: differential, bias: {bias} }}
tile: {{ crossbar: crossbar, {tile} }}
stages: {{ input: [driver], column: [amplifier, neuron] }}
statistics: {{ active-rows: 25%, low-resistance: 50% }}
"
    )
}

/// Eight inputs and four outputs on one tile, without a bias.
fn small() -> String {
    text("{ input: { features: 8 }, layers: [{ name: only, dense: 4 }] }", "none", "rows: 16, columns: 16")
}

fn read(text: &str, library: &str) -> (Session, Design) {
    let files = Memory::default().with("design.yaml", text).with("library.yaml", library);
    let mut session = Session::default().reading(files.over_standard());
    let design = session.design(Path::new("design.yaml")).unwrap_or_else(|_| panic!("{}", session.rendered()));
    (session, design)
}

fn design(network: &str, tile: &str) -> Design {
    read(&text(network, "row", tile), LIBRARY).1
}

fn crossbar(design: &Design, layer: usize) -> NodeIndex {
    design.layers[layer].circuits.crossbar
}

fn driver(design: &Design, layer: usize) -> NodeIndex {
    *design.layers[layer].circuits.driven_by.first().expect("driven rows")
}

#[track_caller]
fn close(what: &str, found: f64, by_hand: f64, within: f64) {
    assert!((found / by_hand - 1.0).abs() < within, "{what}: {found:e} instead of {by_hand:e}");
}

/// 20 inputs and the bias row on tiles of 8 rows: three tiles. Five outputs of two columns on tiles of four columns: two, two and one output a tile.
#[test]
fn tiles_have_the_rows_cells_and_wires_that_their_layer_deals_out() {
    let design = design("{ input: { features: 20 }, layers: [{ name: only, dense: 5 }] }", "rows: 8, columns: 4");
    let places = tile_places(&design, crossbar(&design, 0)).expect("a crossbar");
    let mut cells: Vec<(u64, u64)> =
        places.iter().filter(|(_, count)| *count > 0).map(|(place, count)| (place.cells, *count)).collect();
    cells.sort_unstable();
    assert_eq!(cells, [(2, 1), (4, 2)]);
    for (place, _) in places.into_iter().filter(|(_, count)| *count > 0) {
        assert_eq!((place.rows, place.partitions, place.bias, place.lines, place.paired), (21, 3, true, 1, true));
        close("a row between two cells", place.row_segment.si(), 1.7 * 0.2, 1e-4);
        close("a column between two cells", place.column_segment.si(), 1.7 * 0.5, 1e-4);
        close("low", place.low_fraction, 0.5, 1e-12);
    }
}

/// A tile of eight inputs and the bias row, on four outputs of two columns. Every column line has a foot of 31 kohm, so its voltage is
/// `R g Σ V / (1 + 9 g R)`, and a row of voltage V sends `g (V - foot)` into each of eight lines.
#[test]
fn a_row_is_to_its_driver_what_the_columns_leave_of_its_devices() {
    let design = design("{ input: { features: 8 }, layers: [{ name: only, dense: 4 }] }", "rows: 16, columns: 16");
    let load = row_load(&design, driver(&design, 0));
    let foot = TOGETHER * SIEMENS / (1.0 + 9.0 * SIEMENS * TOGETHER);
    let all = 8.0 * SIEMENS;
    close("own", load.own.si(), all * (1.0 - foot), 1e-3);
    // The other seven inputs, and the bias row at its read voltage.
    close("mutual", load.mutual.si(), -7.0 * all * foot, 1e-3);
    close("fixed", load.fixed.si(), -0.5 * all * foot, 1e-3);
    let Role::Crossbar(component, _) = &design.graph[crossbar(&design, 0)].role else { panic!("a crossbar") };
    let wire = component.crossbar.as_ref().and_then(|array| array.wire).expect("wires");
    // Eight cells of 0.2 um; the capacitance of a length is compared with published figures elsewhere.
    close("capacitance", load.capacitance.si(), wire.capacitance(Length::new(1.6e-6)).si(), 1e-12);
    // Two of eight inputs are on; the bias row is none of them.
    close("statistic", load.statistic.expect("stated").mean_square, 0.25, 1e-12);
}

/// Two layers behind one neuron state 25 % and 50 %: their mean is 37.5 %. Their eight and four column lines add, each with the bias row beside
/// the four inputs.
#[test]
fn rows_of_several_layers_behind_one_neuron_add_and_their_statistics_are_averaged() {
    let layers = "layers: [{ name: first, dense: 4 }, { name: a, from: first, dense: 4 }, { name: b, from: first, dense: 2, statistics: { active-rows: 50% } }]";
    let design = design(&format!("{{ input: {{ features: 8 }}, {layers} }}"), "rows: 16, columns: 16");
    let load = row_load(&design, driver(&design, 1));
    assert_eq!(driver(&design, 1), driver(&design, 2));
    close("statistic", load.statistic.expect("stated").mean_square, 0.375, 1e-12);
    let foot = TOGETHER * SIEMENS / (1.0 + 5.0 * SIEMENS * TOGETHER);
    close("own", load.own.si(), 12.0 * SIEMENS * (1.0 - foot), 1e-3);
    close("mutual", load.mutual.si(), -3.0 * 12.0 * SIEMENS * foot, 1e-3);
}

/// Drivers hold their rows at the read voltage: 0.5 V for a quarter of the time. Neurons stand between 0.9 V and 0.2 V.
#[test]
fn rows_have_the_voltages_of_what_drives_them() {
    let layers = "layers: [{ name: first, dense: 4 }, { name: second, dense: 4, statistics: { active-rows: 64% } }]";
    let network = format!("{{ input: {{ features: 8 }}, {layers} }}");
    let design = design(&network, "rows: 16, columns: 16");
    let inputs = rows_driven(&design, crossbar(&design, 0)).expect("rows");
    assert_eq!((inputs.full.si(), inputs.rails), (0.5, None));
    close("mean of inputs", inputs.levels.mean.si(), 0.5 * 0.25, 1e-12);
    close("mean square of inputs", inputs.levels.rms.si().powi(2), 0.25 * 0.25, 1e-12);
    // The rail of a stated curve is its higher end; the share of the mean square is of that.
    let neurons = rows_driven(&design, crossbar(&design, 1)).expect("rows");
    close("rails", neurons.rails.expect("of a curve").si(), 0.9, 1e-12);
    close("full", neurons.full.si(), 0.9, 1e-12);
    close("mean square of neurons", neurons.levels.rms.si().powi(2), 0.64 * 0.81, 1e-12);
    assert_eq!(neurons.levels, neurons.lossless);
}

/// 8 lines of g on a row at 0.5 V, less what the feet of the columns rise by: a quarter of eight rows and the bias row on.
#[test]
fn wires_bear_the_currents_of_rows_and_columns() {
    let design = design("{ input: { features: 8 }, layers: [{ name: only, dense: 4 }] }", "rows: 16, columns: 16");
    let stress = tile_stress(&design, crossbar(&design, 0)).expect("a crossbar");
    let foot = TOGETHER * SIEMENS / (1.0 + 9.0 * SIEMENS * TOGETHER);
    let section = 100e-9 * 100e-9;
    // The row itself at 0.5 V, seven others at 0.125 V on average, the bias row at 0.5 V.
    let row = 8.0 * SIEMENS * (0.5 - foot * (0.5 + 7.0 * 0.125 + 0.5));
    close("row", stress.row_a_per_m2.expect("wires"), row / section, 1e-3);
    // Nine rows of g into the foot, all at the mean of the inputs.
    let column = 9.0 * SIEMENS * 0.125 / (1.0 + 9.0 * SIEMENS * TOGETHER);
    close("column", stress.column_a_per_m2.expect("wires"), column / section, 1e-3);
    // Power: 8 g (Σ V² - foot (Σ V)²), with E[V²] = 0.25 x 0.25 and E[V] = 0.125 for eight independent rows, and 0.5 V of the bias row.
    let (squares, sum) = (8.0 * 0.0625 + 0.25, 8.0 * 0.125 + 0.5);
    let variance = 8.0 * (0.0625 - 0.125 * 0.125);
    let power = 8.0 * SIEMENS * (squares - foot * (sum * sum + variance));
    // 9 x 8 cells of 0.2 um x 0.5 um.
    close("power", stress.power_w_per_m2, power / (72.0 * 0.1e-12), 1e-3);
}

/// `at-high + (at-low - at-high) / (1 + exp((v - midpoint) / width))`, as the language says.
#[test]
fn a_stated_curve_falls_from_its_value_at_low_to_that_at_high_inputs() {
    let design = design("{ input: { features: 8 }, layers: [{ name: only, dense: 4 }] }", "rows: 16, columns: 16");
    let node = design.layers[0].circuits.activation.expect("a neuron");
    let Some(Model::Logistic(curve)) = design.graph[node].component().and_then(|c| c.model) else { panic!("a curve") };
    for millivolt in [-500, 0, 100, 150, 200, 300, 900] {
        let v = f64::from(millivolt) / 1e3;
        let by_hand = 0.2 + (0.9 - 0.2) / (1.0 + ((v - 0.15) / 0.085).exp());
        close("output", curve.output(Voltage::new(v)).si(), by_hand, 1e-12);
    }
}

/// A neuron with a circuit before rows of 31 kohm loses swing and is told of with what it loses; the same before rows of 2 Mohm is not.
#[test]
fn neurons_are_told_of_where_their_rows_take_a_tenth_of_their_swing() {
    let read = |ohm: &str| {
        let library = LIBRARY
            .replace("node: 14 nm", "node: 14 nm\nextends: builtin:techlib/sot-mram-14nm.yaml")
            .replace("r-low: 1.9999 Mohm, r-high: 2 Mohm", ohm)
            .replace("read-voltage: 0.5 V", "read-voltage: 0.8 V");
        let text = "
name: a test
technology: library.yaml
network: { input: { features: 8 }, layers: [{ name: first, dense: 16 }, { name: second, dense: 16 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 16, columns: 32 }
stages: { input: [driver], column: [amplifier, sot-mram-neuron] }
statistics: { active-rows: 25%, low-resistance: 50% }
";
        let (session, design) = read(text, &library);
        let neuron = design.layers[0].circuits.activation.expect("a neuron");
        let place = neuron_in_place(&design, neuron).expect("with a circuit").expect("solvable");
        let swing = |(low, high): (Voltage, Voltage)| high.si() - low.si();
        let lost = 1.0 - swing(place.loaded) / swing(place.open);
        let told = findings(&design, &session.sources).into_iter().filter(|f| f.rule == FindingRule::Loading);
        (lost, told.collect::<Vec<_>>())
    };
    let (lost, told) = read("r-low: 1.9999 Mohm, r-high: 2 Mohm");
    assert!(lost < 0.1 && told.is_empty(), "{lost} {told:?}");
    let (lost, told) = read("r-low: 30 kohm, r-high: 90 kohm");
    assert!(lost > 0.1 && told.len() == 1, "{lost} {told:?}");
    assert_eq!(told[0].details.len(), 1, "the neuron of the last layer drives nothing: {told:?}");
    assert!(told[0].details[0].starts_with("after layer `first`, into "), "{told:?}");
    close("part of the swing that is lost", told[0].figures[0].value_si, lost, 1e-12);
}

/// A bias row of 8 V pulls the rows of 1 kohm, and with them the neurons that drive the others, beyond what their transistors are known for.
fn pulled_beyond() -> Design {
    let library = LIBRARY
        .replace("node: 14 nm", "node: 14 nm\nextends: builtin:techlib/sot-mram-14nm.yaml")
        .replace("r-low: 1.9999 Mohm, r-high: 2 Mohm", "r-low: 1 kohm, r-high: 2 kohm")
        .replace("read-voltage: 0.5 V", "read-voltage: 8 V");
    let network = "{ input: { features: 8 }, layers: [{ name: first, dense: 4 }, { name: second, dense: 4 }] }";
    let text = text(network, "row", "rows: 16, columns: 16")
        .replace("column: [amplifier, neuron]", "column: [amplifier, sot-mram-neuron]");
    let (_, design) = read(&text, &library);
    let neuron = design.layers[0].circuits.activation.expect("a neuron");
    assert!(neuron_in_place(&design, neuron).expect("with a circuit").is_err(), "{:?}", row_load(&design, neuron));
    design
}

#[test]
fn a_neuron_that_its_rows_pull_beyond_its_transistors_still_has_its_rails() {
    let design = pulled_beyond();
    let driven = rows_driven(&design, crossbar(&design, 1)).expect("rows");
    assert_eq!((driven.full.si(), driven.rails), (0.8, Some(driven.full)));
}

/// It costs what its circuit does without rows, which is solved again from all its numbers where one of them is open.
#[test]
fn an_open_number_of_a_neuron_that_is_pulled_beyond_its_transistors_stays_where_it_is_stated() {
    let design = pulled_beyond();
    let before = estimate(&design).expect("totals").totals;
    let mut opened = 0;
    for (_, number) in design.library.numbers.iter().filter(|(_, n)| n.path.starts_with("sot-mram-neuron.model.")) {
        let Ok(plan) = Plan::open(&design, &[&number.path]) else { continue };
        let run = plan.run(&plan.stated_si(), &mut Scratch::default());
        close(&number.path, run.energy.si(), before.energy.si(), 1e-9);
        close(&number.path, run.latency.si(), before.latency.si(), 1e-9);
        opened += 1;
    }
    assert!(opened > 3, "{opened}");
}

/// A neuron between 0.8 V rails drives two layers that state 25 % and 50 %: each has the mean square that it states where nothing is lost, and of
/// what is lost both lose the same part.
#[test]
fn layers_that_state_different_things_behind_one_neuron_have_each_what_it_states() {
    let text = "
name: a test
technology: builtin:techlib/sot-mram-14nm.yaml
network:
  input: { features: 8 }
  layers:
    - { name: first, dense: 8 }
    - { name: a, from: first, dense: 4 }
    - { name: b, from: first, dense: 4, statistics: { active-rows: 50% } }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: sot-mram-crossbar, rows: 16, columns: 32 }
stages: { input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }
statistics: { active-rows: 25%, low-resistance: 50% }
";
    let (_, design) = read(text, LIBRARY);
    let [a, b] = [1, 2].map(|layer| rows_driven(&design, crossbar(&design, layer)).expect("rows"));
    let vdd = a.full.si();
    assert_eq!((a.rails, b.rails), (Some(a.full), Some(a.full)));
    close("a without losses", a.lossless.rms.si().powi(2), 0.25 * vdd * vdd, 1e-6);
    close("b without losses", b.lossless.rms.si().powi(2), 0.5 * vdd * vdd, 1e-6);
    assert!(a.levels.rms < a.lossless.rms, "{a:?}");
    close("loss", a.levels.rms / a.lossless.rms, b.levels.rms / b.lossless.rms, 1e-9);
    close("means", b.levels.mean / a.levels.mean, 2_f64.sqrt(), 1e-9);
}

/// Equal devices of r: as in the test above, with conductances of 1/r. At 2 kohm 4 mS a row of eight lines: 0.2 A/m of wire, far beyond 10 MA/cm2.
#[test]
fn wires_and_tiles_are_told_of_in_the_units_of_their_bounds() {
    let told = |ohm: f64| {
        let library = LIBRARY
            .replace("r-low: 1.9999 Mohm, r-high: 2 Mohm", &format!("r-low: {} ohm, r-high: {ohm} ohm", 0.99995 * ohm))
            .replace("model: { difference-amplifier: { gain: 30, input-resistance: 1 kohm } }, ", "");
        let (session, design) = read(&small(), &library);
        let found = findings(&design, &session.sources);
        let of = |rule: FindingRule| found.iter().find(|finding| finding.rule == rule).cloned();
        (of(FindingRule::CurrentDensity), of(FindingRule::PowerDensity))
    };
    // Virtual grounds: two of eight rows at 0.5 V, eight lines of g: 4 g watt on 64 cells of 0.1 um^2.
    let (wires, tiles) = told(200e3);
    assert!(wires.is_none(), "{wires:?}");
    let tiles = tiles.expect("3.1 MW/m^2");
    assert_eq!(tiles.what, "`crossbar` takes more than 100 W/cm2 while it is read");
    close("tiles", tiles.figures[0].value_si, 4.0 / 200e3 / 6.4e-12, 1e-3);
    assert!(tiles.details[0].starts_with("layer `only`: 31"), "{tiles:?}");
    assert!(tiles.details[0].ends_with(" W/cm2"), "{tiles:?}");
    assert!(told(2e6).1.is_none(), "0.31 MW/m^2");
    // A row of 8 x 0.5 V / 2 kohm = 2 mA on 0.01 um^2: 20 MA/cm2. A column at its mean has half of it: 8 x 0.125 V / 2 kohm.
    let wires = told(2e3).0.expect("2e11 A/m^2");
    assert_eq!(wires.what, "wires of `crossbar` carry more than 10 MA/cm2");
    assert_eq!(wires.details.len(), 1, "{wires:?}");
    close("wires", wires.figures[0].value_si, 2e11, 1e-2);
}

/// Five outputs lie on tiles of two, two and one. The widest are those of a layer of two outputs, whose wires, here of 340 kohm a cell, take as much.
#[test]
fn the_widest_tiles_decide_what_columns_lose_and_wires_bear() {
    let of = |outputs: u64, columns: u64| {
        let library = LIBRARY.replace("resistivity: 17 nohm m", "resistivity: 17 mohm m");
        let network = format!("{{ input: {{ features: 8 }}, layers: [{{ name: only, dense: {outputs} }}] }}");
        let (_, design) = read(&text(&network, "none", &format!("rows: 16, columns: {columns}")), &library);
        let ending = column_ending(&design, crossbar(&design, 0)).expect("no virtual ground");
        let stress = tile_stress(&design, crossbar(&design, 0)).expect("a crossbar");
        [
            ending.lost,
            ending.own.si(),
            ending.rise.si(),
            stress.row_a_per_m2.expect("wires"),
            stress.column_a_per_m2.expect("wires"),
        ]
    };
    let (five, two, four) = (of(5, 4), of(2, 4), of(4, 8));
    for ((five, two), four) in five.into_iter().zip(two).zip(four) {
        close("as in a layer of two outputs", five, two, 1e-9);
        assert!((four / two - 1.0).abs() > 1e-3, "wider tiles differ: {four:e} {two:e}");
    }
}

/// A column of own resistance r into R loses `R / (R + r)` of a pair's difference: a tenth where R is r / 9.
#[test]
fn the_input_resistor_that_would_do_is_a_ninth_of_the_column() {
    let library = LIBRARY.replace("r-low: 1.9999 Mohm, r-high: 2 Mohm", "r-low: 19.999 kohm, r-high: 20 kohm");
    let (session, design) = read(&small(), &library);
    // Eight devices of 20 kohm, and next to nothing of wire.
    let own = 20e3 / 8.0;
    let ending = column_ending(&design, crossbar(&design, 0)).expect("no virtual ground");
    close("own", ending.own.si(), own, 1e-2);
    close("lost", ending.lost, 1e3 / (1e3 + own), 1e-2);
    let found = findings(&design, &session.sources);
    let found = found.iter().find(|finding| finding.rule == FindingRule::ColumnEnd).expect("more than a tenth");
    let enough = Resistance::new(ending.own.si() / 9.0).eng(3);
    assert!(
        found.mend[0].starts_with(&format!("an `input-resistance` below {enough} loses less than 10 %")),
        "{found:?}"
    );
}

/// 20 inputs and the bias row on three tiles of 8 rows, five outputs of two columns on three of 4 columns: nine tiles, each with a switch at 8 row lines
/// and 4 column lines.
#[test]
fn every_line_of_every_tile_has_a_switch() {
    let library = LIBRARY.replace("    read-voltage", "    line-switch: pass\n    read-voltage")
        + "  pass: { kind: switch, static-power: 1 nW, latency: 0.1 ns, area: 0.5 um^2, source: made up, basis: modelled }\n";
    let text = text("{ input: { features: 20 }, layers: [{ name: only, dense: 5 }] }", "row", "rows: 8, columns: 4");
    let (mut session, design) = read(&text, &library);
    let estimate = session.estimate(&design).expect("totals");
    let lines = Breakdown::of(&estimate).components;
    let switches = lines.iter().find(|line| line.name == "pass").expect("switches");
    assert_eq!((switches.units, switches.operations), (9 * 12, 0));
    close("area", switches.area.si(), 9.0 * 12.0 * 0.5e-12, 1e-12);
    assert_eq!(switches.critical_time.si(), 0.0);
}
