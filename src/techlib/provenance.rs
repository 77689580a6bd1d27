//! Numbers with their range and provenance.

use std::sync::Arc;

use super::figure::Scope;
use super::resolve::Resolver;
use super::rules;
use super::{Figure, Provenance};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::{Written, library as file};
use crate::units::{Length, Unit};
use crate::yaml::{Located, Slot};

/// What an entry says of all its numbers.
pub(super) struct Origin {
    pub provenance: Arc<Provenance>,
    pub place: Span,
}

/// The fields of an entry that say where its numbers come from.
pub(super) struct Stated<'a> {
    pub source: &'a Slot<String>,
    pub basis: &'a Slot<file::Basis>,
    pub node: &'a Slot<Written<Length>>,
    pub note: &'a Slot<String>,
}

impl Resolver<'_, '_> {
    pub(super) fn origin(
        &mut self,
        name: &Located<String>,
        stated: Stated<'_>,
        file_node: Option<Length>,
    ) -> Option<Origin> {
        let Stated { source, basis, node, note } = stated;
        let owner = format!("`{}`", name.value);
        let place = name.span;
        let source_text = match source.located() {
            Some(text) if text.value.trim().is_empty() => {
                self.report(Diagnostic::error(format!("{owner} has an empty source")).at(text.span, ""));
                None
            }
            Some(text) => Some(text.value.clone()),
            None => {
                if source.is_missing() {
                    self.report(
                        Diagnostic::error(format!("{owner} has no source"))
                            .at(place, "every number must say where it comes from")
                            .help("add `source:` with the publication and where in it, or `basis: assumed` with the reasoning in `note:` and `source: assumption`"),
                    );
                }
                None
            }
        };
        let basis = basis.require(&owner, "basis", place, self.evaluator.diagnostics);
        if basis.is_some_and(|b| b.value == file::Basis::Assumed) && note.is_missing() {
            self.report(
                Diagnostic::error(format!("{owner} is assumed, but says not why"))
                    .at(place, "`note` is missing here")
                    .help("add `note:` with the reasoning"),
            );
        }
        let node = match node.located() {
            Some(node) => self.evaluator.positive::<Length>("node", node, &Scope::default()),
            None => file_node,
        };
        let provenance = Provenance { source: source_text?, basis: basis?.value, node, note: note.get().cloned() };
        Some(Origin { provenance: Arc::new(provenance), place })
    }

    pub(super) fn figure<Q: Unit>(
        &mut self,
        what: &str,
        slot: &Slot<file::FigureSpec<Q>>,
        scope: &Scope<'_>,
        origin: &Origin,
    ) -> Option<Figure<Q>> {
        let figure = slot.located()?;
        match &figure.value {
            file::FigureSpec::Plain(text) if text.text == "unknown" => None,
            file::FigureSpec::Plain(text) => {
                let written = Located { value: text.clone(), span: figure.span };
                let value = self.evaluator.positive(what, &written, scope)?;
                rules::warn_if_implausible(what, value, figure.span, self.evaluator.diagnostics);
                Some(Figure { value, range: None, provenance: origin.provenance.clone() })
            }
            file::FigureSpec::Detailed(detail) => self.detailed(what, detail, figure.span, scope, origin),
        }
    }

    fn detailed<Q: Unit>(
        &mut self,
        what: &str,
        detail: &file::FigureDetail<Q>,
        place: Span,
        scope: &Scope<'_>,
        origin: &Origin,
    ) -> Option<Figure<Q>> {
        let written = detail.value.require(&format!("`{what}`"), "value", place, self.evaluator.diagnostics)?;
        let value = self.evaluator.positive(what, written, scope)?;
        rules::warn_if_implausible(what, value, written.span, self.evaluator.diagnostics);
        let mut provenance = (*origin.provenance).clone();
        if let Some(source) = detail.source.get() {
            provenance.source.clone_from(source);
        }
        if let Some(basis) = detail.basis.get() {
            provenance.basis = *basis;
        }
        if let Some(note) = detail.note.get() {
            provenance.note = Some(note.clone());
        }
        if let Some(node) = detail.node.located() {
            provenance.node = self.evaluator.positive("node", node, scope);
        }
        if provenance.basis == file::Basis::Assumed && provenance.note.is_none() {
            let diagnostic = Diagnostic::error(format!("`{what}` is assumed, but says not why"));
            self.report(diagnostic.at(place, "`note` is missing here").help("add `note:` with the reasoning"));
        }
        let range = detail.range.located().and_then(|text| self.range(what, text, value, scope));
        Some(Figure { value, range, provenance: Arc::new(provenance) })
    }

    /// `55.9 uW .. 98.9 uW`, with the value in it.
    fn range<Q: Unit>(&mut self, what: &str, text: &Located<String>, value: Q, scope: &Scope<'_>) -> Option<(Q, Q)> {
        let Some(dots) = text.value.find("..") else {
            let diagnostic = Diagnostic::error(format!("the range of `{what}` has no `..`"));
            self.report(diagnostic.at(text.span, "expected the lowest and the highest value with `..` between them"));
            return None;
        };
        let quote = usize::from(self.evaluator.sources.text(text.span).starts_with(['"', '\'']));
        let mut end = |part: std::ops::Range<usize>| {
            let written = &text.value[part.clone()];
            let start = quote + part.start + written.len() - written.trim_start().len();
            let span = text.span.part(&(start..start + written.trim().len()));
            self.evaluator.positive::<Q>(what, &Located { value: Written::new(written.trim()), span }, scope)
        };
        // Both ends are looked at before the first mistake ends it.
        let (low, high) = (end(0..dots), end(dots + 2..text.value.len()));
        let (low, high) = (low?, high?);
        if low.si() > high.si() {
            let diagnostic = Diagnostic::error(format!("the range of `{what}` is upside down"));
            self.report(diagnostic.at(text.span, "the lowest value comes first"));
            return None;
        }
        if low.si() > value.si() || high.si() < value.si() {
            let diagnostic = Diagnostic::error(format!("the value of `{what}` is outside its own range"));
            self.report(diagnostic.at(text.span, format!("the value is {}", value.into().eng(4))));
            return None;
        }
        Some((low, high))
    }
}
