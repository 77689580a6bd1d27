//! The weights of layers, as the file stores them, with what an import folded into them.

use std::sync::Arc;

use super::constant::Const;
use super::error::Error;
use super::layer::ImportedLayer;
use super::{OnnxModel, tensor};

/// Where numbers are stored, and what the graph does to their order before it uses them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stored {
    /// A tensor of the file, by its place.
    Initializer(usize),
    /// The tensor of a `Constant` operation, by its place.
    OnnxNode(usize),
    /// In other sizes.
    Reshaped(Arc<Stored>, Vec<usize>),
    /// With dimensions in another order.
    Transposed(Arc<Stored>, Vec<usize>),
    /// Words and what one of them is worth.
    Dequantized {
        /// The words.
        values: Arc<Stored>,
        /// The worth of one, alike or for each place of an axis.
        scale: Arc<Stored>,
        /// The word that means 0.
        zero: Option<Arc<Stored>>,
        /// The axis.
        axis: usize,
    },
    /// Nobody will ask.
    Nowhere,
}

/// How a file lays a matrix out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Outputs first, as PyTorch has them.
    OutputsFirst,
    /// Inputs first: a matrix.
    InputsFirst,
    /// Inputs first, outputs of a group, then the window, in so many groups.
    Transposed(usize),
}

/// Something that is done to every output, and can be done to the weights instead.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fold {
    /// A factor of all.
    Scale(f64),
    /// A factor of each output, or what it is divided by.
    Factor {
        /// The factors.
        values: Option<Arc<Stored>>,
        /// Outputs are divided.
        inverse: bool,
    },
    /// A term of each output.
    Term {
        /// The terms.
        values: Option<Arc<Stored>>,
        /// They are taken away.
        negative: bool,
    },
    /// A normalisation: factors, terms, means, variances.
    BatchNorm {
        /// Where they are.
        values: Vec<Option<Arc<Stored>>>,
        /// Added to the variances.
        epsilon: f64,
    },
}

/// The weights of a layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    matrix: Option<Arc<Stored>>,
    /// Its sizes in the file.
    sizes: Vec<usize>,
    layout: Layout,
    /// The bias of a convolution.
    pub bias: Option<Arc<Stored>>,
    /// What follows, in order.
    pub folds: Vec<Fold>,
    /// A matrix that is used as a convolution of one place.
    one_place: bool,
}

/// Weights in PyTorch's layout, with everything folded in.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedWeights {
    /// Sizes of the weights: outputs, inputs of a group, and the window of a convolution.
    pub sizes: Vec<usize>,
    /// The weights, the last size innermost.
    pub weights: Vec<f32>,
    /// A bias for each output, if there is any.
    pub bias: Option<Vec<f32>>,
}

impl Weights {
    fn of(matrix: &Const, layout: Layout, bias: Option<&Const>) -> Self {
        Self {
            matrix: matrix.stored.clone(),
            sizes: matrix.sizes.clone(),
            layout,
            bias: bias.and_then(|bias| bias.stored.clone()),
            folds: Vec::new(),
            one_place: false,
        }
    }

    /// Those of a dense layer.
    pub fn dense(matrix: &Const, outputs_first: bool) -> Self {
        Self::of(matrix, if outputs_first { Layout::OutputsFirst } else { Layout::InputsFirst }, None)
    }

    /// Those of a convolution.
    pub fn conv(matrix: &Const, bias: Option<&Const>) -> Self {
        Self::of(matrix, Layout::OutputsFirst, bias)
    }

    /// Those of a transposed convolution.
    pub fn deconv(matrix: &Const, bias: Option<&Const>, groups: usize) -> Self {
        Self::of(matrix, Layout::Transposed(groups), bias)
    }

    /// Those of a dense layer, as a convolution with a window of one place.
    pub fn of_one_place(self) -> Self {
        Self { one_place: true, ..self }
    }
}

/// Sizes and values.
type Numbers = (Vec<usize>, Vec<f32>);

impl OnnxModel {
    /// The sizes and values of a stored tensor; values are read when this is called.
    ///
    /// # Errors
    /// There is none of this name, its type is not read, or its file is not there.
    pub fn tensor(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), Error> {
        let place = self.graph().initializer.iter().position(|tensor| tensor.name == name);
        let place = place.ok_or_else(|| self.no_tensor(name, "is not there"))?;
        self.numbers(&Stored::Initializer(place))
    }

