//! Products, copies, operations on values and rows that stream: times and energies derived in the comments.

use super::{LIBRARY, MACHINE, close, nanoseconds, network, of, on, picojoules, tried};

/// Arrays whose bits are applied one after another, each with a converter for its eight columns; four shift-adds in a core of four arrays.
const SERIAL: &str = "name: serial
technology: library.yaml
weights: { bits: 4, encoding: offset, bias: none }
activations: { bits: 4 }
tile: { crossbar: cells, rows: 8, columns: 8 }
stages: { input: [row], column: [hold, { use: adc, share: 8 }] }
levels:
  - { name: chip, components: [sum] }
  - { name: core, count: 4, components: [{ use: join, count: 4 }, sum, relu] }
  - { name: array, count: 4 }
";

/// 2 x 4 x 4 with windows of 2 x 2: nine products with 8 x 4 weights of two cells, one array.
const CONVOLUTION: &str = "{ name: a, conv: 4, kernel: 2 }";

/// A read: array 10 ns and sample-and-hold 1 ns, eight conversions 8 ns, eight words on four shift-adds at 2 GHz 1 ns. Segments of 11, 8 and 1 ns:
/// four reads follow one another after 11 ns, products after 44 ns.
#[test]
fn products_follow_one_another_after_the_slowest_segment() {
    let first = 11.0 + 8.0 + 1.0 + 3.0 * 11.0;
    let found = on(SERIAL, "shape: 2 x 4 x 4", &[CONVOLUTION], "");
    nanoseconds("between products", found.layer("a").matrices.expect("it").between_products_s.expect("nine"), 44.0);
    nanoseconds("latency", found.latency(), first + 8.0 * 44.0);
    nanoseconds("an inference after another", found.interval(), first + 8.0 * 44.0);
    let pipelined = on(SERIAL, "shape: 2 x 4 x 4", &[CONVOLUTION], "pipelined: true\n");
    nanoseconds("latency", pipelined.latency(), first + 8.0 * 44.0);
    nanoseconds("interval", pipelined.interval(), 9.0 * 44.0);
    nanoseconds("time of the layer", pipelined.layer("a").time_s, 9.0 * 44.0);
    // Of a read: 8 rows, the array for 11 ns (the sample-and-hold takes 1), 8 columns held and converted, 8 words joined.
    let read = 8.0 * 1e-3 + 11.0 + 8.0 * 2e-3 + 8.0 + 8.0 * 20e-3;
    picojoules("energy", found.energy(), 9.0 * 4.0 * read);
}

/// Copies share the shift-adds of their core: two copies 16 words a read, 2 ns; three 24, 3 ns.
#[test]
fn copies_share_products_and_units_and_change_no_energy() {
    let one = on(SERIAL, "shape: 2 x 4 x 4", &[CONVOLUTION], "");
    for (copies, turns, joining) in [(2, 5.0, 2.0), (3, 3.0, 3.0), (4, 3.0, 4.0)] {
        let layer = CONVOLUTION.replace(" }", &format!(", copies: {copies} }}"));
        let found = on(SERIAL, "shape: 2 x 4 x 4", &[&layer], "");
        nanoseconds("latency", found.latency(), 11.0 + 8.0 + joining + 33.0 + (turns - 1.0) * 44.0);
        close("energy", found.energy(), one.energy());
        let matrices = found.layer("a").matrices.expect("it");
        assert_eq!((matrices.copies, matrices.arrays), (copies, copies));
    }
    // Nine copies take three cores: 72 words a read on 12 units, and each has one product.
    let found = on(SERIAL, "shape: 2 x 4 x 4", &["{ name: a, conv: 4, kernel: 2, copies: 9 }"], "");
    nanoseconds("latency", found.latency(), 11.0 + 8.0 + 3.0 + 33.0);
    close("energy", found.energy(), one.energy());
}

