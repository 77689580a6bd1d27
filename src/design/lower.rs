//! From an architecture file to a [`Design`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

use super::{Design, Domain, Gating, Layer, Node, Role, Signal};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, SourceMap, Span, suggest};
use crate::spec::architecture as file;
use crate::techlib::{Component, Library};
use crate::yaml::{Located, Slot};

/// The end of what has been built so far: the node, what it gives, and where the file names it.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub node: NodeIndex,
    pub signal: Signal,
    pub name: Arc<str>,
    pub span: Span,
}

/// What all layers share while they are lowered.
pub(super) struct Lowering<'a> {
    pub spec: &'a file::ArchitectureSpec,
    pub place: Span,
    pub library: &'a Library,
    pub sources: &'a SourceMap,
    pub diagnostics: &'a mut Diagnostics,
    pub graph: DiGraph<Node, Signal>,
    pub layers: Vec<Layer>,
    pub assumptions: Vec<String>,
    /// Bits of the network's inputs.
    pub input_bits: u32,
    /// Cells of the crossbars so far.
    pub cells: u64,
    /// Stages whose units are shared, by the place that says so.
    pub shares: BTreeMap<Span, Shared>,
}

/// A shared unit and the most lines that any layer has for it.
pub(super) struct Shared {
    pub component: Arc<str>,
    pub share: u64,
    pub most: u64,
    pub lines: &'static str,
}

