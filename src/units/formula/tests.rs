//! What formulas mean and how they fail.

use super::Formula;
use crate::units::{Area, Dimension, Energy, ParseError, Power, Quantity, Time, parse_quantity};
use proptest::prelude::*;

fn scope(name: &str) -> Option<Quantity> {
    let text = match name {
        "lambda" => "45 nm",
        "r-low" => "6 kohm",
        "a" => "5",
        "b" => "3",
        "x" => "7",
        "p" => "2 W",
        "t" => "4 s",
        "area" => "9 um^2",
        "s" => "11",
        "huge" => return Some(Quantity::number(1e300)),
        _ => return None,
    };
    parse_quantity(text).ok()
}

fn eval(text: &str) -> Result<Quantity, ParseError> {
    Formula::parse(text)?.eval(&scope)
}

fn number(text: &str) -> f64 {
    let value = eval(text).expect(text);
    assert_eq!(value.dim, Dimension::NUMBER, "{text}");
    value.si
}

fn message(text: &str) -> String {
    eval(text).expect_err(text).message
}

#[test]
fn operators_bind_as_in_written_mathematics() {
    for (text, want) in [
        ("1 + 2 * 3", 7.0),
        ("2-3", -1.0),
        ("8 - 3 - 2", 3.0),
        ("8 / 4 / 2", 1.0),
        ("-2^2", -4.0),
        ("2^-1", 0.5),
        ("2^3^2", 512.0),
        ("2^a", 32.0),
        ("2^0.5 - sqrt(2)", 0.0),
        ("(1 + 2) * 3", 9.0),
        ("2 * -3", -6.0),
        ("+5 - -5", 10.0),
        ("2 \u{d7} 3 \u{b7} 4", 24.0),
        ("50% * 4", 2.0),
        ("2 pi / pi", 2.0),
    ] {
        assert_eq!(number(text), want, "{text}");
    }
}

#[test]
fn functions_compute() {
    for (text, want) in [
        ("log2(8)", 3.0),
        ("log10(1000)", 3.0),
        ("ln(exp(2))", 2.0),
        ("ceil(1.2) + floor(1.8)", 3.0),
        ("min(3, 1, 2)", 1.0),
        ("max(3, 1, 5)", 5.0),
        ("max(4)", 4.0),
        ("abs(0 - 4)", 4.0),
        ("min(1,2)", 1.0),
        ("2 sqrt(4)", 4.0),
    ] {
        assert_eq!(number(text), want, "{text}");
    }
}

#[test]
fn a_number_takes_the_unit_that_follows() {
    assert_eq!(eval("16 mW / 8"), Ok(Power::new(2e-3).into()));
    assert_eq!(eval("0.52 mW/2"), Ok(Power::new(0.26e-3).into()));
    assert_eq!(eval("64 uW"), Ok(Power::new(64e-6).into()));
    assert_eq!(eval("10 ohm um^2"), parse_quantity("10 ohm um^2"));
    assert_eq!(eval("1.28 GS/s"), parse_quantity("1.28 GHz"));
    assert_eq!(eval("22 W / s"), Ok(Power::new(2.0).into()));
    assert_eq!(eval("22 J/s"), Ok(Power::new(22.0).into()));
    assert_eq!(eval("2 um ^ 2"), Ok(Area::new(2e-12).into()));
}

#[test]
fn a_number_multiplies_the_name_that_follows() {
    assert_eq!(eval("2 * 13 lambda").map(|q| q.dim), Ok(Dimension::LENGTH));
    let cell = eval("13 lambda x 30 lambda").expect("an area");
    assert_eq!(cell, Area::new((13.0 * 45e-9) * (30.0 * 45e-9)).into());
    assert_eq!(number("30 lambda / 2 lambda"), 15.0);
    assert_eq!(number("2 a^2"), 50.0);
    assert_eq!(number("2^2 a"), 20.0);
}

#[test]
fn x_is_a_sign_only_between_spaced_operands() {
    assert_eq!(number("2 x 3"), 6.0);
    assert_eq!(number("2 x (3)"), 6.0);
    assert_eq!(number("x"), 7.0);
    assert_eq!(number("2 x"), 14.0);
    assert_eq!(number("x x x"), 49.0);
    assert_eq!(number("x + 1"), 8.0);
    assert_eq!(number("2 x - 1"), 13.0);
    assert_eq!(message("2 x3"), "unknown name \"x3\"");
}

#[test]
fn a_hyphen_without_spaces_belongs_to_the_name() {
    assert_eq!(eval("r-low * 2").map(|q| q.si), Ok(12e3));
    assert_eq!(number("a - b"), 2.0);
    let error = eval("a-b").expect_err("one name");
    assert_eq!(error.name.as_deref(), Some("a-b"));
    assert!(error.help.is_some_and(|help| help.contains("\"a - b\"")));
    let error = eval("5 V-3 V").expect_err("a hyphen without spaces");
    assert!(error.help.is_some_and(|help| help.contains("\"V-3\" is one name")));
}

#[test]
fn dimensions_follow_the_computation() {
    assert_eq!(eval("p * t"), Ok(Energy::new(8.0).into()));
    assert_eq!(eval("t^2 / t"), Ok(Time::new(4.0).into()));
    assert_eq!(eval("sqrt(area) * 2").map(|q| q.dim), Ok(Dimension::LENGTH));
    assert_eq!(eval("min(p, 3 W)"), Ok(Power::new(2.0).into()));
    assert_eq!(eval("(3 um)^2"), Ok(Area::new(3e-6 * 3e-6).into()));
}

