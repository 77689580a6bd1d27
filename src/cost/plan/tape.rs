//! The graph of numbers as a flat tape: one register a number, each computed from registers before it.
//!
//! Numbers keep their kind while the tape is built ([`Num`]), so that a power is never added to an energy; the tape itself holds SI values
//! only: arrays of operations and operands, no text, no maps. Running it again with other values at its leaves takes no memory.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::{Div, Mul};
use std::sync::Arc;

use super::leaf::Leaf;
use super::room::{self, TapeRoom};
use crate::units::{self, CompareOp, Dimension, Fraction, Function, Quantity, Step, Unit};

/// A register: the place of a number on the tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Register(NonZeroU32);

impl Register {
    /// The register at a place that is one of the tape's.
    pub(super) fn at(index: usize) -> Self {
        // Counted from one, so that no register takes no more room than one.
        let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        Self(NonZeroU32::new(number).unwrap_or(NonZeroU32::MAX))
    }

    /// Its place in the arrays.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A number on the tape with its kind.
#[derive(Debug)]
pub struct Num<Q>(Register, PhantomData<Q>);

impl<Q> Clone for Num<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q> Copy for Num<Q> {}

impl<Q> Num<Q> {
    /// The number at a place that is known to be of its kind.
    pub(super) fn at(register: Register) -> Self {
        Self(register, PhantomData)
    }

    /// Its place.
    #[must_use]
    pub fn register(self) -> Register {
        self.0
    }
}

/// How a register follows from others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum PlanOp {
    /// Given: a number that somebody stated. The index is that of its [`Leaf`].
    Leaf(u32),
    /// A count or a factor that follows from the structure.
    Constant,
    /// Sum of some operands.
    Sum { first: u32, count: u32 },
    /// The largest of some operands.
    Max { first: u32, count: u32 },
    /// Difference.
    Sub(Register, Register),
    /// Product.
    Mul(Register, Register),
    /// Quotient.
    Div(Register, Register),
    /// The smaller of two.
    Min(Register, Register),
    /// A power.
    Power(Register, Register),
    /// 1 where two numbers compare so, else 0.
    Compare(CompareOp, Register, Register),
    /// Of a condition and two numbers, which follow one another among the operands, the one that the condition chooses.
    Choose { operands: u32 },
    /// A function of one number.
    Apply(Function, Register),
    /// A number of the library that follows from others as this register does. The index is that in [`Tape::named`].
    Named { named: u32, as_in: Register },
    /// Solved from a circuit that is described by some operands. The index is that in [`Tape::models`].
    Model { model: u32, first: u32, count: u32 },
}

/// Solves a circuit with the values of its operands, in the order in which they stand on the tape; none where there is no solution.
pub(crate) type Solve = Arc<dyn Fn(&[f64]) -> Option<f64> + Send + Sync>;

/// Operations and operands, with the values at which they were written down.
#[derive(Clone, Default)]
pub struct Tape {
    pub(crate) ops: Vec<PlanOp>,
    pub(crate) operands: Vec<Register>,
    pub(super) values: Vec<f64>,
    pub(super) dimensions: Vec<Dimension>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) leaf_registers: Vec<Register>,
    /// Numbers of the library that are no leaves, because others below them are.
    pub(crate) named: Vec<Leaf>,
    /// Circuits that are solved again in every run.
    pub(crate) models: Vec<Solve>,
}

impl Drop for Tape {
    fn drop(&mut self) {
        fn emptied<T>(numbers: &mut Vec<T>) -> Vec<T> {
            numbers.clear();
            std::mem::take(numbers)
        }
        room::keep_tape(TapeRoom {
            ops: emptied(&mut self.ops),
            operands: emptied(&mut self.operands),
            values: emptied(&mut self.values),
            dimensions: emptied(&mut self.dimensions),
            leaves: emptied(&mut self.leaves),
            leaf_registers: emptied(&mut self.leaf_registers),
        });
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape").field("ops", &self.ops).field("values", &self.values).finish_non_exhaustive()
    }
}

impl Tape {
    /// An empty tape with room for this many registers.
    pub(super) fn with_capacity(registers: usize) -> Self {
        let TapeRoom { mut ops, mut operands, mut values, mut dimensions, mut leaves, mut leaf_registers } =
            room::tape();
        ops.reserve(registers);
        operands.reserve(registers * 2 / 3);
        values.reserve(registers);
        dimensions.reserve(registers);
        leaves.reserve(registers / 4);
        leaf_registers.reserve(registers / 4);
        Self { ops, operands, values, dimensions, leaves, leaf_registers, named: Vec::new(), models: Vec::new() }
    }

    fn push<Q: Unit>(&mut self, op: PlanOp, value: f64) -> Num<Q> {
        Num(self.add_register(op, Quantity::new(value, Q::DIM)), PhantomData)
    }

    /// One more register; its operands stand before it.
    pub(super) fn add_register(&mut self, op: PlanOp, value: Quantity) -> Register {
        // A tape of four thousand million numbers does not fit into memory.
        let register = Register::at(self.ops.len());
        self.ops.push(op);
        self.values.push(value.si);
        self.dimensions.push(value.dim);
        register
    }

