//! Transfer curves and what is read off them.

use std::f64::consts::SQRT_2;

use std::ops::RangeInclusive;

use super::circuit::{Load, Neuron, NeuronError, OperatingPoint};
use crate::units::{Power, Unit, Voltage};

/// Operating points over equally spaced inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The points, in order of their inputs.
    pub points: Vec<OperatingPoint>,
    /// Output that counts as the middle: half of the supply.
    half: Voltage,
}

impl Neuron {
    /// The curve over a range of inputs, ends included; `count` is at least 2.
    ///
    /// # Errors
    /// The first point without an operating point.
    pub fn curve(&self, range: RangeInclusive<Voltage>, count: usize, load: Load) -> Result<Curve, NeuronError> {
        let (from, to) = (range.start().si(), range.end().si());
        let steps = (count.max(2) - 1) as f64;
        let half = self.parameters().vdd * 0.5;
        let mut points: Vec<OperatingPoint> = Vec::with_capacity(count);
        for k in 0..count.max(2) {
            let guess = following(&points).unwrap_or(half);
            points.push(self.operating_point_near(
                Voltage::from_si(from + (to - from) * k as f64 / steps),
                load,
                guess,
            )?);
        }
        Ok(Curve { points, half })
    }
}

/// The output after the last of these points, on a parabola through three of them; less than that of fewer, none of none.
fn following(points: &[OperatingPoint]) -> Option<Voltage> {
    match points {
        [.., a, b, c] => Some((c.v_out - b.v_out) * 3.0 + a.v_out),
        [.., last] => Some(last.v_out),
        [] => None,
    }
}

impl Curve {
    /// The steepest slope, in V/V; the neuron inverts, so it is negative.
    #[must_use]
    pub fn max_slope(&self) -> f64 {
        self.points.iter().map(|p| p.slope).fold(0.0, f64::min)
    }

    /// Input at which the output passes half of the supply, on a straight line between two points; none if it does not.
    #[must_use]
    pub fn midpoint(&self) -> Option<Voltage> {
        let [a, b] = self.around_half()?;
        let part = (a.v_out - self.half) / (a.v_out - b.v_out);
        Some(a.v_in + (b.v_in - a.v_in) * part)
    }

    /// The neighbouring points between which the output falls below half of the supply.
    pub(super) fn around_half(&self) -> Option<[&OperatingPoint; 2]> {
        self.points.windows(2).find_map(|pair| match pair {
            [a, b] if a.v_out >= self.half && b.v_out < self.half => Some([a, b]),
            _ => None,
        })
    }

    /// Mean of the total power over inputs spread evenly over the range.
    #[must_use]
    pub fn mean_power(&self) -> Power {
        Power::from_si(self.mean(|p| p.power_total.si()))
    }

    /// Mean of a figure over the range, by the trapezoidal rule.
    #[must_use]
    pub fn mean(&self, figure: impl Fn(&OperatingPoint) -> f64) -> f64 {
        let pairs = self.points.windows(2);
        let intervals = pairs.len() as f64;
        pairs.map(|pair| f64::midpoint(figure(&pair[0]), figure(&pair[1]))).sum::<f64>() / intervals
    }

    /// Mean over inputs of which this share lies in the lower half of the range. Each half is spread as the magnitudes of normal numbers of this
    /// deviation, those beyond the range being at its end; evenly where none is given. An odd number of points has a middle.
    #[must_use]
    pub(super) fn mean_with_share(
        &self,
        lower: f64,
        deviation: Option<Voltage>,
        figure: impl Fn(&OperatingPoint) -> f64,
    ) -> f64 {
        let middle = self.points.len() / 2;
        // From the middle outwards.
        let half = |points: &mut dyn DoubleEndedIterator<Item = &OperatingPoint>| {
            let points: Vec<&OperatingPoint> = points.collect();
            let intervals = points.len().saturating_sub(1).max(1) as f64;
            let below = |end: usize| match deviation {
                Some(deviation) if deviation > Voltage::ZERO => {
                    libm::erf((points[end].v_in - points[0].v_in).si().abs() / (deviation.si() * SQRT_2))
                }
                Some(_) => 1.0,
                None => end as f64 / intervals,
            };
            let mut before = 0.0;
            let mut sum = 0.0;
            for end in 1..points.len() {
                let part = below(end);
                sum += (part - before) * f64::midpoint(figure(points[end - 1]), figure(points[end]));
                before = part;
            }
            sum + (1.0 - before) * points.last().map_or(0.0, |point| figure(point))
        };
        lower * half(&mut self.points[..=middle].iter().rev()) + (1.0 - lower) * half(&mut self.points[middle..].iter())
    }

    /// Lowest and highest output.
    #[must_use]
    pub fn levels(&self) -> (Voltage, Voltage) {
        let outputs = self.points.iter().map(|p| p.v_out);
        outputs.fold((Voltage::from_si(f64::INFINITY), Voltage::from_si(f64::NEG_INFINITY)), |(low, high), v| {
            (low.min(v), high.max(v))
        })
    }
}
