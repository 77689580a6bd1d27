//! Single quantities: text or formula to a number of the right kind, greater than zero.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Provenance;
use super::numbers::{NewNumber, NumberId, Numbers, Origin, SETTING};
use super::reference::References;
pub use super::scope::Scope;
use super::scope::{Named, State};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceId, SourceMap, Span, suggest};
use crate::spec::Written;
use crate::units::{Formula, Fraction, ParseError, Quantity, Unit, plain_quantity};
use crate::yaml::Located;

/// Formulas that name each other deeper than this are a mistake.
const MAX_NESTING: u32 = 64;

/// No quantity of physics or of a chip lies outside, and products of a few of these stay finite.
const PHYSICAL: std::ops::Range<f64> = 1e-60..1e60;

/// Evaluates quantities outside of a library and reports what is wrong with them.
pub struct Evaluator<'a> {
    /// The texts, to find where inside a quoted scalar a mistake is.
    pub sources: &'a SourceMap,
    /// Where findings go.
    pub diagnostics: &'a mut Diagnostics,
}

impl Evaluator<'_> {
    /// The value of a quantity that must be finite and greater than zero.
    pub fn positive<'w, Q: Unit>(
        &mut self,
        what: &str,
        written: &'w Located<Written<Q>>,
        scope: &Scope<'w>,
    ) -> Option<Q> {
        self.reader(&mut Numbers::default()).positive(what, &Named::written(what, written, None), scope).map(|(q, _)| q)
    }

    /// The value of a fraction between 0 and 1.
    pub fn fraction(&mut self, what: &str, written: &Located<Written<Fraction>>) -> Option<f64> {
        let named = Named::written(what, written, None);
        self.reader(&mut Numbers::default()).fraction(what, &named, &Scope::default()).map(|(value, _)| value)
    }

    /// The value of a quantity of the right kind, whatever its sign.
    pub fn typed<'w, Q: Unit>(&mut self, what: &str, written: &'w Located<Written<Q>>, scope: &Scope<'w>) -> Option<Q> {
        self.reader(&mut Numbers::default()).typed(what, &Named::written(what, written, None), scope).map(|(q, _)| q)
    }

    fn reader<'r>(&'r mut self, numbers: &'r mut Numbers) -> Reader<'r> {
        static NOTHING: Replaced = Replaced::new();
        static NONE: References = References::new();
        let texts = Texts { sources: self.sources, replaced: &NOTHING, references: &NONE };
        Reader { texts, diagnostics: self.diagnostics, numbers }
    }
}

/// What stood in a library in the place of a setting, by the setting's text.
pub(super) type Replaced = BTreeMap<SourceId, Arc<str>>;

/// The texts that numbers stand in, and what they cite.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts<'a> {
    pub sources: &'a SourceMap,
    pub replaced: &'a Replaced,
    /// What the library lists.
    pub references: &'a References,
}

/// Evaluates the quantities of a library into its numbers.
pub(super) struct Reader<'a> {
    pub texts: Texts<'a>,
    pub diagnostics: &'a mut Diagnostics,
    pub numbers: &'a mut Numbers,
}

/// Whether a number may be zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    /// Never.
    Refused,
    /// Only with a note, which is not there.
    Unexplained,
    /// A note says why.
    Explained,
}

