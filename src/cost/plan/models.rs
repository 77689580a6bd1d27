//! Models as operations of the tape: physics that takes numbers and gives numbers.

use super::tape::Register;

/// One use of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    first: u32,
    count: u32,
}

impl Call {
    pub(super) fn with_operands(mut self, first: u32, count: usize) -> Self {
        self.first = first;
        self.count = u32::try_from(count).unwrap_or(u32::MAX);
        self
    }

    /// What the outputs follow from.
    pub(crate) fn operands<'t>(&self, operands: &'t [Register]) -> &'t [Register] {
        &operands[self.first as usize..(self.first + self.count) as usize]
    }

    /// Computes the outputs into the registers from `at` on.
    pub(super) fn run(&self, _operands: &[Register], _values: &mut [f64], _at: usize) {}
}
