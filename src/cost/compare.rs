//! Two designs side by side. A ratio is baseline / candidate, so above 1 the candidate is better.

use super::breakdown::Breakdown;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::estimate::Estimate;
use super::totals::Totals;

/// Baseline / candidate of each total.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Ratios {
    /// Average power.
    pub power: f64,
    /// Latency.
    pub latency: f64,
    /// Energy.
    pub energy: f64,
    /// Area.
    pub area: f64,
    /// Energy-delay product.
    pub energy_delay: f64,
    /// TOPS/W, candidate / baseline: above 1 the candidate is better here too.
    pub tops_per_w: f64,
    /// TOPS/mm², candidate / baseline.
    pub tops_per_mm2: f64,
}

/// What one component contributes to the difference of a total.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The component.
    pub component: String,
    /// Baseline minus candidate, in SI base units.
    pub difference: f64,
    /// `difference` as a fraction of the whole difference; negative where it works against it.
    pub share: f64,
}

/// Two designs side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Totals of the baseline.
    pub baseline: Totals,
    /// Totals of the candidate.
    pub candidate: Totals,
    /// Baseline / candidate.
    pub ratios: Ratios,
    /// Where the difference of the energies comes from, largest first.
    pub energy: Vec<Contribution>,
    /// Where the difference of the latencies comes from.
    pub latency: Vec<Contribution>,
    /// Where the difference of the areas comes from.
    pub area: Vec<Contribution>,
}

/// Compares two designs.
#[must_use]
pub fn compare(baseline: &Estimate<'_>, candidate: &Estimate<'_>) -> Comparison {
    let (b, c) = (baseline.totals, candidate.totals);
    let cuts = (Breakdown::of(baseline), Breakdown::of(candidate));
    Comparison {
        baseline: b,
        candidate: c,
        ratios: Ratios {
            power: b.power / c.power,
            latency: b.latency / c.latency,
            energy: b.energy / c.energy,
            area: b.area / c.area,
            energy_delay: b.energy_delay_js() / c.energy_delay_js(),
            tops_per_w: c.tops_per_w() / b.tops_per_w(),
            tops_per_mm2: c.tops_per_mm2() / b.tops_per_mm2(),
        },
        energy: contributions(&cuts, |line| line.energy.si()),
        latency: contributions(&cuts, |line| line.critical_time.si()),
        area: contributions(&cuts, |line| line.area.si()),
    }
}

fn contributions(
    (baseline, candidate): &(Breakdown, Breakdown),
    of: impl Fn(&super::breakdown::Line) -> f64,
) -> Vec<Contribution> {
    let mut differences: IndexMap<&str, f64> = IndexMap::new();
    for line in &baseline.components {
        *differences.entry(&line.name).or_default() += of(line);
    }
    for line in &candidate.components {
        *differences.entry(&line.name).or_default() -= of(line);
    }
    let contribution =
        |(name, difference): (&str, f64)| Contribution { component: name.to_owned(), difference, share: 0.0 };
    let mut list: Vec<Contribution> = differences.into_iter().map(contribution).collect();
    list.retain(|c| c.difference != 0.0);
    let whole: f64 = list.iter().map(|c| c.difference).sum();
    for contribution in &mut list {
        contribution.share = if whole == 0.0 { 0.0 } else { contribution.difference / whole };
    }
    list.sort_by(|a, b| b.difference.abs().total_cmp(&a.difference.abs()).then_with(|| a.component.cmp(&b.component)));
    list
}
