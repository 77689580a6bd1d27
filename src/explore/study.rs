//! Accuracy and costs of one architecture for several values of its parameters, and which points no other beats.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::cost::{AssumedShare, Totals};
use crate::diagnostic::{Checked, Diagnostic, Span};
use crate::explore::sweep;
use crate::files::load;
use crate::infer::accuracy::{Accuracy, Question};
use crate::infer::dataset::Part;
use crate::results::Findings;
use crate::session::Session;
use crate::spec::architecture::OneOrMany;
use crate::spec::kind::{FileKind, first_key};
use crate::spec::study::{self as file, Combine, Cost};
use crate::yaml::{Located, Slot, de};

/// More points than this are a mistake.
pub const MOST_POINTS: usize = 100_000;
/// More values than this, of all points together or of all that is varied, are a mistake too.
pub const MOST_VALUES: usize = 1_000_000;

/// Where the file names weights: no setting is called so, since each has a `=`.
pub(super) const WEIGHTS: &str = "weights";

/// Where a study has a setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct SettingPlace {
    pub(super) path: Span,
    pub(super) value: Span,
}

/// A study, read.
#[derive(Debug, Clone)]
pub struct Study {
    /// What is asked.
    pub name: String,
    /// The architecture.
    pub architecture: PathBuf,
    /// Weights, pictures and draws.
    pub question: Question,
    /// What is set for all points, as `--set` takes it.
    pub set: Vec<String>,
    /// What is varied: paths as `--set` takes them.
    pub paths: Vec<String>,
    /// For each point the value of each of them.
    pub points: Vec<Vec<String>>,
    /// The cost that is weighed against accuracy.
    pub against: Cost,
    /// Where the file names pictures.
    pub(super) data_at: Option<Span>,
    /// Where each setting stands, as `--set` takes it, and the [`WEIGHTS`].
    pub(super) places: HashMap<String, SettingPlace>,
}

impl Study {
    /// A session with the settings of a point, on the files of another one.
    pub(super) fn session(&self, number: usize, whole: &Session) -> Session {
        let varied = self.paths.iter().zip(&self.points[number]).map(|(path, value)| format!("{path}={value}"));
        let settings: Vec<String> = self.set.iter().cloned().chain(varied).collect();
        Session::with_settings(&settings).reading(whole.sources.files().clone())
    }

    /// `imperfections.stuck = 1%, tile.rows = 32`
    pub(super) fn point_name(&self, number: usize) -> String {
        const SHOWN: usize = 8;
        let mut names: Vec<String> = self
            .paths
            .iter()
            .zip(&self.points[number])
            .take(SHOWN)
            .map(|(path, value)| format!("{path} = {value}"))
            .collect();
        if self.paths.len() > SHOWN {
            names.push("…".into());
        }
        names.join(", ")
    }

    /// Forgets where the file names what the command line names instead.
    pub fn named_on_the_command_line(&mut self, weights: bool, data: bool) {
        if weights {
            self.places.remove(WEIGHTS);
        }
        self.data_at = self.data_at.filter(|_| !data);
    }
}

/// One point of a study.
#[derive(Debug, Clone)]
pub struct Point {
    /// The value of each parameter that is varied.
    pub values: Vec<String>,
    /// Its accuracy.
    pub accuracy: Accuracy,
    /// Its costs.
    pub totals: Totals,
    /// How much of them rests on assumed numbers.
    pub assumed: AssumedShare,
    /// What its author should know.
    pub findings: Findings,
    /// True if no other point is at least as good in accuracy and cost, and better in one of them.
    pub on_front: bool,
}

impl Point {
    /// Mean accuracy over the draws, or the accuracy where nothing is random.
    #[must_use]
    pub fn mean_accuracy(&self) -> f64 {
        self.accuracy.draws.as_ref().map_or_else(|| self.accuracy.nominal_accuracy(), |draws| draws.mean())
    }

    /// True if all of its draws are done.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.accuracy.draws.as_ref().is_none_or(|draws| draws.correct.len() == draws.asked)
    }

    /// One of its costs, in SI base units.
    #[must_use]
    pub fn cost_si(&self, cost: Cost) -> f64 {
        match cost {
            Cost::Power => self.totals.power.si(),
            Cost::Latency => self.totals.latency.si(),
            Cost::Energy => self.totals.energy.si(),
            Cost::Area => self.totals.area.si(),
        }
    }
}

