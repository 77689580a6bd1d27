//! The layers of a network, one after another.

use std::collections::BTreeSet;

use super::layer::LayerToBuild;
use super::lower::{End, Lowering, MAX_SIZE};
use super::traffic::MovedLayer;
use super::{Domain, InputEncoding, Node, PlacedLayer, Role, Signal};
use crate::diagnostic::Diagnostic;
use crate::spec::architecture::{self as file, Input};
use crate::workload::{self, LayerKind, NetworkLayer, NetworkReader, Shape};
use crate::yaml::{Located, Slot};

impl<'a> Lowering<'a> {
    /// Lowers the network; only its shapes are looked at where nobody knows the places for its layers, since something is wrong with them.
    pub(super) fn network(&mut self, has_places: bool) {
        let (spec, place) = (self.spec, self.place);
        // What every layer falls back on is asked for once, and not by each layer.
        if spec.levels.is_missing() {
            spec.weights.require("the architecture", "weights", place, self.diagnostics);
            spec.tile.require("the architecture", "tile", place, self.diagnostics);
            spec.stages.require("the architecture", "stages", place, self.diagnostics);
        }
        let Some(network) = spec.network.require("the architecture", "network", place, self.diagnostics) else {
            return;
        };
        let (source, shape) = self.source(network);
        let layers = network.value.layers.require("`network`", "layers", network.span, self.diagnostics);
        let Some(layers) = layers else { return };
        if layers.value.is_empty() {
            self.report(Diagnostic::error("the network has no layers").at(layers.span, "expected at least one layer"));
        }
        let reader =
            NetworkReader { diagnostics: self.diagnostics, comparisons: &mut self.comparisons, most: MAX_SIZE };
        let Some(layers) = workload::read(layers, self.place, shape, reader) else { return };
        if !has_places {
            return;
        }
        self.refuse_nothing(&layers);
        self.unactivated = unactivated(&layers);
        self.share_out(&layers);
        let mut ends: Vec<Option<End>> = vec![None; layers.len()];
        let mut consumed = vec![false; layers.len()];
        let ways = Ways::of(&layers);
        // The layer on arrays that each layer's values come from.
        let mut on_arrays: Vec<Vec<Option<usize>>> = vec![Vec::new(); layers.len()];
        for (step, layer) in layers.iter().enumerate() {
            let arriving: Option<Vec<End>> = layer
                .from
                .iter()
                .map(|feed| match feed {
                    Some(before) => {
                        consumed[*before] = true;
                        ends[*before].clone()
                    }
                    None => source.clone(),
                })
                .collect();
            let arriving = arriving.filter(|ends| !ends.is_empty());
            let feeders = layer.from.iter().flat_map(|feed| match feed {
                Some(before) => on_arrays[*before].clone(),
                None => vec![None],
            });
            let feeders: Vec<Option<usize>> = feeders.collect();
            let before = self.layers.len();
            ends[step] = self.network_layer(step, layer, arriving, &feeders, &ways);
            on_arrays[step] = if self.layers.len() > before { vec![Some(before)] } else { feeders };
            on_arrays[step].sort_unstable();
            on_arrays[step].dedup();
            self.place(layer, (self.layers.len() > before).then_some(before));
        }
        self.sinks(ends.into_iter().zip(consumed).filter(|(_, used)| !used).filter_map(|(end, _)| end));
        self.check_shares();
    }

