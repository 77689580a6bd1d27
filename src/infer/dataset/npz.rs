//! Pictures in a NumPy archive: an array of pictures and one of labels.

use std::fs::File;
use std::path::Path;

use ndarray::{ArrayD, IxDyn, OwnedRepr};
use ndarray_npy::{NpzReader, ReadNpzError, ReadableElement};

use super::{DataError, Dataset, Images, Part, class, sides};
use crate::diagnostic::suggest;

pub(super) fn read(path: &Path, part: Part) -> Result<Dataset, DataError> {
    read_archive(path, part).map_err(|error| error.in_file(path))
}

fn read_archive(path: &Path, part: Part) -> Result<Dataset, DataError> {
    let damaged = |error: &dyn std::fmt::Display| DataError::new(format!("cannot be read: {error}"));
    let file = File::open(path).map_err(|error| damaged(&error))?;
    let mut archive = NpzReader::new(file).map_err(|error| damaged(&error))?;
    let names = archive.names().map_err(|error| damaged(&error))?;
    let pictures = pick(&names, "pictures", &[&format!("x_{}", part.word()), "images", "x", "X", "data"])?;
    let labels = pick(&names, "labels", &[&format!("y_{}", part.word()), "labels", "y", "target"])?;
    let pictures = array(&mut archive, &pictures)?;
    let labels = array(&mut archive, &labels)?;
    let shape = pictures.shape().to_vec();
    let (height, width) = match shape[..] {
        [_, height, width] | [_, height, width, 1] => (height, width),
        [_, pixels] => sides(pixels),
        _ => {
            return Err(DataError::new(format!("has pictures of shape {shape:?}, expected [pictures, rows, columns]")));
        }
    };
    let classes = labels.iter().map(|&v| class(v).ok_or_else(|| DataError::new(format!("has the label {v}"))));
    Ok(Dataset {
        name: path.display().to_string(),
        images: Images { count: shape[0], height, width, pixels: pictures.iter().map(|&v| v as f32).collect() },
        labels: classes.collect::<Result<_, _>>()?,
    })
}

fn pick(names: &[String], what: &str, wanted: &[&str]) -> Result<String, DataError> {
    let name = wanted.iter().find_map(|w| names.iter().find(|n| n.trim_end_matches(".npy") == *w));
    name.cloned().ok_or_else(|| {
        let found: Vec<&str> = names.iter().map(String::as_str).collect();
        let message = format!("has no array of {what}: expected one called {}", suggest::list(wanted));
        DataError::new(message).help(format!("it has: {}", suggest::list(&found)))
    })
}

fn array(archive: &mut NpzReader<File>, name: &str) -> Result<ArrayD<f64>, DataError> {
    macro_rules! try_as {
        ($($kind:ty),*) => {$(
            if let Some(result) = array_of::<$kind>(archive, name, |v| v as f64) {
                return result;
            }
        )*};
    }
    try_as!(u8, f32, f64, i64, i32, u16, i8, i16, u32, u64);
    Err(DataError::new(format!("has an array `{name}` of a type that is not read: expected whole or real numbers")))
}

/// The array if its values are of this type, or why it cannot be read; none if they are of another.
fn array_of<T: ReadableElement + Copy>(
    archive: &mut NpzReader<File>,
    name: &str,
    value: fn(T) -> f64,
) -> Option<Result<ArrayD<f64>, DataError>> {
    match archive.by_name::<OwnedRepr<T>, IxDyn>(name) {
        Ok(array) => Some(Ok(array.mapv(value))),
        Err(ReadNpzError::Npy(ndarray_npy::ReadNpyError::WrongDescriptor(_))) => None,
        Err(error) => Some(Err(DataError::new(format!("has an array `{name}` that cannot be read: {error}")))),
    }
}
