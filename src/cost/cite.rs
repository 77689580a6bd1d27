//! `imcost cite`: the sources that the totals of a design rest on, and how much of each rests on them.

use indexmap::IndexMap;

use super::estimate::Estimate;
use super::explain::label;
use super::plan::tape::{PlanOp, Register};
use crate::techlib::Reference;

/// A source with the parts of a design's totals, 0 to 1, in whose terms one of its numbers is a factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Citation {
    /// The publication, where the library lists it.
    pub reference: Option<Reference>,
    /// What the library says of the source.
    pub text: String,
    /// Part of the energy.
    pub energy: f64,
    /// Part of the latency.
    pub latency: f64,
    /// Part of the area.
    pub area: f64,
}

/// Which part of a citation a total is.
type Part = fn(&mut Citation) -> &mut f64;

/// The sources of a design, those of the largest parts first.
#[must_use]
pub fn citations(estimate: &Estimate<'_>) -> Vec<Citation> {
    let mut found: IndexMap<String, Citation> = IndexMap::new();
    let totals = &estimate.plan.totals;
    let parts: [(Register, Part); 3] = [
        (totals.energy.register(), |c| &mut c.energy),
        (totals.latency.register(), |c| &mut c.latency),
        (totals.area.register(), |c| &mut c.area),
    ];
    for (total, part) in parts {
        let (tape, values) = (estimate.plan.tape(), estimate.plan.values_si());
        for term in tape.terms(total, values) {
            let share = term.value_si / values[total.index()];
            let mut of_term: Vec<usize> = Vec::new();
            for (register, _) in &term.factors {
                let Some(place) = source(estimate, *register, &mut found) else { continue };
                if !of_term.contains(&place) {
                    of_term.push(place);
                }
            }
            for place in of_term {
                if let Some((_, citation)) = found.get_index_mut(place) {
                    *part(citation) += share;
                }
            }
        }
    }
    let mut list: Vec<Citation> = found.into_values().collect();
    let weight = |c: &Citation| c.energy.max(c.latency).max(c.area);
    list.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.text.cmp(&b.text)));
    list
}

/// The place of a factor's source among those found; none for what is counted.
fn source(estimate: &Estimate<'_>, register: Register, found: &mut IndexMap<String, Citation>) -> Option<usize> {
    let tape = estimate.plan.tape();
    let PlanOp::Leaf(leaf) = tape.op(register) else { return None };
    let leaf = tape.leaf_of(leaf);
    let component = estimate.design.graph[leaf.group].component()?;
    let (provenance, _) = label::provenance(component, leaf.what)?;
    let reference = provenance.reference.as_deref().cloned();
    let key = reference.as_ref().map_or_else(|| provenance.source.clone(), |r| r.key.clone());
    let text = reference.as_ref().map_or_else(|| provenance.source.clone(), |r| r.short.clone());
    let entry = found.entry(key);
    let place = entry.index();
    entry.or_insert(Citation { reference, text, energy: 0.0, latency: 0.0, area: 0.0 });
    Some(place)
}
