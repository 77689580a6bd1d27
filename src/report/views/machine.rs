//! `imcost report` of a machine without a network: all its units at work.

use super::percent;
use crate::report::{Document, Records, View};
use crate::results::machine::{ArrayResult, LevelResult, MachineReport, MachineResult, UnitResult};
use crate::results::{Answer, CommandResult};
use crate::units::{Area, Energy, Power, Time, eng_number, sig};

/// Components that one screen shows.
const SHOWN: usize = 7;

/// A machine on one screen, or in full.
#[derive(Debug)]
pub struct MachineView {
    result: MachineReport,
    full: bool,
    /// Where each number comes from, if that is asked for.
    sources: Vec<String>,
}

impl MachineView {
    /// A report; `full` shows every line of it, `sources` are lines that say where each number comes from.
    #[must_use]
    pub fn new(result: MachineReport, full: bool, sources: Vec<String>) -> Self {
        Self { result, full, sources }
    }
}

/// The totals of a machine; `header` says of what.
pub(super) fn totals(machine: &MachineResult, arrays: &[ArrayResult], header: &str, document: &mut Document) {
    let mut words: Vec<String> =
        arrays.iter().map(|a| format!("{}-bit weights, {}-bit activations", a.weight_bits, a.input_bits)).collect();
    words.dedup();
    let row = |name: &str, value: String, note: String| vec![name.to_owned(), value, note];
    let rows = vec![
        row("power", Power::new(machine.power_w).eng(4), String::new()),
        row("power at full rate", Power::new(machine.power_at_full_rate_w).eng(4), "what the arrays need".into()),
        row("area", Area::new(machine.area_m2).eng(4), String::new()),
        row("operations per second", eng_number(machine.ops_per_s, 4), words.join("; ")),
        row("energy per operation", Energy::new(machine.energy_per_op_j).eng(4), String::new()),
        row("TOPS/W", sig(machine.tops_per_w, 4), String::new()),
        row("TOPS/mm^2", sig(machine.tops_per_mm2, 4), String::new()),
        row("weights", count(machine.weights as f64), String::new()),
    ];
    let same = (machine.power_at_full_rate_w / machine.power_w - 1.0).abs() < 1e-6;
    let rows = rows.into_iter().filter(|row| !(same && row[0] == "power at full rate")).collect();
    document.table(vec![header, "", ""], rows, 1);
}

/// The levels of a machine.
pub(super) fn levels(levels: &[LevelResult], document: &mut Document) {
    let rows = levels.iter().map(|level| {
        let instances = if level.powered == level.instances {
            level.instances.to_string()
        } else {
            format!("{} of {}", level.powered, level.instances)
        };
        vec![
            level.name.clone(),
            level.within.clone().unwrap_or_else(|| "-".into()),
            level.within.as_ref().map_or_else(|| "-".into(), |_| level.each.to_string()),
            instances,
            Power::new(level.own_power_w).eng(4),
            Area::new(level.own_area_m2).eng(4),
            Power::new(level.power_w).eng(4),
            Area::new(level.area_m2).eng(4),
        ]
    });
    document.title("By level");
    let header = vec!["level", "in", "each in", "all", "own power", "own area", "with contents", "area"];
    document.table(header, rows.collect(), 2);
}

/// A count, short where it is long.
pub(super) fn count(value: f64) -> String {
    match value {
        v if v >= 1e5 => eng_number(v, 4),
        v if v.fract() == 0.0 => format!("{v:.0}"),
        v => sig(v, 4),
    }
}

fn unit_row(unit: &UnitResult, machine: &MachineResult) -> Vec<String> {
    vec![
        if unit.assumed { format!("{} *", unit.name) } else { unit.name.clone() },
        unit.level.clone(),
        count(unit.units),
        Power::new(unit.power_w).eng(4),
        percent(unit.power_w / machine.power_w),
        Area::new(unit.area_m2).eng(4),
        percent(unit.area_m2 / machine.area_m2),
    ]
}

/// What stands on a machine: all, or what takes most of its power or area.
fn units(result: &MachineReport, full: bool, document: &mut Document) {
    let machine = &result.machine;
    let weight = |unit: &UnitResult| (unit.power_w / machine.power_w).max(unit.area_m2 / machine.area_m2);
    let mut order: Vec<&UnitResult> = result.by_component.iter().collect();
    order.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let shown = if full { order.len() } else { SHOWN };
    document.title("By component");
    let header = vec!["component", "level", "units", "power", "", "area", ""];
    document.table(header, order.iter().take(shown).map(|unit| unit_row(unit, machine)).collect(), 2);
    let once = |name: &str| result.by_component.iter().filter(|unit| unit.name == name).count() == 1;
    let rest = order.iter().skip(shown).map(|unit| match once(&unit.name) {
        true => unit.name.clone(),
        false => format!("{} ({})", unit.name, unit.level),
    });
    let rest: Vec<String> = rest.collect();
    if !rest.is_empty() {
        document.line(format!("and {} more: {}", rest.len(), rest.join(", ")));
    }
}

impl View for MachineView {
    fn document(&self) -> Document {
        let r = &self.result;
        let mut document = Document::default();
        document.title(format!("{} ({})", r.name, r.label));
        document.line(format!("technology: {}", r.technology));
        totals(&r.machine, &r.arrays, "machine, all units at work", &mut document);
        levels(&r.by_level, &mut document);
        units(r, self.full, &mut document);
        for arrays in &r.arrays {
            document.paragraph(format!(
                "{}: {} multiply-accumulates of an array every {}{}, the first after {}",
                arrays.level,
                arrays.macs_per_product,
                Time::new(arrays.time_between_products_s).eng(4),
                arrays.limited_by.as_ref().map(|name| format!(" ({name})")).unwrap_or_default(),
                Time::new(arrays.first_product_s).eng(4)
            ));
        }
        document.line(format!(
            "* rests on assumed numbers in part or whole: {} of the power, {} of the area",
            percent(r.machine.assumed_power),
            percent(r.machine.assumed_area)
        ));
        for assumption in &r.assumptions {
            document.line(assumption.clone());
        }
        document.settings(&r.settings);
        if !self.sources.is_empty() {
            document.title("Sources");
            self.sources.iter().for_each(|line| document.line(line.clone()));
        } else if !self.full {
            document.line("`--full` shows every component, `--sources` where each number comes from; a `network` in the file shows what an inference takes");
        }
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Machine(Box::new(self.result.clone())))
    }

    fn records(&self) -> Records {
        let rows = self.result.by_component.iter().map(|unit| {
            vec![
                unit.name.clone(),
                unit.level.clone(),
                unit.each.to_string(),
                unit.units.to_string(),
                unit.power_w.to_string(),
                unit.area_m2.to_string(),
            ]
        });
        Records::of(vec!["name", "level", "each", "units", "power_w", "area_m2"], rows.collect())
    }
}
