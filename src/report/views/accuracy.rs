//! `imcost accuracy`: how many pictures a design gets right, and what it costs.

use super::{exact, percent};
use crate::cost::Estimate;
use crate::infer::accuracy::draws::{Draws, agreeing_with_sample};
use crate::infer::accuracy::{Accuracy, Question};
use crate::model::imperfections::{Gain, Imperfections, Spread};
use crate::report::{Document, Records, View};
use crate::results::accuracy::AccuracyResult;
use crate::results::{Answer, CommandResult};
use crate::units::sig;

/// The confusion matrix is left out of the table for more classes than this.
const MOST_CLASSES: usize = 20;
/// Half width of the interval that more draws are asked for.
const WANTED: f64 = 0.001;
/// What is printed of the spread of the draws.
const PERCENTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Accuracy and totals of one design.
#[derive(Debug)]
pub struct AccuracyView<'a> {
    estimate: &'a Estimate<'a>,
    accuracy: &'a Accuracy,
    question: &'a Question,
    settings: Vec<String>,
}

impl<'a> AccuracyView<'a> {
    /// A view; `settings` are the `--set` that changed the design.
    #[must_use]
    pub fn new(
        estimate: &'a Estimate<'a>,
        accuracy: &'a Accuracy,
        question: &'a Question,
        settings: Vec<String>,
    ) -> Self {
        Self { estimate, accuracy, question, settings }
    }

    fn verdict(&self, document: &mut Document) {
        self.over_draws(document);
        let mean = self.accuracy.draws.as_ref().map_or_else(|| self.accuracy.nominal_accuracy(), Draws::mean);
        document.line(for_other_pictures(mean, self.accuracy.images));
    }

    fn over_draws(&self, document: &mut Document) {
        let nominal = self.accuracy.nominal_accuracy();
        let images = self.accuracy.images;
        let Some(draws) = &self.accuracy.draws else {
            let correct = self.accuracy.nominal.correct;
            let random = if self.accuracy.is_random { "without what is random" } else { "nothing is random" };
            document.paragraph(format!("accuracy {}: {correct} of {images} pictures; {random}", exact(nominal)));
            return;
        };
        let count = draws.correct.len();
        let Some(error) = draws.standard_error() else {
            document.paragraph(format!(
                "accuracy {} in the only draw; without what is random {}",
                exact(draws.mean()),
                exact(nominal)
            ));
            document.line("one draw tells nothing about the next: ask for more with --draws");
            Self::interrupted(document, draws);
            return;
        };
        document.paragraph(format!(
            "accuracy {} +- {} (standard error, {count} draws of {images} pictures); without what is random {}",
            exact(draws.mean()),
            exact(error),
            exact(nominal)
        ));
        let more = draws.needed_for(WANTED).map(|needed| format!("; +- {} takes about {needed} draws", exact(WANTED)));
        let known = draws.half_width().map(exact).unwrap_or_default();
        document.line(format!("the mean is known to +- {known} (95 %){}", more.unwrap_or_default()));
        Self::interrupted(document, draws);
    }

    fn interrupted(document: &mut Document, draws: &Draws) {
        let (done, asked) = (draws.correct.len(), draws.asked);
        if done < asked {
            document.line(format!("interrupted: {done} of {asked} draws are done"));
        }
    }

    fn steps(&self, document: &mut Document) {
        let images = self.accuracy.images;
        let mut before: Option<usize> = None;
        let mut rows: Vec<Vec<String>> = Vec::new();
        for step in &self.accuracy.steps {
            let lost = before.map_or_else(String::new, |before| points(step.correct as f64 - before as f64, images));
            rows.push(vec![
                step.what.to_owned(),
                step.correct.to_string(),
                exact(step.correct as f64 / images as f64),
                lost,
            ]);
            before = Some(step.correct);
        }
        if let (Some(draws), Some(before)) = (&self.accuracy.draws, before) {
            let mean = draws.mean() * images as f64;
            rows.push(vec![
                "what is random".into(),
                sig(mean, 5),
                exact(draws.mean()),
                points(mean - before as f64, images),
            ]);
        }
        if rows.len() > 1 {
            document.title("From the trained network to the design");
            document.table(vec!["with", "correct", "accuracy", "change"], rows, 1);
        }
    }

