//! Words between levels, counted one by one: all products, all arrays, all instances, and the set of words that each needs.

use std::collections::{BTreeMap, BTreeSet};

use super::{LIBRARY, close, nanoseconds, network, of, picojoules};

/// Tiles with a memory, a bus and a router, IMAs with a register for inputs and one for outputs, arrays of 8 x 8 words. Sums are added in the tile, or,
/// where that has not all arrays, on the chip.
fn machine(counts: [u64; 3]) -> String {
    let [tiles, imas, arrays] = counts;
    format!(
        "name: two tiles
technology: library.yaml
weights: {{ bits: 4, encoding: offset, bias: none }}
activations: {{ bits: 4 }}
tile: {{ array: mac, rows: 8, columns: 8 }}
stages: {{ input: [], column: [] }}
levels:
  - {{ name: chip, components: [link, sum, relu, pool] }}
  - {{ name: tile, count: {tiles}, components: [edram, bus, router, sum] }}
  - {{ name: ima, count: {imas}, components: [{{ use: register, holds: [inputs] }}, {{ use: register-out, holds: [outputs] }}] }}
  - {{ name: array, count: {arrays} }}
"
    )
}

fn library(register: &str, edram: &str) -> String {
    let library = LIBRARY.replace("capacity: 1 KB", &format!("capacity: {register}"));
    let library =
        library.replace("edram: { kind: memory, capacity: 1 MB", &format!("edram: {{ kind: memory, capacity: {edram}"));
    let out = "  register-out: { kind: memory, capacity: 1 KB, width: 8 bit, energy: 100 fJ, rate: 4 GHz, area: 50 um^2, source: s, basis: measured }\n";
    library + out
}

/// A convolution without padding and stride: `channels` of `side` x `side` places, windows of `kernel` x `kernel`.
#[derive(Debug, Clone, Copy)]
struct Convolution {
    channels: usize,
    side: usize,
    kernel: usize,
    outputs: usize,
    copies: usize,
}

/// Words of one level, counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Words {
    given: u64,
    filled: u64,
    taken: u64,
    passed: u64,
    bus: u64,
    routed: u64,
}

impl Convolution {
    fn places(&self) -> usize {
        self.side + 1 - self.kernel
    }

    /// The values of the input that a product needs, in the order of the rows of its matrix.
    fn needed(&self, product: usize) -> Vec<(usize, usize, usize)> {
        let (y, x) = (product / self.places(), product % self.places());
        let window = (0..self.kernel).flat_map(|dy| (0..self.kernel).map(move |dx| (dy, dx)));
        let all = window.flat_map(|(dy, dx)| (0..self.channels).map(move |c| (c, dy, dx)));
        all.map(|(c, dy, dx)| (c, y + dy, x + dx)).collect()
    }

    /// Words on tiles and IMAs of so many arrays, whose IMAs hold all rows of a window or not. Arrays of a copy lie next to each
    /// other, those of the first rows of the matrix first; a copy takes each so many-th product.
    fn count(&self, in_ima: usize, in_tile: usize, ima_holds: bool) -> (Words, Words) {
        let inputs = self.channels * self.kernel * self.kernel;
        let (down, across) = (inputs.div_ceil(8), self.outputs.div_ceil(8));
        let values = (self.channels * self.side * self.side) as u64;
        let (mut ima, mut tile) = (Words::default(), Words::default());
        let mut filled_imas: BTreeMap<usize, BTreeSet<(usize, usize, usize)>> = BTreeMap::new();
        for product in 0..self.places() * self.places() {
            let needed = self.needed(product);
            let first = (product % self.copies) * down * across;
            let (mut by_ima, mut by_tile) = (BTreeSet::new(), BTreeSet::new());
            let (mut sums_of_imas, mut sums_of_tiles) = (BTreeSet::new(), BTreeSet::new());
            for row in 0..down {
                // Rows are dealt out over the arrays below each other as evenly as they can be.
                let (from, to) = (row * inputs / down, (row + 1) * inputs / down);
                for column in 0..across {
                    let array = first + row * across + column;
                    let (at_ima, at_tile) = (array / in_ima, array / in_tile);
                    for word in &needed[from..to] {
                        by_ima.insert((at_ima, *word));
                        by_tile.insert((at_tile, *word));
                        filled_imas.entry(at_ima).or_default().insert(*word);
                    }
                    let (from, to) = (column * self.outputs / across, (column + 1) * self.outputs / across);
                    for output in from..to {
                        sums_of_imas.insert((at_ima, output));
                        sums_of_tiles.insert((at_tile, output));
                    }
                }
            }
            ima.given += by_ima.len() as u64;
            ima.taken += sums_of_imas.len() as u64;
            // One word of the tile reaches all of its IMAs that need it.
            let at_tiles: BTreeSet<_> = by_ima.iter().map(|(at, word)| (at * in_ima / in_tile, *word)).collect();
            assert_eq!(at_tiles, by_tile);
            tile.given += at_tiles.len() as u64;
            tile.bus += at_tiles.len() as u64 + sums_of_imas.len() as u64;
            tile.taken += sums_of_tiles.len() as u64;
            tile.routed += sums_of_tiles.len() as u64;
        }
        ima.filled = if ima_holds {
            // Each input once, into every IMA that needs it.
            filled_imas.values().map(|words| words.len() as u64).sum()
        } else {
            ima.given
        };
        ima.passed = ima.taken;
        // With room in the IMAs the tile gives each input once for all of its IMAs.
        if ima_holds {
            let once: BTreeSet<_> = filled_imas
                .iter()
                .flat_map(|(at, words)| words.iter().map(move |w| (at * in_ima / in_tile, *w)))
                .collect();
            tile.bus -= tile.given - once.len() as u64;
            tile.given = once.len() as u64;
        }
        // The network's input comes over the link, once.
        tile.filled = values;
        (tile, ima)
    }
}

