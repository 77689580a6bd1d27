//! Numbers with other values below them: ranges over their corners, and what follows when some are changed.

use std::collections::{BTreeMap, BTreeSet};

use super::numbers::{Number, NumberId, Numbers, Origin};
use crate::units::Quantity;

/// More ranges than this under one number are not combined: there are two corners for each.
const MAX_RANGES: usize = 10;

impl Numbers {
    /// Lowest and highest value of a number: as stated, else over the corners of the ranges of those that it rests on. None where nothing
    /// has a range, or too many do. Exact where the number rises or falls with each of them.
    #[must_use]
    pub fn range(&self, id: NumberId) -> Option<(f64, f64)> {
        if self.get(id).range.is_some() {
            return self.get(id).range;
        }
        let ranges = self.ranges_under(id)?;
        let (mut low, mut high) = (self.get(id).value.si, self.get(id).value.si);
        let mut scratch = Vec::new();
        for corner in 0..1_u32 << ranges.len() {
            let changed: Vec<(NumberId, f64)> = ranges
                .iter()
                .enumerate()
                .map(|(bit, (leaf, ends))| (*leaf, if corner >> bit & 1 == 0 { ends.0 } else { ends.1 }))
                .collect();
            let value = self.evaluate(&changed, &mut scratch)[id.index()];
            if !value.is_finite() {
                return None;
            }
            (low, high) = (low.min(value), high.max(value));
        }
        Some((low, high))
    }

    /// The nearest numbers below that have a range of their own; none where there are none or too many.
    fn ranges_under(&self, id: NumberId) -> Option<Vec<(NumberId, (f64, f64))>> {
        let mut found: BTreeMap<NumberId, (f64, f64)> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut open = self.get(id).operands().to_vec();
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            match self.get(next).range {
                Some(range) => {
                    found.insert(next, range);
                }
                None => open.extend_from_slice(self.get(next).operands()),
            }
        }
        (1..=MAX_RANGES).contains(&found.len()).then(|| found.into_iter().collect())
    }

    /// The values of all numbers, in SI units, when some are changed: a changed number has the value that it is given, and all that rests
    /// on it follows. What has no value then is not a number.
    pub fn evaluate<'s>(&self, changed: &[(NumberId, f64)], scratch: &'s mut Vec<f64>) -> &'s [f64] {
        scratch.clear();
        scratch.extend(self.list.iter().map(|n| n.value.si));
        let Some(first) = changed.iter().map(|(id, _)| id.index()).min() else { return scratch };
        let mut moved = vec![false; self.list.len()];
        let mut given = vec![false; self.list.len()];
        for (id, value) in changed {
            scratch[id.index()] = *value;
            given[id.index()] = true;
            moved[id.index()] = true;
        }
        let (mut operands, mut stack) = (Vec::new(), Vec::new());
        for index in first..self.list.len() {
            let number = &self.list[index];
            if given[index] || !number.operands().iter().any(|id| moved[id.index()]) {
                continue;
            }
            moved[index] = true;
            operands.clear();
            operands.extend(number.operands().iter().map(|id| scratch[id.index()]));
            scratch[index] = self.recomputed(number, &operands, &mut stack);
        }
        scratch
    }

    /// The value of a number over these operands in place of its own, in SI units.
    pub(super) fn value_over(&self, number: &Number, of: &[NumberId]) -> f64 {
        let operands: Vec<f64> = of.iter().map(|id| self.get(*id).value.si).collect();
        self.recomputed(number, &operands, &mut Vec::new())
    }

    /// The value of a number with these values of its operands, in SI units; not a number where it has none.
    fn recomputed(&self, number: &Number, operands: &[f64], stack: &mut Vec<f64>) -> f64 {
        match &number.origin {
            Origin::Formula { formula, of } if formula.dimension_depends_on_values() => {
                let of_name = |name: &str| {
                    let at = formula.names().position(|n| n == name)?;
                    Some(Quantity::new(operands[at], self.get(of[at]).value.dim))
                };
                let value = formula.eval(&of_name).ok().filter(|value| value.dim == number.value.dim);
                value.map_or(f64::NAN, |value| value.si)
            }
            Origin::Formula { formula, .. } => formula.value(operands, stack),
            Origin::Model { model, .. } => {
                let asked = model.numbers.ids();
                let value = |id: NumberId| asked.iter().position(|o| *o == id).map(|at| operands[at]);
                model.value(&|id| value(id).unwrap_or(f64::NAN)).unwrap_or(f64::NAN)
            }
            Origin::Stated | Origin::Place(_) | Origin::Placed(_) | Origin::Setting { .. } => number.value.si,
        }
    }
}
