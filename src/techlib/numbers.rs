//! The numbers of a library as a graph: what somebody stated, and what follows from it by formulas and models.
//!
//! [`Numbers`] is an arena in topological order: a number stands after all that it rests on. From that follow the basis of a number that
//! was computed (that of its weakest contributor), its range (over the corners of the ranges that it rests on), and its value when others
//! are changed ([`Numbers::evaluate`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::circuit_numbers::CircuitModel;
use super::{Basis, Provenance};
use crate::catalog::PlaceName;
use crate::diagnostic::Span;
use crate::units::{Formula, Quantity};

/// A number in its [`Numbers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberId(u32);

impl NumberId {
    /// Its position: that of its value in what [`Numbers::evaluate`] gives.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A number, where it stands and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// How a setting names it, such as `adc-8b.power`.
    pub path: Arc<str>,
    /// Value and dimension.
    pub value: Quantity,
    /// Lowest and highest value known, in SI units, where that is stated.
    pub range: Option<(f64, f64)>,
    /// Lowest and highest value that is taken in its place, in SI units; whatever is finite where nothing else is said.
    pub bounds: (f64, f64),
    /// Where its text stands.
    pub place: Span,
    /// What it rests on.
    pub origin: Origin,
    /// What its place in the file says of it; none for a parameter of a whole file, which is what the entries say that use it.
    pub stated: Option<Arc<Provenance>>,
    provenance: Option<Arc<Provenance>>,
    is_set: bool,
    /// True if it rests on where its component stands.
    is_placed: bool,
    depth: u32,
}

/// What a number rests on.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// Nothing else: it stands in a file.
    Stated,
    /// A formula over other numbers.
    Formula {
        /// The formula; its names are the operands.
        formula: Arc<Formula>,
        /// The operands, in the order of [`Formula::names`].
        of: Vec<NumberId>,
    },
    /// A model over other numbers.
    Model {
        /// The circuit that is solved and what of it is asked for.
        model: Arc<CircuitModel>,
        /// The numbers that describe the circuit.
        of: Vec<NumberId>,
    },
    /// Known only where its component stands; the value is one at which formulas are tried.
    Place(PlaceName),
    /// What is known where a component stands.
    Placed(PlaceName),
    /// A setting that replaced what stood in the file.
    Setting {
        /// The setting as it was written.
        text: Arc<str>,
        /// What stood in its place, as it was written, where that was a number or a text.
        instead_of: Option<Arc<str>>,
    },
}

impl Number {
    /// The numbers that it follows from directly.
    #[must_use]
    pub fn operands(&self) -> &[NumberId] {
        match &self.origin {
            Origin::Formula { of, .. } | Origin::Model { of, .. } => of,
            Origin::Stated | Origin::Place(_) | Origin::Placed(_) | Origin::Setting { .. } => &[],
        }
    }

    /// True if it has no value of its own: it rests on where its component stands.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        self.is_placed
    }

    /// Where the number comes from: the weakest of what is stated of it and of what it rests on; none where nothing is stated.
    #[must_use]
    pub fn provenance(&self) -> Option<&Arc<Provenance>> {
        self.provenance.as_ref()
    }

    /// True if a setting replaced it or any number that it rests on.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.is_set
    }

    /// The longest way to a number that rests on nothing, in steps.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.depth
    }
}

/// What is known of a number that is about to be added.
#[derive(Debug, Clone)]
pub struct NewNumber {
    /// How a setting names it.
    pub path: Arc<str>,
    /// Value and dimension.
    pub value: Quantity,
    /// Where its text stands.
    pub place: Span,
    /// What it rests on.
    pub origin: Origin,
    /// What its place in the file says of it.
    pub stated: Option<Arc<Provenance>>,
}

/// Numbers, each after those that it rests on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Numbers {
    pub(super) list: Vec<Number>,
    by_path: BTreeMap<Arc<str>, NumberId>,
}

impl Numbers {
    /// Adds a number that rests only on those that are there.
    pub fn push(&mut self, new: NewNumber) -> NumberId {
        let NewNumber { path, value, place, origin, stated } = new;
        let mut number = Number {
            path,
            value,
            range: None,
            bounds: (f64::MIN, f64::MAX),
            place,
            origin,
            stated,
            provenance: None,
            is_set: false,
            is_placed: false,
            depth: 0,
        };
        number.provenance = self.weakest(&number);
        let of = || number.operands().iter().map(|id| self.get(*id));
        let is_set = matches!(number.origin, Origin::Setting { .. })
            || number.stated.as_ref().is_some_and(|p| p.is_setting())
            || of().any(|n| n.is_set);
        let is_placed = matches!(number.origin, Origin::Place(_)) || of().any(|n| n.is_placed);
        let depth = of().map(|n| n.depth + 1).max().unwrap_or(0);
        (number.is_set, number.is_placed, number.depth) = (is_set, is_placed, depth);
        // An arena of 2^32 numbers does not fit into the largest file that is read.
        let id = NumberId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        // Where components stand differs from one to the next.
        if !matches!(number.origin, Origin::Place(_) | Origin::Placed(_)) {
            self.by_path.insert(number.path.clone(), id);
        }
        self.list.push(number);
        id
    }

