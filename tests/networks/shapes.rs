//! Shapes, matrices and multiply-accumulates, counted by hand.

use super::{Found, LARGE, LIBRARY, network, of, shipped};

/// A network on more arrays than it can take.
fn large(input: &str, layers: &[&str]) -> Found {
    of(LIBRARY, &format!("{LARGE}{}", network(input, layers)))
}

/// What a layer becomes: its output, G matrices of K x M with N products, operations on values.
type Becomes = (&'static str, [u64; 4], u64);
const NONE: [u64; 4] = [0; 4];

fn becomes(found: &Found, name: &str) -> (String, [u64; 4], u64) {
    let layer = found.layer(name);
    let matrices = layer.matrices.map_or(NONE, |m| [m.groups, m.rows, m.columns, m.products]);
    assert_eq!(layer.macs, matrices.iter().product::<u64>(), "{name}: G K M N");
    (layer.output.clone(), matrices, layer.value_operations)
}

#[track_caller]
fn check(input: &str, layer: &str, expected: Becomes) {
    // What only changes a shape costs nothing: something is computed after it.
    let found = large(input, &[&format!("{{ name: a, {layer} }}"), "{ name: after, activation: relu }"]);
    let (output, matrices, operations) = expected;
    assert_eq!(becomes(&found, "a"), (output.to_owned(), matrices, operations), "{input}, {layer}");
}

/// Every kind of layer once and more, each shape counted on paper.
#[test]
fn every_kind_by_hand() {
    // (28 + 2 2 - 5) / 1 + 1 = 28; 1 x 25 inputs.
    check("shape: 1 x 28 x 28", "conv: 6, kernel: 5, padding: 2", ("6 x 28 x 28", [1, 25, 6, 784], 0));
    // (224 + 6 - 7) / 2 = 111.5: 112.
    check(
        "shape: 3 x 224 x 224",
        "conv: 64, kernel: 7, stride: 2, padding: 3",
        ("64 x 112 x 112", [1, 147, 64, 12544], 0),
    );
    // Height (9 - 3) / 2 + 1 = 4, width (10 - 5) / 1 + 1 = 6.
    check("shape: 2 x 9 x 10", "conv: 4, kernel: 3 x 5, stride: 2 x 1", ("4 x 4 x 6", [1, 30, 4, 24], 0));
    // Dilated by 2 a kernel of 3 reaches over 5.
    check("shape: 2 x 9 x 9", "conv: 4, kernel: 3, dilation: 2", ("4 x 5 x 5", [1, 18, 4, 25], 0));
    check("shape: 2 x 9 x 9", "conv: 4, kernel: 3, stride: 2, padding: same", ("4 x 5 x 5", [1, 18, 4, 25], 0));
    // Top 1, left 2, bottom 0, right 1: 9 + 1 - 3 + 1 = 8 and 9 + 3 - 3 + 1 = 10.
    check("shape: 2 x 9 x 9", "conv: 4, kernel: 3, padding: [1, 2, 0, 1]", ("4 x 8 x 10", [1, 18, 4, 80], 0));
    // 4 groups of 2 channels to 3.
    check("shape: 8 x 5 x 5", "conv: 12, kernel: 3, groups: 4", ("12 x 3 x 3", [4, 18, 3, 9], 0));
    check("shape: 8 x 5 x 5", "depthwise: 1, kernel: 3, padding: 1", ("8 x 5 x 5", [8, 9, 1, 25], 0));
    check("shape: 8 x 5 x 5", "depthwise: 2, kernel: 3, stride: 2", ("16 x 2 x 2", [8, 9, 2, 4], 0));
    // Each of 25 places makes 2 x 2 places of 3 channels, which do not overlap.
    check("shape: 8 x 5 x 5", "deconv: 3, kernel: 2, stride: 2", ("3 x 10 x 10", [1, 8, 12, 25], 0));
    // (5 - 1) 2 + 3 = 11 without the edges: 25 x 9 x 3 values fall on 121 x 3 places, all but one of each are added.
    check("shape: 8 x 5 x 5", "deconv: 3, kernel: 3, stride: 2", ("3 x 11 x 11", [1, 8, 27, 25], 675 - 363));
    check("shape: 8 x 6 x 6", "pool: max, kernel: 2", ("8 x 3 x 3", NONE, 72));
    // (112 + 2 - 3) / 2 + 1 = 56.
    check("shape: 64 x 112 x 112", "pool: max, kernel: 3, stride: 2, padding: 1", ("64 x 56 x 56", NONE, 64 * 3136));
    check("shape: 8 x 7 x 7", "pool: average, kernel: 2, ceil: true", ("8 x 4 x 4", NONE, 128));
    check("shape: 8 x 7 x 7", "pool: global-average", ("8 x 1 x 1", NONE, 8));
    check("shape: 8 x 7 x 5", "upsample: 2", ("8 x 14 x 10", NONE, 0));
    check("features: 30", "dense: 7", ("7", [1, 30, 7, 1], 0));
    check("shape: 2 x 3 x 5", "dense: 7", ("7", [1, 30, 7, 1], 0));
    check("shape: 6 x 5", "dense: 7", ("6 x 7", [1, 5, 7, 6], 0));
    check("shape: 6 x 5", "dense: 7, of: first", ("7", [1, 5, 7, 1], 0));
    check("shape: 8 x 3 x 5", "sequence: 1", ("16 x 8", NONE, 0));
    check("shape: 8 x 3 x 5", "sequence: 0", ("15 x 8", NONE, 0));
    check("shape: 6 x 5", "normalize: layer", ("6 x 5", NONE, 30));
    check("shape: 6 x 5", "normalize: rms", ("6 x 5", NONE, 30));
    check("shape: 8 x 3 x 3", "normalize: affine", ("8 x 3 x 3", NONE, 72));
    check("shape: 8 x 3 x 3", "slice: 2..5", ("4 x 3 x 3", NONE, 0));
    check("shape: 6 x 10", "slice: 5..9", ("6 x 5", NONE, 0));
    check("features: 18", "reshape: 2 x 3 x 3", ("2 x 3 x 3", NONE, 0));
    check("shape: 2 x 3 x 3", "reshape: 9 x 2", ("9 x 2", NONE, 0));
    check("shape: 2 x 3 x 3", "activation: relu", ("2 x 3 x 3", NONE, 0));
    // 5 + 7 inputs, 4 gates of 7; 5 operations for each output of a step.
    check("shape: 6 x 5", "lstm: 7", ("6 x 7", [1, 12, 28, 6], 6 * 35));
    check("features: 5", "lstm: 7, steps: 6", ("6 x 7", [1, 12, 28, 6], 6 * 35));
    check("shape: 6 x 5", "gru: 7", ("6 x 7", [1, 12, 21, 6], 6 * 28));
}

#[test]
fn kinds_of_several_inputs_by_hand() {
    let two = ["{ name: a, conv: 4, kernel: 3, padding: 1 }", "{ name: b, from: input, conv: 4, kernel: 1 }"];
    let of = |layer: &str| {
        let found = large("shape: 2 x 6 x 6", &[two[0], two[1], layer]);
        becomes(&found, "c")
    };
    let values = |shape: &str, operations: u64| (shape.to_owned(), NONE, operations);
    assert_eq!(of("{ name: c, add: [a, b] }"), values("4 x 6 x 6", 144));
    assert_eq!(of("{ name: c, multiply: [a, b] }"), values("4 x 6 x 6", 144));
    assert_eq!(of("{ name: c, add: [a, constant] }"), values("4 x 6 x 6", 144));
    assert_eq!(of("{ name: c, concat: [a, b, input] }"), values("10 x 6 x 6", 0));
    // `from` of two is side by side, as `concat`.
    assert_eq!(of("{ name: c, from: [a, b], conv: 2, kernel: 6 }"), ("2 x 1 x 1".into(), [1, 288, 2, 1], 0));
    assert_eq!(of("{ name: c, from: [a, b], dense: 3 }"), ("3".into(), [1, 288, 3, 1], 0));
    // One value a channel for all its places, as in squeeze-and-excitation.
    let found = large(
        "shape: 4 x 6 x 6",
        &["{ name: s, pool: global-average }", "{ name: e, conv: 4, kernel: 1 }", "{ name: c, multiply: [e, input] }"],
    );
    assert_eq!(becomes(&found, "c"), values("4 x 6 x 6", 144));
}

#[test]
fn products_of_two_layers_by_hand() {
    let layers =
        ["{ name: q, dense: 12 }", "{ name: k, from: input, dense: 12 }", "{ name: v, from: input, dense: 12 }"];
    let found = large(
        "shape: 5 x 8",
        &[
            layers[0],
            layers[1],
            layers[2],
            "{ name: scores, matmul: [q, k], heads: 3 }",
            "{ name: soft, activation: softmax }",
            "{ name: out, matmul: [soft, v], heads: 3 }",
        ],
    );
    // Of each head 4 features times 5 tokens, for each of 5 tokens; then 5 tokens times 4 features.
    assert_eq!(becomes(&found, "scores"), ("5 x 15".into(), [3, 4, 5, 5], 0));
    assert_eq!(becomes(&found, "out"), ("5 x 12".into(), [3, 5, 4, 5], 0));
    assert!(found.layer("scores").matrices.expect("matrices").written_for_each_inference);
    assert_eq!(found.group("soft", "vector").operations, 75);

    // The same in one line.
    let found = large("shape: 5 x 12", &["{ name: attn, attention: 12, heads: 3 }"]);
    let names: Vec<&str> = found.report.network.iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["attn.q", "attn.k", "attn.v", "attn.scores", "attn.softmax", "attn.values", "attn.output"]);
    for dense in ["attn.q", "attn.k", "attn.v", "attn.output"] {
        assert_eq!(becomes(&found, dense), ("5 x 12".into(), [1, 12, 12, 5], 0));
    }
    assert_eq!(becomes(&found, "attn.scores"), ("5 x 15".into(), [3, 4, 5, 5], 0));
    assert_eq!(becomes(&found, "attn.values"), ("5 x 12".into(), [3, 5, 4, 5], 0));
    assert_eq!(found.totals.macs, 4 * 12 * 12 * 5 + 2 * 3 * 4 * 5 * 5);

    // Keys and values of 7 tokens from before.
    let found = large("shape: 1 x 12", &["{ name: attn, attention: 12, heads: 3, cache: 7 }"]);
    assert_eq!(becomes(&found, "attn.scores"), ("1 x 24".into(), [3, 4, 8, 1], 0));
    assert_eq!(becomes(&found, "attn.values"), ("1 x 12".into(), [3, 8, 4, 1], 0));
}

