//! `imcost check`: what was checked when all is well.

use serde_json::{Value, json};

use crate::report::json::FORMAT_VERSION;
use crate::report::{Document, Records, View};

/// One file that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Path as given.
    pub path: String,
    /// `architecture`, `library` or `case`.
    pub kind: &'static str,
    /// What was seen in it, in words.
    pub summary: String,
}

/// The files that were checked.
#[derive(Debug)]
pub struct CheckView {
    /// In the order given; those that are wrong are left out.
    pub files: Vec<Checked>,
    /// The mistakes that were found, as JSON.
    pub errors: Vec<Value>,
}

impl View for CheckView {
    fn document(&self) -> Document {
        let mut document = Document::default();
        for file in &self.files {
            document.line(format!("{}: {} is fine: {}", file.path, file.kind, file.summary));
        }
        document
    }

    fn json(&self) -> Value {
        let file = |f: &Checked| json!({ "path": f.path, "kind": f.kind, "summary": f.summary });
        json!({ "format_version": FORMAT_VERSION, "files": self.files.iter().map(file).collect::<Vec<_>>(), "errors": self.errors })
    }

    fn records(&self) -> Records {
        let row = |f: &Checked| vec![f.path.clone(), f.kind.to_owned(), f.summary.clone()];
        Records::of(vec!["path", "kind", "summary"], self.files.iter().map(row).collect())
    }
}
