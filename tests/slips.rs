//! A slip of a finger in an architecture is one mistake, and not one more for all that follows from it.
#![allow(missing_docs, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use std::path::{Path, PathBuf};

use imcost::files::Memory;
use imcost::session::Session;

/// Machines and networks of every kind.
const FILES: &[&str] = &[
    "digits-resnet",
    "gpt2-block",
    "isaac",
    "isaac-resnet18",
    "jia-jssc-2020",
    "lenet5",
    "mlp-400-120-84-10-held-analog",
    "puma",
    "vit-tiny",
];

/// Words and numbers of a text outside its comments, by their places.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for line in text.lines() {
        let said = line.split('#').next().unwrap_or_default();
        for piece in said.split(|c: char| !c.is_ascii_alphanumeric() && !"_.-".contains(c)) {
            if piece.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                let from = piece.as_ptr() as usize - text.as_ptr() as usize;
                found.push((from, from + piece.len()));
            }
        }
    }
    found
}

fn errors(text: String) -> Vec<String> {
    let files = Memory::default().with("arch/slip.yaml", text);
    let mut session = Session::default().reading(files.over_standard());
    if let Ok(design) = session.design(Path::new("arch/slip.yaml")) {
        let _ = session.estimate(&design).is_ok();
    }
    session.rendered().lines().filter(|line| line.starts_with("error")).map(str::to_owned).collect()
}

#[test]
fn a_slip_is_one_mistake() {
    let mut slips = 0;
    for name in FILES {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("arch/{name}.yaml"));
        let text = std::fs::read_to_string(path).expect("a shipped file");
        assert!(errors(text.clone()).is_empty(), "{name}");
        for (from, to) in words(&text) {
            let word = &text[from..to];
            let slip = if word.starts_with(|c: char| c.is_ascii_digit()) { "0".to_owned() } else { format!("{word}x") };
            let said = errors(format!("{}{slip}{}", &text[..from], &text[to..]));
            let line = text[..from].lines().count();
            assert!(said.len() <= 1, "{name}.yaml:{line}: `{slip}` for `{word}`:\n{}", said.join("\n"));
            slips += said.len();
        }
    }
    // Most words mean something.
    assert!(slips > 500, "{slips}");
}
