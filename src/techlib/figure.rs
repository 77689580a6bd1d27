//! Single quantities: text or formula to a number of the right kind, greater than zero.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap, Span, suggest};
use crate::spec::Written;
use crate::units::{Formula, ParseError, Quantity, Unit, parse_quantity};
use crate::yaml::Located;

/// Formulas that name each other deeper than this are a mistake.
const MAX_NESTING: usize = 64;

/// No quantity of physics or of a chip lies outside, and products of a few of these stay finite.
const PHYSICAL: std::ops::Range<f64> = 1e-60..1e60;

/// The names that a formula can use: the entry's own first, then those of its file.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    names: Vec<(&'a str, &'a str, Span)>,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    /// A scope inside another.
    #[must_use]
    pub fn inside(outer: &'a Scope<'a>) -> Self {
        Self { names: Vec::new(), outer: Some(outer) }
    }

    /// Adds a name with its quantity text.
    pub fn add(&mut self, name: &'a str, text: &'a str, span: Span) {
        self.names.push((name, text, span));
    }

    fn find(&self, name: &str) -> Option<(&'a str, Span)> {
        let own = self.names.iter().find(|(n, ..)| *n == name).map(|&(_, text, span)| (text, span));
        own.or_else(|| self.outer.and_then(|outer| outer.find(name)))
    }

    fn all(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.names.iter().map(|(n, ..)| *n).collect();
        names.extend(self.outer.iter().flat_map(|outer| outer.all()));
        names
    }
}

/// Evaluates quantities and reports what is wrong with them.
pub struct Evaluator<'a> {
    /// The texts, to find where inside a quoted scalar a mistake is.
    pub sources: &'a SourceMap,
    /// Where findings go.
    pub diagnostics: &'a mut Diagnostics,
}

impl Evaluator<'_> {
    /// The value of a quantity that must be finite and greater than zero.
    pub fn positive<Q: Unit>(&mut self, what: &str, written: &Located<Written<Q>>, scope: &Scope<'_>) -> Option<Q> {
        let quantity = self.typed::<Q>(what, written, scope)?;
        if PHYSICAL.contains(&quantity.si()) {
            return Some(quantity);
        }
        if quantity.si() > 0.0 {
            let message = format!("`{what}` is beyond every physical scale");
            self.diagnostics.push(Diagnostic::error(message).at(written.span, "check the exponent"));
            return None;
        }
        let state = if quantity.si() == 0.0 { "zero" } else { "negative" };
        self.diagnostics.push(
            Diagnostic::error(format!("`{what}` is {state}"))
                .at(written.span, format!("{} must be greater than zero", Q::DIM.phrase())),
        );
        None
    }

    /// The value of a fraction between 0 and 1.
    pub fn fraction(&mut self, what: &str, written: &Located<Written<crate::units::Fraction>>) -> Option<f64> {
        let value = self.typed(what, written, &Scope::default())?.si();
        if (0.0..=1.0).contains(&value) {
            return Some(value);
        }
        let diagnostic = Diagnostic::error(format!("`{what}` is not between 0 and 1"))
            .at(written.span, "expected a fraction such as `50%` or `0.5`");
        self.diagnostics.push(diagnostic);
        None
    }

    /// The value of a quantity of the right kind, whatever its sign.
    pub fn typed<Q: Unit>(&mut self, what: &str, written: &Located<Written<Q>>, scope: &Scope<'_>) -> Option<Q> {
        let text = &written.value.text;
        let is_formula = text.starts_with('=') || text.contains(" x ");
        if !is_formula && !scope.names_unit_of(text) {
            return match text.parse::<Q>() {
                Ok(value) => Some(value),
                Err(mut error) => {
                    // `2 mW * 3` is a formula whose `=` was forgotten if it gives the right kind of quantity.
                    if Walk::new(scope).evaluate(text).is_ok_and(|quantity| quantity.dim == Q::DIM) {
                        error.help = Some(format!("a formula begins with `=`: \"= {text}\""));
                    }
                    self.report(error, written.span, scope)
                }
            };
        }
        let quantity = self.evaluate(text, written.span, scope)?;
        if quantity.dim == Q::DIM {
            return Some(Q::from_si(quantity.si));
        }
        self.diagnostics.push(
            Diagnostic::error(format!("`{what}` needs {}, but this gives {}", Q::DIM.phrase(), quantity.dim.phrase()))
                .at(written.span, format!("expected {}, for example `{}`", Q::DIM.phrase(), Q::EXAMPLE)),
        );
        None
    }

    /// The value of a quantity of any kind.
    pub fn evaluate(&mut self, text: &str, span: Span, scope: &Scope<'_>) -> Option<Quantity> {
        let walk = Walk::new(scope);
        let result = walk.evaluate(text);
        match (result, walk.nested.into_inner()) {
            (Ok(quantity), None) => Some(quantity),
            (_, Some((error, place))) => self.report(error, place, scope),
            (Err(error), None) => self.report(error, span, scope),
        }
    }

    fn report<T>(&mut self, error: ParseError, span: Span, scope: &Scope<'_>) -> Option<T> {
        // The range counts from the text; a quoted scalar starts one byte earlier.
        let quote = usize::from(self.sources.text(span).starts_with(['"', '\'']));
        let place = span.part(&(error.range.start + quote..error.range.end + quote));
        let help = match &error.name {
            Some(name) => suggest::did_you_mean(name, scope.all()),
            None => error.help,
        };
        self.diagnostics.push(Diagnostic::error(error.message).at(place, "").maybe_help(help));
        None
    }
}

