//! Names of layers: what the file calls them, as words.

use std::collections::HashMap;

use super::graph::OnnxNode;

/// A longer name is cut.
const LONGEST: usize = 80;
/// Words that mean something else where a name may stand.
const RESERVED: &[&str] = &["input", "constant", "true", "false", "null", "yes", "no", "on", "off", "~"];
/// Parts of the names of modules that are functions themselves.
const MODULES: &[&str] =
    &["relu", "act", "elu", "silu", "pool", "norm", "ln", "bn", "softmax", "up", "sigmoid", "tanh"];

/// The names that are taken, each with the number that the next of its kind tries first.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    /// What a layer of this operation is called: like the module that it is, after the module around it, or like its weights.
    pub fn of(&self, node: &OnnxNode<'_>, weights: Option<&str>, word: &str) -> String {
        let path = path(node);
        // The newer exporter calls a convolution with its normalisation like the latter. Normalisations that hold the same numbers share a tensor.
        let scoped = !node.scopes.is_empty() && word != "norm";
        let inside = |module: &str| module.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let like_weights = |module: &&str| path.is_empty() || scoped || inside(module);
        if let Some(module) = weights.and_then(module_of).filter(like_weights) {
            return words(module);
        }
        let last = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let own =
            weights.is_some() || MODULES.iter().any(|part| last.contains(part)) && !matches!(word, "add" | "multiply");
        let name = match (path.is_empty(), own) {
            (true, _) => word.to_owned(),
            (false, true) => path,
            (false, false) => format!("{path}.{word}"),
        };
        words(&name)
    }

    /// The same name, with a number behind it if it is taken.
    pub fn unique(&mut self, name: &str) -> String {
        let Some(&next) = self.0.get(name) else {
            self.0.insert(name.to_owned(), 2);
            return name.to_owned();
        };
        let mut number = next;
        let mut found = format!("{name}-{number}");
        while self.0.contains_key(&found) {
            number += 1;
            found = format!("{name}-{number}");
        }
        self.0.insert(name.to_owned(), number + 1);
        self.0.insert(found.clone(), 2);
        found
    }
}

/// The module that a tensor of weights belongs to; none for a name that an exporter made up.
fn module_of(tensor: &str) -> Option<&str> {
    let module = [".weight", ".weight_v", ".weight_quantized", ".kernel", "/kernel"];
    let module = module.iter().find_map(|end| tensor.strip_suffix(end))?;
    (!module.is_empty() && !module.contains("::")).then_some(module)
}

/// The modules around an operation, one after another.
fn path(node: &OnnxNode<'_>) -> String {
    if !node.scopes.is_empty() {
        // "['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d']": the last one is the operation.
        let scopes: Vec<&str> = node.scopes.split('\'').skip(1).step_by(2).collect();
        return scopes.len().checked_sub(2).map(|index| scopes[index].to_owned()).unwrap_or_default();
    }
    let mut parts: Vec<&str> = Vec::new();
    let all: Vec<&str> = node.name.split('/').filter(|part| !part.is_empty()).collect();
    let Some((_, modules)) = all.split_last().filter(|_| node.name.starts_with('/')) else { return String::new() };
    for module in modules {
        // `/layer1/layer1.0/conv1`: the second repeats the first.
        if parts.last().is_some_and(|last| module.strip_prefix(last).is_some_and(|rest| rest.starts_with('.'))) {
            parts.pop();
        }
        parts.push(module);
    }
    parts.join(".")
}

/// A name without what is no part of a word.
fn words(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = name.chars().take(LONGEST).map(plain).collect();
    let name = name.trim_matches(['.', '-', '_']);
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts && !RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        name.to_owned()
    } else {
        format!("layer-{name}").trim_end_matches('-').to_owned()
    }
}
