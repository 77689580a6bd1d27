//! What goes into a network: pictures, sequences, features, or the numbers of tokens.

use std::sync::Arc;

use super::super::constant::{Const, Data, fold};
use super::super::error::Error;
use super::super::graph::OnnxNode;
use super::super::layer::ImportedShape;
use super::super::proto::{GraphProto, ValueInfoProto};
use super::super::view::{MOST_DIMENSIONS, TensorView};
use super::super::weights::Stored;
use super::super::{Options, tensor};
use super::{NetworkBuilder, Note, Outcome, TracedValue, Trouble, constant};

/// Numbers of all stored tensors that are looked at: sizes and tables, no weights.
const MOST_NUMBERS: usize = 1 << 22;
/// Operations that take maps, by their first input.
const OF_MAPS: &[&str] =
    &["Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "InstanceNormalization"];

impl<'m> NetworkBuilder<'m> {
    /// The stored tensors and the inputs of a graph.
    pub(super) fn take_inputs(&mut self, proto: &'m GraphProto, options: &Options) -> Result<(), Error> {
        let mut numbers = 0_usize;
        for (index, stored) in proto.initializer.iter().enumerate() {
            let mut constant = Const::of(stored, Stored::Initializer(index)).map_err(|why| Error::Tensor {
                file: self.file.to_owned(),
                tensor: stored.name.clone(),
                why,
            })?;
            numbers += constant.known();
            if numbers > MOST_NUMBERS {
                constant.data = Data::Unknown;
            }
            self.values.insert(&stored.name, TracedValue::Const(Arc::new(constant)));
        }
        let inputs: Vec<&'m ValueInfoProto> =
            proto.input.iter().filter(|input| !self.values.contains_key(input.name.as_str())).collect();
        let main = main_input(&inputs);
        for (index, input) in inputs.into_iter().enumerate() {
            let sizes = self.input_sizes(input, options)?;
            let value = if Some(index) == main {
                TracedValue::TensorView(self.begin(&input.name, &sizes).map_err(|why| self.error(why))?)
            } else {
                TracedValue::Outside(sizes)
            };
            self.values.insert(&input.name, value);
        }
        Ok(())
    }

    fn error(&self, why: String) -> Error {
        Error::Network { file: self.file.to_owned(), why, help: None }
    }

    /// The sizes of an input: one inference at a time, others as the file or the person says.
    fn input_sizes(&self, input: &ValueInfoProto, options: &Options) -> Result<Vec<usize>, Error> {
        let shape = input.r#type.as_ref().and_then(|t| t.tensor_type.as_ref()).and_then(|t| t.shape.as_ref());
        let Some(shape) = shape.filter(|shape| shape.dim.len() <= MOST_DIMENSIONS) else {
            return Err(self.error(format!("input `{}` states no sizes", input.name)));
        };
        let name = |index: usize| match shape.dim[index].dim_param.as_deref() {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => format!("{}.{index}", input.name),
        };
        let stated = |index: usize| shape.dim[index].dim_value.and_then(|n| usize::try_from(n).ok()).filter(|&n| n > 0);
        let said =
            |index: usize| options.sizes.iter().find(|(dimension, _)| *dimension == name(index)).map(|(_, n)| *n);
        let is_batch = |name: &str| name.to_ascii_lowercase().contains("batch");
        // The dimension of the batch: the one that is called so, else the first.
        let batch = (0..shape.dim.len()).find(|&index| is_batch(&name(index))).unwrap_or(0);
        let mut sizes = Vec::new();
        for index in 0..shape.dim.len() {
            let size = stated(index).or_else(|| said(index)).or((index == batch).then_some(1));
            let Some(size) = size else {
                let text = |i: usize| stated(i).map_or_else(|| name(i), |n| n.to_string());
                let all: Vec<String> = (0..shape.dim.len()).map(text).collect();
                return Err(Error::Dimension {
                    file: self.file.to_owned(),
                    input: input.name.clone(),
                    sizes: all.join(" x "),
                    dimension: name(index),
                });
            };
            sizes.push(size);
        }
        match tensor::count(&sizes) {
            Some(_) => Ok(sizes),
            None => Err(self.error(format!("input `{}` is larger than any memory", input.name))),
        }
    }

    /// The network begins with a value of these sizes.
    fn begin(&mut self, name: &str, sizes: &[usize]) -> Result<TensorView, String> {
        let takers: Vec<&OnnxNode<'m>> =
            self.graph.nodes.iter().filter(|node| node.inputs.first() == Some(&name)).collect();
        let maps = takers.iter().any(|node| OF_MAPS.contains(&node.operator));
        let channels_last =
            |node: &&OnnxNode<'m>| node.operator == "Transpose" && node.ints("perm") == Some(&[0, 3, 1, 2]);
        let channels_last = sizes.len() == 4 && !takers.is_empty() && takers.iter().all(channels_last);
        let one = |size: usize, what: &str| {
            if size == 1 {
                Ok(())
            } else {
                Err(format!("input `{name}` is {what}: {size} at once, where one is expected"))
            }
        };
        let shape = match *sizes {
            [features] | [1, features] => ImportedShape::Features(features),
            [tokens, features] => ImportedShape::Sequence { tokens, features },
            [batch, channels, width] if maps => {
                one(batch, "a batch")?;
                ImportedShape::Map { channels, height: 1, width }
            }
            [1, tokens, features] | [tokens, 1, features] => ImportedShape::Sequence { tokens, features },
            [batch, height, width, channels] if channels_last => {
                one(batch, "a batch")?;
                ImportedShape::Map { channels, height, width }
            }
            [batch, channels, height, width] => {
                one(batch, "a batch")?;
                ImportedShape::Map { channels, height, width }
            }
            [batch, tokens, features] => {
                one(batch, "a batch")?;
                ImportedShape::Sequence { tokens, features }
            }
            _ => return Err(format!("input `{name}` has {} dimensions, where at most 4 are expected", sizes.len())),
        };
        self.set_input(shape);
        let order = if channels_last { vec![sizes[0], sizes[3], sizes[1], sizes[2]] } else { sizes.to_vec() };
        let mut view =
            TensorView::whole(0, &shape, &order).ok_or_else(|| format!("input `{name}` has a size of zero"))?;
        if channels_last {
            let channels = view.dims.remove(1);
            view.dims.push(channels);
        }
        Ok(view)
    }

    fn set_input(&mut self, shape: ImportedShape) {
        self.layers[0].input = shape;
        self.layers[0].output = shape;
        self.begun = true;
    }

    /// An operation on inputs that are not followed. Looking tokens up in a stored table is where the network begins.
    pub(super) fn outside(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<Vec<TracedValue>> {
        if node.operator == "Gather"
            && let (Some(Some(TracedValue::Const(table))), Some(Some(TracedValue::Outside(places)))) =
                (inputs.first(), inputs.get(1))
            && let ([_, features], Some(0)) = (table.sizes.as_slice(), node.axis("axis", 2))
        {
            return self.look_up(places, *features).map(|value| vec![value]);
        }
        let sizes: Vec<Option<Const>> = inputs
            .iter()
            .map(|value| match value {
                Some(TracedValue::Outside(sizes)) => Some(Const::unknown(sizes.clone())),
                other => other.as_ref().and_then(constant).cloned(),
            })
            .collect();
        let borrowed: Vec<Option<&Const>> = sizes.iter().map(Option::as_ref).collect();
        match fold(&mut self.folding, node, &borrowed) {
            Some(found) if matches!(node.operator, "Shape" | "Size") => {
                Ok(found.into_iter().map(|c| TracedValue::Const(Arc::new(c))).collect())
            }
            Some(found) => Ok(found.into_iter().map(|c| TracedValue::Outside(c.sizes)).collect()),
            None if super::operators::is_known(node.operator) => {
                Err(Trouble::because("works on a second input of the network in a way that is not followed"))
            }
            None => Err(Trouble::Unknown),
        }
    }

    fn look_up(&mut self, places: &[usize], features: usize) -> Outcome<TracedValue> {
        let mut sizes = places.to_vec();
        sizes.push(features);
        if self.begun {
            return Ok(TracedValue::Const(Arc::new(Const::unknown(sizes))));
        }
        let shape = ImportedShape::Sequence { tokens: tensor::count(places).unwrap_or(0), features };
        self.set_input(shape);
        self.notes.add(Note::Lookup);
        TensorView::whole(0, &shape, &sizes)
            .map(TracedValue::TensorView)
            .ok_or_else(|| Trouble::because("looks up no tokens"))
    }
}

/// The input that is followed: of numbers that are not whole, or a picture. Tokens are followed from their embedding on.
fn main_input(inputs: &[&ValueInfoProto]) -> Option<usize> {
    let kind = |input: &ValueInfoProto| input.r#type.as_ref().and_then(|t| t.tensor_type.as_ref()).cloned();
    let fractions = |input: &&ValueInfoProto| kind(input).is_none_or(|t| !tensor::is_whole(t.elem_type));
    let picture = |input: &&ValueInfoProto| kind(input).and_then(|t| t.shape).is_some_and(|shape| shape.dim.len() >= 3);
    inputs.iter().position(fractions).or_else(|| inputs.iter().position(picture))
}
