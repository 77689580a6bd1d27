//! What holds of every machine.

use proptest::prelude::*;

use imcost::cost::estimate;
use imcost::cost::machine::MachineCosts;

use super::{LIBRARY, MACHINE, close, costs, costs_of, design};

/// Machines of random counts: arrays in tiles in groups, with some components on each.
fn machine(counts: [u64; 3], on_tile: &[&str], on_chip: &[&str]) -> String {
    let [groups, tiles, arrays] = counts;
    let head = MACHINE.split("levels:").next().expect("a head");
    format!(
        "{head}levels:
  - {{ name: chip, components: [{}] }}
  - {{ name: group, count: {groups} }}
  - {{ name: tile, count: {tiles}, components: [{}] }}
  - {{ name: array, count: {arrays} }}
",
        on_chip.join(", "),
        on_tile.join(", ")
    )
}

fn same(a: &MachineCosts, b: &MachineCosts) {
    close("power", a.power.si(), b.power.si());
    close("full rate", a.full_rate.si(), b.full_rate.si());
    close("area", a.area.si(), b.area.si());
    close("operations", a.operations.si(), b.operations.si());
    assert_eq!(a.weights, b.weights);
}

const ON_TILE: [&str; 5] = ["buffer", "{ use: join, count: 2 }", "sum", "bus", "sequencer"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_components_changes_nothing(order in Just(ON_TILE.to_vec()).prop_shuffle(), counts: [u8; 3]) {
        let counts = counts.map(|c| u64::from(c % 7) + 1);
        same(&costs(&machine(counts, &order, &["router"])), &costs(&machine(counts, &ON_TILE, &["router"])));
    }

    #[test]
    fn power_and_area_grow_with_every_count(counts: [u8; 3], which in 0_usize..3, times in 2_u64..9) {
        let counts = counts.map(|c| u64::from(c % 7) + 1);
        let mut more = counts;
        more[which] *= times;
        // Without anything above the level that is multiplied, all is so many times as much.
        let on_tile: &[&str] = if which == 2 { &[] } else { &ON_TILE };
        let head = |counts| machine(counts, on_tile, &[]).replace("{ use: adc, share: 32 }]", "{ use: adc, share: 32 }, join]");
        let (one, many) = (costs(&head(counts)), costs(&head(more)));
        let times = times as f64;
        close("power", many.power.si(), one.power.si() * times);
        close("area", many.area.si(), one.area.si() * times);
        close("operations", many.operations.si(), one.operations.si() * times);
    }

    #[test]
    fn one_level_may_be_two(a in 1_u64..9, b in 1_u64..9, arrays in 1_u64..5) {
        let split = machine([a, b, arrays], &ON_TILE, &["router"]);
        let joined = machine([1, a * b, arrays], &ON_TILE, &["router"]);
        same(&costs(&split), &costs(&joined));
    }

    #[test]
    fn a_unit_for_so_many_is_a_part_on_each(tiles in 1_u64..9, per in 2_u64..6) {
        let shared = costs(&machine([1, tiles * per, 1], &["{ use: join, count: 2 }", &format!("{{ use: router, per: {per} }}")], &[]));
        let own = costs(&machine([1, tiles * per, 1], &["{ use: join, count: 2 }"], &[&format!("{{ use: router, count: {tiles} }}")]));
        same(&shared, &own);
    }

    #[test]
    fn levels_and_components_add_up(counts: [u8; 3], powered in 1_u64..4) {
        let counts = counts.map(|c| u64::from(c % 7) + 1);
        let powered = powered.min(counts[1]);
        let text = machine(counts, &ON_TILE, &["router", "sequencer"])
            .replace(&format!("name: tile, count: {}", counts[1]), &format!("name: tile, count: {}, powered: {powered}", counts[1]));
        let costs = costs(&text);
        let by_level: (f64, f64) = costs.levels.iter().fold((0.0, 0.0), |(power, area), level| {
            (power + level.own_power.si() * level.powered as f64, area + level.own_area.si() * level.instances as f64)
        });
        close("power by level", by_level.0, costs.power.si());
        close("area by level", by_level.1, costs.area.si());
        close("power with contents", costs.levels[0].power.si(), costs.power.si());
        close("area with contents", costs.levels[0].area.si(), costs.area.si());
        prop_assert!(costs.full_rate.si() <= costs.power.si() * (1.0 + 1e-12));
    }

    /// A flat design whose tiles are full, and the same in one level of as many.
    #[test]
    fn a_level_around_a_flat_design_changes_nothing(down in 1_u64..4, across in 1_u64..4, pipelined: bool, always: bool) {
        let gating = if always { "always-on" } else { "per-stage" };
        let flat = format!(
            "name: flat
technology: library.yaml
weights: {{ bits: 4, encoding: unsigned, bias: none }}
tile: {{ crossbar: array, rows: 64, columns: 64 }}
stages:
  input: [driver]
  column: [hold, {{ use: adc, share: 32 }}, join, sum]
gating: {gating}
pipelined: {pipelined}
network:
  input: {{ features: {}, bits: 4 }}
  layers: [{{ name: a, dense: {} }}]
",
            64 * down,
            32 * across
        );
        let tiles = down * across;
        let sum = if down > 1 { ", components: [{ use: sum, count: 1 }]" } else { "" };
        // The partial sums of a flat design have a tree for each output; the level lists as many.
        let sum = sum.replace("count: 1", &format!("count: {}", 32 * across * (down - 1)));
        let wrapped = flat.clone() + &format!("levels:\n  - {{ name: chip{sum} }}\n  - {{ name: array, count: {tiles} }}\n");
        let wrapped = if down > 1 { wrapped.replace("join, sum]", "join, { use: sum, in: chip }]") } else { wrapped.replace("join, sum]", "join]") };
        let (flat, wrapped) = (design(LIBRARY, &flat), design(LIBRARY, &wrapped));
        let (flat, wrapped) = (estimate(&flat).expect("numbers"), estimate(&wrapped).expect("numbers"));
        close("area", wrapped.totals.area.si(), flat.totals.area.si());
        // A tree adds in turns of its depth, a level in turns of its units: the same where one addition is all.
        if down <= 2 {
            close("energy", wrapped.totals.energy.si(), flat.totals.energy.si());
            close("latency", wrapped.totals.latency.si(), flat.totals.latency.si());
            close("interval", wrapped.totals.initiation_interval.si(), flat.totals.initiation_interval.si());
        }
    }

    #[test]
    fn a_part_alone_is_the_component(count in 1_u64..9) {
        let bill = format!(
            "{LIBRARY}  gate: {{ kind: gate, energy: 7 fJ, latency: 3 ns, area: 11 um^2, source: s, basis: measured }}
  whole: {{ kind: register, energy: {} fJ, latency: 3 ns, area: {} um^2, source: s, basis: measured }}
  made: {{ kind: register, parts: {{ all: {{ use: gate, count: {count}, series: 1 }} }}, source: s, basis: measured }}
",
            7 * count,
            11 * count
        );
        let of = |register: &str| costs_of(&bill, &MACHINE.replace("relu]", &format!("{register}]")));
        let unit = |costs: &MachineCosts, name: &str| costs.units.iter().find(|u| u.component == name).expect("it").clone();
        let (whole, made) = (unit(&of("whole"), "whole"), unit(&of("made"), "made"));
        close("power", made.power.si(), whole.power.si());
        close("area", made.area.si(), whole.area.si());
    }

    /// Zero activity leaves what is drawn all the time; more bits that change take more.
    #[test]
    fn energy_grows_with_activity_and_supply(low in 0_u32..100, high in 0_u32..100, supplies in (50_u32..100, 50_u32..100)) {
        let machine = |toggle: u32, vdd: u32| format!(
            "name: digital
technology: builtin:techlib/sram-imc-28nm.yaml
weights: {{ bits: 8, encoding: twos-complement, bias: none }}
activations: {{ bits: 8 }}
tile: {{ array: dimc-array, rows: 32, columns: 48 }}
stages: {{ input: [two-bit-row], column: [dimc-accumulator] }}
statistics: {{ inputs: {{ toggle: {toggle}% }}, weights: {{ density: 50% }} }}
operating: {{ vdd: 0.{vdd} V }}
levels: [{{ name: core, count: 3 }}]
");
        let power = |toggle, vdd| {
            let costs = costs_of(LIBRARY, &machine(toggle, vdd));
            costs.units.iter().find(|u| u.component == "dimc-array").expect("arrays").power.si()
        };
        prop_assert_eq!(power(0, 90), 0.0);
        let (low, high) = (low.min(high), low.max(high));
        prop_assert!(power(low, 90) <= power(high, 90));
        let (less, more) = (supplies.0.min(supplies.1), supplies.0.max(supplies.1));
        prop_assert!(power(50, less) <= power(50, more));
    }

    /// Figures at 45 nm and 1 V taken to another node and supply, and at the same again.
    #[test]
    fn scaling_to_the_same_point_is_nothing(node in prop::sample::select(vec![14, 16, 20, 32, 45, 65])) {
        let scaled = LIBRARY.replace("node: 28 nm\nvdd: 0.9 V", &format!("node: {node} nm\nscaling: digital")).replace("kind: crossbar,", "kind: crossbar, scaling: digital,");
        let plain = costs_of(&scaled, MACHINE);
        let same_point = costs_of(&scaled, &format!("{MACHINE}operating: {{ node: {node} nm }}\n"));
        same(&plain, &same_point);
        let there = costs_of(&scaled, &format!("{MACHINE}operating: {{ node: 7 nm }}\n"));
        prop_assert!(there.area.si() < plain.area.si());
    }
}

#[test]
fn a_histogram_of_one_value_is_its_mean() {
    use imcost::design::{OperandStatistics, WordCode};
    for value in 0..16_usize {
        let mut counts = vec![0.0; 16];
        counts[value] = 3.0;
        let of = |code| OperandStatistics::of_histogram(&counts, code).expect("16 values");
        let plain = of(WordCode::Unsigned);
        close("mean", plain.mean, value as f64 / 15.0);
        close("density", plain.density, f64::from(value.count_ones()) / 4.0);
        assert_eq!(plain.zero, if value == 0 { 1.0 } else { 0.0 });
        // From -8: half of the range is added.
        close("offset", of(WordCode::Offset).mean, value as f64 / 15.0);
        let signed = value as i64 - 8;
        close("two's complement", of(WordCode::TwosComplement).density, f64::from((signed & 15).count_ones()) / 4.0);
    }
    // -7 to 7, symmetric: magnitudes of 3 bits.
    let counts: Vec<f64> = (0..15).map(|n| if n == 2 || n == 12 { 1.0 } else { 0.0 }).collect();
    let found = OperandStatistics::of_histogram(&counts, WordCode::Magnitude).expect("15 values");
    close("mean of 5", found.mean, 5.0 / 7.0);
    close("density of 101", found.density, 2.0 / 3.0);
    for wrong in [&[][..], &[1.0], &[1.0; 5], &[0.0; 16], &[-1.0; 16], &[f64::NAN; 16]] {
        assert!(OperandStatistics::of_histogram(wrong, WordCode::Unsigned).is_none());
    }
}
