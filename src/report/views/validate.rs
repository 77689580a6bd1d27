//! `imcost validate`: published results beside ours.

use crate::cases::{CaseResult, ClaimResult, Published, is_ratio};
use crate::report::plot::Parity;
use crate::report::{Document, Records, View};
use crate::results::validation::{ValidatedSpread, ValidationResult};
use crate::results::{Answer, CommandResult};
use crate::units::{Quantity, sig};

/// Cases with their results.
#[derive(Debug)]
pub struct ValidateView {
    /// The cases, in the order given.
    pub cases: Vec<CaseResult>,
    /// True if every variant is shown.
    pub full: bool,
}

/// Variants that are shown of many: those that differ most.
const SHOWN: usize = 5;

fn text(quantity: Quantity) -> String {
    if is_ratio(quantity) { sig(quantity.si, 4) } else { quantity.eng(4) }
}

/// Beside a printed value ours is printed in the same unit and to the same digit.
fn computed_text(claim: &ClaimResult) -> String {
    let (low, high) = claim.computed;
    match &claim.published {
        Published::Value(_, p) => format!("{:.*}{}", p.decimals, low.si / p.scale, p.suffix),
        _ if low == high => text(low),
        _ => format!("{} .. {}", text(low), text(high)),
    }
}

fn published_text(published: &Published) -> String {
    match published {
        Published::Value(_, printed) => printed.text.clone(),
        Published::AtLeast(value) => format!("> {}", sig(value.si, 3)),
        Published::Range(from, to) => format!("{} .. {}", sig(from.si, 4), sig(to.si, 4)),
    }
}

fn difference_text(claim: &ClaimResult) -> String {
    let difference = claim.difference();
    match &claim.published {
        _ if claim.met && !matches!(claim.published, Published::Range(..)) => String::new(),
        Published::Range(from, to) => {
            format!("x {} .. x {}", sig(claim.computed.0.si / from.si, 3), sig(claim.computed.1.si / to.si, 3))
        }
        _ if difference.abs() < 10.0 => format!("{:+.3} %", difference * 100.0),
        _ => format!("x {}", sig(difference + 1.0, 4)),
    }
}

/// The reasons of a case with the claims that each of them explains.
fn reasons(case: &CaseResult) -> Vec<(&str, Vec<&str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for claim in case.claims.iter().chain(&case.variants).filter(|c| !c.met && c.fitted.is_none()) {
        let Some(why) = claim.why.as_deref().map(str::trim) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, whats)) => whats.push(&claim.what),
            None => reasons.push((why, vec![&claim.what])),
        }
    }
    reasons
}

const HEADER: [&str; 5] = ["", "published", "computed", "", "difference"];

fn row(claim: &ClaimResult, difference: String) -> Vec<String> {
    let met = match (claim.met, &claim.fitted) {
        (true, _) => "met",
        (false, Some(_)) => "fitted",
        (false, None) => "differs",
    };
    vec![claim.what.clone(), published_text(&claim.published), computed_text(claim), met.into(), difference]
}

impl ValidateView {
    /// The distribution of the variants' differences, and those that differ most.
    fn variants(&self, case: &CaseResult, document: &mut Document) {
        let Some(spread) = ValidatedSpread::of(&case.variants) else { return };
        let percent = |part: f64| format!("{:+.2} %", 100.0 * part);
        let (all, met) = (case.variants.len(), case.variants.iter().filter(|claim| claim.met).count());
        document.line(format!(
            "{all} variants, {met} met; computed - published: median {}, from {} to {}, nine in ten within {:.2} %",
            percent(spread.median),
            percent(spread.least),
            percent(spread.most),
            100.0 * spread.nine_in_ten
        ));
        let mut shown: Vec<&ClaimResult> = case.variants.iter().collect();
        if !self.full && all > SHOWN {
            shown.sort_by(|a, b| b.difference().abs().total_cmp(&a.difference().abs()));
            shown.truncate(SHOWN);
            document.line(format!("the {SHOWN} that differ most; `--full` shows all"));
        }
        let rows = shown.into_iter().map(|claim| row(claim, percent(claim.difference())));
        document.table(HEADER.to_vec(), rows.collect(), 1);
    }

    /// Published figures against ours, of all variants; none if there are none.
    #[must_use]
    pub fn parity(&self) -> Option<String> {
        let points = self.cases.iter().flat_map(|case| &case.variants).filter_map(|claim| match &claim.published {
            Published::Value(value, _) => Some((value.si, claim.computed.0.si)),
            _ => None,
        });
        let points: Vec<(f64, f64)> = points.collect();
        let case = self.cases.iter().find(|case| !case.variants.is_empty())?;
        Parity { title: case.name.clone(), x_name: "published / W", y_name: "computed / W", points }.svg()
    }
}

impl View for ValidateView {
    fn document(&self) -> Document {
        let mut document = Document::default();
        for case in &self.cases {
            document.title(case.name.clone());
            document.line(format!("published: {}", case.source));
            if !case.claims.is_empty() {
                let rows = case.claims.iter().map(|claim| row(claim, difference_text(claim)));
                document.table(HEADER.to_vec(), rows.collect(), 1);
            }
            self.variants(case, &mut document);
            for (why, whats) in reasons(case) {
                document.line(format!(
                    "why {} differ{}: {why}",
                    whats.join(", "),
                    if whats.len() == 1 { "s" } else { "" }
                ));
            }
            for claim in &case.claims {
                if let Some(fitted) = &claim.fitted {
                    document.line(format!("{} does not count: {}", claim.what, fitted.trim()));
                }
            }
        }
        let claims = || self.cases.iter().flat_map(|c| c.claims.iter().chain(&c.variants));
        let met = claims().filter(|c| c.met).count();
        document.paragraph(format!("{met} of {} published figures met", claims().count()));
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Validation(ValidationResult::of(&self.cases)))
    }

    fn records(&self) -> Records {
        let rows = self.cases.iter().flat_map(|case| {
            case.claims.iter().chain(&case.variants).map(|c| {
                vec![
                    case.name.clone(),
                    c.what.clone(),
                    published_text(&c.published),
                    c.computed.0.si.to_string(),
                    c.computed.1.si.to_string(),
                    c.met.to_string(),
                ]
            })
        });
        let header = vec!["case", "what", "published", "computed_from_si", "computed_to_si", "met"];
        Records::of(header, rows.collect())
    }
}
