//! What a group of identical units costs, as numbers on the tape, before it is known how long it is powered.

use petgraph::graph::NodeIndex;

use super::leaf::{Leaf, What};
use super::numbers::{NumberWriter, SolveInPlace, reading};
use super::tape::{Num, Tape};
use crate::cost::placed::PlacedNumber;
use crate::cost::{amplifier, drive, tile};
use crate::design::{CellWrites, CrossbarUse, Design, Node, Role};
use crate::techlib::{Component, Crossbar, Figure};
use crate::units::{Area, Energy, Fraction, Frequency, Power, Quantity, Time, Unit};

/// The numbers of a group. `None` is nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GroupNumbers {
    /// Area of all units.
    pub area: Option<Num<Area>>,
    /// Energy of all operations that state an energy.
    pub operations: Option<Num<Energy>>,
    /// Power of all units as long as they are powered.
    pub static_power: Option<Num<Power>>,
    /// Power of all units that state a power while working.
    pub working_power: Option<Num<Power>>,
    /// Energy that `working_power` is over the operations themselves.
    pub working: Option<Num<Energy>>,
    /// Time from the first to the last operation of one bit-serial read.
    pub through: Option<Num<Time>>,
    /// Time after which the group can take the next read.
    pub busy: Option<Num<Time>>,
    /// Of what stands on a machine without a network: power with all units at work.
    pub at_work: Option<Num<Power>>,
    /// True if its power is drawn all the time whatever the gating: it belongs to no stage.
    pub ungated: bool,
    /// Of a crossbar: its power relative to that with ideal wires, virtual grounds and rows that hold their levels.
    pub of_ideal_power: Option<f64>,
}

/// Writes the numbers of a group down.
pub(super) fn group(
    tape: &mut Tape,
    library: &mut NumberWriter<'_>,
    design: &Design,
    index: NodeIndex,
) -> GroupNumbers {
    let node = &design.graph[index];
    let stands = design.machine.is_some();
    let mut writer = GroupWriter { tape, library, index, node, stands };
    match &node.role {
        Role::Source | Role::Sink => GroupNumbers::default(),
        Role::Stage(component) => writer.stage(design, component),
        // Gate energy and resistance of line switches are not modelled.
        Role::LineSwitch(component) => GroupNumbers { area: writer.area(component), ..GroupNumbers::default() },
        Role::Crossbar(component, usage) => match &component.crossbar {
            Some(array) => writer.tiles(design, component, array, usage),
            // Its costs are stated.
            None => writer.stage(design, component),
        },
        Role::Writing(component, writes) => writer.writing(component, writes),
        Role::Standing(component, units) => writer.standing(design, component, units),
    }
}

/// The times of a read.
#[derive(Default)]
struct ReadTimes {
    /// From the first to the last operation.
    through: Option<Num<Time>>,
    /// Until the next read can begin.
    busy: Option<Num<Time>>,
    /// Between two operations of a unit.
    pitch: Option<Num<Time>>,
}

/// What follows from the circuit of an amplifier where it stands.
#[derive(Default)]
struct PlacedAmplifierNumbers {
    settling: Option<Num<Time>>,
    delivered: Option<Num<Power>>,
}

pub(super) struct GroupWriter<'a, 'd> {
    pub(super) tape: &'a mut Tape,
    pub(super) library: &'a mut NumberWriter<'d>,
    pub(super) index: NodeIndex,
    node: &'a Node,
    /// True if the area of the group is that of what stands on the levels of a machine.
    stands: bool,
}

impl GroupWriter<'_, '_> {
    /// A figure of the group's library entry.
    pub(super) fn figure<Q: Unit>(&mut self, what: What, figure: &Figure<Q>) -> Num<Q> {
        self.library.figure(self.tape, figure.id, what, self.index)
    }

