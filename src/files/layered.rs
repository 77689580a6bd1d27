//! Several places to read from as one.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{FileError, Files, OpenFile};

/// Several places: a file is read from the first of them that has it.
#[derive(Debug, Clone)]
pub struct Layered(pub Vec<Arc<dyn Files>>);

impl Files for Layered {
    fn open(&self, path: &Path) -> Result<OpenFile, FileError> {
        let mut found = self.0.iter().map(|files| files.open(path));
        found.find(|found| !matches!(found, Err(FileError::Missing))).unwrap_or(Err(FileError::Missing))
    }

    fn is_link(&self, path: &Path) -> bool {
        self.0.iter().any(|files| files.is_link(path))
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, FileError> {
        let mut names: Option<BTreeSet<String>> = None;
        for files in &self.0 {
            match files.names(folder) {
                Ok(found) => names.get_or_insert_default().extend(found),
                Err(FileError::Missing) => {}
                Err(error) if names.is_none() => return Err(error),
                // A folder of one place may be a file of the next one.
                Err(_) => {}
            }
        }
        names.map(|names| names.into_iter().collect()).ok_or(FileError::Missing)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::super::Memory;
    use super::*;

    #[test]
    fn the_first_place_that_has_a_file_gives_it() {
        let first = Memory::default().with("f/a", "first").with("f/b", [0xff]);
        let second = Memory::default().with("f/a", "second").with("f/b", "second").with("f/c", "second");
        let files = Layered(vec![Arc::new(first), Arc::new(second)]);
        let text = |path: &str| files.text(Path::new(path), 10);
        assert_eq!((&*text("f/a").unwrap(), &*text("f/c").unwrap()), ("first", "second"));
        // What the first place has is read there even if it cannot be.
        assert!(matches!(text("f/b"), Err(FileError::NotUtf8 { byte: 1, line: 1 })));
        assert!(matches!(text("f/d"), Err(FileError::Missing)));
        assert_eq!(files.names(Path::new("f")).unwrap(), ["a", "b", "c"]);
        assert!(matches!(files.names(Path::new("g")), Err(FileError::Missing)));
    }
}
