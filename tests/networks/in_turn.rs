//! What is written while an inference runs, products that wait for one another, and what waits: by hand.

use super::{Found, LIBRARY, MACHINE, close, nanoseconds, network, of, on, picojoules, tried};

/// 4 tokens of 8 features, two heads. Matrices of 8 x 8 and, of both heads, of 4 x 4 on the diagonal of one array.
#[test]
fn attention_is_written_and_multiplied() {
    let found = on(MACHINE, "shape: 4 x 8", &["{ name: a, attention: 8, heads: 2 }"], "");
    for dense in ["a.q", "a.k", "a.v", "a.output"] {
        picojoules(dense, found.energy_of(dense), 40.0);
    }
    // 2 x 4 x 4 cells of 1 pJ, then 4 products with one array.
    picojoules("scores", found.energy_of("a.scores"), 32.0 + 40.0);
    picojoules("softmax", found.energy_of("a.softmax"), 32.0 * 3e-3);
    picojoules("values", found.energy_of("a.values"), 32.0 + 40.0);
    picojoules("all", found.energy(), 160.0 + 144.0 + 0.096);
    // Queries, keys and values at the same time; 8 rows of 5 ns and 4 products; 32 elements on two units of 4 ns; again, and the output.
    nanoseconds("latency", found.latency(), 40.0 + 80.0 + 64.0 + 80.0 + 40.0);
    let arrays: u64 = found.report.network.iter().filter_map(|l| l.matrices.map(|m| m.arrays)).sum();
    assert_eq!(arrays, 6);
    // The longest of pipelined inferences: what is written and multiplied is at work for 80 ns.
    let pipelined = on(MACHINE, "shape: 4 x 8", &["{ name: a, attention: 8, heads: 2 }"], "pipelined: true\n");
    nanoseconds("interval", pipelined.interval(), 80.0);
    close("latency", pipelined.latency(), found.latency());
}

/// One token after three others: a column of each head's keys, a row of its values.
#[test]
fn of_a_cache_only_what_is_new_is_written() {
    let found = on(MACHINE, "shape: 1 x 8", &["{ name: a, attention: 8, heads: 2, cache: 3 }"], "");
    // 4 cells of each head in 8 rows; as many in one row of each head.
    picojoules("scores", found.energy_of("a.scores"), 8.0 + 10.0);
    picojoules("values", found.energy_of("a.values"), 8.0 + 10.0);
    nanoseconds("latency", found.latency(), 10.0 + (40.0 + 10.0) + 4.0 * 4.0 + (10.0 + 10.0) + 10.0);
}

/// Each copy of a matrix is written.
#[test]
fn copies_of_values_are_written_as_often() {
    let found = on(
        MACHINE,
        "shape: 4 x 8",
        &["{ name: a, attention: 8, heads: 2 }"],
        "mapping: { copies: balanced, whole: array }\n",
    );
    // Inferences and layers take turns: matrices that are written may lie on the same arrays. 15 arrays are 3 copies of each of the four others, 4
    // are left for the copies of one that is written.
    let copies = |name: &str| found.layer(name).matrices.expect("it").copies;
    let all = ["a.q", "a.k", "a.v", "a.scores", "a.values", "a.output"].map(copies);
    assert_eq!(all, [3, 3, 3, 4, 4, 3]);
    picojoules("scores", found.energy_of("a.scores"), 4.0 * 32.0 + 40.0);
    // Cores that are not shared: of eight, one for the four copies of each layer that stays, four for those that are written.
    let found = on(
        &MACHINE.replace("core, count: 4", "core, count: 8"),
        "shape: 4 x 8",
        &["{ name: a, attention: 8, heads: 2 }"],
        "mapping: { copies: balanced, whole: core }\n",
    );
    let copies = |name: &str| found.layer(name).matrices.expect("it").copies;
    assert_eq!(["a.q", "a.k", "a.v", "a.scores", "a.values", "a.output"].map(copies), [4; 6]);
}

/// 3 steps of 4 inputs and 4 outputs: an array of 8 x 8 for each half of 16 gates. A step waits for the outputs of the one before: 10 ns of the
/// arrays and 20 operations on two units of 4 ns.
#[test]
fn steps_of_a_recurrent_layer_follow_one_another() {
    let lstm = |keys: &str| on(MACHINE, "shape: 3 x 4", &["{ name: l, lstm: 4 }"], keys);
    let found = lstm("");
    assert_eq!(found.group("l", "vector").operations, 3 * 20);
    picojoules("energy", found.energy(), 3.0 * (2.0 * 10.0 + 20.0 * 3e-3));
    nanoseconds("latency", found.latency(), 3.0 * (10.0 + 40.0));
    nanoseconds("interval", lstm("pipelined: true\n").interval(), 3.0 * 50.0);
    // 12 gates are two arrays too, 16 operations a step.
    let found = on(MACHINE, "shape: 3 x 4", &["{ name: g, gru: 4 }"], "");
    nanoseconds("latency", found.latency(), 3.0 * (10.0 + 32.0));
    picojoules("energy", found.energy(), 3.0 * (2.0 * 10.0 + 16.0 * 3e-3));
    // Copies would have nothing to do.
    assert_eq!(on(MACHINE, "shape: 3 x 4", &["{ name: l, lstm: 4 }"], "mapping: { copies: balanced }\n").copies(), [1]);
}