#[test]
fn shipped_networks_have_their_multiply_accumulates() {
    // 28 28 25 6 + 10 10 150 16 + 400 120 + 120 84 + 84 10.
    let lenet: u64 = 117_600 + 240_000 + 48_000 + 10_080 + 840;
    assert_eq!((shipped("builtin:arch/lenet5.yaml").totals.macs, lenet), (416_520, lenet));

    let stage = |places: u64, from: u64, to: u64, first: u64| {
        // Two blocks of two convolutions, the first of them from another width, with a 1 x 1 beside it where that is another.
        let rest = 3 * 9 * to * to * places;
        rest + 9 * from * to * places + first * from * to * places
    };
    let resnet = 147 * 64 * 112 * 112
        + stage(3136, 64, 64, 0)
        + stage(784, 64, 128, 1)
        + stage(196, 128, 256, 1)
        + stage(49, 256, 512, 1)
        + 512_000;
    assert_eq!((shipped("builtin:arch/isaac-resnet18.yaml").totals.macs, resnet), (1_814_073_344, resnet));

    let found = shipped("builtin:arch/vit-tiny.yaml");
    let (tokens, width) = (197_u64, 192_u64);
    let products_of_values = 12 * 2 * 3 * tokens * tokens * 64;
    let block = 12 * (4 * width * width + 2 * width * 768) * tokens;
    let vit = 768 * width * 196 + block + products_of_values + width * 1000;
    assert_eq!((found.totals.macs, vit, products_of_values), (1_253_683_200, vit, 178_831_872));
    let dynamic =
        found.report.network.iter().filter(|layer| layer.matrices.is_some_and(|m| m.written_for_each_inference));
    assert_eq!(dynamic.map(|layer| layer.macs).sum::<u64>(), products_of_values);
}

