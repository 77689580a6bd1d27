//! The network of an architecture: its input and its layers.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::Written;
use super::architecture::{OneOrMany, Stages, StatisticsSpec, TileSpec, WeightsSpec};
use crate::units::Fraction;
use crate::yaml::Slot;

/// The neural network: its input and its layers.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["input", "layers"]))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkSpec {
    /// What is fed in.
    pub input: Slot<Input>,
    /// The layers, in the order of computation.
    pub layers: Slot<Vec<Slot<LayerSpec>>>,
}

/// The network's input: exactly one of `features` and `shape`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Input {
    /// How many values one inference takes.
    pub features: Slot<u64>,
    /// Instead: channels x height x width of a picture, such as `3 x 224 x 224`, or tokens x features of a sequence, such as `128 x 768`.
    pub shape: Slot<String>,
    /// Bits of each value. Default 1. A driver of fewer bits applies them one after another (bit-serial).
    pub bits: Slot<u64>,
    /// What the values are on the rows. `unsigned` (default): 0 is 0 V, 1 the read voltage. `bipolar`, for values of one bit: 0 is the negative
    /// read voltage, 1 the positive one.
    pub encoding: Slot<InputEncoding>,
    /// How a picture becomes these values. Used by `imcost accuracy`.
    pub image: Slot<Image>,
}

/// What the network's inputs are on the rows of the first crossbar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InputEncoding {
    /// 0 V to the read voltage.
    #[default]
    Unsigned,
    /// The negative or the positive read voltage.
    Bipolar,
    /// A sign and a magnitude: one bit less is applied to the rows.
    SignedMagnitude,
    /// The highest bit counts negative.
    TwosComplement,
}

/// How the pixels of a picture become the network's inputs, 0 to 1: exactly one of `threshold` and `scale`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Image {
    /// The part of the picture that is used. All of it when absent.
    pub crop: Slot<Crop>,
    /// A pixel above this value is 1, any other 0.
    pub threshold: Slot<Written<Fraction>>,
    /// The value of a pixel that is 1; larger ones are clipped. A pixel is rounded to the nearest of the levels.
    pub scale: Slot<Written<Fraction>>,
    /// Levels of an input with `scale`. As many as the input's bits allow when absent.
    pub levels: Slot<u64>,
}

/// A part of a picture. The first row and column are 0; the ends belong to it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Crop {
    /// First and last row, for example `4..23`. All when absent.
    pub rows: Slot<String>,
    /// First and last column. All when absent.
    pub columns: Slot<String>,
}

