//! `imcost explain`: a result down to the numbers that somebody stated, as a tree.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::percent;
use crate::report::{Document, Records, View};
use crate::results::explanation::{ExplainedNumber, ExplainedRatio, Relation};
use crate::results::{Answer, CommandResult, Explanation, ExplanationResult};
use crate::units::{Quantity, parse_quantity, sig};

/// Numbers that move the result by less than this are counted, not listed.
const SHOWN: f64 = 0.005;

/// An explanation, drawn so many levels deep.
#[derive(Debug)]
pub struct ExplainView {
    result: ExplanationResult,
    depth: usize,
    settings: Vec<String>,
}

/// A line of the tree.
struct Row {
    branch: String,
    place: usize,
    below: &'static str,
}

impl ExplainView {
    /// Draws an explanation; of a ratio both sides.
    #[must_use]
    pub fn new(result: ExplanationResult, depth: usize, settings: Vec<String>) -> Self {
        Self { result, depth, settings }
    }

    /// The graph in Graphviz's language: boxes from a result to the numbers that it follows from.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut text =
            String::from("digraph explanation {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
        for (side, explanation) in self.result.sides().enumerate() {
            for (place, number) in explanation.numbers.iter().enumerate() {
                let style = if number.assumed { ", style=dashed" } else { "" };
                let lines = format!("{}\\n{}", escaped(&number.what), value(number.value_si, &number.unit));
                let _ = writeln!(text, "  n{side}_{place} [label=\"{lines}\"{style}];");
                for part in &number.of {
                    let _ = writeln!(text, "  n{side}_{part} -> n{side}_{place};");
                }
            }
        }
        text + "}\n"
    }

    fn rows(&self, explanation: &Explanation) -> Vec<Row> {
        let mut rows = vec![Row { branch: String::new(), place: 0, below: "" }];
        let mut shown = HashSet::new();
        self.branch(explanation, 0, "", 0, &mut shown, &mut rows);
        rows
    }

    fn branch(
        &self,
        explanation: &Explanation,
        place: usize,
        indent: &str,
        level: usize,
        shown: &mut HashSet<usize>,
        rows: &mut Vec<Row>,
    ) {
        let number = &explanation.numbers[place];
        if number.of.is_empty() {
            return;
        }
        if level == self.depth || !shown.insert(place) {
            let seen = level < self.depth;
            if let Some(row) = rows.last_mut() {
                row.below = if seen { " (as above)" } else { " ..." };
            }
            return;
        }
        let mut parts = number.of.clone();
        let weight = |place: &usize| match number.relation {
            // A part of a sum weighs what it adds here, whatever else it moves.
            Relation::Sum => (explanation.numbers[*place].value_si / number.value_si * number.elasticity).abs(),
            _ => explanation.numbers[*place].elasticity.abs(),
        };
        // What is divided stands before what it is divided by, whichever weighs more.
        if number.relation != Relation::Quotient {
            parts.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        }
        let listed = match number.relation {
            Relation::Quotient => parts.len(),
            _ => parts.iter().filter(|p| weight(p) >= SHOWN).count(),
        };
        for (index, &part) in parts[..listed].iter().enumerate() {
            let last = index + 1 == listed;
            let sign = match number.relation {
                Relation::Product if index > 0 => "x ",
                Relation::Quotient if index > 0 => "/ ",
                _ => "",
            };
            let branch = format!("{indent}{}{sign}", if last { "`- " } else { "|- " });
            rows.push(Row { branch, place: part, below: "" });
            let indent = format!("{indent}{}", if last { "   " } else { "|  " });
            self.branch(explanation, part, &indent, level + 1, shown, rows);
        }
    }

    fn tree(&self, explanation: &Explanation, document: &mut Document) {
        let cells = |row: &Row| {
            let number = &explanation.numbers[row.place];
            vec![
                format!("{}{}{}", row.branch, number.what, row.below),
                value(number.value_si, &number.unit),
                sig(number.elasticity, 3),
                basis(number),
                number.place.clone().unwrap_or_default(),
            ]
        };
        let rows = self.rows(explanation);
        let mut cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
        // Blanks at the beginning of a cell would be lost, and with them the tree.
        for cell in &mut cells {
            cell[0] = cell[0].replace("   ", "\u{a0}\u{a0}\u{a0}");
        }
        let header = vec!["number", "value", "elasticity", "basis", "stated in"];
        document.table(header, cells, 1);
        let mut sources: Vec<String> = Vec::new();
        for row in &rows {
            let number = &explanation.numbers[row.place];
            let Some(source) = &number.source else { continue };
            let line = format!("{}: {source}", number.what);
            if !sources.contains(&line) {
                sources.push(line);
            }
        }
        if !sources.is_empty() {
            document.title("Sources of the numbers shown");
            sources.into_iter().for_each(|line| document.line(line));
        }
    }
}

fn basis(number: &ExplainedNumber) -> String {
    match number.relation {
        Relation::Counted => "counted".into(),
        Relation::Constant => "constant".into(),
        _ => match &number.basis {
            Some(basis) => basis.clone(),
            None if number.assumed => "in part assumed".into(),
            None => String::new(),
        },
    }
}

fn value(si: f64, unit: &str) -> String {
    let one = parse_quantity(&format!("1 {unit}"));
    one.map_or_else(|_| format!("{} {unit}", sig(si, 4)), |one| Quantity::new(si, one.dim).eng(4))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

impl View for ExplainView {
    fn document(&self) -> Document {
        let mut document = Document::default();
        if let ExplanationResult::Ratio(ExplainedRatio { ratio, baseline, candidate, .. }) = &self.result {
            document.title(format!(
                "{} of {} / {} of {}: {}",
                baseline.result,
                baseline.label,
                candidate.result,
                candidate.label,
                sig(*ratio, 4)
            ));
        }
        for explanation in self.result.sides() {
            let title = format!(
                "{} of {} ({}): {}",
                explanation.result,
                explanation.name,
                explanation.label,
                value(explanation.value_si, &explanation.unit)
            );
            document.title(title);
            document.line(format!(
                "{} of it rests on assumed numbers. Elasticity: by how many percent it changes with 1 % of a number.",
                percent(explanation.assumed_fraction)
            ));
            self.tree(explanation, &mut document);
        }
        document.settings(&self.settings);
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Explanation(Box::new(self.result.clone())))
    }

    fn records(&self) -> Records {
        let header = vec!["result", "label", "term", "value_si", "share", "assumed"];
        let rows = self.result.sides().flat_map(|explanation| {
            explanation.terms.iter().map(|term| {
                let factors: Vec<String> = term
                    .factors
                    .iter()
                    .map(|f| if f.power == 1 { f.what.clone() } else { format!("{}^{}", f.what, f.power) })
                    .collect();
                vec![
                    explanation.result.clone(),
                    explanation.label.clone(),
                    factors.join(" x "),
                    term.value_si.to_string(),
                    term.share.to_string(),
                    term.assumed.to_string(),
                ]
            })
        });
        Records::of(header, rows.collect())
    }
}
