//! Which circuits a layer has, and what they stand between.

use imcost::design::Design;

use super::{ANALOG, design};

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

#[test]
fn a_converter_behind_the_activation_is_none_of_its_sums() {
    let text = format!("network: {{ input: {{ features: 32 }}, layers: [{{ dense: 8 }}] }}{ANALOG}");
    let design = design(&text.replace("[amplifier, neuron]", "[amplifier, neuron, adc]"));
    let circuits = &design.layers[0].circuits;
    let names: Vec<&str> = circuits.converters_after.iter().map(|&node| design.graph[node].name()).collect();
    assert_eq!((circuits.converters_before.len(), names), (0, vec!["adc"]));
}

/// Behind neurons nothing has to make voltages of words; what passes voltages on stays.
#[test]
fn of_an_input_chain_for_all_layers_analog_ones_leave_out_what_takes_words() {
    let layers = "layers: [{ name: a, dense: 8 }, { name: b, dense: 4 }]";
    let text = format!("network: {{ input: {{ features: 32 }}, {layers} }}{ANALOG}");
    let design = design(&text.replace("input: [driver]", "input: [driver, buffer]"));
    let names = |layer: usize| {
        design.layers[layer].circuits.input.iter().map(|&node| design.graph[node].name()).collect::<Vec<_>>()
    };
    assert_eq!((names(0), names(1)), (vec!["driver", "buffer"], vec!["buffer"]));
}