/// Lowers an architecture. Everything that is wrong is pushed into `diagnostics`.
///
/// `label` stands in for a label that the file does not give; `place` is where the file begins.
///
/// # Errors
/// Anything is wrong, with the file or with the library too: what could be read of them is looked at to find more mistakes.
pub fn lower(
    read: &Partial<file::ArchitectureSpec>,
    place: Span,
    label: &str,
    read_library: &Partial<Arc<Library>>,
    sources: &SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Design> {
    let before = diagnostics.mark();
    let (spec, library) = (read.parts(), read_library.parts());
    let mut lowering = Lowering {
        spec,
        place,
        library,
        sources,
        diagnostics,
        graph: DiGraph::with_capacity(32, 32),
        layers: Vec::new(),
        assumptions: Vec::new(),
        input_bits: 1,
        cells: 0,
        shares: BTreeMap::new(),
    };
    let name = spec.name.require("the architecture", "name", place, lowering.diagnostics).map(|n| n.value.clone());
    lowering.network();
    let image = lowering.image();
    let imperfections = lowering.imperfections();
    let Lowering { graph, layers, assumptions, input_bits, diagnostics, .. } = lowering;
    read.state().and(read_library.state()).and(diagnostics.since(before))?;
    let mut design = Design {
        name: name.ok_or_else(|| diagnostics.missing(before))?,
        label: spec.label.get().cloned().unwrap_or_else(|| label.to_owned()),
        library: library.name.clone(),
        graph,
        layers,
        gating: spec.gating.get().copied().unwrap_or(Gating::PerStage),
        pipelined: spec.pipelined.get().copied().unwrap_or(false),
        input_bits,
        image,
        imperfections,
        assumptions,
    };
    design.record_drivers();
    Ok(design)
}

impl Lowering<'_> {
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn network(&mut self) {
        let (spec, place) = (self.spec, self.place);
        // What every layer falls back on is asked for once, and not by each layer.
        spec.weights.require("the architecture", "weights", place, self.diagnostics);
        spec.tile.require("the architecture", "tile", place, self.diagnostics);
        spec.stages.require("the architecture", "stages", place, self.diagnostics);
        let Some(network) = spec.network.require("the architecture", "network", place, self.diagnostics) else {
            return;
        };
        let source = self.source(network);
        let layers = network.value.layers.require("`network`", "layers", network.span, self.diagnostics);
        let Some(layers) = layers else { return };
        if layers.value.is_empty() {
            self.report(Diagnostic::error("the network has no layers").at(layers.span, "expected at least one layer"));
        }
        let layers: Vec<Option<&Located<file::LayerSpec>>> = layers.value.iter().map(Slot::located).collect();
        let names = self.layer_names(&layers);
        let Some(order) = self.order(&layers, &names) else { return };
        let mut ends: Vec<Option<End>> = vec![None; layers.len()];
        let mut consumed = vec![false; layers.len()];
        for &(index, ref feeds) in &order {
            let arriving: Option<Vec<End>> = feeds
                .iter()
                .map(|feed| match feed {
                    Some(layer) => {
                        consumed[*layer] = true;
                        ends[*layer].clone()
                    }
                    None => source.clone(),
                })
                .collect();
            let Some(layer) = layers[index] else { continue };
            let place = |layer: usize| order.iter().position(|(index, _)| *index == layer);
            let from = feeds.iter().map(|feed| feed.and_then(place)).collect();
            ends[index] = self.layer(&names[index], layer, arriving, from, index + 1 == layers.len());
        }
        self.sinks(ends.into_iter().zip(consumed).filter(|(_, used)| !used).filter_map(|(end, _)| end));
        self.check_shares();
    }

    /// A chain for all layers may share more lines than a small layer has, but not more than every layer has.
    fn check_shares(&mut self) {
        for (span, shared) in std::mem::take(&mut self.shares) {
            let Shared { component, share, most, lines } = shared;
            if share > most {
                let message = format!("{share} {lines} cannot take turns on one `{component}`: there are {most}");
                self.report(Diagnostic::error(message).at(span, format!("at most {most}")));
            }
        }
    }

    fn source(&mut self, network: &Located<file::NetworkSpec>) -> Option<End> {
        let input = network.value.input.require("`network`", "input", network.span, self.diagnostics)?;
        let features = input.value.features.require("`input`", "features", input.span, self.diagnostics);
        let bits = match input.value.bits.located() {
            Some(bits) => self.count("bits", bits, 32),
            None => (!matches!(input.value.bits, Slot::Bad)).then_some(1),
        };
        let lanes = features.and_then(|f| self.count("features", f, MAX_SIZE))?;
        let signal =
            Signal { domain: Domain::Word, bits: bits.and_then(|b| u32::try_from(b).ok())?, lanes, paired: false };
        self.input_bits = signal.bits;
        let node = Node::outside(Role::Source, signal.bits);
        Some(End { node: self.graph.add_node(node), signal, name: "input".into(), span: input.span })
    }

    fn sinks(&mut self, ends: impl Iterator<Item = End>) {
        for end in ends {
            let sink = self.graph.add_node(Node::outside(Role::Sink, end.signal.bits));
            self.graph.add_edge(end.node, sink, end.signal);
        }
    }

    /// A whole number between 1 and `max`, or an error at its place.
    pub fn count(&mut self, what: &str, number: &Located<u64>, max: u64) -> Option<u64> {
        if (1..=max).contains(&number.value) {
            return Some(number.value);
        }
        self.report(
            Diagnostic::error(format!("`{what}` is {}", number.value)).at(number.span, format!("expected 1 to {max}")),
        );
        None
    }

    fn layer_names(&mut self, layers: &[Option<&Located<file::LayerSpec>>]) -> Vec<Located<String>> {
        let mut first: BTreeMap<String, Span> = BTreeMap::from([("input".to_owned(), self.place)]);
        let mut names = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter().enumerate() {
            let written = layer.and_then(|l| l.value.name.located());
            let span = written.map(|n| n.span).or(layer.map(|l| l.span)).unwrap_or(self.place);
            let name = written.map_or_else(|| format!("layer-{}", index + 1), |n| n.value.clone());
            match first.get(&name) {
                Some(_) if name == "input" => self.report(
                    Diagnostic::error("a layer may not be called `input`").at(span, "this is the network's input"),
                ),
                Some(&other) => self.report(
                    Diagnostic::error(format!("two layers are called `{name}`"))
                        .at(span, "the second")
                        .also(other, "the first"),
                ),
                None => {
                    first.insert(name.clone(), span);
                }
            }
            names.push(Located { value: name, span });
        }
        names
    }

    /// The layers in an order of computation, each with what feeds it (none for the network's input).
    fn order(
        &mut self,
        layers: &[Option<&Located<file::LayerSpec>>],
        names: &[Located<String>],
    ) -> Option<Vec<(usize, Vec<Option<usize>>)>> {
        let mut feeds: Vec<Vec<Option<usize>>> = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter().enumerate() {
            let from = layer.and_then(|l| l.value.from.located());
            feeds.push(match from {
                None => vec![index.checked_sub(1)],
                Some(from) => self.feeds(from, names),
            });
        }
        // The layer that stands first in the file comes first among those that are ready.
        let mut waits: Vec<usize> = feeds.iter().map(|f| f.iter().flatten().count()).collect();
        let mut fed: Vec<Vec<usize>> = vec![Vec::new(); layers.len()];
        for (layer, feed) in feeds.iter().enumerate().flat_map(|(i, f)| f.iter().flatten().map(move |&f| (i, f))) {
            fed[feed].push(layer);
        }
        let mut ready: BTreeSet<usize> = (0..layers.len()).filter(|&i| waits[i] == 0).collect();
        let mut order = Vec::with_capacity(layers.len());
        while let Some(next) = ready.pop_first() {
            order.push((next, feeds[next].clone()));
            for &layer in &fed[next] {
                waits[layer] -= 1;
                if waits[layer] == 0 {
                    ready.insert(layer);
                }
            }
        }
        if order.len() < layers.len() {
            let placed: Vec<bool> = waits.iter().map(|&w| w == 0).collect();
            self.report_cycle(&feeds, &placed, names);
            return None;
        }
        Some(order)
    }

    /// The layers that feed one, none for the network's input.
    fn feeds(&mut self, from: &Located<file::OneOrMany>, names: &[Located<String>]) -> Vec<Option<usize>> {
        if from.value.names().is_empty() {
            let diagnostic = Diagnostic::error("`from` names no layer").at(from.span, "expected at least one name");
            self.report(
                diagnostic.help("without `from` a layer is fed by the one before it; `input` is the network's input"),
            );
        }
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        let mut feeds = Vec::new();
        for name in from.value.names() {
            if let Some(&other) = first.get(name.value.as_str()) {
                let diagnostic = Diagnostic::error(format!("`{}` feeds this layer twice", name.value));
                self.report(diagnostic.at(name.span, "named again here").also(other, "first named here"));
                continue;
            }
            first.insert(&name.value, name.span);
            feeds.extend(self.feed(name, names));
        }
        feeds
    }

    fn feed(&mut self, name: &Located<String>, names: &[Located<String>]) -> Option<Option<usize>> {
        if name.value == "input" {
            return Some(None);
        }
        let found = names.iter().position(|n| n.value == name.value);
        if found.is_none() {
            let known: Vec<&str> = names.iter().map(|n| n.value.as_str()).chain(["input"]).collect();
            let diagnostic =
                Diagnostic::error(format!("unknown layer `{}`", name.value)).at(name.span, "no such layer");
            self.report(diagnostic.maybe_help(suggest::did_you_mean(&name.value, known)));
        }
        found.map(Some)
    }

    /// Follows the feeds from a layer that waits until one comes up again.
    fn report_cycle(&mut self, feeds: &[Vec<Option<usize>>], placed: &[bool], names: &[Located<String>]) {
        let waiting = |i: usize| feeds[i].iter().flatten().copied().find(|&f| !placed[f]);
        let Some(mut at) = (0..feeds.len()).find(|&i| !placed[i]) else { return };
        let mut path = Vec::new();
        while !path.contains(&at) {
            path.push(at);
            let Some(next) = waiting(at) else { return };
            at = next;
        }
        let circle: Vec<usize> = path.into_iter().skip_while(|&i| i != at).collect();
        let mut diagnostic = Diagnostic::error("the layers feed each other in a circle");
        for (position, &index) in circle.iter().enumerate() {
            let feeder = &names[circle[(position + 1) % circle.len()]].value;
            let text = format!("`{}` waits for `{feeder}`", names[index].value);
            diagnostic = if position == 0 {
                diagnostic.at(names[index].span, text)
            } else {
                diagnostic.also(names[index].span, text)
            };
        }
        self.report(diagnostic.help("recurrent networks are not estimated; unroll the loop into layers"));
    }

    /// A component by name, or an error with the nearest name of the library.
    pub fn component(&mut self, name: &str, span: Span, fits: impl Fn(&Component) -> bool) -> Option<Arc<Component>> {
        if let Some(component) = self.library.components.get(name) {
            return Some(component.clone());
        }
        // A component that is there but wrong has been reported where it stands.
        if self.library.broken.contains(name) {
            return None;
        }
        let library = self.library;
        let all = || library.components.keys().map(String::as_str);
        let help = match suggest::nearest(name, all()) {
            Some(best) => Some(format!("did you mean `{best}`?")),
            None => {
                let fitting: Vec<&str> = library.names_where(|c| fits(c)).collect();
                Some(format!("{} has for this place: {}", library.name, suggest::list(&fitting)))
            }
        };
        let label = format!("not in `{}` nor in what it extends", library.path);
        self.report(Diagnostic::error(format!("unknown component `{name}`")).at(span, label).maybe_help(help));
        None
    }
}

/// Larger counts than this do not exist on a chip, and could overflow.
pub(super) const MAX_SIZE: u64 = 10_000_000;
