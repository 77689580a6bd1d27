//! Machines against arithmetic by hand.

use std::path::Path;

use imcost::cost::estimate;
use imcost::cost::explain;
use imcost::cost::machine::MachineCosts;
use imcost::session::Session;

use super::{LIBRARY, MACHINE, close, costs, costs_of, design};

/// The lines of the published table in mW and mm^2, added up here.
#[test]
fn isaac_is_the_sum_of_its_table() {
    let ima = [
        ("adc", 16.0, 0.0096),
        ("dac", 4.0, 0.00017),
        ("sample-hold", 0.01, 0.00004),
        ("crossbar", 2.4, 0.0002),
        ("shift-add", 0.2, 0.00024),
        ("input register", 1.24, 0.0021),
        ("output register", 0.23, 0.00077),
    ];
    let tile = [
        ("edram", 20.7, 0.083),
        ("bus", 7.0, 0.090),
        ("router", 42.0 / 4.0, 0.151 / 4.0),
        ("sigmoid", 0.52, 0.0006),
        ("shift-add", 0.05, 0.00006),
        ("max-pool", 0.4, 0.00024),
        ("output register", 1.68, 0.0032),
    ];
    let sum = |lines: &[(&str, f64, f64)]| lines.iter().fold((0.0, 0.0), |(p, a), line| (p + line.1, a + line.2));
    let (ima, own) = (sum(&ima), sum(&tile));
    let tile = (own.0 + 12.0 * ima.0, own.1 + 12.0 * ima.1);
    let chip = (10.4e3 + 168.0 * tile.0, 22.88 + 168.0 * tile.1);
    // Printed digits of the sums: 24.08 mW, 329.81 mW, 65.808 W.
    assert_eq!(
        (format!("{:.2}", ima.0), format!("{:.2}", tile.0), format!("{:.0}", chip.0)),
        ("24.08".into(), "329.81".into(), "65808".into())
    );

    let mut session = Session::default();
    let isaac = session.design(Path::new("builtin:arch/isaac.yaml"));
    let isaac = isaac.unwrap_or_else(|_| panic!("{}", session.rendered()));
    let costs = MachineCosts::of(isaac.machine.as_ref().expect("levels")).expect("a machine");
    let level = |name: &str| costs.levels.iter().find(|level| level.name == name).expect("a level");
    for (name, (milliwatt, square_millimetre)) in [("ima", ima), ("tile", tile), ("chip", chip)] {
        close(name, level(name).power.si(), milliwatt * 1e-3);
        close(name, level(name).area.si(), square_millimetre * 1e-6);
    }
    // An IMA multiplies 128 inputs with 8 x 128 / 8 weights in 16 reads of 100 ns.
    close("operations", costs.operations.si(), 168.0 * 12.0 * 2.0 * 128.0 * 128.0 / 1.6e-6);
    assert_eq!(costs.weights, 168 * 12 * 8 * 128 * 16);
    // What is explained is what is reported.
    let estimate = estimate(&isaac).expect("numbers");
    for (result, reported) in [("power", costs.power.si()), ("area", costs.area.si())] {
        let explained = explain(&estimate, result, &session.sources).expect("a result").value_si;
        close(result, explained, reported);
    }
}

/// In 4 reads of 10 ns, of which 32 columns in turn take 32 ns on a converter; two slices of 2 bits; 2 x 64 words of 3 arrays join on two units.
#[test]
fn the_slowest_segment_decides_between_products() {
    let costs = costs(MACHINE);
    let leaf = &costs.leaves[0];
    // Per read: drivers, array and hold 11 ns, converters 32 ns, shift-adds 3 x 64 / 2 at 2 GHz 48 ns.
    close("between products", leaf.between_products.si(), 4.0 * 48e-9);
    close("first product", leaf.first_product.si(), 11e-9 + 32e-9 + 48e-9 + 3.0 * 48e-9);
    assert_eq!(leaf.macs, 64 * 32);
    close("operations", costs.operations.si(), 6.0 * 2.0 * 64.0 * 32.0 / 192e-9);
}

