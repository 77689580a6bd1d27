//! Pictures as the network's inputs: crop, threshold or scale, and the bits that are applied one after another.

use std::ops::Range;

use super::patterns::Patterns;
use super::probe::mean_product;
use crate::design::{Coding, ImageMapping, InputEncoding};
use crate::infer::dataset::Images;

/// The inputs of some pictures, each one of a few levels.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// How many pictures.
    pub pictures: usize,
    /// Inputs of one picture.
    pub features: usize,
    /// Columns of a picture, so that neighbours are known.
    pub width: usize,
    /// Levels of an input: the last is 1, 0 is 0, or -1 where inputs are bipolar.
    levels: u32,
    /// True if the lowest level is -1.
    bipolar: bool,
    /// Levels, picture by picture.
    values: Vec<u16>,
}

/// Why pictures do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The crop goes beyond the picture.
    #[error("the crop ends at {what} {last}, but a picture has {what}s 0 to {}", size - 1)]
    Crop {
        /// `row` or `column`.
        what: &'static str,
        /// The last one that is asked for.
        last: usize,
        /// How many there are.
        size: usize,
    },
    /// Another number of inputs.
    #[error("a picture gives {height} x {width} = {} inputs, but the network takes {features}", height.saturating_mul(*width))]
    Features {
        /// Rows after the crop.
        height: usize,
        /// Columns after the crop.
        width: usize,
        /// Inputs of the network.
        features: usize,
    },
}

impl Inputs {
    /// The rows and columns that are taken of pictures of this size.
    ///
    /// # Errors
    /// If the pictures do not fit the network.
    pub fn window(
        (height, width): (usize, usize),
        mapping: &ImageMapping,
        features: usize,
    ) -> Result<(Range<usize>, Range<usize>), InputError> {
        let lines = |what, wanted: &Option<std::ops::RangeInclusive<usize>>, size: usize| match wanted {
            None => Ok(0..size),
            Some(lines) if *lines.end() < size => Ok(*lines.start()..lines.end() + 1),
            Some(lines) => Err(InputError::Crop { what, last: *lines.end(), size }),
        };
        let rows = lines("row", &mapping.rows, height)?;
        let columns = lines("column", &mapping.columns, width)?;
        let (height, width) = (rows.len(), columns.len());
        if height.checked_mul(width) != Some(features) {
            return Err(InputError::Features { height, width, features });
        }
        Ok((rows, columns))
    }

    /// Maps pictures to inputs.
    ///
    /// # Errors
    /// If the pictures do not fit the network.
    pub fn map(
        images: &Images,
        mapping: &ImageMapping,
        encoding: InputEncoding,
        features: usize,
    ) -> Result<Self, InputError> {
        let (rows, columns) = Self::window((images.height, images.width), mapping, features)?;
        let levels = match mapping.coding {
            Coding::Threshold(_) => 2,
            Coding::Scale { levels, .. } => u32::try_from(levels).unwrap_or(u32::MAX).clamp(2, 1 << 16),
        };
        let level = |pixel: f32| match mapping.coding {
            Coding::Threshold(threshold) => u16::from(f64::from(pixel) > threshold),
            Coding::Scale { full, .. } => {
                ((f64::from(pixel) / full).clamp(0.0, 1.0) * f64::from(levels - 1)).round() as u16
            }
        };
        let mut values = Vec::with_capacity(images.count * features);
        for picture in 0..images.count {
            let pixels = images.pixels_of(picture);
            for row in rows.clone() {
                values.extend(pixels[row * images.width..][columns.clone()].iter().map(|&p| level(p)));
            }
        }
        let bipolar = encoding == InputEncoding::Bipolar;
        Ok(Self { pictures: images.count, features, width: columns.len(), levels, bipolar, values })
    }

    /// The level of an input.
    fn level(&self, picture: usize, row: usize) -> u16 {
        self.values[picture * self.features + row]
    }

    /// True if some picture differs from the first: only then can its class be told from it.
    #[must_use]
    pub fn vary(&self) -> bool {
        let first = self.values.get(..self.features).unwrap_or_default();
        self.values.chunks_exact(self.features.max(1)).any(|picture| picture != first)
    }

    /// Mean of the squared inputs, over the planes that are applied one after another: what `active-rows` of an architecture states.
    #[must_use]
    pub fn mean_square(&self, planes: &[Plane]) -> f64 {
        self.mean_of(planes, |value| value * value)
    }

    /// Mean of the inputs, over the planes that are applied one after another: what `mean` of an architecture's statistics states.
    #[must_use]
    pub fn mean(&self, planes: &[Plane]) -> f64 {
        self.mean_of(planes, |value| value)
    }

