//! Files to trees: reading, refusing what cannot be an imcost file, and finding files that name each other.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Partial, SourceId, SourceMap, Span};
use crate::files::{FileError, Files, Shipped, shipped};
use crate::yaml::{self, Value, YamlNode};

/// The largest library known has some 10^5 bytes; more than this is not a file of ours.
pub const MAX_YAML_BYTES: u64 = 4 << 20;

/// Reads and parses a file. Every way in which that can fail is a diagnostic; `named_at` is the place that names the file.
///
/// # Errors
/// There is no such file, or none of ours.
pub fn load(
    path: &Path,
    named_at: Option<Span>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<(SourceId, Partial<YamlNode>)> {
    let (source, text) = text(path, MAX_YAML_BYTES, named_at, sources, diagnostics)?;
    let name = path.display().to_string();
    let node = yaml::parse(&text, source, diagnostics)?;
    match node.parts().value {
        Value::Mapping(_) => Ok((source, node)),
        Value::Null => {
            let place = Span { source, start: 0, end: 0 };
            let diagnostic = Diagnostic::error(format!("`{name}` is empty")).at(place, "");
            let help = "`imcost new DIR` writes working architectures, a library and studies";
            Err(diagnostics.push(diagnostic.help(help)))
        }
        _ => {
            let node = node.parts();
            let message =
                format!("`{name}` is not an imcost file: expected `key: value` lines, found {}", node.describe());
            Err(diagnostics.push(Diagnostic::error(message).at(node.span, "expected a mapping here")))
        }
    }
}

/// Reads a file of at most this many bytes. Every way in which that can fail is a diagnostic.
///
/// # Errors
/// It cannot be read.
pub fn text(
    path: &Path,
    max_bytes: u64,
    named_at: Option<Span>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Checked<(SourceId, Arc<str>)> {
    let name = path.display().to_string();
    let files = sources.files().clone();
    match files.text(path, max_bytes) {
        Ok(text) => Ok((sources.file(&name, text.clone()), text)),
        Err(error) => {
            let id = sources.file(&name, "");
            let diagnostic = Diagnostic::error(format!("the file `{name}` {error}"));
            let diagnostic = match named_at {
                Some(span) => diagnostic.at(span, "named here"),
                None => diagnostic.at(Span { source: id, start: 0, end: 0 }, ""),
            };
            Err(diagnostics.push(diagnostic.maybe_help(advice(&error, path, &*files))))
        }
    }
}

/// The path of a file that another file names: relative to the folder of the file that names it. What a shipped file names is shipped.
///
/// The folder above one that is a link is the one above what the link names, as the system has it.
#[must_use]
pub fn beside(named_in: &Path, named: &str, files: &dyn Files) -> PathBuf {
    if named.starts_with(shipped::PREFIX) {
        return named.into();
    }
    if let Some(shipped) = named_in.to_str().and_then(|path| path.strip_prefix(shipped::PREFIX)) {
        return format!("{}{}", shipped::PREFIX, beside(Path::new(shipped), named, &Shipped).display()).into();
    }
    let joined = named_in.parent().unwrap_or(Path::new("")).join(named);
    let mut path = PathBuf::new();
    for part in joined.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(path.components().next_back(), Some(Component::Normal(_))) && !files.is_link(&path) =>
            {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

/// A file of nearly the same name in the same folder is what most missing files are.
fn advice(error: &FileError, path: &Path, files: &dyn Files) -> Option<String> {
    match error {
        FileError::Missing if path.to_string_lossy().starts_with(shipped::PREFIX) => Some(shipped::instead_of(path)),
        FileError::Missing => {
            let mut names = files.names(path.parent().unwrap_or(Path::new(""))).ok()?;
            names.retain(|name| [".yaml", ".yml", ".csv"].iter().any(|end| name.ends_with(end)));
            let wanted = path.file_name()?.to_str()?;
            let best = crate::diagnostic::suggest::nearest(wanted, names.iter().map(String::as_str))?;
            Some(format!("did you mean `{}`?", path.with_file_name(best).display()))
        }
        FileError::NotUtf8 { .. } => Some("save the file as UTF-8".into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Memory, OpenFile};
    use super::*;

    /// One folder that is a link.
    #[derive(Debug)]
    struct Linked;

    impl Files for Linked {
        fn open(&self, _: &Path) -> Result<OpenFile, FileError> {
            Err(FileError::Missing)
        }

        fn is_link(&self, path: &Path) -> bool {
            path == Path::new("here/link")
        }

        fn names(&self, _: &Path) -> Result<Vec<String>, FileError> {
            Err(FileError::Missing)
        }
    }

    #[test]
    fn a_named_file_is_looked_for_beside_the_file_that_names_it() {
        let none = &Memory::default();
        assert_eq!(beside(Path::new("arch/a.yaml"), "../techlib/t.yaml", none), Path::new("techlib/t.yaml"));
        assert_eq!(beside(Path::new("a.yaml"), "./t.yaml", none), Path::new("t.yaml"));
        assert_eq!(beside(Path::new("a.yaml"), "../t.yaml", none), Path::new("../t.yaml"));
        assert_eq!(beside(Path::new("a.yaml"), "/lib/t.yaml", none), Path::new("/lib/t.yaml"));
        assert_eq!(
            beside(Path::new("builtin:arch/a.yaml"), "../techlib/t.yaml", none),
            Path::new("builtin:techlib/t.yaml")
        );
        assert_eq!(beside(Path::new("here/link/a.yaml"), "../t.yaml", &Linked), Path::new("here/link/../t.yaml"));
        assert_eq!(beside(Path::new("here/a.yaml"), "link/x/../../t.yaml", &Linked), Path::new("here/link/../t.yaml"));
        assert_eq!(
            beside(Path::new("arch/a.yaml"), "builtin:techlib/t.yaml", none),
            Path::new("builtin:techlib/t.yaml")
        );
    }
}