/// One product, applied at once: what a dense layer takes.
#[test]
fn one_product_takes_what_a_dense_layer_takes() {
    let dense = on(SERIAL, "features: 8", &["{ name: a, dense: 4 }"], "");
    let conv = on(SERIAL, "shape: 2 x 2 x 2", &[CONVOLUTION], "");
    nanoseconds("latency", dense.latency(), 11.0 + 8.0 + 1.0 + 33.0);
    close("latency", conv.latency(), dense.latency());
    close("energy", conv.energy(), dense.energy());
}

/// 8 cores of 4 arrays. `a`: 16 products on one array; `b`: 9 on four; `c`: one on nine, which takes 3 cores.
const THREE: [&str; 3] =
    ["{ name: a, conv: 8, kernel: 2 }", "{ name: b, conv: 8, kernel: 2 }", "{ name: c, dense: 8 }"];

fn three(keys: &str) -> super::Found {
    let machine = MACHINE.replace("count: 4, comp", "count: 8, comp").replace("[pool,", "[sum, pool,");
    on(&machine, "shape: 2 x 5 x 5", &THREE, keys)
}

/// With T = 16, 9, 8, 16/3, 9/2, 4, 16/5, 3 products a copy, `a` and `b` need (1, 1), (2, 1), (2, 2), (3, 2), (4, 2), (4, 3), (5, 3) and (6, 3)
/// copies: 1 + 1, 1 + 1, 1 + 2, 1 + 2, 1 + 2, 1 + 3, 2 + 3 and 2 + 3 of the 5 cores that `c` leaves. T = 16/6 needs (6, 4): 2 + 4.
#[test]
fn copies_of_three_layers_are_balanced() {
    let found = three("mapping: { copies: balanced, whole: core }\npipelined: true\n");
    assert_eq!(found.copies(), [6, 3, 1]);
    let core = &found.report.wholes[0];
    assert_eq!((core.level.as_str(), core.used, core.there, core.without_copies), ("core", 8, 8, 5));
    // `a`: 3 turns of 10 ns. `b`: an array, then 3 additions of 8 outputs of 3 copies on the adders of 3 cores, 24 ns: 3 turns of 34 ns. `c`: 8
    // additions of 8 outputs on the adder of the chip.
    nanoseconds("a", found.layer("a").time_s, 30.0);
    nanoseconds("b", found.layer("b").time_s, 3.0 * 34.0);
    nanoseconds("c", found.layer("c").time_s, 10.0 + 64.0);
    nanoseconds("interval", found.interval(), 102.0);
    nanoseconds("latency", found.latency(), 30.0 + 102.0 + 74.0);
    // 10 pJ an array, 10 fJ an addition.
    let energy = 16.0 * 10.0 + 9.0 * (4.0 * 10.0 + 24.0 * 0.01) + 9.0 * 10.0 + 64.0 * 0.01;
    picojoules("energy", found.energy(), energy);
    picojoules("without copies", three("mapping: { whole: core }\n").energy(), energy);
}

/// Where layers may share cores, 32 arrays are 23 beside `c`: T = 16/7 needs 7 + 4 4, T = 9/4 needs 8 + 4 4.
#[test]
fn the_part_that_layers_do_not_share_decides_the_copies() {
    assert_eq!(three("mapping: { copies: balanced, whole: array }\n").copies(), [7, 4, 1]);
    // The core, if nothing is named: the level around the arrays.
    assert_eq!(three("mapping: { copies: balanced }\n").copies(), [6, 3, 1]);
    // Copies that are stated stay: 2 + 4 b <= 23 with b = 5 for T = 9/5.
    let stated = [THREE[0].replace(" }", ", copies: 2 }"), THREE[1].to_owned(), THREE[2].to_owned()];
    let machine = MACHINE.replace("count: 4, comp", "count: 8, comp").replace("[pool,", "[sum, pool,");
    let lines: Vec<&str> = stated.iter().map(String::as_str).collect();
    let found = on(&machine, "shape: 2 x 5 x 5", &lines, "mapping: { copies: balanced, whole: array }\n");
    assert_eq!(found.copies(), [2, 5, 1]);
}

