//! The operating point of a neuron.

use super::{NeuronParameters, ParameterError};
use crate::model::mtj::Antiparallel;
use crate::model::transistor::{Outside, OutsideTable, Polarity, Transistors, gate_current};
use crate::units::{Power, Resistance, Unit, Voltage};

/// Steps of a solver; bisection alone would need about 50.
const MAX_STEPS: usize = 200;
/// A gate is found when it moves by less than this, in volts.
const FOUND_GATE_V: f64 = 1e-14;
/// An output is found when it moves by less than this, in volts: more than what the gate's rounding can move it by.
const FOUND_V: f64 = 1e-12;

/// Gate voltages outside of these are hardly reached, since the gates conduct; a start for the solver, not a limit.
const GATES_CONDUCT_V: (f64, f64) = (-0.45, 1.25);

/// A neuron with valid parameters.
#[derive(Debug, Clone, Copy)]
pub struct Neuron {
    parameters: NeuronParameters,
    antiparallel: Antiparallel,
    transistors: &'static Transistors,
    outside: Outside,
}

/// What the output drives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Load {
    /// Nothing.
    Open,
    /// A resistance to ground.
    Resistance(Resistance),
    /// A resistance to a voltage that something else holds.
    ResistanceTo(Resistance, Voltage),
    /// A current drawn from the output, in ampere.
    CurrentA(f64),
}

/// Voltages and powers of a neuron in one state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// Input.
    pub v_in: Voltage,
    /// Gate of the inverter.
    pub v_gate: Voltage,
    /// Output.
    pub v_out: Voltage,
    /// Current from VDD, in ampere.
    pub supply_a: f64,
    /// Current from the input and through the level shift, in ampere.
    pub input_a: f64,
    /// Current into the load, in ampere.
    pub load_a: f64,
    /// Slope of the output over the input, load included, in V/V.
    pub slope: f64,
    /// `-dv/di` at the output, without the load.
    pub output_resistance: Resistance,
    /// Power from VDD.
    pub power_supply: Power,
    /// Power from VDD, the input and the level shift together.
    pub power_total: Power,
    /// True if a transistor's voltage was held at the end of its table.
    pub held: bool,
}

/// What a neuron does at a forced output voltage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delivery {
    /// Gate voltage, in volts.
    pub v_gate: f64,
    /// Current out of the output, in ampere.
    pub current_a: f64,
    /// `-di/dv` over the output voltage, in siemens.
    pub output_s: f64,
    /// `di/dv` over the input voltage, in siemens.
    pub transfer_s: f64,
    /// Current from VDD, in ampere.
    pub supply_a: f64,
    /// Current from the input, in ampere.
    pub input_a: f64,
    /// True if a transistor's voltage was held at the end of its table.
    pub held: bool,
}

/// The gate node and how it follows its neighbours.
struct Gate {
    v_gate: f64,
    /// Through the antiparallel junction to the output.
    through_a: f64,
    through_s: f64,
    /// Change of the gate voltage for one volt at the input, and for one volt at the output.
    over_input: f64,
    over_output: f64,
    input_a: f64,
}

/// Why there is no operating point.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NeuronError {
    /// A parameter is out of range.
    #[error("{0}")]
    Parameter(#[from] ParameterError),
    /// The transistor tables end before.
    #[error("at an input of {v_in:.4} V {source}")]
    Outside {
        /// The input, in volts.
        v_in: f64,
        /// What lies outside.
        source: OutsideTable,
    },
    /// The load, or the junctions, pull the output beyond the voltages of the transistor tables.
    #[error(
        "at an input of {v_in:.4} V the output is pulled beyond the transistors' range ({low:.3} V to {high:.3} V)"
    )]
    Overloaded {
        /// The input, in volts.
        v_in: f64,
        /// Lowest output that the tables cover, in volts.
        low: f64,
        /// Highest output that the tables cover, in volts.
        high: f64,
    },
    /// An input is not a finite number.
    #[error("an input is not a finite number")]
    NotFinite,
    /// The iteration ended without a solution.
    #[error("no operating point was found at an input of {v_in:.4} V")]
    Unsolved {
        /// The input, in volts.
        v_in: f64,
    },
}

