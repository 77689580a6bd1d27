//! Arithmetic on constants, number by number.

use super::{Const, Data, broadcast, repeated, small};

/// A function of one constant; none if it is no such operator.
pub(super) fn unary(operator: &str, a: &Const) -> Option<Const> {
    let fractions = |function: fn(f64) -> f64| match &a.data {
        Data::Unknown => Data::Unknown,
        Data::Whole(values) => Data::Fractions(values.iter().map(|&value| function(value as f64)).collect()),
        Data::Fractions(values) => Data::Fractions(values.iter().map(|&value| function(value)).collect()),
    };
    let both = |whole: fn(i64) -> i64, other: fn(f64) -> f64| match &a.data {
        Data::Whole(values) => Data::Whole(values.iter().map(|&value| whole(value)).collect()),
        _ => fractions(other),
    };
    let data = match operator {
        "Neg" => both(i64::wrapping_neg, |value| -value),
        "Abs" => both(i64::wrapping_abs, f64::abs),
        "Not" => both(|value| i64::from(value == 0), |value| value),
        "Sign" => both(i64::signum, f64::signum),
        "Floor" => both(|value| value, f64::floor),
        "Ceil" => both(|value| value, f64::ceil),
        "Round" => both(|value| value, f64::round_ties_even),
        "Sqrt" => fractions(libm::sqrt),
        "Reciprocal" => fractions(|value| 1.0 / value),
        "Exp" => fractions(libm::exp),
        "Log" => fractions(libm::log),
        "Relu" => both(|value| value.max(0), |value| value.max(0.0)),
        // Of these nobody needs the numbers.
        "IsNaN" | "Sin" | "Cos" | "Tanh" | "Sigmoid" | "Erf" | "Softmax" | "Trilu" | "CumSum" | "Gelu"
        | "ScatterND" | "ScatterElements" | "QuantizeLinear" | "LayerNormalization" => Data::Unknown,
        _ => return None,
    };
    Some(Const { sizes: a.sizes.clone(), data, stored: None })
}

/// A function of two constants, the smaller one repeated; none if it is no such operator, or their sizes do not fit.
pub(super) fn binary(operator: &str, a: &Const, b: &Const) -> Option<Const> {
    type Whole = fn(i64, i64) -> Option<i64>;
    type Other = fn(f64, f64) -> f64;
    let truth: (Whole, Other) = match operator {
        "Add" => (i64::checked_add, |a, b| a + b),
        "Sub" => (i64::checked_sub, |a, b| a - b),
        "Mul" => (i64::checked_mul, |a, b| a * b),
        "Div" => (i64::checked_div, |a, b| a / b),
        "Mod" => (|a, b| if b == 0 { None } else { a.checked_rem_euclid(b) }, |a, b| a - b * libm::floor(a / b)),
        "Pow" => (|a, b| a.checked_pow(u32::try_from(b).ok()?), libm::pow),
        "Min" => (|a, b| Some(a.min(b)), f64::min),
        "Max" => (|a, b| Some(a.max(b)), f64::max),
        "Equal" => (|a, b| Some(i64::from(a == b)), |a, b| f64::from(a == b)),
        "Less" => (|a, b| Some(i64::from(a < b)), |a, b| f64::from(a < b)),
        "LessOrEqual" => (|a, b| Some(i64::from(a <= b)), |a, b| f64::from(a <= b)),
        "Greater" => (|a, b| Some(i64::from(a > b)), |a, b| f64::from(a > b)),
        "GreaterOrEqual" => (|a, b| Some(i64::from(a >= b)), |a, b| f64::from(a >= b)),
        "And" => (|a, b| Some(i64::from(a != 0 && b != 0)), |a, b| a * b),
        "Or" => (|a, b| Some(i64::from(a != 0 || b != 0)), f64::max),
        "Xor" => (|a, b| Some(i64::from((a != 0) != (b != 0))), |a, _| a),
        _ => return None,
    };
    let sizes = broadcast(&a.sizes, &b.sizes)?;
    let unknown = Const::unknown(sizes.clone());
    if !small(&sizes) || a.data == Data::Unknown || b.data == Data::Unknown {
        return Some(unknown);
    }
    let (a, b) =
        (a.picked(sizes.clone(), &repeated(&a.sizes, &sizes)), b.picked(sizes.clone(), &repeated(&b.sizes, &sizes)));
    let fractions = |data: &Data| match data {
        Data::Unknown => Vec::new(),
        Data::Whole(values) => values.iter().map(|&value| value as f64).collect(),
        Data::Fractions(values) => values.clone(),
    };
    let data = match (&a.data, &b.data) {
        (Data::Whole(a), Data::Whole(b)) => {
            let values: Option<Vec<i64>> = a.iter().zip(b).map(|(&a, &b)| truth.0(a, b)).collect();
            values.map_or(Data::Unknown, Data::Whole)
        }
        (a, b) => Data::Fractions(fractions(a).into_iter().zip(fractions(b)).map(|(a, b)| truth.1(a, b)).collect()),
    };
    Some(Const { sizes, data, stored: None })
}
