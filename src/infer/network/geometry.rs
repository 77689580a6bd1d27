//! Where the rows of a matrix find their values, and where its products go.
//!
//! Values lie picture by picture as their shape says: channel by channel and row by row, or token by token. A layer copies them into a frame that has
//! the places which padding adds; a product is then read at its place, each row of the matrix at its own distance from there.

use std::ops::Range;

use crate::workload::{LayerKind, PickedToken, Shape, WindowShape};

/// The products of a layer with matrices.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowGeometry {
    /// Values of a frame.
    pub frame: usize,
    /// Values that are copied into it: from where, to where, how many.
    pub copied: Vec<(usize, usize, usize)>,
    /// Where each product begins in the frame.
    pub places: Vec<usize>,
    /// For each grid of arrays how far from there the value of each row lies, without the bias.
    pub offsets: Vec<Vec<usize>>,
    /// For each grid the groups of channels on it.
    pub groups: Vec<Range<usize>>,
    /// Columns of one group.
    pub outputs: usize,
    /// From a channel to the next one in the output, and from a place to the next.
    pub steps: (usize, usize),
    /// Values of the output.
    pub values: usize,
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

impl WindowGeometry {
    /// Of a layer whose matrices are on arrays in grids of so many groups; none of one that has none, or whose matrices are values.
    #[must_use]
    pub fn of(kind: &LayerKind, input: Shape, output: Shape, packed: u64) -> Option<Self> {
        match kind {
            LayerKind::Dense { outputs, of } => Some(Self::dense(input, size(*outputs), *of)),
            LayerKind::Conv { window, groups, .. } => Self::windows(input, output, window, size(*groups), size(packed)),
            LayerKind::Depthwise { window, .. } => {
                Self::windows(input, output, window, size(input.depth()), size(packed))
            }
            _ => None,
        }
    }

