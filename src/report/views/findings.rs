//! Findings, after the answer of any command.

use serde_json::{Value, json};

use crate::report::{Document, Records, View};
use crate::results::{Finding, Findings};

/// An answer with what was found beside it.
pub struct WithFindings<'a> {
    /// The answer.
    pub view: &'a dyn View,
    /// What was found.
    pub findings: &'a Findings,
}

impl View for WithFindings<'_> {
    fn document(&self) -> Document {
        let mut document = self.view.document();
        if !self.findings.list().is_empty() {
            document.title("Findings");
        }
        for finding in self.findings.list() {
            let mut lines = lines(finding, self.findings).into_iter();
            document.paragraph(lines.next().unwrap_or_default());
            lines.for_each(|line| document.line(line));
        }
        document
    }

    fn json(&self) -> Value {
        let mut value = self.view.json();
        if let Value::Object(map) = &mut value {
            map.insert("findings".into(), json!(self.findings.list()));
        }
        value
    }

    fn records(&self) -> Records {
        self.view.records()
    }
}

/// Findings as lines of text, for answers that have no room for them.
#[must_use]
pub fn text(findings: &Findings) -> String {
    let mut text = String::new();
    for finding in findings.list() {
        text.push_str("finding: ");
        text.push_str(&lines(finding, findings).join("\n"));
        text.push('\n');
    }
    text
}

/// What is true and where, then by how much, then what would mend it.
fn lines(finding: &Finding, findings: &Findings) -> Vec<String> {
    let designs = match findings.only_of(finding) {
        [] => String::new(),
        labels => format!("{}: ", labels.join(", ")),
    };
    let place = finding.place.as_ref().map(|p| format!(" ({}:{}:{})", p.file, p.line, p.column));
    let mut lines = vec![format!("{designs}{}{}", finding.what, place.unwrap_or_default())];
    lines.extend(finding.details.iter().map(|line| format!("  {line}")));
    lines.extend(finding.mend.iter().map(|line| format!("  help: {line}")));
    lines
}
