//! `--sources`: where each number of some designs comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cost::Estimate;
use crate::results::figure::ListedFigure;
use crate::techlib::{Component, Provenance};
use crate::units::Length;

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
    for figure in ListedFigure::of_component(component) {
        let p = &figure.provenance;
        let range = figure.range_text().map(|r| format!(" ({r})")).unwrap_or_default();
        lines.push(format!(
            "{} {}: {}{range}: {}",
            component.name,
            figure.name,
            figure.value_text(),
            provenance_text(p)
        ));
    }
    if let Some(crossbar) = &component.crossbar {
        let device = &crossbar.device.device;
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