    /// The names of all stored tensors, in the order of the file.
    pub fn tensor_names(&self) -> impl Iterator<Item = &str> {
        self.graph().initializer.iter().map(|tensor| tensor.name.as_str())
    }

    /// The weights of an imported layer in PyTorch's layout, with batch normalisations and constant factors folded in; none for a layer without
    /// weights and for a recurrent one.
    ///
    /// # Errors
    /// They cannot be read, or the graph computes them in a way that is not followed.
    pub fn layer_weights(&self, layer: &ImportedLayer) -> Result<Option<FoldedWeights>, Error> {
        let Some(weights) = &layer.weights else { return Ok(None) };
        let refuse = |why: &str| self.no_tensor(&layer.name, why);
        if layer.reordered {
            return Err(refuse("takes the values before it in another order than they are in"));
        }
        let read = |stored: &Option<Arc<Stored>>| match stored {
            Some(stored) => self.numbers(stored),
            None => Err(refuse("has weights that the graph computes")),
        };
        let (sizes, values) = read(&weights.matrix)?;
        let mut found =
            outputs_first(weights, &sizes, values).ok_or_else(|| refuse("has weights whose sizes do not fit"))?;
        if let Some(bias) = &weights.bias {
            found.bias = Some(self.numbers(bias)?.1);
        }
        let outputs = found.sizes[0];
        for fold in &weights.folds {
            let (factors, terms) = match fold {
                Fold::Scale(factor) => (vec![*factor], vec![0.0]),
                Fold::Factor { values, inverse } => {
                    let values = read(values)?.1.into_iter().map(f64::from);
                    (values.map(|value| if *inverse { 1.0 / value } else { value }).collect(), vec![0.0])
                }
                Fold::Term { values, negative } => {
                    let values = read(values)?.1.into_iter().map(f64::from);
                    (vec![1.0], values.map(|value| if *negative { -value } else { value }).collect())
                }
                Fold::BatchNorm { values, epsilon } => {
                    let all = values.iter().map(|stored| Ok(read(stored)?.1)).collect::<Result<Vec<_>, Error>>()?;
                    batch_norm(&all, *epsilon).ok_or_else(|| refuse("has a normalisation that does not fit"))?
                }
            };
            apply(&mut found, outputs, &factors, &terms)
                .ok_or_else(|| refuse("has factors or terms that do not fit"))?;
        }
        Ok(Some(found))
    }

    fn no_tensor(&self, tensor: &str, why: &str) -> Error {
        Error::Tensor { file: self.name().to_owned(), tensor: tensor.to_owned(), why: why.to_owned() }
    }

    fn numbers(&self, stored: &Stored) -> Result<Numbers, Error> {
        match stored {
            Stored::Initializer(index) => self.stored_tensor(self.graph().initializer.get(*index)),
            Stored::OnnxNode(index) => {
                let node = self.graph().node.get(*index);
                let attribute = node.and_then(|node| node.attribute.iter().find(|attribute| attribute.name == "value"));
                self.stored_tensor(attribute.and_then(|attribute| attribute.t.as_ref()))
            }
            Stored::Reshaped(of, sizes) => Ok((sizes.clone(), self.numbers(of)?.1)),
            Stored::Transposed(of, order) => {
                let (sizes, values) = self.numbers(of)?;
                let turned = transposed(&sizes, &values, order);
                turned.ok_or_else(|| self.no_tensor("of a Transpose", "has other dimensions than it should"))
            }
            Stored::Dequantized { values, scale, zero, axis } => {
                let ((sizes, mut words), scale) = (self.numbers(values)?, self.numbers(scale)?.1);
                let zero = match zero {
                    Some(zero) => self.numbers(zero)?.1,
                    None => vec![0.0; scale.len()],
                };
                let inner: usize = sizes.iter().skip(axis + 1).product();
                let size = sizes.get(*axis).copied().unwrap_or(1).max(1);
                for (index, word) in words.iter_mut().enumerate() {
                    let place = if scale.len() == 1 { 0 } else { index / inner.max(1) % size };
                    let (Some(scale), Some(zero)) = (scale.get(place), zero.get(place)) else {
                        return Err(self.no_tensor("of a DequantizeLinear", "has scales that do not fit"));
                    };
                    *word = (*word - zero) * scale;
                }
                Ok((sizes, words))
            }
            Stored::Nowhere => Err(self.no_tensor("of the graph", "is computed, not stored")),
        }
    }

