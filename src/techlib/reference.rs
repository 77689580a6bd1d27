//! The publications and repositories that a library lists, and what cites them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Reference;
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::spec::source::{ReferenceSpec, SourceSpec};
use crate::yaml::{Located, Slot, slot::Table};

/// References by the names under which they are cited.
pub(super) type References = BTreeMap<String, Arc<Reference>>;

/// No number of a technology library is older, and none is of the future.
const YEARS: std::ops::RangeInclusive<u64> = 1900..=2100;

/// Adds the references that a file lists; one of the same name as one before replaces it.
pub(super) fn list(references: &mut References, spec: &Slot<Table<ReferenceSpec>>, diagnostics: &mut Diagnostics) {
    for (key, spec) in super::entry::entries(spec) {
        if let Some(reference) = spec.get().and_then(|spec| reference(key, spec, diagnostics)) {
            references.insert(key.value.clone(), Arc::new(reference));
        }
    }
}

fn reference(key: &Located<String>, spec: &ReferenceSpec, diagnostics: &mut Diagnostics) -> Option<Reference> {
    let owner = format!("the source `{}`", key.value);
    let title = spec.title.require(&owner, "title", key.span, diagnostics).map(|title| title.value.clone());
    let year = spec.year.located().filter(|year| {
        let known = YEARS.contains(&year.value);
        if !known {
            let label = format!("expected {} to {}", YEARS.start(), YEARS.end());
            let diagnostic = Diagnostic::error(format!("{owner} is of the year {}", year.value));
            diagnostics.push(diagnostic.at(year.span, label));
        }
        known
    });
    if let (Some(venue), Some(journal)) = (spec.venue.span(), spec.journal.span()) {
        let diagnostic = Diagnostic::error(format!("{owner} appeared in a journal and at a conference"));
        diagnostics.push(diagnostic.at(journal, "one of them").also(venue, "the other").help("keep one"));
    }
    let text = |slot: &Slot<String>| slot.get().cloned();
    let authors = spec.authors.get().map(|authors| authors.names().iter().map(|name| name.value.clone()).collect());
    let mut reference = Reference {
        key: key.value.clone(),
        short: String::new(),
        title: title?,
        authors: authors.unwrap_or_default(),
        venue: text(&spec.venue),
        journal: text(&spec.journal),
        year: year.and_then(|year| u32::try_from(year.value).ok()),
        doi: text(&spec.doi),
        url: text(&spec.url),
        note: text(&spec.note),
    };
    reference.short = text(&spec.short).unwrap_or_else(|| short(&reference));
    Some(reference)
}

/// `Shafiee et al., ISCA 2016`; the title stands for authors that are not named.
fn short(reference: &Reference) -> String {
    let surname = |name: &String| match name.split_once(',') {
        Some((surname, _)) => surname.trim().to_owned(),
        None => name.rsplit(' ').next().unwrap_or_default().to_owned(),
    };
    let who = match reference.authors.as_slice() {
        [] => reference.title.clone(),
        [one] => surname(one),
        [one, other] if other != "others" => format!("{} and {}", surname(one), surname(other)),
        [one, ..] => format!("{} et al.", surname(one)),
    };
    let place = reference.venue.as_ref().or(reference.journal.as_ref());
    let year = reference.year.map(|year| year.to_string());
    match (place, year) {
        (Some(place), Some(year)) => format!("{who}, {place} {year}"),
        (Some(text), None) => format!("{who}, {text}"),
        (None, Some(year)) => format!("{who}, {year}"),
        (None, None) => who,
    }
}

/// The text that reports print of a source, and the reference if it is a listed one; none if it is wrong, which is reported.
pub(super) fn cited(
    references: &References,
    source: &Located<SourceSpec>,
    diagnostics: &mut Diagnostics,
) -> Option<(String, Option<Arc<Reference>>)> {
    let citation = match &source.value {
        SourceSpec::Text(text) => {
            let reference = references.get(text.trim()).cloned();
            return Some((reference.as_ref().map_or_else(|| text.clone(), |r| r.short.clone()), reference));
        }
        SourceSpec::Citation(citation) => citation,
    };
    let key = citation.key.require("a source", "key", source.span, diagnostics)?;
    let Some(reference) = references.get(&key.value) else {
        let diagnostic = Diagnostic::error(format!("unknown source `{}`", key.value))
            .at(key.span, "not in `sources` of this library nor of what it extends")
            .maybe_help(suggest::did_you_mean(&key.value, references.keys().map(String::as_str)));
        diagnostics.push(diagnostic);
        return None;
    };
    let text = match citation.place.get() {
        Some(place) => format!("{}, {place}", reference.short),
        None => reference.short.clone(),
    };
    Some((text, Some(reference.clone())))
}
