//! Architectures that extend others: the keys that a file leaves out are those of the file that it extends.

use std::path::{Path, PathBuf};

use super::load;
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, SourceMap, Span};
use crate::yaml::{Value, YamlNode};

/// Files one behind the other.
const DEEPEST: usize = 16;

/// The key that names the file whose keys stand for absent ones.
const EXTENDS: &str = "extends";

/// Adds to an architecture's tree the keys that it leaves out and the files that it extends have.
///
/// # Errors
/// One of these files cannot be read, is no architecture, or extends itself.
pub fn with_bases(
    path: &Path,
    mut tree: Partial<YamlNode>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Partial<YamlNode>> {
    let mut read = vec![path.to_owned()];
    let mut at: (PathBuf, Option<(String, Span)>) = (path.to_owned(), named(tree.parts()));
    while let (beside, Some((name, place))) = at {
        let base = load::beside(&beside, &name, &**sources.files());
        if read.contains(&base) {
            let chain: Vec<String> = read.iter().chain([&base]).map(|p| format!("`{}`", p.display())).collect();
            let error = Diagnostic::error("the architectures extend each other in a circle");
            let error =
                error.at(place, "leads back to itself").help(format!("the circle: {}", chain.join(" extends ")));
            return Err(diagnostics.push(error));
        }
        if read.len() > DEEPEST {
            let error = Diagnostic::error(format!("architectures extend each other more than {DEEPEST} deep"));
            return Err(
                diagnostics.push(error.at(place, "not read any more").help("put what they share into one file"))
            );
        }
        let (_, base_tree) = load::load(&base, Some(place), sources, diagnostics)?;
        crate::spec::kind::FileKind::Architecture.confirm(&base, base_tree.parts(), Some(place), diagnostics)?;
        tree = tree.and(base_tree.state());
        at = (base.clone(), named(base_tree.parts()));
        read.push(base);
        add_absent(tree.parts_mut(), base_tree.parts());
    }
    Ok(tree)
}

/// The tree of the file that one extends that says nothing else of its kind, if it can be read; through others like it.
pub fn only_extends(path: &Path, tree: &YamlNode, sources: &mut SourceMap) -> Option<YamlNode> {
    let says_nothing =
        |tree: &YamlNode| tree.keys().all(|key| [EXTENDS, "name", "label", "description"].contains(&key));
    let mut at = (path.to_owned(), tree.clone());
    for step in 0..DEEPEST {
        if !says_nothing(&at.1) {
            return (step > 0).then_some(at.1);
        }
        let (name, place) = named(&at.1)?;
        let base = load::beside(&at.0, &name, &**sources.files());
        // What is wrong with it is said when it is read for what it is.
        let (_, tree) = load::load(&base, Some(place), sources, &mut Diagnostics::default()).ok()?;
        at = (base, tree.parts().clone());
    }
    None
}

fn named(tree: &YamlNode) -> Option<(String, Span)> {
    let node = tree.get_meant(EXTENDS)?;
    match &node.value {
        Value::Text(text) => Some((text.clone(), node.span)),
        // What is wrong with it is said when the file is read.
        _ => None,
    }
}

fn add_absent(tree: &mut YamlNode, base: &YamlNode) {
    let (Value::Mapping(own), Value::Mapping(others)) = (&mut tree.value, &base.value) else { return };
    for entry in others {
        if entry.key != EXTENDS && !own.iter().any(|known| known.key == entry.key) {
            own.push(entry.clone());
        }
    }
}
