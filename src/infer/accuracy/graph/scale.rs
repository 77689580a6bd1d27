//! How large the values between layers become: what the largest word of a layer stands for.

use super::plan::{NetworkPlan, PlannedWork};
use crate::design::InputEncoding;
use crate::infer::classify::quantiser::Quantiser;
use crate::infer::network::ValueStep;
use crate::infer::network::run::Extremes;
use crate::workload::Pooling;

/// The largest value of a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueScale {
    /// Its magnitude.
    pub size: f64,
    /// True if some are negative.
    pub signed: bool,
    /// True if it follows from the functions of the layers; else it is what the trained network gave over the pictures.
    pub known: bool,
}

impl ValueScale {
    const ONE: Self = Self { size: 1.0, signed: false, known: true };

    fn seen((low, high): Extremes) -> Self {
        let size = low.abs().max(high.abs());
        // A layer that gives nothing has no range.
        let size = if size > 0.0 && size.is_finite() { size } else { 1.0 };
        Self { size, signed: low < 0.0, known: false }
    }

    /// Of values of which some are these and some those.
    fn either(self, other: Self) -> Self {
        Self { size: self.size.max(other.size), signed: self.signed || other.signed, known: self.known && other.known }
    }
}

impl NetworkPlan<'_> {
    /// The scales of all layers, from what each of them gave in the trained network.
    #[must_use]
    pub fn scales(&self, extremes: &[Extremes]) -> Vec<ValueScale> {
        let mut scales: Vec<ValueScale> = Vec::with_capacity(self.steps.len());
        for (index, step) in self.steps.iter().enumerate() {
            let seen = extremes.get(index).map_or(ValueScale::ONE, |extremes| ValueScale::seen(*extremes));
            let scale = match (step.trained.and_then(|function| function.range()), &step.work) {
                (Some((size, signed)), _) => ValueScale { size, signed, known: true },
                (None, PlannedWork::Values(work)) if step.trained.is_none() => {
                    let before = self.arriving(index, &scales);
                    match work {
                        ValueStep::Pool { pooling: Pooling::Average, .. } | ValueStep::GlobalPool if !before.known => {
                            seen
                        }
                        // These give values that arrive, or means of them.
                        ValueStep::Pool { .. }
                        | ValueStep::GlobalPool
                        | ValueStep::Upsample(_)
                        | ValueStep::Tokens
                        | ValueStep::Slice(..)
                        | ValueStep::Same => before,
                        ValueStep::Add | ValueStep::Multiply | ValueStep::Affine(_) => seen,
                    }
                }
                _ => seen,
            };
            scales.push(scale);
        }
        scales
    }

    /// The scale of what arrives at a layer.
    #[must_use]
    pub fn arriving(&self, index: usize, scales: &[ValueScale]) -> ValueScale {
        let signed = self.flow.input_encoding == InputEncoding::Bipolar;
        let of = |from: &Option<usize>| match from {
            None => ValueScale { signed, ..ValueScale::ONE },
            Some(layer) => scales.get(*layer).copied().unwrap_or(ValueScale::ONE),
        };
        let feeders = self.flow.network[index].from.iter().map(of);
        feeders.reduce(ValueScale::either).unwrap_or(ValueScale::ONE)
    }

    /// The words that the outputs of a layer are; none where no words are taken.
    #[must_use]
    pub(super) fn words(&self, index: usize, scales: &[ValueScale]) -> Option<Quantiser> {
        let bits = self.steps[index].bits?;
        let scale = scales.get(index)?;
        if scale.signed {
            Some(Quantiser::symmetric(bits, scale.size))
        } else {
            Some(Quantiser::unsigned(bits, scale.size))
        }
    }

    /// What a reader should know of the scales.
    #[must_use]
    pub fn notes(&self, scales: &[ValueScale]) -> Vec<String> {
        let name = |index: usize| self.flow.network[index].name.as_str();
        let mut notes = self.weights.notes.clone();
        let open: Vec<usize> =
            (0..self.steps.len()).filter(|&at| self.steps[at].bits.is_some() && !scales[at].known).collect();
        if let Some(&first) = open.first() {
            notes.push(format!(
                "words of `{}`{} end at the largest value that the trained network gives over these pictures",
                name(first),
                if open.len() > 1 { format!(" and {} more layers", open.len() - 1) } else { String::new() }
            ));
        }
        let on_crossbars = self.products().filter(|(_, products)| !products.exact);
        let negative: Vec<usize> = on_crossbars
            .map(|(index, _)| index)
            .filter(|&index| {
                let scale = self.arriving(index, scales);
                scale.signed && self.flow.network[index].from.iter().any(Option::is_some)
            })
            .collect();
        if let Some(&first) = negative.first() {
            notes.push(format!(
                "negative values arrive at `{}`{}: they are taken as negative voltages of their rows",
                name(first),
                if negative.len() > 1 { format!(" and {} more layers", negative.len() - 1) } else { String::new() }
            ));
        }
        notes
    }
}
