//! Values that do not depend on the input: sizes that the graph computes, small tables, and weights, of which only the sizes are known.

mod elementwise;
mod fold;

use std::sync::Arc;

pub(super) use fold::{Folding, fold};

use super::proto::TensorProto;
use super::tensor;
use super::weights::Stored;

/// Whole numbers of one constant that are known one by one: more than any shape has, enough for the masks of a long sequence.
const MOST_NUMBERS: usize = 1 << 16;
/// Fractions that are read of one stored tensor: scales and limits, no weights.
const MOST_FRACTIONS: usize = 64;

/// A value that does not depend on the input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Const {
    /// Its sizes.
    pub sizes: Vec<usize>,
    /// Its numbers, as far as they are known.
    pub data: Data,
    /// Where they are stored.
    pub stored: Option<Arc<Stored>>,
}

/// Numbers of a constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    /// Too many, or nobody needs them.
    Unknown,
    /// Whole numbers and truth values.
    Whole(Vec<i64>),
    /// Others.
    Fractions(Vec<f64>),
}

impl Const {
    /// What a tensor of the file holds; its weights are not read.
    pub fn of(tensor: &TensorProto, stored: Stored) -> Result<Self, String> {
        let sizes = tensor::sizes(tensor)?;
        let count = tensor::count(&sizes).unwrap_or(usize::MAX);
        let data = if tensor::is_whole(tensor.data_type) {
            tensor::whole_numbers(tensor, MOST_NUMBERS).map_or(Data::Unknown, Data::Whole)
        } else if count <= MOST_FRACTIONS && tensor.data_location != 1 {
            let values = tensor::values(tensor, None);
            values.map_or(Data::Unknown, |values| Data::Fractions(values.into_iter().map(f64::from).collect()))
        } else {
            Data::Unknown
        };
        Ok(Self { sizes, data, stored: Some(Arc::new(stored)) })
    }

    /// Whole numbers in one row.
    pub fn whole(values: Vec<i64>) -> Self {
        Self { sizes: vec![values.len()], data: Data::Whole(values), stored: None }
    }

    /// Sizes alone.
    pub fn unknown(sizes: Vec<usize>) -> Self {
        Self { sizes, data: Data::Unknown, stored: None }
    }

    /// How many values it has.
    pub fn count(&self) -> usize {
        self.sizes.iter().product()
    }

    /// How many of its numbers are known one by one.
    pub fn known(&self) -> usize {
        match &self.data {
            Data::Unknown => 0,
            Data::Whole(values) => values.len(),
            Data::Fractions(values) => values.len(),
        }
    }

    /// Its whole numbers.
    pub fn numbers(&self) -> Option<&[i64]> {
        match &self.data {
            Data::Whole(values) => Some(values),
            _ => None,
        }
    }

    /// Its fractions.
    pub fn fractions(&self) -> Option<&[f64]> {
        match &self.data {
            Data::Fractions(values) => Some(values),
            _ => None,
        }
    }

    /// The number that it is, if it is one alone or the same everywhere.
    pub fn scalar(&self) -> Option<f64> {
        let same = |values: &[f64]| values.first().copied().filter(|first| values.iter().all(|value| value == first));
        match &self.data {
            Data::Unknown => None,
            Data::Whole(values) => same(&values.iter().map(|&value| value as f64).collect::<Vec<_>>()),
            Data::Fractions(values) => same(values),
        }
    }

    /// The elements at these places, in new sizes.
    fn picked(&self, sizes: Vec<usize>, places: &[usize]) -> Self {
        let whole = |values: &[i64]| places.iter().map(|&place| values.get(place).copied()).collect::<Option<Vec<_>>>();
        let others =
            |values: &[f64]| places.iter().map(|&place| values.get(place).copied()).collect::<Option<Vec<_>>>();
        let data = match &self.data {
            Data::Unknown => None,
            Data::Whole(values) => whole(values).map(Data::Whole),
            Data::Fractions(values) => others(values).map(Data::Fractions),
        };
        Self { sizes, data: data.unwrap_or(Data::Unknown), stored: None }
    }
}

/// The sizes of two values of which one is repeated along the other's dimensions.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let size = |sizes: &[usize], dim: usize| (dim + sizes.len()).checked_sub(rank).map_or(1, |dim| sizes[dim]);
    (0..rank)
        .map(|dim| match (size(a, dim), size(b, dim)) {
            (a, b) if a == b => Some(a),
            (1, other) | (other, 1) => Some(other),
            _ => None,
        })
        .collect()
}

/// True for sizes of so few numbers that they are looked at one by one. A size of zero counts as one: it is no reason to walk through the others.
fn small(sizes: &[usize]) -> bool {
    let count = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size.max(1)));
    count.is_some_and(|count| count <= MOST_NUMBERS)
}

/// For each element of the larger sizes the element of the smaller ones that stands there.
fn repeated(from: &[usize], to: &[usize]) -> Vec<usize> {
    let mut places = vec![0];
    for (dim, &size) in to.iter().enumerate() {
        let own = (dim + from.len()).checked_sub(to.len()).map_or(1, |dim| from[dim]);
        places = places
            .iter()
            .flat_map(|&place| (0..size).map(move |index| place * own + if own == 1 { 0 } else { index }))
            .collect();
    }
    places
}
