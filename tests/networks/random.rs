//! Any text gives numbers or is refused: never a panic, a number that is none, or a negative cost.

use proptest::prelude::*;

use super::{Found, LARGE, LIBRARY, MACHINE, tried};

/// What may stand in a layer, right or wrong, with the names of others.
fn layer(names: usize) -> impl Strategy<Value = String> {
    let number = prop_oneof![60 => 1_u64..9, 1 => Just(0_u64), 1 => Just(1_000_000), 1 => Just(u64::MAX)].boxed();
    let name = (0..names).prop_map(|n| if n == 0 { "input".to_owned() } else { format!("l{n}") }).boxed();
    let several = prop::collection::vec(name.clone(), 1..4).prop_map(|all| format!("[{}]", all.join(", "))).boxed();
    let window = prop_oneof![
        40 => (1_u64..4).prop_map(|k| k.to_string()),
        4 => (0_u64..4, 1_u64..4).prop_map(|(a, b)| format!("{a} x {b}")),
        4 => Just("same".to_owned()),
        1 => Just("100000".to_owned()),
        1 => Just("[1, 0, 2, 1]".to_owned()),
    ];
    let windows = (
        prop::option::weighted(0.98, window.clone()),
        prop::option::weighted(0.3, window.clone()),
        prop::option::weighted(0.3, window.clone()),
        prop::option::weighted(0.05, window),
        prop::option::weighted(0.05, number.clone()),
    )
        .prop_map(|(kernel, stride, padding, dilation, groups)| {
            let keys = [
                ("kernel", kernel),
                ("stride", stride),
                ("padding", padding),
                ("dilation", dilation),
                ("groups", groups.map(|g| g.to_string())),
            ];
            keys.into_iter().filter_map(|(key, value)| Some(format!(", {key}: {}", value?))).collect::<String>()
        });
    let heads = prop_oneof![Just(String::new()), (1_u64..5).prop_map(|h| format!(", heads: {h}"))];
    let kind = prop_oneof![
        4 => number.clone().prop_map(|n| format!("dense: {n}")),
        5 => (prop::sample::select(vec!["conv", "conv", "depthwise", "deconv"]), number.clone(), windows.clone()).prop_map(|(kind, n, windows)| format!("{kind}: {n}{windows}")),
        3 => (prop::sample::select(vec!["max", "average", "global-average"]), windows).prop_map(|(pool, windows)| format!("pool: {pool}{windows}")),
        2 => (prop::sample::select(vec!["add", "multiply", "concat"]), several.clone()).prop_map(|(kind, all)| format!("{kind}: {all}")),
        2 => (several, heads.clone()).prop_map(|(all, heads)| format!("matmul: {all}{heads}")),
        2 => (number.clone(), heads).prop_map(|(n, heads)| format!("attention: {n}{heads}")),
        1 => (prop::sample::select(vec!["lstm", "gru", "upsample", "sequence", "copies"]), number.clone()).prop_map(|(kind, n)| format!("{kind}: {n}")),
        1 => prop::sample::select(vec!["batch", "layer", "rms", "affine", "group"]).prop_map(|kind| format!("normalize: {kind}")),
        1 => (0_u64..9, 0_u64..9).prop_map(|(a, b)| format!("slice: {a}..{b}")),
        1 => (1_u64..9, 1_u64..9).prop_map(|(a, b)| format!("reshape: {a} x {b}")),
        1 => Just("activation: relu".to_owned()),
    ];
    let more = (
        prop::option::weighted(0.08, name),
        prop::option::weighted(0.1, prop::sample::select(vec!["relu", "gelu", "softmax", "sine"])),
        prop::option::weighted(0.08, number),
    );
    (kind, more).prop_map(|(kind, (from, activation, copies))| {
        let keys =
            [("from", from), ("activation", activation.map(str::to_owned)), ("copies", copies.map(|c| c.to_string()))];
        let keys = keys.into_iter().filter(|(key, _)| !kind.contains(&format!("{key}:")));
        let more: String = keys.filter_map(|(key, value)| Some(format!(", {key}: {}", value?))).collect();
        format!("{kind}{more}")
    })
}

