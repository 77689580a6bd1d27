//! What an import says of what it folded or left out.

use indexmap::IndexMap;

/// Something that is not a layer of the result.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in super::super) enum Note {
    /// Normalisations over a batch that went into the weights before them.
    BatchNorm,
    /// Constant factors and terms of channels that went into the weights before them.
    Affine,
    /// Factors of all values.
    Scale,
    /// Masks of attention.
    Mask,
    /// Values in another order.
    Order,
    /// The lookup of embeddings.
    Lookup,
    /// First states of recurrent layers.
    State,
    /// The last state of a layer in both directions.
    LastState,
    /// Quantised values of so many bits.
    Bits(usize),
    /// So many outputs.
    Outputs(usize),
    /// A subtraction, which costs what an addition costs.
    Difference,
    /// Means over tokens.
    TokenMean,
}

/// All of them, each with how often it occurs.
#[derive(Debug, Default)]
pub(in super::super) struct Notes(IndexMap<Note, usize>);

impl Notes {
    /// Adds one.
    pub fn add(&mut self, note: Note) {
        *self.0.entry(note).or_default() += 1;
    }

    /// A line for each.
    pub fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(note, times)| line(note, *times)).collect()
    }
}

fn line(note: &Note, n: usize) -> String {
    let s = if n == 1 { "" } else { "s" };
    match note {
        Note::BatchNorm => format!("folded: {n} batch normalisation{s} into the weights before"),
        Note::Affine => format!("folded: {n} factor{s} or term{s} of channels into the weights before"),
        Note::Scale => format!("folded: {n} multiplication{s} by one number, as the scale of attention"),
        Note::Mask => format!("left out: {n} mask{s} of attention or of tokens"),
        Note::Order => format!(
            "left out: {n} change{s} of the order of values, which takes no arithmetic; a `reshape` or `slice` stands where the sizes change"
        ),
        Note::Lookup => "left out: the lookup of embeddings; the network begins after it".into(),
        Note::State => format!("left out: {n} first state{s} of recurrent layers"),
        Note::LastState => format!(
            "the last state{s} in both directions {} taken as the last token",
            if n == 1 { "is" } else { "are" }
        ),
        Note::Bits(bits) => format!("quantised: {n} value{s} of {bits} bits, as if they were not"),
        Note::Outputs(count) => format!("{count} outputs of the network are computed; the last layer is one of them"),
        Note::Difference => format!(
            "{n} subtraction{s} or division{s} of activations written as `add` or `multiply`, which cost{} the same",
            if n == 1 { "s" } else { "" }
        ),
        Note::TokenMean => format!("{n} mean{s} over all tokens written as `pool: global-average`"),
    }
}
