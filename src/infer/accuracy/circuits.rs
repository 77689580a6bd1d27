//! What stands around a layer's crossbars, read off the dataflow.

use petgraph::Direction::Incoming;
use petgraph::graph::NodeIndex;

use crate::design::signal::gives;
use crate::design::{CrossbarUse, Design, Domain, InputEncoding, Node, Role};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics};
use crate::model::amplifier::ColumnAmplifier;
use crate::model::network::layer::Meet;
use crate::spec::architecture::Encoding;
use crate::techlib::{Component, Crossbar, Model};

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
    /// What the columns end in.
    pub end: Option<&'a Component>,
    /// The circuit of the amplifier there.
    pub amplifier: Option<ColumnAmplifier>,
    /// Where tiles below each other meet.
    pub meet: Meet,
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
            let layer = &flow.layers[layer];
            let message = format!(
                "the accuracy of layer `{}` cannot be computed: the costs of its arrays are stated",
                layer.name
            );
            let mut error = Diagnostic::error(message).help(
                "what an array computes, with its devices, wires and noise, is known of crossbars with a `device`",
            );
            if let Some(component) = flow.graph[layer.circuits.crossbar].component() {
                error = error.at(component.span, "its cells are not described");
            }
            return Err(diagnostics.push(error));
        };
        found.check(flow, layer, diagnostics)?;
        Ok(found)
    }

    fn find(flow: &'a Design, layer: usize) -> Option<Self> {
        let spec = &flow.layers[layer];
        let circuits = &spec.circuits;
        let node = |index: NodeIndex| &flow.graph[index];
        let Role::Crossbar(crossbar, usage) = &node(circuits.crossbar).role else { return None };
        let stage = |index: NodeIndex| node(index).component().map(|component| (&**component, node(index)));
        let end = circuits.column.first().copied().and_then(stage).map(|(component, _)| component);
        let amplifier =
            flow.termination_of(circuits.crossbar).and_then(|(node, _)| stage(node)).and_then(|of| match of.0 {
                Component { model: Some(Model::Amplifier(amplifier)), differential: true, .. } => {
                    Some(amplifier.circuit)
                }
                _ => None,
            });
        let converter = |&index: &NodeIndex| {
            let (component, adc) = stage(index)?;
            let arriving = flow.graph.edges_directed(index, Incoming).next().map(|edge| *edge.weight());
            Some(Converter {
                component,
                range: adc.range.unwrap_or(1.0),
                before_sum: spec.takes_partial_sums(index),
                paired: arriving.is_some_and(|signal| signal.paired) && !component.differential,
            })
        };
        let after = circuits.converters_after.iter().filter_map(|&index| stage(index));
        Some(Self {
            crossbar,
            array: crossbar.crossbar.as_ref()?,
            usage: *usage,
            applied_bits: node(circuits.crossbar).word_bits,
            word_bits: Some(circuits.arriving).filter(|s| s.domain == Domain::Word).map(|s| s.bits),
            end,
            amplifier,
            meet: meet(flow, layer),
            adc: circuits.converters_before.last().and_then(converter),
            activation: circuits.activation.and_then(stage),
            drives_rows: circuits.activation.is_some_and(|neuron| !flow.crossbars_driven_by(neuron).is_empty()),
            converters_after: after.map(|(c, adc)| (c.bits.unwrap_or(1), adc.range.unwrap_or(1.0))).collect(),
        })
    }

    /// What is not computed is an error, never a guess.
    fn check(&self, flow: &Design, index: usize, diagnostics: &mut Diagnostics) -> Checked<()> {
        let layer = &flow.layers[index];
        let refuse = |what: String| {
            Diagnostic::error(format!("the accuracy of layer `{}` cannot be computed: {what}", layer.name))
        };
        if self.crossbar.gives.is_some_and(|gives| gives != Domain::Current) {
            let error = refuse(format!("`{}` gives {}", self.crossbar.name, gives(self.crossbar, Domain::Voltage)));
            return Err(
                diagnostics.push(error.at(self.crossbar.span, "").help("columns that give currents are computed"))
            );
        }
        let encoding = layer.cells.encoding;
        if !matches!(encoding, Encoding::Differential | Encoding::Unsigned) {
            let error = refuse(format!("its weights are stored as `{}`", encoding.name()));
            return Err(diagnostics.push(error.help("`differential` and `unsigned` weights are computed")));
        }
        if !matches!(flow.input_encoding, InputEncoding::Unsigned | InputEncoding::Bipolar) {
            let error = refuse("its inputs have a sign of their own".to_owned());
            return Err(diagnostics.push(error.help("`unsigned` and `bipolar` inputs are computed")));
        }
        if encoding != Encoding::Differential {
            let message = "accuracy is computed for differential pairs";
            let error = Diagnostic::error(format!("layer `{}` has unsigned weights: {message}", layer.name));
            return Err(diagnostics.push(error));
        }
        Ok(())
    }

    /// What has to hold of a layer in a chain of dense layers: it follows the one before, and logistic functions lie between.
    ///
    /// # Errors
    /// It does not, which has been reported.
    pub fn check_chain(&self, flow: &Design, index: usize, diagnostics: &mut Diagnostics) -> Checked<()> {
        let before = diagnostics.mark();
        let layer = &flow.layers[index];
        let is_last = index + 1 == flow.layers.len();
        if layer.from != [index.checked_sub(1)] {
            let message = format!("a chain follows one layer into the next, but `{}` is fed otherwise", layer.name);
            diagnostics.push(Diagnostic::error(message));
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
            None if !is_last => {
                let message = format!("layer `{}` has no neuron or activation unit", layer.name);
                diagnostics.push(Diagnostic::error(message));
            }
            _ => {}
        }
        diagnostics.since(before)
    }

    /// True if the arrays of a layer give words by themselves, so that their products are exact.
    #[must_use]
    pub fn are_exact(flow: &Design, layer: usize) -> bool {
        let arrays = flow.graph[flow.layers[layer].circuits.crossbar].component();
        arrays.is_some_and(|arrays| arrays.crossbar.is_none() && arrays.gives == Some(Domain::Word))
    }

    /// The unit that computes the function of a layer's outputs.
    #[must_use]
    pub fn unit_of(flow: &Design, layer: usize) -> Option<&Component> {
        let activation = flow.layers[layer].circuits.activation?;
        flow.graph[activation].component().map(|component| &**component)
    }
}

/// Where the tiles of a layer that lie below each other meet: as currents, at the ends of their columns, or later.
#[must_use]
pub fn meet(flow: &Design, layer: usize) -> Meet {
    match flow.termination_of(flow.layers[layer].circuits.crossbar) {
        Some((_, sharing)) if sharing > 1 => Meet::AtColumnEnds,
        _ => Meet::AtOutputs,
    }
}
