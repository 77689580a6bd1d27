//! What the units of a machine's levels do for a layer, and what components join by themselves.

use super::{Chain, Stage, log2_ceil, word};
use crate::design::signal::what_would_fit;
use crate::design::values::{WantedOperation, units_in};
use crate::design::{Domain, LayerCircuits};
use crate::diagnostic::{Diagnostic, suggest};
use crate::techlib::{Component, Joins, Kind};
use crate::workload::ValueOperation;
use crate::yaml::Located;

impl Chain<'_, '_> {
    /// What a component joins by itself is one value after it.
    pub(super) fn joined_by(&mut self, component: &Component) {
        let Joins { slices, cycles, .. } = component.joins;
        if slices {
            self.slices = 1;
        }
        if cycles {
            self.cycles = 1;
        }
    }

    /// Bits of the words that an array gives, of what it has joined.
    pub(super) fn bits_of_array(&self, component: &Component) -> u32 {
        let applied = self.applied_bits.max(1);
        let of_input = if component.joins.cycles { self.layer.serial.bit_reads as u32 * applied } else { applied };
        let weight = u32::try_from(self.layer.weight_bits).unwrap_or(u32::MAX);
        let of_weight = if component.joins.slices { weight } else { self.layer.bits_per_device };
        let product = word::bits_of_sum(of_input, (1_u128 << of_weight.min(64)) - 1);
        product + log2_ceil(self.grid.rows.div_ceil(self.grid.row_partitions))
    }

    /// Units of the level that a stage takes turns on, of all instances that the layer has; none where the array has its own.
    pub(super) fn level_units(&self, stage: &Stage) -> Option<u64> {
        let level = stage.level?;
        let leaf = self.lowering.leaf?.level;
        let machine = self.lowering.machine.as_ref()?;
        let arrays = machine.instances_in(leaf, level).max(1);
        let instances = self.tiles().div_ceil(arrays);
        let (_, each) = machine.unit_of(level, |c| c.name == stage.component.name)?;
        Some(units_in(each, instances))
    }

    pub(super) fn turns_on_level(&self, units: u64, operations: u64) -> (u64, u64, u64) {
        self.turns(units, operations, self.cycles)
    }

    /// Units of all copies, equally loaded; operations of one product with one grid; and those of one turn of products that follow one another in
    /// each unit, so many of them in each read.
    pub(super) fn turns(&self, units: u64, operations: u64, cycles: u64) -> (u64, u64, u64) {
        let together = self.layer.replication.of_turn(operations);
        (units, operations, together.div_ceil(cycles).div_ceil(units.max(1)) * cycles)
    }

    /// On a machine that is written down from its publication a circuit that is not built would be missed.
    pub(super) fn warn_of_nothing_to_join(&mut self, stage: &Stage) {
        if self.lowering.machine.is_none() || !self.lowering.unjoined.insert(stage.span) {
            return;
        }
        let message = format!("`{}` has nothing to join and is not built", stage.component.name);
        self.lowering.diagnostics.warn(
            Diagnostic::warning(message)
                .at(stage.span, "one bit of an input is applied to one bit of a weight, or all at once")
                .help("a circuit that is there whatever it does stands among the `components` of a level"),
        );
    }

    /// What no stage of the array has joined, the innermost level joins that encloses it and has a unit for it.
    pub(super) fn join_on_levels(&mut self, circuits: &mut LayerCircuits) {
        let Some(leaf) = self.lowering.leaf else { return };
        if self.end.signal.domain.is_analog() {
            if self.cycles > 1 || self.slices > 1 {
                self.no_words();
            }
            return;
        }
        if self.cycles > 1 || self.slices > 1 {
            match self.unit_of_level(leaf.level, 1, |c| c.kind == Kind::ShiftAdd) {
                Some(stage) => {
                    self.on_level = stage.level;
                    self.shift_add(&stage);
                    self.hand_on(circuits, Kind::ShiftAdd);
                }
                None => self.no_unit(leaf.level, 1, "joins the bit-serial reads and bit slices", "a shift-add"),
            }
        }
        let partitions = self.grid.row_partitions;
        if partitions > 1 && !self.summed {
            let adds = |c: &Component| WantedOperation::Operation(ValueOperation::Add).is_done_by(c);
            match self.unit_of_level(leaf.level, partitions, adds) {
                Some(stage) => {
                    self.on_level = stage.level;
                    self.adder(&stage);
                    self.hand_on(circuits, Kind::Adder);
                    circuits.summed_at = circuits.column.last().copied();
                }
                None => {
                    let what = format!("adds the partial sums of {partitions} row partitions");
                    self.no_unit(leaf.level, partitions, &what, "an adder or a shift-add");
                }
            }
        }
        self.activate_on_level(leaf.level, circuits);
    }

