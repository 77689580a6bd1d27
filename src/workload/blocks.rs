//! Blocks written out: every layer of every repetition, with the scope in which its names mean something.

use std::collections::{BTreeMap, BTreeSet};

use super::NetworkReader;
use super::kind::LayerKind;
use super::read::WorkloadEntry;
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::network::LayerSpec;
use crate::yaml::{Located, Slot};

/// Layers of a network: each takes some ten kilobytes, the costs of its circuits among them.
pub const MOST_LAYERS: usize = 100_000;

/// A layer that is written out.
#[derive(Debug, Clone)]
pub(super) struct FlatLayer<'a> {
    pub name: Located<String>,
    pub spec: Option<&'a Located<LayerSpec>>,
    pub kind: Option<LayerKind>,
    pub activation: Option<Located<String>>,
    pub feeds: Feeds,
}

/// What feeds a layer, before names are resolved.
#[derive(Debug, Clone)]
pub(super) enum Feeds {
    /// What feeds an entry of a scope: what it says, or the entry before.
    OfEntry { scope: usize, entry: usize },
    /// One of the feeders of such an entry: the first, or the last.
    OneOf { scope: usize, entry: usize, last: bool },
    /// These layers.
    Layers(Vec<usize>),
}

/// A list of layers in which names mean something.
#[derive(Debug)]
pub(super) struct BlockScope<'a> {
    pub entries: &'a [Slot<LayerSpec>],
    /// Names of the entries, by the place of the entry.
    pub names: BTreeMap<String, usize>,
    /// Where names stand that the list has had before.
    pub doubled: Vec<Span>,
    /// The layer that gives the output of each entry.
    pub outputs: Vec<Option<usize>>,
    /// The scope around it, and the entry there that it is the block of.
    pub around: Option<(usize, usize)>,
    /// The layer that is the input, where it is not what feeds the block: the repetition before.
    pub input: Option<usize>,
}

/// Layers and scopes of a network.
#[derive(Debug, Default)]
pub(super) struct WrittenOut<'a> {
    pub layers: Vec<FlatLayer<'a>>,
    pub scopes: Vec<BlockScope<'a>>,
    /// Entries read before, by where they stand: a block is read once, however often it is repeated.
    read: BTreeMap<Span, WorkloadEntry>,
}

/// Layers of a list, with their repetitions.
fn count(layers: &[Slot<LayerSpec>]) -> usize {
    let of = |slot: &Slot<LayerSpec>| {
        let Some(spec) = slot.get() else { return 1 };
        let Some(inner) = spec.layers.get() else { return if spec.attention.is_missing() { 1 } else { 7 } };
        let times = spec.repeat.get().copied().unwrap_or(1);
        count(inner).saturating_mul(times as usize)
    };
    layers.iter().map(of).fold(0, usize::saturating_add)
}

impl<'a> WrittenOut<'a> {
    /// Writes all layers out; none if there are more than can be, which is reported.
    pub fn of(layers: &'a Located<Vec<Slot<LayerSpec>>>, place: Span, reader: &mut NetworkReader<'_>) -> Option<Self> {
        let all = count(&layers.value);
        if all > MOST_LAYERS {
            let error = Diagnostic::error(format!("the network has {all} layers"));
            reader.diagnostics.push(error.at(layers.span, format!("expected at most {MOST_LAYERS}")));
            return None;
        }
        let mut written = Self::default();
        written.list(&layers.value, "", None, None, (place, reader));
        written.check_names(reader);
        Some(written)
    }

