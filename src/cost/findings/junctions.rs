//! Magnetic tunnel junctions that are read at a high voltage.

use std::sync::Arc;

use super::{ByComponent, column_ending};
use crate::cost::drive::rows_driven;
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::results::{Finding, FindingRule};
use crate::techlib::Component;
use crate::units::{Unit, Voltage};

/// Published models of junctions are read at 0.25 V (the cells of NVSim and NVMExplorer after Ikeda et al. 2010) and have lost half of their
/// magnetoresistance at 0.5 V (OpenNVRAM; Gonzalez-Ruano et al., arXiv 2110.05061: little is left above). At 0.3 V a quarter of it is lost.
const MOST_V: f64 = 0.3;

/// A layer, the voltage across a device of a row at its full voltage, that voltage, and what the columns are at on average.
struct JunctionRead<'d> {
    layer: &'d str,
    across: Voltage,
    row: Voltage,
    column: Voltage,
}

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let found = design.layers.iter().filter_map(|layer| {
        let crossbar = layer.circuits.crossbar;
        let component = design.graph[crossbar].component()?;
        component.crossbar.as_ref().filter(|array| array.device.device.kind.is_magnetic())?;
        let row = rows_driven(design, crossbar)?.full;
        let column = column_ending(design, crossbar).map_or(Voltage::ZERO, |ending| ending.rise);
        let read = JunctionRead { layer: &layer.name, across: row - column, row, column };
        (read.across.si() > MOST_V).then_some((component, read))
    });
    let finding = |(crossbar, layers): (&Arc<Component>, Vec<JunctionRead<'_>>)| {
        let device = crossbar.crossbar.as_ref().map_or("", |array| &array.device.device.name);
        let what =
            format!("junctions `{device}` of `{}` are read above {}", crossbar.name, Voltage::from_si(MOST_V).eng(2));
        let mut finding = Finding::new(FindingRule::JunctionVoltage, what).at(crossbar.span, sources);
        for JunctionRead { layer, across, row, column } in layers {
            finding = finding.detail(format!(
                "layer `{layer}`: {} across them, rows at {}, columns at {} on average",
                across.eng(3),
                row.eng(3),
                column.eng(3)
            ));
            finding = finding.figure("voltage across a junction", across).in_layer(layer);
        }
        finding.mend("a lower `read-voltage`; at 0.5 V half of the magnetoresistance of usual junctions is left (`tmr-v0` of the device states it), and reading disturbs and wears them")
    };
    ByComponent::of(found).0.into_iter().map(finding).collect()
}
