//! Where the parts of one value meet: partial sums of row partitions, bits of inputs and of weights.

use super::{Chain, Stage, log2_ceil, word};
use crate::design::Signal;
use crate::design::partition::shared;
use crate::diagnostic::Diagnostic;

impl Chain<'_, '_> {
    pub(super) fn adder(&mut self, stage: &Stage) {
        let partitions = self.grid.row_partitions;
        if partitions == 1 {
            self.summed = true;
            return;
        }
        if self.summed {
            let message = format!("`{}` has nothing to add", stage.component.name);
            self.lowering.report(Diagnostic::error(message).at(stage.span, "the partial sums have met before"));
            return;
        }
        self.summed = true;
        let arriving = self.end.signal;
        let lines = self.lanes() * if arriving.paired { 2 } else { 1 };
        self.note_share(stage, lines, "outputs");
        let (trees, turns) = shared(lines, stage.share.value);
        let depth = u64::from(log2_ceil(partitions));
        let bits = arriving.bits + log2_ceil(partitions);
        let operations = lines * (partitions - 1) * self.cycles;
        let counts = match self.level_units(stage) {
            Some(units) => self.turns_on_level(units, operations),
            None => (trees * (partitions - 1), operations, turns * depth * self.cycles),
        };
        let signal = Signal { bits, lanes: self.lanes(), ..arriving };
        self.push(&stage.component, stage.span, counts, bits, signal);
    }

    pub(super) fn shift_add(&mut self, stage: &Stage) {
        if self.cycles == 1 && self.slices == 1 {
            self.warn_of_nothing_to_join(stage);
            return;
        }
        let arriving = self.end.signal;
        let doubled = if arriving.paired { 2 } else { 1 };
        // One operation for every word that arrives; a unit collects the words of one output.
        let words = self.cycles * self.slices;
        // Reads of other rows add up without a shift.
        let row_reads = self.layer.serial.row_reads;
        let weights = word::weights(self.cycles / row_reads, self.applied_bits)
            .saturating_mul(u128::from(row_reads))
            .saturating_mul(word::weights(self.slices, self.layer.bits_per_device));
        let bits = word::bits_of_sum(arriving.bits, weights);
        let cycles = self.cycles;
        self.slices = 1;
        self.cycles = 1;
        let counts = match self.level_units(stage) {
            Some(units) => {
                let operations = self.lanes() * doubled * words;
                let (units, operations, rounds) = self.turns(units, operations, cycles);
                (units, operations, rounds, cycles)
            }
            None => {
                let (units, operations, rounds) = self.counts(stage, doubled);
                (units, operations * words, rounds * words, cycles)
            }
        };
        let signal = Signal { bits, lanes: self.lanes(), ..arriving };
        self.push_in_cycles(&stage.component, stage.span, counts, bits, signal);
    }

    /// Joins the row partitions on a node: before a stage that has a unit for each output, or at the end.
    pub(super) fn join(&mut self, before: Option<&Stage>) {
        if self.grid.row_partitions > 1 {
            self.check_joinable(before);
        }
        self.summed = true;
        self.end.signal.lanes = self.lanes();
    }
}
