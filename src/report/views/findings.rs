//! Findings, after the answer of any command.

use std::collections::HashMap;

use crate::report::{Document, Records, View};
use crate::results::{Answer, Finding, Findings};

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
        let groups = groups(self.findings);
        if !groups.is_empty() {
            document.title("Findings");
        }
        for group in groups {
            let mut lines = group.lines().into_iter();
            document.paragraph(lines.next().unwrap_or_default());
            lines.for_each(|line| document.line(line));
        }
        document
    }

    fn answer(&self) -> Answer {
        self.view.answer().with(self.findings)
    }

    fn records(&self) -> Records {
        self.view.records()
    }
}

/// Findings as lines of text, for answers that have no room for them.
#[must_use]
pub fn text(findings: &Findings) -> String {
    groups(findings).iter().map(|group| format!("finding: {}\n", group.lines().join("\n"))).collect()
}

/// Findings of several designs that differ only in where and by how much.
struct Group<'f> {
    first: &'f Finding,
    /// The designs that they are true of; none where that is said of each line, or it is all of them.
    designs: Vec<&'f str>,
    /// Lines with the designs that they are true of; none where that is all of the group's.
    details: Vec<(Vec<&'f str>, &'f str)>,
    mend: Vec<&'f str>,
}

fn groups(findings: &Findings) -> Vec<Group<'_>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings.list() {
        let same = |group: &&mut Vec<&Finding>| {
            group[0].rule == finding.rule && group[0].what == finding.what && group[0].place == finding.place
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups.into_iter().map(|group| Group::of(&group, findings)).collect()
}

impl<'f> Group<'f> {
    fn of(findings: &[&'f Finding], all: &Findings) -> Self {
        let mut group = Self { first: findings[0], designs: Vec::new(), details: Vec::new(), mend: Vec::new() };
        // A finding may have a line for each of a hundred thousand layers.
        let mut known: HashMap<&str, usize> = HashMap::new();
        for finding in findings {
            let labels = || finding.designs.iter().map(String::as_str);
            group.designs.extend(labels());
            for detail in &finding.details {
                let at = *known.entry(detail).or_insert(group.details.len());
                match group.details.get_mut(at) {
                    Some((designs, _)) => designs.extend(labels()),
                    None => group.details.push((labels().collect(), detail)),
                }
            }
            for line in &finding.mend {
                if !group.mend.contains(&line.as_str()) {
                    group.mend.push(line);
                }
            }
        }
        for (designs, _) in &mut group.details {
            if designs.len() == group.designs.len() {
                designs.clear();
            }
        }
        if group.designs.len() == all.designs() {
            group.designs.clear();
        }
        group
    }

    /// What is true and where, then by how much, then what would mend it.
    fn lines(&self) -> Vec<String> {
        let of =
            |designs: &[&str]| if designs.is_empty() { String::new() } else { format!("{}: ", designs.join(", ")) };
        let place = self.first.place.as_ref().map(|p| format!(" ({}:{}:{})", p.file, p.line, p.column));
        let mut lines = vec![format!("{}{}{}", of(&self.designs), self.first.what, place.unwrap_or_default())];
        let shown = if self.details.len() > SHOWN { SHOWN - 1 } else { SHOWN };
        lines.extend(self.details.iter().take(shown).map(|(designs, line)| format!("  {}{line}", of(designs))));
        if let more @ 1.. = self.details.len().saturating_sub(shown) {
            lines.push(format!("  and {more} more; `--format json` has them all"));
        }
        lines.extend(self.mend.iter().map(|line| format!("  help: {line}")));
        lines
    }
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

    #[test]
    fn what_is_true_of_several_designs_is_told_together() {
        let finding = |lines: &[&str]| {
            let finding = Finding::new(FindingRule::Loading, "true").mend("mend");
            vec![lines.iter().fold(finding, |finding, line| finding.detail(*line))]
        };
        let of = |designs: &[(&str, &[&str])]| {
            let designs = designs.iter().map(|(label, lines)| {
                ((*label).to_owned(), if lines.is_empty() { Vec::new() } else { finding(lines) })
            });
            text(&Findings::of(Vec::new(), designs.collect()))
        };
        let both = "finding: true\n  same\n  a: 1 of a\n  b: 22 of b\n  help: mend\n";
        assert_eq!(of(&[("a", &["same", "1 of a"]), ("b", &["same", "22 of b"])]), both);
        assert_eq!(of(&[("a", &["same"]), ("b", &[])]), "finding: a: true\n  same\n  help: mend\n");
        assert_eq!(of(&[("a", &["same"]), ("b", &["same"])]), "finding: true\n  same\n  help: mend\n");
        assert_eq!(of(&[("a", &["same"])]), "finding: true\n  same\n  help: mend\n");
    }
}
