//! What a machine costs with all its units at work, whatever it computes.

use petgraph::graph::NodeIndex;

use super::estimate::{Estimate, GroupCost, NoEstimate, estimate};
use super::plan::tape::{Num, Register};
use crate::design::Node;
use crate::design::machine::{ArrayLevel, LevelUnits, Machine};
use crate::techlib::{Basis, Component};
use crate::units::{Area, Energy, Frequency, Power, Time};

/// A machine with all its units at work.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineCosts {
    /// Power of what is powered, all units at once.
    pub power: Power,
    /// Power of what is powered where the arrays are never idle: what states an energy takes it as often as the arrays need it.
    pub full_rate: Power,
    /// Area of all that there is.
    pub area: Area,
    /// Operations per second, two for each multiply-accumulate, where the arrays are never idle.
    pub operations: Frequency,
    /// Weights that its arrays hold.
    pub weights: u64,
    /// Its levels, in the order of the file.
    pub levels: Vec<LevelCosts>,
    /// What stands on it, in the order of the levels.
    pub units: Vec<UnitCosts>,
    /// Its levels of arrays.
    pub leaves: Vec<LeafCosts>,
}

/// What a level costs.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelCosts {
    /// Its name.
    pub name: String,
    /// The level that it is in.
    pub within: Option<String>,
    /// Instances in one instance of that level.
    pub each: u64,
    /// Instances in all.
    pub instances: u64,
    /// Those that are powered.
    pub powered: u64,
    /// Power of what stands on one instance itself.
    pub own_power: Power,
    /// Area of what stands on one instance itself.
    pub own_area: Area,
    /// Power of one instance with all that is in it.
    pub power: Power,
    /// Area of one instance with all that is in it.
    pub area: Area,
}

/// What the units of a component on a level cost.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitCosts {
    /// The component.
    pub component: String,
    /// The level.
    pub level: usize,
    /// Units on one instance.
    pub each: f64,
    /// Units on all instances.
    pub units: f64,
    /// Power of those that are powered, all at once.
    pub power: Power,
    /// Power of those that are powered where the arrays are never idle.
    pub full_rate: Power,
    /// Area of all.
    pub area: Area,
    /// Which of it rests on assumed numbers.
    pub assumed: WeakFigures,
    /// Which of it rests on numbers that were set so that a result comes out.
    pub fitted: WeakFigures,
}

/// Which figures rest on numbers of a basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WeakFigures {
    /// Power.
    pub power: bool,
    /// Area.
    pub area: bool,
    /// Latency or rate.
    pub time: bool,
}

/// What the arrays of a level compute.
#[derive(Debug, Clone, PartialEq)]
pub struct LeafCosts {
    /// The level.
    pub level: usize,
    /// Time from one product of all rows with all outputs to the next.
    pub between_products: Time,
    /// The component whose time decides it, the first of equal ones.
    pub limited_by: Option<String>,
    /// Time of the first product.
    pub first_product: Time,
    /// Multiply-accumulates of one product on one array.
    pub macs: u64,
    /// Bits of a weight.
    pub weight_bits: u32,
    /// Bits of an input.
    pub input_bits: u32,
}

impl MachineCosts {
    /// Energy of an operation where the arrays are never idle.
    #[must_use]
    pub fn energy_per_operation(&self) -> Energy {
        Energy::new(self.full_rate.si() / self.operations.si())
    }

    /// Adds up a machine.
    ///
    /// # Errors
    /// A total is not a positive, finite number.
    pub fn of(machine: &Machine) -> Result<Self, NoEstimate> {
        let estimates = machine.leaves.iter().map(|leaf| estimate(&leaf.design)).collect::<Result<Vec<_>, _>>()?;
        let mut units: Vec<UnitCosts> =
            machine.units.iter().map(|listed| listed_costs(machine, listed, &estimates)).collect();
        let mut leaves = Vec::with_capacity(machine.leaves.len());
        for (leaf, estimate) in machine.leaves.iter().zip(&estimates) {
            leaves.push(leaf_costs(machine, leaf, estimate, &mut units));
        }
        let levels = level_costs(machine, &units);
        let sum = |of: fn(&UnitCosts) -> f64| units.iter().map(of).fold(0.0, |a, b| a + b);
        let (power, area) = (Power::new(sum(|u| u.power.si())), Area::new(sum(|u| u.area.si())));
        let full_rate = Power::new(sum(|u| u.full_rate.si()));
        let rate = |leaf: &LeafCosts| {
            2.0 * leaf.macs as f64 * machine.levels[leaf.level].powered as f64 / leaf.between_products.si()
        };
        let operations = Frequency::new(leaves.iter().map(rate).fold(0.0, |a, b| a + b));
        let held = |leaf: &LeafCosts| leaf.macs.saturating_mul(machine.levels[leaf.level].instances);
        let weights = leaves.iter().map(held).fold(0, u64::saturating_add);
        Ok(Self { power, full_rate, area, operations, weights, levels, units, leaves })
    }
}

