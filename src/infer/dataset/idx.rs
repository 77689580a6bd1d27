//! IDX files, plain or gzip, as MNIST is distributed: a magic number (two zero bytes, the type of a value, the number of dimensions), the
//! dimensions as 32-bit big-endian numbers, the values. Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database".

use std::io::Read;
use std::path::Path;

use super::{DataError, Dataset, Images, MAX_BYTES};

/// The type code of a byte.
const BYTE: u8 = 0x08;
/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

pub(super) fn read(images: &Path, labels: &Path) -> Result<Dataset, DataError> {
    let bytes = |path: &Path| {
        let packed = std::fs::read(path).map_err(|error| DataError::new(format!("cannot be read: {error}")));
        packed.and_then(|packed| unpacked(&packed)).map_err(|error| error.in_file(path))
    };
    let pictures = self::images(&bytes(images)?).map_err(|error| error.in_file(images))?;
    let classes = self::labels(&bytes(labels)?).map_err(|error| error.in_file(labels))?;
    Ok(Dataset { name: images.display().to_string(), images: pictures, labels: classes })
}

/// The bytes themselves, or what gzip made them of.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, DataError> {
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes.to_vec());
    }
    let mut unpacked = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(MAX_BYTES + 1);
    let result = reader.read_to_end(&mut unpacked);
    result
        .map_err(|error| DataError::new(format!("is damaged: gzip says \"{error}\" after {} bytes", unpacked.len())))?;
    if unpacked.len() as u64 > MAX_BYTES {
        return Err(DataError::new(format!("unpacks to more than {} MB", MAX_BYTES >> 20)));
    }
    Ok(unpacked)
}

pub(super) fn images(bytes: &[u8]) -> Result<Images, DataError> {
    let (sizes, values) = parse(bytes, "pictures", 3)?;
    let (count, height, width) = (sizes[0], sizes[1], sizes[2]);
    if height == 0 || width == 0 {
        return Err(DataError::new(format!("has pictures of {height} x {width} pixels")));
    }
    Ok(Images { count, height, width, pixels: values.iter().map(|&v| f32::from(v)).collect() })
}

pub(super) fn labels(bytes: &[u8]) -> Result<Vec<u32>, DataError> {
    let (_, values) = parse(bytes, "labels", 1)?;
    Ok(values.iter().map(|&v| u32::from(v)).collect())
}

/// The dimensions and the values.
fn parse<'a>(bytes: &'a [u8], what: &str, dimensions: usize) -> Result<(Vec<usize>, &'a [u8]), DataError> {
    let header = 4 + 4 * dimensions;
    let Some(magic) = bytes.get(..4) else {
        return Err(DataError::new(format!(
            "has {} bytes; the header of an IDX file of {what} has {header}",
            bytes.len()
        )));
    };
    if magic[..2] != [0, 0] || magic[2] != BYTE || usize::from(magic[3]) != dimensions {
        let found: Vec<String> = magic.iter().map(|b| format!("{b:02x}")).collect();
        let message =
            format!("is no IDX file of {what}: it begins with {}, expected 00 00 08 {dimensions:02x}", found.join(" "));
        let error = DataError::new(message);
        return Err(match (magic, dimensions) {
            ([0, 0, BYTE, 1], 3) => error.help("it is a file of labels"),
            ([0, 0, BYTE, 3], 1) => error.help("it is a file of pictures"),
            _ => error,
        });
    }
    let Some(sizes) = bytes.get(4..header) else {
        return Err(DataError::new(format!("ends in its header: {} of {header} bytes", bytes.len())));
    };
    let sizes: Vec<usize> =
        sizes.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize).collect();
    let expected = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let values = &bytes[header..];
    if expected != Some(values.len()) {
        let shape: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        let expected = expected.map_or_else(|| "more than can be".into(), |n| n.to_string());
        let message =
            format!("says {} {what}, which take {expected} bytes, but {} follow", shape.join(" x "), values.len());
        return Err(DataError::new(message).help("the file is truncated or damaged"));
    }
    Ok((sizes, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(magic: [u8; 4], sizes: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = magic.to_vec();
        bytes.extend(sizes.iter().flat_map(|s| s.to_be_bytes()));
        bytes.extend(values);
        bytes
    }

    #[test]
    fn pictures_and_labels_are_read() {
        let read = images(&file([0, 0, 8, 3], &[2, 1, 3], &[1, 2, 3, 4, 5, 255])).expect("fine");
        assert_eq!((read.count, read.height, read.width), (2, 1, 3));
        assert_eq!(read.pixels_of(1), [4.0, 5.0, 255.0]);
        assert_eq!(labels(&file([0, 0, 8, 1], &[2], &[7, 9])).expect("fine"), [7, 9]);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_sizes() {
        let message = |bytes: &[u8]| images(bytes).expect_err("wrong").to_string();
        assert_eq!(message(&[0, 0]), "has 2 bytes; the header of an IDX file of pictures has 16");
        assert_eq!(message(&file([0, 0, 8, 3], &[2, 1], &[])), "ends in its header: 12 of 16 bytes");
        let truncated = message(&file([0, 0, 8, 3], &[2, 2, 2], &[1, 2, 3]));
        assert_eq!(truncated, "says 2 x 2 x 2 pictures, which take 8 bytes, but 3 follow");
        let labels = message(&file([0, 0, 8, 1], &[2], &[1, 2]));
        assert_eq!(labels, "is no IDX file of pictures: it begins with 00 00 08 01, expected 00 00 08 03");
        let huge = message(&file([0, 0, 8, 3], &[u32::MAX; 3], &[]));
        assert!(huge.ends_with("which take more than can be bytes, but 0 follow"), "{huge}");
        let damaged = unpacked(&[0x1f, 0x8b, 8, 0]).expect_err("damaged").to_string();
        assert!(damaged.starts_with("is damaged"), "{damaged}");
    }
}
