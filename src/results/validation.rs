//! Published results beside ours.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::cases::{CaseResult, ClaimResult, Published};

/// What `imcost validate` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValidationResult {
    /// Version of this format.
    pub format_version: u32,
    /// The cases, in the order given.
    pub cases: Vec<ValidatedCase>,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValidatedCase {
    /// Its name.
    pub name: String,
    /// The publication.
    pub source: String,
    /// Its claims.
    pub claims: Vec<ValidatedClaim>,
    /// The same of one circuit in many variants.
    pub variants: Vec<ValidatedClaim>,
    /// How the variants' results differ from the published ones; none without variants.
    pub spread: Option<ValidatedSpread>,
}

/// The spread of relative differences, computed / published - 1, over variants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ValidatedSpread {
    /// The least.
    pub least: f64,
    /// Their median.
    pub median: f64,
    /// Nine in ten are nearer than this, whatever their sign.
    pub nine_in_ten: f64,
    /// The largest.
    pub most: f64,
}

/// A published figure beside ours.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValidatedClaim {
    /// What is claimed.
    pub what: String,
    /// What was published, in SI base units.
    pub published: PublishedFigure,
    /// What was computed, in SI base units.
    pub computed: FigureRange,
    /// True if the claim is met to the printed digits.
    pub met: bool,
    /// What was set so that it comes out: such a claim never counts as met. Left out of the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fitted: Option<String>,
    /// Computed / published - 1: of a range its upper end.
    pub relative_difference: f64,
    /// Why the claim is not met, where that is known.
    pub why: Option<String>,
}

/// A published figure, in SI base units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PublishedFigure {
    /// A value.
    Value {
        /// The value.
        value: f64,
    },
    /// A lower bound.
    AtLeast {
        /// The bound.
        at_least: f64,
    },
    /// A range.
    Range(FigureRange),
}

/// A range, in SI base units; of one value both ends are the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct FigureRange {
    /// Lower end.
    pub from: f64,
    /// Upper end.
    pub to: f64,
}

impl ValidationResult {
    /// Cases with their results.
    #[must_use]
    pub fn of(cases: &[CaseResult]) -> Self {
        Self { format_version: FORMAT_VERSION, cases: cases.iter().map(ValidatedCase::of).collect() }
    }
}

impl ValidatedCase {
    fn of(case: &CaseResult) -> Self {
        Self {
            name: case.name.clone(),
            source: case.source.clone(),
            claims: case.claims.iter().map(ValidatedClaim::of).collect(),
            variants: case.variants.iter().map(ValidatedClaim::of).collect(),
            spread: ValidatedSpread::of(&case.variants),
        }
    }
}

impl ValidatedSpread {
    /// The spread over some variants; none without any.
    #[must_use]
    pub fn of(variants: &[ClaimResult]) -> Option<Self> {
        let mut all: Vec<f64> = variants.iter().map(ClaimResult::difference).collect();
        all.sort_by(f64::total_cmp);
        let (least, most) = (*all.first()?, *all.last()?);
        let median = (all[(all.len() - 1) / 2] + all[all.len() / 2]) / 2.0;
        let mut sizes: Vec<f64> = all.iter().map(|difference| difference.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let nine_in_ten = sizes[(9 * sizes.len()).div_ceil(10) - 1];
        Some(Self { least, median, nine_in_ten, most })
    }
}

impl ValidatedClaim {
    fn of(claim: &ClaimResult) -> Self {
        Self {
            what: claim.what.clone(),
            published: match &claim.published {
                Published::Value(value, _) => PublishedFigure::Value { value: value.si },
                Published::AtLeast(value) => PublishedFigure::AtLeast { at_least: value.si },
                Published::Range(from, to) => PublishedFigure::Range(FigureRange { from: from.si, to: to.si }),
            },
            computed: FigureRange { from: claim.computed.0.si, to: claim.computed.1.si },
            met: claim.met,
            fitted: claim.fitted.clone(),
            relative_difference: claim.difference(),
            why: claim.why.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Quantity;

    #[test]
    fn the_spread_is_that_of_the_differences_in_order() {
        let claim = |computed: &f64| ClaimResult {
            what: String::new(),
            published: Published::AtLeast(Quantity::number(1.0)),
            computed: (Quantity::number(*computed), Quantity::number(*computed)),
            met: true,
            fitted: None,
            why: None,
        };
        let spread = |computed: &[f64]| {
            let found = ValidatedSpread::of(&computed.iter().map(claim).collect::<Vec<_>>());
            found.map(|spread| [spread.least, spread.median, spread.nine_in_ten, spread.most])
        };
        assert_eq!(spread(&[]), None);
        // Differences -0.75, 0, 0.125, 0.5: of four, nine in ten are all four.
        assert_eq!(spread(&[1.5, 0.25, 1.0, 1.125]), Some([-0.75, 0.0625, 0.75, 0.5]));
        let many: Vec<f64> = (1..=20).map(|k| 1.0 + f64::from(k) / 1024.0).collect();
        let of_1024 = |[a, b, c, d]: [f64; 4]| Some([a, b, c, d].map(|part| part / 1024.0));
        assert_eq!(spread(&many), of_1024([1.0, 10.5, 18.0, 20.0]));
        assert_eq!(spread(&many[..19]), of_1024([1.0, 10.0, 18.0, 19.0]));
    }
}
