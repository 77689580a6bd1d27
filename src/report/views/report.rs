//! `imcost report`: totals and breakdown of one design.

use super::{assumed_text, percent};
use crate::report::{Document, Records, View};
use crate::results::network::{NetworkLayerResult, WholesResult};
use crate::results::report::{LayerResult, LineResult, PathStep};
use crate::results::{Answer, CommandResult, ReportResult};
use crate::units::{Area, Energy, Power, Time, sig};

/// Components and groups that one screen shows.
const SHOWN: usize = 6;
/// Layers that one screen shows, and those of them that come first.
const SHOWN_LAYERS: usize = 9;
const SHOWN_FIRST: usize = 5;

/// Totals and breakdown of one design: on one screen, or in full.
#[derive(Debug)]
pub struct ReportView {
    result: ReportResult,
    full: bool,
    /// Where each number comes from, if that is asked for.
    sources: Vec<String>,
}

impl ReportView {
    /// A report; `full` shows every line of it. `sources` are lines that say where each number comes from.
    #[must_use]
    pub fn new(result: ReportResult, full: bool, sources: Vec<String>) -> Self {
        Self { result, full, sources }
    }

    fn sections(&self) -> [(&'static str, &[LineResult]); 3] {
        let r = &self.result;
        [("layer", &r.by_layer), ("component", &r.by_component), ("kind", &r.by_kind)]
    }

    fn totals_table(&self, document: &mut Document) {
        let t = &self.result.totals;
        let interval = t.initiation_interval_s != t.latency_s;
        let cells = |cells: [(&str, String); 2]| {
            cells.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect::<Vec<_>>()
        };
        let power = if interval { "power (energy / interval)" } else { "power (energy / latency)" };
        let mut rows = vec![
            cells([(power, Power::new(t.power_w).eng(4)), ("area", Area::new(t.area_m2).eng(4))]),
            cells([("peak power", Power::new(t.peak_power_w).eng(4)), ("multiply-accumulates", t.macs.to_string())]),
            cells([("latency", Time::new(t.latency_s).eng(4)), ("TOPS/W", sig(t.tops_per_w, 4))]),
            cells([("energy", Energy::new(t.energy_j).eng(4)), ("TOPS/mm^2", sig(t.tops_per_mm2, 4))]),
        ];
        if interval {
            let text = Time::new(t.initiation_interval_s).eng(4);
            rows.push(cells([("initiation interval", text), ("TOPS", sig(t.tops, 4))]));
        }
        document.table(vec!["per inference", "", "", ""], rows, 1);
    }

    fn layer_shapes(&self, document: &mut Document) {
        let rows = self.result.layers.iter().map(|layer| {
            let driven = if layer.driven_directly { "voltages of the layer before" } else { "input chain" };
            vec![
                layer.name.clone(),
                driven.to_owned(),
                format!("{} x {}", layer.rows, layer.columns),
                format!("{} x {}", layer.tile_rows, layer.tile_columns),
                format!("{} x {}", layer.row_partitions, layer.column_partitions),
                layer.tiles.to_string(),
                layer.crossbar_power_of_ideal.map_or_else(|| "-".into(), percent),
            ]
        });
        let header = vec!["layer", "rows driven by", "matrix", "tile", "grid", "tiles", "power of ideal"];
        document.table(header, rows.collect(), 2);
    }

    fn line_row(&self, line: &LineResult) -> Vec<String> {
        let t = &self.result.totals;
        vec![
            if line.assumed { format!("{} *", line.name) } else { line.name.clone() },
            line.units.to_string(),
            Energy::new(line.energy_j).eng(4),
            percent(line.energy_j / t.energy_j),
            Area::new(line.area_m2).eng(4),
            percent(line.area_m2 / t.area_m2),
            Time::new(line.critical_time_s).eng(4),
            percent(line.critical_time_s / t.latency_s),
        ]
    }

    fn breakdown(&self, name: &'static str, lines: &[LineResult], document: &mut Document) {
        document.title(format!("By {name}"));
        let header = vec![name, "units", "energy", "", "area", "", "critical time", ""];
        document.table(header, lines.iter().map(|line| self.line_row(line)).collect(), 1);
    }

    /// The components that take most energy, area or time; what is left in one line.
    fn largest_components(&self, document: &mut Document) {
        let lines = &self.result.by_component;
        let t = &self.result.totals;
        let weight = |line: &LineResult| {
            (line.energy_j / t.energy_j).max(line.area_m2 / t.area_m2).max(line.critical_time_s / t.latency_s)
        };
        let mut order: Vec<&LineResult> = lines.iter().collect();
        order.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let shown: Vec<LineResult> = order.iter().take(SHOWN).map(|line| (*line).clone()).collect();
        self.breakdown("component", &shown, document);
        let rest: Vec<&str> = order.iter().skip(SHOWN).map(|line| line.name.as_str()).collect();
        if !rest.is_empty() {
            document.line(format!("and {} more: {}", rest.len(), rest.join(", ")));
        }
    }

    /// What an inference takes on each level of the machine.
    fn levels(&self, document: &mut Document) {
        let r = &self.result;
        let Some(machine) = &r.machine else { return };
        document.line(format!(
            "machine: {}, {}, {} operations per second with all units at work; an inference every {} makes {} of them",
            Power::new(machine.power_w).eng(4),
            Area::new(machine.area_m2).eng(4),
            crate::units::eng_number(machine.ops_per_s, 4),
            Time::new(r.totals.initiation_interval_s).eng(4),
            percent(1e12 * r.totals.tops / machine.ops_per_s),
        ));
        let rows = r.by_level.iter().map(|level| {
            vec![
                level.level.name.clone(),
                level.level.instances.to_string(),
                Energy::new(level.energy_j).eng(4),
                percent(level.energy_j / r.totals.energy_j),
                bytes(level.moved_bytes),
                level.busiest.clone().unwrap_or_else(|| "-".into()),
            ]
        });
        document.title("By level");
        document.table(vec!["level", "instances", "energy", "", "moved", "most of it"], rows.collect(), 1);
    }

    /// The layers of a network: on one screen the first and the last of them.
    fn network(&self, document: &mut Document) {
        let r = &self.result;
        if r.network.is_empty() {
            return;
        }
        let layers: Vec<&NetworkLayerResult> = r.network.iter().filter(|l| self.full || l.matrices.is_some()).collect();
        // Arrays of two kinds may be shared out in parts of two levels.
        let one = r.wholes.iter().all(|wholes| wholes.level == r.wholes[0].level);
        let whole = r.wholes.first().map(|wholes| if one { format!("{}s", wholes.level) } else { "wholes".into() });
        let mut header = vec!["layer", "matrix", "products", "arrays", "copies"];
        header.extend(whole.as_deref());
        header.extend(["time", "cells used"]);
        let cut = !self.full && layers.len() > SHOWN_LAYERS;
        let mut rows: Vec<Vec<String>> = layers.iter().map(|layer| network_row(layer, whole.is_some())).collect();
        if cut {
            let skipped = rows.len() - SHOWN_LAYERS + 1;
            rows.splice(SHOWN_FIRST..SHOWN_FIRST + skipped, [vec![format!("{skipped} more")]]);
            rows[SHOWN_FIRST].resize(header.len(), String::new());
        }
        document.title("Layers");
        document.table(header, rows, 1);
        for wholes in &r.wholes {
            let WholesResult { level, used, there, without_copies, longest_layer_without_copies_s } = wholes;
            let longest = longest_layer_without_copies_s.map(|time| Time::new(time).eng(4));
            let longest = longest.map_or_else(String::new, |longest| format!(", and {longest} for the longest layer"));
            let rest = if used == without_copies {
                String::new()
            } else {
                format!("; without copies {without_copies}{longest}")
            };
            document.line(format!("{level}s: {used} of {there}{rest}"));
        }
    }

    fn path_row(&self, step: &PathStep) -> Vec<String> {
        vec![
            step.layer.clone().unwrap_or_default(),
            step.component.clone(),
            step.rounds.to_string(),
            Time::new(step.time_s).eng(4),
            percent(step.time_s / self.result.totals.latency_s),
        ]
    }

    fn critical_path(&self, document: &mut Document) {
        let steps = &self.result.critical_path;
        if self.full {
            document.title("Critical path");
            let header = vec!["layer", "component", "operations in turn", "time", "of latency"];
            document.table(header, steps.iter().map(|step| self.path_row(step)).collect(), 2);
            return;
        }
        let mut order: Vec<&PathStep> = steps.iter().collect();
        order.sort_by(|a, b| b.time_s.total_cmp(&a.time_s));
        let longest = order.iter().take(3).map(|step| {
            let layer = step.layer.as_ref().map(|layer| format!("{layer} / ")).unwrap_or_default();
            let share = percent(step.time_s / self.result.totals.latency_s);
            format!("{layer}{} {} ({share})", step.component, Time::new(step.time_s).eng(4))
        });
        document.paragraph(format!("longest on the critical path: {}", longest.collect::<Vec<_>>().join(", ")));
    }

    fn layers_line(&self) -> String {
        let one = |layer: &LayerResult| {
            let left = layer.crossbar_power_of_ideal.map(|left| format!(", {} of ideal power", percent(left)));
            let tiles = if layer.tiles == 1 { "1 tile".to_owned() } else { format!("{} tiles", layer.tiles) };
            format!("{} {} x {} on {tiles}{}", layer.name, layer.rows, layer.columns, left.unwrap_or_default())
        };
        match self.result.layers.as_slice() {
            layers if layers.len() <= 4 => layers.iter().map(one).collect::<Vec<_>>().join("; "),
            layers => {
                let tiles: u64 = layers.iter().map(|l| l.tiles).sum();
                format!("{} layers on {tiles} tiles", layers.len())
            }
        }
    }
}

/// A layer with its arrays, or without any.
fn network_row(layer: &NetworkLayerResult, with_wholes: bool) -> Vec<String> {
    let time = Time::new(layer.time_s).eng(4);
    let Some(m) = &layer.matrices else {
        let operations = if layer.value_operations > 0 { layer.value_operations.to_string() } else { "-".into() };
        let what = format!("{} {}", layer.kind, layer.output);
        let mut row = vec![layer.name.clone(), what, operations, "-".into(), "-".into()];
        row.extend(with_wholes.then(|| "-".to_owned()));
        row.extend([time, "-".into()]);
        return row;
    };
    let groups = if m.groups == 1 { String::new() } else { format!("{} of ", m.groups) };
    let matrix = format!("{groups}{} x {}", m.rows, m.columns);
    let mut row = vec![layer.name.clone(), matrix, m.products.to_string(), m.arrays.to_string(), m.copies.to_string()];
    row.extend(with_wholes.then(|| m.wholes.map_or_else(|| "-".into(), |wholes| wholes.to_string())));
    row.extend([time, percent(m.cells_used)]);
    row
}

/// Bytes with their prefix; nothing of none.
fn bytes(bytes: f64) -> String {
    if bytes == 0.0 {
        return "-".into();
    }
    let number = crate::units::eng_number(bytes, 3);
    let space = if number.contains(' ') { "" } else { " " };
    format!("{number}{space}B")
}

impl View for ReportView {
    fn document(&self) -> Document {
        let r = &self.result;
        let mut document = Document::default();
        document.title(format!("{} ({})", r.name, r.label));
        document.line(format!("technology: {}", r.technology));
        if !self.full {
            document.line(self.layers_line());
        }
        self.totals_table(&mut document);
        self.network(&mut document);
        self.levels(&mut document);
        if self.full {
            self.layer_shapes(&mut document);
            self.breakdown("layer", &r.by_layer, &mut document);
            self.breakdown("component", &r.by_component, &mut document);
            // Where every kind is one component its lines would say the same twice.
            if r.by_kind.len() < r.by_component.len() {
                self.breakdown("kind", &r.by_kind, &mut document);
            }
        } else {
            self.largest_components(&mut document);
        }
        self.critical_path(&mut document);
        if self.full {
            document.title("What rests on assumed numbers");
        }
        document
            .line(format!("* rests on assumed numbers in part or whole: {}", assumed_text(&r.totals.assumed_fraction)));
        for assumption in &r.assumptions {
            document.line(assumption.clone());
        }
        document.settings(&r.settings);
        if !self.sources.is_empty() {
            document.title("Sources");
            self.sources.iter().for_each(|line| document.line(line.clone()));
        } else if self.full {
            document.line("`--sources` lists where each number comes from");
        } else {
            document.line("`--full` shows every layer and the whole path, `--sources` where each number comes from");
        }
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Report(Box::new(self.result.clone())))
    }

    fn records(&self) -> Records {
        let r = &self.result;
        let record = |by: &str, l: &LineResult| {
            vec![
                by.to_owned(),
                l.name.clone(),
                l.units.to_string(),
                l.operations.to_string(),
                l.energy_j.to_string(),
                l.area_m2.to_string(),
                l.critical_time_s.to_string(),
                l.active_power_w.to_string(),
            ]
        };
        let sum = |of: fn(&LineResult) -> u64| r.by_layer.iter().map(of).sum::<u64>();
        let total = LineResult {
            name: r.name.clone(),
            units: sum(|l| l.units),
            operations: sum(|l| l.operations),
            energy_j: r.totals.energy_j,
            area_m2: r.totals.area_m2,
            critical_time_s: r.totals.latency_s,
            active_power_w: r.by_layer.iter().map(|l| l.active_power_w).sum(),
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
