//! Formulas such as `13 lambda x 30 lambda`: compiled once, evaluated often, dimension-checked.
//!
//! * `+ - * / ^`, parentheses, `pi`, and the functions `sqrt exp ln log2 log10 ceil floor abs min
//!   max`. `^` takes an integer power of anything, and any power of a plain number.
//! * `if(condition, a, b)` is `a` where the condition is not zero, else `b`; the other one may have no
//!   value. `< <= > >= ==` compare two of a kind and give 1 or 0.
//! * A number may carry a unit, `16 mW / 8`. A word that is a unit is always read as one there, so
//!   `4 F` is four farads even where a variable `F` exists; `4 * F` is the variable.
//! * A number before a name multiplies it and binds tighter than `/`, so that `30 lambda / 2 lambda`
//!   is 15. A power binds tighter still: `2 lambda^2` is twice the square, like `2 um^2`.
//! * An ` x ` with spaces around it and operands on both sides multiplies.
//! * A hyphen joins a name when no space is next to it: `r-low` is a name, `a - b` a difference.

mod eval;
mod lex;
mod parser;
mod steps;

pub use steps::Step;

use super::error::ParseError;
use super::kinds::Unit;
use super::quantity::Quantity;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// A formula ready to be evaluated with any set of variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    text: String,
    names: Vec<String>,
    code: Vec<Instruction>,
}

/// One postfix step and the bytes of the formula it computes.
#[derive(Clone, Debug, PartialEq)]
struct Instruction {
    op: Op,
    range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Constant(Quantity),
    /// The variable at this index of `names`.
    Variable(usize),
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Compare(CompareOp),
    /// `if` of three.
    Choose,
    Call(Function),
}

/// A comparison of two numbers; it gives 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
}

impl CompareOp {
    /// 1 where it is true, 0 where it is not; of what is no number no number.
    #[must_use]
    pub fn of(self, left: f64, right: f64) -> f64 {
        if left.is_nan() || right.is_nan() {
            return f64::NAN;
        }
        let holds = match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Equal => left == right,
        };
        f64::from(u8::from(holds))
    }
}

/// The choice of `if`: the first where the condition is not zero, else the second; of a condition that is no number no number.
#[must_use]
pub fn chosen(condition: f64, first: f64, second: f64) -> f64 {
    if condition.is_nan() {
        f64::NAN
    } else if condition != 0.0 {
        first
    } else {
        second
    }
}

/// How the choice is written.
const CHOICE: &str = "if";

/// A function that a formula can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Square root.
    Sqrt,
    /// Exponential.
    Exp,
    /// Natural logarithm.
    Ln,
    /// Logarithm to base 2.
    Log2,
    /// Logarithm to base 10.
    Log10,
    /// The next whole number above.
    Ceil,
    /// The next whole number below.
    Floor,
    /// Absolute value.
    Abs,
    /// The smaller of two; of more by steps.
    Min,
    /// The larger of two; of more by steps.
    Max,
}

const FUNCTIONS: [(&str, Function); 10] = [
    ("sqrt", Function::Sqrt),
    ("exp", Function::Exp),
    ("ln", Function::Ln),
    ("log2", Function::Log2),
    ("log10", Function::Log10),
    ("ceil", Function::Ceil),
    ("floor", Function::Floor),
    ("abs", Function::Abs),
    ("min", Function::Min),
    ("max", Function::Max),
];

impl Function {
    /// All functions, as they are written.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(|(name, _)| *name).chain([CHOICE])
    }

    /// The function as it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = FUNCTIONS.iter().find(|(_, function)| *function == self);
        found.map_or("", |(name, _)| name)
    }
}

impl Formula {
    /// Compiles a formula; names are looked up only when it is evaluated.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (code, names) = parser::compile(text)?;
        Ok(Self { text: text.to_owned(), names, code })
    }

    /// The value with the variables that `scope` knows. Errors point into the formula text; for an
    /// unknown variable `ParseError::name` holds it.
    pub fn eval(&self, scope: &dyn Fn(&str) -> Option<Quantity>) -> Result<Quantity, ParseError> {
        eval::run(self, scope)
    }

    /// The value as a typed quantity; a value of another kind is an error that names both.
    pub fn eval_as<T: Unit>(&self, scope: &dyn Fn(&str) -> Option<Quantity>) -> Result<T, ParseError> {
        let value = self.eval(scope)?;
        value.to().map_err(|mismatch| {
            let help = format!("a value of the right kind is \"{}\"", T::EXAMPLE);
            ParseError::new(0..self.text.len(), mismatch.to_string()).with_help(help)
        })
    }

    /// The variables the formula needs, each once, in order of appearance.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The text the formula was compiled from.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for Formula {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests;
