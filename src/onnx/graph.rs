//! The operations of a file in order, with who makes and who takes each value.

use std::collections::HashMap;

use super::constant::Const;
use super::proto::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// Outputs of one `Split`: a network that takes features apart into more is none.
const MOST_PARTS: usize = 4096;

/// An operation.
#[derive(Debug, Clone)]
pub(super) struct OnnxNode<'m> {
    /// Which one.
    pub operator: &'m str,
    /// What the file calls it; may be empty.
    pub name: &'m str,
    /// Names of the values that it takes; empty where one is left out.
    pub inputs: Vec<&'m str>,
    /// Names of the values that it makes.
    pub outputs: Vec<&'m str>,
    /// Its settings.
    pub attributes: &'m [AttributeProto],
    /// The modules around it, as PyTorch's newer exporter writes them.
    pub scopes: &'m str,
    /// Where it is in the file.
    pub index: usize,
    /// True once another operation stands for it.
    pub gone: bool,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Graph<'m> {
    /// The operations, in the order of the file.
    pub nodes: Vec<OnnxNode<'m>>,
    /// Who makes a value.
    pub producer: HashMap<&'m str, usize>,
    /// How often a value is taken, by operations and as an output.
    pub taken: HashMap<&'m str, usize>,
    /// How often its numbers are: whoever asks for its sizes takes none of them.
    seen: HashMap<&'m str, usize>,
}

/// A cut along one dimension.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// The dimension.
    pub dim: usize,
    /// The first place.
    pub first: usize,
    /// From one to the next.
    pub step: i64,
    /// How many.
    pub count: usize,
}

impl Cut {
    /// The places, one by one.
    pub fn places(&self) -> Vec<usize> {
        let place = |index: usize| self.first as i64 + self.step * index as i64;
        (0..self.count).filter_map(|index| usize::try_from(place(index)).ok()).collect()
    }
}

/// A place counted from the end if it is negative.
pub(super) fn place(value: i64, size: usize) -> Option<usize> {
    let size = i64::try_from(size).ok()?;
    let place = if value < 0 { value.checked_add(size)? } else { value };
    usize::try_from(place).ok().filter(|_| place < size)
}

impl<'m> Graph<'m> {
    /// Reads the operations of a file.
    pub fn of(graph: &'m GraphProto) -> Self {
        let nodes: Vec<OnnxNode<'m>> =
            graph.node.iter().enumerate().map(|(index, node)| OnnxNode::of(node, index)).collect();
        let mut read = Self { nodes, producer: HashMap::new(), taken: HashMap::new(), seen: HashMap::new() };
        read.count(graph);
        read
    }

    /// Counts anew who makes and who takes what.
    pub fn count(&mut self, graph: &'m GraphProto) {
        self.producer.clear();
        self.taken.clear();
        self.seen.clear();
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| !node.gone) {
            for &output in node.outputs.iter().filter(|name| !name.is_empty()) {
                self.producer.entry(output).or_insert(index);
            }
            for &input in &node.inputs {
                *self.taken.entry(input).or_default() += 1;
                if !matches!(node.operator, "Shape" | "Size") {
                    *self.seen.entry(input).or_default() += 1;
                }
            }
        }
        for output in &graph.output {
            *self.taken.entry(&output.name).or_default() += 1;
            *self.seen.entry(&output.name).or_default() += 1;
        }
    }

    /// The operation that makes a value.
    pub fn maker(&self, value: &str) -> Option<&OnnxNode<'m>> {
        self.producer.get(value).map(|&index| &self.nodes[index])
    }

    /// True if one operation alone takes the numbers of a value.
    pub fn is_seen_once(&self, value: &str) -> bool {
        self.seen.get(value) == Some(&1)
    }

    /// True if one operation alone takes a value.
    pub fn is_taken_once(&self, value: &str) -> bool {
        self.taken.get(value) == Some(&1)
    }
}

