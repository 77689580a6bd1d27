//! What is said of networks that cannot be: each message gets its reader further.

use super::{LIBRARY, MACHINE, network, tried};

/// Two cores with all that values need on the chip, and room for any network.
fn machine() -> String {
    MACHINE.replace("[pool,", "[sum, relu, pool,").replace("count: 4, comp", "count: 400, comp")
}

fn said_of(library: &str, text: &str) -> String {
    match tried(library, text) {
        Ok(_) => panic!("nothing is wrong with\n{text}"),
        Err(said) => said,
    }
}

/// All that is said of these layers.
fn said(input: &str, layers: &[&str]) -> String {
    said_with(input, layers, "")
}

fn said_with(input: &str, layers: &[&str], keys: &str) -> String {
    said_of(LIBRARY, &format!("{}{}{keys}", machine(), network(input, layers)))
}

/// The same on arrays that keep what is written into them.
fn kept() -> String {
    machine().replace("array: mac", "array: fixed")
}

/// Converters and analog outputs, without levels.
const FLAT: &str = "name: flat
technology: library.yaml
weights: { bits: 4, encoding: offset, bias: none }
tile: { array: mac, rows: 8, columns: 8 }
stages: { input: [], column: [] }
";

macro_rules! says {
    ($name:ident, $said:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!($said);
        }
    };
}

const MAP: &str = "shape: 4 x 5 x 5";

// What a layer says of itself.
says!(a_kernel_that_is_too_large, said(MAP, &["{ name: a, conv: 8, kernel: 7 }"]));
says!(
    a_dilated_kernel_that_is_too_large,
    said(MAP, &["{ name: a, pool: max, kernel: 3, dilation: 3, padding: [0, 0, 0, 1] }"])
);
says!(a_convolution_without_a_kernel, said(MAP, &["{ name: a, conv: 8 }"]));
says!(groups_that_do_not_divide, said(MAP, &["{ name: a, conv: 64, kernel: 3, groups: 3 }"]));
says!(two_kinds, said(MAP, &["{ name: a, conv: 8, kernel: 3, dense: 4 }"]));
says!(no_kind, said(MAP, &["{ name: a, kernel: 3 }"]));
says!(a_key_of_another_kind, said(MAP, &["{ name: a, dense: 8, kernel: 3, heads: 2 }"]));
says!(
    keys_of_arrays_and_of_units,
    said(
        MAP,
        &[
            "{ name: a, pool: max, kernel: 2, on: core, weights: { bits: 4, encoding: offset } }",
            "{ name: b, dense: 8, use: pool, units: 4 }",
            "{ name: c, concat: [a, input], use: pool }"
        ]
    )
);
says!(
    units_where_there_are_levels,
    said(MAP, &["{ name: a, pool: max, kernel: 2, units: 4 }", "{ name: b, dense: 8 }"])
);
says!(a_kind_that_is_misspelt, said(MAP, &["{ name: a, convv: 8, kernel: 3 }"]));
says!(a_window_of_a_whole_channel, said(MAP, &["{ name: a, pool: global-average, kernel: 5 }"]));
says!(
    an_unknown_layer_in_a_sum,
    said(MAP, &["{ name: conv1, conv: 4, kernel: 1 }", "{ name: s, add: [conv2, input] }"])
);
says!(a_sum_of_one, said(MAP, &["{ name: s, add: [input] }"]));
says!(a_sum_of_two_shapes, said(MAP, &["{ name: a, conv: 8, kernel: 3 }", "{ name: s, add: [a, input] }"]));
says!(
    halves_that_do_not_fit_side_by_side,
    said(MAP, &["{ name: a, conv: 8, kernel: 3 }", "{ name: s, concat: [a, input] }"])
);
says!(a_convolution_of_values, said("features: 100", &["{ name: a, conv: 8, kernel: 3 }"]));
says!(an_input_with_two_shapes, said("shape: 4 x 5 x 5, features: 100", &["{ name: a, dense: 8 }"]));
says!(an_input_without_a_shape, said("bits: 4", &["{ name: a, dense: 8 }"]));
says!(an_input_whose_shape_is_none, said("shape: 224 by 224", &["{ name: a, dense: 8 }"]));
says!(an_input_of_no_channels, said("shape: 0 x 5 x 5", &["{ name: a, dense: 8 }"]));
says!(heads_that_do_not_divide, said("shape: 4 x 8", &["{ name: a, attention: 8, heads: 3 }"]));
says!(
    a_product_whose_shapes_do_not_fit,
    said(
        "shape: 4 x 8",
        &["{ name: q, dense: 6 }", "{ name: k, from: input, dense: 4 }", "{ name: p, matmul: [q, k], heads: 2 }"]
    )
);
says!(
    a_product_of_three,
    said("shape: 4 x 8", &["{ name: q, dense: 8 }", "{ name: k, dense: 8 }", "{ name: p, matmul: [q, k, input] }"])
);
says!(steps_that_are_no_tokens, said("shape: 4 x 8", &["{ name: l, lstm: 8, steps: 5 }"]));
says!(a_recurrent_layer_of_a_map, said(MAP, &["{ name: l, lstm: 8 }"]));
says!(a_token_of_a_map, said(MAP, &["{ name: l, dense: 8, of: first }"]));
says!(a_slice_out_of_range, said("shape: 4 x 8", &["{ name: a, slice: 4..8 }", "{ name: b, dense: 2 }"]));
says!(a_slice_that_is_none, said("shape: 4 x 8", &["{ name: a, slice: 4-8 }", "{ name: b, dense: 2 }"]));
says!(a_reshape_of_another_count, said("features: 100", &["{ name: a, reshape: 4 x 5 x 6 }", "{ name: b, dense: 2 }"]));