    fn value<Q>(&self, number: Num<Q>) -> f64 {
        self.values[number.0.index()]
    }

    /// A number that somebody stated.
    pub(super) fn leaf(&mut self, value: Quantity, leaf: Leaf) -> Register {
        let index = u32::try_from(self.leaves.len()).unwrap_or(u32::MAX);
        let register = self.add_register(PlanOp::Leaf(index), value);
        self.leaves.push(leaf);
        self.leaf_registers.push(register);
        register
    }

    /// A count or a factor that follows from the structure.
    pub(super) fn constant(&mut self, value: f64) -> Num<Fraction> {
        self.push(PlanOp::Constant, value)
    }

    /// Nothing of a kind.
    pub(super) fn zero<Q: Unit>(&mut self) -> Num<Q> {
        self.push(PlanOp::Constant, 0.0)
    }

    /// Sum; of a single number itself.
    pub(crate) fn sum<Q: Unit>(&mut self, numbers: &[Num<Q>]) -> Num<Q> {
        if let [only] = numbers {
            return *only;
        }
        let value = numbers.iter().map(|n| self.value(*n)).fold(0.0, |a, b| a + b);
        let (first, count) = self.list(numbers);
        self.push(PlanOp::Sum { first, count }, value)
    }

    /// The same number in a register of its own, for what belongs to one group although the number is that of many.
    pub(super) fn own<Q: Unit>(&mut self, number: Num<Q>) -> Num<Q> {
        let value = self.value(number);
        let (first, count) = self.list(&[number]);
        self.push(PlanOp::Sum { first, count }, value)
    }

    /// The largest; of a single number itself.
    pub(super) fn max<Q: Unit>(&mut self, numbers: &[Num<Q>]) -> Num<Q> {
        if let [only] = numbers {
            return *only;
        }
        let value = numbers.iter().map(|n| self.value(*n)).fold(f64::NEG_INFINITY, f64::max);
        let (first, count) = self.list(numbers);
        self.push(PlanOp::Max { first, count }, value)
    }

    /// The smaller of two.
    pub(super) fn min<Q: Unit>(&mut self, a: Num<Q>, b: Num<Q>) -> Num<Q> {
        let value = self.value(a).min(self.value(b));
        self.push(PlanOp::Min(a.0, b.0), value)
    }

    /// Sum of two.
    pub(super) fn add<Q: Unit>(&mut self, a: Num<Q>, b: Num<Q>) -> Num<Q> {
        self.sum(&[a, b])
    }

    /// Difference.
    pub(super) fn sub<Q: Unit>(&mut self, a: Num<Q>, b: Num<Q>) -> Num<Q> {
        let value = self.value(a) - self.value(b);
        self.push(PlanOp::Sub(a.0, b.0), value)
    }

    /// Product of two kinds.
    pub(super) fn mul<A, B>(&mut self, a: Num<A>, b: Num<B>) -> Num<A::Output>
    where
        A: Unit + Mul<B>,
        B: Unit,
        A::Output: Unit,
    {
        let value = self.value(a) * self.value(b);
        self.push(PlanOp::Mul(a.0, b.0), value)
    }

    /// A number times a plain one.
    pub(super) fn times<Q: Unit>(&mut self, quantity: Num<Q>, factor: Num<Fraction>) -> Num<Q> {
        let value = self.value(quantity) * self.value(factor);
        self.push(PlanOp::Mul(quantity.0, factor.0), value)
    }

    /// A number times a count; the count 1 changes nothing.
    pub(super) fn count<Q: Unit>(&mut self, quantity: Num<Q>, count: f64) -> Num<Q> {
        if count == 1.0 {
            return quantity;
        }
        let count = self.constant(count);
        self.times(quantity, count)
    }

    /// Quotient of two kinds.
    pub(super) fn div<A, B>(&mut self, a: Num<A>, b: Num<B>) -> Num<A::Output>
    where
        A: Unit + Div<B>,
        B: Unit,
        A::Output: Unit,
    {
        let value = self.value(a) / self.value(b);
        self.push(PlanOp::Div(a.0, b.0), value)
    }

    /// One over a number.
    pub(super) fn inverse<Q: Unit, R: Unit>(&mut self, number: Num<Q>) -> Num<R> {
        let one = self.constant(1.0);
        let value = 1.0 / self.value(number);
        self.push(PlanOp::Div(one.0, number.0), value)
    }

    fn list<Q>(&mut self, numbers: &[Num<Q>]) -> (u32, u32) {
        self.add_operands(numbers.iter().map(|n| n.0))
    }

