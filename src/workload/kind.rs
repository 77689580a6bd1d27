//! Kinds of layer, and what each makes of the shapes that arrive: an output shape, matrices with products, operations on values.

use super::sizes::{
    conv, deconv, dense, elementwise, global_pool, map_of, matmul, pool, recurrent, side_by_side, slice,
};
use super::{Misfit, Shape, WindowShape};
pub use crate::spec::network::{Normalization, PickedToken, Pooling};

/// What a layer computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerKind {
    /// A matrix times all values, or times each token.
    Dense {
        /// Outputs.
        outputs: u64,
        /// The token that it works on; all where none is named.
        of: Option<PickedToken>,
    },
    /// A matrix times each window.
    Conv {
        /// Channels of the output.
        channels: u64,
        /// Its window.
        window: WindowShape,
        /// Groups of channels.
        groups: u64,
    },
    /// Each channel times so many windows of its own.
    Depthwise {
        /// Output channels for each channel.
        multiplier: u64,
        /// Its window.
        window: WindowShape,
    },
    /// Each place becomes a window.
    Deconv {
        /// Channels of the output.
        channels: u64,
        /// Its window.
        window: WindowShape,
        /// Places that are added to the output.
        output_padding: (u64, u64),
    },
    /// The largest or the mean of each window.
    Pool {
        /// Which: not that of a whole channel.
        pooling: Pooling,
        /// Its window.
        window: WindowShape,
    },
    /// The mean of each channel, or of each feature of all tokens.
    GlobalPool,
    /// Each place becomes so many times so many.
    Upsample(u64),
    /// The sum of layers, element by element.
    Add {
        /// True if stored values are among them.
        constant: bool,
    },
    /// The product of layers, element by element.
    Multiply {
        /// True if stored values are among them.
        constant: bool,
    },
    /// Side by side.
    Concat,
    /// The matrix product of two layers.
    MatMul {
        /// Heads.
        heads: u64,
        /// True if the second is taken transposed; none where that is left open.
        transposed: Option<bool>,
        /// Tokens that the second has from before.
        cached: u64,
    },
    /// A recurrent layer.
    Recurrent {
        /// Outputs.
        outputs: u64,
        /// Steps; the tokens of its input where none are named.
        steps: Option<u64>,
        /// Gates of each output: 4 of long short-term memory, 3 of gated units.
        gates: u64,
    },
    /// Normalization.
    Normalize(Normalization),
    /// A map becomes tokens, and so many more are put before them.
    Tokens(u64),
    /// A part of the channels or features: the first and the last.
    Slice(u64, u64),
    /// The same values in another shape.
    Reshape(Shape),
    /// A function of each element.
    Elementwise,
}

/// The matrices of a layer and how often they are multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matrices {
    /// How many, of the same size: they see different inputs.
    pub groups: u64,
    /// Rows of each: the inputs of a product.
    pub inputs: u64,
    /// Columns of each: the outputs of a product.
    pub outputs: u64,
    /// Products with each in one inference.
    pub products: u64,
    /// True if the matrices are values of the inference: they are written for each.
    pub dynamic: bool,
    /// Rows of each that are from before, and need not be written.
    pub kept_rows: u64,
    /// Columns of each that are from before.
    pub kept_columns: u64,
    /// True if a product needs the result of the one before.
    pub in_turn: bool,
}

impl Matrices {
    /// One matrix that is multiplied once.
    #[must_use]
    pub const fn one(inputs: u64, outputs: u64) -> Self {
        Self { groups: 1, inputs, outputs, products: 1, dynamic: false, kept_rows: 0, kept_columns: 0, in_turn: false }
    }

    /// Multiply-accumulate operations of one inference.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.groups.saturating_mul(self.inputs).saturating_mul(self.outputs).saturating_mul(self.products)
    }
}

/// Operations on values that are no products with matrices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueOperations {
    /// What is done.
    pub operation: ValueOperation,
    /// How often in one inference.
    pub count: u64,
}

/// What is done with values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueOperation {
    /// The largest value of a window.
    Max,
    /// The mean of a window.
    Average,
    /// A sum of two.
    Add,
    /// A product of two.
    Multiply,
    /// What a normalization does with a value.
    Normalize(Normalization),
    /// What long short-term memory does with a value beside its matrix.
    Lstm,
    /// What gated units do with a value beside their matrix.
    Gru,
}