    /// The function of the outputs, done by the innermost level that encloses the arrays of the layer's sums and has a unit for it.
    fn activate_on_level(&mut self, leaf: usize, circuits: &mut LayerCircuits) {
        let Some(function) = self.layer.activation else { return };
        let does = |c: &Component| WantedOperation::Function(&function.value).is_done_by(c);
        if let Some(stage) = self.unit_of_level(leaf, self.grid.row_partitions, does) {
            self.summed = true;
            self.on_level = stage.level;
            let operations = self.lanes() * self.cycles;
            let units = self.level_units(&stage).unwrap_or(1);
            let counts = self.turns_on_level(units, operations);
            let bits = stage.component.bits.unwrap_or(self.end.signal.bits);
            let signal = crate::design::Signal { bits, lanes: self.lanes(), ..self.end.signal };
            self.push(&stage.component, stage.span, counts, bits, signal);
            self.hand_on(circuits, Kind::Activation);
            return;
        }
        let Some(machine) = self.lowering.machine.as_ref().filter(|machine| !machine.lacks_units) else { return };
        let partitions = self.grid.row_partitions;
        let first = machine.around(leaf, partitions).next().map_or("", |level| machine.levels[level].name.as_str());
        let message = format!("nothing at or above `{first}` computes `{}` of `{}`", function.value, self.layer.name);
        let help = format!(
            "`{first}` is the innermost level around the arrays of its sums: list a component of kind activation or vector-unit there or above; {}",
            self.lowering.what_there_is(WantedOperation::Function(&function.value))
        );
        // Layers of a block that is repeated are written once.
        if self.lowering.unjoined.insert(function.span) {
            self.lowering.report(Diagnostic::error(message).at(function.span, "").help(help));
        }
    }

    /// Bits are joined as words, and the chain ends before there are any.
    fn no_words(&mut self) {
        let given = self.end.signal.domain;
        let help = what_would_fit(given, Domain::Word, self.lowering.library);
        let message = format!("`{}` gives {given}, and bits are joined as words", self.end.name);
        if self.lowering.unjoined.insert(self.end.span) {
            let error = Diagnostic::error(message).at(self.end.span, "the chain of the array ends here");
            self.lowering.report(error.help(help));
        }
        (self.cycles, self.slices) = (1, 1);
    }

    fn hand_on(&mut self, circuits: &mut LayerCircuits, kind: Kind) {
        for node in self.built.drain(..) {
            circuits.add(node, kind);
        }
    }

    /// The innermost level around a leaf that encloses so many arrays and has a unit that fits, as a stage.
    fn unit_of_level(&self, leaf: usize, arrays: u64, fits: impl Fn(&Component) -> bool) -> Option<Stage> {
        let machine = self.lowering.machine.as_ref()?;
        let units = machine.around(leaf, arrays).find_map(|level| {
            // A level that has both adds with its adder.
            let adder = machine.unit_of(level, |c| c.kind == Kind::Adder && fits(c));
            adder.or_else(|| machine.unit_of(level, &fits)).map(|(units, _)| units)
        })?;
        Some(Stage {
            component: units.component.clone(),
            share: Located { value: 1, span: units.span },
            per: None,
            range: None,
            level: Some(units.level),
            span: units.span,
        })
    }

    fn no_unit(&mut self, leaf: usize, arrays: u64, what: &str, unit: &str) {
        let Some(machine) = self.lowering.machine.as_ref() else { return };
        let name = &machine.levels[leaf].name;
        let levels: Vec<&str> = machine.around(leaf, arrays).map(|level| machine.levels[level].name.as_str()).collect();
        let first = levels.first().copied().unwrap_or_default();
        let message = format!("nothing at or above `{first}` {what} of `{}`", self.layer.name);
        let joins = if arrays == 1 { "; or a stage joins them by itself (`joins: [slices, cycles]`)" } else { "" };
        let why = match arrays {
            1 => String::new(),
            _ => format!("the innermost level around {arrays} of `{name}` is `{first}`: "),
        };
        let help = format!("{why}list {unit} among the components of one of: {}{joins}", suggest::list(&levels));
        let place = machine.levels[leaf].span;
        if !machine.lacks_units && self.lowering.unjoined.insert(place) {
            self.lowering.report(Diagnostic::error(message).at(place, "the level of its arrays").help(help));
        }
        (self.cycles, self.slices, self.summed) = (1, 1, true);
    }
}
