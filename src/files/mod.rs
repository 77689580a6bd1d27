//! Where texts and bytes come from: files on disk, the shipped ones in the binary, and those that a program holds in memory; tables of
//! numbers with their places.
//!
//! Everything that is read is read through [`Files`], so that a design may come from anywhere.

pub mod crossbar;
mod disk;
pub mod inherit;
mod layered;
pub mod load;
pub mod matrix;
mod memory;
pub mod shipped;

use std::fmt::Debug;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;

pub use disk::Disk;
pub use layered::Layered;
pub use memory::Memory;
pub use shipped::Shipped;

/// Where texts and bytes come from.
pub trait Files: Debug + Send + Sync {
    /// Opens a file.
    ///
    /// # Errors
    /// There is none, or it is not one to be read.
    fn open(&self, path: &Path) -> Result<OpenFile, FileError>;

    /// The names of what is in a folder, sorted.
    ///
    /// # Errors
    /// There is no such folder.
    fn names(&self, folder: &Path) -> Result<Vec<String>, FileError>;

    /// True for a name that leads elsewhere: the folder above it is not the one before it in its path.
    fn is_link(&self, path: &Path) -> bool;

    /// The bytes of a file that has at most so many.
    ///
    /// # Errors
    /// There is none, it is not one to be read, or it is larger.
    fn bytes(&self, path: &Path, most: u64) -> Result<Arc<[u8]>, FileError> {
        Ok(self.open(path)?.read(most)?.into())
    }

    /// The text of a file that has at most so many bytes.
    ///
    /// # Errors
    /// There is none, it is not one to be read, it is larger, or no text in UTF-8.
    fn text(&self, path: &Path, most: u64) -> Result<Arc<str>, FileError> {
        let text = String::from_utf8(self.open(path)?.read(most)?);
        text.map(Arc::from).map_err(|error| {
            let right = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..right].iter().filter(|byte| **byte == b'\n').count() + 1;
            FileError::NotUtf8 { byte: right + 1, line }
        })
    }
}

/// The shipped files under `builtin:`, all others from disk.
#[must_use]
pub fn standard() -> Arc<dyn Files> {
    Arc::new(Layered(vec![Arc::new(Shipped), Arc::new(Disk)]))
}

/// What a file is read with.
pub trait Bytes: Read + Seek + Send {}

impl<R: Read + Seek + Send> Bytes for R {}

/// A file that is open.
pub struct OpenFile {
    /// Its bytes.
    pub reader: Box<dyn Bytes>,
    /// How many they are, as far as the file knows.
    pub length: u64,
}

impl Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFile").field("length", &self.length).finish_non_exhaustive()
    }
}

impl OpenFile {
    /// All bytes, if they are at most so many.
    fn read(mut self, most: u64) -> Result<Vec<u8>, FileError> {
        let refuse = |length| Err(FileError::TooLarge { length, most });
        if self.length > most {
            return refuse(self.length);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or(0));
        // A file that grows meanwhile, or does not know its length, is read to the limit.
        self.reader.by_ref().take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most { refuse(bytes.len() as u64) } else { Ok(bytes) }
    }
}

/// Why a file could not be read, as the sentence that follows its name.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is nothing of this name.
    #[error("does not exist")]
    Missing,
    /// The person may not read it.
    #[error("may not be read: permission denied")]
    Forbidden,
    /// Reading failed.
    #[error("cannot be read: {0}")]
    Io(io::Error),
    /// A folder, or what may never end, such as a device or a pipe.
    #[error("is not a file")]
    NotAFile,
    /// More bytes than one of ours has.
    #[error("has {:.1} MB; an imcost file has at most {} MB", *length as f64 / 1e6, most >> 20)]
    TooLarge {
        /// Its bytes.
        length: u64,
        /// The most that are read.
        most: u64,
    },
    /// Not a text.
    #[error("is not a text in UTF-8: the first wrong byte is number {byte}, in line {line}")]
    NotUtf8 {
        /// Its number, counted from 1.
        byte: usize,
        /// Its line, counted from 1.
        line: usize,
    },
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::PermissionDenied => Self::Forbidden,
            _ => Self::Io(error),
        }
    }
}
