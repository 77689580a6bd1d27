//! A formula without names and dimensions: steps over operands in SI units, for evaluating it again with other values.

use super::eval::raised;
use super::{CompareOp, Formula, Function, Op, chosen};
use crate::units::{Dimension, Quantity};

/// One step of a formula in postfix order: it takes its operands from a stack and leaves its result there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Pushes a quantity.
    Constant(Quantity),
    /// Pushes the operand at this index of [`Formula::names`].
    Operand(usize),
    /// Turns the sign.
    Negate,
    /// Adds two.
    Add,
    /// Subtracts the upper one from the lower one.
    Subtract,
    /// Multiplies two.
    Multiply,
    /// Divides the lower one by the upper one.
    Divide,
    /// Raises the lower one to the power of the upper one.
    Power,
    /// Compares the lower one with the upper one.
    Compare(CompareOp),
    /// Takes a condition and two values: the lower of these where the condition is not zero, else the upper.
    Choose,
    /// A function of one value, or of two for [`Function::Min`] and [`Function::Max`].
    Call(Function),
}

impl Step {
    /// How many values it takes from the stack.
    #[must_use]
    pub fn takes(self) -> usize {
        match self {
            Self::Constant(_) | Self::Operand(_) => 0,
            Self::Negate => 1,
            Self::Call(function) => 1 + usize::from(function.takes_two()),
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Power | Self::Compare(_) => 2,
            Self::Choose => 3,
        }
    }

    /// The dimension of the result of a step over operands of these dimensions, of which a formula that has been evaluated has the right
    /// ones; of a step that takes one value the second is not looked at. `exponent` is the value of the second for [`Step::Power`].
    #[must_use]
    pub fn dimension(self, of: [Dimension; 2], exponent: f64) -> Option<Dimension> {
        let [first, second] = of;
        match self {
            Self::Constant(quantity) => Some(quantity.dim),
            Self::Multiply => first.checked_mul(second),
            Self::Divide => first.checked_div(second),
            Self::Power if first != Dimension::NUMBER => first.checked_pow(exponent as i8),
            Self::Call(Function::Sqrt) => first.sqrt(),
            Self::Call(Function::Abs | Function::Min | Function::Max) => Some(first),
            Self::Call(_) | Self::Power | Self::Compare(_) => Some(Dimension::NUMBER),
            Self::Choose => Some(second),
            Self::Operand(_) | Self::Negate | Self::Add | Self::Subtract => Some(first),
        }
    }

    /// The result of a step that takes one value.
    #[must_use]
    pub fn of_one(self, value: f64) -> f64 {
        match self {
            Self::Negate => -value,
            Self::Call(function) => function.of_one(value),
            _ => f64::NAN,
        }
    }

    /// The result of a step that takes two values.
    #[must_use]
    pub fn of_two(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => raised(left, right),
            Self::Compare(comparison) => comparison.of(left, right),
            Self::Call(function) => function.of_two(left, right),
            _ => f64::NAN,
        }
    }
}

impl Function {
    /// True for those of two values.
    #[must_use]
    pub fn takes_two(self) -> bool {
        matches!(self, Self::Min | Self::Max)
    }

    /// Its value at one point; not a number for a function of two.
    #[must_use]
    pub fn of_one(self, value: f64) -> f64 {
        match self {
            Self::Sqrt => value.sqrt(),
            Self::Exp => libm::exp(value),
            Self::Ln => libm::log(value),
            Self::Log2 => libm::log2(value),
            Self::Log10 => libm::log10(value),
            Self::Ceil => value.ceil(),
            Self::Floor => value.floor(),
            Self::Abs => value.abs(),
            Self::Min | Self::Max => f64::NAN,
        }
    }

    /// Its value of two; not a number for a function of one.
    #[must_use]
    pub fn of_two(self, left: f64, right: f64) -> f64 {
        match self {
            // What has no value has none in company either.
            Self::Min | Self::Max if left.is_nan() || right.is_nan() => f64::NAN,
            Self::Min => left.min(right),
            Self::Max => left.max(right),
            _ => f64::NAN,
        }
    }
}

impl Formula {
    /// The steps, in postfix order. Dimensions have no part in them: they do not depend on values, except that of a power of a quantity
    /// with a unit, whose exponent is checked when it is a variable.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        self.code.iter().map(|instruction| match instruction.op {
            Op::Constant(quantity) => Step::Constant(quantity),
            Op::Variable(index) => Step::Operand(index),
            Op::Negate => Step::Negate,
            Op::Add => Step::Add,
            Op::Subtract => Step::Subtract,
            Op::Multiply => Step::Multiply,
            Op::Divide => Step::Divide,
            Op::Power => Step::Power,
            Op::Compare(comparison) => Step::Compare(comparison),
            Op::Choose => Step::Choose,
            Op::Call(function) => Step::Call(function),
        })
    }

    /// True if a power's exponent is no constant, so that the dimension may change with the value of a name.
    #[must_use]
    pub fn dimension_depends_on_values(&self) -> bool {
        let steps = self.code.windows(2);
        steps.into_iter().any(|pair| pair[1].op == Op::Power && !matches!(pair[0].op, Op::Constant(_)))
    }

    /// The value in SI units with these operands, in the order of [`Formula::names`]: the same bits as [`Formula::eval`]. A step that has
    /// no finite result makes it not a number.
    #[must_use]
    pub fn value(&self, operands: &[f64], stack: &mut Vec<f64>) -> f64 {
        stack.clear();
        for step in self.steps() {
            let value = match step {
                Step::Constant(quantity) => quantity.si,
                Step::Operand(index) => operands.get(index).copied().unwrap_or(f64::NAN),
                _ => {
                    let mut pop = || stack.pop().unwrap_or(f64::NAN);
                    let upper = pop();
                    match step.takes() {
                        1 => step.of_one(upper),
                        2 => step.of_two(pop(), upper),
                        _ => {
                            let lower = pop();
                            chosen(pop(), lower, upper)
                        }
                    }
                }
            };
            // What has no value may still be the choice that is not taken.
            stack.push(if value.is_finite() { value } else { f64::NAN });
        }
        stack.pop().unwrap_or(f64::NAN)
    }
}
