//! Pictures in a NumPy archive: an array of pictures and one of labels, both in a zip file. Both headers are compared before any value is read.

use std::io::BufReader;
use std::path::Path;

use zip::ZipArchive;
use zip::read::ZipFile;

use super::npy::Header;
use super::{DataError, Dataset, Images, Wanted, class, sides};
use crate::diagnostic::suggest;
use crate::files::{Bytes, Files};
use crate::infer::weights::MOST_WEIGHTS;
use crate::infer::weights::named::Tensor;

type Archive = ZipArchive<BufReader<Box<dyn Bytes>>>;

pub(super) fn read(files: &dyn Files, path: &Path, wanted: &Wanted<'_>) -> Result<Dataset, DataError> {
    read_archive(files, path, wanted).map_err(|error| error.in_file(path))
}

fn read_archive(files: &dyn Files, path: &Path, wanted: &Wanted<'_>) -> Result<Dataset, DataError> {
    let file = files.open(path).map_err(|error| DataError::new(error.to_string()))?;
    let mut archive = opened(file.reader)?;
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    let part = wanted.part.word();
    let pictures = pick(&names, "pictures", &[&format!("x_{part}"), "images", "x", "X", "data"])?;
    let labels = pick(&names, "labels", &[&format!("y_{part}"), "labels", "y", "target"])?;
    let (shape, packed) = header(&mut archive, &pictures, |header, packed| Ok((header.shape.clone(), packed)))?;
    let (height, width) = match shape[..] {
        [_, height, width] | [_, height, width, 1] => (height, width),
        [_, pixels] => sides(pixels),
        _ => {
            return Err(DataError::new(format!("has pictures of shape {shape:?}, expected [pictures, rows, columns]")));
        }
    };
    let classes = header(&mut archive, &labels, |header, _| Ok(header.values()))?;
    super::as_many(&path.display().to_string(), shape[0], classes.unwrap_or(usize::MAX))?;
    let count = wanted.pictures(shape[0], height, width, Some(packed))?;
    Ok(Dataset {
        name: path.display().to_string(),
        images: Images { count, height, width, pixels: pixels(&mut archive, &pictures, count, height * width)? },
        labels: classes_of(&mut archive, &labels, count)?,
    })
}

/// All arrays of an archive, by name.
pub(in crate::infer) fn tensors(files: &dyn Files, path: &Path) -> Result<Vec<Tensor>, DataError> {
    tensors_of(files, path).map_err(|error| error.in_file(path))
}

fn tensors_of(files: &dyn Files, path: &Path) -> Result<Vec<Tensor>, DataError> {
    let file = files.open(path).map_err(|error| DataError::new(error.to_string()))?;
    let mut archive = opened(file.reader)?;
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    let mut all = Vec::with_capacity(names.len());
    let mut left = MOST_WEIGHTS;
    for name in names {
        let (shape, values) = array(&mut archive, &name, |file| {
            let header = Header::read(file)?;
            let count = header.values().filter(|count| *count <= left);
            let count = count.ok_or_else(|| format!("more than {MOST_WEIGHTS} weights are not read"))?;
            left -= count;
            let mut values = vec![0.0; count];
            header.each(file, count, |at, value| {
                let wrong = || format!("the value at {} is {value}, expected a finite number", header.index(at));
                let place = if header.fortran { header.c_order(at) } else { at };
                values[place] = Some(value).filter(|value| value.is_finite()).ok_or_else(wrong)?;
                Ok(())
            })?;
            Ok((header.shape.clone(), values))
        })?;
        all.push(Tensor { name: name.trim_end_matches(".npy").to_owned(), shape, values });
    }
    Ok(all)
}

fn opened(reader: Box<dyn Bytes>) -> Result<Archive, DataError> {
    ZipArchive::new(BufReader::new(reader)).map_err(|_| {
        DataError::new("is no NumPy archive, or is damaged: a zip file has a directory at its end, this has none")
    })
}

fn pick(names: &[String], what: &str, wanted: &[&str]) -> Result<String, DataError> {
    let name = wanted.iter().find_map(|w| names.iter().find(|n| n.trim_end_matches(".npy") == *w));
    name.cloned().ok_or_else(|| {
        let found: Vec<&str> = names.iter().map(|name| name.trim_end_matches(".npy")).collect();
        let message = format!("has no array of {what}: expected one called {}", suggest::list(wanted));
        DataError::new(message).help(format!("it has: {}", suggest::list(&found)))
    })
}

/// Opens an array, reads its header, and hands it over with the packed bytes.
fn header<T>(
    archive: &mut Archive,
    name: &str,
    with: impl FnOnce(&Header, u64) -> Result<T, String>,
) -> Result<T, DataError> {
    array(archive, name, |file| {
        let packed = file.compressed_size();
        with(&Header::read(file)?, packed)
    })
}

fn array<T>(
    archive: &mut Archive,
    name: &str,
    with: impl FnOnce(&mut ZipFile<'_, BufReader<Box<dyn Bytes>>>) -> Result<T, String>,
) -> Result<T, DataError> {
    let found = archive.by_name(name).map_err(|error| error.to_string()).and_then(|mut file| with(&mut file));
    let shown = name.trim_end_matches(".npy");
    found.map_err(|why| DataError::new(format!("has an array `{shown}` that cannot be read: {why}")))
}

/// The first pictures, picture by picture, row by row.
fn pixels(archive: &mut Archive, name: &str, count: usize, size: usize) -> Result<Vec<f32>, DataError> {
    array(archive, name, |file| {
        let header = Header::read(file)?;
        let mut pixels: Vec<f32> = Vec::new();
        let pixel = |at: usize, value: f64| {
            // Beyond this a pixel would be infinite.
            let fine = value.abs() <= f64::from(f32::MAX);
            let wrong = || format!("the value at {} is {value}, expected a finite number", header.index(at));
            if fine { Ok(value as f32) } else { Err(wrong()) }
        };
        if !header.fortran {
            header.each(file, count * size, |at, value| (pixels.push(pixel(at, value)?), Ok(())).1)?;
            return Ok(pixels);
        }
        // The first index changes first: all pictures have to be gone through for the pixels of one.
        let all = header.values().unwrap_or(0);
        pixels.resize(count * size, 0.0);
        header.each(file, all, |at, value| {
            let picture = header.c_order(at);
            if picture < pixels.len() {
                pixels[picture] = pixel(at, value)?;
            }
            Ok(())
        })?;
        Ok(pixels)
    })
}

fn classes_of(archive: &mut Archive, name: &str, count: usize) -> Result<Vec<u32>, DataError> {
    array(archive, name, |file| {
        let header = Header::read(file)?;
        let mut labels = Vec::new();
        header.each(file, count, |at, value| {
            let wrong = || format!("the label at {} is {value}, expected a whole number, 0 or more", header.index(at));
            labels.push(class(value).ok_or_else(wrong)?);
            Ok(())
        })?;
        Ok(labels)
    })
}
