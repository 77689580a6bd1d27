//! The neuron's answer to a step at its input.
//!
//! With the gate capacitances of the transistors and a capacitance at the output, Kirchhoff's current law at gate and output is
//!
//! - `C_g dg/dt - C_m do/dt = (a - g) / R_low - i_high(g - o) - i_gates(g)`
//! - `(C_m + C_load) do/dt - C_m dg/dt = i_high(g - o) + fins · (i_p - i_n) - i_load`
//!
//! where `C_g` is the total gate capacitance of both transistors and `C_m` its part to the output (the Miller capacitance). The
//! capacitances follow the gate voltage. The two equations are integrated by the embedded Runge-Kutta pair of Bogacki and Shampine
//! (Appl. Math. Lett. 2, 321, 1989) with its step chosen by the error.

use super::circuit::{Load, Neuron, NeuronError};
use crate::model::transistor::{Outside, OutsideTable, Polarity};
use crate::units::{Capacitance, Time, Unit, Voltage};

/// Error of a step, in volts.
const TOLERANCE_V: f64 = 1e-5;
const MAX_STEPS: usize = 200_000;

/// Times of a step response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepResponse {
    /// From the step to half of the output's swing.
    pub delay: Time,
    /// From 10 % to 90 % of the output's swing.
    pub transition: Time,
    /// Output before the step.
    pub initial: Voltage,
    /// Output long after the step.
    pub last: Voltage,
}

/// Voltages of gate and output.
type State = [f64; 2];

impl Neuron {
    /// The response to an input that jumps from one voltage to another; none where the node has no table of capacitances.
    ///
    /// # Errors
    /// If one of the two states has no operating point.
    pub fn step_response(
        &self,
        from: Voltage,
        to: Voltage,
        load: Load,
        load_capacitance: Capacitance,
    ) -> Result<Option<StepResponse>, NeuronError> {
        if self.parameters().node.gate_capacitance(Polarity::N, 0.0).is_none() {
            return Ok(None);
        }
        let before = self.operating_point(from, load)?;
        let after = self.operating_point(to, load)?;
        let (initial, last) = (before.v_out.si(), after.v_out.si());
        let swing = last - initial;
        if swing == 0.0 {
            return Ok(None);
        }
        // An overshoot may leave the tables for an instant.
        let lenient = self.with_outside(Outside::Hold);
        let outside = |source: OutsideTable| NeuronError::Outside { v_in: to.si(), source };
        let slope = |state: State| lenient.slopes(to.si(), state, load, load_capacitance.si()).map_err(outside);
        let mut crossings = Crossings::new(initial, swing);
        let mut state = [before.v_gate.si(), initial];
        let (mut time, mut step) = (0.0, 1e-15);
        let mut k1 = slope(state)?;
        for _ in 0..MAX_STEPS {
            let k2 = slope(advance(state, step / 2.0, k1))?;
            let k3 = slope(advance(state, 0.75 * step, k2))?;
            let next = [0, 1].map(|i| state[i] + step * (2.0 * k1[i] + 3.0 * k2[i] + 4.0 * k3[i]) / 9.0);
            let k4 = slope(next)?;
            let error = [0, 1]
                .map(|i| step * (-5.0 * k1[i] / 72.0 + k2[i] / 12.0 + k3[i] / 9.0 - k4[i] / 8.0).abs())
                .into_iter()
                .fold(0.0, f64::max);
            if error <= TOLERANCE_V {
                crossings.pass(time, state[1], time + step, next[1]);
                time += step;
                state = next;
                k1 = k4;
                if let Some((delay, transition)) = crossings.found() {
                    return Ok(Some(StepResponse {
                        delay: Time::from_si(delay),
                        transition: Time::from_si(transition),
                        initial: Voltage::from_si(initial),
                        last: Voltage::from_si(last),
                    }));
                }
            }
            step *= (0.9 * libm::cbrt(TOLERANCE_V / error.max(1e-30))).clamp(0.2, 5.0);
        }
        Err(NeuronError::Unsolved { v_in: to.si() })
    }

    /// Time derivatives of gate and output, in volts per second.
    fn slopes(&self, v_in: f64, state: State, load: Load, load_f: f64) -> Result<State, OutsideTable> {
        let [gate, out] = state;
        let p = self.parameters();
        let fins = f64::from(p.fins);
        let capacitance = |polarity, v_gs| {
            let c = p.node.gate_capacitance(polarity, v_gs);
            c.map_or([0.0; 2], |c| [fins * c.total_f, fins * c.drain_f])
        };
        let [n_total, n_drain] = capacitance(Polarity::N, gate);
        let [p_total, p_drain] = capacitance(Polarity::P, gate - p.vdd.si());
        let (c_gate, c_miller) = (n_total + p_total, n_drain + p_drain);
        let c_out = c_miller + load_f;
        let (through, _) = self.antiparallel().current(gate - out);
        let into_gate = (v_in + p.offset.si() - gate) / p.r_low.si() - through - self.gates_current(gate).0;
        let ([inverter, ..], _) = self.inverter(gate, out)?;
        let into_out = through + inverter - load.draws(out).0;
        let determinant = c_gate * c_out - c_miller * c_miller;
        Ok([
            (c_out * into_gate + c_miller * into_out) / determinant,
            (c_miller * into_gate + c_gate * into_out) / determinant,
        ])
    }
}

fn advance(state: State, step: f64, slope: State) -> State {
    [state[0] + step * slope[0], state[1] + step * slope[1]]
}

/// When the output first passes 10 %, 50 % and 90 % of its swing.
struct Crossings {
    levels: [f64; 3],
    rising: bool,
    times: [Option<f64>; 3],
}

impl Crossings {
    fn new(initial: f64, swing: f64) -> Self {
        Self { levels: [0.1, 0.5, 0.9].map(|part| initial + part * swing), rising: swing > 0.0, times: [None; 3] }
    }

    fn pass(&mut self, t0: f64, v0: f64, t1: f64, v1: f64) {
        for (time, level) in self.times.iter_mut().zip(self.levels) {
            let passed = if self.rising { v1 >= level } else { v1 <= level };
            if time.is_none() && passed {
                *time = Some(t0 + (t1 - t0) * (level - v0) / (v1 - v0));
            }
        }
    }

    /// Delay and transition time.
    fn found(&self) -> Option<(f64, f64)> {
        let [ten, fifty, ninety] = self.times;
        Some((fifty?, ninety? - ten?))
    }
}