#[test]
fn power_and_area_are_those_of_all_units() {
    let costs = costs(MACHINE);
    // uW: 64 drivers, array, 64 holds, 2 converters; a tile: memory 1 pJ a ns, 2 shift-adds of 20 fJ at 2 GHz, adder and ReLU.
    let array = 64.0 + 2000.0 + 64.0 * 1e-3 + 2.0 * 1000.0;
    let tile = 1000.0 + 2.0 * 40.0 + 10.0 + 5.0;
    close("power", costs.power.si(), 1e-6 * (500.0 + 2.0 * tile + 6.0 * array));
    let area = 300.0 + 2.0 * (500.0 + 60.0 + 20.0 + 5.0) + 6.0 * (64.0 + 100.0 + 64.0 + 100.0);
    close("area", costs.area.si(), 1e-12 * area);
    // The converters work 32 of 48 ns, the shift-adds all the time; what states a power is at it.
    close("full rate", costs.full_rate.si(), costs.power.si());
    // An energy is taken as often as the arrays need it: drivers of 4 bits once in a product. A sample-and-hold takes 1 ns and holds its value for
    // the 32 ns of the converters.
    let energies = MACHINE.replace("[driver]", "[driver-4b]").replace(
        "count: 2, components: [buffer, { use: join, count: 2 }",
        "count: 2, components: [buffer, { use: join, count: 8 }",
    );
    let costs = super::costs(&energies);
    close("between products", costs.leaves[0].between_products.si(), 33e-9);
    let drivers = costs.units.iter().find(|unit| unit.component == "driver-4b").expect("drivers");
    close("at once", drivers.power.si(), 6.0 * 64.0 * 2e-15 / 1e-9);
    close("full rate", drivers.full_rate.si(), 6.0 * 64.0 * 2e-15 / 33e-9);
    let joins = costs.units.iter().find(|unit| unit.component == "join").expect("shift-adds");
    close("at once", joins.power.si(), 16.0 * 20e-15 * 2e9);
    close("full rate", joins.full_rate.si(), 6.0 * 64.0 * 20e-15 / 33e-9);
}

#[test]
fn what_is_not_powered_costs_area_only() {
    let all = costs(MACHINE);
    let half = costs(&MACHINE.replace("name: tile, count: 2", "name: tile, count: 2, powered: 1"));
    close("area", half.area.si(), all.area.si());
    close("operations", half.operations.si(), all.operations.si() / 2.0);
    close("power", half.power.si(), 500e-6 + (all.power.si() - 500e-6) / 2.0);
    assert_eq!((half.levels[1].powered, half.levels[1].instances), (1, 2));
    assert_eq!(half.weights, all.weights);
}

#[test]
fn rows_that_are_not_read_at_once_take_more_reads() {
    let whole = costs(MACHINE);
    let parts = costs(&MACHINE.replace("columns: 64 }", "columns: 64, rows-at-once: 16 }"));
    close("between products", parts.leaves[0].between_products.si(), 4.0 * whole.leaves[0].between_products.si());
    // A bit of the magnitude less.
    let signed =
        costs(&MACHINE.replace("activations: { bits: 4 }", "activations: { bits: 4, encoding: signed-magnitude }"));
    close("between products", signed.leaves[0].between_products.si(), 0.75 * whole.leaves[0].between_products.si());
}

