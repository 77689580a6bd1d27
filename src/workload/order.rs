//! Which layer feeds which, the order in which they are computed, and the shapes that flow.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{Feeds, FlatLayer, WrittenOut};
use super::kind::{LayerKind, Normalization};
use super::{NetworkLayer, NetworkReader, Shape};
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::spec::architecture::OneOrMany;
use crate::spec::network::LayerSpec;
use crate::yaml::{Located, Slot};

/// Layers of a circle that are shown: whoever reads them sees which way it goes.
pub(super) const SHOWN_OF_A_CIRCLE: usize = 8;

/// The layers of a network in an order of computation, each with what could be found out of it; none if there is no such order. `place` is where
/// the file begins, `input` the shape of the network's input.
#[must_use]
pub fn read<'a>(
    layers: &'a Located<Vec<Slot<LayerSpec>>>,
    place: Span,
    input: Option<Shape>,
    mut reader: NetworkReader<'_>,
) -> Option<Vec<NetworkLayer<'a>>> {
    let mut written = WrittenOut::of(layers, place, &mut reader)?;
    let feeds = Resolver { written: &written, reader: &mut reader, said: BTreeSet::new(), blocks: None }.all();
    let last = written.scopes.first().and_then(|top| top.outputs.last().copied().flatten());
    let order = reader.order(&feeds, &written.layers)?;
    let mut place_of = vec![0; order.len()];
    for (position, index) in order.iter().enumerate() {
        place_of[*index] = position;
    }
    let mut all: Vec<NetworkLayer<'a>> = Vec::with_capacity(order.len());
    let mut said = BTreeSet::new();
    for &index in &order {
        let Feeders { from, constant, incomplete } = &feeds[index];
        let flat = &mut written.layers[index];
        set_constant(flat, *constant);
        let from: Vec<Option<usize>> = from.iter().map(|feed| feed.map(|layer| place_of[layer])).collect();
        let shape = |feed: &Option<usize>| match feed {
            Some(layer) => all[*layer].work.as_ref().map(|work| work.output),
            None => input,
        };
        let inputs: Option<Vec<Shape>> = from.iter().map(shape).collect();
        // A layer whose feeders are wrong is fed by nothing.
        let inputs = inputs.filter(|inputs| !inputs.is_empty() && !incomplete);
        let mut layer = NetworkLayer {
            name: flat.name.clone(),
            spec: flat.spec,
            kind: flat.kind.clone(),
            activation: flat.activation.clone(),
            from,
            inputs,
            work: None,
            is_last: last == Some(index),
        };
        layer.work = reader.work(&layer, &all, &mut said);
        all.push(layer);
    }
    reader.check_folded(&all, &mut said);
    Some(all)
}

fn set_constant(layer: &mut FlatLayer<'_>, stored: bool) {
    if let Some(LayerKind::Add { constant } | LayerKind::Multiply { constant }) = &mut layer.kind {
        *constant = stored;
    }
}

/// The layers that feed one, none for the network's input, and whether stored values do.
#[derive(Debug, Clone, Default)]
pub(super) struct Feeders {
    pub from: Vec<Option<usize>>,
    pub constant: bool,
    /// True if a name among those that are joined is wrong, which has been reported.
    incomplete: bool,
}

struct Resolver<'w, 'a, 'r, 'd> {
    written: &'w WrittenOut<'a>,
    reader: &'r mut NetworkReader<'d>,
    /// What has been said of names that are written once and read again in every repetition.
    said: BTreeSet<Span>,
    /// The blocks in which names mean something, by the list that the block is in; found out once a name means nothing.
    blocks: Option<BTreeMap<(usize, &'w str), &'w str>>,
}

impl Resolver<'_, '_, '_, '_> {
    fn all(mut self) -> Vec<Feeders> {
        (0..self.written.layers.len()).map(|layer| self.of(layer)).collect()
    }

    fn of(&mut self, layer: usize) -> Feeders {
        match &self.written.layers[layer].feeds {
            Feeds::OfEntry { scope, entry } => self.of_entry(*scope, *entry),
            Feeds::OneOf { scope, entry, last } => {
                let Feeders { from, .. } = self.of_entry(*scope, *entry);
                let one = if *last { from.last() } else { from.first() };
                Feeders { from: one.copied().into_iter().collect(), ..Feeders::default() }
            }
            Feeds::Layers(layers) => Feeders { from: layers.iter().map(|l| Some(*l)).collect(), ..Feeders::default() },
        }
    }

    fn of_entry(&mut self, scope: usize, entry: usize) -> Feeders {
        let list = &self.written.scopes[scope];
        let spec = list.entries[entry].get();
        let joined = spec.and_then(joined);
        let named = spec.and_then(|spec| spec.from.located());
        match (joined, named) {
            (Some(joined), _) => self.named(joined.value.names(), joined.span, scope, true),
            (None, Some(from)) => self.named(from.value.names(), from.span, scope, false),
            (None, None) => match entry.checked_sub(1) {
                Some(before) => Feeders { from: vec![list.outputs[before]], ..Feeders::default() },
                None => self.input_of(scope),
            },
        }
    }

