//! Neurons that cannot hold their levels into the rows that they drive.

use super::{ByComponent, LOST};
use crate::cost::drive::neuron_in_place;
use crate::design::{Design, Role};
use crate::diagnostic::SourceMap;
use crate::model::neuron::in_place::InPlace;
use crate::model::neuron::{Load, NeuronError};
use crate::results::{Finding, FindingRule};
use crate::units::{Fraction, Unit};

/// What is to be said of a neuron after a layer.
struct Loading<'d> {
    layer: &'d str,
    line: String,
    lost: Option<f64>,
}

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let found = design.nodes().filter_map(|(index, node)| {
        let Role::Stage(component) = &node.role else { return None };
        let layer = design.layers.get(node.layer?)?.name.as_str();
        let (said, lost) = loading(neuron_in_place(design, index)?)?;
        Some((component, Loading { layer, line: format!("after layer `{layer}`, into {said}"), lost }))
    });
    let finding = |(component, places): (&std::sync::Arc<crate::techlib::Component>, Vec<Loading<'_>>)| {
        let what = format!("`{}` cannot hold its levels into the rows that it drives", component.name);
        let mut finding = Finding::new(FindingRule::Loading, what).at(component.span, sources);
        for Loading { layer, line, lost } in places {
            finding = finding.detail(line);
            if let Some(lost) = lost {
                finding = finding.figure("part of the swing that is lost", Fraction::from_si(lost)).in_layer(layer);
            }
        }
        finding.mend("a `buffer` after it holds them, more fins (`nfin` of its model) help; both have their cost")
    };
    ByComponent::of(found).0.into_iter().map(finding).collect()
}

/// What is to be said of a neuron in its load, and which part of its swing is lost.
fn loading(found: Result<InPlace, NeuronError>) -> Option<(String, Option<f64>)> {
    let found = match found {
        Ok(found) => found,
        Err(error) => return Some((format!("its rows: {error}"), None)),
    };
    let Load::ResistanceTo(resistance, level) = found.load else { return None };
    let lost = found.lost_swing();
    let said = || {
        format!(
            "{} a row to a level of {}: levels of {} and {} become {} and {}, {:.0} % of the swing is lost",
            resistance.eng(3),
            level.eng(3),
            found.open.0.eng(3),
            found.open.1.eng(3),
            found.loaded.0.eng(3),
            found.loaded.1.eng(3),
            100.0 * lost,
        )
    };
    (lost > LOST).then(|| (said(), Some(lost)))
}
