//! What is said of machines that cannot be: each message gets its reader further.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use imcost::files::Memory;
use imcost::session::Session;

use super::{LIBRARY, MACHINE, session};

/// All that is said of a machine that is changed so.
fn said(changes: &[(&str, &str)]) -> String {
    said_of(LIBRARY, changes)
}

fn said_of(library: &str, changes: &[(&str, &str)]) -> String {
    let mut text = MACHINE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not there");
        text = text.replace(from, to);
    }
    let mut session = session(library, &text);
    let found = session.design(Path::new("machine.yaml"));
    assert!(found.is_err(), "nothing is wrong with {changes:?}");
    session.rendered()
}

/// What is worth knowing of a machine that can be.
fn warned(machine: &str) -> String {
    let mut quiet = session(LIBRARY, MACHINE);
    quiet.design(Path::new("machine.yaml")).expect("a machine");
    assert_eq!(quiet.diagnostics.warnings().count(), 0);
    let mut session = session(LIBRARY, machine);
    session.design(Path::new("machine.yaml")).expect("a machine");
    let warnings: Vec<String> =
        session.diagnostics.warnings().map(|warning| format!("{}, {:?}", warning.message, warning.help)).collect();
    warnings.join("\n")
}

macro_rules! says {
    ($name:ident, $said:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!($said);
        }
    };
}

