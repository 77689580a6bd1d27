//! One entry of a library while it is read: its names, what it says of its numbers, and its figures.

use std::rc::Rc;
use std::sync::Arc;

use super::figure::{Reader, Scope, Zero};
use super::numbers::{NewNumber, NumberId, Origin};
use super::scope::Named;
use super::{Figure, Provenance, provenance, rules};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::{Written, library as file};
use crate::units::{Formula, Quantity, Unit};
use crate::yaml::{Located, Slot, slot::Table};

/// An entry that is being read.
pub(super) struct Entry<'a, 'r> {
    pub reader: Reader<'r>,
    pub scope: Scope<'a>,
    pub name: &'a Located<String>,
    /// What the entry says of all its numbers.
    pub provenance: Arc<Provenance>,
    /// The figures that formulas can name, whatever else has their name.
    figures: Vec<(&'static str, Rc<Named<'a>>)>,
    /// True if a figure is there but wrong, which has been reported: what it would have given is missing through no mistake of its own.
    pub broken: bool,
    /// True if the entry has a note, which says why what costs nothing costs nothing.
    pub says_why: bool,
}

impl<'a, 'r> Entry<'a, 'r> {
    pub fn new(
        reader: Reader<'r>,
        file: &Rc<Scope<'a>>,
        name: &'a Located<String>,
        provenance: Arc<Provenance>,
    ) -> Self {
        let says_why = provenance.note.is_some();
        Self { reader, scope: Scope::inside(file), name, provenance, figures: Vec::new(), broken: false, says_why }
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.reader.report(diagnostic);
    }

    /// The entry's name in quotes, for messages.
    pub fn owner(&self) -> String {
        format!("`{}`", self.name.value)
    }

    fn path(&self, field: &str) -> String {
        format!("{}.{field}", self.name.value)
    }

    /// Adds the parameters of the entry to the names.
    pub fn add_parameters(&mut self, parameters: &'a Slot<Table<file::FigureSpec<file::Any>>>) {
        for (name, parameter) in entries(parameters) {
            let path = self.path(&format!("parameters.{}", name.value));
            if let Some(named) = self.named(&path, &name.value, parameter) {
                self.scope.add(&name.value, Rc::new(named));
            }
        }
    }

    /// Evaluates the parameters that have a range, and states it.
    pub fn read_ranges_of_parameters(&mut self, parameters: &'a Slot<Table<file::FigureSpec<file::Any>>>) {
        for (name, parameter) in entries(parameters) {
            let Some(named) = self.scope.find(&name.value, self.reader.numbers) else { continue };
            range_of_parameter(&mut self.reader, &name.value, parameter, &named, &self.scope);
        }
    }

    /// Makes a figure a name that formulas can use.
    pub fn add_figure<Q>(&mut self, field: &'static str, slot: &'a Slot<file::FigureSpec<Q>>) {
        if let Some(named) = self.named(&self.path(field), field, slot) {
            self.add_number(field, named);
        }
    }

