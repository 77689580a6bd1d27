//! Layers without matrices: which component does them, with how many units.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::lower::{End, Extent, Lowering, MAX_SIZE};
use super::traffic::MovedLayer;
use super::{Domain, Machine, Node, Role, Signal};
use crate::catalog::PlaceName;
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::techlib::placing::Place;
use crate::techlib::{Component, Kind};
use crate::workload::{NetworkLayer, Normalization, ValueOperation, ValueOperations};
use crate::yaml::{Located, Slot};

/// What is to be done with values.
#[derive(Debug, Clone, Copy)]
pub(super) enum WantedOperation<'f> {
    /// An operation of a kind of layer.
    Operation(ValueOperation),
    /// A function that a layer names.
    Function(&'f str),
}

impl WantedOperation<'_> {
    /// What a component's `function` calls it.
    pub fn word(&self) -> &str {
        match self {
            Self::Function(name) => name,
            Self::Operation(operation) => match operation {
                ValueOperation::Max => "max",
                ValueOperation::Average => "average",
                ValueOperation::Add => "add",
                ValueOperation::Multiply => "multiply",
                ValueOperation::Lstm => "lstm",
                ValueOperation::Gru => "gru",
                ValueOperation::Normalize(which) => match which {
                    Normalization::Batch | Normalization::Affine => "affine",
                    Normalization::Layer => "layer-norm",
                    Normalization::Rms => "rms-norm",
                    Normalization::Group => "group-norm",
                    Normalization::Instance => "instance-norm",
                },
            },
        }
    }

    /// What a component that does it is.
    fn unit(&self) -> &'static str {
        match self {
            Self::Operation(ValueOperation::Max | ValueOperation::Average) => "pooling or vector-unit",
            Self::Operation(ValueOperation::Add) => "adder, shift-add or vector-unit",
            Self::Operation(_) => "vector-unit",
            Self::Function(_) => "activation or vector-unit",
        }
    }

    /// True if a component does it. Pooling and adders that name no function do all that their kind does.
    pub fn is_done_by(&self, component: &Component) -> bool {
        let names = |word: &str| {
            component.function.as_ref().is_some_and(|all| all.split('/').any(|function| function.trim() == word))
        };
        let word = self.word();
        match (self, component.kind) {
            (_, Kind::VectorUnit) | (Self::Function(_), Kind::Activation) => names(word),
            (Self::Operation(ValueOperation::Max | ValueOperation::Average), Kind::Pooling) => {
                component.function.is_none() || names(word)
            }
            (Self::Operation(ValueOperation::Add), Kind::Adder | Kind::ShiftAdd) => true,
            _ => false,
        }
    }
}

/// Units of a component that do something.
pub(super) struct Doing {
    pub component: Arc<Component>,
    pub units: u64,
    pub span: Span,
    /// The level that they stand on.
    pub level: Option<usize>,
}

impl Machine {
    /// The innermost level at which values of these arrays can meet: around the arrays of one, and above what two layers do not share. The
    /// outermost where there are none. What moves them there is counted where it moves them.
    pub(super) fn meeting(&self, extents: &[Extent], whole: Option<usize>) -> usize {
        let outermost = |level: usize| self.enclosing(level).last().unwrap_or(level);
        let Some(first) = extents.first() else { return self.leaves.first().map_or(0, |leaf| outermost(leaf.level)) };
        let below = match extents {
            [_] => first.leaf,
            _ => self.whole_of(first.leaf, whole),
        };
        let in_all = |level: &usize| extents.iter().all(|e| self.enclosing(e.leaf).any(|at| at == *level));
        self.enclosing(below).skip(1).find(in_all).unwrap_or_else(|| outermost(first.leaf))
    }

