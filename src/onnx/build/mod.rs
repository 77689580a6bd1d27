//! The way through the operations of a file, from the first to the last: each gives a constant, another view of a layer's output, or a layer.

mod attention;
mod convolution;
mod cuts;
mod dense;
mod elementwise;
mod inputs;
mod layout;
mod normalise;
mod notes;
mod operators;
mod recurrent;
mod reduce;

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

pub(super) use notes::{Note, Notes};

use super::constant::{Const, Folding, fold};
use super::error::Error;
use super::graph::{Graph, OnnxNode};
use super::layer::{Feeder, ImportedKind, ImportedLayer, ImportedShape};
use super::names::Names;
use super::proto::GraphProto;
use super::view::TensorView;
use super::weights::Stored;
use super::{Options, patterns};

/// Layers of one network, at most: the largest published ones have some thousands.
const MOST_LAYERS: usize = 20_000;

/// Inputs of one operation, at most.
const MOST_INPUTS: usize = 4096;

/// A value of the graph.
#[derive(Debug, Clone)]
enum TracedValue {
    /// It does not depend on any input.
    Const(Arc<Const>),
    /// What a layer gives.
    TensorView(TensorView),
    /// It depends on an input that is not followed: tokens before their embedding, masks, first states.
    Outside(Vec<usize>),
    /// Nobody knows.
    Unknown,
}

/// Why an operation gives nothing.
enum Trouble {
    /// The operator is not known.
    Unknown,
    /// It is known, but not this use of it: what follows its name in a sentence.
    Because(String),
    /// What it takes is not known either, which has been said.
    Said,
}

impl Trouble {
    fn because(why: impl Into<String>) -> Self {
        Self::Because(why.into())
    }
}

type Outcome<T> = Result<T, Trouble>;

/// What has been found so far.
pub(super) struct NetworkBuilder<'m> {
    file: &'m str,
    graph: Graph<'m>,
    values: HashMap<&'m str, TracedValue>,
    /// The first stands for the input of the network.
    layers: Vec<ImportedLayer>,
    /// True once the input of the network is known.
    begun: bool,
    /// Sequences that were made of maps, by the layer that gives the map.
    sequences: HashMap<usize, usize>,
    notes: Notes,
    names: Names,
    folding: Folding,
    /// Types of stored tensors by name, for the bits of quantised values.
    types: HashMap<&'m str, i32>,
    unknown: IndexMap<&'m str, (&'m str, usize)>,
    unsupported: Vec<(String, String, String)>,
    /// True once a layer gives more values than any memory holds.
    too_large: bool,
}

/// Layers of a network, the first of which stands for its input, and what is said of them.
pub(super) struct Built {
    /// The layers.
    pub layers: Vec<ImportedLayer>,
    /// What was folded or left out.
    pub notes: Notes,
}

/// Follows a graph.
pub(super) fn build(file: &str, proto: &GraphProto, options: &Options) -> Result<Built, Error> {
    let mut graph = Graph::of(proto);
    patterns::recognise(&mut graph, proto);
    let mut builder = NetworkBuilder {
        file,
        graph,
        values: HashMap::new(),
        layers: vec![placeholder()],
        begun: false,
        sequences: HashMap::new(),
        notes: Notes::default(),
        names: Names::default(),
        folding: Folding::default(),
        types: proto.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor.data_type)).collect(),
        unknown: IndexMap::new(),
        unsupported: Vec::new(),
        too_large: false,
    };
    builder.take_inputs(proto, options)?;
    for index in 0..builder.graph.nodes.len() {
        let node = builder.graph.nodes[index].clone();
        if node.gone {
            continue;
        }
        builder.step(&node);
        if builder.too_large {
            let why = "a layer gives more values than any memory holds".into();
            return Err(Error::Network { file: file.to_owned(), why, help: None });
        }
        if builder.layers.len() > MOST_LAYERS {
            let why = format!("the network has more than {MOST_LAYERS} layers");
            return Err(Error::Network { file: file.to_owned(), why, help: None });
        }
    }
    builder.finish(proto)
}

