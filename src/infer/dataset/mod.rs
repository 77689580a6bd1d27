//! Labelled pictures: the shipped digits, IDX files as those of MNIST, `.npz` archives, CSV files.

mod idx;
mod npy;
mod npz;
mod table;

use std::path::{Path, PathBuf};

pub use npy::LONGEST_HEADER as LONGEST_ARRAY_HEADER;
pub(super) use npz::tensors;

use crate::diagnostic::{Checked, Diagnostic, Diagnostics, SourceMap, suggest};
use crate::files::{FileError, Files, shipped};

/// The shipped data set.
pub const DIGITS: &str = "builtin:digits";
/// Pixels of one of its pictures.
pub const DIGITS_FEATURES: usize = 64;
/// More pictures than this are not read: fourteen times MNIST.
pub const MOST_PICTURES: usize = 1_000_000;
/// More pixels than this in all pictures together are not read: five times MNIST, a gigabyte of memory.
pub const MOST_PIXELS: usize = 1 << 28;
/// A file that holds more pixels than this for each of its packed bytes was made to fill memory: pictures of black and white pixels have some 20.
pub const MOST_PIXELS_A_BYTE: u64 = 64;
/// Fewer pixels than this do no harm, however they are packed.
pub const FEW_PIXELS: u64 = 1 << 24;

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
    /// True once it names the file.
    named: bool,
}

impl DataError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, named: false }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    fn in_file(self, path: &Path) -> Self {
        if self.named {
            return self;
        }
        let between = if self.message.starts_with(':') { "" } else { " " };
        Self { message: format!("`{}`{between}{}", path.display(), self.message), named: true, ..self }
    }
}

impl From<DataError> for Diagnostic {
    fn from(error: DataError) -> Self {
        Self::error(error.message).maybe_help(error.help)
    }
}

/// What is wanted of a data set.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Which part of it.
    pub part: Part,
    /// The first pictures only: the others are not read.
    pub images: Option<usize>,
    /// Whether pictures of so many rows and columns fit the network; a sentence and what to do if not.
    pub fits: &'a dyn Fn(usize, usize) -> Result<(), (String, String)>,
}

impl Wanted<'_> {
    /// All pictures of the test part, of any size.
    #[must_use]
    pub fn all() -> Self {
        Self { part: Part::Test, images: None, fits: &|_, _| Ok(()) }
    }

    /// How many pictures are to be read of a file that says that it holds so many of this size in so many packed bytes. Asked before any of
    /// them is read.
    fn pictures(&self, count: usize, height: usize, width: usize, packed: Option<u64>) -> Result<usize, DataError> {
        if height == 0 || width == 0 {
            return Err(DataError::new(format!("has pictures of {height} x {width} pixels")));
        }
        (self.fits)(height, width).map_err(|(what, help)| DataError::new(format!(": {what}")).help(help))?;
        let wanted = count.min(self.images.unwrap_or(usize::MAX));
        let pixels = |pictures: usize| height.checked_mul(width).and_then(|size| size.checked_mul(pictures));
        if wanted > MOST_PICTURES || pixels(wanted).is_none_or(|pixels| pixels > MOST_PIXELS) {
            let message = format!("says {count} x {height} x {width} pixels");
            let help = format!(
                "at most {MOST_PICTURES} pictures and {MOST_PIXELS} pixels are read: --images takes the first ones"
            );
            return Err(DataError::new(message).help(help));
        }
        let all = pixels(count).map_or(u64::MAX, |pixels| pixels as u64);
        if packed.is_some_and(|packed| all > FEW_PIXELS && all / packed.max(1) > MOST_PIXELS_A_BYTE) {
            let message = format!("says {count} x {height} x {width} pixels in {} packed bytes", packed.unwrap_or(0));
            let help = format!("pictures have at most {MOST_PIXELS_A_BYTE} pixels in a byte");
            return Err(DataError::new(message).help(help));
        }
        Ok(wanted)
    }
}

/// Reads a data set: `builtin:digits`, a folder of IDX files, an IDX file of pictures, an `.npz` archive or a CSV file.
///
/// # Errors
/// It cannot be read, or is no data set that is wanted.
pub fn open(
    path: &Path,
    wanted: &Wanted<'_>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<Dataset> {
    let files = sources.files().clone();
    let result = if path.to_str().is_some_and(|p| p.starts_with(shipped::PREFIX)) {
        shipped(&*files, path, wanted)
    } else if let Ok(names) = files.names(path) {
        find_in(path, &names, wanted.part).and_then(|(images, labels)| idx::read(&*files, &images, &labels, wanted))
    } else {
        match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => return table::read(path, wanted, sources, diagnostics),
            _ if matches!(files.open(path), Err(FileError::Missing)) => {
                Err(DataError::new("does not exist").in_file(path).help(EXPECTED))
            }
            Some("npz") => npz::read(&*files, path, wanted),
            _ => labels_beside(&*files, path).and_then(|labels| idx::read(&*files, path, &labels, wanted)),
        }
    };
    let checked = result.and_then(Dataset::checked);
    checked.map_err(|error| diagnostics.push(error.into()))
}

