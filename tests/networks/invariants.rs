//! What holds of every network on a machine.

use proptest::prelude::*;

use super::{Found, LIBRARY, close, network, of, tried};

/// A machine of random counts with a random network: convolutions, pooling, sums, a dense layer.
#[derive(Debug, Clone)]
struct Case {
    counts: [u64; 3],
    channels: u64,
    side: u64,
    /// Width and kernel of each convolution.
    convs: Vec<(u64, u64)>,
    skip: bool,
    pool: bool,
    serial: bool,
}

impl Case {
    fn machine(&self, order: &[&str]) -> String {
        let [tiles, imas, arrays] = self.counts;
        let (tile, stages) = if self.serial {
            ("{ crossbar: cells, rows: 8, columns: 8 }", "{ input: [row], column: [hold, { use: adc, share: 8 }] }")
        } else {
            ("{ array: mac, rows: 8, columns: 8 }", "{ input: [], column: [] }")
        };
        format!(
            "name: random
technology: library.yaml
weights: {{ bits: 4, encoding: offset, bias: none }}
activations: {{ bits: 4 }}
tile: {tile}
stages: {stages}
levels:
  - {{ name: chip, components: [sum, relu, pool, link] }}
  - {{ name: tile, count: {tiles}, components: [{}] }}
  - {{ name: ima, count: {imas}, components: [register, {{ use: join, count: 2 }}] }}
  - {{ name: array, count: {arrays} }}
",
            order.join(", ")
        )
    }

    fn network(&self) -> String {
        let mut layers = Vec::new();
        for (place, (width, kernel)) in self.convs.iter().enumerate() {
            layers.push(format!(
                "{{ name: c{place}, conv: {width}, kernel: {kernel}, padding: same, activation: relu }}"
            ));
        }
        if self.skip {
            layers.push(format!("{{ name: side, from: c0, conv: {}, kernel: 1 }}", self.convs.last().expect("one").0));
            layers.push(format!("{{ name: s, add: [side, c{}], activation: relu }}", self.convs.len() - 1));
        }
        if self.pool {
            layers.push("{ name: p, pool: max, kernel: 2 }".to_owned());
        }
        layers.push("{ name: d, dense: 5 }".to_owned());
        let lines: Vec<&str> = layers.iter().map(String::as_str).collect();
        network(&format!("shape: {} x {1} x {1}", self.channels, self.side), &lines)
    }

    fn with(&self, keys: &str) -> Result<Found, String> {
        tried(LIBRARY, &format!("{}{}{keys}", self.machine(&ON_TILE), self.network()))
    }
}

const ON_TILE: [&str; 5] = ["waiting", "bus", "router", "{ use: sum, count: 2 }", "relu"];

fn cases() -> impl Strategy<Value = Case> {
    let counts = [1_u64..9, 1_u64..5, 1_u64..9];
    let convs = prop::collection::vec((1_u64..10, 1_u64..4), 1..4);
    (counts, 1_u64..5, 2_u64..6, convs, any::<[bool; 3]>()).prop_map(
        |(counts, channels, side, convs, [skip, pool, serial])| {
            let skip = skip && convs.len() > 1;
            Case { counts, channels, side, convs, skip, pool, serial }
        },
    )
}

/// What fits and what it says of itself.
fn holds(found: &Found) {
    let machine = found.report.machine.as_ref().expect("a machine");
    let totals = &found.totals;
    let (energy, interval, latency) = (found.energy(), found.interval(), found.latency());
    // Sums over levels, components and layers are the totals.
    let sum = |values: Vec<f64>| values.iter().sum::<f64>();
    close("by level", sum(found.report.by_level.iter().map(|l| l.energy_j).collect()), energy);
    close("by component", sum(found.report.by_component.iter().map(|l| l.energy_j).collect()), energy);
    close("by kind", sum(found.report.by_kind.iter().map(|l| l.energy_j).collect()), energy);
    close("area", sum(found.report.by_component.iter().map(|l| l.area_m2).collect()), totals.area.si());
    close("area", machine.area_m2, totals.area.si());
    let macs: u64 = found.report.network.iter().map(|layer| layer.macs).sum();
    assert_eq!(macs, totals.macs);
    assert!(interval <= latency * (1.0 + 1e-9), "interval {interval} over latency {latency}");
    assert!(
        totals.peak_power.si() <= machine.power_w * (1.0 + 1e-9),
        "{} over {}",
        totals.peak_power.si(),
        machine.power_w
    );
    assert!(totals.power.si() <= totals.peak_power.si() * (1.0 + 1e-9));
    let operations = 2.0 * totals.macs as f64 / interval;
    assert!(operations <= machine.ops_per_s * (1.0 + 1e-9), "{operations} of {}", machine.ops_per_s);
    let mut arrays = 0;
    for matrices in found.report.network.iter().filter_map(|layer| layer.matrices) {
        assert!(matrices.copies >= 1 && matrices.copies <= matrices.products, "copies {}", matrices.copies);
        assert!(matrices.cells_used > 0.0 && matrices.cells_used <= 1.0, "cells used {}", matrices.cells_used);
        arrays += matrices.arrays;
    }
    let there = found.report.by_level.last().expect("levels").level.powered;
    assert!(arrays <= there, "{arrays} of {there}");
    for whole in &found.report.wholes {
        assert!(whole.used <= whole.there && whole.without_copies <= whole.used, "{whole:?}");
    }
    let path: f64 = found.report.critical_path.iter().map(|step| step.time_s).sum();
    close("critical path", path, latency);
}