fn moved(words: &Words) -> u64 {
    words.given + words.filled + words.taken + words.passed
}

/// What the report says of a convolution, held against the words that are counted.
fn check(convolution: Convolution, counts: [u64; 3], register: &str, ima_holds: bool) {
    let Convolution { channels, side, kernel, outputs, copies } = convolution;
    let input = format!("shape: {channels} x {side} x {side}");
    let layer = format!("{{ name: a, conv: {outputs}, kernel: {kernel}, copies: {copies} }}");
    let text = format!("{}{}", machine(counts), network(&input, &[&layer]));
    let found = of(&library(register, "1 MB"), &text);
    let [_, imas, arrays] = counts;
    let (tile, ima) = convolution.count(arrays as usize, (imas * arrays) as usize, ima_holds);
    let level = |name: &str| found.report.by_level.iter().find(|l| l.level.name == name).expect("a level");
    let context = format!("{convolution:?} on {counts:?}");
    close(&format!("{context}: bytes of tiles"), level("tile").moved_bytes, moved(&tile) as f64 / 2.0);
    close(&format!("{context}: bytes of IMAs"), level("ima").moved_bytes, moved(&ima) as f64 / 2.0);
    // Words of 4 bits: 8 to a word of the memory, 4 of the bus, 2 of router and registers, 1 of the link.
    let reads = |words: u64, in_one: u64| words.div_ceil(in_one) as f64;
    let all = reads(moved(&tile), 8);
    let written = reads(tile.filled + tile.taken, 8);
    picojoules(&format!("{context}: memory"), found.group("a", "edram").energy, (all - written) + 2.0 * written);
    picojoules("bus", found.group("a", "bus").energy, 0.3 * reads(tile.bus, 4));
    picojoules("router", found.group("a", "router").energy, 0.8 * reads(tile.routed, 2));
    picojoules("inputs", found.group("a", "register").energy, 0.1 * reads(ima.given + ima.filled, 2));
    picojoules("outputs", found.group("a", "register-out").energy, 0.1 * reads(ima.taken + ima.passed, 2));
    let values = (channels * side * side + outputs * convolution.places() * convolution.places()) as u64;
    picojoules("link", found.group("a", "link").energy, 5.0 * values as f64);
}

/// Matrices of 1 x 1, 2 x 1, 1 x 2, 4 x 2 and 4 x 4 arrays on IMAs of 2 or 4 and tiles of 4 to 16, with copies that fill IMAs or tiles.
#[test]
fn words_that_are_counted_one_by_one() {
    let conv = |channels, kernel, outputs, copies| Convolution { channels, side: kernel + 3, kernel, outputs, copies };
    for (convolution, counts) in [
        (conv(2, 2, 8, 1), [2, 2, 4]),
        (conv(4, 2, 8, 1), [2, 2, 4]),
        (conv(4, 2, 8, 2), [2, 2, 4]),
        (conv(2, 2, 16, 1), [2, 2, 4]),
        (conv(8, 2, 16, 1), [2, 2, 4]),
        (conv(8, 2, 16, 2), [2, 2, 4]),
        (conv(8, 2, 16, 1), [2, 4, 2]),
        (conv(8, 2, 16, 1), [4, 2, 2]),
        (conv(8, 2, 32, 1), [2, 2, 4]),
        (conv(8, 2, 32, 1), [2, 4, 4]),
        (conv(8, 2, 32, 1), [4, 2, 2]),
        (conv(2, 2, 8, 4), [2, 2, 4]),
        (conv(2, 2, 8, 4), [4, 1, 1]),
    ] {
        // Too little room for the rows of a window: every product is given its inputs anew.
        check(convolution, counts, "1 B", false);
    }
}

/// With room each input is written into an IMA once. One IMA has all arrays of a layer: all its inputs.
#[test]
fn with_room_inputs_are_written_once() {
    let conv = |channels, kernel, outputs, copies| Convolution { channels, side: kernel + 3, kernel, outputs, copies };
    for (convolution, counts) in
        [(conv(2, 2, 8, 1), [2, 2, 4]), (conv(4, 2, 8, 1), [2, 2, 4]), (conv(4, 2, 16, 1), [2, 2, 4])]
    {
        check(convolution, counts, "1 KB", true);
    }
}

