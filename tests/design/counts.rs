//! How many units and operations there are, and how wide their words.

use imcost::cost::estimate;
use imcost::spec::architecture::Levels;

use super::{ANALOG, counts, design, given, lowered, node, one_layer};

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
    assert!(said.contains("the crossbar of layer `only` takes no power"), "{said}");
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
    // Both lines of a pair are added before one is subtracted from the other.
    let pairs = design(&text("single-amplifier, adc, adder, subtractor, sigmoid", 1).replace("160", "64"));
    assert_eq!(counts(node(&pairs, "adder")), (32, 32, 1));
    assert_eq!((given(&pairs, "adder").lanes, given(&pairs, "adder").paired), (16, true));
    assert_eq!(counts(node(&pairs, "subtractor")), (16, 16, 1));
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

/// What is stated of the weights is kept for accuracy; what is not is one gain and the whole range of magnitudes.
#[test]
fn weights_are_stored_as_their_layer_says() {
    let cells = |more: &str| {
        let text = one_layer("features: 32", 8, "driver", "amplifier, hold, adc")
            .replace("bias: none", &format!("bias: none{more}"));
        lowered(&text).0.map(|design| design.layers[0].cells)
    };
    let stated = cells(", levels: continuous, clip: 90%, gain: 2.5").expect("a design");
    assert_eq!((stated.bits, stated.bias, stated.levels), (1, false, Levels::Continuous));
    assert!((stated.clip - 0.9).abs() < 1e-12 && (stated.gain - 2.5).abs() < 1e-12, "{stated:?}");
    let usual = cells("").expect("a design");
    assert_eq!((usual.bits, usual.bias, usual.levels), (1, false, Levels::States));
    assert_eq!((usual.clip, usual.gain), (1.0, 1.0));
    assert!([", clip: 0%", ", gain: 0", ", gain: -1", ", clip: 110%"].iter().all(|more| cells(more).is_none()));
}

/// Five outputs of four bit slices are 20 lines: four to a converter are five converters that take four turns, on every tile or where the sums of two
/// tiles have met, as currents that one amplifier takes.
#[test]
fn slices_of_an_output_take_turns_like_outputs() {
    for (features, per) in [(32, "tile"), (32, "output"), (64, "output")] {
        let input = format!("features: {features}, bits: 8");
        let column = format!(
            "{{ use: single-amplifier, per: {per} }}, {{ use: hold, per: {per} }}, {{ use: adc, per: {per}, share: 4 }}, shift-add"
        );
        let text = one_layer(&input, 5, "dac", &column)
            .replace("bits: 1, encoding: differential", "bits: 8, encoding: unsigned")
            .replace("crossbar: crossbar", "crossbar: crossbar-of-2-bit-cells");
        let (found, said) = lowered(&text);
        let Some(found) = found else { panic!("{features} {per}: {said}") };
        assert_eq!(counts(node(&found, "adc")), (5, 20, 4), "{features} {per}");
    }
}

#[test]
fn a_layer_without_an_activation_is_told_of_but_for_the_last() {
    let said = |first: &str, last: &str| {
        let layers = format!(
            "layers: [{{ name: first, dense: 8, stages: {{ column: [{first}] }} }}, {{ name: last, dense: 8, stages: {{ column: [{last}] }} }}]"
        );
        lowered(&format!("network: {{ input: {{ features: 8 }}, {layers} }}{ANALOG}")).1
    };
    let (none, one) = ("amplifier", "amplifier, neuron");
    for (first, last, told) in [(none, none, true), (none, one, true), (one, none, false), (one, one, false)] {
        let said = said(first, last);
        assert_eq!(said.contains("the layer `first` has no activation function"), told, "{first}; {last}: {said}");
        assert!(!said.contains("the layer `last` has no activation function"), "{first}; {last}: {said}");
    }
}
