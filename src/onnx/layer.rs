//! What an import finds: layers with their sizes.

use super::view::PickedToken;
use super::weights::Weights;

/// Sizes of what a layer takes or gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportedShape {
    /// Maps of channels.
    Map {
        /// Channels.
        channels: usize,
        /// Rows of a map.
        height: usize,
        /// Columns of a map.
        width: usize,
    },
    /// Tokens, each with its features.
    Sequence {
        /// Tokens.
        tokens: usize,
        /// Features of each.
        features: usize,
    },
    /// Features alone.
    Features(usize),
}

impl ImportedShape {
    /// The sizes, from the outermost to the innermost.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        match *self {
            Self::Map { channels, height, width } => vec![channels, height, width],
            Self::Sequence { tokens, features } => vec![tokens, features],
            Self::Features(features) => vec![features],
        }
    }

    /// How many values they are.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.sizes().iter().fold(1, |product: usize, &size| product.saturating_mul(size))
    }

    /// Which of the sizes counts channels or features.
    pub(super) fn feature_axis(&self) -> usize {
        usize::from(matches!(self, Self::Sequence { .. }))
    }

    /// Channels or features.
    #[must_use]
    pub fn width(&self) -> usize {
        match *self {
            Self::Map { channels, .. } => channels,
            Self::Sequence { features, .. } | Self::Features(features) => features,
        }
    }

    /// The same with so many channels or features.
    pub(super) fn with_width(&self, width: usize) -> Self {
        match *self {
            Self::Map { height, width: columns, .. } => Self::Map { channels: width, height, width: columns },
            Self::Sequence { tokens, .. } => Self::Sequence { tokens, features: width },
            Self::Features(_) => Self::Features(width),
        }
    }
}

impl std::fmt::Display for ImportedShape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes: Vec<String> = self.sizes().iter().map(ToString::to_string).collect();
        f.write_str(&sizes.join(" x "))
    }
}

/// Zeros around a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportedPadding {
    /// As many above as below and left as right: rows, columns.
    Even(usize, usize),
    /// As many as give a result of the size of the input by the stride, the odd one below and right.
    Same,
    /// Top, left, bottom, right.
    Each([usize; 4]),
}

/// How a window goes over a map; rows before columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportedWindow {
    /// Its size.
    pub kernel: [usize; 2],
    /// From one place to the next.
    pub stride: [usize; 2],
    /// Zeros around the map.
    pub padding: ImportedPadding,
    /// Distance of neighbours in the window.
    pub dilation: [usize; 2],
}

/// What pooling takes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportedPooling {
    /// The largest.
    Max,
    /// The mean.
    Average,
}

/// What a layer does.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ImportedKind {
    /// What goes into the network: always the first entry, and no layer.
    Input,
    /// Every output from every input.
    Dense {
        /// Outputs.
        outputs: usize,
        /// Of one token alone.
        of: Option<PickedToken>,
    },
    /// A convolution.
    Conv {
        /// Output channels.
        outputs: usize,
        /// Its window.
        window: ImportedWindow,
        /// Groups of channels that do not see each other.
        groups: usize,
    },
    /// A convolution of each channel alone.
    Depthwise {
        /// Output channels of each input channel.
        multiplier: usize,
        /// Its window.
        window: ImportedWindow,
    },
    /// A transposed convolution.
    Deconv {
        /// Output channels.
        outputs: usize,
        /// Its window.
        window: ImportedWindow,
        /// Rows and columns added to the result.
        output_padding: [usize; 2],
        /// Groups of channels that do not see each other.
        groups: usize,
    },
    /// ImportedPooling in windows.
    Pool {
        /// What is taken.
        of: ImportedPooling,
        /// Its window.
        window: ImportedWindow,
        /// A last window that reaches beyond the map counts too.
        ceil: bool,
    },
    /// The mean of every channel, or of every feature over the tokens.
    GlobalAverage,
    /// Every value so many times in both directions.
    Upsample(usize),
    /// The sum of its feeders.
    Add,
    /// Their product, value by value.
    Multiply,
    /// Their channels or features one after another.
    Concat,
    /// The product of two activations in heads.
    MatMul {
        /// Heads.
        heads: usize,
        /// The second is taken by its tokens: scores of attention.
        transposed: bool,
    },
    /// A function of every value.
    Activation(String),
    /// A normalisation: `layer`, `rms`, `group`, `instance` or `affine`.
    Normalize(&'static str),
    /// A recurrent layer of long short-term memory.
    Lstm {
        /// Its state.
        hidden: usize,
        /// Tokens one after another.
        steps: usize,
    },
    /// A recurrent layer of gated units.
    Gru {
        /// Its state.
        hidden: usize,
        /// Tokens one after another.
        steps: usize,
    },
    /// Places of a map as tokens, after so many class tokens.
    Sequence(usize),
    /// Channels or features from the first to the last.
    Slice {
        /// The first.
        first: usize,
        /// The last, which belongs to it.
        last: usize,
    },
    /// The same values in another shape, that of its output.
    Reshape,
}

/// Where a layer takes its values from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feeder {
    /// The input of the network.
    Input,
    /// A layer, by its index.
    Layer(usize),
    /// Stored values.
    Constant,
}

/// A layer of an imported network.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedLayer {
    /// Its name, unique.
    pub name: String,
    /// What it does.
    pub kind: ImportedKind,
    /// Where its values come from.
    pub from: Vec<Feeder>,
    /// A function of every output, where it stands beside a layer of another kind.
    pub activation: Option<String>,
    /// Sizes of its first feeder.
    pub input: ImportedShape,
    /// Sizes of what it gives.
    pub output: ImportedShape,
    /// Multiply-accumulates of one inference, from the sizes in the file.
    pub macs: u64,
    /// What its outputs are multiplied by after it, where that could not be put into weights.
    pub scale: f64,
    /// The file changes the order of values on the way into it or out of it, which the layer does not say: what it costs is the same, its values are
    /// in another order.
    pub reordered: bool,
    /// Where its weights are.
    pub(super) weights: Option<Weights>,
}

impl ImportedLayer {
    /// True for a layer whose line can name a function of its outputs.
    pub(super) fn takes_activation(&self) -> bool {
        use ImportedKind as K;
        let kind = matches!(
            self.kind,
            K::Dense { .. } | K::Conv { .. } | K::Depthwise { .. } | K::Deconv { .. } | K::Add | K::Multiply
        );
        // A factor that stands beside the layer comes before the function.
        kind && self.activation.is_none() && self.scale == 1.0
    }
}
