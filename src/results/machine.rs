//! A machine with all its units at work.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::cost::machine::{LeafCosts, LevelCosts, MachineCosts, UnitCosts};
use crate::design::Design;

/// What `imcost report` finds out of a machine without a network.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MachineReport {
    /// Version of this format.
    pub format_version: u32,
    /// Name of the design.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Name of its technology library.
    pub technology: String,
    /// The `--set` that changed it.
    pub settings: Vec<String>,
    /// Its totals.
    pub totals: MachineTotals,
    /// The machine.
    pub machine: MachineResult,
    /// Its levels, in the order of the file.
    pub by_level: Vec<LevelResult>,
    /// What stands on it, that with the most power first.
    pub by_component: Vec<UnitResult>,
    /// Its levels of arrays.
    pub arrays: Vec<ArrayResult>,
    /// What the file did not state and what was taken for it.
    pub assumptions: Vec<String>,
}

/// Totals of a machine without a network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct MachineTotals {
    /// Power with all units at work.
    pub peak_power_w: f64,
    /// Area of all that there is.
    pub area_m2: f64,
    /// Operations per second where the arrays are never idle, two for each multiply-accumulate.
    pub peak_ops_per_s: f64,
}

/// A machine with all its units at work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct MachineResult {
    /// Power of what is powered, all units at once.
    pub power_w: f64,
    /// Power where the arrays are never idle: what states an energy takes it as often as the arrays need it.
    pub power_at_full_rate_w: f64,
    /// Area of all that there is.
    pub area_m2: f64,
    /// Operations per second, two for each multiply-accumulate.
    pub ops_per_s: f64,
    /// Weights that its arrays hold.
    pub weights: u64,
    /// Energy of an operation where the arrays are never idle.
    pub energy_per_op_j: f64,
    /// 10^12 operations per joule where the arrays are never idle.
    pub tops_per_w: f64,
    /// 10^12 operations per second and square millimetre.
    pub tops_per_mm2: f64,
    /// The part, 0 to 1, of the power that rests on assumed numbers.
    pub assumed_power: f64,
    /// The part, 0 to 1, of the area that rests on assumed numbers.
    pub assumed_area: f64,
}

/// A level of a machine.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LevelResult {
    /// Its name.
    pub name: String,
    /// The level that it is in.
    #[serde(rename = "in")]
    pub within: Option<String>,
    /// Instances in one instance of that level.
    pub each: u64,
    /// Instances in all.
    pub instances: u64,
    /// Those that are powered.
    pub powered: u64,
    /// Power of what stands on one instance itself.
    pub own_power_w: f64,
    /// Area of what stands on one instance itself.
    pub own_area_m2: f64,
    /// Power of one instance with all that is in it.
    pub power_w: f64,
    /// Area of one instance with all that is in it.
    pub area_m2: f64,
}

/// Units of a component on a level.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UnitResult {
    /// The component.
    pub name: String,
    /// The level.
    pub level: String,
    /// Units on one instance of it.
    pub each: f64,
    /// Units in all; not whole where instances share one.
    pub units: f64,
    /// Power of those that are powered.
    pub power_w: f64,
    /// Area of all.
    pub area_m2: f64,
    /// True if any of it rests on an assumed number.
    pub assumed: bool,
}

/// The arrays of a level.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ArrayResult {
    /// The level.
    pub level: String,
    /// Arrays in all.
    pub arrays: u64,
    /// Bits of a weight.
    pub weight_bits: u32,
    /// Bits of an input.
    pub input_bits: u32,
    /// Multiply-accumulates of one product on one array.
    pub macs_per_product: u64,
    /// Time from one product to the next.
    pub time_between_products_s: f64,
    /// The component whose time decides it, the first of equal ones; null where nothing takes time.
    pub limited_by: Option<String>,
    /// Time of the first product.
    pub first_product_s: f64,
}

impl MachineReport {
    /// The result of a machine; `settings` changed the design.
    #[must_use]
    pub fn of(design: &Design, costs: &MachineCosts, settings: &[String]) -> Self {
        let machine = MachineResult::of(costs);
        Self {
            format_version: FORMAT_VERSION,
            name: design.name.clone(),
            label: design.label.clone(),
            technology: design.library.name.clone(),
            settings: settings.to_vec(),
            totals: MachineTotals {
                peak_power_w: machine.power_w,
                area_m2: machine.area_m2,
                peak_ops_per_s: machine.ops_per_s,
            },
            machine,
            by_level: LevelResult::list(costs),
            by_component: UnitResult::list(costs),
            arrays: costs.leaves.iter().map(|leaf| ArrayResult::of(leaf, costs)).collect(),
            assumptions: design.assumptions.clone(),
        }
    }
}

impl MachineResult {
    /// The totals of a machine.
    #[must_use]
    pub fn of(costs: &MachineCosts) -> Self {
        let (power_w, area_m2, ops_per_s) = (costs.power.si(), costs.area.si(), costs.operations.si());
        let sum = |of: fn(&UnitCosts) -> f64| costs.units.iter().map(of).fold(0.0, |a, b| a + b);
        Self {
            power_w,
            power_at_full_rate_w: costs.full_rate.si(),
            area_m2,
            ops_per_s,
            weights: costs.weights,
            energy_per_op_j: costs.energy_per_operation().si(),
            tops_per_w: 1e-12 * ops_per_s / costs.full_rate.si(),
            tops_per_mm2: 1e-18 * ops_per_s / area_m2,
            assumed_power: sum(|u| if u.assumed.power { u.power.si() } else { 0.0 }) / power_w,
            assumed_area: sum(|u| if u.assumed.area { u.area.si() } else { 0.0 }) / area_m2,
        }
    }
}

impl LevelResult {
    /// The levels of a machine, in the order of the file.
    #[must_use]
    pub fn list(costs: &MachineCosts) -> Vec<Self> {
        costs.levels.iter().map(Self::of).collect()
    }

    fn of(level: &LevelCosts) -> Self {
        Self {
            name: level.name.clone(),
            within: level.within.clone(),
            each: level.each,
            instances: level.instances,
            powered: level.powered,
            own_power_w: level.own_power.si(),
            own_area_m2: level.own_area.si(),
            power_w: level.power.si(),
            area_m2: level.area.si(),
        }
    }
}

impl UnitResult {
    /// What stands on a machine, that with the most power first.
    #[must_use]
    pub fn list(costs: &MachineCosts) -> Vec<Self> {
        let mut all: Vec<Self> = costs.units.iter().map(|unit| Self::of(unit, costs)).collect();
        all.sort_by(|a, b| b.power_w.total_cmp(&a.power_w).then(b.area_m2.total_cmp(&a.area_m2)));
        all
    }

    fn of(unit: &UnitCosts, costs: &MachineCosts) -> Self {
        Self {
            name: unit.component.clone(),
            level: costs.levels[unit.level].name.clone(),
            each: unit.each,
            units: unit.units,
            power_w: unit.power.si(),
            area_m2: unit.area.si(),
            assumed: unit.assumed.power || unit.assumed.area,
        }
    }
}

impl ArrayResult {
    fn of(leaf: &LeafCosts, costs: &MachineCosts) -> Self {
        let level = &costs.levels[leaf.level];
        Self {
            level: level.name.clone(),
            arrays: level.instances,
            weight_bits: leaf.weight_bits,
            input_bits: leaf.input_bits,
            macs_per_product: leaf.macs,
            time_between_products_s: leaf.between_products.si(),
            limited_by: leaf.limited_by.clone(),
            first_product_s: leaf.first_product.si(),
        }
    }
}
