//! Drawings of a design: which boxes and arrows there are and how many lines each arrow has, counted by hand.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::collections::BTreeMap;
use std::path::Path;

use imcost::design::picture::{Picture, dot, mermaid};
use imcost::files::Memory;
use imcost::session::Session;

/// 40 inputs and a bias row on tiles of 16 rows: 13 + 14 + 14 rows on three tiles below each other. Ten outputs on tiles of eight: two tiles side by
/// side, five outputs each.
const DESIGN: &str = "
name: a \"quoted\" name
label: tiles
technology: library.yaml
network: { input: { features: 40 }, layers: [{ name: only, dense: 10 }] }
weights: { bits: 1, encoding: differential, bias: row }
tile: { crossbar: crossbar, rows: 16, columns: 8 }
stages: { input: [driver], column: [amplifier, hold, adc, { use: adder, per: output }] }
statistics: { active-rows: 25%, low-resistance: 50% }
";

fn drawn(expand: bool) -> (String, String) {
    drawn_of(DESIGN, expand)
}

fn drawn_of(text: &str, expand: bool) -> (String, String) {
    let library = include_str!("data/round-numbers/library.yaml");
    let files = Memory::default().with("design.yaml", text).with("library.yaml", library);
    let mut session = Session::default().reading(files.over_standard());
    let design = session.design(Path::new("design.yaml"));
    let design = design.unwrap_or_else(|_| panic!("{}", session.rendered()));
    let picture = Picture::of(&design, expand).expect("few tiles");
    (dot(&picture), mermaid(&picture))
}

/// From and to of each arrow, and the text on it.
fn arrows(dot: &str) -> BTreeMap<(String, String), String> {
    let parts = |line: &str| {
        let (from, rest) = line.trim().split_once(" -> ")?;
        let (to, text) = rest.split_once(" [label=\"")?;
        Some(((from.to_owned(), to.to_owned()), text.trim_end_matches("\"];").to_owned()))
    };
    dot.lines().filter_map(parts).collect()
}

/// Input, driver, crossbar, amplifier, hold, ADC, adder, output: eight boxes in a chain, six of them of the layer.
#[test]
fn a_chain_of_circuits_is_drawn_as_boxes_with_arrows_between_them() {
    let (dot, mermaid) = drawn(false);
    assert_eq!(dot.lines().filter(|line| line.contains(" [label=") && !line.contains("->")).count(), 8, "{dot}");
    let arrows = arrows(&dot);
    assert_eq!(arrows.len(), 7, "{dot}");
    assert!(dot.starts_with("digraph \"a \\\"quoted\\\" name (tiles)\" {"), "{dot}");
    assert_eq!(dot.matches("subgraph cluster_1").count(), 1);
    // Six boxes of the layer are indented twice.
    assert_eq!(dot.lines().filter(|line| line.starts_with("    n") && line.contains("[label=")).count(), 6, "{dot}");
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    // 41 driven rows on each of two tiles side by side; pairs of ten outputs on each of three tiles; words of the adder, one for each output.
    let texts: Vec<&str> = arrows.values().map(String::as_str).collect();
    assert!(texts.contains(&"41 x voltage") && texts.contains(&"30 x current pair"), "{texts:?}");
    assert!(dot.contains("82 x driver\\nrow-driver, 82 operations") && dot.contains("3 x 2 tiles of 16 x 8"), "{dot}");
    assert!(mermaid.starts_with("flowchart LR\n") && mermaid.contains("subgraph g1[\"only\"]"), "{mermaid}");
    assert_eq!(mermaid.matches("-->|").count(), 7);
    assert_eq!(mermaid.lines().filter(|line| line.trim_start().starts_with('n') && line.contains("[\"")).count(), 8);
    assert_eq!(mermaid.lines().filter(|line| line.starts_with("    n")).count(), 6, "{mermaid}");
    assert_eq!(mermaid.matches("  end\n").count(), 1);
}