    /// Instances of a level in which arrays stand.
    pub(super) fn instances_of(&self, level: usize, extents: &[Extent]) -> u64 {
        let in_one = |extent: &Extent| extent.arrays.div_ceil(self.instances_in(extent.leaf, level).max(1));
        extents.iter().map(in_one).max().unwrap_or(1).clamp(1, self.levels[level].powered.max(1))
    }
}

impl Lowering<'_> {
    /// Lowers a layer without matrices and returns what it gives; none if something is wrong, which is reported.
    pub(super) fn values_layer(
        &mut self,
        step: usize,
        layer: &NetworkLayer<'_>,
        arriving: Vec<End>,
        moved: Option<MovedLayer>,
    ) -> Option<End> {
        let extents: Vec<Extent> = arriving.iter().filter_map(|end| end.extent).collect();
        let mut end = self.concatenate(arriving)?;
        let work = layer.work.as_ref()?;
        end.extent = joint(&extents);
        end.signal.lanes = work.output.values();
        // What changes no value moves none.
        let works = work.values.is_some() || layer.activation.is_some();
        if let Some(moved) = moved.filter(|_| works) {
            end = self.move_words(end.clone(), &MovedLayer { extent: end.extent, ..moved });
        }
        if let Some(values) = &work.values {
            end = self.done(step, layer, end, WantedOperation::Operation(values.operation), values.count, &extents)?;
        }
        if let Some(function) = &layer.activation {
            let count = work.output.values();
            end = self.done(step, layer, end, WantedOperation::Function(&function.value), count, &extents)?;
        }
        Some(end)
    }

    /// What is done with the outputs of products beside them, as they come: the gates of a recurrent layer, sums of outputs that overlap.
    pub(super) fn values_of_products(
        &mut self,
        step: usize,
        layer: &NetworkLayer<'_>,
        mut end: End,
        values: &ValueOperations,
    ) -> Option<End> {
        let (index, replication) = (self.layers.len().checked_sub(1)?, self.layers.last()?.replication);
        let output = layer.work.as_ref()?.output;
        let extents: Vec<Extent> = end.extent.into_iter().collect();
        let function = layer.activation.as_ref().map(|name| (WantedOperation::Function(&name.value), output.values()));
        for (wanted, count) in
            [(WantedOperation::Operation(values.operation), values.count)].into_iter().chain(function)
        {
            end = self.done(step, layer, end, wanted, count, &extents)?;
            let of_turn = (u128::from(count) * u128::from(replication.copies))
                .div_ceil(u128::from(replication.matrices.products));
            let of_turn = u64::try_from(of_turn).unwrap_or(u64::MAX);
            let node = &mut self.graph[end.node];
            (node.layer, node.rounds) = (Some(index), of_turn.div_ceil(node.units));
        }
        end.signal.lanes = output.depth();
        Some(end)
    }

    /// Operations on values, done by units that are looked for.
    fn done(
        &mut self,
        step: usize,
        layer: &NetworkLayer<'_>,
        end: End,
        wanted: WantedOperation<'_>,
        operations: u64,
        extents: &[Extent],
    ) -> Option<End> {
        if end.signal.domain != Domain::Word {
            let message =
                format!("`{}` works on words, and `{}` gives {}", layer.name.value, end.name, end.signal.domain);
            let error = Diagnostic::error(message).at(layer.name.span, "").also(end.span, "gives this");
            self.report(error.help("end the chain of the layer before with an ADC"));
            return None;
        }
        let doing = self.doing(layer, wanted, extents)?;
        Some(self.push_values(step, end, doing, operations))
    }

    /// A group of units that work on words of no matrix.
    pub(super) fn push_values(&mut self, step: usize, end: End, doing: Doing, operations: u64) -> End {
        let Doing { component, units, span, level } = doing;
        let bits = self.stated_activation_bits().or(component.bits).unwrap_or(end.signal.bits);
        let node = Node {
            role: Role::Stage(component.clone()),
            layer: None,
            step: Some(step),
            units,
            operations,
            rounds: operations.div_ceil(units),
            cycles: 1,
            word_bits: end.signal.bits.max(bits),
            range: None,
            on_level: level.is_some(),
            level,
            moved: None,
        };
        let index = self.graph.add_node(node);
        self.graph.add_edge(end.node, index, end.signal);
        let signal = Signal { bits, ..end.signal };
        End { node: index, signal, name: component.name.clone(), span, ..end }
    }

    /// The component that does something for a layer: the one that the layer names, or the innermost that encloses what is worked on.
    fn doing(&mut self, layer: &NetworkLayer<'_>, wanted: WantedOperation<'_>, extents: &[Extent]) -> Option<Doing> {
        let spec = layer.spec?;
        match (&spec.value.component, &self.machine) {
            (Slot::Bad, _) => None,
            (Slot::Present(name), None) => self.named_unit(layer, name, wanted),
            (Slot::Missing, None) => {
                let fitting: Vec<&str> = self.library.names_where(|c| wanted.is_done_by(c)).collect();
                let message = format!(
                    "`{}` names no unit that does `{}`, and the design has no levels",
                    layer.name.value,
                    wanted.word()
                );
                let help = format!("`use: NAME, units: 8`; {} has: {}", self.library.name, suggest::list(&fitting));
                self.report(Diagnostic::error(message).at(layer.name.span, "`use` is missing here").help(help));
                None
            }
            (named, Some(_)) => {
                if let Some(units) = spec.value.units.span().filter(|span| self.unjoined.insert(*span)) {
                    let error = Diagnostic::error("how many units there are is the `count` of a level's components");
                    self.report(error.at(units, "`units` belongs to a design without levels"));
                }
                self.unit_around(layer, named.located(), wanted, extents)
            }
        }
    }

    fn named_unit(
        &mut self,
        layer: &NetworkLayer<'_>,
        name: &Located<String>,
        wanted: WantedOperation<'_>,
    ) -> Option<Doing> {
        let component = self.component(&name.value, name.span, |c| wanted.is_done_by(c));
        let units = match &layer.spec?.value.units {
            Slot::Missing => 1,
            Slot::Bad => return None,
            Slot::Present(units) => {
                let units = Located { value: u64::from(units.value), span: units.span };
                self.count("units", &units, MAX_SIZE)?
            }
        };
        let component = component?;
        if !wanted.is_done_by(&component) {
            self.does_not(&component, wanted, name.span);
            return None;
        }
        let component = self.value_unit(&component, name.span)?;
        Some(Doing { component, units, span: name.span, level: None })
    }

    fn does_not(&mut self, component: &Component, wanted: WantedOperation<'_>, span: Span) {
        let function = component.function.as_ref().map(|f| format!(", its function is {f}")).unwrap_or_default();
        let message = format!("`{}` does not do `{}`", component.name, wanted.word());
        let label = format!("this is of kind {}{function}", component.kind.name());
        let fitting: Vec<&str> = self.library.names_where(|c| wanted.is_done_by(c)).collect();
        let help = format!("{} has: {}", self.library.name, suggest::list(&fitting));
        self.report(Diagnostic::error(message).at(span, label).help(help));
    }

    /// A component in a place that knows words only.
    fn value_unit(&mut self, component: &Arc<Component>, span: Span) -> Option<Arc<Component>> {
        let place = Place::default().with(PlaceName::InputBits, f64::from(self.activation_bits()));
        let component = self.in_place(component, &place, span)?;
        self.require_costs(&component, span).then_some(component)
    }

    fn unit_around(
        &mut self,
        layer: &NetworkLayer<'_>,
        named: Option<&Located<String>>,
        wanted: WantedOperation<'_>,
        extents: &[Extent],
    ) -> Option<Doing> {
        let machine = self.machine.as_ref()?;
        let whole = self.mapping.and_then(|mapping| mapping.whole);
        let first = machine.meeting(extents, whole);
        let fits = |c: &Component| named.is_none_or(|name| *c.name == *name.value) && wanted.is_done_by(c);
        // Of the network's input alone: wherever it can be done, the outermost first.
        let levels: Vec<usize> = match extents {
            [] => machine
                .enclosing(machine.leaves.first().map_or(0, |leaf| leaf.level))
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect(),
            _ => machine.enclosing(first).collect(),
        };
        let found = levels.into_iter().find_map(|level| {
            let (units, each) = machine.unit_of(level, fits)?;
            let instances = machine.instances_of(level, extents);
            Some(Doing {
                component: units.component.clone(),
                units: units_in(each, instances),
                span: units.span,
                level: Some(level),
            })
        });
        if found.is_none() {
            self.nothing_does(layer, named, wanted, first);
        }
        let found = found?;
        self.require_costs(&found.component.clone(), found.span).then_some(found)
    }

    fn nothing_does(
        &mut self,
        layer: &NetworkLayer<'_>,
        named: Option<&Located<String>>,
        wanted: WantedOperation<'_>,
        level: usize,
    ) {
        let Some(machine) = &self.machine else { return };
        let first = machine.levels[level].name.clone();
        let place =
            named.map(|name| name.span).or(layer.activation.as_ref().map(|a| a.span)).unwrap_or(layer.name.span);
        if !self.unjoined.insert(place) {
            return;
        }
        if let Some(named) = named {
            let Some(component) = self.component(&named.value, named.span, |c| wanted.is_done_by(c)) else { return };
            if !wanted.is_done_by(&component) {
                self.does_not(&component, wanted, named.span);
                return;
            }
            let message = format!("no level from `{first}` outwards lists `{}`", named.value);
            let help = format!("`{first}` is the innermost level around what `{}` works on", layer.name.value);
            self.report(Diagnostic::error(message).at(place, "").help(help));
            return;
        }
        if machine.lacks_units {
            return;
        }
        let message = format!("nothing at or above `{first}` does `{}` for `{}`", wanted.word(), layer.name.value);
        let help = format!(
            "`{first}` is the innermost level around what is worked on: list a component of kind {} there or above; {}",
            wanted.unit(),
            self.what_there_is(wanted)
        );
        self.report(Diagnostic::error(message).at(place, "").help(help));
    }

    /// What does something: on a level that is too far inside, in the library, or else what the machine has with a function.
    pub(super) fn what_there_is(&self, wanted: WantedOperation<'_>) -> String {
        let Some(machine) = &self.machine else { return String::new() };
        let inside = machine.units.iter().find(|units| wanted.is_done_by(&units.component));
        if let Some(units) = inside {
            let (name, level) = (&units.component.name, &machine.levels[units.level].name);
            return format!("`{name}` on `{level}` does not reach all of it");
        }
        let fitting: Vec<&str> = self.library.names_where(|c| wanted.is_done_by(c)).collect();
        if !fitting.is_empty() {
            return format!("{} has: {}", self.library.name, suggest::list(&fitting));
        }
        let with_function = |component: &Component| {
            component.function.as_ref().map(|function| format!("{} ({function})", component.name))
        };
        let known: BTreeSet<String> = self.library.components.values().filter_map(|c| with_function(c)).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let what = if known.is_empty() { "nothing with a function".to_owned() } else { suggest::list(&known) };
        format!("{} has: {what}", self.library.name)
    }
}

/// Whole units on so many instances, of so many on each: at least one.
pub(super) fn units_in(each: f64, instances: u64) -> u64 {
    ((each * instances as f64).floor() as u64).max(1)
}

/// The arrays of several, taken together.
fn joint(extents: &[Extent]) -> Option<Extent> {
    let first = extents.first()?;
    let arrays = extents.iter().filter(|e| e.leaf == first.leaf).map(|e| e.arrays).max()?;
    Some(Extent { leaf: first.leaf, arrays })
}