    /// A list of operands.
    pub(super) fn add_operands(&mut self, registers: impl ExactSizeIterator<Item = Register>) -> (u32, u32) {
        let (first, count) = (self.operands.len(), registers.len());
        self.operands.extend(registers);
        (u32::try_from(first).unwrap_or(u32::MAX), u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// A register's value as a quantity.
    pub(crate) fn quantity(&self, register: Register) -> Quantity {
        Quantity::new(self.values[register.index()], self.dimensions[register.index()])
    }

    /// How a register follows from others.
    pub(crate) fn op(&self, register: Register) -> PlanOp {
        self.ops[register.index()]
    }

    /// What a register is of a group's numbers: a leaf, or a number that others are below; none for what is between these.
    pub(crate) fn number(&self, register: Register) -> Option<Leaf> {
        match self.op(register) {
            PlanOp::Leaf(leaf) => Some(self.leaves[leaf as usize]),
            PlanOp::Named { named, .. } => Some(self.named[named as usize]),
            _ => None,
        }
    }

    /// A number that follows from others as a register does.
    pub(super) fn add_named(&mut self, leaf: Leaf, as_in: Register, value: Quantity) -> Register {
        let named = u32::try_from(self.named.len()).unwrap_or(u32::MAX);
        self.named.push(leaf);
        self.add_register(PlanOp::Named { named, as_in }, value)
    }

    /// The values at which the numbers were written down, by register.
    pub(crate) fn values_si(&self) -> &[f64] {
        &self.values
    }

    /// The operands of an n-ary operation.
    pub(crate) fn operands(&self, first: u32, count: u32) -> &[Register] {
        &self.operands[first as usize..(first + count) as usize]
    }

    /// A condition and the two numbers that it chooses from.
    pub(crate) fn choice(&self, operands: u32) -> [Register; 3] {
        let at = operands as usize;
        [self.operands[at], self.operands[at + 1], self.operands[at + 2]]
    }

    /// The number that a condition chooses, with these values.
    pub(crate) fn taken(&self, operands: u32, values: &[f64]) -> Register {
        let [condition, first, second] = self.choice(operands);
        if values[condition.index()] == 0.0 { second } else { first }
    }

    /// The registers that a register is computed from.
    pub(crate) fn operands_of(&self, register: Register) -> Vec<Register> {
        match self.op(register) {
            PlanOp::Leaf(_) | PlanOp::Constant => Vec::new(),
            PlanOp::Sum { first, count } | PlanOp::Max { first, count } | PlanOp::Model { first, count, .. } => {
                self.operands(first, count).to_vec()
            }
            PlanOp::Sub(a, b)
            | PlanOp::Mul(a, b)
            | PlanOp::Div(a, b)
            | PlanOp::Min(a, b)
            | PlanOp::Power(a, b)
            | PlanOp::Compare(_, a, b) => {
                vec![a, b]
            }
            PlanOp::Choose { operands } => self.operands(operands, 3).to_vec(),
            PlanOp::Apply(_, a) | PlanOp::Named { as_in: a, .. } => vec![a],
        }
    }

    /// Computes every register from the leaves, which stand in `values` already.
    pub(super) fn run(&self, values: &mut [f64]) {
        for (at, op) in self.ops.iter().enumerate() {
            if let Some(value) = self.computed(*op, values) {
                values[at] = value;
            }
        }
    }

    /// What an operation gives; none for what is no operation.
    fn computed(&self, op: PlanOp, values: &[f64]) -> Option<f64> {
        let of = |register: Register| values[register.index()];
        Some(match op {
            PlanOp::Leaf(_) | PlanOp::Constant => return None,
            PlanOp::Sum { first, count } => self.operands(first, count).iter().fold(0.0, |sum, r| sum + of(*r)),
            PlanOp::Max { first, count } => {
                self.operands(first, count).iter().fold(f64::NEG_INFINITY, |max, r| f64::max(max, of(*r)))
            }
            PlanOp::Sub(a, b) => of(a) - of(b),
            PlanOp::Mul(a, b) => of(a) * of(b),
            PlanOp::Div(a, b) => quotient(of(a), of(b)),
            PlanOp::Min(a, b) => of(a).min(of(b)),
            PlanOp::Power(a, b) => Step::Power.of_two(of(a), of(b)),
            PlanOp::Compare(comparison, a, b) => comparison.of(of(a), of(b)),
            PlanOp::Choose { operands } => {
                let [condition, first, second] = self.choice(operands);
                units::chosen(of(condition), of(first), of(second))
            }
            PlanOp::Apply(function, a) => function.of_one(of(a)),
            PlanOp::Named { as_in, .. } => of(as_in),
            PlanOp::Model { model, first, count } => self.solved(model, self.operands(first, count), values),
        })
    }

    /// A circuit solved with the values of its operands; not a number where it has no solution.
    pub(super) fn solved(&self, model: u32, operands: &[Register], values: &[f64]) -> f64 {
        let given: Vec<f64> = operands.iter().map(|register| values[register.index()]).collect();
        self.models[model as usize](&given).unwrap_or(f64::NAN)
    }
}

/// What is divided by nothing is not a number: an infinite one below another quotient would end as an innocent zero.
fn quotient(a: f64, b: f64) -> f64 {
    if b == 0.0 { f64::NAN } else { a / b }
}
