//! Which circuits of the graph are a layer's, and what its crossbar stands between: recorded once, where the graph is made.

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::graph::NodeIndex;

use super::{Design, Layer, Role, Signal};
use crate::techlib::Kind;

/// The circuits of a layer by their nodes, in signal order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerCircuits {
    /// Its crossbar tiles.
    pub crossbar: NodeIndex,
    /// What arrives at the layer; of several layers that feed it, all their lanes.
    pub arriving: Signal,
    /// The stages before the crossbar that are built: none where voltages of another layer drive the rows.
    pub input: Vec<NodeIndex>,
    /// The stages after the crossbar that are built.
    pub column: Vec<NodeIndex>,
    /// The amplifier at its columns.
    pub amplifier: Option<NodeIndex>,
    /// The neuron or activation unit.
    pub activation: Option<NodeIndex>,
    /// The converters to words between the columns and the activation; all of them where there is none.
    pub converters_before: Vec<NodeIndex>,
    /// The converters to words after the activation.
    pub converters_after: Vec<NodeIndex>,
    /// The stage that takes the sums over all row partitions or, if it is an adder, makes them; none if the sums are the layer's outputs.
    pub summed_at: Option<NodeIndex>,
    /// What holds the voltage of its rows: its own last stage before the crossbar or, directly and through joints, circuits of other layers;
    /// none if something else (a network input of no circuit) does.
    pub driven_by: Vec<NodeIndex>,
    /// The crossbars of other layers whose rows its last stage drives, directly or through a joint.
    pub drives: Vec<NodeIndex>,
}

impl LayerCircuits {
    /// A layer whose crossbar is in place and whose column chain is not built yet.
    pub(super) fn begun(crossbar: NodeIndex, arriving: Signal, input: Vec<NodeIndex>) -> Self {
        Self {
            crossbar,
            arriving,
            input,
            column: Vec::new(),
            amplifier: None,
            activation: None,
            converters_before: Vec::new(),
            converters_after: Vec::new(),
            summed_at: None,
            driven_by: Vec::new(),
            drives: Vec::new(),
        }
    }

    /// The same circuits in a graph that has so many nodes before theirs.
    pub(super) fn after(mut self, nodes: usize) -> Self {
        let moved = |node: NodeIndex| NodeIndex::new(node.index() + nodes);
        self.crossbar = moved(self.crossbar);
        for list in [
            &mut self.input,
            &mut self.column,
            &mut self.converters_before,
            &mut self.converters_after,
            &mut self.driven_by,
            &mut self.drives,
        ] {
            list.iter_mut().for_each(|node| *node = moved(*node));
        }
        for one in [&mut self.amplifier, &mut self.activation, &mut self.summed_at] {
            *one = one.map(moved);
        }
        self
    }

    /// Notes the next stage after the crossbar.
    pub(super) fn add(&mut self, node: NodeIndex, kind: Kind) {
        self.column.push(node);
        match kind {
            Kind::Amplifier => self.amplifier = Some(node),
            Kind::Neuron | Kind::Activation => self.activation = Some(node),
            Kind::Adc if self.activation.is_some() => self.converters_after.push(node),
            Kind::Adc => self.converters_before.push(node),
            _ => {}
        }
    }

    /// The last circuit of the layer: what gives its outputs.
    #[must_use]
    pub fn last(&self) -> NodeIndex {
        self.column.last().copied().unwrap_or(self.crossbar)
    }

    /// True if a stage after the crossbar works on the partial sums of each row partition: where they meet, or later, it does not. With one
    /// partition there is nothing to meet.
    fn is_before_sum(&self, node: NodeIndex) -> bool {
        let place = |of: NodeIndex| self.column.iter().position(|&stage| stage == of);
        match (self.summed_at.and_then(place), place(node)) {
            (Some(sum), Some(stage)) => stage < sum,
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }
}

impl Layer {
    /// True if a stage works on partial sums: its matrix lies on tiles below each other, and their sums meet after the stage.
    #[must_use]
    pub fn takes_partial_sums(&self, node: NodeIndex) -> bool {
        self.grid.row_partitions > 1 && self.circuits.is_before_sum(node)
    }
}

impl Design {
    /// The crossbars whose rows a circuit holds at their voltage: those that it feeds with nothing but a joint between, of several layers all.
    #[must_use]
    pub fn crossbars_driven_by(&self, node: NodeIndex) -> Vec<NodeIndex> {
        self.fed_by(node).into_iter().filter(|&next| matches!(self.graph[next].role, Role::Crossbar(..))).collect()
    }

