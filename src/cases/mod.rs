//! Published results beside ours. Nothing here changes an input: a case that misses says by how much.

mod machine;
mod neuron;
mod nodal;
mod published;
#[cfg(feature = "infer")]
mod variants;

use std::path::{Path, PathBuf};

pub use published::{Printed, Published};

use crate::cost::{Breakdown, Estimate, compare};
use crate::design::Design;
use crate::diagnostic::{Checked, Diagnostic, Span, suggest};
use crate::files::load;
use crate::model::scaling::OutOfRange;
use crate::results::ranking::{ComparedFigures, ScaledTo};
use crate::session::Session;
use crate::spec::Written;
use crate::spec::case::{self as file, CrossbarFigure, RankingFigure, Ratio, Total};
use crate::spec::kind::FileKind;
use crate::techlib::{Component, Library};
use crate::units::{Dimension, Length, ParseError, Quantity, parse_quantity};
use crate::yaml::slot::Table;
use crate::yaml::{Located, Slot, de};

/// A case with its results.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// The publication.
    pub source: String,
    /// Its claims.
    pub claims: Vec<ClaimResult>,
    /// The same of one circuit in many variants.
    pub variants: Vec<ClaimResult>,
}

/// One published figure beside ours.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimResult {
    /// What is claimed.
    pub what: String,
    /// What was published.
    pub published: Published,
    /// What was computed: one value, or the ends of a range.
    pub computed: (Quantity, Quantity),
    /// True if the claim is met to the printed digits.
    pub met: bool,
    /// What was set so that it comes out, where anything was.
    pub fitted: Option<String>,
    /// Why it is not, where that is known.
    pub why: Option<String>,
}

impl ClaimResult {
    /// Relative difference of the computed value (the nearer end for a bound, the upper end for a range) to the published one.
    #[must_use]
    pub fn difference(&self) -> f64 {
        let (computed, published) = match &self.published {
            Published::Value(value, _) | Published::AtLeast(value) => (self.computed.0, value),
            Published::Range(_, to) => (self.computed.1, to),
        };
        computed.si / published.si - 1.0
    }
}

/// Reads a case and computes its results.
///
/// # Errors
/// Anything is wrong with it or with a file that it names; all of it has been reported.
pub fn run(path: &Path, session: &mut Session) -> Checked<CaseResult> {
    let before = session.diagnostics.mark();
    let (source, tree) = load::load(path, None, &mut session.sources, &mut session.diagnostics)?;
    FileKind::Case.confirm(path, tree.parts(), None, &mut session.diagnostics)?;
    let read = de::read::<file::Case>(&tree, &mut session.diagnostics)?;
    let case = read.parts();
    let place = Span { source, start: 0, end: 0 };
    let name = case.name.require("the case", "name", place, &mut session.diagnostics);
    let publication = case.source.require("the case", "source", place, &mut session.diagnostics);
    let claims = match case.variants {
        Slot::Missing => case.claims.require("the case", "claims", place, &mut session.diagnostics),
        _ => case.claims.located(),
    };
    let claims = claims.map_or(&[][..], |claims| claims.value.as_slice());
    let results: Vec<Option<ClaimResult>> =
        claims.iter().map(|c| Claim { session: &mut *session, path, claim: c.located()? }.run()).collect();
    let variants = case.variants.located().map_or_else(|| Some(Vec::new()), |v| variants(session, path, v));
    session.diagnostics.since(before)?;
    let whole = name.zip(publication).zip(results.into_iter().collect::<Option<Vec<_>>>().zip(variants));
    let ((name, publication), (claims, variants)) = whole.ok_or_else(|| session.diagnostics.missing(before))?;
    Ok(CaseResult { name: name.value.clone(), source: publication.value.clone(), claims, variants })
}

fn variants(session: &mut Session, path: &Path, spec: &Located<file::VariantsSpec>) -> Option<Vec<ClaimResult>> {
    let none = Located { value: file::ClaimSpec::default(), span: spec.span };
    let mut claim = Claim { session, path, claim: &none };
    #[cfg(feature = "infer")]
    let found = claim.variants(spec);
    #[cfg(not(feature = "infer"))]
    let found = {
        claim.report(
            Diagnostic::error("variants are simulated, which this program was built without").at(spec.span, ""),
        );
        None
    };
    found
}

