//! From an architecture file to a [`Design`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

use super::layer::LayerToBuild;
use super::machine::Machine;
use super::mapping::Mapping;
use super::operating::{Operating, Unscaled};
use super::traffic::MovedLayer;
use super::writing::Reload;
use super::{Design, Domain, Gating, InputEncoding, Layer, Node, Pipelining, PlacedLayer, Role, Signal, StatedPeriod};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, SourceMap, Span, suggest};
use crate::spec::architecture::{self as file, Input};
use crate::spec::machine::LevelSpec;
use crate::techlib::figure::Scope;
use crate::techlib::{Component, Library, Numbers};
use crate::workload::{self, LayerKind, NetworkLayer, NetworkReader, Shape};
use crate::yaml::{Located, Slot};

/// The end of what has been built so far: the node, what it gives, and where the file names it.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub node: NodeIndex,
    pub signal: Signal,
    pub name: Arc<str>,
    pub span: Span,
    /// Why its voltages could not stand on a crossbar's rows, if so.
    pub unfit: Option<Unfit>,
    /// Products that follow one another until all of it is there.
    pub products: u64,
    /// The arrays whose outputs it is; none for what comes from elsewhere.
    pub extent: Option<Extent>,
}

/// Arrays of a leaf that give something together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// The level of arrays, by its place in [`Machine::levels`].
    pub leaf: usize,
    /// How many.
    pub arrays: u64,
}

/// Why voltages could not stand on a crossbar's rows.
#[derive(Debug, Clone)]
pub(super) enum Unfit {
    /// Lines take turns on one unit, and nothing holds their voltages after it.
    Turns { component: Arc<str>, share: u64, span: Span },
    /// They are those of a sample-and-hold's capacitors.
    Capacitor { component: Arc<str>, span: Span },
}

pub use crate::workload::MOST_LAYERS;

/// What all layers share while they are lowered.
pub(super) struct Lowering<'a> {
    pub spec: &'a file::ArchitectureSpec,
    pub place: Span,
    pub library: &'a Library,
    pub sources: &'a SourceMap,
    pub diagnostics: &'a mut Diagnostics,
    pub graph: DiGraph<Node, Signal>,
    pub layers: Vec<Layer>,
    pub network: Vec<PlacedLayer>,
    /// Layers whose outputs are joined or changed element by element before the next product.
    pub unactivated: BTreeSet<usize>,
    /// How layers take the arrays of the machine.
    pub mapping: Option<Mapping>,
    /// Copies of layers that the mapping balances, by their step.
    pub copies: BTreeMap<usize, u64>,
    /// The passes in which weights are written, where they do not stay.
    pub reload: Option<Reload>,
    pub assumptions: Vec<String>,
    /// Bits of the network's inputs.
    pub input_bits: u32,
    /// What they are on the rows.
    pub input_encoding: InputEncoding,
    /// Cells of the crossbars so far.
    pub cells: u64,
    /// Stages whose units are shared, by the place that says so.
    pub shares: BTreeMap<Span, Shared>,
    /// Where it has been said that bits are not joined.
    pub unjoined: BTreeSet<Span>,
    /// How many names may still be compared with a misspelt one.
    comparisons: usize,
    /// At which node, supply and clock the design works.
    pub operating: Operating,
    /// The numbers of the library and those of its components in their places, once there are any.
    pub numbers: Option<Numbers>,
    /// Components in their places, by their names and what they name there.
    pub placed: HashMap<PlacedKey, Option<Arc<Component>>>,
    /// True while a layer fills arrays of a machine, of which there may be more than a network has outputs.
    pub filling: bool,
    /// Components that are stated at another node or supply.
    pub unscaled: Vec<Unscaled>,
    /// The levels of the machine, where the file has any.
    pub machine: Option<Machine>,
    /// The same library, to be shared.
    pub library_arc: &'a Arc<Library>,
    /// The levels of arrays that the layers lie on.
    pub leaf_levels: Vec<usize>,
    /// The level of arrays that the layer which is being lowered lies on.
    pub leaf: Option<LeafPlace<'a>>,
}

