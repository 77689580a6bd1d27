//! From an architecture file to a [`Design`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

use super::machine::Machine;
use super::mapping::Mapping;
use super::operating::{Operating, Unscaled};
use super::writing::Reload;
use super::{Design, Gating, InputEncoding, Layer, Node, Pipelining, PlacedLayer, Signal, StatedPeriod};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, SourceMap, Span, suggest};
use crate::spec::architecture::{self as file};
use crate::spec::machine::LevelSpec;
use crate::techlib::figure::Scope;
use crate::techlib::{Component, Library, Numbers};
use crate::yaml::Located;

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
    pub comparisons: usize,
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
    let has_machine = !has_levels || lowering.build_machine();
    lowering.mapping = lowering.read_mapping();
    let has_places = has_machine && (spec.mapping.is_missing() || lowering.mapping.is_some());
    let is_machine = has_levels && spec.network.is_missing();
    if !is_machine {
        lowering.network(has_places);
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

    fn period(&mut self) -> Option<StatedPeriod> {
        let text = self.spec.period.located()?;
        let value = self.evaluator().positive("period", text, &Scope::default())?;
        Some(StatedPeriod { value, span: text.span })
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