struct Claim<'a> {
    session: &'a mut Session,
    path: &'a Path,
    claim: &'a Located<file::ClaimSpec>,
}

impl Claim<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.session.diagnostics.push(diagnostic);
    }

    /// The path of a file that the case names.
    fn beside(&self, named: &str) -> PathBuf {
        load::beside(self.path, named, &**self.session.sources.files())
    }

    fn need<'s, T>(&mut self, slot: &'s Slot<T>, owner: &str, field: &str, place: Span) -> Option<&'s Located<T>> {
        slot.require(owner, field, place, &mut self.session.diagnostics)
    }

    fn run(mut self) -> Option<ClaimResult> {
        let (claim, place) = (&self.claim.value, self.claim.span);
        let what = self.need(&claim.what, "a claim", "what", place);
        let published = self.need(&claim.published, "a claim", "published", place);
        let published = published.and_then(|p| self.published(p));
        let states = [
            claim.compare.state(),
            claim.report.state(),
            claim.machine.state(),
            claim.library.state(),
            claim.ranking.state(),
            claim.neuron.state(),
            claim.nodal.state(),
        ];
        let mut rests_on_fitted = false;
        let computed = if states.contains(&Slot::Bad) {
            None
        } else if states.iter().filter(|state| !state.is_missing()).count() != 1 {
            let message =
                "a claim needs exactly one of `compare`, `report`, `machine`, `library`, `ranking`, `neuron`, `nodal`";
            self.report(Diagnostic::error(message).at(place, "what should stand against it?"));
            None
        } else if let Slot::Present(c) = &claim.compare {
            self.compare(c)
        } else if let Slot::Present(r) = &claim.report {
            self.total(r)
        } else if let Slot::Present(m) = &claim.machine {
            self.machine(m).map(|found| {
                rests_on_fitted = found.rests_on_fitted;
                found.computed
            })
        } else if let Slot::Present(l) = &claim.library {
            self.crossbar(l)
        } else if let Slot::Present(r) = &claim.ranking {
            self.ranking(r)
        } else if let Slot::Present(n) = &claim.neuron {
            self.neuron(n)
        } else {
            claim.nodal.located().and_then(|n| self.nodal(n))
        };
        let (what, published, computed) = (what?.value.clone(), published?, computed?);
        let met = self.meets(&published, computed, claim.published.span().unwrap_or(place))?;
        let undeclared = rests_on_fitted && claim.predicted.is_missing();
        let fitted = claim.fitted.get().cloned().or(undeclared.then(|| FITTED.to_owned()));
        let met = met && fitted.is_none();
        Some(ClaimResult { what, published, computed, met, fitted, why: claim.why.get().cloned() })
    }

    fn quantity(&mut self, text: &Located<String>) -> Option<Quantity> {
        self.parsed(text, parse_quantity(&text.value))
    }

    /// What was read from a text, or an error at its place in it.
    fn parsed<T>(&mut self, text: &Located<String>, result: Result<T, ParseError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                let place = text.span.part(&error.range);
                self.report(Diagnostic::error(error.message).at(place, "").maybe_help(error.help));
                None
            }
        }
    }

    fn compare(&mut self, c: &Located<file::CompareCase>) -> Option<(Quantity, Quantity)> {
        let baseline = self.need(&c.value.baseline, "`compare`", "baseline", c.span);
        let candidate = self.need(&c.value.candidate, "`compare`", "candidate", c.span);
        let ratio = self.need(&c.value.ratio, "`compare`", "ratio", c.span);
        let (set, own) = (settings(&c.value.set), settings(&c.value.set_baseline));
        let (baseline, candidate, ratio, set, own) = (baseline?, candidate?, ratio?, set?, own?);
        let both: Vec<String> = set.iter().cloned().chain(own).collect();
        let (baseline, candidate) = (self.design(baseline, &both), self.design(candidate, &set));
        let (baseline, candidate) = (baseline?, candidate?);
        for (design, path) in [(&baseline, &c.value.baseline), (&candidate, &c.value.candidate)] {
            let path = path.get().cloned().unwrap_or_default();
            self.session.workload(design, Path::new(&path)).ok()?;
        }
        let (baseline, candidate) = (self.session.estimate(&baseline), self.session.estimate(&candidate));
        let ratios = compare(&baseline.ok()?, &candidate.ok()?).ratios;
        Some(one(Quantity::number(match ratio.value {
            Ratio::Power => ratios.power,
            Ratio::Latency => ratios.latency,
            Ratio::Energy => ratios.energy,
            Ratio::Area => ratios.area,
            Ratio::EnergyDelay => ratios.energy_delay,
        })))
    }

    fn design(&mut self, path: &Located<String>, set: &[String]) -> Option<Design> {
        let file = self.beside(&path.value);
        let found = match set {
            [] => self.session.design_named(&file, path.span),
            set => self.session.design_with(&file, path.span, set),
        };
        found.ok()
    }

    fn total(&mut self, r: &Located<file::ReportCase>) -> Option<(Quantity, Quantity)> {
        let path = self.need(&r.value.architecture, "`report`", "architecture", r.span);
        let total = self.need(&r.value.total, "`report`", "total", r.span);
        let set = settings(&r.value.set);
        let (path, total, set) = (path?, total?, set?);
        let flow = self.design(path, &set)?;
        self.session.workload(&flow, Path::new(&path.value)).ok()?;
        let estimate = self.session.estimate(&flow).ok()?;
        let cut = Breakdown::of(&estimate);
        let wanted: Option<Vec<&Located<String>>> =
            r.value.components.get().map(|list| list.iter().filter_map(Slot::located).collect());
        self.check_known(&estimate, wanted.as_deref())?;
        let lines =
            cut.components.iter().filter(|l| wanted.as_ref().is_none_or(|w| w.iter().any(|n| n.value == l.name)));
        Some(one(match total.value {
            Total::Area => lines.map(|l| l.area).sum::<crate::units::Area>().into(),
            Total::Energy => lines.map(|l| l.energy).sum::<crate::units::Energy>().into(),
            Total::ActivePower => lines.map(|l| l.active_power).sum::<crate::units::Power>().into(),
            Total::Units => Quantity::number(lines.map(|l| l.units).sum::<u64>() as f64),
        }))
    }

    fn check_known(&mut self, estimate: &Estimate<'_>, wanted: Option<&[&Located<String>]>) -> Option<()> {
        let names: Vec<&str> =
            estimate.design.graph.node_weights().filter_map(|n| n.component()).map(|c| &*c.name).collect();
        let mut known = Some(());
        for name in wanted.unwrap_or_default() {
            if !names.contains(&name.value.as_str()) {
                let diagnostic = Diagnostic::error(format!("the design has no component `{}`", name.value));
                let help = suggest::did_you_mean(&name.value, names.iter().copied());
                self.report(diagnostic.at(name.span, "").maybe_help(help));
                known = None;
            }
        }
        known
    }

    fn crossbar(&mut self, l: &Located<file::CrossbarCase>) -> Option<(Quantity, Quantity)> {
        let library = self.need(&l.value.library, "`library`", "library", l.span);
        let name = self.need(&l.value.crossbar, "`library`", "crossbar", l.span);
        let figure = self.need(&l.value.figure, "`library`", "figure", l.span);
        let (library, name, figure) = (library?, name?, figure?);
        let library = self.session.library_named(&self.beside(&library.value), library.span).ok()?;
        let component = self.component(&library, name)?;
        let computed = component.crossbar.as_ref().and_then(|array| {
            let wire = array.wire;
            let (width, height) = (array.cell_width.value, array.cell_height.value);
            Some(match figure.value {
                CrossbarFigure::WireResistivity => wire?.effective_resistivity().into(),
                CrossbarFigure::RowResistance => wire?.resistance(width).into(),
                CrossbarFigure::ColumnResistance => wire?.resistance(height).into(),
                CrossbarFigure::RowCapacitance => wire?.capacitance(width).into(),
                CrossbarFigure::RLow => array.device.r_low.value.into(),
                CrossbarFigure::RHigh => array.device.r_high.value.into(),
            })
        });
        if computed.is_none() {
            let message = format!("`{}` is no crossbar with a wire geometry", name.value);
            self.report(Diagnostic::error(message).at(name.span, ""));
        }
        computed.map(one)
    }

    fn ranking(&mut self, r: &Located<file::Ranking>) -> Option<(Quantity, Quantity)> {
        let library = self.need(&r.value.library, "`ranking`", "library", r.span);
        let kinds = self.need(&r.value.kinds, "`ranking`", "kinds", r.span);
        let to = self.need(&r.value.to, "`ranking`", "to", r.span);
        let of = self.need(&r.value.of, "`ranking`", "of", r.span);
        let (library, kinds, to, of) = (library?, kinds?, to?, of?);
        let library = self.session.library_named(&self.beside(&library.value), library.span).ok()?;
        let reference = self.component(&library, to)?;
        let scaled = match r.value.scale_to.located() {
            Some(text) => Some((self.node(text)?, text.span)),
            None => None,
        };
        let rule = r.value.scaling.get().copied().unwrap_or_default();
        let figure = |c: &Component| -> Result<Option<f64>, OutOfRange> {
            let compared = match scaled {
                Some((node, _)) => ScaledTo { node_m: node.si(), rule }.of(c)?,
                None => ComparedFigures::published(c),
            };
            Ok(match of.value {
                RankingFigure::Power => compared.power.map(|p| p.si()),
                RankingFigure::Area => compared.area.map(|a| a.si()),
                RankingFigure::Latency => c.latency.as_ref().map(|f| f.value.si()),
            })
        };
        // What lies outside of the published range takes no part; the reference must.
        let figure_of_others = |c: &Component| figure(c).ok().flatten();
        let figure = match figure(&reference) {
            Ok(figure) => figure,
            Err(error) => {
                let place = scaled.map_or(r.span, |(_, place)| place);
                self.report(Diagnostic::error(error.to_string()).at(place, ""));
                return None;
            }
        };
        let Some(base) = figure else {
            let message = format!("`{}` does not state what is compared", to.value);
            self.report(Diagnostic::error(message).at(to.span, "").also(of.span, "this figure"));
            return None;
        };
        let others = library
            .components
            .values()
            .filter(|c| c.name != reference.name && kinds.value.iter().filter_map(Slot::get).any(|k| *k == c.kind));
        let ratios: Vec<f64> = others.filter_map(|c| figure_of_others(c)).map(|f| f / base).collect();
        let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ratios.iter().copied().fold(0.0, f64::max);
        if ratios.is_empty() {
            let message = format!("no other component of these kinds states what is compared with `{}`", to.value);
            self.report(Diagnostic::error(message).at(kinds.span, "").also(of.span, "this figure"));
            return None;
        }
        Some((Quantity::number(low), Quantity::number(high)))
    }

    fn node(&mut self, written: &Located<Written<Length>>) -> Option<Length> {
        let found = written.value.text.parse::<Length>();
        if let Err(error) = &found {
            self.report(Diagnostic::error(error.to_string()).at(written.span, ""));
        }
        found.ok()
    }

    fn component(&mut self, library: &Library, name: &Located<String>) -> Option<std::sync::Arc<Component>> {
        let found = library.components.get(&name.value).cloned();
        if found.is_none() {
            let help = suggest::did_you_mean(&name.value, library.components.keys().map(String::as_str));
            let diagnostic = Diagnostic::error(format!("unknown component `{}`", name.value));
            self.report(diagnostic.at(name.span, "").maybe_help(help));
        }
        found
    }
}

/// What is said of a claim that rests on fitted numbers and does not say that they were fitted to something else.
const FITTED: &str = "rests on numbers that were fitted";

/// What a case changes, as `--set` takes it; none where a value could not be read, which has been reported.
fn settings(table: &Slot<Table<String>>) -> Option<Vec<String>> {
    let entries = table.get().map_or(&[][..], |table| table.entries.as_slice());
    entries.iter().map(|(path, value)| Some(format!("{}={}", path.value, value.get()?))).collect()
}

fn one(quantity: Quantity) -> (Quantity, Quantity) {
    (quantity, quantity)
}

/// A dimensionless figure is printed as a ratio.
#[must_use]
pub fn is_ratio(quantity: Quantity) -> bool {
    quantity.dim == Dimension::NUMBER
}