impl<'m> OnnxNode<'m> {
    fn of(node: &'m NodeProto, index: usize) -> Self {
        let scopes = node.metadata_props.iter().find(|entry| entry.key == "pkg.torch.onnx.name_scopes");
        Self {
            operator: &node.op_type,
            name: &node.name,
            inputs: node.input.iter().map(String::as_str).collect(),
            outputs: node.output.iter().map(String::as_str).collect(),
            attributes: &node.attribute,
            scopes: scopes.map_or("", |entry| &entry.value),
            index,
            gone: false,
        }
    }

    /// The name of an input, if it is there.
    pub fn input(&self, index: usize) -> Option<&'m str> {
        self.inputs.get(index).copied().filter(|name| !name.is_empty())
    }

    fn attribute(&self, name: &str) -> Option<&'m AttributeProto> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// A whole number.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.attribute(name).map(|attribute| attribute.i)
    }

    /// A count, or what it is when nothing is said; none if it is no count.
    pub fn count(&self, name: &str, default: usize) -> Option<usize> {
        self.int(name).map_or(Some(default), |value| usize::try_from(value).ok())
    }

    /// A fraction.
    pub fn float(&self, name: &str) -> Option<f64> {
        self.attribute(name).map(|attribute| f64::from(attribute.f))
    }

    /// A list of whole numbers.
    pub fn ints(&self, name: &str) -> Option<&'m [i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    /// A list of fractions.
    pub fn floats(&self, name: &str) -> Option<&'m [f32]> {
        self.attribute(name).map(|attribute| attribute.floats.as_slice())
    }

    /// A word.
    pub fn word(&self, name: &str) -> Option<&'m str> {
        self.attribute(name).and_then(|attribute| std::str::from_utf8(&attribute.s).ok())
    }

    /// Stored numbers.
    pub fn tensor(&self, name: &str) -> Option<&'m TensorProto> {
        self.attribute(name).and_then(|attribute| attribute.t.as_ref())
    }

    /// A dimension that it names.
    pub fn axis(&self, name: &str, rank: usize) -> Option<usize> {
        place(self.int(name).unwrap_or(0), rank)
    }

    /// The dimensions that it names, as a setting or, in newer versions, as an input; all where it names none.
    pub fn axes(&self, rank: usize, given: Option<&[i64]>) -> Option<Vec<usize>> {
        match given.or_else(|| self.ints("axes")) {
            None => Some((0..rank).collect()),
            Some(axes) => axes.iter().map(|&axis| place(axis, rank)).collect(),
        }
    }

    /// Sizes after a `Reshape`.
    pub fn reshaped(&self, sizes: &[usize], wanted: &[i64]) -> Option<Vec<usize>> {
        let keep = self.int("allowzero").unwrap_or(0) == 0;
        let size = |(dim, &size): (usize, &i64)| match size {
            0 if keep => sizes.get(dim).copied(),
            -1 => Some(0),
            size => usize::try_from(size).ok(),
        };
        let mut found: Vec<usize> = wanted.iter().enumerate().map(size).collect::<Option<_>>()?;
        if let Some(open) = wanted.iter().position(|&size| size == -1) {
            let others = found.iter().enumerate().filter(|(dim, _)| *dim != open).map(|(_, &size)| size);
            let others = others.into_iter().try_fold(1_usize, usize::checked_mul).filter(|&count| count > 0)?;
            let all = super::tensor::count(sizes)?;
            found[open] = all.is_multiple_of(others).then(|| all / others)?;
        }
        (super::tensor::count(&found) == super::tensor::count(sizes)).then_some(found)
    }

    /// Sizes after a `Flatten`.
    pub fn flattened(&self, sizes: &[usize]) -> Option<Vec<usize>> {
        let axis = self.int("axis").unwrap_or(1);
        let axis = if usize::try_from(axis) == Ok(sizes.len()) { sizes.len() } else { place(axis, sizes.len())? };
        Some(vec![sizes[..axis].iter().product(), sizes[axis..].iter().product()])
    }

    /// Sizes after a `Squeeze`.
    pub fn squeezed(&self, sizes: &[usize], given: Option<&[i64]>) -> Option<Vec<usize>> {
        let named = match given.or_else(|| self.ints("axes")) {
            None => (0..sizes.len()).filter(|&dim| sizes[dim] == 1).collect(),
            Some(_) => self.axes(sizes.len(), given)?,
        };
        let left = sizes.iter().enumerate().filter(|(dim, _)| !named.contains(dim));
        named.iter().all(|&dim| sizes[dim] == 1).then(|| left.map(|(_, &size)| size).collect())
    }

    /// Sizes after an `Unsqueeze`.
    pub fn unsqueezed(&self, sizes: &[usize], given: Option<&[i64]>) -> Option<Vec<usize>> {
        let named = given.or_else(|| self.ints("axes"))?;
        let rank = sizes.len() + named.len();
        let named = self.axes(rank, given)?;
        let mut rest = sizes.iter();
        (0..rank).map(|dim| if named.contains(&dim) { Some(1) } else { rest.next().copied() }).collect()
    }

    /// The order of dimensions of a `Transpose`.
    pub fn permutation(&self, rank: usize) -> Option<Vec<usize>> {
        let Some(order) = self.ints("perm") else { return Some((0..rank).rev().collect()) };
        let order: Vec<usize> = order.iter().map(|&dim| place(dim, rank)).collect::<Option<_>>()?;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        (sorted.into_iter().eq(0..rank)).then_some(order)
    }

    /// The cuts of a `Slice`.
    pub fn slices(&self, sizes: &[usize], inputs: &[Option<&Const>]) -> Option<Vec<Cut>> {
        let given = |index: usize| inputs.get(index).copied().flatten().and_then(Const::numbers);
        let starts = given(1).or_else(|| self.ints("starts"))?;
        let ends = given(2).or_else(|| self.ints("ends"))?;
        let first: Vec<i64> = (0..i64::try_from(starts.len()).ok()?).collect();
        let axes = given(3).or_else(|| self.ints("axes")).unwrap_or(&first);
        let steps = given(4);
        let cut = |index: usize| {
            let dim = place(*axes.get(index)?, sizes.len())?;
            let size = i64::try_from(sizes[dim]).ok()?;
            let step = steps.map_or(Some(1), |steps| steps.get(index).copied()).filter(|&step| step != 0)?;
            let from = |value: i64| if value < 0 { value.saturating_add(size) } else { value };
            let (start, end) = (from(starts[index]), from(*ends.get(index)?));
            let (start, span) = if step > 0 {
                let start = start.clamp(0, size);
                (start, end.clamp(0, size) - start)
            } else {
                let start = start.clamp(0, (size - 1).max(0));
                (start, start - end.clamp(-1, size))
            };
            let count = u64::try_from(span.max(0)).ok()?.div_ceil(step.unsigned_abs());
            Some(Cut { dim, first: usize::try_from(start).ok()?, step, count: usize::try_from(count).ok()? })
        };
        (0..starts.len()).map(cut).collect()
    }

    /// The sizes of the parts of a `Split`.
    pub fn split(&self, size: usize, given: Option<&[i64]>) -> Option<Vec<usize>> {
        let parts = match given.or_else(|| self.ints("split")) {
            Some(parts) => parts.iter().map(|&part| usize::try_from(part).ok()).collect::<Option<Vec<_>>>()?,
            None => {
                let count = self.count("num_outputs", self.outputs.len())?;
                let each = size.div_ceil(Some(count).filter(|count| (1..=MOST_PARTS).contains(count))?);
                (0..count).map(|part| each.min(size.saturating_sub(part * each))).collect()
            }
        };
        (parts.len() <= MOST_PARTS && parts.iter().try_fold(0_usize, |sum, &part| sum.checked_add(part)) == Some(size))
            .then_some(parts)
    }
}