/// `a`: 16 products of 10 ns, four rows of 8 channels. `p`: 32 windows of 2 ns on one unit, two rows; it begins with two of four rows, and its last
/// row is there half of its time after them. `r`: 32 elements of 1 ns in the core of `a`. `d` takes all: 4 arrays, and 3 additions of 3 outputs.
#[test]
fn rows_stream() {
    let layers = [
        "{ name: a, conv: 8, kernel: 2 }",
        "{ name: p, pool: max, kernel: 2 }",
        "{ name: r, activation: relu }",
        "{ name: d, dense: 3 }",
    ];
    let of = |pipelined: &str| on(MACHINE, "shape: 2 x 5 x 5", &layers, &format!("pipelined: {pipelined}\n"));
    let (rows, whole, not) = (of("rows"), of("true"), of("false"));
    nanoseconds("one after another", not.latency(), 160.0 + 64.0 + 32.0 + 19.0);
    nanoseconds("pipelined", whole.latency(), 160.0 + 64.0 + 32.0 + 19.0);
    // p: 80 to max(80 + 64, 160 + 64 / 2) = 192. r: 80 + 64 / 2 = 112 to max(112 + 32, 192 + 32 / 2) = 208.
    nanoseconds("rows", rows.latency(), 208.0 + 19.0);
    nanoseconds("interval", rows.interval(), 160.0);
    nanoseconds("interval", whole.interval(), 160.0);
    close("energy", rows.energy(), not.energy());
    close("energy", whole.energy(), not.energy());
}

/// Of two feeders the later decides: `a` has 9 products on 3 arrays and an addition of 4 outputs twice, 18 ns; `b` 9 of one array.
#[test]
fn the_later_feeder_decides_when_a_sum_begins() {
    let machine = MACHINE.replace("[pool,", "[sum, pool,");
    let layers = [
        "{ name: a, conv: 4, kernel: 3, padding: 1 }",
        "{ name: b, from: input, conv: 4, kernel: 1 }",
        "{ name: s, add: [a, b], activation: relu }",
    ];
    let machine = machine.replace("[sum, pool,", "[sum, relu, pool,");
    let of = |pipelined: &str| on(&machine, "shape: 2 x 3 x 3", &layers, &format!("pipelined: {pipelined}\n"));
    // 36 sums and 36 functions on one unit of the chip each: values of two cores meet there.
    nanoseconds("one after another", of("false").latency(), 9.0 * 18.0 + 36.0 + 36.0);
    // s begins with the first of three rows of `a`; with both units it takes 72 ns, and its last row a third of that after that of `a`.
    nanoseconds("rows", of("rows").latency(), (54.0_f64 + 72.0).max(162.0 + 72.0 / 3.0));
    let found = of("true");
    assert_eq!(found.group("s", "sum").operations, 36);
    assert_eq!((found.group("s", "sum").level.as_str(), found.group("s", "relu").level.as_str()), ("chip", "chip"));
    picojoules("sums", found.group("s", "sum").energy, 0.36);
    picojoules("functions", found.group("s", "relu").energy, 0.18);
    nanoseconds("interval", found.interval(), 162.0);
}

/// Units, operations and times of what is done with values, inside levels and without.
#[test]
fn units_take_turns_on_values() {
    let found = on(
        MACHINE,
        "shape: 2 x 5 x 5",
        &["{ name: a, conv: 8, kernel: 2, copies: 8 }", "{ name: r, activation: relu }"],
        "",
    );
    // Eight arrays are two cores: 128 values on two units.
    let relu = found.group("r", "relu");
    assert_eq!((relu.units, relu.operations), (2, 128));
    nanoseconds("latency", found.latency(), 20.0 + 64.0);
    // A sibling of the convolution is done as products come: 8 values of 8 copies in a turn, on two units 32 ns, and an array before it.
    let found = on(MACHINE, "shape: 2 x 5 x 5", &["{ name: a, conv: 8, kernel: 2, copies: 8, activation: relu }"], "");
    nanoseconds("latency", found.latency(), 2.0 * (10.0 + 32.0));
    assert_eq!(found.group("a", "relu").operations, 128);
    // Tokens on the two vector units of the chip: 4 x 8 elements of 4 ns.
    let found = on(MACHINE, "shape: 4 x 8", &["{ name: a, dense: 8 }", "{ name: n, normalize: layer }"], "");
    nanoseconds("latency", found.latency(), 40.0 + 16.0 * 4.0);
    picojoules("normalization", found.group("n", "vector").energy, 32.0 * 3e-3);
}

