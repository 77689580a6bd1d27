//! What the operands of the products look like: means, bits that are 1, bits that change.

use super::lower::Lowering;
use crate::catalog::PlaceName;
use crate::diagnostic::Diagnostic;
use crate::spec::Written;
use crate::spec::architecture::{self as file, Encoding, InputEncoding};
use crate::spec::machine::OperandSpec;
use crate::techlib::figure::Scope;
use crate::techlib::placing::Place;
use crate::units::Fraction;
use crate::yaml::{Located, Slot};

/// What values that are distributed so look like as words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperandStatistics {
    /// Mean, relative to the largest value.
    pub mean: f64,
    /// Part of the bits that are 1.
    pub density: f64,
    /// Part of the values that are 0.
    pub zero: f64,
}

/// How values become words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordCode {
    /// As they are, from 0.
    Unsigned,
    /// A sign and a magnitude: the bits of the magnitude count.
    Magnitude,
    /// Plus half of the range.
    Offset,
    /// The highest bit counts negative.
    TwosComplement,
}

impl OperandStatistics {
    /// Of how often each value occurs: of `2^n` values those from 0 of unsigned words, or from the lowest of signed ones; of `2^n - 1` those that are
    /// symmetric around 0. None of another number of values, of negative counts, or of none at all.
    #[must_use]
    pub fn of_histogram(counts: &[f64], code: WordCode) -> Option<Self> {
        let total: f64 = counts.iter().sum();
        let possible = counts.iter().all(|count| count.is_finite() && *count >= 0.0) && total > 0.0;
        let size = counts.len() as u64;
        let symmetric = (size + 1).is_power_of_two() && size > 1;
        if !possible || !(size.is_power_of_two() && size > 1 || symmetric) {
            return None;
        }
        let bits = (size + u64::from(symmetric)).trailing_zeros();
        let signed = symmetric || code != WordCode::Unsigned;
        let half = 1_i64 << (bits - 1);
        let lowest = match (symmetric, signed) {
            (true, _) => 1 - half,
            (false, true) => -half,
            (false, false) => 0,
        };
        let word_bits = if code == WordCode::Magnitude { bits - 1 } else { bits };
        let (mut mean, mut ones, mut zero) = (0.0, 0.0, 0.0);
        for (value, count) in (lowest..).zip(counts) {
            let word = match code {
                WordCode::Unsigned | WordCode::Magnitude => value.unsigned_abs(),
                WordCode::Offset => (value + half).unsigned_abs(),
                WordCode::TwosComplement => (value as u64) & ((1 << bits) - 1),
            };
            mean += count * word as f64;
            ones += count * f64::from(word.count_ones().min(word_bits.max(1)));
            zero += if value == 0 { *count } else { 0.0 };
        }
        let largest = ((1_u64 << word_bits.max(1)) - 1) as f64;
        Some(Self {
            mean: (mean / total / largest).min(1.0),
            density: ones / total / f64::from(word_bits.max(1)),
            zero: zero / total,
        })
    }
}

/// Part of the bits of independent words that change, if so many are 1.
fn toggle(density: f64) -> f64 {
    2.0 * density * (1.0 - density)
}

/// What is taken of operands of which nothing is stated.
const UNSTATED: f64 = 0.5;