    /// A network that only changes shapes costs nothing that could be told.
    fn refuse_nothing(&mut self, layers: &[NetworkLayer<'_>]) {
        let is_idle = |layer: &NetworkLayer<'_>| layer.work.is_some() && only_changes_shape(layer);
        let Some(first) = layers.first().filter(|_| layers.iter().all(is_idle)) else { return };
        let error = Diagnostic::error("no layer of the network computes anything");
        self.report(error.at(first.name.span, "it changes the shape of values, as all layers do here"));
    }

    /// Lowers a layer of the network, on arrays or without; none if something is wrong.
    fn network_layer(
        &mut self,
        step: usize,
        layer: &NetworkLayer<'a>,
        arriving: Option<Vec<End>>,
        feeders: &[Option<usize>],
        ways: &Ways,
    ) -> Option<End> {
        let spec = layer.spec?;
        // What a layer of a kind that is not known needs is not known either.
        let kind = layer.kind.as_ref()?;
        if !kind.has_matrices() {
            return self.values_layer(step, layer, arriving?, moved_layer(step, layer, ways));
        }
        if self.machine.is_some() {
            self.leaf = self.leaf_of(spec, layer);
            self.leaf.as_ref()?;
        }
        let matrices = layer.work.as_ref().and_then(|work| work.matrices);
        let values = layer.work.as_ref().and_then(|work| work.values.as_ref());
        let copies = self.copies_of(step, &spec.value, matrices.as_ref());
        let is_activated = matches!(kind, LayerKind::Recurrent { .. }) || layer.activation.is_some();
        let end = self.layer(LayerToBuild {
            name: &layer.name,
            spec: &spec.value,
            arriving,
            from: feeders.to_vec(),
            matrices,
            copies,
            // A function of sums comes after them.
            activation: layer.activation.as_ref().filter(|_| values.is_none()),
            step,
            moved: moved_layer(step, layer, ways),
            needs_no_activation: layer.is_last || is_activated,
        })?;
        match values {
            Some(values) => self.values_of_products(step, layer, end, values),
            None => Some(end),
        }
    }

    /// Notes a layer that has been lowered.
    fn place(&mut self, layer: &NetworkLayer<'_>, on_arrays: Option<usize>) {
        let (Some(kind), Some(inputs), Some(work)) = (&layer.kind, &layer.inputs, &layer.work) else { return };
        self.network.push(PlacedLayer {
            name: layer.name.value.clone(),
            kind: kind.name(),
            computes: kind.clone(),
            inputs: inputs.clone(),
            output: work.output,
            from: layer.from.clone(),
            matrices: work.matrices,
            values: work.values.clone(),
            activation: layer.activation.as_ref().map(|a| a.value.clone()),
            first_rows: work.first_rows,
            on_arrays,
        });
    }

    /// What goes into the network, each as far as it can be read: the end that layers start from, and its shape.
    fn source(&mut self, network: &Located<file::NetworkSpec>) -> (Option<End>, Option<Shape>) {
        let Some(input) = network.value.input.require("`network`", "input", network.span, self.diagnostics) else {
            return (None, None);
        };
        let bits = match &input.value.bits {
            Slot::Present(bits) => self.count("bits", bits, 32).and_then(|bits| u32::try_from(bits).ok()),
            Slot::Missing => Some(self.activation_bits()),
            Slot::Bad => None,
        };
        let shape = self.input_shape(input);
        let bits = bits.filter(|_| !matches!(input.value.encoding, Slot::Bad));
        (shape.zip(bits).map(|(shape, bits)| self.source_of(input, shape, bits)), shape)
    }

    fn source_of(&mut self, input: &Located<file::Input>, shape: Shape, bits: u32) -> End {
        self.input_bits = bits;
        self.input_encoding(input, bits);
        let signal = Signal { domain: Domain::Word, bits, lanes: shape.values(), paired: false };
        let node = self.graph.add_node(Node::outside(Role::Source, bits));
        End { node, signal, name: "input".into(), span: input.span, unfit: None, products: 1, extent: None }
    }

    fn input_shape(&mut self, input: &Located<file::Input>) -> Option<Shape> {
        let Input { features, shape, .. } = &input.value;
        if let Some((features, shape)) = features.span().zip(shape.span()) {
            let error = Diagnostic::error("`shape` and `features` both say what goes in").at(shape, "keep one");
            self.report(error.also(features, "the other"));
            return None;
        }
        if shape.is_missing() {
            if features.is_missing() {
                let error = Diagnostic::error("`input` needs `features`").at(input.span, "`features` is missing here");
                self.report(error.help("or `shape: 3 x 224 x 224` of a picture, `shape: 128 x 768` of a sequence"));
            }
            let features = features.located()?;
            return self.count("features", features, MAX_SIZE).map(Shape::Features);
        }
        let text = shape.located()?;
        let mut reader =
            NetworkReader { diagnostics: self.diagnostics, comparisons: &mut self.comparisons, most: MAX_SIZE };
        reader.shape("shape", text)
    }

    fn input_encoding(&mut self, input: &Located<file::Input>, bits: u32) {
        let Some(encoding) = input.value.encoding.located() else { return };
        self.input_encoding = encoding.value;
        if encoding.value == InputEncoding::Bipolar && bits > 1 {
            let error = Diagnostic::error(format!("bipolar inputs have one bit, not {bits}"));
            self.report(error.at(encoding.span, "a value is the negative or the positive read voltage"));
        }
    }

    pub(super) fn sinks(&mut self, ends: impl Iterator<Item = End>) {
        for end in ends {
            let sink = self.graph.add_node(Node::outside(Role::Sink, end.signal.bits));
            self.graph.add_edge(end.node, sink, end.signal);
        }
    }
}

/// Layers whose outputs are joined or changed element by element before the next product: what computes their function is not in their chain.
fn unactivated(layers: &[NetworkLayer<'_>]) -> BTreeSet<usize> {
    let has_weights = |layer: &NetworkLayer<'_>| {
        layer.kind.as_ref().is_none_or(|kind| kind.has_matrices() && !matches!(kind, LayerKind::MatMul { .. }))
    };
    let (mut fed, mut into_matrices) = (BTreeSet::new(), BTreeSet::new());
    for layer in layers {
        for before in layer.from.iter().flatten() {
            fed.insert(*before);
            if has_weights(layer) {
                into_matrices.insert(*before);
            }
        }
    }
    let products = layers.iter().enumerate().filter(|(_, layer)| matches!(layer.kind, Some(LayerKind::MatMul { .. })));
    fed.retain(|step| !into_matrices.contains(step));
    fed.extend(products.map(|(step, _)| step));
    fed
}

/// True for a layer that computes nothing: nothing moves for it.
fn only_changes_shape(layer: &NetworkLayer<'_>) -> bool {
    let idle = |work: &workload::Work| work.matrices.is_none() && work.values.is_none();
    layer.activation.is_none() && layer.work.as_ref().is_some_and(idle)
}

/// What of a network comes from outside and goes there, also through layers that change shapes alone and move nothing.
struct Ways {
    /// Words of the network's input in the output of each layer that only changes its shape.
    entering: Vec<u64>,
    /// True where the output leaves the network.
    leaves: Vec<bool>,
}

impl Ways {
    fn of(layers: &[NetworkLayer<'_>]) -> Self {
        let mut ways = Self { entering: vec![0; layers.len()], leaves: vec![true; layers.len()] };
        for (step, layer) in layers.iter().enumerate() {
            let output = layer.work.as_ref().map_or(0, |work| work.output.values());
            if only_changes_shape(layer) {
                let all = ways.words_from_outside(layer).into_iter().fold(0, u64::saturating_add);
                ways.entering[step] = all.min(output);
            }
            layer.from.iter().flatten().for_each(|before| ways.leaves[*before] = false);
        }
        for (step, layer) in layers.iter().enumerate().rev() {
            if ways.leaves[step] && only_changes_shape(layer) {
                layer.from.iter().flatten().for_each(|before| ways.leaves[*before] = true);
            }
        }
        ways
    }

    /// Words of each input of a layer that come from outside.
    fn words_from_outside(&self, layer: &NetworkLayer<'_>) -> Vec<u64> {
        let inputs = layer.inputs.iter().flatten();
        let of = |(shape, from): (&Shape, &Option<usize>)| from.map_or(shape.values(), |before| self.entering[before]);
        inputs.zip(&layer.from).map(of).collect()
    }
}

/// The words of a layer that are moved, but for what is known of its arrays; none if something is wrong with it.
fn moved_layer(step: usize, layer: &NetworkLayer<'_>, ways: &Ways) -> Option<MovedLayer> {
    let (shapes, work) = (layer.inputs.as_ref()?, layer.work.as_ref()?);
    let inputs = shapes.iter().copied().zip(ways.words_from_outside(layer)).collect();
    let (output, first_rows, leaves) = (work.output, work.first_rows, ways.leaves[step]);
    Some(MovedLayer { layer: None, step, extent: None, replication: None, inputs, output, leaves, first_rows })
}
