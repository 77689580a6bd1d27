//! Findings, after the answer of any command.

use serde_json::{Value, json};

use crate::report::{Document, Records, View};
use crate::results::{Finding, Findings};

/// More lines than this of one finding are counted, not shown: its layers are much alike, and JSON has them all.
const SHOWN: usize = 4;

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
    let shown = if finding.details.len() > SHOWN { SHOWN - 1 } else { SHOWN };
    lines.extend(finding.details.iter().take(shown).map(|line| format!("  {line}")));
    if let more @ 1.. = finding.details.len().saturating_sub(shown) {
        lines.push(format!("  and {more} more; `--format json` has them all"));
    }
    lines.extend(finding.mend.iter().map(|line| format!("  help: {line}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::FindingRule;

    #[test]
    fn many_lines_of_a_finding_are_counted() {
        let of = |count: usize| {
            let finding = Finding::new(FindingRule::Loading, "true").mend("mend");
            let finding = (0..count).fold(finding, |finding, n| finding.detail(format!("line {n}")));
            text(&Findings::of(vec![finding], Vec::new()))
        };
        let four = "finding: true\n  line 0\n  line 1\n  line 2\n  line 3\n  help: mend\n";
        let five =
            "finding: true\n  line 0\n  line 1\n  line 2\n  and 2 more; `--format json` has them all\n  help: mend\n";
        assert_eq!((of(4).as_str(), of(5).as_str()), (four, five));
    }
}
