//! The chain before a crossbar.

use super::{BitSerial, Chain, Stage};
use crate::design::partition::shared;
use crate::design::signal::gives;
use crate::design::stages::{may_stand_before, takes_words};
use crate::design::{Domain, Signal};
use crate::spec::architecture::Per;
use crate::techlib::Kind;

impl Chain<'_, '_> {
    /// The chain before the crossbar.
    pub fn input(&mut self, stages: &[Stage], own: bool) {
        let (fitting, others): (Vec<&Stage>, Vec<&Stage>) =
            stages.iter().partition(|stage| may_stand_before(&stage.component));
        for stage in &others {
            self.refuse_before(stage);
        }
        // A chain for the whole architecture turns words into voltages; where a voltage arrives that part is not built.
        let skipped = if !own && self.end.signal.domain.is_analog() {
            fitting.iter().position(|s| !takes_words(&s.component)).unwrap_or(fitting.len())
        } else {
            0
        };
        for stage in &fitting[skipped..] {
            self.input_stage(stage);
        }
        if !others.is_empty() {
            // What would stand in their place is not known: that the rows are not driven is no second mistake.
            self.end.signal.domain = Domain::Voltage;
        }
    }

    fn input_stage(&mut self, stage: &Stage) {
        self.check_domain(&stage.component, stage.span);
        let component = &stage.component;
        let arriving = self.end.signal;
        if matches!(component.kind, Kind::RowDriver | Kind::Dac) {
            self.applied_bits = self.layer.serial.applied_bits;
            self.cycles = self.layer.serial.cycles();
            self.serial = (self.cycles > 1).then(|| BitSerial {
                component: component.name.clone(),
                span: stage.span,
                word_bits: arriving.bits,
                at_once: self.applied_bits,
            });
        }
        let gives_domain = gives(component, arriving.domain);
        // The bias row has a voltage, but no word.
        let rows = if gives_domain == Domain::Word { self.grid.inputs } else { self.grid.rows };
        let per_input =
            self.per(stage, Per::Tile, &[Per::Tile, Per::Input]) == Per::Input || gives_domain == Domain::Word;
        self.note_share(stage, if per_input { rows } else { self.grid.tile_rows }, "rows");
        let (units, turns) = if per_input {
            shared(rows, stage.share.value)
        } else {
            let (units, turns) = self.grid.shared_rows(stage.share.value);
            (units * self.grid.column_partitions, turns)
        };
        let copies = if per_input { 1 } else { self.grid.column_partitions };
        let signal = Signal {
            domain: gives_domain,
            bits: if gives_domain == Domain::Word { arriving.bits } else { 0 },
            lanes: rows,
            paired: false,
        };
        // Each row is driven for its bits once, however many groups of rows are read.
        let (reads, groups) =
            (self.cycles.min(self.layer.serial.bit_reads), self.cycles / self.cycles.min(self.layer.serial.bit_reads));
        let counts = (units, rows * copies * reads, turns.div_ceil(groups) * self.cycles);
        let unfit = self.unfit_after(stage, gives_domain, turns);
        self.push(component, stage.span, counts, arriving.bits, signal);
        self.end.unfit = unfit;
    }
}
