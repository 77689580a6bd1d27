//! What a neuron is made of, and what is physically possible.

use crate::model::transistor::ProcessNode;
use crate::units::{Resistance, Voltage};

/// A neuron's devices and supplies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeuronParameters {
    /// Junction in the parallel state between level shift and gate.
    pub r_low: Resistance,
    /// Junction in the antiparallel state between gate and output, without bias.
    pub r_high: Resistance,
    /// Bias at which half of the tunnel magnetoresistance is left; none is no dependence.
    pub tmr_v0: Option<Voltage>,
    /// Fins of each transistor.
    pub fins: u32,
    /// Transistors.
    pub node: ProcessNode,
    /// Supply.
    pub vdd: Voltage,
    /// Level shift at the input.
    pub offset: Voltage,
}

/// A parameter outside of what is physically possible or known.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name} of {value} is out of range: {reason}")]
pub struct ParameterError {
    /// The parameter, as it is written.
    pub name: &'static str,
    /// Its value, as printed.
    pub value: String,
    /// What is allowed, and why.
    pub reason: String,
}

impl NeuronParameters {
    /// Checks each parameter.
    ///
    /// # Errors
    /// The first parameter that is out of range.
    pub fn check(&self) -> Result<(), ParameterError> {
        let refuse = |name, value: String, reason: &str| Err(ParameterError { name, value, reason: reason.to_owned() });
        let (low, high) = (self.r_low.si(), self.r_high.si());
        if !(1.0..=1e9).contains(&low) {
            return refuse("r_low", self.r_low.eng(4), "expected 1 ohm to 1 Gohm");
        }
        if high.is_nan() || high <= low || high > 1e12 {
            return refuse("r_high", self.r_high.eng(4), "expected more than r_low: a TMR of 0 or less stores nothing");
        }
        if let Some(v0) = self.tmr_v0.filter(|v0| !(0.01..=100.0).contains(&v0.si())) {
            return refuse("tmr_v0", v0.eng(4), "expected 10 mV to 100 V, or `none`");
        }
        if !(1..=10_000).contains(&self.fins) {
            return refuse("nfin", self.fins.to_string(), "expected 1 to 10000");
        }
        let [_, (_, drain_max)] = self.node.transistors().ranges();
        if !(0.1..=drain_max).contains(&self.vdd.si()) {
            let reason = format!("expected 0.1 V to {drain_max} V, where the transistor tables end");
            return refuse("vdd", self.vdd.eng(4), &reason);
        }
        if self.offset.si().is_nan() || self.offset.si().abs() > 10.0 {
            return refuse("v_offset", self.offset.eng(4), "expected -10 V to 10 V");
        }
        Ok(())
    }
}
