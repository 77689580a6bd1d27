//! What a number on the tape rests on: the part without assumptions, and how it changes with others.

use super::tape::{PlanOp, Register, Tape};

impl Tape {
    /// Of every register the part that rests on no assumed number: of a sum that of its terms, of a product the product of its factors'
    /// parts, of a largest that of the largest one, and of a quotient that of what is divided, if the divisor is sure.
    pub(crate) fn sure(&self, values: &[f64]) -> Vec<f64> {
        let mut sure = vec![0.0; values.len()];
        for (at, op) in self.ops.iter().enumerate() {
            let of = |r: Register| sure[r.index()];
            let whole = |r: Register| sure[r.index()] == values[r.index()];
            sure[at] = match *op {
                PlanOp::Leaf(leaf) => {
                    if self.leaves[leaf as usize].assumed {
                        0.0
                    } else {
                        values[at]
                    }
                }
                PlanOp::Constant => values[at],
                PlanOp::Sum { first, count } => self.operands(first, count).iter().fold(0.0, |sum, r| sum + of(*r)),
                PlanOp::Max { first, count } => self.largest_of(first, count, values).map_or(0.0, of),
                PlanOp::Sub(a, b) => of(a) - of(b),
                PlanOp::Mul(a, b) => of(a) * of(b),
                PlanOp::Div(a, b) => {
                    if whole(b) {
                        of(a) / values[b.index()]
                    } else {
                        0.0
                    }
                }
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
            _ => register,
        }
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
        let mut by = vec![0.0; values.len()];
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
                PlanOp::Leaf(_) | PlanOp::Constant => {}
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
            }
        }
        by
    }
}
