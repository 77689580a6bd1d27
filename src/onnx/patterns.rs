//! Functions that exporters write as several operations: one operation stands for each afterwards.

use super::graph::{Graph, OnnxNode};
use super::proto::GraphProto;
use super::scalars::Scalars;

/// Operations of one function, at most.
const MOST_NODES: usize = 24;

/// Finds them all. The operation that makes the result becomes the function; those that only it needs are gone.
pub(super) fn recognise<'m>(graph: &mut Graph<'m>, file: &'m GraphProto) {
    let scalars = Scalars::of(graph, file);
    let last = graph.nodes.len();
    for index in 0..last {
        if let Some(found) = found(graph, &scalars, index) {
            replace(graph, found);
        }
    }
    graph.count(file);
}

/// A function that several operations make.
struct Found<'m> {
    /// The operation that makes its result.
    result: usize,
    /// Its name among operators.
    operator: &'static str,
    /// What it takes.
    inputs: Vec<&'m str>,
}

fn found<'m>(graph: &Graph<'m>, scalars: &Scalars<'m>, index: usize) -> Option<Found<'m>> {
    let look = Look { graph, scalars };
    let node = graph.nodes.get(index).filter(|node| !node.gone)?;
    match node.operator {
        "Mul" => look.gated(node).or_else(|| look.rms(node)).or_else(|| look.hard_swish(node)),
        "Erf" => look.gelu(node, &["Div", "Mul"]),
        "Tanh" => look.gelu(node, &["Mul"]),
        "Div" => look.layer_norm(node).or_else(|| look.hard_swish(node)).or_else(|| look.hard_sigmoid(node)),
        "InstanceNormalization" => look.group_norm(node),
        "Where" => look.softplus(node),
        _ => None,
    }
}

/// Puts the function in the place of its result, and takes away what nobody else needs.
fn replace<'m>(graph: &mut Graph<'m>, found: Found<'m>) {
    let Found { result, operator, inputs } = found;
    let mut waiting = std::mem::replace(&mut graph.nodes[result].inputs, inputs);
    let node = &mut graph.nodes[result];
    node.operator = operator;
    node.attributes = &[];
    for input in node.inputs.clone() {
        *graph.taken.entry(input).or_default() += 1;
    }
    while let Some(value) = waiting.pop() {
        let taken = graph.taken.entry(value).or_default();
        *taken = taken.saturating_sub(1);
        if *taken == 0
            && let Some(&maker) = graph.producer.get(value)
            && graph.nodes[maker].outputs.iter().all(|output| graph.taken.get(output).is_none_or(|&n| n == 0))
            && !graph.nodes[maker].gone
        {
            graph.nodes[maker].gone = true;
            waiting.extend(graph.nodes[maker].inputs.iter().filter(|name| !name.is_empty()));
        }
    }
}

struct Look<'a, 'm> {
    graph: &'a Graph<'m>,
    scalars: &'a Scalars<'m>,
}

