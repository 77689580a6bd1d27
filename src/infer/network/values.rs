//! What layers without matrices make of values, picture by picture.

use crate::workload::{LayerKind, Pooling, Shape, WindowShape};

/// What a layer without matrices does.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueStep {
    /// The largest or the mean of each window. As in PyTorch, the mean counts places that padding adds, but none beyond.
    Pool {
        /// Which.
        pooling: Pooling,
        /// Its window.
        window: WindowShape,
    },
    /// The mean over all places of each channel, or over all tokens of each feature.
    GlobalPool,
    /// Each place becomes so many times so many.
    Upsample(usize),
    /// The sum of all inputs; one of a single place counts at every place.
    Add,
    /// Their product.
    Multiply,
    /// A map becomes tokens.
    Tokens,
    /// A part of the channels or features: the first, and how many.
    Slice(usize, usize),
    /// A factor and an offset of each channel or feature.
    Affine(Vec<(f64, f64)>),
    /// The same values.
    Same,
}

impl ValueStep {
    /// What a layer does, if it is one of these; `affine` has the factors of one that scales channels.
    #[must_use]
    pub fn of(kind: &LayerKind, affine: Option<Vec<(f64, f64)>>) -> Option<Self> {
        Some(match kind {
            LayerKind::Pool { pooling, window } => Self::Pool { pooling: *pooling, window: *window },
            LayerKind::GlobalPool => Self::GlobalPool,
            LayerKind::Upsample(times) => Self::Upsample(size(*times)),
            LayerKind::Add { constant: false } => Self::Add,
            LayerKind::Multiply { constant: false } => Self::Multiply,
            LayerKind::Tokens(0) => Self::Tokens,
            LayerKind::Slice(first, last) => Self::Slice(size(*first), size(last - first + 1)),
            LayerKind::Normalize(_) => affine.map_or(Self::Same, Self::Affine),
            LayerKind::Concat | LayerKind::Reshape(_) | LayerKind::Elementwise => Self::Same,
            _ => return None,
        })
    }

    /// The values of one picture: from those of its inputs, each of its shape, to `out`, which has the size of the output.
    pub fn compute(&self, inputs: &[(&[f64], Shape)], output: Shape, out: &mut [f64]) {
        match self {
            Self::Add => elementwise(inputs, out, |a, b| a + b),
            Self::Multiply => elementwise(inputs, out, |a, b| a * b),
            _ => {
                if let [(values, shape)] = inputs {
                    self.of_one(values, *shape, output, out);
                } else {
                    let shape = inputs.first().map_or(output, |(_, shape)| *shape);
                    let depth = inputs.iter().map(|(_, shape)| shape.depth()).sum();
                    let mut joined = Vec::new();
                    join(inputs, &mut joined);
                    self.of_one(&joined, shape.of_depth(depth), output, out);
                }
            }
        }
    }

