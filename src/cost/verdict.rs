//! What decides the ratios of two designs: where the totals come from, what another gating would make of them, which of the numbers that somebody
//! stated move them, and which value of one of these makes a ratio what somebody claims.
//!
//! A number that both designs rest on moves both: a ratio b / c follows it with the elasticity of b less that of c.

use std::collections::BTreeMap;

use super::breakdown::{Breakdown, Line};
use super::compare::Ratios;
use super::estimate::{Estimate, NoEstimate, estimate};
use super::placed::PlacedNumber;
use super::plan::tape::Register;
use super::plan::{Plan, Scratch};
use super::totals::Totals;
use crate::design::{Design, Gating};
use crate::units::Quantity;

/// A ratio of two designs, baseline over candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Average power.
    Power,
    /// Latency.
    Latency,
    /// Energy of an inference.
    Energy,
    /// Area.
    Area,
}

impl Metric {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Power, Self::Latency, Self::Energy, Self::Area];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::Latency => "latency",
            Self::Energy => "energy",
            Self::Area => "area",
        }
    }

    /// Baseline over candidate.
    #[must_use]
    pub fn ratio(self, ratios: &Ratios) -> f64 {
        match self {
            Self::Power => ratios.power,
            Self::Latency => ratios.latency,
            Self::Energy => ratios.energy,
            Self::Area => ratios.area,
        }
    }

    fn of_totals(self, totals: &Totals) -> f64 {
        match self {
            Self::Power => totals.power.si(),
            Self::Latency => totals.latency.si(),
            Self::Energy => totals.energy.si(),
            Self::Area => totals.area.si(),
        }
    }

    fn register(self, plan: &Plan) -> Register {
        match self {
            Self::Power => plan.totals.power.register(),
            Self::Latency => plan.totals.latency.register(),
            Self::Energy => plan.totals.energy.register(),
            Self::Area => plan.totals.area.register(),
        }
    }

    /// What of a component it is made of: average power comes from where the energy does.
    fn of_line(self, line: &Line) -> f64 {
        match self {
            Self::Power | Self::Energy => line.energy.si(),
            Self::Latency => line.critical_time.si(),
            Self::Area => line.area.si(),
        }
    }
}

/// The component that most of a total comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Largest {
    /// The component.
    pub component: String,
    /// Its part of the total.
    pub share: f64,
}

/// The component that most of a total comes from; none of a design without components.
#[must_use]
pub fn largest(breakdown: &Breakdown, metric: Metric) -> Option<Largest> {
    let whole: f64 = breakdown.components.iter().map(|line| metric.of_line(line)).sum();
    let most = breakdown.components.iter().rev().max_by(|a, b| metric.of_line(a).total_cmp(&metric.of_line(b)))?;
    let share = if whole > 0.0 { metric.of_line(most) / whole } else { 0.0 };
    Some(Largest { component: most.name.clone(), share })
}

/// The ratios if both designs were gated the other way than the baseline is.
///
/// # Errors
/// If a design has no totals then.
pub fn otherwise_gated(baseline: &Design, candidate: &Design) -> Result<(Gating, Ratios), NoEstimate> {
    let other = match baseline.gating {
        Gating::AlwaysOn => Gating::PerStage,
        Gating::PerStage => Gating::AlwaysOn,
    };
    let gated = |design: &Design| Design { gating: other, ..design.clone() };
    let (baseline, candidate) = (gated(baseline), gated(candidate));
    Ok((other, super::compare(&estimate(&baseline)?, &estimate(&candidate)?).ratios))
}

/// A number that somebody stated and that a ratio follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Mover {
    /// What it is called in settings.
    pub name: String,
    /// Its value.
    pub value: Quantity,
    /// By how many percent the ratio grows where the number grows by one percent, in both designs.
    pub elasticity: f64,
    /// True if it is an assumption.
    pub assumed: bool,
}

/// The numbers that the ratios of two designs follow.
pub struct Movers {
    sides: [(Plan, Design); 2],
}

/// A stated number of one design.
struct StatedNumber {
    value: Quantity,
    assumed: bool,
    register: Register,
}

impl Movers {
    /// Of these designs.
    #[must_use]
    pub fn of(baseline: &Estimate<'_>, candidate: &Estimate<'_>) -> Self {
        let side = |estimate: &Estimate<'_>| (Plan::down_to_the_stated(estimate.design), estimate.design.clone());
        Self { sides: [side(baseline), side(candidate)] }
    }

    /// The numbers that a ratio follows, the strongest first; of equal ones the first by name.
    #[must_use]
    pub fn list(&self, metric: Metric) -> Vec<Mover> {
        let mut movers: BTreeMap<String, Mover> = BTreeMap::new();
        for ((plan, design), sign) in self.sides.iter().zip([1.0, -1.0]) {
            let tape = plan.tape();
            let total = metric.register(plan);
            let slopes = tape.derivatives(total, plan.values_si(), &[]);
            for (name, StatedNumber { value, assumed, register }) in stated_numbers(plan, design) {
                let elasticity = slopes[register.index()] * value.si / plan.values_si()[total.index()];
                let mover = movers.entry(name.clone()).or_insert(Mover { name, value, elasticity: 0.0, assumed });
                mover.elasticity += sign * elasticity;
            }
        }
        let mut list: Vec<Mover> = movers.into_values().filter(|mover| mover.elasticity.abs() > 1e-9).collect();
        list.sort_by(|a, b| b.elasticity.abs().total_cmp(&a.elasticity.abs()).then_with(|| a.name.cmp(&b.name)));
        list
    }
}