impl<'m> Look<'_, 'm> {
    fn maker(&self, value: &str, operator: &str) -> Option<&OnnxNode<'m>> {
        self.graph.maker(value).filter(|node| node.operator == operator)
    }

    /// The one that takes a value.
    fn taker(&self, value: &'m str, from: usize) -> Option<(usize, &OnnxNode<'m>)> {
        self.graph.is_taken_once(value).then_some(())?;
        let near = self.graph.nodes.iter().enumerate().skip(from + 1);
        near.take(MOST_NODES * 4).find(|(_, node)| !node.gone && node.inputs.contains(&value))
    }

    /// The input of an operation of two that is a number, and the other one.
    fn with_number(&self, node: &OnnxNode<'m>, number: f64) -> Option<&'m str> {
        let &[a, b] = node.inputs.as_slice() else { return None };
        if self.scalars.is(b, number) {
            return Some(a);
        }
        (self.scalars.is(a, number) && matches!(node.operator, "Add" | "Mul")).then_some(b)
    }

    /// `x * g(x)`: SiLU, Mish, hard swish by its factor.
    fn gated(&self, node: &OnnxNode<'m>) -> Option<Found<'m>> {
        let &[a, b] = node.inputs.as_slice() else { return None };
        let one = |x: &'m str, gate: &'m str| {
            let gate = self.graph.maker(gate)?;
            let inside = gate.input(0)?;
            let operator = match gate.operator {
                "Sigmoid" if inside == x => "imcost.silu",
                "Sigmoid" => {
                    let scaled = self.maker(inside, "Mul")?;
                    scaled.inputs.contains(&x).then_some(())?;
                    self.with_number(scaled, 1.702)?;
                    "imcost.quick-gelu"
                }
                "HardSigmoid" | "imcost.hard-sigmoid" if inside == x => "imcost.hard-swish",
                "Tanh" if self.maker(inside, "Softplus").is_some_and(|soft| soft.input(0) == Some(x)) => "imcost.mish",
                _ => return None,
            };
            Some(Found { result: node.index, operator, inputs: vec![x] })
        };
        one(a, b).or_else(|| one(b, a))
    }

    /// `max(0, min(6, x + 3))`, of which `x` is given back.
    fn clipped(&self, value: &'m str) -> Option<&'m str> {
        let clip = self.maker(value, "Clip")?;
        let limit = |index: usize, name: &str, number: f64| {
            clip.input(index).map_or_else(|| clip.float(name) == Some(number), |value| self.scalars.is(value, number))
        };
        (limit(1, "min", 0.0) && limit(2, "max", 6.0)).then_some(())?;
        self.with_number(self.maker(clip.input(0)?, "Add")?, 3.0)
    }

    fn hard_sigmoid(&self, node: &OnnxNode<'m>) -> Option<Found<'m>> {
        let x = self.clipped(self.with_number(node, 6.0)?)?;
        Some(Found { result: node.index, operator: "imcost.hard-sigmoid", inputs: vec![x] })
    }

    /// `x * clip(x + 3) / 6`, divided before or after.
    fn hard_swish(&self, node: &OnnxNode<'m>) -> Option<Found<'m>> {
        let product = if node.operator == "Div" { self.maker(self.with_number(node, 6.0)?, "Mul")? } else { node };
        let &[a, b] = product.inputs.as_slice() else { return None };
        if product.index == node.index {
            return None;
        }
        let x = if self.clipped(b) == Some(a) { a } else { Some(b).filter(|&b| self.clipped(a) == Some(b))? };
        Some(Found { result: node.index, operator: "imcost.hard-swish", inputs: vec![x] })
    }

    /// `x / 2 * (1 + f(…))`, in any order of its factors; `f` is erf of a multiple of `x`, or tanh of a polynomial of it.
    fn gelu(&self, function: &OnnxNode<'m>, inner: &[&str]) -> Option<Found<'m>> {
        let (index, sum) = self.taker(function.outputs.first()?, function.index)?;
        self.with_number(sum, 1.0).filter(|_| sum.operator == "Add")?;
        let (mut value, mut at) = (*sum.outputs.first()?, index);
        let (mut halved, mut x) = (false, None);
        for _ in 0..2 {
            let (index, node) = self.taker(value, at)?;
            let halves = |node: &OnnxNode<'m>| match node.operator {
                "Mul" => self.with_number(node, 0.5),
                "Div" => self.with_number(node, 2.0),
                _ => None,
            };
            if halves(node) == Some(value) {
                halved = true;
            } else if node.operator == "Mul" {
                let other = node.inputs.iter().copied().find(|&input| input != value)?;
                match self.graph.maker(other).and_then(halves).filter(|_| !halved && x.is_none()) {
                    Some(whole) => (halved, x) = (true, Some(whole)),
                    None => x = Some(other),
                }
            } else {
                return None;
            }
            (value, at) = (*node.outputs.first()?, index);
            if let (true, Some(x)) = (halved, x) {
                let from = self.graph.maker(function.input(0)?)?;
                return (inner.contains(&from.operator) && self.is_of(function.input(0)?, x)).then(|| Found {
                    result: at,
                    operator: "imcost.gelu",
                    inputs: vec![x],
                });
            }
        }
        None
    }

    /// True if a value is computed of another one and numbers alone.
    fn is_of(&self, value: &'m str, x: &str) -> bool {
        let mut waiting = vec![value];
        for _ in 0..MOST_NODES {
            let Some(value) = waiting.pop() else { return true };
            if value == x || self.scalars.get(value).is_some() {
                continue;
            }
            match self.graph.maker(value) {
                Some(node) if matches!(node.operator, "Add" | "Mul" | "Div" | "Pow") => waiting.extend(&node.inputs),
                _ => return false,
            }
        }
        false
    }

    /// `(x - mean) / sqrt(variance + e)`.
    fn layer_norm(&self, node: &OnnxNode<'m>) -> Option<Found<'m>> {
        let &[centred, deviation] = node.inputs.as_slice() else { return None };
        let x = *self.maker(centred, "Sub")?.inputs.first()?;
        let mean = self.maker(self.maker(centred, "Sub")?.input(1)?, "ReduceMean")?;
        let square = self.mean_square(deviation)?;
        (mean.input(0) == Some(x) && square == centred).then_some(())?;
        Some(Found { result: node.index, operator: "imcost.layer", inputs: vec![x] })
    }

    /// What `sqrt(mean(y^2) + e)` is of.
    fn mean_square(&self, value: &'m str) -> Option<&'m str> {
        let mut inside = self.maker(value, "Sqrt")?.input(0)?;
        if let Some(sum) = self.maker(inside, "Add") {
            inside = sum.inputs.iter().copied().find(|&input| self.scalars.get(input).is_none())?;
        }
        let mean = self.maker(inside, "ReduceMean")?;
        let square = self.graph.maker(mean.input(0)?)?;
        match square.operator {
            "Pow" => self.with_number(square, 2.0),
            "Mul" => square.inputs.first().copied().filter(|first| square.inputs.get(1) == Some(first)),
            _ => None,
        }
    }

    /// `x * (1 / sqrt(mean(x^2) + e))`.
    fn rms(&self, node: &OnnxNode<'m>) -> Option<Found<'m>> {
        let &[a, b] = node.inputs.as_slice() else { return None };
        let one = |x: &'m str, factor: &'m str| {
            let inverse = self.graph.maker(factor)?;
            let root = match inverse.operator {
                "Reciprocal" => inverse.input(0)?,
                "Div" if self.scalars.is(inverse.input(0)?, 1.0) => inverse.input(1)?,
                _ => return None,
            };
            let of = self.mean_square(root)?;
            // The square is taken of a wider copy.
            let same =
                |value: &str| value == x || self.maker(value, "Cast").is_some_and(|cast| cast.input(0) == Some(x));
            same(of).then(|| Found { result: node.index, operator: "imcost.rms", inputs: vec![x] })
        };
        one(a, b).or_else(|| one(b, a))
    }

    /// An instance normalisation of channels that were put together in groups, and apart again.
    fn group_norm(&self, node: &OnnxNode<'m>) -> Option<Found<'m>> {
        let x = self.maker(node.input(0)?, "Reshape")?.input(0)?;
        let (result, back) = self.taker(node.outputs.first()?, node.index)?;
        (back.operator == "Reshape").then_some(())?;
        let sizes = back.input(1)?;
        Some(Found { result, operator: "imcost.group", inputs: vec![x, sizes] })
    }

    /// `where(x > 20, x, softplus(x))`, which is the same without the rounding.
    fn softplus(&self, node: &OnnxNode<'m>) -> Option<Found<'m>> {
        let (x, soft) = (node.input(1)?, self.maker(node.input(2)?, "Softplus")?);
        (soft.input(0) == Some(x)).then(|| Found { result: node.index, operator: "imcost.softplus", inputs: vec![x] })
    }
}
