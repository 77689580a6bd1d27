//! Recurrent layers.

use super::super::graph::OnnxNode;
use super::super::layer::{ImportedKind, ImportedShape};
use super::super::view::{AxisPart, PickedToken, TensorView, merged};
use super::{NetworkBuilder, Note, Outcome, TracedValue, Trouble};

impl<'m> NetworkBuilder<'m> {
    /// `LSTM` and `GRU`, in one direction or both.
    pub(super) fn recurrent(
        &mut self,
        node: &OnnxNode<'m>,
        inputs: &[Option<TracedValue>],
    ) -> Outcome<Vec<TracedValue>> {
        let view = self.view(inputs, 0)?;
        let view = self.plain(node, view)?;
        let sizes = view.sizes();
        let batch_first = node.int("layout").unwrap_or(0) != 0;
        let (tokens, features) = match *sizes {
            [1, tokens, features] if batch_first => (tokens, features),
            [tokens, 1, features] if !batch_first => (tokens, features),
            _ => return Err(Trouble::because("takes more than one sequence at once")),
        };
        let matrix = self.stored(inputs, 1, "weights")?;
        let gates: usize = if node.operator == "LSTM" { 4 } else { 3 };
        let &[directions, rows, columns] = matrix.sizes.as_slice() else { return Err(unfit()) };
        if columns != features || !(1..=2).contains(&directions) || rows == 0 || !rows.is_multiple_of(gates) {
            return Err(unfit());
        }
        let hidden = rows / gates;
        let state = |value: &TracedValue| !matches!(value, TracedValue::Const(_));
        if inputs.iter().skip(5).take(2).flatten().any(state) {
            self.notes.add(Note::State);
        }
        let source = self.canonical(node, &view, ImportedShape::Sequence { tokens, features })?;
        let output = ImportedShape::Sequence { tokens, features: hidden };
        let macs = [tokens, gates, hidden, features + hidden].iter().fold(1_u64, |n, &f| n.saturating_mul(f as u64));
        let word = if gates == 4 { "lstm" } else { "gru" };
        let mut made = Vec::new();
        for _ in 0..directions {
            let kind = match gates {
                4 => ImportedKind::Lstm { hidden, steps: tokens },
                _ => ImportedKind::Gru { hidden, steps: tokens },
            };
            let name = self.names.of(node, None, word);
            made.push(self.push(name, kind, Self::from(source), output, macs));
        }
        let whole = if directions == 2 {
            self.notes.add(Note::LastState);
            let from = made.iter().map(|&layer| Self::feeder(layer)).collect();
            let name = self.names.of(node, None, "concat");
            self.push(name, ImportedKind::Concat, from, output.with_width(2 * hidden), 0)
        } else {
            made[0]
        };
        Ok(outputs(whole, tokens, directions, hidden, batch_first))
    }
}

/// All states, the last one, and the last content of the cells.
fn outputs(source: usize, tokens: usize, directions: usize, hidden: usize, batch_first: bool) -> Vec<TracedValue> {
    let part = |stride: usize, size: usize| merged(std::iter::once(AxisPart { axis: 1, stride, size }));
    let time = merged(std::iter::once(AxisPart { axis: 0, stride: 1, size: tokens }));
    let (direction, state) = (part(hidden, directions), part(1, hidden));
    let one = Vec::new;
    let all = if batch_first {
        vec![one(), time, direction.clone(), state.clone()]
    } else {
        vec![time, direction.clone(), one(), state.clone()]
    };
    let last = if batch_first { vec![one(), direction, state] } else { vec![direction, one(), state] };
    let view = TensorView { source, dims: all, sole: true, token: None, pad: [0; 4] };
    let token = (tokens > 1).then_some(PickedToken::Last);
    let last = TensorView { dims: last, token, ..view.clone() };
    vec![TracedValue::TensorView(view), TracedValue::TensorView(last), TracedValue::Unknown]
}

fn unfit() -> Trouble {
    Trouble::because("has weights that do not fit")
}