/// Rows that are on half of the time: of their mean square 1/2 the variance 1/4 is left where columns are open.
#[test]
fn open_columns_take_the_variance_of_their_rows() {
    let library = LIBRARY.replace(
        "  hold:",
        "  cells: { kind: crossbar, device: d, gives: voltage, cell: { devices: 1, bits: 2, width: 1 um, height: 1 um }, read-voltage: 0.2 V, max-rows: 64, max-columns: 64, latency: 10 ns, source: s, basis: measured }
  held: { kind: crossbar, device: d, cell: { devices: 1, bits: 2, width: 1 um, height: 1 um }, read-voltage: 0.2 V, max-rows: 64, max-columns: 64, latency: 10 ns, source: s, basis: measured }
  hold-v: { kind: sample-hold, takes: voltage, static-power: 1 nW, latency: 1 ns, area: 1 um^2, source: s, basis: measured }
  adc-v: { kind: adc, bits: 8, power: 1 mW, rate: 1 GS/s, area: 50 um^2, source: s, basis: measured }
  hold:",
    ) + "devices:\n  d: { type: rram, r-low: 10 kohm, r-high: 40 kohm, source: s, basis: measured }\n";
    let power = |crossbar: &str, hold: &str, adc: &str, active: f64| {
        let machine = MACHINE.replace("crossbar: array", &format!("crossbar: {crossbar}"));
        let machine = machine.replace("[hold, { use: adc,", &format!("[{hold}, {{ use: {adc},"));
        let machine = machine + &format!("statistics: {{ active-rows: {}%, low-resistance: 50% }}\n", 100.0 * active);
        let costs = costs_of(&library, &machine);
        costs.units.iter().find(|unit| unit.component == crossbar).expect("arrays").power.si()
    };
    for active in [0.5, 0.25] {
        // Half of the conductance between 1/40 and 1/10 mS.
        let all_on = 6.0 * 64.0 * 64.0 * 0.0625e-3 * 0.04;
        close("held columns", power("held", "hold", "adc", active), all_on * active);
        close("open columns", power("cells", "hold-v", "adc-v", active), all_on * (active - active * active));
    }
}

/// 32 x 48 cells: 2 input bits at once on 6 outputs of 8 bits, adder trees of ripple-carry adders, as gates.
#[test]
fn a_digital_array_is_the_sum_of_its_gates() {
    let machine = "name: digital
technology: builtin:techlib/sram-imc-28nm.yaml
weights: { bits: 8, encoding: twos-complement, bias: none }
activations: { bits: 8 }
tile: { array: dimc-array, rows: 32, columns: 48 }
stages: { input: [two-bit-row], column: [dimc-accumulator] }
statistics: { inputs: { toggle: 40% }, weights: { density: 30% } }
operating: { vdd: 0.7 V }
levels: [{ name: core, count: 3 }]
";
    let costs = costs_of(LIBRARY, machine);
    let unit = |name: &str| costs.units.iter().find(|unit| unit.component == name).expect("a unit");
    let (cap, delay, area, vdd) = (0.7e-15, 47.8e-12, 0.614e-12, 0.7_f64);
    let full_adder = ((2.0 * 1.5 + 3.0) * cap * vdd * vdd, 2.0 * 2.4 * delay, (2.0 * 2.4 + 3.0) * area);
    let (product, depth, outputs) = (9.0, 5.0, 6.0);
    let adders = (32.0 * (product + 1.0) - (product + depth + 1.0)) * outputs;
    let multipliers = 32.0 * 2.0 / 2.0 * 8.0 * outputs;
    let energy = 0.4 * 0.3 * (multipliers * cap / 2.0 * vdd * vdd + adders * full_adder.0);
    let latency = delay + (depth - 1.0) * full_adder.1 + (2.4 + 2.0) * delay + (product + depth - 2.0) * 2.0 * delay;
    close("area", unit("dimc-array").area.si(), 3.0 * (multipliers * area + adders * full_adder.2 + 0.00065545e-6));
    close("power", unit("dimc-array").power.si(), 3.0 * energy / latency);
    // The accumulator: one full adder and the carry through what is left of 32 bits; energy of 32 adders and registers.
    let chain = full_adder.1 + (32.0 - (9.0 + 5.0)) * 2.0 * delay;
    let accumulate = 32.0 * full_adder.0 + 32.0 * 3.0 * cap * vdd * vdd;
    close("accumulators", unit("dimc-accumulator").power.si(), 3.0 * outputs * accumulate / chain);
    // Four reads of two bits, each as long as the slower of array and accumulator.
    close("between products", costs.leaves[0].between_products.si(), 4.0 * latency.max(chain));
}

