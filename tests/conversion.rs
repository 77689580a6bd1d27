//! What columns ask of converters: against sums of random rows and cells, by hand, and by what the shipped digits are classified as.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;
use std::process::Command;

use imcost::Session;
use imcost::cost::conversion::{MeasuredValues, conversions};
use imcost::model::converter::column::{Column, ColumnLines};
use serde_json::Value;

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found / expected - 1.0).abs() < tolerance, "{what}: {found} {expected}");
}

/// A generator of numbers in 0..1 (xorshift64*), so that the draws below are the same in every run.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn once_in(&mut self, part: f64) -> f64 {
        if self.next() < part { 1.0 } else { 0.0 }
    }
}

/// Sums of random rows and cells: mean, standard deviation, and what a converter makes of them.
fn sums(column: &Column, draws: &mut Draws) -> Vec<f64> {
    let rows = (column.driven + column.always) as usize;
    let row = |draws: &mut Draws, at: usize| match (at < column.driven as usize, column.negative) {
        (false, _) => 1.0,
        (true, false) => draws.once_in(column.mean_square),
        (true, true) => 2.0 * draws.once_in(0.5 * (1.0 + column.mean)) - 1.0,
    };
    // Evenly about the mean, as far as that goes.
    let level = |draws: &mut Draws, mean: f64| match column.two_states {
        true => draws.once_in(mean),
        false => mean + mean.min(1.0 - mean) * (2.0 * draws.next() - 1.0),
    };
    let one = |draws: &mut Draws| {
        let terms = (0..rows).map(|at| {
            let row = row(draws, at);
            row * match column.lines {
                ColumnLines::Difference => {
                    (2.0 * draws.once_in(0.5) - 1.0) * level(draws, (2.0 * column.level).min(1.0))
                }
                ColumnLines::One { floor } => floor + (1.0 - floor) * level(draws, column.level),
            }
        });
        terms.sum::<f64>() / rows as f64
    };
    (0..20_000).map(|_| one(draws)).collect()
}

/// Every step of the way against brute force: mean and spread of the sums, and the error of the best converter for them.
#[test]
fn what_arrives_is_what_random_rows_and_cells_give() {
    let base = Column {
        driven: 64.0,
        always: 1.0,
        mean_square: 0.3,
        mean: 0.3,
        level: 0.5,
        two_states: true,
        lines: ColumnLines::Difference,
        negative: false,
        on_or_off: true,
    };
    let bipolar = Column { mean_square: 1.0, mean: 0.2, negative: true, ..base };
    let one = ColumnLines::One { floor: 0.3 };
    let columns = [
        base,
        Column { driven: 200.0, mean_square: 0.1, mean: 0.1, level: 0.2, ..base },
        Column { two_states: false, level: 0.3, ..base },
        bipolar,
        Column { lines: one, ..base },
        Column { lines: one, two_states: false, level: 0.7, always: 0.0, ..base },
        Column { lines: one, ..bipolar },
    ];
    let mut draws = Draws(0x1234_5678_9abc_def1);
    for column in columns {
        let spread = column.spread();
        let sums = sums(&column, &mut draws);
        let mean = sums.iter().sum::<f64>() / sums.len() as f64;
        let variance = sums.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / sums.len() as f64;
        // Four standard errors of a mean and of a deviation over 20000 draws.
        assert!(
            (mean - spread.mean).abs() < 4.0 * spread.deviation / 20_000_f64.sqrt(),
            "{column:?}: {mean} {spread:?}"
        );
        close(variance.sqrt(), spread.deviation, 4.0 / 40_000_f64.sqrt(), &format!("{column:?}"));
        for bits in [2, 3, 4, 5] {
            let best = spread.best(bits);
            // Codes are the nearest, as in `Quantiser`, but for what is said of ends.
            let codes = f64::from(1 << bits);
            let (first, step) = match spread.signed {
                true => (-best.range * (1.0 - 1.0 / codes), 2.0 * best.range / codes),
                false => (0.0, best.range / (codes - 1.0)),
            };
            // A value that lies between two codes is that of the larger, whatever it was rounded to.
            let error = |v: f64| {
                let code = ((v - first) / step + 0.5 + 1e-9).floor().clamp(0.0, codes - 1.0);
                first + step * code - v
            };
            let square = sums.iter().map(|v| error(*v).powi(2)).sum::<f64>() / sums.len() as f64;
            // Sums of a few terms are not quite those of a Gaussian, those of one sign the least: they are skewed.
            let tolerance = if column.lines == ColumnLines::Difference { 0.1 } else { 0.15 };
            close(variance / square, best.snr, tolerance, &format!("{bits} bits, {column:?}"));
        }
    }
}