// Normalization of many pictures is folded into the weights before it.
says!(a_batch_normalization_of_the_input, said(MAP, &["{ name: n, normalize: batch }", "{ name: a, dense: 8 }"]));
says!(
    a_batch_normalization_after_a_sum,
    said(MAP, &["{ name: a, conv: 4, kernel: 1 }", "{ name: s, add: [a, input] }", "{ name: n, normalize: batch }"])
);
says!(
    a_batch_normalization_after_a_function,
    said(MAP, &["{ name: a, conv: 4, kernel: 1, activation: relu }", "{ name: n, normalize: batch }"])
);
says!(
    a_batch_normalization_of_what_others_take_too,
    said(MAP, &["{ name: a, conv: 4, kernel: 1 }", "{ name: n, normalize: batch }", "{ name: s, add: [a, n] }"])
);

// Blocks.
says!(an_empty_block, said(MAP, &["{ name: r, repeat: 3, layers: [] }"]));
says!(
    a_name_twice_in_a_block,
    said(MAP, &["{ name: r, repeat: 2, layers: [{ name: a, conv: 4, kernel: 1 }, { name: a, conv: 4, kernel: 1 }] }"])
);
says!(
    a_name_that_is_that_of_a_layer_in_a_block,
    said(MAP, &["{ name: r.a, conv: 4, kernel: 1 }", "{ name: r, layers: [{ name: a, conv: 4, kernel: 1 }] }"])
);
says!(a_layer_called_input, said(MAP, &["{ name: r, layers: [{ name: input, conv: 4, kernel: 1 }] }"]));
says!(
    a_circle_through_a_block,
    said(
        MAP,
        &[
            "{ name: a, from: [input, r], conv: 4, kernel: 1 }",
            "{ name: r, repeat: 2, layers: [{ name: b, conv: 4, kernel: 1 }, { name: c, conv: 4, kernel: 1 }] }"
        ]
    )
);
says!(
    a_layer_of_another_block,
    said(MAP, &["{ name: r, layers: [{ name: b, conv: 4, kernel: 1 }] }", "{ name: s, add: [b, input] }"])
);
says!(
    a_block_whose_repetitions_do_not_fit,
    said(MAP, &["{ name: r, repeat: 4, layers: [{ name: a, conv: 4, kernel: 3 }] }"])
);
says!(
    more_layers_than_there_can_be,
    said(MAP, &["{ name: r, repeat: 100001, layers: [{ name: a, conv: 4, kernel: 1 }] }"])
);
says!(
    a_block_of_a_key_of_a_layer,
    said(MAP, &["{ name: r, kernel: 3, activation: relu, layers: [{ name: a, conv: 4, kernel: 1 }] }"])
);