#[test]
fn without_levels_layers_name_their_units() {
    let flat = "name: flat
technology: library.yaml
weights: { bits: 4, encoding: offset, bias: none }
tile: { array: mac, rows: 8, columns: 8 }
stages: { input: [], column: [relu] }
";
    let layers = ["{ name: a, conv: 8, kernel: 2 }", "{ name: p, pool: max, kernel: 2, use: pool, units: 3 }"];
    let found = of(LIBRARY, &format!("{flat}{}", network("shape: 2 x 5 x 5, bits: 4", &layers)));
    // A function for each of 8 outputs at once, then 32 windows on 3 units: 11 turns.
    nanoseconds("latency", found.latency(), 16.0 * 11.0 + 11.0 * 2.0);
    picojoules("energy", found.energy(), 16.0 * (10.0 + 8.0 * 5e-3) + 32.0 * 7e-3);
    let area = found.totals.area.si() * 1e12;
    close("area", area, 100.0 + 8.0 * 5.0 + 3.0 * 9.0);
}

/// Matrices of groups on the diagonal of an array of 8 x 8: two of 4 x 1, two of 4 x 4, none beside another of 5 x 1.
#[test]
fn groups_share_arrays() {
    let machine = MACHINE.replace("count: 4, comp", "count: 40, comp");
    let of = |input: &str, layer: &str| {
        let found = on(&machine, input, &[layer], "");
        let matrices = found.layer("a").matrices.expect("it");
        (matrices.arrays, matrices.cells_used, found.energy() * 1e12, found.latency() * 1e9)
    };
    let (arrays, used, energy, latency) = of("shape: 6 x 3 x 3", "{ name: a, depthwise: 1, kernel: 2 }");
    assert_eq!((arrays, used), (3, 6.0 * 4.0 / (3.0 * 64.0)));
    // 4 products of 3 arrays.
    close("energy", energy, 120.0);
    close("latency", latency, 40.0);
    let (arrays, used, energy, _) = of("shape: 3 x 3 x 3", "{ name: a, conv: 12, kernel: 2, groups: 3 }");
    assert_eq!((arrays, used), (2, 3.0 * 16.0 / 128.0));
    close("energy", energy, 80.0);
    let (arrays, ..) = of("shape: 6 x 3 x 3", "{ name: a, depthwise: 1, kernel: 1 x 3 }");
    assert_eq!(arrays, 3);
    let (arrays, ..) = of("shape: 6 x 6 x 1", "{ name: a, depthwise: 1, kernel: 5 x 1 }");
    assert_eq!(arrays, 6);
    // A group that takes several arrays lies on them alone: 18 x 2 on three.
    let machine = machine.replace("[pool,", "[sum, pool,");
    let found = on(&machine, "shape: 4 x 3 x 3", &["{ name: a, conv: 4, kernel: 3, groups: 2 }"], "");
    assert_eq!(found.layer("a").matrices.expect("it").arrays, 6);
    // The bias row is one for all that share an array: 7 rows are left, one matrix of 4 x 1.
    let biased = MACHINE.replace("bias: none", "bias: row").replace("count: 4, comp", "count: 40, comp");
    let found = on(&biased, "shape: 6 x 3 x 3", &["{ name: a, depthwise: 1, kernel: 2 }"], "");
    let matrices = found.layer("a").matrices.expect("it");
    assert_eq!((matrices.arrays, matrices.cells_used), (6, 6.0 * 5.0 / (6.0 * 64.0)));
}