    /// What `input` means in a scope.
    fn input_of(&mut self, scope: usize) -> Feeders {
        let list = &self.written.scopes[scope];
        match (list.input, list.around) {
            (Some(layer), _) => Feeders { from: vec![Some(layer)], ..Feeders::default() },
            (None, Some((around, entry))) => self.of_entry(around, entry),
            (None, None) => Feeders { from: vec![None], ..Feeders::default() },
        }
    }

    fn named(&mut self, names: &[Located<String>], span: Span, scope: usize, joins: bool) -> Feeders {
        if names.is_empty() && self.said.insert(span) {
            let diagnostic = Diagnostic::error("`from` names no layer").at(span, "expected at least one name");
            self.reader.diagnostics.push(
                diagnostic.help("without `from` a layer is fed by the one before it; `input` is the network's input"),
            );
        }
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        let mut feeders = Feeders::default();
        for name in names {
            // A layer may be joined with itself: a square, heads that share keys.
            if let Some(&other) = first.get(name.value.as_str()).filter(|_| !joins) {
                if self.said.insert(name.span) {
                    let diagnostic = Diagnostic::error(format!("`{}` feeds this layer twice", name.value));
                    self.reader
                        .diagnostics
                        .push(diagnostic.at(name.span, "named again here").also(other, "first named here"));
                }
                feeders.incomplete |= joins;
                continue;
            }
            first.insert(&name.value, name.span);
            match self.lookup(&name.value, scope) {
                Some(found) => feeders.from.extend(found),
                None if joins && name.value == "constant" => feeders.constant = true,
                None => {
                    feeders.incomplete |= joins;
                    self.unknown(name, scope);
                }
            }
        }
        feeders
    }

    /// The layers that a name means, the innermost list first; none if it means nothing.
    fn lookup(&mut self, name: &str, scope: usize) -> Option<Vec<Option<usize>>> {
        if name == "input" {
            return Some(self.input_of(scope).from);
        }
        let mut at = Some(scope);
        while let Some(scope) = at {
            let list = &self.written.scopes[scope];
            if let Some(entry) = list.names.get(name) {
                return Some(list.outputs[*entry].map(|layer| vec![Some(layer)]).unwrap_or_default());
            }
            at = list.around.map(|(around, _)| around);
        }
        None
    }

    /// Where the name is that of a layer in a block beside: what its output is called here.
    fn block_of(&mut self, name: &str, scope: usize) -> Option<String> {
        let written = self.written;
        let blocks = self.blocks.get_or_insert_with(|| {
            let mut blocks = BTreeMap::new();
            for inner in &written.scopes {
                let Some((around, entry)) = inner.around else { continue };
                let block = written.scopes[around].entries[entry].get().and_then(|spec| spec.name.get());
                let Some(block) = block else { continue };
                for name in inner.names.keys() {
                    blocks.entry((around, name.as_str())).or_insert(block.as_str());
                }
            }
            blocks
        });
        let block = blocks.get(&(scope, name))?;
        Some(format!("it is in the block `{block}`; other layers see the block's output, `{block}`"))
    }

    fn unknown(&mut self, name: &Located<String>, scope: usize) {
        if !self.said.insert(name.span) {
            return;
        }
        let diagnostic = Diagnostic::error(format!("unknown layer `{}`", name.value)).at(name.span, "no such layer");
        let mut lists = Vec::new();
        let mut at = Some(scope);
        while let Some(scope) = at {
            let list = &self.written.scopes[scope];
            lists.push(&list.names);
            at = list.around.map(|(around, _)| around);
        }
        let names: usize = lists.iter().map(|list| list.len()).sum();
        let known = lists.into_iter().flat_map(|list| list.keys().map(String::as_str)).chain(["input"]);
        let near = if self.reader.may_compare(names) { suggest::did_you_mean(&name.value, known) } else { None };
        let help = self.block_of(&name.value, scope).or(near);
        self.reader.diagnostics.push(diagnostic.maybe_help(help));
    }
}

/// The names in the key of a kind that joins layers.
fn joined(spec: &LayerSpec) -> Option<&Located<Box<OneOrMany>>> {
    [&spec.add, &spec.multiply, &spec.concat, &spec.matmul].into_iter().find_map(Slot::located)
}

impl NetworkReader<'_> {
    /// Whether a misspelt name may be compared with so many others: the work on a file of misspelt names stays linear in its size.
    fn may_compare(&mut self, names: usize) -> bool {
        let left = self.comparisons.checked_sub(names);
        *self.comparisons = left.unwrap_or(0);
        left.is_some()
    }