/// Reads a study.
///
/// # Errors
/// Anything is wrong with it; all of it has been reported.
pub fn read(path: &Path, session: &mut Session) -> Checked<Study> {
    let before = session.diagnostics.mark();
    let (source, tree) = load::load(path, None, &mut session.sources, &mut session.diagnostics)?;
    FileKind::Study.confirm(path, tree.parts(), None, &mut session.diagnostics)?;
    let read = de::read::<file::StudySpec>(&tree, &mut session.diagnostics)?;
    let study = read.parts();
    let place = first_key(tree.parts()).unwrap_or(Span { source, start: 0, end: 0 });
    let name = study.name.require("the study", "name", place, &mut session.diagnostics);
    let architecture = study.architecture.require("the study", "architecture", place, &mut session.diagnostics);
    let vary = study.vary.require("the study", "vary", place, &mut session.diagnostics);
    let mut places = HashMap::new();
    let axes = vary.and_then(|vary| axes(vary, session));
    let question = question(path, study, session);
    let set: Vec<String> = study.set.get().map_or_else(Vec::new, |table| {
        let entries = table.entries.iter().filter_map(|(path, value)| Some((path, value.located()?)));
        let settings = entries.map(|(path, value)| {
            let place = SettingPlace { path: path.span, value: value.span };
            (format!("{}={}", path.value, value.value), place)
        });
        settings.map(|(text, place)| (places.insert(text.clone(), place), text).1).collect()
    });
    places.extend(study.weights.span().map(|span| (WEIGHTS.to_owned(), SettingPlace { path: span, value: span })));
    let Some(Axes { paths, values, places: places_of_values }) = axes else {
        return Err(session.diagnostics.missing(before));
    };
    let how = study.combine.get().copied().unwrap_or_default();
    // Points are counted before the first is made.
    let points = count(&values, how).filter(|&points| points <= MOST_POINTS);
    if points.and_then(|points| points.checked_mul(values.len())).is_none_or(|values| values > MOST_VALUES) {
        let (message, help) = match points {
            None => (
                format!("the study has more than {MOST_POINTS} points"),
                "fewer values, or `combine: one-by-one`".into(),
            ),
            Some(points) => (
                format!("the study has {points} points with {} values each", values.len()),
                format!("at most {MOST_VALUES} values in all points together"),
            ),
        };
        let place = vary.map_or(place, |v| v.span);
        let error = Diagnostic::error(message).at(place, "these values, combined").help(help);
        return Err(session.diagnostics.push(error));
    }
    for (axis, range, place) in places_of_values {
        places.extend(values[axis][range].iter().map(|value| (format!("{}={value}", paths[axis]), place)));
    }
    let (name, architecture) = name.zip(architecture).ok_or_else(|| session.diagnostics.missing(before))?;
    let file = load::beside(path, &architecture.value, &**session.sources.files());
    // Only to say at the right place that it is not there: each point reads it again.
    let _ = load::load(&file, Some(architecture.span), &mut session.sources, &mut session.diagnostics)?;
    session.diagnostics.since(before)?;
    Ok(Study {
        name: name.value.clone(),
        architecture: file,
        question,
        set,
        paths,
        points: combine(&values, how),
        against: study.against.get().copied().unwrap_or_default(),
        data_at: study.data.span(),
        places,
    })
}

/// What the file asks of each point.
fn question(path: &Path, study: &file::StudySpec, session: &mut Session) -> Question {
    let mut count = |slot: &Slot<u64>, what: &str| {
        let n = slot.located()?;
        if !(1..=1_000_000).contains(&n.value) {
            let diagnostic = Diagnostic::error(format!("`{what}` is {}", n.value)).at(n.span, "expected 1 to 1000000");
            session.diagnostics.push(diagnostic);
        }
        usize::try_from(n.value).ok()
    };
    let files = session.sources.files().clone();
    let beside = |text: &String| load::beside(path, text, &*files);
    Question {
        weights: study.weights.get().map_or_else(Vec::new, |w| w.names().iter().map(|n| beside(&n.value)).collect()),
        data: study.data.get().map(beside),
        part: Part::Test,
        images: count(&study.images, "images"),
        draws: count(&study.draws, "draws").unwrap_or(20),
        seed: study.seed.get().copied().unwrap_or(1),
        ideal_neuron: study.ideal_neuron.get().copied().unwrap_or(false),
        ideal_crossbar: study.ideal_crossbar.get().copied().unwrap_or(false),
    }
}

/// What is varied.
struct Axes {
    paths: Vec<String>,
    /// The values of each path.
    values: Vec<Vec<String>>,
    /// Where some values of a path are: settings are made of them when it is known that they are not too many.
    places: Vec<(usize, Range<usize>, SettingPlace)>,
}

