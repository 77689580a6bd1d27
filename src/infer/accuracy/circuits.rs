//! What stands around a layer's crossbars, read off the dataflow.

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::graph::NodeIndex;

use crate::design::{CrossbarUse, Design, Domain, Node, Role};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics};
use crate::model::amplifier::DifferenceAmplifier;
use crate::techlib::{Component, Crossbar, Kind, Model};

/// The circuits of a layer that decide what it computes.
#[derive(Debug)]
pub struct Circuits<'a> {
    /// Its crossbar.
    pub crossbar: &'a Component,
    /// The crossbar part of it.
    pub array: &'a Crossbar,
    /// How it is used.
    pub usage: CrossbarUse,
    /// Bits of the words that are applied at once.
    pub applied_bits: u32,
    /// Bits of the words that arrive; none where voltages drive the rows.
    pub word_bits: Option<u32>,
    /// The amplifier's circuit, if it has one.
    pub amplifier: Option<DifferenceAmplifier>,
    /// The converter before the activation.
    pub adc: Option<Converter<'a>>,
    /// The neuron or activation unit.
    pub activation: Option<(&'a Component, &'a Node)>,
    /// True if the neuron drives the rows of the next crossbar itself.
    pub drives_rows: bool,
    /// Converters after the activation: bits and full scale.
    pub converters_after: Vec<(u32, f64)>,
}

/// An ADC between the columns and the activation.
#[derive(Debug)]
pub struct Converter<'a> {
    /// The component.
    pub component: &'a Component,
    /// Its full scale, as a fraction of the largest value that can arrive.
    pub range: f64,
    /// True if each tile converts its own partial sums.
    pub before_sum: bool,
    /// True if the two columns of a pair are converted one by one.
    pub paired: bool,
}

impl<'a> Circuits<'a> {
    /// Reads them.
    ///
    /// # Errors
    /// The layer is one that is not computed.
    pub fn of(flow: &'a Design, layer: usize, diagnostics: &mut Diagnostics) -> Checked<Self> {
        let Some(found) = Self::find(flow, layer) else {
            let message = format!("layer `{}` has no crossbar", flow.layers[layer].name);
            return Err(diagnostics.push(Diagnostic::error(message)));
        };
        found.check(flow, layer, diagnostics)?;
        Ok(found)
    }

    fn find(flow: &'a Design, layer: usize) -> Option<Self> {
        let mut found: Option<Self> = None;
        let nodes = || flow.nodes().filter(|(_, node)| node.layer == Some(layer));
        for (index, node) in nodes() {
            match (&node.role, &mut found) {
                (Role::Crossbar(component, usage), _) => {
                    found = Some(Self {
                        crossbar: component,
                        array: component.crossbar.as_ref()?,
                        usage: *usage,
                        applied_bits: node.word_bits,
                        word_bits: arriving_word(flow, layer),
                        amplifier: None,
                        adc: None,
                        activation: None,
                        drives_rows: false,
                        converters_after: Vec::new(),
                    });
                }
                (Role::Stage(component), Some(found)) => found.add(flow, index, component, node, layer),
                _ => {}
            }
        }
        found
    }

    fn add(&mut self, flow: &Design, index: NodeIndex, component: &'a Component, node: &'a Node, layer: usize) {
        match component.kind {
            Kind::Amplifier => {
                if let Some(Model::DifferenceAmplifier(circuit)) = component.model {
                    self.amplifier = Some(circuit);
                }
            }
            Kind::Neuron | Kind::Activation => {
                self.activation = Some((component, node));
                let next = |next: NodeIndex| matches!(flow.graph[next].role, Role::Crossbar(..));
                self.drives_rows = flow.graph.neighbors_directed(index, Outgoing).any(next);
            }
            Kind::Adc if self.activation.is_some() => {
                self.converters_after.push((component.bits.unwrap_or(1), node.range.unwrap_or(1.0)));
            }
            Kind::Adc => {
                let arriving = flow.graph.edges_directed(index, Incoming).next().map(|edge| *edge.weight());
                self.adc = Some(Converter {
                    component,
                    range: node.range.unwrap_or(1.0),
                    before_sum: flow.layers[layer].grid.row_partitions > 1
                        && flow.layers[layer].summed_at.is_none_or(|sum| index < sum),
                    paired: arriving.is_some_and(|signal| signal.paired) && !component.differential,
                });
            }
            _ => {}
        }
    }

    /// What is not computed is an error, never a guess.
    fn check(&self, flow: &Design, index: usize, diagnostics: &mut Diagnostics) -> Checked<()> {
        let before = diagnostics.mark();
        let layer = &flow.layers[index];
        let is_last = index + 1 == flow.layers.len();
        let follows = if index == 0 { layer.from == [None] } else { layer.from == [Some(index - 1)] };
        let mut error = |message: String| {
            diagnostics.push(Diagnostic::error(message));
        };
        if !follows {
            error(format!("accuracy follows one layer into the next, but `{}` is fed otherwise", layer.name));
        }
        if layer.cells.encoding != crate::spec::architecture::Encoding::Differential {
            error(format!("layer `{}` has unsigned weights: accuracy is computed for differential pairs", layer.name));
        }
        match self.activation {
            Some((component, _)) if component.function.as_deref().is_some_and(|f| f != "sigmoid") && !is_last => {
                let function = component.function.as_deref().unwrap_or_default();
                let message = format!(
                    "`{}` computes {function}: accuracy is computed for networks of sigmoid neurons",
                    component.name
                );
                diagnostics.push(Diagnostic::error(message).at(component.span, "used by this design"));
            }
            None if !is_last => error(format!("layer `{}` has no neuron or activation unit", layer.name)),
            _ => {}
        }
        diagnostics.since(before)
    }
}

/// Bits of the words that a layer is given.
fn arriving_word(flow: &Design, layer: usize) -> Option<u32> {
    let of_layer = |node: NodeIndex| flow.graph[node].layer == Some(layer);
    let mut edges = flow.graph.edge_indices().filter_map(|edge| {
        let (from, to) = flow.graph.edge_endpoints(edge)?;
        (of_layer(to) && !of_layer(from)).then(|| flow.graph[edge])
    });
    edges.find(|signal| signal.domain == Domain::Word).map(|signal| signal.bits)
}