#[test]
fn a_recurrent_layer_needs_something_that_computes_its_gates() {
    let machine = MACHINE.replace("{ use: vector, count: 2 }", "pool").replace("[pool, pool]", "[pool]");
    let said = tried(LIBRARY, &format!("{machine}{}", network("shape: 3 x 4", &["{ name: l, lstm: 4 }"])));
    assert!(said.err().expect("nothing computes gates").contains("lstm"));
}

/// Two cores of one array: four dense layers of 8 x 8 in two passes.
const SMALL: &str = "name: small
technology: library.yaml
weights: { bits: 4, encoding: offset, bias: none }
activations: { bits: 4 }
tile: { array: mac, rows: 8, columns: 8 }
stages: { input: [], column: [] }
levels:
  - { name: chip }
  - { name: array, count: 2 }
";
const FOUR: [&str; 4] =
    ["{ name: a, dense: 8 }", "{ name: b, dense: 8 }", "{ name: c, dense: 8 }", "{ name: d, dense: 8 }"];

#[test]
fn weights_that_do_not_fit_are_written_in_passes() {
    let reload = |keys: &str, more: &str| {
        on(SMALL, "features: 8", &FOUR, &format!("mapping: {{ weights: reload, whole: array{keys} }}\n{more}"))
    };
    let found = reload("", "");
    // Every layer is written, 64 cells of 1 pJ, and read once.
    picojoules("energy", found.energy(), 4.0 * (64.0 + 10.0));
    // A pass is written at once, 8 rows of 5 ns, and its two layers take 10 ns each.
    nanoseconds("latency", found.latency(), 2.0 * (40.0 + 20.0));
    let ten = reload(", batch: 10", "");
    picojoules("of ten", ten.energy(), 4.0 * (6.4 + 10.0));
    nanoseconds("of ten", ten.latency(), 2.0 * (4.0 + 20.0));
    // Passes wait for one another. Nothing keeps a word between two dense layers without a memory: they are at work together.
    nanoseconds("interval", reload("", "pipelined: true\n").interval(), 2.0 * (40.0 + 20.0));
    nanoseconds("interval of ten", reload(", batch: 10", "pipelined: true\n").interval(), 2.0 * (4.0 + 20.0));
}

/// A network that fits is written once in a batch; with all of them at once it is what it is without.
#[test]
fn a_network_that_fits_costs_one_write() {
    let of = |keys: &str| on(SMALL, "features: 8", &FOUR[..2], keys);
    let (stays, written) = (of(""), of("mapping: { weights: reload, whole: array, batch: 4 }\n"));
    picojoules("what it takes", stays.energy(), 20.0);
    picojoules("what writing takes", written.energy() - stays.energy(), 2.0 * 64.0 / 4.0);
    // Two arrays of 8 rows are written at the same time.
    let machine = SMALL.replace("name: chip }", "name: chip, components: [sum] }");
    let of = |keys: &str| on(&machine, "features: 16", &["{ name: a, dense: 8 }"], keys);
    let (stays, written) = (of(""), of("mapping: { weights: reload, whole: array }\n"));
    nanoseconds("16 rows", written.latency() - stays.latency(), 8.0 * 5.0);
}

/// Weights come over the link: 8 x 8 of 4 bits in words of 4 bits, 64 ns, longer than writing 8 rows. Layers share it.
#[test]
fn weights_come_over_the_link() {
    let machine = SMALL.replace("name: chip }", "name: chip, components: [link] }");
    let found = on(&machine, "features: 8", &FOUR, "mapping: { weights: reload, whole: array }\n");
    // 64 words of each layer, 8 of the network's input and 8 of its output.
    let words = 4.0 * 64.0 + 16.0;
    picojoules("energy", found.energy(), 4.0 * (64.0 + 10.0) + words * 5.0);
    let over_link =
        |found: &Found| -> u64 { found.groups.iter().filter(|g| g.component == "link").map(|g| g.operations).sum() };
    assert_eq!(over_link(&found) as f64, words);
    // One load for four inferences: a quarter of the words of weights and of what is written, those of the network as ever.
    let four = on(&machine, "features: 8", &FOUR, "mapping: { weights: reload, whole: array, batch: 4 }\n");
    picojoules("of four", found.energy() - four.energy(), 0.75 * 4.0 * (64.0 * 5.0 + 64.0));
    assert_eq!(over_link(&four), 4 * 16 + 16);
    // Two loads, `b`, the load of `c`, `c`, 8 words of the output and `d`, whose load is done before.
    nanoseconds("latency of four", four.latency(), 2.0 * 16.0 + 10.0 + 16.0 + 10.0 + 8.0 + 10.0);
}

