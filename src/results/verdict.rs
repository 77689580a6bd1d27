//! What decides the ratios of a comparison.

use schemars::JsonSchema;
use serde::Serialize;

use crate::cost::breakdown::Breakdown;
use crate::cost::compare::Ratios;
use crate::cost::verdict::{self, Largest, Metric, Mover, Movers, Reached};
use crate::cost::{Comparison, Estimate, compare};
use crate::design::Gating;
use crate::units::{Dimension, Quantity};

/// What decides the ratios of a candidate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct VerdictResult {
    /// Where each total comes from.
    pub decided: Vec<DecidedRatio>,
    /// The ratios if both designs were gated otherwise; none where one of them has no totals then.
    pub otherwise_gated: Option<GatedRatios>,
    /// The stated numbers that each ratio follows, where that is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub movers: Vec<RatioMovers>,
    /// Where a ratio becomes what somebody claims, where that is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetResult>,
}

/// Where two totals come from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DecidedRatio {
    /// Which total: `power`, `latency`, `energy` or `area`.
    pub metric: String,
    /// Baseline / candidate.
    pub ratio: f64,
    /// The component that most of the baseline's comes from.
    pub baseline: Option<LargestPart>,
    /// The component that most of the candidate's comes from.
    pub candidate: Option<LargestPart>,
}

/// The component that most of a total comes from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LargestPart {
    /// The component.
    pub component: String,
    /// Its part of the total.
    pub share: f64,
}

/// The ratios of two designs under one gating.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct GatedRatios {
    /// The gating of both designs.
    pub gating: Gating,
    /// Baseline / candidate.
    pub ratios: Ratios,
}

/// The stated numbers that a ratio follows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RatioMovers {
    /// Which total.
    pub metric: String,
    /// Those that move it most, the strongest first.
    pub movers: Vec<MoverResult>,
}

/// A stated number that a ratio follows.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MoverResult {
    /// What it is called in settings.
    pub name: String,
    /// Its value in SI units.
    pub value_si: f64,
    /// Its SI unit; empty for a plain number.
    pub unit: String,
    /// By how many percent the ratio grows where the number grows by one percent, in both designs.
    pub elasticity: f64,
    /// True if it is an assumption.
    pub assumed: bool,
    /// Its dimension, for whoever prints it.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// Where a ratio becomes what somebody claims.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TargetResult {
    /// Which total.
    pub metric: String,
    /// The claim.
    pub target: f64,
    /// The numbers that move it most, each with the value at which it is reached, all others being as they are.
    pub reached: Vec<ReachedResult>,
}

/// Where one number brings a ratio to what somebody claims.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReachedResult {
    /// The number.
    #[serde(flatten)]
    pub number: MoverResult,
    /// The value nearest to its own at which the ratio is reached; none up to a thousand times more or less.
    pub reached_at_si: Option<f64>,
}

/// Numbers that are shown of each ratio.
const SHOWN: usize = 5;

impl VerdictResult {
    /// What decides the ratios of two designs.
    #[must_use]
    pub fn of(baseline: &Estimate<'_>, candidate: &Estimate<'_>) -> Self {
        let Comparison { ratios, .. } = compare(baseline, candidate);
        let cuts = (Breakdown::of(baseline), Breakdown::of(candidate));
        let part = |largest: Largest| LargestPart { component: largest.component, share: largest.share };
        let decided = |metric: Metric| DecidedRatio {
            metric: metric.name().into(),
            ratio: metric.ratio(&ratios),
            baseline: verdict::largest(&cuts.0, metric).map(part),
            candidate: verdict::largest(&cuts.1, metric).map(part),
        };
        let gated = verdict::otherwise_gated(baseline.design, candidate.design).ok();
        Self {
            decided: Metric::ALL.map(decided).into(),
            otherwise_gated: gated.map(|(gating, ratios)| GatedRatios { gating, ratios }),
            movers: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// The same with the numbers that the ratios follow.
    #[must_use]
    pub fn with_movers(self, movers: &Movers) -> Self {
        let of = |metric: Metric| RatioMovers {
            metric: metric.name().into(),
            movers: movers.list(metric).iter().take(SHOWN).map(MoverResult::of).collect(),
        };
        Self { movers: Metric::ALL.map(of).into(), ..self }
    }

    /// The same with where a ratio becomes what somebody claims.
    #[must_use]
    pub fn with_target(
        mut self,
        designs: (&Estimate<'_>, &Estimate<'_>),
        movers: &Movers,
        (metric, target): (Metric, f64),
    ) -> Self {
        let strongest: Vec<Mover> = movers.list(metric).into_iter().take(SHOWN).collect();
        let reached = |found: Reached| ReachedResult {
            number: MoverResult::of(&found.mover),
            reached_at_si: found.value.map(|value| value.si),
        };
        let all = verdict::reached(designs, metric, target, strongest);
        let reached = all.into_iter().map(reached).collect();
        self.targets.push(TargetResult { metric: metric.name().into(), target, reached });
        self
    }
}

impl MoverResult {
    fn of(mover: &Mover) -> Self {
        let Quantity { si, dim } = mover.value;
        Self {
            name: mover.name.clone(),
            value_si: si,
            unit: mover.value.unit(),
            elasticity: mover.elasticity,
            assumed: mover.assumed,
            dimension: dim,
        }
    }

    /// Its value, or another of its kind, as it is printed.
    #[must_use]
    pub fn text(&self, si: f64) -> String {
        Quantity::new(si, self.dimension).eng(4)
    }
}
