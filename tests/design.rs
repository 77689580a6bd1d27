//! What lowering makes of an architecture: which circuits there are, how many, and what they are refused for. Everything that is expected
//! here is counted by hand in the comments.
//!
//! The components are those of `tests/data/round-numbers`.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use imcost::cost::estimate;
use imcost::design::{Design, Node, Signal};
use imcost::diagnostic::render::render_all;
use imcost::session::Session;

/// Lowers an architecture that is written without its first two lines.
fn lowered(architecture: &str) -> (Option<Design>, String) {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("design");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{}-{}.yaml", std::process::id(), FILES.fetch_add(1, Ordering::Relaxed)));
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/round-numbers/library.yaml");
    fs::write(&path, format!("name: a test\ntechnology: {}\n{architecture}", library.display())).unwrap();
    let mut session = Session::default();
    let design = session.design(&path);
    fs::remove_file(&path).unwrap();
    let said = render_all(&session.diagnostics, &session.sources, false);
    (design.ok(), said)
}

#[track_caller]
fn design(architecture: &str) -> Design {
    let (design, said) = lowered(architecture);
    design.unwrap_or_else(|| panic!("{said}"))
}

/// What is said to a design that is refused.
#[track_caller]
fn refused(architecture: &str) -> String {
    let (design, said) = lowered(architecture);
    assert!(design.is_none(), "accepted: {architecture}\n{said}");
    said
}

fn node<'a>(design: &'a Design, name: &str) -> &'a Node {
    let found = design.nodes().find(|(_, node)| node.name() == name);
    found.unwrap_or_else(|| panic!("no {name}")).1
}

const ANALOG: &str = "
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 32, columns: 32 }
stages: { input: [driver], column: [amplifier, neuron] }
statistics: { active-rows: 25%, low-resistance: 50% }
";

/// `a` drives the rows of `join` through a joint and those of `alone` directly; `b` those of `join` only.
#[test]
fn a_layer_drives_the_rows_of_all_that_it_feeds_through_joints_too() {
    let design = design(&format!(
        "network:
  input: {{ features: 32 }}
  layers:
    - {{ name: a, dense: 8, from: input }}
    - {{ name: b, dense: 8, from: input }}
    - {{ name: join, dense: 20, from: [a, b] }}
    - {{ name: alone, dense: 4, from: a }}
{ANALOG}"
    ));
    let layer = |name: &str| design.layers.iter().find(|l| l.name == name).unwrap();
    let (a, b, join, alone) = (layer("a"), layer("b"), layer("join"), layer("alone"));
    let crossbars = |names: &[usize]| names.iter().map(|&l| design.layers[l].circuits.crossbar).collect::<Vec<_>>();
    assert_eq!(a.circuits.drives, crossbars(&[2, 3]));
    assert_eq!(b.circuits.drives, crossbars(&[2]));
    assert_eq!(join.circuits.drives, []);
    let (neuron_a, neuron_b) = (a.circuits.activation.unwrap(), b.circuits.activation.unwrap());
    assert_eq!(join.circuits.driven_by, [neuron_a, neuron_b]);
    assert_eq!(alone.circuits.driven_by, [neuron_a]);
    // The rows of `a` are held by its own row drivers.
    assert_eq!(a.circuits.driven_by, a.circuits.input);
    assert_eq!(design.graph[a.circuits.input[0]].name(), "driver");
    assert_eq!(design.shape(), "32-8, 32-8, 16-20, 8-4");
}

/// A buffer before a layer's rows drives them; the neurons before it drive no rows.
#[test]
fn a_buffer_between_takes_the_rows_from_the_neurons() {
    let design = design(&format!(
        "network:
  input: {{ features: 32 }}
  layers:
    - {{ name: a, dense: 8 }}
    - {{ name: b, dense: 8, stages: {{ input: [buffer] }} }}
{ANALOG}"
    ));
    let [a, b] = &design.layers[..] else { panic!("two layers") };
    assert_eq!(a.circuits.drives, []);
    assert_eq!(b.circuits.driven_by, b.circuits.input);
    assert_eq!(design.graph[b.circuits.driven_by[0]].name(), "buffer");
    assert_eq!(design.fed_by(a.circuits.activation.unwrap()), b.circuits.input);
    assert_eq!(design.shape(), "32-8-8");
}

