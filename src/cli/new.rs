//! `imcost new DIR`

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use super::args::NewArgs;
use super::{Stop, print};
use crate::files::shipped;

pub(super) fn run(args: &NewArgs) -> Result<(), Stop> {
    let mut text = String::new();
    let (mut kept, mut wrong) = (0, Vec::new());
    for (name, content) in shipped::FILES.iter().filter(|(name, _)| shipped::is_starter(name)) {
        let path = args.dir.join(name);
        // What a person has written is never overwritten.
        if let Ok(there) = fs::metadata(&path) {
            if there.is_file() {
                kept += 1;
                let _ = writeln!(text, "kept    {}", path.display());
            } else {
                wrong.push(format!("`{}` is there, but is no file", path.display()));
            }
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| cannot_write(folder, &e))?;
        }
        write_whole(&path, content).map_err(|e| cannot_write(&path, &e))?;
        let _ = writeln!(text, "wrote   {}", path.display());
    }
    if kept > 0 {
        let _ = writeln!(text, "\n{kept} files were there before and were kept as they are");
    }
    let arch = args.dir.join("arch");
    let _ = writeln!(
        text,
        "\nnext: imcost compare {} {}\n      imcost study {}",
        arch.join("mlp-784-16-10-held-mixed.yaml").display(),
        arch.join("mlp-784-16-10-held-analog.yaml").display(),
        args.dir.join("studies/neuron-guide.yaml").display()
    );
    print(&text)?;
    if wrong.is_empty() { Ok(()) } else { Err(Stop::Wrong(wrong.join("\nerror: "))) }
}

/// Writes a file beside its place and moves it there: on a full disk there is the whole file or none.
pub(super) fn write_whole(path: &Path, content: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let aside = path.with_file_name(name);
    let written = fs::write(&aside, content).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        // The error that is told is the first one.
        let _ = fs::remove_file(&aside);
    }
    written
}

pub(super) fn cannot_write(path: &Path, error: &std::io::Error) -> Stop {
    Stop::Io(std::io::Error::new(error.kind(), format!("`{}` cannot be written: {error}", path.display())))
}
