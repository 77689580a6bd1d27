//! The PUMA node against sums over a copy of its simulator's constants, and against what was published of it.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;

use imcost::session::Session;

/// Dynamic power, leakage in milliwatt, and area in square millimetre of a line, by component and specification.
fn line(component: &str, spec: &str) -> (f64, f64, f64) {
    let text = include_str!("data/puma/constants.csv");
    // No specification that is looked for has a comma.
    let found = text.lines().find(|l| {
        let fields: Vec<&str> = l.split(',').collect();
        fields[1] == component && fields[2] == spec
    });
    let fields: Vec<&str> = found.unwrap_or_else(|| panic!("{component} {spec}")).split(',').collect();
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    (number(fields[5]), number(fields[6]), number(fields[7]))
}

fn total(lines: &[(f64, (f64, f64, f64))]) -> (f64, f64) {
    let power = lines.iter().map(|(n, (dynamic, leak, _))| n * (dynamic + leak)).sum();
    (power, lines.iter().map(|(n, (_, _, area))| n * area).sum())
}

fn close(what: &str, found: f64, by_hand: f64) {
    assert!((found / by_hand - 1.0).abs() < 1e-6, "{what}: {found} {by_hand}");
}

/// A matrix has eight arrays, 128 row converters and samplers, two ADCs, a shift-and-add and two memories; the analog work takes 1.7 mW. Of a core the control is
/// counted, of an instruction memory root 8 times its line. Four tiles share a router; the link is counted with its power.
#[test]
fn the_node_is_the_sum_of_the_lines_of_its_simulator() {
    let wide = |(dynamic, leak, area): (f64, f64, f64)| {
        let root = 8.0_f64.sqrt();
        (dynamic * root, leak * root, area * root)
    };
    let input_memory = (0.16 + 1.7 / 128.0, 0.04, line("xbar_in_mem", "xbar 128").2);
    let area_alone = |(_, _, area)| (0.0, 0.0, area);
    let (matrix_power, matrix_area) = total(&[
        (1.0, (1.7, 0.0, 0.0)),
        (8.0, (0.0, 0.0, 2.5e-5)),
        (128.0, area_alone(line("dac", "1 bit"))),
        (128.0, area_alone(line("sample_hold", "per column"))),
        (2.0, line("adc", "8 bit")),
        (1.0, line("shift_add", "")),
        (1.0, input_memory),
        (1.0, line("xbar_out_mem", "xbar 128")),
    ]);
    // Its own fields have commas: 16 bit, from 45 nm, times 32/45.
    let vector_unit = ((2.4 * 32.0 / 45.0), 0.27 * 32.0 / 45.0, 0.00567 * 32.0 / 45.0);
    let core_control = (0.25, 0.0, line("core_control", "").2);
    let (core_power, core_area) = total(&[
        (2.0, (matrix_power, 0.0, matrix_area)),
        (1.0, line("data_mem", "2048 B")),
        (1.0, wide(line("instr_mem", "512 entries"))),
        (1.0, vector_unit),
        (1.0, line("sigmoid_tanh_unit", "")),
        (1.0, core_control),
    ]);
    let (tile_power, tile_area) = total(&[
        (8.0, (core_power, 0.0, core_area)),
        (1.0, line("edram", "64 KB")),
        (1.0, line("edram_bus", "384 bit")),
        (1.0, line("edram_ctrl", "")),
        (1.0, line("counter_buffer", "2 KB x8")),
        (1.0, line("receive_buffer", "64 entries")),
        (1.0, wide(line("tile_instr_mem", "2048 entries"))),
        (1.0, line("tile_control", "")),
        (0.25, line("noc_router", "4 port")),
    ]);
    let (power, area) = total(&[(168.0, (tile_power, 0.0, tile_area)), (1.0, (10_400.0, 0.0, 22.88))]);
    let mut session = Session::default();
    let design = session.design(Path::new("builtin:arch/puma.yaml")).expect("shipped");
    let costs = session.machine(&design).expect("positive");
    close("power", costs.power.si() * 1e3, power);
    close("area", costs.area.si() * 1e6, area);
    // A matrix of 128 x 128 words in 16 reads of 100 ns.
    close("operations", costs.operations.si(), 168.0 * 8.0 * 2.0 * 2.0 * 128.0 * 128.0 / 1.6e-6);

    // Published at 1 GHz: 577 GOPS/mm2 and 837 GOPS/W. The area comes near; the power of the simulator's constants does not reach that of the publication.
    let per_area = costs.operations.si() / 1e9 / (costs.area.si() * 1e6) / 577.0;
    let per_power = costs.operations.si() / 1e9 / costs.power.si() / 837.0;
    assert!((per_area - 1.054).abs() < 1e-3 && (per_power - 1.704).abs() < 1e-3, "{per_area} {per_power}");
}