/// A component in a place: its name and the bits of what it names there.
pub(super) type PlacedKey = (Arc<str>, Vec<Option<u64>>);

/// A level of arrays.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeafPlace<'a> {
    /// The level, by its place in [`Machine::levels`].
    pub level: usize,
    /// What the file says of it.
    pub spec: &'a LevelSpec,
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
        network: Vec::new(),
        unactivated: BTreeSet::new(),
        mapping: None,
        copies: BTreeMap::new(),
        reload: None,
        assumptions: Vec::new(),
        input_bits: 1,
        input_encoding: InputEncoding::default(),
        cells: 0,
        shares: BTreeMap::new(),
        unjoined: BTreeSet::new(),
        comparisons: MAX_COMPARISONS,
        operating: Operating::default(),
        numbers: None,
        placed: HashMap::new(),
        filling: false,
        unscaled: Vec::new(),
        machine: None,
        library_arc: library,
        leaf_levels: Vec::new(),
        leaf: None,
    };
    lowering.operating = lowering.read_operating();
    let name = spec.name.require("the architecture", "name", place, lowering.diagnostics).map(|n| n.value.clone());
    let has_levels = !spec.levels.is_missing();
    if has_levels {
        lowering.build_machine();
    }
    lowering.mapping = lowering.read_mapping();
    let is_machine = has_levels && spec.network.is_missing();
    if !is_machine {
        lowering.network();
    }
    let image = lowering.image();
    let imperfections = lowering.imperfections();
    let period = lowering.period();
    if is_machine {
        lowering.refuse_units_without_pace();
        lowering.fill_with_leaves();
    }
    lowering.stand();
    lowering.report_unscaled();
    let (passes, wholes) = (lowering.passes_of_layers(), lowering.wholes());
    let Lowering {
        graph, layers, network, assumptions, input_bits, input_encoding, diagnostics, numbers, machine, ..
    } = lowering;
    read.state().and(read_library.state()).and(diagnostics.since(before))?;
    let mut design = Design {
        name: name.ok_or_else(|| diagnostics.missing(before))?,
        label: spec.label.get().cloned().unwrap_or_else(|| label.to_owned()),
        library: with_numbers(library, numbers),
        graph,
        layers,
        network,
        gating: spec.gating.get().copied().unwrap_or(Gating::PerStage),
        pipelining: match spec.pipelined.get() {
            _ if is_machine => Pipelining::Inferences,
            written => written.copied().unwrap_or_default(),
        },
        period,
        input_bits,
        input_encoding,
        image,
        imperfections,
        trained: None,
        assumptions,
        machine: machine.map(Arc::new),
        is_machine,
        wholes,
        passes,
    };
    design.record_drivers();
    Ok(design)
}

/// A library with the numbers of its components in their places.
pub(super) fn with_numbers(library: &Arc<Library>, numbers: Option<Numbers>) -> Arc<Library> {
    match numbers {
        None => library.clone(),
        Some(numbers) => Arc::new(Library { numbers, ..Library::clone(library) }),
    }
}

