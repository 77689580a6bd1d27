//! Designs side by side.

use schemars::JsonSchema;
use serde::Serialize;

use super::verdict::VerdictResult;
use super::{FORMAT_VERSION, TotalsResult};
use crate::cost::compare::{Comparison, Contribution, Ratios};
use crate::cost::{Estimate, compare};

/// What `imcost compare` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComparisonResult {
    /// Version of this format.
    pub format_version: u32,
    /// The `--set` that changed all designs.
    pub settings: Vec<String>,
    /// The `--set-baseline` that changed the first design.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub baseline_settings: Vec<String>,
    /// The `--set-candidate` that changed the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidate_settings: Vec<String>,
    /// The design that is improved on.
    pub baseline: SideResult,
    /// The first candidate, with its ratios and differences.
    #[serde(flatten)]
    pub first: CandidateResult,
    /// Further candidates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<CandidateResult>,
}

/// A design of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SideResult {
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Its network, such as `784-16-10`.
    pub network: String,
    /// Its totals.
    pub totals: TotalsResult,
    /// What the file did not state and what was taken for it.
    pub assumptions: Vec<String>,
    /// The fraction of labelled pictures whose class it finds, where weights and pictures are named.
    pub accuracy: Option<f64>,
}

/// A candidate beside the baseline.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CandidateResult {
    /// The design.
    pub candidate: SideResult,
    /// Baseline / candidate; of operations per joule and area candidate / baseline: above 1 the candidate is better.
    pub ratios: Ratios,
    /// Where the differences of the totals come from.
    pub differences: Differences,
    /// What decides the ratios.
    pub verdict: VerdictResult,
}

/// Baseline minus candidate of each component, the largest first.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Differences {
    /// Of the energy.
    pub energy: Vec<EnergyDifference>,
    /// Of the latency.
    pub latency: Vec<LatencyDifference>,
    /// Of the area.
    pub area: Vec<AreaDifference>,
}

macro_rules! difference {
    ($(#[$doc:meta])* $name:ident, $key:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
        pub struct $name {
            /// The component.
            pub component: String,
            /// Baseline minus candidate.
            pub $key: f64,
            /// Its part of the whole difference; negative where it works against it.
            pub share: f64,
        }

        impl $name {
            fn list(contributions: &[Contribution]) -> Vec<Self> {
                let one =
                    |c: &Contribution| Self { component: c.component.clone(), $key: c.difference, share: c.share };
                contributions.iter().map(one).collect()
            }
        }
    };
}

difference!(/// What a component adds to a difference of energy.
    EnergyDifference, energy_j);
difference!(/// What a component adds to a difference of latency.
    LatencyDifference, latency_s);
difference!(/// What a component adds to a difference of area.
    AreaDifference, area_m2);

impl SideResult {
    /// A design; its accuracy is not evaluated.
    #[must_use]
    pub fn of(estimate: &Estimate<'_>) -> Self {
        let design = estimate.design;
        Self {
            name: design.name.clone(),
            label: design.label.clone(),
            network: design.shape(),
            totals: TotalsResult::of(estimate),
            assumptions: design.assumptions.clone(),
            accuracy: None,
        }
    }
}

impl CandidateResult {
    /// A candidate beside a baseline.
    #[must_use]
    pub fn of(baseline: &Estimate<'_>, candidate: &Estimate<'_>) -> Self {
        let Comparison { ratios, energy, latency, area, .. } = compare(baseline, candidate);
        Self {
            candidate: SideResult::of(candidate),
            ratios,
            differences: Differences {
                energy: EnergyDifference::list(&energy),
                latency: LatencyDifference::list(&latency),
                area: AreaDifference::list(&area),
            },
            verdict: VerdictResult::of(baseline, candidate),
        }
    }
}

impl ComparisonResult {
    /// Designs beside the first; none without a second.
    #[must_use]
    pub fn of(estimates: &[Estimate<'_>], settings: &[String]) -> Option<Self> {
        let (baseline, candidates) = estimates.split_first()?;
        let mut candidates = candidates.iter().map(|candidate| CandidateResult::of(baseline, candidate));
        Some(Self {
            format_version: FORMAT_VERSION,
            settings: settings.to_vec(),
            baseline_settings: Vec::new(),
            candidate_settings: Vec::new(),
            baseline: SideResult::of(baseline),
            first: candidates.next()?,
            further: candidates.collect(),
        })
    }
}
