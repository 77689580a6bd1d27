//! What a neuron delivers at a forced output, from a table: for circuits in which many neurons are asked many times.
//!
//! Inputs have no bound, since nothing holds an ideal op-amp; they are taken in equal steps of `v / (bend + |v|)`, which are fine where the
//! inverter turns over and wide where only its gates conduct. Between the points lie bicubic polynomials with the circuit's own slopes.

use std::sync::Arc;

use super::in_place::own_key;
use super::{Neuron, NeuronDescription, NeuronError};
use crate::memo::Memo;
use crate::model::transistor::Outside;
use crate::units::Voltage;

/// Steps from no input to the largest, on either side.
const INPUT_STEPS: usize = 192;
/// Inputs beyond are taken as this one, in volts: the gates hold.
const LARGEST_INPUT_V: f64 = 32.0;
/// Where the steps of the input have grown to four times the first, in volts.
const BEND_V: f64 = 1.5;
/// Steps of the output over the range of the transistor tables.
const OUTPUT_STEPS: usize = 96;

/// An output is found when a step moves it by less than this.
const FOUND_V: f64 = 1e-12;
const MAX_STEPS: usize = 60;

/// Delivered current over input and output.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryTable {
    supply_v: f64,
    /// Step of the bent input.
    input_step: f64,
    first_output_v: f64,
    output_step_v: f64,
    /// At each point, output after output of an input: the current, its change over a step of the output, the same of both over a step of the input.
    points: Vec<[f64; 4]>,
}

/// Current out of the output, and `-di/dv` over the output voltage: ampere, siemens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableDelivery {
    /// Ampere.
    pub current_a: f64,
    /// Siemens.
    pub output_s: f64,
}

impl DeliveryTable {
    /// The table of a neuron; the same neuron has one in a run.
    ///
    /// # Errors
    /// If the parameters are no neuron.
    pub fn of(description: &NeuronDescription) -> Result<Arc<Self>, NeuronError> {
        static KNOWN: Memo<[u64; 8], Result<Arc<DeliveryTable>, NeuronError>> = Memo::new();
        KNOWN.get(own_key(description), || {
            // Inputs may reach beyond the tables, where gates conduct.
            Self::new(&Neuron::new(description.parameters(), Outside::Hold)?).map(Arc::new)
        })
    }

    fn new(neuron: &Neuron) -> Result<Self, NeuronError> {
        let (low, high) = neuron.output_range();
        let (input_step, output_step_v) =
            (bent(LARGEST_INPUT_V) / INPUT_STEPS as f64, (high - low) / OUTPUT_STEPS as f64);
        let mut points = Vec::with_capacity((2 * INPUT_STEPS + 1) * (OUTPUT_STEPS + 1));
        for k in 0..=2 * INPUT_STEPS {
            let at = input_step * (k as f64 - INPUT_STEPS as f64);
            // v = bend · w / (1 - |w|), dv/dw = bend / (1 - |w|)².
            let left = 1.0 - at.abs();
            let (v_in, step_v) = (BEND_V * at / left, input_step * BEND_V / (left * left));
            for n in 0..=OUTPUT_STEPS {
                let there = neuron.deliver(v_in, low + output_step_v * n as f64)?;
                points.push([there.current_a, -output_step_v * there.output_s, step_v * there.transfer_s, 0.0]);
            }
        }
        // How the slope over the output changes with the input, from the neighbours.
        let width = OUTPUT_STEPS + 1;
        for k in 1..2 * INPUT_STEPS {
            for n in 0..width {
                let at = k * width + n;
                points[at][3] = (points[at + width][1] - points[at - width][1]) / 2.0;
            }
        }
        Ok(Self { supply_v: neuron.parameters().vdd.si(), input_step, first_output_v: low, output_step_v, points })
    }

    /// The neuron's supply.
    #[must_use]
    pub fn supply(&self) -> Voltage {
        Voltage::new(self.supply_v)
    }

    /// The output without a load.
    #[must_use]
    pub fn open_output(&self, v_in: f64) -> Voltage {
        let (mut low, mut high) = (self.first_output_v, self.first_output_v + self.output_step_v * OUTPUT_STEPS as f64);
        let mut v_out = f64::midpoint(low, high);
        for _ in 0..MAX_STEPS {
            let there = self.at(v_in, v_out);
            if there.current_a > 0.0 {
                low = v_out
            } else {
                high = v_out
            }
            let newton = v_out + there.current_a / there.output_s;
            let next = if newton >= low && newton <= high { newton } else { f64::midpoint(low, high) };
            let moved = (next - v_out).abs();
            v_out = next;
            if moved < FOUND_V {
                break;
            }
        }
        Voltage::new(v_out)
    }

