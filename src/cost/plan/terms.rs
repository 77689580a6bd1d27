//! A number as a sum of terms, each a product of factors: what `imcost explain` walks through and what the assumed share counts.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

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
        let mut writer = TermWriter { tape: self, values, known: HashMap::new(), kept: 0 };
        let products = writer.products(result);
        let mut terms: Vec<Term> =
            products.iter().map(|(factors, coefficient)| term((factors.clone(), *coefficient))).collect();
        terms.retain(|t| t.value_si != 0.0);
        terms.sort_by(|a, b| b.value_si.abs().total_cmp(&a.value_si.abs()).then_with(|| a.factors.cmp(&b.factors)));
        terms
    }
}

/// Terms that are kept of numbers on which several rest.
const MOST_KEPT: usize = 2_000_000;

/// Takes numbers apart.
struct TermWriter<'t> {
    tape: &'t Tape,
    values: &'t [f64],
    known: HashMap<Register, Rc<Products>>,
    /// Terms of all that is known.
    kept: usize,
}

impl TermWriter<'_> {
    /// The terms of a register; what several numbers rest on is taken apart once.
    fn products(&mut self, register: Register) -> Rc<Products> {
        if let Some(known) = self.known.get(&register) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.taken_apart(register));
        if self.kept < MOST_KEPT {
            self.kept += found.len();
            self.known.insert(register, Rc::clone(&found));
        }
        found
    }

    fn taken_apart(&mut self, register: Register) -> Products {
        let (tape, values) = (self.tape, self.values);
        match tape.ops[register.index()] {
            PlanOp::Constant => Products::from([(Vec::new(), values[register.index()])]),
            PlanOp::Leaf(_) | PlanOp::Apply(..) | PlanOp::Compare(..) | PlanOp::Model { .. } => factor(register, 1),
            PlanOp::Choose { operands } => self.products(tape.taken(operands, values)).as_ref().clone(),
            // A number that is an assumption, whatever it was computed from, and one that has no terms, is a factor by its name.
            PlanOp::Named { named, .. } if tape.named[named as usize].assumed => factor(register, 1),
            PlanOp::Named { as_in, .. } => {
                let products = self.products(as_in);
                if *products == factor(as_in, 1) { factor(register, 1) } else { products.as_ref().clone() }
            }
            PlanOp::Min(a, b) => self.products(tape.smaller(a, b, values)).as_ref().clone(),
            PlanOp::Power(a, b) => self.power(register, (a, b)),
            PlanOp::Sum { first, count } => {
                let mut all = Products::new();
                for &operand in tape.operands(first, count) {
                    add(&mut all, &self.products(operand), 1.0);
                    if all.len() > MOST_TERMS {
                        return factor(register, 1);
                    }
                }
                all
            }
            PlanOp::Max { first, count } => match tape.largest_of(first, count, values) {
                Some(largest) => self.products(largest).as_ref().clone(),
                None => Products::new(),
            },
            PlanOp::Sub(a, b) => {
                let mut all = self.products(a).as_ref().clone();
                add(&mut all, &self.products(b), -1.0);
                all
            }
            PlanOp::Mul(a, b) => {
                let (left, right) = (self.products(a), self.products(b));
                if left.len().saturating_mul(right.len()) > MOST_TERMS {
                    return factor(register, 1);
                }
                let mut all = Products::new();
                for (a, x) in left.iter() {
                    for (b, y) in right.iter() {
                        *all.entry(joined(a, b)).or_default() += x * y;
                    }
                }
                all
            }
            PlanOp::Div(a, b) => {
                let divisor = match tape.ops[b.index()] {
                    PlanOp::Constant => Products::from([(Vec::new(), 1.0 / values[b.index()])]),
                    _ => factor(b, -1),
                };
                let mut all = Products::new();
                for (a, x) in self.products(a).iter() {
                    for (b, y) in &divisor {
                        *all.entry(joined(a, b)).or_default() += x * y;
                    }
                }
                all
            }
        }
    }
    /// A whole power of one product is one; of anything else it is a factor of its own.
    fn power(&mut self, register: Register, (base, exponent): (Register, Register)) -> Products {
        let n = self.values[exponent.index()];
        let whole = matches!(self.tape.ops[exponent.index()], PlanOp::Constant) && n.fract() == 0.0 && n.abs() < 100.0;
        let products = self.products(base);
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

fn add(all: &mut Products, more: &Products, sign: f64) {
    for (factors, coefficient) in more {
        match all.get_mut(factors) {
            Some(sum) => *sum += sign * coefficient,
            None => {
                all.insert(factors.clone(), sign * coefficient);
            }
        }
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
