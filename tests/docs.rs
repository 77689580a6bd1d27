//! The tables in docs/ are what the models give now. `IMCOST_WRITE_DOCS=1 cargo test --test docs` writes them anew.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use imcost::model::converter::loading::ValueSpread;
use imcost::model::converter::{WantedConverter, others};
use imcost::model::crossbar::nodal::{APPROXIMATE, Solver, TOLERANCE};
use imcost::model::crossbar::partition::{self, Partitions};
use imcost::model::neuron::{Load, Neuron, NeuronParameters};
use imcost::model::transistor::Outside;
use imcost::units::{Capacitance, Frequency, Length, Unit, Voltage};
use random_crossbar::{crossbar, wiring};
use simulated_neurons::{NOMINAL, number, rows, swept};

mod random_crossbar;
mod simulated_neurons;

fn root(name: &str) -> String {
    format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Replaces what stands between `<!-- table: NAME -->` and `<!-- end -->`.
fn with_table(text: &str, name: &str, table: &[Vec<String>]) -> String {
    let marker = format!("<!-- table: {name} -->\n");
    let (before, rest) = text.split_once(&marker).expect("the marker");
    let (_, after) = rest.split_once("<!-- end -->").expect("its end");
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut lines = line(&table[0]);
    lines += &line(&vec!["---".to_owned(); table[0].len()]);
    lines.extend(table[1..].iter().map(|row| line(row)));
    format!("{before}{marker}{lines}<!-- end -->{after}")
}

fn check(path: &str, tables: &[(&str, Vec<Vec<String>>)]) {
    let stored = std::fs::read_to_string(root(path)).expect("the page");
    let fresh = tables.iter().fold(stored.clone(), |text, (name, table)| with_table(&text, name, table));
    if std::env::var_os("IMCOST_WRITE_DOCS").is_some() {
        std::fs::write(root(path), fresh).expect("writable");
        return;
    }
    assert!(stored == fresh, "{path} is not what the models give; run IMCOST_WRITE_DOCS=1 cargo test --test docs");
}

fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn rms(found: &[f64], reference: &[f64]) -> f64 {
    let squares: f64 = found.iter().zip(reference).map(|(a, b)| (a - b) * (a - b)).sum();
    (squares / reference.iter().map(|b| b * b).sum::<f64>()).sqrt()
}

#[test]
fn the_crossbar_page_is_fresh_and_the_approximation_is_within_its_word() {
    let names = ["cells", "segment, ohm", "error of ideal", "error of approximate", "steps", "exact: steps"];
    let mut approximation = vec![header(&names)];
    for size in [16, 64, 128, 256] {
        for ohm in [0.1, 1.0, 5.0, 14.0] {
            let (cells, voltages) = crossbar(size, 1);
            let solver = Solver::new(&cells, &wiring(ohm)).unwrap();
            let exact = solver.solve(&voltages, TOLERANCE).unwrap();
            let rough = solver.solve(&voltages, APPROXIMATE).unwrap();
            let error = rms(&rough.columns_a, &exact.columns_a);
            assert!(error < 3e-3, "{size} {ohm}: {error}");
            approximation.push(vec![
                format!("{size} x {size}"),
                ohm.to_string(),
                format!("{:.1} %", 100.0 * rms(&cells.ideal_currents_a(&voltages), &exact.columns_a)),
                format!("{:.4} %", 100.0 * error),
                rough.steps.to_string(),
                exact.steps.to_string(),
            ]);
        }
    }
    let names = ["sub-arrays", "deviation from ideal", "column ends", "row ends"];
    let mut partitions = vec![header(&names)];
    let (cells, voltages) = crossbar(128, 1);
    let ideal = cells.ideal_currents_a(&voltages);
    for (rows, columns) in [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 4), (8, 8)] {
        let parts = Partitions { rows, columns };
        let currents = partition::solve(&cells, &wiring(1.0), parts, &voltages, TOLERANCE).unwrap();
        partitions.push(vec![
            format!("{rows} x {columns}"),
            format!("{:.1} %", 100.0 * rms(&currents.columns_a, &ideal)),
            parts.column_ends(&cells).to_string(),
            parts.row_ends(&cells).to_string(),
        ]);
    }
    check("docs/crossbar.md", &[("approximation", approximation), ("partitions", partitions)]);
}

fn neuron(parameters: NeuronParameters) -> Neuron {
    Neuron::new(parameters, Outside::Refuse).expect("in range")
}

fn relative(found: f64, reference: f64) -> String {
    format!("{:+.2} %", 100.0 * (found / reference - 1.0))
}