/// What a layer makes of its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Its output.
    pub output: Shape,
    /// Its matrices.
    pub matrices: Option<Matrices>,
    /// Operations on values, beside the function of its outputs.
    pub values: Option<ValueOperations>,
    /// Rows of its input that the first row of its output needs; all where none are named.
    pub first_rows: Option<u64>,
}

impl LayerKind {
    /// As a file calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dense { .. } => "dense",
            Self::Conv { .. } => "conv",
            Self::Depthwise { .. } => "depthwise",
            Self::Deconv { .. } => "deconv",
            Self::Pool { .. } | Self::GlobalPool => "pool",
            Self::Upsample(_) => "upsample",
            Self::Add { .. } => "add",
            Self::Multiply { .. } => "multiply",
            Self::Concat => "concat",
            Self::MatMul { .. } => "matmul",
            Self::Recurrent { gates: 3, .. } => "gru",
            Self::Recurrent { .. } => "lstm",
            Self::Normalize(_) => "normalize",
            Self::Tokens(_) => "sequence",
            Self::Slice(..) => "slice",
            Self::Reshape(_) => "reshape",
            Self::Elementwise => "activation",
        }
    }

    /// True if it is made of products with matrices.
    #[must_use]
    pub fn has_matrices(&self) -> bool {
        crate::catalog::LayerEntry::of(self.name()).has_matrices
    }

    /// What it makes of these inputs.
    ///
    /// # Errors
    /// They do not fit: why, and what would.
    pub fn work(&self, inputs: &[Shape]) -> Result<Work, Misfit> {
        let work = match self {
            Self::Add { constant } => elementwise(inputs, *constant, ValueOperation::Add),
            Self::Multiply { constant } => elementwise(inputs, *constant, ValueOperation::Multiply),
            Self::Concat => Ok(Work::of_shape(side_by_side(inputs)?)),
            Self::MatMul { heads, transposed, cached } => matmul(inputs, *heads, *transposed, *cached),
            Self::Dense { outputs, of } => dense(inputs, *outputs, *of),
            _ => self.of_one(side_by_side(inputs)?),
        }?;
        let sizes = work.matrices.map_or(0, |m| m.macs());
        if !work.output.is_possible() || sizes == u64::MAX {
            return Err(Misfit::new(format!("an output of {} is more than any network has", work.output)));
        }
        Ok(work)
    }

    fn of_one(&self, input: Shape) -> Result<Work, Misfit> {
        match self {
            Self::Conv { channels, window, groups } => conv(input, *channels, window, *groups),
            Self::Depthwise { multiplier, window } => {
                let depth = map_of(input, "a convolution")?.0;
                conv(input, depth.saturating_mul(*multiplier), window, depth)
            }
            Self::Deconv { channels, window, output_padding } => deconv(input, *channels, window, *output_padding),
            Self::Pool { pooling, window } => pool(input, *pooling, window),
            Self::GlobalPool => Ok(global_pool(input)),
            Self::Upsample(times) => {
                let (channels, height, width) = map_of(input, "`upsample`")?;
                let many = |places: u64| places.saturating_mul(*times);
                Ok(Work { first_rows: Some(1), ..Work::of_shape(Shape::map(channels, many(height), many(width))) })
            }
            Self::Recurrent { outputs, steps, gates } => recurrent(input, *outputs, *steps, *gates),
            Self::Normalize(which) => {
                Ok(Work { values: which.operations(input), first_rows: Some(1), ..Work::of_shape(input) })
            }
            Self::Tokens(more) => {
                let (channels, height, width) = map_of(input, "`sequence`")?;
                let tokens = (height * width).saturating_add(*more);
                Ok(Work::of_shape(Shape::Sequence { tokens, features: channels }))
            }
            Self::Slice(first, last) => slice(input, *first, *last),
            Self::Reshape(shape) if shape.values() == input.values() => Ok(Work::of_shape(*shape)),
            Self::Reshape(shape) => {
                let (has, wants) = (input.values(), shape.values());
                Err(Misfit::new(format!("{has} values arrive, and {shape} has {wants}")))
            }
            _ => Ok(Work { first_rows: Some(1), ..Work::of_shape(input) }),
        }
    }
}

impl Normalization {
    fn operations(self, input: Shape) -> Option<ValueOperations> {
        let count = input.values();
        (self != Self::Batch).then_some(ValueOperations { operation: ValueOperation::Normalize(self), count })
    }
}

impl Work {
    pub(super) fn of_shape(output: Shape) -> Self {
        Self { output, matrices: None, values: None, first_rows: None }
    }
}