    /// The circuits that hold the rows of a crossbar at their voltage, seen through joints: row drivers, converters, buffers, neurons.
    #[must_use]
    pub fn drivers_of(&self, crossbar: NodeIndex) -> Vec<NodeIndex> {
        let mut drivers = Vec::new();
        let mut open: Vec<NodeIndex> = self.graph.neighbors_directed(crossbar, Incoming).collect();
        while let Some(before) = open.pop() {
            match self.graph[before].role {
                Role::Source => open.extend(self.graph.neighbors_directed(before, Incoming)),
                Role::Stage(_) | Role::Crossbar(..) => drivers.push(before),
                Role::Sink | Role::LineSwitch(_) | Role::Writing(..) | Role::Standing(..) => {}
            }
        }
        drivers.sort_unstable();
        drivers
    }

    /// The circuits that a circuit feeds, seen through joints.
    #[must_use]
    pub fn fed_by(&self, node: NodeIndex) -> Vec<NodeIndex> {
        let mut fed = Vec::new();
        let mut open: Vec<NodeIndex> = self.graph.neighbors_directed(node, Outgoing).collect();
        while let Some(next) = open.pop() {
            match self.graph[next].role {
                Role::Source => open.extend(self.graph.neighbors_directed(next, Outgoing)),
                Role::Stage(_) | Role::Crossbar(..) => fed.push(next),
                Role::Sink | Role::LineSwitch(_) | Role::Writing(..) | Role::Standing(..) => {}
            }
        }
        fed.sort_unstable();
        fed
    }

    /// The amplifier that a crossbar's columns end in, and how many row partitions share one of its inputs: 1 where every tile has amplifiers
    /// of its own, all where their currents meet before it. None if the columns end in something else.
    #[must_use]
    pub fn termination_of(&self, crossbar: NodeIndex) -> Option<(NodeIndex, u64)> {
        let layer = &self.layers[self.graph[crossbar].layer?];
        let first = *layer.circuits.column.first()?;
        if layer.circuits.amplifier != Some(first) {
            return None;
        }
        Some((first, if layer.takes_partial_sums(first) { 1 } else { layer.grid.row_partitions }))
    }

    /// Inputs and outputs of the layers in the order of computation: `784-16-10`. Where not every layer feeds the next one, each layer is
    /// written with its inputs: `64-16, 64-8, 24-10`.
    #[must_use]
    pub fn shape(&self) -> String {
        let follows = |(index, layer): (usize, &Layer)| layer.from == [index.checked_sub(1)];
        let sizes = self.layers.iter().map(|layer| (layer.grid.inputs, layer.grid.outputs));
        if self.layers.iter().enumerate().all(follows) {
            let first = self.layers.first().map(|layer| layer.grid.inputs);
            let sizes: Vec<String> = first.into_iter().chain(sizes.map(|s| s.1)).map(|size| size.to_string()).collect();
            return sizes.join("-");
        }
        sizes.map(|(inputs, outputs)| format!("{inputs}-{outputs}")).collect::<Vec<_>>().join(", ")
    }

    /// Fills in what holds the rows of each crossbar and what each layer drives; the graph is whole.
    pub(super) fn record_drivers(&mut self) {
        for index in 0..self.layers.len() {
            let circuits = &self.layers[index].circuits;
            let driven_by = self.drivers_of(circuits.crossbar);
            let drives = self.crossbars_driven_by(circuits.last());
            let circuits = &mut self.layers[index].circuits;
            (circuits.driven_by, circuits.drives) = (driven_by, drives);
        }
    }
}