impl<'a> Lowering<'a> {
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn network(&mut self) {
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
        let source = self.source(network);
        let layers = network.value.layers.require("`network`", "layers", network.span, self.diagnostics);
        let Some(layers) = layers else { return };
        if layers.value.is_empty() {
            self.report(Diagnostic::error("the network has no layers").at(layers.span, "expected at least one layer"));
        }
        let input = source.as_ref().map(|(_, shape)| *shape);
        let reader =
            NetworkReader { diagnostics: self.diagnostics, comparisons: &mut self.comparisons, most: MAX_SIZE };
        let Some(layers) = workload::read(layers, self.place, input, reader) else { return };
        let source = source.map(|(end, _)| end);
        self.refuse_nothing(&layers);
        self.unactivated = unactivated(&layers);
        self.copies = self.balance(&layers);
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

    /// A chain for all layers may share more lines than a small layer has, but not more than every layer has.
    pub(super) fn check_shares(&mut self) {
        for (span, shared) in std::mem::take(&mut self.shares) {
            let Shared { component, share, most, lines } = shared;
            if share > most {
                let message = format!("{share} {lines} cannot take turns on one `{component}`: there are {most}");
                self.report(Diagnostic::error(message).at(span, format!("at most {most}")));
            }
        }
    }

    /// Where the network's input comes from, and its shape.
    fn source(&mut self, network: &Located<file::NetworkSpec>) -> Option<(End, Shape)> {
        let input = network.value.input.require("`network`", "input", network.span, self.diagnostics)?;
        let bits = match input.value.bits.located() {
            Some(bits) => self.count("bits", bits, 32),
            None => (!matches!(input.value.bits, Slot::Bad)).then_some(u64::from(self.activation_bits())),
        };
        let shape = self.input_shape(input)?;
        let lanes = shape.values();
        let signal =
            Signal { domain: Domain::Word, bits: bits.and_then(|b| u32::try_from(b).ok())?, lanes, paired: false };
        self.input_bits = signal.bits;
        self.input_encoding(input, signal.bits);
        let node = Node::outside(Role::Source, signal.bits);
        let node = self.graph.add_node(node);
        let name = "input".into();
        Some((End { node, signal, name, span: input.span, unfit: None, products: 1, extent: None }, shape))
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

    fn period(&mut self) -> Option<StatedPeriod> {
        let text = self.spec.period.located()?;
        let value = self.evaluator().positive("period", text, &Scope::default())?;
        Some(StatedPeriod { value, span: text.span })
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

    /// Whether a misspelt name may be compared with so many others: the work on a file of misspelt names stays linear in its size.
    pub fn may_compare(&mut self, names: usize) -> bool {
        let left = self.comparisons.checked_sub(names);
        self.comparisons = left.unwrap_or(0);
        left.is_some()
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
        let near = self
            .may_compare(library.components.len())
            .then(|| suggest::nearest(name, library.components.keys().map(String::as_str)));
        let help = match near {
            None => None,
            Some(Some(best)) => Some(format!("did you mean `{best}`?")),
            Some(None) => {
                let fitting: Vec<&str> = library.names_where(|c| fits(c)).collect();
                let fitting = if fitting.is_empty() { "nothing".to_owned() } else { suggest::list(&fitting) };
                Some(format!("{} has for this place: {fitting}", library.name))
            }
        };
        let label = format!("not in `{}` nor in what it extends", library.path);
        self.report(Diagnostic::error(format!("unknown component `{name}`")).at(span, label).maybe_help(help));
        None
    }
}

/// Names that are compared with misspelt ones in one file: 100 misspelt ones of 5,000, or 2,500 of the 200 of a library. Those after them
/// are refused without the nearest word.
const MAX_COMPARISONS: usize = 500_000;

/// Larger counts than this do not exist on a chip, and could overflow.
pub(super) const MAX_SIZE: u64 = 10_000_000;

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
                let all = ways.into_layer(layer).into_iter().fold(0, u64::saturating_add);
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
    fn into_layer(&self, layer: &NetworkLayer<'_>) -> Vec<u64> {
        let inputs = layer.inputs.iter().flatten();
        let of = |(shape, from): (&Shape, &Option<usize>)| from.map_or(shape.values(), |before| self.entering[before]);
        inputs.zip(&layer.from).map(of).collect()
    }
}

/// The words of a layer that are moved, but for what is known of its arrays; none if something is wrong with it.
fn moved_layer(step: usize, layer: &NetworkLayer<'_>, ways: &Ways) -> Option<MovedLayer> {
    let (shapes, work) = (layer.inputs.as_ref()?, layer.work.as_ref()?);
    let inputs = shapes.iter().copied().zip(ways.into_layer(layer)).collect();
    let (output, first_rows, leaves) = (work.output, work.first_rows, ways.leaves[step]);
    Some(MovedLayer { layer: None, step, extent: None, replication: None, inputs, output, leaves, first_rows })
}
