//! Amplifiers at their rails, and outputs that are tied together.

use std::sync::Arc;

use super::ByComponent;
use crate::cost::amplifier::{self, PlacedAmplifier};
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::model::amplifier::columns::AmplifierDuty;
use crate::results::{Finding, FindingRule};
use crate::techlib::Component;
use crate::units::{Fraction, Resistance, Unit, Voltage};

/// More than this part of the outputs beyond the rails is worth a word: the same part that converters may clip.
const BEYOND: f64 = 0.01;

/// A layer with its amplifiers and what they have to do.
type OfLayer<'d> = (&'d str, PlacedAmplifier, AmplifierDuty);

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let placed = || {
        design.layers.iter().filter_map(|layer| {
            let (node, _) = design.termination_of(layer.circuits.crossbar)?;
            let placed = amplifier::placed(design, node)?;
            Some((design.graph[node].component()?, (layer.name.as_str(), placed, placed.duty())))
        })
    };
    let beyond = placed().filter(|(_, (_, _, duty))| duty.beyond_rails.is_some_and(|part| part > BEYOND));
    let tied = placed().filter(|(_, (_, placed, _))| placed.joined > 1 && placed.amplifier.output == Resistance::ZERO);
    let saturation = ByComponent::of(beyond).0.into_iter().map(|group| saturation(group, sources));
    let joints = ByComponent::of(tied).0.into_iter().map(|group| joints(group, sources));
    saturation.chain(joints).collect()
}

fn saturation((component, layers): (&Arc<Component>, Vec<OfLayer<'_>>), sources: &SourceMap) -> Finding {
    let what = format!("outputs of `{}` reach its rails", component.name);
    let mut finding = Finding::new(FindingRule::Saturation, what).at(component.span, sources);
    for (layer, placed, duty) in layers {
        let (part, rails) = (duty.beyond_rails.unwrap_or(0.0), placed.amplifier.rails().unwrap_or(Voltage::ZERO));
        finding = finding.detail(format!(
            "layer `{layer}`: {} rms between rails of {} for random weights, {:.0} % of them beyond",
            duty.output.eng(3),
            rails.eng(3),
            100.0 * part
        ));
        finding = finding.figure("output, rms", duty.output).figure("rails", rails);
        finding = finding.figure("part beyond the rails", Fraction::from_si(part)).in_layer(layer);
    }
    finding.mend("less gain, or one amplifier an output, whose sums are those of all tiles, keep the sums apart; `accuracy` and `simulate` hold outputs at the rails")
}

fn joints((component, layers): (&Arc<Component>, Vec<OfLayer<'_>>), sources: &SourceMap) -> Finding {
    let what = format!("outputs of `{}` are tied together with nothing between them", component.name);
    let mut finding = Finding::new(FindingRule::TiedOutputs, what).at(component.span, sources);
    for (layer, placed, duty) in layers {
        finding = finding.detail(format!(
            "layer `{layer}`: {} outputs, each at {} rms of its own for random weights, as one node",
            placed.joined,
            duty.output.eng(3)
        ));
        finding = finding.figure("outputs", Fraction::from_si(placed.joined as f64)).figure("output, rms", duty.output);
        finding = finding.in_layer(layer);
    }
    finding.mend("the node is taken at their mean, and what flows between them as nothing, as ideal sources of equal strength would have it; op-amps drive each other to their rails. State an `output-resistance` of its model, or one amplifier an output (`per: output`)")
}
