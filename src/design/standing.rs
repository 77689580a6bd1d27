//! A machine and a network together: leaves that are filled, layers on their leaf, and what stands on the levels.

use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

use super::layer::{LayerToBuild, WeightsChoice};
use super::lower::{End, LeafPlace, Lowering, with_numbers};
use super::machine::{ArrayLevel, LevelUnits, Machine, has_no_pace, no_pace};
use super::{Design, Domain, Gating, Layer, Node, Pipelining, PlacedLayer, Role, Signal, StandingUnits};
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::model::imperfections::Imperfections;
use crate::spec::architecture::{LayerSpec, StageSpec, Stages};
use crate::spec::machine::LevelSpec;
use crate::techlib::{Component, Kind};
use crate::workload::Matrices;
use crate::yaml::{Located, Slot};

impl<'a> Lowering<'a> {
    /// Reads the levels and fills a leaf of each kind; false if layers cannot be placed on them, since something is wrong, which is reported.
    pub(super) fn build_machine(&mut self) -> bool {
        self.machine = self.machine();
        let Some(levels) = self.machine.as_ref().map(|machine| machine.levels.len()) else { return false };
        let place = self.spec.levels.span().unwrap_or(self.place);
        self.input_bits = self.activation_bits();
        if let Some(encoding) = self.spec.activations.get().and_then(|a| a.encoding.get()) {
            self.input_encoding = *encoding;
        }
        let mut all_filled = true;
        for level in 0..levels {
            let Some(leaf) = self.as_leaf(level) else { continue };
            let has_arrays = self.has_arrays(leaf);
            self.leaf = Some(leaf);
            let filled = has_arrays.then(|| self.fill(leaf, place)).flatten();
            all_filled &= filled.is_some();
            if let (Some(filled), Some(machine)) = (filled, self.machine.as_mut()) {
                machine.leaves.push(filled);
            }
        }
        self.leaf = None;
        all_filled
    }

