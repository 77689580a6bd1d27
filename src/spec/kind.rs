//! Which kind of file a tree is, by its keys.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Span};
use crate::yaml::{Value, YamlNode};

/// Kinds of file that a person writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// An architecture.
    Architecture,
    /// A technology library.
    Library,
    /// A case of published results.
    Case,
    /// A study of accuracy and costs.
    Study,
}

impl FileKind {
    /// The kind that the keys speak for; a file that is wrong is still meant as one of them.
    #[must_use]
    pub fn of(tree: &YamlNode) -> Self {
        let has = |key: &str| tree.get(key).is_some();
        if ["network", "technology", "stages", "levels", "operating", "pipelined"].into_iter().any(has) {
            Self::Architecture
        } else if has("components") || has("devices") || has("extends") {
            Self::Library
        } else if has("claims") {
            Self::Case
        } else if has("vary") {
            Self::Study
        } else {
            Self::Architecture
        }
    }

    /// The kind in one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Architecture => "architecture",
            Self::Library => "library",
            Self::Case => "case",
            Self::Study => "study",
        }
    }

    /// Confirms that the tree is of this kind.
    ///
    /// # Errors
    /// It is of another kind, which is one mistake, not a dozen unknown fields.
    pub fn confirm(
        self,
        path: &Path,
        tree: &YamlNode,
        named_at: Option<Span>,
        diagnostics: &mut Diagnostics,
    ) -> Checked<()> {
        let found = Self::of(tree);
        // Without a telling key a file is what it is asked to be: its own errors say more.
        let telling =
            found != Self::Architecture || ["network", "stages", "levels"].iter().any(|key| tree.get(key).is_some());
        // A file that only extends another is what that is.
        let only_extends = tree.keys().all(|key| ["extends", "name", "label", "description"].contains(&key));
        let telling = telling && !(self == Self::Architecture && only_extends && tree.get("extends").is_some());
        if found == self || !telling {
            return Ok(());
        }
        let message = format!("`{}` is {}, not {}", path.display(), found.phrase(), self.phrase());
        let place = named_at.or_else(|| first_key(tree)).unwrap_or(tree.span);
        let label = if named_at.is_some() { "named here" } else { "" };
        Err(diagnostics.push(Diagnostic::error(message).at(place, label).help(self.advice())))
    }

    fn phrase(self) -> &'static str {
        match self {
            Self::Architecture => "an architecture",
            Self::Library => "a technology library",
            Self::Case => "a case",
            Self::Study => "a study",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Architecture => "an architecture names its library: `technology: PATH`",
            Self::Library => "a technology library has `components` and `devices`",
            Self::Case => "a case has `claims`",
            Self::Study => "a study names an architecture and what is varied: `vary`",
        }
    }
}

/// Where the first key of a mapping stands.
#[must_use]
pub fn first_key(tree: &YamlNode) -> Option<Span> {
    match &tree.value {
        Value::Mapping(entries) => entries.first().map(|e| e.key_span),
        _ => None,
    }
}