/// The input of the network before its sizes are known.
fn placeholder() -> ImportedLayer {
    let nothing = ImportedShape::Features(0);
    ImportedLayer {
        name: "input".into(),
        kind: ImportedKind::Input,
        from: Vec::new(),
        activation: None,
        input: nothing,
        output: nothing,
        macs: 0,
        scale: 1.0,
        reordered: false,
        weights: None,
    }
}

impl<'m> NetworkBuilder<'m> {
    /// One operation.
    fn step(&mut self, node: &OnnxNode<'m>) {
        let values = match self.outcome(node) {
            Ok(values) => values,
            Err(trouble) => {
                match trouble {
                    Trouble::Said => {}
                    Trouble::Unknown => self.unknown.entry(node.operator).or_insert((node.name, 0)).1 += 1,
                    Trouble::Because(why) => {
                        self.unsupported.push((operators::shown(node.operator).into(), node.name.into(), why));
                    }
                }
                Vec::new()
            }
        };
        let mut values = values.into_iter();
        for &output in &node.outputs {
            let value = values.next().unwrap_or(TracedValue::Unknown);
            if !output.is_empty() {
                self.values.entry(output).or_insert(value);
            }
        }
    }

    fn outcome(&mut self, node: &OnnxNode<'m>) -> Outcome<Vec<TracedValue>> {
        if node.inputs.len() > MOST_INPUTS {
            return Err(Trouble::because(format!("has more than {MOST_INPUTS} inputs")));
        }
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for &name in &node.inputs {
            inputs.push(if name.is_empty() { None } else { Some(self.value(name)) });
        }
        if inputs.iter().flatten().any(|value| matches!(value, TracedValue::Unknown)) {
            return Err(if operators::is_known(node.operator) { Trouble::Said } else { Trouble::Unknown });
        }
        if inputs.iter().flatten().any(|value| matches!(value, TracedValue::TensorView(_))) {
            return self.follow(node, &inputs);
        }
        if inputs.iter().flatten().any(|value| matches!(value, TracedValue::Outside(_))) {
            return self.outside(node, &inputs);
        }
        let constants: Vec<Option<&Const>> = inputs.iter().map(|value| value.as_ref().and_then(constant)).collect();
        if node.operator == "Constant" {
            return Ok(vec![TracedValue::Const(Arc::new(written(node)?))]);
        }
        match fold(&mut self.folding, node, &constants) {
            Some(found) => Ok(found.into_iter().map(|c| TracedValue::Const(Arc::new(c))).collect()),
            None if operators::is_known(node.operator) => Err(Trouble::because("takes constants that do not fit")),
            None => Err(Trouble::Unknown),
        }
    }

    /// A value by its name; whether it is all that looks at a layer is known here.
    fn value(&self, name: &str) -> TracedValue {
        let mut value = self.values.get(name).cloned().unwrap_or(TracedValue::Unknown);
        if let TracedValue::TensorView(view) = &mut value {
            view.sole &= self.graph.is_seen_once(name);
        }
        value
    }

    fn shape(&self, layer: usize) -> ImportedShape {
        self.layers[layer].output
    }

    fn feeder(layer: usize) -> Feeder {
        if layer == 0 { Feeder::Input } else { Feeder::Layer(layer) }
    }

    /// Adds a layer.
    fn push(&mut self, name: String, kind: ImportedKind, from: Vec<Feeder>, output: ImportedShape, macs: u64) -> usize {
        let first = match from.first() {
            Some(Feeder::Layer(layer)) => self.shape(*layer),
            _ => self.shape(0),
        };
        self.too_large |= super::tensor::count(&output.sizes()).is_none();
        let name = self.names.unique(&name);
        let layer = ImportedLayer { name, kind, from, input: first, output, macs, ..placeholder() };
        self.layers.push(layer);
        self.layers.len() - 1
    }

