//! The numbers that describe a design's circuits, on the tape: as leaves, or as what follows from other numbers by formulas and models.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use petgraph::graph::NodeIndex;

use super::leaf::{Leaf, What};
use super::tape::{Num, PlanOp, Register, Solve, Tape};
use crate::cost::placed::{OtherValues, PlacedCircuits, PlacedNumber};
use crate::design::{Design, Role};
use crate::techlib::{Basis, NumberId, Origin};
use crate::units::{self, Dimension, Formula, Function, Quantity, Step, Time, Unit};

/// Which numbers are leaves of a plan.
#[derive(Debug, Clone)]
pub(super) enum Open {
    /// Figures as they are: nothing below them is on the tape.
    Figures,
    /// Those that rest on no others; everything is computed from them.
    Everything,
    /// These, and the figures that rest on none of them.
    These(BTreeSet<PlacedNumber>),
}

/// Writes numbers on a tape, each once.
pub(super) struct NumberWriter<'d> {
    design: &'d Design,
    open: Open,
    /// Registers of the library's numbers, by their place.
    of_library: Vec<Option<Register>>,
    known: HashMap<PlacedNumber, Register>,
    /// The design for the models that are solved in every run.
    shared: Option<Arc<Design>>,
}

/// Solves a number from circuits in their place; none where there is none.
pub(super) type SolveInPlace<Q> = fn(PlacedCircuits<'_>, NodeIndex) -> Option<Q>;

impl<'d> NumberWriter<'d> {
    pub(super) fn new(design: &'d Design, open: Open) -> Self {
        let of_library = vec![None; design.library.numbers.len()];
        Self { design, open, of_library, known: HashMap::new(), shared: None }
    }

    /// A figure of the library.
    pub(super) fn figure<Q: Unit>(&mut self, tape: &mut Tape, id: NumberId, what: What, group: NodeIndex) -> Num<Q> {
        Num::at(self.register(tape, PlacedNumber::OfLibrary(id), what, group))
    }

    /// The time from one inference to the next, where it is stated.
    pub(super) fn period(&mut self, tape: &mut Tape) -> Option<Num<Time>> {
        self.design.period?;
        Some(Num::at(self.register(tape, PlacedNumber::Period, What::Period, NodeIndex::new(0))))
    }

    fn register(&mut self, tape: &mut Tape, number: PlacedNumber, what: What, group: NodeIndex) -> Register {
        let known = match number {
            PlacedNumber::OfLibrary(id) => self.of_library[id.index()],
            _ => self.known.get(&number).copied(),
        };
        if let Some(known) = known {
            return known;
        }
        let leaf = Leaf { what, number: Some(number), group, assumed: self.is_assumed(number) };
        let register = match number {
            PlacedNumber::OfLibrary(id) if self.follows(id) => {
                let as_in = self.computed(tape, id, group);
                tape.add_named(leaf, as_in, self.stated(number))
            }
            _ => tape.leaf(self.stated(number), leaf),
        };
        match number {
            PlacedNumber::OfLibrary(id) => self.of_library[id.index()] = Some(register),
            _ => {
                self.known.insert(number, register);
            }
        }
        register
    }

    /// True if a number of the library is computed on the tape.
    fn follows(&self, id: NumberId) -> bool {
        let numbers = &self.design.library.numbers;
        !numbers.get(id).operands().is_empty()
            && match &self.open {
                Open::Figures => false,
                Open::Everything => true,
                Open::These(open) => {
                    !open.contains(&PlacedNumber::OfLibrary(id)) && self.moves(PlacedNumber::OfLibrary(id))
                }
            }
    }

    /// True if a number is an open one or rests on one.
    fn moves(&self, number: PlacedNumber) -> bool {
        match &self.open {
            Open::Figures => false,
            Open::Everything => true,
            Open::These(open) => open.iter().any(|other| match (number, *other) {
                (PlacedNumber::OfLibrary(id), PlacedNumber::OfLibrary(other)) => {
                    self.design.library.numbers.rests_on(id, other)
                }
                (number, other) => number == other,
            }),
        }
    }

    fn stated(&self, number: PlacedNumber) -> Quantity {
        let usage = |crossbar: NodeIndex| match &self.design.graph[crossbar].role {
            Role::Crossbar(_, usage) => Some(usage),
            _ => None,
        };
        let circuits = PlacedCircuits::from(self.design);
        let of_crossbar = match number {
            PlacedNumber::OfLibrary(id) => return self.design.library.numbers.get(id).value,
            PlacedNumber::Period => {
                return self.design.period.map_or(Quantity::number(f64::NAN), |period| period.value.into());
            }
            PlacedNumber::ActiveRows(node) => usage(node).map(|usage| circuits.active_rows(node, usage)),
            PlacedNumber::MeanLevel(node) => usage(node).and_then(|usage| circuits.mean_level(node, usage)),
            PlacedNumber::LowResistance(node) => usage(node).map(|usage| circuits.low_resistance(node, usage)),
        };
        of_crossbar.map_or(Quantity::number(f64::NAN), Quantity::from)
    }

    fn is_assumed(&self, number: PlacedNumber) -> bool {
        match number {
            PlacedNumber::Period => false,
            PlacedNumber::OfLibrary(id) => {
                self.design.library.numbers.get(id).provenance().is_some_and(|p| p.basis == Basis::Assumed)
            }
            PlacedNumber::ActiveRows(node) | PlacedNumber::MeanLevel(node) | PlacedNumber::LowResistance(node) => {
                matches!(&self.design.graph[node].role, Role::Crossbar(_, usage) if usage.statistics_assumed)
            }
        }
    }

    /// The registers of what a number of the library follows from, and its own.
    fn computed(&mut self, tape: &mut Tape, id: NumberId, group: NodeIndex) -> Register {
        let design = self.design;
        let number = design.library.numbers.get(id);
        let of = |writer: &mut Self, tape: &mut Tape, of: &[NumberId]| -> Vec<Register> {
            let one = |id: &NumberId| writer.register(tape, PlacedNumber::OfLibrary(*id), What::Parameter, group);
            of.iter().map(one).collect()
        };
        match &number.origin {
            Origin::Formula { formula, of: operands } => {
                let operands = of(self, tape, operands);
                write_formula(tape, formula, &operands)
            }
            Origin::Model { model, of: ids } => {
                let registers = of(self, tape, ids);
                let (model, ids) = (model.clone(), model.numbers.ids());
                let value = move |id: NumberId, values: &[f64]| {
                    ids.iter().position(|of| *of == id).map_or(f64::NAN, |place| values[place])
                };
                let solve: Solve = Arc::new(move |values| model.value(&|id| value(id, values)));
                write_model(tape, solve, &registers, number.value)
            }
            // Numbers without operands are leaves.
            Origin::Stated | Origin::Place(_) | Origin::Placed(_) | Origin::Setting { .. } => {
                tape.add_register(PlanOp::Constant, number.value)
            }
        }
    }

    /// A number that is solved from circuits in their place: a leaf where none of the numbers that describe them moves.
    /// `read` are the numbers that the solution has asked for.
    pub(super) fn solved<Q: Unit + 'static>(
        &mut self,
        tape: &mut Tape,
        (what, group): (What, NodeIndex),
        (stated, read): (Q, &[PlacedNumber]),
        solve: SolveInPlace<Q>,
    ) -> Num<Q> {
        let assumed = read.iter().any(|number| self.is_assumed(*number));
        let leaf = Leaf { what, number: None, group, assumed };
        let moving: BTreeSet<PlacedNumber> = read.iter().copied().filter(|number| self.moves(*number)).collect();
        if moving.is_empty() {
            return Num::at(tape.leaf(stated.into(), leaf));
        }
        let moving: Vec<PlacedNumber> = moving.into_iter().collect();
        let what = |number: PlacedNumber| match number {
            PlacedNumber::OfLibrary(_) => What::Parameter,
            PlacedNumber::Period => What::Period,
            PlacedNumber::ActiveRows(_) => What::ActiveRows,
            PlacedNumber::MeanLevel(_) => What::MeanLevel,
            PlacedNumber::LowResistance(_) => What::LowResistance,
        };
        let registers: Vec<Register> =
            moving.iter().map(|number| self.register(tape, *number, what(*number), group)).collect();
        let design = self.shared.get_or_insert_with(|| Arc::new(self.design.clone())).clone();
        let solve: Solve = Arc::new(move |values| {
            let value = |number: PlacedNumber| moving.binary_search(&number).ok().map(|place| values[place]);
            let other = OtherValues::new(&value);
            let found = solve(PlacedCircuits::with(&design, &other), group).map(|q| q.si());
            found.filter(|_| !other.are_impossible())
        });
        let as_in = write_model(tape, solve, &registers, stated.into());
        Num::at(tape.add_named(leaf, as_in, stated.into()))
    }
}