/// Power of a unit at work: what it draws all the time, and its energy as often as it can work.
#[must_use]
pub fn unit_power(component: &Component) -> Power {
    let still = component.static_power.as_ref().map_or(Power::ZERO, |f| f.value);
    let working = match (&component.power, &component.energy) {
        (Some(power), _) => power.value,
        (None, Some(energy)) => {
            let rate = component.rate.as_ref().map(|f| f.value);
            let rate = rate.or(component
                .latency
                .as_ref()
                .filter(|f| f.value > Time::ZERO)
                .map(|f| Frequency::new(1.0 / f.value.si())));
            rate.map_or(Power::ZERO, |rate| Power::new(energy.value.si() * rate.si()))
        }
        (None, None) => Power::ZERO,
    };
    still + working
}

impl WeakFigures {
    fn of(component: &Component, basis: Basis) -> Self {
        fn has<Q>(figure: &Option<crate::techlib::Figure<Q>>, basis: Basis) -> bool {
            figure.as_ref().is_some_and(|f| f.provenance.basis == basis)
        }
        let time = has(&component.latency, basis) || has(&component.rate, basis);
        // What it works at matters for the power of what states an energy alone.
        let working = match component.power {
            Some(_) => has(&component.power, basis),
            None => component.energy.is_some() && (has(&component.energy, basis) || time),
        };
        Self { power: working || has(&component.static_power, basis), area: has(&component.area, basis), time }
    }
}

