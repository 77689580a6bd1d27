//! What is asked of a neuron: its curve and the figures that are read off it.

use std::ops::RangeInclusive;

use super::curve::Curve;
use super::logistic::LogisticFit;
use super::transient::StepResponse;
use super::{Load, Neuron, NeuronDescription, NeuronError, NeuronParameters};
use crate::model::transistor::Outside;
use crate::units::{Capacitance, Power, Voltage};

/// What the output drives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surroundings {
    /// Direct-current load.
    pub load: Load,
    /// Capacitance to ground.
    pub capacitance: Capacitance,
}

/// A neuron's curve and figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Characteristics {
    /// What the neuron is made of.
    pub parameters: NeuronParameters,
    /// What it drives.
    pub surroundings: Surroundings,
    /// Its transfer curve.
    pub curve: Curve,
    /// Input at which the output is half of the supply; none if it does not pass it.
    pub midpoint: Option<Voltage>,
    /// Power at an input of 0 V, all sources; none where 0 V is not in the range.
    pub power_at_zero: Option<Power>,
    /// Response to a step from the low to the high end of the range, the output falling, and back; none without a table of capacitances.
    pub edges: Option<[StepResponse; 2]>,
    /// The logistic curve that fits best.
    pub fit: LogisticFit,
}

impl Characteristics {
    /// Solves a neuron over a range of inputs.
    ///
    /// # Errors
    /// If a parameter is out of range, or an input leads beyond the transistor tables.
    pub fn of(
        description: &NeuronDescription,
        surroundings: Surroundings,
        range: RangeInclusive<Voltage>,
        points: usize,
    ) -> Result<Self, NeuronError> {
        let parameters = description.parameters();
        let neuron = Neuron::new(parameters, Outside::Refuse)?;
        let Surroundings { load, capacitance } = surroundings;
        let (low, high) = (*range.start(), *range.end());
        let holds_zero = range.contains(&Voltage::ZERO);
        let curve = neuron.curve(range, points, load)?;
        let falling = neuron.step_response(low, high, load, capacitance)?;
        let rising = neuron.step_response(high, low, load, capacitance)?;
        let at_zero = if holds_zero { Some(neuron.operating_point(Voltage::ZERO, load)?) } else { None };
        Ok(Self {
            parameters,
            surroundings,
            midpoint: neuron.midpoint(&curve, load)?,
            power_at_zero: at_zero.map(|point| point.power_total),
            edges: falling.zip(rising).map(|(falling, rising)| [falling, rising]),
            fit: curve.logistic_fit(),
            curve,
        })
    }

    /// The slower of the two edges.
    #[must_use]
    pub fn slower_edge(&self) -> Option<&StepResponse> {
        self.edges.iter().flatten().max_by(|a, b| a.delay.si().total_cmp(&b.delay.si()))
    }
}

impl Neuron {
    /// The input at which the output is half of the supply, between the two points of a curve that enclose it.
    fn midpoint(&self, curve: &Curve, load: Load) -> Result<Option<Voltage>, NeuronError> {
        let half = self.parameters().vdd * 0.5;
        let Some([first, second]) = curve.around_half() else { return Ok(None) };
        let (mut below, mut above) = (first.v_in, second.v_in);
        // The interval shrinks to less than a nanovolt.
        for _ in 0..25 {
            let middle = (below + above) * 0.5;
            if self.operating_point(middle, load)?.v_out >= half { below = middle } else { above = middle }
        }
        Ok(Some((below + above) * 0.5))
    }
}