/// As many labels as pictures; said before any of them is read.
fn as_many(name: &str, pictures: usize, labels: usize) -> Result<(), DataError> {
    let message = || format!("`{name}`: {pictures} pictures, but {labels} labels");
    if pictures == labels { Ok(()) } else { Err(DataError { message: message(), help: None, named: true }) }
}

const EXPECTED: &str = "expected a folder with IDX files (t10k-images-idx3-ubyte.gz …), an IDX file of pictures, an .npz archive, a CSV file \
                        or builtin:digits";

fn shipped(files: &dyn Files, path: &Path, wanted: &Wanted<'_>) -> Result<Dataset, DataError> {
    let part = wanted.part;
    if path != Path::new(DIGITS) {
        return Err(DataError::new("is no shipped data set").in_file(path).help("there is builtin:digits"));
    }
    let file = |what: &str| PathBuf::from(format!("{}data/digits/{}-{what}-ubyte.gz", shipped::PREFIX, part.prefix()));
    let dataset = idx::read(files, &file("images-idx3"), &file("labels-idx1"), wanted)?;
    Ok(Dataset { name: format!("{DIGITS}, {} part", part.word()), ..dataset })
}

/// The IDX files of a folder: pictures and labels.
fn find_in(folder: &Path, names: &[String], part: Part) -> Result<(PathBuf, PathBuf), DataError> {
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
fn labels_beside(files: &dyn Files, images: &Path) -> Result<PathBuf, DataError> {
    let name = images.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    if !name.contains("images") {
        return Err(DataError::new("is no file of pictures that is known").in_file(images).help(EXPECTED));
    }
    let labels = images.with_file_name(name.replace("images", "labels").replace("idx3", "idx1"));
    if !matches!(files.open(&labels), Err(FileError::Missing)) {
        return Ok(labels);
    }
    Err(DataError::new("has no labels").in_file(images).help(format!("expected them in `{}`", labels.display())))
}

impl Dataset {
    /// At least one picture.
    fn checked(self) -> Result<Self, DataError> {
        if self.images.count == 0 {
            return Err(DataError::new(format!("`{}` holds no pictures", self.name)));
        }
        Ok(self)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// 30 million pixels may stand in 64 times fewer bytes, and 2^24 in any number; of a part of the pictures the whole file counts.
    #[test]
    fn packed_files_hold_as_many_pixels_as_their_bytes_can() {
        let fits = |count, side, packed| Wanted::all().pictures(count, side, side, Some(packed)).is_ok();
        for (packed, right) in
            [(900_000, true), (468_750, true), (461_539, true), (461_538, false), (1, false), (0, false)]
        {
            assert_eq!(fits(30, 1000, packed), right, "{packed}");
        }
        assert!(fits(1, 4096, 1) && !fits(2, 4096, 1));
        let first = Wanted { images: Some(1), ..Wanted::all() };
        assert!(first.pictures(30, 1000, 1000, Some(1000)).is_err());
        assert_eq!(first.pictures(30, 1000, 1000, None).ok(), Some(1));
        assert!(Wanted::all().pictures(1, 0, 5, None).is_err() && Wanted::all().pictures(1, 5, 0, None).is_err());
    }

    #[test]
    fn no_more_pictures_and_pixels_are_wanted_than_can_be_held() {
        let fits = |count, side| Wanted::all().pictures(count, side, side, None).is_ok();
        assert!(fits(MOST_PICTURES, 1) && !fits(MOST_PICTURES + 1, 1));
        let side = MOST_PIXELS.isqrt();
        assert!(fits(1, side) && !fits(1, side + 1) && !fits(2, side) && !fits(1, usize::MAX));
    }

    #[test]
    fn pixels_in_a_line_are_those_of_a_square_or_of_a_row() {
        let found = [1, 4, 8, 9, 10, 16, 783, 784].map(sides);
        assert_eq!(found, [(1, 1), (2, 2), (1, 8), (3, 3), (1, 10), (4, 4), (1, 783), (28, 28)]);
    }

    #[test]
    fn a_class_is_a_whole_number_of_sixteen_bits_without_a_sign() {
        assert_eq!([0.0, 7.0, 65_535.0].map(class), [Some(0), Some(7), Some(65_535)]);
        for value in [-1.0, 2.5, -0.5, 65_536.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            assert_eq!(class(value), None, "{value}");
        }
    }
}