    /// A level as one of arrays, if nothing is in it.
    pub(super) fn as_leaf(&self, level: usize) -> Option<LeafPlace<'a>> {
        let machine = self.machine.as_ref()?;
        let spec = &self.spec.levels.get()?.get(level)?.located()?.value;
        let holds = machine.levels.iter().any(|other| other.within == Some(level));
        (!holds).then_some(LeafPlace { level, spec })
    }

    /// Whether it is said which arrays a leaf has; reported where not.
    fn has_arrays(&mut self, leaf: LeafPlace<'a>) -> bool {
        let tile = !leaf.spec.tile.is_missing() || !self.spec.tile.is_missing();
        let weights = !leaf.spec.weights.is_missing() || !self.spec.weights.is_missing();
        let Some(level) = self.machine.as_ref().map(|machine| machine.levels[leaf.level].clone()) else { return false };
        for (key, example, known) in [
            ("tile", "tile: { crossbar: NAME, rows: 128, columns: 128 }", tile),
            ("weights", "weights: { bits: 8, encoding: offset, bias: none }", weights),
        ] {
            if !known {
                let message = format!("`{}` holds the arrays, and nothing says its `{key}`", level.name);
                let help = format!(
                    "write `{example}` there, or at the top of the file for all arrays; a level that something is in holds no arrays"
                );
                self.report(Diagnostic::error(message).at(level.span, "nothing is in this level").help(help));
            }
        }
        tile && weights
    }

    /// A bias row that no file mentions costs operations of a machine that may have none.
    fn assume_bias_row(&mut self, weights: &WeightsChoice) {
        let text = "one row of each array taken as the bias row: `weights` does not state `bias`";
        if weights.bias
            && !weights.bias_stated
            && self.spec.network.is_missing()
            && !self.assumptions.iter().any(|a| a == text)
        {
            self.assumptions.push(text.into());
        }
    }

    /// One layer that fills the arrays which share units.
    fn fill(&mut self, leaf: LeafPlace<'a>, place: Span) -> Option<ArrayLevel> {
        let before = self.diagnostics.mark();
        let spec = LayerSpec::default();
        let weights = self.weights(&spec);
        let tile = self.tile(&spec);
        let (weights, tile) = (weights?, tile?);
        let arrays = self.arrays_that_share(leaf);
        let rows = tile.rows.value.saturating_sub(u64::from(weights.bias)).max(1);
        self.assume_bias_row(&weights);
        let grid = self.grid(&self.words(rows), 1, &weights, &tile)?;
        let outputs = (tile.columns.value / grid.columns_per_output).saturating_mul(arrays);
        let (graph, layers, assumptions) = (
            std::mem::replace(&mut self.graph, DiGraph::with_capacity(16, 16)),
            std::mem::take(&mut self.layers),
            std::mem::take(&mut self.assumptions),
        );
        let (shares, cells) = (std::mem::take(&mut self.shares), self.cells);
        let leaf_levels = std::mem::take(&mut self.leaf_levels);
        self.filling = true;
        let signal = self.words(rows);
        let source = self.graph.add_node(Node::outside(Role::Source, signal.bits));
        let arriving =
            End { node: source, signal, name: "input".into(), span: place, unfit: None, products: 1, extent: None };
        let level = self.machine.as_ref().map(|machine| machine.levels[leaf.level].clone())?;
        let name = Located { value: level.name, span: level.span };
        let matrices = Matrices::one(rows, outputs);
        let end = self.layer(LayerToBuild {
            name: &name,
            spec: &spec,
            arriving: Some(vec![arriving]),
            from: vec![None],
            matrices: Some(matrices),
            copies: 1,
            activation: None,
            step: 0,
            moved: None,
            needs_no_activation: true,
        });
        self.filling = false;
        if let Some(end) = end {
            let sink = self.graph.add_node(Node::outside(Role::Sink, end.signal.bits));
            self.graph.add_edge(end.node, sink, end.signal);
        }
        self.check_shares();
        let filled = (
            std::mem::replace(&mut self.graph, graph),
            std::mem::replace(&mut self.layers, layers),
            std::mem::replace(&mut self.assumptions, assumptions),
        );
        (self.shares, self.cells, self.leaf_levels) = (shares, cells, leaf_levels);
        self.diagnostics.since(before).ok()?;
        let (graph, layers, assumed) = filled;
        for text in &assumed {
            if self.spec.network.is_missing() && !self.assumptions.contains(text) {
                self.assumptions.push(text.clone());
            }
        }
        let mut design = Design {
            name: name.value.clone(),
            label: name.value.clone(),
            library: with_numbers(self.library_arc, self.numbers.clone()),
            graph,
            network: vec![PlacedLayer::filling(&name.value, matrices)],
            layers,
            gating: Gating::PerStage,
            pipelining: Pipelining::Inferences,
            period: None,
            input_bits: self.input_bits,
            input_encoding: self.input_encoding,
            image: None,
            imperfections: Imperfections::default(),
            trained: None,
            assumptions: assumed,
            machine: None,
            is_machine: true,
            wholes: Vec::new(),
            passes: Vec::new(),
        };
        design.record_drivers();
        Some(ArrayLevel { level: leaf.level, design: Box::new(design), arrays })
    }

    pub(super) fn words(&self, lanes: u64) -> Signal {
        Signal { domain: Domain::Word, bits: self.activation_bits(), lanes, paired: false }
    }

    /// How many arrays share units: those of one instance of the outermost level whose units their chain uses.
    fn arrays_that_share(&self, leaf: LeafPlace<'_>) -> u64 {
        let Some(machine) = &self.machine else { return 1 };
        let joins = |c: &Component| c.kind == Kind::ShiftAdd;
        let joining = machine.enclosing(leaf.level).find(|level| machine.units_of(*level, joins).next().is_some());
        let named = self
            .named_levels(leaf.spec)
            .into_iter()
            .filter_map(|name| machine.enclosing(leaf.level).find(|level| machine.levels[*level].name == name));
        let all = named.chain(joining).map(|level| machine.instances_in(leaf.level, level));
        all.max().unwrap_or(1)
    }

    /// The levels that the stages of a leaf name.
    fn named_levels(&self, leaf: &LevelSpec) -> Vec<String> {
        let chains = |stages: &Stages| -> Vec<String> {
            let all = [&stages.input, &stages.column].into_iter().filter_map(Slot::get).flatten();
            all.filter_map(|stage| match stage.get()? {
                StageSpec::Mapping(usage) => usage.within.get().cloned(),
                StageSpec::Scalar(_) => None,
            })
            .collect()
        };
        let own = leaf.stages.get().map(chains).unwrap_or_default();
        own.into_iter().chain(self.spec.stages.get().map(chains).unwrap_or_default()).collect()
    }

    /// The level that a stage names, which must enclose the arrays and list the stage's component.
    pub(super) fn enclosing_level(&mut self, name: &Located<String>, component: &Component) -> Option<usize> {
        let (Some(machine), Some(leaf)) = (&self.machine, self.leaf) else {
            let error = Diagnostic::error(format!("there is no level `{}`", name.value));
            self.report(error.at(name.span, "the design has no `levels`"));
            return None;
        };
        let Some(level) = machine.enclosing(leaf.level).find(|level| machine.levels[*level].name == name.value) else {
            let known: Vec<&str> = machine.enclosing(leaf.level).map(|at| machine.levels[at].name.as_str()).collect();
            let help = suggest::did_you_mean(&name.value, known.iter().copied());
            let message = format!("no level `{}` encloses `{}`", name.value, machine.levels[leaf.level].name);
            self.report(Diagnostic::error(message).at(name.span, "").maybe_help(help));
            return None;
        };
        if machine.units_of(level, |c| c.name == component.name).next().is_none() {
            if machine.lacks_units {
                return None;
            }
            let message = format!("the level `{}` lists no `{}`", name.value, component.name);
            let place = machine.levels[level].span;
            let help = format!("list it among the `components` of `{}`", name.value);
            self.report(Diagnostic::error(message).at(name.span, "").also(place, "this level").help(help));
            return None;
        }
        Some(level)
    }

    /// Of a machine without a network: what takes no time works when the arrays make use of it, or nothing says when.
    pub(super) fn refuse_units_without_pace(&mut self) {
        let Some(machine) = &self.machine else { return };
        let used = |units: &LevelUnits| {
            let is_it =
                |node: &Node| node.on_level && node.level == Some(units.level) && node.name() == &*units.component.name;
            machine.leaves.iter().any(|leaf| leaf.design.graph.node_weights().any(is_it))
        };
        let wrong = machine.units.iter().filter(|units| has_no_pace(&units.component) && !used(units));
        let errors: Vec<_> = wrong.map(|units| no_pace(&units.component, units.span)).collect();
        errors.into_iter().for_each(|error| self.report(error));
    }

    /// Of a machine without a network: the layers that fill its leaves.
    pub(super) fn fill_with_leaves(&mut self) {
        let Some(machine) = &self.machine else { return };
        for leaf in &machine.leaves {
            let (nodes, layers) = (self.graph.node_count(), self.layers.len());
            for node in leaf.design.graph.node_weights() {
                let moved = |at: Option<usize>| at.map(|at| at + layers);
                self.graph.add_node(Node { layer: moved(node.layer), step: moved(node.step), ..node.clone() });
            }
            let moved = |node: NodeIndex| NodeIndex::new(node.index() + nodes);
            for edge in leaf.design.graph.raw_edges() {
                self.graph.add_edge(moved(edge.source()), moved(edge.target()), edge.weight);
            }
            self.layers.extend(leaf.design.layers.iter().map(|layer| {
                let circuits = layer.circuits.clone().after(nodes);
                Layer { circuits, ..layer.clone() }
            }));
            let of_leaf = leaf.design.network.iter().cloned();
            self.network.extend(of_leaf.map(|layer| PlacedLayer { on_arrays: Some(layers), ..layer }));
        }
    }

    /// What stands on the levels, as nodes that cost area; the layers are checked to fit.
    pub(super) fn stand(&mut self) {
        let Some(machine) = &self.machine else { return };
        let standing = standing(machine);
        if !self.spec.network.is_missing() {
            self.check_capacity();
        }
        for (component, units) in standing {
            self.graph.add_node(Node::outside(Role::Standing(component, units), 0));
        }
    }
}

