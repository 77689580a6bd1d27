//! What is read quickly is what the thorough reader reads.

use super::*;
use crate::diagnostic::{Diagnostics, Partial};
use crate::files::shipped;
use crate::yaml::tree::parse_thoroughly;
use proptest::prelude::*;

fn thorough(text: &str) -> Option<YamlNode> {
    let mut diagnostics = Diagnostics::default();
    let node = parse_thoroughly(text, SourceId::default(), &mut diagnostics).and_then(Partial::whole).ok();
    node.filter(|_| diagnostics.is_empty())
}

/// True if the quick reader took it; what it took is what the thorough one reads.
fn agrees(text: &str) -> bool {
    let Some(quick) = tree(text, SourceId::default()) else { return false };
    assert_eq!(Some(quick), thorough(text), "{text}");
    true
}

#[test]
fn every_shipped_file_is_read_quickly_and_as_the_thorough_reader_does() {
    for (path, text) in shipped::FILES.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        assert!(agrees(text) || path.starts_with("cases/"), "{path}");
    }
}

#[test]
fn every_bad_file_is_read_alike_or_left_to_the_thorough_reader() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let texts = std::fs::read_dir(folder).unwrap().filter_map(|e| std::fs::read_to_string(e.unwrap().path()).ok());
    let read = texts.filter(|text| agrees(text)).count();
    assert!(read > 150, "{read}");
}

#[test]
fn what_can_be_read_in_two_ways_is_left_to_the_thorough_reader() {
    for value in [
        "yes",
        "No",
        "NULL",
        "~",
        "0x10",
        "0o7",
        "1_000",
        "1e3",
        ".5",
        "5.",
        "+3",
        "007",
        "1:30",
        ".inf",
        "-.INF",
        ".nan",
        "1.5e-3",
        "2024-01-01",
        "!!str 3",
        "|\n  text",
        "12345678901234567890",
        "True",
    ] {
        assert_eq!(tree(&format!("a: {value}\n"), SourceId::default()), None, "{value}");
    }
    for text in [
        "a: 1\na: 2\n",
        "---\na: 1\n",
        "a: 1\n---\nb: 2\n",
        "3: a\n",
        "? [1]\n: a\n",
        "a: { f: = min(1, 2) }\n",
        "a: [",
        "a: \"b\\n\"\n",
        "a: two\n  lines\n",
        "a: [1,\n  2]\n",
        "a: b\r\n",
        "a: &x 1\nb: *y\n",
        "a: &x\n  b: *x\n",
        "a:\n  - &x b\n",
        "a:\nb: 1\n",
        "a: 'don''t'\n",
        "- a\n",
        "",
        "x: &x { <<: { a: 1 } }",
    ] {
        assert_eq!(tree(text, SourceId::default()), None, "{text}");
    }
}

#[test]
fn what_is_plain_is_read_quickly() {
    for text in [
        "a: 64 uW\nb: -2.50\nc: 0\nd: true\nf: adc-8b\ng: = 13 lambda x 30\nh: 50%\n",
        "a: { b: 1, c: [2, \"3 µm\", 'do not', [x, { w: z }]] }  # a comment\nd: a#b\ne:\n- { }\n- f: g\n  h:\n  - i\n",
        "a: &x { b: 1, c: &y [2, \"3 µm\"] }\nd: *x\ne: { <<: *x, c: 5, f: *y }\ng:\n  - *x\n  - { <<: *x }\n",
        "a: &x\n  b: &y c\n  d: *y\ne:\n  b: 2\n  <<: *x # more\nf: &x # another\n- g\nh: *x\n",
        "µ: 1\nb: 64 µW # a comment\n\nc:\n  - d: é\n    e: f\n",
        "# a comment\n\na:   b   \n  # another\nc:   # here\n      d: 'x'\n\n      e: [ 1,2 ,3 ]",
    ] {
        assert!(agrees(text), "{text}");
    }
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9.+~%=_:-]{0,6}",
        "[0-9]{1,4}(\\.[0-9]{1,3})?",
        "[a-z]{1,4} [a-z0-9]{1,4}",
        "\"[a-zµ ]{0,5}\""
    ]
}

/// A line that may go on with the one before, stand beside it, or be a mistake.
fn line() -> impl Strategy<Value = String> {
    let start = prop_oneof![
        Just("- "),
        Just("a: "),
        Just("- b: "),
        Just("c:"),
        Just("d :"),
        Just("# "),
        Just(""),
        Just("e: &x "),
        Just("f: *"),
        Just("<<: *")
    ];
    let value = prop_oneof![
        scalar(),
        Just(String::new()),
        Just("x".to_owned()),
        (scalar(), scalar()).prop_map(|(a, b)| format!("[{a}, {b}]")),
        (scalar(), scalar()).prop_map(|(a, b)| format!("{{ x: {a}, y: {b} }}")),
        "[a: #,'\"\\[\\]{}-]{0,6}",
    ];
    let end = prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just(" # e"), 1 => Just(":")];
    (0..4_usize, start, value, end)
        .prop_map(|(deep, start, value, end)| format!("{}{start}{value}{end}", "  ".repeat(deep)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_are_read_alike_or_left_to_the_thorough_reader(lines in prop::collection::vec(line(), 1..6)) {
        agrees(&lines.join("\n"));
    }

    /// Real files with a few characters put in, taken out or replaced.
    #[test]
    fn shipped_files_with_slips_are_read_alike_or_left_to_the_thorough_reader(
        file in 0..1_000_usize,
        slips in prop::collection::vec((0..10_000_usize, 0..3_u8, "[a-z0-9 \n:,#'\"{}&*<=.\\[\\]-]"), 1..4),
    ) {
        let files: Vec<&str> =
            shipped::FILES.iter().filter(|(path, _)| path.ends_with(".yaml")).map(|(_, text)| *text).collect();
        let text = files[file % files.len()];
        // Whole lines from somewhere in the file, so that a slip is not one of a thousand places.
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (place, how, with) in slips {
            let count = lines.len();
            let line = &mut lines[place % count];
            let at = line.char_indices().map(|(at, _)| at).nth(place / 7 % 80).unwrap_or(line.len());
            match (how, line[at..].chars().next()) {
                (0, _) | (_, None) => line.insert_str(at, &with),
                (1, Some(_)) => drop(line.remove(at)),
                (_, Some(old)) => line.replace_range(at..at + old.len_utf8(), &with),
            }
        }
        agrees(&lines.join("\n"));
    }

    #[test]
    fn whatever_is_read_quickly_is_read_alike(scalars in prop::collection::vec(scalar(), 6)) {
        let [a, b, c, d, e, f] = &scalars[..] else { panic!("six") };
        agrees(&format!("{a}: {b}\nx:\n  - {c}\n  - y: {d}\n    z: [{e}, {f}]\nw: {{ k: {b}, l: {d} }}\n"));
    }
}
