//! `imcost cite`: the sources that the totals of a design rest on, and how much of each rests on them.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use indexmap::IndexMap;

use super::estimate::Estimate;
use super::explain::label;
use super::plan::Plan;
use super::plan::leaf::Leaf;
use super::plan::tape::{Register, Tape};
use crate::design::Design;
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
    /// Of a machine without a network: part of the power with all units at work.
    pub power: Option<f64>,
    /// Part of the area.
    pub area: f64,
}

/// Which part of a citation a total is.
type Part = fn(&mut Citation) -> &mut f64;

/// The sources of a design, those of the largest parts first.
#[must_use]
pub fn citations(estimate: &Estimate<'_>) -> Vec<Citation> {
    let plan = Plan::down_to_the_stated(estimate.design);
    let mut cited = Cited { design: estimate.design, tape: plan.tape(), list: IndexMap::new(), below: HashMap::new() };
    let area: (Register, Part) = (plan.totals.area.register(), |c| &mut c.area);
    let parts: Vec<(Register, Part)> = match plan.totals.at_work.filter(|_| estimate.design.is_machine) {
        Some(power) => vec![(power.register(), |c| c.power.get_or_insert(0.0)), area],
        None => vec![
            (plan.totals.energy.register(), |c| &mut c.energy),
            (plan.totals.latency.register(), |c| &mut c.latency),
            area,
        ],
    };
    let values = plan.values_si();
    for (total, part) in parts {
        for term in plan.tape().terms(total, values) {
            let share = term.value_si / values[total.index()];
            let below: Vec<_> = term.factors.iter().map(|(register, _)| cited.below(*register)).collect();
            let places: BTreeSet<usize> = below.iter().flat_map(|places| places.iter().copied()).collect();
            for place in places {
                if let Some((_, citation)) = cited.list.get_index_mut(place) {
                    *part(citation) += share;
                }
            }
        }
    }
    let mut list: Vec<Citation> = cited.list.into_values().collect();
    if estimate.design.is_machine {
        list.iter_mut().for_each(|citation| _ = citation.power.get_or_insert(0.0));
    }
    let weight = |c: &Citation| c.energy.max(c.latency).max(c.area).max(c.power.unwrap_or_default());
    list.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.text.cmp(&b.text)));
    list
}

/// The sources found so far.
struct Cited<'p> {
    design: &'p Design,
    tape: &'p Tape,
    /// By their keys.
    list: IndexMap<String, Citation>,
    /// The sources of a number and of all that it follows from, by their places in `list`.
    below: HashMap<Register, Rc<BTreeSet<usize>>>,
}

impl Cited<'_> {
    fn below(&mut self, register: Register) -> Rc<BTreeSet<usize>> {
        if let Some(known) = self.below.get(&register) {
            return known.clone();
        }
        let mut places: BTreeSet<usize> =
            self.tape.number(register).and_then(|leaf| self.source(leaf)).into_iter().collect();
        for operand in self.tape.operands_of(register) {
            places.extend(self.below(operand).iter());
        }
        let places = Rc::new(places);
        self.below.insert(register, places.clone());
        places
    }

    /// The place of a number's source; none where nothing is said of it.
    fn source(&mut self, leaf: Leaf) -> Option<usize> {
        let provenance = label::stated(self.design, leaf)?;
        let reference = provenance.reference.as_deref().cloned();
        let key = reference.as_ref().map_or_else(|| provenance.source.clone(), |r| r.key.clone());
        let text = reference.as_ref().map_or_else(|| provenance.source.clone(), |r| r.short.clone());
        let entry = self.list.entry(key);
        let place = entry.index();
        entry.or_insert(Citation { reference, text, energy: 0.0, latency: 0.0, power: None, area: 0.0 });
        Some(place)
    }
}
