//! What a number on the tape rests on: the part without assumptions, and how it changes with others.

use super::room::zeros;
use super::tape::{PlanOp, Register, Tape};
use crate::units::{Function, Step};

impl Tape {
    /// Of every register the part that rests on no assumed number: of a sum that of its terms, of a product the product of its factors'
    /// parts, of a largest that of the largest one, and of a quotient that of what is divided, if the divisor is sure; of what a function or a
    /// model gives all or nothing.
    pub(crate) fn sure(&self, values: &[f64]) -> Vec<f64> {
        let mut sure = zeros(values.len());
        for (at, op) in self.ops.iter().enumerate() {
            let of = |r: Register| sure[r.index()];
            let whole = |r: Register| sure[r.index()] == values[r.index()];
            sure[at] = match *op {
                PlanOp::Leaf(leaf) if self.leaves[leaf as usize].assumed => 0.0,
                PlanOp::Leaf(_) => values[at],
                PlanOp::Named { named, .. } if self.named[named as usize].assumed => 0.0,
                PlanOp::Named { as_in, .. } => of(as_in),
                PlanOp::Constant => values[at],
                PlanOp::Sum { first, count } => self.operands(first, count).iter().fold(0.0, |sum, r| sum + of(*r)),
                PlanOp::Max { first, count } => self.largest_of(first, count, values).map_or(0.0, of),
                PlanOp::Sub(a, b) => of(a) - of(b),
                PlanOp::Mul(a, b) => of(a) * of(b),
                PlanOp::Div(a, b) if whole(b) => of(a) / values[b.index()],
                PlanOp::Min(a, b) => of(self.smaller(a, b, values)),
                PlanOp::Choose { operands } if whole(self.choice(operands)[0]) => of(self.taken(operands, values)),
                PlanOp::Power(a, b) | PlanOp::Compare(_, a, b) if whole(a) && whole(b) => values[at],
                PlanOp::Apply(_, a) if whole(a) => values[at],
                PlanOp::Model { first, count, .. } if self.operands(first, count).iter().all(|r| whole(*r)) => {
                    values[at]
                }
                PlanOp::Div(..)
                | PlanOp::Power(..)
                | PlanOp::Compare(..)
                | PlanOp::Choose { .. }
                | PlanOp::Apply(..)
                | PlanOp::Model { .. } => 0.0,
            };
        }
        sure
    }

    /// What stands for a register that is the largest of some: the largest itself.
    pub(crate) fn chosen(&self, register: Register) -> Register {
        match self.ops[register.index()] {
            PlanOp::Max { first, count } => {
                let largest = self.largest_of(first, count, &self.values);
                largest.map_or(register, |largest| self.chosen(largest))
            }
            PlanOp::Min(a, b) => self.chosen(self.smaller(a, b, &self.values)),
            PlanOp::Choose { operands } => self.chosen(self.taken(operands, &self.values)),
            _ => register,
        }
    }

    /// The smaller of two, the first of equal ones.
    pub(crate) fn smaller(&self, a: Register, b: Register, values: &[f64]) -> Register {
        if values[b.index()] < values[a.index()] { b } else { a }
    }

    /// The first of the largest operands.
    pub(crate) fn largest_of(&self, first: u32, count: u32, values: &[f64]) -> Option<Register> {
        let mut largest: Option<Register> = None;
        for &register in self.operands(first, count) {
            if largest.is_none_or(|l| values[register.index()] > values[l.index()]) {
                largest = Some(register);
            }
        }
        largest
    }

    /// How much `result` changes with each register, all else the same; what stands before a register of `ends` is left out.
    pub(crate) fn derivatives(&self, result: Register, values: &[f64], ends: &[Register]) -> Vec<f64> {
        let mut by = zeros(values.len());
        let mut end = vec![false; values.len()];
        for register in ends {
            end[register.index()] = true;
        }
        by[result.index()] = 1.0;
        for at in (0..=result.index()).rev() {
            let own = by[at];
            if own == 0.0 || end[at] {
                continue;
            }
            let value = |r: Register| values[r.index()];
            match self.ops[at] {
                PlanOp::Leaf(_) | PlanOp::Constant | PlanOp::Compare(..) => {}
                PlanOp::Choose { operands } => by[self.taken(operands, values).index()] += own,
                PlanOp::Sum { first, count } => {
                    for r in self.operands(first, count) {
                        by[r.index()] += own;
                    }
                }
                PlanOp::Max { first, count } => {
                    if let Some(r) = self.largest_of(first, count, values) {
                        by[r.index()] += own;
                    }
                }
                PlanOp::Sub(a, b) => {
                    by[a.index()] += own;
                    by[b.index()] -= own;
                }
                PlanOp::Mul(a, b) => {
                    by[a.index()] += own * value(b);
                    by[b.index()] += own * value(a);
                }
                PlanOp::Div(a, b) => {
                    by[a.index()] += own / value(b);
                    by[b.index()] -= own * value(a) / (value(b) * value(b));
                }
                PlanOp::Min(a, b) => by[self.smaller(a, b, values).index()] += own,
                PlanOp::Power(a, b) => {
                    by[a.index()] += own * value(b) * Step::Power.of_two(value(a), value(b) - 1.0);
                    // Of a negative number only whole powers exist, and they have no slope over the exponent.
                    if value(a) > 0.0 {
                        by[b.index()] += own * values[at] * Function::Ln.of_one(value(a));
                    }
                }
                PlanOp::Apply(function, a) => by[a.index()] += own * slope(function, value(a)),
                PlanOp::Named { as_in, .. } => by[as_in.index()] += own,
                PlanOp::Model { model, first, count } => {
                    let operands = self.operands(first, count);
                    for (place, register) in operands.iter().enumerate() {
                        by[register.index()] += own * self.slope_of_model(model, operands, place, values);
                    }
                }
            }
        }
        by
    }

    /// How much what a model gives changes with one of its operands: the difference over a small step to both sides, or over one to both sides
    /// for a number that can only be whole.
    fn slope_of_model(&self, model: u32, operands: &[Register], place: usize, values: &[f64]) -> f64 {
        let stated: Vec<f64> = operands.iter().map(|r| values[r.index()]).collect();
        let at = |step: f64| {
            let mut moved = stated.clone();
            moved[place] += step;
            self.models[model as usize](&moved).unwrap_or(f64::NAN)
        };
        let between = |step: f64| (at(step) - at(-step)) / (2.0 * step);
        let fine = between(FINE * stated[place].abs());
        if fine.is_finite() { fine } else { between(1.0) }
    }
}

/// Step of the differences, relative to the number: their error is about its square, and solutions are exact to less than its cube.
const FINE: f64 = 1e-3;

/// The slope of a function of one number.
fn slope(function: Function, at: f64) -> f64 {
    match function {
        Function::Sqrt => 0.5 / at.sqrt(),
        Function::Exp => Function::Exp.of_one(at),
        Function::Ln => 1.0 / at,
        Function::Log2 => std::f64::consts::LOG2_E / at,
        Function::Log10 => std::f64::consts::LOG10_E / at,
        Function::Abs => at.signum(),
        // Whole numbers do not move with what they are rounded from; the smaller and the larger of two are operations of their own.
        Function::Ceil | Function::Floor | Function::Min | Function::Max => 0.0,
    }
}
