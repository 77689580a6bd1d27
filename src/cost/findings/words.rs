//! Words that are wider than what a converter has kept.
//!
//! An ADC of n bits gives words of n bits. Adders and shift-and-adds of words make them wider; an activation, a register or a DAC does not,
//! however wide it is, and a narrower activation keeps less.

use std::sync::Arc;

use petgraph::Direction::Incoming;
use petgraph::graph::NodeIndex;

use super::ByComponent;
use crate::design::Design;
use crate::diagnostic::SourceMap;
use crate::results::{Finding, FindingRule};
use crate::techlib::{Component, Kind};
use crate::units::{Fraction, Unit};

/// What is left of a conversion at some point, and what has left no more.
#[derive(Clone, Copy)]
struct Kept<'d> {
    converter: &'d Arc<Component>,
    bits: u32,
}

/// A unit that is wider than the words that it is given.
struct Wide<'d> {
    layer: &'d str,
    unit: &'d str,
    bits: u32,
    kept: u32,
}

pub(super) fn find(design: &Design, sources: &SourceMap) -> Vec<Finding> {
    let mut wide = Vec::new();
    let given: Vec<Option<Kept<'_>>> =
        (0..design.layers.len()).map(|layer| after_columns(design, layer, &mut wide)).collect();
    for layer in &design.layers {
        let kept: Option<Vec<Kept<'_>>> = layer.from.iter().map(|from| (*from).and_then(|from| given[from])).collect();
        let Some(kept) = kept.and_then(|kept| kept.into_iter().max_by_key(|kept| kept.bits)) else { continue };
        for &node in &layer.circuits.input {
            wider(design, node, kept, &layer.name, &mut wide);
        }
    }
    let finding = |(converter, units): (&Arc<Component>, Vec<Wide<'_>>)| {
        let what = format!("words are wider than what `{}` keeps", converter.name);
        let mut finding = Finding::new(FindingRule::WordWidth, what).at(converter.span, sources);
        for Wide { layer, unit, bits, kept } in units {
            finding = finding.detail(format!("layer `{layer}`: `{unit}` has {bits} bits, its words carry {kept}"));
            finding = finding.figure(format!("bits of {unit}"), Fraction::from_si(f64::from(bits)));
            finding = finding.figure("bits that its words carry", Fraction::from_si(f64::from(kept))).in_layer(layer);
        }
        finding.mend("the bits beyond cost and carry nothing: take narrower units, or an ADC of more bits")
    };
    ByComponent::of(wide.into_iter()).0.into_iter().map(finding).collect()
}

/// Walks a column chain and returns what is left of the conversion at its end.
fn after_columns<'d>(
    design: &'d Design,
    layer: usize,
    wide: &mut Vec<(&'d Arc<Component>, Wide<'d>)>,
) -> Option<Kept<'d>> {
    let layer = &design.layers[layer];
    let mut kept: Option<Kept<'_>> = None;
    for &node in &layer.circuits.column {
        let component = design.graph[node].component()?;
        match (component.kind, &mut kept) {
            (Kind::Adc, _) => kept = component.bits.map(|bits| Kept { converter: component, bits }),
            (Kind::Adder | Kind::ShiftAdd, Some(kept)) => {
                kept.bits += design.graph[node].word_bits.saturating_sub(arriving_bits(design, node));
                wider(design, node, *kept, &layer.name, wide);
            }
            (_, Some(kept)) => {
                wider(design, node, *kept, &layer.name, wide);
                // A function of fewer bits is what keeps from there on.
                if let (Kind::Activation, Some(bits)) =
                    (component.kind, component.bits.filter(|&bits| bits < kept.bits))
                {
                    *kept = Kept { converter: component, bits };
                }
            }
            (_, None) => {}
        }
        // A word that became a voltage again is read anew by the next converter.
        if matches!(component.kind, Kind::Dac | Kind::Neuron | Kind::Buffer) {
            kept = None;
        }
    }
    kept
}

/// Notes a unit that has more bits than its words carry; returns nothing of one whose width is not stated.
fn wider<'d>(
    design: &'d Design,
    node: NodeIndex,
    kept: Kept<'d>,
    layer: &'d str,
    wide: &mut Vec<(&'d Arc<Component>, Wide<'d>)>,
) {
    let Some(component) = design.graph[node].component() else { return };
    if let Some(bits) = component.bits.filter(|&bits| bits > kept.bits) {
        wide.push((kept.converter, Wide { layer, unit: &component.name, bits, kept: kept.bits }));
    }
}

fn arriving_bits(design: &Design, node: NodeIndex) -> u32 {
    design.graph.edges_directed(node, Incoming).map(|edge| edge.weight().bits).max().unwrap_or(0)
}
