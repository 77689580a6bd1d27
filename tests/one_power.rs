//! The power of a design in the report, beside its accuracy and in the whole circuit, with the same statistics.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop there")]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use imcost::cost::{amplifier, drive, tile};
use imcost::design::Design;
use imcost::diagnostic::{Diagnostics, SourceMap};
use imcost::files::Memory;
use imcost::infer::accuracy::{self, Question};
use imcost::infer::simulation::simulate;
use imcost::session::Session;

const COUNT: usize = 200;

const LIBRARY: &str = "
name: for tests
extends: builtin:techlib/sot-mram-14nm.yaml
node: 14 nm
parameters: { ra: 10 ohm um^2 }
devices:
  junction: { type: sot-mram, parameters: { length: 50 nm, width: 30 nm, tmr: 200% }, r-low: = ra / (pi / 4 * length * width), r-high: = r-low * (1 + tmr), source: made up, basis: modelled }
components:
  cells:
    kind: crossbar
    device: junction
    cell: { devices: 2, width: 108 nm, height: 135 nm }
    read-voltage: 0.8 V
    max-rows: 512
    max-columns: 512
    wire: { width: 27 nm, thickness: 22 nm, pitch-gap: 45 nm, dielectric-height: 20 nm, permittivity: 20, resistivity: 19 nohm m, mean-free-path: 39 nm, specularity: 0.25, reflectivity: 0.3 }
    source: made up
    basis: modelled
  held: { kind: amplifier, differential: true, joins: true, model: { transimpedance-amplifier: { feedback-resistance: = feedback, op-amp: { rails: 0.8 V } } }, parameters: { feedback: = 0.5 kohm * ra / 10 ohm um^2 }, static-power: 1 mW, latency: 1 ns, area: 5 um^2, source: made up, basis: modelled }
";

fn digits(encoding: &str, column: &str, settings: &[&str]) -> Design {
    let text = format!(
        "name: digits
technology: library.yaml
network:
  input: {{ features: 64, encoding: {encoding}, image: {{ threshold: 7 }} }}
  layers:
    - {{ name: hidden, dense: 32 }}
    - {{ name: output, dense: 10, stages: {{ input: [] }} }}
statistics: {{ low-resistance: 50% }}
weights: {{ bits: 1, encoding: differential }}
tile: {{ crossbar: cells, rows: 33, columns: 33 }}
stages: {{ input: [row-driver], column: [{column}, sot-mram-neuron] }}
gating: always-on
imperfections: {{ gain: as-built }}
"
    );
    let files = Memory::default().with("library.yaml", LIBRARY).with("design.yaml", text).over_standard();
    let mut session = Session::with_settings(settings).reading(files);
    let design = session.design(Path::new("design.yaml"));
    design.unwrap_or_else(|_| panic!("{}", session.rendered()))
}

/// What the sources of the whole circuit deliver, as the report has it: into the rows of crossbars, from the neurons' supply but for what these
/// deliver into rows, and from the amplifiers' rails.
fn in_the_report(design: &Design) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for (index, node) in design.nodes() {
        if let Some(rows) = tile::row_power(design, index) {
            sum[0] += rows.power.si();
        }
        if let Some(Ok(neuron)) = drive::neuron_in_place(design, index) {
            sum[1] += neuron.power.si() * node.units as f64;
        }
        if let Some(delivered) = amplifier::placed(design, index).and_then(|placed| placed.delivered()) {
            sum[2] += delivered.si() * node.units as f64;
        }
    }
    sum
}

#[test]
fn report_accuracy_and_simulation_agree_in_power() {
    let designs: [(&str, &[&str]); 6] = [
        ("differential-amplifier", &[]),
        ("ideal-difference-amplifier", &["tile.rows=24", "tile.columns=24"]),
        ("ideal-difference-amplifier", &["parameters.ra=50 ohm um^2"]),
        ("held", &[]),
        ("{ use: held, per: output }", &["parameters.ra=100 ohm um^2"]),
        ("{ use: held, per: output }", &["tile.rows=24", "tile.columns=24"]),
    ];
    for encoding in ["unsigned", "bipolar"] {
        for (column, settings) in designs {
            let design = digits(encoding, column, settings);
            let question = Question { images: Some(COUNT), draws: 0, seed: 1, ..Question::default() };
            let (sources, diagnostics) = (&mut SourceMap::default(), &mut Diagnostics::default());
            let whole = simulate(&design, &question, None, sources, diagnostics).expect("an operating point");
            let trained = accuracy::read(&design, &question, sources, diagnostics).expect("shipped");
            let stop = AtomicBool::new(false);
            let found = accuracy::run(&design, &trained, &question, false, &stop, &|_| {}, diagnostics);
            let found = found.expect("it runs").expect("nobody stops it");
            let measured = found.measured(&design);
            let parts = in_the_report(&measured);
            let mean = |of: fn(&imcost::model::network::NetworkPoint) -> f64| {
                whole.points.iter().map(of).sum::<f64>() / whole.points.len() as f64
            };
            let delivered = mean(|p| {
                p.layers[0].neuron_output_v.iter().zip(&p.layers[0].neuron_current_a).map(|(v, i)| v * i).sum::<f64>()
            });
            let exact = [
                mean(|p| (p.power_inputs + p.power_bias).si()) + delivered,
                mean(|p| p.power_neurons.si()) - delivered,
                mean(|p| p.power_amplifiers.si()),
            ];
            let (report, simulated): (f64, f64) = (parts.iter().sum(), exact.iter().sum());
            // Sums of trained weights over pictures are smaller than those of random ones, and an op-amp at columns that float sinks little else.
            let within = if (encoding, column) == ("unsigned", "differential-amplifier") { 0.03 } else { 0.02 };
            let off = report / simulated - 1.0;
            assert!(off.abs() < within, "{encoding} {column} {settings:?}: {off} {parts:?} {exact:?}");
        }
    }
}