    /// Values are in another order here than the layers say.
    fn reorder(&mut self, layer: usize) {
        self.notes.add(Note::Order);
        self.layers[layer].reordered = true;
    }

    /// Adds a layer that gives as many values as it takes, each at its place.
    fn element(&mut self, name: String, kind: ImportedKind, view: &TensorView, more: &[Feeder]) -> TensorView {
        let mut from = vec![Self::feeder(view.source)];
        from.extend(more);
        let shape = self.shape(view.source);
        let source = self.push(name, kind, from, shape, 0);
        TensorView { source, sole: true, ..view.clone() }
    }

    /// All is followed: what the outputs need, in order.
    fn finish(mut self, proto: &GraphProto) -> Result<Built, Error> {
        if !self.unknown.is_empty() || !self.unsupported.is_empty() {
            return Err(self.refused());
        }
        let mut needed = vec![false; self.layers.len()];
        let mut outputs = 0;
        for output in &proto.output {
            if let Some(TracedValue::TensorView(view)) = self.values.get(output.name.as_str()) {
                needed[view.source] = true;
                outputs += 1;
            }
        }
        for layer in (0..self.layers.len()).rev().filter(|&layer| layer > 0) {
            if needed[layer] {
                for feeder in &self.layers[layer].from {
                    if let Feeder::Layer(from) = feeder {
                        needed[*from] = true;
                    }
                }
            }
        }
        if outputs == 0 || !self.begun || !needed.iter().skip(1).any(|&needed| needed) {
            let why = "no output of the network follows from its input by any layer".into();
            return Err(Error::Network { file: self.file.to_owned(), why, help: None });
        }
        if outputs > 1 {
            self.notes.add(Note::Outputs(outputs));
        }
        Ok(Built { layers: kept(self.layers, &needed), notes: self.notes })
    }

    fn refused(self) -> Error {
        let unknown: Vec<(String, String, usize)> = self
            .unknown
            .iter()
            .map(|(operator, (node, times))| ((*operator).to_owned(), (*node).to_owned(), *times))
            .collect();
        let help = operators::advice(unknown.iter().map(|(operator, _, _)| operator.as_str()));
        Error::Operators { unknown, unsupported: self.unsupported, help }
    }
}

/// The layers that are needed, with their feeders counted anew.
fn kept(layers: Vec<ImportedLayer>, needed: &[bool]) -> Vec<ImportedLayer> {
    let mut places = vec![0; layers.len()];
    let mut found = Vec::new();
    for (index, mut layer) in layers.into_iter().enumerate() {
        if index > 0 && !needed[index] {
            continue;
        }
        for feeder in &mut layer.from {
            if let Feeder::Layer(from) = feeder {
                *from = places[*from];
            }
        }
        places[index] = found.len();
        found.push(layer);
    }
    found
}

fn constant(value: &TracedValue) -> Option<&Const> {
    match value {
        TracedValue::Const(constant) => Some(constant),
        _ => None,
    }
}

/// What a `Constant` operation holds.
fn written(node: &OnnxNode<'_>) -> Outcome<Const> {
    let wrong = |why: String| Trouble::because(format!("holds a tensor that {why}"));
    if let Some(tensor) = node.tensor("value") {
        return Const::of(tensor, Stored::OnnxNode(node.index)).map_err(wrong);
    }
    let single = |c: Const| Const { sizes: Vec::new(), ..c };
    let fractions = |values: Vec<f64>| Const {
        sizes: vec![values.len()],
        data: super::constant::Data::Fractions(values),
        stored: None,
    };
    if let Some(value) = node.int("value_int") {
        return Ok(single(Const::whole(vec![value])));
    }
    if let Some(values) = node.ints("value_ints") {
        return Ok(Const::whole(values.to_vec()));
    }
    if let Some(value) = node.float("value_float") {
        return Ok(single(fractions(vec![value])));
    }
    match node.floats("value_floats") {
        Some(values) => Ok(fractions(values.iter().map(|&value| f64::from(value)).collect())),
        None => Err(Trouble::because("holds no tensor that is read")),
    }
}