    /// Writes a list out and returns the layer that gives its output.
    fn list(
        &mut self,
        entries: &'a [Slot<LayerSpec>],
        prefix: &str,
        around: Option<(usize, usize)>,
        input: Option<usize>,
        (place, reader): (Span, &mut NetworkReader<'_>),
    ) -> Option<usize> {
        let scope = self.scopes.len();
        let outputs = vec![None; entries.len()];
        self.scopes.push(BlockScope { entries, names: BTreeMap::new(), doubled: Vec::new(), outputs, around, input });
        let names = names(entries, place, reader, around.is_some(), input.is_none());
        for (entry, name) in names.iter().enumerate() {
            let of_list = &mut self.scopes[scope];
            if *of_list.names.entry(name.value.clone()).or_insert(entry) != entry {
                of_list.doubled.push(name.span);
            }
        }
        for (entry, (slot, name)) in entries.iter().zip(&names).enumerate() {
            let full = Located { value: format!("{prefix}{}", name.value), span: name.span };
            let output = self.entry(slot, full, (scope, entry), (place, &mut *reader));
            self.scopes[scope].outputs[entry] = output;
        }
        self.scopes[scope].outputs.last().copied().flatten()
    }

    fn entry(
        &mut self,
        slot: &'a Slot<LayerSpec>,
        name: Located<String>,
        (scope, entry): (usize, usize),
        (place, reader): (Span, &mut NetworkReader<'_>),
    ) -> Option<usize> {
        let feeds = Feeds::OfEntry { scope, entry };
        let Some(spec) = slot.located() else {
            return Some(self.push(FlatLayer { name, spec: None, kind: None, activation: None, feeds }));
        };
        let read = match self.read.get(&spec.span) {
            Some(read) => read.clone(),
            None => {
                let read = reader.entry(spec, &name);
                if self.scopes[scope].around.is_some() {
                    self.read.insert(spec.span, read.clone());
                }
                read
            }
        };
        let layer = |kind| FlatLayer {
            name: name.clone(),
            spec: Some(spec),
            kind,
            activation: spec.value.activation.located().cloned(),
            feeds: feeds.clone(),
        };
        match read {
            WorkloadEntry::Layer(kind) => Some(self.push(layer(Some(kind)))),
            WorkloadEntry::Wrong => Some(self.push(layer(None))),
            WorkloadEntry::Attention { features, heads, cached } => {
                Some(self.attention(spec, &name, (scope, entry), (features, heads, cached)))
            }
            WorkloadEntry::Block(times) => {
                let inner = spec.value.layers.located()?;
                if inner.value.is_empty() {
                    let error = Diagnostic::error(format!("the block `{}` has no layers", name.value));
                    reader.diagnostics.push(error.at(inner.span, "expected at least one layer"));
                    return Some(self.push(layer(None)));
                }
                let mut last = None;
                for time in 1..=times {
                    let prefix =
                        if times == 1 { format!("{}.", name.value) } else { format!("{}.{time}.", name.value) };
                    last = self.list(&inner.value, &prefix, Some((scope, entry)), last, (place, &mut *reader));
                }
                last
            }
        }
    }

    /// Queries, keys and values, the products of queries with keys, their softmax, its products with values, and what makes one output of them.
    fn attention(
        &mut self,
        spec: &'a Located<LayerSpec>,
        name: &Located<String>,
        (scope, entry): (usize, usize),
        (features, heads, cached): (u64, u64, u64),
    ) -> usize {
        let part = |part: &str, kind: LayerKind, feeds: Feeds, activation: Option<Located<String>>| FlatLayer {
            name: Located { value: format!("{}.{part}", name.value), span: name.span },
            spec: Some(spec),
            kind: Some(kind),
            activation,
            feeds,
        };
        let dense = || LayerKind::Dense { outputs: features, of: None };
        let matmul = |transposed| LayerKind::MatMul { heads, transposed: Some(transposed), cached };
        let one = |last| Feeds::OneOf { scope, entry, last };
        let of_keys = spec.value.attention.span().unwrap_or(spec.span);
        let softmax = Located { value: "softmax".to_owned(), span: of_keys };
        // Of two feeders the second gives keys and values.
        let query = self.push(part("q", dense(), one(false), None));
        let key = self.push(part("k", dense(), one(true), None));
        let value = self.push(part("v", dense(), one(true), None));
        let scores = self.push(part("scores", matmul(true), Feeds::Layers(vec![query, key]), None));
        let softmax = self.push(part("softmax", LayerKind::Elementwise, Feeds::Layers(vec![scores]), Some(softmax)));
        let values = self.push(part("values", matmul(false), Feeds::Layers(vec![softmax, value]), None));
        self.push(part("output", dense(), Feeds::Layers(vec![values]), None))
    }

    fn push(&mut self, layer: FlatLayer<'a>) -> usize {
        self.layers.push(layer);
        self.layers.len() - 1
    }

    /// A name with dots may be that of a layer in a block.
    fn check_names(&self, reader: &mut NetworkReader<'_>) {
        if self.scopes.len() == 1 {
            return;
        }
        // Those of one list have been compared.
        let in_list: BTreeSet<Span> = self.scopes.iter().flat_map(|scope| scope.doubled.iter().copied()).collect();
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for layer in self.layers.iter().filter(|layer| !in_list.contains(&layer.name.span)) {
            let other = *first.entry(&layer.name.value).or_insert(layer.name.span);
            if other != layer.name.span && layer.name.value.contains('.') {
                let error = Diagnostic::error(format!("two layers are called `{}`", layer.name.value));
                reader.diagnostics.push(error.at(layer.name.span, "the second").also(other, "the first"));
            }
        }
    }
}

/// The entries' names, those without one by their number; a name that is taken is an error, said once of a block that is repeated.
fn names(
    entries: &[Slot<LayerSpec>],
    place: Span,
    reader: &mut NetworkReader<'_>,
    in_block: bool,
    first_time: bool,
) -> Vec<Located<String>> {
    let mut first: BTreeMap<String, Span> = BTreeMap::from([("input".to_owned(), place)]);
    let mut names = Vec::with_capacity(entries.len());
    for (index, slot) in entries.iter().enumerate() {
        let layer = slot.located();
        let written = layer.and_then(|l| l.value.name.located());
        let span = written.map(|n| n.span).or(layer.map(|l| l.span)).unwrap_or(place);
        let name = written.map_or_else(|| format!("layer-{}", index + 1), |n| n.value.clone());
        match first.get(&name) {
            Some(_) if !first_time => {}
            Some(_) if name == "input" => {
                let whose = if in_block { "the block's" } else { "the network's" };
                let error = Diagnostic::error("a layer may not be called `input`");
                reader.diagnostics.push(error.at(span, format!("this is {whose} input")));
            }
            Some(&other) => {
                let error = Diagnostic::error(format!("two layers are called `{name}`"));
                reader.diagnostics.push(error.at(span, "the second").also(other, "the first"));
            }
            None => {
                first.insert(name.clone(), span);
            }
        }
        names.push(Located { value: name, span });
    }
    names
}