#[test]
fn vgg_8_by_its_layers() {
    let mut layers = Vec::new();
    for (stage, width) in [128, 256, 512].into_iter().enumerate() {
        for half in ["a", "b"] {
            layers.push(format!("{{ name: c{stage}{half}, conv: {width}, kernel: 3, padding: 1, activation: relu }}"));
        }
        layers.push(format!("{{ name: p{stage}, pool: max, kernel: 2 }}"));
    }
    layers.push("{ name: f1, dense: 1024, activation: relu }".to_owned());
    layers.push("{ name: f2, dense: 10 }".to_owned());
    let lines: Vec<&str> = layers.iter().map(String::as_str).collect();
    let found = large("shape: 3 x 32 x 32", &lines);
    let by_hand = 1024 * 27 * 128
        + 1024 * 1152 * 128
        + 256 * 1152 * 256
        + 256 * 2304 * 256
        + 64 * 2304 * 512
        + 64 * 4608 * 512
        + 8192 * 1024
        + 10_240;
    assert_eq!((found.totals.macs, by_hand), (615_917_568, by_hand));
    assert_eq!(found.layer("p2").output, "512 x 4 x 4");
}

/// Bottlenecks of MobileNetV2 at 224 x 224: (expansion, channels, repetitions, stride of the first).
const BOTTLENECKS: [(u64, u64, u64, u64); 7] =
    [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

#[test]
fn mobilenet_v2_by_its_layers() {
    let mut layers = vec!["{ name: stem, conv: 32, kernel: 3, stride: 2, padding: 1, activation: relu }".to_owned()];
    let (mut channels, mut side, mut last) = (32, 112, "stem".to_owned());
    let mut by_hand = 27 * 32 * 112 * 112;
    let mut depthwise = 0;
    for (stage, (expansion, width, times, first)) in BOTTLENECKS.into_iter().enumerate() {
        for time in 0..times {
            let stride = if time == 0 { first } else { 1 };
            let wide = channels * expansion;
            let name = format!("s{stage}-{time}");
            if expansion > 1 {
                layers.push(format!("{{ name: {name}-up, conv: {wide}, kernel: 1, activation: relu }}"));
                by_hand += channels * wide * side * side;
            }
            side = side.div_ceil(stride);
            layers.push(format!(
                "{{ name: {name}-dw, depthwise: 1, kernel: 3, stride: {stride}, padding: 1, activation: relu }}"
            ));
            layers.push(format!("{{ name: {name}-down, conv: {width}, kernel: 1 }}"));
            by_hand += 9 * wide * side * side + wide * width * side * side;
            depthwise += 9 * wide * side * side;
            let mut output = format!("{name}-down");
            if stride == 1 && channels == width {
                layers.push(format!("{{ name: {name}-sum, add: [{output}, {last}] }}"));
                output = format!("{name}-sum");
            }
            (channels, last) = (width, output);
        }
    }
    layers.push("{ name: head, conv: 1280, kernel: 1, activation: relu }".to_owned());
    layers.push("{ name: mean, pool: global-average }".to_owned());
    layers.push("{ name: fc, dense: 1000 }".to_owned());
    by_hand += 320 * 1280 * 49 + 1_280_000;
    let lines: Vec<&str> = layers.iter().map(String::as_str).collect();
    let found = large("shape: 3 x 224 x 224", &lines);
    assert_eq!((found.totals.macs, by_hand), (300_774_272, by_hand));
    let of_kind = |kind: &str| found.report.network.iter().filter(|l| l.kind == kind).map(|l| l.macs).sum::<u64>();
    assert_eq!(of_kind("depthwise"), depthwise);
    // Ten of its seventeen bottlenecks have a sum beside them.
    assert_eq!(found.report.network.iter().filter(|layer| layer.kind == "add").count(), 10);
}

/// A U-Net of two steps down and up, whose halves meet side by side.
#[test]
fn a_u_net_by_hand() {
    let found = large(
        "shape: 1 x 16 x 16",
        &[
            "{ name: d1, conv: 4, kernel: 3, padding: 1, activation: relu }",
            "{ name: p1, pool: max, kernel: 2 }",
            "{ name: d2, conv: 8, kernel: 3, padding: 1, activation: relu }",
            "{ name: p2, pool: max, kernel: 2 }",
            "{ name: low, conv: 16, kernel: 3, padding: 1, activation: relu }",
            "{ name: up2, deconv: 8, kernel: 2, stride: 2 }",
            "{ name: both2, concat: [up2, d2] }",
            "{ name: u2, conv: 8, kernel: 3, padding: 1, activation: relu }",
            "{ name: wide, upsample: 2 }",
            "{ name: up1, conv: 4, kernel: 1 }",
            "{ name: both1, concat: [up1, d1] }",
            "{ name: out, conv: 2, kernel: 1 }",
        ],
    );
    let outputs: Vec<&str> = found.report.network.iter().map(|layer| layer.output.as_str()).collect();
    let by_hand = [
        "4 x 16 x 16",
        "4 x 8 x 8",
        "8 x 8 x 8",
        "8 x 4 x 4",
        "16 x 4 x 4",
        "8 x 8 x 8",
        "16 x 8 x 8",
        "8 x 8 x 8",
        "8 x 16 x 16",
        "4 x 16 x 16",
        "8 x 16 x 16",
        "2 x 16 x 16",
    ];
    assert_eq!(outputs, by_hand);
    let macs = 256 * 9 * 4 + 64 * 36 * 8 + 16 * 72 * 16 + 16 * 16 * 32 + 64 * 144 * 8 + 256 * 8 * 4 + 256 * 8 * 2;
    assert_eq!(found.totals.macs, macs);
}

/// A block of DenseNet of growth 4: every layer sees all before it.
#[test]
fn a_dense_block_by_hand() {
    let found = large(
        "shape: 8 x 6 x 6",
        &[
            "{ name: a, conv: 4, kernel: 3, padding: 1, activation: relu }",
            "{ name: b, from: [input, a], conv: 4, kernel: 3, padding: 1, activation: relu }",
            "{ name: c, from: [input, a, b], conv: 4, kernel: 3, padding: 1, activation: relu }",
            "{ name: all, concat: [input, a, b, c] }",
            "{ name: half, conv: 10, kernel: 1 }",
            "{ name: down, pool: average, kernel: 2 }",
        ],
    );
    assert_eq!(found.layer("all").output, "20 x 6 x 6");
    assert_eq!(found.layer("down").output, "10 x 3 x 3");
    assert_eq!(found.totals.macs, 36 * 9 * 4 * (8 + 12 + 16) + 36 * 20 * 10);
}

/// Two recurrent layers and what reads their last step.
#[test]
fn recurrent_networks_by_hand() {
    let found = large(
        "shape: 28 x 28",
        &["{ name: l, lstm: 128 }", "{ name: g, gru: 64 }", "{ name: out, dense: 10, of: last }"],
    );
    assert_eq!(becomes(&found, "l"), ("28 x 128".into(), [1, 156, 512, 28], 5 * 128 * 28));
    assert_eq!(becomes(&found, "g"), ("28 x 64".into(), [1, 192, 192, 28], 4 * 64 * 28));
    assert_eq!(becomes(&found, "out"), ("10".into(), [1, 64, 10, 1], 0));
    assert_eq!(found.totals.macs, 28 * (156 * 512 + 192 * 192) + 640);
}

/// `input` of a block is what feeds it; each repetition feeds the next.
#[test]
fn blocks_feed_each_other() {
    let block =
        "{ name: r, repeat: 3, layers: [{ name: a, conv: 4, kernel: 3, padding: 1 }, { name: s, add: [a, input] }] }";
    let found = large("shape: 4 x 6 x 6", &[block, "{ name: after, add: [r, input] }"]);
    let names: Vec<&str> = found.report.network.iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["r.1.a", "r.1.s", "r.2.a", "r.2.s", "r.3.a", "r.3.s", "after"]);
    assert_eq!(found.totals.macs, 3 * 36 * 36 * 4);
}
