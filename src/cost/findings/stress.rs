//! Wires that carry more than they can for long, and tiles that take more power than can be led away.

use std::sync::Arc;

use super::ByComponent;
use crate::cost::tile::{TileStress, tile_stress};
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::results::{Finding, FindingRule};
use crate::techlib::Component;
use crate::units::{Power, sig};

/// 10 MA/cm2 in ampere per square metre. An assumption: a round number from which on the author of a design should look at its wires.
const MOST_A_PER_M2: f64 = 1e11;
/// The same in the unit in which it is told.
const A_PER_M2_IN_MA_PER_CM2: f64 = 1e10;
/// 100 W/cm2 in watt per square metre. An assumption: a round number from which on the author should look at the cooling.
const MOST_W_PER_M2: f64 = 1e6;
/// The same in the unit in which it is told.
const W_PER_M2_IN_W_PER_CM2: f64 = 1e4;

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let stressed = design.layers.iter().filter_map(|layer| {
        let stress = tile_stress(design, layer.circuits.crossbar)?;
        Some((design.graph[layer.circuits.crossbar].component()?, (layer.name.as_str(), stress)))
    });
    let groups = ByComponent::of(stressed).0;
    groups
        .into_iter()
        .flat_map(|(crossbar, layers)| [wires(crossbar, &layers, sources), heat(crossbar, &layers, sources)])
        .flatten()
        .collect()
}

fn wires(crossbar: &Arc<Component>, layers: &[(&str, TileStress)], sources: &SourceMap) -> Option<Finding> {
    let what =
        format!("wires of `{}` carry more than {} MA/cm2", crossbar.name, MOST_A_PER_M2 / A_PER_M2_IN_MA_PER_CM2);
    let mut finding = Finding::new(FindingRule::CurrentDensity, what).at(crossbar.span, sources);
    for (layer, stress) in layers {
        let row = (stress.row_a_per_m2, "the first segment of a row at its full voltage");
        let column = (stress.column_a_per_m2, "the last segment of a column, rows at their mean");
        for (density, place) in [row, column] {
            let Some(density) = density.filter(|&density| density > MOST_A_PER_M2) else { continue };
            let density_told = sig(density / A_PER_M2_IN_MA_PER_CM2, 3);
            finding = finding.detail(format!("layer `{layer}`: {density_told} MA/cm2 in {place}"));
            finding = finding.figure_in(format!("current density in {place}"), density, "A/m^2").in_layer(layer);
        }
    }
    let help =
        "thicker or wider wires (`wire`), narrower and lower tiles, devices of more resistance, a lower `read-voltage`";
    (!finding.details.is_empty()).then(|| finding.mend(help))
}

fn heat(crossbar: &Arc<Component>, layers: &[(&str, TileStress)], sources: &SourceMap) -> Option<Finding> {
    let most = MOST_W_PER_M2 / W_PER_M2_IN_W_PER_CM2;
    let what = format!("`{}` takes more than {most} W/cm2 while it is read", crossbar.name);
    let mut finding = Finding::new(FindingRule::PowerDensity, what).at(crossbar.span, sources);
    for (layer, stress) in layers.iter().filter(|(_, stress)| stress.power_w_per_m2 > MOST_W_PER_M2) {
        let on_a_square_centimetre = Power::new(stress.power_w_per_m2 / W_PER_M2_IN_W_PER_CM2);
        finding = finding.detail(format!("layer `{layer}`: {}/cm2", on_a_square_centimetre.eng(3)));
        finding = finding.figure_in("power of the tiles by area", stress.power_w_per_m2, "W/m^2").in_layer(layer);
    }
    let help = "a lower `read-voltage`, devices of more resistance, larger cells; read for a small part of the time the mean is less";
    (!finding.details.is_empty()).then(|| finding.mend(help))
}
