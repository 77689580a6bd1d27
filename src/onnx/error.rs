//! Why a network could not be imported.

/// Operations that stand in an error, at most.
const SHOWN: usize = 10;

/// Why a network could not be imported, or why its weights could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not there, or may not be read.
    #[error("`{file}` {why}")]
    File {
        /// Its path.
        file: String,
        /// What follows its name in a sentence.
        why: String,
    },
    /// The bytes are no ONNX model.
    #[error("`{file}` is no ONNX model, or is damaged: {why}")]
    NotOnnx {
        /// Its path.
        file: String,
        /// How many bytes it has.
        bytes: usize,
        /// What is wrong with them.
        why: String,
    },
    /// Written in a version of the operators that is not read.
    #[error("`{file}` is written in opset {found}; opsets {first} to {last} are read", first = super::OPSETS.start(), last = super::OPSETS.end())]
    Opset {
        /// Its path.
        file: String,
        /// The version.
        found: i64,
    },
    /// Something that holds of the whole network.
    #[error("`{file}`: {why}")]
    Network {
        /// Its path.
        file: String,
        /// What is wrong.
        why: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// A size that is known only when the network runs.
    #[error("input `{input}` of `{file}` is {sizes}: the size `{dimension}` is not known")]
    Dimension {
        /// The path of the file.
        file: String,
        /// The input.
        input: String,
        /// All of its sizes.
        sizes: String,
        /// The one that is not known.
        dimension: String,
    },
    /// Operations that have no layer.
    #[error("{}", operators(.unknown, .unsupported))]
    Operators {
        /// Operators that are not known, each with the first node that has it and how often it is there.
        unknown: Vec<(String, String, usize)>,
        /// Nodes of known operators whose use has no layer: operator, node, and why.
        unsupported: Vec<(String, String, String)>,
        /// What to do about it.
        help: Vec<String>,
    },
    /// A tensor that is asked for and cannot be read.
    #[error("tensor `{tensor}` of `{file}` {why}")]
    Tensor {
        /// The path of the file.
        file: String,
        /// Its name.
        tensor: String,
        /// What follows its name in a sentence.
        why: String,
    },
}

impl Error {
    /// What to do about it, one line each.
    #[must_use]
    pub fn help(&self) -> Vec<String> {
        match self {
            Self::File { .. } | Self::Tensor { .. } => Vec::new(),
            Self::NotOnnx { bytes, .. } => vec![format!("it has {bytes} bytes")],
            Self::Opset { .. } => {
                vec!["export it again, for example with `opset_version=17` of torch.onnx.export".into()]
            }
            Self::Network { help, .. } => help.iter().cloned().collect(),
            Self::Dimension { dimension, .. } => vec![format!("say it: `--dim {dimension}=N`")],
            Self::Operators { help, .. } => help.clone(),
        }
    }
}

fn operators(unknown: &[(String, String, usize)], unsupported: &[(String, String, String)]) -> String {
    let node = |name: &str| if name.is_empty() { String::new() } else { format!("node `{name}`") };
    let mut parts = Vec::new();
    if !unknown.is_empty() {
        let one = |(operator, name, times): &(String, String, usize)| {
            let times = if *times == 1 { String::new() } else { format!("{times} times") };
            let places: Vec<String> = [node(name), times].into_iter().filter(|text| !text.is_empty()).collect();
            let operator = if operator.is_empty() { "one without a name" } else { operator };
            if places.is_empty() { operator.to_owned() } else { format!("{operator} ({})", places.join(", ")) }
        };
        let (is, s) = if unknown.len() == 1 { ("is", "") } else { ("are", "s") };
        let list: Vec<String> = unknown.iter().take(SHOWN).map(one).collect();
        let more = if unknown.len() > SHOWN { format!(", and {} more", unknown.len() - SHOWN) } else { String::new() };
        parts.push(format!("{} operator{s} {is} not known: {}{more}", unknown.len(), list.join(", ")));
    }
    if !unsupported.is_empty() {
        let one = |(operator, name, why): &(String, String, String)| {
            if name.is_empty() { format!("{operator} {why}") } else { format!("{operator} (node `{name}`) {why}") }
        };
        let list: Vec<String> = unsupported.iter().take(SHOWN).map(one).collect();
        let more = unsupported.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let s = if unsupported.len() == 1 { "operation has" } else { "operations have" };
        parts.push(format!("{} {s} no layer: {}{more}", unsupported.len(), list.join("; ")));
    }
    parts.push("nothing was written".into());
    parts.join("; ")
}
