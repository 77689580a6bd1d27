//! Room of plans that are gone, used again by the next plan of the same thread: an allocator would give it back to the system and ask for it anew,
//! which takes as long as writing the plan.

use std::cell::RefCell;

use super::tape::Tape;

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

#[derive(Default)]
struct Room {
    tape: Tape,
    numbers: Vec<Vec<f64>>,
}

/// Registers of a tape that is kept, and numbers of a list: what is larger is given back.
const MOST_KEPT: usize = 1 << 16;
/// Lists of numbers that are kept.
const MOST_LISTS: usize = 4;

/// An empty tape, with the room of one that is gone.
pub(super) fn tape() -> Tape {
    ROOM.try_with(|room| std::mem::take(&mut room.borrow_mut().tape)).unwrap_or_default()
}

/// Keeps the room of a tape that is gone.
pub(super) fn keep_tape(tape: &mut Tape) {
    let registers = tape.capacity();
    if registers == 0 || registers > MOST_KEPT {
        return;
    }
    let mut tape = std::mem::take(tape);
    tape.clear();
    // Where a thread ends there is no room any more.
    let smaller = ROOM.try_with(|room| std::mem::replace(&mut room.borrow_mut().tape, tape));
    if let Ok(mut smaller) = smaller {
        smaller.give_back();
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
