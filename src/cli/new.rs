//! `imcost new DIR`

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::args::NewArgs;
use super::{Stop, print};
use crate::files::shipped;

pub(super) fn run(args: &NewArgs) -> Result<(), Stop> {
    let mut text = String::new();
    let mut kept = 0;
    for (name, content) in shipped::FILES.iter().filter(|(name, _)| shipped::is_starter(name)) {
        let path = args.dir.join(name);
        // What a person has written is never overwritten.
        if path.exists() {
            kept += 1;
            let _ = writeln!(text, "kept    {}", path.display());
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| cannot_write(folder, &e))?;
        }
        fs::write(&path, content).map_err(|e| cannot_write(&path, &e))?;
        let _ = writeln!(text, "wrote   {}", path.display());
    }
    if kept > 0 {
        let _ = writeln!(text, "\n{kept} files were there before and were kept as they are");
    }
    let arch = args.dir.join("arch");
    let _ = writeln!(
        text,
        "\nnext: imcost compare {} {}\n      imcost study {}",
        arch.join("mlp-784-16-10-mixed.yaml").display(),
        arch.join("mlp-784-16-10-analog.yaml").display(),
        args.dir.join("studies/neuron-guide.yaml").display()
    );
    print(&text)
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Stop {
    Stop::Io(std::io::Error::new(error.kind(), format!("`{}` cannot be written: {error}", path.display())))
}