#[test]
fn layers_use_the_units_around_their_arrays() {
    let network = MACHINE.to_owned()
        + "network:
  input: { features: 100, bits: 4 }
  layers:
    - { name: a, dense: 40, activation: relu }
    - { name: b, dense: 10 }
";
    let found = design(LIBRARY, &network.replace("count: 2, comp", "count: 4, comp"));
    let estimate = estimate(&found).expect("numbers");
    let group = |layer: usize, name: &str| {
        let mut all = found.nodes().filter(|(_, node)| node.layer == Some(layer) && node.name() == name);
        all.next().unwrap_or_else(|| panic!("no {name}"))
    };
    // 100 rows on 2 arrays, 40 outputs on 2: four arrays, of 3 to a tile, with the shift-adds of two tiles.
    let (join, node) = group(0, "join");
    assert_eq!((node.units, node.operations), (4, 4 * 2 * 40 * 2));
    close("energy of joining", estimate.cost(join).energy().si(), 640.0 * 20e-15);
    // Partial sums of two rows of arrays: one addition an output.
    let (sum, node) = group(0, "sum");
    assert_eq!((node.units, node.operations), (2, 40));
    close("energy of sums", estimate.cost(sum).energy().si(), 40.0 * 10e-15);
    assert_eq!(group(0, "relu").1.operations, 40);
    // 10 outputs on one array need no sum.
    assert!(!found.nodes().any(|(_, node)| node.layer == Some(1) && node.name() == "sum"));
    // The words between the layers have the stated bits: 4 reads in both.
    assert_eq!(group(1, "array").1.cycles, 4);
    // The area is that of the machine, whatever the layers use of it.
    let machine = MachineCosts::of(found.machine.as_ref().expect("levels")).expect("a machine");
    close("area", estimate.totals.area.si(), machine.area.si());
    assert!(estimate.totals.peak_power <= machine.power);
    let operations = 2.0 * estimate.totals.macs as f64 / estimate.totals.initiation_interval.si();
    assert!(operations <= machine.operations.si());
}

/// Two kinds of arrays in a tile: what is explained of all of it is what is reported, whatever states powers, energies or no time at all.
#[test]
fn arrays_of_two_kinds_are_explained_as_they_are_reported() {
    let library = LIBRARY.to_owned()
        + "  digital: { kind: array, gives: word, joins: [slices], cell: { bits: 1 }, max-rows: 32, max-columns: 32, energy: 3 pJ, rate: 400 MHz, area: 900 um^2, source: s, basis: measured }
  words: { kind: row-driver, bits: 1, energy: 4 fJ, latency: { value: 0 s, note: within the read }, area: 1 um^2, source: s, basis: measured }
  cells: { kind: crossbar, device: d, cell: { devices: 1, bits: 2, width: 1 um, height: 1 um }, read-voltage: 0.2 V, max-rows: 64, max-columns: 64, latency: 10 ns, source: s, basis: measured }
devices:
  d: { type: rram, r-low: 10 kohm, r-high: 40 kohm, source: s, basis: measured }
";
    let machine = MACHINE.replace("crossbar: array", "crossbar: cells")
        + "  - name: digital
    in: tile
    count: 5
    tile: { array: digital, rows: 32, columns: 32 }
    stages: { input: [words], column: [] }
";
    let costs = costs_of(&library, &machine);
    let found = design(&library, &machine);
    let estimate = estimate(&found).expect("numbers");
    let session = super::session(&library, &machine);
    for (result, reported) in [("power", costs.power.si()), ("area", costs.area.si())] {
        let explained = explain(&estimate, result, &session.sources).expect("a result").value_si;
        close(result, explained, reported);
    }
    let unit = |name: &str| costs.units.iter().find(|unit| unit.component == name).expect("a unit");
    // Ten digital arrays at 400 MHz; their 32 rows take 4 fJ in each of the four reads of a product.
    assert_eq!((unit("digital").units, unit("words").units), (10.0, 320.0));
    close("digital arrays", unit("digital").power.si(), 10.0 * 3e-12 * 4e8);
    let digital = costs.leaves.iter().find(|leaf| costs.levels[leaf.level].name == "digital").expect("a leaf");
    close("rows", unit("words").power.si(), 320.0 * 4.0 * 4e-15 / digital.between_products.si());
    // Two shift-adds of a tile join the reads of five digital arrays of 8 outputs: 80 words a read at 2 GHz.
    close("between products", digital.between_products.si(), 4.0 * 5.0 * 8.0 / 2.0 / 2e9);
    let rates = costs
        .leaves
        .iter()
        .map(|leaf| 2.0 * leaf.macs as f64 * costs.levels[leaf.level].powered as f64 / leaf.between_products.si());
    close("operations", costs.operations.si(), rates.sum());
}

