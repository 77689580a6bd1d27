//! Room of plans that are gone, used again by the next plan of the same thread: an allocator would give it back to the system and ask for it anew,
//! which takes as long as writing the plan.

use std::cell::RefCell;

use super::leaf::Leaf;
use super::tape::{PlanOp, Register};
use crate::units::Dimension;

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// What a tape is written on.
#[derive(Default)]
pub(super) struct TapeRoom {
    pub ops: Vec<PlanOp>,
    pub operands: Vec<Register>,
    pub values: Vec<f64>,
    pub dimensions: Vec<Dimension>,
    pub leaves: Vec<Leaf>,
    pub leaf_registers: Vec<Register>,
}

#[derive(Default)]
struct Room {
    tape: TapeRoom,
    numbers: Vec<Vec<f64>>,
}

/// Registers of a tape that is kept, and numbers of a list: what is larger is given back.
const MOST_KEPT: usize = 1 << 16;
/// Lists of numbers that are kept.
const MOST_LISTS: usize = 4;

/// The room of a tape that is gone, or none.
pub(super) fn tape() -> TapeRoom {
    ROOM.try_with(|room| std::mem::take(&mut room.borrow_mut().tape)).unwrap_or_default()
}

/// Keeps the room of a tape that is gone.
pub(super) fn keep_tape(tape: TapeRoom) {
    if (1..=MOST_KEPT).contains(&tape.ops.capacity()) {
        // Where a thread ends there is no room any more.
        let _ = ROOM.try_with(|room| room.borrow_mut().tape = tape);
    }
}

/// So many zeros.
pub(in crate::cost) fn zeros(count: usize) -> Vec<f64> {
    let kept = ROOM.try_with(|room| room.borrow_mut().numbers.pop()).ok().flatten();
    let mut numbers = kept.unwrap_or_default();
    numbers.clear();
    numbers.resize(count, 0.0);
    numbers
}

/// Keeps the room of a list of numbers.
pub(in crate::cost) fn keep_numbers(numbers: Vec<f64>) {
    if numbers.capacity() > MOST_KEPT {
        return;
    }
    // Where a thread ends there is no room any more.
    let _ = ROOM.try_with(|room| {
        let kept = &mut room.borrow_mut().numbers;
        if kept.len() < MOST_LISTS {
            kept.push(numbers);
        }
    });
}