const KEYS: [&str; 6] = [
    "",
    "mapping: { whole: array }\n",
    "mapping: { copies: balanced }\n",
    "mapping: { copies: balanced, whole: array }\n",
    "mapping: { copies: balanced, whole: ima }\n",
    "mapping: { copies: balanced, whole: tile }\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn totals_are_sums_and_stay_below_what_the_machine_can(case in cases(), mapping in 0_usize..6) {
        for pipelined in ["pipelined: false\n", "pipelined: true\n", "pipelined: rows\n"] {
            if let Ok(found) = case.with(&format!("{}{pipelined}", KEYS[mapping])) {
                holds(&found);
            }
        }
    }

    #[test]
    fn streaming_is_no_slower_and_no_more_often(case in cases(), mapping in 0_usize..6) {
        let of = |pipelined: &str| case.with(&format!("{}pipelined: {pipelined}\n", KEYS[mapping]));
        // Without pipelining layers take turns, so that more copies may fit: the same copies are what is compared.
        if let (Ok(rows), Ok(whole), Ok(not)) = (of("rows"), of("true"), of("false")) {
            prop_assert_eq!(rows.copies(), whole.copies());
            prop_assert_eq!(not.copies(), whole.copies());
            let (rows, whole, not) = ((rows.latency(), rows.interval()), (whole.latency(), whole.interval()), (not.latency(), not.interval()));
            prop_assert!(rows.0 <= whole.0 * (1.0 + 1e-9), "{} over {}", rows.0, whole.0);
            prop_assert!(whole.0 <= not.0 * (1.0 + 1e-9), "{} over {}", whole.0, not.0);
            close("interval", rows.1, whole.1);
            close("interval", not.0, not.1);
        }
    }

    /// Of products: energy of arrays, converters and what joins their bits.
    #[test]
    fn copies_change_no_energy_of_products(case in cases(), mapping in 2_usize..6) {
        // With the same wholes, so that layers meet at the same level.
        let (one, many) = (case.with(&KEYS[mapping].replace("balanced", "none")), case.with(KEYS[mapping]));
        let (Ok(one), Ok(many)) = (one, many) else { return Ok(()) };
        for line in one.report.by_component.iter().filter(|line| ["cells", "mac", "adc", "row", "hold", "join", "sum", "relu"].contains(&line.name.as_str())) {
            let other = many.report.by_component.iter().find(|l| l.name == line.name).expect("it is there too");
            close(&line.name, other.energy_j, line.energy_j);
        }
        prop_assert!(many.report.network.iter().zip(&one.report.network).all(|(a, b)| a.macs == b.macs));
    }

    /// Turns of the busiest copies, in reads: what is balanced.
    #[test]
    fn more_parts_never_lengthen_the_longest_layer(case in cases(), more in 1_u64..4, whole in 0_usize..3) {
        let whole = ["array", "ima", "tile"][whole];
        let larger = Case { counts: [case.counts[0] + more, case.counts[1], case.counts[2]], ..case.clone() };
        let of = |case: &Case| case.with(&format!("mapping: {{ copies: balanced, whole: {whole} }}\npipelined: true\n"));
        let (Ok(few), Ok(many)) = (of(&case), of(&larger)) else { return Ok(()) };
        let turns = |found: &Found| found.report.network.iter().filter_map(|l| l.matrices.map(|m| m.products.div_ceil(m.copies))).max();
        prop_assert!(turns(&many) <= turns(&few));
    }

    #[test]
    fn the_order_of_components_changes_nothing(case in cases(), order in Just(ON_TILE.to_vec()).prop_shuffle()) {
        let of = |order: &[&str]| tried(LIBRARY, &format!("{}{}pipelined: rows\n", case.machine(order), case.network()));
        let (Ok(a), Ok(b)) = (of(&ON_TILE), of(&order)) else { return Ok(()) };
        close("energy", a.energy(), b.energy());
        close("latency", a.latency(), b.latency());
        close("interval", a.interval(), b.interval());
        close("area", a.totals.area.si(), b.totals.area.si());
        close("peak", a.totals.peak_power.si(), b.totals.peak_power.si());
    }

    /// Energy of a transfer is that of its words: more room never adds words.
    #[test]
    fn more_room_never_adds_words(case in cases(), small in 0_u32..12, more in 0_u32..6) {
        let of = |bytes: u32| tried(&LIBRARY.replace("capacity: 1 KB", &format!("capacity: {bytes} B")), &format!("{}{}", case.machine(&ON_TILE), case.network()));
        let (Ok(less), Ok(much)) = (of(1 << small), of(1 << (small + more))) else { return Ok(()) };
        for (less, much) in less.report.by_level.iter().zip(&much.report.by_level) {
            prop_assert!(much.moved_bytes <= less.moved_bytes * (1.0 + 1e-12), "{}: {} after {}", less.level.name, much.moved_bytes, less.moved_bytes);
        }
        // What layers need comes from somewhere: the tile's memories give each input of a layer at least once.
        let inputs: u64 = much.report.network.iter().flat_map(|layer| &layer.inputs).map(|shape| shape.split(" x ").map(|n| n.parse::<u64>().expect("a number")).product::<u64>()).sum();
        let tile = much.report.by_level.iter().find(|l| l.level.name == "tile").expect("tiles");
        prop_assert!(tile.moved_bytes >= inputs as f64 / 2.0);
    }

    #[test]
    fn the_more_inferences_between_writes_the_less_they_cost(case in cases()) {
        let case = Case { serial: false, ..case };
        let of = |batch: u64| case.with(&format!("mapping: {{ weights: reload, whole: array, batch: {batch} }}\n"));
        let (Ok(one), Ok(ten), Ok(most)) = (of(1), of(10), of(10_000_000)) else { return Ok(()) };
        prop_assert!(ten.energy() <= one.energy() * (1.0 + 1e-9) && most.energy() <= ten.energy() * (1.0 + 1e-9));
        prop_assert!(ten.latency() <= one.latency() * (1.0 + 1e-9) && most.latency() <= ten.latency() * (1.0 + 1e-9));
        let Ok(stays) = case.with("mapping: { whole: array }\n") else { return Ok(()) };
        // What fits takes one write; with many inferences between two nothing of it is left.
        let waits = |found: &Found| 3e-3 * case.counts[0] as f64 * found.interval();
        let (written, kept) = (most.energy() - waits(&most), stays.energy() - waits(&stays));
        prop_assert!((written / kept - 1.0).abs() < 1e-3, "{written} and {kept}");
        prop_assert!((most.latency() / stays.latency() - 1.0).abs() < 1e-3, "{} and {}", most.latency(), stays.latency());
    }

    /// `per: k` of so many instances is a part of a unit on each.
    #[test]
    fn levels_that_are_siblings_may_change_places(tiles in 1_u64..4, first in 1_u64..5, second in 1_u64..5) {
        let machine = |levels: [String; 2]| format!(
            "name: siblings
technology: library.yaml
weights: {{ bits: 4, encoding: offset, bias: none }}
activations: {{ bits: 4 }}
tile: {{ array: mac, rows: 8, columns: 8 }}
stages: {{ input: [], column: [] }}
levels:
  - {{ name: chip, components: [vector, link] }}
  - {{ name: tile, count: {tiles}, components: [edram, sum] }}
{}{}", levels[0], levels[1]);
        let levels = [format!("  - {{ name: a, in: tile, count: {first} }}\n"), format!("  - {{ name: b, in: tile, count: {second} }}\n")];
        let network = network("shape: 3 x 8", &["{ name: x, dense: 8, on: a }", "{ name: y, dense: 4, on: b }", "{ name: z, normalize: layer }"]);
        let of = |levels: [String; 2]| of(LIBRARY, &format!("{}{network}pipelined: rows\n", machine(levels)));
        let [a, b] = levels;
        let (one, other) = (of([a.clone(), b.clone()]), of([b, a]));
        close("energy", one.energy(), other.energy());
        close("latency", one.latency(), other.latency());
        close("interval", one.interval(), other.interval());
        close("area", one.totals.area.si(), other.totals.area.si());
    }
}
