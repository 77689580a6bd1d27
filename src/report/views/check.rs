//! `imcost check`: what was checked when all is well.

use crate::report::{Document, Records, View};
use crate::results::check::{CheckResult, CheckedFile};
use crate::results::{Answer, CommandResult};

/// The files that were checked.
#[derive(Debug)]
pub struct CheckView {
    /// What was found.
    pub result: CheckResult,
}

impl View for CheckView {
    fn document(&self) -> Document {
        let mut document = Document::default();
        for file in &self.result.files {
            document.line(format!("{}: {} is fine: {}", file.path, file.kind.name(), file.summary));
        }
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Check(self.result.clone()))
    }

    fn records(&self) -> Records {
        let row = |f: &CheckedFile| vec![f.path.clone(), f.kind.name().to_owned(), f.summary.clone()];
        Records::of(vec!["path", "kind", "summary"], self.result.files.iter().map(row).collect())
    }
}
