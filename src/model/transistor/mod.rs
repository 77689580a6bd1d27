//! FinFETs: drain current over bias, interpolated in tables of circuit simulation.
//!
//! The tables (`techlib/data/`) hold the drain current per fin at 27 °C over gate-source and drain-source voltage. Between their points the
//! current is a bicubic Hermite surface whose slopes come from cubic splines, limited where the device is monotone, so that the surface
//! is too. What tables cannot do: other temperatures, nodes in between, other channel lengths.

mod capacitance;
mod gate_current;
mod spline;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod through;

use std::sync::OnceLock;

pub use capacitance::GateCapacitance;
pub use gate_current::gate_current;
use spline::Surface;

/// The packed surfaces of a node, n- and p-channel.
macro_rules! packed {
    ($node:literal) => {
        (
            include_bytes!(concat!(env!("OUT_DIR"), "/fet-iv-", $node, "-n.bin")),
            include_bytes!(concat!(env!("OUT_DIR"), "/fet-iv-", $node, "-p.bin")),
        )
    };
}

/// Polarity of a transistor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// n-channel: conducts at positive gate-source voltages.
    N,
    /// p-channel: conducts at negative gate-source voltages.
    P,
}

/// Technology nodes with tables: the public PTM-MG high-performance cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProcessNode {
    /// 7 nm.
    Nm7,
    /// 14 nm.
    Nm14,
    /// 20 nm.
    Nm20,
}

/// What to do outside the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outside {
    /// It is an error.
    #[default]
    Refuse,
    /// The voltage is held at the end of the table.
    Hold,
}

/// A bias that the table does not cover.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a transistor's {what} voltage of {volts:.3} V lies outside of its table ({low:.2} V to {high:.2} V)")]
pub struct OutsideTable {
    /// `gate-source` or `drain-source`.
    pub what: &'static str,
    /// The voltage, in volts; of a p-channel transistor with its sign turned.
    pub volts: f64,
    /// Lowest voltage of the table, in volts.
    pub low: f64,
    /// Highest voltage of the table, in volts.
    pub high: f64,
}

/// Drain current of one fin and its slopes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DrainCurrent {
    /// Current into the drain, in ampere.
    pub current_a: f64,
    /// Slope over the gate-source voltage, in siemens.
    pub transconductance_s: f64,
    /// Slope over the drain-source voltage, in siemens.
    pub output_s: f64,
    /// True if a voltage was held at the end of the table.
    pub held: bool,
}

/// The n- and p-channel transistor of a node, for one fin.
#[derive(Debug)]
pub struct Transistors {
    n: Surface,
    p: Surface,
}

impl ProcessNode {
    /// All nodes, smallest first.
    pub const ALL: [Self; 3] = [Self::Nm7, Self::Nm14, Self::Nm20];

    /// Gate length class, in nanometres.
    #[must_use]
    pub fn nanometres(self) -> u32 {
        match self {
            Self::Nm7 => 7,
            Self::Nm14 => 14,
            Self::Nm20 => 20,
        }
    }

    /// The transistors of this node; their table is read once.
    #[must_use]
    pub fn transistors(self) -> &'static Transistors {
        static READ: [OnceLock<Transistors>; 3] = [const { OnceLock::new() }; 3];
        READ[self as usize].get_or_init(|| Transistors::read(self))
    }
}

impl Transistors {
    /// Unpacks the tables of a node, whose slopes were found when the program was built; [`ProcessNode::transistors`] does it once.
    #[must_use]
    pub fn read(node: ProcessNode) -> Self {
        let (n, p): (&[u8], &[u8]) = match node {
            ProcessNode::Nm7 => packed!("7nm"),
            ProcessNode::Nm14 => packed!("14nm"),
            ProcessNode::Nm20 => packed!("20nm"),
        };
        Self { n: Surface::unpacked(n), p: Surface::unpacked(p) }
    }

    /// Drain current of one fin. Voltages and current of a p-channel transistor are negative where it conducts.
    ///
    /// # Errors
    /// If a voltage lies outside of the table and that is to be refused.
    pub fn drain_current(
        &self,
        polarity: Polarity,
        v_gs: f64,
        v_ds: f64,
        outside: Outside,
    ) -> Result<DrainCurrent, OutsideTable> {
        // A p-channel table is stored with its signs turned, so that both surfaces rise.
        let (surface, sign) = match polarity {
            Polarity::N => (&self.n, 1.0),
            Polarity::P => (&self.p, -1.0),
        };
        let (gate, gate_held) = within("gate-source", sign * v_gs, surface.x_range(), outside)?;
        let (drain, drain_held) = within("drain-source", sign * v_ds, surface.y_range(), outside)?;
        let [current, transconductance, output] = surface.at(gate, drain);
        Ok(DrainCurrent {
            current_a: sign * current,
            transconductance_s: if gate_held { 0.0 } else { transconductance },
            output_s: if drain_held { 0.0 } else { output },
            held: gate_held || drain_held,
        })
    }

    /// Range of gate-source and drain-source voltage of the tables, in volts; of a p-channel transistor with the sign turned.
    #[must_use]
    pub fn ranges(&self) -> [(f64, f64); 2] {
        [self.n.x_range(), self.n.y_range()]
    }
}

fn within(
    what: &'static str,
    volts: f64,
    (low, high): (f64, f64),
    outside: Outside,
) -> Result<(f64, bool), OutsideTable> {
    // A rounding error beyond the last point is no extrapolation.
    const SLACK: f64 = 1e-9;
    if volts >= low - SLACK && volts <= high + SLACK {
        return Ok((volts.clamp(low, high), false));
    }
    match outside {
        Outside::Hold if volts.is_finite() => Ok((volts.clamp(low, high), true)),
        _ => Err(OutsideTable { what, volts, low, high }),
    }
}
