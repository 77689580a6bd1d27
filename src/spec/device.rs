//! Memory devices of a technology library.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Written;
use super::library::{Any, Basis, FigureSpec};
use super::source::SourceSpec;
use crate::units::{Current, Energy, Fraction, Length, Resistance, Time, Voltage};
use crate::yaml::{Slot, slot::Table};

/// A two-state memory device. One that is read as a resistance needs `r-low` and `r-high`; those of type sram and capacitive have neither.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["type", "source", "basis"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DeviceSpec {
    /// The kind of memory.
    #[serde(rename = "type")]
    pub kind: Slot<DeviceKind>,
    /// Quantities for the formulas of this entry, such as `ra`, `tmr`.
    pub parameters: Slot<Table<FigureSpec<Any>>>,
    /// Resistance of the low-resistance (parallel, on) state.
    pub r_low: Slot<FigureSpec<Resistance>>,
    /// Resistance of the high-resistance (antiparallel, off) state.
    pub r_high: Slot<FigureSpec<Resistance>>,
    /// Of a magnetic tunnel junction: the voltage at which half of its tunnel magnetoresistance is left. `r-high` is then that without bias, and a
    /// crossbar has that at its read voltage, `r-low + (r-high - r-low) / (1 + (read-voltage / tmr-v0)^2)`. It does not depend on bias when absent.
    pub tmr_v0: Slot<FigureSpec<Voltage>>,
    /// Standard deviation of the resistances from device to device, as a fraction of them.
    pub spread: Slot<FigureSpec<Fraction>>,
    /// Current that switches it.
    pub write_current: Slot<FigureSpec<Current>>,
    /// Duration of the pulse that switches it.
    pub write_pulse: Slot<FigureSpec<Time>>,
    /// Energy that switches it.
    pub write_energy: Slot<FigureSpec<Energy>>,
    /// How often it can be written before it fails.
    pub endurance: Slot<FigureSpec<Fraction>>,
    /// Publication or repository that the numbers come from, and where in it.
    pub source: Slot<SourceSpec>,
    /// How the numbers came about.
    pub basis: Slot<Basis>,
    /// Technology node of the numbers. The file's `node` when absent.
    pub node: Slot<Written<Length>>,
    /// What a reader should know; the reasoning where `basis` is `assumed`.
    pub note: Slot<String>,
}

/// Kinds of memory device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// Spin-orbit torque MRAM.
    SotMram,
    /// Spin-transfer torque MRAM.
    SttMram,
    /// Resistive RAM.
    Rram,
    /// Phase-change memory.
    Pcm,
    /// Ferroelectric transistor.
    Fefet,
    /// Charge-trap flash.
    Sonos,
    /// Electrochemical RAM.
    Ecram,
    /// Static RAM: a latch, which has no resistance that is read.
    Sram,
    /// A bit that sets the charge of a capacitor.
    Capacitive,
}
