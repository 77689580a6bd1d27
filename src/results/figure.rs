//! The numbers that a component or a device states.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::techlib::{Basis, Component, Device, Figure, Provenance};
use crate::units::{Quantity, Time};

/// A number that an entry of a library states, with its provenance.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedFigure {
    /// What it is.
    pub name: &'static str,
    /// The number.
    pub value: Quantity,
    /// Lowest and highest value known.
    pub range: Option<(Quantity, Quantity)>,
    /// Where it comes from.
    pub provenance: Arc<Provenance>,
}

/// A number that an entry of a library states.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FigureResult {
    /// What it is.
    pub name: String,
    /// The number with its unit, as it is shown.
    pub value: String,
    /// Lowest and highest value known, as they are shown.
    pub range: Option<String>,
    /// Publication or repository, and where in it.
    pub source: String,
    /// How it came about.
    pub basis: Basis,
    /// Technology node, where one is stated.
    pub node_m: Option<f64>,
    /// What a reader should know.
    pub note: Option<String>,
}

impl ListedFigure {
    /// The costs that a component states.
    #[must_use]
    pub fn of_component(c: &Component) -> Vec<Self> {
        let mut list = Vec::new();
        push(&mut list, "power", c.power.as_ref());
        push(&mut list, "static power", c.static_power.as_ref());
        // Energy and latency that follow from power and rate are no numbers of the publication.
        push(&mut list, "energy", c.energy.as_ref().filter(|_| c.power.is_none()));
        let follows = |f: &Figure<Time>| c.rate.as_ref().is_some_and(|r| r.value.period() == f.value);
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
    #[must_use]
    pub fn of_device(d: &Device) -> Vec<Self> {
        let mut list = Vec::new();
        push(&mut list, "r-low", d.resistances.as_ref().map(|r| &r.low));
        push(&mut list, "r-high", d.resistances.as_ref().map(|r| &r.high));
        push(&mut list, "tmr-v0", d.tmr_v0.as_ref());
        push(&mut list, "spread", d.spread.as_ref());
        push(&mut list, "write current", d.write_current.as_ref());
        push(&mut list, "write pulse", d.write_pulse.as_ref());
        push(&mut list, "write energy", d.write_energy.as_ref());
        push(&mut list, "endurance", d.endurance.as_ref());
        list
    }

    /// The number with its unit.
    #[must_use]
    pub fn value_text(&self) -> String {
        self.value.eng(4)
    }

    /// `1.000 mW .. 2.000 mW`, where a range is known.
    #[must_use]
    pub fn range_text(&self) -> Option<String> {
        self.range.map(|(low, high)| format!("{} .. {}", low.eng(4), high.eng(4)))
    }
}

fn push<Q: Copy + Into<Quantity>>(list: &mut Vec<ListedFigure>, name: &'static str, figure: Option<&Figure<Q>>) {
    let Some(figure) = figure else { return };
    list.push(ListedFigure {
        name,
        value: figure.value.into(),
        range: figure.range.map(|(low, high)| (low.into(), high.into())),
        provenance: figure.provenance.clone(),
    });
}

impl From<&ListedFigure> for FigureResult {
    fn from(f: &ListedFigure) -> Self {
        Self {
            name: f.name.to_owned(),
            value: f.value_text(),
            range: f.range_text(),
            source: f.provenance.source.clone(),
            basis: f.provenance.basis,
            node_m: f.provenance.node.map(|n| n.si()),
            note: f.provenance.note.clone(),
        }
    }
}
