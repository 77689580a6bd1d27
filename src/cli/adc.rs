//! `imcost adc`

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::args::AdcArgs as Args;
use super::{Stop, settle, show, show_with};
use crate::cost::conversion::MeasuredValues;
use crate::design::{Design, TrainedFiles};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::infer::accuracy::{self, Question};
use crate::infer::dataset::Part;
use crate::model::converter::regression;
use crate::report::views::conversion::ConversionsView;
use crate::report::views::converter::ConverterView;
use crate::results::conversion::ConversionsResult;
use crate::results::converter::ConverterResult;
use crate::session::Session;
use crate::techlib::rules::MAX_CONVERTER_BITS;
use crate::units::{Frequency, Length, Unit};

/// The error is a tenth of what the values spread: a hundredth of their power.
const USUAL_SNR_DB: f64 = 20.0;
/// Below, a converter says nothing; above, none has so many bits.
const SNR_DB: std::ops::RangeInclusive<f64> = 1.0..=120.0;

pub(super) fn run(args: &Args, quiet: bool) -> Result<(), Stop> {
    if let Some(design) = &args.design {
        return of_design(args, design, quiet);
    }
    if let Some(setting) = args.settings.set.first() {
        return Err(Stop::Usage(format!("`--set {setting}` changes a design, which `--for` names")));
    }
    let mut session = Session::default();
    let found = wanted(args, &mut session.diagnostics);
    // What is wrong is the command line, not a file.
    settle(&mut session).map_err(|_| Stop::Told)?;
    let (bits, rate, node) = found.ok_or(Stop::Told)?;
    show(&ConverterView(ConverterResult::of(bits, rate, node)), &args.output)
}

/// What the columns of a design ask for.
fn of_design(args: &Args, path: &Path, quiet: bool) -> Result<(), Stop> {
    let snr_db = match &args.snr {
        Some(text) => decibel(text)?,
        None => USUAL_SNR_DB,
    };
    let mut session = Session::with_settings(&args.settings.set);
    let design = session.design(path);
    settle(&mut session)?;
    let design = design?;
    if design.layers.iter().all(|layer| layer.circuits.converters_before.is_empty()) {
        let message = format!("{}: no layer has a converter between its columns and its activation", path.display());
        return Err(Stop::Wrong(message));
    }
    let measured = measured(args, &design, &mut session)?;
    let result = ConversionsResult::of(&design, snr_db, &measured);
    if result.layers.is_empty() {
        let message = format!(
            "{}: what arrives at its converters is not known: it is computed of crossbars with a `device`",
            path.display()
        );
        return Err(Stop::Wrong(message));
    }
    let findings = (!quiet).then(|| session.findings(&[&design]));
    show_with(&ConversionsView(result), findings.as_ref(), args.output.format)
}

/// What trained weights and pictures give, layer by layer; nothing where none are named.
fn measured(args: &Args, design: &Design, session: &mut Session) -> Result<Vec<Option<MeasuredValues>>, Stop> {
    let named = TrainedFiles { weights: args.weights.clone(), data: args.data.clone(), ..TrainedFiles::default() };
    let named = if named.weights.is_empty() && named.data.is_none() { design.trained.clone() } else { Some(named) };
    let Some(TrainedFiles { weights, data, .. }) = named else { return Ok(Vec::new()) };
    // Nothing random is asked for.
    let question = Question { weights, data, part: Part::Test, seed: 1, ..Question::default() };
    let (sources, diagnostics) = (&mut session.sources, &mut session.diagnostics);
    let found = accuracy::read(design, &question, sources, diagnostics).and_then(|trained| {
        accuracy::run(design, &trained, &question, false, &AtomicBool::new(false), &|_| {}, diagnostics)
    });
    settle(session)?;
    let layers = found?.map(|accuracy| accuracy.layers).unwrap_or_default();
    let values = layers.into_iter().map(|layer| {
        let ((mean, mean_square), largest) = (layer.converted?, layer.used_range?);
        Some(MeasuredValues { mean, mean_square, largest })
    });
    Ok(values.collect())
}

/// `30` or `30 dB`
fn decibel(text: &str) -> Result<f64, Stop> {
    let number = text.trim().trim_end_matches("dB").trim().parse::<f64>().ok();
    number.filter(|db| SNR_DB.contains(db)).ok_or_else(|| {
        let (least, most) = (SNR_DB.start(), SNR_DB.end());
        Stop::Usage(format!("`--snr {text}`: expected {least} to {most} dB, for example 30"))
    })
}

/// What is asked for; all that is wrong is reported.
fn wanted(args: &Args, diagnostics: &mut Diagnostics) -> Option<(u32, Frequency, Length)> {
    let text = |option: &Option<String>| option.clone().unwrap_or_default();
    let bits = bits(&text(&args.bits), diagnostics);
    let rate = quantity::<Frequency>("--rate", &text(&args.rate), diagnostics);
    let node = quantity::<Length>("--node", &text(&args.node), diagnostics).filter(|node| {
        let known = regression::is_node(*node);
        if !known {
            let message = format!("`--node {}`: expected {}", node.eng(4), regression::NODES_TEXT);
            diagnostics.push(Diagnostic::error(message));
        }
        known
    });
    Some((bits?, rate?, node?))
}

fn bits(text: &str, diagnostics: &mut Diagnostics) -> Option<u32> {
    let found = text.trim().parse::<u32>().ok().filter(|&bits| (1..=MAX_CONVERTER_BITS).contains(&u64::from(bits)));
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error(format!("`--bits {text}`: expected a whole number from 1 to {MAX_CONVERTER_BITS}"))
                .help("no published converter has more than 20 effective bits (Murmann survey)"),
        );
    }
    found
}

fn quantity<Q: Unit>(option: &str, text: &str, diagnostics: &mut Diagnostics) -> Option<Q> {
    let error = match text.parse::<Q>() {
        Ok(value) if value.si() > 0.0 && value.si().is_finite() => return Some(value),
        Ok(_) => Diagnostic::error(format!("`{option} {text}`: expected more than zero")),
        Err(error) => {
            let diagnostic = Diagnostic::error(format!("`{option} {text}`: {}", error.message));
            diagnostic.maybe_help(error.help)
        }
    };
    diagnostics.push(error);
    None
}
