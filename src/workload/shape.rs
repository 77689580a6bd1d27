//! Shapes of the values between layers.

use std::fmt;

/// What flows between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Values without an order.
    Features(u64),
    /// Channels of pictures.
    Map {
        /// Channels.
        channels: u64,
        /// Rows of a picture.
        height: u64,
        /// Columns of a picture.
        width: u64,
    },
    /// Tokens, each of so many features.
    Sequence {
        /// Tokens.
        tokens: u64,
        /// Features of each.
        features: u64,
    },
}

/// More values than this flow nowhere; products of sizes below it cannot overflow.
const MOST_VALUES: u64 = 1 << 40;

impl Shape {
    /// `C x H x W`, `S x D` or a number of values; none for another text, or one of values that nobody has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sizes: Vec<u64> = text.split('x').map(|size| size.trim().parse().ok()).collect::<Option<_>>()?;
        let shape = match *sizes.as_slice() {
            [values] => Self::Features(values),
            [tokens, features] => Self::Sequence { tokens, features },
            [channels, height, width] => Self::Map { channels, height, width },
            _ => return None,
        };
        (sizes.iter().all(|&size| size > 0) && shape.is_possible()).then_some(shape)
    }

    /// A map.
    #[must_use]
    pub const fn map(channels: u64, height: u64, width: u64) -> Self {
        Self::Map { channels, height, width }
    }

    /// Values of it.
    #[must_use]
    pub fn values(self) -> u64 {
        match self {
            Self::Features(values) => values,
            Self::Map { channels, height, width } => channels.saturating_mul(height).saturating_mul(width),
            Self::Sequence { tokens, features } => tokens.saturating_mul(features),
        }
    }

    /// True if so many values can flow.
    #[must_use]
    pub fn is_possible(self) -> bool {
        self.values() <= MOST_VALUES
    }

    /// Channels of a map, features of a sequence or all values: what lies side by side in one place.
    #[must_use]
    pub fn depth(self) -> u64 {
        match self {
            Self::Features(values) => values,
            Self::Map { channels, .. } => channels,
            Self::Sequence { features, .. } => features,
        }
    }

    /// What lies side by side in one place.
    #[must_use]
    pub fn depth_name(self) -> &'static str {
        match self {
            Self::Features(_) => "values",
            Self::Map { .. } => "channels",
            Self::Sequence { .. } => "features",
        }
    }

    /// The same places with so many channels, features or values.
    #[must_use]
    pub fn of_depth(self, depth: u64) -> Self {
        match self {
            Self::Features(_) => Self::Features(depth),
            Self::Map { height, width, .. } => Self::Map { channels: depth, height, width },
            Self::Sequence { tokens, .. } => Self::Sequence { tokens, features: depth },
        }
    }

    /// Rows that come one after another where a layer is streamed: those of a map, the tokens of a sequence; values all come at once.
    #[must_use]
    pub fn rows(self) -> u64 {
        match self {
            Self::Features(_) => 1,
            Self::Map { height, .. } => height,
            Self::Sequence { tokens, .. } => tokens,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Features(values) => write!(f, "{values}"),
            Self::Map { channels, height, width } => write!(f, "{channels} x {height} x {width}"),
            Self::Sequence { tokens, features } => write!(f, "{tokens} x {features}"),
        }
    }
}