fn layers() -> impl Strategy<Value = Vec<String>> {
    let block = (prop::option::weighted(0.15, 1_u64..4), prop::collection::vec(layer(3), 0..3));
    prop::collection::vec((layer(6), block), 1..6).prop_map(|all| {
        let named = all.into_iter().enumerate().map(|(place, (layer, (repeat, inner)))| match repeat {
            Some(times) => {
                let inner = inner.iter().enumerate().map(|(n, layer)| format!("{{ name: l{}, {layer} }}", n + 1));
                format!(
                    "{{ name: l{}, repeat: {times}, layers: [{}] }}",
                    place + 1,
                    inner.collect::<Vec<_>>().join(", ")
                )
            }
            None => format!("{{ name: l{}, {layer} }}", place + 1),
        });
        named.collect()
    })
}

fn physical(found: &Found) {
    let totals = &found.totals;
    let all = [
        totals.energy.si(),
        totals.power.si(),
        totals.peak_power.si(),
        totals.latency.si(),
        totals.initiation_interval.si(),
        totals.area.si(),
    ];
    assert!(all.iter().all(|value| value.is_finite() && *value > 0.0), "{all:?}");
    for group in &found.groups {
        assert!(group.energy.is_finite() && group.energy >= 0.0, "{group:?}");
    }
    for line in found.report.by_component.iter().chain(&found.report.by_layer) {
        let values = [line.energy_j, line.area_m2, line.critical_time_s, line.active_power_w];
        assert!(values.iter().all(|value| value.is_finite() && *value >= 0.0), "{line:?}");
    }
    for level in &found.report.by_level {
        assert!(
            level.energy_j.is_finite()
                && level.energy_j >= 0.0
                && level.moved_bytes.is_finite()
                && level.moved_bytes >= 0.0,
            "{level:?}"
        );
    }
    for layer in &found.report.network {
        assert!(layer.time_s.is_finite() && layer.time_s >= 0.0, "{layer:?}");
    }
}

fn machine(which: usize) -> String {
    match which {
        0 => MACHINE.to_owned(),
        1 => LARGE.replace("[pool,", "[edram, bus, router, link, pool,"),
        2 => {
            MACHINE.replace("[pool,", "[waiting, link, sum, relu, pool,").replace("count: 4, comp", "count: 400, comp")
        }
        _ => {
            let analog = MACHINE
                .replace("array: mac", "crossbar: cells")
                .replace("{ input: [], column: [] }", "{ input: [row], column: [hold, { use: adc, share: 8 }] }");
            analog
                .replace("[pool,", "[edram, sum, relu, pool,")
                .replace("[sum, relu]", "[{ use: join, count: 2 }, register, sum, relu]")
                .replace("count: 4, comp", "count: 4000, comp")
                + "  - { name: digital, in: chip, count: 5000, tile: { array: mac, rows: 8, columns: 8 }, stages: { input: [], column: [] } }\n"
        }
    }
}

const KEYS: [&str; 7] = [
    "",
    "mapping: { copies: balanced }\n",
    "mapping: { copies: balanced, whole: array }\n",
    "mapping: { weights: reload, batch: 3 }\n",
    "mapping: { weights: reload, copies: balanced }\n",
    "period: 1 s\n",
    "gating: always-on\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_network_is_numbers_or_is_refused(
        layers in layers(), shape in 0_usize..5, which in 0_usize..4, keys in 0_usize..7, pipelined in 0_usize..3,
    ) {
        let shape = ["shape: 4 x 6 x 6", "shape: 6 x 8", "features: 12", "shape: 8 x 4 x 4", "shape: 1 x 1 x 1"][shape];
        let lines: Vec<&str> = layers.iter().map(String::as_str).collect();
        let keys = match which {
            3 => KEYS[keys].replace("mapping: {", "mapping: { dynamic: digital,"),
            _ => KEYS[keys].to_owned(),
        };
        let pipelined = ["false", "true", "rows"][pipelined];
        let text = format!("{}{}{keys}pipelined: {pipelined}\n", machine(which), super::network(shape, &lines));
        match tried(LIBRARY, &text) {
            Ok(found) => {
                physical(&found);
                let stated = keys.contains("period");
                prop_assert!(stated || found.interval() <= found.latency() * (1.0 + 1e-9));
            }
            Err(said) => prop_assert!(said.contains("error") || said.contains("physical result"), "{said}"),
        }
    }
}

/// So that the random networks say something: a good part of them is no mistake.
#[test]
fn a_part_of_the_random_networks_is_right() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let right = (0..300).filter(|_| {
        let layers = layers().new_tree(&mut runner).expect("layers").current();
        let lines: Vec<&str> = layers.iter().map(String::as_str).collect();
        tried(LIBRARY, &format!("{}{}", machine(1), super::network("shape: 4 x 6 x 6", &lines))).is_ok()
    });
    let right = right.count();
    assert!(right > 15, "{right} of 300");
}
