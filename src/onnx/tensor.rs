//! Stored numbers: what a tensor of the file holds, read only when somebody asks.

use std::io::{Read, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::proto::TensorProto;
use crate::files::Files;

/// Values of one tensor: half a gigabyte of memory.
const MOST_VALUES: usize = 1 << 27;

/// The folder of a model, in which its external data lie.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Its path.
    pub path: PathBuf,
    /// How files are read.
    pub files: Arc<dyn Files>,
}

/// The sizes of a tensor.
pub(super) fn sizes(tensor: &TensorProto) -> Result<Vec<usize>, String> {
    let sizes: Option<Vec<usize>> = tensor.dims.iter().map(|&size| usize::try_from(size).ok()).collect();
    let sizes = sizes.ok_or("has a negative size")?;
    if sizes.len() > super::view::MOST_DIMENSIONS {
        return Err(format!("has {} dimensions", sizes.len()));
    }
    match count(&sizes) {
        Some(_) => Ok(sizes),
        None => Err("is larger than any memory".into()),
    }
}

/// How many values these sizes are; none if they are more than any memory holds. A size of zero hides no others.
pub(super) fn count(sizes: &[usize]) -> Option<usize> {
    let wide = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size.max(1)));
    wide.filter(|&count| count < 1 << 48).map(|_| sizes.iter().product())
}

/// True for whole numbers and truth values.
pub(super) fn is_whole(data_type: i32) -> bool {
    matches!(data_type, 2..=7 | 9 | 12 | 13 | 21 | 22)
}

/// Bits of a type of numbers.
pub(super) fn bits(data_type: i32) -> Option<usize> {
    Some(match data_type {
        2 | 3 | 9 | 17..=20 => 8,
        4 | 5 | 10 | 16 => 16,
        1 | 6 | 12 => 32,
        7 | 11 | 13 => 64,
        21 | 22 => 4,
        _ => return None,
    })
}

/// Words of weights are no sizes: of a tensor of words, so many are looked at.
const MOST_WORDS: usize = 64;

/// The whole numbers of a small tensor that lies in the file; none if they are elsewhere or no whole numbers.
pub(super) fn whole_numbers(tensor: &TensorProto, most: usize) -> Option<Vec<i64>> {
    let count = count(&sizes(tensor).ok()?)?;
    let most = if matches!(tensor.data_type, 6 | 7 | 9) { most } else { most.min(MOST_WORDS) };
    if count > most || !is_whole(tensor.data_type) || tensor.data_location == 1 {
        return None;
    }
    if let Some(raw) = &tensor.raw_data {
        let values: Vec<i64> = match tensor.data_type {
            2 | 9 => raw.iter().map(|&byte| i64::from(byte)).collect(),
            3 => raw.iter().map(|&byte| i64::from(byte.cast_signed())).collect(),
            6 => raw.chunks_exact(4).filter_map(|b| Some(i64::from(i32::from_le_bytes(b.try_into().ok()?)))).collect(),
            7 | 13 => raw.chunks_exact(8).filter_map(|b| Some(i64::from_le_bytes(b.try_into().ok()?))).collect(),
            _ => return None,
        };
        return (values.len() == count).then_some(values);
    }
    let packed = if tensor.data_type == 7 { &tensor.int64_data } else { &tensor.int32_data };
    let values = varints(packed, most)?;
    (values.len() == count).then_some(values)
}

/// The values of a tensor, as wide as the type of the result.
pub(super) fn values(tensor: &TensorProto, folder: Option<&Folder>) -> Result<Vec<f32>, String> {
    let sizes = sizes(tensor)?;
    let count = count(&sizes).filter(|&count| count <= MOST_VALUES);
    let count = count.ok_or_else(|| format!("has more than {MOST_VALUES} values, which are not read"))?;
    let values = if tensor.data_location == 1 {
        raw_values(tensor.data_type, &external(tensor, folder, count)?)
    } else if let Some(raw) = &tensor.raw_data {
        raw_values(tensor.data_type, raw)
    } else {
        typed_values(tensor, count)
    };
    let values = values.ok_or_else(|| format!("is of type number {}, which is not read", tensor.data_type))?;
    if values.len() == count {
        Ok(values)
    } else {
        Err(format!("has {} values, but its sizes are {count}", values.len()))
    }
}

/// Values that stand in the field of their type.
fn typed_values(tensor: &TensorProto, count: usize) -> Option<Vec<f32>> {
    let joined = |chunks: &[Bytes]| -> Vec<u8> { chunks.iter().flat_map(|chunk| chunk.iter().copied()).collect() };
    match tensor.data_type {
        1 => raw_values(1, &joined(&tensor.float_data)),
        11 => raw_values(11, &joined(&tensor.double_data)),
        7 => Some(varints(&tensor.int64_data, count)?.into_iter().map(|value| value as f32).collect()),
        2 | 3 | 4 | 5 | 6 | 9 => {
            Some(varints(&tensor.int32_data, count)?.into_iter().map(|value| value as f32).collect())
        }
        // Half-precision numbers stand there by their bits.
        10 | 16 => {
            let halves = varints(&tensor.int32_data, count)?;
            let bytes: Vec<u8> = halves.into_iter().flat_map(|bits| (bits as u16).to_le_bytes()).collect();
            raw_values(tensor.data_type, &bytes)
        }
        _ => None,
    }
}

