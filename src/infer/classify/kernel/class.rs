//! The class of a picture: its largest output.

use pulp::{Simd, WithSimd};

use super::{Panel, WIDTH};

/// Outputs are equal if they differ by less than this part of the largest magnitude among them. Sums of the same terms in another order differ
/// by a million times less, and no circuit tells such voltages apart.
pub const EQUAL: f64 = 1e-9;

/// The largest `gain · value + offset` of each picture, the first of those that are equal to it within [`EQUAL`]. Panel p of picture i is
/// `values[p · pictures + i]`.
pub struct Classes<'a> {
    /// Weighted sums.
    pub values: &'a [Panel],
    /// For each panel.
    pub gain: &'a [Panel],
    /// For each panel; minus infinity in the lanes that have no output.
    pub offset: &'a [Panel],
    /// The class of each picture.
    pub classes: &'a mut [u16],
}

impl WithSimd for Classes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let pictures = self.classes.len();
        for (picture, class) in self.classes.iter_mut().enumerate() {
            let panels = || self.gain.iter().zip(self.offset).enumerate();
            let argument =
                |panel: usize, gain, offset| arguments(simd, &self.values[panel * pictures + picture], gain, offset);
            let (mut most, mut magnitude) = (f64::NEG_INFINITY, 0.0_f64);
            for (panel, (gain, offset)) in panels() {
                let of_panel = extent(simd, &argument(panel, gain, offset));
                (most, magnitude) = (most.max(of_panel.0), magnitude.max(of_panel.1));
            }
            let least = most - EQUAL * magnitude;
            let mut first = 0;
            for (panel, (gain, offset)) in panels() {
                let mut places = 0_u32;
                for (lane, value) in argument(panel, gain, offset).iter().enumerate() {
                    places |= u32::from(*value >= least) << lane;
                }
                if places != 0 {
                    first = panel * WIDTH + places.trailing_zeros() as usize;
                    break;
                }
            }
            *class = u16::try_from(first).unwrap_or(u16::MAX);
        }
    }
}

#[inline(always)]
fn arguments<S: Simd>(simd: S, values: &Panel, gain: &Panel, offset: &Panel) -> Panel {
    let mut arguments = *values;
    let vectors = S::as_mut_simd_f64s(&mut arguments).0.iter_mut();
    for ((value, &gain), &offset) in vectors.zip(S::as_simd_f64s(gain).0).zip(S::as_simd_f64s(offset).0) {
        *value = simd.mul_add_f64s(gain, *value, offset);
    }
    arguments
}

/// The largest argument of a panel and the largest magnitude in the lanes that have an output, without a branch that depends on them.
#[inline(always)]
fn extent<S: Simd>(simd: S, arguments: &Panel) -> (f64, f64) {
    let (none, zero) = (simd.splat_f64s(f64::NEG_INFINITY), simd.splat_f64s(0.0));
    let (mut most, mut magnitude) = (none, zero);
    for &value in S::as_simd_f64s(arguments).0 {
        most = simd.max_f64s(most, value);
        let has_output = simd.greater_than_f64s(value, none);
        magnitude = simd.max_f64s(magnitude, simd.select_f64s(has_output, simd.abs_f64s(value), zero));
    }
    (simd.reduce_max_f64s(most), simd.reduce_max_f64s(magnitude))
}

/// Pictures of which several outputs are as large as the largest, within [`EQUAL`].
#[must_use]
pub fn ties(arguments: &[Panel], outputs: usize, pictures: usize) -> usize {
    let value = |picture: usize, output: usize| arguments[(output / WIDTH) * pictures + picture][output % WIDTH];
    let tied = |&picture: &usize| {
        let values = || (0..outputs).map(|output| value(picture, output));
        let most = values().fold(f64::NEG_INFINITY, f64::max);
        let magnitude = values().fold(0.0, |magnitude: f64, value| magnitude.max(value.abs()));
        values().filter(|&value| value >= most - EQUAL * magnitude).count() > 1
    };
    (0..pictures).filter(tied).count()
}

#[cfg(test)]
mod tests {
    use pulp::Arch;

    use super::super::ZERO;
    use super::*;

    /// The class of one picture with these arguments.
    fn class(values: &[f64]) -> (u16, usize) {
        let panels = values.len().div_ceil(WIDTH);
        let mut padded = vec![[0.0; WIDTH]; panels];
        let mut offset = vec![[f64::NEG_INFINITY; WIDTH]; panels];
        for (at, value) in values.iter().enumerate() {
            padded[at / WIDTH][at % WIDTH] = *value;
            offset[at / WIDTH][at % WIDTH] = 0.0;
        }
        let mut classes = [9];
        let gain = vec![[1.0; WIDTH]; panels];
        Arch::new().dispatch(Classes { values: &padded, gain: &gain, offset: &offset, classes: &mut classes });
        (classes[0], ties(&padded, values.len(), 1))
    }

    #[test]
    fn the_first_of_equal_outputs_is_taken_whatever_their_last_digits_are() {
        // Sums of the same tenths in another order.
        let (a, b) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
        assert!(a > b);
        assert_eq!((class(&[b, a]), class(&[a, b])), ((0, 1), (0, 1)));
        assert_eq!(class(&[1.0, 1.0 + 2e-9, 0.5]), (1, 0));
        assert_eq!(class(&[1.0, 1.0 + 0.5e-9, 0.5]), (0, 1));
        // Equal to what the largest terms leave of nothing.
        assert_eq!(class(&[-30.0, 0.0, 1e-12]), (1, 1));
        assert_eq!(class(&[-3.0, -2.0, -1.0]), (2, 0));
    }

    /// Three pictures of twenty outputs, in two panels each: the second has equal ones in both panels, the third in its second.
    #[test]
    fn classes_and_ties_are_those_of_each_picture() {
        let (outputs, pictures) = (20, 3);
        let mut arguments = vec![[0.0; WIDTH]; 2 * pictures];
        let mut set = |picture: usize, output: usize, value: f64| {
            arguments[(output / WIDTH) * pictures + picture][output % WIDTH] = value;
        };
        for picture in 0..pictures {
            (0..outputs).for_each(|output| set(picture, output, output as f64 / 100.0));
        }
        set(0, 7, 2.0);
        set(1, 3, 2.0);
        set(1, 18, 2.0);
        set(2, 17, 2.0);
        set(2, 19, 2.0);
        assert_eq!(ties(&arguments, outputs, pictures), 2);
        let mut offset = [ZERO; 2];
        offset[1][outputs - WIDTH..].fill(f64::NEG_INFINITY);
        let mut classes = [99; 3];
        Arch::new().dispatch(Classes {
            values: &arguments,
            gain: &[[1.0; WIDTH]; 2],
            offset: &offset,
            classes: &mut classes,
        });
        assert_eq!(classes, [7, 3, 17]);
    }

    #[test]
    fn equal_outputs_in_different_panels_are_equal() {
        let mut values = vec![-1.0; 40];
        (values[35], values[20]) = (7.0, 7.0 - 1e-10);
        assert_eq!(class(&values), (20, 1));
        values[20] = 6.9;
        assert_eq!(class(&values), (35, 0));
    }
}