fn stated_numbers<'p>(plan: &'p Plan, design: &'p Design) -> impl Iterator<Item = (String, StatedNumber)> + 'p {
    let tape = plan.tape();
    let registers = tape.leaf_registers.iter().zip(&tape.leaves);
    registers.filter_map(move |(&register, leaf)| {
        let name = name(design, leaf.number?)?;
        Some((name, StatedNumber { value: tape.quantity(register), assumed: leaf.assumed, register }))
    })
}

/// What a number is called in settings and in [`Plan::open`].
fn name(design: &Design, number: PlacedNumber) -> Option<String> {
    let of_layer = |node: petgraph::graph::NodeIndex, field: &str| {
        let layer = design.layers.get(design.graph[node].layer?)?;
        Some(format!("layers.{}.{field}", layer.name))
    };
    match number {
        PlacedNumber::OfLibrary(id) => Some(design.library.numbers.get(id).path.to_string()),
        PlacedNumber::ActiveRows(node) => of_layer(node, "active-rows"),
        PlacedNumber::MeanLevel(node) => of_layer(node, "mean"),
        PlacedNumber::LowResistance(node) => of_layer(node, "low-resistance"),
        PlacedNumber::Period => Some("period".into()),
    }
}

/// Where a ratio becomes what somebody claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached {
    /// The number.
    pub mover: Mover,
    /// The value nearest to its own at which both designs together have the ratio; none up to a thousand times more or less.
    pub value: Option<Quantity>,
}

/// How far a number is followed.
const FACTOR: f64 = 1e3;
/// Values that are tried on each side, equally far from each other on a logarithmic scale.
const TRIED: u32 = 90;
const BISECTIONS: usize = 50;

/// For each number the value at which a ratio is this one, all other numbers being as they are.
#[must_use]
pub fn reached(
    (baseline, candidate): (&Estimate<'_>, &Estimate<'_>),
    metric: Metric,
    target: f64,
    movers: Vec<Mover>,
) -> Vec<Reached> {
    let ratio = |name: &str| {
        let sides = [baseline, candidate].map(|side| OpenSide::of(side, name));
        move |value_si: f64| -> Option<f64> {
            let [b, c] = &sides;
            Some(metric.of_totals(&b.with(value_si)?) / metric.of_totals(&c.with(value_si)?))
        }
    };
    let of = |mover: Mover| {
        let missing = ratio(&mover.name);
        let missing = |value_si: f64| Some(missing(value_si)? - target);
        let value = nearest_root(mover.value.si, missing).map(|si| Quantity::new(si, mover.value.dim));
        Reached { mover, value }
    };
    movers.into_iter().map(of).collect()
}

/// A design of which one number is open; it need not rest on it.
struct OpenSide<'e> {
    estimate: &'e Estimate<'e>,
    plan: Option<(Plan, usize)>,
}

impl<'e> OpenSide<'e> {
    fn of(estimate: &'e Estimate<'_>, name: &str) -> Self {
        let open = Plan::open(estimate.design, &[name]).ok();
        let plan = open.and_then(|plan| Some((plan.opened().first().copied()?, plan)).map(|(at, plan)| (plan, at)));
        Self { estimate, plan }
    }

    fn with(&self, value_si: f64) -> Option<Totals> {
        let Some((plan, at)) = &self.plan else { return Some(self.estimate.totals) };
        let mut leaves = plan.stated_si();
        leaves[*at] = value_si;
        plan.run(&leaves, &mut Scratch::default()).checked().ok()
    }
}

/// The root that is nearest to a start on a logarithmic scale.
fn nearest_root(start: f64, of: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    let first = of(start)?;
    if first == 0.0 {
        return Some(start);
    }
    let at = |step: u32, up: bool| {
        let factor = libm::pow(FACTOR, f64::from(step) / f64::from(TRIED));
        if up { start * factor } else { start / factor }
    };
    // A side ends where no circuit has the value.
    let mut ends = [Some((start, first)); 2];
    for step in 1..=TRIED {
        for (end, up) in ends.iter_mut().zip([true, false]) {
            let Some((before, value_before)) = *end else { continue };
            let here = at(step, up);
            let Some(value) = of(here) else {
                *end = None;
                continue;
            };
            if (value > 0.0) != (value_before > 0.0) {
                return Some(bisected((before, value_before), here, &of));
            }
            *end = Some((here, value));
        }
    }
    None
}

fn bisected((mut near, at_near): (f64, f64), mut far: f64, of: &impl Fn(f64) -> Option<f64>) -> f64 {
    for _ in 0..BISECTIONS {
        let middle = (near * far).sqrt();
        match of(middle) {
            Some(value) if (value > 0.0) == (at_near > 0.0) => near = middle,
            _ => far = middle,
        }
    }
    (near * far).sqrt()
}
