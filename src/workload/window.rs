//! Windows of convolutions and pooling, and the places that they leave.

/// Places of a window: height and width.
pub type Places = (u64, u64);

/// A window that moves over a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowShape {
    /// Places of the window.
    pub kernel: Places,
    /// Steps between two windows.
    pub stride: Places,
    /// Distance between two places of a window.
    pub dilation: Places,
    /// Places that are added at the edges.
    pub padding: Edges,
    /// True if a last window that leaves the input counts.
    pub ceil: bool,
}

/// Places that are added at the edges of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// As many as give one output for each step: `ceil(places / stride)`.
    Same,
    /// Top, left, bottom, right.
    Of([u64; 4]),
}

impl WindowShape {
    /// Rows and columns of the output for an input of so many; none if the window does not fit.
    ///
    /// `floor((places + padding - dilation (kernel - 1) - 1) / stride) + 1`, the floor being a ceiling with `ceil` as long as the last window
    /// begins within the input or its first padding.
    #[must_use]
    pub fn output(&self, (height, width): Places) -> Option<Places> {
        let one = |axis: Axis| {
            let Axis { input, kernel, stride, dilation, before, after, same } = axis;
            if same {
                return Some(input.div_ceil(stride));
            }
            let reach = dilation * (kernel - 1) + 1;
            let room = (input + before + after).checked_sub(reach)?;
            let floor = room / stride + 1;
            let more = self.ceil && room % stride != 0 && floor * stride < input + before;
            Some(floor + u64::from(more))
        };
        Some((one(self.axis(0, height))?, one(self.axis(1, width))?))
    }

    /// Places added before the first row and column of an input of so many.
    #[must_use]
    pub fn before(&self, (height, width): Places) -> Places {
        let one = |axis: Axis| {
            if !axis.same {
                return axis.before;
            }
            axis.added_for_same() / 2
        };
        (one(self.axis(0, height)), one(self.axis(1, width)))
    }

    /// Places added after the last row and column of an input of so many.
    #[must_use]
    pub fn after(&self, (height, width): Places) -> Places {
        let one = |axis: Axis| {
            if !axis.same {
                return axis.after;
            }
            axis.added_for_same().div_ceil(2)
        };
        (one(self.axis(0, height)), one(self.axis(1, width)))
    }

    /// Places of a window.
    #[must_use]
    pub fn places(&self) -> u64 {
        self.kernel.0 * self.kernel.1
    }

    fn axis(&self, which: usize, input: u64) -> Axis {
        let of = |places: Places| if which == 0 { places.0 } else { places.1 };
        let (before, after, same) = match self.padding {
            Edges::Same => (0, 0, true),
            Edges::Of(edges) => (edges[which], edges[which + 2], false),
        };
        Axis {
            input,
            kernel: of(self.kernel),
            stride: of(self.stride),
            dilation: of(self.dilation),
            before,
            after,
            same,
        }
    }
}

/// A window along one side of a map.
struct Axis {
    input: u64,
    kernel: u64,
    stride: u64,
    dilation: u64,
    before: u64,
    after: u64,
    same: bool,
}

impl Axis {
    /// Places that `same` padding adds on both sides together.
    fn added_for_same(self) -> u64 {
        let reach = self.dilation * (self.kernel - 1) + 1;
        ((self.input.div_ceil(self.stride) - 1) * self.stride + reach).saturating_sub(self.input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(kernel: u64, stride: u64, padding: u64, dilation: u64) -> WindowShape {
        WindowShape {
            kernel: (kernel, kernel),
            stride: (stride, stride),
            dilation: (dilation, dilation),
            padding: Edges::Of([padding; 4]),
            ceil: false,
        }
    }

    #[test]
    fn the_first_layers_of_resnet_leave_112_and_56_places() {
        assert_eq!(window(7, 2, 3, 1).output((224, 224)), Some((112, 112)));
        assert_eq!(window(3, 2, 1, 1).output((112, 112)), Some((56, 56)));
        assert_eq!(window(7, 1, 0, 1).output((5, 5)), None);
    }

    proptest! {
        /// Windows counted one by one: each must lie within the padded input.
        #[test]
        fn outputs_are_the_windows_that_fit(
            input in 1u64..40, kernel in 1u64..8, stride in 1u64..5, padding in 0u64..4, dilation in 1u64..4,
        ) {
            let padded = input + 2 * padding;
            let fits = |begin: u64| (0..kernel).all(|k| begin + k * dilation < padded);
            let counted = (0..padded).step_by(stride as usize).filter(|&begin| fits(begin)).count() as u64;
            let output = window(kernel, stride, padding, dilation).output((input, input)).map_or(0, |o| o.0);
            prop_assert_eq!(output, counted);
        }

        /// As PyTorch states it: the quotient rounded up, less a last window that begins in the padding after the input.
        #[test]
        fn a_last_window_may_hang_over_but_begins_within(
            input in 1u64..40, kernel in 1u64..8, stride in 1u64..9, padding in 0u64..4, dilation in 1u64..4,
        ) {
            let reach = dilation * (kernel - 1) + 1;
            prop_assume!(input + 2 * padding >= reach && padding <= kernel / 2);
            let rounded = (input + 2 * padding - reach).div_ceil(stride) + 1;
            let stated = rounded - u64::from((rounded - 1) * stride >= input + padding);
            let ceil = WindowShape { ceil: true, ..window(kernel, stride, padding, dilation) };
            prop_assert_eq!(ceil.output((input, input)).map(|o| o.0), Some(stated));
        }

        /// A window of `same` padding has one output a step: with its places added, so many windows fit, counted one by one, and no fewer places
        /// would do. An odd one is added at the end.
        #[test]
        fn same_padding_has_an_output_a_step(
            input in 1u64..40, kernel in 1u64..8, stride in 1u64..5, dilation in 1u64..4,
        ) {
            let same = WindowShape { padding: Edges::Same, ..window(kernel, stride, 0, dilation) };
            let output = same.output((input, input)).unwrap().0;
            prop_assert_eq!(output, input.div_ceil(stride));
            let (before, after) = (same.before((input, input)).0, same.after((input, input)).0);
            let counted = |padded: u64| {
                let fits = |begin: &u64| (0..kernel).all(|k| begin + k * dilation < padded);
                (0..padded).step_by(stride as usize).filter(fits).count() as u64
            };
            let padded = input + before + after;
            prop_assert_eq!(counted(padded), output);
            prop_assert!(padded == input || counted(padded - 1) < output);
            prop_assert!(after == before || after == before + 1);
        }
    }
}
