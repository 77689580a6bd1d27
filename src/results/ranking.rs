//! All components of a kind as ratios to one.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use super::library::{si, stated};
use crate::model::scaling::{OutOfRange, Rule};
use crate::spec::case::ScalingRule;
use crate::techlib::{Basis, Component, Kind};
use crate::units::{Area, Length, Power};

/// What `imcost library LIBRARY --compare KIND` finds out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RankingResult {
    /// Version of this format.
    pub format_version: u32,
    /// The kind that was asked for, the first of several.
    pub kind: Kind,
    /// The component that the others are compared with.
    pub reference: Option<String>,
    /// How power and area were taken to one node; null where they are as published.
    pub scaled: Option<ScaledTo>,
    /// The components, the reference first.
    pub components: Vec<RankedComponent>,
}

/// How power and area were taken to one node.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ScaledTo {
    /// The node.
    pub node_m: f64,
    /// The rule.
    pub rule: ScalingRule,
}

/// Power and area of a component as they are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComparedFigures {
    /// How they came about.
    pub basis: Basis,
    /// Power while it works.
    pub power: Option<Power>,
    /// Area of one unit.
    pub area: Option<Area>,
}

impl ScaledTo {
    /// Power and area of a component at the node; none of one that states no node.
    ///
    /// # Errors
    /// If the component's node is outside of the published range.
    pub fn of(&self, c: &Component) -> Result<ComparedFigures, OutOfRange> {
        let Some(node) = c.provenance.node else { return Ok(ComparedFigures::unknown(c)) };
        let rule = match self.rule {
            ScalingRule::Stillmaker => Rule::Stillmaker,
            ScalingRule::NodeSquared => Rule::NodeSquared,
        };
        let factors = rule.factors(node, Length::new(self.node_m))?;
        let published = ComparedFigures::published(c);
        Ok(ComparedFigures {
            basis: ComparedFigures::unknown(c).basis,
            power: published.power.map(|power| power * factors.power),
            area: published.area.map(|area| area * factors.area),
        })
    }
}

impl ComparedFigures {
    /// As the library has them.
    #[must_use]
    pub fn published(c: &Component) -> Self {
        let area = c.area.as_ref().map(|area| area.value);
        Self { basis: c.provenance.basis, power: c.working_power(), area }
    }

    /// At a node to which nothing leads. What has been scaled is no better than modelled.
    #[must_use]
    pub fn unknown(c: &Component) -> Self {
        Self { basis: c.basis().max(Basis::Modelled), power: None, area: None }
    }
}

/// A component beside the reference; what its entry does not state is null.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RankedComponent {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How its numbers came about; no better than modelled where they were taken to another node.
    pub basis: Basis,
    /// Power while it works.
    pub power_w: Option<f64>,
    /// Area of one unit.
    pub area_m2: Option<f64>,
    /// Time of an operation.
    pub latency_s: Option<f64>,
    /// Itself / the reference.
    pub ratios: RankingRatios,
    /// Publication or repository, and where in it.
    pub source: String,
}

/// A component / the reference: above 1 it is more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct RankingRatios {
    /// Of the power.
    pub power: Option<f64>,
    /// Of the area.
    pub area: Option<f64>,
    /// Of the latency.
    pub latency: Option<f64>,
}

impl RankingResult {
    /// Components with their figures as they are compared, as ratios to the first of them; `kind` is what was asked for.
    #[must_use]
    pub fn of(kind: Kind, components: &[(&Arc<Component>, ComparedFigures)], scaled: Option<ScaledTo>) -> Self {
        let reference = components.first().map(|(c, figures)| (&***c, *figures));
        Self {
            format_version: FORMAT_VERSION,
            kind,
            reference: reference.map(|(c, _)| c.name.to_string()),
            scaled,
            components: components.iter().map(|(c, figures)| RankedComponent::of((c, *figures), reference)).collect(),
        }
    }
}

impl RankedComponent {
    fn of((c, figures): (&Component, ComparedFigures), reference: Option<(&Component, ComparedFigures)>) -> Self {
        Self {
            name: c.name.to_string(),
            kind: c.kind,
            basis: figures.basis,
            power_w: si(figures.power),
            area_m2: si(figures.area),
            latency_s: stated(c.latency.as_ref()),
            ratios: reference.map(|reference| RankingRatios::of((c, figures), reference)).unwrap_or_default(),
            source: c.provenance.source.clone(),
        }
    }
}

impl RankingRatios {
    /// Power, area and latency of a component over those of the reference.
    #[must_use]
    pub fn of((c, figures): (&Component, ComparedFigures), reference: (&Component, ComparedFigures)) -> Self {
        let over = |a: Option<f64>, b: Option<f64>| Some(a? / b?);
        Self {
            power: over(si(figures.power), si(reference.1.power)),
            area: over(si(figures.area), si(reference.1.area)),
            latency: over(stated(c.latency.as_ref()), stated(reference.0.latency.as_ref())),
        }
    }
}
