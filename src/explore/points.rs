//! The points of a study: all looked at before the first is run, then run one after another.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::study::{Point, Study, WEIGHTS};
use crate::design::Design;
use crate::diagnostic::{Checked, Diagnostics, SourceMap, Span};
use crate::infer::accuracy::{self, Trained};
use crate::infer::dataset::Dataset;
use crate::session::Session;
use crate::spec::study::Cost;

/// Points that are looked at together.
const AT_ONCE: usize = 64;
/// Of more points than this it is not said what is wrong with them.
const MOST_WRONG: usize = 10;

/// Runs the points until `stop` is set, or one of them turns out to be wrong. Those that are done are returned in any case; what is wrong is
/// reported. `progress` is told how many are done.
///
/// Every point is lowered, its weights are read and every setting has found its place before the first draw: a mistake in the last point is told
/// at once.
pub fn run(study: &Study, session: &mut Session, stop: &AtomicBool, progress: &(dyn Fn(usize) + Sync)) -> Vec<Point> {
    let mut points = Vec::with_capacity(study.points.len());
    let Ok(pictures) = check(study, session, stop) else { return points };
    let mut pictures = Some(pictures);
    for number in 0..study.points.len() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let mut own = study.session(number, session);
        let point = point(study, number, &mut own, &mut pictures, stop);
        let wrong = own.diagnostics.settled().is_err();
        if wrong {
            absorb(study, session, own, number);
        }
        let Ok(Some(point)) = point else { break };
        // A point that was stopped has fewer draws than the others, and says so.
        let whole = point.is_whole();
        points.push(point);
        if whole {
            progress(points.len());
        }
    }
    mark_front(&mut points, study.against);
    points
}

/// Lowers every point and reads what it needs; the pictures.
///
/// # Errors
/// Anything is wrong with any of them, which has been reported.
pub fn check(study: &Study, session: &mut Session, stop: &AtomicBool) -> Checked<Dataset> {
    let before = session.diagnostics.mark();
    let mut own = study.session(0, session);
    let design = own.design(&study.architecture);
    if let Ok(design) = &design {
        session.workload(design, &study.architecture)?;
    }
    let pictures = design.and_then(|design| {
        let mut found = Diagnostics::default();
        // The pictures are the same for all points. Their mistakes are at a place in the study, which is a text of the other session.
        let pictures = accuracy::read_pictures(&design, &study.question, &mut own.sources, &mut found);
        let ids = session.sources.absorb(&own.sources);
        let found = found.without_warnings().changed(|diagnostic| {
            diagnostic.labels.iter_mut().for_each(|label| label.span.source = ids[label.span.source.index() as usize]);
        });
        session.diagnostics.extend(found.named_at(study.data_at));
        pictures
    });
    check_all(study, session, pictures.as_ref().ok(), stop);
    session.diagnostics.since(before).and(pictures)
}

/// Looks at all points, until some are wrong.
fn check_all(study: &Study, session: &mut Session, pictures: Option<&Dataset>, stop: &AtomicBool) {
    let mut wrong = 0;
    let numbers: Vec<usize> = (0..study.points.len()).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let look = |number: &usize| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let mut own = study.session(*number, session);
            if let Ok(design) = own.design(&study.architecture) {
                look_at(study, &design, &mut own, pictures);
            }
            let settled = own.check_settings();
            own.diagnostics.settled().and(settled).is_err().then_some((*number, own))
        };
        let found: Vec<(usize, Session)> = numbers.par_iter().filter_map(look).collect();
        for (number, own) in found {
            absorb(study, session, own, number);
            wrong += 1;
            if wrong == MOST_WRONG {
                return;
            }
        }
    }
}

/// Whether a point's costs, weights and pictures are in order, as far as that is known without running it.
fn look_at(study: &Study, design: &Design, own: &mut Session, pictures: Option<&Dataset>) {
    let mut found = Diagnostics::default();
    let weights = accuracy::read_weights(design, &study.question, &mut own.sources, &mut found);
    let place = study.places.contains_key(WEIGHTS).then(|| Span {
        source: own.sources.add(SourceMap::SETTING, WEIGHTS),
        start: 0,
        end: 0,
    });
    let mut found = found.named_at(place);
    if let Ok(weights) = weights {
        accuracy::weights_fit(design, &weights, &mut found);
    }
    if let Some(pictures) = pictures {
        let _ = accuracy::pictures_fit(design, pictures, &mut found);
    }
    own.diagnostics.extend(found);
    let _ = own.estimate(design);
}

fn point(
    study: &Study,
    number: usize,
    session: &mut Session,
    pictures: &mut Option<Dataset>,
    stop: &AtomicBool,
) -> Checked<Option<Point>> {
    let design = session.design(&study.architecture)?;
    let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
    let weights = accuracy::read_weights(&design, &study.question, sources, diagnostics)?;
    let Some(dataset) = pictures.take() else { return Ok(None) };
    let trained = Trained { dataset, ..weights };
    let quiet = |_: usize| {};
    let accuracy = accuracy::run(&design, &trained, &study.question, false, stop, &quiet, diagnostics);
    *pictures = Some(trained.dataset);
    // Nothing is known of a point whose first draw was stopped.
    let Some(accuracy) = accuracy?.filter(|accuracy| !accuracy.is_random || accuracy.draws.is_some()) else {
        return Ok(None);
    };
    // The costs are those of the statistics that were measured.
    let measured = accuracy.measured(&design);
    let costs = session.estimate(&measured)?;
    let (totals, assumed) = (costs.totals, costs.assumed);
    let of_run = accuracy::findings::findings(&accuracy, &measured, &session.sources);
    let findings = session.findings(&[&measured]).with(&measured.label, of_run);
    Ok(Some(Point { values: study.points[number].clone(), accuracy, totals, assumed, findings, on_front: false }))
}

/// Takes over what was found about a point: settings are where the study has them, and the point is named.
fn absorb(study: &Study, session: &mut Session, own: Session, number: usize) {
    let Session { sources, diagnostics, .. } = own;
    let ids = session.sources.absorb(&sources);
    // What is unusual of a point is among its findings.
    let found = diagnostics.without_warnings().changed(|diagnostic| {
        for label in &mut diagnostic.labels {
            let setting = sources.get(label.span.source).filter(|source| source.name == SourceMap::SETTING);
            label.span = match setting.and_then(|source| Some((source, study.places.get(&*source.text)?))) {
                Some((source, place)) => {
                    let path = source.text.find('=').unwrap_or(0);
                    if label.span.end as usize <= path { place.path } else { place.value }
                }
                None => Span { source: ids[label.span.source.index() as usize], ..label.span },
            };
        }
        diagnostic.help.push(format!("at the point {}", study.point_name(number)));
    });
    session.diagnostics.extend(found);
}

/// Marks the points that no other beats in accuracy and one cost.
fn mark_front(points: &mut [Point], cost: Cost) {
    let figures: Vec<(f64, f64)> = points.iter().map(|p| (p.mean_accuracy(), p.cost_si(cost))).collect();
    for (point, &(accuracy, own)) in points.iter_mut().zip(&figures) {
        let beaten = |&(other, cost): &(f64, f64)| other >= accuracy && cost <= own && (other > accuracy || cost < own);
        point.on_front = !figures.iter().any(beaten);
    }
}
