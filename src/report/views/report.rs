//! `imcost report`: totals and breakdown of one design.

use serde_json::{Value, json};

use super::{assumed_text, percent, sources, totals_json};
use crate::cost::{Breakdown, Estimate, Line};
use crate::report::json::FORMAT_VERSION;
use crate::report::{Document, Records, View};
use crate::units::sig;

/// Totals and breakdown of one design.
#[derive(Debug)]
pub struct ReportView<'a> {
    estimate: &'a Estimate<'a>,
    breakdown: Breakdown,
    settings: Vec<String>,
    with_sources: bool,
}

impl<'a> ReportView<'a> {
    /// A report; `settings` are the `--set` that changed the design.
    #[must_use]
    pub fn new(estimate: &'a Estimate<'a>, settings: Vec<String>, with_sources: bool) -> Self {
        Self { estimate, breakdown: Breakdown::of(estimate), settings, with_sources }
    }

    fn sections(&self) -> [(&'static str, &[Line]); 3] {
        [("layer", &self.breakdown.layers), ("component", &self.breakdown.components), ("kind", &self.breakdown.kinds)]
    }

    fn totals_table(&self, document: &mut Document) {
        let t = &self.estimate.totals;
        let mut rows = vec![
            vec!["power (energy / latency)".to_owned(), t.power.eng(4)],
            vec!["peak power".to_owned(), t.peak_power.eng(4)],
            vec!["latency".to_owned(), t.latency.eng(4)],
            vec!["initiation interval".to_owned(), t.initiation_interval.eng(4)],
            vec!["energy".to_owned(), t.energy.eng(4)],
            vec!["area".to_owned(), t.area.eng(4)],
            vec!["multiply-accumulates".to_owned(), t.macs.to_string()],
            vec!["TOPS/W".to_owned(), sig(t.tops_per_w(), 4)],
            vec!["TOPS/mm^2".to_owned(), sig(t.tops_per_mm2(), 4)],
        ];
        if !self.estimate.design.pipelined {
            rows.remove(3);
        }
        document.table(vec!["per inference", ""], rows, 1);
    }

    /// What wires, column ends and loaded neurons leave of the power in a layer's crossbars.
    fn of_ideal_power(&self, layer: usize) -> Option<f64> {
        let of_layer = self.estimate.design.nodes().filter(|(_, node)| node.layer == Some(layer));
        of_layer.map(|(index, _)| self.estimate.cost(index).of_ideal_power).find_map(|part| part)
    }

    fn layer_shapes(&self, document: &mut Document) {
        let rows = self.estimate.design.layers.iter().enumerate().map(|(index, layer)| {
            let g = &layer.grid;
            let driven = if layer.driven_directly { "voltages of the layer before" } else { "input chain" };
            vec![
                layer.name.clone(),
                driven.to_owned(),
                format!("{} x {}", g.rows, g.columns()),
                format!("{} x {}", g.tile_rows, g.tile_columns),
                format!("{} x {}", g.row_partitions, g.column_partitions),
                g.tiles().to_string(),
                self.of_ideal_power(index).map_or_else(|| "-".into(), percent),
            ]
        });
        let header = vec!["layer", "rows driven by", "matrix", "tile", "grid", "tiles", "power of ideal"];
        document.table(header, rows.collect(), 2);
    }

    fn line_row(&self, line: &Line) -> Vec<String> {
        let t = &self.estimate.totals;
        vec![
            if line.assumed { format!("{} *", line.name) } else { line.name.clone() },
            line.units.to_string(),
            line.energy.eng(4),
            percent(line.energy / t.energy),
            line.area.eng(4),
            percent(line.area / t.area),
            line.critical_time.eng(4),
            percent(line.critical_time / t.latency),
        ]
    }

    fn critical_path(&self, document: &mut Document) {
        let flow = self.estimate.design;
        let rows = self.estimate.critical_path.iter().map(|&index| {
            let node = &flow.graph[index];
            let time = self.estimate.cost(index).critical_time;
            vec![
                node.layer.map_or_else(String::new, |l| flow.layers[l].name.clone()),
                node.name().to_owned(),
                node.rounds.to_string(),
                time.eng(4),
                percent(time / self.estimate.totals.latency),
            ]
        });
        document.title("Critical path");
        document.table(vec!["layer", "component", "operations in turn", "time", "of latency"], rows.collect(), 2);
    }
}

impl View for ReportView<'_> {
    fn document(&self) -> Document {
        let flow = self.estimate.design;
        let mut document = Document::default();
        document.title(format!("{} ({})", flow.name, flow.label));
        document.line(format!("technology: {}", flow.library));
        self.totals_table(&mut document);
        self.layer_shapes(&mut document);
        for (name, lines) in self.sections() {
            document.title(format!("By {name}"));
            let header = vec![name, "units", "energy", "", "area", "", "critical time", ""];
            document.table(header, lines.iter().map(|line| self.line_row(line)).collect(), 1);
        }
        self.critical_path(&mut document);
        document.title("What rests on assumed numbers");
        document.line(format!("* in part or whole; {}", assumed_text(&self.estimate.assumed)));
        for assumption in &flow.assumptions {
            document.line(assumption.clone());
        }
        for setting in &self.settings {
            document.line(format!("changed with --set {setting}"));
        }
        if self.with_sources {
            sources::add(&mut document, &[self.estimate]);
        } else {
            document.line("`--sources` lists where each number comes from");
        }
        document
    }