/// Paths and values of what is varied, and where each is.
fn axes(vary: &Located<crate::yaml::slot::Table<OneOrMany>>, session: &mut Session) -> Option<Axes> {
    let before = session.diagnostics.mark();
    let (mut paths, mut all, mut places, mut count) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (path, values) in &vary.value.entries {
        let Some(written) = values.located() else { continue };
        let mut found: Vec<String> = Vec::new();
        for name in written.value.names() {
            let one = matches!(written.value, OneOrMany::Sequence(_));
            match if one { Ok(vec![name.value.clone()]) } else { sweep::values(&name.value, is_counted(&path.value)) } {
                Ok(values) => {
                    count += values.len();
                    if count > MOST_VALUES {
                        let message = format!("the study varies more than {MOST_VALUES} values");
                        session.diagnostics.push(Diagnostic::error(message).at(name.span, "counted up to here"));
                        return None;
                    }
                    let place = SettingPlace { path: path.span, value: name.span };
                    places.push((all.len(), found.len()..found.len() + values.len(), place));
                    found.extend(values);
                }
                Err(why) => {
                    let message = format!("`{}: {}`: {why}", path.value, name.value);
                    let diagnostic = Diagnostic::error(message).at(name.span, "expected A..B, A..B:COUNT or a list");
                    session.diagnostics.push(diagnostic);
                }
            }
        }
        if found.is_empty() && session.diagnostics.since(before).is_ok() {
            let message = format!("`{}` has no values", path.value);
            session.diagnostics.push(Diagnostic::error(message).at(written.span, "expected at least one"));
        }
        paths.push(path.value.clone());
        all.push(found);
    }
    if paths.is_empty() && session.diagnostics.since(before).is_ok() {
        let diagnostic = Diagnostic::error("the study varies nothing").at(vary.span, "expected a path and its values");
        session.diagnostics.push(diagnostic.help("for example `imperfections.resistance-gaussian: [0%, 5%, 10%]`"));
    }
    session.diagnostics.since(before).ok().map(|()| Axes { paths, values: all, places })
}

/// True for what is counted: values between two ends are whole.
fn is_counted(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("nfin" | "rows" | "columns" | "bits" | "share" | "dense" | "levels"))
}

/// How many points there are; none if that is beyond all counts.
fn count(values: &[Vec<String>], how: Combine) -> Option<usize> {
    match how {
        Combine::All => values.iter().try_fold(1_usize, |points, values| points.checked_mul(values.len())),
        Combine::OneByOne => {
            values.iter().try_fold(1_usize, |points, values| points.checked_add(values.len().max(1) - 1))
        }
    }
}

/// The points: the last parameter changes first.
fn combine(values: &[Vec<String>], how: Combine) -> Vec<Vec<String>> {
    let first = || -> Vec<String> { values.iter().filter_map(|v| v.first().cloned()).collect() };
    match how {
        Combine::All => values.iter().fold(vec![Vec::new()], |points, values| {
            let longer = |point: &Vec<String>| {
                values.iter().map(|value| point.iter().cloned().chain([value.clone()]).collect()).collect::<Vec<_>>()
            };
            points.iter().flat_map(longer).collect()
        }),
        Combine::OneByOne => {
            let mut points = vec![first()];
            for (axis, values) in values.iter().enumerate() {
                for value in values.iter().skip(1) {
                    let mut point = first();
                    point[axis].clone_from(value);
                    points.push(point);
                }
            }
            points
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(texts: &[&[&str]]) -> Vec<Vec<String>> {
        texts.iter().map(|v| v.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn points_are_all_combinations_or_one_change_at_a_time() {
        let axes = values(&[&["a", "b"], &["1", "2", "3"]]);
        let joined = |how| combine(&axes, how).iter().map(|p| p.concat()).collect::<Vec<_>>();
        assert_eq!([Combine::All, Combine::OneByOne].map(|how| count(&axes, how)), [Some(6), Some(4)]);
        let many = vec![vec![String::new(); 1 << 16]; 5];
        assert_eq!([Combine::All, Combine::OneByOne].map(|how| count(&many, how)), [None, Some(5 * 65535 + 1)]);
        assert_eq!(joined(Combine::All), ["a1", "a2", "a3", "b1", "b2", "b3"]);
        assert_eq!(joined(Combine::OneByOne), ["a1", "b1", "a2", "a3"]);
    }
}