    fn spread(document: &mut Document, draws: &Draws) {
        if draws.correct.len() < 2 {
            return;
        }
        document.title(format!("{} draws, seed {}", draws.correct.len(), draws.seed));
        let mut header = vec!["mean".to_owned(), "std. deviation".to_owned(), "least".to_owned()];
        header.extend(PERCENTILES.map(|p| format!("{:.0} %", 100.0 * p)));
        header.push("most".to_owned());
        let mut row = vec![exact(draws.mean()), exact(draws.deviation()), exact(draws.percentile(0.0))];
        row.extend(PERCENTILES.map(|p| exact(draws.percentile(p))));
        row.push(exact(draws.percentile(1.0)));
        document.table(header, vec![row], 0);
    }

    fn classes(&self, document: &mut Document) {
        let confusion = self.accuracy.confusion();
        let what = if self.accuracy.draws.is_some() { "Classes, without what is random" } else { "Classes" };
        document.title(what);
        if confusion.len() > MOST_CLASSES {
            document.line(format!("{} classes; `--format json` has them all", confusion.len()));
            return;
        }
        let mut header = vec!["class".to_owned(), "pictures".to_owned(), "correct".to_owned()];
        header.extend((0..confusion.len()).map(|class| format!("as {class}")));
        let rows = confusion.iter().enumerate().map(|(class, answers)| {
            let all: usize = answers.iter().sum();
            let mut row = vec![class.to_string(), all.to_string(), share(answers[class], all)];
            row.extend(answers.iter().map(|&n| if n == 0 { ".".to_owned() } else { n.to_string() }));
            row
        });
        document.table(header, rows.collect(), 1);
        if self.accuracy.nominal.ties > 0 {
            let of = share(self.accuracy.nominal.ties, self.accuracy.images);
            document.line(format!(
                "{} pictures ({of}) have two equal outputs; the first is taken",
                self.accuracy.nominal.ties
            ));
        }
    }

    fn layers(&self, document: &mut Document) {
        let rows = self.accuracy.layers.iter().map(|layer| {
            vec![
                layer.name.clone(),
                sig(layer.gain, 4),
                percent(layer.active_rows),
                percent(layer.mean),
                percent(layer.low_resistance),
                layer.used_range.map_or_else(|| "-".into(), percent),
                layer.clipped.map_or_else(|| "-".into(), percent),
            ]
        });
        let header = vec!["layer", "gain", "active rows", "mean", "low resistance", "ADC range used", "clipped"];
        document.table(header, rows.collect(), 1);
    }

    fn conditions(&self, document: &mut Document) {
        document.title("Conditions");
        for line in conditions(&self.estimate.design.imperfections, self.question, self.accuracy.outputs_tell) {
            document.line(line);
        }
        for note in &self.accuracy.notes {
            document.line(note.clone());
        }
        document.settings(&self.settings);
    }

    fn costs(&self, document: &mut Document) {
        let t = &self.estimate.totals;
        let row = vec![t.power.eng(4), t.latency.eng(4), t.energy.eng(4), t.area.eng(4), sig(t.tops_per_w(), 4)];
        document.table(vec!["power", "latency", "energy per picture", "area", "TOPS/W"], vec![row], 0);
        document.line("with the measured statistics: active rows and low-resistance devices as under Layers");
    }
}

