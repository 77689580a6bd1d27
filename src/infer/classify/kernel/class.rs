//! The class of a picture: its largest output.

use pulp::{Simd, WithSimd};

use super::{Panel, WIDTH};

/// The largest `gain · value + offset` of each picture, the first of equal ones. Panel p of picture i is `values[p · pictures + i]`.
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
            let mut best = (f64::NEG_INFINITY, 0);
            for (panel, (gain, offset)) in self.gain.iter().zip(self.offset).enumerate() {
                let (value, lane) = largest(simd, &self.values[panel * pictures + picture], gain, offset);
                if value > best.0 {
                    best = (value, panel * WIDTH + lane);
                }
            }
            *class = u16::try_from(best.1).unwrap_or(u16::MAX);
        }
    }
}

/// The largest argument of a panel and its place, without a branch that depends on them.
#[inline(always)]
fn largest<S: Simd>(simd: S, values: &Panel, gain: &Panel, offset: &Panel) -> (f64, usize) {
    let mut arguments = *values;
    let mut most = simd.splat_f64s(f64::NEG_INFINITY);
    let vectors = S::as_mut_simd_f64s(&mut arguments).0.iter_mut();
    for ((value, &gain), &offset) in vectors.zip(S::as_simd_f64s(gain).0).zip(S::as_simd_f64s(offset).0) {
        *value = simd.mul_add_f64s(gain, *value, offset);
        most = simd.max_f64s(most, *value);
    }
    let most = simd.reduce_max_f64s(most);
    let mut places = 0_u32;
    for (lane, value) in arguments.iter().enumerate() {
        places |= u32::from(*value == most) << lane;
    }
    (most, (places.trailing_zeros() as usize).min(WIDTH - 1))
}

/// Pictures of which another output is as large as that of their class.
#[must_use]
pub fn ties(arguments: &[Panel], outputs: usize, classes: &[u16]) -> usize {
    let pictures = classes.len();
    let value = |picture: usize, output: usize| arguments[(output / WIDTH) * pictures + picture][output % WIDTH];
    let tied = |(picture, &class): (usize, &u16)| {
        let class = usize::from(class);
        (0..outputs).any(|other| other != class && value(picture, other) == value(picture, class))
    };
    classes.iter().enumerate().filter(|&of| tied(of)).count()
}