/// A unit that three layers of pipelined inferences use is the slowest of them together, whatever else stands on its level.
#[test]
fn a_unit_that_layers_share_works_for_all_of_them() {
    let machine = |others: &str| {
        SMALL
            .replace("count: 2 }", "count: 8 }")
            .replace("name: chip }", &format!("name: chip, components: [vector{others}] }}"))
    };
    let layers: Vec<String> =
        ["a", "b", "c"].iter().map(|name| format!("{{ name: {name}, normalize: affine }}")).collect();
    let layers: Vec<&str> = ["{ name: d, dense: 8 }"].into_iter().chain(layers.iter().map(String::as_str)).collect();
    for others in ["", ", pool, { use: relu, count: 7 }"] {
        let found = on(&machine(others), "features: 8", &layers, "pipelined: true\n");
        nanoseconds(others, found.interval(), 3.0 * 8.0 * 4.0);
    }
}

/// What a memory draws while it waits counts over the time between two inferences; what it does for words by the word.
#[test]
fn memories_wait_from_one_inference_to_the_next() {
    let machine = MACHINE.replace("[pool,", "[waiting, pool,");
    let layers = ["{ name: a, conv: 8, kernel: 2 }"];
    let of = |keys: &str| on(&machine, "shape: 2 x 5 x 5", &layers, keys);
    let (not, pipelined) = (of(""), of("pipelined: true\n"));
    // 50 values in, 16 products of 8 values out to the arrays, 128 values back; of 4 bits in words of 32.
    let words = (50.0_f64 + 128.0 + 128.0) / 8.0;
    let moved = words.ceil();
    for found in [&not, &pipelined] {
        picojoules("energy", found.energy(), 160.0 + moved + 3.0 * found.interval() * 1e9);
    }
    // A stated period counts instead.
    let slow = of("pipelined: true\nperiod: 1 us\n");
    picojoules("a microsecond", slow.energy(), 160.0 + moved + 3.0 * 1000.0);
    let always = of("gating: always-on\npipelined: true\nperiod: 1 us\n");
    assert!(always.energy() >= slow.energy());
}

/// Arrays that are written keep nothing from before: `of` two such layers in turn the same arrays take both.
#[test]
fn written_arrays_are_taken_in_turn() {
    let machine = of(
        LIBRARY,
        &format!(
            "{}{}mapping: {{ dynamic: digital, whole: array }}\n",
            MACHINE.replace("array: mac", "array: fixed")
                + "  - { name: digital, in: core, count: 1, tile: { array: mac, rows: 8, columns: 8 } }\n",
            network("shape: 4 x 8", &["{ name: a, attention: 8, heads: 2 }", "{ name: b, attention: 8, heads: 2 }"])
        ),
    );
    let level = |name: &str| machine.group(name, if name.ends_with("scores") { "mac" } else { "fixed" }).level.clone();
    assert_eq!((level("a.scores").as_str(), level("a.q").as_str()), ("digital", "array"));
}

/// 40 tokens of 8 features, two heads: four matrices of 8 x 8, and of each head one of 4 x 40 and one of 40 x 4 on five arrays. In turn 4 + 10, all
/// at once 4 + 10 + 10.
#[test]
fn arrays_are_there_for_what_stays_and_the_largest_that_is_written() {
    let said = |cores: u64, keys: &str| {
        let machine =
            MACHINE.replace("core, count: 4", &format!("core, count: {cores}")).replace("[pool,", "[sum, pool,");
        let layers = network("shape: 40 x 8", &["{ name: a, attention: 8, heads: 2 }"]);
        tried(LIBRARY, &format!("{machine}{layers}{keys}")).err()
    };
    let short = |said: Option<String>, words: &str| {
        let said = said.expect("it does not fit");
        assert!(said.contains(words), "{said}");
    };
    assert_eq!(said(4, ""), None);
    short(said(3, ""), "the network needs 14 of `array`, the machine has 12");
    short(said(4, "pipelined: true\n"), "the network needs 24 of `array`, the machine has 16");
    assert_eq!(said(6, "pipelined: true\n"), None);
}

/// Arrays are written at the same time, their rows one after another: of 40 tokens 4 rows of keys, and 8 of the 40 rows of values on each of five
/// arrays.
#[test]
fn rows_of_an_array_are_written_one_after_another() {
    let machine = MACHINE.replace("[pool,", "[sum, pool,");
    let layers = network("shape: 40 x 8", &["{ name: a, attention: 8, heads: 2 }"]);
    let latency = |library: &str| of(library, &format!("{machine}{layers}")).latency();
    let slower = latency(&LIBRARY.replace("write-latency: 5 ns", "write-latency: 105 ns"));
    nanoseconds("12 rows", slower - latency(LIBRARY), 1200.0);
}
