//! Reads a design that the program itself holds, changes two of its numbers, evaluates it again, and takes a result apart.
//!
//! `cargo run --example change_numbers --no-default-features`

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use imcost::cost::{Plan, Scratch, estimate, explain};
use imcost::{Memory, Session};

/// A file on disk would do as well: `Session::default()` reads those, and the shipped ones as `builtin:PATH`.
const DESIGN: &str = "
name: Digits 64-16-10
technology: builtin:techlib/sot-mram-14nm.yaml
network:
  input: { features: 64, bits: 1 }
  layers:
    - { name: hidden, dense: 16, statistics: { active-rows: 30%, low-resistance: 50% } }
    - { name: output, dense: 10, statistics: { active-rows: 25%, low-resistance: 50% } }
weights: { bits: 1, encoding: differential }
tile: { crossbar: sot-mram-crossbar, rows: 32, columns: 32 }
stages:
  input: [row-driver]
  column: [differential-amplifier, sot-mram-neuron]
";

/// What the example prints.
pub fn run() -> Result<String, Box<dyn Error>> {
    let files = Memory::default().with("digits.yaml", DESIGN).over_standard();
    let mut session = Session::default().reading(files);
    let Ok(design) = session.design(Path::new("digits.yaml")) else {
        // All mistakes at once, each with its line.
        return Err(session.rendered().into());
    };
    let stated = estimate(&design)?;
    let mut text = format!("as stated: {}, {}\n", stated.totals.energy, stated.totals.latency);

    // A plan is compiled once and run for as many values of what is opened as one likes.
    let plan = Plan::open(&design, &["differential-amplifier.parameters.gbw", "differential-amplifier.static-power"])?;
    let mut values = plan.stated_si();
    let [bandwidth, power] = plan.opened() else { return Err("two numbers are open".into()) };
    values[*bandwidth] *= 2.0;
    values[*power] *= 1.2;
    let changed = plan.run(&values, &mut Scratch::default()).checked()?;
    writeln!(text, "amplifiers twice as fast for a fifth more power: {}, {}", changed.energy, changed.latency)?;

    // What the energy rests on: the largest product of stated numbers, and how much of it anybody measured or simulated.
    let explanation = explain(&stated, "energy", &session.sources)?;
    writeln!(
        text,
        "energy: {:.1} % rests on assumed numbers; its largest term:",
        100.0 * explanation.assumed_fraction
    )?;
    if let Some(term) = explanation.terms.first() {
        for factor in &term.factors {
            let power = if factor.power == 1 { String::new() } else { format!(" (to the power {})", factor.power) };
            writeln!(text, "  {}{power} = {:.4} {}", factor.what, factor.value_si, factor.unit)?;
        }
    }
    Ok(text)
}

#[allow(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