    fn stored_tensor(&self, stored: Option<&super::proto::TensorProto>) -> Result<Numbers, Error> {
        let Some(stored) = stored else { return Err(self.no_tensor("", "is not there")) };
        let wrong = |why: String| self.no_tensor(&stored.name, &why);
        Ok((tensor::sizes(stored).map_err(wrong)?, tensor::values(stored, self.folder()).map_err(wrong)?))
    }
}

/// Weights with outputs as their first size.
fn outputs_first(weights: &Weights, sizes: &[usize], values: Vec<f32>) -> Option<FoldedWeights> {
    let (mut sizes, values) = match weights.layout {
        Layout::OutputsFirst => (sizes.to_vec(), values),
        Layout::InputsFirst => {
            let [.., inputs, outputs] = *sizes else { return None };
            transposed(&[inputs, outputs], &values, &[1, 0])?
        }
        Layout::Transposed(groups) => {
            // Inputs of all groups, outputs of one: outputs of all groups, inputs of one.
            let [inputs, outputs, ref window @ ..] = *sizes else { return None };
            let each = inputs.checked_div(groups)?;
            let places: usize = window.iter().product();
            let (_, values) = transposed(&[groups, each, outputs, places], &values, &[0, 2, 1, 3])?;
            let mut sizes = vec![groups * outputs, each];
            sizes.extend(window);
            (sizes, values)
        }
    };
    if weights.one_place {
        sizes.extend([1, 1]);
    } else if let [outputs, inputs, width] = *sizes.as_slice() {
        sizes = vec![outputs, inputs, 1, width];
    }
    (sizes.first()? > &0).then_some(FoldedWeights { sizes, weights: values, bias: None })
}

/// Dimensions in another order.
fn transposed(sizes: &[usize], values: &[f32], order: &[usize]) -> Option<Numbers> {
    if order.len() != sizes.len() || sizes.iter().product::<usize>() != values.len() {
        return None;
    }
    let mut strides = vec![1; sizes.len()];
    for dim in (1..sizes.len()).rev() {
        strides[dim - 1] = strides[dim] * sizes[dim];
    }
    let turned: Vec<usize> = order.iter().map(|&dim| sizes.get(dim).copied()).collect::<Option<_>>()?;
    let place = |mut index: usize| {
        let mut place = 0;
        for (&dim, &size) in order.iter().zip(&turned).rev() {
            place += index % size * strides[dim];
            index /= size;
        }
        place
    };
    let values = (0..values.len()).map(|index| values[place(index)]).collect();
    Some((turned, values))
}

/// The factor and the term of each output of a normalisation.
fn batch_norm(values: &[Vec<f32>], epsilon: f64) -> Option<(Vec<f64>, Vec<f64>)> {
    let [scale, shift, mean, variance] = values else { return None };
    if [shift, mean, variance].iter().any(|other| other.len() != scale.len()) {
        return None;
    }
    let factors: Vec<f64> =
        scale.iter().zip(variance).map(|(&s, &v)| f64::from(s) / libm::sqrt(f64::from(v) + epsilon)).collect();
    let terms = shift.iter().zip(mean).zip(&factors).map(|((&b, &m), f)| f64::from(b) - f64::from(m) * f).collect();
    Some((factors, terms))
}

/// Outputs times factors plus terms; one of either stands for all.
fn apply(found: &mut FoldedWeights, outputs: usize, factors: &[f64], terms: &[f64]) -> Option<()> {
    let at =
        |values: &[f64], output: usize| if values.len() == 1 { Some(values[0]) } else { values.get(output).copied() };
    let each = found.weights.len() / outputs;
    let bias = found.bias.take().unwrap_or_else(|| vec![0.0; outputs]);
    if bias.len() != outputs {
        return None;
    }
    let mut changed = Vec::with_capacity(outputs);
    for (output, &before) in bias.iter().enumerate() {
        let (factor, term) = (at(factors, output)?, at(terms, output)?);
        for weight in &mut found.weights[output * each..(output + 1) * each] {
            *weight = (f64::from(*weight) * factor) as f32;
        }
        changed.push((f64::from(before) * factor + term) as f32);
    }
    found.bias = Some(changed);
    Some(())
}