    /// Mean product of two different inputs of the same block of rows, over all pictures and planes.
    #[must_use]
    pub fn product(&self, planes: &[Plane], blocks: &[Range<usize>]) -> f64 {
        let pictures = self.values.len() / self.features.max(1);
        let row = |plane: &Plane, picture: usize, row: usize| self.value(plane, u32::from(self.level(picture, row)));
        let of = |plane: &Plane, picture: usize| {
            mean_product(blocks.iter().map(|block| block.clone().map(|at| row(plane, picture, at)).collect()))
        };
        let sum: f64 = planes.iter().map(|plane| (0..pictures).map(|picture| of(plane, picture)).sum::<f64>()).sum();
        sum / (pictures * planes.len()).max(1) as f64
    }

    fn mean_of(&self, planes: &[Plane], of: impl Fn(f64) -> f64) -> f64 {
        let full = self.levels - 1;
        let sum = |level: u32| planes.iter().map(|plane| of(self.value(plane, level))).sum::<f64>();
        let sums: Vec<f64> = (0..=full).map(sum).collect();
        let sum: f64 = self.values.iter().map(|&v| sums[usize::from(v)]).sum();
        sum / (self.values.len() * planes.len()).max(1) as f64
    }

    /// What a plane applies of a level: 0 to 1, or -1 to 1 where inputs are bipolar.
    fn value(&self, plane: &Plane, level: u32) -> f64 {
        let value = plane.of_level(level, self.levels - 1);
        if self.bipolar { 2.0 * value - 1.0 } else { value }
    }

    /// The inputs of a picture, each -1 to 1.
    #[must_use]
    pub fn of_picture(&self, picture: usize) -> Vec<f64> {
        (0..self.features).map(|row| self.value(&Plane::WHOLE, u32::from(self.level(picture, row)))).collect()
    }

    /// What a range of rows sees in one cycle.
    #[must_use]
    pub fn source(&self, rows: &Range<usize>, plane: &Plane) -> InputSource {
        let values: Vec<f64> = (0..self.levels).map(|level| self.value(plane, level)).collect();
        let low = if self.bipolar { -1.0 } else { 0.0 };
        if values.iter().all(|&value| value == low || value == 1.0) {
            let on = |picture: usize, row: usize| values[usize::from(self.level(picture, row))] == 1.0;
            return InputSource::Binary(Patterns::find(self.pictures, rows, self.width, on).off_at(low));
        }
        let chunks = rows
            .clone()
            .step_by(CHUNK)
            .map(|first| self.chunk(first..rows.end.min(first + CHUNK), rows.start, &values));
        InputSource::Sparse(Sparse { chunks: chunks.collect(), values })
    }

    fn chunk(&self, rows: Range<usize>, first: usize, values: &[f64]) -> Chunk {
        let mut chunk = Chunk { rows: rows.start - first..rows.end - first, starts: vec![0], terms: Vec::new() };
        for picture in 0..self.pictures {
            for (row, place) in rows.clone().zip(0_u16..) {
                let level = self.level(picture, row);
                if values[usize::from(level)] != 0.0 {
                    chunk.terms.push((place, level));
                }
            }
            chunk.starts.push(u32::try_from(chunk.terms.len()).unwrap_or(u32::MAX));
        }
        chunk
    }
}

/// What a range of rows sees of the pictures.
#[derive(Debug, Clone)]
pub enum InputSource {
    /// Rows are on or off.
    Binary(Patterns),
    /// Rows have values.
    Sparse(Sparse),
}

/// The values of some pictures that are not zero.
#[derive(Debug, Clone)]
pub struct Sparse {
    /// Rows of a matrix that stay in the cache together.
    pub chunks: Vec<Chunk>,
    /// The value of each level.
    pub values: Vec<f64>,
}

/// The values in some neighbouring rows.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Which rows of the range.
    pub rows: Range<usize>,
    /// Where the terms of a picture begin; one more than there are pictures.
    pub starts: Vec<u32>,
    /// Rows, counted from the first of the chunk, and their levels.
    pub terms: Vec<(u16, u16)>,
}

/// Rows in a chunk: their panels take 25 KiB, so that those of a picture stay in the nearest cache.
const CHUNK: usize = 200;

/// The bits of a word that are applied in one cycle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// Bits of the whole word; none where values are applied whole.
    word: Option<u32>,
    /// The lowest bit that is applied.
    shift: u32,
    /// How many.
    bits: u32,
    /// What the plane adds to a sum, per unit of its value.
    pub weight: f64,
}

impl Plane {
    /// Values are applied whole.
    pub const WHOLE: Self = Self { word: None, shift: 0, bits: 0, weight: 1.0 };

