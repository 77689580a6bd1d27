//! Which result is to be explained.

use crate::cost::plan::tape::{Num, Register};
use crate::cost::plan::{Plan, PlannedGroup};
use crate::design::{Design, Node};
use crate::diagnostic::suggest;
use crate::units::{Area, Energy};

/// A result of a design: a total, or what a layer or a component adds to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultName {
    total: ExplainedTotal,
    part: Option<TotalPart>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExplainedTotal {
    Energy,
    Power,
    Latency,
    Interval,
    Area,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TotalPart {
    Layer(String),
    Component(String),
}

/// The design has no such result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no result is called `{asked}`{}", .help.as_ref().map(|h| format!("; {h}")).unwrap_or_default())]
pub struct UnknownResult {
    /// What was asked for.
    pub asked: String,
    /// What to ask for instead.
    pub help: Option<String>,
}

const TOTALS: [(&str, ExplainedTotal); 5] = [
    ("energy", ExplainedTotal::Energy),
    ("power", ExplainedTotal::Power),
    ("latency", ExplainedTotal::Latency),
    ("interval", ExplainedTotal::Interval),
    ("area", ExplainedTotal::Area),
];

impl ResultName {
    /// Reads `energy`, `latency`, `interval`, `power`, `area`, `energy.layer.NAME`, `area.component.NAME`.
    ///
    /// # Errors
    /// If there is no such total, layer or component.
    pub fn parse(text: &str, design: &Design) -> Result<Self, UnknownResult> {
        let unknown = |help: Option<String>| UnknownResult { asked: text.to_owned(), help };
        let mut words = text.splitn(3, '.');
        let head = words.next().unwrap_or_default();
        let total = TOTALS.iter().find(|(name, _)| *name == head).map(|(_, total)| *total);
        if design.is_machine && !matches!(total, Some(ExplainedTotal::Power | ExplainedTotal::Area)) {
            let help = "a machine without a network has `power`, with all units at work, and `area`";
            return Err(unknown(Some(help.into())));
        }
        let Some(total) = total else {
            let names = TOTALS.iter().map(|(name, _)| *name);
            let near = suggest::nearest(head, names.clone()).map(|best| format!("did you mean `{best}`?"));
            let all = || format!("results are {}", suggest::list(&names.clone().collect::<Vec<_>>()));
            return Err(unknown(Some(near.unwrap_or_else(all))));
        };
        let part = match (words.next(), words.next()) {
            (None, _) => None,
            (Some("layer"), Some(name)) => {
                let names: Vec<&str> = design.layers.iter().map(|l| l.name.as_str()).collect();
                Some(TotalPart::Layer(known(name, &names).map_err(unknown)?))
            }
            (Some("component"), Some(name)) => {
                let names: Vec<&str> =
                    design.graph.node_weights().filter_map(|n| n.component()).map(|c| &*c.name).collect();
                Some(TotalPart::Component(known(name, &names).map_err(unknown)?))
            }
            _ => return Err(unknown(Some("parts are written as `energy.layer.NAME` or `area.component.NAME`".into()))),
        };
        if part.is_some() && !matches!(total, ExplainedTotal::Energy | ExplainedTotal::Area) {
            return Err(unknown(Some("only `energy` and `area` are sums over layers and components".into())));
        }
        Ok(Self { total, part })
    }

    /// The number on the tape of a plan; a part of a total is one more sum on it.
    pub(super) fn number(&self, design: &Design, plan: &mut Plan) -> Register {
        match (&self.part, self.total) {
            (None, ExplainedTotal::Energy) => plan.totals.energy.register(),
            (None, ExplainedTotal::Power) => plan.totals.at_work.map_or(plan.totals.power.register(), Num::register),
            (None, ExplainedTotal::Latency) => plan.totals.latency.register(),
            (None, ExplainedTotal::Interval) => plan.totals.interval.register(),
            (None, ExplainedTotal::Area) => plan.totals.area.register(),
            (Some(part), ExplainedTotal::Area) => {
                let areas: Vec<Num<Area>> = groups(design, plan, part).filter_map(|g| g.area).collect();
                plan.tape.sum(&areas).register()
            }
            (Some(part), _) => {
                let energies: Vec<Num<Energy>> =
                    groups(design, plan, part).flat_map(|g| [g.dynamic, g.powered]).flatten().collect();
                plan.tape.sum(&energies).register()
            }
        }
    }
}

fn groups<'e>(design: &'e Design, plan: &'e Plan, part: &'e TotalPart) -> impl Iterator<Item = &'e PlannedGroup> {
    let belongs = move |node: &Node| match part {
        TotalPart::Layer(name) => design.layer_name(node) == Some(name.as_str()),
        TotalPart::Component(name) => node.component().is_some_and(|c| *c.name == **name),
    };
    let all = design.graph.node_weights().zip(&plan.groups);
    all.filter(move |(node, _)| belongs(node)).map(|(_, group)| group)
}

fn known(name: &str, names: &[&str]) -> Result<String, Option<String>> {
    if names.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(suggest::nearest(name, names.iter().copied()).map(|best| format!("did you mean `{best}`?")))
}
