//! The names that a formula can use. Each is evaluated once, whoever asks for it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use super::Provenance;
use super::numbers::{NumberId, Numbers};
use crate::catalog::{PLACES, PlaceEntry, PlaceName};
use crate::diagnostic::Span;
use crate::spec::Written;
use crate::yaml::Located;

/// A number as it is written, with what its place says of it.
#[derive(Debug, Clone)]
pub(super) struct Named<'a> {
    pub text: Cow<'a, str>,
    pub span: Span,
    /// How a setting names it.
    pub path: Arc<str>,
    /// What its place says of it.
    pub stated: Option<Arc<Provenance>>,
    /// True if a setting that gave the number says where it comes from.
    pub set_with_provenance: bool,
    /// What it is of the place where a component stands.
    pub place: Option<PlaceName>,
    /// How far it has come.
    pub state: Cell<State>,
}

/// How far a number has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    New,
    /// It is being evaluated: whoever needs it now is in a circle.
    Open,
    Done(NumberId),
    /// Wrong, which has been reported.
    Bad,
}

impl<'a> Named<'a> {
    pub fn new(
        path: impl Into<Arc<str>>,
        text: impl Into<Cow<'a, str>>,
        span: Span,
        stated: Option<&Arc<Provenance>>,
    ) -> Self {
        let (path, text, stated) = (path.into(), text.into(), stated.cloned());
        Self { text, span, path, stated, set_with_provenance: false, place: None, state: Cell::new(State::New) }
    }

    /// A number that is there but could not be read, which has been reported.
    pub fn wrong(path: impl Into<Arc<str>>, span: Span) -> Self {
        let named = Self::new(path, "", span, None);
        named.state.set(State::Bad);
        named
    }

    /// What a place is called.
    pub fn of_place(place: &'static PlaceEntry, span: Span) -> Self {
        Self { place: Some(place.place), ..Self::new(place.name, "", span, None) }
    }

    pub fn written<Q>(
        path: impl Into<Arc<str>>,
        written: &'a Located<Written<Q>>,
        stated: Option<&Arc<Provenance>>,
    ) -> Rc<Self> {
        Rc::new(Self::new(path, &*written.value.text, written.span, stated))
    }
}

/// The names that a formula can use: an entry's own first, then those of its file.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    names: IndexMap<&'a str, Rc<Named<'a>>>,
    outer: Option<Rc<Scope<'a>>>,
    /// Formulas of the file as they read here, where the entry has names of the file for its own.
    reread: RefCell<IndexMap<&'a str, Rc<Named<'a>>>>,
    hides: Cell<bool>,
}

impl<'a> Scope<'a> {
    /// The names of the places where components stand; `span` is the file's.
    #[must_use]
    pub(super) fn of_places(span: Span) -> Self {
        let named = |place: &'static PlaceEntry| (place.name, Rc::new(Named::of_place(place, span)));
        Self { names: PLACES.iter().map(named).collect(), ..Self::default() }
    }

    /// A scope inside another.
    #[must_use]
    pub(super) fn inside(outer: &Rc<Scope<'a>>) -> Self {
        Self { outer: Some(outer.clone()), ..Self::default() }
    }

    /// Adds a name; the first of equal ones counts.
    pub(super) fn add(&mut self, name: &'a str, number: Rc<Named<'a>>) {
        if self.outer.as_ref().is_some_and(|outer| outer.names.contains_key(name)) {
            self.hides.set(true);
        }
        self.names.entry(name).or_insert(number);
    }

    pub(super) fn find(&self, name: &str, numbers: &Numbers) -> Option<Rc<Named<'a>>> {
        let own = self.names.get(name).cloned();
        own.or_else(|| self.reread.borrow().get(name).cloned()).or_else(|| self.of_file(name, numbers))
    }

    fn of_file(&self, name: &str, numbers: &Numbers) -> Option<Rc<Named<'a>>> {
        let outer = self.outer.as_ref()?;
        let Some((key, named)) = outer.names.get_key_value(name) else { return outer.of_file(name, numbers) };
        let is_leaf = matches!(named.state.get(), State::Done(id) if numbers.get(id).operands().is_empty());
        if is_leaf || !self.hides.get() {
            return Some(named.clone());
        }
        let again = Rc::new(Named { state: Cell::new(State::New), ..(**named).clone() });
        self.reread.borrow_mut().insert(key, again.clone());
        Some(again)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name) || self.outer.as_ref().is_some_and(|outer| outer.has(name))
    }

    /// The names that the entry and its file have, without what is known of every place.
    pub(super) fn own(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.names.keys().copied().collect();
        // The outermost names are those of places.
        if let Some(outer) = self.outer.as_ref().filter(|outer| outer.outer.is_some()) {
            names.extend(outer.own());
        }
        names
    }

    pub(super) fn all(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.names.keys().copied().collect();
        names.extend(self.outer.iter().flat_map(|outer| outer.all()));
        names
    }

    /// True for `13 lambda`: a number and a name that is no unit but is in scope.
    pub(super) fn names_unit_of(&self, text: &str) -> bool {
        let name = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-')).trim();
        !name.is_empty() && self.has(name)
    }
}