/// Rows of a window are what must fit: 2 of 5 x 4 words of 4 bits, 20 bytes.
#[test]
fn the_rows_of_a_window_decide_what_fits() {
    let moved = |register: &str| {
        let text =
            format!("{}{}", machine([2, 2, 4]), network("shape: 4 x 5 x 5", &["{ name: a, conv: 8, kernel: 2 }"]));
        let found = of(&library(register, "1 MB"), &text);
        found.report.by_level.iter().find(|l| l.level.name == "ima").expect("a level").moved_bytes
    };
    // 16 products of 16 inputs given; filled once, 100 values, or for each product; 128 outputs in and out.
    close("with room", moved("20 B"), (256.0 + 100.0 + 256.0) / 2.0);
    close("a byte less", moved("19 B"), (256.0 + 256.0 + 256.0) / 2.0);
}

/// A slow bus takes longer than the array: 16 products of 8 inputs and 8 outputs of 4 bits over 16 bits at 100 MHz.
#[test]
fn what_is_slow_to_move_limits_the_layer() {
    let library = library("1 KB", "1 MB").replace(
        "bus: { kind: bus, width: 16 bit, energy: 300 fJ, rate: 1 GHz",
        "bus: { kind: bus, width: 16 bit, energy: 300 fJ, rate: 100 MHz",
    );
    let text = |keys: &str| {
        format!("{}{}{keys}", machine([2, 2, 4]), network("shape: 2 x 5 x 5", &["{ name: a, conv: 8, kernel: 2 }"]))
    };
    let found = of(&library, &text("pipelined: true\n"));
    let slow = &found.report.network[0];
    // With room for two rows each of 50 inputs comes once, 128 outputs go: 178 words are 45 of the bus, 3 in a turn of 10 ns each.
    nanoseconds("between products", slow.matrices.expect("it").between_products_s.expect("16"), 30.0);
    nanoseconds("interval", found.interval(), 480.0);
    assert!(found.latency() > found.interval());
    let on_path: Vec<&str> = found.report.critical_path.iter().map(|step| step.component.as_str()).collect();
    assert!(on_path.contains(&"bus"), "{on_path:?}");
    let bus = found.report.critical_path.iter().find(|step| step.component == "bus").expect("it is on it");
    assert!(bus.time_s > 0.9 * found.latency(), "{} of {}", bus.time_s, found.latency());
    // With a fast bus the link decides: 50 values in and 128 out, 12 in a turn.
    let fast = of(&self::library("1 KB", "1 MB"), &text("pipelined: true\n"));
    nanoseconds("interval", fast.interval(), 16.0 * 12.0);
}

/// What crosses between layers goes to the memory of the outermost level that has one, and leaves the network over the link.
#[test]
fn only_what_enters_or_leaves_is_on_the_link() {
    let layers =
        ["{ name: a, conv: 8, kernel: 2 }", "{ name: b, conv: 8, kernel: 1 }", "{ name: p, pool: max, kernel: 2 }"];
    let found =
        of(&library("1 KB", "1 MB"), &format!("{}{}", machine([2, 2, 4]), network("shape: 2 x 5 x 5", &layers)));
    assert_eq!(found.group("a", "link").operations, 50);
    assert!(!found.has("b", "link"));
    assert_eq!(found.group("p", "link").operations, 32);
    // 16 products of 8 values of `a`, which its memory has: given once with room in the IMA, taken once.
    assert_eq!(found.group("b", "edram").operations, (128 + 128) / 8);
}

/// Where IMAs and tiles are not filled evenly an instance is taken to hold whole rows of arrays: near the count, not at it.
#[test]
fn uneven_arrays_are_near_the_count() {
    let conv = |channels, outputs, copies| Convolution { channels, side: 5, kernel: 2, outputs, copies };
    for convolution in [conv(8, 24, 1), conv(6, 8, 2), conv(6, 8, 4), conv(4, 24, 1)] {
        let Convolution { channels, outputs, copies, .. } = convolution;
        let layer = format!("{{ name: a, conv: {outputs}, kernel: 2, copies: {copies} }}");
        let text = format!("{}{}", machine([2, 2, 4]), network(&format!("shape: {channels} x 5 x 5"), &[&layer]));
        let found = of(&library("1 B", "1 MB"), &text);
        let (tile, ima) = convolution.count(4, 8, false);
        for (name, counted) in [("tile", moved(&tile)), ("ima", moved(&ima))] {
            let level = found.report.by_level.iter().find(|l| l.level.name == name).expect("a level");
            let ratio = 2.0 * level.moved_bytes / counted as f64;
            assert!((0.85..1.15).contains(&ratio), "{convolution:?}: {name} {ratio}");
        }
    }
}
