//! The tables in docs/ are what the models give now. `IMCOST_WRITE_DOCS=1 cargo test --test docs` writes them anew.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use imcost::model::crossbar::nodal::{APPROXIMATE, Solver, TOLERANCE};
use imcost::model::crossbar::partition::{self, Partitions};
use imcost::model::neuron::{Load, Neuron, NeuronParameters};
use imcost::model::transistor::{Node, Outside};
use imcost::units::{Capacitance, Resistance, Unit, Voltage};
use random_crossbar::{crossbar, wiring};

mod random_crossbar;

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

fn rows(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root(&format!("tests/data/neuron/{name}"))).expect("the data is there");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn neuron(change: impl Fn(&mut NeuronParameters)) -> Neuron {
    let mut parameters = NeuronParameters {
        r_low: Resistance::from_si(8_488.263_631_567_752),
        r_high: Resistance::from_si(25_464.790_894_703_256),
        tmr_v0: None,
        fins: 10,
        node: Node::Nm14,
        vdd: Voltage::from_si(0.8),
        offset: Voltage::from_si(0.4),
    };
    change(&mut parameters);
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
        let neuron = neuron(|p| p.tmr_v0 = v0);
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
        let value = |column: usize| row[column].parse::<f64>().expect("a number");
        let neuron = neuron(|p| {
            p.r_low = Resistance::from_si(value(6));
            p.r_high = Resistance::from_si(value(7));
            p.tmr_v0 = row[8].parse().ok().map(Voltage::from_si);
            p.fins = row[3].parse().expect("a count");
            p.node = Node::ALL.into_iter().find(|n| n.nanometres().to_string() == row[2]).expect("a node");
            p.vdd = Voltage::from_si(value(4));
            p.offset = Voltage::from_si(value(5));
        });
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
        let value = |column: usize| row[column].parse::<f64>().expect("a number");
        let neuron = neuron(|p| p.fins = row[3].parse().expect("a count"));
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
