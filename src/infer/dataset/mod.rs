//! Labelled pictures: the shipped digits, IDX files as those of MNIST, `.npz` archives, CSV files.

mod idx;
mod npz;
mod table;

use std::path::{Path, PathBuf};

use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap, suggest};
use crate::files::shipped;

/// The shipped data set.
pub const DIGITS: &str = "builtin:digits";
/// Pixels of one of its pictures.
pub const DIGITS_FEATURES: usize = 64;
/// More than this, uncompressed, is not read: one billion pixels.
const MAX_BYTES: u64 = 1 << 30;

/// Labelled pictures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dataset {
    /// What a report calls it: the file of the pictures.
    pub name: String,
    /// The pictures.
    pub images: Images,
    /// The class of each picture.
    pub labels: Vec<u32>,
}

/// Pictures of one size.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Images {
    /// How many.
    pub count: usize,
    /// Rows of a picture.
    pub height: usize,
    /// Columns of a picture.
    pub width: usize,
    /// Pixels, picture by picture, row by row. Bytes are exact; finer values are rounded to 24 bits.
    pub pixels: Vec<f32>,
}

impl Images {
    /// The pixels of one picture.
    #[must_use]
    pub fn pixels_of(&self, image: usize) -> &[f32] {
        let size = self.height * self.width;
        &self.pixels[image * size..(image + 1) * size]
    }
}

/// Which part of a data set with two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Part {
    /// What the network has not seen.
    #[default]
    Test,
    /// What it was trained on.
    Train,
}

impl Part {
    /// How file names of IDX sets begin.
    fn prefix(self) -> &'static str {
        match self {
            Self::Test => "t10k",
            Self::Train => "train",
        }
    }

    /// The word in array names.
    fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Train => "train",
        }
    }
}

/// What is wrong with a file of pictures or labels.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct DataError {
    message: String,
    help: Option<String>,
}

impl DataError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    fn in_file(self, path: &Path) -> Self {
        Self { message: format!("`{}` {}", path.display(), self.message), ..self }
    }
}

impl From<DataError> for Diagnostic {
    fn from(error: DataError) -> Self {
        Self::error(error.message).maybe_help(error.help)
    }
}

/// Reads a data set: `builtin:digits`, a folder of IDX files, an IDX file of pictures, an `.npz` archive or a CSV file.
///
/// # Errors
/// It cannot be read, or is no data set.
pub fn open(path: &Path, part: Part, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Checked<Dataset> {
    let result = if path.to_str().is_some_and(|p| p.starts_with(shipped::PREFIX)) {
        shipped(path, part)
    } else if path.is_dir() {
        find_in(path, part).and_then(|(images, labels)| idx::read(&images, &labels))
    } else {
        match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => return table::read(path, sources, diagnostics),
            Some("npz") => npz::read(path, part),
            _ if path.is_file() => labels_beside(path).and_then(|labels| idx::read(path, &labels)),
            _ => Err(DataError::new("does not exist").in_file(path).help(EXPECTED)),
        }
    };
    let checked = result.and_then(Dataset::checked);
    checked.map_err(|error| diagnostics.push(error.into()))
}

const EXPECTED: &str = "expected a folder with IDX files (t10k-images-idx3-ubyte.gz …), an IDX file of pictures, an .npz archive, a CSV file \
                        or builtin:digits";

fn shipped(path: &Path, part: Part) -> Result<Dataset, DataError> {
    if path != Path::new(DIGITS) {
        return Err(DataError::new("is no shipped data set").in_file(path).help("there is builtin:digits"));
    }
    let file =
        |what: &str| shipped::bytes(&format!("data/digits/{}-{what}-ubyte.gz", part.prefix())).unwrap_or_default();
    let images = idx::images(&idx::unpacked(file("images-idx3"))?)?;
    let labels = idx::labels(&idx::unpacked(file("labels-idx1"))?)?;
    Ok(Dataset { name: format!("{DIGITS}, {} part", part.word()), images, labels })
}

/// The IDX files of a folder: pictures and labels.
fn find_in(folder: &Path, part: Part) -> Result<(PathBuf, PathBuf), DataError> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| DataError::new(format!("cannot be read: {error}")).in_file(folder))?;
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort_unstable();
    let find = |what: &str| {
        // `t10k-images-idx3-ubyte` and `t10k-images.idx3-ubyte` are both about.
        let fits = |name: &&String| name.starts_with(part.prefix()) && name.contains(what);
        names.iter().find(fits).map(|name| folder.join(name))
    };
    match (find("images"), find("labels")) {
        (Some(images), Some(labels)) => Ok((images, labels)),
        (images, _) => {
            let missing = if images.is_none() { "images-idx3" } else { "labels-idx1" };
            let message = format!("has no file `{}-{missing}-ubyte` or `….gz`", part.prefix());
            let found: Vec<&str> = names.iter().map(String::as_str).collect();
            let help = if found.is_empty() {
                "the folder is empty".into()
            } else {
                format!("it has: {}", suggest::list(&found))
            };
            Err(DataError::new(message).in_file(folder).help(help))
        }
    }
}

/// The labels of an IDX file of pictures are in the file of the same name with `labels` for `images`.
fn labels_beside(images: &Path) -> Result<PathBuf, DataError> {
    let name = images.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    if !name.contains("images") {
        return Err(DataError::new("is no file of pictures that is known").in_file(images).help(EXPECTED));
    }
    let labels = images.with_file_name(name.replace("images", "labels").replace("idx3", "idx1"));
    if labels.is_file() {
        return Ok(labels);
    }
    Err(DataError::new("has no labels").in_file(images).help(format!("expected them in `{}`", labels.display())))
}

impl Dataset {
    /// As many labels as pictures, and at least one.
    fn checked(self) -> Result<Self, DataError> {
        if self.images.count != self.labels.len() {
            let (pictures, labels) = (self.images.count, self.labels.len());
            return Err(DataError::new(format!("`{}`: {pictures} pictures, but {labels} labels", self.name)));
        }
        if self.images.count == 0 {
            return Err(DataError::new(format!("`{}` holds no pictures", self.name)));
        }
        Ok(self)
    }

    /// The first pictures only.
    #[must_use]
    pub fn first(mut self, count: usize) -> Self {
        let count = count.min(self.images.count);
        self.images.count = count;
        self.images.pixels.truncate(count * self.images.height * self.images.width);
        self.labels.truncate(count);
        self
    }
}

/// The sides of a picture whose pixels stand in a line: those of a square, else one row.
fn sides(pixels: usize) -> (usize, usize) {
    let side = pixels.isqrt();
    if side * side == pixels { (side, side) } else { (1, pixels) }
}

/// A class from a number in a file.
fn class(value: f64) -> Option<u32> {
    (value >= 0.0 && value.fract() == 0.0 && value <= f64::from(u16::MAX)).then_some(value as u32)
}
