//! What is true of a good file and its author should know.

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::{SourceMap, Span, Warning};
use crate::units::{Quantity, Unit};

/// Something true about a good file that its author should know, with the figure and what would mend it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule that found it.
    pub rule: FindingRule,
    /// What is true, in one line.
    pub what: String,
    /// Where, and by how much, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The figures that decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<FindingFigure>,
    /// What would mend it, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mend: Vec<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<FindingPlace>,
    /// Labels of the designs that it is true of; none where it is true of a file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub designs: Vec<String>,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingRule {
    /// Something unusual that is written in a file.
    File,
    /// Neurons that cannot hold their levels into the rows that they drive.
    Loading,
    /// Row drivers that cannot hold their rows.
    RowDroop,
    /// Magnetic tunnel junctions that are read at more than they are usually read at.
    JunctionVoltage,
    /// Column ends that are no virtual ground.
    ColumnEnd,
    /// A wire that carries more than it can for long.
    CurrentDensity,
    /// A tile that takes more power than can be led away.
    PowerDensity,
    /// Neurons whose rails are not the read voltage of the crossbar that they drive.
    Rails,
    /// Words that are wider than what a converter has kept.
    WordWidth,
    /// A converter beyond every measured one.
    Converter,
    /// Values beyond the range of a converter.
    Clipping,
    /// A converter of which most of the range is never reached.
    UnusedRange,
}

/// A figure of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FindingFigure {
    /// What it is.
    pub what: String,
    /// Its value in SI base units.
    pub value_si: f64,
    /// Its SI unit; empty for a plain number.
    pub unit: String,
    /// The layer that it is of, where it is not of the whole design.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
}

/// A place in a file, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingPlace {
    /// The file as it was named.
    pub file: String,
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

impl Finding {
    /// A finding with nothing but what is true.
    #[must_use]
    pub fn new(rule: FindingRule, what: impl Into<String>) -> Self {
        let (details, figures, mend, designs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { rule, what: what.into(), details, figures, mend, place: None, designs }
    }

    /// What reading has found unusual in a file.
    #[must_use]
    pub fn of_warning(warning: &Warning, sources: &SourceMap) -> Self {
        let label = Some(&warning.label).filter(|label| !label.is_empty());
        Self {
            details: label.into_iter().cloned().collect(),
            mend: warning.help.clone(),
            place: warning.place.and_then(|place| FindingPlace::of(place, sources)),
            ..Self::new(FindingRule::File, warning.message.as_str())
        }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(self, place: Span, sources: &SourceMap) -> Self {
        Self { place: FindingPlace::of(place, sources), ..self }
    }

    /// Adds a line that says where or by how much.
    #[must_use]
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// Adds a figure.
    #[must_use]
    pub fn figure<Q: Unit + Into<Quantity>>(mut self, what: impl Into<String>, value: Q) -> Self {
        let (value_si, unit) = (value.si(), value.into().unit());
        self.figures.push(FindingFigure { what: what.into(), value_si, unit, layer: None });
        self
    }

    /// Adds a figure whose unit has no quantity of its own.
    #[must_use]
    pub fn figure_in(mut self, what: impl Into<String>, value_si: f64, unit: &str) -> Self {
        self.figures.push(FindingFigure { what: what.into(), value_si, unit: unit.to_owned(), layer: None });
        self
    }

    /// Says of which layer the figures are that were added since this was said last.
    #[must_use]
    pub fn in_layer(mut self, layer: &str) -> Self {
        for figure in self.figures.iter_mut().rev().take_while(|figure| figure.layer.is_none()) {
            figure.layer = Some(layer.to_owned());
        }
        self
    }

    /// Adds a line that says what would mend it.
    #[must_use]
    pub fn mend(mut self, line: impl Into<String>) -> Self {
        self.mend.push(line.into());
        self
    }

    /// How much there is to read.
    #[must_use]
    pub fn length(&self) -> usize {
        self.what.len() + self.details.iter().chain(&self.mend).map(String::len).sum::<usize>()
    }

    /// True if another says the same, maybe of other designs.
    fn is_same(&self, other: &Self) -> bool {
        let said = |f: &Self| (f.rule, f.what.clone(), f.details.clone(), f.figures.clone(), f.place.clone());
        said(self) == said(other) && self.mend == other.mend
    }
}

impl FindingPlace {
    fn of(place: Span, sources: &SourceMap) -> Option<Self> {
        let (file, line, column) = sources.place(place)?;
        Some(Self { file: file.to_owned(), line, column })
    }
}

/// The findings of a command, each once, the shortest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    list: Vec<Finding>,
    designs: usize,
}

impl Findings {
    /// Findings of files, and of designs by their labels.
    #[must_use]
    pub fn of(files: Vec<Finding>, designs: Vec<(String, Vec<Finding>)>) -> Self {
        let mut findings = Self { list: Vec::new(), designs: 0 };
        let mut labels: Vec<String> = Vec::new();
        for finding in files {
            findings.add(finding);
        }
        for (label, list) in designs {
            for finding in list {
                findings.add(Finding { designs: vec![label.clone()], ..finding });
            }
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        findings.designs = labels.len();
        findings.list.sort_by_key(Finding::length);
        findings
    }

    /// With those of other designs, of another session.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for finding in other.list {
            self.add(finding);
        }
        self.designs += other.designs;
        self.list.sort_by_key(Finding::length);
        self
    }

    /// With what else was found of the same designs.
    #[must_use]
    pub fn with(mut self, label: &str, more: Vec<Finding>) -> Self {
        for finding in more {
            self.add(Finding { designs: vec![label.to_owned()], ..finding });
        }
        self.designs = self.designs.max(1);
        self.list.sort_by_key(Finding::length);
        self
    }

    fn add(&mut self, finding: Finding) {
        match self.list.iter_mut().find(|known| known.is_same(&finding)) {
            Some(known) => {
                for label in finding.designs {
                    if !known.designs.contains(&label) {
                        known.designs.push(label);
                    }
                }
            }
            None => self.list.push(finding),
        }
    }

    /// The findings.
    #[must_use]
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// How many designs were looked at.
    #[must_use]
    pub fn designs(&self) -> usize {
        self.designs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(what: &str) -> Finding {
        Finding::new(FindingRule::File, what)
    }

    #[test]
    fn a_finding_is_told_once_and_the_shortest_first() {
        let long = finding("a").detail("with something to explain");
        let a = ("a".to_owned(), vec![long.clone(), finding("b")]);
        let b = ("b".to_owned(), vec![long.clone(), finding("b of another").mend("x")]);
        let findings = Findings::of(vec![finding("file"), finding("file")], vec![a, b]);
        let said: Vec<(&str, usize)> = findings.list().iter().map(|f| (f.what.as_str(), f.designs.len())).collect();
        assert_eq!(said, [("b", 1), ("file", 0), ("b of another", 1), ("a", 2)]);
        assert_eq!(findings.designs(), 2);
        let others = Findings::of(Vec::new(), vec![("c".to_owned(), vec![long, finding("c")])]);
        let said: Vec<(String, usize)> =
            findings.and(others).list().iter().map(|f| (f.what.clone(), f.designs.len())).collect();
        assert_eq!(said[1..3], [("c".to_owned(), 1), ("file".to_owned(), 0)]);
        assert_eq!(said.last(), Some(&("a".to_owned(), 3)));
        // A figure or a place that differs is another finding.
        let figure = |value| ("a".to_owned(), vec![finding("b").figure_in("x", value, "V")]);
        assert_eq!(Findings::of(Vec::new(), vec![figure(1.0), figure(2.0), figure(1.0)]).list().len(), 2);
    }
}