    fn of_one(&self, values: &[f64], shape: Shape, output: Shape, out: &mut [f64]) {
        match self {
            Self::Pool { pooling, window } => pool(*pooling, window, values, (shape, output), out),
            Self::GlobalPool => global_mean(values, shape, out),
            Self::Upsample(times) => upsample(*times, values, shape, out),
            Self::Tokens => {
                let depth = size(shape.depth());
                let places = values.len() / depth.max(1);
                for (place, token) in out.chunks_exact_mut(depth.max(1)).enumerate() {
                    token.iter_mut().enumerate().for_each(|(channel, v)| *v = values[channel * places + place]);
                }
            }
            Self::Slice(first, count) => slice((*first, *count), values, shape, out),
            Self::Affine(factors) => {
                let channel = channel_of(shape);
                for (at, (out, value)) in out.iter_mut().zip(values).enumerate() {
                    let (factor, offset) = factors[channel(at)];
                    *out = factor * value + offset;
                }
            }
            Self::Add | Self::Multiply | Self::Same => out.copy_from_slice(values),
        }
    }
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The channel or feature that a value is of.
pub(super) fn channel_of(shape: Shape) -> impl Fn(usize) -> usize {
    let (places, depth) = match shape {
        Shape::Map { height, width, .. } => (size(height * width).max(1), usize::MAX),
        Shape::Sequence { features, .. } => (1, size(features).max(1)),
        Shape::Features(_) => (1, usize::MAX),
    };
    move |at| at / places % depth
}

/// Several inputs side by side, along channels or features.
pub(super) fn join(inputs: &[(&[f64], Shape)], joined: &mut Vec<f64>) {
    joined.clear();
    if let Some((_, Shape::Sequence { tokens, .. })) = inputs.first() {
        for token in 0..size(*tokens) {
            for (values, shape) in inputs {
                let features = size(shape.depth());
                joined.extend_from_slice(&values[token * features..(token + 1) * features]);
            }
        }
        return;
    }
    inputs.iter().for_each(|(values, _)| joined.extend_from_slice(values));
}

fn elementwise(inputs: &[(&[f64], Shape)], out: &mut [f64], with: fn(f64, f64) -> f64) {
    for (at, (values, _)) in inputs.iter().enumerate() {
        // One of a single place counts at every place of its channel.
        let places = (out.len() / values.len().max(1)).max(1);
        for (value, out) in values.iter().zip(out.chunks_exact_mut(places)) {
            out.iter_mut().for_each(|out| *out = if at == 0 { *value } else { with(*out, *value) });
        }
    }
}

fn pool(pooling: Pooling, window: &WindowShape, values: &[f64], (shape, output): (Shape, Shape), out: &mut [f64]) {
    let (Shape::Map { height, width, .. }, Shape::Map { height: rows, width: columns, .. }) = (shape, output) else {
        return;
    };
    let (top, left) = window.before((height, width));
    let across = |before: u64, count: u64, places: u64, (kernel, stride, dilation): (u64, u64, u64), after: u64| {
        let of = |at: u64| Side::of(at * stride, before, places, kernel, dilation, after);
        (0..count).map(of).collect::<Vec<Side>>()
    };
    let (below, right) = window.after((height, width));
    let (k, s, d) = (window.kernel, window.stride, window.dilation);
    let down = across(top, rows, height, (k.0, s.0, d.0), below);
    let along = across(left, columns, width, (k.1, s.1, d.1), right);
    let (width, of_channel) = (size(width), size(height * width));
    for (map, out) in values.chunks_exact(of_channel).zip(out.chunks_exact_mut(size(rows * columns))) {
        let windows = down.iter().flat_map(|y| along.iter().map(move |x| (y, x)));
        for (out, (y, x)) in out.iter_mut().zip(windows) {
            let seen = y.within.iter().flat_map(|row| x.within.iter().map(move |column| map[row * width + column]));
            *out = match pooling {
                Pooling::Max => seen.fold(f64::NEG_INFINITY, f64::max),
                _ => seen.sum::<f64>() / (y.counted * x.counted) as f64,
            };
        }
    }
}

/// A window along one side of a map.
struct Side {
    /// Its places that are within the map.
    within: Vec<usize>,
    /// Its places that are within the padded map.
    counted: usize,
}

impl Side {
    /// A window whose first place is this one of the padded map.
    fn of(first: u64, before: u64, places: u64, kernel: u64, dilation: u64, after: u64) -> Self {
        let all = (0..kernel).map(|at| first + at * dilation).filter(|at| *at < before + places + after);
        let within = all.clone().filter(|at| (before..before + places).contains(at)).map(|at| size(at - before));
        Self { counted: all.count(), within: within.collect() }
    }
}

fn global_mean(values: &[f64], shape: Shape, out: &mut [f64]) {
    let channel = channel_of(shape);
    out.fill(0.0);
    values.iter().enumerate().for_each(|(at, value)| out[channel(at)] += value);
    let places = (values.len() / out.len().max(1)).max(1) as f64;
    out.iter_mut().for_each(|out| *out /= places);
}

fn upsample(times: usize, values: &[f64], shape: Shape, out: &mut [f64]) {
    let Shape::Map { width, .. } = shape else { return };
    let width = size(width);
    for (row, out) in values.chunks_exact(width).zip(out.chunks_exact_mut(width * times * times)) {
        for line in out.chunks_exact_mut(width * times) {
            line.iter_mut().enumerate().for_each(|(at, out)| *out = row[at / times]);
        }
    }
}

fn slice((first, count): (usize, usize), values: &[f64], shape: Shape, out: &mut [f64]) {
    let (depth, places) = match shape {
        Shape::Map { height, width, .. } => (1, size(height * width)),
        Shape::Sequence { tokens, features } => {
            let features = size(features);
            for (token, out) in (0..size(tokens)).zip(out.chunks_exact_mut(count)) {
                out.copy_from_slice(&values[token * features + first..][..count]);
            }
            return;
        }
        Shape::Features(_) => (1, 1),
    };
    out.copy_from_slice(&values[first * places * depth..][..count * places]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Edges;

    fn one(step: &ValueStep, values: &[f64], shape: Shape, output: Shape) -> Vec<f64> {
        let mut out = vec![f64::NAN; size(output.values())];
        step.compute(&[(values, shape)], output, &mut out);
        out
    }

    /// A row of five places, windows of two with a place of padding on each side: the mean counts padding, but not what `ceil` adds.
    #[test]
    fn the_mean_of_a_window_counts_what_padding_adds_but_not_what_ceil_does() {
        let window = WindowShape {
            kernel: (1, 2),
            stride: (1, 2),
            dilation: (1, 1),
            padding: Edges::Of([0, 1, 0, 0]),
            ceil: true,
        };
        let (shape, output) = (Shape::map(1, 1, 4), Shape::map(1, 1, 3));
        let values = [1.0, 2.0, 3.0, 4.0];
        let found = |pooling| one(&ValueStep::Pool { pooling, window }, &values, shape, output);
        assert_eq!(found(Pooling::Average), [0.5, 2.5, 4.0]);
        assert_eq!(found(Pooling::Max), [1.0, 3.0, 4.0]);
    }

    #[test]
    fn values_are_moved_as_their_shapes_say() {
        let map = Shape::map(2, 1, 2);
        let values = [1.0, 2.0, 3.0, 4.0];
        let sequence = Shape::Sequence { tokens: 2, features: 2 };
        assert_eq!(one(&ValueStep::Tokens, &values, map, sequence), [1.0, 3.0, 2.0, 4.0]);
        assert_eq!(one(&ValueStep::Slice(1, 1), &values, map, Shape::map(1, 1, 2)), [3.0, 4.0]);
        assert_eq!(
            one(&ValueStep::Slice(1, 1), &values, sequence, Shape::Sequence { tokens: 2, features: 1 }),
            [2.0, 4.0]
        );
        assert_eq!(one(&ValueStep::GlobalPool, &values, map, Shape::map(2, 1, 1)), [1.5, 3.5]);
        assert_eq!(one(&ValueStep::GlobalPool, &values, sequence, Shape::Features(2)), [2.0, 3.0]);
        let larger = [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0];
        assert_eq!(one(&ValueStep::Upsample(2), &values[..2], Shape::map(1, 1, 2), Shape::map(1, 2, 4)), larger);
        let affine = ValueStep::Affine(vec![(2.0, 0.5), (1.0, 0.0)]);
        assert_eq!(one(&affine, &values, map, map), [2.5, 4.5, 3.0, 4.0]);
        assert_eq!(one(&affine, &values, sequence, sequence), [2.5, 2.0, 6.5, 4.0]);
    }

    #[test]
    fn one_place_counts_at_every_place_of_its_channel() {
        let (map, places) = ([1.0, 2.0, 3.0, 4.0], [10.0, 20.0]);
        let mut out = [0.0; 4];
        let inputs = [(&map[..], Shape::map(2, 1, 2)), (&places[..], Shape::map(2, 1, 1))];
        ValueStep::Multiply.compute(&inputs, Shape::map(2, 1, 2), &mut out);
        assert_eq!(out, [10.0, 20.0, 60.0, 80.0]);
        let turned = [inputs[1], inputs[0]];
        ValueStep::Add.compute(&turned, Shape::map(2, 1, 2), &mut out);
        assert_eq!(out, [11.0, 12.0, 23.0, 24.0]);
    }

    #[test]
    fn tokens_of_several_lie_side_by_side() {
        let shape = |features| Shape::Sequence { tokens: 2, features };
        let mut joined = Vec::new();
        join(&[(&[1.0, 2.0], shape(1)), (&[3.0, 4.0, 5.0, 6.0], shape(2))], &mut joined);
        assert_eq!(joined, [1.0, 3.0, 4.0, 2.0, 5.0, 6.0]);
    }
}
