//! What the numbers of a plan are called, and where those that are stated come from.

use std::collections::HashMap;

use petgraph::graph::NodeIndex;

use crate::cost::estimate::Estimate;
use crate::cost::plan::leaf::{Leaf, What};
use crate::cost::plan::tape::{PlanOp, Register, Tape};
use crate::design::{Design, Role};
use crate::diagnostic::{SourceMap, Span};
use crate::techlib::{Basis, Component, Figure, Provenance};

/// Names of registers.
pub(super) struct Labels<'e> {
    design: &'e Design,
    sources: &'e SourceMap,
    names: HashMap<Register, String>,
}

/// Where a stated number comes from.
pub(super) struct StatedOrigin {
    pub basis: String,
    pub source: String,
    pub place: Option<String>,
}

impl<'e> Labels<'e> {
    pub(super) fn of(estimate: &'e Estimate<'_>, sources: &'e SourceMap) -> Self {
        let plan = &estimate.plan;
        let mut labels = Self { design: estimate.design, sources, names: HashMap::new() };
        let t = &plan.totals;
        labels.add(t.energy.register(), "energy of one inference".into());
        labels.add(t.power.register(), "average power".into());
        labels.add(t.area.register(), "area".into());
        // Without pipelining the interval is the latency.
        labels.add(plan.tape().chosen(t.latency.register()), "latency".into());
        labels.add(plan.tape().chosen(t.interval.register()), "time from one inference to the next".into());
        let groups = || estimate.design.graph.node_indices().zip(&plan.groups);
        for (index, group) in groups() {
            // What another group needs of it may be the same number, which is called after the group that it belongs to.
            if let Some(through) = group.through.filter(|n| !matches!(plan.tape().op(n.register()), PlanOp::Leaf(_))) {
                labels.add(through.register(), format!("{}: time of its operations", labels.group(index)));
            }
        }
        for (index, group) in groups() {
            let name = labels.group(index);
            let parts = [
                (group.area.map(|n| n.register()), "area"),
                (group.dynamic.map(|n| n.register()), "energy of its operations"),
                (group.powered.map(|n| n.register()), "energy of its power"),
                (group.static_power.map(|n| n.register()), "power of all units"),
                (group.working_power.map(|n| n.register()), "power of all units at work"),
                (group.busy.map(|n| n.register()), "time until the next read"),
                (group.times.on.map(|n| n.register()), "time for which it is on"),
                (group.times.hold.map(|n| n.register()), "time for which its output is needed"),
                (group.times.period.map(|n| n.register()), "time from one bit-serial read to the next"),
            ];
            for (register, what) in parts {
                if let Some(register) = register.filter(|r| !matches!(plan.tape().op(*r), PlanOp::Leaf(_))) {
                    labels.add(register, format!("{name}: {what}"));
                }
            }
        }
        labels
    }

    /// The first name stays.
    fn add(&mut self, register: Register, name: String) {
        self.names.entry(register).or_insert(name);
    }

    pub(super) fn has(&self, register: Register) -> bool {
        self.names.contains_key(&register)
    }

    fn group(&self, node: NodeIndex) -> String {
        let node = &self.design.graph[node];
        match node.layer {
            Some(layer) => format!("{} / {}", self.design.layers[layer].name, node.name()),
            None => node.name().to_owned(),
        }
    }

    pub(super) fn name(&self, tape: &Tape, register: Register) -> String {
        if let Some(name) = self.names.get(&register) {
            return name.clone();
        }
        match tape.op(register) {
            PlanOp::Leaf(leaf) => self.leaf_name(tape.leaf_of(leaf)),
            PlanOp::Constant => "factor".into(),
            PlanOp::Sum { .. } | PlanOp::Sub(..) => "sum".into(),
            PlanOp::Mul(..) => "product".into(),
            PlanOp::Div(..) => "quotient".into(),
            PlanOp::Max { .. } => "largest".into(),
        }
    }

    fn leaf_name(&self, leaf: Leaf) -> String {
        let what = leaf.what.name();
        match leaf.what {
            // Fields of a library entry are the same wherever it is used.
            What::Power
            | What::StaticPower
            | What::Energy
            | What::Latency
            | What::Rate
            | What::Area
            | What::CellWidth
            | What::CellHeight => {
                format!("{}.{what}", self.design.graph[leaf.group].name())
            }
            _ => format!("{}: {what}", self.group(leaf.group)),
        }
    }

    /// Where a leaf comes from; none if it is counted or computed.
    pub(super) fn origin(&self, tape: &Tape, register: Register) -> Option<StatedOrigin> {
        let PlanOp::Leaf(leaf) = tape.op(register) else { return None };
        let leaf = tape.leaf_of(leaf);
        let node = &self.design.graph[leaf.group];
        let component = node.component()?;
        let (provenance, span) = provenance(component, leaf.what)?;
        let computed = matches!(leaf.what, What::CrossbarPower | What::SettlingTime);
        let assumed_statistics = matches!(&node.role, Role::Crossbar(_, usage) if usage.statistics_assumed);
        let basis = match leaf.what {
            What::CrossbarPower if assumed_statistics => Basis::Assumed,
            _ if computed && !leaf.assumed => Basis::Modelled,
            _ => provenance.basis,
        };
        let source = match leaf.what {
            What::CrossbarPower => {
                format!("its cells, wires and column circuits, solved; devices: {}", provenance.source)
            }
            What::SettlingTime => "Elmore delays of its lines".into(),
            _ => provenance.source.clone(),
        };
        Some(StatedOrigin { basis: basis.name().to_owned(), source, place: Some(self.sources.position(span)) })
    }
}

pub(in crate::cost) fn provenance(component: &Component, what: What) -> Option<(&Provenance, Span)> {
    fn of<Q>(figure: Option<&Figure<Q>>) -> Option<&Provenance> {
        figure.map(|f| &*f.provenance)
    }
    let array = component.crossbar.as_ref();
    let found = match what {
        What::Power => of(component.power.as_ref()),
        What::StaticPower | What::NeuronPower => of(component.static_power.as_ref()),
        What::Energy => of(component.energy.as_ref()),
        What::Latency | What::NeuronDelay => of(component.latency.as_ref()),
        What::Rate => of(component.rate.as_ref()),
        What::Area => of(component.area.as_ref()),
        What::CellWidth => of(array.map(|a| &a.cell_width)),
        What::CellHeight => of(array.map(|a| &a.cell_height)),
        What::CrossbarPower => return array.map(|a| (&*a.device.r_low.provenance, a.device.span)),
        What::SettlingTime => Some(&*component.provenance),
        What::Units | What::Operations | What::Rounds | What::WordBits | What::Cells | What::Cycles => None,
    };
    found.map(|provenance| (provenance, component.span))
}