/// 64 rows on tiles of 32: two row partitions. Currents meet before an amplifier that stands once for each output.
#[test]
fn an_amplifier_for_each_output_ends_the_columns_of_all_row_partitions_together() {
    let on = |amplifier: &str, after: &str| {
        design(&format!(
            "network: {{ input: {{ features: 64 }}, layers: [{{ dense: 16 }}] }}
weights: {{ bits: 1, encoding: differential, bias: none }}
tile: {{ crossbar: crossbar, rows: 32, columns: 32 }}
stages: {{ input: [driver], column: [{amplifier}, {after}] }}"
        ))
    };
    let end = |design: &Design| {
        let circuits = &design.layers[0].circuits;
        (design.termination_of(circuits.crossbar), circuits.amplifier, circuits.summed_at)
    };
    let joined = on("{ use: amplifier, per: output }", "neuron");
    let (found, amplifier, summed_at) = end(&joined);
    assert_eq!((found, summed_at), (Some((amplifier.unwrap(), 2)), amplifier));
    let apart = on("amplifier", "neuron");
    let (found, amplifier, summed_at) = end(&apart);
    assert_eq!(found, Some((amplifier.unwrap(), 1)));
    assert_eq!(summed_at, apart.layers[0].circuits.activation);
}

/// The converter of each tile takes partial sums; the one after the adder the sum.
#[test]
fn converters_are_told_apart_by_the_activation_and_by_the_sum() {
    let design = design(
        "network: { input: { features: 64 }, layers: [{ dense: 16 }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 32, columns: 32 }
stages: { input: [driver], column: [amplifier, adc, adder, sigmoid] }",
    );
    let layer = &design.layers[0];
    let adc = layer.circuits.converters_before[0];
    assert_eq!((layer.circuits.converters_before.len(), layer.circuits.converters_after.len()), (1, 0));
    assert!(layer.takes_partial_sums(adc));
    assert!(!layer.takes_partial_sums(layer.circuits.activation.unwrap()));
    assert_eq!(layer.circuits.summed_at.map(|n| design.graph[n].name()), Some("adder"));
    assert_eq!(layer.circuits.last(), layer.circuits.activation.unwrap());
}

/// One layer of 32 inputs and 8 outputs on one tile of 64 x 32 of pairs, unless the text says otherwise.
fn one_layer(features: &str, outputs: u64, input: &str, column: &str) -> String {
    format!(
        "network: {{ input: {{ {features} }}, layers: [{{ name: only, dense: {outputs} }}] }}
weights: {{ bits: 1, encoding: differential, bias: none }}
tile: {{ crossbar: crossbar, rows: 32, columns: 32 }}
stages: {{ input: [{input}], column: [{column}] }}
statistics: {{ active-rows: 25%, low-resistance: 50% }}
"
    )
}

/// What a stage gives.
fn given(design: &Design, name: &str) -> Signal {
    let (index, _) = design.nodes().find(|(_, node)| node.name() == name).unwrap();
    design.graph[design.graph.first_edge(index, petgraph::Direction::Outgoing).unwrap()]
}

fn counts(node: &Node) -> (u64, u64, u64) {
    (node.units, node.operations, node.rounds)
}