impl Reader<'_> {
    pub fn report(&mut self, diagnostic: Diagnostic) {
        let _ = self.diagnostics.push(diagnostic);
    }

    /// True for what a setting has put there.
    pub fn is_setting(&self, place: Span) -> bool {
        self.texts.sources.get(place.source).is_some_and(|source| source.name == SETTING)
    }

    /// A quantity that must be finite and greater than zero.
    pub fn positive<'a, Q: Unit>(
        &mut self,
        what: &str,
        named: &Rc<Named<'a>>,
        scope: &Scope<'a>,
    ) -> Option<(Q, NumberId)> {
        self.cost(what, named, scope, Zero::Refused)
    }

    /// The same, or zero where that is possible.
    pub fn cost<'a, Q: Unit>(
        &mut self,
        what: &str,
        named: &Rc<Named<'a>>,
        scope: &Scope<'a>,
        zero: Zero,
    ) -> Option<(Q, NumberId)> {
        let (quantity, id) = self.typed::<Q>(what, named, scope)?;
        if self.numbers.get(id).is_placed() {
            // Whether it is possible is seen in its place.
            return Some((quantity, id));
        }
        let lowest = if zero == Zero::Explained { 0.0 } else { PHYSICAL.start };
        self.numbers.set_bounds(id, (lowest, PHYSICAL.end));
        if PHYSICAL.contains(&quantity.si()) || (zero == Zero::Explained && quantity.si() == 0.0) {
            return Some((quantity, id));
        }
        if quantity.si() > 0.0 {
            let message = format!("`{what}` is beyond every physical scale");
            self.report(Diagnostic::error(message).at(named.span, "check the exponent"));
            return None;
        }
        let state = if quantity.si() == 0.0 { "zero" } else { "negative" };
        let mut diagnostic = Diagnostic::error(format!("`{what}` is {state}"))
            .at(named.span, format!("{} must be greater than zero", Q::DIM.phrase()));
        if zero == Zero::Unexplained && quantity.si() == 0.0 {
            diagnostic = diagnostic.help(format!("zero needs a reason: `{{ value: {quantity}, note: WHY }}`"));
        }
        self.report(diagnostic);
        None
    }

    /// A fraction between 0 and 1.
    pub fn fraction<'a>(&mut self, what: &str, named: &Rc<Named<'a>>, scope: &Scope<'a>) -> Option<(f64, NumberId)> {
        let (value, id) = self.typed::<Fraction>(what, named, scope)?;
        self.numbers.set_bounds(id, (0.0, 1.0));
        if (0.0..=1.0).contains(&value.si()) {
            return Some((value.si(), id));
        }
        let diagnostic = Diagnostic::error(format!("`{what}` is not between 0 and 1"))
            .at(named.span, "expected a fraction such as `50%` or `0.5`");
        self.report(diagnostic);
        None
    }

    /// A quantity of the right kind, whatever its sign.
    pub fn typed<'a, Q: Unit>(
        &mut self,
        what: &str,
        named: &Rc<Named<'a>>,
        scope: &Scope<'a>,
    ) -> Option<(Q, NumberId)> {
        if !is_formula(&named.text, scope)
            && let Err(mut error) = named.text.parse::<Q>()
        {
            // `2 mW * 3` is a formula whose `=` was forgotten if it gives the right kind of quantity.
            if self.value_of_formula(&named.text, scope).is_some_and(|quantity| quantity.dim == Q::DIM) {
                error.help = Some(format!("a formula begins with `=`: \"= {}\"", named.text));
            }
            self.report_at(error, named.span, scope);
            return None;
        }
        let id = self.settle(named, scope)?;
        let quantity = self.numbers.get(id).value;
        if quantity.dim == Q::DIM {
            return Some((Q::from_si(quantity.si), id));
        }
        let found = quantity.dim.phrase();
        self.report(
            Diagnostic::error(format!("`{what}` needs {}, but this gives {found}", Q::DIM.phrase()))
                .at(named.span, format!("expected {}, for example `{}`", Q::DIM.phrase(), Q::EXAMPLE)),
        );
        None
    }

    /// The value of a text that reads as a formula, if it has one.
    fn value_of_formula(&mut self, text: &str, scope: &Scope<'_>) -> Option<Quantity> {
        let formula = Formula::parse(text).ok()?;
        let of: Vec<_> = formula.names().map(|name| scope.find(name, self.numbers)).collect();
        for named in of.iter().flatten() {
            self.settle(named, scope);
        }
        formula.eval(&|name| self.known(name, scope)).ok()
    }

    /// The number that a text of any kind stands for, after all that it names.
    ///
    /// The way down is a list and not the stack of calls, since a file may have a hundred thousand names.
    pub fn settle<'a>(&mut self, named: &Rc<Named<'a>>, scope: &Scope<'a>) -> Option<NumberId> {
        let mut open: Vec<OpenFormula<'a>> = self.begin(named, scope).into_iter().collect();
        while let Some(last) = open.last_mut() {
            let Some(needed) = last.needs.pop() else {
                if let Some(done) = open.pop() {
                    self.finish(&done, scope);
                }
                continue;
            };
            match needed.state.get() {
                State::New => open.extend(self.begin(&needed, scope)),
                State::Open => {
                    let first = open.iter().position(|f| Rc::ptr_eq(&f.named, &needed)).unwrap_or(0);
                    for member in &open[first..] {
                        self.wrong(&member.named, &ParseError::new(0..member.named.text.len(), CIRCLE), scope);
                    }
                }
                State::Done(_) | State::Bad => {}
            }
        }
        match named.state.get() {
            State::Done(id) => Some(id),
            _ => None,
        }
    }

    /// Looks at a text: a plain quantity is a number at once, a formula needs its names first.
    fn begin<'a>(&mut self, named: &Rc<Named<'a>>, scope: &Scope<'a>) -> Option<OpenFormula<'a>> {
        if named.state.get() != State::New {
            return None;
        }
        if let Some(place) = named.place {
            let entry = place.entry();
            self.push(named, Quantity::new(entry.trial_si, entry.dimension), Origin::Place(place));
            return None;
        }
        // What is written as a quantity is stated; it follows from nothing.
        if let Some(quantity) = plain_quantity(&named.text) {
            self.leaf(named, quantity);
            return None;
        }
        let body = named.text.strip_prefix('=').unwrap_or(&named.text);
        let offset = named.text.len() - body.len();
        match Formula::parse(body) {
            Ok(formula) => {
                named.state.set(State::Open);
                let mut needs: Vec<_> = formula.names().filter_map(|name| scope.find(name, self.numbers)).collect();
                needs.reverse();
                Some(OpenFormula { named: named.clone(), formula, offset, needs })
            }
            Err(error) => {
                self.wrong(named, &error.shifted(offset), scope);
                None
            }
        }
    }

    /// Evaluates a formula whose names are known.
    fn finish(&mut self, open: &OpenFormula<'_>, scope: &Scope<'_>) {
        let OpenFormula { named, formula, offset, .. } = open;
        let state = |name: &str| scope.find(name, self.numbers).map(|n| n.state.get());
        if named.state.get() == State::Bad || formula.names().any(|name| state(name) == Some(State::Bad)) {
            named.state.set(State::Bad);
            return;
        }
        let value = match formula.eval(&|name| self.known(name, scope)) {
            Ok(value) => value,
            Err(error) => return self.wrong(named, &error.shifted(*offset), scope),
        };
        let of: Vec<NumberId> = formula
            .names()
            .filter_map(|name| match state(name) {
                Some(State::Done(id)) => Some(id),
                _ => None,
            })
            .collect();
        if of.iter().any(|id| self.numbers.get(*id).depth() >= MAX_NESTING) {
            let message = format!("formulas name each other more than {MAX_NESTING} deep here");
            return self.wrong(named, &ParseError::new(0..named.text.len(), message), scope);
        }
        self.push(named, value, Origin::Formula { formula: Arc::new(formula.clone()), of });
    }

    /// The value of a name, if it has been evaluated.
    fn known(&self, name: &str, scope: &Scope<'_>) -> Option<Quantity> {
        match scope.find(name, self.numbers)?.state.get() {
            State::Done(id) => Some(self.numbers.get(id).value),
            // Only asked for to see whether the name exists.
            State::New => Some(Quantity::number(0.0)),
            State::Open | State::Bad => None,
        }
    }

    fn leaf(&mut self, named: &Named<'_>, value: Quantity) {
        let origin = if self.is_setting(named.span) {
            let source = named.span.source;
            let text = self.texts.sources.get(source).map_or_else(|| Arc::from(&*named.text), |s| s.text.clone());
            Origin::Setting { text, instead_of: self.texts.replaced.get(&source).cloned() }
        } else {
            Origin::Stated
        };
        self.push(named, value, origin);
    }

    /// What is stated of a number: a setting that says nothing itself replaces what the file says.
    fn stated(&self, named: &Named<'_>) -> Option<Arc<Provenance>> {
        let by_setting = self.is_setting(named.span) && !named.set_with_provenance;
        if by_setting {
            return Some(Arc::new(Provenance::of_setting(named.stated.as_ref().and_then(|p| p.node))));
        }
        named.stated.clone()
    }

    fn push(&mut self, named: &Named<'_>, value: Quantity, origin: Origin) {
        let stated = self.stated(named);
        let id = self.numbers.push(NewNumber { path: named.path.clone(), value, place: named.span, origin, stated });
        named.state.set(State::Done(id));
    }

    fn wrong(&mut self, named: &Named<'_>, error: &ParseError, scope: &Scope<'_>) {
        named.state.set(State::Bad);
        self.report_at(error.clone(), named.span, scope);
    }

    fn report_at(&mut self, error: ParseError, span: Span, scope: &Scope<'_>) {
        // The range counts from the text; a quoted scalar starts one byte earlier.
        let quote = usize::from(self.texts.sources.text(span).starts_with(['"', '\'']));
        let place = span.part(&(error.range.start + quote..error.range.end + quote));
        let help = match &error.name {
            Some(name) => match suggest::nearest(name, scope.all()) {
                Some(_) => suggest::did_you_mean(name, scope.all()),
                None => suggest::did_you_mean(name, scope.own()).or_else(|| suggest::did_you_mean(name, scope.all())),
            },
            None => error.help,
        };
        self.report(Diagnostic::error(error.message).at(place, "").maybe_help(help));
    }
}

const CIRCLE: &str = "this formula leads back to itself";

/// A formula that waits for what it names.
struct OpenFormula<'a> {
    named: Rc<Named<'a>>,
    formula: Formula,
    /// Bytes of the text before the formula.
    offset: usize,
    /// What has to be evaluated first, the next one last.
    needs: Vec<Rc<Named<'a>>>,
}

fn is_formula(text: &str, scope: &Scope<'_>) -> bool {
    text.starts_with('=') || text.contains(" x ") || scope.names_unit_of(text)
}