/// What is not as designed, in words.
fn conditions(given: &Imperfections, question: &Question, outputs_tell: bool) -> Vec<String> {
    let mut lines = Vec::new();
    match given.spread {
        Some(Spread::Gaussian { sigma, floor }) => lines.push(format!(
            "resistances spread by {} (Gaussian, cut off at {} of the nominal one)",
            percent(sigma),
            percent(floor)
        )),
        Some(Spread::Lognormal { sigma }) => {
            lines.push(format!("resistances spread by {} (lognormal)", percent(sigma)))
        }
        Some(Spread::Uniform { half_width }) => {
            lines.push(format!("resistances within {} (uniform)", percent(half_width)))
        }
        None => {}
    }
    let stuck = [(given.stuck.low, "low"), (given.stuck.high, "high")];
    for (part, state) in stuck.into_iter().filter(|(part, _)| *part > 0.0) {
        lines.push(format!("{} of the devices stuck in the {state}-resistance state", percent(part)));
    }
    if let Some(tmr) = given.tmr {
        let gain = match given.gain {
            Gain::Calibrated => "the gain of the columns is set for it",
            Gain::Fixed => "the gain of the columns is set for the library's",
            Gain::AsBuilt => "the gain of the columns is that of their amplifiers",
        };
        lines.push(format!("TMR of the crossbars' devices {}; {gain}", percent(tmr)));
    }
    for (drift, what) in [(given.tmr_drift, "TMR"), (given.ra_drift, "resistance-area product")] {
        if drift != 0.0 {
            lines.push(format!("{what} drifted by {} since the gain was set", percent(drift)));
        }
    }
    if given.neuron_offset.si() > 0.0 {
        lines.push(format!("neurons' offset {} (Gaussian)", given.neuron_offset.eng(4)));
    }
    for (part, what) in [(given.neuron_slope, "neurons' slope"), (given.read_noise, "read noise of a device")] {
        if part > 0.0 {
            lines.push(format!("{what} {} (Gaussian)", percent(part)));
        }
    }
    if lines.is_empty() {
        lines.push("all devices and neurons are as designed".into());
    }
    if question.ideal_neuron {
        lines.push("neurons are logistic functions, as asked for".into());
    }
    if question.ideal_crossbar {
        lines.push("columns carry the whole currents, as asked for".into());
    }
    let largest = if outputs_tell {
        "highest output of the last layer's neurons"
    } else {
        "largest weighted sum of the last layer"
    };
    lines.push(format!("the class is the {largest}, the first of equal ones"));
    lines
}

/// What a sample says of the pictures that it was drawn from.
pub(super) fn for_other_pictures(accuracy: f64, images: usize) -> String {
    let (low, high) = agreeing_with_sample(accuracy, images);
    format!("for other pictures of this kind: {} to {} (95 %), from a sample of {images}", exact(low), exact(high))
}

/// `-1.23`, in points of a hundred.
fn points(pictures: f64, images: usize) -> String {
    format!("{:+.2}", 100.0 * pictures / images as f64)
}

fn share(part: usize, all: usize) -> String {
    if all == 0 { "-".into() } else { percent(part as f64 / all as f64) }
}

impl View for AccuracyView<'_> {
    fn document(&self) -> Document {
        let flow = self.estimate.design;
        let mut document = Document::default();
        document.title(format!("{} ({})", flow.name, flow.label));
        document.line(format!("technology: {}", flow.library.name));
        document.line(format!("weights: {}", self.accuracy.weights));
        document.line(format!("pictures: {} of {}", self.accuracy.images, self.accuracy.data));
        self.verdict(&mut document);
        self.costs(&mut document);
        self.steps(&mut document);
        if let Some(draws) = &self.accuracy.draws {
            Self::spread(&mut document, draws);
        }
        self.classes(&mut document);
        document.title("Layers");
        self.layers(&mut document);
        self.conditions(&mut document);
        document
    }

    fn answer(&self) -> Answer {
        let result = AccuracyResult::of(self.estimate, self.accuracy, &self.settings);
        Answer::of(CommandResult::Accuracy(Box::new(result)))
    }

    fn records(&self) -> Records {
        let images = self.accuracy.images;
        let record = |draw: String, correct: usize| {
            vec![draw, correct.to_string(), images.to_string(), (correct as f64 / images as f64).to_string()]
        };
        let mut rows = vec![record("nominal".into(), self.accuracy.nominal.correct)];
        if let Some(draws) = &self.accuracy.draws {
            rows.extend(draws.correct.iter().enumerate().map(|(draw, &correct)| record(draw.to_string(), correct)));
        }
        Records::of(["draw", "correct", "images", "accuracy"], rows)
    }
}
