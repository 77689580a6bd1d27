//! A number as a sum of terms, each a product of factors: what `imcost explain` walks through and what the assumed share counts.

use std::collections::BTreeMap;

use super::tape::{PlanOp, Register, Tape};

/// More terms than this are not taken apart: the sums that they come from stay factors.
const MOST_TERMS: usize = 200_000;

/// A product: a plain factor and numbers to whole powers.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Its value in SI units.
    pub value_si: f64,
    /// Its factors with their powers, in the order of the tape.
    pub factors: Vec<(Register, i32)>,
}

/// Terms by their factors, with what multiplies them.
type Products = BTreeMap<Vec<(Register, i32)>, f64>;

impl Tape {
    /// The terms of a number: they add up to it. Of a largest the terms of the largest one; what is no sum or product is a factor.
    #[must_use]
    pub fn terms(&self, result: Register, values: &[f64]) -> Vec<Term> {
        let term = |(factors, coefficient): (Vec<(Register, i32)>, f64)| {
            let product = factors.iter().fold(coefficient, |p, (r, n)| p * values[r.index()].powi(*n));
            Term { value_si: product, factors }
        };
        let mut terms: Vec<Term> = self.products(result, values).into_iter().map(term).collect();
        terms.retain(|t| t.value_si != 0.0);
        terms.sort_by(|a, b| b.value_si.abs().total_cmp(&a.value_si.abs()).then_with(|| a.factors.cmp(&b.factors)));
        terms
    }

    fn products(&self, register: Register, values: &[f64]) -> Products {
        match self.ops[register.index()] {
            PlanOp::Constant => Products::from([(Vec::new(), values[register.index()])]),
            PlanOp::Leaf(_) | PlanOp::Apply(..) | PlanOp::Compare(..) | PlanOp::Model { .. } => factor(register, 1),
            PlanOp::Choose { operands } => self.products(self.taken(operands, values), values),
            // A number that is an assumption, whatever it was computed from, and one that has no terms, is a factor by its name.
            PlanOp::Named { named, .. } if self.named[named as usize].assumed => factor(register, 1),
            PlanOp::Named { as_in, .. } => {
                let products = self.products(as_in, values);
                if products == factor(as_in, 1) { factor(register, 1) } else { products }
            }
            PlanOp::Min(a, b) => self.products(self.smaller(a, b, values), values),
            PlanOp::Power(a, b) => self.power(register, (a, b), values),
            PlanOp::Sum { first, count } => {
                let mut all = Products::new();
                for &operand in self.operands(first, count) {
                    add(&mut all, self.products(operand, values), 1.0);
                    if all.len() > MOST_TERMS {
                        return factor(register, 1);
                    }
                }
                all
            }
            PlanOp::Max { first, count } => match self.largest_of(first, count, values) {
                Some(largest) => self.products(largest, values),
                None => Products::new(),
            },
            PlanOp::Sub(a, b) => {
                let mut all = self.products(a, values);
                add(&mut all, self.products(b, values), -1.0);
                all
            }
            PlanOp::Mul(a, b) => {
                let (left, right) = (self.products(a, values), self.products(b, values));
                if left.len().saturating_mul(right.len()) > MOST_TERMS {
                    return factor(register, 1);
                }
                let mut all = Products::new();
                for (a, x) in &left {
                    for (b, y) in &right {
                        *all.entry(joined(a, b)).or_default() += x * y;
                    }
                }
                all
            }
            PlanOp::Div(a, b) => {
                let divisor = match self.ops[b.index()] {
                    PlanOp::Constant => Products::from([(Vec::new(), 1.0 / values[b.index()])]),
                    _ => factor(b, -1),
                };
                let mut all = Products::new();
                for (a, x) in &self.products(a, values) {
                    for (b, y) in &divisor {
                        *all.entry(joined(a, b)).or_default() += x * y;
                    }
                }
                all
            }
        }
    }
}

impl Tape {
    /// A whole power of one product is one; of anything else it is a factor of its own.
    fn power(&self, register: Register, (base, exponent): (Register, Register), values: &[f64]) -> Products {
        let n = values[exponent.index()];
        let whole = matches!(self.ops[exponent.index()], PlanOp::Constant) && n.fract() == 0.0 && n.abs() < 100.0;
        let products = self.products(base, values);
        match products.iter().next() {
            Some((factors, coefficient)) if whole && products.len() == 1 => {
                let raised = factors.iter().map(|(register, power)| (*register, power * n as i32)).collect();
                Products::from([(raised, coefficient.powi(n as i32))])
            }
            _ => factor(register, 1),
        }
    }
}

fn factor(register: Register, power: i32) -> Products {
    Products::from([(vec![(register, power)], 1.0)])
}

fn add(all: &mut Products, more: Products, sign: f64) {
    for (factors, coefficient) in more {
        *all.entry(factors).or_default() += sign * coefficient;
    }
}

/// The factors of a product of two, each once.
fn joined(a: &[(Register, i32)], b: &[(Register, i32)]) -> Vec<(Register, i32)> {
    let mut powers: BTreeMap<Register, i32> = a.iter().copied().collect();
    for &(register, power) in b {
        *powers.entry(register).or_default() += power;
    }
    powers.into_iter().filter(|(_, power)| *power != 0).collect()
}
