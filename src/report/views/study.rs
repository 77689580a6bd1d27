//! `imcost study`: accuracy and costs, point by point.

use super::accuracy::for_other_pictures;
use super::exact;
use crate::explore::study::{Point, Study};
use crate::infer::accuracy::draws::Draws;
use crate::report::{Document, Records, View};
use crate::results::study::StudyResult;
use crate::results::{Answer, CommandResult};

/// The points of a study.
#[derive(Debug)]
pub struct StudyView<'a> {
    study: &'a Study,
    points: &'a [Point],
}

impl<'a> StudyView<'a> {
    /// A view.
    #[must_use]
    pub fn new(study: &'a Study, points: &'a [Point]) -> Self {
        Self { study, points }
    }

    /// The last names of the paths, as many as it takes to tell them apart.
    fn headings(&self) -> Vec<String> {
        let paths: Vec<Vec<&str>> = self.study.paths.iter().map(|p| p.split('.').collect()).collect();
        let tail = |path: &[&str], names: usize| path[path.len().saturating_sub(names)..].join(".");
        let heading = |(index, path): (usize, &Vec<&str>)| {
            let unique = |names: &usize| {
                let own = tail(path, *names);
                paths.iter().enumerate().all(|(other, p)| other == index || tail(p, *names) != own)
            };
            tail(path, (1..=path.len()).find(unique).unwrap_or(path.len()))
        };
        paths.iter().enumerate().map(heading).collect()
    }

    /// What the points have to say, each note once.
    fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        for note in self.points.iter().flat_map(|point| &point.accuracy.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        notes
    }

    fn row(point: &Point) -> Vec<String> {
        let mut row = point.values.clone();
        let nominal = point.accuracy.nominal_accuracy();
        let error = point.accuracy.draws.as_ref().and_then(Draws::standard_error);
        row.push(match error {
            Some(error) => format!("{} +- {:.2}", exact(point.mean_accuracy()), 100.0 * error),
            None => exact(point.mean_accuracy()),
        });
        row.push(exact(nominal));
        let t = &point.totals;
        row.extend([t.power.eng(4), t.latency.eng(4), t.energy.eng(4), t.area.eng(4)]);
        row.push(if point.on_front { "*".into() } else { String::new() });
        row
    }
}

impl View for StudyView<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.title(self.study.name.clone());
        document.line(format!("architecture: {}", self.study.architecture.display()));
        if let Some(first) = self.points.first() {
            document.line(format!("weights: {}", first.accuracy.weights));
            document.line(format!("pictures: {} of {}", first.accuracy.images, first.accuracy.data));
        }
        let question = &self.study.question;
        document.line(format!("draws: {} for each point, seed {}", question.draws, question.seed));
        document.line("costs with the measured statistics of each point");
        for setting in &self.study.set {
            document.line(format!("for all points {setting}"));
        }
        if question.ideal_neuron {
            document.line("neurons are logistic functions, as asked for");
        }
        if question.ideal_crossbar {
            document.line("columns carry the whole currents, as asked for");
        }
        let (done, all) = (self.points.iter().filter(|point| point.is_whole()).count(), self.study.points.len());
        if done < all {
            document.line(format!("interrupted: {done} of {all} points are done"));
        }
        if let Some(draws) = self.points.iter().filter(|p| !p.is_whole()).find_map(|p| p.accuracy.draws.as_ref()) {
            document.line(format!("the last point has {} of {} draws", draws.correct.len(), draws.asked));
        }
        self.notes().into_iter().for_each(|note| document.line(note));
        let mut header = self.headings();
        header.extend(["accuracy", "not random", "power", "latency", "energy", "area", "front"].map(String::from));
        document.table(header, self.points.iter().map(Self::row).collect(), 0);
        document.paragraph("accuracy: mean over the draws +- its standard error; not random: without what is random");
        if let Some(first) = self.points.first() {
            document.line(format!("first point, {}", for_other_pictures(first.mean_accuracy(), first.accuracy.images)));
        }
        document.line(format!("* no other point is as accurate for less {}", self.study.against.name()));
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Study(StudyResult::of(self.study, self.points)))
    }

    fn records(&self) -> Records {
        let mut header = self.study.paths.clone();
        header.extend(
            [
                "images",
                "correct",
                "accuracy_mean",
                "accuracy_std",
                "accuracy_standard_error",
                "draws",
                "power_w",
                "latency_s",
                "energy_j",
                "area_m2",
                "on_front",
            ]
            .map(String::from),
        );
        let row = |point: &Point| {
            let draws = point.accuracy.draws.as_ref();
            let t = &point.totals;
            let mut row = point.values.clone();
            row.extend([
                point.accuracy.images.to_string(),
                point.accuracy.nominal.correct.to_string(),
                point.mean_accuracy().to_string(),
                draws.map_or(0.0, Draws::deviation).to_string(),
                draws.map_or(Some(0.0), Draws::standard_error).map_or_else(String::new, |e| e.to_string()),
                draws.map_or(1, |d| d.correct.len()).to_string(),
                t.power.si().to_string(),
                t.latency.si().to_string(),
                t.energy.si().to_string(),
                t.area.si().to_string(),
                point.on_front.to_string(),
            ]);
            row
        };
        Records::of(header, self.points.iter().map(row).collect())
    }
}