    fn json(&self) -> Value {
        let flow = self.estimate.design;
        let lines = |lines: &[Line]| -> Vec<Value> {
            lines
                .iter()
                .map(|l| {
                    json!({
                        "name": l.name,
                        "units": l.units,
                        "operations": l.operations,
                        "energy_j": l.energy.si(),
                        "area_m2": l.area.si(),
                        "critical_time_s": l.critical_time.si(),
                        "active_power_w": l.active_power.si(),
                        "assumed": l.assumed,
                    })
                })
                .collect()
        };
        let path = self.estimate.critical_path.iter().map(|&index| {
            let node = &flow.graph[index];
            json!({
                "layer": node.layer.map(|l| flow.layers[l].name.as_str()),
                "component": node.name(),
                "rounds": node.rounds,
                "time_s": self.estimate.cost(index).critical_time.si(),
            })
        });
        let layers = flow.layers.iter().enumerate().map(|(index, l)| {
            json!({
                "name": l.name,
                "inputs": l.grid.inputs,
                "outputs": l.grid.outputs,
                "rows": l.grid.rows,
                "columns": l.grid.columns(),
                "row_partitions": l.grid.row_partitions,
                "column_partitions": l.grid.column_partitions,
                "tiles": l.grid.tiles(),
                "macs": l.macs(),
                "driven_directly": l.driven_directly,
                "crossbar_power_of_ideal": self.of_ideal_power(index),
            })
        });
        json!({
            "format_version": FORMAT_VERSION,
            "name": flow.name,
            "label": flow.label,
            "technology": flow.library,
            "settings": self.settings,
            "totals": totals_json(&self.estimate.totals, &self.estimate.assumed),
            "layers": layers.collect::<Vec<_>>(),
            "by_layer": lines(&self.breakdown.layers),
            "by_component": lines(&self.breakdown.components),
            "by_kind": lines(&self.breakdown.kinds),
            "critical_path": path.collect::<Vec<_>>(),
            "assumptions": flow.assumptions,
        })
    }

    fn records(&self) -> Records {
        let t = &self.estimate.totals;
        let record = |by: &str, l: &Line| {
            vec![
                by.to_owned(),
                l.name.clone(),
                l.units.to_string(),
                l.operations.to_string(),
                l.energy.si().to_string(),
                l.area.si().to_string(),
                l.critical_time.si().to_string(),
                l.active_power.si().to_string(),
            ]
        };
        let sum = |of: fn(&Line) -> u64| self.breakdown.layers.iter().map(of).sum::<u64>();
        let total = Line {
            name: self.estimate.design.name.clone(),
            units: sum(|l| l.units),
            operations: sum(|l| l.operations),
            energy: t.energy,
            area: t.area,
            critical_time: t.latency,
            active_power: self.breakdown.layers.iter().map(|l| l.active_power).sum(),
            assumed: false,
        };
        let mut rows = vec![record("total", &total)];
        for (by, lines) in self.sections() {
            rows.extend(lines.iter().map(|line| record(by, line)));
        }
        let header =
            vec!["by", "name", "units", "operations", "energy_j", "area_m2", "critical_time_s", "active_power_w"];
        Records::of(header, rows)
    }
}
