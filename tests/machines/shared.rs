//! Units that arrays share, and what figures rest on, by hand.

use imcost::cost::machine::{MachineCosts, UnitCosts};

use super::{LIBRARY, MACHINE, close, costs, costs_of, session};

/// One array each of two kinds, 16 columns to a converter, and two shift-adds for both on the chip.
fn two_kinds() -> String {
    let (head, _) = MACHINE.split_once("levels:").expect("levels");
    let head = head.replace("[driver]", "[driver-4b]").replace("share: 32", "share: 16");
    head + "levels:\n  - { name: chip, components: [{ use: join, count: 2 }] }\n  - { name: a }\n  - { name: b, in: chip }\n"
}

fn unit(costs: &MachineCosts, name: &str) -> UnitCosts {
    costs.units.iter().find(|unit| unit.component == name).expect("it is there").clone()
}

/// 64 words of each kind every 17 ns: 16 conversions and a hold of 1 ns. Two shift-adds take 68 in that time, for both.
#[test]
fn what_is_shared_works_no_faster_than_it_can() {
    let capped = 2.0 * 20e-15 * 2e9;
    for (time, full_rate) in [
        ("rate: 2 GHz", capped),
        ("latency: 0.5 ns", capped),
        ("latency: { value: 0 s, note: within }", 2.0 * 64.0 * 20e-15 / 17e-9),
    ] {
        let library = LIBRARY.replace("energy: 20 fJ, rate: 2 GHz", &format!("energy: 20 fJ, {time}"));
        let costs = costs_of(&library, &two_kinds());
        close("between products", costs.leaves[0].between_products.si(), 17e-9);
        close(time, unit(&costs, "join").full_rate.si(), full_rate);
    }
}

/// What states a power beside an energy draws it whether it works or not.
#[test]
fn static_power_is_drawn_at_every_pace() {
    let library = LIBRARY.replace("energy: 20 fJ, rate: 2 GHz", "energy: 20 fJ, static-power: 3 uW, rate: 2 GHz");
    let machine = MACHINE.replace("[driver]", "[driver-4b]").replace("use: join, count: 2", "use: join, count: 8");
    let join = unit(&costs_of(&library, &machine), "join");
    close("at once", join.power.si(), 16.0 * (3e-6 + 40e-6));
    close("full rate", join.full_rate.si(), 16.0 * 3e-6 + 6.0 * 64.0 * 20e-15 / 33e-9);
}

#[test]
fn the_component_that_takes_most_of_the_time_is_named() {
    assert_eq!(costs(MACHINE).leaves[0].limited_by.as_deref(), Some("join"));
    // 32 conversions of 1 ns and a hold of 1 ns.
    let many = MACHINE.replace("[driver]", "[driver-4b]").replace("use: join, count: 2", "use: join, count: 8");
    assert_eq!(costs(&many).leaves[0].limited_by.as_deref(), Some("adc"));
}

/// Which of its figures makes power, area or time of a component assumed.
#[test]
fn what_is_assumed_is_what_rests_on_it() {
    let assumed = |value: &str| format!("{{ value: {value}, basis: assumed, note: why }}");
    let of = |figures: &str| {
        let library = LIBRARY.replace("energy: 1 pJ, latency: 1 ns, area: 500 um^2", figures);
        let found = unit(&costs_of(&library, MACHINE), "buffer").assumed;
        (found.power, found.area, found.time)
    };
    assert_eq!(of("energy: 1 pJ, latency: 1 ns, area: 500 um^2"), (false, false, false));
    assert_eq!(of(&format!("energy: {}, latency: 1 ns, area: 500 um^2", assumed("1 pJ"))), (true, false, false));
    assert_eq!(of(&format!("energy: 1 pJ, latency: {}, area: 500 um^2", assumed("1 ns"))), (true, false, true));
    assert_eq!(of(&format!("energy: 1 pJ, rate: {}, area: 500 um^2", assumed("1 GHz"))), (true, false, true));
    assert_eq!(of(&format!("energy: 1 pJ, latency: 1 ns, area: {}", assumed("500 um^2"))), (false, true, false));
    // A power is what it is, however fast.
    assert_eq!(of(&format!("power: 1 mW, rate: {}, area: 500 um^2", assumed("1 GHz"))), (false, false, true));
    assert_eq!(of(&format!("power: {}, rate: 1 GHz, area: 500 um^2", assumed("1 mW"))), (true, false, false));
    let still = format!("static-power: {}, power: 1 mW, rate: 1 GHz, area: 500 um^2", assumed("1 mW"));
    assert_eq!(of(&still), (true, false, false));
}

