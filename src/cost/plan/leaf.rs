//! What stands at the leaves of the graph of numbers.

use petgraph::graph::NodeIndex;

use crate::cost::placed::PlacedNumber;

/// A number that somebody stated, or that follows from the structure of the design.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leaf {
    /// Which number of which group.
    pub what: What,
    /// The stated number that it is; none for what is counted or solved.
    pub number: Option<PlacedNumber>,
    /// The group of units that it belongs to.
    pub group: NodeIndex,
    /// True if it is an assumption.
    pub assumed: bool,
}

/// Which number of a group a leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// `power` of the component.
    Power,
    /// `static-power` of the component.
    StaticPower,
    /// `energy` of the component.
    Energy,
    /// `latency` of the component.
    Latency,
    /// `rate` of the component.
    Rate,
    /// `area` of the component.
    Area,
    /// Width of a cell of the crossbar.
    CellWidth,
    /// Height of a cell of the crossbar.
    CellHeight,
    /// Mean power in the crossbar's tiles, from their circuit and the statistics.
    CrossbarPower,
    /// Settling time of the crossbar's lines, from their wires.
    SettlingTime,
    /// Power of a neuron in its place, from its circuit.
    NeuronPower,
    /// Delay of a neuron in its place, from its circuit.
    NeuronDelay,
    /// Settling of an amplifier in its place, from its circuit.
    AmplifierSettling,
    /// What the rails of an amplifier deliver into its outputs in its place.
    AmplifierPower,
    /// Charge of the wire of a driver's row in an operation, on average.
    RowCharge,
    /// A number of the library that is no figure of a circuit: a parameter, a resistance, a size.
    Parameter,
    /// Mean square of the voltages of a crossbar's rows.
    ActiveRows,
    /// Mean of the voltages of a crossbar's rows.
    MeanLevel,
    /// Fraction of a crossbar's devices in the low-resistance state.
    LowResistance,
    /// Units of the group.
    Units,
    /// Operations of one inference, all units together.
    Operations,
    /// Operations one after another in the busiest unit.
    Rounds,
    /// Bits of a word, where costs are per bit.
    WordBits,
    /// Energy of writing.
    WriteEnergy,
    /// Operations that write.
    Writes,
    /// Time of writing a row.
    WriteLatency,
    /// Grids of tiles that hold the same matrix, or other groups of it.
    Grids,
    /// Cells of the group's tiles.
    Cells,
    /// Bit-serial reads of one inference.
    Cycles,
    /// Time from one inference to the next.
    Period,
}

impl What {
    /// How a reader finds it: the field of the library entry, or what is counted.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::StaticPower => "static-power",
            Self::Energy => "energy",
            Self::Latency => "latency",
            Self::Rate => "rate",
            Self::Area => "area",
            Self::CellWidth => "cell.width",
            Self::CellHeight => "cell.height",
            Self::CrossbarPower => "power of its cells",
            Self::SettlingTime => "settling time",
            Self::NeuronPower => "power of its circuit",
            Self::NeuronDelay => "delay of its circuit",
            Self::AmplifierSettling => "settling of its circuit",
            Self::AmplifierPower => "power into its outputs",
            Self::RowCharge => "charge of its row",
            Self::Parameter => "parameter",
            Self::ActiveRows => "active-rows",
            Self::MeanLevel => "mean",
            Self::LowResistance => "low-resistance",
            Self::Units => "units",
            Self::Operations => "operations",
            Self::Rounds => "operations in turn",
            Self::WordBits => "bits of a word",
            Self::WriteEnergy => "energy of writing",
            Self::Writes => "writes",
            Self::WriteLatency => "time of writing a row",
            Self::Grids => "grids",
            Self::Cells => "cells",
            Self::Cycles => "bit-serial reads",
            Self::Period => "period",
        }
    }

    /// True for what follows from the structure of the design and is no quantity of a library.
    #[must_use]
    pub fn is_count(self) -> bool {
        matches!(
            self,
            Self::Units
                | Self::Operations
                | Self::Rounds
                | Self::WordBits
                | Self::Writes
                | Self::Grids
                | Self::Cells
                | Self::Cycles
        )
    }
}
