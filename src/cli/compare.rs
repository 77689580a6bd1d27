//! `imcost compare BASELINE CANDIDATE …`

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::args::CompareArgs;
use super::{Stop, settle, show_with};
use crate::cost::verdict::{Metric, Movers};
use crate::cost::{Estimate, estimate};
use crate::design::{Design, TrainedFiles};
use crate::diagnostic::suggest;
use crate::infer::accuracy::{self, Question};
use crate::infer::dataset::Part;
use crate::report::views::compare::CompareView;
use crate::report::views::sources;
use crate::results::{ComparisonResult, Findings};
use crate::session::Session;

pub(super) fn run(args: &CompareArgs, quiet: bool) -> Result<(), Stop> {
    let paths = paths(args)?;
    let targets = args.target.iter().map(|text| target(text)).collect::<Result<Vec<_>, _>>()?;
    let mut sides = Sides::new(args);
    let read: Vec<_> = paths.iter().enumerate().map(|(place, path)| sides.of(place).design(path)).collect();
    sides.settle()?;
    let mut designs = Vec::with_capacity(read.len());
    for (place, design) in read.into_iter().enumerate() {
        let design = design?;
        let workload = sides.of(place).workload(&design, &paths[place]);
        sides.settle()?;
        workload?;
        designs.push(design);
    }
    tell_apart(&mut designs, &paths, args);
    let mut accuracies = Vec::with_capacity(designs.len());
    for (place, design) in designs.iter().enumerate() {
        accuracies.push(accuracy_of(design, args, sides.of(place))?);
    }
    sides.settle()?;
    let estimates = designs.iter().map(estimate).collect::<Result<Vec<Estimate<'_>>, _>>()?;
    let Some(mut result) = ComparisonResult::of(&estimates, &args.settings.set) else {
        return Err(Stop::Usage("a comparison needs two designs".into()));
    };
    if args.explain || !targets.is_empty() {
        decide(&mut result, &estimates, args.explain, &targets);
    }
    result.baseline_settings.clone_from(&args.set_baseline);
    result.candidate_settings.clone_from(&args.set_candidate);
    let all = std::iter::once(&mut result.baseline)
        .chain(std::iter::once(&mut result.first.candidate))
        .chain(result.further.iter_mut().map(|c| &mut c.candidate));
    for (side, accuracy) in all.zip(&accuracies) {
        side.accuracy = *accuracy;
    }
    let sources = if args.sources { sources::lines_of(&estimates) } else { Vec::new() };
    let commands = if accuracies.iter().all(Option::is_none) { accuracy_commands(&paths) } else { Vec::new() };
    let findings = (!quiet).then(|| sides.findings(&designs));
    show_with(&CompareView::new(result, sources, commands), findings.as_ref(), args.output.format)?;
    // The program ends here: what was read need not be given back piece by piece.
    drop(estimates);
    std::mem::forget((sides, designs));
    Ok(())
}

/// A ratio that somebody claims: `latency=12`.
fn target(text: &str) -> Result<(Metric, f64), Stop> {
    let usage = |message: String| Stop::Usage(message);
    let names = Metric::ALL.map(Metric::name);
    let expected = || format!("`--target {text}`: expected METRIC=RATIO, such as `latency=12`");
    let (name, ratio) = text.split_once('=').ok_or_else(|| usage(expected()))?;
    let Some(metric) = Metric::ALL.into_iter().find(|metric| metric.name() == name) else {
        let meant = suggest::did_you_mean(name, names).unwrap_or_default();
        return Err(usage(format!("`--target {text}`: no ratio is called `{name}`; {meant}")));
    };
    match ratio.trim_end_matches('x').parse::<f64>() {
        Ok(ratio) if ratio.is_finite() && ratio > 0.0 => Ok((metric, ratio)),
        _ => Err(usage(expected())),
    }
}