impl Lowering<'_> {
    /// The place with what the operands of a layer look like; none if that is wrong, which is reported.
    pub(super) fn operands(&mut self, spec: &file::LayerSpec, place: Place) -> Option<Place> {
        let before = self.diagnostics.mark();
        let of = |slot: fn(&file::StatisticsSpec) -> &Slot<OperandSpec>| {
            let own = spec.statistics.get().map(|all| slot(all)).filter(|slot| !slot.is_missing());
            own.or(self.spec.statistics.get().map(|all| slot(all))).and_then(Slot::located)
        };
        let (inputs, weights) = (of(|s| &s.inputs).cloned(), of(|s| &s.weights).cloned());
        let weights_code = self.written_weights(spec).and_then(|w| w.value.encoding.get().copied());
        let weights_code = match weights_code {
            Some(Encoding::Offset) => WordCode::Offset,
            Some(Encoding::TwosComplement) => WordCode::TwosComplement,
            Some(Encoding::Differential) => WordCode::Magnitude,
            Some(Encoding::Unsigned) | None => WordCode::Unsigned,
        };
        let inputs_code = match self.input_encoding {
            InputEncoding::TwosComplement => WordCode::TwosComplement,
            InputEncoding::SignedMagnitude => WordCode::Magnitude,
            InputEncoding::Unsigned | InputEncoding::Bipolar => WordCode::Unsigned,
        };
        let input = self.operand(inputs.as_ref(), inputs_code);
        let weight = self.operand(weights.as_ref(), weights_code);
        if let Some(spec) = weights.as_ref() {
            for (what, span) in [("toggle", spec.value.toggle.span()), ("zero", spec.value.zero.span())] {
                let Some(span) = span else { continue };
                let error = Diagnostic::error(format!("`{what}` has no meaning for weights"));
                self.report(error.at(span, "weights stay; it belongs to `inputs`"));
            }
        }
        self.diagnostics.since(before).ok()?;
        let set = |place: Place, name: PlaceName, value: Option<f64>, otherwise: f64| match value {
            Some(value) => place.with(name, value),
            None => place.with_assumed(name, otherwise),
        };
        let density = input.density.unwrap_or(UNSTATED);
        let place = set(place, PlaceName::InputMean, input.mean, UNSTATED);
        let place = set(place, PlaceName::InputDensity, input.density, UNSTATED);
        let stated_toggle = input.toggle.or(input.density.map(toggle));
        let place = set(place, PlaceName::InputToggle, stated_toggle, toggle(density));
        let place = set(place, PlaceName::InputZero, input.zero, 0.0);
        let place = set(place, PlaceName::WeightMean, weight.mean, UNSTATED);
        Some(set(place, PlaceName::WeightDensity, weight.density, UNSTATED))
    }

    fn operand(&mut self, written: Option<&Located<OperandSpec>>, code: WordCode) -> StatedOperand {
        let Some(Located { value: spec, .. }) = written else { return StatedOperand::default() };
        let mut read = |what: &str, slot: &Slot<Written<Fraction>>| {
            slot.located().and_then(|text| self.evaluator().fraction(what, text))
        };
        let mut operand = StatedOperand {
            mean: read("mean", &spec.mean),
            density: read("density", &spec.density),
            toggle: read("toggle", &spec.toggle),
            zero: read("zero", &spec.zero),
        };
        let Some(histogram) = spec.histogram.located() else { return operand };
        let stated = [("mean", spec.mean.span()), ("density", spec.density.span()), ("zero", spec.zero.span())];
        for (what, span) in stated {
            let Some(span) = span else { continue };
            let error = Diagnostic::error(format!("`{what}` follows from the histogram")).at(span, "keep one");
            self.report(error.also(histogram.span, "the histogram"));
        }
        let mut count = |slot: &Slot<Written<Fraction>>| {
            let found: Fraction = self.evaluator().typed("histogram", slot.located()?, &Scope::default())?;
            Some(found.si())
        };
        let counts: Vec<Option<f64>> = histogram.value.iter().map(&mut count).collect();
        let Some(counts) = counts.into_iter().collect::<Option<Vec<f64>>>() else { return operand };
        match OperandStatistics::of_histogram(&counts, code) {
            Some(found) => {
                (operand.mean, operand.density, operand.zero) =
                    (Some(found.mean), Some(found.density), Some(found.zero));
            }
            None => {
                let message = format!("histogram has {} bins, 2^n - 1 or 2^n wanted", counts.len());
                let help =
                    "how often each value occurs, from the lowest to the highest; none is negative, and not all are 0";
                self.report(Diagnostic::error(message).at(histogram.span, "").help(help));
            }
        }
        operand
    }
}

/// What is stated of an operand.
#[derive(Debug, Clone, Copy, Default)]
struct StatedOperand {
    mean: Option<f64>,
    density: Option<f64>,
    toggle: Option<f64>,
    zero: Option<f64>,
}