impl Scope<'_> {
    /// True for `13 lambda`: a number and a name that is no unit but is in scope.
    fn names_unit_of(&self, text: &str) -> bool {
        let name = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-')).trim();
        !name.is_empty() && self.find(name).is_some()
    }
}

/// One evaluation of a formula with those that it names.
struct Walk<'a, 'b> {
    scope: &'b Scope<'a>,
    /// The names that are being evaluated, to find a circle.
    open: RefCell<Vec<String>>,
    /// What has been evaluated: a name that is used twice is looked up once.
    known: RefCell<HashMap<String, Option<Quantity>>>,
    /// The first mistake in a formula that was named, and where that formula stands.
    nested: RefCell<Option<(ParseError, Span)>>,
}

impl<'a, 'b> Walk<'a, 'b> {
    fn new(scope: &'b Scope<'a>) -> Self {
        Self { scope, open: RefCell::default(), known: RefCell::default(), nested: RefCell::default() }
    }

    fn evaluate(&self, text: &str) -> Result<Quantity, ParseError> {
        let body = text.strip_prefix('=').unwrap_or(text);
        let offset = text.len() - body.len();
        let shift = |error: ParseError| error.shifted(offset);
        if offset == 0 && !text.contains(" x ") && self.scope.find(text.trim()).is_none() {
            // A plain quantity gets the plain parser's better messages.
            if let Ok(quantity) = parse_quantity(text) {
                return Ok(quantity);
            }
        }
        let formula = Formula::parse(body).map_err(shift)?;
        formula.eval(&|name: &str| self.look_up(name)).map_err(shift)
    }

    fn look_up(&self, name: &str) -> Option<Quantity> {
        if let Some(known) = self.known.borrow().get(name) {
            return *known;
        }
        let (text, place) = self.scope.find(name)?;
        let circle = self.open.borrow().iter().any(|open| open == name);
        let deep = self.open.borrow().len() >= MAX_NESTING;
        let result = if circle {
            Err(ParseError::new(0..text.len(), "this formula leads back to itself"))
        } else if deep {
            let message = format!("formulas name each other more than {MAX_NESTING} deep here");
            Err(ParseError::new(0..text.len(), message))
        } else {
            self.open.borrow_mut().push(name.to_owned());
            let result = self.evaluate(text);
            self.open.borrow_mut().pop();
            result
        };
        let quantity = result
            .map_err(|error| {
                self.nested.borrow_mut().get_or_insert((error, place));
            })
            .ok();
        self.known.borrow_mut().insert(name.to_owned(), quantity);
        quantity
    }
}