    /// Makes a number a name that formulas can use.
    pub fn add_number(&mut self, field: &'static str, named: Named<'a>) -> Rc<Named<'a>> {
        let named = Rc::new(named);
        self.scope.add(field, named.clone());
        self.figures.push((field, named.clone()));
        named
    }

    /// A figure's text with what is said of it; none where there is no number.
    fn named<Q>(&mut self, path: &str, what: &str, slot: &'a Slot<file::FigureSpec<Q>>) -> Option<Named<'a>> {
        let figure = match slot {
            Slot::Missing => return None,
            // Whoever names it has no mistake of their own.
            Slot::Bad => return Some(Named::wrong(path, self.name.span)),
            Slot::Present(figure) => figure,
        };
        let (text, span) = value_text(figure)?;
        let file::FigureSpec::Detailed(detail) = &figure.value else {
            return Some(Named::new(path, text, span, Some(&self.provenance)));
        };
        let stated = provenance::of_figure(&mut self.reader, what, detail, figure.span, &self.provenance);
        let mut named = Named::new(path, text, span, Some(&stated));
        named.set_with_provenance = detail.source.span().is_some_and(|source| self.reader.is_setting(source));
        Some(named)
    }

    /// A figure that must be greater than zero, or, of a cost, zero with a note that says why.
    pub fn figure<Q: Unit>(&mut self, field: &str, slot: &'a Slot<file::FigureSpec<Q>>) -> Option<Figure<Q>> {
        let figure = self.right_figure(field, slot);
        let said_unknown = matches!(slot.get(), Some(file::FigureSpec::Plain(text)) if *text.text == *UNKNOWN);
        self.broken |= figure.is_none() && !slot.is_missing() && !said_unknown;
        figure
    }

    fn right_figure<Q: Unit>(&mut self, field: &str, slot: &'a Slot<file::FigureSpec<Q>>) -> Option<Figure<Q>> {
        let figure = slot.located()?;
        let last = field.rsplit('.').next().unwrap_or(field);
        let detail = match &figure.value {
            file::FigureSpec::Plain(_) => None,
            file::FigureSpec::Detailed(detail) => {
                detail.value.require(&format!("`{last}`"), "value", figure.span, self.reader.diagnostics)?;
                Some(detail)
            }
        };
        let known = self.figures.iter().find(|(name, _)| *name == field).map(|(_, named)| named.clone());
        let named = known.or_else(|| self.named(&self.path(field), last, slot).map(Rc::new))?;
        let zero =
            match (rules::may_be_zero(last), self.says_why || detail.is_some_and(|detail| detail.note.get().is_some()))
            {
                (false, _) => Zero::Refused,
                (true, false) => Zero::Unexplained,
                (true, true) => Zero::Explained,
            };
        let (value, id) = self.reader.cost::<Q>(last, &named, &self.scope, zero)?;
        if value.si() != 0.0 && !self.reader.numbers.get(id).is_placed() {
            rules::warn_if_implausible(last, value, named.span, self.reader.diagnostics);
        }
        if let Some(text) = detail.and_then(|detail| detail.range.located()) {
            let ends = |reader: &mut Reader<'_>, end: &Rc<Named<'a>>, scope: &Scope<'a>| {
                reader.positive::<Q>(last, end, scope).map(|(q, _)| q.si())
            };
            state_range(&mut self.reader, last, text, id, &self.scope, ends);
        }
        let provenance = self.reader.numbers.get(id).provenance().unwrap_or(&self.provenance).clone();
        Some(Figure { value, range: None, provenance, id })
    }

    /// A number of a field that must be there and greater than zero.
    pub fn required<Q: Unit>(
        &mut self,
        owner: &str,
        place: Span,
        field: &str,
        slot: &'a Slot<Written<Q>>,
    ) -> Option<(Q, NumberId)> {
        let last = field.rsplit('.').next().unwrap_or(field);
        let text = slot.require(owner, last, place, self.reader.diagnostics)?;
        self.positive(field, text)
    }

    /// A number that must be greater than zero; `field` is its way from the entry.
    pub fn positive<Q: Unit>(&mut self, field: &str, text: &'a Located<Written<Q>>) -> Option<(Q, NumberId)> {
        let (last, named) = self.one(field, text);
        self.reader.positive(last, &named, &self.scope)
    }

    /// A number of any sign.
    pub fn typed<Q: Unit>(&mut self, field: &str, text: &'a Located<Written<Q>>) -> Option<(Q, NumberId)> {
        let (last, named) = self.one(field, text);
        self.reader.typed(last, &named, &self.scope)
    }

    /// A fraction between 0 and 1.
    pub fn fraction(
        &mut self,
        field: &str,
        text: &'a Located<Written<crate::units::Fraction>>,
    ) -> Option<(f64, NumberId)> {
        let (last, named) = self.one(field, text);
        self.reader.fraction(last, &named, &self.scope)
    }

    /// The part of the operations of the entry that takes its energy, 0 to 1.
    pub fn activity(&mut self, text: &'a Located<Written<crate::units::Fraction>>) -> Option<(f64, NumberId)> {
        let (last, named) = self.one("activity", text);
        let (value, id) = self.reader.typed::<crate::units::Fraction>(last, &named, &self.scope)?;
        if self.reader.numbers.get(id).is_placed() {
            return Some((value.si(), id));
        }
        self.fraction("activity", text)
    }

    fn one<'f, Q>(&self, field: &'f str, text: &'a Located<Written<Q>>) -> (&'f str, Rc<Named<'a>>) {
        let last = field.rsplit('.').next().unwrap_or(field);
        (last, Named::written(self.path(field), text, Some(&self.provenance)))
    }

    /// A figure that follows from others of this entry by a formula over their names.
    pub fn derived<Q: Unit>(&mut self, field: &str, formula: &str, value: Q, of: Vec<NumberId>) -> Option<Figure<Q>> {
        let formula = Arc::new(Formula::parse(formula).ok()?);
        self.computed(field, value, Origin::Formula { formula, of }, None)
    }

    /// A figure that follows from other numbers.
    pub fn computed<Q: Unit>(
        &mut self,
        field: &str,
        value: Q,
        origin: Origin,
        stated: Option<Arc<Provenance>>,
    ) -> Option<Figure<Q>> {
        let (path, value_si): (_, Quantity) = (self.path(field).into(), value.into());
        let place = self.name.span;
        let id = self.reader.numbers.push(NewNumber { path, value: value_si, place, origin, stated });
        let provenance = self.reader.numbers.get(id).provenance().unwrap_or(&self.provenance).clone();
        Some(Figure { value, range: None, provenance, id })
    }

    /// Gives a figure its range, when all numbers that it may rest on have theirs.
    pub fn with_range<Q: Unit>(&self, figure: Option<Figure<Q>>) -> Option<Figure<Q>> {
        let figure = figure?;
        let range = self.reader.numbers.range(figure.id);
        Some(Figure { range: range.map(|(low, high)| (Q::from_si(low), Q::from_si(high))), ..figure })
    }
}