    /// The planes of a word of which some bits are applied at once.
    #[must_use]
    pub fn of_word(word: u32, applied: u32) -> Vec<Self> {
        if word <= applied {
            return vec![Self::WHOLE];
        }
        let largest = |bits: u32| 2_f64.powi(i32::try_from(bits).unwrap_or(0)) - 1.0;
        let plane = |shift: u32| {
            let bits = applied.min(word - shift);
            // A full plane is 1.
            let weight = largest(bits) * (largest(shift) + 1.0) / largest(word);
            Self { word: Some(word), shift, bits, weight }
        };
        (0..word).step_by(applied as usize).map(plane).collect()
    }

    fn of_level(&self, level: u32, full: u32) -> f64 {
        match self.word {
            None => f64::from(level) / f64::from(full),
            Some(_) => self.of_value(f64::from(level) / f64::from(full)),
        }
    }

    /// The part of a value from 0 to 1 that this plane applies, itself 0 to 1.
    #[must_use]
    pub fn of_value(&self, value: f64) -> f64 {
        let Some(word) = self.word else { return value };
        let code = (value.clamp(0.0, 1.0) * (2_f64.powi(i32::try_from(word).unwrap_or(0)) - 1.0)).round() as u64;
        let mask = (1_u64 << self.bits) - 1;
        ((code >> self.shift) & mask) as f64 / mask as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_add_up_to_the_word() {
        for (word, applied) in [(8, 1), (8, 3), (4, 4), (5, 2)] {
            let planes = Plane::of_word(word, applied);
            for code in 0..(1_u32 << word) {
                let value = f64::from(code) / f64::from((1_u32 << word) - 1);
                let sum: f64 = planes.iter().map(|p| p.weight * p.of_value(value)).sum();
                assert!((sum - value).abs() < 1e-12, "{word} {applied} {code}");
            }
        }
    }

    #[test]
    fn rows_that_take_bits_one_by_one_are_on_as_often_as_bits_are_set() {
        // Of four levels: 0, 1, 2, 3 have 0, 1, 1, 2 of two bits set; as whole values their squares are 0, 1/9, 4/9, 1.
        let inputs = Inputs { pictures: 1, features: 4, width: 4, levels: 4, bipolar: false, values: vec![0, 1, 2, 3] };
        assert!((inputs.mean_square(&Plane::of_word(2, 1)) - 0.5).abs() < 1e-12);
        assert!((inputs.mean_square(&[Plane::WHOLE]) - 14.0 / 36.0).abs() < 1e-12);
    }

    /// Rows that are on or off are looked up, which is faster than to multiply: whole inputs of two levels and single bits.
    #[test]
    fn patterns_are_found_wherever_rows_are_on_or_off() {
        let looked_up = |levels: u32, plane: &Plane| {
            let values = vec![0, 1, u16::try_from(levels - 1).expect("few"), 0];
            let inputs = Inputs { pictures: 1, features: 4, width: 4, levels, bipolar: false, values };
            matches!(inputs.source(&(0..4), plane), InputSource::Binary(_))
        };
        assert!(looked_up(2, &Plane::WHOLE) && !looked_up(3, &Plane::WHOLE) && !looked_up(16, &Plane::WHOLE));
        assert!(Plane::of_word(4, 1).iter().all(|plane| looked_up(16, plane)));
        // Of a word of three bits two and one are applied.
        assert_eq!(Plane::of_word(3, 2).iter().map(|plane| looked_up(8, plane)).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn a_pixel_becomes_a_level() {
        let images = Images { count: 1, height: 2, width: 3, pixels: vec![0.0, 127.0, 128.0, 255.0, 300.0, 1.0] };
        let mapping = |coding| ImageMapping { rows: None, columns: Some(1..=2), coding };
        let values = |coding| Inputs::map(&images, &mapping(coding), InputEncoding::Unsigned, 4).expect("fits").values;
        assert_eq!(values(Coding::Threshold(127.0)), [0, 1, 1, 0]);
        assert_eq!(values(Coding::Scale { full: 255.0, levels: 256 }), [127, 128, 255, 1]);
        assert_eq!(values(Coding::Scale { full: 255.0, levels: 4 }), [1, 2, 3, 0]);
        let wrong =
            Inputs::map(&images, &mapping(Coding::Threshold(0.0)), InputEncoding::Unsigned, 6).expect_err("too few");
        assert_eq!(wrong.to_string(), "a picture gives 2 x 2 = 4 inputs, but the network takes 6");
        let beyond = ImageMapping { rows: Some(0..=2), columns: None, coding: Coding::Threshold(0.0) };
        let wrong = Inputs::map(&images, &beyond, InputEncoding::Unsigned, 6).expect_err("too large");
        assert_eq!(wrong.to_string(), "the crop ends at row 2, but a picture has rows 0 to 1");
    }
}