/// The layers of the shipped design by hand: 64 rows of which 32.3 % are on and a bias row, differences of two-state pairs, 60 % of the range.
#[test]
fn the_columns_of_a_design_are_those_of_its_statistics() {
    let mut session = Session::default();
    let flow = session.design(Path::new("arch/digits-64-32-10-held-mixed.yaml")).unwrap();
    let found = conversions(&flow, 100.0, &[]);
    let deviation = [(64.0_f64 * 0.323 + 1.0).sqrt() / 65.0, (32.0_f64 * 0.276 + 1.0).sqrt() / 33.0];
    for (conversion, deviation) in found.iter().zip(deviation) {
        close(conversion.spread.deviation, deviation, 1e-9, &conversion.layer.name);
        assert_eq!(conversion.spread.mean, 0.0);
        // Max 1960: 5 bits leave 0.003495 of the variance, 4 bits 0.01154: more than a hundredth.
        let fewest = conversion.fewest.unwrap();
        assert_eq!(fewest.bits, 5);
        close(fewest.range, 16.0 * 0.1881 * deviation, 2e-3, &conversion.layer.name);
    }
    assert_eq!(found.iter().map(|c| (c.built.bits, c.built.range)).collect::<Vec<_>>(), [(8, 0.6), (8, 0.9)]);
    assert_eq!(found.iter().map(|c| c.conversions).collect::<Vec<_>>(), [32, 10]);
    // What is measured stands over the full scale, and takes the place of what follows from statistics.
    let values = MeasuredValues { mean: 0.1, mean_square: 0.05, largest: 0.8 };
    let measured = conversions(&flow, 100.0, &[Some(values), None]);
    close(measured[0].spread.mean, 0.06, 1e-12, "mean");
    close(measured[0].spread.deviation, 0.6 * 0.04_f64.sqrt(), 1e-12, "deviation");
    close(measured[0].largest.unwrap(), 0.48, 1e-12, "largest");
    assert_eq!(measured[1].spread, found[1].spread);
}

fn answer(args: &[&str]) -> Value {
    let output =
        Command::new(env!("CARGO_BIN_EXE_imcost")).args(args).args(["--format", "json", "-q"]).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The bits and ranges that 20 dB ask for lose nothing on the shipped digits; the same bits without the ranges do, and so do fewer.
#[test]
fn the_usual_distance_keeps_the_accuracy_of_the_shipped_digits() {
    const DESIGN: &str = "arch/digits-64-32-10-held-mixed.yaml";
    let correct = |settings: &[String]| {
        let mut args = vec!["accuracy", DESIGN];
        settings.iter().for_each(|setting| args.extend(["--set", setting]));
        answer(&args)["correct"].as_u64().unwrap()
    };
    let asked = |snr: &str| {
        let found = answer(&["adc", "--for", DESIGN, "--snr", snr]);
        let of = |layer: usize| found["layers"][layer]["fewest"].clone();
        let bits = of(0)["bits"].as_u64().unwrap();
        assert_eq!(of(1)["bits"], bits);
        let range = |path: &str, layer: usize| format!("{path}stages.column.adc-8b.range={}", of(layer)["range"]);
        (bits, [format!("adc-8b.bits={bits}"), range("", 0), range("network.layers.output.", 1)])
    };
    let built = correct(&[]);
    let (bits, settings) = asked("20");
    assert_eq!(bits, 5);
    assert!(correct(&settings) >= built - 2, "{} {built}", correct(&settings));
    assert!(correct(&settings[..1]) < built - 10);
    let (bits, settings) = asked("10");
    assert_eq!(bits, 3);
    assert!(correct(&settings) < built - 10);
}