/// Solves something and says which numbers it asked for.
pub(super) fn reading<T>(design: &Design, solve: impl FnOnce(PlacedCircuits<'_>) -> T) -> (T, Vec<PlacedNumber>) {
    let read = RefCell::new(Vec::with_capacity(32));
    let note = |number: PlacedNumber| {
        read.borrow_mut().push(number);
        None
    };
    let found = solve(PlacedCircuits::with(design, &OtherValues::new(&note)));
    (found, read.into_inner())
}

fn write_model(tape: &mut Tape, solve: Solve, operands: &[Register], value: Quantity) -> Register {
    let model = u32::try_from(tape.models.len()).unwrap_or(u32::MAX);
    tape.models.push(solve);
    let (first, count) = tape.add_operands(operands.iter().copied());
    tape.add_register(PlanOp::Model { model, first, count }, value)
}

/// A formula as operations of the tape; its steps are in postfix order.
fn write_formula(tape: &mut Tape, formula: &Formula, operands: &[Register]) -> Register {
    let mut stack: Vec<Register> = Vec::new();
    for step in formula.steps() {
        let register = match step {
            Step::Operand(index) => operands[index],
            Step::Constant(quantity) => tape.add_register(PlanOp::Constant, quantity),
            _ => {
                let upper = stack.pop();
                let lower = if step.takes() >= 2 { stack.pop() } else { upper };
                let condition = if step.takes() == 3 { stack.pop() } else { upper };
                match (condition, lower, upper) {
                    (Some(condition), Some(lower), Some(upper)) if step == Step::Choose => {
                        write_choice(tape, condition, lower, upper)
                    }
                    (_, Some(lower), Some(upper)) => write_step(tape, step, lower, upper),
                    _ => tape.add_register(PlanOp::Constant, Quantity::number(f64::NAN)),
                }
            }
        };
        stack.push(register);
    }
    stack.pop().unwrap_or_else(|| tape.add_register(PlanOp::Constant, Quantity::number(f64::NAN)))
}

fn write_choice(tape: &mut Tape, condition: Register, first: Register, second: Register) -> Register {
    let of = [condition, first, second].map(|register| tape.quantity(register));
    let value = Quantity::new(units::chosen(of[0].si, of[1].si, of[2].si), of[1].dim);
    let (operands, _) = tape.add_operands([condition, first, second].into_iter());
    tape.add_register(PlanOp::Choose { operands }, value)
}

/// One step over two registers; of a step that takes one value both are the same.
fn write_step(tape: &mut Tape, step: Step, lower: Register, upper: Register) -> Register {
    let (a, b) = (tape.quantity(lower), tape.quantity(upper));
    let dim = step.dimension([a.dim, b.dim], b.si).unwrap_or(Dimension::NUMBER);
    let value = if step.takes() == 2 { step.of_two(a.si, b.si) } else { step.of_one(a.si) };
    let op = match step {
        Step::Add => {
            let (first, count) = tape.add_operands([lower, upper].into_iter());
            PlanOp::Sum { first, count }
        }
        Step::Call(Function::Max) => {
            let (first, count) = tape.add_operands([lower, upper].into_iter());
            PlanOp::Max { first, count }
        }
        Step::Call(Function::Min) => PlanOp::Min(lower, upper),
        Step::Call(function) => PlanOp::Apply(function, lower),
        Step::Subtract => PlanOp::Sub(lower, upper),
        Step::Multiply => PlanOp::Mul(lower, upper),
        Step::Divide => PlanOp::Div(lower, upper),
        Step::Power => PlanOp::Power(lower, upper),
        Step::Compare(comparison) => PlanOp::Compare(comparison, lower, upper),
        Step::Negate => {
            let minus = tape.add_register(PlanOp::Constant, Quantity::number(-1.0));
            PlanOp::Mul(lower, minus)
        }
        // Those that take nothing are no operations.
        Step::Constant(_) | Step::Operand(_) | Step::Choose => PlanOp::Constant,
    };
    tape.add_register(op, Quantity::new(value, dim))
}
