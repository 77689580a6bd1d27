//! `imcost adc`

use super::args::AdcArgs as Args;
use super::{Stop, settle, show};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::converter::regression;
use crate::report::views::converter::ConverterView;
use crate::results::converter::ConverterResult;
use crate::session::Session;
use crate::techlib::rules::MAX_CONVERTER_BITS;
use crate::units::{Frequency, Length, Unit};

pub(super) fn run(args: &Args, _quiet: bool) -> Result<(), Stop> {
    let mut session = Session::default();
    let found = wanted(args, &mut session.diagnostics);
    // What is wrong is the command line, not a file.
    settle(&mut session).map_err(|_| Stop::Told)?;
    let (bits, rate, node) = found.ok_or(Stop::Told)?;
    show(&ConverterView(ConverterResult::of(bits, rate, node)), &args.output)
}

/// What is asked for; all that is wrong is reported.
fn wanted(args: &Args, diagnostics: &mut Diagnostics) -> Option<(u32, Frequency, Length)> {
    let text = |option: &Option<String>| option.clone().unwrap_or_default();
    let bits = bits(&text(&args.bits), diagnostics);
    let rate = quantity::<Frequency>("--rate", &text(&args.rate), "100 MS/s", diagnostics);
    let node = quantity::<Length>("--node", &text(&args.node), "32 nm", diagnostics).filter(|node| {
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

fn quantity<Q: Unit>(option: &str, text: &str, example: &str, diagnostics: &mut Diagnostics) -> Option<Q> {
    let error = match text.parse::<Q>() {
        Ok(value) if value.si() > 0.0 && value.si().is_finite() => return Some(value),
        Ok(_) => Diagnostic::error(format!("`{option} {text}`: expected more than zero")),
        Err(error) => {
            let diagnostic = Diagnostic::error(format!("`{option} {text}`: {}", error.message));
            diagnostic.maybe_help(error.help).help(format!("for example {option} \"{example}\""))
        }
    };
    diagnostics.push(error);
    None
}