says!(a_tile_that_is_smaller_than_its_figures, said(&[("rows: 64, columns: 64 }", "rows: 32, columns: 64 }")]));
says!(
    arrays_that_nobody_names,
    said(&[
        ("tile: { crossbar: array, rows: 64, columns: 64 }\n", ""),
        ("weights: { bits: 4, encoding: offset, bias: none }\n", "")
    ])
);
says!(no_stages_at_all, said(&[("stages:\n  input: [driver]\n  column: [hold, { use: adc, share: 32 }]\n", "")]));
says!(
    no_levels,
    said(&[(
        "levels:\n  - { name: chip, components: [sequencer] }\n  - { name: tile, count: 2, components: [buffer, { use: join, count: 2 }, sum, relu] }\n  - { name: array, count: 3 }\n",
        "levels: []\n"
    )])
);
says!(two_levels_of_one_name, said(&[("name: array, count", "name: tile, count")]));
says!(a_level_in_an_unknown_one, said(&[("name: array, count", "name: array, in: tyle, count")]));
says!(levels_in_each_other, said(&[("name: chip,", "name: chip, in: array,")]));
says!(more_powered_than_there_are, said(&[("count: 3", "count: 3, powered: 4")]));
says!(
    a_level_of_levels_with_crossbars,
    said(&[("name: tile,", "name: tile, tile: { crossbar: array, rows: 8, columns: 8 },")])
);
says!(a_count_and_a_share, said(&[("{ use: join, count: 2 }", "{ use: join, count: 2, per: 2 }")]));
says!(a_misspelt_component, said(&[("relu]", "rellu]")]));
says!(an_array_on_a_level, said(&[("relu]", "array]")]));
says!(a_memory_as_a_stage, said(&[("[hold,", "[buffer,")]));
says!(nothing_that_joins, said(&[(", { use: join, count: 2 }", "")]));
says!(a_stage_of_a_level_that_does_not_list_it, said(&[("{ use: adc, share: 32 }", "{ use: adc, in: chip }")]));
says!(a_stage_of_no_level, said(&[("{ use: adc, share: 32 }", "{ use: adc, in: chp }")]));
says!(an_array_that_is_a_crossbar, said(&[("crossbar: array", "array: array")]));
says!(a_tile_that_is_too_large, said(&[("rows: 64, columns: 64 }", "rows: 128, columns: 64 }")]));
says!(
    a_network_that_is_too_large,
    said(&[("levels:", "network: { input: { features: 1000, bits: 4 }, layers: [{ name: a, dense: 100 }] }\nlevels:")])
);
says!(
    two_layers_of_more_arrays_than_there_are,
    said(&[
        ("count: 2, comp", "comp"),
        ("count: 3 }", "count: 5 }"),
        (
            "levels:",
            "network: { input: { features: 64, bits: 4 }, layers: [{ name: a, dense: 64 }, { name: b, dense: 128 }] }\nlevels:"
        )
    ])
);
says!(several_of_the_outermost, warned(&MACHINE.replace("name: chip,", "name: chip, count: 3,")));
says!(
    a_part_of_itself,
    said_of(&LIBRARY.replace("energy: 10 fJ, latency: 1 ns, area: 20 um^2", "parts: { a: { use: sum } }"), &[])
);
says!(
    a_part_that_is_wrong_itself,
    said_of(
        &LIBRARY
            .replace("energy: 10 fJ, latency: 1 ns, area: 20 um^2", "parts: { a: { use: relu } }")
            .replace("energy: 5 fJ, latency: 1 ns, area: 5", "energy: 5 fJ, latency: 1 m, area: 5"),
        &[]
    )
);
says!(a_gate_on_a_level, said_of(&LIBRARY.replace("kind: control,", "kind: gate, latency: 1 ns,"), &[]));
says!(
    a_function_that_nothing_computes,
    said(&[(
        "levels:",
        "network: { input: { features: 10, bits: 4 }, layers: [{ name: a, dense: 10, activation: gelu }] }\nlevels:"
    )])
);
says!(figures_of_another_node, said(&[("levels:", "operating: { node: 14 nm }\nlevels:")]));
says!(figures_of_another_supply, said(&[("levels:", "operating: { vdd: 0.8 V }\nlevels:")]));
says!(
    a_histogram_of_the_wrong_length,
    said(&[("levels:", "statistics: { inputs: { histogram: [1, 2, 3, 4, 5] } }\nlevels:")])
);
says!(
    rows_in_a_bus,
    said_of(
        &LIBRARY.replace("kind: bus, width: 64 bit, power: 3 mW", "kind: bus, width: 64 bit, power: = rows * 3 mW"),
        &[("relu]", "bus]")]
    )
);
says!(
    a_figure_that_is_negative_here,
    said_of(&LIBRARY.replace("power: 2 mW, latency: 10 ns", "power: 2 mW, latency: = (32 - rows) * 1 ns"), &[])
);
says!(
    a_clock_that_nobody_states,
    said_of(&LIBRARY.replace("power: 2 mW, latency: 10 ns", "power: 2 mW, latency: = 3 / clock"), &[])
);
says!(
    stated_and_computed,
    said_of(
        &LIBRARY.replace(
            "kind: crossbar, cell: { bits: 2 }",
            "kind: crossbar, device: d, read-voltage: 1 V, cell: { devices: 1, width: 1 um, height: 1 um }"
        ),
        &[]
    )
);
says!(
    parts_beside_an_energy,
    said_of(
        &LIBRARY.replace(
            "kind: adder, bits: 24, energy: 10 fJ",
            "kind: adder, bits: 24, energy: 10 fJ, parts: { a: { use: relu } }"
        ),
        &[]
    )
);
says!(
    a_part_that_is_not_there,
    said_of(
        &LIBRARY.replace(
            "kind: adder, bits: 24, energy: 10 fJ, latency: 1 ns, area: 20 um^2",
            "kind: adder, bits: 24, parts: { a: { use: rellu }, b: {} }"
        ),
        &[]
    )
);
says!(
    parts_in_a_circle,
    said_of(
        &LIBRARY
            .replace(
                "kind: adder, bits: 24, energy: 10 fJ, latency: 1 ns, area: 20 um^2",
                "kind: adder, bits: 24, parts: { a: { use: sum2 } }"
            )
            .replace(
                "  relu:",
                "  sum2: { kind: adder, parts: { a: { use: sum } }, source: s, basis: measured }\n  relu:"
            ),
        &[]
    )
);
says!(a_memory_without_a_width, said_of(&LIBRARY.replace("capacity: 2 KB, width: 64 bit", "capacity: 2 kW"), &[]));
says!(
    zero_without_a_reason,
    said_of(
        &LIBRARY.replace("energy: 1 pJ, latency: 1 ns, area: 500 um^2", "energy: 0 J, latency: 1 ns, area: 500 um^2"),
        &[]
    )
);
says!(
    an_energy_without_a_time,
    said_of(
        &LIBRARY.replace(
            "energy: 1 pJ, latency: 1 ns, area: 500",
            "energy: 1 pJ, latency: { value: 0 s, note: hidden }, area: 500"
        ),
        &[]
    )
);
says!(
    parts_that_take_no_turns,
    said_of(
        &LIBRARY.replace("energy: 10 fJ, latency: 1 ns, area: 20 um^2", "parts: { all: { use: relu, count: 24 } }"),
        &[]
    )
);
says!(
    a_static_power_beside_parts,
    said_of(
        &LIBRARY.replace(
            "energy: 10 fJ, latency: 1 ns, area: 20 um^2",
            "static-power: 1 uW, parts: { all: { use: relu, count: 24 } }"
        ),
        &[]
    )
);

#[test]
fn a_study_of_a_machine_without_a_network() {
    let study = "name: s\narchitecture: machine.yaml\nvary: { adc.power: [1 mW, 2 mW] }\n";
    let files = Memory::default().with("library.yaml", LIBRARY).with("machine.yaml", MACHINE).with("study.yaml", study);
    let mut session = Session::default().reading(files.over_standard());
    let study = imcost::explore::study::read(Path::new("study.yaml"), &mut session).expect("a study");
    assert!(imcost::explore::points::check(&study, &mut session, &AtomicBool::new(false)).is_err());
    insta::assert_snapshot!(session.rendered());
}