/// The size of a cell is assumed if its width is, or its height.
#[test]
fn the_area_of_cells_rests_on_their_width_and_height() {
    let assumed = "{ value: 2 um, basis: assumed, note: why }";
    for (width, height, expected) in [("2 um", "2 um", false), (assumed, "2 um", true), ("2 um", assumed, true)] {
        let cells = format!(
            "kind: crossbar, device: cell-device, read-voltage: 0.3 V, cell: {{ devices: 1, bits: 2, width: {width}, height: {height} }}, max-rows: 64, max-columns: 64, latency: 10 ns, source"
        );
        let stated = "kind: crossbar, cell: { bits: 2 }, max-rows: 64, max-columns: 64, power: 2 mW, latency: 10 ns, area: 100 um^2, source";
        assert!(LIBRARY.contains(stated));
        let library = LIBRARY.replace(stated, &cells)
            + "devices:\n  cell-device: { type: rram, r-low: 25 kohm, r-high: 1 Mohm, source: s, basis: measured }\n";
        let costs = costs_of(&library, &format!("{MACHINE}statistics: {{ active-rows: 50%, low-resistance: 50% }}\n"));
        assert_eq!(unit(&costs, "array").assumed.area, expected);
    }
}

/// What nobody states of the words is assumed where a figure names it.
#[test]
fn a_figure_that_names_what_is_not_stated_is_assumed() {
    let library = LIBRARY.replace("power: 2 mW, latency: 10 ns", "energy: = 1 pJ * input-density, latency: 10 ns");
    let power = |statistics: &str| {
        let costs = costs_of(&library, &format!("{MACHINE}{statistics}"));
        (unit(&costs, "array").assumed.power, unit(&costs, "array").power.si())
    };
    let (assumed, of_half) = power("");
    let (stated, of_quarter) = power("statistics: { inputs: { density: 25% } }\n");
    assert_eq!((assumed, stated), (true, false));
    close("a quarter", of_quarter * 2.0, of_half);
}

/// The range of a figure goes with it to another node.
#[test]
fn a_range_scales_with_its_figure() {
    let library = LIBRARY.replace("node: 28 nm\n", "node: 28 nm\nscaling: digital\n").replace(
        "sum: { kind: adder, bits: 24, energy: 10 fJ",
        "sum: { kind: adder, bits: 24, energy: { value: 10 fJ, range: 8 fJ .. 12 fJ }",
    );
    let (head, _) = MACHINE.split_once("tile:").expect("a tile");
    let network = "tile: { crossbar: array, rows: 64, columns: 64 }
stages: { input: [driver], column: [hold, { use: adc, share: 32 }, join, sum] }
operating: { node: 14 nm }
network: { input: { features: 128, bits: 4 }, layers: [{ name: a, dense: 32 }] }
";
    let library = library.replace("kind: crossbar,", "kind: crossbar, scaling: digital,");
    let mut session = session(&library, &format!("{head}{network}"));
    let Ok(design) = session.design(std::path::Path::new("machine.yaml")) else { panic!("{}", session.rendered()) };
    let sum = design.nodes().filter_map(|(_, node)| node.component()).find(|c| &*c.name == "sum").expect("adders");
    let energy = sum.energy.as_ref().expect("an energy");
    let (low, high) = energy.range.expect("a range");
    assert!(energy.value.si() < 10e-15);
    close("low", low.si(), 0.8 * energy.value.si());
    close("high", high.si(), 1.2 * energy.value.si());
}

/// In a list a figure has the value of the largest array, or none where more is named.
#[test]
fn a_list_has_the_largest_array() {
    let library = LIBRARY
        .replace("power: 2 mW, latency: 10 ns", "energy: = 1 fJ * rows * columns, latency: = 10 ns * weight-bits");
    let mut session = session(&library, MACHINE);
    let library = session.library(std::path::Path::new("library.yaml")).expect("a library").listed();
    let array = &library.components["array"];
    close("energy", array.energy.as_ref().expect("it").value.si(), 64.0 * 64.0 * 1e-15);
    assert!(array.latency.is_none());
}
