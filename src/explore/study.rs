//! Accuracy and costs of one architecture for several values of its parameters, and which points no other beats.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cost::{AssumedShare, Totals};
use crate::diagnostic::{Checked, Diagnostic, Span};
use crate::explore::sweep;
use crate::files::load;
use crate::infer::accuracy::{self, Accuracy, Question, Trained};
use crate::infer::dataset::Part;
use crate::session::Session;
use crate::spec::architecture::OneOrMany;
use crate::spec::kind::{FileKind, first_key};
use crate::spec::study::{self as file, Combine, Cost};
use crate::yaml::{Located, Slot, de};

/// More points than this are a mistake.
const MOST_POINTS: usize = 100_000;

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
    /// True if no other point is at least as good in accuracy and cost, and better in one of them.
    pub on_front: bool,
}

impl Point {
    /// Mean accuracy over the draws, or the accuracy where nothing is random.
    #[must_use]
    pub fn mean_accuracy(&self) -> f64 {
        self.accuracy.draws.as_ref().map_or_else(|| self.accuracy.nominal_accuracy(), |draws| draws.mean())
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
    let axes = vary.and_then(|vary| axes(vary, session));
    let question = question(path, study, session);
    let set = study.set.get().map_or_else(Vec::new, |table| {
        let entries = table.entries.iter();
        entries.filter_map(|(path, value)| Some(format!("{}={}", path.value, value.get()?))).collect()
    });
    let Some((paths, values)) = axes else { return Err(session.diagnostics.missing(before)) };
    let points = combine(&values, study.combine.get().copied().unwrap_or_default());
    if points.len() > MOST_POINTS {
        let message = format!("the study has more than {MOST_POINTS} points");
        let place = vary.map_or(place, |v| v.span);
        session.diagnostics.push(Diagnostic::error(message).at(place, "these values, combined"));
    }
    session.diagnostics.since(before)?;
    let (name, architecture) = name.zip(architecture).ok_or_else(|| session.diagnostics.missing(before))?;
    Ok(Study {
        name: name.value.clone(),
        architecture: load::beside(path, &architecture.value),
        question,
        set,
        paths,
        points,
        against: study.against.get().copied().unwrap_or_default(),
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
    let beside = |text: &String| load::beside(path, text);
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

/// Paths and values of what is varied.
fn axes(
    vary: &Located<crate::yaml::slot::Table<OneOrMany>>,
    session: &mut Session,
) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let before = session.diagnostics.mark();
    let (mut paths, mut all) = (Vec::new(), Vec::new());
    for (path, values) in &vary.value.entries {
        let Some(written) = values.located() else { continue };
        let mut found = Vec::new();
        for name in written.value.names() {
            let one = matches!(written.value, OneOrMany::Sequence(_));
            match if one { Ok(vec![name.value.clone()]) } else { sweep::values(&name.value, is_counted(&path.value)) } {
                Ok(values) => found.extend(values),
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
    session.diagnostics.since(before).ok().map(|()| (paths, all))
}

/// True for what is counted: values between two ends are whole.
fn is_counted(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("nfin" | "rows" | "columns" | "bits" | "share" | "dense" | "levels"))
}

/// The points: the last parameter changes first.
fn combine(values: &[Vec<String>], how: Combine) -> Vec<Vec<String>> {
    let first = || -> Vec<String> { values.iter().filter_map(|v| v.first().cloned()).collect() };
    match how {
        Combine::All => values.iter().fold(vec![Vec::new()], |points, values| {
            let longer = |point: &Vec<String>| {
                values.iter().map(|value| point.iter().cloned().chain([value.clone()]).collect()).collect::<Vec<_>>()
            };
            // Far beyond the limit the points need not be made to be counted.
            points.iter().flat_map(longer).take(MOST_POINTS + 1).collect()
        }),
        Combine::OneByOne => {
            let mut points = vec![first()];
            for (axis, values) in values.iter().enumerate() {
                for value in &values[1..] {
                    let mut point = first();
                    point[axis].clone_from(value);
                    points.push(point);
                }
            }
            points
        }
    }
}

/// Runs the points until `stop` is set. `progress` is told how many are done.
///
/// # Errors
/// Anything is wrong with a point, which has been reported.
pub fn run(
    study: &Study,
    session: &mut Session,
    stop: &AtomicBool,
    progress: &(dyn Fn(usize) + Sync),
) -> Checked<Vec<Point>> {
    let mut points = Vec::with_capacity(study.points.len());
    let mut pictures = None;
    for values in &study.points {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let varied = study.paths.iter().zip(values).map(|(path, value)| format!("{path}={value}"));
        let settings: Vec<String> = study.set.iter().cloned().chain(varied).collect();
        let mut own = Session::with_settings(&settings).reading(session.sources.files().clone());
        let point = point(study, values, &mut own, &mut pictures, stop);
        let settled = own.check_settings();
        let point = point.and_then(|point| settled.map(|()| point));
        // Warnings are much the same from point to point: those of the first that has any are shown.
        if point.is_err() || session.diagnostics.is_empty() {
            *session = own;
        }
        // A point whose draws were stopped is not like the others.
        let point = point?;
        if point.accuracy.draws.as_ref().is_none_or(|draws| draws.correct.len() == draws.asked) {
            points.push(point);
            progress(points.len());
        }
    }
    mark_front(&mut points, study.against);
    Ok(points)
}

fn point(
    study: &Study,
    values: &[String],
    session: &mut Session,
    pictures: &mut Option<crate::infer::dataset::Dataset>,
    stop: &AtomicBool,
) -> Checked<Point> {
    let flow = session.design(&study.architecture)?;
    let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
    // The pictures are the same for all points; the weights may have to fit another network.
    let trained = match pictures.take() {
        None => accuracy::read(&flow, &study.question, sources, diagnostics)?,
        Some(dataset) => {
            let weights = accuracy::read_weights(&flow, &study.question, sources, diagnostics)?;
            Trained { dataset, ..weights }
        }
    };
    let quiet = |_: usize| {};
    let accuracy = accuracy::run(&flow, &trained, &study.question, false, stop, &quiet, diagnostics)?;
    *pictures = Some(trained.dataset);
    let measured = accuracy.measured(&flow);
    let costs = session.estimate(&measured)?;
    let (totals, assumed) = (costs.totals, costs.assumed);
    Ok(Point { values: values.to_vec(), accuracy, totals, assumed, on_front: false })
}

/// Marks the points that no other beats in accuracy and one cost.
fn mark_front(points: &mut [Point], cost: Cost) {
    let figures: Vec<(f64, f64)> = points.iter().map(|p| (p.mean_accuracy(), p.cost_si(cost))).collect();
    for (point, &(accuracy, own)) in points.iter_mut().zip(&figures) {
        let beaten = |&(other, cost): &(f64, f64)| other >= accuracy && cost <= own && (other > accuracy || cost < own);
        point.on_front = !figures.iter().any(beaten);
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
        assert_eq!(joined(Combine::All), ["a1", "a2", "a3", "b1", "b2", "b3"]);
        assert_eq!(joined(Combine::OneByOne), ["a1", "b1", "a2", "a3"]);
    }
}