impl Neuron {
    /// A neuron of these parameters; `outside` says what happens beyond the transistor tables.
    ///
    /// # Errors
    /// The first parameter that is out of range.
    pub fn new(parameters: NeuronParameters, outside: Outside) -> Result<Self, ParameterError> {
        parameters.check()?;
        let tmr = parameters.r_high / parameters.r_low - 1.0;
        Ok(Self {
            parameters,
            antiparallel: Antiparallel { parallel: parameters.r_low, tmr, v0: parameters.tmr_v0 },
            transistors: parameters.node.transistors(),
            outside,
        })
    }

    /// What it is made of.
    #[must_use]
    pub fn parameters(&self) -> &NeuronParameters {
        &self.parameters
    }

    pub(super) fn antiparallel(&self) -> &Antiparallel {
        &self.antiparallel
    }

    /// The same neuron with another answer to voltages beyond the tables.
    #[must_use]
    pub fn with_outside(self, outside: Outside) -> Self {
        Self { outside, ..self }
    }

    /// Outputs that the transistor tables cover, in volts.
    #[must_use]
    pub fn output_range(&self) -> (f64, f64) {
        let [_, (low, high)] = self.transistors.ranges();
        let vdd = self.parameters.vdd.si();
        // n: v_ds = v_out; p: -v_ds = vdd - v_out.
        (low.max(vdd - high), high.min(vdd - low))
    }

    /// Current of the transistors out of the output node, its slopes over gate and output voltage, current from VDD, and whether the table was left.
    pub(super) fn inverter(&self, v_gate: f64, v_out: f64) -> Result<([f64; 4], bool), OutsideTable> {
        let vdd = self.parameters.vdd.si();
        let fins = f64::from(self.parameters.fins);
        let n = self.transistors.drain_current(Polarity::N, v_gate, v_out, self.outside)?;
        let p = self.transistors.drain_current(Polarity::P, v_gate - vdd, v_out - vdd, self.outside)?;
        let out = -fins * (n.current_a + p.current_a);
        let over_gate = -fins * (n.transconductance_s + p.transconductance_s);
        let over_out = -fins * (n.output_s + p.output_s);
        Ok(([out, over_gate, over_out, -fins * p.current_a], n.held || p.held))
    }

    /// Current into both gates, and its slope over the gate voltage: ampere, siemens.
    pub(super) fn gates_current(&self, v_gate: f64) -> (f64, f64) {
        let fins = f64::from(self.parameters.fins);
        let n = gate_current(Polarity::N, v_gate);
        let p = gate_current(Polarity::P, v_gate - self.parameters.vdd.si());
        (fins * (n.0 + p.0), fins * (n.1 + p.1))
    }

    /// The gate for a lifted input and an output: what comes through the first junction goes into the second and into the gates.
    fn gate(&self, lifted: f64, v_out: f64) -> Gate {
        let r_low = self.parameters.r_low.si();
        // Exact where neither the gates conduct nor the resistance depends on bias; there the first step ends it.
        let high_s = 1.0 / self.antiparallel.resistance().si();
        let (mut low, mut high) = (lifted.min(v_out), lifted.max(v_out));
        let divided = v_out + (lifted - v_out) / (1.0 + r_low * high_s);
        // Gates that conduct hold the voltage near here; a Newton step from far above would only come down by one e-fold.
        let mut v_gate = divided.clamp(GATES_CONDUCT_V.0.max(low).min(high), GATES_CONDUCT_V.1.min(high).max(low));
        for _ in 0..MAX_STEPS {
            let (through, slope) = self.antiparallel.current(v_gate - v_out);
            let (gates_current, gates_s) = self.gates_current(v_gate);
            let excess = v_gate - lifted + r_low * (through + gates_current);
            if excess > 0.0 {
                high = v_gate
            } else {
                low = v_gate
            }
            let newton = v_gate - excess / (1.0 + r_low * (slope + gates_s));
            let next = if newton >= low && newton <= high { newton } else { f64::midpoint(low, high) };
            let moved = (next - v_gate).abs();
            v_gate = next;
            if moved < FOUND_GATE_V {
                break;
            }
        }
        let (through_a, slope) = self.antiparallel.current(v_gate - v_out);
        let total = 1.0 / r_low + slope + self.gates_current(v_gate).1;
        Gate {
            v_gate,
            through_a,
            through_s: slope,
            over_input: 1.0 / (r_low * total),
            over_output: slope / total,
            input_a: (lifted - v_gate) / r_low,
        }
    }