// What the machine has.
says!(
    values_on_arrays_that_keep_their_weights,
    said_of(LIBRARY, &format!("{}{}", kept(), network("shape: 4 x 8", &["{ name: attn, attention: 8, heads: 2 }"])))
);
says!(
    values_on_arrays_that_keep_their_weights_without_levels,
    said_of(
        LIBRARY,
        &format!(
            "{}{}",
            FLAT.replace("array: mac", "array: fixed"),
            network(
                "shape: 4 x 8, bits: 4",
                &["{ name: attn, matmul: [input, q] }", "{ name: q, from: input, dense: 8 }"]
            )
        )
    )
);
says!(
    nothing_that_pools,
    said_of(
        LIBRARY,
        &format!("{}{}", machine().replace(" pool,", ""), network(MAP, &["{ name: p, pool: max, kernel: 2 }"]))
    )
);
says!(
    nothing_that_adds,
    said_of(
        LIBRARY,
        &format!(
            "{MACHINE}{}",
            network(
                MAP,
                &[
                    "{ name: a, conv: 4, kernel: 1 }",
                    "{ name: b, from: input, conv: 4, kernel: 1 }",
                    "{ name: s, add: [a, b] }"
                ]
            )
        )
    )
);
says!(nothing_that_computes_a_function, said(MAP, &["{ name: a, conv: 4, kernel: 1, activation: sine }"]));
says!(
    nothing_that_computes_a_function_of_values,
    said(MAP, &["{ name: a, conv: 4, kernel: 1 }", "{ name: g, activation: sine }"])
);
says!(a_unit_that_does_something_else, said(MAP, &["{ name: p, pool: max, kernel: 2, use: relu }"]));
says!(
    nothing_that_pools_without_levels,
    said_of(
        LIBRARY,
        &format!(
            "{FLAT}{}",
            network("shape: 4 x 5 x 5, bits: 4", &["{ name: p, pool: max, kernel: 2 }", "{ name: d, dense: 4 }"])
        )
    )
);
says!(
    a_function_without_levels,
    said_of(
        LIBRARY,
        &format!("{FLAT}{}", network("features: 8, bits: 4", &["{ name: d, dense: 4, activation: gelu }"]))
    )
);
says!(
    nothing_that_computes_gates,
    said_of(
        LIBRARY,
        &format!(
            "{}{}",
            machine().replace("{ use: vector, count: 2 }", "link"),
            network("shape: 4 x 8", &["{ name: l, lstm: 8 }"])
        )
    )
);
says!(nothing_but_shapes, said("features: 18", &["{ name: a, reshape: 2 x 3 x 3 }"]));