/// One layer of the network: exactly one kind, with the keys of that kind beside it. With none but `activation` it works element by element,
/// with `layers` it is a block.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LayerSpec {
    /// The layer's name in reports. `layer-1`, `layer-2` … when absent.
    pub name: Slot<String>,
    /// A fully connected layer with this many outputs; on a sequence it works on each token.
    pub dense: Slot<u64>,
    /// A convolution with this many output channels; needs `kernel`.
    pub conv: Slot<u32>,
    /// A convolution of each channel by itself, with this many output channels for each; needs `kernel`.
    pub depthwise: Slot<u32>,
    /// A transposed convolution with this many output channels; needs `kernel`.
    pub deconv: Slot<u32>,
    /// The largest or the mean value of each window, or the mean of each channel; needs `kernel` but for `global-average`.
    pub pool: Slot<Pooling>,
    /// Each place becomes so many times so many places.
    pub upsample: Slot<u32>,
    /// The sum of these layers, element by element; `constant` stands for stored values.
    pub add: Slot<Box<OneOrMany>>,
    /// The product of these layers, element by element; `constant` stands for stored values.
    pub multiply: Slot<Box<OneOrMany>>,
    /// These layers side by side, along channels or features.
    pub concat: Slot<Box<OneOrMany>>,
    /// The matrix product of two layers; needs `transposed` where both forms would fit.
    pub matmul: Slot<Box<OneOrMany>>,
    /// Self-attention with so many features of queries, keys and values.
    pub attention: Slot<u32>,
    /// A recurrent layer of long short-term memory with this many outputs.
    pub lstm: Slot<u32>,
    /// A recurrent layer of gated units with this many outputs.
    pub gru: Slot<u32>,
    /// Normalization. `batch` follows a dense layer or a convolution, into whose weights it is folded.
    pub normalize: Slot<Normalization>,
    /// Channels x height x width become height x width tokens, and so many more are put before them.
    pub sequence: Slot<u32>,
    /// The first and last channel or feature of a part, for example `0..191`; the ends belong to it.
    pub slice: Slot<String>,
    /// The same values in another shape, such as `64 x 7 x 7`.
    pub reshape: Slot<String>,
    /// A block of layers: `input` among them is what feeds the block, its output is that of the last.
    pub layers: Slot<Vec<Slot<LayerSpec>>>,
    /// How often the block stands one after another. Default 1.
    pub repeat: Slot<u32>,
    /// The function of its outputs, such as `relu`, done by a unit of the levels around its arrays. Alone it is a layer that works element by
    /// element.
    pub activation: Slot<String>,
    /// Which layers feed this one (a name, a list of names, or `input`). The layer before when absent.
    pub from: Slot<OneOrMany>,
    /// Places of a window: `3`, or height x width, `3 x 5`.
    pub kernel: Slot<Window>,
    /// Steps between two windows. Default 1; of pooling the kernel.
    pub stride: Slot<Window>,
    /// Places that are added at each edge: a number, height x width, `same` (the output has as many places as the input, divided by the stride),
    /// or a list of top, left, bottom and right. Default 0.
    pub padding: Slot<Padding>,
    /// Places that are added to the output of a transposed convolution. Default 0.
    pub output_padding: Slot<Window>,
    /// Distance between two places of a window. Default 1.
    pub dilation: Slot<Window>,
    /// Groups of channels that do not see each other. Default 1.
    pub groups: Slot<u32>,
    /// True if a window that leaves the input counts. Default false.
    pub ceil: Slot<bool>,
    /// Heads of attention or of a matrix product of two layers. Default 1.
    pub heads: Slot<u32>,
    /// Of a matrix product: true if the second layer is taken transposed, as keys are.
    pub transposed: Slot<bool>,
    /// Tokens whose keys and values attention has from before. Default 0.
    pub cache: Slot<u32>,
    /// Steps of a recurrent layer. The tokens of its input when absent.
    pub steps: Slot<u32>,
    /// The token that a dense layer works on: `first` or `last`. All when absent.
    pub of: Slot<PickedToken>,
    /// The level of arrays that it lies on, or `digital`: exact, for `imcost accuracy`. The only one when absent.
    pub on: Slot<String>,
    /// How often its weights are stored: copies work side by side. `mapping.copies` decides when absent.
    pub copies: Slot<u32>,
    /// Of a layer without weights: the component that does it. What the levels have when absent.
    #[serde(rename = "use")]
    pub component: Slot<String>,
    /// Of a layer without weights and levels: how many units. Default 1.
    pub units: Slot<u32>,
    /// Instead of the architecture's `weights`.
    pub weights: Slot<Box<WeightsSpec>>,
    /// Instead of the architecture's `tile`.
    pub tile: Slot<Box<TileSpec>>,
    /// Instead of the architecture's chain of the same name.
    pub stages: Slot<Stages>,
    /// Instead of the architecture's `statistics`.
    pub statistics: Slot<Box<StatisticsSpec>>,
}

/// How a window becomes one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The largest.
    Max,
    /// The mean.
    Average,
    /// The mean of a whole channel.
    GlobalAverage,
}

/// What is normalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// Each channel over many pictures: a fixed factor and offset, folded into the weights before.
    Batch,
    /// A fixed factor and offset of each channel that are not folded.
    Affine,
    /// Each token.
    Layer,
    /// Each token by its root mean square.
    Rms,
    /// Each group of channels.
    Group,
    /// Each channel.
    Instance,
}

/// A token of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PickedToken {
    /// The first.
    First,
    /// The last.
    Last,
}

/// A number of places, or height x width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window(
    /// What stands in the file.
    pub String,
);

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for Window {
    fn schema_name() -> Cow<'static, str> {
        "Window".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number of places, or height x width, such as `3 x 5`.",
            "type": ["integer", "string"],
            "pattern": "^\\d+( x \\d+)?$",
            "minimum": 0,
        })
    }
}

/// Places that are added at the edges.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename = "$imcost-shape", rename_all = "lowercase")]
pub enum Padding {
    /// A number, height x width, or `same`.
    Scalar(String),
    /// Top, left, bottom, right.
    Sequence(Vec<Slot<u64>>),
}

impl JsonSchema for Padding {
    fn schema_name() -> Cow<'static, str> {
        "Padding".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Places at each edge: a number, height x width, `same`, or a list of top, left, bottom, right.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^(same|\\d+( x \\d+)?)$" },
                { "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 4, "maxItems": 4 },
            ],
        })
    }
}
