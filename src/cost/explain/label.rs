//! What the numbers of a plan are called, and where they come from.

use std::collections::HashMap;

use petgraph::graph::NodeIndex;

use crate::cost::placed::PlacedNumber;
use crate::cost::plan::Plan;
use crate::cost::plan::leaf::{Leaf, What};
use crate::cost::plan::tape::{PlanOp, Register};
use crate::design::{Design, Role};
use crate::diagnostic::{SourceMap, Span};
use crate::techlib::{Basis, Origin, Provenance};
use crate::units::sig;

/// Names of registers.
pub(super) struct Labels<'e> {
    design: &'e Design,
    plan: &'e Plan,
    sources: &'e SourceMap,
    names: HashMap<Register, String>,
}

/// Where a number comes from.
#[derive(Default)]
pub(super) struct StatedOrigin {
    pub basis: Option<String>,
    pub source: Option<String>,
    pub place: Option<String>,
}

impl<'e> Labels<'e> {
    pub(super) fn of(design: &'e Design, plan: &'e Plan, sources: &'e SourceMap) -> Self {
        let mut labels = Self { design, plan, sources, names: HashMap::new() };
        let t = &plan.totals;
        labels.add(t.energy.register(), "energy of one inference".into());
        if let Some(at_work) = t.at_work {
            labels.add(at_work.register(), "power with all units at work".into());
        }
        labels.add(t.power.register(), "average power".into());
        labels.add(t.area.register(), "area".into());
        // Without pipelining the interval is the latency.
        labels.add(plan.tape().chosen(t.latency.register()), "latency".into());
        labels.add(plan.tape().chosen(t.interval.register()), "time from one inference to the next".into());
        let groups = || design.graph.node_indices().zip(&plan.groups);
        for (index, group) in groups() {
            // What another group needs of it may be the same number, which is called after the group that it belongs to.
            if let Some(through) = group.through.filter(|n| !labels.has(n.register())) {
                labels.add(through.register(), format!("{}: time of its operations", labels.group(index)));
            }
        }
        for (index, group) in groups() {
            let name = labels.group(index);
            let parts = [
                (group.area.map(|n| n.register()), "area"),
                (group.at_work.map(|n| n.register()), "power with all units at work"),
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
                if let Some(register) = register.filter(|r| !labels.has(*r)) {
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

    /// True if a register has a name of its own.
    pub(super) fn has(&self, register: Register) -> bool {
        self.names.contains_key(&register) || self.plan.tape().number(register).is_some()
    }

    fn group(&self, node: NodeIndex) -> String {
        let node = &self.design.graph[node];
        match self.design.layer_name(node) {
            Some(layer) => format!("{layer} / {}", node.name()),
            None => match (&node.role, &self.design.machine) {
                (Role::Standing(component, units), Some(machine)) => {
                    format!("{} / {}", machine.levels[units.level].name, component.name)
                }
                _ => node.name().to_owned(),
            },
        }
    }

    fn layer(&self, node: NodeIndex) -> &str {
        self.design.layer_name(&self.design.graph[node]).unwrap_or_default()
    }

    pub(super) fn name(&self, register: Register) -> String {
        if let Some(name) = self.names.get(&register) {
            return name.clone();
        }
        let tape = self.plan.tape();
        match tape.op(register) {
            PlanOp::Constant => "constant".into(),
            PlanOp::Sum { .. } | PlanOp::Sub(..) => "sum".into(),
            PlanOp::Mul(..) => "product".into(),
            PlanOp::Div(..) => "quotient".into(),
            PlanOp::Max { .. } | PlanOp::Min(..) | PlanOp::Choose { .. } => self.name(tape.chosen(register)),
            PlanOp::Model { .. } => "solution".into(),
            PlanOp::Compare(..) => "condition".into(),
            PlanOp::Power(base, exponent) => format!("{}^{}", self.operand(base), self.operand(exponent)),
            PlanOp::Apply(function, of) => format!("{}({})", function.name(), self.operand(of)),
            PlanOp::Leaf(_) | PlanOp::Named { .. } => {
                self.plan.tape().number(register).map(|l| self.leaf_name(l)).unwrap_or_default()
            }
        }
    }

    /// A name inside another.
    fn operand(&self, register: Register) -> String {
        match self.plan.tape().op(register) {
            PlanOp::Constant => sig(self.plan.tape().quantity(register).si, 4),
            _ => self.name(register),
        }
    }

    fn leaf_name(&self, leaf: Leaf) -> String {
        match leaf.number {
            Some(PlacedNumber::OfLibrary(id)) => self.design.library.numbers.get(id).path.to_string(),
            Some(
                PlacedNumber::ActiveRows(node) | PlacedNumber::MeanLevel(node) | PlacedNumber::LowResistance(node),
            ) => {
                format!("{}: {}", self.layer(node), leaf.what.name())
            }
            Some(PlacedNumber::Period) => leaf.what.name().to_owned(),
            None => format!("{}: {}", self.group(leaf.group), leaf.what.name()),
        }
    }

    /// Where a number comes from; nothing where it is counted, or computed without a word of its own.
    pub(super) fn origin(&self, register: Register) -> StatedOrigin {
        let Some(leaf) = self.plan.tape().number(register).filter(|leaf| !leaf.what.is_count()) else {
            return StatedOrigin::default();
        };
        let basis = |basis: Basis| Some(basis.name().to_owned());
        let place = |span: Span| Some(self.sources.position(span));
        match leaf.number {
            Some(PlacedNumber::OfLibrary(id)) => {
                let number = self.design.library.numbers.get(id);
                if let Origin::Placed(name) = number.origin {
                    return StatedOrigin {
                        basis: number.provenance().and_then(|p| basis(p.basis)),
                        source: Some(name.entry().from.into()),
                        place: None,
                    };
                }
                StatedOrigin {
                    basis: number.provenance().and_then(|p| basis(p.basis)),
                    source: stated(self.design, leaf).map(|p| p.source.clone()),
                    place: place(number.place),
                }
            }
            Some(PlacedNumber::ActiveRows(_) | PlacedNumber::MeanLevel(_) | PlacedNumber::LowResistance(_)) => {
                StatedOrigin {
                    basis: leaf.assumed.then_some(Basis::Assumed).and_then(basis),
                    source: Some(
                        if leaf.assumed { "not stated: taken for it" } else { "`statistics` of the architecture" }
                            .into(),
                    ),
                    place: None,
                }
            }
            Some(PlacedNumber::Period) => StatedOrigin {
                basis: None,
                source: Some("`period` of the architecture".into()),
                place: self.design.period.and_then(|period| place(period.span)),
            },
            None => StatedOrigin {
                basis: basis(if leaf.assumed { Basis::Assumed } else { Basis::Modelled }),
                source: Some(solution(leaf.what).into()),
                place: self.design.graph[leaf.group].component().and_then(|component| place(component.span)),
            },
        }
    }
}

fn solution(what: What) -> &'static str {
    match what {
        What::SettlingTime => "Elmore delays of its lines",
        What::AmplifierSettling => "its op-amps and the columns that they are attached to, solved",
        What::AmplifierPower => "what its columns make it deliver and sink, solved for random weights",
        What::NeuronPower | What::NeuronDelay => "its circuit and the rows that it drives, solved",
        What::RowCharge => "the wire of the rows that it drives",
        _ => "its cells, wires and column circuits and the levels of its rows, solved",
    }
}

/// What is said of a number where it stands; of one that a neuron's circuit gives in its place, what is said of it without a load.
pub(in crate::cost) fn stated(design: &Design, leaf: Leaf) -> Option<&Provenance> {
    let component = || design.graph[leaf.group].component();
    let id = match (leaf.number, leaf.what) {
        (Some(PlacedNumber::OfLibrary(id)), _) => id,
        (None, What::NeuronPower) => component()?.static_power.as_ref()?.id,
        (None, What::NeuronDelay | What::AmplifierSettling) => component()?.latency.as_ref()?.id,
        _ => return None,
    };
    design.library.numbers.get(id).stated.as_deref()
}
