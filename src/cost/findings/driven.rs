//! Row drivers that cannot hold the rows that they drive.

use std::sync::Arc;

use super::{ByComponent, LOST};
use crate::cost::drive::{DrivenRow, driven_row};
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::model::neuron::Load;
use crate::results::{Finding, FindingRule};
use crate::techlib::Component;
use crate::units::{Fraction, Resistance, Unit, sig};

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let found = design.nodes().filter_map(|(index, node)| {
        let row = driven_row(design, index).filter(|row| row.lost() > LOST)?;
        let Load::ResistanceTo(resistance, _) = row.load else { return None };
        Some((node.component()?, (design.layers.get(node.layer?)?.name.as_str(), row, resistance)))
    });
    let finding = |(driver, rows): (&Arc<Component>, Vec<(&str, DrivenRow, Resistance)>)| {
        let what = format!("`{}` cannot hold the rows that it drives", driver.name);
        let mut finding = Finding::new(FindingRule::RowDroop, what).at(driver.span, sources);
        let mut most: f64 = 0.0;
        for (layer, row, resistance) in rows {
            finding = finding.detail(line(layer, &row, resistance));
            finding = finding.figure("part of the voltage that is lost", Fraction::from_si(row.lost())).in_layer(layer);
            // Below the tenth a transistor is a resistor.
            most = most.max(row.fins * row.lost() / (1.0 - row.lost()) * (1.0 - LOST) / LOST);
        }
        finding.mend(format!(
            "{} fins or more in its last inverter, narrower tiles, devices of more resistance",
            sig(most.ceil(), 2)
        ))
    };
    ByComponent::of(found).0.into_iter().map(finding).collect()
}

fn line(layer: &str, row: &DrivenRow, resistance: Resistance) -> String {
    format!(
        "layer `{layer}`: {} fins drive a row of {} to {} instead of {}: {:.0} % is lost; costs take it as held",
        row.fins,
        resistance.eng(3),
        row.level.eng(3),
        row.vdd.eng(3),
        100.0 * row.lost(),
    )
}
