//! Runs postfix code on a stack and checks dimensions on the way.

use super::{FUNCTIONS, Formula, Function, Instruction, Op, chosen};
use crate::units::dimension::Dimension;
use crate::units::error::ParseError;
use crate::units::quantity::Quantity;
use crate::units::{suggest, unit_text};
use std::ops::Range;

type Scope<'a> = &'a dyn Fn(&str) -> Option<Quantity>;

pub(super) fn run(formula: &Formula, scope: Scope<'_>) -> Result<Quantity, ParseError> {
    let mut stack = Vec::new();
    // A step without a value is a mistake where the result rests on it: the choice that is not taken may have none.
    let mut without_value: Option<Range<usize>> = None;
    for Instruction { op, range } in &formula.code {
        let value = match *op {
            Op::Constant(quantity) => Ok(quantity),
            Op::Variable(index) => {
                let name = &formula.names[index];
                scope(name).ok_or_else(|| unknown(name, range.clone(), scope))
            }
            Op::Negate => {
                let value = pop(&mut stack);
                Ok(Quantity::new(-value.si, value.dim))
            }
            Op::Call(function @ (Function::Min | Function::Max)) => {
                let right = pop(&mut stack);
                extreme(function, pop(&mut stack), right).map_err(|message| ParseError::new(range.clone(), message))
            }
            Op::Call(function) => {
                call(function, pop(&mut stack)).map_err(|message| ParseError::new(range.clone(), message))
            }
            Op::Choose => {
                let second = pop(&mut stack);
                let first = pop(&mut stack);
                choice(pop(&mut stack), first, second).map_err(|message| ParseError::new(range.clone(), message))
            }
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Power | Op::Compare(_) => {
                let right = pop(&mut stack);
                binary(*op, pop(&mut stack), right).map_err(|message| ParseError::new(range.clone(), message))
            }
        };
        let value = value?;
        if value.si.is_finite() {
            stack.push(value);
        } else {
            // Not infinite: `1 / (1 / 0)` would end in an innocent zero.
            stack.push(Quantity::new(f64::NAN, value.dim));
            without_value.get_or_insert_with(|| range.clone());
        }
    }
    let result = pop(&mut stack);
    match without_value {
        Some(range) if result.si.is_nan() => Err(ParseError::new(range, "the result is not a finite number")),
        _ => Ok(result),
    }
}

/// The parser emits an operator only after its operands, so the stack is never empty here; were it empty, the result would be refused
/// as not finite.
fn pop(stack: &mut Vec<Quantity>) -> Quantity {
    stack.pop().unwrap_or_else(|| Quantity::number(f64::NAN))
}

fn unknown(name: &str, range: Range<usize>, scope: Scope<'_>) -> ParseError {
    let mut error = ParseError::new(range, format!("unknown name \"{name}\""));
    error.name = Some(name.to_owned());
    let known = |part: &str| unit_text::is_unit(part) || scope(part).is_some();
    error.help = if unit_text::is_unit(name) {
        Some(format!("a unit stands after a number, as in \"1 {name}\""))
    } else if FUNCTIONS.iter().any(|(function, _)| *function == name) {
        Some(format!("a function needs a value, as in \"{name}(2)\""))
    } else if let Some((left, right)) = name.split_once('-').filter(|(left, _)| known(left)) {
        let subtract = format!("to subtract, write \"{left} - {right}\"");
        Some(format!("a hyphen without spaces joins a name; {subtract}"))
    } else {
        suggest::other_case(name).map(|unit| format!("if a unit is meant, it is \"{unit}\""))
    };
    error
}

fn binary(op: Op, left: Quantity, right: Quantity) -> Result<Quantity, String> {
    let (a, b) = (left.dim, right.dim);
    match op {
        Op::Add if a != b => Err(format!("adds {} to {}", a.phrase(), b.phrase())),
        Op::Add => Ok(Quantity::new(left.si + right.si, left.dim)),
        Op::Subtract if a != b => Err(format!("subtracts {} from {}", b.phrase(), a.phrase())),
        Op::Subtract => Ok(Quantity::new(left.si - right.si, left.dim)),
        Op::Multiply => left.checked_mul(right).ok_or_else(too_high),
        Op::Divide => left.checked_div(right).ok_or_else(too_high),
        Op::Compare(_) if a != b => Err(format!("compares {} with {}", a.phrase(), b.phrase())),
        Op::Compare(comparison) => Ok(Quantity::number(comparison.of(left.si, right.si))),
        _ => power(left, right),
    }
}

fn too_high() -> String {
    "the result has a unit to a power above 127".to_owned()
}

fn power(base: Quantity, exponent: Quantity) -> Result<Quantity, String> {
    if exponent.dim != Dimension::NUMBER {
        let found = exponent.dim.phrase();
        return Err(format!("an exponent is a plain number, not {found}"));
    }
    let n = exponent.si;
    let dim = if base.dim == Dimension::NUMBER {
        base.dim
    } else if n.fract() != 0.0 {
        let base = base.dim.phrase();
        return Err(format!("only an integer power of {base} has a meaning, not {n}"));
    } else {
        let small = i8::try_from(n as i64).ok();
        let dim = small.and_then(|n| base.dim.checked_pow(n));
        dim.ok_or_else(too_high)?
    };
    Ok(Quantity::new(raised(base.si, n), dim))
}

/// Squares by multiplication, so that `a^2` and `a * a` are the same bits.
pub(super) fn raised(base: f64, exponent: f64) -> f64 {
    match exponent {
        2.0 => base * base,
        _ if base.is_nan() => f64::NAN,
        _ => libm::pow(base, exponent),
    }
}

fn choice(condition: Quantity, first: Quantity, second: Quantity) -> Result<Quantity, String> {
    if condition.dim != Dimension::NUMBER {
        return Err(format!("a condition is a comparison, not {}", condition.dim.phrase()));
    }
    if first.dim != second.dim {
        return Err(format!("is {} or {}, depending on a condition", first.dim.phrase(), second.dim.phrase()));
    }
    Ok(Quantity::new(chosen(condition.si, first.si, second.si), first.dim))
}

fn extreme(function: Function, left: Quantity, right: Quantity) -> Result<Quantity, String> {
    if left.dim != right.dim {
        let (a, b) = (left.dim.phrase(), right.dim.phrase());
        return Err(format!("compares {a} with {b}"));
    }
    Ok(Quantity::new(function.of_two(left.si, right.si), left.dim))
}

fn call(function: Function, value: Quantity) -> Result<Quantity, String> {
    let si = function.of_one(value.si);
    match function {
        Function::Sqrt => {
            let odd = || format!("the square root of {} has no unit", value.dim.phrase());
            return Ok(Quantity::new(si, value.dim.sqrt().ok_or_else(odd)?));
        }
        Function::Abs | Function::Min | Function::Max => return Ok(Quantity::new(si, value.dim)),
        _ => {}
    }
    if value.dim != Dimension::NUMBER {
        let (name, found) = (function.name(), value.dim.phrase());
        return Err(format!("{name} takes a plain number, not {found}"));
    }
    Ok(Quantity::number(si))
}
