//! IDX files, plain or gzip, as MNIST is distributed: a magic number (two zero bytes, the type of a value, the number of dimensions), the
//! dimensions as 32-bit big-endian numbers, the values. Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database".
//!
//! The headers of both files are compared before any value is read.

use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use super::{DataError, Dataset, Images, Wanted};
use crate::files::Files;

/// The type code of a byte.
const BYTE: u8 = 0x08;
/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Bytes that are unpacked at a time.
const AT_ONCE: usize = 1 << 16;

pub(super) fn read(files: &dyn Files, images: &Path, labels: &Path, wanted: &Wanted<'_>) -> Result<Dataset, DataError> {
    let open = |path: &Path, what, dimensions| {
        let opened = files.open(path).map_err(|error| DataError::new(error.to_string()));
        let file = opened.and_then(|file| Idx::open(BufReader::new(file.reader), file.length, what, dimensions));
        file.map_err(|error| error.in_file(path))
    };
    let (pictures, classes) = (open(images, PICTURES, 3)?, open(labels, LABELS, 1)?);
    let name = images.display().to_string();
    super::as_many(&name, pictures.sizes[0], classes.sizes[0])?;
    Ok(Dataset {
        name,
        images: pictures.images(wanted).map_err(|error| error.in_file(images))?,
        labels: classes.labels(wanted).map_err(|error| error.in_file(labels))?,
    })
}

const PICTURES: &str = "pictures";
const LABELS: &str = "labels";

/// A file whose header has been read.
struct Idx {
    reader: Box<dyn Read>,
    what: &'static str,
    sizes: Vec<usize>,
    /// Bytes of the file where it is packed.
    packed: Option<u64>,
    header: usize,
}

impl Idx {
    fn open(
        mut reader: impl Read + 'static,
        length: u64,
        what: &'static str,
        dimensions: usize,
    ) -> Result<Self, DataError> {
        let wrong = |error: std::io::Error| DataError::new(format!("cannot be read: {error}"));
        let start = up_to(&mut reader, 2).map_err(wrong)?;
        let packed = start == GZIP;
        let whole = Cursor::new(start).chain(reader);
        let mut reader: Box<dyn Read> =
            if packed { Box::new(flate2::read::MultiGzDecoder::new(whole)) } else { Box::new(whole) };
        let header = 4 + 4 * dimensions;
        let bytes = up_to(&mut reader, header).map_err(|error| damaged(&error, 0))?;
        let sizes = sizes(&bytes, what, dimensions)?;
        let found = Self { reader, what, sizes, packed: packed.then_some(length), header };
        if !packed {
            // A plain file is as long as its header says, or it is not read.
            found.compare(length - header as u64)?;
        }
        Ok(found)
    }

    fn compare(&self, follow: u64) -> Result<(), DataError> {
        let expected = self.sizes.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64));
        if expected == Some(follow) {
            return Ok(());
        }
        let shape: Vec<String> = self.sizes.iter().map(ToString::to_string).collect();
        let expected = expected.map_or_else(|| "more than can be".into(), |n| n.to_string());
        let follow = if follow == u64::MAX { "more".into() } else { follow.to_string() };
        let (shape, what) = (shape.join(" x "), self.what);
        let message = format!("says {shape} {what}, which take {expected} bytes, but {follow} follow");
        Err(DataError::new(message).help("the file is truncated or damaged"))
    }

    fn images(mut self, wanted: &Wanted<'_>) -> Result<Images, DataError> {
        let (all, height, width) = (self.sizes[0], self.sizes[1], self.sizes[2]);
        let count = wanted.pictures(all, height, width, self.packed)?;
        let mut pixels = Vec::new();
        self.values(count * height * width, |bytes| pixels.extend(bytes.iter().map(|&b| f32::from(b))))?;
        Ok(Images { count, height, width, pixels })
    }

    fn labels(mut self, wanted: &Wanted<'_>) -> Result<Vec<u32>, DataError> {
        let mut labels = Vec::new();
        let count = wanted.images.unwrap_or(usize::MAX).min(self.sizes[0]);
        self.values(count, |bytes| labels.extend(bytes.iter().map(|&b| u32::from(b))))?;
        Ok(labels)
    }

    /// Hands over so many values; a packed file that is read to its end must end there.
    fn values(&mut self, count: usize, mut with: impl FnMut(&[u8])) -> Result<(), DataError> {
        let (mut buffer, mut read) = (vec![0; AT_ONCE.min(count)], 0);
        while read < count {
            let room = &mut buffer[..AT_ONCE.min(count - read)];
            let found = self.reader.read(room).map_err(|error| damaged(&error, self.header + read))?;
            if found == 0 {
                return self.compare(read as u64);
            }
            with(&room[..found]);
            read += found;
        }
        let whole = self.sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        if self.packed.is_some() && whole == Some(count) {
            let rest = up_to(&mut self.reader, 1).map_err(|error| damaged(&error, self.header + read))?;
            return self.compare(if rest.is_empty() { read as u64 } else { u64::MAX });
        }
        Ok(())
    }
}

