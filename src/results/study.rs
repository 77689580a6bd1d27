//! Accuracy and costs, point by point.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::accuracy::FoundClasses;
use super::{FORMAT_VERSION, TotalsResult};
use crate::explore::study::{Point, Study};
use crate::spec::study::Cost;

/// What `imcost study` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StudyResult {
    /// Version of this format.
    pub format_version: u32,
    /// Its name.
    pub name: String,
    /// The architecture, as it was named.
    pub architecture: String,
    /// Where the random numbers begin.
    pub seed: u64,
    /// Draws for each point.
    pub draws_asked_for: usize,
    /// Points; fewer are done where the run was interrupted.
    pub points_asked_for: usize,
    /// The settings of all points.
    pub settings: Vec<String>,
    /// The cost that is weighed against accuracy.
    pub against: Cost,
    /// The points that are done.
    pub points: Vec<StudyPoint>,
}

/// A point of a study.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StudyPoint {
    /// The value of each parameter that is varied, in the order of the file.
    #[serde(serialize_with = "as_mapping")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub values: Vec<(String, String)>,
    /// Pictures whose class was found.
    #[serde(flatten)]
    pub found: FoundClasses,
    /// True if no other point is at least as good in accuracy and cost, and better in one of them.
    pub on_front: bool,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// What one inference costs.
    pub totals: TotalsResult,
}

/// Pairs as a mapping in their own order.
fn as_mapping<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

impl StudyResult {
    /// The points of a study that are done.
    #[must_use]
    pub fn of(study: &Study, points: &[Point]) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            name: study.name.clone(),
            architecture: study.architecture.display().to_string(),
            seed: study.question.seed,
            draws_asked_for: study.question.draws,
            points_asked_for: study.points.len(),
            settings: study.set.clone(),
            against: study.against,
            points: points.iter().map(|point| StudyPoint::of(&study.paths, point)).collect(),
        }
    }
}

impl StudyPoint {
    fn of(paths: &[String], point: &Point) -> Self {
        Self {
            values: paths.iter().cloned().zip(point.values.iter().cloned()).collect(),
            found: FoundClasses::of(&point.accuracy),
            on_front: point.on_front,
            notes: point.accuracy.notes.clone(),
            totals: TotalsResult::new(&point.totals, &point.assumed),
        }
    }
}