    /// What it delivers at a forced output voltage.
    ///
    /// # Errors
    /// If a transistor leaves its table and that is to be refused.
    pub fn deliver(&self, v_in: f64, v_out: f64) -> Result<Delivery, NeuronError> {
        if !(v_in.is_finite() && v_out.is_finite()) {
            return Err(NeuronError::NotFinite);
        }
        let gate = self.gate(v_in + self.parameters.offset.si(), v_out);
        let ([inverter, over_gate, over_out, supply_a], held) =
            self.inverter(gate.v_gate, v_out).map_err(|source| NeuronError::Outside { v_in, source })?;
        // A gate far below ground draws its current from the sources of the p-channel transistor.
        let p_gate = gate_current(Polarity::P, gate.v_gate - self.parameters.vdd.si()).0;
        Ok(Delivery {
            v_gate: gate.v_gate,
            current_a: gate.through_a + inverter,
            output_s: gate.through_s * (1.0 - gate.over_output) - over_gate * gate.over_output - over_out,
            transfer_s: (gate.through_s + over_gate) * gate.over_input,
            supply_a: supply_a - f64::from(self.parameters.fins) * p_gate,
            input_a: gate.input_a,
            held,
        })
    }

    /// The operating point for an input and a load.
    ///
    /// # Errors
    /// If the load pulls the output beyond the transistor tables, or a gate leaves them and that is to be refused.
    pub fn operating_point(&self, v_in: Voltage, load: Load) -> Result<OperatingPoint, NeuronError> {
        self.operating_point_near(v_in, load, self.parameters.vdd * 0.5)
    }

    /// The same operating point, found faster where a nearby output is known.
    pub(super) fn operating_point_near(
        &self,
        v_in: Voltage,
        load: Load,
        guess: Voltage,
    ) -> Result<OperatingPoint, NeuronError> {
        let v_in_v = v_in.si();
        // On the way a gate may leave the tables; only where it ends counts.
        let lenient = self.with_outside(Outside::Hold);
        let (low, high) = self.output_range();
        let (mut below, mut above) = (low, high);
        let mut v_out = guess.si().clamp(low, high);
        for _ in 0..MAX_STEPS {
            let delivery = lenient.deliver(v_in_v, v_out)?;
            let (drawn, load_s) = load.draws(v_out);
            let (surplus, slope) = (delivery.current_a - drawn, delivery.output_s + load_s);
            if surplus > 0.0 {
                below = v_out
            } else {
                above = v_out
            }
            let newton = v_out + surplus / slope;
            let next = if newton >= below && newton <= above { newton } else { f64::midpoint(below, above) };
            let moved = (next - v_out).abs();
            v_out = next;
            if moved < FOUND_V {
                // At an end of the bracket the surplus still has the wrong sign: nothing balances inside.
                if (v_out - low).abs() < 1e-9 || (high - v_out).abs() < 1e-9 {
                    return Err(NeuronError::Overloaded { v_in: v_in_v, low, high });
                }
                let delivery = self.deliver(v_in_v, v_out)?;
                return Ok(self.point(v_in, v_out, delivery.output_s + load_s, &delivery));
            }
        }
        Err(NeuronError::Unsolved { v_in: v_in_v })
    }

    fn point(&self, v_in: Voltage, v_out: f64, slope_s: f64, delivery: &Delivery) -> OperatingPoint {
        let power_supply = self.parameters.vdd.si() * delivery.supply_a;
        let lifted = (v_in + self.parameters.offset).si();
        OperatingPoint {
            v_in,
            v_gate: Voltage::from_si(delivery.v_gate),
            v_out: Voltage::from_si(v_out),
            supply_a: delivery.supply_a,
            input_a: delivery.input_a,
            load_a: delivery.current_a,
            slope: delivery.transfer_s / slope_s,
            output_resistance: Resistance::from_si(1.0 / delivery.output_s),
            power_supply: Power::from_si(power_supply),
            power_total: Power::from_si(power_supply + lifted * delivery.input_a),
            held: delivery.held,
        }
    }
}

impl Load {
    /// Current drawn at an output voltage and its slope: ampere, siemens.
    pub(super) fn draws(self, v_out: f64) -> (f64, f64) {
        match self {
            Self::Open => (0.0, 0.0),
            Self::Resistance(r) => (v_out / r.si(), 1.0 / r.si()),
            Self::ResistanceTo(r, level) => ((v_out - level.si()) / r.si(), 1.0 / r.si()),
            Self::CurrentA(current) => (current, 0.0),
        }
    }
}