/// All that stands on the levels of a machine: what the levels list, and arrays with the stages around them.
fn standing(machine: &Machine) -> Vec<(Arc<Component>, StandingUnits)> {
    let mut all = Vec::new();
    for LevelUnits { level, component, each, .. } in &machine.units {
        let at = &machine.levels[*level];
        let units = StandingUnits {
            level: *level,
            units: each * at.instances as f64,
            powered: each * at.powered as f64,
            cells: 0,
        };
        all.push((component.clone(), units));
    }
    for leaf in &machine.leaves {
        let at = &machine.levels[leaf.level];
        for node in leaf.own_nodes() {
            let Some(component) = node.component() else { continue };
            let each = node.units as f64 / leaf.arrays as f64;
            let cells = match &node.role {
                Role::Crossbar(_, usage) => usage.grid.tile_rows * usage.grid.tile_columns,
                _ => 0,
            };
            let units = StandingUnits {
                level: leaf.level,
                units: each * at.instances as f64,
                powered: each * at.powered as f64,
                cells,
            };
            all.push((component.clone(), units));
        }
    }
    all
}

impl ArrayLevel {
    /// The groups that stand on the arrays themselves: not those of the levels around them.
    pub fn own_nodes(&self) -> impl Iterator<Item = &Node> {
        self.design.graph.node_weights().filter(|node| node.component().is_some() && !node.on_level)
    }
}
