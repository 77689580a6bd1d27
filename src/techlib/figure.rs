//! Single quantities: text or formula to a number of the right kind, greater than zero.

use std::cell::{Cell, RefCell};

use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap, Span, suggest};
use crate::spec::Written;
use crate::units::{Formula, ParseError, Quantity, Unit, parse_quantity};
use crate::yaml::Located;

/// Formulas that name each other deeper than this are a mistake.
const MAX_NESTING: u32 = 32;

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
        if quantity.si() > 0.0 {
            return Some(quantity);
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
                Err(error) => self.report(error, written.span, scope),
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
        let nested: RefCell<Option<(ParseError, Span)>> = RefCell::new(None);
        let result = evaluate(text, scope, &Cell::new(0), &nested);
        match (result, nested.into_inner()) {
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

fn evaluate(
    text: &str,
    scope: &Scope<'_>,
    depth: &Cell<u32>,
    nested: &RefCell<Option<(ParseError, Span)>>,
) -> Result<Quantity, ParseError> {
    let body = text.strip_prefix('=').unwrap_or(text);
    let offset = text.len() - body.len();
    let shift = |error: ParseError| error.shifted(offset);
    if offset == 0 && !text.contains(" x ") && scope.find(text.trim()).is_none() {
        // A plain quantity gets the plain parser's better messages.
        if let Ok(quantity) = parse_quantity(text) {
            return Ok(quantity);
        }
    }
    let formula = Formula::parse(body).map_err(shift)?;
    if depth.get() >= MAX_NESTING {
        return Err(ParseError::new(0..text.len(), "this formula leads back to itself"));
    }
    depth.set(depth.get() + 1);
    let lookup = |name: &str| {
        let (inner, place) = scope.find(name)?;
        match evaluate(inner, scope, depth, nested) {
            Ok(quantity) => Some(quantity),
            Err(error) => {
                nested.borrow_mut().get_or_insert((error, place));
                None
            }
        }
    };
    let result = formula.eval(&lookup).map_err(shift);
    depth.set(depth.get() - 1);
    result
}
