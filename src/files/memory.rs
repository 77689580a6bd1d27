//! Files that a program holds in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FileError, Files, Layered, OpenFile, standard};

/// Files that a program holds in memory, by their paths.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Arc<[u8]>>,
}

impl Memory {
    /// The same with a file more, or with other contents of one.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, contents: impl AsRef<[u8]>) -> Self {
        self.files.insert(path.into(), contents.as_ref().into());
        self
    }

    /// These files, and for every other path the shipped ones and those on disk.
    #[must_use]
    pub fn over_standard(self) -> Arc<dyn Files> {
        Arc::new(Layered(vec![Arc::new(self), standard()]))
    }
}

impl Files for Memory {
    fn open(&self, path: &Path) -> Result<OpenFile, FileError> {
        match self.files.get(path) {
            Some(bytes) => Ok(OpenFile { reader: Box::new(Cursor::new(bytes.clone())), length: bytes.len() as u64 }),
            None if self.names(path).is_ok() => Err(FileError::NotAFile),
            None => Err(FileError::Missing),
        }
    }

    fn is_link(&self, _: &Path) -> bool {
        false
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, FileError> {
        let inside = self.files.keys().filter_map(|path| path.strip_prefix(folder).ok()?.components().next());
        let names: BTreeSet<String> = inside.filter_map(|name| Some(name.as_os_str().to_str()?.to_owned())).collect();
        if names.is_empty() { Err(FileError::Missing) } else { Ok(names.into_iter().collect()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;

    const ROOM: u64 = 100;

    fn files() -> Memory {
        Memory::default().with("arch/a.yaml", "name: a").with("arch/b.yaml", "name: b").with("lib.yaml", [0xff])
    }

    #[test]
    fn a_file_is_found_by_its_path() {
        assert_eq!(&*files().text(Path::new("arch/b.yaml"), ROOM).unwrap(), "name: b");
        assert_eq!(&*files().bytes(Path::new("lib.yaml"), ROOM).unwrap(), [0xff]);
        let why = |path: &str, most| files().text(Path::new(path), most).unwrap_err().to_string();
        assert_eq!(why("c.yaml", ROOM), "does not exist");
        assert_eq!(why("arch", ROOM), "is not a file");
        assert_eq!(why("lib.yaml", ROOM), "is not a text in UTF-8: the first wrong byte is number 1, in line 1");
        assert_eq!(files().text(Path::new("arch/a.yaml"), 7).unwrap().len(), 7);
        assert!(matches!(files().text(Path::new("arch/a.yaml"), 6), Err(FileError::TooLarge { length: 7, most: 6 })));
    }

    #[test]
    fn a_folder_has_the_names_of_what_is_in_it() {
        assert_eq!(files().names(Path::new("arch")).unwrap(), ["a.yaml", "b.yaml"]);
        assert_eq!(files().names(Path::new("")).unwrap(), ["arch", "lib.yaml"]);
        assert!(matches!(files().names(Path::new("lib.yaml/none")), Err(FileError::Missing)));
    }
}
