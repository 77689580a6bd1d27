//! The same network written in two ways.

use proptest::prelude::*;

use super::{Found, LARGE, LIBRARY, MACHINE, close, network, of};

/// A machine with memories, on which any network of these tests fits.
fn machine() -> String {
    MACHINE.replace("[pool,", "[edram, link, bus, sum, relu, pool,").replace("count: 4, comp", "count: 400, comp")
}

fn on_machine(input: &str, layers: &[&str], keys: &str) -> Found {
    of(LIBRARY, &format!("{}{}{keys}", machine(), network(input, layers)))
}

/// All that is found out of two is the same.
fn same(a: &Found, b: &Found) {
    close("energy", a.energy(), b.energy());
    close("latency", a.latency(), b.latency());
    close("interval", a.interval(), b.interval());
    close("area", a.totals.area.si(), b.totals.area.si());
    close("peak", a.totals.peak_power.si(), b.totals.peak_power.si());
    assert_eq!(a.totals.macs, b.totals.macs);
    for (a, b) in a.report.by_level.iter().zip(&b.report.by_level) {
        close("bytes", a.moved_bytes, b.moved_bytes);
        close("energy of a level", a.energy_j, b.energy_j);
    }
}

const PIPELINED: [&str; 3] = ["pipelined: false\n", "pipelined: true\n", "pipelined: rows\n"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_kernel_as_large_as_the_map_is_a_dense_layer(channels in 1_u64..9, height in 1_u64..5, width in 1_u64..5, outputs in 1_u64..20, how in 0_usize..3) {
        let input = format!("shape: {channels} x {height} x {width}");
        let conv = on_machine(&input, &[&format!("{{ conv: {outputs}, kernel: {height} x {width}, activation: relu }}")], PIPELINED[how]);
        let dense = on_machine(&input, &[&format!("{{ dense: {outputs}, activation: relu }}")], PIPELINED[how]);
        same(&conv, &dense);
    }

    #[test]
    fn one_group_is_none(channels in 1_u64..9, side in 3_u64..6, outputs in 1_u64..20, copies in 1_u64..4) {
        let input = format!("shape: {channels} x {side} x {side}");
        let of = |groups: &str| on_machine(&input, &[&format!("{{ conv: {outputs}, kernel: 2, copies: {copies}{groups} }}")], "pipelined: true\n");
        same(&of(""), &of(", groups: 1"));
    }

    #[test]
    fn each_channel_by_itself_is_a_group(channels in 1_u64..20, side in 3_u64..6, times in 1_u64..3, stride in 1_u64..3) {
        let input = format!("shape: {channels} x {side} x {side}");
        let depthwise = on_machine(&input, &[&format!("{{ depthwise: {times}, kernel: 3, padding: 1, stride: {stride} }}")], "");
        let outputs = channels * times;
        let grouped = on_machine(&input, &[&format!("{{ conv: {outputs}, kernel: 3, padding: 1, stride: {stride}, groups: {channels} }}")], "");
        same(&depthwise, &grouped);
    }

    #[test]
    fn a_repeated_block_is_so_many_written_out(times in 1_u64..5, how in 0_usize..3, skip: bool) {
        let body = |input: &str, name: &str| {
            let mut layers = vec![format!("{{ name: {name}a, from: {input}, conv: 4, kernel: 3, padding: 1, activation: relu }}")];
            if skip {
                layers.push(format!("{{ name: {name}s, add: [{name}a, {input}] }}"));
            }
            layers
        };
        let block = on_machine("shape: 4 x 4 x 4", &[&format!("{{ name: r, repeat: {times}, layers: [{}] }}", body("input", "").join(", "))], PIPELINED[how]);
        let mut written = Vec::new();
        let mut input = "input".to_owned();
        for time in 0..times {
            let name = format!("b{time}");
            written.extend(body(&input, &name));
            input = format!("{name}{}", if skip { "s" } else { "a" });
        }
        let lines: Vec<&str> = written.iter().map(String::as_str).collect();
        same(&block, &on_machine("shape: 4 x 4 x 4", &lines, PIPELINED[how]));
        if times == 1 {
            let once = on_machine("shape: 4 x 4 x 4", &[&format!("{{ name: r, layers: [{}] }}", body("input", "").join(", "))], PIPELINED[how]);
            same(&block, &once);
        }
    }

    #[test]
    fn attention_is_its_layers(tokens in 1_u64..9, heads in 1_u64..4, each in 1_u64..4) {
        let features = heads * each;
        let input = format!("shape: {tokens} x {features}");
        let one = on_machine(&input, &[&format!("{{ name: a, attention: {features}, heads: {heads} }}")], "");
        let dense = |name: &str, from: &str| format!("{{ name: {name}, from: {from}, dense: {features} }}");
        let layers = [
            dense("q", "input"), dense("k", "input"), dense("v", "input"),
            format!("{{ name: scores, matmul: [q, k], heads: {heads}, transposed: true }}"),
            "{ name: soft, activation: softmax }".to_owned(),
            format!("{{ name: values, matmul: [soft, v], heads: {heads}, transposed: false }}"),
            dense("o", "values"),
        ];
        let lines: Vec<&str> = layers.iter().map(String::as_str).collect();
        same(&one, &on_machine(&input, &lines, ""));
    }

    /// What only changes shapes changes no cost.
    #[test]
    fn shapes_cost_nothing(channels in 1_u64..9, side in 2_u64..5, how in 0_usize..3) {
        let values = channels * side * side;
        let input = format!("shape: {channels} x {side} x {side}");
        let plain = on_machine(&input, &["{ dense: 8 }"], PIPELINED[how]);
        let shaped = on_machine(&input, &[&format!("{{ reshape: {values} x 1 }}"), &format!("{{ reshape: {channels} x {side} x {side} }}"), "{ dense: 8 }"], PIPELINED[how]);
        close("energy", shaped.energy(), plain.energy());
        close("latency", shaped.latency(), plain.latency());
    }

    /// Without memories nothing but the products costs, and all matrices are where they are multiplied.
    #[test]
    fn pooling_and_sums_have_no_products(side in 2_u64..8, kernel in 1_u64..3) {
        let text = format!("{LARGE}{}", network(&format!("shape: 3 x {side} x {side}"), &[&format!("{{ name: p, pool: max, kernel: {kernel} }}"), "{ name: s, add: [p, constant] }"]));
        let found = of(LIBRARY, &text);
        prop_assert_eq!(found.totals.macs, 0);
        prop_assert!(found.report.network.iter().all(|layer| layer.macs == 0 && layer.matrices.is_none()));
        prop_assert_eq!(found.group("s", "sum").operations, found.group("p", "pool").operations);
    }
}