/// What a figure is written as where a publication does not give it.
pub(super) const UNKNOWN: &str = "unknown";

/// Text and place of a figure's value, where it has one.
fn value_text<Q>(figure: &Located<file::FigureSpec<Q>>) -> Option<(&str, Span)> {
    match &figure.value {
        file::FigureSpec::Plain(text) if *text.text == *UNKNOWN => None,
        file::FigureSpec::Plain(text) => Some((&text.text, figure.span)),
        file::FigureSpec::Detailed(detail) => detail.value.located().map(|v| (&*v.value.text, v.span)),
    }
}

/// The entries of a table.
pub(super) fn entries<T>(slot: &Slot<Table<T>>) -> &[(Located<String>, Slot<T>)] {
    slot.get().map_or(&[], |t| t.entries.as_slice())
}

/// The names of a file with their numbers.
pub(super) fn file_scope<'a>(reader: &mut Reader<'_>, spec: &'a file::LibrarySpec, place: Span) -> Scope<'a> {
    let mut scope = Scope::inside(&Rc::new(Scope::of_places(place)));
    for (name, parameter) in entries(&spec.parameters) {
        let Some(figure) = parameter.located() else { continue };
        let Some((text, span)) = value_text(figure) else { continue };
        let stated = match &figure.value {
            file::FigureSpec::Detailed(detail) => {
                provenance::of_file_parameter(reader, &name.value, detail, figure.span)
            }
            file::FigureSpec::Plain(_) => None,
        };
        scope.add(&name.value, Rc::new(Named::new(name.value.as_str(), text, span, stated.as_ref())));
    }
    for (name, parameter) in entries(&spec.parameters) {
        let Some(named) = scope.find(&name.value, reader.numbers) else { continue };
        reader.settle(&named, &scope);
        range_of_parameter(reader, &name.value, parameter, &named, &scope);
    }
    scope
}

fn range_of_parameter<'a>(
    reader: &mut Reader<'_>,
    what: &str,
    parameter: &'a Slot<file::FigureSpec<file::Any>>,
    named: &Rc<Named<'a>>,
    scope: &Scope<'a>,
) {
    let Some(file::FigureSpec::Detailed(detail)) = parameter.get() else { return };
    let (Some(text), Some(id)) = (detail.range.located(), reader.settle(named, scope)) else { return };
    let dimension = reader.numbers.get(id).value.dim;
    let end = |reader: &mut Reader<'_>, end: &Rc<Named<'a>>, scope: &Scope<'a>| {
        let found = reader.settle(end, scope).map(|id| reader.numbers.get(id).value)?;
        if found.dim == dimension {
            return Some(found.si);
        }
        let message = format!("the range of `{what}` is {}, its value {}", found.dim.phrase(), dimension.phrase());
        reader.report(Diagnostic::error(message).at(end.span, ""));
        None
    };
    state_range(reader, what, text, id, scope, end);
}

/// `55.9 uW .. 98.9 uW`, with the value in it.
///
/// A range is about the number that is stated beside it: where a setting has replaced that, or something that it follows from, nothing is
/// known of its range.
fn state_range<'a>(
    reader: &mut Reader<'_>,
    what: &str,
    text: &'a Located<String>,
    id: NumberId,
    scope: &Scope<'a>,
    read: impl Fn(&mut Reader<'_>, &Rc<Named<'a>>, &Scope<'a>) -> Option<f64>,
) {
    let Some(dots) = text.value.find("..") else {
        let diagnostic = Diagnostic::error(format!("the range of `{what}` has no `..`"));
        reader.report(diagnostic.at(text.span, "expected the lowest and the highest value with `..` between them"));
        return;
    };
    let quote = usize::from(reader.texts.sources.text(text.span).starts_with(['"', '\'']));
    let path: Arc<str> = format!("{}.range", reader.numbers.get(id).path).into();
    let mut end = |part: std::ops::Range<usize>| {
        let written = &text.value[part.clone()];
        let start = quote + part.start + written.len() - written.trim_start().len();
        let span = text.span.part(&(start..start + written.trim().len()));
        read(reader, &Rc::new(Named::new(path.clone(), written.trim(), span, None)), scope)
    };
    // Both ends are looked at before the first mistake ends it.
    let (low, high) = (end(0..dots), end(dots + 2..text.value.len()));
    let (Some(low), Some(high)) = (low, high) else { return };
    if low > high {
        let diagnostic = Diagnostic::error(format!("the range of `{what}` is upside down"));
        reader.report(diagnostic.at(text.span, "the lowest value comes first"));
        return;
    }
    let number = reader.numbers.get(id);
    if number.is_set() && !reader.is_setting(text.span) {
        return;
    }
    let value = number.value;
    if low > value.si || high < value.si {
        let diagnostic = Diagnostic::error(format!("the value of `{what}` is outside its own range"));
        reader.report(diagnostic.at(text.span, format!("the value is {}", value.eng(4))));
        return;
    }
    reader.numbers.set_range(id, (low, high));
}
