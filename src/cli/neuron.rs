//! `imcost neuron [LIBRARY [COMPONENT]]`

use std::ops::RangeInclusive;
use std::path::Path;

use super::args::NeuronArgs as Args;
use super::{Stop, print, settle, show_as};
use crate::diagnostic::suggest;
use crate::explore::sweep;
use crate::model::neuron::NeuronDescription;
use crate::model::neuron::bench::Bench;
use crate::model::neuron::characteristics::Characteristics;
use crate::model::neuron::description::SetError;
use crate::report::views::neuron::{NeuronView, Variation};
use crate::session::Session;
use crate::techlib::{Library, Model};
use crate::units::{Fraction, Voltage, eng_number};

/// Points of the curve from which figures come: those of a curve with few points would be of other places, not of the neuron.
const FIGURE_POINTS: usize = 161;

/// The highest tunnel magnetoresistance that was measured at room temperature: 631 %, T. Scheike et al., "Giant oscillatory tunnel
/// magnetoresistance in CoFe/MgO/CoFe(001) junctions", arXiv 2202.07847.
const HIGHEST_TMR: f64 = 6.31;

/// The neuron that is meant where none is named.
const DEFAULT_LIBRARY: &str = "builtin:techlib/sot-mram-14nm.yaml";
const DEFAULT_COMPONENT: &str = "sot-mram-neuron";

pub(super) fn run(args: &Args) -> Result<(), Stop> {
    let mut session = Session::default();
    let path = args.library.as_deref().unwrap_or(Path::new(DEFAULT_LIBRARY));
    let library = session.library(path);
    settle(&mut session)?;
    let library = library?;
    let (name, description) = circuit(&library, args.component.as_deref())?;
    let mut bench = Bench::new(description);
    for setting in &args.set {
        let (name, value) = pair(setting, "--set")?;
        set(&mut bench, name, value)?;
    }
    let range = match &args.range {
        Some(text) => voltages(text)?,
        None => bench.input_range(),
    };
    let characteristics = measure(&bench, &range, FIGURE_POINTS)?;
    let points = args.points as usize;
    let curve = match points {
        FIGURE_POINTS => characteristics.curve.clone(),
        _ => bench.curve(range.clone(), points).map_err(|error| Stop::Wrong(error.to_string()))?,
    };
    let variations = match &args.vary {
        Some(text) => variations(text, &bench, &range)?,
        None => Vec::new(),
    };
    let view = NeuronView {
        name,
        settings: args.set.clone(),
        characteristics,
        curve,
        with_fit: args.fit,
        varied: args.vary.as_deref().and_then(|text| text.split_once('=')).map(|(name, _)| name.to_owned()),
        variations,
    };
    match args.format.of_text() {
        Some(format) => show_as(&view, format),
        None => print(&view.plot().svg().ok_or_else(|| Stop::Usage("the curve cannot be drawn".into()))?),
    }
}

fn set(bench: &mut Bench, name: &str, value: &str) -> Result<(), Stop> {
    let plain = value.parse::<Fraction>().map(Fraction::si).ok().filter(|_| !value.contains('%'));
    if let ("tmr", Some(tmr)) = (name, plain.filter(|&tmr| tmr > HIGHEST_TMR)) {
        let percent = eng_number(100.0 * tmr, 4);
        return Err(Stop::Usage(format!(
            "`tmr={value}` is {percent} %, which no junction has: is `tmr={value}%` meant?"
        )));
    }
    bench.set(name, value).map_err(|error| {
        Stop::Usage(match error {
            SetError::Unknown(name) => {
                let help = suggest::did_you_mean(&name, Bench::names()).map(|help| format!("; {help}"));
                format!("a neuron has no parameter `{name}`{}", help.unwrap_or_default())
            }
            SetError::Value { error, .. } => {
                let help = error.help.map(|help| format!(" ({help})")).unwrap_or_default();
                format!("`{name}={value}`: {}{help}", error.message)
            }
            SetError::Range(_) | SetError::NoGeometry(_) => error.to_string(),
        })
    })
}

fn measure(bench: &Bench, range: &RangeInclusive<Voltage>, points: usize) -> Result<Characteristics, Stop> {
    bench.characteristics(range.clone(), points).map_err(|error| Stop::Wrong(error.to_string()))
}

fn circuit(library: &Library, name: Option<&str>) -> Result<(String, NeuronDescription), Stop> {
    let circuits = || {
        library.components.iter().filter_map(|(name, component)| match component.model {
            Some(Model::MtjInverter(neuron)) => Some((name.as_str(), neuron.circuit)),
            _ => None,
        })
    };
    let names: Vec<&str> = circuits().map(|(name, _)| name).collect();
    let wanted = match name {
        Some(name) => name,
        None if names.contains(&DEFAULT_COMPONENT) => DEFAULT_COMPONENT,
        None => *names.first().ok_or_else(|| {
            Stop::Usage(format!("{} has no neuron with a circuit (`model: {{ mtj-inverter: … }}`)", library.name))
        })?,
    };
    let found = circuits().find(|(name, _)| *name == wanted).map(|(name, circuit)| (name.to_owned(), circuit));
    found.ok_or_else(|| match library.components.get(wanted) {
        Some(component) => Stop::Usage(format!(
            "`{wanted}` (kind {}) has no circuit of a neuron; those that have: {}",
            component.kind.name(),
            suggest::list(&names)
        )),
        None => {
            let help = suggest::did_you_mean(wanted, names.iter().copied()).unwrap_or_default();
            Stop::Usage(format!("{} has no component `{wanted}`; {help}", library.name))
        }
    })
}

fn pair<'a>(text: &'a str, option: &str) -> Result<(&'a str, &'a str), Stop> {
    let parts = text.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
    parts.ok_or_else(|| Stop::Usage(format!("`{option} {text}`: expected NAME=VALUE, for example tmr=\"150 %\"")))
}

/// `-0.8V..0.8V`
fn voltages(text: &str) -> Result<RangeInclusive<Voltage>, Stop> {
    let wrong = |why: &str| Stop::Usage(format!("`--range {text}`: {why}, for example -0.8V..0.8V"));
    let (from, to) = text.split_once("..").ok_or_else(|| wrong("expected two voltages with `..` between"))?;
    let voltage = |text: &str| text.trim().parse::<Voltage>().map_err(|error| wrong(&error.message));
    let (from, to) = (voltage(from)?, voltage(to)?);
    if from < to { Ok(from..=to) } else { Err(wrong("the first must be below the second")) }
}

/// `NAME=A..B`, `NAME=A..B:COUNT` or `NAME=A,B,C`
fn variations(text: &str, bench: &Bench, range: &RangeInclusive<Voltage>) -> Result<Vec<Variation>, Stop> {
    let (name, values) = pair(text, "--vary")?;
    let mut found = Vec::new();
    // Fins are counted.
    let values = sweep::values(values, name == "nfin");
    for value in values.map_err(|why| Stop::Usage(format!("`--vary {text}`: {why}")))? {
        let mut varied = *bench;
        set(&mut varied, name, &value)?;
        found.push(Variation { value, characteristics: measure(&varied, range, FIGURE_POINTS)? });
    }
    Ok(found)
}