/// Numbers of one to ten bytes, at most so many.
fn varints(chunks: &[Bytes], most: usize) -> Option<Vec<i64>> {
    let mut values = Vec::new();
    for chunk in chunks {
        let (mut value, mut place) = (0_u64, 0);
        for &byte in chunk.iter() {
            value |= u64::from(byte & 0x7f).checked_shl(place).unwrap_or(0);
            place += 7;
            if byte < 0x80 {
                if values.len() >= most {
                    return None;
                }
                values.push(value.cast_signed());
                (value, place) = (0, 0);
            }
        }
    }
    Some(values)
}

/// Numbers as they lie in memory, the lowest byte first.
fn raw_values(data_type: i32, bytes: &[u8]) -> Option<Vec<f32>> {
    macro_rules! numbers {
        ($kind:ty, $size:expr, $make:expr) => {
            bytes.chunks_exact($size).filter_map(|b| Some($make(<$kind>::from_le_bytes(b.try_into().ok()?)))).collect()
        };
    }
    Some(match data_type {
        1 => numbers!(f32, 4, |value| value),
        11 => numbers!(f64, 8, |value| value as f32),
        10 => numbers!(u16, 2, half),
        // The upper half of a single-precision number.
        16 => numbers!(u16, 2, |bits| f32::from_bits(u32::from(bits) << 16)),
        2 | 9 => bytes.iter().map(|&byte| f32::from(byte)).collect(),
        3 => bytes.iter().map(|&byte| f32::from(byte.cast_signed())).collect(),
        5 => numbers!(i16, 2, f32::from),
        4 => numbers!(u16, 2, f32::from),
        6 => numbers!(i32, 4, |value| value as f32),
        7 => numbers!(i64, 8, |value| value as f32),
        _ => return None,
    })
}

/// 2^-24, the smallest half-precision number above 0.
const SMALLEST_HALF: f32 = 1.0 / 16_777_216.0;

/// A half-precision number.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * SMALLEST_HALF,
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * f32::from_bits(((exponent - 25 + 127) as u32) << 23),
    }
}

/// The bytes of a tensor that lie in a file beside the model.
fn external(tensor: &TensorProto, folder: Option<&Folder>, count: usize) -> Result<Vec<u8>, String> {
    let entry =
        |key: &str| tensor.external_data.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str());
    let location = entry("location").ok_or("lies in another file, whose name is missing")?;
    let inside = Path::new(location).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside || location.is_empty() {
        return Err(format!("lies in `{location}`, which is not below the folder of the model"));
    }
    let folder = folder.ok_or_else(|| format!("lies in `{location}`, and the model has no folder"))?;
    let number = |key: &str| match entry(key) {
        None => Ok(None),
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| format!("has the {key} `{text}`, which is no number")),
    };
    let bits =
        bits(tensor.data_type).ok_or_else(|| format!("is of type number {}, which is not read", tensor.data_type))?;
    let wanted = (count as u64) * bits as u64 / 8;
    let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?.unwrap_or(wanted));
    if length != wanted {
        return Err(format!("takes {wanted} bytes, but the model says that `{location}` has {length} of it"));
    }
    let path = folder.path.join(location);
    // A name that leads elsewhere leads out of the folder.
    let mut link = folder.path.clone();
    for part in Path::new(location).components() {
        link.push(part);
        if folder.files.is_link(&link) {
            return Err(format!("lies in `{location}`, which leads elsewhere"));
        }
    }
    let cannot = |why: String| format!("lies in `{location}` beside the model, which {why}");
    let mut file = folder.files.open(&path).map_err(|error| cannot(error.to_string()))?;
    if offset.checked_add(length).is_none_or(|end| end > file.length) {
        return Err(cannot(format!("has {} bytes, too few", file.length)));
    }
    file.reader.seek(SeekFrom::Start(offset)).map_err(|error| cannot(format!("cannot be read: {error}")))?;
    let mut bytes = Vec::new();
    file.reader.take(length).read_to_end(&mut bytes).map_err(|error| cannot(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(cannot("ends within it".into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_numbers_are_what_they_mean() {
        let known =
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 5.960_464_5e-8), (0x3555, 0.333_251_95)];
        for (bits, value) in known {
            assert_eq!(half(bits), value, "{bits:#x}");
        }
        assert!(half(0x7c01).is_nan() && half(0xfc00) == f32::NEG_INFINITY);
    }
}
