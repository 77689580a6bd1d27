//! Neurons whose rails are not the read voltage of the crossbar that they drive.

use std::sync::Arc;

use super::ByComponent;
use crate::cost::drive::rows_driven;
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::results::{Finding, FindingRule};
use crate::techlib::Component;
use crate::units::Voltage;

/// Two voltages that differ by less than this part are meant to be the same one: the shipped neuron's upper level is 1 % below its supply.
const SAME: f64 = 0.05;

/// A layer, the rails of the neurons that drive its rows and the read voltage of its crossbar.
type Driven<'d> = (&'d str, Voltage, Voltage);

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let found = design.layers.iter().filter_map(|layer| {
        let rails = rows_driven(design, layer.circuits.crossbar)?.rails?;
        let component = design.graph[layer.circuits.crossbar].component()?;
        let read = component.crossbar.as_ref()?.read_voltage;
        let differs = (rails.si() - read.si()).abs() > SAME * read.si();
        differs.then_some((component, (layer.name.as_str(), rails, read)))
    });
    let finding = |(crossbar, layers): (&Arc<Component>, Vec<Driven<'_>>)| {
        let what = format!("`read-voltage` of `{}` is not what the neurons put on its rows", crossbar.name);
        let mut finding = Finding::new(FindingRule::Rails, what).at(crossbar.span, sources);
        for (layer, rails, read) in layers {
            finding = finding.detail(format!(
                "layer `{layer}`: rails of {}, `read-voltage` of {}",
                rails.eng(3),
                read.eng(3)
            ));
            finding = finding.figure("rails", rails).figure("read voltage", read).in_layer(layer);
        }
        finding.mend("costs are those of the neurons' levels; `read-voltage` is that of the bias row and of rows that words drive: state one voltage, or a neuron of other rails")
    };
    ByComponent::of(found).0.into_iter().map(finding).collect()
}
