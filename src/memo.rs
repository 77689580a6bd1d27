//! Answers that are kept, so that the same question costs once in a run.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, OnceLock};

/// More answers are not kept: a sweep asks for ever new ones.
const MOST: usize = 4096;

/// Questions and their answers; meant for a `static`.
pub(crate) struct Memo<K, V>(OnceLock<Mutex<HashMap<K, V>>>);

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The answer to a question, worked out by `answer` the first time.
    pub(crate) fn get(&self, question: K, answer: impl FnOnce() -> V) -> V {
        // A thread that panicked while it held the lock has left whole entries behind.
        let known = || self.0.get_or_init(Mutex::default).lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(answer) = known().get(&question) {
            return answer.clone();
        }
        // The lock is free while the answer is worked out.
        let answer = answer();
        let mut known = known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(question, answer.clone());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_once() {
        let memo = Memo::new();
        assert_eq!(memo.get(1, || "one"), "one");
        assert_eq!(memo.get(1, || "another"), "one");
        assert_eq!(memo.get(2, || "two"), "two");
    }

    #[test]
    fn answers_do_not_pile_up() {
        let memo = Memo::new();
        for question in 0..3 * MOST {
            assert_eq!(memo.get(question, || question + 1), question + 1);
        }
        assert!(memo.0.get().unwrap().lock().unwrap().len() <= MOST);
    }
}
