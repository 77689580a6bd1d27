//! The table of limits in `docs/limits.md` says what the program keeps to.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeMap;

use imcost::design::lower::MOST_LAYERS;
use imcost::explore::study;
use imcost::files::{crossbar, load, matrix};
use imcost::infer::{dataset, weights};
use imcost::model::crossbar::nodal;
use imcost::model::wire;
use imcost::techlib::files;
use imcost::yaml::{MAX_DEPTH, MAX_NODES};

/// Bounds by what they are of, without what is in parentheses.
fn table() -> BTreeMap<String, String> {
    let text = include_str!("../docs/limits.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")).filter(|row| !row.starts_with("---"));
    let cells = rows.map(|row| row.split(" | ").map(str::to_owned).collect::<Vec<_>>());
    cells.map(|cells| (cells[0].clone(), cells[1].clone())).collect()
}

#[test]
fn every_limit_is_the_one_that_the_program_has() {
    let mut table = table();
    let mut holds = |what: &str, bound: String| {
        let stated = table.remove(what).unwrap_or_else(|| panic!("`{what}` is not in the table"));
        assert_eq!(stated, bound, "{what}");
    };
    holds("what", "at most".into());
    holds("an imcost file (YAML)", format!("{} MB", load::MAX_YAML_BYTES >> 20));
    holds("values of a YAML file, aliases expanded", MAX_NODES.to_string());
    holds("layers of a network", MOST_LAYERS.to_string());
    holds("levels of a YAML file", MAX_DEPTH.to_string());
    holds("libraries that extend each other, one behind the other", files::DEEPEST_EXTENDS.to_string());
    holds("libraries that one library extends", files::MOST_FILES.to_string());
    holds("a table (CSV)", format!("{} MB", matrix::MAX_BYTES >> 20));
    holds("numbers in a table", matrix::MOST_VALUES.to_string());
    holds("pictures of a data set that are read", dataset::MOST_PICTURES.to_string());
    holds("pixels of all pictures that are read", dataset::MOST_PIXELS.to_string());
    let packed = format!("pixels for each byte of a packed file (gzip, `.npz`), beyond {} pixels", dataset::FEW_PIXELS);
    holds(&packed, dataset::MOST_PIXELS_A_BYTE.to_string());
    holds("header of an array in an `.npz` archive", format!("{} bytes", dataset::LONGEST_ARRAY_HEADER));
    holds("header of a safetensors file", format!("{} bytes", weights::LONGEST_HEADER));
    holds("weights of all layers in a safetensors file", weights::MOST_WEIGHTS.to_string());
    holds("points of a study", study::MOST_POINTS.to_string());
    holds("values of all points of a study together, and of all that it varies", study::MOST_VALUES.to_string());
    holds("steps of the crossbar solver times its cells", format!("{} (some ten seconds)", nodal::MOST_WORK));
    assert_eq!((*crossbar::OHMS.start(), *crossbar::OHMS.end(), crossbar::MOST_VOLTS), (1e-9, 1e12, 1e6));
    let names = [
        "width of a wire over the height of its dielectric",
        "thickness of a wire over that height",
        "distance of wires over that height",
    ];
    for (name, (_, low, high)) in names.into_iter().zip(wire::RANGES) {
        holds(name, format!("{low} to {high}"));
    }
    // What is left is said by the command line or by an error, whose tests are beside them.
    let left: Vec<&str> = table.keys().map(String::as_str).collect();
    assert_eq!(left.len(), 9, "{left:?}");
}
