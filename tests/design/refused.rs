//! What is refused, and what is said to it.

use imcost::design::signal::what_would_fit;
use imcost::design::{Coding, Domain};
use imcost::techlib::Kind;

use super::{ANALOG, design, lowered, one_layer, refused};

#[test]
fn a_pair_that_nothing_subtracts_is_refused_with_the_stages_that_would() {
    let column = "single-amplifier, hold, adc, register";
    let said = refused(&one_layer("features: 32", 8, "driver", column));
    assert!(said.contains("nothing subtracts the negative from the positive column"), "{said}");
    // A single amplifier gives the two lines of a pair, as it takes them.
    assert!(said.contains("a stage of the column chain must take the pair: amplifier, subtractor\n"), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    design(&one_layer("features: 32", 8, "driver", "single-amplifier, hold, adc, subtractor, register"));
    design(&one_layer("features: 32", 8, "driver", "amplifier, hold, adc, register"));
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

/// A current that reaches a row driver's place, a word that reaches an amplifier: what is named gives the one and takes the other.
#[test]
fn what_joins_two_ends_is_named_from_the_library() {
    let said = refused(&one_layer("features: 32", 8, "driver", "amplifier, hold, sigmoid"));
    assert!(said.contains("put an ADC between them; round numbers has: adc"), "{said}");
    let said = refused(&one_layer("features: 32, bits: 8", 8, "", "amplifier, hold, adc"));
    assert!(said.contains("put a row driver or a DAC between them; round numbers has: dac, driver"), "{said}");
    // Of currents the library has no converter of its own: both that are needed are named.
    let said = refused(&one_layer("features: 32", 8, "driver", "sigmoid"));
    assert!(
        said.contains("an amplifier and an ADC between them; round numbers has: adc, amplifier, single-amplifier"),
        "{said}"
    );
    let said = refused(&one_layer("features: 32", 8, "driver", "neuron"));
    assert!(said.contains("put an amplifier between them; round numbers has: amplifier, single-amplifier"), "{said}");
    let said = refused(&one_layer("features: 32", 8, "driver", "amplifier, single-amplifier"));
    assert!(said.contains("only a crossbar gives a current"), "{said}");
}

/// The first layer is in line 6.
fn circle(layers: usize) -> String {
    let layer = |n: usize| format!("    - {{ name: l{n}, from: l{}, dense: 8 }}\n", (n + layers - 1) % layers);
    let list: String = (0..layers).map(layer).collect();
    refused(&format!("network:\n  input: {{ features: 8 }}\n  layers:\n{list}{ANALOG}"))
}

/// Eight layers of a circle are shown; of more it is said how many there are.
#[test]
fn a_circle_of_layers_is_shown_as_far_as_it_helps() {
    for layers in [2, 8] {
        let said = circle(layers);
        assert!(said.contains("the layers feed each other in a circle"), "{said}");
        assert_eq!(said.matches(" waits for ").count(), layers, "{said}");
        // The place of the error is the first of them; the others are beside it.
        assert!(said.contains(".yaml:6:15\n"), "{said}");
        assert_eq!(said.matches('^').count(), "l0".len(), "{said}");
        assert!(!said.contains("the circle has"), "{said}");
    }
    for layers in [9, 30] {
        let said = circle(layers);
        assert_eq!(said.matches(" waits for ").count(), 8, "{said}");
        assert!(said.contains(&format!("the circle has {layers} layers")), "{said}");
    }
}

#[test]
fn a_layer_is_not_called_what_the_input_or_another_layer_is() {
    let with = |first: &str, second: &str| {
        let layers = format!("layers: [{{ name: {first}, dense: 8 }}, {{ name: {second}, dense: 8 }}]");
        refused(&format!("network: {{ input: {{ features: 8 }}, {layers} }}{ANALOG}"))
    };
    let said = with("input", "other");
    assert!(said.contains("a layer may not be called `input`") && !said.contains("two layers are called"), "{said}");
    let said = with("same", "same");
    assert!(said.contains("two layers are called `same`") && !said.contains("may not be called"), "{said}");
}

/// A pair is subtracted once: what subtracts is refused where single lines arrive.
#[test]
fn what_takes_a_pair_is_refused_behind_single_lines() {
    let said = refused(&one_layer("features: 32", 8, "driver", "amplifier, hold, adc, subtractor"));
    assert!(said.contains("`subtractor` takes a pair of lines, but `adc` gives single ones"), "{said}");
    let said = refused(&one_layer("features: 32", 8, "driver", "single-amplifier, hold, adc, subtractor, subtractor"));
    assert!(said.contains("`subtractor` takes a pair of lines, but `subtractor` gives single ones"), "{said}");
    let said = refused(&one_layer("features: 32", 8, "driver", "single-amplifier, neuron"));
    assert!(said.contains("nothing subtracts the negative from the positive column before `neuron`"), "{said}");
    design(&one_layer("features: 32", 8, "driver", "single-amplifier, hold, adc, subtractor, register"));
}

/// What is not joined is named by what it is: reads of bits, slices of weights, or both; cells of more bits help where there are slices.
#[test]
fn what_a_shift_and_add_would_join_is_named() {
    let said = |input: &str, bits: u32, driver: &str| {
        let crossbar = if bits == 1 { "crossbar" } else { "crossbar-of-2-bit-cells" };
        let column = "single-amplifier, hold, adc, subtractor, register";
        let text = one_layer(&format!("features: 32, bits: {input}"), 5, driver, column)
            .replace("bits: 1, encoding", &format!("bits: {bits}, encoding"))
            .replace("crossbar: crossbar,", &format!("crossbar: {crossbar},"));
        refused(&text)
    };
    let (reads, slices, both) = (said("8", 1, "driver"), said("8", 8, "dac"), said("8", 8, "driver"));
    assert!(reads.contains("nothing joins the 8 bit-serial reads of layer `only` into one value"), "{reads}");
    assert!(slices.contains("nothing joins the 4 bit slices of a weight of layer `only` into one value"), "{slices}");
    assert!(both.contains("nothing joins the 8 bit-serial reads of 4 bit slices of layer `only`"), "{both}");
    let cells = "take cells of 8 bits: weights have 8, a device has 2";
    assert_eq!([&reads, &slices, &both].map(|said| said.contains(cells)), [false, true, true]);
    let at_once = "or apply all 8 bits at once, with a DAC in the place of ";
    assert_eq!([&reads, &slices, &both].map(|said| said.contains(at_once)), [true, false, true]);
    assert!(reads.contains("has: shift-add, shift-add-of-bits"), "{reads}");
}

/// 10^15 cells are counted over all layers; of one more layer it is said.
#[test]
fn networks_of_more_cells_than_any_chip_has_are_refused() {
    let network = |layers: usize| {
        let layers = vec!["{ dense: 10000000 }"; layers].join(", ");
        format!("network: {{ input: {{ features: 10000000 }}, layers: [{layers}] }}{ANALOG}")
    };
    // 10^14 cells each.
    assert_eq!(design(&network(10)).macs(), 1_000_000_000_000_000);
    let said = refused(&network(11));
    assert!(said.contains("the network needs more than 10^15 cells"), "{said}");
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
}

/// Of 32 columns of pairs each line of a pair has an amplifier of its own, 64 in all, while what takes the pair has 32; eight outputs have 16 holds of
/// lines and eight adders.
#[test]
fn no_more_lines_take_turns_on_a_unit_than_any_tile_has() {
    let share = |column: &str| one_layer("features: 32", 8, "driver", column);
    for (column, most, lines) in [
        ("{ use: single-amplifier, share: N }, hold, adc, subtractor", 64, "columns"),
        ("{ use: amplifier, share: N }, hold, adc", 32, "columns"),
        ("amplifier, hold, { use: adc, share: N, per: output }", 8, "outputs"),
        ("amplifier, hold, adc, { use: register, share: N, per: output }", 8, "outputs"),
    ] {
        design(&share(&column.replace('N', &most.to_string())));
        let said = refused(&share(&column.replace('N', &(most + 1).to_string())));
        assert!(said.contains(&format!("{} {lines} cannot take turns on one", most + 1)), "{column}: {said}");
        assert!(said.contains(&format!("there are {most}")), "{column}: {said}");
    }
}

/// 64 rows on tiles of 32: two partial sums. Words need an adder, and voltages an output that may share a node; the amplifier's may.
#[test]
fn partial_sums_that_nothing_adds_are_refused_before_a_stage_and_at_the_end() {
    let on = |rows: u64, column: &str| one_layer(&format!("features: {rows}"), 16, "driver", column);
    for (column, place, help) in [
        ("amplifier, hold, adc", "at the end of the chain", "put an adder there; round numbers has: adder"),
        ("amplifier, hold, adc, sigmoid", "before `sigmoid`", "put an adder there; round numbers has: adder"),
        ("amplifier, hold", "at the end of the chain", "may share a node (amplifier)"),
        ("amplifier, hold, neuron", "before `neuron`", "may share a node (amplifier)"),
    ] {
        let said = refused(&on(64, column));
        assert!(said.contains(&format!("nothing adds the partial sums of 2 row partitions {place}")), "{said}");
        assert!(said.contains(help), "{said}");
        // What gives them is shown beside the stage; at the end of the chain it is the place itself.
        assert_eq!(said.contains(", one for each partition"), place != "at the end of the chain", "{said}");
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
        design(&on(32, column));
    }
    design(&on(64, "amplifier, hold, adc, adder"));
    design(&on(64, "amplifier, neuron"));
    // Joined at the end: 16 lines, not one for each partition.
    let joined = design(&on(64, "amplifier"));
    assert_eq!(super::given(&joined, "amplifier").lanes, 16);
}

#[test]
fn levels_of_an_input_are_those_that_its_bits_can_have() {
    let image = |bits: u32, image: &str| {
        one_layer(&format!("features: 32, bits: {bits}, image: {{ {image} }}"), 8, "dac", "amplifier, hold, adc")
    };
    let coding = |text: &str| design(&image(4, text)).image.expect("stated").coding;
    for (text, levels) in [("", 16), (", levels: 2", 2), (", levels: 9", 9), (", levels: 16", 16)] {
        assert_eq!(coding(&format!("scale: 255{text}")), Coding::Scale { full: 255.0, levels });
    }
    assert_eq!(coding("threshold: 127"), Coding::Threshold(127.0));
    for (bits, levels, most) in [(4, 17, 16), (4, 1, 16), (4, 0, 16), (1, 3, 2), (8, 257, 256)] {
        let said = refused(&image(bits, &format!("scale: 255, levels: {levels}")));
        assert!(said.contains(&format!("an input of {bits} bits cannot have {levels} levels")), "{said}");
        assert!(said.contains(&format!("expected 2 to {most}")), "{said}");
    }
    assert!(refused(&image(4, "threshold: 127, scale: 255")).contains("a pixel has a threshold and a scale"));
    assert!(refused(&image(4, "levels: 4")).contains("`image` does not say what a pixel means"));
}

#[test]
fn lines_of_a_picture_are_from_the_first_to_the_last() {
    let crop = |rows: &str| {
        let image = format!("features: 32, image: {{ threshold: 1, crop: {{ rows: {rows} }} }}");
        one_layer(&image, 8, "driver", "amplifier, hold, adc")
    };
    for (text, lines) in [("4..11", 4..=11), ("0..0", 0..=0), ("\"2 .. =9\"", 2..=9)] {
        let image = design(&crop(text)).image.expect("stated");
        assert_eq!((image.rows, image.columns), (Some(lines), None), "{text}");
    }
    for text in ["5..4", "4", "a..b", "-1..3"] {
        let said = refused(&crop(text));
        assert!(said.contains(&format!("`rows: {text}` names no rows")), "{said}");
    }
}

/// One column after the other is converted: the crossbar stays on for all of them unless their voltages are held.
#[test]
fn columns_that_take_turns_on_an_adc_and_are_not_held_are_told_of() {
    let said = |column: &str| lowered(&one_layer("features: 32", 8, "driver", column)).1;
    let told = "columns take turns on `adc`, and nothing holds their values";
    for (column, turns) in [
        ("amplifier, { use: adc, share: 8 }", Some(8)),
        ("amplifier, { use: adc, share: 2 }", Some(2)),
        ("amplifier, adc", None),
        ("amplifier, hold, { use: adc, share: 8 }", None),
        ("amplifier, adc, { use: register, share: 8 }", None),
        ("{ use: amplifier, share: 8 }, adc", None),
    ] {
        let said = said(column);
        assert_eq!(said.contains(told), turns.is_some(), "{column}: {said}");
        if let Some(turns) = turns {
            assert!(said.contains(&format!("{turns} {told}")), "{said}");
        }
    }
}

/// What arrives, by hand: the crossbar gives a current, an amplifier a voltage, an ADC a word. Only a sample-and-hold takes either analog one.
#[test]
fn a_stage_takes_what_its_kind_takes_and_nothing_else() {
    let [current, voltage, word] = ["an analog current", "an analog voltage", "a digital word"];
    for (before, given, giver) in
        [("", current, "crossbar"), ("amplifier, ", voltage, "amplifier"), ("amplifier, hold, adc, ", word, "adc")]
    {
        for (stage, taken) in [
            ("single-amplifier", [current].as_slice()),
            ("hold", &[current, voltage]),
            ("buffer", &[voltage]),
            ("adc", &[voltage]),
            ("neuron", &[voltage]),
            ("register", &[word]),
            ("sigmoid", &[word]),
        ] {
            let (_, said) = lowered(&one_layer("features: 32", 8, "driver", &format!("{before}{stage}")));
            let mismatch = format!("`{stage}` takes ");
            let wrong = said.lines().find(|line| line.starts_with("error: ") && line.contains(&mismatch));
            assert_eq!(wrong.is_some(), !taken.contains(&given), "{before}{stage}: {said}");
            let Some(wrong) = wrong else { continue };
            // What takes either analog one is told that a voltage would do.
            let wanted = if stage == "hold" { voltage } else { taken[0] };
            assert_eq!(wrong, format!("error: `{stage}` takes {wanted}, but `{giver}` gives {given}"));
        }
    }
}

/// Nothing is called nearly so: all that may stand behind a crossbar are named, and what drives rows is not.
#[test]
fn a_stage_that_does_not_exist_is_answered_with_all_that_fit_its_place() {
    let said = refused(&one_layer("features: 32", 8, "driver", "amplifier, qqqqqqqqqqqq"));
    let fitting = "adc, adder, amplifier, buffer, hold, neuron, register, shift-add, shift-add-of-bits, sigmoid, single-amplifier, subtractor";
    assert!(said.contains(&format!("round numbers has for this place: {fitting}\n")), "{said}");
}

/// Of a voltage and a word an ADC that takes voltages is between, and nothing else.
#[test]
fn what_is_proposed_between_two_stages_fits_both() {
    let mut session = imcost::Session::default();
    let library = session.library("builtin:techlib/sot-mram-14nm.yaml".as_ref()).expect("shipped");
    let said = what_would_fit(Domain::Voltage, Domain::Word, &library);
    for component in library.components.values() {
        let fits = component.kind == Kind::Adc && component.takes != Some(Domain::Current);
        let proposed = said.split([' ', ',']).any(|word| word.trim_matches('`') == &*component.name);
        assert!(fits || !proposed, "{}: {said}", component.name);
    }
    assert!(said.contains("adc-8b"), "{said}");
}
