//! Components in their places: what formulas name there, and at which node and supply they work.

use std::sync::Arc;

use super::lower::Lowering;
use crate::catalog::PlaceName;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::scaling::{At, Cards, DigitalScaling};
use crate::techlib::figure::Scope;
use crate::techlib::placing::{NotPlaced, Place};
use crate::techlib::{Component, Figure, Scaling};
use crate::units::{Frequency, Length, Unit, Voltage};
use crate::yaml::Located;

/// At which node, supply and clock a design works, as far as it says so.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Operating {
    pub node: Option<Located<Length>>,
    pub vdd: Option<Located<Voltage>>,
    pub clock: Option<Frequency>,
}

/// A component that is stated at another node or supply and does not say how to get to that of the design.
#[derive(Debug)]
pub(super) struct Unscaled {
    name: Arc<str>,
    from: String,
    /// True if it is the node that differs, else the supply.
    of_node: bool,
    span: Span,
}

/// Two that differ by less than this part are the same, written in two ways.
const SAME: f64 = 1e-9;

fn differ<Q: Unit>(a: Q, b: Q) -> bool {
    (a.si() - b.si()).abs() > SAME * b.si()
}

/// True if a component has costs that would be others at another supply, or with its area at another node.
fn has_costs(component: &Component, with_area: bool) -> bool {
    fn some<Q: Unit>(figure: &Option<Figure<Q>>) -> bool {
        figure.as_ref().is_some_and(|f| f.value.si() != 0.0)
    }
    some(&component.power)
        || some(&component.static_power)
        || some(&component.energy)
        || some(&component.latency)
        || some(&component.rate)
        || with_area && some(&component.area)
}

