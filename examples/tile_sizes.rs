//! Compares a mixed-signal and a fully-analog design for several sizes of their tiles.
//!
//! `cargo run --example tile_sizes --no-default-features`

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use imcost::Session;
use imcost::cost::{compare, estimate};

const MIXED: &str = "builtin:arch/mlp-784-16-10-mixed.yaml";
const ANALOG: &str = "builtin:arch/mlp-784-16-10-analog.yaml";

/// Rows of a tile that the example looks at.
pub const ROWS: [u64; 4] = [16, 32, 64, 128];

/// What the example prints.
pub fn run() -> Result<String, Box<dyn Error>> {
    let mut text = String::from("rows  mixed energy  analog energy  ratio  latency ratio  area ratio\n");
    for rows in ROWS {
        // Another tile is another structure: a setting changes the file before it is lowered.
        let mut session = Session::with_settings(&[format!("tile.rows={rows}")]);
        let (mixed, analog) = (session.design(Path::new(MIXED)), session.design(Path::new(ANALOG)));
        let (Ok(mixed), Ok(analog)) = (mixed, analog) else {
            return Err(session.rendered().into());
        };
        let (mixed, analog) = (estimate(&mixed)?, estimate(&analog)?);
        let ratios = compare(&mixed, &analog).ratios;
        let energies = [mixed.totals.energy.to_string(), analog.totals.energy.to_string()];
        writeln!(
            text,
            "{rows:>4}  {:>12}  {:>13}  {:>5.2}  {:>13.2}  {:>10.1}",
            energies[0], energies[1], ratios.energy, ratios.latency, ratios.area
        )?;
    }
    Ok(text)
}

#[allow(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