    /// A number that is solved from the group's circuit in its place.
    pub(super) fn solved<Q: Unit + 'static>(
        &mut self,
        what: What,
        stated: Q,
        read: &[PlacedNumber],
        solve: SolveInPlace<Q>,
    ) -> Num<Q> {
        self.library.solved(self.tape, (what, self.index), (stated, read), solve)
    }

    /// What is counted, as a leaf; none of one, which changes nothing.
    fn counted(&mut self, what: What, count: u64) -> Option<Num<Fraction>> {
        (count != 1).then(|| {
            let leaf = Leaf { what, number: None, group: self.index, assumed: false };
            Num::at(self.tape.leaf(Quantity::number(count as f64), leaf))
        })
    }

    /// A figure for so many units or operations; where costs are per bit, for each of their bits.
    fn all<Q: Unit>(&mut self, figure: Num<Q>, what: What, count: u64, component: &Component) -> Num<Q> {
        let mut number = figure;
        if let Some(count) = self.counted(what, count) {
            number = self.tape.times(number, count);
        }
        if component.per_bit
            && let Some(bits) = self.counted(What::WordBits, u64::from(self.node.word_bits.max(1)))
        {
            number = self.tape.times(number, bits);
        }
        number
    }

    /// So many of a figure.
    pub(super) fn part_counted<Q: Unit>(&mut self, figure: Num<Q>, what: What, count: f64) -> Num<Q> {
        if count == 1.0 {
            return figure;
        }
        let leaf = Leaf { what, number: None, group: self.index, assumed: false };
        let count = Num::at(self.tape.leaf(Quantity::number(count), leaf));
        self.tape.times(figure, count)
    }

    /// Cells that are written, row after row in each array.
    fn writing(&mut self, component: &Component, writes: &CellWrites) -> GroupNumbers {
        let energy = component.cell_write_energy().map(|(figure, devices)| {
            let each = self.figure(What::WriteEnergy, figure);
            self.part_counted(each, What::Cells, writes.cells * f64::from(devices))
        });
        let time = component.row_write_latency().map(|figure| {
            let each = self.figure(What::WriteLatency, figure);
            self.part_counted(each, What::Rounds, writes.rows)
        });
        GroupNumbers { operations: energy, through: time, busy: time, ..GroupNumbers::default() }
    }

    fn area(&mut self, component: &Component) -> Option<Num<Area>> {
        if self.stands {
            return None;
        }
        let area = self.figure(What::Area, component.area.as_ref()?);
        Some(self.all(area, What::Units, self.node.units, component))
    }

    fn stage(&mut self, design: &Design, component: &Component) -> GroupNumbers {
        let (in_place, read) = reading(design, |circuits| drive::neuron_in_place(circuits, self.index));
        // A finding says of a neuron that its load is beyond it.
        let in_place = in_place.and_then(Result::ok);
        let neuron = drive::neuron(component);
        let of_circuit = |gives: bool| in_place.filter(|_| gives);
        let power = of_circuit(neuron.is_some_and(|n| n.gives_power)).filter(|_| component.static_power.is_some());
        let delay = of_circuit(neuron.is_some_and(|n| n.gives_latency)).and_then(|found| found.delay);
        let amplifier = self.amplifier(design, component);
        let latency = match (delay, component.latency.as_ref()) {
            (Some(delay), Some(_)) => Some(self.solved(What::NeuronDelay, delay, &read, |circuits, node| {
                drive::neuron_in_place(circuits, node)?.ok()?.delay
            })),
            (None, Some(_)) if amplifier.settling.is_some() => amplifier.settling,
            // A latency that follows from a rate is no number of its own.
            (_, Some(f)) if !component.latency_from_rate() => Some(self.figure(What::Latency, f)),
            _ => None,
        };
        let rate = component.rate.as_ref().map(|rate| self.figure(What::Rate, rate));
        let ReadTimes { through, busy, pitch } = self.times(latency, rate);
        let operations = self.node.operations;
        let working_power = component.power.as_ref().map(|f| self.figure(What::Power, f));
        let working = working_power.zip(pitch).map(|(power, pitch)| {
            let energy = self.tape.mul(power, pitch);
            self.all(energy, What::Operations, operations, component)
        });
        let energy = component.energy.as_ref().filter(|_| component.power.is_none());
        let energy = energy.map(|f| self.figure(What::Energy, f));
        let (charge, read_for_it) = reading(design, |circuits| drive::row_charge(circuits, self.index));
        let charge = charge.map(|charge| self.solved(What::RowCharge, charge, &read_for_it, drive::row_charge));
        let energy = match (energy, charge) {
            (Some(energy), Some(charge)) => Some(self.tape.add(energy, charge)),
            (one, None) | (None, one) => one,
        };
        // What waits on a machine draws it whatever layers make of it, and does so where it stands.
        let waits_elsewhere = self.stands && self.node.moved.is_some();
        let static_power = match power {
            _ if waits_elsewhere => None,
            Some(found) => Some(self.solved(What::NeuronPower, found.power, &read, |circuits, node| {
                Some(drive::neuron_in_place(circuits, node)?.ok()?.power)
            })),
            None => component.static_power.as_ref().map(|f| self.figure(What::StaticPower, f)),
        };
        let static_power = match (static_power, amplifier.delivered) {
            (Some(still), Some(delivered)) => Some(self.tape.add(still, delivered)),
            (a, b) => a.or(b),
        };
        let operations_energy = match (energy, &component.write_energy, self.node.moved) {
            (Some(read), Some(write), Some(moved)) => {
                let write = self.figure(What::WriteEnergy, write);
                let written = self.all(write, What::Writes, moved.writes, component);
                let given = self.all(read, What::Operations, operations - moved.writes, component);
                Some(self.tape.add(given, written))
            }
            (energy, ..) => energy.map(|e| self.all(e, What::Operations, operations, component)),
        };
        let whole = GroupNumbers {
            area: self.area(component),
            operations: operations_energy,
            static_power: static_power.map(|p| self.all(p, What::Units, self.node.units, component)),
            working_power: working_power.map(|p| self.all(p, What::Units, self.node.units, component)),
            working,
            through,
            busy,
            at_work: None,
            ungated: false,
            of_ideal_power: None,
        };
        self.part_of_an_inference(whole)
    }

    /// What moves once for several inferences is a part of each, also where that is no whole number of words.
    fn part_of_an_inference(&mut self, numbers: GroupNumbers) -> GroupNumbers {
        let Some(moved) = self.node.moved.filter(|moved| moved.inferences > 1) else { return numbers };
        let words = moved.words as f64 / moved.inferences as f64;
        let (of_energy, of_time) =
            (words / self.node.operations as f64, words / (self.node.units * self.node.rounds) as f64);
        GroupNumbers {
            operations: numbers.operations.map(|energy| self.tape.count(energy, of_energy)),
            working: numbers.working.map(|energy| self.tape.count(energy, of_energy)),
            through: numbers.through.map(|time| self.tape.count(time, of_time)),
            busy: numbers.busy.map(|time| self.tape.count(time, of_time)),
            ..numbers
        }
    }

    /// What follows from the circuit of an amplifier and its columns.
    fn amplifier(&mut self, design: &Design, component: &Component) -> PlacedAmplifierNumbers {
        let Some(circuit) = amplifier::circuit(component) else { return PlacedAmplifierNumbers::default() };
        let (foot, read_for_settling) = reading(design, |circuits| amplifier::foot(circuits, self.index));
        let settling = foot.and_then(|foot| foot.settling()).filter(|_| circuit.gives_latency);
        let (placed, read) = reading(design, |circuits| amplifier::placed(circuits, self.index));
        let delivered = placed.and_then(|placed| placed.delivered());
        PlacedAmplifierNumbers {
            settling: settling.map(|settling| {
                self.solved(What::AmplifierSettling, settling, &read_for_settling, |circuits, node| {
                    amplifier::foot(circuits, node)?.settling()
                })
            }),
            delivered: delivered.map(|delivered| {
                self.solved(What::AmplifierPower, delivered, &read, |circuits, node| {
                    amplifier::placed(circuits, node)?.delivered()
                })
            }),
        }
    }

    /// What latency and rate make of a read.
    fn times(&mut self, latency: Option<Num<Time>>, rate: Option<Num<Frequency>>) -> ReadTimes {
        let turns = self.node.rounds / self.node.cycles.max(1);
        let pitch = match (rate, latency) {
            (Some(rate), _) => Some(self.tape.inverse(rate)),
            (None, latency) => latency,
        };
        let Some(pitch) = pitch.filter(|_| turns > 0) else { return ReadTimes { pitch, ..ReadTimes::default() } };
        let busy = match self.counted(What::Rounds, turns) {
            Some(turns) => self.tape.times(pitch, turns),
            None => self.tape.own(pitch),
        };
        // With both, operations follow one another at the rate, and the last one still takes its latency.
        let through = match (rate, latency) {
            (Some(_), Some(latency)) if turns > 1 => {
                let before_last = self.tape.count(pitch, (turns - 1) as f64);
                self.tape.add(before_last, latency)
            }
            (Some(_), Some(latency)) => self.tape.own(latency),
            _ => busy,
        };
        ReadTimes { through: Some(through), busy: Some(busy), pitch: Some(pitch) }
    }

    fn tiles(&mut self, design: &Design, component: &Component, array: &Crossbar, usage: &CrossbarUse) -> GroupNumbers {
        let grid = &usage.grid;
        let (row_power, read) = reading(design, |circuits| tile::row_power(circuits, self.index));
        let row_power = row_power.unwrap_or_default();
        let power = self.solved(What::CrossbarPower, row_power.power, &read, |circuits, node| {
            Some(tile::row_power(circuits, node)?.power)
        });
        // That of one grid of tiles.
        let grids = self.node.units / grid.tiles();
        let power = self.counted(What::Grids, grids).map_or(power, |grids| self.tape.times(power, grids));
        let read = match &component.latency {
            Some(latency) => Some(self.figure(What::Latency, latency)),
            None => {
                let (time, read) = reading(design, |circuits| tile::settling_time(circuits, self.index));
                time.map(|time| {
                    self.solved(What::SettlingTime, time, &read, |circuits, node| tile::settling_time(circuits, node))
                })
            }
        };
        let ReadTimes { through, busy, .. } = self.times(read, None);
        let width = self.figure(What::CellWidth, &array.cell_width);
        let height = self.figure(What::CellHeight, &array.cell_height);
        let size = self.tape.mul(width, height);
        let cells = self.counted(What::Cells, grid.tile_rows * grid.tile_columns * self.node.units);
        let area = cells.map_or(size, |cells| self.tape.times(size, cells));
        GroupNumbers {
            area: Some(area).filter(|_| !self.stands),
            static_power: Some(power),
            through,
            busy,
            of_ideal_power: Some(row_power.of_ideal()),
            ..GroupNumbers::default()
        }
    }
}
