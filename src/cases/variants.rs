//! Published results of one circuit in many variants.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Claim, ClaimResult, Published};
use crate::design::Design;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, suggest};
use crate::infer::simulation;
use crate::spec::case as file;
use crate::units::Power;
use crate::yaml::slot::Table;
use crate::yaml::{Located, Slot};

/// Inputs that a variant is simulated with, at most.
const MOST_INPUTS: u64 = 1000;
/// Lines of a case, at most: each is a circuit to be solved.
const MOST_LINES: usize = 1000;

/// The values of a line by the names of its columns.
struct VariantLine<'a> {
    columns: &'a [&'a Located<String>],
    values: Vec<&'a Located<String>>,
    place: Span,
}

/// A variant on its way to a result.
struct FilledVariant {
    what: String,
    published: Published,
    /// What is changed in the design; variants that change the same have the same result.
    set: Vec<String>,
    place: Span,
}

impl Claim<'_> {
    /// The variants of a case, each as a claim, in the order of its lines.
    pub(super) fn variants(&mut self, spec: &Located<file::VariantsSpec>) -> Option<Vec<ClaimResult>> {
        let (v, place) = (&spec.value, spec.span);
        let what = self.need(&v.what, "`variants`", "what", place);
        let columns = self.need(&v.columns, "`variants`", "columns", place);
        let lines = self.need(&v.lines, "`variants`", "lines", place);
        let published = self.need(&v.published, "`variants`", "published", place);
        let simulate = self.need(&v.simulate, "`variants`", "simulate", place);
        let (what, columns, lines, published, simulate) = (what?, columns?, lines?, published?, simulate?);
        let inputs = self.need(&simulate.value.inputs, "`simulate`", "inputs", simulate.span);
        let seed = self.need(&simulate.value.seed, "`simulate`", "seed", simulate.span);
        let (inputs, seed) = (inputs?, seed?);
        if !(1..=MOST_INPUTS).contains(&inputs.value) {
            let message = format!("`inputs` is {}", inputs.value);
            self.report(Diagnostic::error(message).at(inputs.span, format!("expected 1 to {MOST_INPUTS}")));
            return None;
        }
        let columns: Option<Vec<&Located<String>>> = columns.value.iter().map(Slot::located).collect();
        let columns = columns?;
        self.check_columns(&columns)?;
        if lines.value.len() > MOST_LINES {
            let error = Diagnostic::error(format!("the case has {} variants", lines.value.len()));
            self.report(error.at(lines.span, format!("expected at most {MOST_LINES}")));
            return None;
        }
        let path = self.need(&simulate.value.architecture, "`simulate`", "architecture", simulate.span)?;
        let before = self.session.diagnostics.mark();
        let mut variants = Vec::with_capacity(lines.value.len());
        for line in &lines.value {
            let variant = self.line(line, &columns).and_then(|line| self.variant(&line, what, published, simulate));
            variants.extend(variant);
        }
        self.check_set_aside(&variants, &v.set_aside);
        self.session.diagnostics.since(before).ok()?;
        let powers = self.powers(&variants, path, (seed.value, usize::try_from(inputs.value).ok()?))?;
        self.claims(variants, &powers, v)
    }

    /// A column has a name of its own.
    fn check_columns(&mut self, columns: &[&Located<String>]) -> Option<()> {
        for (place, column) in columns.iter().enumerate() {
            if let Some(first) = columns[..place].iter().find(|first| first.value == column.value) {
                let error = Diagnostic::error(format!("two columns are called `{}`", column.value));
                self.report(error.at(column.span, "the second").also(first.span, "the first"));
                return None;
            }
        }
        Some(())
    }

    fn line<'l>(
        &mut self,
        line: &'l Slot<Vec<Slot<String>>>,
        columns: &'l [&'l Located<String>],
    ) -> Option<VariantLine<'l>> {
        let line = line.located()?;
        let values: Option<Vec<&Located<String>>> = line.value.iter().map(Slot::located).collect();
        let values = values?;
        if values.len() == columns.len() {
            return Some(VariantLine { columns, values, place: line.span });
        }
        let message = format!("{} values on a line, but there are {} columns", values.len(), columns.len());
        self.report(Diagnostic::error(message).at(line.span, "expected a value for each column"));
        None
    }

    fn variant(
        &mut self,
        line: &VariantLine<'_>,
        what: &Located<String>,
        published: &Located<file::PublishedSpec>,
        simulate: &Located<file::SimulateCase>,
    ) -> Option<FilledVariant> {
        let name = self.filled(what, line)?;
        let mut figure = published.value.clone();
        for slot in [&mut figure.value, &mut figure.within, &mut figure.at_least, &mut figure.from, &mut figure.to] {
            if let Slot::Present(text) = slot {
                text.value = self.filled(text, line)?;
                text.span = line.place;
            }
        }
        let figure = self.published(&Located { value: figure, span: line.place })?;
        let settings = simulate.value.set.get().map_or(&[][..], |table| table.entries.as_slice());
        let mut set = Vec::with_capacity(settings.len());
        for (path, value) in settings {
            set.push(format!("{}={}", path.value, self.filled(value.located()?, line)?));
        }
        Some(FilledVariant { what: name, published: figure, set, place: line.place })
    }

    /// A text with the values of a line in the place of `{COLUMN}`.
    fn filled(&mut self, text: &Located<String>, line: &VariantLine<'_>) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text.value.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let Some(place) = line.columns.iter().position(|column| column.value == name) else {
                let names = line.columns.iter().map(|column| column.value.as_str());
                let error = Diagnostic::error(format!("no column is called `{name}`")).at(text.span, "named here");
                self.report(error.maybe_help(suggest::did_you_mean(name, names)));
                return None;
            };
            filled.push_str(&line.values[place].value);
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// The power of each design that differs from the others, by what is changed in it.
    fn powers(
        &mut self,
        variants: &[FilledVariant],
        path: &Located<String>,
        (seed, inputs): (u64, usize),
    ) -> Option<BTreeMap<Vec<String>, Power>> {
        let before = self.session.diagnostics.mark();
        let (file, mut designs) = (self.beside(&path.value), BTreeMap::new());
        for variant in variants {
            if !designs.contains_key(&variant.set) {
                let design = self.session.design_with(&file, path.span, &variant.set).ok()?;
                designs.insert(variant.set.clone(), design);
            }
        }
        let solve = |(set, design): (Vec<String>, Design)| {
            let mut diagnostics = Diagnostics::default();
            let power = simulation::mean_power(&design, seed, inputs, &mut diagnostics).ok();
            (set, power, diagnostics)
        };
        let solved: Vec<_> = designs.into_par_iter().map(solve).collect();
        let mut powers = BTreeMap::new();
        for (set, power, diagnostics) in solved {
            self.session.diagnostics.extend(diagnostics);
            powers.extend(power.map(|power| (set, power)));
        }
        self.session.diagnostics.since(before).ok()?;
        Some(powers)
    }

    fn claims(
        &mut self,
        variants: Vec<FilledVariant>,
        powers: &BTreeMap<Vec<String>, Power>,
        spec: &file::VariantsSpec,
    ) -> Option<Vec<ClaimResult>> {
        let set_aside = spec.set_aside.get().map_or(&[][..], |table| table.entries.as_slice());
        let mut claims = Vec::with_capacity(variants.len());
        for FilledVariant { what, published, set, place } in variants {
            let power = *powers.get(&set)?;
            let reason = set_aside.iter().find(|(name, _)| name.value == what);
            let reason = reason.and_then(|(_, reason)| reason.get().cloned());
            let computed = (power.into(), power.into());
            let met = self.meets(&published, computed, place)? && reason.is_none();
            let why = reason.or_else(|| spec.why.get().cloned());
            claims.push(ClaimResult { what, published, computed, met, fitted: None, why });
        }
        Some(claims)
    }

    /// What is set aside is one of the lines.
    fn check_set_aside(&mut self, variants: &[FilledVariant], set_aside: &Slot<Table<String>>) {
        for (name, _) in set_aside.get().map_or(&[][..], |table| table.entries.as_slice()) {
            if !variants.iter().any(|variant| variant.what == name.value) {
                let error = Diagnostic::error(format!("no variant is called `{}`", name.value));
                let names = variants.iter().map(|variant| variant.what.as_str());
                let help = suggest::did_you_mean(&name.value, names);
                self.report(error.at(name.span, "set aside here").maybe_help(help));
            }
        }
    }
}