    /// What a layer makes of what arrives; a misfit is said once of a block that is repeated.
    fn work(
        &mut self,
        layer: &NetworkLayer<'_>,
        all: &[NetworkLayer<'_>],
        said: &mut BTreeSet<Span>,
    ) -> Option<super::Work> {
        let (kind, inputs) = (layer.kind.as_ref()?, layer.inputs.as_ref()?);
        let misfit = match kind.work(inputs) {
            Ok(work) => return Some(work),
            Err(misfit) => misfit,
        };
        let span = layer.spec.map_or(layer.name.span, |spec| spec.span);
        if said.insert(span) {
            let place = layer.spec.and_then(|spec| telling(&spec.value, misfit.key)).unwrap_or(layer.name.span);
            let mut error = Diagnostic::error(format!("`{}`: {}", layer.name.value, misfit.message)).at(place, "");
            let feeder = |feed: &Option<usize>, shape: &Shape| match feed {
                Some(before) => format!("`{}` gives {shape}", all[*before].name.value),
                None => format!("the network's input is {shape}"),
            };
            for (feed, shape) in layer.from.iter().zip(inputs).take(SHOWN_OF_A_CIRCLE) {
                let place = feed.map_or(span, |before| all[before].name.span);
                error = error.also(place, feeder(feed, shape));
            }
            self.diagnostics.push(error.maybe_help(misfit.help));
        }
        None
    }

    /// Normalization of many pictures is a part of the weights before it: they must be there, and nothing between or beside.
    fn check_folded(&mut self, all: &[NetworkLayer<'_>], said: &mut BTreeSet<Span>) {
        let mut takers: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
        for (index, layer) in all.iter().enumerate() {
            layer.from.iter().flatten().for_each(|before| takers[*before].push(index));
        }
        for (index, layer) in all.iter().enumerate() {
            if layer.kind != Some(LayerKind::Normalize(Normalization::Batch)) || layer.work.is_none() {
                continue;
            }
            let name = &layer.name.value;
            let before = match layer.from.as_slice() {
                [Some(before)] => Some(&all[*before]),
                _ => None,
            };
            let has_weights = |kind: &LayerKind| {
                use LayerKind::{Conv, Deconv, Dense, Depthwise};
                matches!(kind, Dense { .. } | Conv { .. } | Depthwise { .. } | Deconv { .. })
            };
            // A layer that is wrong itself has been reported.
            let weights = before.filter(|before| before.kind.as_ref().is_none_or(has_weights));
            let other = layer.from.iter().flatten().flat_map(|before| &takers[*before]).find(|taker| **taker != index);
            let (reason, place) = match (weights, weights.and_then(|b| b.activation.as_ref()), other) {
                (None, ..) => {
                    let (what, place) = match before {
                        Some(before) => {
                            let kind = before.kind.as_ref().map_or("", LayerKind::name);
                            (
                                format!("`{}` before it has none: it is of kind `{kind}`", before.name.value),
                                before.name.span,
                            )
                        }
                        None if layer.from.len() > 1 => ("several layers feed it".to_owned(), layer.name.span),
                        None => ("the network's input has none".to_owned(), layer.name.span),
                    };
                    (what, place)
                }
                (Some(before), Some(function), _) => {
                    (format!("`{}` computes `{}` before it", before.name.value, function.value), function.span)
                }
                (Some(before), None, Some(other)) => {
                    let (before, other) = (&before.name.value, &all[*other].name);
                    (format!("`{}` takes what `{before}` gives without it", other.value), other.span)
                }
                _ => continue,
            };
            let span = layer.spec.map_or(layer.name.span, |spec| spec.value.normalize.span().unwrap_or(spec.span));
            if said.insert(span) {
                let error = Diagnostic::error(format!("`{name}` cannot be folded into the weights before it"));
                let help = "`normalize: affine` is a factor and an offset for each value, done by a vector unit; a batch normalization that is folded \
                            already is left out";
                self.diagnostics.push(error.at(span, "`batch` is a part of weights").also(place, reason).help(help));
            }
        }
    }
}

/// The place of a layer that its misfit is about: a key that it names, or that of the layer's kind.
fn telling(spec: &LayerSpec, key: Option<&str>) -> Option<Span> {
    let named = match key {
        Some("kernel") => spec.kernel.span(),
        Some("groups") => spec.groups.span(),
        Some("heads") => spec.heads.span(),
        _ => None,
    };
    let all = [
        named,
        spec.add.span(),
        spec.multiply.span(),
        spec.concat.span(),
        spec.matmul.span(),
        spec.slice.span(),
        spec.reshape.span(),
        spec.steps.span(),
        spec.of.span(),
        spec.dense.span(),
        spec.conv.span(),
        spec.depthwise.span(),
        spec.deconv.span(),
        spec.pool.span(),
        spec.attention.span(),
        spec.sequence.span(),
        spec.upsample.span(),
        spec.lstm.span(),
        spec.gru.span(),
    ];
    all.into_iter().flatten().next()
}