/// One product, all bits at once: the rules that flat designs of dense layers have, with their levels or without.
#[test]
fn a_level_around_a_flat_network_changes_nothing() {
    let flat = "name: flat
technology: library.yaml
weights: { bits: 4, encoding: offset, bias: none }
tile: { crossbar: cells, rows: 8, columns: 8 }
stages: { input: [row], column: [hold, { use: adc, share: 8 }, join, relu] }
";
    let layers =
        ["{ name: a, conv: 8, kernel: 2 }", "{ name: b, conv: 8, kernel: 1 }", "{ name: c, conv: 4, kernel: 1 }"];
    for keys in PIPELINED {
        for gating in ["per-stage", "always-on"] {
            let network = format!("{}gating: {gating}\n{keys}", network("shape: 2 x 4 x 4, bits: 4", &layers));
            let alone = of(LIBRARY, &format!("{flat}{network}"));
            // All tiles are full: 8 x 16 cells, 8 x 16, and 8 x 8.
            let within = of(
                LIBRARY,
                &format!("{flat}levels: [{{ name: chip, count: 1 }}, {{ name: array, count: 5 }}]\n{network}"),
            );
            close("energy", within.energy(), alone.energy());
            close("latency", within.latency(), alone.latency());
            close("interval", within.interval(), alone.interval());
            close("area", within.totals.area.si(), alone.totals.area.si());
            close("peak", within.totals.peak_power.si(), alone.totals.peak_power.si());
            // Energy per component, whatever stands on the level.
            for line in &alone.report.by_component {
                let other = within.report.by_component.iter().find(|l| l.name == line.name).expect("it is there too");
                close(&line.name, other.energy_j, line.energy_j);
            }
        }
    }
}

/// Two of a kind on a level, listed in either order; and one that is listed twice.
#[test]
fn the_order_of_what_stands_on_a_level_changes_nothing() {
    let others = ["bus", "router", "link", "pool", "sum", "relu"].map(|name| {
        let line = LIBRARY.lines().find(|line| line.starts_with(&format!("  {name}: "))).expect("an entry");
        line.replacen(&format!("  {name}: "), &format!("  a-{name}: "), 1).replace("energy: ", "energy: 1")
    });
    let library = format!("{LIBRARY}{}\n", others.join("\n"));
    let layers = ["{ name: a, conv: 20, kernel: 3, activation: relu }", "{ pool: max, kernel: 2 }", "{ dense: 4 }"];
    let found = |of_chip: &str| {
        let machine = MACHINE
            .replace("[pool,", &format!("[{of_chip},"))
            .replace("[sum, relu]", "[bus, router]")
            .replace("core, count: 4", "core, count: 40");
        of(&library, &format!("{machine}{}", network("shape: 4 x 8 x 8", &layers)))
    };
    let names = "pool, a-pool, sum, a-sum, relu, a-relu, bus, a-bus, link, a-link";
    let mut turned: Vec<&str> = names.split(", ").collect();
    turned.reverse();
    same(&found(names), &found(&turned.join(", ")));
    let twice = "pool, pool, sum, sum, relu, relu, bus, bus, link, link";
    let counted = "pool, sum, relu, bus, link".split(", ").map(|name| format!("{{ use: {name}, count: 2 }}"));
    same(&found(twice), &found(&counted.collect::<Vec<_>>().join(", ")));
}
