//! `imcost accuracy ARCH --weights … --data …`

use super::args::{AccuracyArgs as Args, TrainedArgs};
use super::progress::LongRun;
use super::{Stop, settle, show_with};
use crate::cost::estimate;
use crate::infer::accuracy::{self, Question};
use crate::report::views::accuracy::AccuracyView;
use crate::session::Session;

pub(super) fn run(args: &Args, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let question = Question { draws: args.draws as usize, seed: args.seed, ..question(&args.trained) };
    let read = session.design(&args.architecture).and_then(|flow| {
        session.workload(&flow, &args.architecture)?;
        let trained = accuracy::read(&flow, &question, &mut session.sources, &mut session.diagnostics)?;
        Ok((flow, trained))
    });
    // A setting without a place, or a key that is given twice: a long run is not thrown away for it.
    if read.is_err() || session.check_settings().and(session.diagnostics.settled()).is_err() {
        settle(&mut session)?;
    }
    let (flow, trained) = read?;
    let diagnostics = &mut session.diagnostics;
    let threads = threads(args.trained.threads)?;
    let run = LongRun::begin(question.draws, "draws");
    let progress = |done| run.done(done);
    let result = threads.install(|| accuracy::run(&flow, &trained, &question, true, &run.stop, &progress, diagnostics));
    let ended = run.end();
    settle(&mut session)?;
    let Some(result) = result? else { return ended };
    let measured = result.measured(&flow);
    let findings = (!quiet).then(|| {
        let of_run = accuracy::findings::findings(&result, &measured, &session.sources);
        session.findings(&[&measured]).with(&measured.label, of_run)
    });
    let estimate = estimate(&measured)?;
    let view = AccuracyView::new(&estimate, &result, &question, args.settings.set.clone());
    show_with(&view, findings.as_ref(), args.output.format)?;
    ended
}

/// So many threads, or one for each core.
pub(super) fn threads(count: Option<u16>) -> Result<rayon::ThreadPool, Stop> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count.map_or(0, usize::from)).build();
    pool.map_err(|error| Stop::Wrong(error.to_string()))
}

/// What is asked about a trained network, without draws.
pub(super) fn question(trained: &TrainedArgs) -> Question {
    Question {
        draws: 1,
        seed: 1,
        ideal_neuron: trained.ideal_neuron,
        ideal_crossbar: trained.ideal_crossbar,
        ..trained.pictures.question()
    }
}
