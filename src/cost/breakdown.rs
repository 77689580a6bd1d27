//! The totals cut by layer, by component and by kind. Every cut adds up to the totals.

use indexmap::IndexMap;

use super::estimate::{Estimate, GroupCost};
use crate::units::{Area, Energy, Power, Time};

/// One line of a breakdown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// Layer, component or kind.
    pub name: String,
    /// How many units.
    pub units: u64,
    /// Operations per inference.
    pub operations: u64,
    /// Energy of one inference.
    pub energy: Energy,
    /// Area.
    pub area: Area,
    /// Time on the critical path.
    pub critical_time: Time,
    /// Power while all units work at once.
    pub active_power: Power,
    /// True if any of it rests on an assumed number.
    pub assumed: bool,
}

/// A design's totals in parts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Breakdown {
    /// By layer, in the order of computation.
    pub layers: Vec<Line>,
    /// By component, in the order in which the signal meets them.
    pub components: Vec<Line>,
    /// By kind of component, likewise.
    pub kinds: Vec<Line>,
}

/// The line of what stands on a machine and belongs to no layer.
const MACHINE: &str = "machine";

/// Lines by name, in the order in which they are met.
type CutLines<'a> = IndexMap<&'a str, Line>;

impl Breakdown {
    /// Cuts an estimate.
    #[must_use]
    pub fn of(estimate: &Estimate<'_>) -> Self {
        let (mut layers, mut components, mut kinds) = (CutLines::new(), CutLines::new(), CutLines::new());
        for (index, node) in estimate.design.nodes() {
            let Some(component) = node.component() else { continue };
            let cost = estimate.cost(index);
            // What stands on a machine is that of no layer.
            let layer = estimate.design.layer_name(node).unwrap_or(MACHINE);
            let names =
                [(&mut layers, layer), (&mut components, &*component.name), (&mut kinds, component.kind.name())];
            for (lines, name) in names {
                let line = lines.entry(name).or_insert_with(|| Line { name: name.to_owned(), ..Line::default() });
                // Of what stands on a machine only what layers make use of is counted.
                let units = if node.step.is_some() { node.units } else { 0 };
                add(line, cost, units, node.operations);
            }
        }
        let list = |lines: CutLines<'_>| lines.into_values().collect();
        Self { layers: list(layers), components: list(components), kinds: list(kinds) }
    }
}

fn add(line: &mut Line, cost: &GroupCost, units: u64, operations: u64) {
    line.units += units;
    line.operations += operations;
    line.energy += cost.energy();
    line.area += cost.area;
    line.active_power += cost.active_power;
    line.critical_time += cost.critical_time;
    line.assumed |= cost.assumed;
}