/// Six tiles instead of the crossbar: each takes the lines of its rows, and gives those of its outputs.
#[test]
fn tiles_that_are_drawn_take_their_rows_and_give_their_outputs() {
    let (dot, _) = drawn(true);
    let arrows = arrows(&dot);
    // Input to driver, driver to six tiles, six tiles to the amplifiers, and three to the hold, the ADC and the adder, and one to the output.
    assert_eq!(arrows.len(), 1 + 6 + 6 + 4, "{dot}");
    let tile = |row: u64, column: u64| {
        let end = format!("_{row}_{column}");
        let taken = arrows.iter().find(|((_, to), _)| to.ends_with(&end)).expect("an arrow to it").1;
        let given = arrows.iter().find(|((from, _), _)| from.ends_with(&end)).expect("an arrow from it").1;
        (taken.as_str(), given.as_str())
    };
    let mut rows = Vec::new();
    for row in 0..3 {
        for column in 0..2 {
            let (taken, given) = tile(row, column);
            assert_eq!(given, "5 x current pair", "{dot}");
            if column == 0 {
                rows.push(taken.split(' ').next().and_then(|n| n.parse::<u64>().ok()).expect("lines"));
            }
            assert_eq!(taken, format!("{} x voltage", rows[row as usize]));
            assert!(dot.contains(&format!("[{row}, {column}]\\n{} x 5 used", rows[row as usize])), "{dot}");
        }
    }
    assert_eq!(rows.iter().sum::<u64>(), 41);
    assert!(rows.iter().all(|&rows| rows == 13 || rows == 14), "{rows:?}");
}

/// 31 neurons drive the rows of the next layer, which has a bias row as its 32nd: two tiles of 16, and the bias row is on the lower.
#[test]
fn a_bias_row_takes_no_line_of_the_neurons_that_drive_the_others() {
    let layers = "layers: [{ name: only, dense: 31 }, { name: last, dense: 4 }]";
    let text = DESIGN
        .replace("features: 40", "features: 8")
        .replace("layers: [{ name: only, dense: 10 }]", layers)
        .replace("column: [amplifier, hold, adc, { use: adder, per: output }]", "column: [amplifier, neuron]");
    let (dot, _) = drawn_of(&text, true);
    let taken = |row: u64| {
        let arrows = arrows(&dot);
        let lower = arrows.iter().filter(|((from, to), _)| !from.contains('_') && to.ends_with(&format!("_{row}_0")));
        lower.map(|(_, text)| text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(taken(1), ["15 x voltage"], "{dot}");
    // The upper tile of the last layer, and the only one below each other of the first: eight inputs and its bias row, driven by a row driver.
    let mut upper = taken(0);
    upper.sort_unstable();
    assert_eq!(upper, ["16 x voltage", "9 x voltage"], "{dot}");
}

/// A row on each tile: as many tiles as rows.
#[test]
fn so_many_tiles_are_drawn_and_no_more() {
    let drawn = |rows: u32| {
        let text = DESIGN
            .replace("features: 40", &format!("features: {rows}"))
            .replace("dense: 10", "dense: 1")
            .replace("bias: row", "bias: none")
            .replace("rows: 16, columns: 8", "rows: 1, columns: 2");
        let library = include_str!("data/round-numbers/library.yaml");
        let files = Memory::default().with("design.yaml", &text).with("library.yaml", library);
        let design = Session::default().reading(files.over_standard()).design(Path::new("design.yaml"));
        let design = design.expect("a design without mistakes");
        [true, false].map(|expand| Picture::of(&design, expand).map(|_| ()))
    };
    assert_eq!(drawn(2000), [Ok(()), Ok(())]);
    for tiles in [2001, 5000] {
        let said = format!("{tiles} tiles are too many to draw (at most 2000); leave out --expand");
        assert_eq!(drawn(tiles), [Err(said), Ok(())]);
    }
}