    /// Rows of the matrix on a grid, without the bias.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.offsets.first().map_or(0, Vec::len)
    }

    /// A window ends before so many values from where it begins.
    #[must_use]
    pub fn reach(&self, grid: usize) -> usize {
        self.offsets[grid].iter().max().map_or(0, |last| last + 1)
    }

    /// The output channels of a grid.
    #[must_use]
    pub fn channels(&self, grid: usize) -> Range<usize> {
        self.groups[grid].start * self.outputs..self.groups[grid].end * self.outputs
    }

    fn dense(input: Shape, outputs: usize, of: Option<PickedToken>) -> Self {
        let (tokens, features) = match input {
            Shape::Sequence { tokens, features } => (size(tokens), size(features)),
            other => (1, size(other.values())),
        };
        let first = match of {
            Some(PickedToken::Last) => tokens - 1..tokens,
            Some(PickedToken::First) => 0..1,
            None => 0..tokens,
        };
        Self {
            frame: tokens * features,
            copied: vec![(0, 0, tokens * features)],
            values: first.len() * outputs,
            places: first.map(|token| token * features).collect(),
            offsets: vec![(0..features).collect()],
            groups: std::iter::once(0..1).collect(),
            outputs,
            steps: (1, outputs),
        }
    }

    fn windows(input: Shape, output: Shape, window: &WindowShape, groups: usize, packed: usize) -> Option<Self> {
        let (Shape::Map { channels, height, width }, Shape::Map { channels: of, height: rows, width: columns }) =
            (input, output)
        else {
            return None;
        };
        let pair = |(a, b): (u64, u64)| (size(a), size(b));
        let ((top, left), stride, dilation) =
            (pair(window.before((height, width))), pair(window.stride), pair(window.dilation));
        let (kernel, channels, (height, width)) = (pair(window.kernel), size(channels), pair((height, width)));
        let (rows, columns) = pair((rows, columns));
        // The last window may end before the map does, or beyond it.
        let side = |before: usize, places: usize, windows: usize, stride: usize, kernel: usize, dilation: usize| {
            (before + places).max((windows - 1) * stride + dilation * (kernel - 1) + 1)
        };
        let high = side(top, height, rows, stride.0, kernel.0, dilation.0);
        let wide = side(left, width, columns, stride.1, kernel.1, dilation.1);
        let copied = |row: usize| {
            let (channel, y) = (row / height, row % height);
            (row * width, (channel * high + top + y) * wide + left, width)
        };
        let grids: Vec<Range<usize>> =
            (0..groups).step_by(packed.max(1)).map(|first| first..(first + packed.max(1)).min(groups)).collect();
        // Rows of groups that a grid has no more are never on: they see a channel of zeros.
        let (of_group, zeros) = (channels / groups, channels);
        let partly = !groups.is_multiple_of(packed.max(1)) && grids.len() > 1;
        let offsets = |grid: &Range<usize>| {
            let all = (0..packed.min(groups) * of_group).map(|at| grid.start * of_group + at);
            let seen = all.map(|channel| if channel < channels { channel } else { zeros });
            seen.flat_map(|channel| {
                (0..kernel.0).flat_map(move |ky| {
                    (0..kernel.1).map(move |kx| (channel * high + ky * dilation.0) * wide + kx * dilation.1)
                })
            })
            .collect()
        };
        Some(Self {
            frame: (channels + usize::from(partly)) * high * wide,
            copied: (0..channels * height).map(copied).collect(),
            places: (0..rows * columns).map(|at| at / columns * stride.0 * wide + at % columns * stride.1).collect(),
            offsets: grids.iter().map(offsets).collect(),
            groups: grids,
            outputs: size(of) / groups,
            steps: (rows * columns, 1),
            values: size(of) * rows * columns,
        })
    }

    /// Copies the values of some pictures into frames, each divided by a scale.
    pub fn frames(&self, values: &[f64], pictures: usize, scale: f64, frames: &mut Vec<f64>) {
        let all = self.frame * pictures;
        if frames.len() != all {
            frames.clear();
            frames.resize(all, 0.0);
        }
        frames.fill(0.0);
        let of_picture = values.len() / pictures.max(1);
        if self.frame == 0 || of_picture == 0 {
            return;
        }
        for (values, frame) in values.chunks_exact(of_picture).zip(frames.chunks_exact_mut(self.frame)) {
            for &(from, to, count) in &self.copied {
                for (to, from) in frame[to..to + count].iter_mut().zip(&values[from..from + count]) {
                    *to = from / scale;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Edges;

    /// A map of 1 x 2 x 3 with a frame of one place: rows of zeros above and below, columns of zeros beside.
    #[test]
    fn windows_see_the_map_and_zeros_around_it() {
        let window =
            WindowShape { kernel: (3, 3), stride: (1, 2), dilation: (1, 1), padding: Edges::Of([1; 4]), ceil: false };
        let kind = LayerKind::Conv { channels: 2, window, groups: 1 };
        let (input, output) = (Shape::map(1, 2, 3), Shape::map(2, 2, 2));
        let geometry = WindowGeometry::of(&kind, input, output, 1).expect("a convolution");
        let mut frames = Vec::new();
        geometry.frames(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 1, 0.5, &mut frames);
        let seen = |place: usize| -> Vec<f64> {
            geometry.offsets[0].iter().map(|offset| frames[geometry.places[place] + offset]).collect()
        };
        assert_eq!(seen(0), [0.0, 0.0, 0.0, 0.0, 2.0, 4.0, 0.0, 8.0, 10.0]);
        assert_eq!(seen(3), [4.0, 6.0, 0.0, 10.0, 12.0, 0.0, 0.0, 0.0, 0.0]);
    }

    /// Five groups of one channel, two on a grid: the last grid has one, and rows that see zeros.
    #[test]
    fn a_grid_that_is_partly_empty_has_rows_that_are_never_on() {
        let window =
            WindowShape { kernel: (1, 1), stride: (1, 1), dilation: (1, 1), padding: Edges::Of([0; 4]), ceil: false };
        let kind = LayerKind::Depthwise { multiplier: 3, window };
        let geometry = WindowGeometry::of(&kind, Shape::map(5, 1, 1), Shape::map(15, 1, 1), 2).expect("a convolution");
        let mut frames = Vec::new();
        geometry.frames(&[1.0, 2.0, 3.0, 4.0, 5.0], 1, 1.0, &mut frames);
        let seen: Vec<Vec<f64>> = geometry.offsets.iter().map(|of| of.iter().map(|at| frames[*at]).collect()).collect();
        assert_eq!(seen, [vec![1.0, 2.0], vec![3.0, 4.0], vec![5.0, 0.0]]);
        assert_eq!((geometry.channels(1), geometry.channels(2)), (6..12, 12..15));
    }

    #[test]
    fn a_dense_layer_reads_all_values_or_each_token() {
        let of = |of| LayerKind::Dense { outputs: 2, of };
        let tokens = Shape::Sequence { tokens: 3, features: 4 };
        let found = |kind: &LayerKind, input| WindowGeometry::of(kind, input, Shape::Features(2), 1).expect("dense");
        assert_eq!(found(&of(None), Shape::map(1, 3, 4)).places, [0]);
        assert_eq!(found(&of(None), tokens).places, [0, 4, 8]);
        assert_eq!(found(&of(Some(PickedToken::Last)), tokens).places, [8]);
        assert_eq!(found(&of(Some(PickedToken::First)), tokens).values, 2);
    }
}