    /// What is delivered; beyond the outputs of the table it goes on as a straight line.
    #[inline]
    #[must_use]
    pub fn at(&self, v_in: f64, v_out: f64) -> TableDelivery {
        let input = (bent(v_in) / self.input_step + INPUT_STEPS as f64).clamp(0.0, (2 * INPUT_STEPS) as f64);
        let wanted = (v_out - self.first_output_v) / self.output_step_v;
        let output = wanted.clamp(0.0, OUTPUT_STEPS as f64);
        let (k, n) = ((input as usize).min(2 * INPUT_STEPS - 1), (output as usize).min(OUTPUT_STEPS - 1));
        let (s, t) = (input - k as f64, output - n as f64);
        let first = k * (OUTPUT_STEPS + 1) + n;
        let (here, next) = (&self.points[first..first + 2], &self.points[first + OUTPUT_STEPS + 1..][..2]);
        // Hermite polynomials over the input give current and slope at both outputs; over the output, the same again.
        let [h, dh, g, dg] = hermite(s);
        let over_input = |n: usize, what: usize| {
            let ([a, b], value) = ([&here[n], &next[n]], what);
            h * a[value] + dh * a[value + 2] + g * b[value] + dg * b[value + 2]
        };
        let (a, da, b, db) = (over_input(0, 0), over_input(0, 1), over_input(1, 0), over_input(1, 1));
        let [h, dh, g, dg] = hermite(t);
        let current_a = h * a + dh * da + g * b + dg * db;
        let slope = da + t * (2.0 * (3.0 * (b - a) - 2.0 * da - db) + 3.0 * t * (2.0 * (a - b) + da + db));
        TableDelivery { current_a: current_a + slope * (wanted - output), output_s: -slope / self.output_step_v }
    }
}

#[inline]
fn bent(v: f64) -> f64 {
    v / (BEND_V + v.abs())
}

/// Weights of value and slope at the beginning of a step, then at its end.
#[inline]
fn hermite(t: f64) -> [f64; 4] {
    let (left, square) = (1.0 - t, t * t);
    [(1.0 + 2.0 * t) * left * left, t * left * left, square * (3.0 - 2.0 * t), -square * left]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::neuron::description::{Contrast, Junction};
    use crate::units::Resistance;

    /// Ten nanoampere into a row of less than a kiloohm are less than ten microvolt.
    #[test]
    fn the_table_is_the_circuit() {
        let mut description = NeuronDescription::nominal();
        for (r_low, r_high) in [(8488.0, 25465.0), (2500.0, 100e3)] {
            description.junction = Junction::Resistance { resistance: Resistance::new(r_low), instead_of: None };
            description.contrast = Contrast::Resistance(Resistance::new(r_high));
            let neuron = Neuron::new(description.parameters(), Outside::Hold).expect("valid");
            let table = DeliveryTable::of(&description).expect("solvable");
            let mut worst: f64 = 0.0;
            for k in -60..=60 {
                for n in -5..=85 {
                    let (v_in, v_out) = (f64::from(k) * 0.021_37, f64::from(n) * 0.01);
                    let (exact, found) = (neuron.deliver(v_in, v_out).expect("held"), table.at(v_in, v_out));
                    worst = worst.max((found.current_a - exact.current_a).abs());
                    let total_s = exact.output_s + 1e-4;
                    assert!(
                        (found.output_s - exact.output_s).abs() < 2e-3 * total_s,
                        "{v_in} {v_out}: {found:?} {exact:?}"
                    );
                }
            }
            assert!(worst < 1e-8, "{worst:e} A");
            for v_in in [-31.0, -9.3, -2.17, 1.93, 6.6, 17.0] {
                let (exact, found) =
                    (neuron.deliver(v_in, 0.31).expect("held").current_a, table.at(v_in, 0.31).current_a);
                assert!((found - exact).abs() < 1e-7, "{v_in}: {found:e} {exact:e}");
            }
        }
    }
}
