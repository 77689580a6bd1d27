//! `imcost simulate`: operating points of a whole network.

use crate::infer::simulation::Simulation;
use crate::model::network::{LayerPoint, NetworkPoint};
use crate::report::{Document, Records, View};
use crate::results::simulation::SimulationResult;
use crate::results::{Answer, CommandResult};
use crate::units::Voltage;

/// Operating points of a network.
#[derive(Debug)]
pub struct SimulateView<'a> {
    simulation: &'a Simulation,
    settings: Vec<String>,
}

impl<'a> SimulateView<'a> {
    /// A view; `settings` are the `--set` that changed the design.
    #[must_use]
    pub fn new(simulation: &'a Simulation, settings: Vec<String>) -> Self {
        Self { simulation, settings }
    }

    /// Over all inputs, by layer: the range of the neurons' inputs, and how far the next layer pulls their outputs.
    fn layer_rows(&self) -> Vec<Vec<String>> {
        let layers = self.simulation.layers.iter().enumerate();
        layers
            .map(|(index, name)| {
                let points: Vec<&LayerPoint> =
                    self.simulation.points.iter().filter_map(|point| point.layers.get(index)).collect();
                let all = |of: fn(&LayerPoint) -> &Vec<f64>| points.iter().flat_map(move |p| of(p)).copied();
                let (low, high) = range(all(|p| &p.neuron_input_v));
                let (out_low, out_high) = range(all(|p| &p.neuron_output_v));
                let pulls: Vec<f64> = all(|p| &p.neuron_output_v)
                    .zip(all(|p| &p.neuron_open_v))
                    .map(|(loaded, open)| loaded - open)
                    .collect();
                let rms = (pulls.iter().map(|d| d * d).sum::<f64>() / pulls.len().max(1) as f64).sqrt();
                let span =
                    |low: f64, high: f64| format!("{} .. {}", Voltage::new(low).eng(4), Voltage::new(high).eng(4));
                let at_rails = points.iter().fold((0, 0), |sum, p| (sum.0 + p.at_rails.0, sum.1 + p.at_rails.1));
                let part = 100.0 * at_rails.0 as f64 / at_rails.1.max(1) as f64;
                let pulled = Voltage::new(rms).eng(3);
                vec![name.clone(), span(low, high), span(out_low, out_high), pulled, format!("{part:.1} %")]
            })
            .collect()
    }

    fn point_row(index: usize, point: &NetworkPoint) -> Vec<String> {
        let class = Simulation::class(point);
        let outputs = point.layers.last().map_or(&[][..], |layer| &layer.neuron_output_v);
        let best = class.and_then(|class| outputs.get(class));
        vec![
            index.to_string(),
            class.map_or_else(String::new, |neuron| neuron.to_string()),
            best.map_or_else(String::new, |v| Voltage::new(*v).eng(4)),
            point.power_inputs.eng(4),
            point.power_bias.eng(4),
            point.power_neurons.eng(4),
            point.power_amplifiers.eng(4),
        ]
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

impl View for SimulateView<'_> {
    fn document(&self) -> Document {
        let simulation = self.simulation;
        let mut document = Document::default();
        document.title(format!("{} ({}), operating points", simulation.name, simulation.label));
        if let (Some(pictures), Some(correct)) = (&simulation.pictures, simulation.correct()) {
            let all = pictures.labels.len();
            document.line(format!("pictures: {all} of {}, {correct} right", pictures.data));
        }
        document.line(format!("mean power of all sources {}", simulation.mean_power().eng(4)));
        document.table(
            vec!["layer", "neuron inputs", "neuron outputs", "pulled by load, rms", "amplifiers at rails"],
            self.layer_rows(),
            1,
        );
        let rows = simulation.points.iter().enumerate().map(|(index, point)| Self::point_row(index, point)).collect();
        document.table(
            vec![
                "input",
                "highest output",
                "its voltage",
                "power of inputs",
                "of bias rows",
                "of neurons",
                "into amplifiers",
            ],
            rows,
            0,
        );
        document.settings(&self.settings);
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Simulation(SimulationResult::of(self.simulation, &self.settings)))
    }

    fn records(&self) -> Records {
        let mut rows = Vec::new();
        for (image, point) in self.simulation.points.iter().enumerate() {
            for (layer, at) in point.layers.iter().enumerate() {
                for (neuron, input) in at.neuron_input_v.iter().enumerate() {
                    rows.push(vec![
                        image.to_string(),
                        (layer + 1).to_string(),
                        neuron.to_string(),
                        input.to_string(),
                        at.neuron_output_v[neuron].to_string(),
                        at.neuron_current_a[neuron].to_string(),
                        point.power_inputs.si().to_string(),
                        (point.power_bias + point.power_neurons).si().to_string(),
                        point.power_amplifiers.si().to_string(),
                    ]);
                }
            }
        }
        let header = vec![
            "image",
            "layer",
            "neuron",
            "neuron_input_v",
            "neuron_output_v",
            "neuron_current_a",
            "power_inputs_w",
            "power_vdd_w",
            "power_amplifiers_w",
        ];
        Records::of(header, rows)
    }
}