/// A converter that works within the read of its array: its energy is spread over the time of its layer.
#[test]
fn an_energy_within_a_read_is_part_of_the_peak() {
    let library = LIBRARY.replace(
        "bits: 8, power: 1 mW, rate: 1 GS/s,",
        "bits: 8, energy: 7 pJ, latency: { value: 0 s, note: within the read },",
    );
    let flat = "name: flat
technology: library.yaml
weights: { bits: 4, encoding: unsigned, bias: none }
tile: { crossbar: array, rows: 64, columns: 64 }
stages: { input: [driver-4b], column: [adc, join] }
gating: per-stage
network: { input: { features: 64, bits: 4 }, layers: [{ name: a, dense: 16 }] }
";
    let design = design(&library, flat);
    let totals = estimate(&design).expect("numbers").totals;
    // 32 columns in use, two for each word; an operation of an array takes 2 mW for 10 ns.
    let columns = design
        .nodes()
        .find(|(_, node)| node.component().is_some_and(|c| &*c.name == "adc"))
        .expect("converters")
        .1
        .operations;
    assert_eq!(columns, 32);
    close("peak", totals.peak_power.si(), 2e-3 + 32.0 * 7e-12 / totals.latency.si());
}

/// Without a word of it a row is kept for the bias, as of every network; the report says so.
#[test]
fn a_bias_row_that_nobody_states_is_said() {
    for (bias, rows, is_said) in [(", bias: none", 64.0, false), (", bias: row", 63.0, false), ("", 63.0, true)] {
        let machine = design(LIBRARY, &MACHINE.replace(", bias: none", bias));
        // 64 columns are 32 weights of two cells.
        let costs = MachineCosts::of(machine.machine.as_ref().expect("levels")).expect("a machine");
        close("weights", costs.weights as f64, 6.0 * 32.0 * rows);
        assert_eq!(machine.assumptions.iter().any(|text| text.contains("bias row")), is_said);
    }
}

/// The bits of weights whose encoding a level states are those of that encoding: -8 is 1000, -1 is 1111 and 7 is 0111 in two's complement.
#[test]
fn weights_of_a_level_are_counted_as_it_encodes_them() {
    let library = LIBRARY.replace("power: 2 mW, latency: 10 ns", "energy: = 1 pJ * weight-density, latency: 10 ns");
    let own = "count: 3, weights: { bits: 4, encoding: twos-complement, bias: none }";
    let histogram = "statistics: { weights: { histogram: [4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2] } }\n";
    let of = |machine: String| {
        let costs = costs_of(&library, &(machine + histogram));
        let array = costs.units.iter().find(|unit| unit.component == "array").expect("arrays").power.si();
        array * 10e-9 / 6.0
    };
    close("two's complement", of(MACHINE.replace("count: 3", own)), 1e-12 * (4.0 + 16.0 + 6.0) / 40.0);
    // As offsets the same values are 0000, 0111 and 1111.
    close("offset", of(MACHINE.to_owned()), 1e-12 * (12.0 + 8.0) / 40.0);
}