/// Convolutions whose sums overlap: 25 x 27 values fall on 11 x 11 x 3 places.
#[test]
fn what_overlaps_is_added() {
    let machine = MACHINE.replace("[pool,", "[sum, pool,").replace("count: 4, comp", "count: 9, comp");
    let layer = ["{ name: a, deconv: 3, kernel: 3, stride: 2, activation: relu }"];
    let found = on(&machine, "shape: 8 x 5 x 5", &layer, "");
    assert_eq!(found.group("a", "sum").operations, 675 - 363);
    assert_eq!(found.group("a", "relu").operations, 363);
    let without = MACHINE.replace("components: [sum, relu]", "components: [relu]");
    let said =
        tried(LIBRARY, &format!("{without}{}", network("shape: 8 x 5 x 5", &layer))).err().expect("nothing adds");
    assert!(said.contains("`add`"), "{said}");
}

/// Rows of a chain one after another: each when those that it needs are there and the row before it is done.
fn last_row(height: usize, chain: &[(f64, usize)]) -> f64 {
    let mut fed = vec![0.0; height];
    for &(time, window) in chain {
        let rows = fed.len() + 1 - window;
        let mut now = 0.0_f64;
        let mut done = Vec::new();
        for row in 0..rows {
            now = now.max(fed[row + window - 1]) + time / rows as f64;
            done.push(now);
        }
        fed = done;
    }
    fed.last().copied().expect("a row")
}

/// Slow layers, and fast ones between them that wait for their feeders row by row.
#[test]
fn rows_stream_as_they_would_one_by_one() {
    let relus = |units: u64| MACHINE.replace("sum, relu]", &format!("sum, {{ use: relu, count: {units} }}]"));
    let chain = |units: u64, kernels: &[usize]| {
        let (mut layers, mut times, mut height) = (Vec::new(), Vec::new(), 12_usize);
        for (place, kernel) in kernels.iter().enumerate() {
            height = height + 1 - kernel;
            layers.push(format!("{{ name: c{place}, conv: 8, kernel: {kernel} x 1 }}"));
            times.push((
                60.0 * height as f64 + if *kernel > 1 { 6.0 * height as f64 * 8.0 * (*kernel - 1) as f64 } else { 0.0 },
                *kernel,
            ));
            layers.push(format!("{{ name: r{place}, activation: relu }}"));
            times.push(((height as f64 * 6.0 * 8.0 / units as f64).ceil(), 1));
        }
        let lines: Vec<&str> = layers.iter().map(String::as_str).collect();
        let machine = relus(units).replace("count: 4, comp", "count: 9, comp");
        (on(&machine, "shape: 8 x 12 x 6", &lines, "pipelined: rows\n"), times)
    };
    for (units, kernels) in [
        (1, vec![1, 1]),
        (16, vec![1, 3]),
        (48, vec![3, 1, 3]),
        (3, vec![3, 3]),
        (48, vec![1, 3, 3, 3]),
        (5, vec![1, 1, 3]),
    ] {
        let (found, times) = chain(units, &kernels);
        nanoseconds(&format!("{units} units, {kernels:?}"), found.latency(), last_row(12, &times));
    }
}

/// Three of four arrays of a core are powered: a layer of three takes a core, four of them take all.
#[test]
fn what_is_not_powered_holds_no_layers() {
    let machine = MACHINE.replace("name: array, count: 4", "name: array, count: 4, powered: 3");
    let layers = ["a", "b", "c", "d"].map(|name| format!("{{ name: {name}, from: input, conv: 4, kernel: 3 }}"));
    let lines: Vec<&str> = layers.iter().map(String::as_str).collect();
    let found = on(&machine, "shape: 2 x 4 x 4", &lines, "mapping: { whole: core }\n");
    let core = &found.report.wholes[0];
    assert_eq!((core.used, core.there), (4, 4));
    assert_eq!(
        on(&machine, "shape: 2 x 4 x 4", &lines[..1], "mapping: { copies: balanced, whole: core }\n").copies(),
        [4]
    );
}