#[test]
fn mixed_dimensions_are_named() {
    for (text, want) in [
        ("p + t", "adds a power to a time"),
        ("p - t", "subtracts a time from a power"),
        ("min(p, t)", "compares a power with a time"),
        ("1 + p", "adds a number to a power"),
        ("exp(p)", "exp takes a plain number, not a power"),
        ("sqrt(p)", "the square root of a power has no unit"),
        ("2^p", "an exponent is a plain number, not a power"),
        ("p^0.5", "only an integer power of a power has a meaning, not 0.5"),
        ("p^100", "the result has a unit to a power above 127"),
    ] {
        assert_eq!(message(text), want, "{text}");
    }
    let error = Formula::parse("p").and_then(|f| f.eval_as::<Time>(&scope));
    let error = error.expect_err("a power is no time");
    assert_eq!(error.message, "expected a time, found a power");
}

#[test]
fn results_that_are_not_finite_are_refused_at_the_step_that_made_them() {
    for text in ["1 / 0", "1 / (1 / 0)", "ln(0)", "sqrt(0 - 1)", "huge * huge"] {
        assert_eq!(message(text), "the result is not a finite number", "{text}");
    }
    assert_eq!(eval("1 / (1 / 0)").map_err(|e| e.range), Err(5..10));
}

#[test]
fn an_unknown_name_is_exposed() {
    let error = eval("2 * tmrr").expect_err("unknown");
    assert_eq!(error.message, "unknown name \"tmrr\"");
    assert_eq!((error.range, error.name), (4..8, Some("tmrr".into())));
    let help = |text| eval(text).expect_err(text).help.unwrap_or_default();
    assert_eq!(help("16 mw / 8"), "if a unit is meant, it is \"mW\"");
    assert!(help("2 * uW").contains("after a number"));
}

#[test]
fn broken_formulas_say_what_is_missing() {
    for (text, range, want) in [
        ("", 0..0, "expected a formula, found nothing"),
        ("2 +", 3..3, "the formula ends where a value should follow"),
        ("(2", 0..1, "this parenthesis is never closed"),
        ("2)", 1..2, "this parenthesis closes nothing"),
        ("2 3", 2..3, "expected an operator, found \"3\""),
        ("* 2", 0..1, "expected a value, found \"*\""),
        ("foo(2)", 0..3, "unknown function \"foo\""),
        ("sqrt(2, 3)", 0..10, "sqrt takes one value, not 2"),
        ("2 $ 3", 2..3, "\"$\" has no meaning in a formula"),
        ("1_000", 0..5, "\"1_000\" is not a number"),
        ("2 + 1e999", 4..9, "the number 1e999 is too large"),
        ("2 um^n", 0..5, "it is not clear what the power applies to"),
    ] {
        let error = eval(text).expect_err(text);
        assert_eq!((error.range, error.message.as_str()), (range, want), "{text}");
    }
}

#[test]
fn names_are_listed_once_in_order() {
    let formula = Formula::parse("b * a + b * pi * sqrt(4)").expect("a formula");
    assert_eq!(formula.names().collect::<Vec<_>>(), ["b", "a"]);
}

#[test]
fn depth_and_length_are_limited() {
    let nested = |n| format!("{}1{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(number(&nested(64)), 1.0);
    assert!(message(&nested(65)).contains("nested"));
    for unit in ["(", "-", "2^", "sqrt(", "a^("] {
        assert!(message(&unit.repeat(1000)[..1000]).contains("nested"), "{unit}");
    }
    assert!(message(&"1".repeat(5000)).contains("at most 4096 bytes"));
    assert_eq!(number(&format!("1{}", "+1".repeat(2000))), 2001.0);
}

fn survives(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = eval(text) {
        prop_assert!(text.get(error.range).is_some());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_formula_parser_never_panics_on_arbitrary_text(text in any::<String>()) {
        survives(&text)?;
    }

    #[test]
    fn the_formula_parser_never_panics_on_likely_text(text in "[-+*/^(), .0-9a-ex\u{b5}mW\u{b2}%]{0,40}") {
        survives(&text)?;
    }

    #[test]
    fn a_printed_quantity_is_a_formula_for_itself(si in prop::num::f64::NORMAL) {
        let quantity = Quantity::new(si, Dimension::RESISTANCE_AREA);
        prop_assert_eq!(eval(&quantity.to_string()), Ok(quantity));
    }
}

#[test]
fn steps_over_operands_give_the_same_bits_as_names_with_dimensions() {
    let formulas = [
        "r-low * (1 + a) ^ 2 - 3 kohm / b",
        "13 lambda x 30 lambda",
        "9 * ln(2) * (1 + a) / (2 * pi * 10 GHz)",
        "sqrt(area) * max(a, b, x) / min(a, b) - -lambda",
        "p * t * 2 ^ -a + exp(-b) * log2(x) * 1 nJ + log10(s) * abs(-1 J) * ceil(a / b) * floor(x / b)",
    ];
    for text in formulas {
        let formula = Formula::parse(text).expect(text);
        let operands: Vec<f64> = formula.names().map(|name| scope(name).expect(name).si).collect();
        let expected = formula.eval(&scope).expect(text).si;
        assert_eq!(formula.value(&operands, &mut Vec::new()).to_bits(), expected.to_bits(), "{text}");
    }
}

#[test]
fn an_operand_that_makes_a_step_infinite_makes_the_value_no_number() {
    let formula = Formula::parse("1 / (1 / a)").expect("a formula");
    assert!(formula.value(&[0.0], &mut Vec::new()).is_nan());
    assert!(formula.value(&[], &mut Vec::new()).is_nan());
    // (((2 - 5) ^ 3) / 4), by hand.
    let formula = Formula::parse("(b - a) ^ c / d").expect("a formula");
    assert_eq!(formula.value(&[2.0, 5.0, 3.0, 4.0], &mut Vec::new()), -6.75);
}