/// Adds the numbers that the ratios follow, and where these are what is claimed.
fn decide(result: &mut ComparisonResult, estimates: &[Estimate<'_>], explain: bool, targets: &[(Metric, f64)]) {
    let Some((baseline, candidates)) = estimates.split_first() else { return };
    let results = std::iter::once(&mut result.first).chain(&mut result.further);
    for (found, candidate) in results.zip(candidates) {
        let movers = Movers::of(baseline, candidate);
        let mut verdict = found.verdict.clone();
        if explain {
            verdict = verdict.with_movers(&movers);
        }
        for target in targets {
            verdict = verdict.with_target((baseline, candidate), &movers, *target);
        }
        found.verdict = verdict;
    }
}

/// The designs to compare: one that is held against itself changed counts twice.
fn paths(args: &CompareArgs) -> Result<Vec<PathBuf>, Stop> {
    let mut paths = args.designs.clone();
    if let [only] = args.designs.as_slice() {
        if args.set_candidate.is_empty() && args.set_baseline.is_empty() {
            let message = "a comparison needs two designs, or one and what --set-candidate changes in it";
            return Err(Stop::Usage(message.into()));
        }
        paths.push(only.clone());
    }
    Ok(paths)
}

/// The baseline and the candidates, each with settings of its own where there are any.
struct Sides {
    baseline: Session,
    candidates: Option<Session>,
}

impl Sides {
    fn new(args: &CompareArgs) -> Self {
        let with = |own: &[String]| {
            let all: Vec<&String> = args.settings.set.iter().chain(own).collect();
            Session::with_settings(&all)
        };
        let apart = !(args.set_baseline.is_empty() && args.set_candidate.is_empty());
        Self { baseline: with(&args.set_baseline), candidates: apart.then(|| with(&args.set_candidate)) }
    }

    fn of(&mut self, place: usize) -> &mut Session {
        match &mut self.candidates {
            Some(candidates) if place > 0 => candidates,
            _ => &mut self.baseline,
        }
    }

    /// Of all designs, those of each side with its own texts.
    fn findings(&self, designs: &[Design]) -> Findings {
        let all: Vec<&Design> = designs.iter().collect();
        match (&self.candidates, all.split_first()) {
            (Some(candidates), Some((baseline, others))) => {
                self.baseline.findings(&[baseline]).and(candidates.findings(others))
            }
            _ => self.baseline.findings(&all),
        }
    }

    fn settle(&mut self) -> Result<(), Stop> {
        let baseline = settle(&mut self.baseline);
        let candidates = self.candidates.as_mut().map_or(Ok(()), settle);
        baseline.and(candidates)
    }
}

/// The fraction of pictures whose class a design finds, without what is random; none where no weights and pictures are named.
fn accuracy_of(design: &Design, args: &CompareArgs, session: &mut Session) -> Result<Option<f64>, Stop> {
    let named = TrainedFiles { weights: args.weights.clone(), data: args.data.clone(), ..TrainedFiles::default() };
    let named = if named.weights.is_empty() && named.data.is_none() { design.trained.clone() } else { Some(named) };
    let Some(TrainedFiles { weights, data, .. }) = named else { return Ok(None) };
    let question = Question {
        weights,
        data,
        part: Part::Test,
        images: None,
        // Nothing random is asked for.
        draws: 0,
        seed: 1,
        ideal_neuron: false,
        ideal_crossbar: false,
    };
    let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
    let found = accuracy::read(design, &question, sources, diagnostics).and_then(|trained| {
        accuracy::run(design, &trained, &question, false, &AtomicBool::new(false), &|_| {}, diagnostics)
    });
    if found.is_err() {
        settle(session)?;
    }
    Ok(found?.map(|accuracy| accuracy.nominal_accuracy()))
}

fn accuracy_commands(paths: &[PathBuf]) -> Vec<String> {
    let mut unique: Vec<&PathBuf> = Vec::new();
    for path in paths {
        if !unique.contains(&path) {
            unique.push(path);
        }
    }
    let command = |path: &&PathBuf| format!("`imcost accuracy {} --weights FILE --data PATH`", path.display());
    unique.iter().map(command).collect()
}

/// Designs of one label, such as a design and a changed copy of it, are called by their files.
fn tell_apart(designs: &mut [Design], paths: &[PathBuf], args: &CompareArgs) {
    let stem = |path: &Path| path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    if let ([baseline, candidate], [a, b]) = (&mut *designs, paths)
        && a == b
        && !(args.set_baseline.is_empty() && args.set_candidate.is_empty())
    {
        let changed = |label: &str, own: &[String]| match own {
            [] => label.to_owned(),
            own => format!("{label}, {}", own.join(", ")),
        };
        baseline.label = changed(&baseline.label, &args.set_baseline);
        candidate.label = changed(&candidate.label, &args.set_candidate);
        return;
    }
    let labels: Vec<String> = designs.iter().map(|d| d.label.clone()).collect();
    for (place, design) in designs.iter_mut().enumerate() {
        let twin = |other: usize| other != place && labels[other] == labels[place] && paths[other] != paths[place];
        let Some(other) = (0..labels.len()).find(|&other| twin(other)) else { continue };
        let stems_differ = stem(&paths[other]) != stem(&paths[place]);
        design.label = if stems_differ { stem(&paths[place]) } else { paths[place].display().to_string() };
    }
}
