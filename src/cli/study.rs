//! `imcost study FILE`

use super::args::StudyArgs as Args;
use super::progress::LongRun;
use super::{Stop, accuracy, settle, show_with};
use crate::explore::{points, study};
use crate::report::views::study::StudyView;
use crate::session::Session;

pub(super) fn run(args: &Args, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::default();
    let study = study::read(&args.study, &mut session);
    if study.is_err() {
        settle(&mut session)?;
    }
    let mut study = study?;
    let asked = accuracy::question(&args.trained);
    let question = &mut study.question;
    if !asked.weights.is_empty() {
        question.weights = asked.weights;
    }
    question.data = asked.data.or(question.data.take());
    question.images = asked.images.or(question.images);
    question.part = asked.part;
    question.ideal_neuron |= asked.ideal_neuron;
    question.ideal_crossbar |= asked.ideal_crossbar;
    question.draws = args.draws.map_or(question.draws, |n| n as usize);
    question.seed = args.seed.unwrap_or(question.seed);
    study.set.extend_from_slice(&args.settings.set);
    study.named_on_the_command_line(!args.trained.pictures.weights.is_empty(), args.trained.pictures.data.is_some());
    let run = LongRun::begin(study.points.len(), "points");
    let progress = |done| run.done(done);
    let points =
        accuracy::threads(args.trained.threads)?.install(|| points::run(&study, &mut session, &run.stop, &progress));
    let ended = run.end();
    let settled = settle(&mut session);
    // Points that were done before one turned out to be wrong are worth their time.
    if settled.is_ok() || !points.is_empty() {
        // They are much the same from point to point: those of the first that has any are shown.
        let findings = points.iter().map(|point| &point.findings).find(|findings| !findings.list().is_empty());
        show_with(&StudyView::new(&study, &points), findings.filter(|_| !quiet), args.output.format)?;
    }
    settled.and(ended)
}
