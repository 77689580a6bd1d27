//! Where the numbers of an entry come from, as the entry and each of its figures say.

use std::rc::Rc;
use std::sync::Arc;

use super::Provenance;
use super::figure::{Reader, Scope};
use super::reference::cited;
use super::scope::Named;
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::source::SourceSpec;
use crate::spec::{Written, library as file};
use crate::units::Length;
use crate::yaml::{Located, Slot};

/// The fields of an entry that say where its numbers come from.
pub(super) struct Stated<'a> {
    pub source: &'a Slot<SourceSpec>,
    pub basis: &'a Slot<file::Basis>,
    pub node: &'a Slot<Written<Length>>,
    pub note: &'a Slot<String>,
    /// True for what is made of parts, each of which says it of its own numbers.
    pub has_parts: bool,
}

/// What an entry says of all its numbers; `file_node` is that of entries that state none.
pub(super) fn of_entry(
    reader: &mut Reader<'_>,
    name: &Located<String>,
    stated: &Stated<'_>,
    file_node: Option<Length>,
) -> Option<Arc<Provenance>> {
    let owner = format!("`{}`", name.value);
    let place = name.span;
    let source = match stated.source.located() {
        Some(Located { value: SourceSpec::Text(text), span }) if text.trim().is_empty() => {
            reader.report(Diagnostic::error(format!("{owner} has an empty source")).at(*span, ""));
            None
        }
        Some(source) => cited(reader.texts.references, source, reader.diagnostics),
        None => {
            if stated.source.is_missing() {
                reader.report(
                    Diagnostic::error(format!("{owner} has no source"))
                        .at(place, "every number must say where it comes from")
                        .help("add `source:` with the publication and where in it, or `basis: assumed` with the reasoning in `note:` and `source: assumption`"),
                );
            }
            None
        }
    };
    let basis = stated.basis.require(&owner, "basis", place, reader.diagnostics);
    if stated.note.is_missing() && !stated.has_parts {
        needs_note(reader, &owner, basis.map(|b| b.value), place);
    }
    let node = node_of(reader, stated.node).or(file_node.filter(|_| stated.node.is_missing()));
    let (source, reference) = source?;
    let provenance = Provenance { source, reference, basis: basis?.value, node, note: stated.note.get().cloned() };
    Some(Arc::new(provenance))
}

/// What a figure says of itself; the rest is what its entry says.
pub(super) fn of_figure<Q>(
    reader: &mut Reader<'_>,
    what: &str,
    detail: &file::FigureDetail<Q>,
    place: Span,
    entry: &Arc<Provenance>,
) -> Arc<Provenance> {
    if detail.source.is_missing() && detail.note.is_missing() && detail.basis.is_missing() && detail.node.is_missing() {
        return entry.clone();
    }
    let mut provenance = (**entry).clone();
    if let Some((source, reference)) =
        detail.source.located().and_then(|source| cited(reader.texts.references, source, reader.diagnostics))
    {
        (provenance.source, provenance.reference) = (source, reference);
    }
    if let Some(basis) = detail.basis.get() {
        provenance.basis = *basis;
    }
    if let Some(note) = detail.note.get() {
        provenance.note = Some(note.clone());
    }
    if !detail.node.is_missing() {
        provenance.node = node_of(reader, &detail.node);
    }
    if provenance.note.is_none() {
        needs_note(reader, &format!("`{what}`"), Some(provenance.basis), place);
    }
    Arc::new(provenance)
}

/// What a parameter of a whole file says of itself; none where it says nothing, and what uses it speaks for it.
pub(super) fn of_file_parameter(
    reader: &mut Reader<'_>,
    what: &str,
    detail: &file::FigureDetail<file::Any>,
    place: Span,
) -> Option<Arc<Provenance>> {
    if detail.source.is_missing() && detail.basis.is_missing() {
        return None;
    }
    let basis = detail.basis.require(&format!("`{what}`"), "basis", place, reader.diagnostics)?.value;
    let entry = Provenance { source: "the library itself".into(), reference: None, basis, node: None, note: None };
    Some(of_figure(reader, what, detail, place, &Arc::new(entry)))
}

fn node_of(reader: &mut Reader<'_>, node: &Slot<Written<Length>>) -> Option<Length> {
    let named: Rc<Named<'_>> = Named::written("node", node.located()?, None);
    let mut aside = Default::default();
    let mut reader = Reader { texts: reader.texts, diagnostics: reader.diagnostics, numbers: &mut aside };
    reader.positive::<Length>("node", &named, &Scope::default()).map(|(node, _)| node)
}

/// An assumption needs its reasoning, a fitted number what it was fitted to.
fn needs_note(reader: &mut Reader<'_>, owner: &str, basis: Option<file::Basis>, place: Span) {
    let (message, help) = match basis {
        Some(file::Basis::Assumed) => {
            (format!("{owner} is assumed, but says not why"), "add `note:` with the reasoning")
        }
        Some(file::Basis::Fitted) => {
            (format!("{owner} is fitted, but says not to what"), "add `note:` with the result that it makes come out")
        }
        _ => return,
    };
    reader.report(Diagnostic::error(message).at(place, "`note` is missing here").help(help));
}