    /// States the range of a number.
    pub(super) fn set_range(&mut self, id: NumberId, range: (f64, f64)) {
        self.list[id.index()].range = Some(range);
    }

    /// Says which values are taken in a number's place.
    pub(super) fn set_bounds(&mut self, id: NumberId, bounds: (f64, f64)) {
        self.list[id.index()].bounds = bounds;
    }

    /// A number.
    #[must_use]
    pub fn get(&self, id: NumberId) -> &Number {
        &self.list[id.index()]
    }

    /// All numbers with their ids, each after those that it rests on.
    pub fn iter(&self) -> impl Iterator<Item = (NumberId, &Number)> {
        self.list.iter().enumerate().map(|(index, number)| (NumberId(u32::try_from(index).unwrap_or(u32::MAX)), number))
    }

    /// True if a number is, or follows from, another.
    #[must_use]
    pub fn rests_on(&self, id: NumberId, other: NumberId) -> bool {
        let mut open = vec![id];
        let mut seen = BTreeSet::new();
        while let Some(next) = open.pop() {
            if next == other {
                return true;
            }
            // What a number rests on stands before it.
            if next > other && seen.insert(next) {
                open.extend_from_slice(self.get(next).operands());
            }
        }
        false
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The number of this path, as a setting names it; of a parameter also without `parameters`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<NumberId> {
        let of_parameter = || {
            let (entry, name) = path.split_once('.')?;
            self.by_path.get(format!("{entry}.parameters.{name}").as_str())
        };
        self.by_path.get(path).or_else(of_parameter).copied()
    }

    /// The provenance of the weakest contributor; what is stated of the number itself where none is weaker.
    fn weakest(&self, number: &Number) -> Option<Arc<Provenance>> {
        // A setting is the weakest of assumptions: what is said of the number it replaced is not true of what follows.
        let weakness = |p: &Provenance| (p.basis, p.is_setting());
        let mut weakest = number.stated.clone();
        let mut through = None;
        for operand in number.operands().iter().map(|id| self.get(*id)) {
            let Some(provenance) = &operand.provenance else { continue };
            if weakest.as_ref().is_none_or(|w| weakness(provenance) > weakness(w)) {
                weakest = Some(provenance.clone());
                through = Some(operand);
            }
        }
        let Some(set) = through.filter(|operand| matches!(operand.origin, Origin::Setting { .. })) else {
            return weakest;
        };
        let note = Some(format!("follows from `{}`, which is set on the command line", set.path));
        let node = number.stated.as_ref().and_then(|p| p.node);
        weakest.map(|p| Arc::new(Provenance { note, node: node.or(p.node), ..(*p).clone() }))
    }
}

impl Provenance {
    /// Where a number that a setting replaced comes from.
    #[must_use]
    pub(super) fn of_setting(node: Option<crate::units::Length>) -> Self {
        let note = Some("set on the command line".into());
        Self { source: SETTING.into(), reference: None, basis: Basis::Assumed, node, note }
    }

    pub(super) fn is_setting(&self) -> bool {
        self.source == SETTING
    }
}

/// How the source map calls a setting, and the source of what it replaces.
pub(crate) const SETTING: &str = "--set";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceMap;

    /// Each number is the sum of the two before it: there are 10^12 ways from the last to the first, over 61 numbers. With the Fibonacci
    /// series `F` it is `F(k - 1)` times the first and `F(k)` times the second.
    #[test]
    fn a_number_is_looked_at_once_however_many_ways_lead_to_it() {
        let mut numbers = Numbers::default();
        let source = SourceMap::default().add("a file", String::new());
        let push = |numbers: &mut Numbers, path: &str, si: f64, origin: Origin| {
            let (path, place) = (path.into(), Span { source, start: 0, end: 0 });
            numbers.push(NewNumber { path, value: Quantity::number(si), place, origin, stated: None })
        };
        let alone = push(&mut numbers, "alone", 1.0, Origin::Stated);
        let first = push(&mut numbers, "first", 1.0, Origin::Stated);
        let mut ends = (first, push(&mut numbers, "second", 1.0, Origin::Stated));
        let formula = Arc::new(Formula::parse("a + b").expect("a sum"));
        for k in 2..=60 {
            let si = numbers.get(ends.0).value.si + numbers.get(ends.1).value.si;
            let origin = Origin::Formula { formula: formula.clone(), of: vec![ends.0, ends.1] };
            ends = (ends.1, push(&mut numbers, &format!("number-{k}"), si, origin));
        }
        let last = ends.1;
        assert_eq!(numbers.get(last).depth(), 59);
        assert!(numbers.rests_on(last, first) && numbers.rests_on(last, last));
        assert!(!numbers.rests_on(last, alone) && !numbers.rests_on(first, last));
        assert_eq!(numbers.range(last), None);
        numbers.set_range(first, (1.0, 2.0));
        let (f59, f60) = (956_722_026_041.0, 1_548_008_755_920.0);
        assert_eq!(numbers.range(last), Some((f59 + f60, 2.0 * f59 + f60)));
    }
}