#[test]
fn a_pair_that_nothing_subtracts_is_refused_with_the_stages_that_would() {
    let column = "single-amplifier, hold, adc, register";
    let said = refused(&one_layer("features: 32", 8, "driver", column));
    assert!(said.contains("nothing subtracts the negative from the positive column"), "{said}");
    assert!(said.contains("amplifier, subtractor"), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    design(&one_layer("features: 32", 8, "driver", "single-amplifier, hold, adc, subtractor, register"));
    design(&one_layer("features: 32", 8, "driver", "amplifier, hold, adc, register"));
}

/// Of 32 rows a part is on, each into 8 pairs; of two devices a part conducts 100 uS and the others 25 uS. At 25 % of the rows and 10 % low:
/// 8 x 8 x 2 x (0.1 x 100 uS + 0.9 x 25 uS) x (1 V)^2 = 4.16 mW.
#[test]
fn each_statistic_that_a_layer_does_not_state_is_that_of_the_architecture() {
    let power = |own: &str| {
        let design = design(&format!(
            "network: {{ input: {{ features: 32 }}, layers: [{{ dense: 8, statistics: {own} }}] }}
weights: {{ bits: 1, encoding: differential, bias: none }}
tile: {{ crossbar: crossbar, rows: 32, columns: 32 }}
stages: {{ input: [driver], column: [amplifier, hold, adc] }}
statistics: {{ active-rows: 25%, low-resistance: 10% }}"
        ));
        assert_eq!(design.assumptions, Vec::<String>::new());
        1e3 * estimate(&design).unwrap().cost(design.layers[0].circuits.crossbar).active_power.si()
    };
    for (own, milliwatt) in [
        ("{ active-rows: 25% }", 4.16),
        ("{ active-rows: 50% }", 8.32),
        // 64 x (100 + 25) uS
        ("{ low-resistance: 50% }", 8.0),
        ("{ active-rows: 50%, low-resistance: 50% }", 16.0),
    ] {
        assert!((power(own) / milliwatt - 1.0).abs() < 1e-12, "{own}: {} instead of {milliwatt}", power(own));
    }
}

#[test]
fn a_statistic_that_nobody_states_is_assumed_alone() {
    let design = design(
        "network: { input: { features: 32 }, layers: [{ dense: 8, statistics: { active-rows: 25% } }] }
weights: { bits: 1, encoding: differential, bias: none }
tile: { crossbar: crossbar, rows: 32, columns: 32 }
stages: { input: [driver], column: [amplifier, hold, adc] }",
    );
    assert_eq!(design.assumptions, ["low-resistance taken as 50 %: `statistics` does not state it"]);
}

#[test]
fn rows_that_are_never_on_take_no_power_and_no_number_is_lost() {
    let text = one_layer("features: 32", 8, "driver", "amplifier, hold, adc").replace("25%", "0%");
    let (design, said) = lowered(&text);
    let design = design.unwrap_or_else(|| panic!("{said}"));
    assert!(said.contains("warning: the crossbar of layer `only` takes no power"), "{said}");
    let estimate = estimate(&design).unwrap();
    let cost = estimate.cost(design.layers[0].circuits.crossbar);
    assert_eq!((cost.active_power.si(), cost.of_ideal_power), (0.0, Some(1.0)));
    assert!(estimate.totals.energy.si() > 0.0);
}

/// 8 reads of 1 bit, converted to 8 bits: 255 x (1 + 2 + … + 128) = 65025 takes 16 bits, which the next layer is given.
#[test]
fn a_shift_and_add_gives_words_that_hold_the_sum_of_all_reads() {
    let layers = "layers: [{ name: only, dense: 8 }, { dense: 4 }]";
    let text = one_layer("features: 32, bits: 8", 8, "driver", "amplifier, hold, adc, shift-add-of-bits")
        .replace("layers: [{ name: only, dense: 8 }]", layers);
    let design = design(&text);
    let shift_add = node(&design, "shift-add-of-bits");
    assert_eq!(shift_add.word_bits, 16);
    // 8 words of each of 8 outputs.
    assert_eq!(counts(shift_add), (8, 64, 8));
    assert_eq!(given(&design, "shift-add-of-bits").bits, 16);
    assert_eq!(design.layers[1].circuits.arriving.bits, 16);
    let crossbar = &design.graph[design.layers[1].circuits.crossbar];
    assert_eq!((crossbar.operations, crossbar.rounds), (16, 16));
}

/// Weights of 8 bits in cells of 2: 4 columns of an output, 255 x (1 + 4 + 16 + 64) = 21675 takes 15 bits. 4 words for each of 5 outputs.
#[test]
fn a_shift_and_add_joins_the_bit_slices_of_a_weight() {
    let text = one_layer("features: 32, bits: 8", 5, "dac", "single-amplifier, hold, adc, shift-add")
        .replace("bits: 1, encoding: differential", "bits: 8, encoding: unsigned")
        .replace("crossbar: crossbar", "crossbar: crossbar-of-2-bit-cells");
    let design = design(&text);
    assert_eq!(counts(node(&design, "adc")), (20, 20, 1));
    assert_eq!(given(&design, "adc").lanes, 20);
    let shift_add = node(&design, "shift-add");
    assert_eq!(counts(shift_add), (5, 20, 4));
    assert_eq!(shift_add.word_bits, 15);
    assert_eq!(design.layers[0].grid.columns(), 20);
}

/// 160 rows on tiles of 32 rows: 5 partial sums of each of 16 outputs, added in a tree of 4 adders that is 3 deep: 8 + 3 bits.
#[test]
fn partial_sums_are_added_in_a_tree_as_deep_as_its_logarithm() {
    let text = |column: &str, bits: u32| one_layer(&format!("features: 160, bits: {bits}"), 16, "driver", column);
    let alone = design(&text("amplifier, adc, adder, sigmoid", 1));
    assert_eq!(counts(node(&alone, "adder")), (64, 64, 3));
    assert_eq!((given(&alone, "adder").bits, given(&alone, "adder").lanes), (11, 16));
    assert_eq!((node(&alone, "adder").word_bits, given(&alone, "adc").lanes), (11, 80));
    // Four outputs take turns on a tree, and every read is added by itself.
    let shared = design(&text("amplifier, adc, { use: adder, share: 4 }, shift-add, sigmoid", 2));
    assert_eq!(counts(node(&shared, "adder")), (16, 128, 24));
    // 64 rows are 2 partial sums: one adder deep.
    let two = design(&text("amplifier, adc, adder, sigmoid", 1).replace("160", "64"));
    assert_eq!(counts(node(&two, "adder")), (16, 16, 1));
}

/// 64 rows and 64 outputs on tiles of 32 x 32: every row runs over two tiles.
#[test]
fn a_converter_for_each_input_works_once_for_all_tiles_of_its_row() {
    let on = |dac: &str| design(&one_layer("features: 64", 64, dac, "amplifier, neuron"));
    assert_eq!(counts(node(&on("dac"), "dac")), (128, 128, 1));
    assert_eq!(counts(node(&on("{ use: dac, per: input }"), "dac")), (64, 64, 1));
}

/// Eight pairs are sixteen lines until they are subtracted.
#[test]
fn units_for_single_lines_are_there_twice_as_long_as_a_pair_is_open() {
    let design = design(&one_layer(
        "features: 32",
        8,
        "driver",
        "single-amplifier, { use: adc, share: 4 }, subtractor, register",
    ));
    assert_eq!(counts(node(&design, "single-amplifier")), (16, 16, 1));
    assert_eq!(counts(node(&design, "adc")), (4, 16, 4));
    assert_eq!(counts(node(&design, "subtractor")), (8, 8, 1));
    assert_eq!(counts(node(&design, "register")), (8, 8, 1));
    assert!(given(&design, "adc").paired && !given(&design, "subtractor").paired);
}

/// 64 rows are two partial sums of each of 16 outputs: 32 lines until they meet.
#[test]
fn lines_are_one_for_each_output_once_partial_sums_have_met() {
    let design = design(&one_layer("features: 64", 16, "driver", "amplifier, { use: hold, per: output }, adc"));
    assert_eq!(given(&design, "crossbar").lanes, 32);
    assert_eq!(counts(node(&design, "amplifier")), (32, 32, 1));
    assert_eq!(given(&design, "amplifier").lanes, 16);
    assert_eq!(given(&design, "hold").lanes, 16);
    assert_eq!(counts(node(&design, "adc")), (16, 16, 1));
}

/// 8 active rows into 8 pairs of 125 uS: 8 mW, from the crossbar's start until the last of four turns of the ADC: 1 + 2 + 4 ns.
#[test]
fn an_adc_releases_the_crossbar_when_the_last_of_its_columns_is_converted() {
    let design =
        design(&one_layer("features: 32", 8, "driver", "amplifier, { use: adc, share: 4 }, sigmoid, register"));
    let found = estimate(&design).unwrap().cost(design.layers[0].circuits.crossbar).energy().si();
    assert!((found / 56e-12 - 1.0).abs() < 1e-12, "{found}");
}

#[test]
fn an_adder_stands_where_partial_sums_meet_and_nowhere_else() {
    for (per, rows) in [("input", 64), ("tile", 64), ("tile", 32)] {
        let column = format!("amplifier, hold, adc, {{ use: adder, per: {per} }}");
        let said = refused(&one_layer(&format!("features: {rows}"), 16, "driver", &column));
        assert!(said.contains(&format!("`per: {per}` has no meaning for the adder `adder`")), "{said}");
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
    }
    design(&one_layer("features: 64", 16, "driver", "amplifier, hold, adc, { use: adder, per: output }"));
}

#[test]
fn what_is_wrong_with_a_stage_is_wrong_where_it_is_not_built() {
    let column = "amplifier, hold, adc, { use: shift-add, per: input }";
    let said = refused(&one_layer("features: 32", 16, "driver", column));
    assert!(said.contains("`per: input` has no meaning in the column chain"), "{said}");
}

#[test]
fn an_activation_of_partial_sums_is_refused() {
    for column in ["amplifier, hold, adc, { use: sigmoid, per: tile }, adder", "amplifier, { use: neuron, per: tile }"]
    {
        let said = refused(&one_layer("features: 64", 16, "driver", column));
        assert!(said.contains("sigmoid(a) + sigmoid(b) is not sigmoid(a + b)"), "{said}");
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
        // One tile has the whole sum.
        if !column.contains("adder") {
            design(&one_layer("features: 32", 16, "driver", column));
        }
    }
}

#[test]
fn rows_that_take_turns_on_a_converter_need_something_that_holds_their_voltages() {
    let on = |input: &str| one_layer("features: 32", 8, input, "amplifier, adc");
    let said = refused(&on("{ use: dac, share: 8 }"));
    assert!(said.contains("8 lines take turns on `dac`, and nothing holds their voltages"), "{said}");
    assert!(said.contains("round numbers has: hold; buffer"), "{said}");
    // A buffer sees one line at a time too; one sample-and-hold for several rows holds one of them.
    refused(&on("{ use: dac, share: 8 }, buffer"));
    refused(&on("{ use: dac, share: 8 }, { use: hold, share: 8 }, buffer"));
    design(&on("{ use: dac, share: 8 }, hold, buffer"));
    design(&on("dac"));
}

#[test]
fn a_neuron_that_outputs_take_turns_on_drives_no_rows() {
    let text = |last: &str| {
        one_layer("features: 32", 8, "driver", &format!("amplifier, {{ use: neuron, share: 4 }}{last}"))
            .replace("layers: [{ name: only, dense: 8 }]", "layers: [{ dense: 8 }, { dense: 4 }]")
    };
    let said = refused(&text(""));
    assert!(said.contains("4 lines take turns on `neuron`"), "{said}");
    design(&text(", hold, buffer"));
    // The last layer drives nothing.
    design(&one_layer("features: 32", 8, "driver", "amplifier, { use: neuron, share: 4 }"));
}

#[test]
fn the_capacitor_of_a_sample_and_hold_drives_no_rows() {
    let layers = |last: &str| {
        one_layer("features: 32", 8, "driver", &format!("amplifier, neuron, hold{last}"))
            .replace("layers: [{ name: only, dense: 8 }]", "layers: [{ dense: 8 }, { dense: 4 }]")
    };
    let said = refused(&layers(""));
    assert!(said.contains("the capacitor of `hold` cannot drive the rows of `crossbar`"), "{said}");
    assert!(said.contains("put a buffer after it; round numbers has: buffer"), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    design(&layers(", buffer"));
    // Through a joint too, of which only one end is a capacitor.
    let joined = |stages: &str| {
        format!(
            "network:
  input: {{ features: 32 }}
  layers:
    - {{ name: a, dense: 8, from: input }}
    - {{ name: b, dense: 8, from: input, stages: {{ input: [driver], column: [amplifier, neuron{stages}] }} }}
    - {{ name: join, dense: 4, from: [a, b] }}
{ANALOG}"
        )
    };
    assert!(refused(&joined(", hold")).contains("the capacitor of `hold` cannot drive the rows"));
    design(&joined(", hold, buffer"));
}

#[test]
fn a_converter_to_words_before_a_crossbar_is_the_one_mistake() {
    let said = refused(&format!(
        "network: {{ input: {{ features: 32 }}, layers: [{{ dense: 8 }}, {{ dense: 4 }}] }}{}",
        ANALOG.replace("input: [driver]", "input: [adc]")
    ));
    assert!(said.contains("a converter to words cannot stand before a crossbar: `adc`"), "{said}");
    assert!(said.contains("round numbers has: dac, driver"), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
}

#[test]
fn bits_that_nothing_joins_are_told_with_layer_and_bits() {
    let said = refused(&one_layer("features: 32, bits: 8", 8, "driver", "amplifier, hold, adc, sigmoid"));
    for part in [
        "nothing joins the 8 bit-serial reads of layer `only` into one value",
        "applies 1 of 8 bits at once",
        "put a shift-and-add after the ADC (round numbers has: shift-add, shift-add-of-bits)",
        "a DAC in the place of `driver`",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

/// Two layers of ten million outputs: more rows than a layer may have.
#[test]
fn joined_lines_are_bounded_like_those_of_one_layer() {
    let wide = "    - { name: a, dense: 10000000, from: input }\n    - { name: b, dense: 10000000, from: input }";
    let said = refused(&format!(
        "network:\n  input: {{ features: 1 }}\n  layers:\n{wide}\n    - {{ name: join, dense: 1, from: [a, b] }}\n{}",
        ANALOG.replace("rows: 32, columns: 32", "rows: 1, columns: 1")
    ));
    assert!(said.contains("the layers that feed `join` give 20000000 lines together"), "{said}");
    assert!(said.contains("expected 1 to 10000000"), "{said}");
}
