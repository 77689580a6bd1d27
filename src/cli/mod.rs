//! The command line: one thin file for each subcommand.

mod accuracy;
mod adc;
mod args;
mod check;
mod cite;
mod compare;
mod completions;
mod crossbar;
mod explain;
mod graph;
mod import;
mod library;
mod neuron;
mod new;
mod progress;
mod report;
mod schema;
mod simulate;
mod statistics;
mod study;
mod validate;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use args::{Cli, Command};
use clap::Parser;

use crate::cost::NoEstimate;
use crate::diagnostic::Reported;
use crate::diagnostic::clean::clean;
use crate::diagnostic::render::{count, render_all};
use crate::report::views::findings::{self, WithFindings};
use crate::report::{Format, View, write};
use crate::results::Findings;
use crate::session::Session;

/// All is well.
const FINE: u8 = 0;
/// The input is wrong.
const WRONG_INPUT: u8 = 1;
/// The command line is wrong.
const WRONG_USAGE: u8 = 2;
/// Stopped with Ctrl-C, as shells count it.
const INTERRUPTED: u8 = 130;

/// Why a command ended without a result.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The findings have been printed.
    Findings,
    /// The input is wrong, and this says how.
    Wrong(String),
    /// The command line is wrong, and the person has been told so.
    Told,
    /// The command line asks for something that is not there.
    Usage(String),
    /// A signal stopped it, with this exit code; what was done until then has been printed.
    Interrupted(u8),
    /// Standard output is gone or a file cannot be written.
    Io(io::Error),
}

impl From<Reported> for Stop {
    fn from(_: Reported) -> Self {
        Self::Findings
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<NoEstimate> for Stop {
    fn from(error: NoEstimate) -> Self {
        Self::Wrong(error.to_string())
    }
}

/// Runs the program and returns its exit code.
#[must_use]
pub fn run() -> ExitCode {
    let result = match Cli::try_parse() {
        Ok(cli) => command(&cli.command, cli.quiet),
        Err(answer) => say(&answer),
    };
    code(result)
}

/// Prints help or the version, or what is wrong with the command line.
fn say(answer: &clap::Error) -> Result<(), Stop> {
    if answer.use_stderr() {
        // Nothing is left to do if standard error is gone.
        let _ = answer.print();
        return Err(Stop::Told);
    }
    answer.print()?;
    io::stdout().flush()?;
    Ok(())
}

fn command(command: &Command, quiet: bool) -> Result<(), Stop> {
    match command {
        Command::Compare(args) => compare::run(args, quiet),
        Command::Report(args) => report::run(args, quiet),
        Command::Explain(args) => explain::run(args, quiet),
        Command::Cite(args) => cite::run(args),
        Command::Check(args) => check::run(args, quiet),
        Command::Graph(args) => graph::run(args, quiet),
        Command::Library(args) => library::run(args, quiet),
        Command::Validate(args) => validate::run(args, quiet),
        Command::Simulate(args) => simulate::run(args, quiet),
        Command::Statistics(args) => statistics::run(args, quiet),
        Command::Accuracy(args) => accuracy::run(args, quiet),
        Command::Study(args) => study::run(args, quiet),
        Command::Schema(args) => schema::run(args),
        Command::Crossbar(args) => crossbar::run(args),
        Command::Neuron(args) => neuron::run(args),
        Command::Adc(args) => adc::run(args, quiet),
        Command::Import(args) => import::run(args),
        Command::New(args) => new::run(args),
        Command::Completions(args) => completions::run(args),
    }
}

/// The exit code of a result; why there is none is told where that has not been done.
fn code(result: Result<(), Stop>) -> ExitCode {
    ExitCode::from(match result {
        Ok(()) => FINE,
        Err(Stop::Findings) => WRONG_INPUT,
        Err(Stop::Told) => WRONG_USAGE,
        Err(Stop::Interrupted(code)) => code,
        Err(Stop::Wrong(message)) => {
            complain(&message);
            WRONG_INPUT
        }
        Err(Stop::Usage(message)) => {
            complain(&message);
            WRONG_USAGE
        }
        // A reader that has seen enough (`imcost report … | head`) is no mistake.
        Err(Stop::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => FINE,
        Err(Stop::Io(error)) => {
            complain(&error.to_string());
            WRONG_INPUT
        }
    })
}

fn complain(message: &str) {
    tell(&format!("error: {message}"));
}

/// Writes a line for the person to standard error.
fn tell(line: &str) {
    // Nothing is left to do if standard error is gone too.
    let _ = writeln!(io::stderr(), "{}", clean(line));
}

/// Writes a result to standard output.
pub(crate) fn print(text: &str) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    // A file or another program gets data as they are.
    let text = if out.is_terminal() { clean(text) } else { text.into() };
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Prints a result in the format that was asked for.
pub(crate) fn show(view: &dyn View, output: &args::Output) -> Result<(), Stop> {
    show_as(view, output.format)
}

/// Prints a result and, unless they are not wanted, the findings after it.
pub(crate) fn show_with(view: &dyn View, findings: Option<&Findings>, format: Format) -> Result<(), Stop> {
    let Some(findings) = findings else { return show_as(view, format) };
    show_as(&WithFindings { view, findings }, format)?;
    // A spreadsheet has no room for them.
    if format == Format::Csv {
        tell_findings(Some(findings));
    }
    Ok(())
}

/// Writes the findings to standard error, after an answer that has no room for them.
fn tell_findings(findings: Option<&Findings>) {
    if let Some(findings) = findings {
        let _ = io::stderr().lock().write_all(findings::text(findings).as_bytes());
    }
}

/// Prints a result in a format.
pub(crate) fn show_as(view: &dyn View, format: Format) -> Result<(), Stop> {
    let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    print(&write(view, format, terminal.map(|(width, _)| usize::from(width.0))))
}

/// Prints the mistakes of a session; stops if there are any.
pub(crate) fn settle(session: &mut Session) -> Result<(), Stop> {
    let settings = session.check_settings();
    let state = settings.and(session.diagnostics.settled());
    if session.diagnostics.is_empty() {
        return Ok(state?);
    }
    let mut text = render_all(&session.diagnostics, &session.sources, colour_on_stderr());
    text.push_str(&count(&session.diagnostics));
    text.push('\n');
    // What is found decides the exit code whether or not somebody reads it.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    Ok(state?)
}

/// Colour where a person reads it, unless `NO_COLOR` asks for none.
fn colour_on_stderr() -> bool {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let able = std::env::var_os("TERM").is_none_or(|t| t != "dumb");
    wanted && able && io::stderr().is_terminal()
}