// Mapping.
says!(
    too_few_arrays,
    said_of(
        LIBRARY,
        &format!(
            "{}{}",
            machine().replace("count: 400", "count: 4"),
            network("shape: 8 x 9 x 9", &["{ name: a, conv: 64, kernel: 3 }", "{ name: b, conv: 64, kernel: 1 }"])
        )
    )
);
says!(
    too_few_wholes,
    said_of(
        LIBRARY,
        &format!(
            "{}{}mapping: {{ whole: core }}\n",
            MACHINE.replace("count: 4, comp", "count: 2, comp"),
            network("features: 8", &["{ name: a, dense: 8 }", "{ name: b, dense: 8 }", "{ name: c, dense: 8 }"])
        )
    )
);
says!(more_copies_than_products, said(MAP, &["{ name: a, conv: 4, kernel: 3, copies: 10 }"]));
says!(
    copies_without_levels,
    said_of(
        LIBRARY,
        &format!("{FLAT}{}", network("shape: 4 x 5 x 5, bits: 4", &["{ name: a, conv: 4, kernel: 1, copies: 2 }"]))
    )
);
says!(
    balanced_without_levels,
    said_of(
        LIBRARY,
        &format!(
            "{FLAT}{}mapping: {{ copies: balanced }}\n",
            network("features: 8, bits: 4", &["{ name: a, dense: 4 }"])
        )
    )
);
says!(
    a_mapping_without_levels,
    said_of(
        LIBRARY,
        &format!(
            "{FLAT}{}mapping: {{ weights: reload }}\n",
            network("features: 8, bits: 4", &["{ name: a, dense: 4 }"])
        )
    )
);
says!(a_whole_that_is_no_level, said_with("features: 8", &["{ name: a, dense: 4 }"], "mapping: { whole: cores }\n"));
says!(
    a_dynamic_level_without_arrays,
    said_with("features: 8", &["{ name: a, dense: 4 }"], "mapping: { dynamic: core }\n")
);
says!(a_batch_of_weights_that_stay, said_with("features: 8", &["{ name: a, dense: 4 }"], "mapping: { batch: 4 }\n"));
says!(
    reloading_what_states_no_writes,
    said_of(
        LIBRARY,
        &format!("{}{}mapping: {{ weights: reload }}\n", kept(), network("features: 8", &["{ name: a, dense: 4 }"]))
    )
);
says!(a_level_that_a_layer_cannot_be_on, said("features: 8", &["{ name: a, dense: 4, on: core }"]));
says!(copies_of_a_recurrent_layer, said("shape: 4 x 8", &["{ name: l, lstm: 8, copies: 2 }"]));
says!(
    analog_outputs_of_several_products,
    said_of(
        "name: analog
node: 14 nm
extends: builtin:techlib/sot-mram-14nm.yaml
",
        &format!(
            "name: flat
technology: library.yaml
weights: {{ bits: 1, encoding: differential }}
tile: {{ crossbar: sot-mram-crossbar, rows: 32, columns: 32 }}
stages: {{ input: [row-driver], column: [differential-amplifier, sot-mram-neuron] }}
{}",
            network(
                "shape: 1 x 5 x 5, bits: 1",
                &["{ name: a, conv: 4, kernel: 2 }", "{ name: b, dense: 4, stages: { input: [] } }"]
            )
        )
    )
);

/// What stands on a level and cannot be read is one mistake, and not one more for everything that it would have done.
#[test]
fn what_a_wrong_unit_would_have_done_is_no_mistake() {
    let layers =
        ["{ pool: max, kernel: 2 }", "{ name: a, dense: 20, activation: relu }", "{ name: n, normalize: layer }"];
    let network = network("shape: 4 x 5 x 5", &layers);
    let mistakes = |library: &str, machine: &str| {
        let said = said_of(library, &format!("{machine}{network}"));
        let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("error")).collect();
        errors.join("\n")
    };
    assert_eq!(tried(LIBRARY, &format!("{}{network}", machine())).err(), None);
    for name in ["vector", "sum", "relu"] {
        // Misspelt where it stands, and wrong in the library.
        let misspelt = machine().replace(name, &format!("{name}x"));
        let said = mistakes(LIBRARY, &misspelt);
        assert!(said.lines().all(|line| line.starts_with("error: unknown component")), "{name}: {said}");
        let broken = LIBRARY.replace(&format!("  {name}: {{ kind:"), &format!("  {name}: {{ width-of: 3, kind:"));
        let said = mistakes(&broken, &machine());
        assert_eq!(said.lines().count(), 1, "{name}: {said}");
        assert!(said.contains("width-of"), "{name}: {said}");
    }
    // Levels that cannot be: the network is still looked at for itself.
    let twice = machine().replace("name: array", "name: core");
    assert_eq!(mistakes(LIBRARY, &twice), "error: two levels are called `core`");
}