impl Lowering<'_> {
    pub(super) fn read_operating(&mut self) -> Operating {
        let Some(written) = self.spec.operating.get() else { return Operating::default() };
        let scope = Scope::default();
        let node = written.node.located().and_then(|text| {
            let value = self.evaluator().positive("node", text, &scope)?;
            Some(Located { value, span: text.span })
        });
        let vdd = written.vdd.located().and_then(|text| {
            let value = self.evaluator().positive("vdd", text, &scope)?;
            Some(Located { value, span: text.span })
        });
        let clock = written.clock.located().and_then(|text| self.evaluator().positive("clock", text, &scope));
        Operating { node, vdd, clock }
    }

    /// A component where it stands; none if it cannot, which is reported.
    pub(super) fn in_place(&mut self, component: &Arc<Component>, place: &Place, span: Span) -> Option<Arc<Component>> {
        let placed = component.is_placed(&self.library.numbers);
        if !placed && self.operating.node.is_none() && self.operating.vdd.is_none() {
            return Some(component.clone());
        }
        let names = component.named_places(&self.library.numbers);
        let Operating { node, vdd, clock } = self.operating;
        let place = place
            .with_known(PlaceName::Node, node.map(|n| n.value).or(component.provenance.node).map(Length::si))
            .with_known(PlaceName::Vdd, vdd.map(|v| v.value).or(component.vdd).map(Voltage::si))
            .with_known(PlaceName::Clock, clock.map(Frequency::si));
        let key = (component.name.clone(), place.key(&names));
        if let Some(known) = self.placed.get(&key) {
            return known.clone();
        }
        let found = self.build_in_place(component, &place, placed, span);
        for name in names.iter().filter(|name| place.assumes(**name)) {
            let percent = 100.0 * place.get(*name).unwrap_or_default();
            let text = format!("{} taken as {percent:.0} %: {}", name.entry().name, super::STATISTICS);
            if !self.assumptions.contains(&text) {
                self.assumptions.push(text);
            }
        }
        self.placed.insert(key, found.clone());
        found
    }

    fn build_in_place(
        &mut self,
        component: &Arc<Component>,
        place: &Place,
        placed: bool,
        span: Span,
    ) -> Option<Arc<Component>> {
        let mut found: Component = (**component).clone();
        if placed {
            let numbers = self.numbers.get_or_insert_with(|| self.library.numbers.clone());
            match component.placed(place, numbers) {
                Ok(there) => found = there,
                Err(mistakes) => {
                    mistakes.iter().for_each(|mistake| self.not_placed(component, mistake, span));
                    return None;
                }
            }
        }
        self.at_operating_point(component, found, span).map(Arc::new)
    }

    /// The component at the node and supply of the design; none if nothing says how to get there, which is reported.
    fn at_operating_point(&mut self, stated: &Component, component: Component, span: Span) -> Option<Component> {
        let names = stated.named_places(&self.library.numbers);
        let Operating { node, vdd, .. } = self.operating;
        let other_node = node.zip(stated.provenance.node).filter(|(to, from)| differ(to.value, *from));
        let other_vdd = vdd.zip(stated.vdd).filter(|(to, from)| differ(to.value, *from));
        let other_node = other_node.filter(|_| !names.contains(&PlaceName::Node) && has_costs(&component, true));
        let other_vdd = other_vdd.filter(|_| !names.contains(&PlaceName::Vdd) && has_costs(&component, false));
        // The resistors of a crossbar are those of its devices, at whatever node.
        if stated.crossbar.is_some() || other_node.is_none() && other_vdd.is_none() {
            return Some(component);
        }
        if stated.scaling == Scaling::None {
            let of_node = other_node.is_some();
            let from = other_node.map(|(_, from)| from.eng(4)).or(other_vdd.map(|(_, from)| from.eng(4)));
            self.unscaled.push(Unscaled { name: stated.name.clone(), from: from.unwrap_or_default(), of_node, span });
            return None;
        }
        let Some(from_node) = stated.provenance.node else {
            let message = format!("`{}` does not say at which node its figures hold", stated.name);
            self.report(Diagnostic::error(message).at(span, "used here").also(stated.span, "`node` is missing here"));
            return None;
        };
        let cards = Cards::HighPerformance;
        let to_node = node.map_or(from_node, |n| n.value);
        let from = At { node: from_node, supply: stated.vdd, cards };
        // At the same node a supply that is not stated stays what it is.
        let same_node = !differ(to_node, from_node);
        let to = At { node: to_node, supply: vdd.map(|v| v.value).or(stated.vdd.filter(|_| same_node)), cards };
        match DigitalScaling::between(from, to) {
            Ok(factors) => {
                let numbers = self.numbers.get_or_insert_with(|| self.library.numbers.clone());
                Some(component.scaled(&factors, Some(to_node), numbers))
            }
            Err(error) => {
                let message = format!("`{}` cannot be scaled: {error}", stated.name);
                self.report(Diagnostic::error(message).at(span, "used here").also(stated.span, "`scaling: digital`"));
                None
            }
        }
    }

    /// Says of all components at once that are stated elsewhere and do not say how to get here.
    pub(super) fn report_unscaled(&mut self) {
        let all = std::mem::take(&mut self.unscaled);
        let Operating { node, vdd, .. } = self.operating;
        let here = |of_node: bool| {
            if of_node { node.map(|n| (n.value.eng(4), n.span)) } else { vdd.map(|v| (v.value.eng(4), v.span)) }
        };
        for of_node in [true, false] {
            let mut found: Vec<&Unscaled> = all.iter().filter(|one| one.of_node == of_node).collect();
            found.sort_by(|a, b| a.name.cmp(&b.name));
            found.dedup_by(|a, b| a.name == b.name);
            let (Some(first), Some((to, place))) = (found.first(), here(of_node)) else { continue };
            let message = match found.as_slice() {
                [one] => format!("`{}` is stated at {}, the design is at {to}: it needs `scaling`", one.name, one.from),
                _ => {
                    let names: Vec<String> = found.iter().map(|one| format!("{} ({})", one.name, one.from)).collect();
                    format!(
                        "{} components are stated elsewhere, the design is at {to}: they need `scaling`: {}",
                        found.len(),
                        names.join(", ")
                    )
                }
            };
            let what = if of_node { "the node of the design" } else { "the supply of the design" };
            self.report(
                Diagnostic::error(message)
                    .at(place, what)
                    .also(first.span, "used here")
                    .help("`scaling: digital`, of an entry or of a whole library, takes digital circuits there by published equations; a figure that names `node` or `vdd` in its formula needs none"),
            );
        }
    }

    /// True if the file says something of the point of operation that could not be read.
    fn is_misread(&self, name: PlaceName) -> bool {
        let Some(written) = self.spec.operating.get() else { return !self.spec.operating.is_missing() };
        match name {
            PlaceName::Node => self.operating.node.is_none() && !written.node.is_missing(),
            PlaceName::Vdd => self.operating.vdd.is_none() && !written.vdd.is_missing(),
            PlaceName::Clock => self.operating.clock.is_none() && !written.clock.is_missing(),
            _ => false,
        }
    }

    fn not_placed(&mut self, component: &Component, mistake: &NotPlaced, span: Span) {
        if matches!(mistake, NotPlaced::Unknown { name, .. } if self.is_misread(*name)) {
            return;
        }
        let error = Diagnostic::error(format!("`{}` cannot stand here: {mistake}", component.name));
        let error = error.at(span, "used here").also(component.span, "its formulas");
        self.report(match mistake {
            NotPlaced::Unknown { name, .. } => error.help(format!("it comes from {}", name.entry().from)),
            NotPlaced::NoCircuit { .. } => {
                error.help("`imcost library FILE NAME` shows the formula and what it depends on")
            }
        });
    }
}
