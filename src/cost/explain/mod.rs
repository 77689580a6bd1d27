//! `imcost explain`: from a result through what it follows from to the numbers that somebody stated.

pub(super) mod label;
mod question;

use std::collections::{HashMap, HashSet};

use super::estimate::Estimate;
use super::plan::Plan;
use super::plan::tape::{PlanOp, Register, Tape};
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::results::FORMAT_VERSION;
use crate::results::explanation::{ExplainedFactor, ExplainedNumber, ExplainedTerm, Explanation, Relation};
use label::Labels;
pub use question::{ResultName, UnknownResult};

/// Takes a result of an estimate apart. `sources` are the texts of the session in which the design was read.
///
/// # Errors
/// If the design has no such result.
pub fn explain(estimate: &Estimate<'_>, result: &str, sources: &SourceMap) -> Result<Explanation, UnknownResult> {
    let name = ResultName::parse(result, estimate.design)?;
    let mut plan = Plan::down_to_the_stated(estimate.design);
    let register = name.number(estimate.design, &mut plan);
    let tape = plan.tape();
    let walk = Walk::of(estimate.design, &plan, register, sources);
    Ok(Explanation {
        format_version: FORMAT_VERSION,
        name: estimate.design.name.clone(),
        label: estimate.design.label.clone(),
        result: result.to_owned(),
        value_si: tape.quantity(register).si,
        unit: tape.quantity(register).unit(),
        assumed_fraction: walk.assumed_fraction(register),
        terms: walk.terms(register),
        numbers: walk.numbers(register),
    })
}

struct Walk<'w> {
    tape: &'w Tape,
    result: f64,
    sure: Vec<f64>,
    slopes: Vec<f64>,
    labels: Labels<'w>,
}

impl<'w> Walk<'w> {
    fn of(design: &'w Design, plan: &'w Plan, register: Register, sources: &'w SourceMap) -> Self {
        let tape = plan.tape();
        let values = tape.values_si();
        Self {
            tape,
            result: values[register.index()],
            sure: tape.sure(values),
            slopes: tape.derivatives(register, values, &[]),
            labels: Labels::of(design, plan, sources),
        }
    }

    fn value(&self, register: Register) -> f64 {
        self.tape.values_si()[register.index()]
    }

    fn elasticity(&self, register: Register) -> f64 {
        self.slopes[register.index()] * self.value(register) / self.result
    }

    fn is_assumed(&self, register: Register) -> bool {
        self.sure[register.index()] != self.value(register)
    }

    fn assumed_fraction(&self, register: Register) -> f64 {
        if !self.is_assumed(register) {
            return 0.0;
        }
        (1.0 - self.sure[register.index()] / self.value(register)).clamp(0.0, 1.0)
    }

    fn terms(&self, register: Register) -> Vec<ExplainedTerm> {
        let factor = |&(register, power): &(Register, i32)| ExplainedFactor {
            what: self.labels.name(register),
            value_si: self.value(register),
            unit: self.tape.quantity(register).unit(),
            power,
            elasticity: self.elasticity(register),
        };
        self.tape
            .terms(register, self.tape.values_si())
            .into_iter()
            .map(|term| ExplainedTerm {
                value_si: term.value_si,
                share: term.value_si / self.result,
                assumed: term.factors.iter().any(|(r, _)| self.is_assumed(*r)),
                factors: term.factors.iter().map(factor).collect(),
            })
            .collect()
    }

    /// The numbers below a result, each once, what it follows from after it.
    fn numbers(&self, result: Register) -> Vec<ExplainedNumber> {
        let mut order: Vec<Register> = vec![result];
        let mut seen: HashSet<Register> = HashSet::from([result]);
        let mut at = 0;
        while let Some(&register) = order.get(at) {
            for child in self.parts(register).1 {
                if seen.insert(child) {
                    order.push(child);
                }
            }
            at += 1;
        }
        let places: HashMap<Register, usize> = order.iter().enumerate().map(|(place, r)| (*r, place)).collect();
        order.iter().map(|register| self.number(*register, &places)).collect()
    }

    fn number(&self, register: Register, places: &HashMap<Register, usize>) -> ExplainedNumber {
        let (relation, parts) = self.parts(register);
        let origin = self.labels.origin(register);
        ExplainedNumber {
            what: self.labels.name(register),
            value_si: self.value(register),
            unit: self.tape.quantity(register).unit(),
            elasticity: self.elasticity(register),
            relation,
            of: parts.iter().filter_map(|part| places.get(part).copied()).collect(),
            assumed: self.is_assumed(register),
            basis: origin.basis,
            source: origin.source,
            place: origin.place,
        }
    }

    /// How a number follows from others. Sums of sums and products of products that have no name of their own are one; a largest is the largest
    /// one itself. The largest part comes first.
    fn parts(&self, register: Register) -> (Relation, Vec<Register>) {
        let (relation, mut parts) = match self.tape.op(register) {
            PlanOp::Constant => (Relation::Constant, Vec::new()),
            PlanOp::Leaf(_) => match self.tape.number(register) {
                Some(leaf) if leaf.what.is_count() => (Relation::Counted, Vec::new()),
                _ => (Relation::Stated, Vec::new()),
            },
            PlanOp::Sum { .. } | PlanOp::Sub(..) => (Relation::Sum, self.flat(register, Relation::Sum)),
            PlanOp::Mul(..) => (Relation::Product, self.flat(register, Relation::Product)),
            PlanOp::Div(a, b) => (Relation::Quotient, vec![self.tape.chosen(a), self.tape.chosen(b)]),
            PlanOp::Max { .. } | PlanOp::Min(..) | PlanOp::Choose { .. } => {
                return self.parts(self.tape.chosen(register));
            }
            PlanOp::Power(a, b) | PlanOp::Compare(_, a, b) => {
                (Relation::Function, vec![self.tape.chosen(a), self.tape.chosen(b)])
            }
            PlanOp::Apply(_, a) => (Relation::Function, vec![self.tape.chosen(a)]),
            PlanOp::Model { first, count, .. } => (Relation::Model, self.tape.operands(first, count).to_vec()),
            // A number that only repeats another is a sum of one.
            PlanOp::Named { as_in, .. } => match self.tape.chosen(as_in) {
                same if self.labels.has(same) => (Relation::Sum, vec![same]),
                same => return self.parts(same),
            },
        };
        if relation == Relation::Sum {
            parts.sort_by(|a, b| self.value(*b).total_cmp(&self.value(*a)));
        }
        (relation, parts)
    }

    fn flat(&self, register: Register, relation: Relation) -> Vec<Register> {
        let parts: Vec<Register> = match self.tape.op(register) {
            PlanOp::Sum { first, count } => self.tape.operands(first, count).to_vec(),
            PlanOp::Sub(a, b) | PlanOp::Mul(a, b) => vec![a, b],
            _ => return vec![register],
        };
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            let part = self.tape.chosen(part);
            let same = match self.tape.op(part) {
                PlanOp::Sum { .. } => relation == Relation::Sum,
                PlanOp::Mul(..) => relation == Relation::Product,
                _ => false,
            };
            if same && !self.labels.has(part) {
                flat.extend(self.flat(part, relation));
            } else if self.value(part) != 0.0 {
                flat.push(part);
            }
        }
        flat
    }
}
