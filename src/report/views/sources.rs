//! `--sources`: where each number of some designs comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cost::Estimate;
use crate::techlib::{Component, Device, Figure, Provenance};
use crate::units::{Length, Quantity};

/// One cost of a component as text.
pub(super) struct FigureText {
    pub name: &'static str,
    pub value: String,
    pub range: Option<String>,
    pub provenance: Arc<Provenance>,
}

/// The components of some designs with the source of each number, a line each.
#[must_use]
pub fn lines_of(estimates: &[Estimate<'_>]) -> Vec<String> {
    let mut components: BTreeMap<&str, &Arc<Component>> = BTreeMap::new();
    for estimate in estimates {
        for node in estimate.design.graph.node_weights() {
            if let Some(component) = node.component() {
                components.insert(&component.name, component);
            }
        }
    }
    components.values().flat_map(|component| lines(component)).collect()
}

fn lines(component: &Component) -> Vec<String> {
    let mut lines = Vec::new();
    for figure in figures(component) {
        let p = &figure.provenance;
        let range = figure.range.map(|r| format!(" ({r})")).unwrap_or_default();
        lines.push(format!("{} {}: {}{range}: {}", component.name, figure.name, figure.value, provenance_text(p)));
    }
    if let Some(crossbar) = &component.crossbar {
        let device = &crossbar.device;
        let text = provenance_text(&device.provenance);
        lines.push(format!("{} device {}: {}", component.name, device.name, text));
    }
    lines
}

/// `measured, 32 nm, Shafiee et al., ISCA 2016 (note)`.
pub(super) fn provenance_text(p: &Provenance) -> String {
    let node = p.node.map(|n| format!(", {}", node_text(n))).unwrap_or_default();
    let note = p.note.as_ref().map(|n| format!(" ({})", n.trim())).unwrap_or_default();
    format!("{}{node}, {}{note}", p.basis.name(), p.source)
}

/// A technology node.
pub(super) fn node_text(node: Length) -> String {
    node.eng(3).replace(".0 ", " ")
}

/// The costs that a component states.
pub(super) fn figures(c: &Component) -> Vec<FigureText> {
    let mut list = Vec::new();
    push(&mut list, "power", c.power.as_ref());
    push(&mut list, "static power", c.static_power.as_ref());
    // Energy and latency that follow from power and rate are no numbers of the publication.
    push(&mut list, "energy", c.energy.as_ref().filter(|_| c.power.is_none()));
    let follows = |f: &Figure<crate::units::Time>| c.rate.as_ref().is_some_and(|r| r.value.period() == f.value);
    push(&mut list, "latency", c.latency.as_ref().filter(|f| !follows(f)));
    push(&mut list, "rate", c.rate.as_ref());
    push(&mut list, "area", c.area.as_ref());
    if let Some(crossbar) = &c.crossbar {
        push(&mut list, "cell width", Some(&crossbar.cell_width));
        push(&mut list, "cell height", Some(&crossbar.cell_height));
        push(&mut list, "r-low", Some(&crossbar.device.r_low));
        push(&mut list, "r-high", Some(&crossbar.device.r_high));
    }
    list
}

/// What a device's entry states.
pub(super) fn device_figures(d: &Device) -> Vec<FigureText> {
    let mut list = Vec::new();
    push(&mut list, "r-low", Some(&d.r_low));
    push(&mut list, "r-high", Some(&d.r_high));
    push(&mut list, "spread", d.spread.as_ref());
    push(&mut list, "write current", d.write_current.as_ref());
    push(&mut list, "write pulse", d.write_pulse.as_ref());
    push(&mut list, "write energy", d.write_energy.as_ref());
    list
}

fn push<Q: Copy + Into<Quantity>>(list: &mut Vec<FigureText>, name: &'static str, figure: Option<&Figure<Q>>) {
    let Some(figure) = figure else { return };
    let eng = |q: Q| q.into().eng(4);
    list.push(FigureText {
        name,
        value: eng(figure.value),
        range: figure.range.map(|(low, high)| format!("{} .. {}", eng(low), eng(high))),
        provenance: figure.provenance.clone(),
    });
}
