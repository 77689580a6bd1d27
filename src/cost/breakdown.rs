//! The totals cut by layer, by component and by kind. Every cut adds up to the totals.

use super::estimate::Estimate;
use super::node::NodeCost;
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

impl Breakdown {
    /// Cuts an estimate.
    #[must_use]
    pub fn of(estimate: &Estimate<'_>) -> Self {
        let mut cut = Self::default();
        for (index, node) in estimate.flow.nodes() {
            let (Some(component), Some(layer)) = (node.component(), node.layer) else { continue };
            let cost = estimate.cost(index);
            let critical = estimate.schedule.critical_path.contains(&index);
            let names = [
                (&mut cut.layers, estimate.flow.layers[layer].name.as_str()),
                (&mut cut.components, &*component.name),
                (&mut cut.kinds, component.kind.name()),
            ];
            for (lines, name) in names {
                add(line_of(lines, name), cost, node.units, node.operations, critical);
            }
        }
        cut
    }
}

fn line_of<'a>(lines: &'a mut Vec<Line>, name: &str) -> &'a mut Line {
    let index = lines.iter().position(|l| l.name == name).unwrap_or_else(|| {
        lines.push(Line { name: name.to_owned(), ..Line::default() });
        lines.len() - 1
    });
    &mut lines[index]
}

fn add(line: &mut Line, cost: &NodeCost, units: u64, operations: u64, critical: bool) {
    line.units += units;
    line.operations += operations;
    line.energy += cost.energy();
    line.area += cost.area;
    line.active_power += cost.active_power;
    if critical {
        line.critical_time += cost.time;
    }
    let a = cost.assumed;
    line.assumed |= a.area || a.time || a.dynamic_energy || a.static_power;
}
