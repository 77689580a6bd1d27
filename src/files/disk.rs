//! Files on disk.

use std::fs;
use std::path::Path;

use super::{FileError, Files, OpenFile};

/// Files on disk, by their paths. What is no regular file is refused: a device or a pipe may never end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn open(&self, path: &Path) -> Result<OpenFile, FileError> {
        // Opening a pipe waits for its other end: what is there is looked at first.
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(FileError::NotAFile);
        }
        Ok(OpenFile { reader: Box::new(fs::File::open(path)?), length: metadata.len() })
    }

    fn is_link(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, FileError> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let entries = fs::read_dir(folder)?;
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort_unstable();
        Ok(names)
    }
}