fn curves() -> Vec<Vec<String>> {
    let mut table = vec![header(&["neuron", "error, rms", "error, largest"])];
    let files = [
        ("nominal", "vtc_14nm.csv", None),
        ("with bias-dependent TMR", "vtc_14nm_bias_dependent_tmr.csv", Some(Voltage::from_si(0.65))),
    ];
    for (name, file, v0) in files {
        let neuron = neuron(NeuronParameters { tmr_v0: v0, ..NOMINAL });
        let errors: Vec<f64> = rows(file)
            .iter()
            .map(|row| {
                let v_in = Voltage::from_si(row[0].parse().unwrap());
                neuron.operating_point(v_in, Load::Open).unwrap().v_out.si() - row[2].parse::<f64>().unwrap()
            })
            .collect();
        let rms = (errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64).sqrt();
        let largest = errors.iter().fold(0.0, |m: f64, e| m.max(e.abs()));
        table.push(vec![name.to_owned(), format!("{:.3} mV", 1e3 * rms), format!("{:.3} mV", 1e3 * largest)]);
    }
    table
}

fn sweep() -> Vec<Vec<String>> {
    let mut table = vec![header(&["design", "slope", "mid-point", "power at 0 V", "mean power"])];
    for row in rows("sweep.csv") {
        let value = |column| number(&row, column);
        let neuron = neuron(swept(&row));
        let range = Voltage::from_si(value(9));
        let curve = neuron.curve(range * -1.0..=range, 321, Load::Open).unwrap();
        let at_zero = neuron.operating_point(Voltage::ZERO, Load::Open).unwrap();
        table.push(vec![
            format!("{} {}", row[0], row[1]),
            relative(curve.max_slope(), value(11)),
            format!("{:+.3} mV", 1e3 * (curve.midpoint().unwrap().si() - value(10))),
            relative(at_zero.power_total.si(), value(12) * 1e-6),
            relative(curve.mean_power().si(), value(13) * 1e-6),
        ]);
    }
    table
}

fn delay() -> Vec<Vec<String>> {
    let mut table = vec![header(&["step", "load", "fins", "delay", "10-90 transition"])];
    for row in rows("delay.csv") {
        let value = |column| number(&row, column);
        let neuron = neuron(NeuronParameters { fins: row[3].parse().expect("a count"), ..NOMINAL });
        let (from, to) = (Voltage::from_si(value(0)), Voltage::from_si(value(1)));
        let response = neuron.step_response(from, to, Load::Open, Capacitance::from_si(value(2))).unwrap().unwrap();
        table.push(vec![
            format!("{} V to {} V", row[0], row[1]),
            format!("{} fF", value(2) * 1e15),
            row[3].clone(),
            relative(response.delay.si() * 1e12, value(4)),
            relative(response.transition.si() * 1e12, value(5)),
        ]);
    }
    table
}

#[test]
fn the_neuron_page_is_fresh() {
    check("docs/neuron.md", &[("curves", curves()), ("sweep", sweep()), ("delay", delay())]);
}

#[test]
fn the_converter_page_is_fresh() {
    let all_bits = [4, 6, 8, 10];
    let said: Vec<Vec<others::Statement>> = all_bits
        .iter()
        .map(|&bits| {
            let (rate, node) = (Frequency::new(100e6), Length::new(32e-9));
            others::statements(WantedConverter { bits: f64::from(bits), rate, node })
        })
        .collect();
    let mut models = vec![header(&["model", "4 bits", "6 bits", "8 bits", "10 bits"])];
    for (at, first) in said[0].iter().enumerate() {
        // Choices of one program are points of one model.
        let mut row = vec![first.name.split(" choice").next().expect("a name").to_owned()];
        for (&bits, all) in all_bits.iter().zip(&said) {
            let one = &all[at];
            let other = if one.bits == f64::from(bits) { String::new() } else { format!(" ({} bits)", one.bits) };
            row.push(format!("{}{other}", one.cost.energy.eng(3)));
        }
        models.push(row);
    }
    let spread = ValueSpread { mean: 0.0, deviation: 0.01, signed: true, grid: None };
    let mut loading = vec![header(&["bits", "full scale in deviations", "values over the error"])];
    for bits in 1..=10 {
        let best = spread.best(bits);
        let deviations = best.range / spread.deviation;
        loading.push(vec![bits.to_string(), format!("{deviations:.2}"), format!("{:.1} dB", 10.0 * best.snr.log10())]);
    }
    check("docs/converters.md", &[("models", models), ("loading", loading)]);
}