fn listed_costs(machine: &Machine, listed: &LevelUnits, estimates: &[Estimate<'_>]) -> UnitCosts {
    let (component, level) = (&listed.component, &machine.levels[listed.level]);
    let (units, powered) = (listed.each * level.instances as f64, listed.each * level.powered as f64);
    let all_at_once = unit_power(component) * powered;
    // What the arrays make use of works at their pace.
    let mut pace: Option<Power> = None;
    for (leaf, estimate) in machine.leaves.iter().zip(estimates) {
        let used = |node: &Node| node.on_level && node.level == Some(listed.level) && node.name() == &*component.name;
        for (index, _) in leaf.design.nodes().filter(|(_, node)| used(node)) {
            let share = machine.levels[leaf.level].powered as f64 / leaf.arrays as f64;
            pace = Some(pace.unwrap_or_default() + energy_at_pace(estimate, index) * share);
        }
    }
    let stated = component.static_power.as_ref().map_or(Power::ZERO, |f| f.value)
        + component.power.as_ref().map_or(Power::ZERO, |f| f.value);
    let at_pace = pace.map_or(all_at_once, |pace| stated * powered + pace);
    // Arrays of two kinds may ask for more than there is; what takes no time is there as often as it is asked for.
    let timed = component.rate.is_some() || component.latency.as_ref().is_some_and(|f| f.value > Time::ZERO);
    let full_rate = if timed { at_pace.min(all_at_once) } else { at_pace };
    UnitCosts {
        component: component.name.to_string(),
        level: listed.level,
        each: listed.each,
        units,
        power: all_at_once.max(full_rate),
        full_rate,
        area: component.area.as_ref().map_or(Area::ZERO, |f| f.value) * units,
        assumed: WeakFigures::of(component, Basis::Assumed),
        fitted: WeakFigures::of(component, Basis::Fitted),
    }
}

/// Power of the energies that the operations of a group take from one product to the next.
fn energy_at_pace(estimate: &Estimate<'_>, group: NodeIndex) -> Power {
    let energy = estimate.operation_energy(group);
    Power::new(energy.si() / estimate.totals.initiation_interval.si())
}

/// Of a crossbar whose power follows from its cells the estimate knows what that rests on.
fn assumed_of_group(component: &Component, cost: &GroupCost) -> WeakFigures {
    let stated = WeakFigures::of(component, Basis::Assumed);
    let Some(array) = &component.crossbar else { return stated };
    let area = array.cell_width.is_assumed() || array.cell_height.is_assumed();
    WeakFigures { power: cost.assumed_power, area, ..stated }
}

fn leaf_costs(machine: &Machine, leaf: &ArrayLevel, estimate: &Estimate<'_>, units: &mut Vec<UnitCosts>) -> LeafCosts {
    let design = &*leaf.design;
    let level = &machine.levels[leaf.level];
    for (index, node) in design.nodes() {
        let Some(component) = node.component().filter(|_| !node.on_level) else { continue };
        let (cost, each) = (estimate.cost(index), node.units as f64 / leaf.arrays as f64);
        let share = |instances: u64| instances as f64 / leaf.arrays as f64;
        // What follows from cells is drawn while they are read; what a table states it states of units at work.
        let full_rate = match component.crossbar {
            Some(_) => Power::new(cost.energy().si() / estimate.totals.initiation_interval.si()),
            None => estimate.stated_power(index) + energy_at_pace(estimate, index),
        };
        units.push(UnitCosts {
            component: component.name.to_string(),
            level: leaf.level,
            each,
            units: each * level.instances as f64,
            // What takes no time has no power of its own.
            power: cost.active_power.max(full_rate) * share(level.powered),
            full_rate: full_rate * share(level.powered),
            area: cost.area * share(level.instances),
            assumed: assumed_of_group(component, cost),
            fitted: WeakFigures::of(component, Basis::Fitted),
        });
    }
    let layer = &design.layers[0];
    LeafCosts {
        level: leaf.level,
        between_products: estimate.totals.initiation_interval,
        limited_by: limiting(estimate),
        first_product: estimate.totals.latency,
        macs: layer.macs() / leaf.arrays,
        weight_bits: layer.cells.bits,
        input_bits: input_bits(design, layer.circuits.crossbar),
    }
}

/// The component whose time is the largest part of the time between two products.
fn limiting(estimate: &Estimate<'_>) -> Option<String> {
    let plan = &estimate.plan;
    let of = |time: Option<Num<Time>>| time.map(Num::register);
    let times: Vec<Register> = plan.groups.iter().flat_map(|g| [of(g.busy), of(g.through)]).flatten().collect();
    let by = plan.tape().derivatives(plan.totals.interval.register(), plan.values_si(), &times);
    let part = |register: Option<Register>| register.map_or(0.0, |r| by[r.index()] * plan.values_si()[r.index()]);
    let mut longest: Option<(f64, &str)> = None;
    for (group, node) in plan.groups.iter().zip(estimate.design.graph.node_weights()) {
        let (busy, through) = (of(group.busy), of(group.through));
        let time = part(busy) + if busy == through { 0.0 } else { part(through) };
        if time > longest.map_or(0.0, |(most, _)| most) {
            longest = Some((time, node.name()));
        }
    }
    longest.map(|(_, name)| name.to_owned())
}

fn input_bits(design: &crate::design::Design, crossbar: NodeIndex) -> u32 {
    design.graph[crossbar].layer.map_or(design.input_bits, |layer| design.layers[layer].circuits.arriving.bits)
}

fn level_costs(machine: &Machine, units: &[UnitCosts]) -> Vec<LevelCosts> {
    let mut levels: Vec<LevelCosts> = machine
        .levels
        .iter()
        .enumerate()
        .map(|(index, level)| {
            let own = || units.iter().filter(move |u| u.level == index);
            let power = own().map(|u| u.power.si()).fold(0.0, |a, b| a + b) / level.powered as f64;
            let area = own().map(|u| u.area.si()).fold(0.0, |a, b| a + b) / level.instances as f64;
            LevelCosts {
                name: level.name.clone(),
                within: level.within.map(|at| machine.levels[at].name.clone()),
                each: level.count,
                instances: level.instances,
                powered: level.powered,
                own_power: Power::new(power),
                own_area: Area::new(area),
                power: Power::new(power),
                area: Area::new(area),
            }
        })
        .collect();
    // From the innermost: each is whole before it is added to what it is in.
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by_key(|level| std::cmp::Reverse(machine.enclosing(*level).count()));
    for level in order {
        let Some(within) = machine.levels[level].within else { continue };
        let (power, area) = (levels[level].power, levels[level].area);
        levels[within].power += power * machine.levels[level].powered_each as f64;
        levels[within].area += area * machine.levels[level].count as f64;
    }
    levels
}