fn damaged(error: &std::io::Error, after: usize) -> DataError {
    DataError::new(format!("is damaged: gzip says \"{error}\" after {after} bytes"))
}

/// So many bytes, or fewer where there are no more.
fn up_to(reader: &mut dyn Read, count: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The dimensions that a header states.
fn sizes(bytes: &[u8], what: &str, dimensions: usize) -> Result<Vec<usize>, DataError> {
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
    Ok(sizes.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(magic: [u8; 4], sizes: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = magic.to_vec();
        bytes.extend(sizes.iter().flat_map(|s| s.to_be_bytes()));
        bytes.extend(values);
        bytes
    }

    fn images(bytes: &[u8]) -> Result<Images, DataError> {
        let file = Idx::open(Cursor::new(bytes.to_vec()), bytes.len() as u64, PICTURES, 3)?;
        file.images(&Wanted::all())
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).expect("in memory");
        packer.finish().expect("in memory")
    }

    #[test]
    fn pictures_and_labels_are_read() {
        let bytes = file([0, 0, 8, 3], &[2, 1, 3], &[1, 2, 3, 4, 5, 255]);
        for bytes in [packed(&bytes), bytes] {
            let read = images(&bytes).expect("fine");
            assert_eq!((read.count, read.height, read.width), (2, 1, 3));
            assert_eq!(read.pixels_of(1), [4.0, 5.0, 255.0]);
        }
        let labels = file([0, 0, 8, 1], &[2], &[7, 9]);
        let labels = Idx::open(Cursor::new(labels), 10, LABELS, 1).expect("fine");
        assert_eq!(labels.labels(&Wanted::all()).expect("fine"), [7, 9]);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_sizes() {
        let message = |bytes: &[u8]| images(bytes).expect_err("wrong").to_string();
        assert_eq!(message(&[0, 0]), "has 2 bytes; the header of an IDX file of pictures has 16");
        assert_eq!(message(&file([0, 0, 8, 3], &[2, 1], &[])), "ends in its header: 12 of 16 bytes");
        let says = |found: &str| format!("says 2 x 2 x 2 pictures, which take 8 bytes, but {found} follow");
        let truncated = file([0, 0, 8, 3], &[2, 2, 2], &[1, 2, 3]);
        assert_eq!((message(&truncated), message(&packed(&truncated))), (says("3"), says("3")));
        let longer = file([0, 0, 8, 3], &[2, 2, 2], &[1; 9]);
        assert_eq!((message(&longer), message(&packed(&longer))), (says("9"), says("more")));
        let labels = message(&file([0, 0, 8, 1], &[2], &[1, 2]));
        assert_eq!(labels, "is no IDX file of pictures: it begins with 00 00 08 01, expected 00 00 08 03");
        let huge = message(&file([0, 0, 8, 3], &[u32::MAX; 3], &[]));
        assert!(huge.ends_with("which take more than can be bytes, but 0 follow"), "{huge}");
        let damaged = message(&[0x1f, 0x8b, 8, 0]);
        assert!(damaged.starts_with("is damaged"), "{damaged}");
    }
}
